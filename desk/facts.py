"""The fact sheet beside a case: what is left of each sample, who used it before, who else asks for it, and what the institution was given.

It says no more than its reader may know. What is left is the public figure, which counts what only the office knows to be set aside.
Earlier use comes from published lists; the office also reads the holds of cases that are open to it. Other applications are those that
the reader may open anyway: an expert's own reviews, an officer's own cases. A row without data is absent.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import User
from applications.models import Application, ApplicationQuerySet, Request
from applications.weighing import Weighed
from institutions.models import Institution
from results.models import ResultRow
from reviews.models import Review, cases_visible_to
from reviews.models.weighing import weigh_for_expert, weigh_for_office
from rounds.rules import Finding
from samples.models import Hold, Sample

MOST_ROWS = 12  # of one kind; the published list has them all


@dataclass(frozen=True)
class SampleFacts:
    request: Request
    earlier: Sequence[ResultRow]  # of published lists
    holds: Sequence[tuple[Hold, Application]]  # for the office alone
    others: Sequence[Request]  # of other applications that the reader may open, the largest first, at most MOST_ROWS
    findings: Sequence[Finding]

    @property
    def sample(self) -> Sample:
        return self.request.sample

    @property
    def share(self) -> int | None:
        """How much of what is left is asked for, in whole hundredths, rounded up; None where nothing is left."""
        left_ug = self.sample.left_ug
        return -(-self.request.mass_ug * 100 // left_ug) if left_ug else None

    @property
    def is_too_much(self) -> bool:
        return self.request.mass_ug > self.sample.left_ug

    @property
    def others_count(self) -> int:
        return self.others[0].beside if self.others else 0

    @property
    def others_ug(self) -> int:
        return self.others[0].beside_ug if self.others else 0

    @property
    def unnamed_count(self) -> int:
        """How many of them are not listed."""
        return self.others_count - len(self.others)

    @property
    def is_overasked(self) -> bool:
        """Whether this and the other applications together ask for more than is left."""
        return bool(self.others) and self.others_ug + self.request.mass_ug > self.sample.left_ug


@dataclass(frozen=True)
class Facts:
    samples: Sequence[SampleFacts]
    weighed: Weighed  # what the rules of the round find about it
    results: Sequence[ResultRow]  # what the institution was given, by published lists


def facts_for_expert(review: Review, *, reader: User) -> Facts:
    """Other applications are only those that the reader reviews in this round and has opened."""
    mine = Review.objects.visible_to(reader).in_round(review.application.round).declared().values("application_id")
    return _facts(review.application, Application.objects.filter(pk__in=mine), weigh_for_expert(review, reader), holds_in=None)


def facts_for_office(application: Application, *, reader: User) -> Facts:
    visible = cases_visible_to(reader)
    return _facts(application, visible.of_round(application.round), weigh_for_office(application, reader), holds_in=visible)


def _facts(application: Application, others: ApplicationQuerySet, weighed: Weighed, *, holds_in: ApplicationQuerySet | None) -> Facts:
    requests = list(application.current.requests.all()) if application.current else []
    samples = [request.sample for request in requests]
    earlier = _by_number(ResultRow.objects.current().of_samples([sample.number for sample in samples]))
    asking = defaultdict(list)
    if samples:
        for other in Request.objects.asked_in(others.exclude(pk=application.pk)).for_samples(samples).largest_of_each_sample(MOST_ROWS):
            asking[other.sample_id].append(other)
    held = _held(samples, holds_in, application) if holds_in is not None else {}
    found = weighed.by_number
    lines = [
        SampleFacts(
            line,
            earlier.get(line.sample.number, ()),
            held.get(line.sample_id, ()),
            asking.get(line.sample_id, ()),
            found.get(line.sample.number, ()),
        )
        for line in requests
    ]
    return Facts(lines, weighed, _results_of(application))


def _by_number(rows: Iterable[ResultRow]) -> dict[str, list[ResultRow]]:
    found: dict[str, list[ResultRow]] = defaultdict(list)
    for row in rows:
        found[row.sample_number].append(row)
    return {number: same[:MOST_ROWS] for number, same in found.items()}


def _held(samples: Sequence[Sample], cases: ApplicationQuerySet, application: Application) -> dict[int, list[tuple[Hold, Application]]]:
    """Announced holds of other cases that the reader may open; an announcement that is not visible yet is none."""
    found: dict[int, list[tuple[Hold, Application]]] = defaultdict(list)
    holds = list(Hold.objects.seen().of_samples(samples))
    references = {hold.reference for hold in holds} - {application.reference}
    known = {case.reference: case for case in cases.of_references(references).select_related("institution")}
    for hold in holds:
        if hold.reference in known:
            found[hold.sample_id].append((hold, known[hold.reference]))
    return found


def _results_of(application: Application) -> list[ResultRow]:
    if application.institution is None:
        return []
    family = Institution.objects.family_of(application.institution)
    return list(ResultRow.objects.current().of_institutions(family)[:MOST_ROWS])
