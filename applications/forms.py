"""The words of an applicant, before anything is saved. A draft may be saved with gaps: what is missing is said when it is submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.portal import NO_BREAK, mg
from applications.actions import base_of, loss_problems, sample_problems
from applications.models import AskedSamples, Version
from applications.questions import LONGEST_KEPT, Part, Question, Words, line_name, line_questions
from applications.questions import Kind as QuestionKind
from institutions.models import Country, Institution, Kind
from rounds.models import Round
from samples.models import Form

FEW = 5  # choices that are shown at once
NO_COUNTRY = "none"
TICKED = "yes"
MASSES = ("mass", "least")  # of a sample; a piece that is lent whole has none to be asked for


class PortalForm(forms.Form):
    """Drawn by the portal's own form pack; the form tag and the buttons stand in the template."""

    use_required_attribute = False  # a browser may not refuse to save a draft

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


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


# --- Answers --------------------------------------------------------------------------------------------------------------


class AnswerField(forms.CharField):
    """An answer as it was typed. It may be missing, as a draft may have gaps; what is there is judged by the question itself."""

    def __init__(self, question: Question, round: Round, *, about: str = "") -> None:
        self.question, self.round = question, round
        self.about = about  # the number of the sample that a line is about
        self.unit = "mg" if question.kind is QuestionKind.MASS else ""
        super().__init__(
            label=question.label,
            help_text=_hint(question),
            required=question.is_needed,
            strip=False,
            max_length=LONGEST_KEPT,
            widget=_widget(question, is_line=bool(about)),
        )
        self.widget.attrs.pop("maxlength", None)  # a paste is never cut

    def validate(self, value: Any) -> None:
        """An empty answer is no error yet."""

    def clean(self, value: Any) -> Any:
        text = TICKED if value is True else "" if value is False else super().clean(value)
        problem = self.question.problem(text, self.round) if len(text) <= LONGEST_KEPT else None
        if problem:
            raise forms.ValidationError(problem)
        return text


def _hint(question: Question) -> Words:
    if not question.article:
        return question.hint
    if not question.hint:
        return question.article
    return _("%(hint)s (%(article)s)") % {"hint": question.hint, "article": question.article}


def _widget(question: Question, *, is_line: bool) -> forms.Widget:
    attrs: dict[str, str | int] = {"autocomplete": "off"}
    if question.condition and not is_line:
        attrs["data-needed-if"] = f"{question.condition[0]}={'|'.join(question.condition[1])}"
    if question.kind is QuestionKind.TEXT:
        return forms.Textarea(attrs=attrs | {"rows": question.rows, "data-longest": question.longest})
    if question.kind is QuestionKind.TICK:
        return forms.CheckboxInput()
    if question.kind is QuestionKind.YES_NO or (question.kind is QuestionKind.CHOICE and len(question.choices) <= FEW):
        return forms.RadioSelect(choices=question.all_choices)
    if question.kind is QuestionKind.CHOICE:
        return forms.Select(choices=[("", _("Choose")), *question.choices])
    if question.kind is QuestionKind.EMAIL:
        return forms.TextInput(attrs=attrs | {"inputmode": "email"})
    if question.kind in (QuestionKind.MONTHS, QuestionKind.MASS):
        return forms.TextInput(attrs=attrs | {"inputmode": "decimal", "class": "number"})
    if question.kind is QuestionKind.DATE:
        return forms.TextInput(attrs=attrs | {"class": "number", "placeholder": "2027-03-01"})
    return forms.TextInput(attrs=attrs | {"data-longest": question.longest})


@dataclass(frozen=True)
class FieldGroup:
    """Fields that belong together; those about one sample have its number as legend."""

    legend: str
    fields: Sequence[forms.BoundField]
    note: str = ""


