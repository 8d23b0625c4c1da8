"""Fetches everything that a person can reach, so that two worlds can be compared byte by byte, and remembers which tables each answer read.

Time stands still and chance is thrown anew, with the same dice, for every request: tokens, nonces and keys are the same in both worlds,
and nothing has to be masked. An answer can differ only where a table differs that the request read; the others are not fetched again.
"""

import difflib
import hashlib
import inspect
import logging
import os
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import time_machine
from django.db import connection, transaction
from django.test import override_settings
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import User
from letters.models import Letter, Mail
from lunarloans.tests.make import World
from lunarloans.tests.test_access import kwargs_of, named_urls
from lunarloans.tests.test_order import PLACE
from lunarloans.tests.worlds import again, hidden_case, make_secret_world
from reviews.minutes import minutes_for
from reviews.models import Review
from reviews.models.panel import forget_rankings
from reviews.permissions import may_judge, may_read_minutes
from reviews.reading import copy_for, words_of
from rounds.models import Round

MOST_OF_A_VIEW = 1  # links followed to one view by one person, beyond its named address
THEN = datetime(2026, 9, 1, 4, tzinfo=UTC)
EARLIER_KEYS, NEXT_KEYS = 4, 1  # reviews before the last one, and keys that a row would have which exists in the other world alone
HANDFUL = 20  # requests until somebody who may see a secret is looked at for having seen it
LINK = re.compile(rb'(?:href|src|action|hx-get|data-[a-z-]*(?:url|href|at))="([^"#]+)')
WORD = re.compile(r"[a-z_0-9]+")
POSTING = {"public", "applicant", "expert", "tied_officer", "officer"}  # the words of refusals are asked for by one of each kind
PRINTS = {"applications:answers_pdf", "reviews:minutes", "reviews:reading_copy"}  # made anew, in a second or two: their words are compared instead
NOT_FETCHED = PRINTS | {"admin:logout", "admin:jsi18n", "account_logout", "set_language"}
OF_THE_ACCOUNT = ("account_", "mfa_", "socialaccount_", "orcid_", "accounts:profile", "accounts:stay")  # looked at by one person of each kind,
# as are the pages that are open to everybody
ONE_OF_EACH_KIND = {"public", "applicant", "expert", "tied_officer", "tied_administrator"}


class Dice:
    """Random bytes that are the same whenever they are thrown from the same beginning."""

    def __init__(self) -> None:
        self.throw("the beginning")

    def throw(self, what: str) -> None:
        self._random = random.Random(hashlib.sha256(what.encode()).digest())

    def __call__(self, count: int) -> bytes:
        return self._random.randbytes(count)


@contextmanager
def fixed_chance() -> Iterator[Dice]:
    """Everything that draws from the operating system's chance draws from the dice: `secrets`, uuid4, Django's random strings."""
    dice = Dice()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", dice)
        patch.setattr(random, "_urandom", dice)
        yield dice


@contextmanager
def standing_still(blocker: DjangoDbBlocker) -> Iterator[tuple[World, Dice]]:
    """The secret world for all tests of a module, at one moment; gone afterwards."""
    logging.disable(logging.INFO)  # one line for each of thousands of requests
    folder = tempfile.TemporaryDirectory(prefix="lunar-two-worlds-")  # the same dice make the same names of files in every module
    with (
        folder as media,
        override_settings(MEDIA_ROOT=media),
        blocker.unblock(),
        time_machine.travel(THEN),
        fixed_chance() as dice,
        transaction.atomic(),
    ):
        world = make_secret_world()  # while time goes on: what was handed in was handed in before the closing
        with time_machine.travel(datetime.now(UTC), tick=False):
            yield world, dice
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@dataclass(frozen=True, order=True)
class Visit:
    role: str
    method: str
    url: str


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[str, ...]
    body: bytes
    tables: frozenset[str]

    def told(self) -> list[str]:
        """Status, headers and body as lines."""
        return [str(self.status), *self.headers, *self.body.decode(errors="backslashreplace").splitlines()]

    def says(self, other: "Answer") -> bool:
        return (self.status, self.headers, self.body) == (other.status, other.headers, other.body)


def our_tables() -> frozenset[str]:
    return frozenset(connection.introspection.table_names())


