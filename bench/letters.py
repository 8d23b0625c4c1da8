"""How many letters real workers print: one process, then two, from the row in the database to the file on disk."""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from applications.models import Application
from letters.actions import write_letter
from letters.keys import read_key
from letters.models import Letter
from letters.press import PRESS
from letters.signature import sign
from reviews.models import Decision
from reviews.tests.make import decide
from reviews.words import decided

PATIENCE = 300  # seconds


@dataclass(frozen=True)
class Printing:
    workers: int
    letters: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.letters / self.seconds


def queue(count: int, decision: Decision) -> None:
    """Letters with the words of a real decision, waiting; the bell is not heard because no worker runs yet."""
    words = decided(decision)
    start = Letter.objects.count()
    for number in range(count):
        write_letter(
            key=f"bench:{start + number}", kind="decision", reference=decision.application.reference, words=words, readers=[], by=None, held=True
        )


def workers_print(workers: int, count: int, decision: Decision) -> Printing:
    Letter.objects.to_print().update(printing="failed", problem="not measured")
    command = [sys.executable, "-m", "celery", "-A", "lunarloans", "worker", "-P", "prefork", "-c", str(workers), "-l", "WARNING"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as worker:
        try:
            queue(2 * workers, decision)  # warm-up: fonts are read once per process
            wait_for_all()
            began = time.perf_counter()
            queue(count, decision)
            wait_for_all()
            return Printing(workers, count, time.perf_counter() - began)
        finally:
            worker.terminate()


def signing_ms(count: int = 30) -> float:
    """CPU milliseconds of one signature, apart from the typesetting: of a letter that is there, with a key of 3,072 bits."""
    letter = Letter.objects.order_by("-pk")[0]
    pdf = PRESS.print(render_to_string("letters/print.html", {"letter": letter}))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, settings.BASE_DIR / "script" / "demonstration_key", folder], check=True)
        names = ("demonstration-signing-key.pem", "demonstration-signing-certificate.pem")
        key = read_key(*(str(Path(folder) / name) for name in names))
    assert key
    sign(pdf, key, at=letter.written_at)
    began = time.process_time()
    for _ in range(count):
        sign(pdf, key, at=letter.written_at)
    return (time.process_time() - began) / count * 1000


def wait_for_all() -> None:
    deadline = time.monotonic() + PATIENCE
    while Letter.objects.to_print().exists() or Letter.objects.filter(printing="running").exists():
        if time.monotonic() > deadline:
            raise RuntimeError("the workers do not finish")
        time.sleep(0.05)


def a_decision(application: Application) -> Decision:
    return decide(application)
