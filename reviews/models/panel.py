"""What the panel sees of a round: the filed scores of the applications that this reader may see, and the ranking that follows from them.

Everything starts from `cases_visible_to(reader)`: the ranking of somebody who is shut out of an application is computed without it, so that
no number, no gap and no sum betrays it. Scores and rankings are kept in the memory of the process for as long as their state is the same.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from accounts.models import User
from applications.models import Application, ApplicationQuerySet, Request
from applications.workflow import JUDGED
from reviews.models.discussion import Shortlisted
from reviews.models.reads import cases_visible_to
from reviews.models.review import HIGHEST_SCORE, LOWEST_SCORE, Review, Score
from reviews.ranking import Ranking, rank, rounding_sd, weighted
from reviews.workflow import ReviewStatus
from rounds.models import Criterion, Round
from samples.models import Sample

Kept = TypeVar("Kept")
MOST_SCORES, MOST_RANKINGS = 4, 6  # kept in one process


class Memory:
    """The last few results, in the memory of this process; the oldest goes first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: OrderedDict[Hashable, object] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
                return self.kept[key]  # type: ignore[return-value]
        made = make()
        with self.lock:
            self.kept[key] = made
            while len(self.kept) > self.most:
                self.kept.popitem(last=False)
        return made


_scores, _rankings = Memory(MOST_SCORES), Memory(MOST_RANKINGS)


def forget_rankings() -> None:
    """As a process that has just begun."""
    for memory in (_scores, _rankings):
        with memory.lock:
            memory.kept.clear()


class Wanted(NamedTuple):
    """What the visible applications ask of one sample, fall-backs apart."""

    sample: int
    mass_ug: int
    applications: int


@dataclass(frozen=True)
class Scores:
    """The filed scores of a round as one reader sees them; `points` has a row for each review and a column for each criterion."""

    key: Hashable
    cases: npt.NDArray[np.int64]  # all visible applications, with reviews or without
    references: tuple[str, ...]
    asked_ug: npt.NDArray[np.int64]
    applications: npt.NDArray[np.int64]
    experts: npt.NDArray[np.int64]
    points: npt.NDArray[np.float64]
    wanted: tuple[Wanted, ...]
    lot: npt.NDArray[np.float64]  # an order of equals that nobody can choose: neither the number nor the name decides


def panel_cases(user: User, round: Round) -> ApplicationQuerySet:
    """Applications that passed the formal check and are not out of the round."""
    return cases_visible_to(user).of_round(round).reviewed()


def _state(cases: ApplicationQuerySet) -> Hashable:
    """Changes with every review that is filed or changed and every application that moves, comes into sight or is hidden."""
    ones = cases.order_by().aggregate(n=Count("pk"), keys=Sum("pk"), squares=Sum(F("pk") * F("pk")), versions=Sum("version"))
    filed = Review.objects.filed().filter(application__in=cases.order_by().values("pk"))
    reviews = filed.order_by().aggregate(
        n=Count("pk"), keys=Sum("pk"), squares=Sum(F("pk") * F("pk")), versions=Sum("version"), texts=Sum("revision")
    )
    return (*ones.values(), *reviews.values())


def scores_of(user: User, round: Round, cases: ApplicationQuerySet, criteria: list[Criterion]) -> Scores:
    """The filed scores of `cases`, the panel's cases of this person; read anew only when something changed."""
    key = (user.pk, round.pk, tuple(criterion.pk for criterion in criteria), _state(cases))
    return _scores.get(key, lambda: _read(key, cases, criteria))


