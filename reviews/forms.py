"""Are the words right: reviews, checks, votes, decisions and the confirmation of an announcement. Forms never save."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.templatetags.portal import in_language
from applications.actions import base_of
from applications.actions.asking import LONGEST_QUESTION
from applications.models import Request
from reviews.actions import AwardDraft, VoteCount
from reviews.models import HIGHEST_SCORE, LOWEST_SCORE, REMARKS, HandBackReason, Review, Sitting, Vote, score_name
from reviews.strips import weighted_mean
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


@dataclass(frozen=True)
class Step:
    """One score on the scale of a criterion, with what it means there."""

    value: int
    meaning: str
    id: str
    is_chosen: bool


@dataclass(frozen=True)
class Scale:
    """A criterion as it is scored: its field, its weight and the five scores."""

    field: forms.BoundField
    criterion: Criterion
    steps: Sequence[Step]


class ReviewForm(OfficeForm):
    """A score per criterion, and words to the applicant and to the committee. A score may be missing until the review is filed.

    Beside each field travels the fingerprint of the text that its writer saw (`base-…`), so that a window which saves while another one
    has saved overwrites nothing unseen: what the writer has not touched follows what is kept now, what both have changed is a conflict.
    """

    use_required_attribute = False
    seen_revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, str] | None = None, *args: Any, review: Review, criteria: Sequence[Criterion], **options: Any) -> None:
        self.criteria = {score_name(criterion.pk): criterion for criterion in criteria}
        self.kept = dict.fromkeys(self.criteria, "") | review.texts()
        self.conflicts: dict[str, str] = {}
        initial = {**self.kept, "seen_revision": review.revision}
        super().__init__(self._followed(data, review) if data is not None else None, *args, initial=initial, **options)
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
        for name, label, rows in (("remarks_to_applicant", _("To the applicant"), 6), ("remarks_to_committee", _("To the committee only"), 5)):
            widget = forms.Textarea(attrs={"rows": rows})
            self.fields[name] = forms.CharField(label=label, required=False, max_length=LONGEST_REMARK, strip=False, widget=widget)

    def _followed(self, data: Mapping[str, str], review: Review) -> dict[str, str]:
        """What was typed, with what is kept in the place of what was not touched. A form without fingerprints is taken as it is."""
        typed = {name: str(text) for name, text in data.items()}
        if not any(f"base-{name}" in typed for name in self.kept):
            return typed
        for name, kept in self.kept.items():
            base, text = typed.get(f"base-{name}", base_of("")), typed.get(name, "")
            if base_of(text) == base:
                typed[name] = kept
            elif base_of(kept) not in (base, base_of(text)):
                self.conflicts[name] = kept
        if not self.conflicts:
            typed["seen_revision"] = str(review.revision)
        return typed

    @property
    def bases(self) -> dict[str, str]:
        """What the page sends along as read: the fingerprints of what is kept now."""
        return {f"base-{name}": base_of(text) for name, text in self.kept.items()}

    def scales(self) -> list[Scale]:
        return [Scale(self[name], criterion, self._steps(name, criterion)) for name, criterion in self.criteria.items()]

    def _steps(self, name: str, criterion: Criterion) -> list[Step]:
        field, chosen = self[name], str(self[name].value() or "")
        meanings = meanings_of(criterion)
        return [Step(score, meanings[score - 1], f"{field.auto_id}_{score - 1}", str(score) == chosen) for score in ANCHORS]

    @property
    def mean(self) -> float | None:
        """The weighted mean of the scores that are kept."""
        given = {criterion.pk: int(self.kept[name]) for name, criterion in self.criteria.items() if self.kept[name]}
        return weighted_mean(given, {criterion.pk: criterion.weight for criterion in self.criteria.values()})

    @property
    def scored_count(self) -> int:
        return sum(bool(self.kept[name]) for name in self.criteria)

    def both_texts(self) -> list[tuple[str, str]]:
        """For each field in conflict its label and what another window has saved."""
        return [(str(self.fields[name].label), kept) for name, kept in self.conflicts.items()]

    def name_missing(self, missing: Sequence[Criterion]) -> None:
        """Say at each criterion without a score that it has none."""
        for criterion in missing:
            self.add_error(score_name(criterion.pk), _("No score yet."))

    def words(self) -> dict[str, Any]:
        """What save_review and file_review take."""
        return {"seen_revision": self.cleaned_data["seen_revision"], **self.judgement()}

    def judgement(self) -> dict[str, Any]:
        return {
            "scores": {criterion: self.cleaned_data[name] for name, criterion in self.criteria.items() if self.cleaned_data.get(name)},
            **{name: self.cleaned_data[name].replace("\r\n", "\n") for name in REMARKS},
        }


class KeptTexts(ReviewForm):
    """What the script of the page sends while somebody types: only fields that were changed, right or wrong."""

    seen_revision = None  # type: ignore[assignment]  # each text is compared for itself

    def _followed(self, data: Mapping[str, str], review: Review) -> dict[str, str]:
        self.sent = {name for name in self.kept if name in data}
        self.seen = {name: str(data.get(f"base-{name}", "")) for name in self.kept}
        return {name: str(text) for name, text in data.items()}

    def right(self) -> dict[str, str]:
        """What can be kept."""
        self.full_clean()
        return {name: str(self.data[name]) for name in self.sent if name not in self.errors}

    def wrong(self) -> dict[str, str]:
        return {name: " ".join(map(str, problems)) for name, problems in self.errors.items() if name in self.sent}

    def spelled(self, name: str, text: str) -> str:
        """A text of another window as the page shows it."""
        return text


class ChangeForm(ReviewForm):
    """A filed review that is filed anew."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Why do you change it?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Those who discuss the application read it beside the change."),
    )

    def __init__(self, *args: Any, review: Review, **options: Any) -> None:
        super().__init__(*args, review=review, **options)
        self.initial["seen_version"] = review.version
        self.order_fields([name for name in self.fields if name != "reason"])

    def words(self) -> dict[str, Any]:
        return {"seen_version": self.cleaned_data["seen_version"], "reason": self.cleaned_data["reason"], **self.judgement()}