class Reading:
    """Remembers the tables that statements name."""

    def __init__(self, tables: frozenset[str]) -> None:
        self.known, self.found = tables, set[str]()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.found |= self.known.intersection(WORD.findall(sql))
        return execute(sql, params, many, context)


class Crawler:
    """Asks as each person of a world; whatever a request writes is undone."""

    def __init__(self, world: Any, dice: Dice) -> None:
        self.world, self.dice = world, dice
        self.tables = our_tables()
        self.refused: set[Visit] = set()
        self.open: set[str] = set()
        self.unfilled: set[str] = set()
        self.clients = {role: world.client(role) for role in ("public", *world.people)}
        self.cookies = {role: dict(client.cookies) for role, client in self.clients.items()}
        for client in self.clients.values():
            client.raise_request_exception = False

    def fetch(self, visit: Visit) -> Answer:
        client, reading = self.clients[visit.role], Reading(self.tables)
        self.dice.throw(str(visit))
        forget_rankings()  # what a process remembers from before costs no chance
        with transaction.atomic(), connection.execute_wrapper(reading):
            response: Any = client.get(visit.url) if visit.method == "GET" else client.post(visit.url, {})
            body = response.getvalue()
            transaction.set_rollback(True)
        headers = [f"{name}: {value}" for name, value in sorted(response.headers.items())] + [str(cookie) for cookie in response.cookies.values()]
        client.cookies.clear()
        client.cookies.update(self.cookies[visit.role])
        return Answer(response.status_code, tuple(headers), body, frozenset(reading.found))

    def everything(self, role: str) -> dict[Visit, Answer]:
        """Every named address in several fillings, asked and posted to; what lists can be asked for; and every page linked from them."""
        seen: dict[Visit, Answer] = {}
        links: list[str] = []
        for url, is_posted in self._named(role):
            if not self._is_seen_by_others(role, url):
                self._look(Visit(role, "GET", url), seen, links)
            if is_posted and role in POSTING and Visit("public", "POST", url) not in self.refused:
                self._look(Visit(role, "POST", url), seen, links)
        for visit in [visit for visit, answer in seen.items() if visit.method == "GET" and answer.status == 200]:
            for question in self._questions(visit.url):
                self._look(Visit(role, "GET", visit.url + question), seen, links)
        counts: Counter[str] = Counter()
        while links:
            visit = Visit(role, "GET", links.pop(0))
            view = view_at(visit.url)
            if visit in seen or view is None or view.view_name in NOT_FETCHED or counts[view.view_name] >= MOST_OF_A_VIEW:
                continue
            if not self._is_seen_by_others(role, visit.url):
                counts[view.view_name] += 1
                self._look(visit, seen, links)
        return seen

    def _is_seen_by_others(self, role: str, url: str) -> bool:
        """Open to everybody, and looked at by one person of each kind already."""
        return role not in ONE_OF_EACH_KIND and urlsplit(url).path in self.open

    def _look(self, visit: Visit, seen: dict[Visit, Answer], links: list[str]) -> None:
        answer = seen[visit] = self.fetch(visit)
        if visit.role == "public" and answer.status == 405:
            self.refused.add(visit)  # the method is refused before anybody asks who it is
        if visit.role == "public" and answer.status == 200:
            self.open.add(urlsplit(visit.url).path)
        if answer.status == 200 and b"<html" in answer.body:
            links += links_in(answer.body, visit.url)

    def _named(self, role: str) -> Iterator[tuple[str, bool]]:
        """The addresses by name, each with what fills it in the access table and with what a guess would put there; and whether to post."""
        urls: dict[str, bool] = {}
        for name, needed in sorted(set(named_urls()), key=str):
            is_of_account = name.startswith(OF_THE_ACCOUNT)
            if name in NOT_FETCHED or (is_of_account and role not in ONE_OF_EACH_KIND) or (name.startswith("admin:") and "admin" not in role):
                continue
            try:
                given = kwargs_of(name, needed, self.world)
            except AssertionError:  # the access table asks for it as well
                self.unfilled.add(name)
                continue
            for changed in self._guesses(name, needed, role):
                urls[reverse(name, kwargs=given | changed)] = not is_of_account and not name.startswith("admin:") and "pk" not in changed
        yield from urls.items()

    def _guesses(self, name: str, needed: frozenset[str], role: str) -> Iterable[dict[str, Any]]:
        world = self.world
        yield {}
        if "reference" in needed and not name.endswith("_pdf"):
            for application in (world.case, hidden_case(world)):
                yield {"reference": application.reference}
        if needed == {"pk"} and name.startswith("reviews:") and (role in ONE_OF_EACH_KIND or "expert" in role):
            last = Review.objects.order_by("-pk").values_list("pk", flat=True)[0]
            yield from ({"pk": pk} for pk in range(max(1, last - EARLIER_KEYS), last + NEXT_KEYS + 1))
        if needed == {"pk"} and name in {"accounts:person", "desk:erase"}:
            yield from ({"pk": world.people[person].pk} for person in ("colleague", "officer"))

    def _questions(self, url: str) -> Iterable[str]:
        """Searches, orders and filters by what is hidden, and the keys of rows that are (S-08)."""
        view = view_at(url)
        if view is None or "?" in url or url.endswith(".pdf") or not reads_questions(view.func):
            return
        colleague, case = self.world.people["colleague"], self.world.case
        yield f"?q={quote(colleague.full_name)}"
        yield (
            f"?order=score&sort=-score&reviewer={colleague.pk}&expert={colleague.pk}&status=approved&filed=1&reference={case.reference}"
            "&reviews__expert__email__startswith=c&reviews__scores__value__gte=3&decisions__status=recorded"
        )
        yield f"?after={hidden_case(self.world).pk}"


