"""Promotion from the reserve: what an officer proposes to lend to an application in reserve, once mass has become free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.templatetags.portal import in_language
from applications.models import Application, Request
from applications.workflow import Status
from loans import workflow
from loans.models.agreement import Agreement
from loans.workflow import AgreementStatus, PromotionStatus
from reviews.models import Award, Decision, Vote, cases_visible_to
from reviews.workflow import DecisionStatus, Outcome
from rounds.models import Round, Rule, words_of_finding
from workflow.models import AppendOnlyModel, Staged, StatusChange

MOST_SHOWN = 200


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def visible_to(self, user: User) -> Self:
        """Only those of cases that this person may see."""
        return self.filter(application__in=cases_visible_to(user).order_by().values("pk"))

    def of_round(self, round: Round) -> Self:
        return self.filter(application__round=round)

    def proposed(self) -> Self:
        return self.filter(status=PromotionStatus.PROPOSED)

    def for_list(self) -> Self:
        rows = self.select_related("application__round", "application__owner", "application__current", "application__institution", "proposed_by")
        return rows.prefetch_related("lines__request__sample", "overrulings__rule").order_by("-pk")


class Promotion(Staged):
    """Proposed by an officer, made by an approver as a new decision, which is announced like any other."""

    moves = workflow.PROMOTION_MOVES

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="promotions")
    status = models.CharField(_("status"), max_length=20, choices=PromotionStatus.choices, default=PromotionStatus.PROPOSED)
    reason = models.TextField(_("reason"))
    conditions_en = models.TextField(_("conditions in English"), blank=True)
    conditions_zh = models.TextField(_("conditions in Chinese"), blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("proposed"), default=timezone.now)
    decision = models.OneToOneField(Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="promotion")

    objects: ClassVar = PromotionQuerySet.as_manager()
    proposed_by_id: int

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = (
            models.CheckConstraint(condition=Q(status__in=PromotionStatus.values), name="promotion_status_known"),
            models.UniqueConstraint(fields=("application",), condition=Q(status="proposed"), name="one_promotion_waits_per_application"),
            models.CheckConstraint(
                condition=Q(status="made", decision__isnull=False) | ~Q(status="made") & Q(decision__isnull=True),
                name="promotion_made_has_its_decision",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="promotion_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.application.reference} {self.pk}"

    @property
    def is_proposed(self) -> bool:
        return self.status == PromotionStatus.PROPOSED


class PromotionChange(StatusChange):
    record = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="promotion_history_without_gap"),)


class PromotionLine(AppendOnlyModel):
    """One sample of the application with the mass that is proposed."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="lines")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="+")
    mass_ug = models.BigIntegerField(_("proposed mass in micrograms"))

    class Meta:
        ordering = ("request__position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("promotion", "request"), name="one_promotion_line_per_request"),
            models.CheckConstraint(condition=Q(mass_ug__gt=0), name="promotion_line_has_mass"),
        )


