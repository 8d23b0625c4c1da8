"""A proposal of awards: what it is computed from as one reader may see it, what came out, and what an officer changed in it."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Application, ApplicationQuerySet, Request
from applications.weighing import facts_of_request
from applications.workflow import DECIDABLE, Status
from reviews.awarding import STEP_UG, Answer, Cap, Help, Line, Problem, Reason, Stock, digest_of_answer, digest_of_input, weight_of
from reviews.models.decision import Award, Decision
from reviews.models.panel import panel_cases, ranking_of, scores_of
from reviews.models.reads import cases_visible_to
from reviews.workflow import GRANTED, DecisionStatus, Outcome
from rounds.models import Round, Rule
from rounds.rules import Caps, RuleKind, caps_of
from samples.models import Hold, HoldState, Sample
from workflow.models import AppendOnlyModel

STEEPNESSES = (3, 10, 100, 1000)  # how much more the best rank counts than the last one
USUAL_STEEPNESS = 10
FEW = 40  # plans that are looked through for one that a reader may see


# --- What it is computed from ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """The problem of a round as one reader may see it; `requests` stand in the order of its lines, `unranked` have no filed review."""

    problem: Problem
    requests: tuple[int, ...]
    applications: tuple[int, ...]
    unranked: int

    @cached_property
    def digest(self) -> str:
        return digest_of_input(self.problem)


def undecided_cases(user: User, round: Round) -> ApplicationQuerySet:
    """Visible applications in review or invited for which no decision is recorded."""
    recorded = Decision.objects.filter(status=DecisionStatus.RECORDED).values("application_id")
    return cases_visible_to(user).of_round(round).under_review().exclude(pk__in=recorded)


def read_asked(round: Round, user: User, steepness: int) -> Asked:
    """All that a proposal depends on: the ranking of what this person may see, the lines with their votes, the stock and the rules."""
    cases = undecided_cases(user, round)
    rows = list(
        Request.objects.filter(version__application__in=cases, version=F("version__application__current"))
        .select_related("sample", "vote", "version__application__institution")
        .defer("version__research_question", "version__plan", "version__marks")
        .order_by("version__application__reference", "position", "pk")
    )
    caps = caps_of(Rule.objects.of(round).on().limits())
    samples = {row.sample_id: row.sample for row in rows}
    known = _known_holds(user, samples)
    stock = {sample.number: _stock(sample, known.get(pk, 0), caps) for pk, sample in samples.items()}
    applications = {row.version.application_id: row.version.application for row in rows}
    places, weights, unranked = _ranked(round, user, list(applications.values()), steepness)
    lines = tuple(_line(row, round, stock[row.sample.number], caps, places, weights) for row in rows)
    limits = _limits(rows, caps, round, user) if caps.person_ug is not None or caps.institution_ug is not None else ()
    return Asked(Problem(lines, stock, limits), tuple(row.pk for row in rows), tuple(applications), unranked)


def _known_holds(user: User, samples: Collection[int]) -> dict[int, int]:
    """By sample: what is set aside and not public yet for cases that this person may see.

    It comes off the public figure. What is set aside for a case that is hidden from the reader stays in, so that no figure betrays it.
    """
    hidden_from_public = Q(state=HoldState.EARMARKED) | Q(state=HoldState.HELD, is_seen=False)
    rows = Hold.objects.filter(hidden_from_public, sample__in=samples, reference__in=cases_visible_to(user).order_by().values("reference"))
    return dict(rows.order_by().values_list("sample_id").annotate(total=Sum("mass_ug")))


def _stock(sample: Sample, known_ug: int, caps: Caps) -> Stock:
    there_ug = max(sample.left_ug - known_ug, 0) if sample.is_mass_known else 0
    free_ug = caps.of_sample_ug(lendable_ug=there_ug, total_ug=sample.total_ug, is_divisible=sample.is_divisible)
    return Stock(free_ug, there_ug - free_ug, is_whole=not sample.is_divisible)


def _ranked(round: Round, user: User, applications: Sequence[Application], steepness: int) -> tuple[dict[int, int], dict[int, int], int]:
    """By application its place and the weight of its lines; without a filed review it stands last. How many do."""
    criteria = list(round.criteria.all())
    ranking = ranking_of(scores_of(user, round, panel_cases(user, round), criteria), tuple(criterion.weight for criterion in criteria)).ranking
    many = max(int(ranking.applications.size), 1)
    expected = {int(pk): float(rank) for pk, rank in zip(ranking.applications, ranking.expected_rank, strict=True) if not math.isnan(float(rank))}
    ranks = {one.pk: in_thousandths(expected.get(one.pk, float(many))) for one in applications}
    weights = {one.pk: weight_of(ranks[one.pk], many, steepness, one.reference) for one in applications}
    order = sorted(applications, key=lambda one: (one.pk not in expected, ranks[one.pk], -weights[one.pk], one.reference))
    places = {one.pk: place for place, one in enumerate(order, start=1)}
    return places, weights, sum(one.pk not in expected for one in applications)


def in_thousandths(rank: float) -> float:
    """A rank in thousandths: the last digits of a sum may differ from one machine to the next."""
    return math.floor(rank * 1000 + 0.5) / 1000


def _line(row: Request, round: Round, stock: Stock, caps: Caps, places: dict[int, int], weights: dict[int, int]) -> Line:
    application, sample = row.version.application, row.sample
    best_ug, least_ug, shut = row.mass_ug, row.least_ug or row.mass_ug, ""
    vote = getattr(row, "vote", None)
    if vote is not None:
        if not vote.reaches(round.vote_numerator, round.vote_denominator):
            shut = "vote"
        best_ug = min(best_ug, vote.mass_ug or best_ug)
        least_ug = min(least_ug, best_ug)  # the committee voted for this mass
    facts = facts_of_request(row, row.version.answers, lendable_ug=stock.free_ug + stock.kept_ug)
    for limit, most_ug in caps.of_request(facts):
        if most_ug < best_ug and limit.kind != RuleKind.WHOLE_PIECES:
            if most_ug < least_ug or stock.is_whole:
                shut = shut or limit.code
            else:
                best_ug = least_ug + (most_ug - least_ug) // STEP_UG * STEP_UG
    if stock.is_whole:
        best_ug = least_ug = row.mass_ug
        if stock.free_ug and stock.free_ug != row.mass_ug:  # weighed anew since it was asked for
            shut = shut or RuleKind.WHOLE_PIECES.value
            best_ug = least_ug = stock.free_ug
    return Line(application.reference, sample.number, places[application.pk], weights[application.pk], best_ug, least_ug, row.fallback, shut)


def _limits(rows: Sequence[Request], caps: Caps, round: Round, user: User) -> tuple[Cap, ...]:
    """What rules leave to a person and to an institution after what the round has awarded them already, as far as the reader may know."""
    given = Award.objects.filter(
        decision__application__in=cases_visible_to(user).of_round(round).filter(status__in=(*DECIDABLE, Status.APPROVED)).order_by().values("pk"),
        decision__status__in=(DecisionStatus.RECORDED, DecisionStatus.ANNOUNCED),
        outcome__in=GRANTED,
    ).select_related("decision__application__institution")
    used: dict[tuple[str, int], int] = defaultdict(int)
    for award in given:
        for key in _owners(award.decision.application):
            used[key] += award.mass_ug
    lines: dict[tuple[str, int], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        for key in _owners(row.version.application):
            lines[key].append(at)
    found = []
    for kind, most_ug, rule in (("person", caps.person_ug, RuleKind.PERSON_MASS), ("institution", caps.institution_ug, RuleKind.INSTITUTION_MASS)):
        if most_ug is not None:
            code = next(limit.code for limit in caps.limits if limit.kind == rule and limit.limit_ug == most_ug)
            found += [Cap(code, tuple(lines[key]), max(most_ug - used[key], 0)) for key in sorted(lines) if key[0] == kind]
    return tuple(found)


def _owners(application: Application) -> list[tuple[str, int]]:
    """The person and the institution (by its survivor after a merger) that an award counts for."""
    found = [("person", application.owner_id)]
    if application.institution is not None:
        found.append(("institution", application.institution.merged_into_id or application.institution.pk))
    return found


# --- What came out --------------------------------------------------------------------------------------------------------


class AwardPlanQuerySet(models.QuerySet["AwardPlan"]):
    def waiting_for(self, user: User, application: Application) -> "AwardPlan | None":
        """The last proposal that this person may see, if it is not recorded and the application is in it."""
        plan = next(iter(self.visible_to(user, application.round)), None)
        if plan is None or plan.is_taken or application.pk not in plan.cases:
            return None
        plan.round = application.round
        return plan

    def visible_to(self, user: User, round: Round) -> "list[AwardPlan]":
        """The last proposals of a round that name nothing which is hidden from this person: own ones first, then the newest of others.

        A proposal with a hidden case does not exist for the person, also when the case became hidden later.
        """
        rows = list(self.filter(round=round).order_by("-pk").values_list("pk", "made_by_id", "cases")[:FEW])
        seen = set(cases_visible_to(user).of_round(round).order_by().values_list("pk", flat=True)) if rows else set()
        keys = [pk for pk, _maker, cases in rows if seen.issuperset(cases)]
        own = {pk for pk, maker, _cases in rows if maker == user.pk}
        found = self.select_related("made_by", "taking__by").in_bulk(keys)
        return [found[pk] for pk in sorted(keys, key=lambda pk: (pk not in own, -pk))]


class AwardPlan(AppendOnlyModel):
    """A proposal of awards as it was computed. Nothing is decided by it; it stands as it was made, with its input and the digests of both."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="award_plans")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("made"), default=timezone.now)
    steepness = models.PositiveIntegerField(default=USUAL_STEEPNESS)
    cases: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)
    requests: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)  # in the order of the problem's lines
    problem: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    masses: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)
    by_rank: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)
    reasons: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    unranked = models.PositiveIntegerField(default=0)
    objective = models.BigIntegerField()
    by_rank_objective = models.BigIntegerField()
    bound = models.BigIntegerField()
    milliseconds = models.PositiveIntegerField()
    is_cut_short = models.BooleanField(default=False)
    input_digest = models.CharField(max_length=64)
    answer_digest = models.CharField(max_length=64)

    made_by_id: int
    objects: ClassVar = AwardPlanQuerySet.as_manager()

    @classmethod
    def of(cls, asked: Asked, answer: Answer, *, round: Round, by: User, steepness: int) -> Self:
        return cls(
            round=round,
            made_by=by,
            steepness=steepness,
            cases=list(asked.applications),
            requests=list(asked.requests),
            problem=asked.problem.spelled(),
            masses=list(answer.masses),
            by_rank=list(answer.by_rank),
            reasons={str(at): [reason.code, reason.rule, reason.lacking_ug, reason.holders, reason.helps] for at, reason in answer.reasons.items()},
            unranked=asked.unranked,
            objective=answer.objective,
            by_rank_objective=answer.by_rank_objective,
            bound=answer.bound,
            milliseconds=answer.milliseconds,
            is_cut_short=answer.is_cut_short,
            input_digest=asked.digest,
            answer_digest=digest_of_answer(answer.masses),
        )

    @cached_property
    def asked(self) -> Problem:
        return Problem.read(self.problem)

    @property
    def references(self) -> set[str]:
        """The applications that it is about."""
        return {line.application for line in self.asked.lines}

    @property
    def is_taken(self) -> bool:
        return hasattr(self, "taking")

    def is_outdated_for(self, reader: User) -> bool:
        """Whether a proposal that this person made now would be computed from something else."""
        return read_asked(self.round, reader, self.steepness).digest != self.input_digest

    @property
    def gap_percent(self) -> str:
        """How far the proposal may be from the best that is possible, rounded up."""
        if not self.bound:
            return "0"
        thousandths = -(-(self.bound - self.objective) * 100_000 // self.bound)
        return f"{thousandths / 1000:.3f}" if thousandths else "0"

    def reason(self, at: int) -> Reason | None:
        row = self.reasons.get(str(at))
        return Reason(row[0], row[1], row[2], tuple(row[3]), tuple(Help(*one) for one in row[4])) if row else None

    def changes(self) -> "dict[int, AwardChange]":
        """By request the last change of an officer."""
        return {change.request_id: change for change in AwardChange.objects.filter(plan=self).select_related("by").order_by("pk")}


class AwardChangeQuerySet(models.QuerySet["AwardChange"]):
    def of_line(self, plan: AwardPlan, request: Request) -> Self:
        """All changes of one line, the last first."""
        return self.filter(plan=plan, request=request).select_related("by").order_by("-pk")


class AwardChange(AppendOnlyModel):
    """An officer overrules one line of a proposal, with the reason. The last one counts; the earlier ones stay."""

    plan = models.ForeignKey(AwardPlan, on_delete=models.PROTECT, related_name="award_changes")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    mass_ug = models.BigIntegerField(_("mass in micrograms"), default=0)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    request_id: int
    objects: ClassVar = AwardChangeQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="award_change_says_why"),
            models.CheckConstraint(
                condition=Q(outcome__in=GRANTED, mass_ug__gt=0) | Q(outcome__in=(Outcome.RESERVE, Outcome.DECLINED), mass_ug=0),
                name="award_change_has_mass_only_if_granted",
            ),
        )


class AwardPlanTaking(AppendOnlyModel):
    """The proposal was recorded as decisions, once."""

    plan = models.OneToOneField(AwardPlan, on_delete=models.PROTECT, related_name="taking")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)


def used_by_sample(plan: AwardPlan, masses: Sequence[int]) -> Counter[str]:
    """What masses in the order of the lines take of each sample."""
    used: Counter[str] = Counter()
    for line, mass_ug in zip(plan.asked.lines, masses, strict=True):
        used[line.sample] += mass_ug
    return used
