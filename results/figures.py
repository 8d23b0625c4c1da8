"""The figures of a round, counted once when its list is first published, with small numbers left out before anything is stored.

What was asked for stays as it was counted then: a second count, after a correction, would give a small number away by the difference.
What was approved follows the list of each version, which names it in any case.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from applications import workflow as application_steps
from applications.models import Application, ApplicationChange, Request
from institutions.models import Country
from results.lines import Proposal
from results.suppression import SMALLEST, Cell, hidden_cells, is_shown
from reviews.models import Review, Slot
from reviews.workflow import ReviewStatus, SlotStatus
from rounds.models import Round
from samples.models import Form

ORGANISATION, OTHERS = "", "others"  # in the place of a country's code


class Case(NamedTuple):
    """What is counted of one application that was handed in."""

    country: str
    submitted_at: datetime
    visible_at: datetime | None
    is_checked: bool
    is_reviewed: bool
    is_heard: bool


class Asked(NamedTuple):
    """One sample line of such an application, fall-backs apart."""

    form: str
    mass_ug: int
    application_id: int


def cases_of(round: Round) -> list[Case]:
    """Everything that was handed in, whatever became of it, read by one statement."""
    accepted = ApplicationChange.objects.filter(record=OuterRef("pk"), move=application_steps.ACCEPT.name)
    rows: QuerySet[Any] = (  # with what is annotated
        Application.objects.filter(round=round, submitted_at__isnull=False)
        .annotate(
            is_checked=Exists(accepted),
            is_reviewed=Exists(Review.objects.filter(application=OuterRef("pk"), status=ReviewStatus.FILED)),
            is_heard=Exists(Slot.objects.filter(application=OuterRef("pk"), status=SlotStatus.HEARD)),
        )
        .select_related("institution__merged_into")
    )
    return [
        Case(
            (row.institution.survivor.country_id or ORGANISATION) if row.institution else ORGANISATION,
            row.submitted_at,
            row.visible_at,
            row.is_checked,
            row.is_reviewed,
            row.is_heard,
        )
        for row in rows
    ]


def asked_in(round: Round) -> list[Asked]:
    current = Application.objects.filter(round=round, submitted_at__isnull=False).values("current")
    rows = Request.objects.filter(version__in=current, fallback=0).values_list("sample__form", "mass_ug", "version__application_id")
    return [Asked(*row) for row in rows]


def figures_for(round: Round, proposal: Proposal, earlier: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is stored with a version. With `earlier`, the figures of the version before it, nothing is counted again but the approved ones."""
    counted = earlier or _counted(round, proposal)
    approved = proposal.approved_by_country
    names = {country.pk: country for country in Country.objects.in_bulk(approved).values()}
    return counted | {
        "funnel": [step | {"count": len(proposal.approved)} if step["step"] == "approved" else step for step in counted["funnel"]],
        "forms": _with_approved_forms(counted["forms"], proposal),
        "countries": _with_approved_countries(counted["countries"], proposal, names),
    }


def _counted(round: Round, proposal: Proposal) -> dict[str, Any]:
    cases = cases_of(round)
    rows, total = _countries(cases, proposal)
    steps = {
        "checked": sum(case.is_checked for case in cases),
        "reviewed": sum(case.is_reviewed for case in cases),
        "heard": sum(case.is_heard for case in cases),
    }
    approved = len(proposal.approved)
    funnel = [{"step": "handed_in", "count": total}]
    funnel += [{"step": step, "count": count if is_shown(count, approved=approved) else None} for step, count in steps.items()]
    return {
        "counted_on": timezone.localdate().isoformat(),
        "smallest": SMALLEST,
        "funnel": [*funnel, {"step": "approved", "count": approved}],
        "forms": _forms(asked_in(round), proposal, Counter(round.samples.values_list("form", flat=True))),
        "countries": rows,
        "waiting": _waiting(round, cases),
    }


