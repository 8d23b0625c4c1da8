"""Whether words about an institution, a member or a country are right."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import NameField
from accounts.models import User
from institutions.models import MOST_ALIASES, ROR_ID, Country, Institution, Kind, Standing
from institutions.search import LONGEST_QUESTION

NO_COUNTRY = "-"


def country_choices() -> list[tuple[str, str]]:
    return [
        ("", str(_("Choose"))),
        (NO_COUNTRY, str(_("None: an international organisation"))),
        *((country.code, country.name) for country in Country.objects.in_order()),
    ]


class CountryField(forms.TypedChoiceField):
    """A country or region, in the order of the reader's language; its value is the `Country`, or None for an organisation of several."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Country or region"))
        super().__init__(choices=country_choices, coerce=self._country, empty_value=None, **options)

    @staticmethod
    def _country(code: str) -> Country | None:
        return None if code == NO_COUNTRY else Country.objects.get(pk=code)


class InstitutionForm(forms.Form):
    name_en = NameField(label=_("English name"), help_text=_("As it should stand in letters."))
    name_local = NameField(label=_("Name in the local language"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    country = CountryField(help_text=_("Where the institution is registered."))
    ror_id = forms.CharField(
        label=_("ROR id"), required=False, max_length=40, validators=[ROR_ID], help_text=_("From ror.org, for example https://ror.org/05qbk4x57.")
    )
    legal_representative = NameField(
        label=_("Legal representative"), required=False, help_text=_("Who signs the loan agreement for the institution.")
    )
    aliases = forms.CharField(
        label=_("Other names"), required=False, max_length=MOST_ALIASES * 200, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line: abbreviations, earlier names, names in further languages. Lists and searches find the institution by them."),
    )  # fmt: skip

    def clean_aliases(self) -> list[str]:
        names = [line.strip() for line in self.cleaned_data["aliases"].splitlines() if line.strip()]
        if len(names) > MOST_ALIASES or any(len(name) > 200 for name in names):
            raise forms.ValidationError(_("At most 50 names of at most 200 characters each."))
        return names

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "kind" in cleaned and "country" in cleaned:
            is_organisation = cleaned["kind"] == Kind.ORGANISATION
            if is_organisation and cleaned["country"]:
                self.add_error("country", _("An international organisation has no country or region: choose “None”, or another kind."))
            if not is_organisation and not cleaned["country"]:
                self.add_error("country", _("Choose the country or region in which the institution is registered."))
        return cleaned


def words_of(institution: Institution) -> dict[str, Any]:
    """What the form shows of an institution at first."""
    words = {name: getattr(institution, name) for name in ("name_en", "name_local", "kind", "ror_id", "legal_representative")}
    return {
        **words,
        "country": institution.country_id or NO_COUNTRY,
        "version": institution.version,
        "aliases": "\n".join(alias.name for alias in institution.aliases.all()),
    }


class InstitutionEditForm(InstitutionForm):
    """With the version that the page showed, so that a stale page overwrites nothing."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class RegisterSearchForm(forms.Form):
    q = forms.CharField(
        label=_("Name, other name or ROR id"), required=False, max_length=LONGEST_QUESTION, widget=forms.TextInput(attrs={"type": "search"})
    )
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=(("", _("All")), (Standing.TO_BE_CHECKED, _("To be checked by the office")), (Standing.VERIFIED, _("Verified"))),
    )


class TypeaheadForm(forms.Form):
    """What somebody has typed so far. The end of a very long text is left away: no name is so long, and typing is no mistake."""

    q = forms.CharField(required=False, strip=True)

    def text(self) -> str:
        return str(self.cleaned_data["q"])[:LONGEST_QUESTION] if self.is_valid() else ""


class MemberForm(forms.Form):
    """The member is named by address: the office knows whom it means, and nobody reads a list of people here."""

    email = forms.EmailField(label=_("E-mail address of the account"))
    may_sign = forms.BooleanField(label=_("May sign for the institution"), required=False)

    def clean_email(self) -> User:
        user = User.objects.at_address(self.cleaned_data["email"])
        if user is None:
            raise forms.ValidationError(_("No open account has this address. Ask the person to sign up first."))
        return user


class MergeForm(forms.Form):
    """Into which institution: by its exact name, or by the key that a page offered beside the name."""

    into = forms.CharField(
        label=_("The institution that stays"), max_length=200, required=False, help_text=_("Its name, a part of it, an abbreviation, or its ROR id.")
    )
    pk = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, institution: Institution, **options: Any) -> None:
        super().__init__(*args, **options)
        self.institution = institution

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors or not (cleaned["into"] or cleaned["pk"]):
            if not self.errors:
                self.add_error("into", _("Name the institution that stays."))
            return cleaned
        others = Institution.objects.alive().exclude(pk=self.institution.pk)
        found = others.filter(pk=cleaned["pk"])[:2] if cleaned["pk"] else others.meant_by(cleaned["into"])[:2]
        if not found:
            self.add_error("into", _("No other institution has exactly this name. Is it one of those below?"))
        elif len(found) > 1:
            self.add_error("into", _("Several institutions have this name. Choose one of those below."))
        else:
            cleaned["into"] = found[0]
        return cleaned


class CountryForm(forms.Form):
    name_en = NameField(label=_("English name"))
    name_zh = NameField(label=_("Chinese name"))
    position = forms.IntegerField(
        label=_("Place in lists"), min_value=0, max_value=100_000, help_text=_("Lower numbers stand first; equal ones in the order of the alphabet.")
    )
