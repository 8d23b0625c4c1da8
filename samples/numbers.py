"""What a sample's number says, part by part.

No official key has been published. The reading comes from the numbers themselves, the official names of the types and three
papers; each part is marked as confirmed by a public source or as our inference. A number that does not fit the pattern is
unusual, not wrong: codes may exist that nobody outside has seen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

PATTERN = re.compile(
    r"(?P<mission>CE[56])(?P<method>[CZ])(?P<container>\d{2})(?P<part>\d{2})"
    r"(?:(?P<use>YJ)(?:(?P<form>YX|FM)(?P<serial>\d{3})(?P<split>\d{2})?(?P<preparation>GP)?)?)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Part:
    """A piece of the number: its characters, what kind of thing they name, what they mean, and whether a source confirms it."""

    code: str
    name: str | Promise
    meaning: str | Promise
    is_confirmed: bool


@dataclass(frozen=True)
class NumberParts:
    """A number taken apart. `mission`, `method` and `form` are the values that the number itself claims."""

    text: str
    mission: str  # the code of the mission: CE5
    method: str  # a value of samples.models.Method
    form: str  # a value of samples.models.Form
    parts: tuple[Part, ...]


def parse_number(text: str) -> NumberParts | None:
    """Take a number apart, or None where it does not fit the known pattern."""
    found = PATTERN.fullmatch(text)
    if found is None:
        return None
    codes = {name: code for name, code in found.groupdict().items() if code}
    form = "section" if "preparation" in codes else "clast" if codes.get("form") == "YX" else "powder"
    method = "scooped" if codes["method"] == "C" else "drilled"
    return NumberParts(text, codes["mission"], method, form, tuple(_explain(codes)))


def parent_numbers(text: str) -> list[str]:
    """The numbers of what this sample may have been taken from, nearest first: section, split, item, pool, container.

    CE5C0400YJFM00901 -> CE5C0400YJFM009, CE5C0400YJ, CE5C0400. The parent is the first of them that the catalogue holds.
    """
    found = PATTERN.fullmatch(text)
    if found is None:
        return []
    ends = [found.end(name) for name in ("preparation", "split", "serial", "use", "part") if found.end(name) > 0]
    return [text[:end] for end in ends if end < len(text)]


def _explain(codes: dict[str, str]) -> Iterator[Part]:
    if codes["mission"] == "CE5":
        yield Part("CE5", _("Mission"), _("Chang’e-5"), True)
    else:
        yield Part("CE6", _("Mission"), _("Chang’e-6"), False)
    if codes["method"] == "C":
        yield Part("C", _("Method"), _("Scooped from the surface (铲取)"), True)
        yield _bottle(codes["container"])
        yield Part(codes["part"], _("Part"), _("Part of that bottle"), False)
    else:
        yield Part("Z", _("Method"), _("Drilled from a core (钻取)"), False)
        yield Part(codes["container"], _("Core segment"), format_lazy(_("Segment {number} of the drill core"), number=int(codes["container"])), False)
        yield Part(codes["part"], _("Sub-segment"), format_lazy(_("Part {number} of that segment"), number=int(codes["part"])), False)
    if "use" in codes:
        yield Part("YJ", _("Use"), _("Research (研究)"), False)
    if "form" in codes:
        yield Part(codes["form"], _("Form"), _("Powder (粉末)") if codes["form"] == "FM" else _("Clast (岩屑)"), False)
        yield Part(codes["serial"], _("Serial number"), _("Item within this form and container"), False)
    if "split" in codes:
        yield Part(codes["split"], _("Split"), _("Portion weighed out of that item"), False)
    if "preparation" in codes:
        yield Part("GP", _("Preparation"), _("Polished section, set in resin (光片)"), True)


def _bottle(code: str) -> Part:
    if code == "00":
        return Part(code, _("Container"), _("Not tied to one storage bottle: picked out of several"), False)
    return Part(code, _("Container"), format_lazy(_("Storage bottle {number}"), number=int(code)), False)
