"""A whole round in a browser: 24 synthetic applications and 9 experts, from the formal check to votes that a decision has frozen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import submit_application
from applications.models import Application
from applications.tests.make import make_draft
from applications.workflow import Status
from institutions.actions import load_countries
from institutions.tests.make import make_country, make_institution, make_membership
from reviews.models import Decision, Hearing, Review, Vote
from reviews.tests.hearings import let_begin
from reviews.tests.make import browser_of
from rounds.models import Round
from rounds.tests.make import close_round, make_round
from samples.tests.make import make_sample

APPLICATIONS, EXPERTS, HEARD, PER_APPLICATION = 24, 9, 10, 3
COUNTRIES = ("FR", "DE", "JP", "PK", "GB", "US")
CRITERIA = ("Scientific question", "Plan", "Amount asked for", "Team", "Storage and testing", "Effect on other studies")
pytestmark = pytest.mark.browser


@dataclass
class Somebody:
    """A person at a screen, signed in."""

    user: User
    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(path)

    def press(self, words: str, **options: bool) -> None:
        self.page.get_by_role("button", name=words, **options).first.click()  # type: ignore[arg-type]
        self.page.wait_for_load_state()

    def sees(self, words: str) -> None:
        expect(self.page.locator("body")).to_contain_text(words, timeout=15_000)


@dataclass
class Committee:
    """The round and everybody in it."""

    browser: Browser
    site: str
    round: Round
    applications: list[Application]
    experts: list[User]
    officer: User
    people: dict[int, Somebody] = field(default_factory=dict)

    def as_(self, user: User) -> Somebody:
        if user.pk not in self.people:
            context = self.browser.new_context(base_url=self.site, locale="en-GB", timezone_id="Europe/Berlin")
            cookies = [{"name": name, "value": morsel.value, "url": self.site} for name, morsel in browser_of(user).cookies.items()]
            context.add_cookies(cookies)  # type: ignore[arg-type]
            somebody = Somebody(user, context.new_page())
            somebody.page.on("console", lambda message: somebody.complaints.append(message.text) if message.type == "error" else None)
            somebody.page.on("pageerror", lambda error: somebody.complaints.append(str(error)))
            self.people[user.pk] = somebody
        return self.people[user.pk]

    @property
    def office(self) -> str:
        return f"/rounds/{self.round.slug}/office/"

    def references(self, status: Status) -> list[str]:
        rows = Application.objects.of_round(self.round).filter(status=status)
        return list(rows.order_by("reference").values_list("reference", flat=True))


@pytest.fixture
def committee(transactional_db: None, browser: Browser, live_server: LiveServer, static_files: None) -> Iterator[Committee]:
    load_countries()  # emptied, like every table, by the test before
    powder, other = make_sample("CE5C0600", mass_ug=3_000_000), make_sample("CE5C0400", mass_ug=2_000_000)
    round = make_round(powder, other, slug="autumn", title_en="Autumn round", reviews_due_at=timezone.now() + timedelta(days=40))
    applications = []
    for number in range(APPLICATIONS):
        place = make_institution(name_en=f"Fictional Institute {number + 1:02d}", country=make_country(COUNTRIES[number % len(COUNTRIES)]))
        owner = make_user(full_name=f"Applicant {number + 1:02d}")
        make_membership(owner, place)
        lines = [(powder, 20_000 + 1_000 * number), *([(other, 10_000)] if number % 3 == 0 else [])]
        draft = make_draft(round, owner=owner, institution=place, lines=lines, title=f"Synthetic study {number + 1:02d}")
        submit_application(draft, by=owner, key=uuid4())
        applications.append(draft)
    close_round(round)
    experts = [make_user(f"expert{number}@example.org", Role.EXPERT, full_name=f"Expert {number}") for number in range(1, EXPERTS + 1)]
    for number, expert in enumerate(experts):
        make_membership(expert, make_institution(name_en=f"Academy {number + 1}", country=make_country(COUNTRIES[number % len(COUNTRIES)])))
    first = applications[0].institution or Application.objects.get(pk=applications[0].pk).institution
    assert first is not None
    make_membership(experts[0], first)  # a tie that is found, never declared
    made = Committee(
        browser, live_server.url, round, applications, experts, make_user("officer@example.org", Role.OFFICER, full_name="Olive Officer")
    )
    yield made
    for somebody in made.people.values():
        somebody.page.context.close()


def check_formally(committee: Committee) -> None:
    """All but the last go to the experts; the last is refused."""
    officer = committee.as_(committee.officer)
    for application in committee.applications[:-1]:
        officer.open(f"{committee.office}check/{application.reference}/")
        officer.page.locator("summary").filter(has_text="Mark all that remain as met").click()
        officer.press("Mark them as met")
        officer.press("Accept for review")
        officer.sees(f"{application.reference}: done.")
    last = committee.applications[-1].reference
    officer.open(f"{committee.office}check/{last}/")
    officer.press("Accept for review")
    officer.sees("mark")  # refused: items still need the officer's mark
    officer.page.locator("summary").filter(has_text="Refuse formally").click()
    officer.page.get_by_label("Reason for the formal refusal").fill("The institution is no legal entity (Art. 9).")
    officer.press("Refuse formally")
    officer.sees(f"{last}: done.")


def seat(committee: Committee) -> None:
    officer = committee.as_(committee.officer)
    for expert in committee.experts:
        officer.open(f"{committee.office}committee/")
        officer.page.locator("main select").first.select_option(label=str(expert))
        if expert == committee.experts[-1]:
            officer.page.locator("main form label").filter(has_text="Chair").first.click()
        officer.press("Add to the committee")
        officer.sees(str(expert))


def declare(committee: Committee) -> None:
    """Everybody declares on one page; the tied expert has no line for the own institution, the second has one conflict."""
    for number, expert in enumerate(committee.experts):
        somebody = committee.as_(expert)
        somebody.open(f"/rounds/{committee.round.slug}/conflicts/")
        lines = somebody.page.locator("form.standings > ol > li")
        expect(lines).to_have_count(APPLICATIONS - 1 - (number == 0))
        for line in lines.all():
            line.locator("label").filter(has_text=re.compile(r"^\s*No conflict\s*$")).click()
        if number == 1:
            line = lines.filter(has_text="Synthetic study 05")
            line.locator("label").filter(has_text=re.compile(r"^\s*Conflict\s*$")).click()
            line.get_by_label("Reason").fill("We wrote a paper together last year.")
        somebody.press("Save what I have said")
        somebody.sees("You have said something about every application")


def assign(committee: Committee) -> None:
    officer = committee.as_(committee.officer)
    officer.open(f"{committee.office}assignment/")
    officer.press("Dry run", exact=True)
    officer.sees("What would change")
    assert not Review.objects.exists(), "a dry run assigns nothing"
    officer.press(f"Assign these {(APPLICATIONS - 1) * PER_APPLICATION} reviews")
    officer.sees("The dry run that was applied")
    reviews = list(Review.objects.live().select_related("application", "expert"))
    assert len(reviews) == (APPLICATIONS - 1) * PER_APPLICATION
    given = {(review.application.reference, review.expert) for review in reviews}
    assert (committee.applications[0].reference, committee.experts[0]) not in given
    assert (committee.applications[4].reference, committee.experts[1]) not in given
    loads = [sum(review.expert == expert for review in reviews) for expert in committee.experts]
    assert max(loads) - min(loads) <= 2


def judge(committee: Committee) -> None:
    """Each expert works from the first to the last; some are strict, some mild."""
    for number, expert in enumerate(committee.experts):
        somebody = committee.as_(expert)
        todo = Review.objects.live().filter(expert=expert).count()
        somebody.open("/reviews/")
        somebody.page.locator(".go-on a").click()
        for _turn in range(todo):
            title = somebody.page.locator("h1").inner_text()
            quality = int(title.rsplit(" ", maxsplit=1)[1])
            score = min(5, max(1, 1 + quality // 6 + (number % 3) - 1))
            for criterion in CRITERIA:
                group = somebody.page.get_by_role("group", name=re.compile(re.escape(criterion))).first
                group.locator(".scale label").filter(has_text=re.compile(rf"^\s*{score}\s*$")).click()
                expect(group.locator("input:checked")).to_have_value(str(score))
            somebody.page.get_by_label("To the committee only").fill(f"Judged by {expert}.")
            somebody.page.locator("summary").filter(has_text="File review").click()
            somebody.press("File and go to the next")
            expect(somebody.page.locator("h1")).not_to_have_text(title, timeout=15_000)
    assert Review.objects.filed().count() == (APPLICATIONS - 1) * PER_APPLICATION


def shortlist(committee: Committee) -> list[str]:
    """The chair reads the panel page and shortlists the first ten."""
    chair = committee.as_(committee.experts[-1])
    chair.open(f"{committee.office}panel/")
    expect(chair.page.locator("table.panel tbody tr")).to_have_count(APPLICATIONS - 1)
    best = [str(row.get_attribute("id")) for row in chair.page.locator("table.panel tbody tr").all()[:HEARD]]
    for reference in best:
        chair.page.locator(f"tr[id='{reference}']").get_by_role("button", name="Shortlist").click()
        expect(chair.page.locator(f"tr[id='{reference}']").get_by_role("button", name="Take off")).to_be_visible(timeout=15_000)
    return best


def hear(committee: Committee, best: list[str]) -> None:
    """Ten are invited; all confirm but one, who does not come and counts as withdrawn."""
    officer = committee.as_(committee.officer)
    day = timezone.localtime(timezone.now() + timedelta(days=20))
    officer.open(f"{committee.office}hearing/")
    page = officer.page
    page.locator("[name=hearing-starts_at_day]").fill(f"{day:%Y-%m-%d}")
    page.locator("[name=hearing-starts_at_time]").fill("09:00")
    page.get_by_label("Place in English").fill("Wuhan, Hall 2")
    page.get_by_label("Place in Chinese").fill("武汉二号厅")
    page.locator("[name=hearing-confirm_by]").fill(f"{day - timedelta(days=10):%Y-%m-%d}")
    page.locator("[name=hearing-slides_due_at_day]").fill(f"{day - timedelta(days=5):%Y-%m-%d}")
    page.locator("[name=hearing-slides_due_at_time]").fill("16:00")
    officer.press("Set the hearing")
    hearing = Hearing.objects.get(round=committee.round)
    officer.open(f"{committee.office}hearing/{hearing.pk}/")
    for reference in best:
        page.locator("ul.choices-list li").filter(has_text=reference).locator("label").click()
    officer.press("Invite, and send the letters")
    expect(page.locator("table.hearing tbody tr")).to_have_count(HEARD)
    assert committee.references(Status.INVITED) == sorted(best)
    owners = {application.reference: application.owner for application in committee.applications}
    for reference in best[:-1]:
        applicant = committee.as_(owners[reference])
        applicant.open(f"/applications/{reference}/hearing/")
        applicant.page.locator("main label").filter(has_text="On site").first.click()
        applicant.page.get_by_label("Who speaks and answers questions?").fill(str(owners[reference]))
        applicant.press("Confirm: we take part")
        applicant.sees("You take part")
        applicant.page.context.close()
        del committee.people[owners[reference].pk]
    let_begin(hearing)
    officer.open(f"{committee.office}hearing/{hearing.pk}/")
    for reference in best[:-1]:
        page.locator("table.hearing tbody tr").filter(has_text=reference).get_by_role("button", name="Was heard").click()
        expect(page.locator("table.hearing tbody tr").filter(has_text=reference)).to_contain_text("Heard", timeout=15_000)
    page.locator("table.hearing tbody tr").filter(has_text=best[-1]).get_by_role("link", name="Did not take part").click()
    page.locator("main textarea").first.fill("Nobody was there at the time.")
    officer.press("Confirm: counts as withdrawn")
    assert committee.references(Status.WITHDRAWN) == [best[-1]]


def vote(committee: Committee, best: list[str]) -> None:
    """The committee meets, votes on each sample of the nine, and the decisions freeze the votes."""
    officer = committee.as_(committee.officer)
    officer.open(f"{committee.office}meeting/")
    page = officer.page
    page.locator("main form [type=date]").first.fill(f"{timezone.localtime():%Y-%m-%d}")
    for expert in committee.experts:
        page.locator("main form label").filter(has_text=str(expert)).first.click()
    officer.press("Note the meeting")
    officer.sees("Present (9)")
    for reference in best[:-1]:
        officer.open(f"{committee.office}votes/{reference}/")
        entitled = int(page.locator("dt").filter(has_text="May vote").locator("xpath=following-sibling::dd").inner_text())
        for card in page.locator("section[data-vote]").all():
            card.get_by_label("Yes").fill(str(entitled - 1))
            card.get_by_label("No", exact=True).fill("1")
        officer.press("Enter the votes")
        officer.sees("Reaches the share")
        officer.open(f"{committee.office}decisions/{reference}/")
        for group in page.get_by_role("group", name=re.compile("^Outcome for")).all():
            group.locator("label").filter(has_text=re.compile(r"^\s*Approved\s*$")).click()
        officer.press("Record the decision")
        officer.sees("Recorded, not announced")
        officer.open(f"{committee.office}votes/{reference}/")
        officer.sees("The votes stand with the decision.")
        expect(page.get_by_role("button", name="Enter the votes")).to_have_count(0)
    assert Decision.objects.count() == HEARD - 1
    assert all(decision.vote_denominator == committee.round.vote_denominator for decision in Decision.objects.all())
    assert not Vote.objects.filter(request__version__application__reference=best[-1]).exists()


def test_a_round_of_24_applications_and_9_experts_from_the_formal_check_to_frozen_votes(committee: Committee) -> None:
    check_formally(committee)
    assert len(committee.references(Status.IN_REVIEW)) == APPLICATIONS - 1
    assert committee.references(Status.REFUSED) == [committee.applications[-1].reference]
    seat(committee)
    declare(committee)
    assign(committee)
    judge(committee)
    best = shortlist(committee)
    hear(committee, best)
    vote(committee, best)
    complaints = [text for somebody in committee.people.values() for text in somebody.complaints if "status of 4" not in text]
    assert complaints == []
    call_command("check_invariants")
    call_command("verify_history")
