"""A whole research application by people who have never been here: from sign-up to the receipt, with a team, a signatory, three samples and
two files; in English and in Chinese, with and without JavaScript; on PostgreSQL, Redis and a real worker."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _
from playwright.sync_api import Browser, Page, expect

from applications.demonstration import ANSWERS
from applications.forms import FEW
from applications.questions import LINE_QUESTIONS, NO, Kind, Part, parts_of
from applications.tests.pdfs import good
from lunarloans.tests.portal import Portal, portal
from lunarloans.tests.test_journey import create_database

PATIENCE = 60  # seconds for a mail
PASSWORD = "moon-dust-and-glass-beads"
ENDORSED = "from rounds.models import Round; Round.objects.filter(slug='demo-open').update(needs_endorsement=True)"
pytestmark = pytest.mark.browser


@dataclass
class Person:
    """Somebody with a browser of their own, in their own language."""

    here: Portal
    browser: Browser
    language: str
    name: str
    script: bool = True
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        context = self.browser.new_context(
            base_url=self.here.site, locale={"en": "en-GB", "zh-hans": "zh-CN"}[self.language], java_script_enabled=self.script
        )
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def email(self) -> str:
        return f"{self.name.lower().replace(' ', '.')}@example.org"

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words).first.click()
        self.page.wait_for_load_state()

    def tick(self, words: str, *, within: str = "") -> None:
        place = self.page.get_by_role("group", name=within).first if within else self.page
        place.locator("label").filter(has_text=re.compile(rf"^\s*{re.escape(words)}")).first.click()

    def fill(self, label: str, text: str, *, within: str = "") -> None:
        place = self.page.locator("fieldset").filter(has_text=within).first if within else self.page
        place.get_by_label(label).first.fill(text)

    def sees(self, words: str) -> None:
        expect(self.page.locator("body")).to_contain_text(words, timeout=15_000)

    def sign_up(self, start: str = "/accounts/signup/") -> None:
        """One page and the code of one mail."""
        self.page.goto(start)
        if "/accounts/signup/" not in self.page.url:
            self.page.get_by_role("link", name=_("Sign up")).first.click()
        self.page.locator("input[name=email]").fill(self.email)
        self.page.locator("input[name=full_name]").fill(self.name)
        self.page.locator("input[name=password1]").fill(PASSWORD)
        self.page.locator("main form .actions button.button").first.click()
        self.page.wait_for_load_state()
        code = mail_to(self.here, self.email, r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$")
        self.page.locator("input[name=code]").fill(code)
        self.page.locator("main form .actions button.button").first.click()
        self.page.wait_for_load_state()

    def close(self) -> None:
        self.page.context.close()
        assert [text for text in self.complaints if "status of 4" not in text] == []


def mail_to(here: Portal, address: str, pattern: str) -> str:
    """What the newest mail to this address says where the pattern stands."""
    folder = Path(here.environment["PORTAL_VAR"]) / "mail"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for file in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True):
            for raw in reversed(file.read_bytes().split(b"\n" + b"-" * 79 + b"\n")):
                message = message_from_bytes(raw.strip(), policy=policy.default)
                body = message.get_body(("plain",)) if message["To"] else None
                found = re.search(pattern, body.get_content(), re.MULTILINE) if body and address in str(message["To"]) else None
                if found:
                    return found[1]
        time.sleep(0.3)
    raise AssertionError(f"no mail to {address} with {pattern}")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL and Redis: script/test lunarloans -k applicants")
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    create_database("applicants")
    broker = os.environ["BROKER_URL"].rpartition("/")[0] + "/8"
    with portal(tmp_path_factory.mktemp("portal"), pool="prefork", web=True, DATABASE_URL=f"{server}/applicants", BROKER_URL=broker) as running:
        running.manage("shell", "-v", "0", "-c", ENDORSED)
        yield running
        assert "invariants hold" in running.manage("check_invariants")
        assert "histories are whole" in running.manage("verify_history")


@pytest.mark.parametrize(
    ("language", "script", "names"),
    [
        pytest.param("en", True, ("Ines Iris", "Tom Team", "Sue Sign"), id="English"),
        pytest.param("zh-hans", True, ("Li Yue", "Wang Dui", "Zhao Qian"), id="Chinese"),
        pytest.param("en", False, ("Nora Noscript", "Tim Plain", "Sam Paper"), id="without JavaScript"),
    ],
)
def test_a_whole_application_from_sign_up_to_the_receipt(
    here: Portal, browser: Browser, tmp_path: Path, language: str, script: bool, names: tuple[str, str, str]
) -> None:
    with translation.override(language):
        applicant, colleague, signatory = (Person(here, browser, language, name, script) for name in names)
        try:
            applicant.sign_up()
            reference = start(applicant)
            for person, part in ((colleague, _("May write and submit")), (signatory, _("Signs for the institution"))):
                invite(applicant, person, part, reference)
                accept(person)
            write(applicant, reference, skip="storage")
            colleague.page.goto(f"/applications/{reference}/edit/storage/")
            answer(colleague, parts_of("research")["storage"])
            colleague.press(_("Save and go to the list"))
            attach(applicant, reference, tmp_path)
            applicant.page.goto(f"/applications/{reference}/check/")
            applicant.sees(_("The signatory of the institution has not endorsed these answers yet."))
            applicant.page.goto(f"/applications/{reference}/team/")
            applicant.press(_("Ask for the endorsement"))
            endorse(signatory, reference)
            submit(applicant, reference)
        finally:
            for person in (applicant, colleague, signatory):
                person.close()


def start(person: Person) -> str:
    person.page.goto("/applications/new/?round=demo-open")
    person.press(_("Start"))
    found = re.search(r"LSA-\d{4}-\d{5}", person.page.url)
    assert found, person.page.url
    return found[0]


def invite(applicant: Person, person: Person, part: str, reference: str) -> None:
    applicant.page.goto(f"/applications/{reference}/team/")
    applicant.page.locator("input[name=email]").fill(person.email)
    applicant.tick(part)
    applicant.press(_("Send the invitation"))
    applicant.sees(person.email)


def accept(person: Person) -> None:
    """The link of the mail leads through the sign-up back to the invitation."""
    link = mail_to(person.here, person.email, r"(/invitations/\S+)")
    person.sign_up(link)
    if "/invitations/" not in person.page.url:
        person.page.goto(link)
    person.press(_("Accept"))


def write(person: Person, reference: str, *, skip: str) -> None:
    for part in parts_of("research").values():
        if part.name in (skip, "attachments"):
            continue
        person.page.goto(f"/applications/{reference}/edit/{part.name}/")
        if part.name == "institution":
            choose_institution(person)
        if part.name == "samples":
            pick(person)
        if part.name == "methods":
            describe(person)
        answer(person, part)
        person.press(_("Save and go to the list"))
        person.sees(_("Saved. Nothing is submitted yet."))


def choose_institution(person: Person) -> None:
    """Found by its name in the register; the list below the search works without script as well."""
    person.page.locator("input[name=q]").fill("Selenia")
    if person.script:
        person.page.get_by_role("option").filter(has_text="Selenia").first.click()
    else:
        person.press(_("Search"))
        person.tick("Fictional University of Selenia")


def pick(person: Person) -> None:
    for number in SAMPLES:
        person.page.locator(f'button[name="add"][value="{number}"]').click()
        person.page.wait_for_load_state()
    mass, least = (str(question.label) for question in LINE_QUESTIONS if question.name in ("mass", "least"))
    for number, text in zip(SAMPLES[:2], ("40", "25.5"), strict=True):
        person.fill(mass, text, within=number)
        person.fill(least, "10", within=number)


SAMPLES = ("CE5C0400", "CE5C0600", "CE5C0000YJYX129")


def describe(person: Person) -> None:
    technique, destructive = (question for question in LINE_QUESTIONS if question.name in ("technique", "destructive"))
    for number in SAMPLES:
        person.fill(str(technique.label), "FTIR 红外光谱", within=number)
        group = person.page.get_by_role("group", name=number).first
        group.locator("label").filter(has_text=re.compile(rf"^\s*{destructive.spell(NO)}\s*$")).first.click()


def answer(person: Person, part: Part) -> None:
    words = ANSWERS["research"] | {"title": f"Study of {person.name}", "research_question": "玻璃珠中保存了多少水？", "plan": "FTIR, then TEM."}
    for question in part.questions:
        text = words.get(question.name, "")
        if not text or question.kind is Kind.COLUMN:
            continue
        if question.kind is Kind.TICK:
            person.tick(str(question.label))
        elif question.kind is Kind.YES_NO or (question.choices and len(question.choices) <= FEW):
            person.tick(question.spell(text), within=str(question.label))
        elif question.choices:
            person.page.get_by_label(str(question.label)).first.select_option(text)
        else:
            person.fill(str(question.label), text)


def attach(person: Person, reference: str, folder: Path) -> None:
    person.page.goto(f"/applications/{reference}/edit/attachments/")
    for name in ("curriculum.pdf", "研究方案.pdf"):
        (folder / name).write_bytes(good(2, words=f"{person.name} {name}"))
        person.page.locator("input[type=file]").set_input_files(folder / name)
        if not person.script:
            person.press(_("Attach"))
        person.sees(name)
        person.page.wait_for_load_state()
        expect(person.page.locator("[data-attached]")).to_contain_text(name, timeout=20_000)


def endorse(person: Person, reference: str) -> None:
    mail_to(person.here, person.email, rf"(/applications/{reference}/endorse/)")
    person.page.goto(f"/applications/{reference}/endorse/")
    person.sees("玻璃珠中保存了多少水")
    person.page.locator("input[name=position]").fill("Vice-President")
    person.page.locator("main form button.button").last.click()
    person.page.wait_for_load_state()


def submit(person: Person, reference: str) -> None:
    person.page.goto(f"/applications/{reference}/check/")
    person.press(_("Submit application"))
    person.sees(_("Your application has been received"))
    person.sees(f"{reference}/1")
    number = mail_to(person.here, person.email, r"(LSL-\d{4}-\d{5})")
    assert person.page.context.request.get(f"/letters/{number}.pdf").status == 200
