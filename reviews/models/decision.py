"""What the votes came to: the decision with its awards, and the announcement that makes it known."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Application, Request
from applications.workflow import DECIDABLE, Status
from reviews import workflow
from reviews.workflow import AnnouncementStatus, DecisionStatus, Outcome
from rounds.models import Round
from workflow.models import Staged, StatusChange


class DecisionQuerySet(models.QuerySet["Decision"]):
    def awaiting_announcement(self) -> Self:
        """Recorded, and the application still stands where it can be decided (a withdrawn one waits for nothing)."""
        return self.filter(status=DecisionStatus.RECORDED, application__status__in=DECIDABLE)

    def standing(self, application: Application) -> "Decision | None":
        """The decision that holds for an application, recorded or announced."""
        rows = self.filter(application=application).exclude(status=DecisionStatus.RETRACTED).select_related("application", "recorded_by")
        return rows.prefetch_related("awards__request__sample").order_by("-number").first()

    def standing_for(self, applications: "list[Application]") -> Self:
        """The decisions that hold for several applications; the last of each comes last."""
        rows = self.filter(application__in=applications).exclude(status=DecisionStatus.RETRACTED)
        return rows.prefetch_related("awards__request__sample").order_by("number")

    def unplanned(self) -> Self:
        """Without those that stand in an announcement which is confirmed or runs."""
        planned = AnnouncementItem.objects.filter(announcement__in=Announcement.objects.under_way(), done_at__isnull=True)
        return self.exclude(pk__in=planned.values("decision_id"))

    def for_list(self) -> Self:
        return (
            self.select_related("application__owner", "application__institution", "application__current", "recorded_by")
            .prefetch_related("awards__request__sample")
            .order_by("application__reference")
        )


class Decision(Staged):
    """What the committee's vote came to for one application: one award per requested sample. Recorded first, announced later."""

    moves = workflow.DECISION_MOVES

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField(_("number"))
    status = models.CharField(_("status"), max_length=20, choices=DecisionStatus.choices, default=DecisionStatus.RECORDED)
    conditions_en = models.TextField(_("conditions and reasons in English"), blank=True)
    conditions_zh = models.TextField(_("conditions and reasons in Chinese"), blank=True)
    # The share of the votes that the decision was measured by: frozen with it.
    vote_numerator = models.PositiveSmallIntegerField(_("votes needed: numerator"), null=True, editable=False)
    vote_denominator = models.PositiveSmallIntegerField(_("votes needed: denominator"), null=True, editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("recorded"), default=timezone.now)

    objects: ClassVar = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = (
            models.UniqueConstraint(fields=("application", "number"), name="decision_numbered_once"),
            models.UniqueConstraint(fields=("application",), condition=Q(status=DecisionStatus.RECORDED), name="one_decision_waits_for_announcement"),
            models.CheckConstraint(condition=Q(status__in=DecisionStatus.values), name="decision_status_known"),
        )

    def __str__(self) -> str:
        return f"{self.application.reference}:{self.number}"

    @property
    def share(self) -> tuple[int, int]:
        """The share of the votes that it was measured by: a later change of the round's rule does not touch it."""
        assert self.vote_numerator is not None
        assert self.vote_denominator is not None
        return self.vote_numerator, self.vote_denominator

    @property
    def is_recorded(self) -> bool:
        """Recorded and not announced yet."""
        return self.status == DecisionStatus.RECORDED

    @property
    def outcome(self) -> Outcome:
        """Approved if at least one request is, else in reserve if one is, else declined."""
        outcomes = {award.outcome for award in self.awards.all()}
        if outcomes & set(workflow.GRANTED):
            return Outcome.APPROVED
        return Outcome.RESERVE if Outcome.RESERVE in outcomes else Outcome.DECLINED

    @property
    def next_status(self) -> str:
        """What the application's status will say once it is announced."""
        return str(Status(workflow.STEP_OF_OUTCOME[self.outcome].to).label)

    @property
    def is_granting(self) -> bool:
        """Whether any mass moves with it."""
        return self.outcome == Outcome.APPROVED

    @property
    def tone(self) -> str:
        """The colour beside the word of the outcome."""
        return {Outcome.APPROVED: "good", Outcome.RESERVE: "now", Outcome.DECLINED: "bad"}[self.outcome]


class DecisionChange(StatusChange):
    record = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="decision_history_without_gap"),)


