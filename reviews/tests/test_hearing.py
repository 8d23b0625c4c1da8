"""The office invites to a hearing, changes the order, and notes who was heard, who left the room and who was missing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import accept_invitation, invite_member, withdraw_application
from applications.models import Application, Part
from applications.workflow import Status
from institutions.tests.make import make_membership
from letters.models import Letter, Mail
from letters.workflow import Status as LetterStatus
from reviews.actions import (
    ApartNeeded,
    HearingImpossible,
    TooLate,
    confirm_hearing,
    invite_to_hearing,
    miss_hearing,
    note_departure,
    note_heard,
    order_slots,
    revise_hearing,
    set_hearing,
)
from reviews.models import Departure, Hearing, Shortlisted, Slot, Way, hearings_visible_to, to_invite
from reviews.tests.hearings import dates, let_begin, let_pass, make_hearing, make_seat, make_slot, shut_out_of, slot_again
from reviews.tests.make import browser_of, decide, make_case, make_cases, seen_again
from reviews.workflow import SlotStatus
from rounds.tests.make import make_round
from samples.models import Hold
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


def tied_to(application: Application, *roles: Role) -> User:
    """Somebody of the applicant's institution."""
    person = make_user(None, *roles)
    assert application.institution is not None
    make_membership(person, application.institution)
    return person


def invitations(application: Application) -> list[Letter]:
    return list(Letter.objects.filter(reference=application.reference, kind="invitation").order_by("pk"))


# --- Inviting -------------------------------------------------------------------------------------------------------------


def test_each_invited_application_gets_a_time_after_the_one_before_and_a_letter_in_both_languages(officer: User) -> None:
    first, second = make_cases(2)
    hearing = make_hearing(first.round, officer, pause_minutes=5)
    slots = invite_to_hearing(hearing, [second, first], by=officer)
    assert [(slot.application.reference, slot.position) for slot in slots] == [(second.reference, 0), (first.reference, 1)]
    assert slots[1].starts_at - slots[0].starts_at == timedelta(minutes=20)
    assert seen_again(first).status == Status.INVITED
    (letter,) = invitations(first)
    for words in ("Wuhan, Hall 2", "counts as withdrawal", "at most 8 minutes", "own cost"):
        assert words in letter.text_en
    for words in ("武汉二号厅", "视为撤回申请", "答辩邀请函"):
        assert words in letter.text_zh
    assert second.reference not in letter.text_en
    assert Mail.objects.filter(letter=letter, user=first.owner).count() == 1


def test_whoever_may_write_in_the_team_gets_the_letter_as_well(officer: User) -> None:
    case = make_case()
    writer = make_user()
    accept_invitation(invite_member(seen_again(case), by=case.owner, email=writer.email, part=Part.EDIT), by=writer)
    make_slot(seen_again(case))
    (letter,) = invitations(case)
    assert {reader.user for reader in letter.readers.all()} == {case.owner, writer}


def test_all_or_none_are_invited(officer: User) -> None:
    first, second = make_cases(2)
    stale = seen_again(second)
    withdraw_application(second, by=second.owner)
    hearing = make_hearing(first.round, officer)
    with pytest.raises(NotPossibleNow):
        invite_to_hearing(hearing, [first, stale], by=officer)
    assert not Slot.objects.exists()
    assert seen_again(first).status == Status.IN_REVIEW
    assert not Letter.objects.filter(kind="invitation").exists()


@pytest.mark.parametrize("what", ["nobody", "another round", "too late"])
def test_an_invitation_that_cannot_be_is_refused(officer: User, what: str) -> None:
    case = make_case()
    hearing = make_hearing(make_round() if what == "another round" else case.round, officer)
    if what == "too late":
        let_pass(hearing, "confirm_by")
    with pytest.raises(TooLate if what == "too late" else NotPossibleNow):
        invite_to_hearing(hearing, [] if what == "nobody" else [case], by=officer)
    assert seen_again(case).status == Status.IN_REVIEW


@pytest.mark.parametrize("wrong", [{"confirm_by": timedelta(days=11)}, {"slides_due_at": timedelta(days=11)}, {"confirm_by": -timedelta(days=1)}])
def test_dates_of_a_hearing_lie_ahead_and_before_it(officer: User, wrong: dict[str, timedelta]) -> None:
    round = make_case().round
    with pytest.raises(HearingImpossible):
        set_hearing(round, by=officer, said=dates(**{name: timezone.now() + lead for name, lead in wrong.items()}))
    assert not Hearing.objects.exists()


