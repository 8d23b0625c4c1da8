"""What the JSON files of published lists and figures look like, as a JSON Schema that everybody can fetch."""

from typing import Any

from django.conf import settings
from django.urls import reverse


def address() -> str:
    return str(settings.SITE_URL) + reverse("results:schema")


def _of(kind: str | list[str], said: str = "", **more: Any) -> dict[str, Any]:
    return {"type": kind} | ({"description": said} if said else {}) | more


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


MG = _of(["string", "null"], "Milligrams with one decimal; null: not published, which is never nought.", pattern=r"^[0-9]+\.[0-9]$")
UG = _of(["integer", "null"], "Whole micrograms; null: not published, which is never nought.", minimum=0)
COUNT = _of(["integer", "null"], "null: left out, because it is under five or would give away such a number.", minimum=0)
WHOLE = _of("integer", minimum=0)
WORDS = _of("string")
DAY = _of(["string", "null"], format="date")
MOMENT = _of("string", "UTC", format="date-time")
ROUND = _object(
    slug=WORDS,
    title_en=WORDS,
    title_zh=WORDS,
    mission=WORDS,
    is_public_record=_of("boolean", "Held before this portal existed; rows and sources as they were published."),
    is_synthetic=_of("boolean", "Made up for demonstration."),
)
VERSION = _of("integer", minimum=1)
CODE = _of("string", "ISO 3166-1 alpha-2; empty for an international organisation.", pattern="^([A-Z]{2})?$")
ROW = _object(
    country_code=CODE,
    country_en=WORDS,
    country_zh=WORDS,
    institution_en=WORDS,
    institution_zh=WORDS,
    pi=WORDS,
    pi_zh=WORDS,
    sample_number=WORDS,
    mass_mg=MG,
    mass_ug=UG,
    source=WORDS,
)


def _document(kind: str, **properties: Any) -> dict[str, Any]:
    link = _of("string", "The address of this schema.", const=f"{address()}#/$defs/{kind}")
    document = _object(schema_version=_of("integer", const=1), round=ROUND, version=VERSION, is_current=_of("boolean"), **properties)
    return document | {"properties": {"$schema": link} | document["properties"], "required": ["$schema", *document["required"]]}


def schema() -> dict[str, Any]:
    """One document for both kinds of files."""
    result_list = _document(
        "list",
        announced_on=DAY,
        published_at=MOMENT,
        note_en=WORDS,
        note_zh=WORDS,
        source=WORDS,
        stated_total_mg=MG | {"description": "As the source states it; never derived from the rows."},
        stated_total_ug=UG,
        known_total_mg=MG | {"description": "The sum of the masses that were published row by row."},
        known_total_ug=UG,
        rows_without_mass=WHOLE,
        rows={"type": "array", "items": ROW},
    )
    step = {"enum": ["handed_in", "checked", "reviewed", "heard", "approved"]}
    form = _object(
        form={"enum": ["powder", "clast", "section", ""], "description": "Empty: all forms together."},
        offered=WHOLE,
        requests=COUNT,
        asked_ug=COUNT,
        approved=WHOLE,
        approved_ug=WHOLE,
    )
    country = _object(
        code=_of("string", "As in a list; “others” for the rest together.", pattern="^([A-Z]{2}|others)?$"),
        name_en=WORDS,
        name_zh=WORDS,
        handed_in=COUNT,
        approved=WHOLE,
        approved_ug=WHOLE,
    )
    waiting = _object(closed_at=_of("string", format="date-time"), median_days_from_closing=COUNT, median_days_from_handing_in=COUNT)
    transparency = _document(
        "transparency",
        published_at=MOMENT,
        counted_on=_of("string", "When what was asked for was counted; a later version keeps it.", format="date"),
        smallest=_of("integer", "The smallest number of applications that is shown."),
        funnel={"type": "array", "items": _object(step=step, count=COUNT)},
        forms={"type": "array", "items": form},
        countries={"type": "array", "items": country},
        waiting=waiting,
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address(),
        "title": "Lists of approved institutions and the figures of their rounds",
        "oneOf": [{"$ref": "#/$defs/list"}, {"$ref": "#/$defs/transparency"}],
        "$defs": {"list": result_list, "transparency": transparency},
    }
