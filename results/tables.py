"""A published list as files: CSV for spreadsheets, JSON for programs. Both hold the rows of the page in the page's order.

The columns and keys are a promise: new ones may join at the end, none is renamed or taken away; SCHEMA_VERSION rises if a meaning changes.
"""

import json
from collections.abc import Sequence
from typing import Any

import tablib

from results.models import ResultList, ResultRow
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
    round = result_list.round
    known_ug = sum(row.mass_ug or 0 for row in rows)
    content = {
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
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"
