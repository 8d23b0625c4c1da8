"""Are the words right: reviews, checks, votes, decisions and the confirmation of an announcement. Forms never save."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from accounts.templatetags.portal import in_language
from applications.actions.asking import LONGEST_QUESTION
from applications.models import Request
from reviews.actions import AwardDraft, VoteCount
from reviews.models import HIGHEST_SCORE, LOWEST_SCORE, Review, Vote
from reviews.workflow import Outcome
from rounds.forms import EndOfDayField
from rounds.models import Criterion
from samples.forms import MilligramField
from samples.models import Sample

LONGEST_REMARK = 10_000  # characters

ANCHORS: dict[int, str | Promise] = {
    1: gettext_lazy("poor"),
    2: gettext_lazy("weak"),
    3: gettext_lazy("fair"),
    4: gettext_lazy("good"),
    5: gettext_lazy("excellent"),
}


class OfficeForm(forms.Form):
    """Drawn by the portal's own form pack; the form tag and the buttons stand in the template."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class ReviewForm(OfficeForm):
    """A score per criterion, and words to the applicant and to the committee. A score may be missing until the review is filed."""

    use_required_attribute = False
    seen_revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, review: Review, criteria: Sequence[Criterion], **options: Any) -> None:
        self.criteria = {f"criterion_{criterion.pk}": criterion for criterion in criteria}
        given = {f"criterion_{score.criterion_id}": score.value for score in review.scores.all()}
        initial = {
            **given,
            "remarks_to_applicant": review.remarks_to_applicant,
            "remarks_to_committee": review.remarks_to_committee,
            "seen_revision": review.revision,
        }
        super().__init__(*args, initial=initial, **options)
        for name, criterion in self.criteria.items():
            self.fields[name] = forms.TypedChoiceField(
                label=in_language(criterion, "title"),
                help_text=in_language(criterion, "text"),
                choices=[(score, f"{score}") for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        self.fields["remarks_to_applicant"] = forms.CharField(
            label=_("To the applicant"), required=False, max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 5})
        )
        self.fields["remarks_to_committee"] = forms.CharField(
            label=_("To the committee only"), required=False, max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 4})
        )

    def scales(self) -> list[forms.BoundField]:
        return [self[name] for name in self.criteria]

    def name_missing(self, missing: Sequence[Criterion]) -> None:
        """Say at each criterion without a score that it has none."""
        for criterion in missing:
            self.add_error(f"criterion_{criterion.pk}", _("No score yet."))

    def words(self) -> dict[str, Any]:
        """What save_review and file_review take."""
        return {
            "seen_revision": self.cleaned_data["seen_revision"],
            "scores": {criterion: self.cleaned_data[name] for name, criterion in self.criteria.items() if self.cleaned_data.get(name)},
            "remarks_to_applicant": self.cleaned_data["remarks_to_applicant"],
            "remarks_to_committee": self.cleaned_data["remarks_to_committee"],
        }


class ConflictForm(OfficeForm):
    note = forms.CharField(label=gettext_lazy("What is the conflict?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class ReturnForm(OfficeForm):
    prefix = "return"
    note = forms.CharField(label=gettext_lazy("What has to be changed"), max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 4}))
    correct_by = EndOfDayField(label=gettext_lazy("Correction until"), help_text=gettext_lazy("24:00 Beijing time of that day."))


class AskForm(OfficeForm):
    """A question to the applicant, with the day by which the answer is wanted, if it matters."""

    text = forms.CharField(label=gettext_lazy("Your question"), max_length=LONGEST_QUESTION, widget=forms.Textarea(attrs={"rows": 5}))
    answer_by = EndOfDayField(label=gettext_lazy("Answer by"), required=False, help_text=gettext_lazy("24:00 Beijing time of that day."))


class RefuseForm(OfficeForm):
    prefix = "refuse"
    note = forms.CharField(label=gettext_lazy("Reason for the formal refusal"), max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 3}))


