"""The words of an administrator who prepares, revises or extends a round. The 24:00 of Beijing time is read and written here."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.portal import BEIJING, beijing, in_language
from rounds.actions import PURPOSE_OF_KIND, RESERVED_SLUGS, USUAL_MONTHS, CriterionDraft, usual_criteria
from rounds.models import Audience, Discussion, Kind, Round
from samples.models import Mission, Purpose, Sample

DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%d %B %Y")
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2099, 12, 31)
END_OF_DAY = re.compile(r"(?P<day>.*?)[T\s,]+24:00(:00)?")
ANY_TIME = re.compile(r"\d\s*:\s*\d")
SLUG = RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", _("Use small letters, digits and single hyphens only, for example 2026-1."))
FEWEST_CRITERIA, MOST_CRITERIA = 1, 20


def end_of_day(day: date) -> datetime:
    """The exclusive instant of 24:00 Beijing time: 00:00 of the next day. (Python knows no hour 24.)"""
    return datetime.combine(day + timedelta(days=1), time.min, BEIJING)


def day_ended_by(moment: datetime) -> date:
    """The day in Beijing that an exclusive instant ends."""
    return (moment.astimezone(BEIJING) - timedelta(microseconds=1)).date()


class DayInput(forms.DateInput):
    input_type = "date"


class EndOfDayField(forms.DateField):
    """A day on the page; in `cleaned_data` the instant of its 24:00 Beijing time. "2026-12-22 24:00" is understood as well."""

    default_error_messages = {  # noqa: RUF012 (Django's own shape)
        "invalid": _("Enter a day, for example 2026-12-22. It ends at 24:00 Beijing time."),
        "time": _("Enter the day alone: it always ends at 24:00 Beijing time."),
        "range": _("Enter a day between 2020 and 2099."),
    }

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", DayInput(format="%Y-%m-%d"))
        super().__init__(input_formats=DAYS, **options)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        text = str(value).strip().replace("：", ":")
        if found := END_OF_DAY.fullmatch(text):
            text = found["day"].strip()
        elif ANY_TIME.search(text):
            raise ValidationError(self.error_messages["time"], code="time")
        day = super().to_python(text)
        assert day is not None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(self.error_messages["range"], code="range")
        return end_of_day(day)

    def prepare_value(self, value: Any) -> Any:
        return day_ended_by(value).isoformat() if isinstance(value, datetime) else value


class BeijingMomentWidget(forms.MultiWidget):
    def __init__(self) -> None:
        day = DayInput(format="%Y-%m-%d", attrs={"aria-label": _("Day")})
        clock = forms.TimeInput(format="%H:%M", attrs={"type": "time", "aria-label": _("Time in Beijing")})
        super().__init__({"day": day, "time": clock})

    def decompress(self, value: Any) -> list[Any]:
        if not isinstance(value, datetime):
            return [None, None]
        local = value.astimezone(BEIJING)
        return [local.date(), local.time()]


class BeijingMomentField(forms.MultiValueField):
    """A day and a time of day in Beijing."""

    default_error_messages = {  # noqa: RUF012
        "required": _("Enter the day and the time, or let the round open at once."),
        "incomplete": _("Enter the day and the time, or let the round open at once."),
    }

    def __init__(self, **options: Any) -> None:
        day = forms.DateField(input_formats=DAYS, error_messages={"invalid": _("Enter a day, for example 2026-12-22.")})
        clock = forms.TimeField(
            input_formats=("%H:%M", "%H:%M:%S"),
            error_messages={"invalid": _("Enter a time from 00:00 to 23:59. The midnight that ends a day is 00:00 of the next one.")},
        )
        super().__init__(fields=(day, clock), widget=BeijingMomentWidget(), **options)

    def compress(self, data_list: Any) -> datetime | None:
        if not data_list:
            return None
        day, clock = data_list
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(_("Enter a day between 2020 and 2099."), code="range")
        return datetime.combine(day, clock, BEIJING)


class MissionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return in_language(obj, "name")


class OfferField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Samples by their numbers, only from those that the kind and the mission allow."""

    default_error_messages = {  # noqa: RUF012
        "required": _("Choose at least one sample."),
        "invalid_choice": _(
            "%(value)s cannot be offered: it belongs to another mission, is kept for another purpose (Art. 10), or its mass is not known. "
            "The table shows what fits."
        ),
    }


