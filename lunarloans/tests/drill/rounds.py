"""What happens in the drill: rounds are announced and published through the web server while its machine dies again and again.

Whoever confirms and publishes does so as at a browser, and reloads the page when no answer comes. Afterwards every decision has exactly
one letter with its file and one mail for each reader, the list is the announced approvals, and what an answer promised is there.
"""

import hashlib
import random
import time
from collections.abc import Callable
from http.cookiejar import Cookie, CookieJar
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import lxml.html
from django.db import Error, connection
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from letters.models import Letter, Mail, Printing, Sending
from letters.post import open_pdf
from lunarloans.celery import app
from lunarloans.tests.drill.machine import Failed, Machine
from lunarloans.tests.walkers import sent_by
from results.models import ResultList
from reviews.models import Announcement, Decision
from reviews.tests.make import decide, make_cases
from reviews.workflow import DecisionStatus
from rounds.models import Round
from rounds.tests.make import make_round
from samples.tests.make import make_sample

APPLICATIONS = 8  # of a round
PATIENCE = 240.0  # seconds in which a round has to be announced, printed, mailed and published, kills and all
PAUSES = (0.1, 2.0)  # seconds between a recovery and the next kill
OPENING = 0.5  # seconds from the beginning of a phase in which its first kill falls
KILLS_OF_A_PHASE = 4  # announcing, printing and mailing, publishing: a machine that dies every second for ever gets no letter done
STROKE = 1.0  # seconds between two strokes of the clock
STROKES = ("reviews.jobs.announce", "letters.jobs.sweep", "results.jobs.publish")  # of the clock, which strikes faster here
T = TypeVar("T")


class Person:
    """Somebody at a browser who reloads when nothing comes back."""

    def __init__(self, site: str, session: str) -> None:
        self.site, self.jar = site, CookieJar()
        host = site.rpartition("/")[2].partition(":")[0]
        self.jar.set_cookie(Cookie(0, "sessionid", session, None, False, host, False, False, "/", True, False, None, True, None, None, {}, False))
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar))
        self.faults = 0  # answers of 5xx: allowed while a server is down, and counted

    def send(self, path: str, fields: dict[str, str] | None = None) -> str | None:
        """The page that came back, or None."""
        data = urlencode(fields).encode() if fields is not None else None
        try:
            with self.opener.open(self.site + path, data, timeout=30) as answer:
                return str(answer.read().decode())
        except HTTPError as answer:
            if answer.code >= 500:
                self.faults += 1
                return None
            return answer.read().decode()
        except OSError:
            return None

    def form_of(self, path: str, button: str) -> dict[str, str] | None:
        """The fields of the form with this button, as the page gives them; None when the page or the button is not there."""
        page = self.send(path)
        if page is None:
            return None
        document: Any = lxml.html.fromstring(page)  # lxml-stubs knows elements of XML only
        for element in document.iter("button"):
            if button in (element.get("name") or "") or button in " ".join(element.text_content().split()):
                form = next((parent for parent in element.iterancestors("form")), None)
                if form is not None:
                    return dict(sent_by(form)) | ({element.get("name"): element.get("value") or ""} if element.get("name") else {})
        return None


