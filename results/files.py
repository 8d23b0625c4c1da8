"""How files of the public record are read: every row checked, a bad one named by line and column, nothing half loaded."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.utils.translation import gettext as _


class BadFile(Exception):
    """A file that cannot be loaded; the text names line and column. Nothing was loaded."""


@dataclass(frozen=True)
class Row:
    """One data row; `line` is its line in the file (the heading is line 1)."""

    line: int
    values: dict[str, str]

    def text(self, column: str) -> str:
        return self.values.get(column, "").strip()

    def needed(self, column: str) -> str:
        value = self.text(column)
        if not value:
            raise self.bad(column, _("a value is needed here"))
        return value

    def micrograms(self, column: str) -> int | None:
        """Milligrams as written, in whole micrograms; an empty cell means not published."""
        value = self.text(column)
        if not value:
            return None
        try:
            mass_mg = Decimal(value)
        except InvalidOperation:
            raise self.bad(column, _("“%(value)s” is not a mass in milligrams") % {"value": value}) from None
        if not mass_mg.is_finite() or mass_mg <= 0 or mass_mg * 1000 != int(mass_mg * 1000) or mass_mg > 10**9:
            raise self.bad(column, _("“%(value)s” is not a mass above 0 mg") % {"value": value})
        return int(mass_mg * 1000)

    def count(self, column: str) -> int | None:
        value = self.text(column)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 8):
            raise self.bad(column, _("“%(value)s” is not a whole number") % {"value": value})
        return int(value)

    def bad(self, column: str, problem: str) -> BadFile:
        return BadFile(_("Line %(line)d, column “%(column)s”: %(problem)s.") % {"line": self.line, "column": column, "problem": problem})


def read_rows(path: Path, *, needed: Sequence[str], optional: Sequence[str] = ()) -> list[Row]:
    """The rows of a CSV file in UTF-8 with exactly these columns, in any order."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise BadFile(_("The file %(path)s cannot be read: %(problem)s.") % {"path": path, "problem": problem.strerror}) from None
    except UnicodeDecodeError:
        raise BadFile(_("The file %(path)s is not text in UTF-8.") % {"path": path}) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = list(reader.fieldnames or [])
    for column in needed:
        if column not in columns:
            raise BadFile(_("Line 1: the column “%(column)s” is missing.") % {"column": column})
    for column in columns:
        if column not in needed and column not in optional:
            raise BadFile(_("Line 1: the column “%(column)s” is not known.") % {"column": column})
    rows = []
    for values in reader:
        if None in values or None in values.values():
            raise BadFile(_("Line %(line)d: the number of cells does not match the heading.") % {"line": reader.line_num})
        rows.append(Row(reader.line_num, values))
    if not rows:
        raise BadFile(_("The file has no rows."))
    return rows


def parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadFile(_("“%(text)s” is not a date; write it as 2025-04-24.") % {"text": text}) from None
