"""One page of a long list: it begins behind the last row of the page before, so that page 1,000 costs what page 1 does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

LONGEST_KEY = 19  # digits of the largest number a database takes as a key
Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Item]):
    """The rows of one page and the key behind which the next one begins; no key on the last page."""

    rows: Sequence[Item]
    next_after: str = ""


def page_after(rows: QuerySet[Row], after: str = "", *, order: Sequence[str] = (), size: int = 50) -> Page[Row]:
    """The page behind the row whose primary key is `after`; the first page when there is no such row among them. The place of a row that the
    reader may not see would tell that there is one.

    `order` names columns without null that end in a unique one, ascending, or descending with a minus; the default is the
    query's own order.
    """
    fields = [str(field) for field in order or rows.query.order_by]
    found = list(_behind(rows, after, fields)[: size + 1])
    return Page(found[:size], str(found[size - 1].pk) if len(found) > size else "")


def values_after(rows: QuerySet[Row], after: str = "", *, columns: Sequence[str], order: Sequence[str], size: int = 50) -> Page[dict[str, Any]]:
    """The same page as dictionaries of just these columns, for long tables: building objects out of rows is most of what they cost."""
    found = list(_behind(rows, after, order).values("pk", *columns)[: size + 1])
    return Page(found[:size], str(found[size - 1]["pk"]) if len(found) > size else "")


def _behind(rows: QuerySet[Row], after: str, fields: Sequence[str]) -> QuerySet[Row]:
    """In this order what follows the row `after`."""
    names = ["pk" if field.lstrip("-") in {"pk", "id"} else field.lstrip("-") for field in fields]
    is_key = after.isascii() and after.isdigit() and len(after) < LONGEST_KEY
    start = rows.order_by().filter(pk=int(after)).values_list(*names).first() if is_key else None
    if start is not None:
        beyond, equal = Q(pk__in=()), Q()
        for field, name, value in zip(fields, names, start, strict=True):
            beyond |= equal & Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
            equal &= Q(**{name: value})
        rows = rows.filter(beyond)
    return rows.order_by(*fields)