def test_shortlisted_applications_are_offered_first(officer: User) -> None:
    first, second, third = make_cases(3)
    Shortlisted.objects.create(application=third, by=officer)
    choices = to_invite(officer, first.round, make_hearing(first.round, officer))
    assert [choice.application for choice in choices] == [third, first, second]


# --- Nobody finds a gap ---------------------------------------------------------------------------------------------------


def test_an_application_that_a_colleague_must_not_know_of_is_heard_in_a_hearing_of_its_own(officer: User) -> None:
    first, second = make_cases(2)
    tied_to(second, Role.OFFICER)
    hearing = make_hearing(first.round, officer)
    with pytest.raises(ApartNeeded):
        invite_to_hearing(hearing, [first, second], by=officer)
    invite_to_hearing(hearing, [first], by=officer)
    with pytest.raises(ApartNeeded):
        invite_to_hearing(hearing, [seen_again(second)], by=officer)
    assert Slot.objects.count() == 1


def test_a_shut_out_officer_sees_neither_row_nor_gap_nor_the_hearing(officer: User) -> None:
    first, second, third = make_cases(3)
    shut = tied_to(second, Role.OFFICER)
    url = reverse("reviews:hearing", args=[first.round.slug])
    shared = make_hearing(first.round, officer)
    invite_to_hearing(shared, [first], by=officer)
    before = browser_of(shut).get(url).content
    apart = make_hearing(first.round, officer, starts_at=timezone.now() + timedelta(days=12))
    assert [row.pk for row in hearings_visible_to(shut, first.round)] == [shared.pk], "an empty one could be meant for anything"
    invite_to_hearing(apart, [second], by=officer)
    invite_to_hearing(shared, [third], by=officer)
    assert [slot.position for slot in Slot.objects.filter(hearing=shared).order_by("position")] == [0, 1]
    page = browser_of(shut).get(url).content.decode()
    assert str(apart.pk) not in [part.split("/")[0] for part in page.split("office/hearing/")[1:]]
    assert b"2 applications" not in before
    assert "2 applications" in page
    day = reverse("reviews:hearing_day", args=[first.round.slug, apart.pk])
    assert browser_of(shut).get(day).status_code == 404
    assert browser_of(officer).get(day).status_code == 200
    minutes = browser_of(shut).get(reverse("reviews:hearing_day", args=[first.round.slug, shared.pk])).content.decode()
    assert second.reference not in minutes


def test_the_choice_offers_a_begun_hearing_only_what_belongs_into_it(officer: User) -> None:
    first, second, third = make_cases(3)
    tied_to(second, Role.APPROVER)
    hearing = make_hearing(first.round, officer)
    assert [choice.is_apart for choice in to_invite(officer, first.round, hearing)] == [False, True, False]
    invite_to_hearing(hearing, [first], by=officer)
    assert [choice.application for choice in to_invite(officer, first.round, hearing)] == [third]


# --- Another order, another day -------------------------------------------------------------------------------------------


def test_another_order_supersedes_the_letters_of_those_whose_time_changed(officer: User) -> None:
    first, second, third = make_cases(3)
    hearing = make_hearing(first.round, officer)
    slots = invite_to_hearing(hearing, [first, second, third], by=officer)
    confirm_hearing(slot_again(slots[0]), by=first.owner, way=Way.ON_SITE, speaker="Ada")
    assert order_slots(hearing, [slots[1], slots[0], slots[2]], by=officer) == 2
    assert list(Slot.objects.order_by("position").values_list("application", flat=True)) == [second.pk, first.pk, third.pk]
    old, new = invitations(first)
    assert (old.status, new.status, new.supersedes) == (LetterStatus.SUPERSEDED, LetterStatus.VALID, old)
    assert "have changed" in new.text_en
    assert len(invitations(third)) == 1
    assert slot_again(slots[0]).status == SlotStatus.CONFIRMED, "a confirmation stays valid"


