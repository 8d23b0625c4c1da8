"""A published list by country or region and institution, with totals. What was not published stays unknown: it is never counted as nought."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.templatetags.portal import in_language, mg
from results.models import DomesticRound, Mark, ResultList, ResultRow


class Known(NamedTuple):
    """What is known of some rows: how many there are, the sum of the masses that were published, and how many have none."""

    row_count: int
    known_ug: int
    unknown_count: int

    @property
    def is_unknown(self) -> bool:
        """Not one mass was published."""
        return self.unknown_count == self.row_count

    @property
    def is_partly_known(self) -> bool:
        return 0 < self.unknown_count < self.row_count


class InstitutionPart(NamedTuple):
    first: ResultRow  # carries the name as it was published
    rows: list[ResultRow]
    known: Known


class CountryPart(NamedTuple):
    first: ResultRow
    rows: list[ResultRow]
    known: Known
    institutions: list[InstitutionPart]

    @property
    def name(self) -> str:
        return in_language(self.first, "country") or _("International organisation")


class Bar(NamedTuple):
    """One line of a chart; without a text nothing is known or shown."""

    label: str
    width: float  # in hundredths of the longest
    text: str


def bars_of(lines: Iterable[tuple[str, int | None, str]]) -> list[Bar]:
    lines = list(lines)
    largest = max((value for _label, value, _text in lines if value), default=0)
    return [Bar(label, width_of(value, largest), text) for label, value, text in lines]


def country_bars(countries: Iterable[CountryPart]) -> list[Bar]:
    return bars_of((part.name, part.known.known_ug, "" if part.known.is_unknown else mg(part.known.known_ug)) for part in countries)


def known_of(rows: Sequence[ResultRow]) -> Known:
    return Known(len(rows), sum(row.mass_ug or 0 for row in rows), sum(row.mass_ug is None for row in rows))


def width_of(value: int | None, largest: int) -> float:
    """A bar's width; something that is not nothing is never drawn as nothing."""
    return round(max(100 * value / largest, 0.5), 1) if value and largest else 0


def by_country(rows: Sequence[ResultRow]) -> list[CountryPart]:
    """In the list's own order, which keeps the rows of a country and of an institution together."""
    grouped = [list(here) for _key, here in groupby(rows, key=lambda row: (row.country_id, row.country_en))]
    return [CountryPart(here[0], here, known_of(here), _institutions(here)) for here in grouped]


def _institutions(rows: Iterable[ResultRow]) -> list[InstitutionPart]:
    grouped = [list(of_one) for _key, of_one in groupby(rows, key=lambda row: (row.institution_en, row.institution_zh, row.source))]
    return [InstitutionPart(of_one[0], of_one, known_of(of_one)) for of_one in grouped]


class Change(NamedTuple):
    """A heading of a list that a later version says differently."""

    name: str
    before: object
    after: object


def changed_heads(older: ResultList, newer: ResultList) -> list[Change]:
    names = ("announced_on", "stated_total_ug", "source")
    return [Change(name, getattr(older, name), getattr(newer, name)) for name in names if getattr(older, name) != getattr(newer, name)]


class Beside(NamedTuple):
    """What is known, round by round, of the rounds that a stated total takes together. The total itself is never made from it."""

    known_ug: int
    known_count: int
    round_count: int


def beside_totals(domestic: Sequence[DomesticRound]) -> dict[str, Beside]:
    """For each stated total of the record the sum of the single rounds whose mass is confirmed: some others were worked out from totals."""
    single = [one for one in domestic if not one.is_total]
    found = {}
    for total in domestic:
        if total.is_total:
            covered = [one for one in single if one.numbers[0] in total.numbers]
            known = [one.mass_ug for one in covered if one.mass_ug is not None and one.mark == Mark.CONFIRMED]
            found[total.batch] = Beside(sum(known), len(known), len(covered))
    return found
