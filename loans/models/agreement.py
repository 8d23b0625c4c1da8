"""The loan agreement of an approved application: until when it has to be signed, what moved that day, and who has signed."""

from datetime import date, datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from applications.models import Application
from applications.workflow import Status
from loans import workflow
from loans.models.days import office_calendar
from loans.workdays import beijing_date, end_of
from loans.workflow import AgreementStatus
from reviews.models import Award, Decision, cases_visible_to
from reviews.workflow import DecisionStatus
from workflow.models import AppendOnlyModel, Staged, StatusChange, YearCounter

SHOWN = 200  # agreements that a comparison with the table looks at


class AgreementCounter(YearCounter):
    """LSB-<year>-<5 digits>."""


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def kept_by(self, user: User) -> Self:
        """Those that the person may handle for the office: nothing of an application with a tie or a conflict."""
        return self.filter(decision__application__in=cases_visible_to(user).order_by().values("pk"))

    def visible_to(self, user: User) -> Self:
        """The borrower's own; the office's, without what is shut for this person; a curator's once they are signed."""
        seen = Q(decision__application__in=Application.objects.visible_to(user).order_by().values("pk"))
        of_office = Q(decision__application__in=cases_visible_to(user).order_by().values("pk"))
        if user.has_role(Role.OFFICER, Role.APPROVER):
            seen |= of_office
        elif user.has_role(Role.CURATOR):
            seen |= of_office & Q(status=AgreementStatus.SIGNED)
        return self.filter(seen)

    def for_list(self) -> Self:
        """All that one row of a list shows; newest first."""
        with_case = self.select_related("decision__application__round", "decision__application__institution", "decision__application__current")
        rows = with_case.select_related("decision__application__owner").order_by("-pk")
        return rows.defer(*(f"decision__application__current__{name}" for name in ("research_question", "plan", "answers", "marks")))

    def for_page(self) -> Self:
        """All that a page about one agreement shows, in a fixed number of queries."""
        rows = self.select_related(
            "decision__application__round",
            "decision__application__owner",
            "decision__application__institution__country",
            "decision__application__current__institution",
        )
        return rows.prefetch_related("decision__awards__request__sample", "extensions__by", "reminders", "history__by")

    def open(self) -> Self:
        """To be signed, as far as the applicant has not withdrawn."""
        return self.filter(status=AgreementStatus.OPEN, decision__application__status=Status.APPROVED)

    def withdrawn(self) -> Self:
        """Still open, while the application was withdrawn."""
        return self.filter(status=AgreementStatus.OPEN, decision__application__status=Status.WITHDRAWN)

    def overdue(self, now: datetime) -> Self:
        """Open, and the last day to sign has ended in Beijing."""
        return self.open().filter(due_on__lt=beijing_date(now)).order_by("due_on", "pk")

    def to_remind(self) -> Self:
        return self.open().select_related("decision__application__owner").prefetch_related("reminders").order_by("pk")


class Agreement(Staged):
    """One per approved decision, made when its announcement is visible. `due_on` is stored: no later change of the table moves it."""

    moves = workflow.AGREEMENT_MOVES

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    decision = models.OneToOneField(Decision, verbose_name=_("decision"), on_delete=models.PROTECT, related_name="agreement")
    status = models.CharField(_("status"), max_length=20, choices=AgreementStatus.choices, default=AgreementStatus.OPEN)
    noticed_on: "models.DateField[date, date]" = models.DateField(_("day of the notice"))
    working_days = models.PositiveSmallIntegerField(_("working days to sign"))
    due_on: "models.DateField[date, date]" = models.DateField(_("to be signed by"))
    made_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("made"), default=timezone.now)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    legal_representative = models.CharField(_("legal representative"), max_length=200, blank=True)
    responsible_user = models.CharField(_("responsible user"), max_length=200, blank=True)

    objects: ClassVar = AgreementQuerySet.as_manager()
    decision_id: int

    class Meta:
        verbose_name = _("loan agreement")
        verbose_name_plural = _("loan agreements")
        constraints = (
            models.CheckConstraint(condition=Q(status__in=AgreementStatus.values), name="agreement_status_known"),
            models.CheckConstraint(
                condition=Q(status=AgreementStatus.SIGNED, signed_on__isnull=False) & ~Q(legal_representative="") & ~Q(responsible_user="")
                | ~Q(status=AgreementStatus.SIGNED) & Q(signed_on__isnull=True, legal_representative="", responsible_user=""),
                name="agreement_signed_by_somebody_on_a_day",
            ),
            models.CheckConstraint(condition=Q(due_on__gt=F("noticed_on"), working_days__gte=1), name="agreement_due_after_the_notice"),
            models.CheckConstraint(
                condition=Q(signed_on__isnull=True) | Q(signed_on__gte=F("noticed_on"), signed_on__lte=F("due_on")), name="agreement_signed_in_time"
            ),
        )
        indexes = (models.Index(fields=("due_on",), condition=Q(status="open"), name="agreements_to_be_signed"),)

    def __str__(self) -> str:
        return self.reference

    @property
    def application(self) -> Application:
        return self.decision.application

    @property
    def deadline(self) -> datetime:
        """24:00 of the last day, as the exclusive instant."""
        return end_of(self.due_on)

    @property
    def is_ended(self) -> bool:
        """Ended with the application: the clock writes it down a little later."""
        return self.status == AgreementStatus.ENDED or (self.status == AgreementStatus.OPEN and self.application.status == Status.WITHDRAWN)

    @property
    def is_open(self) -> bool:
        return self.status == AgreementStatus.OPEN and not self.is_ended

    @property
    def is_signed(self) -> bool:
        return self.status == AgreementStatus.SIGNED

    @property
    def is_lapsed(self) -> bool:
        return self.status == AgreementStatus.LAPSED

    def has_passed(self, now: datetime) -> bool:
        """Whether the time to sign has ended; the last day counts whole."""
        return now >= self.deadline

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.has_passed(timezone.now())

    @property
    def days_left(self) -> int:
        """Calendar days in Beijing until the last one; 0 on it."""
        return max((self.due_on - beijing_date(timezone.now())).days, 0)

    def day_by_table(self) -> date | None:
        """The last day by the table as it stands now, where it is another one and no person has given the day."""
        if self.extensions.all():
            return None
        day = office_calendar().after(self.noticed_on, self.working_days)
        return day if day != self.due_on else None

    @property
    def is_last_day(self) -> bool:
        return self.days_left == 0

    @property
    def shown_status(self) -> str:
        """The status in words."""
        if self.is_ended:
            return str(AgreementStatus.ENDED.label)
        return str(_("Overdue")) if self.is_overdue else str(AgreementStatus(self.status).label)

    @property
    def tone(self) -> str:
        """The colour beside the status."""
        if self.is_ended:
            return ""
        if self.is_overdue:
            return "bad"
        return {AgreementStatus.OPEN: "warn", AgreementStatus.SIGNED: "good", AgreementStatus.LAPSED: "bad"}.get(AgreementStatus(self.status), "")

    @property
    def certificate_key(self) -> str:
        """The key of the certificate: a second letter with it is never written."""
        return f"certificate:{self.reference}"

    @property
    def lapse_key(self) -> str:
        return f"lapsed:{self.application.reference}:{self.decision.number}"

    @property
    def notice_key(self) -> str:
        """The decision letter that told the applicant how long there is time."""
        return f"decision:{self.application.reference}:{self.decision.number}"


