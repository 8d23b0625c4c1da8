"""Whether the time of an answer tells what it hides (quality: S-11): the same page in two worlds that differ in one recorded decision.

The worlds are measured in turns, block by block, so that whatever else the machine does falls on both. Run `script/bench --timing`.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from applications.models import Application
from bench.pages import signed_in
from bench.seed import Bench, person
from institutions.actions import add_membership
from reviews.tests.make import decide

BLOCK = 25  # requests of one world before it is the other's turn
WARM = 5


@dataclass(frozen=True)
class Timing:
    """Medians of the answers without and with the secret, and how likely so great a difference is by chance."""

    name: str
    without_ms: float
    with_ms: float
    p: float

    @property
    def difference_ms(self) -> float:
        return self.with_ms - self.without_ms

    @property
    def is_silent(self) -> bool:
        return abs(self.difference_ms) < 2 and self.p > 0.01


def timings(bench: Bench, requests: int) -> list[Timing]:
    """Pages of people who must not know of a decision on `case`: an officer of the applicant's institution, the applicant, an expert."""
    case = Application.objects.with_case().get(pk=bench.case.pk)
    assert case.institution is not None
    watcher = person(900_001, Role.OFFICER)
    add_membership(watcher, case.institution, may_sign=False)
    tied, slug = signed_in(watcher), bench.round.slug
    lists = [(f"{name}, an officer with a tie", tied, reverse(f"reviews:{name}", args=[slug])) for name in ("votes", "decisions", "panel")]
    pages = [
        *lists,
        ("overview, an officer with a tie", tied, reverse("desk:office", args=[slug])),
        ("the case, an officer with a tie", tied, reverse("desk:case", args=[slug, case.reference])),
        ("the application, its applicant", signed_in(case.owner), reverse("applications:application", args=[case.reference])),
        ("my reviews, an expert", signed_in(bench.expert), reverse("reviews:queue")),
    ]
    return [_timing(name, client, url, case, requests) for name, client, url in pages]


def _timing(name: str, client: Client, url: str, case: Application, requests: int) -> Timing:
    without: list[float] = []
    having: list[float] = []
    while len(having) < requests:
        _block(lambda: None, client, url, without)
        _block(lambda: decide(Application.objects.with_case().get(pk=case.pk)), client, url, having)
    return Timing(name, statistics.median(without), statistics.median(having), chance_of(without, having))


def _block(story: Callable[[], object], client: Client, url: str, times: list[float]) -> None:
    """Some answers in a world that is gone afterwards."""
    with transaction.atomic():
        story()
        for number in range(BLOCK + WARM):
            start = time.perf_counter()
            client.get(url)
            if number >= WARM:
                times.append((time.perf_counter() - start) * 1000)
        transaction.set_rollback(True)


def chance_of(these: list[float], those: list[float]) -> float:
    """The two-sided Mann-Whitney test: how likely the ranks of two samples of one kind lie so far apart."""
    values = np.array(these + those)
    ranks = np.empty(len(values))
    ranks[np.argsort(values)] = np.arange(1, len(values) + 1)
    first, second = len(these), len(those)
    found = ranks[:first].sum() - first * (first + 1) / 2
    spread = (first * second * (first + second + 1) / 12) ** 0.5
    return 2 * (1 - statistics.NormalDist().cdf(abs(found - first * second / 2) / spread))
