"""Drawing the pages of attached files: what the experts get to see, and that a hostile file costs seconds and no worker (S-43)."""

import io
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import LazySettings, settings
from django.utils import timezone
from PIL import Image

from applications import jobs
from applications.actions import attach_file, clear_orphans, submit_application
from applications.files import drawing, store
from applications.files.drawing import CannotBeDrawn, draw_pages, draw_upload
from applications.files.limits import MOST_DRAWN_PIXELS, WIDEST_PICTURE
from applications.models import Drawing, DrawnPage, Scan, Upload
from applications.tests import pdfs
from applications.tests.make import make_draft, the_draft


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def make_upload(*, is_handed_in: bool = True) -> Upload:
    """A file of an application, handed in or still in the draft."""
    draft = make_draft()
    attach_file(the_draft(draft), by=draft.owner, data=io.BytesIO(pdfs.written("Beads in nitrogen", "Page two")), name="plan.pdf", purpose="plan")
    if is_handed_in:
        submit_application(draft, by=draft.owner, key=uuid4())
    return Upload.objects.get()


def test_pages_become_pictures_with_their_words() -> None:
    first, second = draw_pages(pdfs.written("Beads are picked\nin nitrogen", "Second page"))
    assert first.text.split() == ["Beads", "are", "picked", "in", "nitrogen"]
    assert second.text.strip() == "Second page"
    with Image.open(io.BytesIO(first.picture)) as picture:
        assert picture.format == "WEBP"
        assert picture.size == (first.width, first.height)
        assert first.width == pytest.approx(WIDEST_PICTURE, abs=2)
        assert picture.convert("L").getextrema() != (255, 255), "there is ink on it"


@pytest.mark.parametrize(("width", "height"), [(14_400, 14_400), (100, 14_400), (14_400, 3), (600, 800)])
def test_a_picture_never_has_more_pixels_than_the_cap(width: float, height: float) -> None:
    (page,) = draw_pages(pdfs.sized(width, height))
    assert page.width * page.height <= MOST_DRAWN_PIXELS * 1.01
    assert max(page.width, page.height) <= 16_000


HOSTILE = {
    "a page of a kilometre": lambda: pdfs.sized(3_000_000, 3_000_000),
    "a page without size": lambda: pdfs.sized(0, 0),
    "100,000 pages": lambda: pdfs.many_pages(100_000),
    "pages that are said to be": lambda: pdfs.many_pages(2, said=100_000),
    "a tree of pages that is its own branch": pdfs.page_loop,
    "no PDF at all": lambda: b"<html><script>alert(1)</script></html>",
    "half a file": lambda: pdfs.written("Half")[:300],
    "a password": lambda: pdfs.encrypted("secret"),
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("maker", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_cannot_be_shown_or_is_drawn_within_its_limits(maker: pdfs.Maker) -> None:
    began = time.monotonic()
    try:
        pages = draw_pages(maker())
    except CannotBeDrawn:
        pages = []
    assert len(pages) <= 100
    assert all(page.width * page.height <= MOST_DRAWN_PIXELS * 1.01 for page in pages)
    assert time.monotonic() - began < 20


def test_a_drawing_that_draws_itself_ends() -> None:
    assert len(draw_pages(pdfs.form_loop())) == 1


def test_a_page_that_never_ends_is_stopped_in_its_time() -> None:
    began = time.monotonic()
    with pytest.raises(CannotBeDrawn):
        draw_pages(pdfs.slow())
    assert time.monotonic() - began < 25


def test_a_stream_that_explodes_stays_within_the_memory_of_its_process() -> None:
    try:
        draw_pages(pdfs.bomb())
    except CannotBeDrawn:
        return  # either is well: it is not drawn, or drawn without being expanded


def test_what_draws_has_no_secret_and_no_database() -> None:
    code = "import sys, applications.files.drawer; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    "lie", [b"", b"{}\n", b'{"width":1,"height":1,"size":9999999999,"text":""}\n', b'{"width":5,"height":5,"size":4,"text":""}\nJPEG']
)
def test_what_a_fallen_process_wrote_is_not_believed(lie: bytes) -> None:
    with pytest.raises(CannotBeDrawn):
        drawing._page(io.BytesIO(lie))


# --- The rows ---------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_file_that_was_handed_in_is_drawn_once() -> None:
    upload = make_upload()
    assert draw_upload(upload.pk)
    assert not draw_upload(upload.pk), "the second bell finds nothing to do"
    upload.refresh_from_db()
    assert upload.is_drawn
    first, second = upload.drawn_pages.all()
    assert (first.number, second.number) == (1, 2)
    assert "Beads in nitrogen" in first.text
    assert store.read(first.stored, first.digest)[8:12] == b"WEBP"


@pytest.mark.django_db
def test_a_draft_and_a_file_that_waits_for_the_virus_check_are_not_drawn() -> None:
    draft = make_upload(is_handed_in=False)
    assert not draw_upload(draft.pk)
    Upload.objects.update(scan=Scan.INFECTED)
    assert not Upload.objects.to_draw().exists()


@pytest.mark.django_db
def test_a_worker_that_died_leaves_the_file_to_the_next_one_and_to_nobody_for_ever() -> None:
    upload = make_upload()
    Upload.objects.update(drawing=Drawing.RUNNING, drawing_until=timezone.now() + timedelta(minutes=1), drawing_attempts=1)
    assert not draw_upload(upload.pk), "another one is at it"
    Upload.objects.update(drawing_until=timezone.now() - timedelta(seconds=1))
    assert drawing.unheard(5) == [upload.pk]
    assert draw_upload(upload.pk)
    Upload.objects.update(drawing=Drawing.RUNNING, drawing_until=timezone.now() - timedelta(seconds=1), drawing_attempts=3)
    jobs.draw_files()
    upload.refresh_from_db()
    assert upload.drawing == Drawing.FAILED


@pytest.mark.django_db
def test_who_comes_back_after_the_lease_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = make_upload()

    def slow(pdf: bytes) -> list[drawing.Page]:
        Upload.objects.update(drawing_attempts=2)  # another worker has claimed it meanwhile
        return draw_pages(pdf)

    monkeypatch.setattr(drawing, "draw_pages", slow)
    assert not draw_upload(upload.pk)
    assert not DrawnPage.objects.exists()
    assert not [name for name in store.names_before(timezone.now() + timedelta(hours=1)) if name.endswith(".webp")]


@pytest.mark.django_db
def test_a_copy_that_cannot_be_drawn_is_tried_once_and_one_that_cannot_be_read_again() -> None:
    upload = make_upload()
    path = store.store().path(upload.cleaned)
    content = Path(path).read_bytes()
    Path(path).unlink()
    assert not draw_upload(upload.pk)
    upload.refresh_from_db()
    assert upload.drawing == Drawing.QUEUED
    Path(path).write_bytes(content)
    assert draw_upload(upload.pk)


@pytest.mark.django_db
def test_the_clean_up_leaves_drawn_pages_alone_and_takes_those_of_orphans_with_them() -> None:
    upload = make_upload()
    draw_upload(upload.pk)
    later = timezone.now() + timedelta(days=2)
    assert clear_orphans(now=later) == 0
    (kept, _second) = upload.drawn_pages.all()
    assert store.read(kept.stored, kept.digest)
