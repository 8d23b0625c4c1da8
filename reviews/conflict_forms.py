"""Are the words right: declarations of conflicts on the page of a round, and the office's answers to them. Forms never save."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from applications.models import Application
from reviews.actions import Declared
from reviews.forms import OfficeForm
from reviews.models import Line, Standing

LONGEST_REASON = 2000  # characters


class StandingForm(OfficeForm):
    """One line: how the person stands towards one application. Nothing is chosen beforehand, and a line left empty says nothing."""

    use_required_attribute = False
    standing = forms.ChoiceField(label=gettext_lazy("Conflict of interest"), required=False, widget=forms.RadioSelect)
    note = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=LONGEST_REASON)

    def __init__(self, data: Any, *, line: Line) -> None:
        self.line = line
        initial = {"standing": line.standing, "note": line.note}
        super().__init__(data, prefix=line.application.reference, initial=initial)
        field = self.fields["standing"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = line.choices
        field.error_messages = {"invalid_choice": _("A tie was found: declare a conflict, or say why it is none.")}

    def clean(self) -> dict[str, Any]:
        super().clean()
        standing, note = self.cleaned_data.get("standing"), self.cleaned_data.get("note")
        if standing == Standing.EXPLAINED and not note:
            self.add_error("note", _("Say why it is not a conflict."))
        if note and not standing and "standing" not in self.errors:
            self.add_error("standing", _("Choose what your words are about."))
        return self.cleaned_data

    @property
    def is_said(self) -> bool:
        return self.is_bound and self.is_valid() and bool(self.cleaned_data["standing"])

    def declared(self) -> Declared:
        standing = Standing(self.cleaned_data["standing"])
        return Declared(standing, "" if standing == Standing.NONE else self.cleaned_data["note"])


class PinForm(OfficeForm):
    """The office sets a conflict of somebody with an application that the officer may see."""

    prefix = "pin"
    person = forms.ChoiceField(label=gettext_lazy("Person"))
    reference = forms.CharField(
        label=gettext_lazy("Reference of the application"), max_length=20, help_text=gettext_lazy("For example LSA-2026-00012.")
    )
    note = forms.CharField(label=gettext_lazy("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any, *, people: Sequence[User]) -> None:
        super().__init__(data)
        self.people = {str(person.pk): person for person in people}
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose a person")), *((key, str(person)) for key, person in self.people.items())]

    def refuse_reference(self) -> None:
        self.add_error("reference", _("No application in review of this round has this reference."))

    @property
    def person_chosen(self) -> User:
        return self.people[self.cleaned_data["person"]]


class ReasonForm(OfficeForm):
    """Why the office answers an explanation with a conflict, or takes back one that it had set."""

    note = forms.CharField(label=gettext_lazy("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}))


def declarations_of(lines: Sequence[StandingForm]) -> dict[Application, Declared]:
    """What was filled in, of the lines that can be meant."""
    return {form.line.application: form.declared() for form in lines if form.is_said}
