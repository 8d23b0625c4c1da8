"""Fifty decisions for the last milligram at the same moment: one wins. The control without the condition must over-allocate."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from samples.actions import earmark, earmark_samples, hold_earmarked, release_holds, show_holds
from samples.models import Hold, Sample
from samples.tests.make import make_mission, make_sample
from samples.tests.race import LAST_UG, naively, race, rightly

CONTESTANTS = 50

on_a_server = pytest.mark.skipif(connection.vendor == "sqlite", reason="the test's own SQLite lives in memory; the file below is raced instead")


@on_a_server
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", ["CE5C0600", "CE5C0000YJYX031"], ids=["powder", "whole piece"])
def test_of_fifty_who_earmark_the_last_of_a_sample_one_wins(number: str) -> None:
    outcome = race(make_sample(number, mass_ug=LAST_UG), CONTESTANTS, rightly)
    assert outcome.failed == []
    assert (outcome.won, outcome.refused) == (1, CONTESTANTS - 1)
    assert (outcome.holds, outcome.vault_ug, outcome.earmarked_ug) == (1, 0, LAST_UG)


@on_a_server
@pytest.mark.breaks_invariants
@pytest.mark.django_db(transaction=True)
def test_the_control_that_reads_before_it_writes_over_allocates() -> None:
    outcome = race(make_sample(mass_ug=LAST_UG), CONTESTANTS, naively(threading.Barrier(CONTESTANTS)))
    assert outcome.failed == []
    assert outcome.won == outcome.holds == CONTESTANTS


@on_a_server
@pytest.mark.django_db(transaction=True)
def test_twenty_samples_in_mixed_order_end_without_a_deadlock() -> None:
    make_mission()
    numbers = [f"CE5C0{container}00" for container in range(1, 10)] + [f"CE5Z0{segment}01YJ" for segment in range(1, 10)]
    samples = [make_sample(number, mass_ug=5 * LAST_UG) for number in numbers]

    def want_everything(_: Sample, reference: str) -> None:
        order = samples if int(reference[-1]) % 2 else samples[::-1]
        earmark_samples(reference, dict.fromkeys(order, LAST_UG), by=None)

    outcome = race(samples[0], 12, want_everything)
    assert outcome.failed == []
    assert (outcome.won, outcome.refused) == (5, 7)


@on_a_server
@pytest.mark.django_db(transaction=True)
def test_releases_announcements_and_new_earmarks_at_once_end_without_a_deadlock() -> None:
    samples = [make_sample(f"CE5C0{container}00", mass_ug=40 * LAST_UG) for container in range(1, 4)]
    references = [f"LSA-2026-{index:05d}" for index in range(18)]
    for reference in references[:12]:
        earmark_samples(reference, dict.fromkeys(samples, LAST_UG), by=None)
    for reference in references[:8]:
        hold_earmarked(reference, by=None)

    def act(_: Sample, reference: str) -> None:
        index = int(reference[-5:])
        if index % 3 == 0:
            release_holds(reference, reason="withdrawn", by=None)
        elif index % 3 == 1:
            show_holds(references)
        elif index < 12:
            hold_earmarked(reference, by=None)
        else:
            earmark_samples(reference, dict.fromkeys(samples[::-1], LAST_UG), by=None)

    outcome = race(samples[0], 18, act)
    assert outcome.failed == []


@on_a_server
@pytest.mark.django_db(transaction=True)
def test_of_ten_who_release_the_same_hold_at_once_one_does() -> None:
    sample = make_sample(mass_ug=10 * LAST_UG)
    earmark(sample, "LSA-2026-90001", 5 * LAST_UG, by=None)
    earmark(sample, "LSA-2026-90002", 5 * LAST_UG, by=None)
    released: list[int] = []
    outcome = race(sample, 10, lambda _sample, _reference: released.append(release_holds("LSA-2026-90001", reason="withdrawn", by=None)))
    assert outcome.failed == []
    assert sorted(released) == [0] * 9 + [1]
    assert (outcome.vault_ug, outcome.earmarked_ug) == (5 * LAST_UG, 5 * LAST_UG)
    assert Hold.objects.open().count() == 1


def test_the_same_races_end_the_same_on_a_sqlite_file(tmp_path: Path) -> None:
    contestants = 12
    environment = {
        **os.environ,
        "SECRET_KEY": "only-for-this-race",
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "lunarloans.settings"),
        "PORTAL_VAR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
    }
    script = f"""
from django.core.management import call_command
from samples.tests.race import main
call_command("migrate", "samples", verbosity=0, skip_checks=True)
main({contestants})
"""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "shell", "--verbosity=0", "-c", script]
    done = subprocess.run(command, check=True, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True)
    outcomes = json.loads(done.stdout.splitlines()[-1])
    for name in ("powder", "piece"):
        expected = {"won": 1, "refused": contestants - 1, "failed": [], "holds": 1, "vault_ug": 0, "earmarked_ug": LAST_UG}
        assert outcomes[name] == expected
    assert outcomes["control"]["won"] == contestants
