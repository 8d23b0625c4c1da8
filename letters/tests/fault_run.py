"""One run of the fault test, as a process of its own in the environment of a profile: write letters, kill the worker while it prints,
start it again, and say what is there in the end (`python -m letters.tests.fault_run POOL LETTERS KILLS`; POOL may be "silence")."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lunarloans.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from accounts.models import User  # noqa: E402
from letters.jobs import sweep  # noqa: E402
from letters.models import Letter, Mail, Printing, Sending  # noqa: E402
from letters.post import open_pdf, print_letter  # noqa: E402
from letters.tests.make import make_letter  # noqa: E402

PATIENCE = 150.0  # seconds; everything may be slow on a busy machine


def start_worker(pool: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "celery", "-A", "lunarloans", "worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    command += ["--pool", pool, *(["--concurrency", "2"] if pool == "prefork" else [])]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=sys.stderr, start_new_session=True)


def wait_for(what: Callable[[], bool], *, meanwhile: Callable[[], object] = lambda: None) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > end:
            letters, mails = Letter.objects.values_list("number", "printing", "attempts", "problem"), Mail.objects.values_list("state", "problem")
            raise SystemExit(f"it took too long: {list(letters)} {list(mails)}")
        meanwhile()
        time.sleep(0.02)


def is_printing() -> bool:
    return Letter.objects.filter(printing=Printing.RUNNING).exists() and Letter.objects.filter(printing=Printing.PRINTED).exists()


def is_done() -> bool:
    return not Letter.objects.exclude(printing=Printing.PRINTED).exists() and not Mail.objects.exclude(state=Sending.SENT).exists()


class Clock:
    """What beat does in the real portal, only more often."""

    def __init__(self) -> None:
        self.last = 0.0

    def __call__(self) -> None:
        if time.monotonic() - self.last > 1:
            self.last = time.monotonic()
            sweep()


def main(pool: str, letters: int, kills: int) -> None:
    if settings.SQLITE:
        call_command("migrate", verbosity=0)
    reader = User.objects.create_user("reader@example.org")
    written = [make_letter(reader) for _ in range(letters)]
    attempts_when_killed = 0
    clock = Clock()
    for turn in range(kills):
        worker = start_worker(pool)
        try:
            wait_for(is_printing, meanwhile=clock)
        finally:
            if turn % 2:
                os.killpg(worker.pid, signal.SIGKILL)  # the worker and all that it started
            else:
                worker.kill()  # the worker alone
            worker.wait()
        attempts_when_killed += Letter.objects.filter(printing=Printing.RUNNING).count()
    worker = start_worker(pool)
    try:
        wait_for(is_done, meanwhile=clock)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (Path(settings.MEDIA_ROOT) / "letters").iterdir()}
    mails = [found for file in Path(settings.EMAIL_FILE_PATH).iterdir() for found in re.findall(r"(?m)^Message-ID: (\S+)$", file.read_text())]
    report = {
        "numbers": sorted(Letter.objects.values_list("number", flat=True)),
        "interrupted": attempts_when_killed,
        "files": len(files),
        "digests_agree": all(files[Path(letter.file).name] == letter.digest for letter in Letter.objects.all()),
        "readable": all(open_pdf(letter).startswith(b"%PDF") for letter in Letter.objects.all()),
        "mails": len(mails),
        "different_mails": len(set(mails)),
        "written": len(written),
        "attempts": sum(Letter.objects.values_list("attempts", flat=True)),
    }
    sys.stdout.write(json.dumps(report))


def write_into_silence() -> None:
    """Write a letter while nobody listens to the bell, and print it later as the sweep of a worker would."""
    if settings.SQLITE:
        call_command("migrate", verbosity=0)
    began = time.monotonic()
    letter = make_letter(User.objects.create_user("reader@example.org"))
    seconds = time.monotonic() - began
    sweep()
    print_letter(letter.pk)
    letter.refresh_from_db()
    sys.stdout.write(json.dumps({"seconds": seconds, "printing": letter.printing}))


if __name__ == "__main__":
    write_into_silence() if sys.argv[1] == "silence" else main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
