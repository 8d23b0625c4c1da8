"""The proposal of awards against every possible answer on small cases, and its promises in whole micrograms on larger ones."""

import itertools
import random
from dataclasses import replace
from functools import cache

import pytest

from bench.awards import problem as large_problem
from reviews.awarding import (
    FALLBACK_PARTS,
    LEAST_PART,
    TOP,
    Answer,
    Cap,
    Help,
    Line,
    Problem,
    Stock,
    answered,
    by_rank,
    check,
    digest_of_answer,
    digest_of_input,
    propose,
    solve_apart,
    weight_of,
    with_line,
)

STEP = 100
MOST_ANSWERS = 60_000


def line(application: str, sample: str, best_mg: float, least_mg: float | None = None, *, place: int | None = None, **more: object) -> Line:
    place = place or ord(application[0]) - 64
    best, least = int(best_mg * 1000), int((best_mg if least_mg is None else least_mg) * 1000)
    return Line(application, sample, place, weight_of(place, 5, 10, application), best, least, **more)  # type: ignore[arg-type]


def small(seed: int) -> Problem:
    """Up to four applications for up to three samples, some whole, with votes that failed, fall-backs and a rule."""
    chance = random.Random(seed)
    stock = {}
    for number in range(chance.randint(1, 3)):
        is_whole = chance.random() < 0.3
        stock[f"S{number}"] = Stock(STEP * chance.choice((0, 3, 5, 8, 10)), 0 if is_whole else chance.choice((0, 0, 300)), is_whole)
    lines = []
    for place in range(1, chance.randint(1, 4) + 1):
        for order, sample in enumerate(chance.sample(sorted(stock), chance.randint(1, len(stock)))):
            least = stock[sample].free_ug or 500 if stock[sample].is_whole else STEP * chance.randint(1, 5)
            best = least if stock[sample].is_whole else least + STEP * chance.randint(0, 4)
            fallback = 0 if order == 0 or chance.random() < 0.4 else order
            shut = "vote" if chance.random() < 0.1 else ""
            lines.append(Line(f"A{place}", sample, place, weight_of(place, 4, 10, f"A{place}"), best, least, fallback, shut))
    some = tuple(sorted(chance.sample(range(len(lines)), min(3, len(lines)))))
    caps = (Cap("together", some, *chance.choice(((500, None), (800, None), (None, 1)))),) if chance.random() < 0.5 else ()
    return Problem(tuple(lines), stock, caps)


def best_of_all(problem: Problem) -> int | None:
    """The value of the best of all answers in whole steps, tried one by one; None where they are too many."""
    choices = [[0] if one.shut else [0, *range(one.least_ug, one.best_ug + 1, STEP)] for one in problem.lines]
    many = 1
    for choice in choices:
        many *= len(choice)
    if many > MOST_ANSWERS:
        return None
    best = 0
    for masses in itertools.product(*choices):
        value = sum(one.value(mass) for one, mass in zip(problem.lines, masses, strict=True))
        if value > best and is_kept(problem, masses):
            best = value
    return best


def is_kept(problem: Problem, masses: tuple[int, ...]) -> bool:
    try:
        check(problem, masses)
    except AssertionError:
        return False
    return True


@cache
def solved() -> list[tuple[Problem, Answer]]:
    """Two hundred small problems, solved by one process."""
    problems = [small(seed) for seed in range(200)]
    return [(problem, answered(problem, found)) for problem, found in zip(problems, solve_apart(problems, 10), strict=True)]


def test_no_other_answer_is_better() -> None:
    compared = 0
    for problem, answer in solved():
        best = best_of_all(problem)
        if best is not None:
            compared += 1
            assert answer.objective >= best - len(problem.lines), problem  # a part of a whole is cut once in each line
            assert answer.bound >= best - len(problem.lines)
    assert compared > 150


def test_every_limit_is_kept_in_whole_micrograms_and_nothing_more_would_fit() -> None:
    for problem, answer in solved():
        check(problem, answer.masses)
        check(problem, answer.by_rank)
        assert answer.objective <= answer.bound
        assert answer.objective >= answer.by_rank_objective
        for at, one in enumerate(problem.lines):
            if not answer.masses[at]:
                masses = list(answer.masses)
                masses[at] = one.least_ug
                assert not is_kept(problem, tuple(masses)), (problem, at)