def test_the_same_order_writes_nothing(officer: User) -> None:
    slot = make_slot()
    assert order_slots(slot.hearing, [slot], by=officer) == 0
    assert len(invitations(slot.application)) == 1


def test_an_order_that_leaves_somebody_out_or_comes_too_late_is_refused(officer: User) -> None:
    first, second = make_cases(2)
    hearing = make_hearing(first.round, officer)
    slots = invite_to_hearing(hearing, [first, second], by=officer)
    with pytest.raises(NotPossibleNow):
        order_slots(hearing, slots[:1], by=officer)
    let_begin(hearing)
    with pytest.raises(TooLate):
        order_slots(hearing, slots[::-1], by=officer)
    assert list(Slot.objects.order_by("position").values_list("application", flat=True)) == [first.pk, second.pk]


def test_another_place_is_told_to_everybody_who_is_still_expected(officer: User) -> None:
    first, second = make_cases(2)
    hearing = make_hearing(first.round, officer)
    invite_to_hearing(hearing, [first, second], by=officer)
    withdraw_application(seen_again(second), by=second.owner)
    said = {name: getattr(hearing, name) for name in dates()}
    assert revise_hearing(hearing, by=officer, said=dates(**said)) == 0
    assert revise_hearing(hearing, by=officer, said=dates(**said | {"place_en": "Beijing, Hall 9"})) == 1
    assert "Beijing, Hall 9" in invitations(first)[-1].text_en
    assert len(invitations(second)) == 1


# --- On the day -----------------------------------------------------------------------------------------------------------


def test_who_was_heard_is_noted_once_the_hearing_has_begun(officer: User) -> None:
    slot = make_slot()
    with pytest.raises(NotPossibleNow):
        note_heard(slot, by=officer)
    let_begin(slot.hearing)
    note_heard(slot_again(slot), by=officer)
    assert slot_again(slot).status == SlotStatus.HEARD
    with pytest.raises(NotPossibleNow):
        miss_hearing(slot_again(slot), by=officer)


def test_not_taking_part_counts_as_withdrawal_once_the_office_confirms_it(officer: User) -> None:
    slot = make_slot()
    let_begin(slot.hearing)
    miss_hearing(slot_again(slot), by=officer, note="We waited half an hour.")
    assert (slot_again(slot).status, seen_again(slot.application).status) == (SlotStatus.ABSENT, Status.WITHDRAWN)
    letter = Letter.objects.get(kind="missed")
    assert "counts as withdrawal" in letter.text_en
    assert "We waited half an hour." in letter.text_zh
    with pytest.raises(NotPossibleNow):
        miss_hearing(slot_again(slot), by=officer)


def test_nobody_is_missing_before_the_hearing_begins_but_who_cancelled(officer: User) -> None:
    slot = make_slot()
    with pytest.raises(NotPossibleNow):
        miss_hearing(slot, by=officer)
    assert seen_again(slot.application).status == Status.INVITED


def test_with_a_recorded_decision_nobody_is_noted_as_missing(officer: User) -> None:
    slot = make_slot()
    let_begin(slot.hearing)
    decide(seen_again(slot.application))
    with pytest.raises(NotPossibleNow, match="Retract"):
        miss_hearing(slot_again(slot), by=officer)
    assert Hold.objects.filter(state="earmarked").count() == 1


def test_a_departure_is_noted_once_and_only_of_the_committee(officer: User) -> None:
    slot = make_slot()
    seat = make_seat(slot.application.round)
    assert note_departure(slot.application, seat.user, by=officer) == note_departure(slot.application, seat.user, by=officer)
    assert Departure.objects.count() == 1
    with pytest.raises(NotPossibleNow):
        note_departure(slot.application, make_user(None, Role.EXPERT), by=officer)


# --- The pages ------------------------------------------------------------------------------------------------------------


