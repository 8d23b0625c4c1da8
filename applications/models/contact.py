"""What is asked and said about an application: the office's questions with their answers, and the reminders that were sent."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from workflow.models import AppendOnlyModel


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def open(self) -> Self:
        return self.filter(answered_at__isnull=True)

    def of(self, application: Application) -> Self:
        return self.filter(application=application)

    def about(self, applications: "models.QuerySet[Application]") -> Self:
        return self.filter(application__in=applications).select_related("application__round")

    def unread(self) -> Self:
        """Answered, and nobody in the office has marked the answer as read."""
        return self.filter(answered_at__isnull=False, read_at__isnull=True).order_by("answered_at")

    def for_list(self) -> Self:
        return self.select_related("asked_by", "answered_by").order_by("asked_at")


class Enquiry(models.Model):
    """A question of the office to the applicant; the answer stands beside it."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="enquiries")
    text = models.TextField(_("question"))
    answer_by: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(_("answer by"), null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+")
    asked_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("asked"), default=timezone.now)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    read_at = models.DateTimeField(_("read by the office"), null=True, blank=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar = EnquiryQuerySet.as_manager()

    class Meta:
        ordering = ("asked_at",)
        constraints = (
            models.CheckConstraint(condition=Q(answered_at__isnull=True) | ~Q(answer="") & Q(answered_by__isnull=False), name="an_answer_has_words"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(answered_at__isnull=False, read_by__isnull=False), name="what_is_read_was_answered"
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def is_unread(self) -> bool:
        return self.is_answered and self.read_at is None

    @property
    def is_overdue(self) -> bool:
        """Not answered by the day that was asked for. It can be answered all the same."""
        return not self.is_answered and self.answer_by is not None and self.answer_by <= timezone.now()

    @property
    def is_late(self) -> bool:
        return self.answered_at is not None and self.answer_by is not None and self.answered_at >= self.answer_by


class ReminderKind(models.TextChoices):
    """What a reminder says; each once for an application and a deadline."""

    WEEK = "week", _("7 days before")
    TWO_DAYS = "two_days", _("48 hours before")
    HOURS = "hours", _("6 hours before")
    CLOSED = "closed", _("after the deadline")
    EXTENDED = "extended", _("the deadline was extended")


class Reminder(AppendOnlyModel):
    """A reminder about an unsubmitted draft that was sent; each kind at most once for each deadline."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=20)
    deadline_at = models.DateTimeField()
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("application", "kind", "deadline_at"), name="one_reminder_of_a_kind"),)

    def __str__(self) -> str:
        return f"{self.application_id}: {self.kind}"