def test_a_check_that_is_told_a_wrong_answer_says_so() -> None:
    problem = Problem((line("A", "S", 3), line("B", "S", 3)), {"S": Stock(5000)}, (Cap("one", (0,), most_ug=2000),))
    for masses in ((3000, 3000), (3000, 0), (0, 100), (0, 3100)):
        assert not is_kept(problem, masses)
    assert is_kept(problem, (0, 3000))


def test_each_line_that_gets_nothing_has_a_reason_and_each_change_that_is_named_suffices() -> None:
    tried = 0
    for problem, answer in solved():
        assert set(answer.reasons) == {at for at, mass in enumerate(answer.masses) if not mass}
        for at, reason in answer.reasons.items():
            for help_ in reason.helps:
                masses = list(answer.masses)
                changed = with_help(problem, at, help_, masses)
                masses[at] = changed.lines[at].least_ug
                assert is_kept(changed, tuple(masses)), (problem, at, help_)
                if help_.what in ("kept", "stock"):  # and nothing less does
                    less = with_help(problem, at, help_._replace(mass_ug=help_.mass_ug - 1), masses)
                    assert not is_kept(less, tuple(masses)), (problem, at, help_)
                tried += 1
    assert tried > 50


def with_help(problem: Problem, at: int, help_: Help, masses: list[int]) -> Problem:
    """The problem after the change; `room` is taken from the others' masses."""
    one = problem.lines[at]
    stock = problem.stock[one.sample]
    if help_.what == "least":
        return with_line(problem, at, least_ug=one.least_ug - help_.mass_ug)
    if help_.what == "kept":
        assert help_.mass_ug <= stock.kept_ug
    if help_.what in ("kept", "stock"):
        return replace(problem, stock=problem.stock | {one.sample: replace(stock, free_ug=stock.free_ug + help_.mass_ug)})
    if help_.what == "room":
        wanted = help_.mass_ug
        for other, mass in enumerate(masses):
            if mass and problem.lines[other].sample == one.sample:
                less = min(wanted, mass - problem.lines[other].least_ug)
                masses[other] -= less
                wanted -= less
        assert wanted == 0
        return problem
    wider = [
        replace(
            cap,
            most_ug=None if cap.most_ug is None else cap.most_ug + help_.mass_ug,
            most_lines=None if cap.most_lines is None else cap.most_lines + help_.samples,
        )
        for cap in problem.caps
    ]
    return replace(problem, caps=tuple(wider))


@pytest.mark.parametrize(("seed", "caps", "fallbacks"), [(1, False, 0), (2, True, 2)])
def test_a_round_of_two_hundred_is_near_its_bound_and_answered_the_same_again(seed: int, caps: bool, fallbacks: int) -> None:
    problem = large_problem(200, 60, fallbacks=fallbacks, caps=caps, seed=seed)
    first, second = propose(problem), propose(Problem.read(problem.spelled()))
    check(problem, first.masses)
    assert not first.is_cut_short
    assert first.gap <= (0.002 if fallbacks else 0.001)
    assert digest_of_answer(first.masses) == digest_of_answer(second.masses)
    assert (first.bound, first.reasons) == (second.bound, second.reasons)


def test_the_digest_of_the_input_follows_everything_in_it() -> None:
    problem = Problem((line("A", "S", 3, 1), line("B", "S", 3)), {"S": Stock(5000, 100)}, (Cap("one", (0,), most_ug=2000),))
    other = [
        with_line(problem, 0, least_ug=900),
        with_line(problem, 1, shut="vote"),
        replace(problem, stock={"S": Stock(5000, 200)}),
        replace(problem, caps=()),
    ]
    assert len({digest_of_input(each) for each in (problem, *other)}) == len(other) + 1
    assert digest_of_input(problem) == digest_of_input(Problem.read(problem.spelled()))


def test_an_input_of_another_method_is_not_read() -> None:
    with pytest.raises(ValueError, match="method 0"):
        Problem.read({"method": 0, "lines": [], "stock": {}, "caps": []})


def test_a_better_rank_is_served_first_and_equals_are_parted_by_a_lot() -> None:
    assert weight_of(1, 100, 10, "x") >= TOP > weight_of(2, 100, 10, "x") > weight_of(100, 100, 10, "x") >= TOP // 10
    assert len({weight_of(1, 1, 10, f"LSA-{number}") for number in range(50)}) == 10
    (answer,) = [propose(Problem((line("B", "S", 3), line("A", "S", 3)), {"S": Stock(5000)}))]
    assert answer.masses == (0, 3000)
    assert answer.reasons[0].code == "short"
    assert answer.reasons[0].holders == (1,)


