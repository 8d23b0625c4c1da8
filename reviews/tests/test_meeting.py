"""Votes are counted among those who are noted as present; the share is frozen with the decision, and a reduced mass caps the award."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application, Request
from institutions.tests.make import make_membership
from reviews.actions import (
    AwardDraft,
    AwardImpossible,
    NotCarried,
    VoteCount,
    VoteImpossible,
    enter_vote,
    enter_votes,
    note_attendance,
    note_departure,
    note_meeting,
    record_decision,
    retract_decision,
)
from reviews.models import Attendance, Decision, Meeting, Vote, sitting_on
from reviews.tests.hearings import make_meeting, make_seat, shut_out_of
from reviews.tests.make import browser_of, carry, decide, make_case, make_cases, make_review, seen_again
from reviews.workflow import Outcome
from rounds.models import Round
from rounds.tests.make import make_round
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def case() -> Application:
    """Asks for 60 mg of powder and a whole clast."""
    powder, clast = make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0000YJYX129", mass_ug=197_300)
    return make_case(make_round(powder, clast), lines=[(powder, 60_000), (clast, 197_300)])


def lines_of(application: Application) -> list[Request]:
    assert application.current is not None
    return list(application.current.requests.select_related("sample", "version__application").order_by("position"))


def names(users: list[User]) -> set[str]:
    return {str(user) for user in users}


# --- Who is counted -------------------------------------------------------------------------------------------------------


def test_members_are_counted_and_invited_experts_only_where_they_judge(case: Application) -> None:
    (other,) = make_cases(1, make_round())
    asked = make_review(case).expert
    seat = make_seat(case.round, asked)
    type(seat).objects.filter(pk=seat.pk).update(is_invited=True)
    seat.refresh_from_db()
    idle = make_seat(case.round, is_invited=True)
    meeting = make_meeting(case.round, members=6, seats=(seat, idle))
    sitting = sitting_on(case, Meeting.objects.with_people().get(pk=meeting.pk))
    assert (sitting.present, sitting.invited, sitting.is_overweighted) == (7, [asked], False)
    assert other.round != case.round


def test_found_ties_declared_conflicts_and_departures_are_recused(case: Application, officer: User) -> None:
    tied, declared, left = (make_seat(case.round) for _ in range(3))
    assert case.institution is not None
    make_membership(tied.user, case.institution)
    shut_out_of(declared.user, case)
    note_departure(case, left.user, by=officer)
    meeting = make_meeting(case.round, members=4, seats=(tied, declared, left))
    sitting = sitting_on(case, Meeting.objects.with_people().get(pk=meeting.pk))
    assert (sitting.present, sitting.entitled) == (7, 4)
    assert names(sitting.recused) == names([tied.user, declared.user, left.user])
    page = browser_of(officer).get(reverse("reviews:votes_one", args=[case.round.slug, case.reference])).content.decode()
    for person in (tied.user, declared.user, left.user):
        assert str(person) in page


@pytest.mark.parametrize(
    ("count", "says"),
    [
        (VoteCount(6, 1, 5, 0), "Only 5 people who are counted"),
        (VoteCount(5, 2, 3, 0), "Only 1 of those present is recused"),
        (VoteCount(5, 0, 5, 0), "Only 4 of those present may vote"),
    ],
)
def test_no_more_are_entered_than_sat(case: Application, officer: User, count: VoteCount, says: str) -> None:
    recused = make_seat(case.round)
    shut_out_of(recused.user, case)
    meeting = make_meeting(case.round, members=4, seats=(recused,))
    line = lines_of(case)[0]
    with pytest.raises(VoteImpossible, match=says):
        enter_votes({line: count}, by=officer, meeting=meeting)
    assert not Vote.objects.exists()
    enter_votes({line: VoteCount(5, 1, 3, 1)}, by=officer, meeting=meeting)
    enter_votes({line: VoteCount(4, 1, 2, 1)}, by=officer, meeting=meeting)  # somebody was out of the room
    assert Vote.objects.get().meeting == meeting


def test_more_than_a_third_of_invited_experts_do_not_vote(case: Application, officer: User) -> None:
    invited = [make_seat(case.round, is_invited=True) for _ in range(2)]
    for seat in invited:
        make_review(case, seat.user)
    meeting = make_meeting(case.round, members=3, seats=tuple(invited))
    with pytest.raises(VoteImpossible, match="More than a third"):
        enter_votes({lines_of(case)[0]: VoteCount(5, 0, 5, 0)}, by=officer, meeting=meeting)
    note_attendance(meeting, [make_seat(case.round)], by=officer)  # exactly a third
    enter_votes({lines_of(case)[0]: VoteCount(6, 0, 6, 0)}, by=officer, meeting=meeting)


def test_a_meeting_of_another_round_counts_nothing(case: Application, officer: User) -> None:
    with pytest.raises(NotPossibleNow):
        enter_vote(lines_of(case)[0], by=officer, present=3, recused=0, yes=3, no=0, meeting=make_meeting(make_round()))


# --- The meeting ----------------------------------------------------------------------------------------------------------


def test_a_meeting_needs_people_of_its_round_and_is_not_noted_ahead(case: Application, officer: User) -> None:
    today, seat = timezone.localdate(), make_seat(case.round)
    with pytest.raises(NotPossibleNow):
        note_meeting(case.round, [], by=officer, held_on=today)
    with pytest.raises(NotPossibleNow):
        note_meeting(case.round, [seat], by=officer, held_on=today + timedelta(days=1))
    with pytest.raises(NotPossibleNow), transaction.atomic():
        note_meeting(case.round, [make_seat(make_round())], by=officer, held_on=today)
    assert not Meeting.objects.exists()
    meeting = note_meeting(case.round, [seat], by=officer, held_on=today)
    assert note_attendance(meeting, [seat, make_seat(case.round)], by=officer) == 1
    assert Attendance.objects.filter(meeting=meeting).count() == 2


def test_the_officer_notes_the_meeting_and_late_comers_on_the_page(case: Application, officer: User) -> None:
    here, late = make_seat(case.round, is_chair=True), make_seat(case.round)
    client, url = browser_of(officer), reverse("reviews:meeting", args=[case.round.slug])
    assert client.post(url, {"note": "yes", "meeting-held_on": timezone.localdate()}).status_code == 422
    words = {"note": "yes", "meeting-held_on": timezone.localdate(), "meeting-place_en": "Wuhan", "meeting-present": [here.pk]}
    assert "Present (1)" in client.post(url, words, follow=True).content.decode()
    page = client.post(url, {"late": "yes", "late-present": [late.pk]}, follow=True).content.decode()
    assert "1 more person is noted as present." in page
    assert "Present (2)" in page
    for role in (Role.APPROVER, Role.EXPERT, Role.CURATOR):
        assert browser_of(make_user(None, role)).get(url).status_code == 403


def test_without_a_meeting_no_vote_is_entered(case: Application, officer: User) -> None:
    client, url = browser_of(officer), reverse("reviews:votes_one", args=[case.round.slug, case.reference])
    assert "Note the meeting and who is present first." in client.get(url).content.decode()
    assert client.post(url, {"enter": "yes"}).status_code == 409
    assert not Vote.objects.exists()


def test_the_arithmetic_stands_beside_the_vote_in_words(case: Application, officer: User) -> None:
    recused = make_seat(case.round)
    shut_out_of(recused.user, case)
    make_meeting(case.round, members=8, seats=(recused,))
    client, url = browser_of(officer), reverse("reviews:votes_one", args=[case.round.slug, case.reference])
    powder, clast = lines_of(case)
    words = {f"vote{powder.pk}-{name}": value for name, value in (("present", 9), ("recused", 1), ("yes", 6), ("no", 2), ("mass_ug", "20.5"))}
    words |= {f"vote{clast.pk}-{name}": value for name, value in (("present", 9), ("recused", 1), ("yes", 5), ("no", 3))}
    page = client.post(url, words, follow=True).content.decode()
    assert "6 of 8 entitled to vote: 6 × 3 ≥ 2 × 8, so it is carried. At most 20.5" in page
    assert "5 of 8 entitled to vote: 5 × 3 &lt; 2 × 8, so it is not carried." in page
    assert f'name="vote{clast.pk}-mass_ug"' not in page, "a clast is lent whole"


# --- Less than was asked for ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mass_ug", [0, -1, 60_000, 60_001])
def test_a_reduced_mass_lies_between_nothing_and_what_was_asked_for(case: Application, officer: User, mass_ug: int) -> None:
    with pytest.raises(VoteImpossible):
        enter_vote(lines_of(case)[0], by=officer, present=9, recused=0, yes=9, no=0, mass_ug=mass_ug)
    assert not Vote.objects.exists()


def test_a_whole_piece_is_not_reduced(case: Application, officer: User) -> None:
    with pytest.raises(VoteImpossible, match="lent whole"):
        enter_vote(lines_of(case)[1], by=officer, present=9, recused=0, yes=9, no=0, mass_ug=10_000)


def test_no_more_is_awarded_than_was_voted_for(case: Application, officer: User) -> None:
    carry(case, officer=officer)
    powder, clast = lines_of(case)
    enter_vote(powder, by=officer, present=9, recused=0, yes=9, no=0, mass_ug=20_000)
    whole = AwardDraft(Outcome.APPROVED)
    for draft in (whole, AwardDraft(Outcome.REDUCED, 20_001)):
        with pytest.raises(AwardImpossible, match=r"at most 20\.0 mg"):
            record_decision(seen_again(case), awards={powder: draft, clast: whole}, by=officer)
    decision = record_decision(seen_again(case), awards={powder: AwardDraft(Outcome.REDUCED, 20_000), clast: whole}, by=officer)
    assert decision.awards.get(request=powder).mass_ug == 20_000


# --- Frozen with the decision ---------------------------------------------------------------------------------------------


def test_the_decision_freezes_the_share_that_it_was_measured_by(case: Application, officer: User) -> None:
    carry(case, officer=officer, yes=6)
    lines = lines_of(case)
    decision = record_decision(seen_again(case), awards=dict.fromkeys(lines, AwardDraft(Outcome.APPROVED)), by=officer)
    assert decision.share == (2, 3)
    Round.objects.filter(pk=case.round_id).update(vote_numerator=3, vote_denominator=4)
    client = browser_of(officer)
    page = client.get(reverse("reviews:votes_one", args=[case.round.slug, case.reference])).content.decode()
    assert "6 × 3 ≥ 2 × 9" in page
    assert page.count("Reaches the share") == 2
    retract_decision(decision, by=officer, note="The rule changed.")
    with pytest.raises(NotCarried):
        record_decision(seen_again(case), awards=dict.fromkeys(lines, AwardDraft(Outcome.APPROVED)), by=officer)


def test_decisions_of_before_get_the_share_of_their_round(case: Application, officer: User) -> None:
    decision = decide(case, officer=officer)
    Decision.objects.filter(pk=decision.pk).update(vote_numerator=None, vote_denominator=None)
    importlib.import_module("reviews.migrations.0005_hearing_and_votes").freeze_the_share(apps, None)
    decision.refresh_from_db()
    assert decision.share == (2, 3)


# --- The minutes ----------------------------------------------------------------------------------------------------------


def test_one_and_three_cases_cost_the_page_of_a_vote_and_the_meeting_the_same(officer: User) -> None:
    counts = []
    for number in (1, 3):
        cases = make_cases(number)
        make_meeting(cases[0].round, members=3)
        client = browser_of(officer)
        with CaptureQueriesContext(connection) as queries:
            for name in ("votes", "meeting"):
                assert client.get(reverse(f"reviews:{name}", args=[cases[0].round.slug])).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
