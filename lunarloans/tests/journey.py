"""The whole path, as people walk it: from the catalogue to the decision letter and the published list. Any walker can take it."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from pypdf import PdfReader

from applications.demonstration import ANSWERS
from applications.forms import FEW
from applications.questions import Kind, Part, parts_of
from lunarloans.tests.walkers import Walker, sign_in

POWDER, PIECE = "CE5C0600", "CE5C0000YJYX129"
TITLE = "Water in glass beads of the journey"
INSTITUTION = "Fictional University of Selenia"
PATIENCE = 90  # seconds for background work: printing, the clock's next tick


@dataclass
class Traveller:
    """What the journey finds out on its way."""

    reference: str = ""
    receipt: str = ""
    letter: str = ""


def wait_for(what: str, is_there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.5)


def write(walker: Walker, travel: Traveller) -> None:
    """All ten parts of the form, some of them with a mistake first."""
    words = ANSWERS["research"] | {
        "title": TITLE,
        "research_question": "How much water do the beads keep? 玻璃珠中保存了多少水？",
        "plan": "Map by FTIR first, then measure.",
    }
    for part in parts_of("research").values():
        walker.open(f"/applications/{travel.reference}/edit/{part.name}/")
        if part.name == "institution":
            walker.tick(INSTITUTION)
        if part.name == "samples":
            pick(walker)
        if part.name == "methods":
            for number in (POWDER, PIECE):
                walker.fill("Technique", "FTIR, uncoated", within=number)
                walker.tick("No", within=number)
        answer(walker, part, words)
        walker.press("Save and go to the list")
        walker.sees("Saved. Nothing is submitted yet.")


def pick(walker: Walker) -> None:
    """Add a powder and a piece; a mass that cannot be is marked and kept."""
    walker.press(f"Add {POWDER}")
    walker.fill("Best amount", "0", within=POWDER)
    walker.press("Save and go to the list")
    walker.sees("more than 0 mg")
    walker.fill("Best amount", "99999", within=POWDER)
    walker.press("Save and go to the list")
    walker.sees("Only")
    walker.fill("Best amount", "40", within=POWDER)
    walker.press(f"Add {PIECE}")


def answer(walker: Walker, part: Part, words: Mapping[str, str]) -> None:
    """Every question of a part, each as its kind is answered."""
    for question in part.questions:
        text = words.get(question.name, "")
        if not text or question.kind is Kind.COLUMN:
            continue
        if question.kind is Kind.TICK:
            walker.tick(str(question.label))
        elif question.kind is Kind.YES_NO or (question.choices and len(question.choices) <= FEW):
            walker.tick(question.spell(text), within=str(question.label))
        elif question.choices:
            walker.choose(str(question.label), question.spell(text))
        else:
            walker.fill(str(question.label), text)


def apply(walker: Walker, slug: str, travel: Traveller) -> None:
    """The applicant looks at the catalogue, writes, checks and submits, and gets a receipt."""
    walker.open("/samples/")
    walker.sees(POWDER)
    walker.click(POWDER)
    walker.sees("lunar")
    sign_in(walker, "applicant@example.org")
    walker.open(f"/rounds/{slug}/")
    walker.sees("Open for applications")
    walker.click("Start an application")
    walker.press("Start")
    travel.reference = walker.path.split("/")[2]
    assert re.fullmatch(r"LSA-\d{4}-\d{5}", travel.reference)
    walker.sees("Draft, not submitted")

    write(walker, travel)
    walker.open(f"/applications/{travel.reference}/check/")
    walker.sees("Nothing has been submitted yet")
    walker.press("Submit")
    walker.sees(f"{travel.reference}/1")
    walker.open(f"/applications/{travel.reference}/")
    walker.sees("Submitted")


def letters_of(walker: Walker, travel: Traveller) -> list[str]:
    """The numbers of the printed letters that the applicant's page links."""
    page = walker.fetch(f"/applications/{travel.reference}/")[1].decode()
    return sorted(set(re.findall(r"/letters/(LSL-\d{4}-\d{5})\.pdf", page)))


def receipt_arrives(walker: Walker, travel: Traveller) -> None:
    """The worker prints the receipt, and the applicant fetches it: the full text with its digest."""
    wait_for("the receipt letter", lambda: bool(letters_of(walker, travel)))
    (number,) = letters_of(walker, travel)
    words = text_of(walker, number)
    assert travel.reference in words
    assert "玻璃珠中保存了多少水" in words
    receipt_page = walker.fetch(f"/applications/{travel.reference}/receipt/")[1].decode()
    digest = re.findall(r"\b[0-9a-f]{64}\b", receipt_page)[0]
    assert digest in "".join(words.split())


def text_of(walker: Walker, number: str) -> str:
    status, pdf = walker.fetch(f"/letters/{number}.pdf")
    assert status == 200
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def check(walker: Walker, slug: str, travel: Traveller) -> None:
    """The officer accepts the application and assigns two experts; one of the applicant's institution is not offered."""
    walker.open(f"/rounds/{slug}/office/check/{travel.reference}/")
    walker.press("Accept for review")
    walker.sees("Not accepted.")
    walker.unfold("Mark all that remain as met")
    walker.press("Mark them as met")
    walker.sees("The marks are saved.")
    walker.press("Accept for review")
    walker.open(f"/rounds/{slug}/office/experts/{travel.reference}/")
    walker.misses("Expert Cedar")
    walker.tick("Expert Dune")
    walker.tick("Expert Elm")
    walker.press("Assign")
    walker.sees("assigned")


