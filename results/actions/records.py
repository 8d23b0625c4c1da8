"""Rounds of the public record are loaded: historic lists of approved institutions, and what is known of domestic rounds."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from institutions.actions import InstitutionRefused, create_institution
from institutions.models import Country, Institution, Kind
from results.actions.publishing import NothingChanged, write_list
from results.files import BadFile, Row, read_rows
from results.lines import Line, digest_of_lines
from results.models import DomesticRound, Mark, ResultList
from rounds.actions import SlugTaken, prepare_round, retitle_public_record
from rounds.models import Round
from samples.models import Mission

RESULT_COLUMNS = ("institution", "country", "pi", "mass_mg", "source")
RESULT_EXTRA_COLUMNS = ("institution_zh", "pi_zh", "sample_id")
BRACKETED = re.compile(r"(?P<name>.+\S)\s*[(（](?P<short>[^()（）]{2,20})[)）]")
KIND_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.UNIVERSITY, r"universit|college|大学|学院"),
    (Kind.AGENCY, r"\bagency\b|\bcommission\b|\badministration\b|航天局"),
    (Kind.MUSEUM, r"\bmuseum|博物馆"),
    (Kind.INSTITUTE, r"\binstitut|\bcentre\b|\bcenter\b|laborator|observator|研究所|研究院|天文台"),
)


class ListHead(NamedTuple):
    """What is said of a historic list besides its rows."""

    slug: str
    title_en: str = ""
    title_zh: str = ""
    mission: str = ""
    announced_on: date | None = None
    stated_total_ug: int | None = None
    source: str = ""


def _kind_of(name: str) -> Kind:
    """A first guess by the name; whoever verifies the institution corrects it."""
    return next((kind for kind, words in KIND_WORDS if re.search(words, name, re.IGNORECASE)), Kind.UNIVERSITY)


def _stands_for(letters: str, words: Sequence[str]) -> bool:
    """Whether an abbreviation is made of beginnings of the words in their order: IPGP, SUPARCO; not SUNY for Stony Brook University."""
    if not letters:
        return True
    return any(
        word.startswith(letters[:count]) and _stands_for(letters[count:], words[index + 1 :])
        for index, word in enumerate(words)
        for count in range(1, len(letters) + 1)
    )


def names_within(name: str) -> list[str]:
    """Other names that a name with an abbreviation in brackets holds: the name without it, and the abbreviation if it is one."""
    found = BRACKETED.fullmatch(name)
    if found is None:
        return []
    short = found["short"].strip()
    is_short_for = short.isascii() and short.isalpha() and _stands_for(short.casefold(), re.findall(r"\w+", found["name"].casefold()))
    return [found["name"], short] if is_short_for else [found["name"]]


def _country_of(row: Row) -> Country | None:
    name = row.text("country", most=200)
    country = Country.objects.match(name) if name else None
    if name and country is None:
        raise row.bad("country", _("“%(name)s” is no country or region that we know") % {"name": name})
    return country


def _institution_of(row: Row, country: Country | None) -> Institution:
    """The institution a row names; one that the register does not know is created, unverified."""
    name = row.needed("institution", most=200)
    others = names_within(name)
    for known_as in (name, *others[:1]):
        found = Institution.objects.match(known_as, country)
        if found is not None:
            return found
    kind = _kind_of(name) if country else Kind.ORGANISATION
    try:
        return create_institution(name_en=name, name_local=row.text("institution_zh", most=200), kind=kind, country=country, aliases=others)
    except InstitutionRefused as refusal:
        raise row.bad("institution", str(refusal).rstrip(".")) from None


def _line_of(row: Row) -> Line:
    country = _country_of(row)
    institution = _institution_of(row, country)
    country = country or institution.country
    return Line(
        institution=institution,
        institution_en=row.needed("institution", most=200),
        institution_zh=row.text("institution_zh", most=200),
        country=country,
        country_en=country.name_en if country else "",
        country_zh=country.name_zh if country else "",
        pi=row.text("pi", most=200),
        pi_zh=row.text("pi_zh", most=200),
        sample_number=row.text("sample_id", most=40),
        mass_ug=row.micrograms("mass_mg"),
        source=row.text("source"),
    )


def _record_of(head: ListHead) -> Round:
    """The round of a historic list; created as public record if it does not exist, its title corrected if another one is given."""
    round = Round.objects.filter(slug=head.slug).select_related("mission").first()
    mission = Mission.objects.filter(slug=head.mission).first() if head.mission else Mission.objects.order_by("launched_at").first()
    if mission is None:
        raise BadFile(_("“%(slug)s” is no mission that we know.") % {"slug": head.mission})
    if round is None:
        try:
            validate_slug(head.slug)
            return prepare_round(
                samples=(),
                criteria=(),
                by=None,
                slug=head.slug,
                title_en=head.title_en or head.slug,
                title_zh=head.title_zh or head.title_en or head.slug,
                mission=mission,
                is_public_record=True,
            )
        except ValidationError:
            raise BadFile(_("“%(slug)s” is no address for a round: letters, digits and hyphens only.") % {"slug": head.slug}) from None
        except SlugTaken as refusal:
            raise BadFile(str(refusal)) from None
    if not round.is_public_record:
        raise BadFile(_("The round “%(slug)s” was held on this portal; its list is published from its decisions.") % {"slug": head.slug})
    if head.mission and round.mission != mission:
        raise BadFile(_("The round “%(slug)s” belongs to %(mission)s.") % {"slug": head.slug, "mission": round.mission})
    if head.title_en:
        retitle_public_record(round, title_en=head.title_en, title_zh=head.title_zh or round.title_zh)
    return round


@transaction.atomic
def load_results(path: Path, head: ListHead) -> ResultList | None:
    """A historic list as a new version of its round's record; None when it is the same as the last one. All or nothing (BadFile)."""
    rows = read_rows(path, needed=RESULT_COLUMNS, optional=RESULT_EXTRA_COLUMNS)
    round = _record_of(head)
    lines: list[Line] = []
    problems: list[str] = []
    for row in rows:
        try:
            lines.append(_line_of(row))
        except BadFile as problem:
            problems += problem.problems
    if problems:
        raise BadFile(*problems)
    said = {"announced_on": head.announced_on, "stated_total_ug": head.stated_total_ug, "source": head.source}
    try:
        return write_list(round, lines, digest=digest_of_lines(lines, is_record=True, **said), by=None, **said)  # type: ignore[arg-type]
    except NothingChanged:
        return None


