"""A published list as files: CSV for spreadsheets, JSON for programs. Both hold the rows of the page in the page's order.

The columns and keys are a promise: new ones may join at the end, none is renamed or taken away; SCHEMA_VERSION rises if a meaning changes.
"""

import json
from collections.abc import Sequence
from typing import Any

import tablib

from results import schema
from results.models import Figures, ResultList, ResultRow
from workflow.models import canonical
from workflow.spreadsheets import neutral

SCHEMA_VERSION = 1
COLUMNS = (
    "round",
    "version",
    "country_code",
    "country_en",
    "country_zh",
    "institution_en",
    "institution_zh",
    "pi",
    "pi_zh",
    "sample_number",
    "mass_mg",
    "mass_ug",
    "source",
)


def plain_mg(mass_ug: int | None) -> str | None:
    """Milligrams with one decimal, a point and no thousands mark; None when no mass was published."""
    if mass_ug is None:
        return None
    return f"{mass_ug // 1000}.{mass_ug % 1000 // 100}"


def row_values(row: ResultRow) -> dict[str, Any]:
    return {
        "country_code": row.country_id or "",
        "country_en": row.country_en,
        "country_zh": row.country_zh,
        "institution_en": row.institution_en,
        "institution_zh": row.institution_zh,
        "pi": row.pi,
        "pi_zh": row.pi_zh,
        "sample_number": row.sample_number,
        "mass_mg": plain_mg(row.mass_ug),
        "mass_ug": row.mass_ug,
        "source": row.source,
    }


def csv_of(result_list: ResultList, rows: Sequence[ResultRow]) -> bytes:
    """UTF-8 with a byte order mark, so that a spreadsheet shows Chinese; an empty mass was not published."""
    table = tablib.Dataset(headers=COLUMNS)
    for row in rows:
        values = {"round": result_list.round.slug, "version": result_list.number, **row_values(row)}
        table.append([neutral(values[name]) if isinstance(values[name], str) else values[name] for name in COLUMNS])
    return f"\ufeff{table.export('csv')}".encode()


def json_of(result_list: ResultList, rows: Sequence[ResultRow], *, is_current: bool) -> bytes:
    """Both languages; masses as text in milligrams and as whole micrograms, null when not published."""
    known_ug = sum(row.mass_ug or 0 for row in rows)
    return _spelled(
        _head(result_list, "list", is_current=is_current)
        | {
            "announced_on": result_list.announced_on.isoformat() if result_list.announced_on else None,
            "published_at": canonical(result_list.published_at),
            "note_en": result_list.note_en,
            "note_zh": result_list.note_zh,
            "source": result_list.source,
            "stated_total_mg": plain_mg(result_list.stated_total_ug),
            "stated_total_ug": result_list.stated_total_ug,
            "known_total_mg": plain_mg(known_ug),
            "known_total_ug": known_ug,
            "rows_without_mass": sum(row.mass_ug is None for row in rows),
            "rows": [row_values(row) for row in rows],
        }
    )


def _head(result_list: ResultList, kind: str, *, is_current: bool) -> dict[str, Any]:
    round = result_list.round
    return {
        "$schema": f"{schema.address()}#/$defs/{kind}",
        "schema_version": SCHEMA_VERSION,
        "round": {
            "slug": round.slug,
            "title_en": round.title_en,
            "title_zh": round.title_zh,
            "mission": round.mission.slug,
            "is_public_record": round.is_public_record,
            "is_synthetic": round.is_synthetic,
        },
        "version": result_list.number,
        "is_current": is_current,
    }


def _spelled(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def schema_json() -> bytes:
    return _spelled(schema.schema())


def figures_json(result_list: ResultList, figures: Figures, *, is_current: bool) -> bytes:
    """The figures as they were stored with the version; null where a number is left out."""
    head = _head(result_list, "transparency", is_current=is_current)
    return _spelled(head | {"published_at": canonical(result_list.published_at)} | figures.content)


FIGURE_COLUMNS = ("round", "version", "table", "row", "row_en", "row_zh", "measure", "value")


def figures_csv(result_list: ResultList, figures: Figures) -> bytes:
    """One number a line; an empty value was left out."""
    table = tablib.Dataset(headers=FIGURE_COLUMNS)
    content, head = figures.content, (result_list.round.slug, result_list.number)
    for step in content["funnel"]:
        table.append((*head, "funnel", step["step"], "", "", "applications", step["count"]))
    for form in content["forms"]:
        for measure in ("offered", "requests", "asked_ug", "approved", "approved_ug"):
            table.append((*head, "forms", form["form"] or "all", "", "", measure, form[measure]))
    for country in content["countries"]:
        names = (country["code"] or "organisations", neutral(country["name_en"]), neutral(country["name_zh"]))
        for measure in ("handed_in", "approved", "approved_ug"):
            table.append((*head, "countries", *names, measure, country[measure]))
    for measure in ("median_days_from_closing", "median_days_from_handing_in"):
        table.append((*head, "waiting", "", "", "", measure, content["waiting"][measure]))
    return f"\ufeff{table.export('csv')}".encode()