class PromotionOverruling(AppendOnlyModel):
    """A refusing rule that the proposed decision would not keep, with the officer's reason: kept once more with the decision when it is made."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="overrulings")
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("sample"), max_length=40, blank=True)  # empty: a rule about several samples
    found_en = models.CharField(_("what was found, in English"), max_length=300)
    found_zh = models.CharField(_("what was found, in Chinese"), max_length=300)
    reason = models.TextField(_("reason"))

    rule_id: int

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("promotion", "rule", "number"), name="rule_overruled_once_in_a_promotion"),
            models.CheckConstraint(condition=~Q(reason=""), name="promotion_overruling_has_its_reason"),
        )

    @property
    def words(self) -> str:
        return words_of_finding(self.rule, self.number, in_language(self, "found"))


# --- What the page shows --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """One sample that an application in reserve waits for."""

    request: Request
    vote: Vote | None
    is_carried: bool

    @property
    def most_ug(self) -> int:
        """The most that may be lent: what was asked for, or what the committee voted for."""
        voted = self.vote.mass_ug if self.vote else None
        return min(self.request.mass_ug, voted) if voted is not None else self.request.mass_ug

    @property
    def left_ug(self) -> int:
        """What lies in the vault and is set aside for nobody: for the office alone."""
        return self.request.sample.free_ug

    @property
    def is_possible(self) -> bool:
        """Whether any of it can be lent now: carried by the vote, and enough of it there (a piece is lent whole)."""
        return self.is_carried and (self.left_ug > 0 if self.request.sample.is_divisible else self.left_ug >= self.request.mass_ug)


@dataclass(frozen=True)
class Reserved:
    """An application in reserve with what it waits for, and the proposal or decision that is under way for it."""

    application: Application
    waiting: Sequence[Waiting]
    is_proposed: bool
    is_recorded: bool

    @property
    def is_possible(self) -> bool:
        return not self.is_proposed and not self.is_recorded and any(line.is_possible for line in self.waiting)


def reserve_of(user: User, round: Round, reference: str = "") -> list[Reserved]:
    """The announced reserve of a round, as far as this person may see it; a fixed number of queries."""
    rows = cases_visible_to(user).of_round(round).for_list().filter(status=Status.RESERVE, visible_at__lte=timezone.now())
    applications = list((rows.filter(reference=reference) if reference else rows).order_by("reference")[:MOST_SHOWN])
    awards = Award.objects.filter(decision__application__in=applications, decision__status=DecisionStatus.ANNOUNCED, outcome=Outcome.RESERVE)
    standing: dict[int, dict[int, Award]] = {}
    for award in awards.select_related("decision", "request__sample", "request__vote", "request__version__application").order_by(
        "decision__number", "request__position"
    ):
        by_decision = standing.setdefault(award.decision.application_id, {})
        for request in [key for key, other in by_decision.items() if other.decision_id != award.decision_id]:
            del by_decision[request]  # a later decision has taken the place of the earlier
        by_decision[award.request_id] = award
    recorded = set(Decision.objects.filter(application__in=applications, status=DecisionStatus.RECORDED).values_list("application_id", flat=True))
    proposed = set(Promotion.objects.proposed().filter(application__in=applications).values_list("application_id", flat=True))
    return [
        Reserved(
            application,
            [_waiting(award, round) for award in standing.get(application.pk, {}).values()],
            is_proposed=application.pk in proposed,
            is_recorded=application.pk in recorded,
        )
        for application in applications
    ]


def _waiting(award: Award, round: Round) -> Waiting:
    vote: Vote | None = getattr(award.request, "vote", None)
    is_carried = vote is not None and vote.reaches(round.vote_numerator, round.vote_denominator)
    return Waiting(award.request, vote, is_carried)


def reserve_beside_approval(user: User, round: Round) -> list[Award]:
    """Samples in reserve of visible applications that are approved for others. They cannot be promoted: the standing decision, its letter and
    its agreement are about the whole application, and a second approval beside them has no agreement of its own to be signed."""
    cases = cases_visible_to(user).of_round(round).filter(status=Status.APPROVED, visible_at__lte=timezone.now()).order_by()
    announced = Decision.objects.filter(status=DecisionStatus.ANNOUNCED)
    later = announced.filter(application=OuterRef("decision__application"), number__gt=OuterRef("decision__number"))
    rows = Award.objects.filter(~Exists(later), outcome=Outcome.RESERVE, decision__in=announced.filter(application__in=cases.values("pk")))
    return list(rows.select_related("decision__application", "request__sample").order_by("decision__application__reference", "pk")[:MOST_SHOWN])


def lapsed_in(user: User, round: Round) -> list[Agreement]:
    """Agreements of the round that came to nothing, as far as this person may see them: their mass is free again."""
    gone = (AgreementStatus.LAPSED, AgreementStatus.ENDED)
    rows = Agreement.objects.kept_by(user).filter(decision__application__round=round, status__in=gone)
    return list(rows.for_list().prefetch_related("decision__awards__request__sample")[:MOST_SHOWN])
