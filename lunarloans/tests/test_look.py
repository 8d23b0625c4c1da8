"""Every page that a role can open, in a real browser: nothing axe objects to, no complaint of the browser, one language, no sideways scroll.

A page is looked at once for all roles to whom it says the same. (quality: U-54, U-57, U-62; the browser reports breaches of the
Content-Security-Policy as errors on its console)
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Literal, cast

import polib
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from applications.models import Version
from applications.questions import parts_of
from institutions.actions import load_countries
from institutions.models import Institution
from lunarloans.tests.make import World, make_world
from lunarloans.tests.test_access import ROLES, TABLE, furnished, kwargs_of, named_urls
from rounds.models import Round

LANGUAGES = {"en": "en", "zh-hans": "zh-Hans"}
HAN = re.compile(r"[\u3400-\u9fff]")
MAIN = re.compile(r"<main.*</main>", re.DOTALL)
CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|name="key" value="[^"]+"')
AXE = f"""async () => {{
  {AXE_SCRIPT};
  const found = await axe.run(document, {json.dumps({"resultTypes": ["violations"], "preload": False, "iframes": False})});
  return found.violations.map(rule => rule.id + " at " + rule.nodes.map(node => node.target.join(" ") + " " + node.html.slice(0, 120)).join("; "));
}}"""
LOOK = """() => {
  const words = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim().replace(/\\s+/g, " ");
    if (text && !parent.closest("script, style, textarea, code, pre, .letter-paper, [lang]:not(html)")) words.push(text);
  }
  return {
    language: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1")].filter(heading => !heading.closest(".letter-paper")).map(heading => heading.innerText.trim()),
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    words: words,
  };
}"""


SOME = frozenset(
    {
        "desk:home",
        "desk:desk",
        "desk:round",
        "desk:case",
        "samples:list",
        "results:round",
        "applications:edit",
        "reviews:review",
        "reviews:announce",
        "rounds:new",
        "account_login",
    }
)
APPLICANTS = frozenset(
    {
        *(f"applications:{name}" for name in ("list", "new", "questions", "application", "edit", "earlier", "check", "receipt", "withdraw", "team")),
        *(f"applications:{name}" for name in ("endorse", "hand_over", "changes", "copy", "invitation")),
        *("account_signup", "account_login", "account_reset_password", "desk:my_data", "desk:help", "desk:privacy", "desk:contact"),
    }
)
EVERY_WAY = "EVERY_WAY" in os.environ  # all themes and widths for what applicants see; by hand, it takes long


@dataclass(frozen=True)
class Way:
    """How somebody looks at the portal."""

    colours: Literal["light", "dark"]
    width: int
    pages: frozenset[str] = frozenset()  # only these; all without


@dataclass(frozen=True)
class Visit:
    role: str
    name: str
    url: str


@pytest.fixture
def world(transactional_db: None) -> World:
    load_countries()  # emptied, like every table, by the test before
    return furnished(make_world())


LOOKERS = tuple(role for role in ROLES if not role.startswith(("tied", "other")))  # those see parts of what the others see


def open_pages() -> dict[str, list[str]]:
    """From the reviewed table: every address that answers a role with 200."""
    pages: dict[str, list[str]] = {role: [] for role in ROLES}
    for line in TABLE.read_text().splitlines()[1:]:
        method, name, *marks = line.split()
        for role, mark in zip(ROLES, marks, strict=True):
            if method == "GET" and mark == "200":
                pages[role].append(name)
    return pages


def said_by(response: HttpResponse, person: User | None) -> str:
    """The main part of a page, but for tokens and the reader's own name."""
    main = MAIN.search(response.content.decode())
    assert main, "a page without a main part"
    words = CHANGING.sub("", main[0])
    for own in (person.email, person.full_name) if person else ():
        words = words.replace(own, "")
    return words


def visits(clients: dict[str, Client], world: World) -> Iterator[Visit]:
    """Every page of every role, but for those that say to one role what they said to another."""
    needed = dict(sorted(named_urls(), key=lambda entry: sorted(entry[1]), reverse=True))
    seen = set()
    for role in LOOKERS:
        for name in open_pages()[role]:
            url = reverse(name, kwargs=kwargs_of(name, needed[name], world))
            response = cast(HttpResponse, clients[role].get(url))
            if not response["Content-Type"].startswith("text/html"):
                continue
            said = (name, said_by(response, world.people.get(role)))
            if said not in seen:
                seen.add(said)
                yield Visit(role, name, url)
        if role == "applicant":  # the table names one part of the form
            for part in parts_of(world.draft.round.kind):
                yield Visit(role, "applications:edit", reverse("applications:edit", args=[world.draft.reference, part]))


