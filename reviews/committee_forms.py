"""Are the words right: seats of the committee, what an expert knows, wishes, the settings of a dry run, who is asked. Forms never save."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from reviews.expertise import FIELDS, TECHNIQUES, choices_of
from reviews.forms import OfficeForm
from reviews.models import USUAL, Expertise, Offer, Seat, Wish

MOST_REVIEWS = 1000
LONGEST_WORDS = 2000  # characters

MEMBER, CHAIR, INVITED = "member", "chair", "invited"
PLACES = (
    (MEMBER, gettext_lazy("Member")),
    (CHAIR, gettext_lazy("Chair")),
    (INVITED, gettext_lazy("Invited for particular applications")),
)


class SeatForm(OfficeForm):
    """What a person is in the committee."""

    place = forms.ChoiceField(label=gettext_lazy("Place"), choices=PLACES, initial=MEMBER, widget=forms.RadioSelect)
    most_reviews = forms.IntegerField(
        label=gettext_lazy("Most reviews"), required=False, min_value=0, max_value=MOST_REVIEWS, help_text=gettext_lazy("Empty: no limit.")
    )

    def __init__(self, *args: Any, seat: Seat | None = None, **options: Any) -> None:
        if seat is not None:
            place = CHAIR if seat.is_chair else INVITED if seat.is_invited else MEMBER
            options["initial"] = {"place": place, "most_reviews": seat.most_reviews}
        super().__init__(*args, **options)

    def words(self) -> dict[str, Any]:
        """What add_seat and change_seat take."""
        place = self.cleaned_data["place"]
        return {"is_chair": place == CHAIR, "is_invited": place == INVITED, "most_reviews": self.cleaned_data["most_reviews"]}


class AddSeatForm(SeatForm):
    """Experts who do not sit in the committee."""

    field_order = ("person", "place", "most_reviews")
    person = forms.ChoiceField(label=gettext_lazy("Expert"))

    def __init__(self, *args: Any, people: Sequence[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = {str(person.pk): person for person in people}
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose an expert")), *((key, str(person)) for key, person in self.people.items())]

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["person"]]


class ExpertiseForm(OfficeForm):
    fields_known = forms.MultipleChoiceField(
        label=gettext_lazy("Fields"), choices=choices_of(FIELDS), required=False, widget=forms.CheckboxSelectMultiple
    )
    techniques = forms.MultipleChoiceField(
        label=gettext_lazy("Techniques"), choices=choices_of(TECHNIQUES), required=False, widget=forms.CheckboxSelectMultiple
    )
    words = forms.CharField(
        label=gettext_lazy("In your own words"),
        required=False,
        max_length=LONGEST_WORDS,
        help_text=gettext_lazy("In English or Chinese, for example: impact glass, magma ocean, young basalts. Use the words that applicants use."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, expertise: Expertise | None, **options: Any) -> None:
        if expertise is not None:
            options["initial"] = {"fields_known": expertise.fields, "techniques": expertise.techniques, "words": expertise.words}
        super().__init__(*args, **options)

    def said(self) -> dict[str, Any]:
        """What save_expertise takes."""
        return {"fields": self.cleaned_data["fields_known"], "techniques": self.cleaned_data["techniques"], "words": self.cleaned_data["words"]}


class WishForm(OfficeForm):
    """The wish about one application; nothing is chosen beforehand."""

    wish = forms.TypedChoiceField(
        label=gettext_lazy("Your wish"),
        choices=[(str(wish.value), wish.label) for wish in Wish] + [("", gettext_lazy("No wish"))],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


STEPS = (
    ("0", pgettext_lazy("weight in the assignment", "Not at all")),
    ("1", pgettext_lazy("weight in the assignment", "A little")),
    ("2", pgettext_lazy("weight in the assignment", "As usual")),
    ("3", pgettext_lazy("weight in the assignment", "Strongly")),
)


def _weight(label: Any, hint: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, help_text=hint, choices=STEPS, coerce=int)


class PlanForm(OfficeForm):
    """The settings of a dry run: a few plain choices."""

    reviews = forms.IntegerField(label=gettext_lazy("Reviews per application"), min_value=1, max_value=20)
    match = _weight(
        gettext_lazy("Match of words, techniques and fields"), gettext_lazy("What the expert knows, compared with what the application says.")
    )
    bids = _weight(gettext_lazy("Wishes of the experts"), gettext_lazy("“Rather not” is heeded as well."))
    load = _weight(gettext_lazy("Equal load"), gettext_lazy("The limit of each seat holds in any case."))
    diversity = _weight(gettext_lazy("Different countries and institutions"), gettext_lazy("Among the experts of one application."))

    def __init__(self, *args: Any, settings: dict[str, int], **options: Any) -> None:
        super().__init__(*args, initial=USUAL | settings, **options)


def words_of(offer: Offer) -> str:
    """An expert as offered: how well the words match, what there is to do already, and what to think of."""
    load = _("%(load)s of at most %(most)s reviews") if offer.most is not None else _("%(load)s reviews")
    parts = [str(offer.expert), _("match %(match)s %%") % {"match": offer.match}, load % {"load": offer.load, "most": offer.most}]
    if offer.same_institution:
        parts.append(_("same institution as another expert of this application"))
    elif offer.same_country:
        parts.append(_("same country as another expert of this application"))
    if offer.is_invited:
        parts.append(_("invited"))
    if not offer.is_seated:
        parts.append(_("not in the committee yet"))
    return " · ".join(parts)


class OfferForm(OfficeForm):
    """Experts without a tie or a conflict and with room for another review, the best match first."""

    experts = forms.MultipleChoiceField(label=gettext_lazy("Experts"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, offers: Sequence[Offer], **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = {str(offer.expert.pk): offer.expert for offer in offers if not offer.is_full}
        field = self.fields["experts"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(offer.expert.pk), words_of(offer)) for offer in offers if not offer.is_full]
        field.error_messages = {"required": _("Choose at least one expert."), "invalid_choice": _("This expert cannot be assigned.")}

    @property
    def chosen(self) -> list[User]:
        return [self.people[key] for key in self.cleaned_data["experts"]]


class ReassignForm(OfficeForm):
    """Another expert in the place of one."""

    review = forms.IntegerField(widget=forms.HiddenInput)
    expert = forms.ChoiceField(label=gettext_lazy("Give it to"))

    def __init__(self, *args: Any, offers: Sequence[Offer], **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = {str(offer.expert.pk): offer.expert for offer in offers if not offer.is_full}
        field = self.fields["expert"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose an expert")), *((str(offer.expert.pk), words_of(offer)) for offer in offers if not offer.is_full)]
        field.error_messages = {"invalid_choice": _("This expert cannot be assigned."), "required": _("Choose an expert.")}

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["expert"]]
