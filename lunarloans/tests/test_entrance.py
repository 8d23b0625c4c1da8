"""Signing in and up as people do it, in a real browser: passwords, passkeys, codes, and the end of a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.tests.make import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def static_files(tmp_path: Path, settings: Settings) -> None:
    """The live server gives out what has been collected."""
    settings.STATIC_ROOT = str(tmp_path)
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture
def window(static_files: None, browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A browser of its own that has never been here."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB")
    yield context
    context.close()


def test_the_page_warns_before_the_end_of_the_session_and_one_button_stays(
    window: BrowserContext, live_server: LiveServer, settings: Settings
) -> None:
    settings.SESSION_IDLE_APPLICANT = 303  # seconds
    client = Client()
    client.force_login(make_user())
    window.add_cookies([{"name": name, "value": morsel.value, "url": live_server.url} for name, morsel in client.cookies.items()])
    page = window.new_page()
    page.goto(reverse("accounts:profile"))
    warning = page.get_by_text("You will be signed out in about")
    expect(warning).not_to_be_visible()
    expect(warning).to_be_visible(timeout=15_000)
    settings.SESSION_IDLE_APPLICANT = 7200
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).not_to_be_visible()
