"""The match of words, and the assignment's optimum beside an independent exact model of the same rules (CP-SAT, and trying everything)."""

from itertools import combinations, product

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from ortools.sat.python import cp_model

from reviews import matching
from reviews.expertise import FIELDS, TECHNIQUES, fields_in, techniques_in
from reviews.matching import MOST_BANDS, UNFILLED, Answer, Knowledge, Problem, assign, fit, numbers_of, terms_in

PLACES = {subject.code: place for place, subject in enumerate(TECHNIQUES)}
FIELD_PLACES = {subject.code: place for place, subject in enumerate(FIELDS)}


# --- Words ----------------------------------------------------------------------------------------------------------------


def test_words_are_lower_case_without_plural_and_chinese_comes_in_pairs() -> None:
    assert terms_in("Impact Glasses keep 太阳风水, and the glass") == ["impact", "glasse", "keep", "太阳", "阳风", "风水", "glass"]


def test_a_technique_is_found_by_whole_words_in_both_languages() -> None:
    assert techniques_in("Maps by NanoSIMS, then TEM of foils") == {PLACES["sims"], PLACES["tem"]}
    assert techniques_in("用二次离子质谱和透射电镜分析") == {PLACES["sims"], PLACES["tem"]}
    assert techniques_in("the system temperature") == set()  # "tem" inside a word is no microscope


def test_the_answer_about_the_field_counts_as_well() -> None:
    assert fields_in("太空风化") == {FIELD_PLACES["space_weathering"]}
    assert FIELD_PLACES["chronology"] in fields_in("", "chronology")


def test_who_knows_the_words_techniques_and_fields_fits_best() -> None:
    texts = [numbers_of("Solar wind water in glass beads by NanoSIMS"), numbers_of("Young basalts dated by zircon U-Pb 定年")]
    water = Knowledge(frozenset({FIELD_PLACES["volatiles"]}), frozenset({PLACES["sims"]}), "water beads")
    dating = Knowledge(frozenset({FIELD_PLACES["chronology"]}), frozenset({PLACES["dating"]}), "basalt")
    matched = fit(texts, [water, dating, Knowledge()])
    assert matched.total[0, 0] > matched.total[0, 1]
    assert matched.total[1, 1] > matched.total[1, 0]
    assert matched.total[:, 2].tolist() == [0, 0]
    assert set(matched.shared(0, 0)) & {"water", "bead"}
    assert matched.both(0, 0)[0] == [PLACES["sims"]]
    assert (matched.total >= 0).all()
    assert (matched.total <= matching.TOP).all()


def test_nobody_and_nothing_fit_without_a_complaint() -> None:
    assert fit([], []).total.shape == (0, 0)
    assert fit([numbers_of("")], [Knowledge()]).total.tolist() == [[0]]


# --- The optimum ----------------------------------------------------------------------------------------------------------


