"""How long a page takes: CPU per request, p50, p95, and the number of statements, beside the floor of the same run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from applications.actions import submit_application
from bench.seed import Bench, one_application
from institutions.models import Institution
from reviews.models import panel_cases, ranking_of, scores_of

WARM, ROUNDS = 5, 60


@dataclass(frozen=True)
class Figure:
    name: str
    cpu_ms: float
    p50_ms: float
    p95_ms: float
    statements: int
    kilobytes: float


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def measure(name: str, call: Callable[[], bytes]) -> Figure:
    """`ROUNDS` calls after a warm-up; statements are counted in one more call, because counting costs time."""
    for _ in range(WARM):
        call()
    walls, began = [], time.process_time()
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        walls.append((time.perf_counter() - start) * 1000)
    cpu_ms = (time.process_time() - began) * 1000 / ROUNDS
    with CaptureQueriesContext(connection) as captured:
        body = call()
    ordered = sorted(walls)
    return Figure(name, cpu_ms, statistics.median(ordered), ordered[int(len(ordered) * 0.95)], len(captured), len(body) / 1024)


def page(name: str, client: Client, url: str) -> Figure:
    def call() -> bytes:
        response = client.get(url)
        if response.status_code != 200:
            raise RuntimeError(f"{url} answered {response.status_code}")
        return response.content

    return measure(name, call)


def pages(bench: Bench) -> list[Figure]:
    officer, expert, applicant, public = signed_in(bench.officer), signed_in(bench.expert), signed_in(bench.applicant), Client()
    slug, reference = bench.round.slug, bench.case.reference
    return [
        page("floor: 50 rows, nothing else", officer, "/bench/floor/"),
        page("office list (experts)", officer, reverse("reviews:experts", args=[slug])),
        page("office list (decisions)", officer, reverse("reviews:decisions", args=[slug])),
        page("case file with reviews", officer, reverse("desk:case", args=[slug, reference])),
        page("fact sheet of a case (fragment)", officer, reverse("desk:case_facts", args=[slug, reference])),
        page("panel (scores remembered)", officer, reverse("reviews:panel", args=[slug])),
        page("panel: strictness", officer, reverse("reviews:panel_experts", args=[slug])),
        page("panel: demand", officer, reverse("reviews:panel_demand", args=[slug])),
        page("my work (officer)", officer, reverse("desk:desk")),
        page("expert's home", expert, reverse("reviews:queue")),
        page("my applications", applicant, reverse("applications:list")),
        page("catalogue", public, reverse("samples:list")),
        page("start page", public, reverse("desk:home")),
        page("result lists", public, reverse("results:list")),
    ]


def anew(bench: Bench) -> dict[str, float]:
    """Seconds of what the panel does once for each state: reading the filed scores, and the ranking. Afterwards it is remembered."""
    criteria = list(bench.round.criteria.all())
    cases = panel_cases(bench.officer, bench.round)
    start = time.perf_counter()
    scores = scores_of(bench.officer, bench.round, cases, criteria)
    read = time.perf_counter()
    ranking_of(scores, tuple(criterion.weight for criterion in criteria))
    return {"scores read": read - start, "ranking": time.perf_counter() - read}


def submission(bench: Bench) -> Figure:
    """The submit action alone, with history, receipt and letter row, each on a fresh draft made beforehand."""
    home = Institution.objects.order_by("pk").first()
    if home is None:
        raise RuntimeError("nothing is seeded")
    drafts = [one_application(bench.open_round, bench.applicant, home, number, hand_in=False) for number in range(WARM + ROUNDS + 1)]

    def call() -> bytes:
        application = drafts.pop()
        submit_application(application, by=application.owner, key=uuid4())
        return b""

    return measure("submit (action)", call)
