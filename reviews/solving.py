"""The mixed-integer programme behind a proposal of awards, solved by HiGHS: python -m reviews.solving, problems in and masses out, as JSON.

Only this process loads highspy (see reviews.awarding.solve_apart).
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from math import inf

import highspy
import numpy as np

from reviews.awarding import LEAST_PART, STEP_UG, Found, Problem

WANTED_GAP = 0.0005  # the solver stops when the bound is this near
MOST_NODES = 20_000  # where it stops in any case, on every machine alike


class Programme:
    """Per line a yes or no, and beside it the share of what lies between the smallest useful and the best mass."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.open = [at for at, line in enumerate(problem.lines) if not line.shut and line.least_ug <= problem.stock[line.sample].free_ug]
        self.column = {at: number for number, at in enumerate(self.open)}
        graded = [at for at in self.open if problem.lines[at].best_ug > problem.lines[at].least_ug]
        self.share = {at: len(self.open) + number for number, at in enumerate(graded)}
        self.costs = [float(self._part(at)) for at in self.open] + [problem.lines[at].full * (1000 - LEAST_PART) / 1000 for at in graded]
        self.rows: list[tuple[float, list[tuple[int, float]]]] = []
        for at in graded:
            self.rows.append((0.0, [(self.share[at], 1.0), (self.column[at], -1.0)]))
        self._keep_stock()
        self._keep_places()
        self._keep_caps()

    def _part(self, at: int) -> float:
        line = self.problem.lines[at]
        return line.full * LEAST_PART / 1000 if at in self.share else line.full

    def _masses(self, lines: Iterable[int], scale: int) -> list[tuple[int, float]]:
        terms = []
        for at in lines:
            if at in self.column:
                line = self.problem.lines[at]
                terms.append((self.column[at], line.least_ug / scale))
                if at in self.share:
                    terms.append((self.share[at], (line.best_ug - line.least_ug) / scale))
        return terms

    def _counts(self, lines: Iterable[int]) -> list[tuple[int, float]]:
        return [(self.column[at], 1.0) for at in lines if at in self.column]

    def _keep_stock(self) -> None:
        asking: dict[str, list[int]] = defaultdict(list)
        for at in self.open:
            asking[self.problem.lines[at].sample].append(at)
        for number, lines in sorted(asking.items()):
            stock = self.problem.stock[number]
            if stock.is_whole:
                self.rows.append((1.0, self._counts(lines)))
            elif sum(self.problem.lines[at].best_ug for at in lines) > stock.free_ug:
                self.rows.append((1.0, self._masses(lines, stock.free_ug)))

    def _keep_places(self) -> None:
        """No more samples than wanted ones: a fall-back is given only in the place of one that is not."""
        of: dict[str, list[int]] = defaultdict(list)
        for at, line in enumerate(self.problem.lines):
            of[line.application].append(at)
        for lines in of.values():
            wanted = sum(not self.problem.lines[at].order for at in lines)
            if wanted < len(lines):
                self.rows.append((float(wanted), self._counts(lines)))

    def _keep_caps(self) -> None:
        for cap in self.problem.caps:
            if cap.most_ug is not None:
                scale = max(cap.most_ug, STEP_UG)
                self.rows.append((cap.most_ug / scale, self._masses(cap.lines, scale)))
            if cap.most_lines is not None:
                self.rows.append((float(cap.most_lines), self._counts(cap.lines)))

    def solve(self, most_seconds: float) -> Found:
        """The masses cut to whole steps, the bound, and whether the clock ended it."""
        if not self.open:
            return Found({}, 0.0, False)
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("parallel", "off"),
            ("random_seed", 0),
            ("mip_rel_gap", WANTED_GAP),
            ("mip_max_nodes", MOST_NODES),
            ("time_limit", most_seconds),
        ):
            solver.setOptionValue(name, value)
        solver.passModel(self._model())
        solver.run()
        info, values = solver.getInfo(), solver.getSolution().col_value
        masses = {}
        if len(values):
            for at in self.open:
                line = self.problem.lines[at]
                if values[self.column[at]] > 0.5:
                    share = min(max(values[self.share[at]], 0.0), 1.0) if at in self.share else 0.0
                    wide = line.best_ug - line.least_ug
                    more = wide if share > 1 - 1e-9 else int(share * wide) // STEP_UG * STEP_UG
                    masses[at] = line.least_ug + more
        return Found(masses, 1000 * float(info.mip_dual_bound), solver.getModelStatus() == highspy.HighsModelStatus.kTimeLimit)

    def _model(self) -> highspy.HighsLp:
        model = highspy.HighsLp()
        rows = [row for row in self.rows if row[1]]
        columns = len(self.costs)
        model.num_col_, model.num_row_ = columns, len(rows)
        model.col_cost_ = np.array(self.costs) / 1000
        model.col_lower_, model.col_upper_ = np.zeros(columns), np.ones(columns)
        model.row_lower_, model.row_upper_ = np.full(len(rows), -inf), np.array([upper for upper, _terms in rows])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(terms) for _upper, terms in rows)])
        model.a_matrix_.index_ = np.array([column for _upper, terms in rows for column, _factor in terms], dtype=np.int32)
        model.a_matrix_.value_ = np.array([factor for _upper, terms in rows for _column, factor in terms])
        model.sense_ = highspy.ObjSense.kMaximize
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger] * len(self.open) + [kinds.kContinuous] * (columns - len(self.open))
        return model


def main() -> None:
    asked = json.load(sys.stdin)
    found = [Programme(Problem.read(spelled)).solve(asked["seconds"]) for spelled in asked["problems"]]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
