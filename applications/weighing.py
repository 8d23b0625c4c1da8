"""What the rules of a round find about what an application asks for, no more than its reader may know.

What is left is the public figure. What a person or an institution asks for altogether is summed over the applications that the reader may
open anyway, so no sum betrays an application that is none of the reader's business.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import F, Q, Sum, prefetch_related_objects

from accounts.models import User
from applications.models import Application, ApplicationQuerySet, Request, Version
from applications.questions import YES, line_name
from applications.workflow import Status
from institutions.models import Institution
from rounds.models import Round
from rounds.rules import OF_SUMS, Finding, Limit, LineFacts, SumFacts, findings_of_line, findings_of_sums
from samples.masses import mass_or_none

# Without what its own applicant knows to be over. A decision changes nothing here: it may not be visible yet.
NOT_ASKING = (Status.WITHDRAWN, Status.REFUSED, Status.NOT_SUBMITTED)


@dataclass(frozen=True)
class Weighed:
    """The rules that are not kept: about each sample by its number, and about all of them together."""

    by_number: Mapping[str, Sequence[Finding]] = field(default_factory=dict)
    together: Sequence[Finding] = ()

    @property
    def all(self) -> list[Finding]:
        return [*(finding for findings in self.by_number.values() for finding in findings), *self.together]

    @property
    def refusing(self) -> list[Finding]:
        return [finding for finding in self.all if finding.is_refusing]

    def __bool__(self) -> bool:
        return bool(self.all)


def limits_of(round: Round) -> list[Limit]:
    """The rules that are in force in a round; one statement."""
    limits: list[Limit] = round.rules.on().limits()
    return limits


def loss_ug(answers: Mapping[str, str], number: str) -> int:
    """What would be used up of a sample, as far as it is understood."""
    if answers.get(line_name(number, "destructive")) != YES:
        return 0
    return mass_or_none(answers.get(line_name(number, "loss"), "")) or 0


def facts_of_request(request: Request, answers: Mapping[str, str], *, mass_ug: int | None = None, lendable_ug: int | None = None) -> LineFacts:
    """One line, by the public figures; or with the mass that is awarded and with what the office can still promise."""
    sample = request.sample
    return LineFacts(
        number=sample.number,
        mass_ug=request.mass_ug if mass_ug is None else mass_ug,
        left_ug=sample.left_ug,
        lendable_ug=sample.left_ug if lendable_ug is None else lendable_ug,
        total_ug=sample.total_ug,
        is_divisible=sample.is_divisible,
        piece_ug=sample.present_ug,
        loss_ug=loss_ug(answers, sample.number),
        asked_ug=request.mass_ug,
    )


def weigh(limits: Sequence[Limit], lines: Iterable[LineFacts], sums: SumFacts | None) -> Weighed:
    """Each line by itself, and the sums."""
    found = {line.number: findings_of_line(limits, line) for line in lines}
    by_number = {number: findings for number, findings in found.items() if findings}
    return Weighed(by_number, findings_of_sums(limits, sums) if sums else ())


def asked_beside(application: Application, institution: Institution | None, others: ApplicationQuerySet) -> SumFacts:
    """What the same person and the same institution ask for in other applications of the round, fall-backs apart; one statement."""
    rows = others.of_round(application.round).exclude(pk=application.pk).exclude(status__in=NOT_ASKING)
    of_application = "version__application__"
    mine, family = Q(**{of_application + "owner": application.owner_id}), Q(pk__in=())
    if institution is not None:
        survivor = institution.merged_into_id or institution.pk
        of_institution = of_application + "institution"
        family = Q(**{of_institution: survivor}) | Q(**{of_institution + "__merged_into": survivor})
    lines = Request.objects.filter(version__application__in=rows, version=F("version__application__current"), fallback=0)
    sums = lines.aggregate(person=Sum("mass_ug", filter=mine, default=0), institution=Sum("mass_ug", filter=family, default=0))
    return SumFacts(sums["person"], sums["institution"])


def weigh_version(version: Version, others: ApplicationQuerySet, *, limits: Sequence[Limit] | None = None) -> Weighed:
    """All rules about one version; `others` are the applications that the reader may open."""
    application = version.application
    limits = limits_of(application.round) if limits is None else limits
    if limits:
        prefetch_related_objects([version], "requests__sample")
    requests = list(version.requests.all()) if limits else []
    sums = None
    if any(limit.kind in OF_SUMS for limit in limits):
        own_ug = sum(request.mass_ug for request in requests if not request.is_fallback)
        beside = asked_beside(application, version.institution, others)
        sums = SumFacts(own_ug + beside.person_ug, own_ug + beside.institution_ug)
    return weigh(limits, (facts_of_request(request, version.answers) for request in requests), sums)


def weigh_for_team(version: Version, reader: User, *, limits: Sequence[Limit] | None = None) -> Weighed:
    """As the applicant and the team may know it: their own applications alone."""
    return weigh_version(version, Application.objects.visible_to(reader), limits=limits)