def meanings_of(criterion: Criterion) -> list[str]:
    """What the scores from 1 to 5 mean for a criterion, in the reader's language."""
    if len(criterion.anchors) == HIGHEST_SCORE:
        is_chinese = (get_language() or "").startswith("zh")
        return [chinese if is_chinese else english for english, chinese in criterion.anchors]
    return [str(words) for words in ANCHORS.values()]


CONFLICT = "conflict"


class HandBackForm(OfficeForm):
    """Why an expert gives an application back: no time, not the field, or a conflict, which has to be described."""

    prefix = "back"
    reason = forms.ChoiceField(
        label=gettext_lazy("Why do you hand it back?"),
        choices=[*HandBackReason.choices, (CONFLICT, gettext_lazy("I have a conflict of interest"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reason.")},
    )
    note = forms.CharField(
        label=gettext_lazy("In your own words"),
        help_text=gettext_lazy("Only the office reads it. Needed for a conflict."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> None:
        if self.is_conflict and not self.cleaned_data.get("note"):
            self.add_error("note", _("Say what the conflict is."))

    @property
    def is_conflict(self) -> bool:
        return bool(self.cleaned_data.get("reason") == CONFLICT)


class RemarkForm(OfficeForm):
    text = forms.CharField(label=gettext_lazy("Your contribution"), max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 3}))


class ConflictForm(OfficeForm):
    note = forms.CharField(label=gettext_lazy("What is the conflict?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class ReturnForm(OfficeForm):
    """The date, and what stands at no item. The faults that are marked go into the letter by themselves."""

    prefix = "return"
    note = forms.CharField(
        label=gettext_lazy("What else has to be changed"), required=False, max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 3})
    )
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
    """The count of the meeting for one requested sample; a line left as it was is not entered. Who is present is filled in from the meeting."""

    present = forms.IntegerField(label=gettext_lazy("Present"), min_value=0, max_value=1000)
    recused = forms.IntegerField(label=gettext_lazy("Recused"), min_value=0, max_value=1000, initial=0)
    yes = forms.IntegerField(label=pgettext_lazy("votes", "Yes"), min_value=0, max_value=1000)
    no = forms.IntegerField(label=pgettext_lazy("votes", "No"), min_value=0, max_value=1000, initial=0)

    def __init__(self, data: Any, *, line: Request, sitting: Sitting | None = None) -> None:
        vote: Vote | None = getattr(line, "vote", None)
        counted = {"present": sitting.present, "recused": len(sitting.recused)} if sitting else None
        initial = vote.figures() if vote else counted
        super().__init__(data, prefix=f"vote{line.pk}", initial=initial, empty_permitted=True, use_required_attribute=False)
        if line.sample.is_divisible:
            self.fields["mass_ug"] = MilligramField(
                label=_("Less than asked for (mg)"), required=False, help_text=_("Only if the committee voted to lend less.")
            )

    def count(self) -> VoteCount:
        figures = self.cleaned_data
        return VoteCount(figures["present"], figures["recused"], figures["yes"], figures["no"], figures.get("mass_ug"))


def overruling_field() -> forms.CharField:
    """Why an award goes beyond a rule: the same question wherever a decision is recorded or proposed."""
    return forms.CharField(
        label=_("Why a rule of this round is overruled"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only where an award goes beyond a rule. The reason is kept with the rule and your name."),
    )


class DecisionForm(OfficeForm):
    """An outcome for each requested sample, with the mass where less is approved, and conditions in both languages."""

    def __init__(self, data: Any, *, requests: Sequence[Request], proposed: Mapping[Request, AwardDraft] = MappingProxyType({})) -> None:
        """What is `proposed` stands in the fields until somebody types."""
        initial: dict[str, Any] = {f"outcome_{request.pk}": draft.outcome for request, draft in proposed.items()}
        initial |= {f"mass_{request.pk}": draft.mass_ug for request, draft in proposed.items() if draft.outcome == Outcome.REDUCED}
        super().__init__(data, initial=initial)
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
                self.fields[f"mass_{request.pk}"] = MilligramField(label=_("Approved mass (mg), if less"), required=False)
        for name, label in (("conditions_en", _("Conditions or reasons in English")), ("conditions_zh", _("Conditions or reasons in Chinese"))):
            self.fields[name] = forms.CharField(label=label, required=False, max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 3}))
        self.fields["overruled"] = overruling_field()

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

    def masses_ug(self) -> dict[Request, int]:
        """What is granted so far: an outcome may still be missing or wrong."""
        masses = {}
        for request in self.requests:
            outcome, typed_ug = self.cleaned_data.get(f"outcome_{request.pk}"), self.cleaned_data.get(f"mass_{request.pk}")
            masses[request] = request.mass_ug if outcome == Outcome.APPROVED else (typed_ug or 0) if outcome == Outcome.REDUCED else 0
        return masses

    def conditions(self) -> dict[str, str]:
        """What is said with the decision, and why it goes beyond a rule."""
        return {name: self.cleaned_data[name] for name in ("conditions_en", "conditions_zh", "overruled")}


class RetractForm(OfficeForm):
    prefix = "retract"
    note = forms.CharField(label=gettext_lazy("Why is the decision retracted?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class AnnounceForm(OfficeForm):
    """The number is typed, not clicked: whoever announces has read how many letters will leave."""

    count = forms.IntegerField(label=gettext_lazy("Number of decisions to announce"), min_value=1, max_value=100_000)
