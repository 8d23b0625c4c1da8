"""The checklist: what the machine says of each item, the officer's marks above it, and what follows for accept and return."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import RoundStillOpen, accept_application, revise_application, start_version, submit_application
from applications.models import Application, Attachment, Scan, Upload
from applications.questions import line_name
from applications.tests.make import make_draft, make_submitted, the_draft
from applications.tests.pdfs import make_attachment
from applications.workflow import Status
from institutions.models import Institution
from letters.models import Letter
from reviews.actions import ChecklistOpen, Mark, WordsMissing, accept_checked, mark_items, mark_rest, return_checked
from reviews.checklist import ITEMS, Line, checklist_of
from reviews.models import CheckMark, Finding
from reviews.tests.make import browser_of, seen_again
from rounds.models import Audience, Kind, Round
from rounds.tests.make import close_round, make_round
from samples.models import Purpose, Sample
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db
OPEN = {"team", "ability", "storage"}  # what only a person can judge, of the usual application
PLAN = "Pick beads in nitrogen and map them before any beam touches them, with the instruments that we have."


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


def handed_in(**fields: Any) -> Application:
    application = make_submitted(plan=PLAN, **fields)
    close_round(application.round)
    return seen_again(application)


def line_of(application: Application, key: str) -> Line:
    return next(line for line in checklist_of(application).lines if line.item.key == key)


def says(application: Application, key: str) -> str:
    return line_of(application, key).verdict.says.value


def page_of(application: Application) -> str:
    return reverse("reviews:check_one", args=[application.round.slug, application.reference])


def answer(application: Application, **answers: str) -> Application:
    """The case as if these answers had been handed in: the machine judges what it reads, not what the form would have let through."""
    assert application.current is not None
    application.current.answers |= answers
    return application


def test_the_usual_application_needs_the_officer_where_a_person_must_judge() -> None:
    checklist = checklist_of(handed_in())
    assert {line.item.key for line in checklist.unsettled} == OPEN
    assert checklist.faults == []
    assert {line.item.key for line in checklist.lines} == {item.key for item in ITEMS} - {"endorsement"}


def test_an_exhibition_is_asked_what_an_exhibition_needs() -> None:
    case = make_sample("CE5C0999", purpose=Purpose.PUBLIC_WELFARE)
    application = handed_in(round=make_round(case, kind=Kind.PUBLIC_WELFARE, loan_months=2))
    checklist = checklist_of(application)
    assert {line.item.key for line in checklist.lines} == {item.key for item in ITEMS} - {
        "endorsement",
        "ability",
        "consumption",
        "third_party",
        "records",
    }
    assert says(application, "period") == "met"
    assert says(answer(application, closes_on="2027-08-01"), "period") == "not_met"


def unverified(application: Application) -> Application:
    Institution.objects.filter(applications=application).update(is_verified=False)
    return seen_again(application)


def closed_in_ror(application: Application) -> Application:
    Institution.objects.filter(applications=application).update(ror_status="inactive")
    return unverified(application)


def for_others(application: Application) -> Application:
    Round.objects.filter(pk=application.round_id).update(audience=Audience.DOMESTIC)
    return seen_again(application)


def used_up(application: Application) -> Application:
    answer(application, **{line_name("CE5C0600", "loss_reason"): "Dissolution needs it."})
    return used_up_without_reason(application)


def used_up_without_reason(application: Application) -> Application:
    return answer(application, **{line_name("CE5C0600", "destructive"): "yes", line_name("CE5C0600", "loss"): "2"})


def used_up_more_than_asked(application: Application) -> Application:
    return answer(used_up(application), **{line_name("CE5C0600", "loss"): "500"})


def given_away(application: Application) -> Application:
    """Nothing is left of what is asked for."""
    assert application.current is not None
    for request in application.current.requests.all():
        request.sample.vault_ug = request.sample.earmarked_ug = request.sample.unseen_ug = 0
    return application


def for_storage(application: Application) -> Application:
    Sample.objects.update(purpose=Purpose.PUBLIC_WELFARE)
    return seen_again(application)


def as_it_is(application: Application) -> Application:
    return application


def answers(**words: str) -> Callable[[Application], Application]:
    return lambda application: answer(application, **words)


JUDGED: list[tuple[str, Callable[[Application], Application], str]] = [
    ("legal_entity", as_it_is, "met"),
    ("legal_entity", unverified, "unsure"),
    ("legal_entity", closed_in_ror, "not_met"),
    ("audience", for_others, "not_met"),
    ("safe_use", answers(safe_use_name=""), "not_met"),
    ("safe_use", answers(safe_use_email="nobody"), "not_met"),
    ("ability", answers(principal_experience=" "), "not_met"),
    ("purpose", for_storage, "not_met"),
    ("mass", given_away, "not_met"),
    ("consumption", as_it_is, "met"),
    ("consumption", used_up, "unsure"),
    ("consumption", used_up_without_reason, "not_met"),
    ("consumption", used_up_more_than_asked, "not_met"),
    ("records", used_up, "unsure"),
    ("third_party", answers(third_party="yes", third_party_details="Example Laboratory"), "unsure"),
    ("third_party", answers(third_party="yes"), "not_met"),
    ("storage", answers(security=""), "not_met"),
    ("period", answers(loan_months="99"), "not_met"),
    ("clearance", answers(clearance="granted", clearance_details="File 12"), "unsure"),
    ("clearance", answers(clearance="needed"), "not_met"),
    ("declarations", answers(declared_use=""), "not_met"),
    ("complete", answers(funding=""), "not_met"),
]


@pytest.mark.parametrize(("key", "change", "word"), JUDGED)
def test_the_machine_says_what_it_can(key: str, change: Callable[[Application], Application], word: str) -> None:
    application = handed_in()
    line = line_of(change(application), key)
    assert line.verdict.says.value == word, line.verdict.why
    assert line.verdict.why


def test_a_piece_asked_for_in_part_is_not_whole() -> None:
    clast = make_sample("CE5C0000YJYX129", mass_ug=197_300)
    application = handed_in(round=make_round(clast), lines=[(clast, 197_300)])
    assert says(application, "whole") == "met"
    assert application.current is not None
    application.current.requests.all()[0].mass_ug = 100_000
    assert says(application, "whole") == "not_met"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("我们想知道玻璃珠中保存了多少太阳风水，以及它们在月壤中保存了多久，为此需要这些样品。", "met"),
        ("Ж" * 60, "unsure"),
        ("xyzzy " * 20, "unsure"),
    ],
)
def test_the_machine_knows_english_and_chinese(text: str, word: str) -> None:
    application = handed_in()
    assert says(application, "language") == "met"
    assert application.current is not None
    application.current.title = application.current.research_question = application.current.plan = text
    (line,) = [line for line in checklist_of(application).lines if line.item.key == "language"]
    assert line.verdict.says.value == word


@pytest.mark.parametrize(("scan", "word"), [(Scan.CLEAN, "met"), (Scan.NONE, "unsure"), (Scan.WAITING, "unsure"), (Scan.INFECTED, "not_met")])
def test_files_are_judged_by_the_virus_check(scan: Scan, word: str) -> None:
    application = handed_in()
    assert says(application, "files") == "met", "nothing attached"
    assert application.current is not None
    other = make_attachment(the_draft(make_draft()))
    Upload.objects.update(scan=scan)
    attached = Attachment.objects.filter(pk=other.pk).select_related("upload")
    application.current._prefetched_objects_cache["attachments"] = attached  # type: ignore[attr-defined]
    assert says(application, "files") == word


# --- Marks ----------------------------------------------------------------------------------------------------------------


def test_the_officers_word_stands_above_the_machines(officer: User) -> None:
    application = handed_in()
    mark_items(application, {"period": Mark(Finding.FAULT, "Twelve months are too many."), "storage": Mark(Finding.NOT_APPLICABLE)}, by=officer)
    assert line_of(application, "period").is_fault
    assert line_of(application, "period").is_overruled
    assert line_of(application, "storage").is_good
    mark_items(application, {"period": Mark(None)}, by=officer)
    assert line_of(application, "period").is_good
    application = given_away(application)
    assert line_of(application, "mass").is_fault
    mark_items(application, {"mass": Mark(Finding.MET)}, by=officer)
    assert line_of(application, "mass").is_good


def test_marks_that_cannot_be_meant_are_refused(officer: User) -> None:
    application = handed_in()
    with pytest.raises(WordsMissing):
        mark_items(application, {"team": Mark(Finding.MET), "storage": Mark(Finding.FAULT, "  ")}, by=officer)
    with pytest.raises(NotPossibleNow):
        mark_items(application, {"endorsement": Mark(Finding.MET)}, by=officer)
    assert not CheckMark.objects.exists()


def test_nothing_is_marked_before_the_closing_or_after_the_check(officer: User) -> None:
    early = make_submitted()
    for act in (lambda: mark_items(early, {}, by=officer), lambda: accept_checked(early, by=officer), lambda: mark_rest(early, by=officer)):
        with pytest.raises(RoundStillOpen):
            act()
    application = handed_in()
    accept_application(application, by=officer)
    with pytest.raises(NotPossibleNow):
        mark_items(application, {"team": Mark(Finding.MET)}, by=officer)


def test_the_same_mark_again_keeps_who_said_it_first(officer: User) -> None:
    application = handed_in()
    mark_items(application, {"team": Mark(Finding.MET)}, by=officer)
    mark_items(application, {"team": Mark(Finding.MET)}, by=make_user(None, Role.OFFICER))
    assert CheckMark.objects.get().by == officer


def test_accepting_waits_for_every_mark_and_for_the_last_fault(officer: User) -> None:
    application = handed_in()
    with pytest.raises(ChecklistOpen, match=r"3 items have no mark yet: .*Storage and security"):
        accept_checked(application, by=officer)
    mark_items(application, {"storage": Mark(Finding.FAULT, "No safe is described.")}, by=officer)
    assert mark_rest(application, by=officer) == 2
    with pytest.raises(ChecklistOpen, match="1 fault stands: Storage and security"):
        accept_checked(application, by=officer)
    assert seen_again(application).status == Status.SUBMITTED
    mark_items(application, {"storage": Mark(Finding.MET)}, by=officer)
    accept_checked(application, by=officer)
    assert seen_again(application).status == Status.IN_REVIEW


def test_a_fault_that_the_machine_finds_stands_in_the_way_as_well(officer: User) -> None:
    application = given_away(handed_in())
    mark_rest(application, by=officer)
    with pytest.raises(ChecklistOpen, match="The masses are within what is left"):
        accept_checked(application, by=officer)


def test_a_return_lists_the_faults_item_by_item_with_their_articles(officer: User) -> None:
    application = given_away(handed_in())
    marks = {"storage": Mark(Finding.FAULT, "Describe the safe."), "team": Mark(Finding.FAULT, "Name the student.")}
    mark_items(application, marks, by=officer)
    return_checked(application, by=officer, correct_by=timezone.now() + timedelta(days=9), note="And sign it.")
    note = seen_again(application).history.get(move="return").note
    assert note.index("Name the student.") < note.index("Describe the safe.") < note.index("And sign it.")
    assert "(Art. 14)" in note
    assert "Nothing of CE5C0600 is left." in note, "the machine's fault goes along"
    assert "Describe the safe." in Letter.objects.get(kind="returned").text_en


def test_a_return_without_any_reason_is_refused(officer: User) -> None:
    with pytest.raises(WordsMissing):
        return_checked(handed_in(), by=officer, correct_by=timezone.now() + timedelta(days=9))


# --- The page -------------------------------------------------------------------------------------------------------------


def test_every_button_keeps_the_marks_first(client: Client) -> None:
    application = handed_in()
    answer = client.post(page_of(application), {"step": "accept", "team-finding": "met", "storage-finding": "met"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "1 item has no mark yet: The institution is able to do the research." in page
    assert CheckMark.objects.count() == 2
    client.post(page_of(application), {"step": "accept", "ability-finding": "met"})
    assert seen_again(application).status == Status.IN_REVIEW


def test_words_without_a_mark_and_a_fault_without_words_are_asked_back(client: Client) -> None:
    application = handed_in()
    words = {"step": "mark", "team-finding": "fault", "storage-note": "Describe the safe.", "ability-finding": "met"}
    answer = client.post(page_of(application), words)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say what the applicant has to change." in page
    assert "Choose a mark for your words." in page
    assert "Describe the safe." in page
    assert not CheckMark.objects.exists()


def test_a_page_that_did_not_show_a_mark_does_not_take_it_away(client: Client, officer: User) -> None:
    application = handed_in()
    shown = {"initial-team-finding": "", "initial-team-note": "", "team-finding": "", "team-note": ""}
    mark_items(application, {"team": Mark(Finding.FAULT, "Name the student.")}, by=make_user(None, Role.OFFICER))
    client.post(page_of(application), shown | {"step": "mark", "initial-storage-finding": "", "storage-finding": "met"})
    assert dict(CheckMark.objects.values_list("item", "finding")) == {"team": "fault", "storage": "met"}
    seen = {"initial-team-finding": "fault", "initial-team-note": "Name the student.", "team-finding": "", "team-note": ""}
    client.post(page_of(application), seen | {"step": "mark"})
    assert not CheckMark.objects.filter(item="team").exists(), "whoever saw it may take it away"


def test_what_comes_back_shows_the_earlier_fault_and_what_was_changed_at_the_item(client: Client, officer: User) -> None:
    application = handed_in()
    mark_items(application, {"storage": Mark(Finding.FAULT, "Describe the safe."), "team": Mark(Finding.FAULT, "Name the student.")}, by=officer)
    return_checked(application, by=officer, correct_by=timezone.now() + timedelta(days=9))
    page = client.get(page_of(application)).content.decode()
    assert "Describe the safe." in page, "the marks stay to be read while it is with the applicant"
    application = seen_again(application)
    start_version(application, by=application.owner)
    draft = the_draft(application)
    revise_application(draft, by=application.owner, seen_revision=draft.revision, security="A safe of class four, with two keys.")
    submit_application(seen_again(application), by=application.owner, key=uuid4())
    page = client.get(page_of(application)).content.decode()
    storage = page.partition('id="item-storage"')[2].partition("</li>")[0]
    assert "Not met in version 1:" in storage
    assert "Describe the safe." in storage
    assert "class four" in storage
    team = page.partition('id="item-team"')[2].partition("</li>")[0]
    assert "Name the student." in team
    assert "Nothing was changed here." in team
    assert checklist_of(seen_again(application)).faults == [], "the new version is judged anew"


def test_the_page_costs_the_same_for_one_sample_and_one_mark_or_three(client: Client, officer: User) -> None:
    counts = []
    for size in (1, 3):
        samples = [make_sample(f"CE5C09{size}{place}") for place in range(size)]
        application = handed_in(round=make_round(*samples), lines=[(sample, 10_000) for sample in samples])
        mark_items(application, dict.fromkeys(("team", "ability", "storage")[:size], Mark(Finding.FAULT, "Mend it.")), by=officer)
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(application))
        counts.append(len(queries))
    assert counts[0] == counts[1]
