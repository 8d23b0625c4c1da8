"""Two ways to walk through the pages: a real browser, and Django's test client with the forms as they stand in the page.

Both know pages as a person does: links and buttons by their words, fields by their labels. So one journey serves both.
"""

import re
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import lxml.html
from django.test import Client
from playwright.sync_api import Browser, Page, expect


class Walker(Protocol):
    """Somebody at a screen."""

    def open(self, path: str) -> None: ...
    def click(self, link: str) -> None: ...
    def fill(self, label: str, value: str, *, within: str = "") -> None: ...
    def tick(self, label: str, *, within: str = "") -> None: ...
    def choose(self, label: str, option: str) -> None: ...
    def press(self, button: str) -> None: ...
    def unfold(self, summary: str) -> None: ...
    def sees(self, text: str) -> None: ...
    def misses(self, text: str) -> None: ...
    @property
    def path(self) -> str: ...
    def fetch(self, path: str) -> tuple[int, bytes]: ...


def sign_in(walker: Walker, email: str, password: str = "lunar-demo") -> None:
    walker.open("/accounts/login/")
    walker.fill("Email", email)
    walker.fill("Password", password)
    walker.press("Sign in")
    walker.sees("My work")


class BrowserWalker:
    """Headless Chromium with a profile of its own."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.site = site
        self.context = browser.new_context(base_url=site, locale="en-GB", timezone_id="Europe/Berlin")
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def open(self, path: str) -> None:
        self.page.goto(path)

    def click(self, link: str) -> None:
        self.page.get_by_role("link", name=link).first.click()

    def fill(self, label: str, value: str, *, within: str = "") -> None:
        place: Any = self.page.locator("section.card, fieldset").filter(has_text=within).first if within else self.page
        place.get_by_label(label).first.fill(value)

    def tick(self, label: str, *, within: str = "") -> None:
        place: Any = self.page.get_by_role("group", name=re.compile(re.escape(within))).first if within else self.page
        words = re.compile(rf"^\s*{re.escape(label)}\s*$") if within else label
        place.locator("label").filter(has_text=words).first.click()  # as a person does: the button itself may be hidden by its label

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label).first.select_option(label=option)

    def unfold(self, summary: str) -> None:
        self.page.locator("summary").filter(has_text=summary).first.click()

    def press(self, button: str) -> None:
        place = self.page.get_by_role("button", name=button)
        place.first.click()
        self.page.wait_for_load_state()

    def sees(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text, timeout=5000)

    def misses(self, text: str) -> None:
        expect(self.page.locator("body")).not_to_contain_text(text)

    def fetch(self, path: str) -> tuple[int, bytes]:
        response = self.context.request.get(path)
        return response.status, response.body()

    def close(self) -> None:
        self.context.close()


def words_of(element: Any) -> str:
    return " ".join(element.text_content().split())


def sent_by(form: Any) -> Iterator[tuple[str, str]]:
    """What a browser sends for this form, without the button. (lxml's own list says “on” for a chosen button whose value is empty.)"""
    for field in form.inputs:
        name = field.get("name")
        if not name or "disabled" in field.attrib or field.get("type") in ("submit", "image", "reset", "button", "file"):
            continue
        if field.tag == "textarea":
            yield name, (field.text or "").removeprefix("\n")
        elif field.tag == "select":
            chosen = field.value if field.multiple else [field.value]
            yield from ((name, value) for value in chosen if value is not None)
        elif field.get("type") not in ("radio", "checkbox"):
            yield name, field.get("value", "")
        elif "checked" in field.attrib:
            yield name, field.get("value", "on")


class ClientWalker:
    """Django's test client; it sends a form with exactly the fields that the page gives it."""

    def __init__(self) -> None:
        self.client = Client(HTTP_HOST="127.0.0.1", HTTP_ACCEPT_LANGUAGE="en")
        self.url = "/"
        self.document: Any = None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def _arrive(self, response: Any, url: str) -> None:
        for url, _status in getattr(response, "redirect_chain", []):
            self.url = url
        if not getattr(response, "redirect_chain", []):
            self.url = url
        assert response.status_code in (200, 409, 422), f"{self.url} answered {response.status_code}"
        self.document = lxml.html.fromstring(response.content.decode())

    def open(self, path: str) -> None:
        self._arrive(self.client.get(path, follow=True), path)

    def click(self, link: str) -> None:
        for anchor in self.document.iter("a"):
            if link in words_of(anchor) and anchor.get("href"):
                self.open(urljoin(self.url, anchor.get("href")))
                return
        raise AssertionError(f"no link “{link}” on {self.url}")

    def _field(self, label: str, *, within: str = "", types: tuple[str, ...] = (), cards: bool = False) -> Any:
        places = [self.document]
        if within and cards:
            places = [card for card in self.document.iter("section", "fieldset") if within in words_of(card)]
        elif within:
            places = [group for group in self.document.iter("fieldset") if within in words_of(group.find("legend"))]
        for place in places:
            for element in place.iter("label"):
                text = words_of(element)
                if (text == label if within and not cards else label in text) and (element.get("for") or element.find(".//input") is not None):
                    field = self.document.get_element_by_id(element.get("for"), None) if element.get("for") else element.find(".//input")
                    if field is not None and (not types or field.get("type") in types):
                        return field
        raise AssertionError(f"no field “{label}” on {self.url}")

    def fill(self, label: str, value: str, *, within: str = "") -> None:
        field = self._field(label, within=within, cards=True)
        if field.tag == "textarea":
            field.text = value
        else:
            field.set("value", value)

    def tick(self, label: str, *, within: str = "") -> None:
        field = self._field(label, within=within, types=("radio", "checkbox"))
        if field.get("type") == "radio":
            for other in self.document.iter("input"):
                if other.get("type") == "radio" and other.get("name") == field.get("name") and "checked" in other.attrib:
                    del other.attrib["checked"]
        field.set("checked", "checked")

    def choose(self, label: str, option: str) -> None:
        for entry in self._field(label).iter("option"):
            entry.attrib.pop("selected", None)
            if option == words_of(entry):
                entry.set("selected", "selected")

    def press(self, button: str) -> None:
        for element in self.document.iter("button"):
            if button in words_of(element):
                form = next((parent for parent in element.iterancestors("form")), None)
                if form is None:
                    continue
                fields: dict[str, list[str]] = {}
                for name, value in sent_by(form):
                    fields.setdefault(name, []).append(value)
                if element.get("name"):
                    fields.setdefault(element.get("name"), []).append(element.get("value") or "")
                url = urljoin(self.url, form.get("action") or self.url)
                send = self.client.post if (form.get("method") or "get").lower() == "post" else self.client.get
                self._arrive(send(url, fields, follow=True), url)
                return
        raise AssertionError(f"no button “{button}” on {self.url}")

    def unfold(self, summary: str) -> None:
        """A page without script: what is folded is in the page all the same."""

    def sees(self, text: str) -> None:
        assert text in words_of(self.document.body), f"“{text}” is not on {self.url}: {words_of(self.document.body)[:800]}"

    def misses(self, text: str) -> None:
        assert text not in words_of(self.document.body), f"“{text}” is on {self.url}"

    def fetch(self, path: str) -> tuple[int, bytes]:
        response = self.client.get(path)
        return response.status_code, response.getvalue()
