"""The rows of a list before it is published: what the announced decisions come to, and what that changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from institutions.models import Country, Institution
from institutions.names import key_of
from results.models import ResultList
from reviews.models import Announcement, Award, Decision
from reviews.workflow import GRANTED, AnnouncementStatus
from rounds.models import Round
from workflow.models import digest_of


@dataclass(frozen=True)
class Line:
    """One row of a list. An empty mass means that none was published."""

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

    @property
    def country_code(self) -> str:
        return self.country.code if self.country else ""

    def place(self) -> tuple[Any, ...]:
        """Where it stands in a list: by country or region (organisations last), institution and sample."""
        position = self.country.position if self.country else 0
        country = (self.country is None, position, key_of(self.country_en))
        return (*country, key_of(self.institution_en), self.institution_en, self.sample_number, self.mass_ug or 0, self.pi, self.source)


def fields_of(line: Line) -> dict[str, Any]:
    """The fields by name, with their records as they are (dataclasses.asdict would copy them)."""
    return {name: getattr(line, name) for name in line.__dataclass_fields__}


def digest_of_lines(
    lines: Sequence[Line], *, announced_on: date | None = None, stated_total_ug: int | None = None, source: str = "", is_record: bool = False
) -> str:
    """What tells one version from another. Rows are a multiset: their order does not count.

    Ids of rows are left out, and for the public record the names of countries as well: the same file gives the same digest,
    whatever the register has learnt since.
    """
    rows = []
    for line in lines:
        content = {name: value for name, value in fields_of(line).items() if name not in {"institution", "country"}}
        if is_record:
            del content["country_en"], content["country_zh"]
        rows.append(digest_of(content | {"country": line.country_code}))
    rows.sort()
    return digest_of({"rows": "\n".join(rows), "announced_on": str(announced_on), "stated_total_ug": stated_total_ug, "source": source})


@dataclass(frozen=True)
class Proposal:
    """What the next version of a round's list would say."""

    lines: list[Line]
    announced_on: date | None
    approved: dict[int, str] = field(default_factory=dict)  # the country's code of each approved application, by its key
    forms: dict[str, str] = field(default_factory=dict)  # of the samples, by number

    @property
    def digest(self) -> str:
        return digest_of_lines(self.lines, announced_on=self.announced_on)

    @property
    def approved_by_country(self) -> Counter[str]:
        return Counter(self.approved.values())

    @property
    def mass_by_country(self) -> Counter[str]:
        mass: Counter[str] = Counter()
        for line in self.lines:
            mass[line.country_code] += line.mass_ug or 0
        return mass

    def lines_by_form(self) -> Counter[str]:
        return Counter(self.forms[line.sample_number] for line in self.lines)

    def mass_by_form(self) -> Counter[str]:
        mass: Counter[str] = Counter()
        for line in self.lines:
            mass[self.forms[line.sample_number]] += line.mass_ug or 0
        return mass


def proposal_for(round: Round) -> Proposal:
    """The approved awards of the round whose announcement is visible, read by one statement: all of an announcement or nothing.

    The date is that of the first announcement among them, so it changes only when the rows do.
    """
    awards = Award.objects.filter(
        outcome__in=GRANTED,
        decision__status="announced",
        decision__application__round=round,
        decision__application__status="approved",
        decision__application__visible_at__lte=timezone.now(),
    ).select_related(
        "decision__application__institution__country",
        "decision__application__institution__merged_into__country",
        "decision__application__owner",
        "request__sample",
    )
    lines: list[Line] = []
    moments: list[datetime] = []
    approved: dict[int, str] = {}
    forms: dict[str, str] = {}
    for award in awards:
        application = award.decision.application
        assert application.institution is not None
        assert application.visible_at is not None
        institution, owner = application.institution.survivor, application.owner
        country = institution.country
        moments.append(application.visible_at)
        approved[application.pk] = country.pk if country else ""
        forms[award.request.sample.number] = award.request.sample.form
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
    first = timezone.localdate(min(moments)) if moments else None
    return Proposal(sorted(lines, key=Line.place), first, approved, forms)


def has_waiting_decisions(round: Round) -> bool:
    """Whether the round has announced nothing yet, a decided application is unannounced, or an announcement is not visible yet."""
    waiting = Decision.objects.awaiting_announcement().filter(application__round=round)
    announcements = Announcement.objects.filter(round=round)
    return (
        not announcements.filter(status=AnnouncementStatus.DONE, visible_at__lte=timezone.now()).exists()
        or announcements.under_way().exists()
        or waiting.exists()
    )


SHOWN = ("country_en", "country_zh", "institution_en", "institution_zh", "pi", "pi_zh", "sample_number", "mass_ug")


@dataclass(frozen=True)
class ComparedLine:
    """A row of the next version (added or the same) or one that it leaves out."""

    line: Any  # Line or ResultRow: they carry the same names
    is_added: bool = False
    is_dropped: bool = False


def compare(lines: Sequence[Any], last: ResultList | None) -> list[ComparedLine]:
    """The rows of the next version (lines, or rows once it is published) beside those of the last; without one nothing counts as added."""
    if last is None:
        return [ComparedLine(line) for line in lines]
    rows = list(last.rows.all())
    stands = Counter(_shown(row) for row in rows)
    compared = []
    for line in lines:
        is_known = stands[_shown(line)] > 0
        stands[_shown(line)] -= is_known
        compared.append(ComparedLine(line, is_added=not is_known))
    for row in rows:
        if stands[_shown(row)] > 0:
            stands[_shown(row)] -= 1
            compared.append(ComparedLine(row, is_dropped=True))
    return sorted(compared, key=lambda one: (key_of(one.line.country_en), key_of(one.line.institution_en), one.line.sample_number, one.is_added))


def _shown(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in SHOWN)
