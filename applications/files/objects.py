"""How the parts of a PDF are read whatever was put in place of what belongs there."""

from typing import Any

from pikepdf import Array, Name

ANNOTATIONS = "Text|FreeText|Line|Square|Circle|Polygon|PolyLine|Highlight|Underline|Squiggly|StrikeOut|Stamp|Caret|Ink|Popup|Redact|Link"
# Names in the normal spelling that qpdf gives them. Only an object in which one stands is looked at closely.


def name_of(thing: Any, key: str) -> str:
    value = thing.get(key)
    return str(value) if isinstance(value, Name) else ""


def number(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError, OverflowError):
        return 0


def filters_of(stream: Any) -> list[str]:
    found = stream.get("/Filter")
    if isinstance(found, Name):
        return [str(found)]
    return [str(name) for name in found] if isinstance(found, Array) else []
