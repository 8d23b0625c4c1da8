"""The lines of the office's lists: of each application just what its line shows, in one statement for the page.

Every list starts from `cases_visible_to`, like whatever else the office reads.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from accounts.keyset import Page, values_after
from applications.models import ApplicationQuerySet
from applications.workflow import TONES, Status
from institutions.models import reads_chinese, shown_name

CaseLine = dict[str, Any]
NEWEST_FIRST = ("-reference",)
NAMED = ("reference", "current__title", "institution__name_en", "institution__name_local")
OF_COUNTRY = ("institution__country__name_en", "institution__country__name_zh")


def lines_after(applications: ApplicationQuerySet, after: str, *columns: str) -> Page[CaseLine]:
    """One page: reference, title and institution, and these columns besides. A country's names and a status become words."""
    page = values_after(applications, after, columns=(*NAMED, *columns), order=NEWEST_FIRST)
    return Page(list(_in_words(page.rows)), page.next_after)


def _in_words(rows: Sequence[CaseLine]) -> Iterator[CaseLine]:
    """In the reader's language; what stands in many lines is translated once."""
    in_chinese = reads_chinese()
    labels = {value: str(Status(value).label) for value in {row["status"] for row in rows if "status" in row}}
    for row in rows:
        words = {"title": row["current__title"], "institution": shown_name(row["institution__name_en"], row["institution__name_local"])}
        if "status" in row:
            words |= {"state": labels[row["status"]], "tone": TONES.get(row["status"], "")}
        if OF_COUNTRY[0] in row:
            words["country"] = row[OF_COUNTRY[in_chinese]] or ""
        yield row | words
