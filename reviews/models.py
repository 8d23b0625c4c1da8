"""Experts' conflicts and reviews, the committee's votes, the decisions and their announcement."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from applications.models import Application, ApplicationQuerySet, Request
from applications.workflow import DECIDABLE
from institutions.models import Institution, Membership, tied_institution_ids
from letters.models import Letter, LetterQuerySet
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
    Whoever still has to judge an application as an expert does not read in the office what the other experts wrote.
    """
    judging = Review.objects.filter(expert=user, status__in=workflow.UNFILED).values("application_id")
    return Application.objects.handed_in().without_ties(user).exclude(conflicts__user=user).exclude(pk__in=judging)


def letters_visible_to(user: User, round: Round) -> LetterQuerySet:
    """The letters of a round's cases that this person may handle, held ones too: the office proof-reads them."""
    references = cases_visible_to(user).of_round(round).values("reference")
    return Letter.objects.filter(reference__in=references)


def with_review_counts(applications: ApplicationQuerySet) -> ApplicationQuerySet:
    """Adds how many experts are assigned and how many have filed."""
    live = Q(reviews__status__in=workflow.LIVE)
    return applications.annotate(
        assigned_count=models.Count("reviews", filter=live), filed_count=models.Count("reviews", filter=Q(reviews__status=ReviewStatus.FILED))
    )


def with_decisions(applications: ApplicationQuerySet) -> ApplicationQuerySet:
    """Adds how many of the requested samples have a vote, and the standing decision's status."""
    standing = Decision.objects.filter(application=models.OuterRef("pk")).exclude(status=DecisionStatus.RETRACTED).order_by("-number")
    return applications.annotate(
        request_count=models.Count("current__requests"),
        vote_count=models.Count("current__requests__vote"),
        decision_status=models.Subquery(standing.values("status")[:1]),
    )


def requests_with_votes(application: Application) -> list[Request]:
    """The sample lines of the current version with their votes, in the applicant's order."""
    lines = Request.objects.filter(version=application.current).select_related("sample", "vote", "version__application")
    return list(lines.order_by("position", "pk"))


def may_vote_on(application: Application) -> bool:
    """Whether the votes can still be entered or corrected: in time for a decision that is not recorded yet."""
    is_recorded = Decision.objects.filter(application=application, status=DecisionStatus.RECORDED).exists()
    return application.status in DECIDABLE and not is_recorded


def vote_on(line: Request, round: Round) -> "Vote | None":
    """The vote on a sample line, knowing whether it reaches the round's share; None while it was not voted on."""
    vote: Vote | None = getattr(line, "vote", None)
    if vote is not None:
        vote.is_carried = round.is_passed_by(present=vote.present, recused=vote.recused, yes=vote.yes)
    return vote


def assignable_experts(application: Application) -> list[User]:
    """Experts who have not been asked for this application, and have neither a tie nor a declared conflict."""
    asked = Review.objects.filter(application=application).values("expert_id")
    conflicted = Conflict.objects.filter(application=application).values("user_id")
    tied: list[int] = []
    if application.institution is not None:
        family = Institution.objects.family_of(application.institution)
        tied = list(Membership.objects.open().filter(institution__in=family).values_list("user_id", flat=True))
    free = User.objects.with_role(Role.EXPERT).exclude(pk=application.owner_id).exclude(pk__in=asked).exclude(pk__in=conflicted).exclude(pk__in=tied)
    return list(free)


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

    def of(self, application: Application) -> Self:
        return self.filter(application=application)

    def with_case(self) -> Self:
        """All that the review page shows, in a fixed number of queries."""
        return self.select_related(
            "application__round", "application__owner", "application__current__institution__country", "application__institution__country"
        ).prefetch_related("scores", "application__current__requests__sample", "application__current__attachments__upload")

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
    def is_over(self) -> bool:
        """Not filed, and not wanted any more: the application was withdrawn or its decision is announced."""
        return not self.is_filed and not self.application.is_shown_in_review

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

    is_carried: bool  # by vote_on: only the round knows the share

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(recused__lte=F("present")), name="vote_recused_are_present"),
            models.CheckConstraint(condition=Q(present__gte=F("yes") + F("no") + F("recused")), name="vote_counts_only_those_present"),
        )

    @property
    def eligible(self) -> int:
        return self.present - self.recused

    def figures(self) -> dict[str, int]:
        return {"present": self.present, "recused": self.recused, "yes": self.yes, "no": self.no}

    @property
    def abstained(self) -> int:
        return self.eligible - self.yes - self.no


class DecisionQuerySet(models.QuerySet["Decision"]):
    def awaiting_announcement(self) -> Self:
        """Recorded, and the application still stands where it can be decided (a withdrawn one waits for nothing)."""
        return self.filter(status=DecisionStatus.RECORDED, application__status__in=DECIDABLE)

    def standing(self, application: Application) -> "Decision | None":
        """The decision that holds for an application, recorded or announced."""
        rows = self.filter(application=application).exclude(status=DecisionStatus.RETRACTED).select_related("application", "recorded_by")
        return rows.prefetch_related("awards__request__sample").order_by("-number").first()

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
        return self.filter(status__in=(AnnouncementStatus.SCHEDULED, AnnouncementStatus.RUNNING))

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
                condition=Q(status__in=(AnnouncementStatus.SCHEDULED, AnnouncementStatus.RUNNING)),
                name="one_announcement_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(status=AnnouncementStatus.DONE) | Q(visible_at__isnull=False), name="done_announcement_is_visible"),
        )

    @property
    def tone(self) -> str:
        """The colour beside the status."""
        tones = {AnnouncementStatus.SCHEDULED: "warn", AnnouncementStatus.RUNNING: "now", AnnouncementStatus.DONE: "good"}
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
        return self.status in (AnnouncementStatus.SCHEDULED, AnnouncementStatus.RUNNING)

    @property
    def has_begun(self) -> bool:
        return self.status in (AnnouncementStatus.RUNNING, AnnouncementStatus.DONE)

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
