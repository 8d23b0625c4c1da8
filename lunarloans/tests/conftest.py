"""One headless Chromium for the tests that look at pages as people do."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pytest
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Playwright's loop runs in this thread, so Django has to be told that its ORM may be used beside it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Traffic:
    """How many requests the live server has in hand, and when the last one began or ended."""

    def __init__(self) -> None:
        self.lock = Lock()  # the server has a thread for every connection
        self.in_hand, self.changed_at = 0, time.monotonic()

    def begin(self, **_: object) -> None:
        with self.lock:
            self.in_hand, self.changed_at = self.in_hand + 1, time.monotonic()

    def end(self, **_: object) -> None:
        with self.lock:
            self.in_hand, self.changed_at = self.in_hand - 1, time.monotonic()

    def settle(self, quiet: float = 0.2, longest: float = 20) -> None:
        """Wait until nothing was in hand for `quiet` seconds."""
        until = time.monotonic() + longest
        while time.monotonic() < until and (self.in_hand > 0 or time.monotonic() - self.changed_at < quiet):
            time.sleep(0.02)


@pytest.fixture
def live_server(live_server: LiveServer) -> Iterator[LiveServer]:
    """A page that is closed still sends what was typed last. It has to arrive before the tables are emptied, or the next test
    finds what this one left behind."""
    traffic = Traffic()
    request_started.connect(traffic.begin)
    request_finished.connect(traffic.end)
    yield live_server
    traffic.settle()
    request_started.disconnect(traffic.begin)
    request_finished.disconnect(traffic.end)


@pytest.fixture
def static_files(tmp_path: Path, settings: Settings) -> None:
    """The live server gives out what has been collected."""
    settings.STATIC_ROOT = str(tmp_path)
    call_command("collectstatic", interactive=False, verbosity=0)
