"""One expert's judgement of one application."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Application, Version
from applications.workflow import DECIDED, Status
from reviews import workflow
from reviews.models.ties import shut_for
from reviews.workflow import ReviewStatus
from rounds.models import Criterion, Round
from workflow.models import Staged, StatusChange

LOWEST_SCORE, HIGHEST_SCORE = 1, 5
# The columns of a list of reviews: a model with all its columns costs several times as much as one with those that are shown.
OF_ROUND = tuple(f"application__round__{name}" for name in ("slug", "title_en", "title_zh", "reviews_due_at", "is_synthetic"))
OF_APPLICATION = tuple(f"application__{name}" for name in ("reference", "status", "quiet_status", "visible_at"))
OF_NAMES = ("application__institution__name_en", "application__institution__name_local", "application__current__title")
LISTED = ("application", "expert", "status", "saved_at", "filed_at", *OF_APPLICATION, *OF_ROUND, *OF_NAMES)
REMARKS = ("remarks_to_applicant", "remarks_to_committee")


def score_name(criterion_id: int) -> str:
    """How a criterion's score is called among the texts of a review."""
    return f"criterion_{criterion_id}"


ACCESS_AFTER_DECISION = timedelta(days=30)


def _access_ended() -> Q:
    """Applications that an expert can no longer open. A decision counts from the moment in which it is visible, never from its recording."""
    over = Q(application__status__in=(Status.WITHDRAWN, Status.REFUSED, Status.NOT_SUBMITTED))
    decided = Q(application__status__in=(*DECIDED, Status.LAPSED), application__visible_at__lte=timezone.now() - ACCESS_AFTER_DECISION)
    return over | decided


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, user: User) -> Self:
        """An expert's own live reviews, never of an application the expert is tied to or has declared a conflict with.

        Access ends a month after the decision is visible, and at once when the application is withdrawn or refused (S-15).
        """
        return self._own(user).exclude(_access_ended())

    def past_of(self, user: User) -> Self:
        """Own filed reviews whose application the expert can no longer open: only the own scores may be shown of them."""
        return self._own(user).filter(_access_ended(), status=ReviewStatus.FILED)

    def _own(self, user: User) -> Self:
        return self.filter(expert=user, status__in=workflow.LIVE).exclude(application__in=shut_for(user))

    def for_summary(self) -> Self:
        """What the list of past reviews shows: no word of the application."""
        rows = self.select_related("application__round").only("filed_at", "application__reference", *OF_ROUND)
        return rows.prefetch_related("scores__criterion").order_by("-filed_at", "pk")

    def live(self) -> Self:
        return self.filter(status__in=workflow.LIVE)

    def unfiled(self) -> Self:
        return self.filter(status__in=workflow.UNFILED)

    def of(self, application: Application) -> Self:
        return self.filter(application=application)

    def with_case(self) -> Self:
        """All that the review page shows, in a fixed number of queries."""
        return self.select_related(
            "application__round", "application__owner", "application__current__institution__country", "application__institution__country"
        ).prefetch_related("scores", "application__current__requests__sample", "application__current__attachments__upload__drawn_pages")

    def with_answers(self) -> Self:
        """All that the applications say, but for their attached files, in a fixed number of queries."""
        versions = Prefetch("application__current", queryset=Version.objects.with_answers().select_related("application__round"))
        return self.select_related("application__round", "application__owner").prefetch_related(versions)

    def in_round(self, round: Round) -> Self:
        return self.filter(application__round=round)

    def declared(self) -> Self:
        """Those whose application has opened for the expert."""
        return self.exclude(status=ReviewStatus.ASSIGNED)

    def in_turn(self) -> Self:
        """In the order in which an expert goes through them, with the titles of the applications."""
        return self.select_related("application__current").order_by("pk")

    def filed(self) -> Self:
        return self.filter(status=ReviewStatus.FILED)

    def for_list(self) -> Self:
        """One row of the expert's list each: just what it shows."""
        rows = self.select_related("application__round", "application__institution", "application__current")
        return rows.only(*LISTED).order_by(F("filed_at").desc(nulls_first=True), "pk")


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
    def is_open(self) -> bool:
        return self.status == ReviewStatus.OPEN

    @property
    def is_to_do(self) -> bool:
        """Whether the expert still has to do something for it."""
        return not self.is_filed and not self.is_over

    @property
    def is_changeable(self) -> bool:
        """Filed, and can be filed anew: as long as the application is in review, as far as an expert may know."""
        return self.is_filed and self.application.is_shown_in_review

    def texts(self) -> dict[str, str]:
        """What is kept of it, by the names of the form: scores as their figure; a criterion without one is not among them."""
        return {score_name(score.criterion_id): str(score.value) for score in self.scores.all()} | {name: getattr(self, name) for name in REMARKS}

    @property
    def is_over(self) -> bool:
        """Not filed, and not wanted any more: the application was withdrawn or its decision is announced."""
        return not self.is_filed and not self.application.is_shown_in_review

    @property
    def state(self) -> str:
        """The status as a word."""
        return str(ReviewStatus(self.status).label)

    @property
    def tone(self) -> str:
        return {ReviewStatus.ASSIGNED.value: "warn", ReviewStatus.OPEN.value: "now", ReviewStatus.FILED.value: "good"}.get(self.status, "")

    @property
    def awaits_declaration(self) -> bool:
        return self.status == ReviewStatus.ASSIGNED


class HandBackReason(models.TextChoices):
    """Why an expert gives an application back without a conflict."""

    NO_TIME = "no_time", _("I have no time until the date")
    NOT_MY_FIELD = "not_my_field", _("It is not my field")


class ReviewChange(StatusChange):
    record = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="review_history_without_gap"),)

    @property
    def spelled_note(self) -> str:
        """Why it was handed back, in the reader's language, with the words that were written."""
        reason, colon, words = self.note.partition(": ")
        if not colon or reason not in HandBackReason.values:
            return self.note
        label = str(HandBackReason(reason).label)
        return f"{label}. {words}" if words else label


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
