"""The words of an applicant, before anything is saved. A draft may be saved with gaps: what is missing is said when it is submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.portal import mg
from applications.actions import request_problem
from applications.models import Request, Version
from institutions.models import Country, Institution, Kind
from rounds.models import Round
from samples.forms import MilligramField
from samples.models import Form, Sample

LONGEST_TEXT = 20_000  # characters; about ten printed pages
NO_COUNTRY = "none"


class PortalForm(forms.Form):
    """Drawn by the portal's own form pack; the form tag and the buttons stand in the template."""

    use_required_attribute = False  # a browser may not refuse to save a draft

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class NeededText(forms.CharField):
    """Needed for the submission, so not marked "(optional)"; but a draft may be saved without it. One kind of line end."""

    def validate(self, value: Any) -> None:
        """An empty text is no error yet."""

    def clean(self, value: Any) -> Any:
        return super().clean(value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value)


class SeenRevision(forms.IntegerField):
    """Which saved state the page showed when it was opened: an older tab is told apart by it."""

    def __init__(self) -> None:
        super().__init__(min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput)


class StartForm(PortalForm):
    """Which open round the application is for."""

    round = forms.ChoiceField(label=gettext_lazy("Round"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, rounds: Sequence[Round], **options: Any) -> None:
        super().__init__(*args, **options)
        self.rounds = {round.slug: round for round in rounds}
        field = self.fields["round"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(slug, slug) for slug in self.rounds]
        field.error_messages = {
            "required": _("Choose a round."),
            "invalid_choice": _("This round does not take applications at the moment."),
        }

    @property
    def chosen(self) -> Round:
        return self.rounds[self.cleaned_data["round"]]


class ResearchForm(PortalForm):
    title = NeededText(label=gettext_lazy("Title"), max_length=300, help_text=gettext_lazy("At most 300 characters, in English or Chinese."))
    research_question = NeededText(
        label=gettext_lazy("Research question"),
        help_text=gettext_lazy("What do you want to find out, and why does it need lunar samples?"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    plan = NeededText(
        label=gettext_lazy("Plan"),
        help_text=gettext_lazy("Methods and instruments, in which order, what is destroyed and why that is needed, and what comes back."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    seen_revision = SeenRevision()

    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("title", "research_question", "plan")}


def words_of(version: Version) -> dict[str, Any]:
    """What the form of the research part starts with."""
    return {
        "title": version.title,
        "research_question": version.research_question,
        "plan": version.plan,
        "seen_revision": version.revision,
    }


class SearchForm(forms.Form):
    """A name in the register of institutions."""

    q = forms.CharField(label=gettext_lazy("Name, abbreviation or ROR id"), max_length=200, required=False)

    def text(self) -> str:
        return str(self.cleaned_data.get("q", "")) if self.is_valid() else ""


class InstitutionForm(PortalForm):
    """One of the institutions that the page lists: one's own, the one chosen before, or what the search found."""

    institution = forms.ChoiceField(label=gettext_lazy("Institution"), widget=forms.RadioSelect)
    seen_revision = SeenRevision()

    def __init__(self, *args: Any, institutions: Sequence[Institution], **options: Any) -> None:
        super().__init__(*args, **options)
        self.institutions = {str(institution.pk): institution for institution in institutions}
        field = self.fields["institution"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, institution.name) for key, institution in self.institutions.items()]
        field.error_messages = {"required": _("Choose an institution."), "invalid_choice": _("Choose an institution of the list.")}

    @property
    def chosen(self) -> Institution:
        return self.institutions[self.cleaned_data["institution"]]

    def options(self) -> list[tuple[Institution, str, bool]]:
        """Each institution with the id of its button and whether it is chosen, for a list that says more than a name."""
        value = str(self["institution"].value() or "")
        return [(row, f"id_institution_{place}", key == value) for place, (key, row) in enumerate(self.institutions.items())]


class NewInstitutionForm(PortalForm):
    """An institution that the register does not have yet."""

    name_en = forms.CharField(
        label=gettext_lazy("English name"), max_length=200, help_text=gettext_lazy("The full name of the legal entity, as in its statutes.")
    )
    name_local = forms.CharField(label=gettext_lazy("Name in the local language"), max_length=200, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind.choices)
    country = forms.ChoiceField(label=gettext_lazy("Country or region"), help_text=gettext_lazy("Only an international organisation has none."))
    seen_revision = SeenRevision()

    def __init__(self, *args: Any, countries: Sequence[Country], **options: Any) -> None:
        super().__init__(*args, prefix="new", **options)
        self.countries = {country.code: country for country in countries}
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)
        none = (NO_COUNTRY, _("None: an international organisation"))
        field.choices = [("", _("Choose")), none, *((country.code, country.name) for country in countries)]
        field.error_messages = {"required": _("Choose a country or region, or none for an international organisation.")}

    def clean(self) -> dict[str, Any]:
        super().clean()
        kind, code = self.cleaned_data.get("kind"), self.cleaned_data.get("country")
        if kind == Kind.ORGANISATION and code and code != NO_COUNTRY:
            self.add_error("country", _("An international organisation has no country or region: choose none, or another kind."))
        if kind != Kind.ORGANISATION and code == NO_COUNTRY:
            self.add_error("country", _("Only an international organisation has no country or region: choose one, or another kind."))
        return self.cleaned_data

    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name_en", "name_local", "kind")} | {
            "country": self.countries.get(self.cleaned_data["country"])
        }


# --- Samples --------------------------------------------------------------------------------------------------------------

TITLE_OF_FORM: dict[str, str | Promise] = {
    Form.POWDER.value: gettext_lazy("Powder, by mass"),
    Form.CLAST.value: gettext_lazy("Clasts, lent whole"),
    Form.SECTION.value: gettext_lazy("Polished sections, lent whole"),
}


@dataclass(frozen=True)
class Line:
    """One offered sample with the field in which it is asked for."""

    sample: Sample
    field: forms.BoundField
    is_asked: bool

    @property
    def is_choosable(self) -> bool:
        return bool(self.sample.left_ug) or self.is_asked or bool(self.field.errors)


@dataclass(frozen=True)
class Group:
    """The offered samples of one form."""

    title: str | Promise
    is_divisible: bool
    lines: Sequence[Line]


class SamplesForm(PortalForm):
    """Every sample that the round offers: powder with a field for milligrams, a whole piece with a tick. What is left empty is not asked for."""

    seen_revision = SeenRevision()

    def __init__(self, *args: Any, offered: Sequence[Sample], requests: Sequence[Request], **options: Any) -> None:
        super().__init__(*args, **options)
        self.offered = {self._name(sample): sample for sample in offered}
        asked = {request.sample_id: request.mass_ug for request in requests}
        self.asked_names = {name for name, sample in self.offered.items() if sample.pk in asked}
        for name, sample in self.offered.items():
            if sample.is_divisible:
                label = _("%(number)s in mg") % {"number": sample.number}
                field: forms.Field = MilligramField(label=label, required=False, initial=asked.get(sample.pk))
                field.widget.attrs["class"] = "number"
            else:
                label = _("%(number)s, whole: %(mass)s") % {"number": sample.number, "mass": mg(sample.present_ug)}
                field = forms.BooleanField(label=label, required=False, initial=sample.pk in asked)
            self.fields[name] = field

    @staticmethod
    def _name(sample: Sample) -> str:
        return f"{'mass' if sample.is_divisible else 'whole'}_{sample.number}"

    def groups(self) -> list[Group]:
        """The lines by form, in the catalogue's order."""
        groups = []
        for form, title in TITLE_OF_FORM.items():
            names = [name for name, sample in self.offered.items() if sample.form == form]
            lines = [Line(self.offered[name], self[name], name in self.asked_names) for name in names]
            if lines:
                groups.append(Group(title, form == Form.POWDER.value, lines))
        return groups

    def clean(self) -> dict[str, Any]:
        super().clean()
        self._refuse_what_is_not_offered()
        offered = {sample.pk for sample in self.offered.values()}
        for name, sample in self.offered.items():
            mass_ug = self._mass_ug(name)
            problem = request_problem(sample, mass_ug, offered) if mass_ug else None
            if problem:
                self.add_error(name, problem)
        return self.cleaned_data

    def _refuse_what_is_not_offered(self) -> None:
        """A form of an older page, or made by hand, may ask for what this round does not offer, or for part of a whole piece."""
        by_number = {sample.number: sample for sample in self.offered.values()}
        for name in self.data:
            kind, _separator, number = str(name).partition("_")
            if kind not in ("mass", "whole") or name in self.offered or not self.data.get(name):
                continue
            sample = by_number.get(number)
            if sample is None:
                self.add_error(None, _("%(number)s is not offered in this round.") % {"number": number[:40]})
            elif sample.is_divisible:
                self.add_error(self._name(sample), _("Say how many milligrams of %(number)s you need.") % {"number": number})
            else:
                self.add_error(self._name(sample), _("%(number)s is lent whole: it cannot be asked for in part.") % {"number": number})

    def _mass_ug(self, name: str) -> int:
        value, sample = self.cleaned_data.get(name), self.offered[name]
        if not value:
            return 0
        return int(value) if sample.is_divisible else sample.present_ug

    def lines(self) -> list[tuple[Sample, int]]:
        """What is asked for, in the order of the page."""
        return [
            (self.offered[line.field.name], mass_ug) for group in self.groups() for line in group.lines if (mass_ug := self._mass_ug(line.field.name))
        ]


# --- Handing in and taking back -------------------------------------------------------------------------------------------


class SubmitForm(PortalForm):
    """The key makes a second click harmless; the revision is what the applicant read on the page with the button."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen_revision = SeenRevision()


class WithdrawForm(PortalForm):
    note = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For the office, if you want to give one."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
