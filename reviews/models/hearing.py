"""The hearing: who is invited for when, what was confirmed and handed in, who came, and who left the room."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Upload
from applications.workflow import Status
from reviews.workflow import SLOT_MOVES, SlotStatus
from rounds.models import Round
from workflow.models import AppendOnlyModel, Staged, StatusChange


class Way(models.TextChoices):
    """How an applicant takes part (notice of 9 April 2024)."""

    ON_SITE = "on_site", _("On site")
    ONLINE = "online", _("By video call")
    RECORDED = "recorded", _("Recorded video with slides")


class HearingQuerySet(models.QuerySet["Hearing"]):
    def of_round(self, round: Round) -> Self:
        return self.filter(round=round)


class Hearing(models.Model):
    """One day on which applicants of a round are heard, one after the other."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="hearings")
    starts_at = models.DateTimeField(_("starts"))
    place_en = models.CharField(_("place in English"), max_length=200)
    place_zh = models.CharField(_("place in Chinese"), max_length=200)
    talk_minutes = models.PositiveSmallIntegerField(_("minutes of the talk"), default=8, validators=[MinValueValidator(1), MaxValueValidator(240)])
    question_minutes = models.PositiveSmallIntegerField(_("minutes of questions"), default=7, validators=[MaxValueValidator(240)])
    pause_minutes = models.PositiveSmallIntegerField(_("minutes between two talks"), default=0, validators=[MaxValueValidator(240)])
    confirm_by = models.DateTimeField(_("confirm by"))
    slides_due_at = models.DateTimeField(_("slides due"))
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("set"), default=timezone.now)

    objects: ClassVar = HearingQuerySet.as_manager()

    class Meta:
        verbose_name = _("hearing")
        ordering = ("starts_at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(talk_minutes__gte=1), name="a_talk_takes_time"),
            models.CheckConstraint(condition=Q(confirm_by__lte=F("starts_at"), slides_due_at__lte=F("starts_at")), name="hearing_dates_before_it"),
        )

    @property
    def slot_minutes(self) -> int:
        """From the beginning of one talk to that of the next."""
        return self.talk_minutes + self.question_minutes + self.pause_minutes

    def starts_at_position(self, position: int) -> datetime:
        return self.starts_at + timedelta(minutes=position * self.slot_minutes)

    @property
    def takes_answers(self) -> bool:
        """Whether an invitation can still be confirmed."""
        return timezone.now() < self.confirm_by

    @property
    def takes_slides(self) -> bool:
        return timezone.now() < self.slides_due_at

    @property
    def has_begun(self) -> bool:
        return timezone.now() >= self.starts_at


class SlotQuerySet(models.QuerySet["Slot"]):
    def for_list(self) -> Self:
        return self.select_related("hearing", "application__current", "application__owner", "application__institution__country", "slides").order_by(
            "hearing__starts_at", "position"
        )

    def of_application(self, application: Application) -> Self:
        return self.filter(application=application).select_related("hearing", "application__round", "application__owner", "slides")

    def of_cases(self, applications: "models.QuerySet[Application]") -> Self:
        """Of these applications alone; a list of slots begins here."""
        return self.filter(application__in=applications)

    def to_remind(self, now: datetime, lead: timedelta) -> Self:
        """Those that are still expected and have a date within the lead before it: not answered, or nothing handed in."""
        soon = (now, now + lead)
        lacking = Q(slides__isnull=True) | Q(way=Way.RECORDED, video_address="")
        wanted = Q(status=SlotStatus.INVITED, hearing__confirm_by__range=soon) | Q(lacking, hearing__slides_due_at__range=soon)
        expected = self.filter(status__in=(SlotStatus.INVITED, SlotStatus.CONFIRMED), application__status=Status.INVITED)
        return expected.filter(wanted).select_related("hearing", "application__round", "application__owner").order_by("pk")


