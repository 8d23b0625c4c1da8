"""Reads a catalogue file: one sample a row, every column checked, every bad row named by line and column."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from samples.masses import NotAMass, parse_mg
from samples.models import NUMBER_PATTERN, Form, Method, Mission
from samples.numbers import parse_number

COLUMNS = ("sample_id", "mission", "method", "type", "mass_mg", "source")
TYPES = {"powder": Form.POWDER, "clast": Form.CLAST, "polished section": Form.SECTION}
MOST_NAMED = 20  # bad rows named in one refusal


class BadCatalogue(Exception):
    """The file cannot be loaded; the text names each bad row by line and column. Nothing of it was loaded."""

    def __init__(self, problems: list[str]) -> None:
        more = len(problems) - MOST_NAMED
        named = problems[:MOST_NAMED] + ([_("… and %(count)d more.") % {"count": more}] if more > 0 else [])
        super().__init__("\n".join(named))


@dataclass(frozen=True)
class Row:
    """One sample as the file states it. An empty mass means that it is not known."""

    line: int
    number: str
    mission: str  # code
    method: Method
    form: Form
    mass_ug: int | None
    source: str


def at(line: int, column: str, sentence: str) -> str:
    return _("Line %(line)d, column %(column)s: %(sentence)s") % {"line": line, "column": column, "sentence": sentence}


def read_catalogue(content: bytes, missions: Iterable[Mission]) -> list[Row]:
    """The rows of a file, or BadCatalogue."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise BadCatalogue([_("Line %(line)d: the file is not UTF-8 text.") % {"line": line}]) from problem
    names = {_plain(name): mission.code for mission in missions for name in (mission.code, mission.slug, mission.name_en, mission.name_zh)}
    rows: list[Row] = []
    problems: list[str] = []
    lines: dict[str, int] = {}
    try:
        for line, cells in _cells(text):
            row, wrong = _read(line, cells, names)
            if row and (earlier := lines.setdefault(row.number, line)) != line:
                wrong.append(at(line, "sample_id", _("%(number)s stands in line %(earlier)d already.") % {"number": row.number, "earlier": earlier}))
            problems += wrong
            if row:
                rows.append(row)
    except csv.Error as problem:
        problems.append(_("The file is not a CSV table: %(problem)s.") % {"problem": problem})
    if problems:
        raise BadCatalogue(problems)
    if not rows:
        raise BadCatalogue([_("The file has no rows.")])
    return rows


def warnings_about(rows: Iterable[Row]) -> Iterator[str]:
    """What is unusual and not wrong: a number outside the known pattern, or one that says something else than its columns."""
    for row in rows:
        parts = parse_number(row.number)
        if parts is None:
            yield at(row.line, "sample_id", _("%(number)s does not fit the known pattern of sample numbers.") % {"number": row.number})
            continue
        for column, said, stated in (("mission", parts.mission, row.mission), ("method", parts.method, row.method), ("type", parts.form, row.form)):
            if said != stated:
                yield at(
                    row.line,
                    column,
                    _("%(number)s reads as %(said)s, the file says %(stated)s.") % {"number": row.number, "said": said, "stated": stated},
                )


def _cells(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each row that is not blank. The header is checked on the way."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip() for name in next(reader, [])]
    missing = [name for name in COLUMNS if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    if missing or unknown or len(set(header)) != len(header):
        expected, found = ",".join(COLUMNS), ",".join(header) or _("nothing")
        raise BadCatalogue([_("Line 1: the columns must be %(expected)s; the file has %(found)s.") % {"expected": expected, "found": found}])
    begins = reader.line_num + 1
    for values in reader:
        line, begins = begins, reader.line_num + 1  # a quoted cell may run over several lines: name the first
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(header):
            wrong = _("Line %(line)d: %(found)d cells instead of %(expected)d.") % {"line": line, "found": len(values), "expected": len(header)}
            raise BadCatalogue([wrong])
        yield line, dict(zip(header, (value.strip() for value in values), strict=True))


def _plain(name: str) -> str:
    """A name as it may be written in a file: either apostrophe, any case."""
    return name.replace("’", "'").casefold()


def _read(line: int, cells: dict[str, str], missions: dict[str, str]) -> tuple[Row | None, list[str]]:
    wrong = []
    number = cells["sample_id"]
    if not re.fullmatch(NUMBER_PATTERN, number):
        wrong.append(
            at(line, "sample_id", _("“%(number)s” is no sample number: capital letters, digits and hyphens only.") % {"number": number[:60]})
        )
    mission = missions.get(_plain(cells["mission"]))
    if mission is None:
        wrong.append(at(line, "mission", _("“%(name)s” is no known mission.") % {"name": cells["mission"][:60]}))
    if cells["method"] not in Method.values:
        wrong.append(at(line, "method", _not_one_of(cells["method"], Method.values)))
    if cells["type"] not in TYPES:
        wrong.append(at(line, "type", _not_one_of(cells["type"], TYPES)))
    if "\x00" in cells["source"]:
        wrong.append(at(line, "source", _("The text contains a character that cannot be stored.")))
    mass_ug = None
    if cells["mass_mg"]:
        try:
            mass_ug = parse_mg(cells["mass_mg"])
        except NotAMass as problem:
            wrong.append(at(line, "mass_mg", str(problem)))
    if wrong or mission is None:
        return None, wrong
    return Row(line, number, mission, Method(cells["method"]), TYPES[cells["type"]], mass_ug, cells["source"]), []


def _not_one_of(value: str, allowed: Iterable[str]) -> str:
    return _("“%(value)s” is not one of: %(allowed)s.") % {"value": value[:60], "allowed": ", ".join(allowed)}