def number_field(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, **options)


class RoundForm(forms.Form):
    """A round that has not opened yet."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title_en = forms.CharField(label=_("Title in English"), max_length=200)
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=200)
    slug = forms.CharField(
        label=_("Address"), max_length=60, validators=[SLUG], help_text=_("The end of the round’s web address, for example 2026-1.")
    )
    audience = forms.ChoiceField(label=_("Who may apply"), choices=Audience.choices)
    kind = forms.ChoiceField(label=_("Kind of loan"), choices=Kind.choices)
    mission = MissionField(label=_("Mission"), queryset=Mission.objects.none(), to_field_name="slug", empty_label=None)
    opens_now = forms.BooleanField(
        label=_("Open at once, as soon as it is saved"), required=False, help_text=_("From that moment the round’s rules can no longer be changed.")
    )
    opens_at = BeijingMomentField(label=_("Opens"), help_text=_("Beijing time (UTC+8)."))
    closes_at = EndOfDayField(label=_("Last day for applications"), help_text=_("The round closes at 24:00 Beijing time of this day."))
    corrections_close_at = EndOfDayField(
        label=_("Last day for corrections"), help_text=_("Returned applications come back by 24:00 Beijing time of this day.")
    )
    reviews_due_at = EndOfDayField(label=_("Last day for reviews"), required=False, help_text=_("Experts file by 24:00 Beijing time of this day."))
    samples = OfferField(label=_("Samples offered"), queryset=Sample.objects.none(), to_field_name="number")
    needs_endorsement = forms.BooleanField(
        label=_("The institution’s signatory must endorse the application"),
        required=False,
        help_text=_("It can then be submitted only after the signatory has endorsed exactly what it says."),
    )
    signing_days = number_field(_("Working days to sign the agreement"), 1, 250)
    loan_months = number_field(_("Months of a loan"), 1, 60)
    renewal_months = number_field(_("Months of the one renewal"), 0, 60, help_text=_("0 means that a loan is not renewed."))
    reviews_per_application = number_field(_("Reviews for each application"), 1, 20)
    discussion = forms.ChoiceField(
        label=_("Experts see each other’s reviews and discuss"),
        choices=Discussion.choices,
        help_text=_("Nobody sees another review before the own one is filed."),
    )
    vote_numerator = number_field(_("Votes needed"), 1, 100)
    vote_denominator = number_field(_("of"), 1, 100)
    recall_minutes = number_field(
        _("Minutes in which an announcement can be recalled"), 0, 10_080, help_text=_("0 means that it starts at once and cannot be recalled.")
    )

    def __init__(self, *args: Any, round: Round | None = None, **options: Any) -> None:
        options.setdefault("initial", initial_of(round))
        super().__init__(*args, **options)
        self.round = round
        self.helper = FormHelper()
        self.helper.form_tag = False
        mission, offer = self.fields["mission"], self.fields["samples"]
        assert isinstance(mission, forms.ModelChoiceField)
        assert isinstance(offer, forms.ModelMultipleChoiceField)
        mission.queryset = Mission.objects.order_by("launched_at")
        offer.queryset = self._fitting()

    def _fitting(self) -> Any:
        """The samples that the kind and the mission chosen on the page allow (Art. 10)."""
        purpose = PURPOSE_OF_KIND.get(str(self["kind"].value()))
        mission = str(self["mission"].value() or "")
        if purpose is None or not mission:
            return Sample.objects.none()
        return Sample.objects.offerable(Purpose(purpose)).matching(mission=mission).for_list()

    @property
    def offer_rows(self) -> list[tuple[Sample, bool]]:
        """Each fitting sample and whether it is ticked."""
        offer = self.fields["samples"]
        assert isinstance(offer, forms.ModelMultipleChoiceField)
        ticked = {str(number) for number in self["samples"].value() or ()}
        return [(sample, sample.number in ticked) for sample in offer.queryset or ()]

    @property
    def round_fields(self) -> dict[str, Any]:
        """The columns of the round."""
        apart = {"revision", "samples", "opens_now"}
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if slug in RESERVED_SLUGS:
            raise ValidationError(_("“%(slug)s” is the address of the page for preparing a round. Choose another one.") % {"slug": slug})
        found = Round.objects.filter(slug=slug).first()
        if found is not None and found != self.round:
            raise ValidationError(_("Another round has the address “%(slug)s”. Choose another one.") % {"slug": slug})
        return slug

    def clean(self) -> None:
        self._clean_opening()
        opens_at, closes_at = self.cleaned_data.get("opens_at"), self.cleaned_data.get("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error("closes_at", _("The round would close before it opens."))
        if closes_at:
            for name, sentence in (
                ("corrections_close_at", _("Corrections cannot close before applications do.")),
                ("reviews_due_at", _("Reviews cannot be due before applications close.")),
            ):
                moment = self.cleaned_data.get(name)
                if moment and moment < closes_at:
                    self.add_error(name, sentence)
        numerator, denominator = self.cleaned_data.get("vote_numerator"), self.cleaned_data.get("vote_denominator")
        if numerator and denominator and numerator > denominator:
            self.add_error("vote_numerator", _("More votes than there are can never be reached: the first number must not exceed the second."))

    def _clean_opening(self) -> None:
        if self.cleaned_data.get("opens_now"):
            self.cleaned_data["opens_at"] = timezone.now()
            self.errors.pop("opens_at", None)
        elif "opens_at" in self.cleaned_data and self.cleaned_data["opens_at"] <= timezone.now():
            self.add_error("opens_at", _("This moment has passed. Enter a later one, or let the round open at once."))

    def as_typed(self) -> dict[str, Any]:
        """What stands in the fields, not judged: to show the page again with more or fewer rows and nothing lost."""
        return {name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name)) for name, field in self.fields.items()}


def initial_of(round: Round | None) -> dict[str, Any]:
    """A new round begins with the usual figures; an existing one with its own."""
    if round is None:
        loan_months, renewal_months = USUAL_MONTHS[Kind.RESEARCH]
        return {
            "audience": Audience.INTERNATIONAL.value,
            "kind": Kind.RESEARCH.value,
            "mission": Mission.objects.order_by("launched_at").values_list("slug", flat=True).first(),
            "opens_at": [None, "00:00"],
            "signing_days": 10,
            "reviews_per_application": 3,
            "discussion": Discussion.AFTER_OWN.value,
            "loan_months": loan_months,
            "renewal_months": renewal_months,
            "vote_numerator": 2,
            "vote_denominator": 3,
            "recall_minutes": 30,
        }
    own = {name: getattr(round, name) for name in RoundForm.base_fields if hasattr(round, name)}
    return own | {"mission": round.mission.slug, "samples": [sample.number for sample in round.samples.all()]}


def with_usual_months(typed: dict[str, Any]) -> dict[str, Any]:
    """When the kind was changed on the page, months that stood at another kind's usual figures follow it (Art. 17, 19)."""
    usual = USUAL_MONTHS.get(str(typed.get("kind")))
    standing = (str(typed.get("loan_months")), str(typed.get("renewal_months")))
    if usual and standing in {(str(loan), str(renewal)) for loan, renewal in USUAL_MONTHS.values()}:
        return typed | {"loan_months": usual[0], "renewal_months": usual[1]}
    return typed