class Slot(Staged):
    """An application's place in a hearing. Not taking part counts as withdrawal once the office has confirmed it."""

    moves = SLOT_MOVES

    hearing = models.ForeignKey(Hearing, on_delete=models.PROTECT, related_name="slots")
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="slot")
    position = models.PositiveSmallIntegerField(_("position"))
    status = models.CharField(_("status"), max_length=20, choices=SlotStatus.choices, default=SlotStatus.INVITED)
    way = models.CharField(_("way"), max_length=20, choices=Way.choices, blank=True)
    speaker = models.CharField(_("speaker"), max_length=200, blank=True)
    video_address = models.URLField(_("address of the recorded video"), max_length=500, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    slides = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.PROTECT, related_name="slots")
    slides_at = models.DateTimeField(_("slides handed in"), null=True, blank=True)

    objects: ClassVar = SlotQuerySet.as_manager()
    own_review: models.Model  # by programmes_for()

    class Meta:
        verbose_name = _("place in a hearing")
        constraints = (
            models.UniqueConstraint(fields=("hearing", "position"), name="one_slot_per_position"),
            models.CheckConstraint(condition=Q(status__in=SlotStatus.values), name="slot_status_known"),
        )

    @property
    def starts_at(self) -> datetime:
        return self.hearing.starts_at_position(self.position)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.hearing.talk_minutes + self.hearing.question_minutes)

    @property
    def tone(self) -> str:
        """The colour beside the status."""
        tones = {SlotStatus.INVITED: "warn", SlotStatus.CONFIRMED: "now", SlotStatus.HEARD: "good"}
        return tones.get(SlotStatus(self.status), "bad")

    @property
    def is_expected(self) -> bool:
        """Invited or confirmed, as far as its own status says."""
        return self.status in (SlotStatus.INVITED, SlotStatus.CONFIRMED)

    @property
    def is_confirmed(self) -> bool:
        return self.status == SlotStatus.CONFIRMED

    @property
    def is_recorded(self) -> bool:
        """Whether a video is shown instead of a talk."""
        return self.way == Way.RECORDED

    @property
    def lacks_material(self) -> bool:
        """Whether the slides are missing, or the video that was promised."""
        return self.slides_id is None or (self.is_recorded and not self.video_address)

    @property
    def number(self) -> int:
        """Its place in the order, counted from one."""
        return self.position + 1

    @property
    def may_still_be_heard(self) -> bool:
        """For the office: neither heard nor missing, and not withdrawn."""
        return self.application.status == Status.INVITED and self.status not in (SlotStatus.HEARD, SlotStatus.ABSENT)


class SlotChange(StatusChange):
    record = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="slot_history_without_gap"),)


class DeckQuerySet(models.QuerySet["Deck"]):
    def standing(self) -> Self:
        """The slides that count: those handed in last."""
        return self.filter(upload=F("slot__slides"))


class Deck(AppendOnlyModel):
    """Slides as they were handed in. The last ones count; those before stay."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="decks")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="decks")
    name = models.CharField(_("name"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    objects: ClassVar = DeckQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("slot", "upload"), name="a_deck_is_handed_in_once"),)


class Departure(AppendOnlyModel):
    """A conflicted member left the room while an application was heard or voted on."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="departures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="departures")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("application", "user"), name="a_departure_is_noted_once"),)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def of_round(self, round: Round) -> Self:
        return self.filter(round=round)

    def with_people(self) -> Self:
        seats = Attendance.objects.select_related("seat__user").order_by("seat__user__full_name", "seat__user__email")
        return self.prefetch_related(models.Prefetch("attendances", queryset=seats))


class Meeting(models.Model):
    """The meeting in which the committee votes: who was present is noted once, and each vote is counted among them."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="meetings")
    held_on = models.DateField(_("held on"))
    place_en = models.CharField(_("place in English"), max_length=200, blank=True)
    place_zh = models.CharField(_("place in Chinese"), max_length=200, blank=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("noted"), default=timezone.now)

    objects: ClassVar = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("-held_on", "-pk")


class Attendance(models.Model):
    """A member or invited expert who was present in a meeting."""

    is_invited = models.BooleanField(_("invited for particular applications"), default=False)  # as the seat was when it was noted

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    seat = models.ForeignKey("reviews.Seat", on_delete=models.PROTECT, related_name="attendances")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("meeting", "seat"), name="present_once_in_a_meeting"),)
