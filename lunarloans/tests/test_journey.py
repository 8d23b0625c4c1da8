"""From the catalogue to the published list, on both ways to run the portal."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser

from lunarloans.tests.journey import walk
from lunarloans.tests.portal import portal
from lunarloans.tests.walkers import BrowserWalker, Walker

ROUND = "demo-open"


@pytest.mark.browser
def test_the_whole_path_in_a_browser_on_postgresql_redis_and_a_real_worker(tmp_path: Path, browser: Browser) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL and Redis: script/test lunarloans -k whole_path")
    server, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
    create_database("journey")
    broker = os.environ["BROKER_URL"].rpartition("/")[0] + "/7"
    walkers: list[BrowserWalker] = []
    with portal(tmp_path, pool="prefork", web=True, DATABASE_URL=f"{server}/journey", BROKER_URL=broker) as here:

        def open_walker() -> Walker:
            walkers.append(BrowserWalker(browser, here.site))
            return walkers[-1]

        try:
            walk(open_walker, ROUND, here.pass_the_closing)
            # A wrong number of the form answers 422 and a refused award too: the browser notes those, and nothing else.
            complaints = [text for walker in walkers for text in walker.complaints if "status of 4" not in text]
            assert complaints == []
        finally:
            for walker in walkers:
                walker.close()
        assert "invariants hold" in here.manage("check_invariants")
        assert "histories are whole" in here.manage("verify_history")


def create_database(name: str) -> None:
    """An empty database on the test server, beside the one that this run uses."""
    values = connection.settings_dict
    server = psycopg2.connect(dbname="postgres", host=values["HOST"] or values["OPTIONS"].get("host"), user=values["USER"] or None)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    server.close()


def test_the_whole_path_on_the_embedded_default_through_the_test_client(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'var' / 'portal.sqlite3'}"
    with portal(tmp_path, pool="solo", web=False, DATABASE_URL=database, BROKER_URL="filesystem://") as here:
        walked = subprocess.run(
            [sys.executable, "-m", "lunarloans.tests.walk_embedded", ROUND],
            cwd=settings.BASE_DIR,
            env=here.environment,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert walked.returncode == 0, walked.stderr[-6000:]
        assert "invariants hold" in here.manage("check_invariants")
        assert "histories are whole" in here.manage("verify_history")