SCORES = range(1, 6)


class CriterionForm(forms.Form):
    """What experts score from 1 to 5, with what each score means and the criterion's weight in the mean."""

    title_en = forms.CharField(label=_("Criterion in English"), max_length=120)
    title_zh = forms.CharField(label=_("Criterion in Chinese"), max_length=120)
    text_en = forms.CharField(label=_("Explanation in English"), max_length=300, required=False)
    text_zh = forms.CharField(label=_("Explanation in Chinese"), max_length=300, required=False)
    weight = number_field(_("Weight"), 1, 100, initial=1)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for score in SCORES:
            for language, label in (("en", _("%(score)s means, in English")), ("zh", _("%(score)s means, in Chinese"))):
                self.fields[f"anchor_{language}_{score}"] = forms.CharField(label=label % {"score": score}, max_length=160, required=False)

    @property
    def anchor_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"anchor_en_{score}"], self[f"anchor_zh_{score}"]) for score in SCORES]

    @property
    def is_anchored(self) -> bool:
        """Whether something stands in the fields for the meaning of the scores, or is wrong with them."""
        return any(field.value() or field.errors for pair in self.anchor_rows for field in pair)

    def clean(self) -> None:
        """All ten meanings or none: a scale of which half is explained is read in two ways."""
        given = [name for pair in self.anchor_rows for name in (pair[0].name, pair[1].name) if self.cleaned_data.get(name)]
        if given and len(given) < 2 * len(SCORES):
            for pair in self.anchor_rows:
                for field in pair:
                    if field.name not in given and field.name not in self.errors:
                        self.add_error(field.name, _("Say what each score means in both languages, or leave all of them empty."))

    def draft(self) -> CriterionDraft:
        words = {name: self.cleaned_data[name] for name in ("title_en", "title_zh", "text_en", "text_zh", "weight")}
        anchors = [[self.cleaned_data[f"anchor_en_{score}"], self.cleaned_data[f"anchor_zh_{score}"]] for score in SCORES]
        draft: CriterionDraft = {**words, "anchors": anchors if all(map(all, anchors)) else []}  # type: ignore[typeddict-item]
        return draft


class BaseCriterionFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """The criteria; a row that is wholly empty counts as removed."""

    default_error_messages = {  # noqa: RUF012
        "missing_management_form": _("The form arrived incomplete. Nothing was saved: press the button again."),
        "too_few_forms": _("A round needs at least one criterion."),
        "too_many_forms": _("A round has at most 20 criteria."),
    }

    def add_fields(self, form: CriterionForm, index: int | None) -> None:
        form.empty_permitted = True
        form.use_required_attribute = False
        super().add_fields(form, index)

    def clean(self) -> None:
        titles = [form.cleaned_data["title_en"].strip().casefold() for form in self.forms if form.cleaned_data.get("title_en")]
        if len(set(titles)) < len(titles):
            raise ValidationError(_("Two criteria have the same title."))

    def drafts(self) -> list[CriterionDraft]:
        return [form.draft() for form in self.forms if form.cleaned_data.get("title_en")]

    def as_typed(self) -> list[dict[str, Any]]:
        return [
            {name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name)) for name, field in form.fields.items()}
            for form in self.forms
        ]


CriterionFormSet = forms.formset_factory(
    CriterionForm,
    formset=BaseCriterionFormSet,
    extra=0,
    min_num=FEWEST_CRITERIA,
    max_num=MOST_CRITERIA,
    absolute_max=MOST_CRITERIA * 2,
    validate_min=True,
    validate_max=True,
)


def criteria_of(round: Round | None) -> list[dict[str, Any]]:
    """What stands in the rows of the form: a new round begins with the usual criteria."""
    if round is None:
        return [_row_of(**draft) for draft in usual_criteria()]
    names = ("title_en", "title_zh", "text_en", "text_zh", "weight", "anchors")
    return [_row_of(**{name: getattr(criterion, name) for name in names}) for criterion in round.criteria.all()]


def _row_of(*, anchors: Sequence[Sequence[str]], **words: Any) -> dict[str, Any]:
    for score, (english, chinese) in zip(SCORES, anchors, strict=False):
        words |= {f"anchor_en_{score}": english, f"anchor_zh_{score}": chinese}
    return words


class ExtensionForm(forms.Form):
    """A later closing of an open round, with the notice that its page shows."""

    closes_at = EndOfDayField(label=_("New last day for applications"))
    notice_en = forms.CharField(label=_("Notice in English"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    notice_zh = forms.CharField(label=_("Notice in Chinese"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, round: Round, **options: Any) -> None:
        super().__init__(*args, **options)
        self.round = round
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.fields["closes_at"].help_text = _("The round closes now at %(moment)s. The new closing is 24:00 Beijing time of the day you enter.") % {
            "moment": beijing(round.closes_at)
        }
        for name in ("notice_en", "notice_zh"):
            self.fields[name].help_text = _("Shown on the round’s page with the old and the new closing.")

    def clean_closes_at(self) -> datetime:
        closes_at: datetime = self.cleaned_data["closes_at"]
        if self.round.closes_at and closes_at <= self.round.closes_at:
            raise ValidationError(_("The new closing must be later than the present one."))
        return closes_at