def is_left_out(visit: Visit) -> bool:
    """The office's own figure of a sample's stock counts what is earmarked, without saying for whom (docs/secrecy.md)."""
    return visit.role == "tied_officer" and urlsplit(visit.url).path.startswith("/samples/CE")


def view_at(url: str) -> ResolverMatch | None:
    try:
        return resolve(urlsplit(url).path)
    except Resolver404:
        return None


@cache
def reads_questions(view: Callable[..., Any]) -> bool:
    """Whether a view of ours reads what follows the question mark."""
    ours = inspect.unwrap(view)
    return ours.__module__.split(".")[0] in PLACE and "request.GET" in inspect.getsource(ours)


def links_in(page: bytes, base: str) -> Iterator[str]:
    """Addresses of this portal that a page names."""
    for found in LINK.findall(page):
        url = unescape(found.decode(errors="ignore"))
        if url.startswith("?"):
            url = urlsplit(base).path + url
        if url.startswith("/") and not url.startswith("//"):
            yield url


def papers_of(user: User | None, round: Round) -> list[str]:
    """Every mail written to a person, every letter that is theirs, and the words of the minutes and of the applications to read offline."""
    if user is None:
        return []
    minutes = [minutes_for(user, round, at=timezone.now())] if may_read_minutes(user, round) else []
    copy = copy_for(user, round, 1) if may_judge(user) else None
    mails = Mail.objects.filter(recipient__iexact=user.email).order_by("pk").values_list("subject", "body", "state", "thread", "written_at")
    letters = Letter.objects.visible_to(user).order_by("pk").values_list("number", "text_en", "text_zh")
    return [repr(row) for rows in (mails, letters, minutes, words_of(copy) if copy else []) for row in rows]


def digests() -> dict[str, str]:
    """What stands in each table, as one digest."""
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(our_tables()):
            cursor.execute(f"SELECT md5(coalesce(string_agg(row::text, '|' ORDER BY row::text), '')) FROM \"{table}\" row")
            found[table] = cursor.fetchone()[0]
        return found