class Award(models.Model):
    """What one requested sample gets: the approved mass, or none."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="awards")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="awards")
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    mass_ug = models.BigIntegerField(_("approved mass in micrograms"), default=0)

    class Meta:
        ordering = ("request__position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("decision", "request"), name="one_award_per_request"),
            models.CheckConstraint(
                condition=Q(outcome__in=workflow.GRANTED, mass_ug__gt=0) | Q(outcome__in=(Outcome.RESERVE, Outcome.DECLINED), mass_ug=0),
                name="award_has_mass_only_if_granted",
            ),
        )

    @property
    def is_granted(self) -> bool:
        return self.outcome in workflow.GRANTED


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def under_way(self) -> Self:
        return self.filter(status__in=workflow.UNDER_WAY)

    def of(self, round: Round, user: User) -> Self:
        """The announcements that this person confirmed in a round, newest first; nobody sees those of another."""
        return self.filter(round=round, by=user).order_by("-pk")

    def with_items(self) -> Self:
        return self.prefetch_related("items__decision__application__current")

    def due(self, now: datetime) -> Self:
        return self.filter(Q(status=AnnouncementStatus.SCHEDULED, starts_at__lte=now) | Q(status=AnnouncementStatus.RUNNING)).order_by("pk")


class Announcement(Staged):
    """An approver's confirmation for a round. Nothing moves until the recall window has passed; all becomes visible at one moment."""

    moves = workflow.ANNOUNCEMENT_MOVES

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="announcements")
    status = models.CharField(_("status"), max_length=20, choices=AnnouncementStatus.choices, default=AnnouncementStatus.SCHEDULED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("confirmed"), default=timezone.now)
    starts_at = models.DateTimeField(_("starts"))
    visible_at = models.DateTimeField(_("visible"), null=True, blank=True)

    objects: ClassVar = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = (
            models.UniqueConstraint(
                fields=("round", "by"),
                condition=Q(status__in=workflow.UNDER_WAY),
                name="one_announcement_at_a_time",
            ),
            models.CheckConstraint(condition=Q(status__in=AnnouncementStatus.values), name="announcement_status_known"),
            models.CheckConstraint(condition=~Q(status=AnnouncementStatus.DONE) | Q(visible_at__isnull=False), name="done_announcement_is_visible"),
        )

    @property
    def tone(self) -> str:
        """The colour beside the status."""
        tones = {
            AnnouncementStatus.SCHEDULED: "warn",
            AnnouncementStatus.RUNNING: "now",
            AnnouncementStatus.STOPPED: "bad",
            AnnouncementStatus.DONE: "good",
        }
        return tones.get(self.shown_status, "")

    @property
    def is_waiting(self) -> bool:
        """Not recallable any more and not yet taken up by the clock, which comes every few seconds."""
        return self.status == AnnouncementStatus.SCHEDULED and not self.is_recallable

    @property
    def shown_status(self) -> AnnouncementStatus:
        """The status as the approver reads it: what can no longer be recalled is being announced."""
        return AnnouncementStatus.RUNNING if self.is_waiting else AnnouncementStatus(self.status)

    @property
    def is_under_way(self) -> bool:
        return self.status in workflow.UNDER_WAY

    @property
    def has_begun(self) -> bool:
        return self.status in (AnnouncementStatus.RUNNING, AnnouncementStatus.STOPPED, AnnouncementStatus.DONE)

    @property
    def is_running(self) -> bool:
        return self.status == AnnouncementStatus.RUNNING

    @property
    def is_stopped(self) -> bool:
        return self.status == AnnouncementStatus.STOPPED

    def letter_keys(self) -> list[str]:
        """The letters of what it has announced so far."""
        return [f"decision:{item.decision.application.reference}:{item.decision.number}" for item in self.items.all() if item.done_at]

    @property
    def is_recallable(self) -> bool:
        return self.status == AnnouncementStatus.SCHEDULED and timezone.now() < self.starts_at

    @property
    def done_count(self) -> int:
        return sum(item.done_at is not None for item in self.items.all())

    @property
    def failed_items(self) -> "list[AnnouncementItem]":
        return [item for item in self.items.all() if item.problem and item.done_at is None]


class AnnouncementChange(StatusChange):
    record = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="announcement_history_without_gap"),)


class AnnouncementItemQuerySet(models.QuerySet["AnnouncementItem"]):
    def pending_in(self, announcement: Announcement) -> Self:
        """What is still to be announced, with all that its letters say, in a fixed number of queries for the whole round. The long texts
        of the applications stand in no letter and stay where they are."""
        version = "decision__application__current"
        rows = self.filter(announcement=announcement, done_at__isnull=True).select_related(
            "decision__application__round", "decision__application__owner", "decision__application__institution__country", f"{version}__institution"
        )
        return rows.defer(*(f"{version}__{text}" for text in ("answers", "research_question", "plan"))).prefetch_related(
            "decision__awards__request__sample"
        )


class AnnouncementItem(models.Model):
    """One decision within an announcement: done, or what stopped it."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="items")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="items")
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    objects: ClassVar = AnnouncementItemQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("announcement", "decision"), name="announced_once_in_an_announcement"),)
