"""The slow work: all answers of a draft as a PDF for the applicant's own reading, set by the same typesetter as the letters.

It is made while the reader waits, so it is held short: one at a time on a machine, that pages are answered meanwhile, and a few a
minute for one person.
"""

import fcntl
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from applications import words
from applications.models import Version
from letters.press import CannotBePrinted, Press, PressStopped
from letters.words import cleaned

SECONDS = 10.0  # to start and to print; a web process that is busy for half a minute is ended
A_MINUTE = 4  # PDFs for one person
LONGEST_MEMORY = 1000  # people whose last PDFs are remembered

_asked: dict[int, deque[float]] = {}


class NotPrintedNow(Exception):
    """The PDF cannot be made at this moment; the text may be shown and says where the answers can be read."""

    def __init__(self) -> None:
        super().__init__(
            _("The PDF cannot be made at the moment. Try again in a minute, or print the page with your answers. Nothing you wrote is affected.")
        )


def print_draft(version: Version, *, by: User, at: datetime) -> bytes:
    """The PDF of what the version says now. Nothing of it is kept."""
    application = version.application
    context = {
        "words": cleaned(words.draft(version, at=at)),
        "reference": application.reference,
        "owner": str(application.owner),
        "is_demonstration": settings.PORTAL_DEMO,
    }
    with translation.override("en"):
        html = render_to_string("applications/draft_print.html", context)
    return print_while_waiting(html, by=by)


def print_while_waiting(html: str, *, by: User) -> bytes:
    """The PDF of a document for a reader who waits for it. Raises NotPrintedNow when it is not this reader's turn, or takes too long."""
    _count(by)
    with _turn():
        press = Press(patience=SECONDS)
        try:
            return press.print(html)
        except (CannotBePrinted, PressStopped) as problem:
            raise NotPrintedNow from problem
        finally:
            press.close()


def _count(by: User) -> None:
    now = time.monotonic()
    mine = _asked.setdefault(by.pk, deque(maxlen=A_MINUTE))
    if len(mine) == A_MINUTE and now - mine[0] < 60:
        raise NotPrintedNow
    mine.append(now)
    if len(_asked) > LONGEST_MEMORY:
        del _asked[next(iter(_asked))]


@contextmanager
def _turn() -> Iterator[None]:
    """The one turn of this machine; it ends with the process that holds it, whatever becomes of it."""
    with (settings.VAR_DIR / "press.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise NotPrintedNow from busy
        yield