def sequences() -> dict[str, int | None]:
    """How far each counter of keys has come: a rolled back story leaves them where they are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), last_value FROM pg_sequences")
        return dict(cursor.fetchall())


def set_sequences(values: dict[str, int | None]) -> None:
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute("SELECT setval(%s, %s, %s)", [name, value or 1, value is not None])


Story = Callable[[Any], None]


@dataclass
class Telling:
    """What each person fetched in the world before any story, against which the stories are told."""

    crawler: Crawler
    before: dict[Visit, Answer]
    tables: dict[str, str]
    counters: dict[str, int | None]
    changed: dict[Story, frozenset[str]] = field(default_factory=dict)
    fetched: dict[Story, dict[Visit, Answer]] = field(default_factory=dict)
    papers: dict[Story, dict[str, list[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, crawler: Crawler, roles: Iterable[str]) -> "Telling":
        before: dict[Visit, Answer] = {}
        for role in roles:
            before |= crawler.everything(role)
        return cls(crawler, before, digests(), sequences())

    @contextmanager
    def told(self, story: Story) -> Iterator[None]:
        """The world after a story; afterwards nothing has happened."""
        set_sequences(self.counters)
        self.crawler.dice.throw("a story")
        with transaction.atomic():
            story(again(self.crawler.world))
            yield
            transaction.set_rollback(True)
        set_sequences(self.counters)

    def _tables_changed_by(self, story: Story) -> frozenset[str]:
        if story not in self.changed:
            with self.told(story):
                after = digests()
                people = self.crawler.world.people
                self.papers[story] = {role: papers_of(people.get(role), self.crawler.world.reviewed) for role in self.crawler.clients}
            self.changed[story] = frozenset(table for table in after if after[table] != self.tables[table])
            self.fetched[story] = {}
        return self.changed[story]

    def _fetch(self, story: Story, visits: Iterable[Visit]) -> dict[Visit, Answer]:
        """The answers after a story, those that the story cannot have changed taken from before."""
        answers = self.fetched[story]
        missing = [visit for visit in visits if visit not in answers]
        unchanged = [visit for visit in missing if not self.before[visit].tables & self.changed[story]]
        answers |= {visit: self.before[visit] for visit in unchanged}
        if len(unchanged) < len(missing):
            with self.told(story):
                answers |= {visit: self.crawler.fetch(visit) for visit in missing if visit not in answers}
        return answers

    def compare(self, this: Story, that: Story, roles: Collection[str], *, is_whole: bool) -> dict[str, list[str]]:
        """The first differing lines between the worlds after two stories, by person and address. Whole: also posts, and questions to lists."""
        changed = self._tables_changed_by(this) | self._tables_changed_by(that)
        assert changed, "nothing happened: the comparison could prove nothing"
        found: dict[str, list[str]] = {role: [] for role in roles}
        for role in roles:
            self._compare_as(role, this, that, self._asked(role, changed, is_whole=is_whole), found[role])
            if self.papers[this][role] != self.papers[that][role]:
                found[role].append(f"mails, letters or minutes\n{first_lines(self.papers[this][role], self.papers[that][role])}")
        return found

    def sees(self, this: Story, that: Story, role: str) -> bool:
        """Whether anything differs for a person; asked in handfuls, until something does."""
        asked = self._asked(role, self._tables_changed_by(this) | self._tables_changed_by(that), is_whole=False)
        found: list[str] = []
        while asked and not found:
            self._compare_as(role, this, that, asked[:HANDFUL], found)
            asked = asked[HANDFUL:]
        return bool(found) or self.papers[this][role] != self.papers[that][role]

    def _asked(self, role: str, changed: frozenset[str], *, is_whole: bool) -> list[Visit]:
        """What may differ for a person; office and experts' pages first."""
        visits = [visit for visit, answer in self.before.items() if visit.role == role and answer.tables & changed and not is_left_out(visit)]
        plain = [visit for visit in visits if visit.method == "GET" and "?" not in visit.url]
        return sorted(visits if is_whole else plain, key=lambda visit: ("/office/" not in visit.url, visit))

    def _compare_as(self, role: str, this: Story, that: Story, asked: list[Visit], found: list[str]) -> None:
        here, there = self._fetch(this, asked), self._fetch(that, asked)
        differing = [visit for visit in asked if not here[visit].says(there[visit])]
        found.extend(f"{visit.method} {visit.url}\n{first_lines(here[visit].told(), there[visit].told())}" for visit in differing)


def first_lines(this: list[str], that: list[str], most: int = 6) -> str:
    lines = [line for line in difflib.unified_diff(this, that, "this", "that", n=0, lineterm="") if not line.startswith(("---", "+++", "@@"))]
    return "\n".join(f"      {line[:160]}" for line in lines[:most])