BATCH_COUNTS = {
    "applications_received": "received_count",
    "applications_approved": "approved_count",
    "pis_approved": "people_count",
    "institutions_approved": "institution_count",
}
BATCH_DATES = {
    "info_released": "released",
    "application_deadline": "closed",
    "review_date": "reviewed",
    "announced_or_handed_over": "announced",
}
BATCH_COLUMNS = ("batch", "mission", *BATCH_DATES, *BATCH_COUNTS, "mass_mg", "mark", "notes", "source")


def _domestic_round_of(row: Row, position: int) -> dict[str, Any]:
    fields: dict[str, Any] = {"batch": row.needed("batch", most=60), "position": position, "mission": row.needed("mission", most=60)}
    fields |= {name: row.partial_date(column) for column, name in BATCH_DATES.items()}
    fields |= {name: row.count(column) for column, name in BATCH_COUNTS.items()}
    fields |= {"mass_ug": row.micrograms("mass_mg"), "notes": row.text("notes"), "source": row.text("source"), "mark": row.needed("mark")}
    if fields["mark"] not in Mark.values:
        raise row.bad("mark", _("“%(mark)s” is not one of: %(marks)s") % {"mark": fields["mark"], "marks": ", ".join(Mark.values)})
    return fields


class LoadedRounds(NamedTuple):
    """How many lines of the record are new or changed, and how many the file no longer has."""

    touched: int
    dropped: int


@transaction.atomic
def load_batches(path: Path) -> LoadedRounds:
    """Make the public record of domestic rounds what the file says. All or nothing (BadFile)."""
    wanted: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for position, row in enumerate(read_rows(path, needed=BATCH_COLUMNS)):
        try:
            fields = _domestic_round_of(row, position)
            if fields["batch"] in wanted:
                raise row.bad("batch", _("“%(batch)s” stands twice in this file") % {"batch": fields["batch"]})
            wanted[fields["batch"]] = fields
        except BadFile as problem:
            problems += problem.problems
    if problems:
        raise BadFile(*problems)
    dropped, _rows = DomesticRound.objects.exclude(batch__in=wanted).delete()
    known = {one.batch: one for one in DomesticRound.objects.all()}
    touched = 0
    for batch, fields in wanted.items():
        if batch not in known:
            DomesticRound(**fields).save(force_insert=True)
        elif any(getattr(known[batch], name) != value for name, value in fields.items()):
            DomesticRound.objects.filter(batch=batch).update(**fields)
        else:
            continue
        touched += 1
    return LoadedRounds(touched, dropped)
