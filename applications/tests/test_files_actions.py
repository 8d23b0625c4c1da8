"""Attaching and removing files: what is kept, what is refused, what the deadline and a full disk do (quality: S-42, S-47 to S-49, R-14, R-18)."""

import io
import logging
import resource
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from applications.actions import (
    RoundClosed,
    StaleTab,
    attach_again,
    attach_file,
    clear_orphans,
    detach_file,
    missing_parts,
    save_answers,
    start_version,
    submit_application,
)
from applications.actions.writing import base_of
from applications.files import store
from applications.files.faults import FileDamaged, FileRefused, NotStored
from applications.files.limits import MB
from applications.jobs import clear_files
from applications.models import Application, Attachment, Scan, Upload, Version
from applications.tests import pdfs
from applications.tests.make import make_draft, the_draft
from rounds.tests.make import close_round
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: object) -> Path:
    """A store of its own for each test."""
    settings.MEDIA_ROOT = str(tmp_path)  # type: ignore[attr-defined]
    return tmp_path / "attachments"


def attach(application: Application, content: bytes | None = None, *, name: str = "plan.pdf", purpose: str = "plan") -> Attachment:
    data = io.BytesIO(pdfs.good(words=name) if content is None else content)
    return attach_file(the_draft(application), by=application.owner, data=data, name=name, purpose=purpose)


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def test_a_file_lies_under_a_random_name_that_only_the_portal_reads_beside_its_copy(folder: Path) -> None:
    application = make_draft()
    content = pdfs.with_metadata()
    row = attach(application, content, name="研究计划.pdf")
    upload = row.upload
    assert (row.name, row.purpose, row.position, upload.pages, upload.size) == ("研究计划.pdf", "plan", 0, 1, len(content))
    assert len(files_in(folder)) == 2
    for path in files_in(folder):
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert len(path.stem) == 32
        assert "plan" not in path.name
    assert store.read(upload.stored, upload.digest) == content
    assert b"Hidden" not in store.read(upload.cleaned, upload.cleaned_digest)
    assert "author: Jane Hidden" in upload.removed_words()
    assert Path(settings.STATIC_ROOT) not in folder.parents


def test_attaching_counts_as_an_edit_and_takes_back_that_nothing_is_attached() -> None:
    application = make_draft()
    draft = the_draft(application)
    assert draft.answers["nothing_attached"] == "yes"
    before = draft.expected_digest()
    row = attach(application)
    draft = the_draft(application)
    assert draft.revision > row.version.revision
    assert draft.marks["attachments"] == draft.revision
    assert "nothing_attached" not in draft.answers
    assert draft.expected_digest() != before
    assert not missing_parts(draft)
    detach_file(row, by=application.owner)
    assert [problem.name for problem in missing_parts(the_draft(application))] == ["nothing_attached"]


def test_a_check_page_from_before_the_file_does_not_submit_it_unseen() -> None:
    application = make_draft()
    seen = the_draft(application).revision
    attach(application)
    with pytest.raises(StaleTab):
        submit_application(application, by=application.owner, key=uuid4(), seen_revision=seen)


def test_answers_typed_beside_an_upload_are_not_disturbed_by_it() -> None:
    application = make_draft()
    version = the_draft(application)
    attach(application)
    saved = save_answers(version, by=application.owner, answers={"title": "Another title"}, bases={"title": base_of(version.title)})
    assert not saved.conflicts
    assert the_draft(application).title == "Another title"


def test_the_same_file_twice_is_named_and_another_of_its_name_is_numbered() -> None:
    application = make_draft()
    content = pdfs.good(words="one")
    attach(application, content)
    with pytest.raises(FileRefused, match=r"already, as “plan.pdf”"):
        attach(application, content, name="other.pdf")
    assert attach(application, pdfs.good(words="two")).name == "plan (2).pdf"


@pytest.mark.parametrize(
    ("content", "name", "fault"),
    [
        (b"", "empty.pdf", "empty"),
        (pdfs.good(), "plan.html", "extension"),
        (pdfs.good(), "plan.pdf.exe", "extension"),
        (b"<html>", "page.pdf", "type"),
        (b"%PDF" + b"0" * (20 * MB), "large.pdf", "size"),
    ],
)
def test_nothing_is_kept_of_a_file_that_is_refused(folder: Path, content: bytes, name: str, fault: str) -> None:
    application = make_draft()
    revision = the_draft(application).revision
    with pytest.raises(FileRefused) as refusal:
        attach(application, content, name=name)
    assert refusal.value.fault == fault
    assert not files_in(folder)
    assert not Upload.objects.exists()
    assert the_draft(application).revision == revision


