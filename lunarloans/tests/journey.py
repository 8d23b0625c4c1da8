"""The whole path, as people walk it: from the catalogue to the decision letter and the published list. Any walker can take it."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

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

    walker.open(f"/applications/{travel.reference}/edit/institution/")
    walker.tick(INSTITUTION)
    walker.press("Save")
    walker.open(f"/applications/{travel.reference}/edit/research/")
    walker.fill("Title", TITLE)
    walker.fill("Research question", "How much water do the beads keep? 玻璃珠中保存了多少水？")
    walker.fill("Plan", "Map by FTIR first, then measure.")
    walker.press("Save")
    walker.open(f"/applications/{travel.reference}/edit/samples/")
    walker.fill(POWDER, "0")
    walker.press("Save")
    walker.sees("more than 0 mg")
    walker.fill(POWDER, "99999")
    walker.press("Save")
    walker.sees("Only")
    walker.fill(POWDER, "40")
    walker.tick(PIECE)
    walker.press("Save")

    walker.open(f"/applications/{travel.reference}/check/")
    walker.sees("Nothing has been submitted yet")
    walker.press("Submit")
    walker.sees(f"{travel.reference}/1")
    walker.open(f"/applications/{travel.reference}/")
    walker.sees("Submitted")


def receipt_arrives(walker: Walker, travel: Traveller) -> None:
    """The worker prints the receipt, and the applicant can fetch it."""

    def printed() -> bool:
        walker.open(f"/applications/{travel.reference}/")
        return ".pdf" in links_of(walker)

    wait_for("the receipt letter", printed)


def links_of(walker: Walker) -> str:
    """The page's markup, for what a person would see as a link to a file."""
    return walker.fetch(walker.path)[1].decode()


def letter_numbers(walker: Walker, path: str) -> list[str]:
    return sorted(set(re.findall(r"LSL-\d{4}-\d{5}", walker.fetch(path)[1].decode())))
