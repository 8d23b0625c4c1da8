"""Are the words right: a hearing, who is invited, the order, what an applicant answers, and who was present in a meeting. Forms never save."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.actions import HearingDates
from reviews.forms import OfficeForm
from reviews.models import Choice, Hearing, Seat, Slot, Way
from rounds.forms import DAYS, BeijingMomentField, DayInput, EndOfDayField

ON_BEIJING_TIME = gettext_lazy("Beijing time (UTC+8).")
NEEDED = {"required": gettext_lazy("Enter the day and the time."), "incomplete": gettext_lazy("Enter the day and the time.")}


class HearingForm(OfficeForm):
    """Day, place, times and dates of a hearing."""

    starts_at = BeijingMomentField(label=gettext_lazy("Begins"), help_text=ON_BEIJING_TIME, error_messages=NEEDED)
    place_en = forms.CharField(label=gettext_lazy("Place in English"), max_length=200)
    place_zh = forms.CharField(label=gettext_lazy("Place in Chinese"), max_length=200)
    talk_minutes = forms.IntegerField(label=gettext_lazy("Minutes of the talk"), min_value=1, max_value=240, initial=8)
    question_minutes = forms.IntegerField(label=gettext_lazy("Minutes of questions"), min_value=0, max_value=240, initial=7)
    pause_minutes = forms.IntegerField(label=gettext_lazy("Minutes between two talks"), min_value=0, max_value=240, initial=0)
    confirm_by = EndOfDayField(label=gettext_lazy("Last day to confirm"), help_text=gettext_lazy("Until 24:00 Beijing time of this day."))
    slides_due_at = BeijingMomentField(label=gettext_lazy("Slides due"), help_text=ON_BEIJING_TIME, error_messages=NEEDED)

    def __init__(self, *args: Any, hearing: Hearing | None = None, **options: Any) -> None:
        initial = {name: getattr(hearing, name) for name in HearingDates.__annotations__} if hearing else None
        super().__init__(*args, initial=initial, prefix="hearing", **options)

    def clean(self) -> dict[str, Any]:
        """The dates lie before the beginning; said beside the date that does not."""
        super().clean()
        starts_at: datetime | None = self.cleaned_data.get("starts_at")
        for name in ("confirm_by", "slides_due_at"):
            given = self.cleaned_data.get(name)
            if starts_at and given and given > starts_at:
                self.add_error(name, _("This lies after the beginning of the hearing."))
        return self.cleaned_data

    def said(self) -> HearingDates:
        return cast(HearingDates, {name: self.cleaned_data[name] for name in HearingDates.__annotations__})


class InviteForm(OfficeForm):
    """Which applications are invited; they are heard in the order in which they stand."""

    def __init__(self, *args: Any, choices: Sequence[Choice], **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices = list(choices)
        self.by_key = {str(choice.application.pk): choice.application for choice in choices}
        self.fields["applications"] = forms.MultipleChoiceField(
            label=_("Applications"),
            choices=[(key, application.reference) for key, application in self.by_key.items()],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one application.")},
        )

    def options(self) -> list[dict[str, Any]]:
        """Each application with its box."""
        return [{"choice": choice, "box": box.tag()} for choice, box in zip(self.choices, self["applications"], strict=True)]

    @property
    def chosen(self) -> list[Any]:
        return [self.by_key[key] for key in self.by_key if key in self.cleaned_data["applications"]]


class OrderForm(OfficeForm):
    """A number for each application: the order in which they are heard."""

    def __init__(self, *args: Any, slots: Sequence[Slot], **options: Any) -> None:
        super().__init__(*args, **options)
        self.slots = list(slots)
        for slot in self.slots:
            self.fields[f"place{slot.pk}"] = forms.IntegerField(
                label=_("Place of %(reference)s") % {"reference": slot.application.reference},
                min_value=1,
                max_value=len(self.slots),
                initial=slot.number,
            )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and sorted(self.cleaned_data.values()) != list(range(1, len(self.slots) + 1)):
            self.add_error(None, _("Give each application a place of its own, from 1 to %(count)d.") % {"count": len(self.slots)})
        return self.cleaned_data

    def order(self) -> list[Slot]:
        return sorted(self.slots, key=lambda slot: cast(int, self.cleaned_data[f"place{slot.pk}"]))


class MissedForm(OfficeForm):
    note = forms.CharField(
        label=gettext_lazy("Note to the applicant"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands in the letter, as you write it."),
    )


class ConfirmForm(OfficeForm):
    """How the applicant takes part, and who speaks."""

    way = forms.ChoiceField(
        label=gettext_lazy("How do you take part?"),
        choices=Way.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how you take part.")},
    )
    speaker = forms.CharField(label=gettext_lazy("Who speaks and answers questions?"), max_length=200)

    def __init__(self, *args: Any, slot: Slot, **options: Any) -> None:
        super().__init__(*args, initial={"way": slot.way, "speaker": slot.speaker or str(slot.application.owner)}, **options)

    def answer(self) -> dict[str, Any]:
        return {"way": Way(self.cleaned_data["way"]), "speaker": self.cleaned_data["speaker"]}


class CancelForm(OfficeForm):
    prefix = "cancel"
    note = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class VideoForm(OfficeForm):
    """The address of a recorded video; only https, without a password in it. Left empty it is taken back."""

    prefix = "video"
    address = forms.CharField(
        label=gettext_lazy("Address of the recorded video"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=gettext_lazy("It begins with https://. The committee must be able to open it without an account."),
    )

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if not address:
            return ""
        URLValidator(schemes=["https"], message=_("Enter an address that begins with https://."))(address)
        if urlsplit(address).username:
            raise forms.ValidationError(_("Leave name and password out of the address."))
        return address


class MeetingForm(OfficeForm):
    """Day and place of the meeting, and everybody who is present."""

    held_on = forms.DateField(label=gettext_lazy("Day of the meeting"), input_formats=DAYS, widget=DayInput(format="%Y-%m-%d"))
    place_en = forms.CharField(label=gettext_lazy("Place in English"), max_length=200, required=False)
    place_zh = forms.CharField(label=gettext_lazy("Place in Chinese"), max_length=200, required=False)

    def __init__(self, *args: Any, seats: Sequence[Seat], **options: Any) -> None:
        super().__init__(*args, prefix="meeting", **options)
        self.seats = {str(seat.pk): seat for seat in seats}
        self.fields["present"] = _present(self.seats, _("Mark who is present."))

    def note(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("held_on", "place_en", "place_zh")} | {
            "seats": [self.seats[key] for key in self.cleaned_data["present"]]
        }


class LateForm(OfficeForm):
    """Somebody who came later."""

    def __init__(self, *args: Any, seats: Sequence[Seat], **options: Any) -> None:
        super().__init__(*args, prefix="late", **options)
        self.seats = {str(seat.pk): seat for seat in seats}
        self.fields["present"] = _present(self.seats, _("Mark who has come."))

    @property
    def chosen(self) -> list[Seat]:
        return [self.seats[key] for key in self.cleaned_data["present"]]


def _present(seats: dict[str, Seat], required: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Present"),
        choices=[(key, _named(seat)) for key, seat in seats.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": required},
    )


def _named(seat: Seat) -> str:
    if seat.is_chair:
        return _("%(name)s (chair)") % {"name": seat.user}
    return _("%(name)s (invited)") % {"name": seat.user} if seat.is_invited else str(seat.user)
