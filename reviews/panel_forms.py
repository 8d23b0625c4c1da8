"""How the panel wants its table: order, part, line and the weights of the criteria. Whatever is wrong falls back to the usual."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.templatetags.portal import in_language
from rounds.models import Criterion

HEAVIEST = 10  # of a slider, unless the round itself weighs something more
MOST_PLACES = 10_000
MOST_PAGES = 1_000


class Order(models.TextChoices):
    """The closed list of orders. Equal rows follow by a lot that nobody can choose."""

    RANK = "rank", _("Expected rank")
    MEAN = "mean", _("Mean")
    ADJUSTED = "adjusted", _("Adjusted mean")
    SPREAD = "spread", _("Disagreement")
    LEFT_OUT = "left_out", _("Most fragile first")
    COUNT = "count", _("Fewest reviews first")
    ASKED = "asked", _("Mass asked for")
    REFERENCE = "reference", _("Number")


class Part(models.TextChoices):
    ALL = "all", pgettext_lazy("applications", "All")
    SHORTLIST = "shortlist", _("Shortlist")
    DISPUTED = "disputed", _("Experts disagree")
    FRAGILE = "fragile", _("Fragile rank")


class Choice(NamedTuple):
    """What was chosen, or the usual."""

    order: str
    part: str
    places: int
    weights: tuple[int, ...]
    page: int


class PanelForm(forms.Form):
    """A form that never complains: it is a way of looking, not a text of somebody."""

    order = forms.ChoiceField(label=_("Order"), choices=Order.choices, required=False)
    part = forms.ChoiceField(label=_("Show"), choices=Part.choices, required=False)
    places = forms.IntegerField(
        label=_("Line after how many places"),
        min_value=0,
        max_value=MOST_PLACES,
        required=False,
        widget=forms.NumberInput(attrs={"min": 0, "max": MOST_PLACES, "inputmode": "numeric"}),
    )

    def __init__(self, data: Any, *, criteria: Sequence[Criterion]) -> None:
        self.criteria = list(criteria)
        self.usual: dict[str, Any] = {"order": Order.RANK.value, "part": Part.ALL.value, "places": 0}
        self.usual |= {f"w{criterion.pk}": criterion.weight for criterion in self.criteria}
        self.values: dict[str, Any] = {**self.usual, **{name: data.get(name) for name in self.usual if data.get(name)}}
        super().__init__(self.values)
        heaviest = max([HEAVIEST, *(criterion.weight for criterion in self.criteria)])
        for criterion in self.criteria:
            slider = forms.NumberInput(attrs={"type": "range", "min": 0, "max": heaviest, "step": 1})
            self.fields[f"w{criterion.pk}"] = forms.IntegerField(
                label=in_language(criterion, "title"), min_value=0, max_value=heaviest, required=False, widget=slider
            )
        page = str(data.get("page", ""))
        self.page = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 else 1

    def chosen(self) -> Choice:
        """Every wrong value is replaced by the usual one; weights that are all nothing as well."""
        self.full_clean()
        for name in list(self.errors):
            self.values[name] = self.usual[name]
        self.full_clean()
        value = {name: self.usual[name] if self.cleaned_data.get(name) in (None, "") else self.cleaned_data[name] for name in self.usual}
        weights = tuple(int(value[f"w{criterion.pk}"]) for criterion in self.criteria)
        if not any(weights):
            weights = tuple(criterion.weight for criterion in self.criteria)
            self.values.update({f"w{criterion.pk}": criterion.weight for criterion in self.criteria})
        return Choice(str(value["order"]), str(value["part"]), int(value["places"]), weights, max(1, min(self.page, MOST_PAGES)))

    def sliders(self) -> list[forms.BoundField]:
        return [self[f"w{criterion.pk}"] for criterion in self.criteria]

    def query(self) -> dict[str, str]:
        """What differs from the usual, for the links."""
        return {name: str(self.values[name]) for name, usual in self.usual.items() if str(self.values.get(name)) != str(usual)}