def patiently(ask: Callable[[], T]) -> T:
    """Asked again while the database is down."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return ask()
        except Error:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


class Drill:
    """Rounds are announced and published, again and again, until so many kills have happened."""

    def __init__(self, here: Machine, *, seed: int) -> None:
        self.here, self.chance = here, random.Random(seed)
        self.kills = dict.fromkeys(("web", "worker", "postgresql", "redis"), 0)
        self.rounds = self.letters = self.faults = self.again = 0
        self.slowest = self.next_kill = self.struck_at = 0.0

    def go(self, kills: int) -> None:
        self.number = 600
        while sum(self.kills.values()) < kills:
            self.one_round(kills)

    def report(self) -> str:
        killed = ", ".join(f"{name} {count}" for name, count in self.kills.items())
        return (
            f"{sum(self.kills.values())} kills ({killed}) in {self.rounds} rounds with {self.letters} decisions: one letter, file and mail each, "
            f"lists whole, invariants and histories clean. {self.faults} answers of 5xx while something was down, {self.again} things sent again, "
            f"slowest round {self.slowest:.0f} s."
        )

    def one_round(self, kills: int) -> None:
        """Without kills while it is prepared and while it is judged; in between with as many as come."""
        began = time.monotonic()
        round, decisions = self.prepare()
        approver, administrator = (self.person(make_user(None, role)) for role in (Role.APPROVER, Role.ADMINISTRATOR))
        left = 0

        def begin_phase() -> None:
            nonlocal left
            left = min(KILLS_OF_A_PHASE, kills - sum(self.kills.values()))
            self.next_kill = time.monotonic() + self.chance.uniform(0, OPENING)

        def at_work() -> None:
            """Between two looks: the clock strikes, and something dies."""
            nonlocal left
            if time.monotonic() > began + PATIENCE:
                raise Failed(f"round {round.slug} is not through after {PATIENCE:.0f} s: {self.state_of(round)}")
            self.strike()
            if left and time.monotonic() > self.next_kill:
                left -= 1
                self.kill_something()
            time.sleep(0.1)

        page = reverse("reviews:announce", args=[round.slug])
        begin_phase()
        while patiently(lambda: Decision.objects.awaiting_announcement().filter(application__round=round).exists()):
            if not patiently(lambda: Announcement.objects.under_way().filter(round=round).exists()):
                self.confirm(approver, page, round)
            at_work()
        begin_phase()
        while not self.is_delivered(decisions):
            at_work()
        begin_phase()
        while not patiently(lambda: ResultList.objects.of_round(round.slug).exists()):
            self.publish(administrator, round)
            at_work()
        self.rounds, self.letters = self.rounds + 1, self.letters + len(decisions)
        self.faults += approver.faults + administrator.faults
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.judge(round, decisions)

    def prepare(self) -> tuple[Round, list[Decision]]:
        self.number += 1
        round = make_round(make_sample(f"CE5C{self.number:04d}", mass_ug=50_000_000), recall_minutes=0)
        return round, [decide(application) for application in make_cases(APPLICATIONS, round)]

    def person(self, user: User) -> Person:
        client = Client()
        client.force_login(user)
        return Person(self.here.site, client.cookies["sessionid"].value)

    def strike(self) -> None:
        """As beat does, which is not killed here because it only rings; without Redis nobody hears it."""
        if time.monotonic() < self.struck_at + STROKE:
            return
        self.struck_at = time.monotonic()
        for name in STROKES:
            try:
                app.send_task(name, retry=False, expires=5)
            except Exception:  # noqa: BLE001 (whatever the broker's client raises while it is down)
                return

    def kill_something(self) -> None:
        name = self.chance.choice(list(self.kills))
        self.here.kill(name)
        self.kills[name] += 1
        self.next_kill = time.monotonic() + self.chance.uniform(*PAUSES)

    def confirm(self, approver: Person, page: str, round: Round) -> None:
        fields = approver.form_of(page, "announce")
        if fields is None:
            return
        waiting = patiently(lambda: Decision.objects.awaiting_announcement().unplanned().filter(application__round=round).count())
        answer = approver.send(page, fields | {"count": str(waiting)})
        if answer is None:
            self.again += 1  # no answer: the loop looks, and confirms again if nothing is there
        elif "The announcement is confirmed" in answer and not patiently(lambda: Announcement.objects.filter(round=round).exists()):
            raise Failed(f"round {round.slug}: the page said confirmed, and nothing is there")

    def publish(self, administrator: Person, round: Round) -> None:
        page = reverse("results:office", args=[round.slug])
        fields = administrator.form_of(page, "Publish version")
        if fields is None:
            return
        if administrator.send(page, fields) is None:
            self.again += 1

    def is_delivered(self, decisions: list[Decision]) -> bool:
        """Everything is printed and sent, as far as it exists; what is missing or doubled is judged afterwards."""

        def ask() -> bool:
            letters = Letter.objects.filter(key__in=[key_of(decision) for decision in decisions])
            return not letters.exclude(printing=Printing.PRINTED).exists() and not Mail.objects.exclude(state=Sending.SENT).exists()

        return patiently(ask)

    def state_of(self, round: Round) -> dict[str, Any]:
        return {
            "announcements": list(Announcement.objects.filter(round=round).values_list("status", flat=True)),
            "problems": list(Announcement.objects.filter(round=round).values_list("items__problem", flat=True)),
            "letters": list(Letter.objects.filter(reference__startswith="LSA").exclude(printing="printed").values_list("printing", "problem")),
            "mails": list(Mail.objects.exclude(state="sent").values_list("state", "problem")),
        }

    def judge(self, round: Round, decisions: list[Decision]) -> None:
        for decision in Decision.objects.filter(pk__in=[each.pk for each in decisions]).select_related("application__owner"):
            reference = decision.application.reference
            letters = list(Letter.objects.filter(kind="decision", reference=reference))
            if decision.status != DecisionStatus.ANNOUNCED or [letter.key for letter in letters] != [key_of(decision)]:
                raise Failed(f"{reference}: {decision.status} with letters {[letter.key for letter in letters]}")
            (letter,) = letters
            if hashlib.sha256(open_pdf(letter)).hexdigest() != letter.digest or not letter.is_visible:
                raise Failed(f"{letter.number}: the file is not the one of the register, or it is not visible")
            if [mail.user_id for mail in letter.mails.all()] != [decision.application.owner_id]:
                raise Failed(f"{letter.number}: mails to {[mail.user_id for mail in letter.mails.all()]}")
        rows = ResultList.objects.of_round(round.slug).get().rows.count()
        if rows != len(decisions):
            raise Failed(f"round {round.slug}: {rows} rows published for {len(decisions)} approvals")
        self.here.manage("check_invariants")
        self.here.manage("verify_history")


def key_of(decision: Decision) -> str:
    return f"decision:{decision.application.reference}:{decision.number}"
