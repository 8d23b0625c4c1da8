"""An announcement of a thousand applications beside people who go on reading: how long it takes, and whether pages wait for it."""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from applications.models import Application
from bench.pages import signed_in
from bench.seed import Bench, person, seed
from reviews.actions import announce_decisions
from reviews.models import Announcement
from reviews.tests.make import decide

LOOKS = 40  # at each page while nothing else happens
CARRY_OUT = "from reviews.actions import run_announcements; run_announcements()"


@dataclass(frozen=True)
class Waiting:
    """How long a page took alone, and while the announcement ran, in milliseconds."""

    name: str
    alone_p50: float
    alone_p95: float
    beside_p50: float
    beside_p95: float
    looks: int


@dataclass(frozen=True)
class Announced:
    applications: int
    seconds: float
    waits: list[Waiting]


def decided(count: int) -> tuple[Bench, list[Application]]:
    """A seeded round in which every application has a recorded approval."""
    bench = seed(count)
    cases = list(Application.objects.with_case().filter(round=bench.round, status="in_review"))
    for application in cases:
        decide(application, officer=bench.officer)
    return bench, cases


def look(client: Client, url: str) -> float:
    began = time.perf_counter()
    response = client.get(url)
    if response.status_code != 200:
        raise RuntimeError(f"{url} answered {response.status_code}")
    return (time.perf_counter() - began) * 1000


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def measure(count: int) -> Announced:
    """Two cores: the announcement works on one, the reader on the other, as web and worker do."""
    bench, cases = decided(count)
    pages = {
        "start page": (Client(), reverse("desk:home")),
        "office list (decisions)": (signed_in(bench.officer), reverse("reviews:decisions", args=[bench.round.slug])),
        "my applications": (signed_in(bench.applicant), reverse("applications:list")),
    }
    alone = {name: [look(client, url) for _look in range(LOOKS)] for name, (client, url) in pages.items()}
    bench.round.recall_minutes = 0
    announce_decisions(bench.round, by=person(2, Role.APPROVER), count=len(cases))
    beside: dict[str, list[float]] = {name: [] for name in pages}
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", CARRY_OUT], cwd=settings.BASE_DIR, stderr=subprocess.DEVNULL
    ) as work:
        while work.poll() is None:
            for name, (client, url) in pages.items():
                beside[name].append(look(client, url))
    seconds = time.perf_counter() - began
    if not Announcement.objects.filter(status="done").exists():
        raise RuntimeError("the announcement was not carried out")
    waits = [
        Waiting(name, statistics.median(alone[name]), p95(alone[name]), statistics.median(beside[name]), p95(beside[name]), len(beside[name]))
        for name in pages
    ]
    return Announced(len(cases), seconds, waits)
