"""The stored figures of a round as its page shows them: rows with words in the reader's language and the widths of their bars."""

from collections.abc import Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.portal import in_language, mg
from results.summary import Bar, bars_of
from samples.models import Form

STEPS: dict[str, Promise] = {
    "handed_in": gettext_lazy("Handed in"),
    "checked": gettext_lazy("Passed the formal check"),
    "reviewed": gettext_lazy("Reviewed by experts"),
    "heard": gettext_lazy("Heard"),
    "approved": gettext_lazy("Approved"),
}


class Step(NamedTuple):
    label: str
    number: int | None


class FormRow(NamedTuple):
    label: str
    offered: int
    requests: int | None
    asked_ug: int | None
    approved: int
    approved_ug: int


class CountryRow(NamedTuple):
    label: str
    handed_in: int | None
    approved: int
    approved_ug: int


def _country_name(row: dict[str, Any]) -> str:
    if row["code"] == "others":
        return _("Other countries and regions together")
    return in_language(SimpleNamespace(**row), "name") or _("International organisations")


class Shown:
    """What the page reads. None is a number that was left out; it has no bar."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.smallest: int = content["smallest"]
        self.counted_on = date.fromisoformat(content["counted_on"])
        self.closed_at = datetime.fromisoformat(content["waiting"]["closed_at"])
        self.from_closing: int | None = content["waiting"]["median_days_from_closing"]
        self.from_handing_in: int | None = content["waiting"]["median_days_from_handing_in"]

    @property
    def has_gaps(self) -> bool:
        return any(value is None for row in (*self.content["funnel"], *self.content["forms"], *self.content["countries"]) for value in row.values())

    def funnel(self) -> Sequence[Step]:
        return [Step(str(STEPS[step["step"]]), step["count"]) for step in self.content["funnel"]]

    def funnel_bars(self) -> Sequence[Bar]:
        return bars_of((step.label, step.number, "" if step.number is None else str(step.number)) for step in self.funnel())

    def _form(self, row: dict[str, Any], label: str) -> FormRow:
        return FormRow(label, row["offered"], row["requests"], row["asked_ug"], row["approved"], row["approved_ug"])

    def forms(self) -> Sequence[FormRow]:
        return [self._form(row, str(Form(row["form"]).label)) for row in self.content["forms"] if row["form"]]

    def form_total(self) -> FormRow:
        return next(self._form(row, _("All forms")) for row in self.content["forms"] if not row["form"])

    def form_bars(self) -> Sequence[Bar]:
        lines = []
        for row in self.forms():
            lines.append((_("%(form)s, asked for") % {"form": row.label}, row.asked_ug, mg(row.asked_ug)))
            lines.append((_("%(form)s, approved") % {"form": row.label}, row.approved_ug, mg(row.approved_ug)))
        return bars_of(lines)

    def countries(self) -> Sequence[CountryRow]:
        return [CountryRow(_country_name(row), row["handed_in"], row["approved"], row["approved_ug"]) for row in self.content["countries"]]

    def country_bars(self) -> Sequence[Bar]:
        return bars_of((row.label, row.approved_ug, mg(row.approved_ug)) for row in self.countries())

    def total(self) -> CountryRow:
        """All countries together: what was handed in stands in the funnel as well."""
        funnel = {step["step"]: step["count"] for step in self.content["funnel"]}
        return CountryRow(_("Together"), funnel["handed_in"], funnel["approved"], sum(row["approved_ug"] for row in self.content["countries"]))