class AgreementChange(StatusChange):
    """The history of an agreement."""

    record = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="agreement_history_without_gap"),)


class AgreementExtension(AppendOnlyModel):
    """More time to sign: who gave it, why, and until when."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="extensions")
    due_before: "models.DateField[date, date]" = models.DateField(_("day before"))
    due_on: "models.DateField[date, date]" = models.DateField(_("new last day"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("agreement", "due_before"), name="agreement_extended_once_from_a_day"),
            models.CheckConstraint(condition=Q(due_on__gt=F("due_before")), name="agreement_extended_to_a_later_day"),
            models.CheckConstraint(condition=~Q(reason=""), name="agreement_extension_has_a_reason"),
        )


class ReminderKind(models.TextChoices):
    """What the applicant is told of the time to sign; each once for a day."""

    NOTICE = "notice", _("The agreement is to be signed")
    EXTENDED = "extended", _("More time to sign")
    HALF = "half", _("Half of the time has passed")
    NEAR = "near", _("Two working days are left")
    LAST_DAY = "last_day", _("Last day to sign")
    PASSED = "passed", _("The time to sign has passed")


class AgreementReminder(AppendOnlyModel):
    """A mail about the time to sign that was written. Not a second time for the same last day."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(_("kind"), max_length=20, choices=ReminderKind.choices)
    due_on: "models.DateField[date, date]" = models.DateField(_("last day to sign"))
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("agreement", "kind", "due_on"), name="agreement_reminded_once"),
            models.CheckConstraint(condition=Q(kind__in=ReminderKind.values), name="agreement_reminder_kind_known"),
        )


def without_agreement(now: datetime) -> "models.QuerySet[Decision]":
    """Approved decisions whose announcement is visible and that have no agreement yet."""
    granted = Exists(Award.objects.filter(decision=OuterRef("pk"), mass_ug__gt=0))
    visible = Q(application__status=Status.APPROVED, application__visible_at__lte=now)
    rows = Decision.objects.filter(granted, visible, status=DecisionStatus.ANNOUNCED, agreement__isnull=True)
    return rows.select_related("application__round", "application__owner").order_by("application__reference")


def moved_by_table(user: User) -> "list[tuple[Agreement, date]]":
    """Open agreements of this officer whose last day would be another one by the table as it stands now, with that day.

    An extended one is left out: its day was given by a person.
    """
    calendar = office_calendar()
    rows = Agreement.objects.kept_by(user).open().filter(extensions__isnull=True).for_list()[:SHOWN]
    found = [(agreement, calendar.after(agreement.noticed_on, agreement.working_days)) for agreement in rows]
    return [(agreement, day) for agreement, day in found if day != agreement.due_on]


def to_sign_by(user: User) -> "list[Agreement]":
    """The applicant's own agreements that wait for the signature, the nearest end first."""
    return list(Agreement.objects.for_list().open().filter(decision__application__owner=user).order_by("due_on", "pk")[:SHOWN])


def overdue_for(user: User) -> "list[Agreement]":
    """What waits for an officer: agreements whose time has passed, the longest waiting first; only of cases that this person may see."""
    return list(Agreement.objects.kept_by(user).for_list().overdue(timezone.now())[:SHOWN])
