"""Attaching files in a real browser: several at once, by button and by drop, with progress, cancel and try again (quality: U-14 to U-16)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from applications.models import Application, Attachment
from applications.tests import pdfs
from applications.tests.make import make_draft, the_draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROP = """
([names, contents]) => {
  const transfer = new DataTransfer();
  names.forEach((name, place) => transfer.items.add(new File([Uint8Array.from(atob(contents[place]), (c) => c.charCodeAt(0))], name)));
  const zone = document.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}
"""


@pytest.fixture
def application(transactional_db: None, tmp_path: Path, settings: LazySettings) -> Application:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.STATIC_ROOT = str(tmp_path / "static")
    call_command("collectstatic", interactive=False, verbosity=0)
    return make_draft()


@pytest.fixture
def page(application: Application, browser: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The applicant before the page of the attachments; `{"java_script_enabled": False}` as parameter switches scripts off."""
    client = Client()
    client.force_login(application.owner)
    options: dict[str, Any] = getattr(request, "param", {})
    context = browser.new_context(base_url=live_server.url, locale="en-GB", viewport={"width": 1280, "height": 900}, **options)
    context.add_cookies([{"name": name, "value": morsel.value, "url": live_server.url} for name, morsel in client.cookies.items()])
    found = context.new_page()
    found.goto(reverse("applications:edit", args=[application.reference, "attachments"]))
    yield found
    context.close()


def file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def names(application: Application) -> list[str]:
    return [row.name for row in the_draft(application).attachments.all()]


def test_several_files_are_chosen_at_once_and_each_tells_how_it_fares(page: Page, application: Application) -> None:
    page.get_by_label("What is the file for?").select_option("Curriculum vitae and publications")
    files = [
        file("one.pdf", pdfs.good(2)),
        file("page.pdf", b"<html>"),
        file("notes.docx", b"x"),
        file("empty.pdf", b""),
        file("two.pdf", pdfs.good(3)),
    ]
    page.get_by_label("PDF file").set_input_files(files)
    attached = page.locator("[data-attached]")
    expect(attached.get_by_text("two.pdf").first).to_be_visible(timeout=20_000)
    expect(attached.get_by_text("one.pdf").first).to_be_visible()
    sending = page.get_by_role("list", name="Files on their way")
    expect(sending.get_by_role("listitem")).to_have_count(3)
    expect(sending.get_by_text("This is not a PDF.")).to_be_visible()
    expect(sending.get_by_text("does not end in .pdf")).to_be_visible()
    expect(sending.get_by_text("This file is empty")).to_be_visible()
    for name in ("page.pdf", "notes.docx", "empty.pdf"):
        sending.get_by_role("button", name=f"Dismiss {name}").click()
    expect(sending).to_be_hidden()
    assert names(application) == ["one.pdf", "two.pdf"]
    assert {row.purpose for row in Attachment.objects.all()} == {"cv"}
    page.get_by_role("button", name="Remove one.pdf").click()
    expect(page.get_by_text("Removed: one.pdf.")).to_be_visible()
    assert names(application) == ["two.pdf"]


def test_files_are_dropped_and_one_that_misses_the_zone_does_not_replace_the_page(page: Page, application: Application) -> None:
    expect(page.get_by_text("or drop PDF files here")).to_be_visible()
    encoded = page.evaluate("bytes => btoa(String.fromCharCode(...bytes))", list(pdfs.good(2)))
    page.evaluate(DROP, [["研究计划.pdf"], [encoded]])
    expect(page.locator("[data-attached]").get_by_text("研究计划.pdf").first).to_be_visible(timeout=20_000)
    here = page.url
    page.evaluate(DROP.replace('"[data-drop]"', '"h1"'), [["beside.pdf"], [encoded]])
    assert page.url == here
    assert names(application) == ["研究计划.pdf"]


def test_a_file_on_its_way_is_cancelled_and_tried_again(page: Page, application: Application) -> None:
    held: list[Route] = []
    page.route("**/attachments/", lambda route: held.append(route) if not held else route.continue_())
    page.get_by_label("PDF file").set_input_files([file("slow.pdf", pdfs.large(200_000)), file("next.pdf", pdfs.good(3))])
    sending = page.get_by_role("list", name="Files on their way")
    expect(sending.get_by_role("progressbar", name="slow.pdf")).to_be_visible()
    expect(sending.get_by_text("Waiting")).to_be_visible()
    page.get_by_role("button", name="Cancel slow.pdf").click()
    expect(sending.get_by_text("Cancelled. Nothing was kept.")).to_be_visible()
    expect(page.locator("[data-attached]").get_by_text("next.pdf").first).to_be_visible(timeout=20_000)
    assert names(application) == ["next.pdf"]
    page.get_by_role("button", name="Try again slow.pdf").click()
    expect(page.locator("[data-attached]").get_by_text("slow.pdf").first).to_be_visible(timeout=20_000)
    assert sorted(names(application)) == ["next.pdf", "slow.pdf"]


def test_a_broken_line_and_an_ended_session_are_said_and_the_file_can_be_tried_again(page: Page, application: Application) -> None:
    page.route("**/attachments/", lambda route: route.abort())
    page.get_by_label("PDF file").set_input_files([file("plan.pdf", pdfs.good(2))])
    expect(page.get_by_text("Not sent: no connection.").first).to_be_visible()
    page.unroute("**/attachments/")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Try again plan.pdf").click()
    expect(page.locator("[data-sending]").get_by_text("your session is over").first).to_be_visible()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.get_by_role("button", name="Try again plan.pdf").click()
    expect(page.locator("[data-attached]").get_by_text("plan.pdf").first).to_be_visible(timeout=20_000)
    assert names(application) == ["plan.pdf"]


def test_everything_is_reached_by_the_keyboard(page: Page, application: Application) -> None:
    page.get_by_label("What is the file for?").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "id_file"
    page.get_by_label("PDF file").set_input_files([file("bad.pdf", b"<html>")])
    page.get_by_role("button", name="Dismiss bad.pdf").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "id_file"
    assert not names(application)


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_without_a_script_one_file_after_the_other_is_attached(page: Page, application: Application) -> None:
    for number in (1, 2):
        page.get_by_label("PDF file").set_input_files([file(f"{number}.pdf", pdfs.good(number))])
        page.get_by_role("button", name="Attach", exact=True).click()
        expect(page.get_by_text(f"Attached: {number}.pdf. Nothing is submitted yet.")).to_be_visible()
    page.get_by_label("PDF file").set_input_files([file("page.pdf", b"<html>")])
    page.get_by_role("button", name="Attach", exact=True).click()
    expect(page.get_by_text("“page.pdf” is not attached. This is not a PDF.")).to_be_visible()
    assert names(application) == ["1.pdf", "2.pdf"]
