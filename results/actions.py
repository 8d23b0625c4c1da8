"""What is published: the list of a round of this portal, and rounds of the public record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from institutions.actions import create_institution
from institutions.models import Country, Institution, Kind
from results.files import BadFile, Row, read_rows
from results.models import DomesticRound, ResultList, ResultRow
from reviews.models import Announcement, Award, Decision
from reviews.workflow import GRANTED
from rounds.actions import prepare_round
from rounds.models import Round
from samples.models import Mission
from workflow.models import digest_of
from workflow.transitions import NotPossibleNow


class DecisionsWait(Exception):
    """A decided application is not announced yet. The same words for everyone, so that they betray nothing."""

    def __init__(self) -> None:
        super().__init__(_("The list cannot be published yet: not every decision of this round has been announced."))


class NothingChanged(Exception):
    """The list is the same as the one that stands. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("The list has not changed since its last version, so there is nothing to publish."))


@dataclass(frozen=True)
class Line:
    """One row of a list, before it is published. An empty mass means that none was published."""

    institution: Institution
    institution_en: str
    institution_zh: str
    country: Country | None
    country_en: str
    country_zh: str
    pi: str
    pi_zh: str
    sample_number: str
    mass_ug: int | None
    source: str = ""

    def content(self) -> dict[str, str | int | None]:
        """What the digest of a list covers. Ids of rows are left out: the same file gives the same digest."""
        return {name: (value.pk if isinstance(value, Institution | Country) else value) for name, value in fields_of(self).items()}


def fields_of(line: Line) -> dict[str, Any]:
    """The fields by name, with their records as they are (dataclasses.asdict would copy them)."""
    return {name: getattr(line, name) for name in line.__dataclass_fields__}


def lines_of(round: Round) -> list[Line]:
    """The approved awards of the round whose announcement is visible, by country, institution and sample."""
    awards = (
        Award.objects.filter(
            outcome__in=GRANTED,
            decision__status="announced",
            decision__application__round=round,
            decision__application__status="approved",
            decision__application__visible_at__lte=timezone.now(),
        )
        .select_related("decision__application__institution__country", "decision__application__owner", "request__sample")
        .order_by("decision__application__institution__country_id", "decision__application__institution__name_en", "request__sample__number")
    )
    lines = []
    for award in awards:
        application = award.decision.application
        institution, owner = application.institution, application.owner
        assert institution is not None  # the database holds it for every submitted application
        country = institution.country
        lines.append(
            Line(
                institution=institution,
                institution_en=institution.name_en,
                institution_zh=institution.name_zh,
                country=country,
                country_en=country.name_en if country else "",
                country_zh=country.name_zh if country else "",
                pi=str(owner),
                pi_zh=owner.native_name,
                sample_number=award.request.sample.number,
                mass_ug=award.mass_ug,
            )
        )
    return lines


def digest_of_lines(lines: Sequence[Line], *, announced_on: date | None, stated_total_ug: int | None) -> str:
    """Rows are a multiset: their order does not count."""
    rows = sorted(digest_of(line.content()) for line in lines)
    return digest_of({"rows": "\n".join(rows), "announced_on": str(announced_on), "stated_total_ug": stated_total_ug})


def has_waiting_decisions(round: Round) -> bool:
    """Whether a decided application of the round is unannounced, or its announcement is not visible yet."""
    waiting = Decision.objects.awaiting_announcement().filter(application__round=round)
    return waiting.exists() or Announcement.objects.under_way().filter(round=round).exists()


@transaction.atomic
def write_list(
    round: Round,
    lines: Sequence[Line],
    *,
    by: User | None,
    announced_on: date | None = None,
    stated_total_ug: int | None = None,
    source: str = "",
    note_en: str = "",
    note_zh: str = "",
) -> ResultList:
    """A new numbered version with its rows in one transaction: readers see the old list or the new one, never a mixture."""
    digest = digest_of_lines(lines, announced_on=announced_on, stated_total_ug=stated_total_ug)
    last = ResultList.objects.filter(round=round).order_by("-number").first()
    if last is not None and last.digest == digest:
        raise NothingChanged
    result_list = ResultList(
        round=round,
        number=last.number + 1 if last else 1,
        announced_on=announced_on,
        stated_total_ug=stated_total_ug,
        source=source,
        note_en=note_en,
        note_zh=note_zh,
        digest=digest,
        by=by,
    )
    try:
        with transaction.atomic():
            result_list.save(force_insert=True)
    except IntegrityError:
        raise NotPossibleNow(_("Somebody else has just published this list.")) from None
    ResultRow.objects.bulk_create([ResultRow(result_list=result_list, position=position, **fields_of(line)) for position, line in enumerate(lines)])
    return result_list


