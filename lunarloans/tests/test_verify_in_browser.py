"""Checking a letter by dropping its PDF, in a real browser: hashed there, never sent, and one changed byte is found. (S-53)"""

import base64
from datetime import date
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from desk.actions import fold_history
from letters.actions import revoke_letter, supersede_letter
from letters.models import Letter
from letters.post import open_pdf
from letters.tests.make import make_letter, printed
from lunarloans.tests.test_look import Way, faults_of, opened

DROP = """([words, name]) => {
  const bytes = Uint8Array.from(atob(words), (character) => character.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type: "application/pdf" }));
  const zone = document.querySelector("[data-file]");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
  }
}"""


def drop(page: Page, pdf: bytes) -> None:
    page.evaluate(DROP, [base64.b64encode(pdf).decode(), "letter.pdf"])


def upload(pdf: bytes) -> FilePayload:
    return {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": pdf}


@pytest.mark.browser
def test_a_dropped_letter_is_hashed_in_the_browser_and_only_its_digest_is_sent(
    browser: Browser, live_server: LiveServer, static_files: None, client: Client
) -> None:
    letter = printed(make_letter())
    pdf = open_pdf(letter)
    with opened(browser, Way("light", 1280), "en", client, live_server.url) as (page, complaints):
        sent: list[tuple[str, str, int]] = []
        page.goto(reverse("letters:verify"))
        page.on("request", lambda request: sent.append((request.method, request.url, len(request.post_data_buffer or b""))))
        expect(page.get_by_label("SHA-256 digest of the file")).to_be_hidden()
        drop(page, pdf)
        expect(page.get_by_text("Your file is unchanged")).to_be_visible()
        expect(page.get_by_role("heading", name=f"Letter {letter.number}")).to_be_visible()
        assert complaints == []
        asked = [urlsplit(url) for _method, url, _size in sent]
        assert [address.query for address in asked if address.path == reverse("letters:verify")] == [f"digest={letter.digest}"]
        assert {(method, size) for method, _url, size in sent} == {("GET", 0)}
        assert all(len(url) < 300 for _method, url, _size in sent)


@pytest.mark.browser
def test_one_changed_byte_of_a_dropped_letter_is_found(browser: Browser, live_server: LiveServer, static_files: None, client: Client) -> None:
    pdf = bytearray(open_pdf(printed(make_letter())))
    pdf[len(pdf) // 3] ^= 1
    with opened(browser, Way("light", 1280), "en", client, live_server.url) as (page, complaints):
        page.goto(reverse("letters:verify"))
        page.get_by_label("The PDF").set_input_files(upload(bytes(pdf)))
        expect(page.get_by_role("heading", name="The office has issued no such file")).to_be_visible()
        assert [each for each in complaints if "404" not in each] == []


@pytest.mark.browser
def test_a_file_can_be_typed_where_there_is_no_script(browser: Browser, live_server: LiveServer, static_files: None) -> None:
    letter = printed(make_letter())
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(reverse("letters:verify"))
    expect(page.get_by_label("The PDF")).to_be_hidden()
    page.get_by_label("SHA-256 digest of the file").fill(f"{letter.digest}  {letter.file_name}")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Your file is unchanged")).to_be_visible()
    context.close()


@pytest.mark.browser
def test_the_page_of_a_code_takes_the_file_as_well_and_a_faulty_digest_can_be_mended(
    browser: Browser, live_server: LiveServer, static_files: None, client: Client
) -> None:
    letter = printed(make_letter())
    with opened(browser, Way("light", 1280), "en", client, live_server.url) as (page, complaints):
        page.goto(reverse("letters:check", args=[letter.check_code]))
        page.get_by_label("The PDF").set_input_files(upload(open_pdf(letter)))
        expect(page.get_by_text("Your file is unchanged")).to_be_visible()
        page.goto(f"{reverse('letters:verify')}?digest=nonsense")
        expect(page.get_by_label("SHA-256 digest of the file")).to_be_visible()
        assert [each for each in complaints if "422" not in each] == []


def states() -> dict[str, str]:
    """An address for each answer that the check can give."""
    valid, old, revoked, new = printed(make_letter()), printed(make_letter()), printed(make_letter()), printed(make_letter())
    supersede_letter(old, new, by=None)
    revoke_letter(revoked, by=None, note="")
    for day in (1, 2):
        fold_history(date(2026, 11, day))

    def of(letter: Letter) -> str:
        return f"{reverse('letters:verify')}?digest={letter.digest}"

    return {
        "verify": reverse("letters:verify"),
        "code": reverse("letters:check", args=[valid.check_code]),
        "valid": of(valid),
        "superseded": of(old),
        "revoked": of(revoked),
        "unknown": f"{reverse('letters:verify')}?digest={'f' * 64}",
        "history": reverse("desk:history"),
    }


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "way"),
    [("en", Way("light", 1280)), ("en", Way("dark", 360)), ("zh-hans", Way("light", 360)), ("zh-hans", Way("dark", 1280))],
    ids=["English", "English, narrow and dark", "Chinese, narrow", "Chinese, dark"],
)
def test_every_answer_of_the_check_stands_up_to_a_close_look(
    browser: Browser, live_server: LiveServer, static_files: None, client: Client, way: Way, language: str
) -> None:
    with opened(browser, way, language, client, live_server.url) as (page, complaints):
        for name, address in states().items():
            page.goto(address)
            found = [fault for fault in faults_of(page, complaints, language=language, theirs=set()) if "404" not in fault]
            assert found == [], name
            complaints.clear()
