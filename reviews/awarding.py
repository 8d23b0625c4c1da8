"""Which requests could be served with how much, so that as much as possible goes to those ranked best (docs/awards.md).

No Django and no database in here: lines, stock and caps in, masses and reasons out. The programme is solved in reviews/solving.py; what it
says in fractions is cut to whole steps, counted again in whole micrograms, and filled up where something still fits.
"""

import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from math import ceil
from math import pow as pow_of
from pathlib import Path
from typing import Any, NamedTuple, Self

METHOD = 1  # raise it when the same input may get another answer
STEP_UG = 100  # awards are given in tenths of a milligram
TOP = 1_000_000  # what the best rank counts
LOTS = 10  # equal ranks differ by less than this, by a lot that nobody chose
LEAST_PART = 600  # thousandths of a line's weight that its smallest useful mass brings; the rest grows evenly up to the best mass
FALLBACK_PARTS = (1000, 800, 700, 600, 500)  # thousandths of the weight that a fall-back brings, by its order
MOST_SECONDS, SECONDS_TO_START = 60.0, 20.0  # fuses: an answer that the clock cuts short says so


@dataclass(frozen=True)
class Line:
    """One request: between `least_ug` and `best_ug` or nothing. Order 0 is wanted; 1, 2, … would take the place of a wanted one.

    `shut` names what forbids it from the start: the vote, a rule. `place` is that of the application (1 is the best).
    """

    application: str
    sample: str
    place: int
    weight: int
    best_ug: int
    least_ug: int
    order: int = 0
    shut: str = ""

    @property
    def full(self) -> int:
        """What the best mass brings."""
        return self.weight * FALLBACK_PARTS[min(self.order, len(FALLBACK_PARTS) - 1)] // 1000

    def value(self, mass_ug: int) -> int:
        """What a mass brings: nothing for none, and from the smallest useful one on in proportion."""
        if not mass_ug:
            return 0
        if self.best_ug == self.least_ug:
            return self.full
        width = self.best_ug - self.least_ug
        return self.full * (LEAST_PART * width + (1000 - LEAST_PART) * (mass_ug - self.least_ug)) // (1000 * width)


@dataclass(frozen=True)
class Stock:
    """What there is of a sample to give, and what a rule keeps back of it. A whole piece goes to one line or to none."""

    free_ug: int
    kept_ug: int = 0
    is_whole: bool = False


@dataclass(frozen=True)
class Cap:
    """A rule's limit over some lines together: a mass, or a number of samples."""

    rule: str
    lines: tuple[int, ...]
    most_ug: int | None = None
    most_lines: int | None = None


@dataclass(frozen=True)
class Problem:
    lines: tuple[Line, ...]
    stock: dict[str, Stock]
    caps: tuple[Cap, ...] = ()

    def __post_init__(self) -> None:
        """A piece is asked for whole, and there is one of it."""
        for line in self.lines:
            stock = self.stock[line.sample]
            if not 0 < line.least_ug <= line.best_ug or (stock.is_whole and (line.least_ug < line.best_ug or stock.free_ug >= 2 * line.best_ug)):
                raise ValueError(f"{line} cannot be asked of {stock}")

    def spelled(self) -> dict[str, Any]:
        """The whole input in words and whole numbers, the same for the same input."""
        return {
            "method": METHOD,
            "lines": [list(asdict(line).values()) for line in self.lines],
            "stock": {number: list(asdict(stock).values()) for number, stock in sorted(self.stock.items())},
            "caps": [[cap.rule, list(cap.lines), cap.most_ug, cap.most_lines] for cap in self.caps],
        }

    @classmethod
    def read(cls, spelled: dict[str, Any]) -> Self:
        """As `spelled` wrote it."""
        if spelled["method"] != METHOD:
            raise ValueError(f"written for method {spelled['method']}, and this is method {METHOD}")
        return cls(
            tuple(Line(*line) for line in spelled["lines"]),
            {number: Stock(*stock) for number, stock in spelled["stock"].items()},
            tuple(Cap(rule, tuple(lines), most_ug, most_lines) for rule, lines, most_ug, most_lines in spelled["caps"]),
        )


class Help(NamedTuple):
    """One change that would suffice, all else as it stands: `least` less of the smallest useful mass, `kept` less kept back, `stock` more
    of the sample, `cap` a wider rule (by a mass, or by so many `samples`), `room` the others on this sample content with less."""

    what: str
    mass_ug: int = 0
    samples: int = 0