def review(walker: Walker, score: str) -> None:
    """An expert declares, scores and files."""
    walker.open("/reviews/")
    walker.click(TITLE)
    walker.misses("Map by FTIR first")
    walker.press("I have no conflict")
    walker.sees("Map by FTIR first")
    for criterion in ("Scientific question", "Plan", "Amount asked for", "Team", "Storage and testing", "Effect on other studies"):
        walker.tick(score, within=criterion)
    walker.fill("To the applicant", "A clear question.")
    walker.fill("To the committee only", "The amount is reasonable.")
    walker.unfold("File review")
    walker.press("File and stay here")
    walker.sees("Filed")


def decide(walker: Walker, slug: str, travel: Traveller) -> None:
    """The officer enters the votes and records the decision; without votes nothing can be awarded."""
    walker.open(f"/rounds/{slug}/office/decisions/{travel.reference}/")
    for number in (POWDER, PIECE):
        walker.tick("Approved", within=number)
    walker.press("Record the decision")
    walker.sees("does not reach the share")
    walker.open(f"/rounds/{slug}/office/votes/{travel.reference}/")
    walker.click("Note the meeting and who is present first.")
    walker.fill("Day of the meeting", time.strftime("%Y-%m-%d", time.gmtime()))
    for name in ("Expert Dune", "Expert Elm"):  # the two who judge it are the committee of this round
        walker.tick(name)
    walker.press("Note the meeting")
    walker.sees("Votes are counted among those present.")
    walker.open(f"/rounds/{slug}/office/votes/{travel.reference}/")
    for number in (POWDER, PIECE):
        walker.fill("Yes", "2", within=number)
    walker.press("Enter the votes")
    walker.sees("Reaches the share")
    walker.open(f"/rounds/{slug}/office/decisions/{travel.reference}/")
    for number in (POWDER, PIECE):
        walker.tick("Approved", within=number)
    walker.press("Record the decision")
    walker.sees("Recorded, not announced")


def announce(walker: Walker, slug: str) -> None:
    """The approver reads the list, types the number and confirms."""
    walker.open(f"/rounds/{slug}/office/announce/")
    walker.sees(INSTITUTION)
    walker.fill("Number of decisions to announce", "1")
    walker.press("Announce 1 decision")
    walker.sees("confirmed")


def letter_arrives(walker: Walker, travel: Traveller) -> None:
    """After the clock's next tick the applicant sees the decision and fetches the letter."""
    wait_for("the decision letter", lambda: len(letters_of(walker, travel)) > 1)
    walker.open(f"/applications/{travel.reference}/")
    walker.sees("Approved")
    travel.letter = letters_of(walker, travel)[-1]
    words = text_of(walker, travel.letter)
    for text in (travel.reference, POWDER, "40.0", PIECE, "197.3", INSTITUTION, "您的申请已获批准", "Your application is approved"):
        assert text in words, text


def publish(walker: Walker, slug: str) -> None:
    walker.open(f"/rounds/{slug}/office/results/")
    walker.sees(INSTITUTION)
    walker.press("Publish version 1")


def read_as_public(walker: Walker, slug: str, travel: Traveller) -> None:
    """Anybody reads the list in three forms, checks the letter by its code, and sees less mass left."""
    walker.open(f"/results/{slug}/")
    walker.sees(INSTITUTION)
    walker.sees(PIECE)
    status, table = walker.fetch(f"/results/{slug}.csv")
    assert status == 200
    assert INSTITUTION in table.decode("utf-8-sig")
    status, data = walker.fetch(f"/results/{slug}.json")
    assert status == 200
    assert INSTITUTION in json.dumps(json.loads(data), ensure_ascii=False)
    assert walker.fetch(f"/letters/{travel.letter}.pdf")[1][:5] != b"%PDF-", "the letter itself is not for everybody"


def check_letter(applicant: Walker, public: Walker, travel: Traveller) -> None:
    page = applicant.fetch(f"/letters/{travel.letter}/")[1].decode()
    code = re.findall(r"/verify/([0-9a-z-]+)/", page)[0]
    public.open(f"/verify/{code}/")
    public.sees(travel.letter)
    public.sees(INSTITUTION)


def walk(open_walker: Callable[[], Walker], slug: str, pass_the_closing: Callable[[], None]) -> Traveller:
    """All of it. `pass_the_closing` stands for the days until the round's closing."""
    travel = Traveller()
    applicant, officer, approver, administrator, public = (open_walker() for _ in range(5))
    apply(applicant, slug, travel)
    receipt_arrives(applicant, travel)
    sign_in(officer, "officer@example.org")
    officer.open(f"/rounds/{slug}/office/check/{travel.reference}/")
    officer.press("Accept for review")
    officer.sees("The round is still open")
    pass_the_closing()
    applicant.open(f"/applications/{travel.reference}/")
    applicant.misses("Start a new version")
    check(officer, slug, travel)
    for email, score in (("expert4@example.org", "5"), ("expert5@example.org", "4")):
        expert = open_walker()
        sign_in(expert, email)
        review(expert, score)
    decide(officer, slug, travel)
    applicant.open(f"/applications/{travel.reference}/")
    applicant.sees("In review")
    sign_in(approver, "approver@example.org")
    announce(approver, slug)
    letter_arrives(applicant, travel)
    sign_in(administrator, "administrator@example.org")
    publish(administrator, slug)
    read_as_public(public, slug, travel)
    check_letter(applicant, public, travel)
    return travel