def test_two_small_ones_may_be_served_in_the_place_of_a_better_large_one_and_it_is_said() -> None:
    lines = (line("A", "S", 10), line("B", "S", 5), line("C", "S", 5))
    problem = Problem(tuple(replace(one, weight=weight) for one, weight in zip(lines, (1000, 600, 500), strict=True)), {"S": Stock(10_000)})
    answer = propose(problem)
    assert answer.masses == (0, 5000, 5000)
    assert answer.by_rank == (10_000, 0, 0)
    assert answer.reasons[0].holders == (1, 2)


def test_a_part_counts_by_its_share_between_the_smallest_useful_and_the_best_mass() -> None:
    one = replace(line("A", "S", 10, 2), weight=1000)
    assert [one.value(mass) for mass in (0, 2000, 6000, 10_000)] == [0, LEAST_PART, 800, 1000]
    assert replace(one, order=2).value(10_000) == FALLBACK_PARTS[2]


def test_a_fallback_takes_the_place_of_a_wanted_sample_and_never_stands_beside_all_of_them() -> None:
    lines = (line("A", "S", 5), line("A", "T", 5, order=1), line("A", "U", 5, order=2))
    stock = {"S": Stock(5000), "T": Stock(5000), "U": Stock(5000)}
    assert propose(Problem(lines, stock)).masses == (5000, 0, 0)
    taken = propose(Problem(lines, stock | {"S": Stock(4900)}))
    assert taken.masses == (0, 5000, 0)
    assert (taken.reasons[0].code, taken.reasons[2].code) == ("small", "spare")
    assert by_rank(Problem(lines, stock | {"S": Stock(4900), "T": Stock(0)})) == (0, 0, 5000)


def test_a_piece_goes_whole_to_one() -> None:
    problem = Problem((line("A", "P", 12.4), line("B", "P", 12.4)), {"P": Stock(12_400, is_whole=True)})
    answer = propose(problem)
    assert answer.masses == (12_400, 0)
    assert (answer.reasons[1].code, answer.reasons[1].holders, answer.reasons[1].helps) == ("piece", (0,), ())
    with pytest.raises(ValueError, match="cannot be asked"):
        Problem((line("A", "P", 12.4, 6),), {"P": Stock(12_400, is_whole=True)})


@pytest.mark.parametrize(
    ("lines", "stock", "caps", "code", "helps"),
    [
        ((line("A", "S", 5, shut="vote"),), Stock(9000), (), "vote", ()),
        ((line("A", "S", 5, shut="R-4"),), Stock(9000), (), "rule", ()),
        ((line("A", "S", 5),), Stock(0), (), "none", (Help("stock", 5000),)),
        ((line("A", "S", 5, 4),), Stock(3000), (), "small", (Help("least", 1000), Help("stock", 1000))),
        ((line("A", "S", 5, 4),), Stock(0, 9000), (), "kept", (Help("kept", 4000), Help("stock", 4000))),
        ((line("A", "S", 5, 4),), Stock(9000), (Cap("R-1", (0,), 3000),), "cap", (Help("least", 1000), Help("cap", 1000))),
        ((line("A", "S", 5, 4),), Stock(9000), (Cap("R-1", (0,), None, 0),), "cap", (Help("cap", 0, 1),)),
    ],
)
def test_what_stood_in_the_way(lines: tuple[Line, ...], stock: Stock, caps: tuple[Cap, ...], code: str, helps: tuple[Help, ...]) -> None:
    reason = propose(Problem(lines, {"S": stock}, caps)).reasons[0]
    assert reason.code == code
    assert reason.helps == (helps if code != "none" else ())


def test_the_others_share_above_their_smallest_useful_mass_is_named_as_room() -> None:
    problem = Problem((line("A", "S", 10, 2), line("E", "S", 6)), {"S": Stock(10_000)})
    answer = propose(problem)
    assert answer.masses == (10_000, 0)
    assert answer.reasons[1].helps == (Help("room", 6000), Help("stock", 6000))


def test_nothing_asked_is_answered_with_nothing() -> None:
    answer = propose(Problem((), {}))
    assert (answer.masses, answer.objective, answer.bound, answer.gap) == ((), 0, 0, 0.0)
