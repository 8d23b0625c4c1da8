"""A worker that is killed while it prints loses no letter and makes none twice, in both ways to run the portal."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from letters.models import Letter

LETTERS, KILLS = 6, 2


def run(pool: str, folder: Path, **environment: str) -> dict[str, object]:
    var = folder / "var"
    for name in ("queue", "queue-control", "mail", "media"):
        (var / name).mkdir(parents=True)
    result = subprocess.run(
        [sys.executable, "-m", "letters.tests.fault_run", pool, str(LETTERS), str(KILLS)],
        cwd=settings.BASE_DIR,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO", "EMAIL"))},
            "PORTAL_VAR": str(var),
            "MEDIA_ROOT": str(var / "media"),
            "EMAIL_URL": "filemail://",
            "SECRET_KEY": "only-for-a-test",
            "LETTER_LEASE_SECONDS": "8",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-5000:]
    report: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
    return report


def no_letter_is_lost_or_doubled(report: dict[str, object]) -> None:
    assert len(set(report["numbers"])) == report["written"] == LETTERS  # type: ignore[call-overload]
    assert report["files"] == LETTERS, "one file per letter and none left behind"
    assert report["digests_agree"]
    assert report["readable"]
    assert report["different_mails"] == LETTERS
    assert LETTERS <= int(str(report["mails"])) <= LETTERS + KILLS, "a mail whose sending was interrupted may come twice, under the same Message-ID"
    assert int(str(report["interrupted"])) >= 1, "the worker was killed while it printed"


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_killing_the_workers_while_they_print_on_the_production_profile(tmp_path: Path) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL and Redis: script/test letters -m faults")
    database = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
    broker = os.environ["BROKER_URL"].rpartition("/")[0] + "/9"
    no_letter_is_lost_or_doubled(run("prefork", tmp_path, DATABASE_URL=database, BROKER_URL=broker))
    assert Letter.objects.count() == LETTERS


@pytest.mark.faults
def test_killing_the_worker_while_it_prints_on_the_embedded_default(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'var' / 'portal.sqlite3'}"
    no_letter_is_lost_or_doubled(run("solo", tmp_path, DATABASE_URL=database, BROKER_URL="filesystem://"))


@pytest.mark.faults
def test_a_queue_that_nobody_answers_holds_up_no_request_and_loses_no_letter(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:  # takes the call and never says a word
        database = f"sqlite:///{tmp_path / 'var' / 'portal.sqlite3'}"
        report = run("silence", tmp_path, DATABASE_URL=database, BROKER_URL=f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
    assert float(str(report["seconds"])) < 30, "seconds, not for ever"
    assert report["printing"] == "printed"