def _read(key: Hashable, cases: ApplicationQuerySet, criteria: list[Criterion]) -> Scores:
    rows = list(cases.order_by("pk").values_list("pk", "reference"))
    keys = cases.order_by().values("pk")
    column = {criterion.pk: at for at, criterion in enumerate(criteria)}
    found = Score.objects.filter(review__status=ReviewStatus.FILED, review__application__in=keys)
    pairs: dict[int, int] = {}
    applications: list[int] = []
    experts: list[int] = []
    flat: list[tuple[int, int, int]] = []
    for review, application, expert, criterion, value in found.order_by("review_id").values_list(
        "review_id", "review__application_id", "review__expert_id", "criterion_id", "value"
    ):
        if review not in pairs:
            pairs[review] = len(applications)
            applications.append(application)
            experts.append(expert)
        if criterion in column:
            flat.append((pairs[review], column[criterion], value))
    points = np.full((len(applications), len(criteria)), np.nan)
    if flat:
        at, where, value_of = np.array(flat).T
        points[at, where] = value_of
    wishes = Request.objects.filter(version__application__in=keys, version=F("version__application__current"), fallback=0).order_by()
    asked = dict(wishes.values_list("version__application_id").annotate(total=Sum("mass_ug")))
    undecided = Q(version__application__status__in=JUDGED) | Q(version__application__visible_at__isnull=True)
    undecided |= Q(version__application__visible_at__gt=timezone.now())
    by_sample = wishes.filter(undecided).values_list("sample_id").annotate(total=Sum("mass_ug"), many=Count("pk"))
    return Scores(
        key=key,
        cases=np.array([pk for pk, _ in rows], dtype=np.int64),
        references=tuple(reference for _, reference in rows),
        asked_ug=np.array([asked.get(pk, 0) for pk, _ in rows], dtype=np.int64),
        applications=np.array(applications, dtype=np.int64),
        experts=np.array(experts, dtype=np.int64),
        points=points,
        wanted=tuple(Wanted(*row) for row in by_sample),
        lot=np.array([int.from_bytes(sha256(f"panel {pk} {reference}".encode()).digest()[:6], "big") for pk, reference in rows], dtype=float),
    )


class Given(NamedTuple):
    """A ranking and the weighted mean of each review that it was computed from, sorted by application."""

    ranking: Ranking
    applications: npt.NDArray[np.int64]
    experts: npt.NDArray[np.int64]
    means: npt.NDArray[np.float64]

    def of(self, application: int) -> list[float]:
        """The experts' scores of one application, the lowest first."""
        begin, end = np.searchsorted(self.applications, [application, application + 1])
        return sorted(float(mean) for mean in self.means[begin:end])


def ranking_of(scores: Scores, weights: tuple[int, ...]) -> Given:
    """The ranking by these weights of the criteria; computed once for each state."""
    return _rankings.get((scores.key, weights), lambda: _rank(scores, weights))


def _rank(scores: Scores, weights: tuple[int, ...]) -> Given:
    means = weighted(scores.points, weights) if scores.points.size else np.zeros(scores.applications.size)
    known = ~np.isnan(means)
    applications, experts, means = scores.applications[known], scores.experts[known], means[known]
    order = np.lexsort((experts, applications))
    ranking = rank(applications, experts, means, least_sd=rounding_sd(weights), range_=HIGHEST_SCORE - LOWEST_SCORE)
    return Given(ranking, applications[order], experts[order], means[order])


def shortlisted_in(cases: ApplicationQuerySet) -> set[int]:
    """The keys of the shortlisted applications among the panel's cases of this person."""
    return set(Shortlisted.objects.filter(application__in=cases.order_by().values("pk")).values_list("application_id", flat=True))


def titles_of(cases: ApplicationQuerySet, keys: list[int]) -> dict[int, Application]:
    """What one row of the panel says in words; asked among the visible ones, whatever is remembered of scores."""
    rows = cases.filter(pk__in=keys).select_related("current", "institution").order_by()
    return {row.pk: row for row in rows.only("reference", "round_id", "status", "current__title", "institution__name_en", "institution__name_local")}


def wanted_samples(scores: Scores) -> list[tuple[Sample, Wanted]]:
    """The samples that are asked for, with how much, in the catalogue's order."""
    samples = Sample.objects.in_bulk([wanted.sample for wanted in scores.wanted])
    return sorted(((samples[wanted.sample], wanted) for wanted in scores.wanted), key=lambda pair: pair[0].number)


def names_of(experts: list[int]) -> dict[int, User]:
    return User.objects.in_bulk(experts)
