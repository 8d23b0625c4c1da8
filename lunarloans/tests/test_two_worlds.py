"""Two worlds (quality: S-01): who may not know a secret fetches the same bytes in both.

`secrets.txt` beside this file is the reviewed table: a row for each secret, a column for each person. "-" must not find any difference,
"sees" must find one (so that a comparison that compares nothing fails), "." may.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from lunarloans.tests.crawl import Crawler, Telling, standing_still
from lunarloans.tests.worlds import SECRETS, Secret

pytestmark = pytest.mark.django_db  # inside the transaction of the world that all share
TABLE = Path(__file__).with_name("secrets.txt")


def table() -> dict[str, dict[str, str]]:
    head, *rows = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {name: dict(zip(head, marks, strict=True)) for name, *marks in rows}


@pytest.fixture(scope="module")
def telling(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Telling]:
    """One world for all secrets, crawled once as everybody before any story is told."""
    with standing_still(django_db_blocker) as (world, dice):
        yield Telling.of(Crawler(world, dice), next(iter(table().values())))


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.name)
def test_whoever_may_not_know_a_secret_fetches_the_same_bytes_in_both_worlds(telling: Telling, secret: Secret) -> None:
    marks = table()[secret.name]
    found = telling.compare(secret.this, secret.that, [role for role, mark in marks.items() if mark != "."])
    told = [f"{secret.name} is told to {role}: {where}" for role, places in found.items() if marks[role] == "-" for where in places]
    assert not told, "\n".join(told[:20])
    silent = [role for role, places in found.items() if marks[role] == "sees" and not places]
    assert not silent, f"{secret.name} must show to {silent}: the comparison finds nothing"


def test_every_named_address_is_crawled_and_none_falls_over(telling: Telling) -> None:
    assert telling.crawler.unfilled == set()
    fallen = [f"{visit.method} {visit.url} as {visit.role}" for visit, answer in telling.before.items() if answer.status >= 500]
    assert fallen == []