def make_problem(chance: Generator, rows: int, columns: int) -> Problem:
    """A small case with forbidden pairs, kept reviews, limits, groups and all penalties; often some places cannot be filled."""
    countries = chance.integers(0, max(1, columns // 2), columns)
    institutions = countries * 3 + chance.integers(0, 3, columns)  # each in one country
    allowed = chance.random((rows, columns)) < 0.75
    kept = np.array([pair for pair in product(range(rows), range(columns)) if chance.random() < 0.06], np.int64).reshape(-1, 2)
    loads = np.bincount(kept[:, 1], minlength=columns)
    return Problem(
        costs=chance.integers(0, 1000, (rows, columns)),
        allowed=allowed,
        wanted=chance.integers(1, 4, rows),
        limits=np.maximum(chance.integers(0, rows + 2, columns), loads),
        institutions=institutions,
        countries=countries,
        kept=kept,
        load=int(chance.integers(0, 3)) * 90,
        same_country=int(chance.integers(0, 3)) * 110,
        same_institution=int(chance.integers(0, 3)) * 130,
    )


def cost_of(problem: Problem, pairs: list[tuple[int, int]]) -> int:
    """The cost of a set of pairs, counted from the rules and not from any network. Kept pairs cost nothing new by themselves."""
    total = sum(int(problem.costs[pair]) for pair in pairs)
    filled = np.bincount([row for row, _column in pairs], minlength=len(problem.wanted))
    total += UNFILLED * int((problem.needed - filled).sum())
    prices = problem.band_costs()
    for column in range(len(problem.limits)):
        before = int(problem.loads[column])
        after = before + sum(1 for _row, other in pairs if other == column)
        total += sum(int(prices[min(number // problem.band, MOST_BANDS - 1)]) for number in range(before, after))
    for groups, penalty in ((problem.countries, problem.same_country), (problem.institutions, problem.same_institution)):
        for row in range(len(problem.wanted)):
            for group in set(groups.tolist()):
                have = sum(1 for other, column in problem.kept.tolist() if other == row and groups[column] == group)
                new = sum(1 for other, column in pairs if other == row and groups[column] == group)
                total += sum(penalty * min(number, 2) for number in range(have, have + new))
    return total


def check_rules(problem: Problem, answer: Answer) -> None:
    pairs = [tuple(pair) for pair in answer.pairs.tolist()]
    kept = {tuple(pair) for pair in problem.kept.tolist()}
    assert len(set(pairs)) == len(pairs)
    assert not kept & set(pairs)
    assert all(problem.allowed[pair] for pair in pairs)
    loads = problem.loads + np.bincount([column for _row, column in pairs], minlength=len(problem.limits))
    assert (loads <= np.maximum(problem.limits, problem.loads)).all()
    filled = np.bincount([row for row, _column in pairs], minlength=len(problem.wanted))
    assert (filled + answer.lacking == problem.needed).all()
    assert cost_of(problem, pairs) == answer.cost


def least_by_a_model(problem: Problem) -> int:
    """The least cost by CP-SAT, in a model that says the rules and knows no flow."""
    model, rows, columns = cp_model.CpModel(), *problem.costs.shape
    kept = {tuple(pair) for pair in problem.kept.tolist()}
    use = {pair: model.new_bool_var("") for pair in product(range(rows), range(columns)) if problem.allowed[pair] and pair not in kept}
    terms = [int(problem.costs[pair]) * var for pair, var in use.items()]
    for row in range(rows):
        mine = sum(var for (other, _column), var in use.items() if other == row)
        empty = model.new_int_var(0, int(problem.needed[row]), "")
        model.add(mine + empty == int(problem.needed[row]))
        terms.append(UNFILLED * empty)
    prices = problem.band_costs().tolist()
    for column in range(columns):
        before = int(problem.loads[column])
        load = model.new_int_var(before, before + rows, "")
        model.add(load == before + sum(var for (_row, other), var in use.items() if other == column))
        model.add(load <= max(int(problem.limits[column]), before))
        table = [0]
        for number in range(before, before + rows):
            table.append(table[-1] + prices[min(number // problem.band, MOST_BANDS - 1)])
        terms.append(element(model, load - before, table))
    for groups, penalty in ((problem.countries, problem.same_country), (problem.institutions, problem.same_institution)):
        for row, group in product(range(rows), set(groups.tolist())):
            have = sum(1 for other, column in kept if other == row and groups[column] == group)
            new = [var for (other, column), var in use.items() if other == row and groups[column] == group]
            table = [0]
            for number in range(have, have + len(new)):
                table.append(table[-1] + penalty * min(number, 2))
            terms.append(element(model, sum(new), table))
    model.minimize(sum(terms))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return round(solver.objective_value)


def element(model: cp_model.CpModel, place: cp_model.LinearExprT, table: list[int]) -> cp_model.IntVar:
    value, index = model.new_int_var(0, max(table), ""), model.new_int_var(0, len(table) - 1, "")
    model.add(index == place)
    model.add_element(index, table, value)
    return value


def least_by_trying(problem: Problem) -> int:
    """The least cost of every set of pairs that keeps the rules."""
    rows, columns = problem.costs.shape
    kept = {tuple(pair) for pair in problem.kept.tolist()}
    choices = []
    for row in range(rows):
        free = [(row, column) for column in range(columns) if problem.allowed[row, column] and (row, column) not in kept]
        choices.append([each for size in range(int(problem.needed[row]) + 1) for each in combinations(free, size)])
    best = None
    for chosen in product(*choices):
        pairs = [pair for part in chosen for pair in part]
        loads = problem.loads + np.bincount([column for _row, column in pairs], minlength=columns)
        if (loads <= np.maximum(problem.limits, problem.loads)).all():
            cost = cost_of(problem, pairs)
            best = cost if best is None else min(best, cost)
    assert best is not None
    return best


@pytest.mark.parametrize("seed", range(40))
def test_the_assignment_is_as_cheap_as_the_best_of_all_sets(seed: int) -> None:
    problem = make_problem(default_rng(seed), 3, 4)
    answer = assign(problem)
    check_rules(problem, answer)
    assert answer.cost == least_by_trying(problem)


@pytest.mark.parametrize("seed", range(25))
def test_the_assignment_is_as_cheap_as_an_independent_exact_model_finds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a first network that is much too small, so that the prices have to find what is missing."""
    monkeypatch.setattr(matching, "FIRST_BEST", 1)
    monkeypatch.setattr(matching, "FIRST_ELSEWHERE", 1)
    monkeypatch.setattr(matching, "ALMOST", 1)
    problem = make_problem(default_rng(1000 + seed), 9, 8)
    answer = assign(problem)
    check_rules(problem, answer)
    assert answer.cost == least_by_a_model(problem)


def test_a_network_that_is_too_small_is_found_out_and_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the prices the first network's answer would stand, and be worse."""
    monkeypatch.setattr(matching, "FIRST_BEST", 1)
    monkeypatch.setattr(matching, "FIRST_ELSEWHERE", 1)
    problem = make_problem(default_rng(7), 12, 20)
    grown = assign(problem)
    monkeypatch.setattr(matching._Network, "missed", lambda network, allowed: np.zeros_like(allowed))
    blind = assign(problem)
    assert grown.rounds > 1
    assert blind.rounds == 1
    assert blind.cost > grown.cost


def test_taking_the_best_first_would_be_worse() -> None:
    """Two applications want the same expert; who takes the best pair first leaves the other with the worst."""
    costs = np.array([[0, 10], [100, 900]])
    whole = np.ones((2, 2), np.bool_)
    answer = assign(Problem(costs, whole, np.array([1, 1]), np.array([1, 1]), np.arange(2), np.arange(2)))
    assert answer.pairs.tolist() == [[0, 1], [1, 0]]
    assert answer.cost == 110


def test_the_same_input_gives_the_same_answer() -> None:
    problem = make_problem(default_rng(3), 30, 25)
    first, again = assign(problem), assign(problem)
    assert first.pairs.tolist() == again.pairs.tolist()
    assert first.cost == again.cost


def test_too_few_experts_leave_places_empty_and_say_so() -> None:
    problem = Problem(np.zeros((2, 1), np.int64), np.ones((2, 1), np.bool_), np.array([2, 1]), np.array([1]), np.arange(1), np.arange(1))
    answer = assign(problem)
    assert len(answer.pairs) == 1
    assert answer.lacking.sum() == 2
    nobody = Problem(np.zeros((2, 0), np.int64), np.ones((2, 0), np.bool_), np.array([2, 1]), np.zeros(0, np.int64), np.arange(0), np.arange(0))
    assert assign(nobody).lacking.tolist() == [2, 1]


def test_two_of_one_country_meet_only_where_it_is_worth_it() -> None:
    def pairs(third: int) -> list[list[int]]:
        costs = np.array([[0, 0, third]])
        groups = np.array([0, 0, 1])
        flags = np.ones((1, 3), np.bool_)
        answer = assign(Problem(costs, flags, np.array([2]), np.ones(3, np.int64), np.arange(3), groups, same_country=100))
        return [[int(row), int(column)] for row, column in answer.pairs]

    assert [0, 2] in pairs(third=99)
    assert [0, 2] not in pairs(third=101)


def test_a_kept_review_counts_for_the_limit_and_for_its_country() -> None:
    costs, flags = np.zeros((2, 3), np.int64), np.ones((2, 3), np.bool_)
    costs[:, 2] = 50
    kept = np.array([[0, 0]])
    problem = Problem(costs, flags, np.array([2, 1]), np.array([1, 5, 5]), np.arange(3), np.array([0, 0, 1]), kept, same_country=100)
    assert assign(problem).pairs.tolist() == [[0, 2], [1, 1]]  # not 1 on the first: same country as the kept one; 0 is at the limit
