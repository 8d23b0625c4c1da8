"""Are the words right: a signature, more time, a lapse, a day of the table, a promotion. Forms never save."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.portal import mg
from applications.models import Request
from loans.models import Agreement, Waiting
from loans.workdays import FIRST_YEAR, LAST_YEAR
from reviews.forms import OfficeForm, overruling_field
from rounds.forms import DAYS, DayInput
from samples.forms import MilligramField
from samples.models import Sample

LONGEST_NOTE = 2000  # characters


class DayField(forms.DateField):
    """A day in Beijing, within the years that the table of working days covers."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("error_messages", {"invalid": gettext_lazy("Enter a day, for example 2026-12-22.")})
        super().__init__(input_formats=DAYS, widget=DayInput(format="%Y-%m-%d"), **options)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_("Enter a day between 2020 and 2099."), code="range")
        return day


class SignForm(OfficeForm):
    """The day that stands in the agreement, and who has signed for the borrower."""

    signed_on = DayField(label=gettext_lazy("Signed on"), help_text=gettext_lazy("The day that stands in the agreement, in Beijing."))
    legal_representative = forms.CharField(label=gettext_lazy("Legal representative who signed"), max_length=200)
    responsible_user = forms.CharField(label=gettext_lazy("Responsible user who signed"), max_length=200)

    def __init__(self, *args: Any, agreement: Agreement, **options: Any) -> None:
        super().__init__(*args, initial={"responsible_user": str(agreement.application.owner)}, **options)


class ExtendForm(OfficeForm):
    due_on = DayField(label=gettext_lazy("New last day to sign"), help_text=gettext_lazy("Until 24:00 Beijing time of this day."))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The applicant reads it on the page of the loan."),
    )


class LapseForm(OfficeForm):
    note = forms.CharField(
        label=gettext_lazy("Note to the applicant"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands in the letter, as you write it."),
    )


WORKING, OFF, AS_KNOWN = "working", "off", "known"


class DayForm(OfficeForm):
    """What the office says of one day."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62, required=False)
    day = DayField(label=gettext_lazy("Day"))
    what = forms.ChoiceField(
        label=gettext_lazy("What the day is"),
        choices=(
            (OFF, gettext_lazy("Day off")),
            (WORKING, gettext_lazy("Working day")),
            (AS_KNOWN, gettext_lazy("As in the library’s calendar")),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what the day is.")},
    )
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120, required=False)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120, required=False)
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=300,
        help_text=gettext_lazy("The notice of the State Council with its number, or the office’s own order."),
    )

    def words(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "day": said["day"],
            "is_working": {WORKING: True, OFF: False, AS_KNOWN: None}[said["what"]],
            "name_en": said["name_en"],
            "name_zh": said["name_zh"],
            "source": said["source"],
            "seen": said["seen"],
        }


class PromotionForm(OfficeForm):
    """For each sample that waits: how much of the powder, or the whole piece. Beside it the reason, and conditions for the letter."""

    def __init__(self, *args: Any, waiting: Sequence[Waiting], **options: Any) -> None:
        super().__init__(*args, **options)
        self.waiting = [line for line in waiting if line.is_possible]
        for line in self.waiting:
            number = line.request.sample.number
            if line.request.sample.is_divisible:
                self.fields[self._name(line)] = MilligramField(
                    label=_("Mass of %(number)s (mg)") % {"number": number},
                    required=False,
                    help_text=_("At most %(mass)s. Leave it empty to leave the sample in reserve.") % {"mass": mg(min(line.most_ug, line.left_ug))},
                )
            else:
                self.fields[self._name(line)] = forms.BooleanField(
                    label=_("Lend %(number)s, whole (%(mass)s)") % {"number": number, "mass": mg(line.request.mass_ug)}, required=False
                )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"),
            max_length=LONGEST_NOTE,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Read in the office alone. Name no other application: whoever makes the promotion may not know of it."),
        )
        for name, label in (("conditions_en", _("Conditions in English")), ("conditions_zh", _("Conditions in Chinese"))):
            self.fields[name] = forms.CharField(label=label, required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))
        self.fields["overruled"] = overruling_field()

    @staticmethod
    def _name(line: Waiting) -> str:
        return f"mass_{line.request.pk}"

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and not self.masses_ug():
            self.add_error(None, _("Choose at least one sample."))
        return self.cleaned_data

    def masses_ug(self) -> dict[Request, int]:
        """What is proposed of each sample, without those left in reserve."""
        masses = {}
        for line in self.waiting:
            given = self.cleaned_data.get(self._name(line))
            if given:
                masses[line.request] = line.request.mass_ug if given is True else int(given)
        return masses

    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("reason", "conditions_en", "conditions_zh", "overruled")}

    def refuse(self, sample: Sample | None, text: str) -> None:
        """Put a refusal beside the sample that it is about."""
        self.add_error(next((self._name(line) for line in self.waiting if line.request.sample == sample), None), text)


class DropForm(OfficeForm):
    note = forms.CharField(label=gettext_lazy("Why is it dropped?"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))
