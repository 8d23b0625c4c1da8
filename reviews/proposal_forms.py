"""Are the words right: how steep the ranks count, what becomes of one line, and the count before a proposal is recorded."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.actions import AwardDraft, SetNeedsReasons
from reviews.forms import LONGEST_REMARK, OfficeForm, overruling_field
from reviews.models import STEEPNESSES, USUAL_STEEPNESS, ProposedLine
from reviews.workflow import Outcome
from rounds.rules import Finding
from samples.forms import MilligramField

HOW_STEEP = {
    3: gettext_lazy("3 times as much as the last: many are served"),
    10: gettext_lazy("10 times as much as the last"),
    100: gettext_lazy("100 times as much as the last"),
    1000: gettext_lazy("1,000 times as much as the last: nearly strictly by rank"),
}


class ProposalForm(OfficeForm):
    """The one setting of a proposal."""

    steepness = forms.TypedChoiceField(
        label=gettext_lazy("The best rank counts"),
        help_text=gettext_lazy("From place to place the weight falls by the same factor."),
        choices=[(step, HOW_STEEP[step]) for step in STEEPNESSES],
        coerce=int,
        initial=USUAL_STEEPNESS,
    )


class AwardChangeForm(OfficeForm):
    """An officer's own outcome for one line, with the reason."""

    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), widget=forms.RadioSelect, choices=Outcome.choices)
    mass = MilligramField(label=gettext_lazy("Approved mass (mg), if less"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It is kept with the proposal and cannot be changed later."),
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, line: ProposedLine, **options: Any) -> None:
        super().__init__(*args, **options)
        self.line = line
        if not line.request.sample.is_divisible:
            del self.fields["mass"]
            outcome = self.fields["outcome"]
            assert isinstance(outcome, forms.ChoiceField)
            outcome.choices = [choice for choice in Outcome.choices if choice[0] != Outcome.REDUCED]

    def clean(self) -> dict[str, Any]:
        super().clean()
        outcome, mass = self.cleaned_data.get("outcome"), self.cleaned_data.get("mass")
        if outcome == Outcome.REDUCED and not mass and "mass" not in self.errors:
            self.add_error("mass", _("Enter the approved mass."))
        if outcome and outcome != Outcome.REDUCED and mass:
            self.add_error("mass", _("Choose “Approved with less”, or leave the mass empty."))
        return self.cleaned_data

    def draft(self) -> AwardDraft:
        return AwardDraft(Outcome(self.cleaned_data["outcome"]), self.cleaned_data.get("mass") or 0)


class ReasonAsked(NamedTuple):
    """An application for which a rule is to be overruled: what the rules find, and the field for the reason."""

    reference: str
    findings: Sequence[Finding]
    field: forms.BoundField


class TakeForm(OfficeForm):
    """The number is typed, not clicked: whoever records a whole proposal has read how many decisions that makes."""

    rest = forms.ChoiceField(
        label=gettext_lazy("A sample that gets nothing is"),
        choices=[(Outcome.DECLINED.value, Outcome.DECLINED.label), (Outcome.RESERVE.value, Outcome.RESERVE.label)],
        help_text=gettext_lazy("What the committee’s vote did not carry is declined in any case."),
    )
    count = forms.IntegerField(label=gettext_lazy("Number of decisions to record"), min_value=1, max_value=100_000)

    def __init__(self, data: Any, *, references: Iterable[str]) -> None:
        """A reason that was typed comes back with its application, also when the form does for another cause."""
        super().__init__(data)
        self.found: dict[str, Sequence[Finding]] = {}
        for reference in references:
            if f"overruled_{reference}" in self.data:
                self._ask(reference)

    def _ask(self, reference: str) -> forms.Field:
        field = self.fields.setdefault(f"overruled_{reference}", overruling_field())
        field.about = reference  # type: ignore[attr-defined]  # for the summary of errors
        return field

    def explain(self, refusal: SetNeedsReasons) -> None:
        """Put what the rules find beside the application that it is about, and ask for the reasons that are missing."""
        self.add_error(None, str(refusal))
        reasons = self.written()
        for application, findings in refusal.findings.items():
            self.found[application.reference] = findings
            self._ask(application.reference).required = True
            if not reasons.get(application.reference):
                self.add_error(f"overruled_{application.reference}", _("Write the reason."))

    def written(self) -> dict[str, str]:
        """By reference why a rule is not kept, as far as it is typed."""
        if not self.is_bound:
            return {}
        reasons = {name: reason for name, reason in self.cleaned_data.items() if name.startswith("overruled_")}
        return {name.removeprefix("overruled_"): reason for name, reason in reasons.items() if reason}

    def reasons(self) -> list[ReasonAsked]:
        """Each application for which a reason was asked."""
        references = sorted(name.removeprefix("overruled_") for name in self.fields if name.startswith("overruled_"))
        return [ReasonAsked(reference, self.found.get(reference, ()), self[f"overruled_{reference}"]) for reference in references]
