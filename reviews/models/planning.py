"""A dry run's answer: who would get what, and why, in numbers and codes that a page can spell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reviews.expertise import FIELDS, TECHNIQUES
from reviews.matching import TOP, Answer, Fit, Flags, Ints, Problem, assign, fit
from reviews.models.committee import Wish
from reviews.models.pool import Pool, groups_of, homes_of, knowledge_of, numbers_of, wishes_of
from reviews.models.wording import Wording

# What one step of each plain choice (0 to 3) is worth, in thousandths of a perfect match.
MATCH_STEP, BID_STEP, LOAD_STEP, COUNTRY_STEP, INSTITUTION_STEP = 500, 100, 75, 75, 100
PULLS = {Wish.EAGER.value: 2, Wish.WILLING.value: 1, Wish.RELUCTANT.value: -2}  # in steps of a bid
MOST_PULL = max(PULLS.values())
USUAL = {"match": 2, "bids": 2, "load": 2, "diversity": 2}
WORDS_SHOWN = 3


@dataclass(frozen=True)
class Worked:
    """A computed plan: new pairs with their reasons, what is lacking, and the words that were read for the first time."""

    pairs: list[list[Any]]
    unfilled: dict[str, list[int]]
    digest: str
    rounds: int
    wordings: list[Wording]


def problem_of(pool: Pool, matched: Fit, wishes: Ints, groups: tuple[Ints, Ints], settings: dict[str, int]) -> Problem:
    pulls = np.zeros_like(wishes)
    for wish, steps in PULLS.items():
        pulls[wishes == wish] = steps
    costs = settings["match"] * MATCH_STEP * (TOP - matched.total) // TOP + settings["bids"] * BID_STEP * (MOST_PULL - pulls)
    institutions, countries = groups
    return Problem(
        costs=costs,
        allowed=pool.allowed,
        wanted=pool.needed,
        limits=np.minimum(np.array(pool.limits, np.int64), len(pool.applications)),
        institutions=institutions,
        countries=countries,
        kept=pool.kept,
        load=settings["load"] * LOAD_STEP,
        same_country=settings["diversity"] * COUNTRY_STEP,
        same_institution=settings["diversity"] * INSTITUTION_STEP,
    )


def work_out(pool: Pool, settings: dict[str, int]) -> Worked:
    """The plan of least cost for what the pool holds."""
    texts, wordings = numbers_of(pool.versions)
    matched = fit(texts, knowledge_of(pool.experts))
    wishes = wishes_of(pool)
    problem = problem_of(pool, matched, wishes, groups_of(homes_of(pool.experts)), settings)
    return worked_out(pool, problem, matched, wishes, assign(problem), wordings)


def worked_out(pool: Pool, problem: Problem, matched: Fit, wishes: Ints, answer: Answer, wordings: list[Wording]) -> Worked:
    """The answer with its reasons."""
    pairs = _reasons(pool, problem, matched, wishes, answer)
    return Worked(pairs, _unfilled(pool, problem, answer), pool.digest, answer.rounds, wordings)


def _reasons(pool: Pool, problem: Problem, matched: Fit, wishes: Ints, answer: Answer) -> "list[list[Any]]":
    """For each new pair: the match and its words, techniques and fields, the place among all who could have been asked, the bid, the load,
    and how many better matches stood back because somebody of their country judges the application already."""
    rows, columns = answer.pairs[:, 0], answer.pairs[:, 1]
    own = matched.total[rows, columns]
    better = problem.allowed[rows] & (matched.total[rows] > own[:, None])
    chosen = np.zeros(problem.allowed.shape, np.bool_)
    for pairs in (problem.kept, answer.pairs):
        chosen[pairs[:, 0], pairs[:, 1]] = True
    members = (problem.countries[:, None] == np.arange(int(problem.countries.max(initial=0)) + 1)).astype(np.float32)
    by_country = chosen.astype(np.float32) @ members  # applications × countries
    taken = by_country[rows][:, problem.countries] - (problem.countries[columns][:, None] == problem.countries)
    spread = problem.same_country + problem.same_institution > 0
    stood_back = (better & ~chosen[rows] & (taken > 0)).sum(axis=1) if spread else np.zeros(len(rows), np.int64)
    places, could = better.sum(axis=1) + 1, problem.allowed[rows].sum(axis=1)
    twins = by_country[rows, problem.countries[columns]] - 1
    loads = np.bincount(columns, minlength=len(pool.experts)) + problem.loads
    shared = _shared_words(matched, rows, columns)
    both = [_names(flags[0][rows] & flags[1][columns], subjects) for flags, subjects in ((matched.techniques, TECHNIQUES), (matched.fields, FIELDS))]
    return [
        [
            pool.applications[row],
            pool.experts[column],
            int(own[number]),
            {
                "words": shared[number],
                "techniques": both[0][number],
                "fields": both[1][number],
                "place": [int(places[number]), int(could[number])],
                "wish": int(wishes[row, column]),
                "load": [int(problem.loads[column]), int(loads[column])],
                "stood_back": int(stood_back[number]),
                "twins": int(twins[number]),
            },
        ]
        for number, (row, column) in enumerate(answer.pairs.tolist())
    ]


def _shared_words(matched: Fit, rows: Ints, columns: Ints, size: int = 2000) -> list[list[str]]:
    """The weightiest common words of each pair."""
    if not matched.vocabulary:
        return [[] for _row in rows]
    most, found = min(WORDS_SHOWN, len(matched.vocabulary)), []
    for start in range(0, len(rows), size):
        weights = matched.texts[rows[start : start + size]] * matched.tongues[columns[start : start + size]]
        best = np.argpartition(-weights, most - 1, axis=1)[:, :most]
        heavy = np.take_along_axis(weights, best, axis=1)
        order = np.argsort(-heavy, axis=1, kind="stable")
        best, heavy = np.take_along_axis(best, order, axis=1), np.take_along_axis(heavy, order, axis=1)
        for places, values in zip(best.tolist(), heavy.tolist(), strict=True):
            found.append([matched.vocabulary[place] for place, value in zip(places, values, strict=True) if value > 0])
    return found


def _names(flags: Flags, subjects: Sequence[Any]) -> list[list[str]]:
    codes: list[list[str]] = [[] for _row in range(len(flags))]
    for row, place in zip(*(indices.tolist() for indices in np.nonzero(flags)), strict=True):
        codes[row].append(subjects[place].code)
    return codes


def _unfilled(pool: Pool, problem: Problem, answer: Answer) -> dict[str, list[int]]:
    """How many experts each application lacks, and why no other member could be asked."""
    loads = problem.loads + np.bincount(answer.pairs[:, 1], minlength=len(pool.experts))
    full = loads >= problem.limits
    asked = pool.asked & ~pool.shut
    given = np.zeros(problem.allowed.shape, np.bool_)
    given[answer.pairs[:, 0], answer.pairs[:, 1]] = True
    found = {}
    for row in np.flatnonzero(answer.lacking).tolist():
        reached = int((problem.allowed[row] & full & ~given[row]).sum())
        found[str(pool.applications[row])] = [int(answer.lacking[row]), int(pool.shut[row].sum()), int(asked[row].sum()), reached]
    return found
