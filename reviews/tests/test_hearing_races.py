"""What happens around a hearing when two do it at once. Each race ends as if one had come after the other."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Request
from applications.tests.pdfs import good
from institutions.models import Institution, Kind
from institutions.tests.make import make_institution
from letters.models import Letter
from reviews.actions import (
    AwardDraft,
    VoteCount,
    enter_votes,
    hand_in_slides,
    invite_to_hearing,
    miss_hearing,
    note_attendance,
    order_slots,
    record_decision,
)
from reviews.models import Attendance, Deck, Hearing, Slot
from reviews.tests.hearings import let_begin, make_hearing, make_meeting, make_seat, make_slot, slot_again
from reviews.tests.make import carry, make_cases, seen_again
from reviews.tests.test_races import at_once, kinds
from reviews.workflow import Outcome

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a test's SQLite lives in memory and knows one connection"),
]


@pytest.fixture
def institution() -> Institution:
    """These tests empty the tables, countries as well; this kind needs none."""
    return make_institution(kind=Kind.ORGANISATION)


def test_two_officers_who_invite_at_once_give_two_times(institution: Institution) -> None:
    cases = make_cases(4, institution=institution, owner=make_user())
    hearing = make_hearing(cases[0].round)
    officers = [make_user(None, Role.OFFICER) for _ in cases]
    results = at_once(
        *(lambda case=case, by=by: invite_to_hearing(hearing, [seen_again(case)], by=by) for case, by in zip(cases, officers, strict=True))
    )
    assert kinds(results) == ["list"] * 4
    assert sorted(Slot.objects.values_list("position", flat=True)) == [0, 1, 2, 3]


def test_of_two_who_invite_the_same_application_one_does(institution: Institution) -> None:
    first, second = make_cases(2, institution=institution, owner=make_user())
    hearings = [make_hearing(first.round), make_hearing(first.round)]
    pairs = [seen_again(first), seen_again(second)], [seen_again(second), seen_again(first)]  # in either order nobody waits in a circle
    officer = make_user(None, Role.OFFICER)
    results = at_once(lambda: invite_to_hearing(hearings[0], pairs[0], by=officer), lambda: invite_to_hearing(hearings[1], pairs[1], by=officer))
    assert kinds(results) == ["NotPossibleNow", "list"]
    assert Slot.objects.count() == 2
    assert Letter.objects.filter(kind="invitation").count() == 2


def test_an_order_and_an_invitation_at_once_leave_no_time_twice(institution: Institution) -> None:
    first, second, third = make_cases(3, institution=institution, owner=make_user())
    hearing, officer = make_hearing(first.round), make_user(None, Role.OFFICER)
    slots = invite_to_hearing(hearing, [first, second], by=officer)
    late = seen_again(third)
    at_once(lambda: order_slots(hearing, slots[::-1], by=officer), lambda: invite_to_hearing(hearing, [late], by=officer))
    positions = sorted(Slot.objects.values_list("position", flat=True))
    assert positions == [0, 1, 2]


def test_a_withdrawal_and_an_absence_at_once_withdraw_once(institution: Institution) -> None:
    (case,) = make_cases(1, institution=institution)
    slot = make_slot(case)
    let_begin(slot.hearing)
    mine, theirs, officer = seen_again(case), slot_again(slot), make_user(None, Role.OFFICER)
    at_once(lambda: withdraw_application(mine, by=case.owner), lambda: miss_hearing(theirs, by=officer))
    assert seen_again(case).status == "withdrawn"
    assert seen_again(case).history.filter(move="withdraw").count() == 1


def test_slides_that_pass_the_deadline_while_they_are_checked_are_refused(institution: Institution) -> None:
    (case,) = make_cases(1, institution=institution)
    slot = make_slot(case)

    class Slow(io.BytesIO):
        """As if the line were slow: the deadline passes while the file comes in."""

        def read(self, size: int | None = -1, /) -> bytes:
            Hearing.objects.filter(pk=slot.hearing_id).update(slides_due_at=timezone.now() - timedelta(seconds=1))
            return super().read(size)

    (result,) = at_once(lambda: hand_in_slides(slot, by=case.owner, data=Slow(good()), name="talk.pdf"))
    assert type(result).__name__ == "TooLate"
    assert not Deck.objects.exists()


def test_a_vote_and_a_decision_at_once_never_part(institution: Institution) -> None:
    (case,) = make_cases(1, institution=institution)
    officer, meeting = make_user(None, Role.OFFICER), make_meeting(case.round, members=9)
    carry(case, officer=officer, yes=8)
    (line,) = Request.objects.filter(version=case.current).select_related("sample", "version__application")
    seen = seen_again(case)
    results = at_once(
        lambda: record_decision(seen, awards={line: AwardDraft(Outcome.APPROVED)}, by=officer),
        lambda: enter_votes({line: VoteCount(9, 0, 2, 7)}, by=officer, meeting=meeting),
    )
    assert kinds(results) in (["Decision", "NotPossibleNow"], ["NoneType", "NotCarried"], ["NoneType", "NotPossibleNow"])


def test_who_is_noted_as_present_twice_at_once_sits_once(institution: Institution) -> None:
    (case,) = make_cases(1, institution=institution)
    meeting, late, officer = make_meeting(case.round, members=1), make_seat(case.round), make_user(None, Role.OFFICER)
    at_once(*(lambda: note_attendance(meeting, [late], by=officer) for _ in range(4)))
    assert Attendance.objects.filter(meeting=meeting, seat=late).count() == 1
