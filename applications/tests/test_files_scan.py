"""The virus check: what the scanner says decides who else gets a file; a scanner that is away holds up nobody (quality: S-48, R-32)."""

import io
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks

from applications.actions import attach_again, attach_file, submit_application
from applications.files import clamd, scanning
from applications.files.clamd import ScannerAway
from applications.files.faults import FileRefused
from applications.jobs import scan_files
from applications.models import Application, Attachment, Scan, Upload
from applications.tests import pdfs
from applications.tests.make import make_draft, the_draft

pytestmark = pytest.mark.django_db

EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*"
Says = Callable[[bytes], bytes]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def honest(content: bytes) -> bytes:
    return b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR.encode() in content else b"stream: OK\0"


@contextmanager
def scanner(says: Says = honest, *, path: Path | None = None) -> Iterator[str]:
    """A small clamd: takes one INSTREAM after the other and answers as told."""
    server = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    server.bind(str(path) if path else ("127.0.0.1", 0))
    server.listen(8)

    def serve() -> None:
        while True:
            try:
                line, _address = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(line,), daemon=True).start()

    def answer(line: socket.socket) -> None:
        with line, line.makefile("rb") as heard:
            try:
                assert heard.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack("!I", heard.read(4))[0]:
                    content += heard.read(size)
                line.sendall(says(content))
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"unix://{path}" if path else f"tcp://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def attach(application: Application, words: str = "") -> Attachment:
    return attach_file(
        the_draft(application), by=application.owner, data=io.BytesIO(pdfs.holding(words.encode())), name=f"plan {words[:4]}.pdf", purpose="plan"
    )


def state_of(row: Attachment) -> tuple[str, str]:
    upload = Upload.objects.get(pk=row.upload_id)
    return upload.scan, upload.finding


def test_without_a_scanner_files_are_shown_and_said_to_be_unchecked() -> None:
    row = attach(make_draft())
    assert state_of(row) == (Scan.NONE, "")
    assert row.upload.is_shown_to_others
    assert not row.upload.is_clean
    assert "applications.W001" in {message.id for message in run_checks(include_deployment_checks=True)}


def test_a_scanner_of_a_strange_kind_is_an_error(settings: LazySettings) -> None:
    settings.CLAMD_SOCKET = "http://clamd"
    assert "applications.E002" in {message.id for message in run_checks(include_deployment_checks=True)}


def test_a_file_waits_until_the_scanner_has_said_that_it_is_clean(settings: LazySettings) -> None:
    with scanner() as settings.CLAMD_SOCKET:
        row = attach(make_draft())
        assert state_of(row) == (Scan.WAITING, "")
        assert not row.upload.is_shown_to_others
        assert scan_files() == 1
    assert state_of(row) == (Scan.CLEAN, "")


def test_the_scanner_is_reached_through_its_socket_in_the_file_system_too(settings: LazySettings, tmp_path: Path) -> None:
    with scanner(path=tmp_path / "clamd.ctl") as settings.CLAMD_SOCKET:
        row = attach(make_draft())
        scanning.scan_upload(row.upload_id)
    assert state_of(row)[0] == Scan.CLEAN


def test_an_infected_file_is_kept_from_everybody_and_never_attached_again(settings: LazySettings) -> None:
    application = make_draft()
    with scanner() as settings.CLAMD_SOCKET:
        row = attach(application, EICAR)
        scan_files()
    assert state_of(row) == (Scan.INFECTED, "Win.Test.EICAR_HDB-1")
    other = make_draft(application.round, owner=application.owner)
    with pytest.raises(FileRefused, match="EICAR"):
        attach_again(the_draft(other), by=application.owner, attachment=Attachment.objects.select_related("upload").get(pk=row.pk))


def test_neither_a_waiting_nor_an_infected_file_holds_up_a_submission(settings: LazySettings) -> None:
    with scanner() as settings.CLAMD_SOCKET:
        waiting, infected = make_draft(), make_draft()
        attach(infected, EICAR)
        scan_files()
        row = attach(waiting)
        for application in (waiting, infected):
            assert submit_application(application, by=application.owner, key=uuid4()).number
        scan_files()  # judged after the submission: the file's row is no part of the version
    assert state_of(row)[0] == Scan.CLEAN


@pytest.mark.parametrize("words", [b"hello\0", b"stream: INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OKAY\0", b"\xff" * 9000])
def test_an_answer_that_is_none_leaves_the_file_waiting(settings: LazySettings, words: bytes) -> None:
    with scanner(lambda content: words) as settings.CLAMD_SOCKET:
        row = attach(make_draft())
        assert scan_files() == 0
    assert state_of(row)[0] == Scan.WAITING


def test_a_scanner_that_is_down_leaves_files_waiting_and_the_next_sweep_checks_them(settings: LazySettings) -> None:
    with scanner() as address:
        pass
    settings.CLAMD_SOCKET = address
    rows = [attach(make_draft()), attach(make_draft(), "2")]
    assert scan_files() == 0
    assert {state_of(row)[0] for row in rows} == {Scan.WAITING}
    with scanner() as settings.CLAMD_SOCKET:
        assert scan_files() == 2
    assert {state_of(row)[0] for row in rows} == {Scan.CLEAN}


def test_a_slow_scanner_costs_the_page_nothing_and_the_doorway_its_patience(settings: LazySettings) -> None:
    def slow(content: bytes) -> bytes:
        time.sleep(5)
        return b"stream: OK\0"

    with scanner(slow) as settings.CLAMD_SOCKET:
        began = time.monotonic()
        with pytest.raises(ScannerAway):
            clamd.scan(settings.CLAMD_SOCKET, b"x", seconds=0.5)
        assert time.monotonic() - began < 3
        began = time.monotonic()
        row = attach(make_draft())
        assert time.monotonic() - began < 4.5
    assert state_of(row)[0] == Scan.WAITING


def test_files_from_before_the_scanner_are_checked_once_there_is_one(settings: LazySettings) -> None:
    row = attach(make_draft())
    with scanner() as settings.CLAMD_SOCKET:
        assert scan_files() == 1
    assert state_of(row)[0] == Scan.CLEAN


def test_an_installation_that_gives_its_scanner_up_says_of_waiting_files_that_they_are_unchecked(settings: LazySettings) -> None:
    settings.CLAMD_SOCKET = "tcp://127.0.0.1:9"
    row = attach(make_draft())
    settings.CLAMD_SOCKET = ""
    scan_files()
    assert state_of(row)[0] == Scan.NONE


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_upload_is_committed_and_a_dead_queue_breaks_nothing(settings: LazySettings) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    with scanner() as settings.CLAMD_SOCKET:
        row = attach(make_draft())
    assert state_of(row)[0] in {Scan.CLEAN, Scan.WAITING}