@dataclass(frozen=True)
class Reason:
    """Why a line gets nothing: `vote`, `rule` (closed from the start), `none` (nothing of it is there), `kept` (only because of what is kept
    back), `small` (all that is there is less than useful), `piece` (another has it), `short` (others have it), `cap`, `instead` (a fall-back
    took its place), `spare` (a fall-back that is not needed)."""

    code: str
    rule: str = ""
    lacking_ug: int = 0
    holders: tuple[int, ...] = ()  # lines that got something of the sample, the best place first
    helps: tuple[Help, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Masses by line, beside what serving strictly by rank would give. No answer is worth more than `bound`."""

    masses: tuple[int, ...]
    by_rank: tuple[int, ...]
    objective: int
    by_rank_objective: int
    bound: int
    seconds: float
    is_cut_short: bool  # by the clock: another run may end elsewhere
    reasons: dict[int, Reason] = field(default_factory=dict)

    @property
    def milliseconds(self) -> int:
        return round(self.seconds * 1000)

    @property
    def gap(self) -> float:
        return (self.bound - self.objective) / self.bound if self.bound else 0.0


def digest_of_input(problem: Problem) -> str:
    return _digest(problem.spelled())


def digest_of_answer(masses: Sequence[int]) -> str:
    return _digest(list(masses))


def _digest(content: object) -> str:
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def weight_of(rank: float, many: int, steepness: int, key: str) -> int:
    """What an application's lines count: the best rank `steepness` times as much as the last, each place the same factor less than the one
    before. `key` draws the lot between equals."""
    part = (rank - 1) / (many - 1) if many > 1 else 0.0
    lot = int.from_bytes(sha256(f"awards {key}".encode()).digest()[:6], "big") % LOTS
    return round(TOP * pow_of(steepness, -part)) + lot


# --- The account in whole micrograms ------------------------------------------------------------------------------------------


class _Book:
    """What is left while masses are given: of samples, under caps, and of places for samples in each application."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.masses = [0] * len(problem.lines)
        self.left = {number: stock.free_ug for number, stock in problem.stock.items()}
        self.cap_ug = [cap.most_ug for cap in problem.caps]
        self.cap_lines = [cap.most_lines for cap in problem.caps]
        self.caps_of: dict[int, list[int]] = defaultdict(list)
        for number, cap in enumerate(problem.caps):
            for line in cap.lines:
                self.caps_of[line].append(number)
        self.places = Counter(line.application for line in problem.lines if not line.order)

    def room(self, at: int) -> int:
        """The most that the line could have now, what it has included; 0 when even its smallest useful mass does not fit."""
        line, has = self.problem.lines[at], self.masses[at]
        if line.shut or not self.narrow(at) > 0:
            return has
        most = min(line.best_ug, self.narrow(at))
        if most < line.best_ug:
            most -= (most - line.least_ug) % STEP_UG if most >= line.least_ug else 0
        return most if most >= line.least_ug else has

    def narrow(self, at: int) -> int:
        """What the sample, the caps and the application's places leave for the line, what it has included."""
        line, has = self.problem.lines[at], self.masses[at]
        if not has and self.places[line.application] <= 0:
            return 0
        most = self.left[line.sample] + has
        for number in self.caps_of[at]:
            if (cap_ug := self.cap_ug[number]) is not None:
                most = min(most, cap_ug + has)
            if not has and self.cap_lines[number] is not None and (self.cap_lines[number] or 0) <= 0:
                return 0
        return most

    def give(self, at: int, mass_ug: int) -> None:
        """Set the line's mass."""
        line, has = self.problem.lines[at], self.masses[at]
        more, new = mass_ug - has, bool(mass_ug) - bool(has)
        self.masses[at] = mass_ug
        self.left[line.sample] -= more
        self.places[line.application] -= new
        for number in self.caps_of[at]:
            if (cap_ug := self.cap_ug[number]) is not None:
                self.cap_ug[number] = cap_ug - more
            if (cap_lines := self.cap_lines[number]) is not None:
                self.cap_lines[number] = cap_lines - new

    def faults(self, at: int) -> bool:
        """Whether something that this line takes part in is overdrawn."""
        line = self.problem.lines[at]
        caps = self.caps_of[at]
        return (
            self.left[line.sample] < 0
            or self.places[line.application] < 0
            or any((self.cap_ug[number] or 0) < 0 or (self.cap_lines[number] or 0) < 0 for number in caps)
        )

    @property
    def value(self) -> int:
        return sum(line.value(mass) for line, mass in zip(self.problem.lines, self.masses, strict=True))

    def fill(self, order: Iterable[int]) -> None:
        """Give each line in turn the most that fits."""
        for at in order:
            if (most := self.room(at)) > self.masses[at]:
                self.give(at, most)


def check(problem: Problem, masses: Sequence[int]) -> None:
    """Every rule once more, in whole micrograms, without the account above: AssertionError if one is broken."""
    used: Counter[str] = Counter()
    borrowers: Counter[str] = Counter()
    granted: Counter[str] = Counter()
    for line, mass in zip(problem.lines, masses, strict=True):
        assert mass == 0 or (line.least_ug <= mass <= line.best_ug and not line.shut), line
        used[line.sample] += mass
        borrowers[line.sample] += mass > 0
        granted[line.application] += mass > 0
    for number, stock in problem.stock.items():
        assert used[number] <= stock.free_ug, number
        assert not stock.is_whole or borrowers[number] <= 1, number
    wanted = Counter(line.application for line in problem.lines if not line.order)
    assert all(many <= wanted[application] for application, many in granted.items())
    for cap in problem.caps:
        assert cap.most_ug is None or sum(masses[at] for at in cap.lines) <= cap.most_ug, cap
        assert cap.most_lines is None or sum(masses[at] > 0 for at in cap.lines) <= cap.most_lines, cap


# --- The answer ------------------------------------------------------------------------------------------------------------


class Found(NamedTuple):
    """What the solver says of one problem: masses by line, the bound, and whether the clock ended it."""

    masses: dict[int, int]
    bound: float
    is_cut_short: bool


class SolverFailed(Exception):
    """The solver's process gave no answer."""


def solve_apart(problems: Sequence[Problem], most_seconds: float) -> list[Found]:
    """Solve in a process of its own (reviews/solving.py): HiGHS comes in two builds here, its own and that inside OR-tools, and one
    process can load only one of them. It can be ended, gives its memory back, and knows nothing of the portal's environment."""
    asked = json.dumps({"seconds": most_seconds, "problems": [problem.spelled() for problem in problems]})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "reviews.solving"],
            input=asked,
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent.parent,
            env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            timeout=most_seconds * len(problems) + SECONDS_TO_START,
        )
        return [Found({int(at): mass for at, mass in masses.items()}, bound, cut) for masses, bound, cut in json.loads(done.stdout)]
    except (subprocess.SubprocessError, OSError, ValueError) as problem:
        raise SolverFailed from problem


