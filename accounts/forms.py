"""Whether words about a person are right."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actions import revise_profile
from accounts.models import Role, User
from accounts.names import NAME_LENGTH, tidy_name

LANGUAGES = (("en", "English"), ("zh-hans", "简体中文"))


class NameField(forms.CharField):
    """Somebody's name: any script, any number of parts, on one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=NAME_LENGTH, **options)

    def to_python(self, value: Any) -> Any:
        return tidy_name(super().to_python(value) or "")


@cache
def zone_choices() -> tuple[tuple[str, str], ...]:
    """Zones that belong to a place: "Europe/Paris"; the old names and offsets are left out."""
    areas = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    zones = sorted(zone for zone in available_timezones() if zone.startswith(areas))
    return tuple((zone, zone.replace("_", " ")) for zone in [*zones, "UTC"])


def language_of_page() -> str:
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"


class DetailsForm(forms.Form):
    full_name = NameField(
        label=_("Full name"),
        help_text=_("As it should stand in letters, in Latin script."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    native_name = NameField(label=_("Name in your own script"), help_text=_("For example 寺田健太郎."), required=False)
    language = forms.ChoiceField(label=_("Language of mails"), choices=LANGUAGES, initial=language_of_page)


class SignUpDetailsForm(DetailsForm):
    """What sign-up asks besides address and password; allauth calls `signup` once the account exists."""

    field_order = ("email", "full_name", "native_name", "password1", "language")

    def signup(self, request: object, user: User) -> None:
        details = self.cleaned_data
        revise_profile(user, full_name=details["full_name"], native_name=details["native_name"], language=details["language"])


class ProfileForm(DetailsForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Deadlines are shown in Beijing time, in UTC and in this zone."),
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("As this browser says")), *zone_choices()]


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    full_name = NameField(label=_("Full name"))
    native_name = NameField(label=_("Name in their own script"), required=False)
    language = forms.ChoiceField(label=_("Language of mails"), choices=LANGUAGES)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        help_text=_("Applicants and signatories need none."),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def clean_roles(self) -> list[Role]:
        return [Role(value) for value in self.cleaned_data["roles"]]


class RoleForm(forms.Form):
    """A role named by a button."""

    role = forms.ChoiceField(choices=Role.choices)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class PeopleSearchForm(forms.Form):
    q = forms.CharField(label=_("Name or e-mail address"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"}))
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All")), *Role.choices])
