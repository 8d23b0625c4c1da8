"""For the demonstration alone: what is done inside happened some time ago."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from unittest.mock import patch

from django.utils import timezone


@contextmanager
def set_back(**ago: float) -> Iterator[None]:
    """This process reads the clock as if it were so much earlier (days=31, minutes=2). It runs on, so that what happens keeps its order.

    `timezone.now` itself stands in the defaults of many fields; what it asks for the time stands in one place.
    """
    shift = timedelta(**ago)

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - shift

    with patch.object(timezone, "datetime", Earlier):
        yield