@transaction.atomic
def publish_results(round: Round, *, by: User, note_en: str = "", note_zh: str = "") -> ResultList:
    """Publish the announced approvals of the round. Refused while a decision waits, in the same words to everyone."""
    if has_waiting_decisions(round):
        raise DecisionsWait
    return write_list(round, lines_of(round), by=by, announced_on=timezone.localdate(), note_en=note_en, note_zh=note_zh)


RESULT_COLUMNS = ("institution", "country", "pi", "mass_mg", "source")
RESULT_EXTRA_COLUMNS = ("institution_zh", "pi_zh", "sample_id")


def _institution_of(row: Row) -> Institution:
    """The institution a row names; one that the register does not know is created, unverified."""
    name = row.needed("institution")
    country_name = row.text("country")
    country = None
    if country_name:
        country = Country.objects.match(country_name)
        if country is None:
            raise row.bad("country", _("“%(name)s” is no country or region that we know") % {"name": country_name})
    found = Institution.objects.match(name)
    if found is not None:
        return found
    kind = Kind.UNIVERSITY if country else Kind.ORGANISATION
    return create_institution(name_en=name, name_local=row.text("institution_zh"), kind=kind, country=country, is_verified=False)


@transaction.atomic
def load_results(
    path: Path,
    *,
    slug: str,
    title_en: str = "",
    title_zh: str = "",
    announced_on: date | None = None,
    stated_total_ug: int | None = None,
    source: str = "",
) -> ResultList | None:
    """A historic list as a new version of its round's record; None when it is the same as the last one. All or nothing (BadFile)."""
    rows = read_rows(path, needed=RESULT_COLUMNS, optional=RESULT_EXTRA_COLUMNS)
    round = Round.objects.filter(slug=slug).first()
    if round is None:
        mission = Mission.objects.order_by("launched_at").first()
        round = prepare_round(
            samples=(),
            criteria=(),
            by=None,
            slug=slug,
            title_en=title_en or slug,
            title_zh=title_zh or title_en or slug,
            mission=mission,
            is_public_record=True,
        )
    elif not round.is_public_record:
        raise BadFile(_("The round “%(slug)s” was held on this portal; its list is published from its decisions.") % {"slug": slug})
    lines = []
    for row in rows:
        institution = _institution_of(row)
        country = institution.country
        lines.append(
            Line(
                institution=institution,
                institution_en=row.needed("institution"),
                institution_zh=row.text("institution_zh"),
                country=country,
                country_en=country.name_en if country else "",
                country_zh=country.name_zh if country else "",
                pi=row.text("pi"),
                pi_zh=row.text("pi_zh"),
                sample_number=row.text("sample_id"),
                mass_ug=row.micrograms("mass_mg"),
                source=row.text("source"),
            )
        )
    try:
        return write_list(round, lines, by=None, announced_on=announced_on, stated_total_ug=stated_total_ug, source=source)
    except NothingChanged:
        return None


BATCH_COLUMNS = {
    "mission": "mission",
    "info_released": "released",
    "application_deadline": "closed",
    "review_date": "reviewed",
    "announced_or_handed_over": "announced",
    "mark": "mark",
    "notes": "notes",
    "source": "source",
}
BATCH_COUNTS = {
    "applications_received": "received_count",
    "applications_approved": "approved_count",
    "pis_approved": "people_count",
    "institutions_approved": "institution_count",
}


@transaction.atomic
def load_batches(path: Path) -> int:
    """The public record of domestic rounds: how many rows were new or changed. All or nothing (BadFile)."""
    rows = read_rows(path, needed=("batch", *BATCH_COLUMNS, *BATCH_COUNTS, "mass_mg"))
    touched = 0
    seen: set[str] = set()
    for position, row in enumerate(rows):
        batch = row.needed("batch")
        if batch in seen:
            raise row.bad("batch", _("“%(batch)s” stands twice in this file") % {"batch": batch})
        seen.add(batch)
        fields: dict[str, Any] = {name: row.text(column) for column, name in BATCH_COLUMNS.items()}
        fields |= {name: row.count(column) for column, name in BATCH_COUNTS.items()}
        fields |= {"mass_ug": row.micrograms("mass_mg"), "position": position}
        known = DomesticRound.objects.filter(batch=batch).first()
        if known is None:
            DomesticRound(batch=batch, **fields).save(force_insert=True)
            touched += 1
        elif any(getattr(known, name) != value for name, value in fields.items()):
            DomesticRound.objects.filter(pk=known.pk).update(**fields)
            touched += 1
    return touched
