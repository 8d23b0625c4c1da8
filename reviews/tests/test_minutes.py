"""The minutes: what was heard, voted and decided, for the eyes of one reader."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import Role, User
from accounts.tests.make import make_user
from institutions.tests.make import make_membership
from letters.words import Words, as_text
from reviews.actions import note_departure, note_heard
from reviews.minutes import minutes_for
from reviews.tests.hearings import let_begin, make_meeting, make_seat, make_slot, slot_again
from reviews.tests.make import browser_of, carry, decide, make_cases, seen_again
from rounds.models import Round

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


def said(user: User, round: Round) -> Words:
    words = minutes_for(user, round, at=timezone.now())
    assert words is not None
    return words


def test_the_minutes_say_who_was_there_what_was_heard_and_how_it_was_voted(officer: User) -> None:
    heard, voted = make_cases(2)
    slot = make_slot(heard, by=officer)
    let_begin(slot.hearing)
    note_heard(slot_again(slot), by=officer)
    chair = make_seat(heard.round, is_chair=True)
    away = make_seat(heard.round)
    note_departure(heard, away.user, by=officer)
    make_meeting(heard.round, members=2, seats=(chair, away))
    carry(seen_again(voted), officer=officer, yes=6)
    decide(seen_again(heard), officer=officer)
    english, chinese = (as_text(said(officer, heard.round), language) for language in ("en", "zh"))
    for words in (
        f"Made for {officer}",
        heard.reference,
        voted.reference,
        "heard",
        f"{away.user}",
        f"{chair.user} (chair",
        "6 × 3 ≥ 2 × 9, carried",
        "approved",
    ):
        assert words in english, words
    for words in ("出席9人", "赞成6票", "通过", "已答辩", "回避离场", "批准"):
        assert words in chinese, words


def test_a_reader_with_a_tie_finds_no_trace_of_that_case(officer: User) -> None:
    first, second = make_cases(2)
    make_meeting(first.round, members=2)
    for case in (first, second):
        carry(seen_again(case), officer=officer)
    shut = make_user(None, Role.OFFICER)
    assert second.institution is not None
    make_membership(shut, second.institution)
    words = as_text(said(shut, first.round), "en")
    assert first.reference in words
    assert second.reference not in words
    assert str(second.owner) not in words


def test_the_chair_reads_no_decision_that_is_not_announced(officer: User) -> None:
    (case,) = make_cases(1)
    chair = make_seat(case.round, is_chair=True)
    make_meeting(case.round, members=2, seats=(chair,))
    decide(seen_again(case), officer=officer)
    assert "Decision recorded" in as_text(said(officer, case.round), "en")
    assert "Decision recorded" not in as_text(said(chair.user, case.round), "en")


def test_the_minutes_are_a_pdf_with_page_numbers_for_officer_and_chair_alone(officer: User) -> None:
    (case,) = make_cases(1)
    url = reverse("reviews:minutes", args=[case.round.slug])
    assert browser_of(officer).get(url).status_code == 404, "no meeting yet"
    chair = make_seat(case.round, is_chair=True)
    make_meeting(case.round, members=2, seats=(chair,))
    carry(seen_again(case), officer=officer)
    for person in (officer, chair.user):
        assert url in browser_of(person).get(reverse("reviews:hearing", args=[case.round.slug])).content.decode()
        answer = browser_of(person).get(url)
        assert answer.status_code == 200
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        for words in ("Page 1 of", "第 1 页", str(person), case.reference, "月球样品专家委员会会议纪要"):
            assert words in text, words
    for role in (Role.APPROVER, Role.EXPERT, Role.CURATOR, Role.ADMINISTRATOR):
        assert browser_of(make_user(None, role)).get(url).status_code == 403


def test_one_and_three_cases_cost_the_same_number_of_queries(officer: User) -> None:
    counts = []
    assert officer.has_role(Role.OFFICER)  # read once and kept
    for number in (1, 3):
        cases = make_cases(number)
        make_meeting(cases[0].round, members=2)
        for case in cases:
            decide(seen_again(case), officer=officer)
        with CaptureQueriesContext(connection) as queries:
            assert minutes_for(officer, cases[0].round, at=timezone.now())
        counts.append(len(queries))
    assert counts[0] == counts[1]
