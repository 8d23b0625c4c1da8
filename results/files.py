"""How files of the public record are read: every row checked, each bad one named by line and column, nothing half loaded."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from results.models import first_day_of
from samples.masses import NotAMass, parse_mg

MOST_NAMED = 20  # bad rows named in one refusal
LARGEST_COUNT = 1_000_000
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class BadFile(Exception):
    """A file that cannot be loaded; the text names each bad row by line and column. Nothing was loaded."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        more = len(problems) - MOST_NAMED
        named = [*problems[:MOST_NAMED], *([_("… and %(count)d more.") % {"count": more}] if more > 0 else [])]
        super().__init__("\n".join(named))


@dataclass(frozen=True)
class Row:
    """One data row; `line` is the line in the file where it begins (the heading is line 1)."""

    line: int
    values: dict[str, str]

    def text(self, column: str, *, most: int | None = None) -> str:
        value = self.values.get(column, "")
        if UNSTORABLE.search(value):
            raise self.bad(column, _("the text contains a character that cannot be stored"))
        if most is not None and len(value) > most:
            raise self.bad(column, _("the text has more than %(most)d characters") % {"most": most})
        return value

    def needed(self, column: str, *, most: int | None = None) -> str:
        value = self.text(column, most=most)
        if not value:
            raise self.bad(column, _("a value is needed here"))
        return value

    def micrograms(self, column: str) -> int | None:
        """Milligrams as written, in whole micrograms; an empty cell means not published."""
        value = self.text(column)
        if not value:
            return None
        try:
            return parse_mg(value)
        except NotAMass as problem:
            raise self.bad(column, str(problem).rstrip(".")) from None

    def count(self, column: str) -> int | None:
        value = self.text(column)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 8 and int(value) <= LARGEST_COUNT):
            raise self.bad(column, _("“%(value)s” is not a whole number") % {"value": value[:60]})
        return int(value)

    def partial_date(self, column: str) -> str:
        """A day, a month or a year as it was published: 2021-07-12, 2021-07 or 2021."""
        value = self.text(column)
        try:
            if value:
                first_day_of(value)
        except ValueError:
            raise self.bad(column, _("“%(value)s” is not a date; write 2021-07-12, 2021-07 or 2021") % {"value": value[:60]}) from None
        return value

    def bad(self, column: str, problem: str) -> BadFile:
        return BadFile(_("Line %(line)d, column “%(column)s”: %(problem)s.") % {"line": self.line, "column": column, "problem": problem})


def read_rows(path: Path, *, needed: Sequence[str], optional: Sequence[str] = ()) -> list[Row]:
    """The rows of a CSV file in UTF-8 with exactly these columns, in any order."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise BadFile(_("The file %(path)s cannot be read: %(problem)s.") % {"path": path, "problem": problem.strerror}) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise BadFile(_("Line %(line)d: the file is not text in UTF-8.") % {"line": line}) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, needed, optional)
        rows = list(_rows(reader, header))
    except csv.Error as problem:
        raise BadFile(_("Line %(line)d: this is no CSV table (%(problem)s).") % {"line": max(reader.line_num, 1), "problem": problem}) from None
    if not rows:
        raise BadFile(_("The file has no rows."))
    return rows


def _check_header(header: Sequence[str], needed: Sequence[str], optional: Sequence[str]) -> None:
    problems = [_("Line 1: the column “%(column)s” is missing.") % {"column": column} for column in needed if column not in header]
    for position, column in enumerate(header):
        if column not in needed and column not in optional:
            problems.append(_("Line 1: the column “%(column)s” is not known.") % {"column": column[:60]})
        elif column in header[:position]:
            problems.append(_("Line 1: the column “%(column)s” stands there twice.") % {"column": column})
    if problems:
        raise BadFile(*problems)


def _rows(reader: "Iterator[list[str]]", header: Sequence[str]) -> Iterator[Row]:
    """Rows that are not blank; a quoted cell may run over several lines, and the first one is named."""
    begins = 2
    for values in reader:
        line, begins = begins, reader.line_num + 1  # type: ignore[attr-defined]
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(header):
            said = {"line": line, "found": len(values), "expected": len(header)}
            raise BadFile(_("Line %(line)d: %(found)d cells instead of %(expected)d.") % said)
        yield Row(line, dict(zip(header, (value.strip() for value in values), strict=True)))


def parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadFile(_("“%(text)s” is not a date; write it as 2025-04-24.") % {"text": text}) from None


def parse_total(text: str) -> int:
    try:
        return parse_mg(text)
    except NotAMass as problem:
        raise BadFile(str(problem)) from None
