"""Whether the words of an invitation, an endorsement or a hand-over are right."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import tidy_name
from applications.forms import PortalForm
from applications.models import Member, Part
from letters.addresses import BadAddress, one_address


class InviteForm(PortalForm):
    """One address and what the person may do."""

    email = forms.CharField(
        label=_("E-mail address"),
        help_text=_("One address. The person answers with an account of this address, and makes one if need be."),
        max_length=400,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    part = forms.ChoiceField(label=_("What may the person do?"), choices=Part.choices, widget=forms.RadioSelect)

    def clean_email(self) -> str:
        try:
            return one_address(self.cleaned_data["email"])
        except BadAddress as problem:
            raise forms.ValidationError(str(problem)) from problem

    def clean_part(self) -> Part:
        return Part(self.cleaned_data["part"])


class EndorseForm(PortalForm):
    """The digest of what the page showed, and in which position the signatory signs."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    position = forms.CharField(
        label=_("Your position in the institution"), help_text=_("For example: Vice-President for Research."), max_length=300, widget=forms.TextInput
    )

    def clean_position(self) -> str:
        position = tidy_name(self.cleaned_data["position"])
        if not position:
            raise forms.ValidationError(_("Enter your position."))
        return position


class HandOverForm(PortalForm):
    """A member of the team, by the row of the list."""

    to = forms.ChoiceField(label=_("Who becomes the applicant?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, members: Sequence[Member], **options: Any) -> None:
        super().__init__(*args, **options)
        self.people: dict[str, User] = {str(member.pk): member.user for member in members if member.user}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, str(person)) for key, person in self.people.items()]
        field.error_messages = {"required": _("Choose a member of the team."), "invalid_choice": _("Choose a member of the team.")}

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["to"]]