def test_a_version_has_ten_files_at_most(folder: Path) -> None:
    application = make_draft()
    for number in range(10):
        attach(
            application, pdfs.by_hand(b"<< /Type /Catalog /Pages 2 0 R /X %d >>" % number, b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", pdfs.PAGE)
        )
    with pytest.raises(FileRefused) as refusal:
        attach(application, pdfs.good(words="eleven"))
    assert refusal.value.fault == "count"


def test_all_files_together_have_sixty_megabytes_at_most(folder: Path) -> None:
    application = make_draft()
    for number in range(3):
        attach(application, pdfs.holding(bytes([number]) * 19 * MB))
    with pytest.raises(FileRefused, match=r"it would be 61\.0 MB") as refusal:
        attach(application, pdfs.holding(b"x" * 4 * MB))
    assert refusal.value.fault == "total"


def test_a_person_attaches_so_many_files_a_day() -> None:
    application = make_draft()
    row = attach(application)
    Upload.objects.bulk_create(
        [Upload(stored=str(number), digest="x", size=1, pages=1, scan=Scan.NONE, by=application.owner) for number in range(199)]
    )
    with pytest.raises(FileRefused) as refusal:
        attach(application, name="more.pdf")
    assert refusal.value.fault == "quota"
    assert row.upload.by == application.owner


def test_the_deadline_judges_at_the_moment_of_the_transaction(folder: Path) -> None:
    """The file was sent in time and came too late: while it is still being read, the round closes."""
    application = make_draft()
    draft = the_draft(application)

    class Slow(io.BytesIO):
        def read(self, *args: object) -> bytes:
            if not application.round.is_closed():
                close_round(application.round)
            return super().read(*args)  # type: ignore[arg-type]

    with pytest.raises(RoundClosed):
        attach_file(draft, by=application.owner, data=Slow(pdfs.good()), name="late.pdf", purpose="plan")
    assert not files_in(folder)
    assert not Upload.objects.exists()
    row = Attachment.objects.filter(version=draft)
    assert not row.exists()


def test_after_the_deadline_nothing_is_even_examined(folder: Path) -> None:
    application = make_draft()
    draft, row = the_draft(application), attach(application)
    close_round(application.round)
    with pytest.raises(RoundClosed):
        attach_file(draft, by=application.owner, data=io.BytesIO(b"not even a PDF"), name="late.pdf", purpose="plan")
    with pytest.raises(RoundClosed):
        detach_file(row, by=application.owner)


def test_the_files_of_a_submitted_version_never_change_and_the_next_version_begins_with_them() -> None:
    application = make_draft()
    row = attach(application)
    receipt = submit_application(application, by=application.owner, key=uuid4())
    submitted = Version.objects.get(pk=receipt.version_id)
    assert submitted.digest == submitted.expected_digest()
    with pytest.raises(NotPossibleNow):
        detach_file(row, by=application.owner)
    with pytest.raises(NotPossibleNow):
        attach_file(submitted, by=application.owner, data=io.BytesIO(pdfs.good()), name="x.pdf", purpose="plan")
    draft = start_version(Application.objects.get(pk=application.pk), by=application.owner)
    (copied,) = draft.attachments.all()
    detach_file(copied, by=application.owner)
    assert Attachment.objects.get(version=submitted) == row
    assert not clear_orphans(now=timezone.now() + timedelta(days=9))


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite keeps no such trigger (workflow.operations.frozen_with)")
def test_the_database_itself_refuses_to_change_the_files_of_a_submitted_version() -> None:
    application = make_draft()
    row = attach(application)
    submit_application(application, by=application.owner, key=uuid4())
    for change in (
        lambda: Attachment.objects.filter(pk=row.pk).update(name="other.pdf"),
        lambda: Attachment.objects.filter(pk=row.pk).delete(),
        lambda: Attachment(version=row.version, upload=row.upload, purpose="cv", name="x.pdf").save(),
        lambda: Upload.objects.filter(pk=row.upload_id).update(digest="0" * 64),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    Upload.objects.filter(pk=row.upload_id).update(scan=Scan.CLEAN)


def test_a_file_of_an_earlier_application_is_attached_again_without_a_second_copy(folder: Path) -> None:
    first = make_draft()
    row = attach(first)
    second = make_draft(first.round, owner=first.owner)
    again = attach_again(the_draft(second), by=first.owner, attachment=row)
    assert (again.upload, again.name, again.purpose) == (row.upload, row.name, row.purpose)
    assert len(files_in(folder)) == 2
    with pytest.raises(FileRefused, match="attached already"):
        attach_again(the_draft(second), by=first.owner, attachment=row)


# --- The store --------------------------------------------------------------------------------------------------------------


def test_a_swapped_or_vanished_file_is_not_given_out_and_raises_an_alarm(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    upload = attach(make_draft()).upload
    path = Path(store.store().path(upload.stored))
    path.chmod(0o600)
    path.write_bytes(pdfs.good(words="swapped"))
    with caplog.at_level(logging.ERROR), pytest.raises(FileDamaged):
        store.read(upload.stored, upload.digest)
    assert "attachment_changed" in caplog.text
    path.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(FileDamaged):
        store.read(upload.stored, upload.digest)
    path.unlink()
    with caplog.at_level(logging.ERROR), pytest.raises(FileDamaged):
        store.read(upload.stored, upload.digest)
    assert "attachment_unreadable" in caplog.text


def test_a_name_in_the_store_is_written_once(folder: Path) -> None:
    name, digest = store.put(io.BytesIO(b"first"))
    with pytest.raises(FileExistsError):
        storages["attachments"].save(name, File(io.BytesIO(b"second")))
    assert store.read(name, digest) == b"first"
    assert len(files_in(folder)) == 1


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the system's own refusal, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [10_000, 210_000])
def test_a_full_disk_keeps_nothing_and_says_so(folder: Path, room: int) -> None:
    application = make_draft()
    content = pdfs.large(200_000) if room < 200_000 else pdfs.large(200_000).replace(b"%%EOF", b"   \n%%EOF")
    with little_room(room if room < 200_000 else len(content) - 1), pytest.raises(NotStored, match="All your answers are still there"):
        attach(application, content)
    assert not files_in(folder)
    assert not Upload.objects.exists()
    attach(application, content)


def test_a_store_that_cannot_be_written_keeps_nothing(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.joinpath("x").touch()
    application = make_draft()
    attach(application)
    for sub in [path for path in folder.iterdir() if path.is_dir()]:
        for path in sub.iterdir():
            path.unlink()
        sub.rmdir()
    folder.joinpath("x").unlink()
    folder.rmdir()
    folder.touch()  # a file where the folder should be
    with pytest.raises(NotStored):
        attach(application, name="second.pdf")
    assert Upload.objects.count() == 1


def test_what_nothing_names_is_cleared_away_after_a_day_and_nothing_else(folder: Path) -> None:
    application = make_draft()
    kept, removed = attach(application, name="kept.pdf"), attach(application, name="removed.pdf")
    detach_file(removed, by=application.owner)
    name, _digest = store.put(io.BytesIO(b"the row of this file was never written"))
    half = folder / name[:2] / "tmpabc.part"
    half.write_bytes(b"half")
    assert clear_files() == 0
    later = timezone.now() + timedelta(hours=25)
    assert clear_orphans(now=later) == 3
    assert not half.exists()
    assert [str(path.relative_to(folder)) for path in files_in(folder)] == sorted([kept.upload.stored, kept.upload.cleaned])
    assert list(Upload.objects.all()) == [kept.upload]
    assert clear_orphans(now=later) == 0


@pytest.mark.django_db(transaction=True)
def test_parallel_uploads_never_exceed_the_number_and_leave_no_orphan_rows(folder: Path) -> None:
    application = make_draft()
    for number in range(8):
        attach(application, name=f"{number}.pdf")
    refused: list[str] = []

    def one(number: int) -> None:
        try:
            attach(application, name=f"parallel {number}.pdf")
        except FileRefused as problem:
            refused.append(problem.fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["count", "count"]
    assert the_draft(application).attachments.count() == 10
    assert Upload.objects.count() == 10
    assert len(files_in(folder)) == 20
    assert len({row.position for row in the_draft(application).attachments.all()}) == 10


def test_the_settings_keep_files_away_from_the_web_server() -> None:
    with pytest.raises(ValueError, match="not accessible via a URL"):
        storages["attachments"].url("x")