def by_rank(problem: Problem) -> tuple[int, ...]:
    """One application after the other, the best rank first, each line as much as still fits up to its best; then its fall-backs."""
    book = _Book(problem)
    lines = problem.lines
    book.fill(sorted(range(len(lines)), key=lambda at: (lines[at].place, lines[at].application, lines[at].order, at)))
    return tuple(book.masses)


def propose(problem: Problem, *, most_seconds: float = MOST_SECONDS) -> Answer:
    """The best answer that is found, with its proof and its reasons. The same problem gets the same answer, unless the clock cut it short."""
    began = time.perf_counter()
    (found,) = solve_apart([problem], most_seconds)
    return replace(answered(problem, found), seconds=time.perf_counter() - began)


def answered(problem: Problem, found: Found) -> Answer:
    """What the solver found, in whole micrograms, checked and explained."""
    served = by_rank(problem)
    book = _Book(problem)
    for at, mass_ug in found.masses.items():
        book.give(at, mass_ug)
    # A tolerance of the solver may have left a whole microgram too much somewhere: the least valuable line that is touched by it stands back.
    for at in sorted(found.masses, key=lambda at: (problem.lines[at].full, at)):
        if book.faults(at):
            book.give(at, 0)
    dear_first = sorted(range(len(problem.lines)), key=lambda at: (-problem.lines[at].full, at))
    book.fill([at for at in dear_first if book.masses[at]])
    book.fill(dear_first)
    plain = _Book(problem)
    for at, mass_ug in enumerate(served):
        if mass_ug:
            plain.give(at, mass_ug)
    best = book if book.value >= plain.value else plain
    check(problem, best.masses)
    check(problem, served)
    return Answer(
        masses=tuple(best.masses),
        by_rank=served,
        objective=best.value,
        by_rank_objective=plain.value,
        bound=max(ceil(found.bound), best.value),
        seconds=0.0,
        is_cut_short=found.is_cut_short,
        reasons=_reasons(problem, best),
    )


# --- Why not ------------------------------------------------------------------------------------------------------------------


def _reasons(problem: Problem, book: _Book) -> dict[int, Reason]:
    holders: dict[str, list[int]] = defaultdict(list)
    for at in sorted((at for at, mass in enumerate(book.masses) if mass), key=lambda at: (problem.lines[at].place, at)):
        holders[problem.lines[at].sample].append(at)
    return {at: _reason(problem, book, at, holders[line.sample]) for at, line in enumerate(problem.lines) if not book.masses[at]}


