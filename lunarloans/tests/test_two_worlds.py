"""Two worlds (quality: S-01): who may not know a secret fetches the same bytes in both.

`secrets.txt` beside this file is the reviewed table: a row for each secret, a column for each person. "-" must not find any difference,
"sees" must find one (so that a comparison that compares nothing fails), "." may.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from lunarloans.tests.crawl import Crawler, Telling, standing_still
from lunarloans.tests.worlds import SECRETS, Secret

pytestmark = pytest.mark.django_db  # inside the transaction of the world that all share
GRAVEST = {"reviewer", "score", "conflict_of_an_officer", "decision", "outcome"}
CORE = ("applicant", "expert", "tied_officer")
EVERYBODY = "EVERYBODY" in os.environ
TABLE = Path(__file__).with_name("secrets.txt")


def table() -> dict[str, dict[str, str]]:
    head, *rows = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {name: dict(zip(head, marks, strict=True)) for name, *marks in rows}


@pytest.fixture(scope="module")
def telling(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Telling]:
    """One world for all secrets, crawled once as everybody before any story is told."""
    with standing_still(django_db_blocker) as (world, dice):
        yield Telling.of(Crawler(world, dice), next(iter(table().values())))


def asked_as(secret: Secret, marks: dict[str, str]) -> list[str]:
    """Who is asked about a secret: about the gravest the applicant, the judging expert and the officer with a tie; and two others in turn, so
    that everybody is asked about some. EVERYBODY=1 asks all about all, for an hour."""
    silent = [role for role, mark in marks.items() if mark == "-"]
    if EVERYBODY:
        return silent
    core = [role for role in CORE if role in silent] if secret.name in GRAVEST else []
    others = [role for role in silent if role not in core]
    turn = 2 * [each.name for each in SECRETS].index(secret.name)
    return core + [others[(turn + step) % len(others)] for step in range(2)]


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.name)
def test_whoever_may_not_know_a_secret_fetches_the_same_bytes_in_both_worlds(telling: Telling, secret: Secret) -> None:
    marks = table()[secret.name]
    roles = asked_as(secret, marks)
    found = telling.compare(secret.this, secret.that, roles, is_whole=EVERYBODY or secret.name in GRAVEST)
    told = [f"{secret.name} is told to {role}: {where}" for role, places in found.items() for where in places]
    assert not told, "\n".join(told[:20])
    silent = [role for role, mark in marks.items() if mark == "sees" and not telling.sees(secret.this, secret.that, role)]
    assert not silent, f"{secret.name} must show to {silent}: the comparison finds nothing"


def test_every_named_address_is_crawled_and_none_falls_over(telling: Telling) -> None:
    assert telling.crawler.unfilled == set()
    fallen = [f"{visit.method} {visit.url} as {visit.role}" for visit, answer in telling.before.items() if answer.status >= 500]
    assert fallen == []