def _countries(cases: Sequence[Case], proposal: Proposal) -> tuple[list[dict[str, Any]], int | None]:
    """Countries and regions that the list names or that handed in enough, the rest together and unnamed; and how many in all."""
    approved = proposal.approved_by_country
    handed_in = Counter(case.country for case in cases)
    named = [code for code in {*handed_in, *approved} if approved[code] or handed_in[code] >= SMALLEST]
    countries = Country.objects.in_bulk([code for code in named if code != ORGANISATION])
    named.sort(key=lambda code: (code == ORGANISATION, countries[code].position if code in countries else 0, code))
    others = sum(count for code, count in handed_in.items() if code not in named)
    cells = [Cell(handed_in[code], handed_in[code], approved[code]) for code in named]
    cells += [Cell(others, others)] if others else []
    hidden = hidden_cells(cells)
    is_told = hidden is not None and is_shown(len(cases), approved=len(proposal.approved))
    shown = [cell.count if is_told and position not in (hidden or ()) else None for position, cell in enumerate(cells)]
    rows = [_country(code, countries.get(code)) | {"handed_in": count} for code, count in zip(named, shown, strict=False)]
    if others:
        rows.append({"code": OTHERS, "name_en": "", "name_zh": "", "handed_in": shown[-1]})
    return rows, len(cases) if is_told else None


def _country(code: str, country: Country | None) -> dict[str, Any]:
    return {"code": code, "name_en": country.name_en if country else "", "name_zh": country.name_zh if country else ""}


def _with_approved_countries(rows: Iterable[dict[str, Any]], proposal: Proposal, names: dict[str, Country]) -> list[dict[str, Any]]:
    """Rows as counted, with what the list says; a country that the list names only now was counted among the others."""
    approved, mass = proposal.approved_by_country, proposal.mass_by_country
    rows = [dict(row) for row in rows]
    known = {row["code"] for row in rows}
    added = [_country(code, names.get(code)) | {"handed_in": None} for code in sorted(set(approved) - known)]
    last = [row for row in rows if row["code"] == OTHERS]
    rows = [row for row in rows if row["code"] != OTHERS] + added + last
    return [row | {"approved": approved[row["code"]], "approved_ug": mass[row["code"]]} for row in rows]


def _forms(asked: Sequence[Asked], proposal: Proposal, offered: Counter[str]) -> list[dict[str, Any]]:
    """What was asked for by form of the sample, and in all (`form` empty)."""
    approved = proposal.lines_by_form()
    forms = [form for form in Form.values if offered[form]]
    of_form = {form: [one for one in asked if one.form == form] for form in forms}
    cells = [Cell(len(of_form[form]), len({one.application_id for one in of_form[form]}), approved[form]) for form in forms]
    hidden = hidden_cells(cells)
    rows: list[dict[str, Any]] = []
    for position, form in enumerate(forms):
        is_told = hidden is not None and position not in hidden
        rows.append(_form(form, offered[form], of_form[form], is_told=is_told))
    return [*rows, _form("", sum(offered.values()), asked, is_told=hidden is not None)]


def _form(form: str, offered: int, asked: Sequence[Asked], *, is_told: bool) -> dict[str, Any]:
    said = {"requests": len(asked), "asked_ug": sum(one.mass_ug for one in asked)} if is_told else {"requests": None, "asked_ug": None}
    return {"form": form, "offered": offered} | said


def _with_approved_forms(rows: Iterable[dict[str, Any]], proposal: Proposal) -> list[dict[str, Any]]:
    lines, mass = proposal.lines_by_form(), proposal.mass_by_form()
    lines[""], mass[""] = sum(lines.values()), sum(mass.values())
    return [row | {"approved": lines[row["form"]], "approved_ug": mass[row["form"]]} for row in rows]


def _waiting(round: Round, cases: Sequence[Case]) -> dict[str, Any]:
    """Whole days from the closing, and from handing in, to the moment at which each decision could be seen."""
    decided = [case for case in cases if case.visible_at is not None]
    assert round.closes_at is not None
    days = {
        "from_closing": [max((case.visible_at - round.closes_at).days, 0) for case in decided if case.visible_at],
        "from_handing_in": [max((case.visible_at - case.submitted_at).days, 0) for case in decided if case.visible_at],
    }
    is_told = len(decided) >= SMALLEST
    return {
        "closed_at": round.closes_at.isoformat(),
        "median_days_from_closing": int(median(days["from_closing"])) if is_told else None,
        "median_days_from_handing_in": int(median(days["from_handing_in"])) if is_told else None,
    }
