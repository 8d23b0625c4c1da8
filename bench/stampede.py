"""The last minutes of a round: many people submit at once through real web processes, and nobody's application may be lost.

Two gunicorn workers on the benchmark's PostgreSQL; 250 submissions spread over the time, 50 in the last five seconds, some of them a
moment after the closing. Each is sent as a browser sends it, with its session, its token and its key; a connection that breaks is
tried again with the same key, as people do. Afterwards the database is asked what became of each.
"""

import http.client
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.models import Application, Receipt
from applications.tests.make import the_draft
from bench.seed import one_application, person
from institutions.models import Institution
from rounds.models import Round

TOKEN = "a" * 32
AT_THE_END, LAST_SECONDS, LATE = 50, 5.0, 5  # of the fifty, five come just after the closing
WORKERS, TRIES, PATIENCE = 2, 3, 30


@dataclass
class Sender:
    """One applicant before the button."""

    reference: str
    session: str
    revision: int
    key: UUID = field(default_factory=uuid4)
    at: float = 0.0  # seconds after the start
    took_ms: float = 0.0
    status: int = 0
    tries: int = 0


@dataclass(frozen=True)
class Stampede:
    """What became of all of them."""

    sent: int
    receipts: int
    too_late: int
    failed: int  # answered 5xx, or not at all
    promised_and_lost: int  # a receipt was shown and is not there
    kept_unpromised: int  # stored although the answer never arrived
    p50_ms: float
    p95_ms: float
    p99_ms: float
    slowest_ms: float
    tried_again: int


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill_one_worker(master: int, chance: random.Random) -> None:
    """A web process dies in the middle of whatever it does; gunicorn starts another one."""
    workers = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == master:
                    workers.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    if workers:
        os.kill(chance.choice(sorted(workers)), signal.SIGKILL)


@contextmanager
def killing(master: int, *, times: int, seconds: float) -> Iterator[None]:
    """Kill a web process again and again, at seeded moments (R-06)."""
    chance = random.Random(11)
    moments = sorted(chance.uniform(1, seconds) for _kill in range(times))
    is_over = threading.Event()

    def run() -> None:
        began = time.monotonic()
        for moment in moments:
            if is_over.wait(max(0.0, began + moment - time.monotonic())):
                return
            kill_one_worker(master, chance)

    killer = threading.Thread(target=run)
    killer.start()
    try:
        yield
    finally:
        is_over.set()
        killer.join()


@contextmanager
def web(port: int) -> Iterator[int]:
    """Gunicorn as in production, on the same database."""
    with tempfile.TemporaryDirectory(prefix="lunar-bench-") as folder:
        environment = os.environ | {"STATIC_ROOT": folder, "ALLOWED_HOSTS": "127.0.0.1", "SITE_URL": f"http://127.0.0.1:{port}"}
        environment.setdefault("SECRET_KEY", settings.SECRET_KEY)
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
        subprocess.run(collect, cwd=settings.BASE_DIR, env=environment, check=True, stdout=subprocess.DEVNULL)
        log = (Path(folder) / "web.log").open("w")
        command = [sys.executable, "-m", "gunicorn", "lunarloans.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
        with log, subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log) as process:
            try:
                wait_until_it_answers(port)
                yield process.pid
            finally:
                process.terminate()


def wait_until_it_answers(port: int) -> None:
    for _attempt in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the web server did not start")


def senders(round: Round, count: int) -> list[Sender]:
    """One complete draft and one session per applicant."""
    home = Institution.objects.order_by("pk").first()
    if home is None:
        raise RuntimeError("nothing is seeded")
    found = []
    for number in range(count):
        owner = person(10_000 + number)
        application = one_application(round, owner, home, number, hand_in=False)
        client = Client()
        client.force_login(owner)
        found.append(Sender(application.reference, client.cookies[settings.SESSION_COOKIE_NAME].value, the_draft(application).revision))
    return found


def send(sender: Sender, port: int, began: float) -> None:
    """Wait for one's moment, then press the button; press again when nothing comes back."""
    time.sleep(max(0.0, began + sender.at - time.monotonic()))
    body = urlencode({"csrfmiddlewaretoken": TOKEN, "key": str(sender.key), "seen_revision": sender.revision})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={sender.session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
        "Host": f"127.0.0.1:{port}",
    }
    start = time.monotonic()
    for _attempt in range(TRIES):
        sender.tries += 1
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("POST", reverse("applications:submit", args=[sender.reference]), body, headers)
            answer = connection.getresponse()
            answer.read()
            sender.status = answer.status
            break
        except (OSError, http.client.HTTPException):
            continue
    sender.took_ms = (time.monotonic() - start) * 1000


def stampede(round: Round, *, count: int, seconds: float, kills: int) -> Stampede:
    """`count` submissions within `seconds`, the round closing in between; the round must be open."""
    everybody = senders(round, count)
    random.Random(7).shuffle(everybody)
    for place, sender in enumerate(everybody[:-AT_THE_END]):
        sender.at = (seconds - LAST_SECONDS) * place / max(1, count - AT_THE_END)
    for place, sender in enumerate(everybody[-AT_THE_END:]):
        sender.at = seconds - LAST_SECONDS + LAST_SECONDS * place / (AT_THE_END - LATE)
    port = free_port()
    with web(port) as master, killing(master, times=kills, seconds=seconds), ThreadPoolExecutor(max_workers=count) as crowd:
        Round.objects.filter(pk=round.pk).update(closes_at=timezone.now() + timedelta(seconds=seconds + 1))
        began = time.monotonic() + 1
        list(crowd.map(lambda sender: send(sender, port, began), everybody))
    return judged(everybody)


def judged(everybody: list[Sender]) -> Stampede:
    """What the database says about each answer."""
    stored = set(Receipt.objects.values_list("key", flat=True))
    submitted = set(Application.objects.exclude(current=None).values_list("reference", flat=True))
    took = sorted(sender.took_ms for sender in everybody)
    promised = [sender for sender in everybody if sender.status == 302]
    return Stampede(
        sent=len(everybody),
        receipts=len(promised),
        too_late=sum(sender.status == 409 for sender in everybody),
        failed=sum(sender.status not in (302, 409) for sender in everybody),
        promised_and_lost=sum(sender.key not in stored or sender.reference not in submitted for sender in promised),
        kept_unpromised=sum(sender.key in stored for sender in everybody if sender.status != 302),
        p50_ms=statistics.median(took),
        p95_ms=took[int(len(took) * 0.95)],
        p99_ms=took[int(len(took) * 0.99)],
        slowest_ms=took[-1],
        tried_again=sum(sender.tries > 1 for sender in everybody),
    )
