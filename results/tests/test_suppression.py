"""Small numbers are left out, and nobody can work them out from what is left, even knowing how it is done."""

from collections import defaultdict
from itertools import product

import pytest

from results.suppression import SMALLEST, Cell, hidden_cells, is_shown


def hidden(*counts: int, known: tuple[int, ...] = ()) -> list[int] | None:
    known = known or (0,) * len(counts)
    found = hidden_cells([Cell(count, count, least) for count, least in zip(counts, known, strict=True)])
    return None if found is None else sorted(found)


def test_large_numbers_and_noughts_are_shown() -> None:
    assert hidden(5, 0, 120) == []
    assert hidden() == []


def test_a_single_small_number_takes_another_one_with_it_from_the_end() -> None:
    assert hidden(40, 3, 12) == [1, 2], "else the total would tell it"
    assert hidden(40, 12, 3) == [1, 2]
    assert hidden(40, 3, 4, 12) == [1, 2], "two that together come to enough"
    assert hidden(40, 1, 2, 12) == [1, 2, 3], "three in all would be told too nearly"


def test_where_nothing_protects_it_the_whole_column_stays_empty() -> None:
    assert hidden(3) is None
    assert hidden(1, 1, 1) is None, "three countries and a total of three: each has one"
    assert hidden(2, 5, known=(2, 5)) is None, "the list names them all: nothing would be left to guess"


def test_one_application_that_asks_for_many_samples_is_one() -> None:
    assert hidden_cells([Cell(20, 1), Cell(30, 12)]) == frozenset({0, 1})


@pytest.mark.parametrize("known", [(0, 0, 0), (1, 1, 1), (0, 1, 3), (4, 0, 0)])
def test_who_knows_the_total_the_list_and_the_method_still_cannot_tell_a_hidden_number(known: tuple[int, ...]) -> None:
    published = defaultdict(list)
    for counts in product(range(28), repeat=3):
        if any(count < least for count, least in zip(counts, known, strict=True)):
            continue
        places = hidden(*counts, known=known)
        if places is not None:
            shown = tuple(None if place in places else count for place, count in enumerate(counts))
            published[sum(counts), shown].append(counts)
    assert len(published) > 100
    for (total, shown), worlds in published.items():
        if total > 27:
            continue  # some of the worlds with this total were not looked at
        for place, value in enumerate(shown):
            if value is None:
                assert len({counts[place] for counts in worlds}) > 1, f"{shown} is only ever {worlds}"


def test_the_control_without_the_second_number_is_told_by_the_total() -> None:
    def careless(counts: tuple[int, ...]) -> tuple[int | None, ...]:
        return tuple(None if 0 < count < SMALLEST else count for count in counts)

    published = defaultdict(set)
    for counts in product(range(12), repeat=3):
        published[sum(counts), careless(counts)].add(counts)
    assert any(None in shown and len(worlds) == 1 for (_total, shown), worlds in published.items())


@pytest.mark.parametrize("approved", range(12))
def test_an_empty_step_of_the_funnel_may_be_several_numbers(approved: int) -> None:
    empty = {count for count in range(60) if not is_shown(count, approved=approved)}
    assert all(count in empty for count in range(1, SMALLEST))
    possible = {count for count in empty if count >= approved} if approved < SMALLEST else empty
    assert len(possible) >= SMALLEST - 1
    assert is_shown(0, approved=approved)
    assert is_shown(60, approved=approved)