def _reason(problem: Problem, book: _Book, at: int, holders: list[int]) -> Reason:
    line, stock = problem.lines[at], problem.stock[problem.lines[at].sample]
    if line.shut:
        return Reason("vote") if line.shut == "vote" else Reason("rule", rule=line.shut)
    if line.order and book.places[line.application] <= 0:
        return Reason("spare", holders=tuple(holders))
    left, there = book.left[line.sample], stock.free_ug + stock.kept_ug
    lacking = line.least_ug - left
    helps = tuple(_helps(problem, book, at, holders))
    if lacking <= 0:
        if book.places[line.application] <= 0:
            return Reason("instead", holders=tuple(holders))
        return Reason("cap", rule=_cap_in_the_way(problem, book, at), helps=helps)
    if not there:
        return Reason("none")
    if stock.free_ug < line.least_ug <= there:
        return Reason("kept", lacking_ug=lacking, holders=tuple(holders), helps=helps)
    if there < line.least_ug:
        return Reason("small", lacking_ug=lacking, helps=helps)
    return Reason("piece" if stock.is_whole else "short", lacking_ug=lacking, holders=tuple(holders), helps=helps)


def _cap_in_the_way(problem: Problem, book: _Book, at: int) -> str:
    line = problem.lines[at]
    for number in book.caps_of[at]:
        cap_ug, cap_lines = book.cap_ug[number], book.cap_lines[number]
        if (cap_ug is not None and cap_ug < line.least_ug) or (cap_lines is not None and cap_lines <= 0):
            return problem.caps[number].rule
    return ""


def _helps(problem: Problem, book: _Book, at: int, holders: list[int]) -> Iterable[Help]:
    """Changes each of which would suffice alone, all other awards as they stand. Each is tried before it is named."""
    line, stock = problem.lines[at], problem.stock[problem.lines[at].sample]
    lacking = line.least_ug - book.left[line.sample]
    narrow = book.narrow(at) // STEP_UG * STEP_UG
    if not stock.is_whole and 0 < narrow < line.least_ug:
        yield Help("least", line.least_ug - narrow)
    if lacking > 0 and not stock.is_whole:
        if not _fits_with(book, at, lacking):
            return
        if lacking <= stock.kept_ug:
            yield Help("kept", lacking)
        if lacking <= sum(book.masses[other] - problem.lines[other].least_ug for other in holders):
            yield Help("room", lacking)
        yield Help("stock", lacking)
    elif lacking <= 0:
        tight = [number for number in book.caps_of[at] if _is_tight(book, number, line.least_ug)]
        if len(tight) == 1 and book.places[line.application] > 0:
            cap_ug, cap_lines = book.cap_ug[tight[0]], book.cap_lines[tight[0]]
            by_mass = max(line.least_ug - cap_ug, 0) if cap_ug is not None else 0
            yield Help("cap", by_mass, 1 if cap_lines is not None and cap_lines <= 0 else 0)


def _is_tight(book: _Book, number: int, mass_ug: int) -> bool:
    cap_ug, cap_lines = book.cap_ug[number], book.cap_lines[number]
    return (cap_ug is not None and cap_ug < mass_ug) or (cap_lines is not None and cap_lines <= 0)


def _fits_with(book: _Book, at: int, more_ug: int) -> bool:
    """Whether the smallest useful mass would fit if there were so much more of the sample."""
    line = book.problem.lines[at]
    book.left[line.sample] += more_ug
    fits = book.narrow(at) >= line.least_ug
    book.left[line.sample] -= more_ug
    return fits


def with_line(problem: Problem, at: int, **changes: Any) -> Problem:
    """The problem with one line changed."""
    lines = list(problem.lines)
    lines[at] = replace(lines[at], **changes)
    return replace(problem, lines=tuple(lines))


def main() -> None:
    """Compute an answer again from an input that the portal gave out: python -m reviews.awarding < input.json."""
    problem = Problem.read(json.load(sys.stdin))
    answer = propose(problem)
    sys.stdout.write(f"input  {digest_of_input(problem)}\nanswer {digest_of_answer(answer.masses)}\n")
    said = f"value {answer.objective}, bound {answer.bound}, gap {answer.gap:.5%}, by rank {answer.by_rank_objective}"
    sys.stdout.write(f"{said}, {answer.seconds:.2f} s\n")


if __name__ == "__main__":
    main()
