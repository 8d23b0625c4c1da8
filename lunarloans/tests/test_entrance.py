"""Signing in and up as people do it, in a real browser: passwords, passkeys, codes, and the end of a session."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from celery import current_app
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.actions import DEMONSTRATION_PASSWORD
from accounts.models import Role
from accounts.tests.make import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def mails_go_out_at_once() -> Iterator[None]:
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


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
    settings.SESSION_IDLE_APPLICANT = 290  # seconds
    client = Client()
    client.force_login(make_user())
    window.add_cookies([{"name": name, "value": morsel.value, "url": live_server.url} for name, morsel in client.cookies.items()])
    page = window.new_page()
    page.goto(reverse("accounts:profile"))
    warning = page.get_by_text("You will be signed out in about")
    expect(warning).to_be_visible(timeout=15_000)
    settings.SESSION_IDLE_APPLICANT = 7200
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).not_to_be_visible()
    page.reload()
    expect(warning).not_to_be_visible()


# --- Signing up -----------------------------------------------------------------------------------------------------------


def sent_code() -> str:
    found = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def sign_in(page: Page, email: str, next_page: str = "") -> None:
    page.goto(f"{reverse('account_login')}?next={next_page}")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(DEMONSTRATION_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_an_invited_person_signs_up_on_one_page_with_one_mail_and_lands_where_the_invitation_leads(window: BrowserContext) -> None:
    page = window.new_page()
    page.goto(f"{reverse('account_login')}?next=/samples/")
    page.get_by_role("link", name="Sign up").click()
    password = page.get_by_label("Password", exact=True)
    expect(page.locator("input[type=password]")).to_have_count(1)  # nothing is asked twice
    assert password.get_attribute("autocomplete") == "new-password"
    assert page.get_by_label("Email").get_attribute("autocomplete") == "email"
    assert page.get_by_label("Full name").get_attribute("autocomplete") == "name"
    expect(page.get_by_role("link", name="Privacy notice")).to_be_visible()
    page.get_by_label("Email").fill("new@example.org")
    page.get_by_label("Full name").fill("Kentaro Terada")
    password.evaluate("field => field.focus()")
    page.evaluate("""() => {
        const paste = new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData: new DataTransfer()});
        if (!document.activeElement.dispatchEvent(paste)) throw new Error("paste is refused");
    }""")
    password.fill("a moon of basalt")
    page.get_by_role("button", name="Show the password").click()
    assert password.get_attribute("type") == "text"
    page.get_by_role("button", name="Hide the password").click()
    assert password.get_attribute("type") == "password"
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="Enter the code from your mail")).to_be_visible()
    assert len(mail.outbox) == 1
    code = page.get_by_label("Code")
    assert code.get_attribute("autocomplete") == "one-time-code"
    code.fill(sent_code())
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/samples/")
    assert len(mail.outbox) == 1


# --- The second factor ----------------------------------------------------------------------------------------------------


def prove(page: Page) -> None:
    """Give the password once more, where it is asked for."""
    if "/reauthenticate/" in page.url:
        page.get_by_label("Password", exact=True).fill(DEMONSTRATION_PASSWORD)
        page.get_by_role("button", name="Go on").click()


def sign_out(page: Page) -> None:
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()


@pytest.fixture
def key(window: BrowserContext) -> Page:
    """A page whose device has a passkey of its own and a finger that always fits."""
    page = window.new_page()
    device = window.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    return page


def test_an_officer_adds_a_passkey_and_signs_in_with_it_alone(key: Page) -> None:
    officer = make_user("officer@example.org", Role.OFFICER, second_factor=False)
    sign_in(key, officer.email)
    expect(key.get_by_text("Your role needs a second factor")).to_be_visible()
    key.get_by_role("link", name="Add a passkey or security key").click()
    prove(key)
    key.get_by_label("Passwordless").check()
    key.get_by_role("button", name="Add", exact=True).click()
    key.wait_for_url("**/recovery-codes/**")
    assert Authenticator.objects.filter(user=officer, type="webauthn").count() == 1
    key.goto(reverse("mfa_index"))
    expect(key.get_by_role("heading", name="Security keys and passkeys active")).to_be_visible()
    sign_out(key)
    key.goto(f"{reverse('account_login')}?next=/institutions/")
    key.get_by_role("button", name="Sign in with a passkey").click()
    key.wait_for_url("**/institutions/")


def test_a_passkey_is_the_second_factor_after_a_password(key: Page) -> None:
    person = make_user("person@example.org")
    sign_in(key, person.email)
    key.goto(reverse("mfa_add_webauthn"))
    prove(key)
    key.get_by_role("button", name="Add", exact=True).click()
    key.wait_for_url("**/recovery-codes/**")
    sign_out(key)
    sign_in(key, person.email, "/samples/")
    key.get_by_role("button", name="Use a passkey or security key").click()
    key.wait_for_url("**/samples/")


def test_an_app_is_set_up_its_codes_work_once_and_a_recovery_code_opens_when_the_app_is_lost(window: BrowserContext) -> None:
    person = make_user("person@example.org")
    page = window.new_page()
    sign_in(page, person.email)
    page.goto(reverse("mfa_activate_totp"))
    prove(page)
    secret = page.locator("dd.number").inner_text().strip()

    def code() -> str:
        while time.time() % 30 > 15:  # one that is still good when it arrives
            time.sleep(0.5)
        return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))

    used = code()
    page.get_by_label("Authenticator code").fill(used)
    page.get_by_role("button", name="Switch on").click()
    page.wait_for_url("**/recovery-codes/**")
    recovery = page.locator(".codes li").first.inner_text().strip()
    sign_out(page)
    sign_in(page, person.email, "/samples/")
    assert page.get_by_label("Code").get_attribute("autocomplete") == "one-time-code"
    page.get_by_label("Code").fill(used)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Incorrect code").first).to_be_visible()
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/samples/")
    sign_out(page)
    sign_in(page, person.email, "/samples/")
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Incorrect code").first).to_be_visible()