def test_the_officer_sets_invites_and_orders_on_the_pages(officer: User) -> None:
    first, second = make_cases(2)
    client, url = browser_of(officer), reverse("reviews:hearing", args=[first.round.slug])
    day = (timezone.localtime() + timedelta(days=20)).date()
    words = {
        "hearing-starts_at_day": day, "hearing-starts_at_time": "09:00", "hearing-place_en": "Wuhan", "hearing-place_zh": "武汉",
        "hearing-talk_minutes": 8, "hearing-question_minutes": 7, "hearing-pause_minutes": 0,
        "hearing-confirm_by": day - timedelta(days=9), "hearing-slides_due_at_day": day - timedelta(days=4), "hearing-slides_due_at_time": "16:00",
    }  # fmt: skip
    wrong = client.post(url, words | {"hearing-confirm_by": day + timedelta(days=1)})
    assert wrong.status_code == 422
    assert "This lies after the beginning of the hearing." in wrong.content.decode()
    answer = client.post(url, words)
    hearing = Hearing.objects.get()
    page_url = reverse("reviews:hearing_day", args=[first.round.slug, hearing.pk])
    assert answer.headers["Location"] == page_url
    assert client.post(page_url, {"invite": "yes"}).status_code == 422
    page = client.post(page_url, {"invite": "yes", "applications": [first.pk, second.pk]}, follow=True).content.decode()
    assert "2 applications are invited" in page
    assert "09:15" in page
    one, two = Slot.objects.order_by("position")
    assert client.post(page_url, {"order": "yes", f"place{one.pk}": 1, f"place{two.pk}": 1}).status_code == 422
    page = client.post(page_url, {"order": "yes", f"place{one.pk}": 2, f"place{two.pk}": 1}, follow=True).content.decode()
    assert "2 new letters take the place" in page


def test_on_the_day_departures_and_absences_are_noted_on_the_page(officer: User) -> None:
    slot = make_slot(by=officer)
    let_begin(slot.hearing)
    away = make_seat(slot.application.round, tied_to(slot.application, Role.EXPERT))
    make_seat(slot.application.round)
    client = browser_of(officer)
    args = [slot.application.round.slug, slot.hearing_id]
    page = client.get(reverse("reviews:hearing_day", args=args)).content.decode()
    assert page.count("Has left") == 1
    assert str(away.user) in page
    one = [*args, slot.application.reference]
    assert client.post(reverse("reviews:departure", args=one), {"left": away.user_id}).status_code == 302
    assert Departure.objects.get().user == away.user
    assert client.post(reverse("reviews:departure", args=one), {"left": officer.pk}).status_code == 404
    assert "counts as withdrawal" in client.get(reverse("reviews:missed", args=one)).content.decode()
    assert client.post(reverse("reviews:missed", args=one), {"note": ""}).status_code == 302
    assert seen_again(slot.application).status == Status.WITHDRAWN
    assert client.post(reverse("reviews:missed", args=one), {"note": ""}).status_code == 422


def test_chair_and_approver_read_and_change_nothing(officer: User) -> None:
    slot = make_slot(by=officer)
    chair = make_seat(slot.application.round, is_chair=True).user
    member = make_seat(slot.application.round).user
    args = [slot.application.round.slug, slot.hearing_id]
    for person in (chair, make_user(None, Role.APPROVER)):
        client = browser_of(person)
        page = client.get(reverse("reviews:hearing_day", args=args)).content.decode()
        assert slot.application.reference in page
        assert "Invite" not in page.replace("Invited", "")
        assert client.post(reverse("reviews:hearing_day", args=args), {"order": "yes"}).status_code == 403
        assert client.post(reverse("reviews:heard", args=[*args, slot.application.reference])).status_code == 403
        assert client.post(reverse("reviews:hearing", args=args[:1])).status_code == 403
    assert browser_of(member).get(reverse("reviews:hearing_day", args=args)).status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_one_and_three_invited_applications_cost_the_same_number_of_queries(officer: User, language: str) -> None:
    officer.language = language
    officer.save(update_fields=["language"])
    counts = []
    for number in (1, 3):
        cases = make_cases(number)
        make_seat(cases[0].round)
        hearing = make_hearing(cases[0].round, officer)
        invite_to_hearing(hearing, cases, by=officer)
        client = browser_of(officer)
        url = reverse("reviews:hearing_day", args=[cases[0].round.slug, hearing.pk])
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_ties_that_are_declared_later_hide_the_whole_hearing(officer: User) -> None:
    first, second = make_cases(2)
    hearing = make_hearing(first.round, officer)
    invite_to_hearing(hearing, [first, second], by=officer)
    shut_out_of(officer, first)
    assert hearings_visible_to(officer, first.round) == []