class AssignForm(OfficeForm):
    """Experts without a tie or declared conflict; the others are not offered."""

    experts = forms.MultipleChoiceField(label=gettext_lazy("Experts"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, experts: Sequence[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = {str(expert.pk): expert for expert in experts}
        field = self.fields["experts"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, str(expert)) for key, expert in self.people.items()]
        field.error_messages = {"required": _("Choose at least one expert."), "invalid_choice": _("This expert cannot be assigned.")}

    @property
    def chosen(self) -> list[User]:
        return [self.people[key] for key in self.cleaned_data["experts"]]


class VoteForm(OfficeForm):
    """The count of the meeting for one requested sample; a line left as it was is not entered."""

    present = forms.IntegerField(label=gettext_lazy("Present"), min_value=0, max_value=1000)
    recused = forms.IntegerField(label=gettext_lazy("Recused"), min_value=0, max_value=1000, initial=0)
    yes = forms.IntegerField(label=pgettext_lazy("votes", "Yes"), min_value=0, max_value=1000)
    no = forms.IntegerField(label=pgettext_lazy("votes", "No"), min_value=0, max_value=1000, initial=0)

    def __init__(self, data: Any, *, line: Request) -> None:
        vote: Vote | None = getattr(line, "vote", None)
        initial = vote and vote.figures()
        super().__init__(data, prefix=f"vote{line.pk}", initial=initial, empty_permitted=True, use_required_attribute=False)

    def count(self) -> VoteCount:
        return VoteCount(**{name: self.cleaned_data[name] for name in VoteCount._fields})


class DecisionForm(OfficeForm):
    """An outcome for each requested sample, with the mass where less is approved, and conditions in both languages."""

    def __init__(self, *args: Any, requests: Sequence[Request], **options: Any) -> None:
        super().__init__(*args, **options)
        self.requests = list(requests)
        for request in self.requests:
            outcomes = [choice for choice in Outcome.choices if request.sample.is_divisible or choice[0] != Outcome.REDUCED]
            self.fields[f"outcome_{request.pk}"] = forms.ChoiceField(
                label=_("Outcome for %(number)s") % {"number": request.sample.number},
                choices=outcomes,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose an outcome.")},
            )
            if request.sample.is_divisible:
                self.fields[f"mass_{request.pk}"] = MilligramField(label=_("Approved mass, if less"), required=False)
        for name, label in (("conditions_en", _("Conditions or reasons in English")), ("conditions_zh", _("Conditions or reasons in Chinese"))):
            self.fields[name] = forms.CharField(label=label, required=False, max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 3}))

    def lines(self) -> list[tuple[Request, forms.BoundField, forms.BoundField | None]]:
        return [
            (request, self[f"outcome_{request.pk}"], self[f"mass_{request.pk}"] if f"mass_{request.pk}" in self.fields else None)
            for request in self.requests
        ]

    def clean(self) -> dict[str, Any]:
        """A mass belongs to "approved with less" alone: beside another outcome one of the two is a slip, and nobody guesses which."""
        super().clean()
        for request in self.requests:
            outcome, mass = self.cleaned_data.get(f"outcome_{request.pk}"), f"mass_{request.pk}"
            if outcome == Outcome.REDUCED and mass in self.cleaned_data and not self.cleaned_data[mass]:
                self.add_error(mass, _("Enter the approved mass."))
            if outcome and outcome != Outcome.REDUCED and self.cleaned_data.get(mass):
                self.add_error(mass, _("Choose “Approved with less”, or leave the mass empty."))
        return self.cleaned_data

    def refuse(self, sample: Sample | None, text: str) -> None:
        """Put a refusal beside the sample that it is about."""
        field = next((f"outcome_{request.pk}" for request in self.requests if request.sample == sample), None)
        self.add_error(field, text)

    def awards(self) -> dict[Request, AwardDraft]:
        return {
            request: AwardDraft(Outcome(self.cleaned_data[f"outcome_{request.pk}"]), self.cleaned_data.get(f"mass_{request.pk}") or 0)
            for request in self.requests
        }

    def conditions(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("conditions_en", "conditions_zh")}


class RetractForm(OfficeForm):
    prefix = "retract"
    note = forms.CharField(label=gettext_lazy("Why is the decision retracted?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class AnnounceForm(OfficeForm):
    """The number is typed, not clicked: whoever announces has read how many letters will leave."""

    count = forms.IntegerField(label=gettext_lazy("Number of decisions to announce"), min_value=1, max_value=100_000)
