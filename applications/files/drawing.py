"""The slow work behind a file that was handed in: its pages as pictures with their text, for the experts and the office.

A process of its own draws (`drawer.py`), from the clean copy; what it says is checked like anything else that comes from outside. The
row is the truth: a file is claimed by one conditional update with a lease, so that it is drawn once however often the bell rings, and
again when the worker that claimed it is gone.
"""

import io
import json
import logging
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from typing import IO

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from applications.files.child import run_child
from applications.files.faults import FileDamaged, NotStored
from applications.files.limits import LARGEST_PICTURE, LONGEST_PAGE_TEXT, MOST_PAGES, SECONDS_A_FILE
from applications.files.store import drop, put, read
from applications.models import Drawing, DrawnPage, Upload

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=2 * SECONDS_A_FILE)
RING_AGAIN = timedelta(minutes=5)
ATTEMPTS = 3  # of a file whose worker died or whose store was away; a file that cannot be drawn is tried once
LONGEST_LINE = 20 * LONGEST_PAGE_TEXT  # bytes of what is said of a page; JSON writes a letter in up to twelve
WEBP = (b"RIFF", b"WEBP")


class CannotBeDrawn(Exception):
    """The pages cannot be shown; the file can still be opened as a download."""


@dataclass(frozen=True)
class Page:
    width: int
    height: int
    text: str
    picture: bytes


def draw_pages(pdf: bytes) -> list[Page]:
    """The pages of a PDF, in their order. Raises CannotBeDrawn."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out:
        source.write(pdf)
        try:
            process = run_child("applications.files.drawer", source=source, into=out, seconds=SECONDS_A_FILE)
        except subprocess.TimeoutExpired:
            raise CannotBeDrawn("time") from None
        try:
            said = json.loads(process.stdout)
        except ValueError:
            raise CannotBeDrawn(f"ended with {process.returncode}: {process.stderr[-500:].decode(errors='replace')}") from None
        if said.get("fault") or not 1 <= int(said.get("pages", 0)) <= MOST_PAGES:
            raise CannotBeDrawn(str(said.get("fault", "pages"))[:40])
        out.seek(0)
        return [_page(out) for _number in range(int(said["pages"]))]


def _page(out: IO[bytes]) -> Page:
    """One page as the process wrote it down, believed only as far as it can be."""
    try:
        head = json.loads(out.readline(LONGEST_LINE))
        width, height, size, text = int(head["width"]), int(head["height"]), int(head["size"]), str(head["text"])
    except (ValueError, KeyError, TypeError):
        raise CannotBeDrawn("what was drawn cannot be read") from None
    picture = out.read(min(max(size, 0), LARGEST_PICTURE))
    if len(picture) != size or (picture[:4], picture[8:12]) != WEBP or not (0 < width < 20_000 and 0 < height < 20_000):
        raise CannotBeDrawn("what was drawn is no picture")
    return Page(width, height, text[:LONGEST_PAGE_TEXT].replace("\x00", ""), picture)


# --- The rows ---------------------------------------------------------------------------------------------------------------


def draw_upload(pk: int) -> bool:
    """Draw the pages of a file if it waits for it; whether this call did."""
    claimed = Upload.objects.to_draw().filter(pk=pk, drawing_attempts__lt=ATTEMPTS)
    if not claimed.update(drawing=Drawing.RUNNING, drawing_until=timezone.now() + LEASE, drawing_attempts=F("drawing_attempts") + 1):
        return False
    upload = Upload.objects.get(pk=pk)
    try:
        pages = draw_pages(read(upload.cleaned, upload.cleaned_digest))
        return _keep(upload, pages)
    except CannotBeDrawn as problem:
        log.warning("The pages of attached file %s cannot be drawn: %s", pk, problem)
        _ours(upload).update(drawing=Drawing.FAILED, drawing_until=None)
    except (FileDamaged, NotStored, OSError) as problem:
        log.error("The pages of attached file %s were not drawn at attempt %s: %s", pk, upload.drawing_attempts, problem)
        state = Drawing.FAILED if upload.drawing_attempts >= ATTEMPTS else Drawing.QUEUED
        _ours(upload).update(drawing=state, drawing_until=None, drawing_rung_at=timezone.now())
    return False


def _ours(upload: Upload) -> "QuerySet[Upload]":
    """The row while this claim holds: the number of the attempt is the claim."""
    return Upload.objects.filter(pk=upload.pk, drawing=Drawing.RUNNING, drawing_attempts=upload.drawing_attempts)


def _keep(upload: Upload, pages: list[Page]) -> bool:
    stored: list[tuple[str, str]] = []
    try:
        stored.extend(put(io.BytesIO(page.picture), ending="webp") for page in pages)  # what is stored when one fails is known
        with transaction.atomic():
            is_ours = bool(_ours(upload).update(drawing=Drawing.DONE, drawing_until=None))
            if is_ours:
                DrawnPage.objects.bulk_create(
                    [
                        DrawnPage(upload=upload, number=number, stored=name, digest=digest, width=page.width, height=page.height, text=page.text)
                        for number, (page, (name, digest)) in enumerate(zip(pages, stored, strict=True), start=1)
                    ]
                )
    except Exception:
        drop(*(name for name, _digest in stored))
        raise
    if not is_ours:  # the lease ran out, and another worker has drawn it
        drop(*(name for name, _digest in stored))
    return is_ours


# --- What waits -------------------------------------------------------------------------------------------------------------


def unheard(limit: int) -> list[int]:
    """Files whose bell nobody heard: never rung, or rung long ago."""
    return list(Upload.objects.to_draw().unrung(timezone.now() - RING_AGAIN).values_list("pk", flat=True)[:limit])


def note_rung(pk: int) -> None:
    Upload.objects.filter(pk=pk).update(drawing_rung_at=timezone.now())


def give_up_hopeless() -> None:
    """A file that took its worker down each time is not tried again: it opens as a download."""
    gone = Upload.objects.to_draw().filter(drawing_attempts__gte=ATTEMPTS)
    if count := gone.update(drawing=Drawing.FAILED, drawing_until=None):
        log.error("%s attached files were given up: the worker stopped each time it drew them", count)