class AnswersForm(PortalForm):
    """The questions of one part. It shows what is stored with whatever is wrong about it, or what was typed.

    Beside each answer the page carries the fingerprint of the text that it showed (`base-<name>`): what the reader did not touch is
    never written, and a text that somebody else has changed meanwhile is never overwritten.
    """

    def __init__(
        self,
        part: Part,
        version: Version,
        *,
        typed: Mapping[str, str] | None = None,
        numbers: Sequence[str] = (),
        asked: AskedSamples | None = None,
    ) -> None:
        self.version = version
        self.asked = asked
        shown = typed if typed is not None else version.all_answers()
        self.by_name: dict[str, Question] = {question.name: question for question in part.questions if question.kind is not QuestionKind.COLUMN}
        self.about = line_questions(version.application.round.kind, part.name)
        self.lines = {number: self._questions(number, shown) for number in numbers if self.about}
        for questions in self.lines.values():
            self.by_name |= questions
        super().__init__(shown)
        about = {name: number for number, questions in self.lines.items() for name in questions}
        for name, question in self.by_name.items():
            self.fields[name] = AnswerField(question, version.application.round, about=about.get(name, ""))
        for questions in self.lines.values():
            self._tie(questions)

    def _questions(self, number: str, shown: Mapping[str, str]) -> dict[str, Question]:
        """What is asked about one sample: no mass of a piece that is lent whole, unless one was typed."""
        sample = self.asked.by_number.get(number) if self.asked else None
        is_whole = sample is not None and not sample.is_divisible
        found = {}
        for question in self.about:
            name = line_name(number, question.name)
            if not is_whole or question.name not in MASSES or shown.get(name):
                found[name] = question
        return found

    def _tie(self, questions: Mapping[str, Question]) -> None:
        """Fields that only matter after another answer about the same sample; and a place that always is one of the places."""
        for name, question in questions.items():
            if question.condition:
                condition = next(key for key, other in questions.items() if other.name == question.condition[0])
                self.fields[name].widget.attrs["data-needed-if"] = f"{condition}={'|'.join(question.condition[1])}"
            if question.name == "place" and self.data.get(name) in dict(question.choices):
                self.fields[name].widget = forms.Select(choices=question.choices)
                self.fields[name].required = True  # it always has one

    def clean(self) -> dict[str, Any]:
        """What is wrong about the samples against the stock and against each other stands at its field as well."""
        super().clean()
        if self.asked and self.lines:
            answers = self.version.answers | self.texts()
            problems = sample_problems(answers, self.asked.by_number, self.asked.offered) | loss_problems(answers, self.asked.by_number)
            for name, problem in problems.items():
                if name in self.fields and name not in self.errors:
                    self.add_error(name, problem)
        return self.cleaned_data

    def texts(self) -> dict[str, str]:
        """What was typed, as it was typed."""
        return {name: self._text(name) for name in self.by_name if name in self.data or self.by_name[name].kind is QuestionKind.TICK}

    def _text(self, name: str) -> str:
        if self.by_name[name].kind is QuestionKind.TICK:
            return TICKED if self.data.get(name) else ""
        return str(self.data.get(name, ""))

    def bases(self) -> dict[str, str]:
        """The fingerprints that the page carried."""
        return {name: str(self.data[f"base-{name}"])[:64] for name in self.by_name if f"base-{name}" in self.data}

    def hidden_bases(self) -> list[tuple[str, str]]:
        """The fingerprints of what is stored now, for the page."""
        return [(f"base-{name}", base_of(self.version.answer(name))) for name in self.by_name]

    def groups(self) -> list[FieldGroup]:
        """The lines first, then the questions of the part."""
        found = [FieldGroup(number, [self[name] for name in questions], self._note(number)) for number, questions in self.lines.items()]
        of_lines = {name for questions in self.lines.values() for name in questions}
        rest = [self[name] for name in self.by_name if name not in of_lines]
        return [*found, FieldGroup("", rest)] if rest else found

    def _note(self, number: str) -> str:
        """What a sample is and how much of it is asked for."""
        sample = self.asked.by_number.get(number) if self.asked else None
        if sample is None:
            return ""
        if not sample.is_divisible:
            return _("%(form)s, lent whole: %(mass)s") % {"form": sample.get_form_display(), "mass": mg(sample.present_ug)}
        typed = self.version.answer(line_name(number, "mass")).strip()
        mass = typed if typed and not typed[-1].isdecimal() else f"{typed}{NO_BREAK}mg"
        if not typed:
            return str(sample.get_form_display())
        return _("%(form)s, asked for: %(mass)s") % {"form": sample.get_form_display(), "mass": mass}

    @property
    def lacks_lines(self) -> bool:
        """Whether samples have to be chosen before this part can be answered."""
        return bool(self.about) and not self.lines

    def wrong(self) -> dict[str, str]:
        """What is wrong about single answers, in words."""
        return {name: str(errors[0]) for name, errors in self.errors.items()}


class SearchForm(forms.Form):
    """A name in the register of institutions."""

    q = forms.CharField(label=gettext_lazy("Name, abbreviation or ROR id"), max_length=200, required=False)

    def text(self) -> str:
        return str(self.cleaned_data.get("q", "")) if self.is_valid() else ""


class PickerForm(forms.Form):
    """What is looked for among the samples that a round offers. What is not understood is left out."""

    q = forms.CharField(label=gettext_lazy("Number or note"), max_length=80, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    form = forms.ChoiceField(label=gettext_lazy("Form"), required=False, choices=[("", gettext_lazy("Any form")), *Form.choices])
    empty = forms.BooleanField(label=gettext_lazy("Also those of which nothing is left"), required=False)

    def chosen(self) -> dict[str, Any]:
        """The filters that are set and understood."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


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


# --- Handing in and taking back -------------------------------------------------------------------------------------------


class SubmitForm(PortalForm):
    """The key makes a second click harmless; the revision is what the applicant read on the page with the button."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen_revision = SeenRevision()


class RestoreForm(forms.Form):
    """Which earlier state is to be put back."""

    saving = forms.IntegerField(min_value=1, max_value=9_000_000_000_000_000)


class WithdrawForm(PortalForm):
    note = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For the office, if you want to give one."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
