"""The institution of an application, found while typing: with the keyboard, an input method, a slow register, and without the script (U-25, R-32)."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.tests.make import make_user
from applications.models import Application
from applications.tests.make import make_draft
from institutions.tests.make import make_country, make_institution
from rounds.tests.make import make_round

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIELD = "Search the register by name"


@pytest.fixture
def draft(static_files: None) -> Application:
    china = make_country("CN")
    listed = {"is_as_in_ror": True, "is_verified": False}
    make_institution(name_en="Institute of Geology, Academy of Sciences", name_local="科学院地质研究所", country=china, **listed)
    make_institution(name_en="Geological Museum", is_verified=False)
    make_institution(name_en="Geology <img src=x onerror=alert(1)> School")
    return make_draft(make_round(), owner=make_user("applicant@example.org"))


def context_of(browser: Browser, live_server: LiveServer, draft: Application, **options: Any) -> BrowserContext:
    client = Client()
    client.force_login(draft.owner)
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **options})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}])
    return context


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, draft: Application) -> Iterator[Page]:
    context = context_of(browser, live_server, draft)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(live_server.url + reverse("applications:edit", args=[draft.reference, "institution"]))
    yield page
    context.close()
    assert [text for text in complaints if "Failed to load resource" not in text and "ERR_" not in text] == []


def chosen(draft: Application) -> str | None:
    version = draft.versions.latest("pk")
    return version.institution.name_en if version.institution else None


def test_one_types_chooses_with_the_keyboard_and_saves(page: Page, draft: Application) -> None:
    field = page.get_by_role("combobox", name=FIELD)
    assert "{#" not in page.locator("main").inner_text()
    field.press_sequentially("geol", delay=20)
    options = page.locator(".typeahead-list [role=option]")
    expect(options).to_have_count(3)
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".typeahead-said")).to_contain_text("3 institutions")
    expect(options.filter(has_text="Geological Museum")).to_contain_text("not checked by the office yet")
    expect(options.filter(has_text="Institute of Geology")).not_to_contain_text("not checked")
    expect(options.filter(has_text="<img src=x")).to_have_count(1)
    axe = Axe().run(page)
    assert axe.violations_count == 0, axe.generate_report()
    field.press_sequentially(" acad")
    expect(options).to_have_count(1)
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("Enter")
    radio = page.get_by_role("radio", name="Institute of Geology")
    expect(radio).to_be_checked()
    expect(radio).to_be_focused()
    expect(page.locator(".typeahead-said")).to_contain_text("Save to keep it")
    page.get_by_role("button", name="Save", exact=False).first.click()
    page.wait_for_load_state()
    assert chosen(draft) == "Institute of Geology, Academy of Sciences"


def test_an_input_method_asks_once_for_the_characters_and_never_for_the_letters_in_between(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/institutions/search/" in request.url else None)
    field = page.get_by_role("combobox", name=FIELD)
    field.focus()
    session = page.context.new_cdp_session(page)
    for letters in ("d", "di", "di zh", "di zhi"):
        session.send("Input.imeSetComposition", {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)})
        page.wait_for_timeout(250)
    assert asked == []
    session.send("Input.insertText", {"text": "地质"})
    expect(page.locator(".typeahead-list [role=option]")).to_have_count(1)
    assert len(asked) == 1


@pytest.mark.parametrize("fault", ["silence", "error", "signed out"])
def test_when_the_register_does_not_answer_the_form_still_works(page: Page, draft: Application, fault: str) -> None:
    def misbehave(route: Route) -> None:
        if fault == "error":
            route.fulfill(status=500, body="<h1>broken</h1>", content_type="text/html")
        elif fault == "signed out":
            route.fulfill(status=200, body="<h1>Sign in</h1>", content_type="text/html")  # and silence: never answered

    page.route("**/institutions/search/**", misbehave)
    page.get_by_role("combobox", name=FIELD).press_sequentially("atlantis")
    expect(page.locator(".typeahead-said")).to_contain_text("does not answer", timeout=8000)
    page.get_by_text("The institution is not in the register").click()
    page.get_by_label("English name").fill("Atlantis Institute")
    page.get_by_label("Kind").select_option("university")
    page.get_by_label("Country or region").select_option("GR")
    page.get_by_role("button", name="Enter and choose it").click()
    page.wait_for_load_state()
    assert chosen(draft) == "Atlantis Institute"


def test_without_the_script_the_button_searches(browser: Browser, live_server: LiveServer, draft: Application) -> None:
    context = context_of(browser, live_server, draft, java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + reverse("applications:edit", args=[draft.reference, "institution"]))
    page.get_by_label(FIELD).fill("geol acad")
    page.get_by_role("button", name="Search").click()
    page.get_by_label("Institute of Geology").check()
    page.get_by_role("button", name="Save", exact=False).first.click()
    context.close()
    assert chosen(draft) == "Institute of Geology, Academy of Sciences"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_list_stays_within_the_page(browser: Browser, live_server: LiveServer, draft: Application, width: int) -> None:
    context = context_of(browser, live_server, draft, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(live_server.url + reverse("applications:edit", args=[draft.reference, "institution"]))
    field = page.get_by_role("combobox", name=FIELD)
    field.scroll_into_view_if_needed()
    field.press_sequentially("geol")
    expect(page.locator(".typeahead-list [role=option]")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    box = page.locator(".typeahead-list").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
