"""Experts' conflicts and reviews, the committee's votes, the decisions and their announcement."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Application, ApplicationQuerySet, Request
from applications.workflow import DECIDABLE
from institutions.models import tied_institution_ids
from reviews import workflow
from reviews.workflow import AnnouncementStatus, DecisionStatus, Outcome, ReviewStatus
from rounds.models import Criterion, Round
from workflow.models import Staged, StatusChange

LOWEST_SCORE, HIGHEST_SCORE = 1, 5


class Conflict(models.Model):
    """A declared conflict between a person and an application. Ties through an institution are found, not stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflicts")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="conflicts")
    note = models.TextField(_("reason"), blank=True)
    declared_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("declared"), default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "application"), name="a_conflict_is_declared_once"),)


def cases_visible_to(user: User) -> ApplicationQuerySet:
    """The applications that the office may handle through this person: handed in, and without any tie or declared conflict.

    Every list, count, search and letter of the office starts here, so that a conflicted person sees no row, no count and no gap.
    """
    return Application.objects.handed_in().without_ties(user).exclude(conflicts__user=user)


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, user: User) -> Self:
        """An expert's own live reviews, never of an application the expert is tied to or has declared a conflict with."""
        tied = tied_institution_ids(user)
        return (
            self.filter(expert=user, status__in=workflow.LIVE)
            .exclude(application__institution_id__in=tied)
            .exclude(application__owner=user)
            .exclude(application__conflicts__user=user)
        )

    def live(self) -> Self:
        return self.filter(status__in=workflow.LIVE)

    def filed(self) -> Self:
        return self.filter(status=ReviewStatus.FILED)

    def for_list(self) -> Self:
        return self.select_related("application", "application__round", "application__institution", "application__current").order_by(
            F("filed_at").desc(nulls_first=True), "pk"
        )


class Review(Staged):
    """One expert's judgement of one application."""

    moves = workflow.REVIEW_MOVES

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reviews")
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    status = models.CharField(_("status"), max_length=20, choices=ReviewStatus.choices, default=ReviewStatus.ASSIGNED)
    remarks_to_applicant = models.TextField(_("to the applicant"), blank=True)
    remarks_to_committee = models.TextField(_("to the committee only"), blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    assigned_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("assigned"), default=timezone.now)
    saved_at = models.DateTimeField(_("saved"), null=True, blank=True)
    filed_at = models.DateTimeField(_("filed"), null=True, blank=True)

    objects: ClassVar = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = (
            models.UniqueConstraint(fields=("application", "expert"), name="one_review_per_expert_and_application"),
            models.CheckConstraint(condition=Q(status__in=ReviewStatus.values), name="review_status_known"),
            models.CheckConstraint(condition=~Q(status=ReviewStatus.FILED) | Q(filed_at__isnull=False), name="filed_review_has_its_moment"),
        )

    @property
    def is_filed(self) -> bool:
        return self.status == ReviewStatus.FILED

    @property
    def tone(self) -> str:
        return {ReviewStatus.ASSIGNED.value: "warn", ReviewStatus.OPEN.value: "now", ReviewStatus.FILED.value: "good"}.get(self.status, "")

    @property
    def awaits_declaration(self) -> bool:
        return self.status == ReviewStatus.ASSIGNED


class ReviewChange(StatusChange):
    record = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="review_history_without_gap"),)


class Score(models.Model):
    """A score from 1 (poor) to 5 (excellent) for one criterion of the round."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    value = models.PositiveSmallIntegerField(validators=[MinValueValidator(LOWEST_SCORE), MaxValueValidator(HIGHEST_SCORE)])

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("review", "criterion"), name="one_score_per_criterion"),
            models.CheckConstraint(condition=Q(value__gte=LOWEST_SCORE, value__lte=HIGHEST_SCORE), name="score_from_1_to_5"),
        )


class Vote(models.Model):
    """The committee's vote on one requested sample, as counted in the meeting. Abstaining counts as present, recused does not."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="vote")
    present = models.PositiveSmallIntegerField(_("present"))
    recused = models.PositiveSmallIntegerField(_("recused"), default=0)
    yes = models.PositiveSmallIntegerField(_("yes"))
    no = models.PositiveSmallIntegerField(_("no"), default=0)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("entered"), default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(recused__lte=F("present")), name="vote_recused_are_present"),
            models.CheckConstraint(condition=Q(present__gte=F("yes") + F("no") + F("recused")), name="vote_counts_only_those_present"),
        )

    @property
    def eligible(self) -> int:
        return self.present - self.recused

    @property
    def abstained(self) -> int:
        return self.eligible - self.yes - self.no


class DecisionQuerySet(models.QuerySet["Decision"]):
    def awaiting_announcement(self) -> Self:
        """Recorded, and the application still stands where it can be decided (a withdrawn one waits for nothing)."""
        return self.filter(status=DecisionStatus.RECORDED, application__status__in=DECIDABLE)

    def unplanned(self) -> Self:
        """Without those that stand in an announcement which is confirmed or runs."""
        planned = AnnouncementItem.objects.filter(announcement__in=Announcement.objects.under_way(), done_at__isnull=True)
        return self.exclude(pk__in=planned.values("decision_id"))

    def for_list(self) -> Self:
        return (
            self.select_related("application", "application__institution", "application__current", "recorded_by")
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
    def outcome(self) -> Outcome:
        """Approved if at least one request is, else in reserve if one is, else declined."""
        outcomes = {award.outcome for award in self.awards.all()}
        if outcomes & set(workflow.GRANTED):
            return Outcome.APPROVED
        return Outcome.RESERVE if Outcome.RESERVE in outcomes else Outcome.DECLINED


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
        return self.filter(status__in=(AnnouncementStatus.SCHEDULED, AnnouncementStatus.RUNNING))

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
                condition=Q(status__in=(AnnouncementStatus.SCHEDULED, AnnouncementStatus.RUNNING)),
                name="one_announcement_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(status=AnnouncementStatus.DONE) | Q(visible_at__isnull=False), name="done_announcement_is_visible"),
        )


class AnnouncementChange(StatusChange):
    record = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="announcement_history_without_gap"),)


class AnnouncementItem(models.Model):
    """One decision within an announcement: done, or what stopped it."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="items")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="items")
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("announcement", "decision"), name="announced_once_in_an_announcement"),)