@cache
def english_texts() -> frozenset[str]:
    """The texts of the portal that stand in English where nobody translated them. A language is called by its own name."""
    catalogue = polib.pofile(str(settings.BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))
    return frozenset(entry.msgid for entry in catalogue if HAN.search(entry.msgstr)) - {"English"}


def written_by_people(world: World) -> set[str]:
    """What may stand in a heading in any language, and what a round is called for short."""
    words = set(Version.objects.values_list("title", flat=True)) | set(Institution.objects.values_list("name_en", flat=True))
    words |= set(Round.objects.values_list("slug", flat=True))
    return words | set(User.objects.values_list("full_name", flat=True)) | {world.powder.number, "ORCID iD"}  # a name in every language


def faults_of(page: Page, complaints: list[str], *, language: str, theirs: set[str]) -> list[str]:
    """What is wrong with the page that is open."""
    look = page.evaluate(LOOK)
    faults = [*complaints]  # before axe works, which styles the page
    faults += [f"axe: {violation}" for violation in page.evaluate(AXE)]
    if look["language"] != LANGUAGES[language]:
        faults.append(f"lang is {look['language']}")
    if len(look["headings"]) != 1:
        faults.append(f"main headings: {look['headings']}")
    if look["sideways"] > 0:
        faults.append(f"{look['sideways']} px too wide")
    if language == "zh-hans":
        faults += [f"English heading: {heading}" for heading in look["headings"] if not HAN.search(heading) and heading not in theirs]
        faults += [f"English text: {text}" for text in look["words"] if text in english_texts() and text not in theirs]
    else:
        faults += [f"Chinese heading: {heading}" for heading in look["headings"] if HAN.search(heading)]
    return faults


@contextmanager
def opened(browser: Browser, way: Way, language: str, client: Client, site: str) -> Iterator[tuple[Page, list[str]]]:
    """A browser of this person, and what it complains of."""
    context = browser.new_context(
        base_url=site,
        viewport={"width": way.width, "height": 800},
        color_scheme=way.colours,
        locale="zh-CN" if language == "zh-hans" else "en-GB",
        timezone_id="Europe/Berlin",
    )
    context.add_cookies([{"name": name, "value": morsel.value, "url": site} for name, morsel in client.cookies.items()])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page, complaints
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "ways"),
    [
        pytest.param("en", (Way("light", 1280), Way("dark", 360, SOME), Way("light", 768, APPLICANTS)), id="English"),
        pytest.param("zh-hans", (Way("dark", 360), Way("light", 1280, SOME), Way("dark", 768, APPLICANTS)), id="Chinese"),
    ],
)
def test_every_page_stands_up_to_a_close_look(
    language: str, ways: tuple[Way, ...], browser: Browser, live_server: LiveServer, world: World, static_files: None
) -> None:
    clients = {role: world.client(role) for role in LOOKERS}
    for client in clients.values():
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    pages = list(visits(clients, world))
    assert {visit.role for visit in pages} == set(LOOKERS)
    theirs = written_by_people(world)
    faults = []
    if EVERY_WAY:
        ways = tuple(Way(colours, width, APPLICANTS) for colours in ("light", "dark") for width in (360, 768, 1280))
    for way in ways:
        for role, group in groupby(pages, key=lambda visit: visit.role):
            with opened(browser, way, language, clients[role], live_server.url) as (page, complaints):
                for visit in group:
                    if way.pages and visit.name not in way.pages:
                        continue
                    complaints.clear()
                    answer = page.goto(visit.url)
                    found = [] if answer and answer.ok else [f"answers {answer and answer.status}"]
                    found += faults_of(page, complaints, language=language, theirs=theirs)
                    faults += [f"{visit.name} as {role}, {way.colours}, {way.width} px: {fault}" for fault in found]
    assert not faults, "\n".join(faults)
