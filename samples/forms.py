"""The words of a curator and of somebody who looks for samples."""

import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.portal import in_language
from samples.masses import NotAMass, parse_mg, spell_mg
from samples.models import Form, Method, Mission


class MilligramField(forms.CharField):
    """Milligrams on the page, whole micrograms in `cleaned_data`; None where it may be left empty and is."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 40)
        options.setdefault("label", _("Mass in mg"))
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_mg(text)
        except NotAMass as problem:
            raise ValidationError(str(problem), code="not_a_mass") from problem

    def prepare_value(self, value: Any) -> Any:
        """A stored mass as it would be typed; what was typed as it was."""
        return spell_mg(value).replace(",", "") if isinstance(value, int) else value


class CatalogueFilter(forms.Form):
    """The catalogue's filters. What is not understood is left out, and no parameter but these is ever read."""

    q = forms.CharField(label=_("Number or note"), max_length=80, required=False, widget=forms.TextInput(attrs={"type": "search"}))
    mission = forms.ChoiceField(label=_("Mission"), required=False)
    method = forms.ChoiceField(label=_("Method"), required=False, choices=[("", _("Any method")), *Method.choices])
    form = forms.ChoiceField(label=_("Form"), required=False, choices=[("", _("Any form")), *Form.choices])
    available = forms.BooleanField(label=_("Only with mass left"), required=False)

    def __init__(self, *args: Any, missions: list[Mission], **options: Any) -> None:
        super().__init__(*args, **options)
        mission = self.fields["mission"]
        assert isinstance(mission, forms.ChoiceField)
        mission.choices = [("", _("Any mission")), *((row.slug, in_language(row, "name")) for row in missions)]

    def fields_with_words(self) -> list[forms.BoundField]:
        """The fields above the one box to tick."""
        return [self[name] for name in ("q", "mission", "method", "form")]

    def chosen(self) -> dict[str, Any]:
        """The filters that are set and understood."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class StockForm(forms.Form):
    """Intake or correction, always with a reason."""

    INTAKE, MORE, LESS = "intake", "more", "less"

    kind = forms.ChoiceField(
        label=_("What happened"),
        choices=[
            (INTAKE, _("Intake: new mass came into the vault")),
            (MORE, _("Correction: there is more than the record says")),
            (LESS, _("Correction: there is less than the record says")),
        ],
        widget=forms.RadioSelect,
    )
    mass = MilligramField(help_text=_("How much to add or to take off, in steps of 0.1 mg."))
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept with the movement for ever."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        options["initial"] = {"key": uuid.uuid4(), **(options.get("initial") or {})}
        super().__init__(*args, **options)
        self.helper = FormHelper()
        self.helper.form_tag = False

    @property
    def is_intake(self) -> bool:
        return bool(self.cleaned_data["kind"] == self.INTAKE)

    @property
    def difference_ug(self) -> int:
        mass_ug: int = self.cleaned_data["mass"]
        return -mass_ug if self.cleaned_data["kind"] == self.LESS else mass_ug
