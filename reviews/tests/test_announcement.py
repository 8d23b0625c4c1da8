"""Announcing a round: the typed count, the recall window, one transaction per application, and one common moment."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from applications.workflow import Status
from institutions.tests.make import make_institution, make_membership
from letters.models import Letter, Mail
from reviews.actions import (
    CountChanged,
    NothingToAnnounce,
    announce_decisions,
    continue_announcement,
    decisions_to_announce,
    recall_announcement,
    retract_decision,
    run_announcements,
    stop_announcement,
)
from reviews.models import Announcement, AnnouncementItem, Decision
from reviews.permissions import may_announce, may_stop
from reviews.tests.make import announce, browser_of, decide, file, make_cases, make_review, seen_again
from reviews.workflow import AnnouncementStatus, DecisionStatus, Outcome
from rounds.models import Round
from rounds.tests.make import make_round
from samples.models import Hold, Movement, Sample
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db
NUMBERS = ("CE5C0600", "CE5C0400", "CE5C0800")


class Killed(BaseException):
    """The worker is gone: nothing catches this."""


@contextmanager
def killed_at(is_the_moment: Callable[[str], bool]) -> Iterator[None]:
    """The process ends at the first statement of which this is true: the database never gets it, and nothing after it."""
    is_dead = False

    def guard(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal is_dead
        if not is_dead and is_the_moment(sql):
            is_dead = True
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(guard):
        yield


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def approver() -> User:
    return make_user(None, Role.APPROVER)


@pytest.fixture
def round() -> Round:
    """Three powders of 100 mg, one for each case, and half an hour to recall."""
    return make_round(*(make_sample(number, mass_ug=100_000) for number in NUMBERS), recall_minutes=30)


@pytest.fixture
def cases(round: Round, officer: User) -> list[Application]:
    """Three cases with recorded approvals, each of 10 mg of a powder of its own."""
    powders = list(Sample.objects.order_by("number"))
    submitted = make_cases_of(round, [[(powder, 10_000)] for powder in powders])
    for application in submitted:
        decide(application, officer=officer)
    return [seen_again(application) for application in submitted]


def make_cases_of(round: Round, lines: list[list[tuple[Sample, int]]]) -> list[Application]:
    """One case for each list of lines, all in the same closed round."""
    made = make_cases(len(lines), round)
    for application, wanted in zip(made, lines, strict=True):
        assert application.current is not None
        application.current.requests.update(sample=wanted[0][0], mass_ug=wanted[0][1])
    return [seen_again(application) for application in made]


def confirm(round: Round, approver: User) -> Announcement:
    return announce_decisions(round, by=approver, count=len(decisions_to_announce(round, by=approver)))


def pass_window(announcement: Announcement) -> None:
    """As if the recall window had just passed."""
    Announcement.objects.filter(pk=announcement.pk).update(starts_at=timezone.now())
    announcement.refresh_from_db()


def outside_view(cases: list[Application]) -> list[object]:
    """What applicants and the public may know of these cases."""
    seen: list[object] = []
    for application in cases:
        row = Application.objects.get(pk=application.pk)
        seen.append((row.shown_status, [change.move for change in row.visible_history()], Letter.objects.visible_to(row.owner).count()))
    seen.append([(sample.left_ug, sample.shown_held_ug) for sample in Sample.objects.order_by("number")])
    seen.append(Mail.objects.filter(letter__kind="decision").count())
    codes = list(Letter.objects.filter(kind="decision").order_by("pk").values_list("check_code", flat=True))
    seen.append([Client().get(reverse("letters:check", args=[code])).status_code for code in codes if code])
    return seen


def hidden(view: list[object]) -> list[object]:
    """The same view, whose letters (if any are written) are all unknown to the public check."""
    assert all(status == 404 for status in view[-1])  # type: ignore[attr-defined]
    return view[:-1]


# --- The confirmation ------------------------------------------------------------------------------------------------------


def test_the_number_that_was_read_must_be_the_number_that_waits(round: Round, cases: list[Application], approver: User) -> None:
    for number in (0, 2, 4):
        with pytest.raises(CountChanged, match="changed to 3"):
            announce_decisions(round, by=approver, count=number)
    assert not Announcement.objects.exists()


def test_a_round_without_a_recorded_decision_has_nothing_to_announce(round: Round, approver: User) -> None:
    with pytest.raises(NothingToAnnounce):
        announce_decisions(round, by=approver, count=0)


def test_a_second_announcement_waits_for_the_first(round: Round, cases: list[Application], approver: User, officer: User) -> None:
    confirm(round, approver)
    with pytest.raises(NothingToAnnounce):
        announce_decisions(round, by=approver, count=3)
    assert Announcement.objects.count() == 1


def test_what_is_recorded_after_the_confirmation_is_not_swept_along(round: Round, officer: User, approver: User) -> None:
    first, second = make_cases(2, round)
    decide(first, officer=officer)
    announcement = confirm(round, approver)
    decide(second, officer=officer)
    pass_window(announcement)
    run_announcements()
    assert seen_again(first).shown_status == Status.APPROVED
    assert seen_again(second).status == Status.IN_REVIEW
    assert [decision.application for decision in decisions_to_announce(round, by=approver)] == [second]


def test_an_approver_counts_and_announces_only_cases_without_a_tie(round: Round, officer: User, approver: User) -> None:
    home = make_institution()
    tied = make_user(None, Role.APPROVER)
    make_membership(tied, home)
    (theirs,) = make_cases(1, round, institution=home)
    Round.objects.filter(pk=round.pk).update(closes_at=timezone.now() + timedelta(days=1))
    (other,) = make_cases(1, Round.objects.get(pk=round.pk))
    for application in (theirs, other):
        decide(application, officer=officer)
    assert [decision.application for decision in decisions_to_announce(round, by=tied)] == [other]
    pass_window(confirm(round, tied))
    run_announcements()
    assert seen_again(other).shown_status == Status.APPROVED
    assert seen_again(theirs).status == Status.IN_REVIEW
    assert [decision.application for decision in decisions_to_announce(round, by=approver)] == [theirs]


def test_whoever_recorded_a_decision_or_filed_a_review_in_the_round_may_not_announce_it(round: Round, approver: User) -> None:
    (case,) = make_cases(1, round)
    recorder = make_user(None, Role.OFFICER, Role.APPROVER)
    reviewer = make_user(None, Role.EXPERT, Role.APPROVER)
    file(make_review(case, reviewer))
    assert may_announce(recorder, round)
    decide(seen_again(case), officer=recorder)
    assert not may_announce(recorder, round)
    assert not may_announce(reviewer, round)
    assert may_announce(approver, round)
    other_round = make_round(*Sample.objects.all())
    assert may_announce(recorder, other_round)
    assert not may_announce(make_user(None, Role.OFFICER), other_round)


# --- The recall window -----------------------------------------------------------------------------------------------------


def test_nothing_moves_within_the_recall_window(round: Round, cases: list[Application], approver: User) -> None:
    before = outside_view(cases)
    movements = Movement.objects.count()
    announcement = confirm(round, approver)
    assert announcement.starts_at - announcement.confirmed_at == timedelta(minutes=30)
    assert run_announcements(now=announcement.starts_at - timedelta(microseconds=1)) == 0
    assert outside_view(cases) == before
    assert Movement.objects.count() == movements
    assert not Letter.objects.filter(kind="decision").exists()


def test_the_window_ends_exactly_at_its_end(round: Round, cases: list[Application], approver: User) -> None:
    announcement = confirm(round, approver)
    assert run_announcements(now=announcement.starts_at) == 1


def test_a_recalled_announcement_never_happens_and_its_decisions_wait_again(
    round: Round, cases: list[Application], approver: User, officer: User
) -> None:
    announcement = confirm(round, approver)
    assert decisions_to_announce(round, by=approver) == []
    recall_announcement(announcement, by=approver)
    assert run_announcements(now=timezone.now() + timedelta(days=1)) == 0
    assert len(decisions_to_announce(round, by=approver)) == 3
    retract_decision(decisions_to_announce(round, by=approver)[0], by=officer, note="Counted wrongly.")
    assert len(decisions_to_announce(round, by=approver)) == 2


def test_after_the_window_a_recall_is_refused(round: Round, cases: list[Application], approver: User) -> None:
    announcement = confirm(round, approver)
    pass_window(announcement)
    with pytest.raises(NotPossibleNow, match="window has passed"):
        recall_announcement(announcement, by=approver)
    announcement.refresh_from_db()
    assert announcement.status == AnnouncementStatus.SCHEDULED


def test_an_announcement_that_has_begun_cannot_be_recalled_by_a_stale_page(round: Round, cases: list[Application], approver: User) -> None:
    stale = confirm(round, approver)
    run_announcements(now=stale.starts_at)
    assert timezone.now() < stale.starts_at  # the page still believes in its window
    with pytest.raises(NotPossibleNow):
        recall_announcement(stale, by=approver)
    assert Announcement.objects.get().status == AnnouncementStatus.DONE


def test_only_who_confirmed_an_announcement_may_stop_it(round: Round, cases: list[Application], approver: User) -> None:
    announcement = confirm(round, approver)
    assert may_stop(approver, announcement)
    assert not may_stop(make_user(None, Role.APPROVER), announcement)


# --- Carrying it out -------------------------------------------------------------------------------------------------------


def test_everything_becomes_visible_at_one_moment(round: Round, cases: list[Application], approver: User) -> None:
    announcement = confirm(round, approver)
    run_announcements(now=announcement.starts_at)
    announcement.refresh_from_db()
    assert announcement.status == AnnouncementStatus.DONE
    letters = Letter.objects.filter(kind="decision")
    assert {application.visible_at for application in Application.objects.all()} == {announcement.visible_at}
    assert {letter.visible_at for letter in letters} == {announcement.visible_at}
    assert {letter.key for letter in letters} == {f"decision:{application.reference}:1" for application in cases}
    assert Mail.objects.filter(letter__kind="decision").count() == 3
    for sample in Sample.objects.all():
        assert (sample.vault_ug, sample.earmarked_ug, sample.held_ug, sample.unseen_ug) == (90_000, 0, 10_000, 0)
    for application in cases:
        row = seen_again(application)
        assert (row.status, row.shown_status) == (Status.APPROVED, Status.APPROVED)
        assert row.visible_history()[-1].to_status == Status.APPROVED


def test_each_outcome_moves_the_application_where_it_belongs(officer: User) -> None:
    round = make_round()
    made = make_cases(3, round)
    expected = (Outcome.APPROVED, Outcome.RESERVE, Outcome.DECLINED)
    for application, outcome in zip(made, expected, strict=True):
        decide(application, officer=officer, outcome=outcome)
    announce(round)
    assert [seen_again(application).status for application in made] == ["approved", "reserve", "declined"]
    assert Letter.objects.filter(kind="decision").count() == 3


def test_nobody_outside_sees_anything_until_the_common_moment(round: Round, cases: list[Application], approver: User) -> None:
    before = hidden(outside_view(cases))
    announcement = confirm(round, approver)
    with killed_at(lambda sql: sql.startswith('UPDATE "reviews_announcement" SET "status"') and _count_done() == 3), pytest.raises(Killed):
        run_announcements(now=announcement.starts_at)
    assert [application.status for application in Application.objects.all()] == [Status.APPROVED] * 3
    assert Letter.objects.filter(kind="decision").count() == 3
    assert Hold.objects.filter(state="held").count() == 3
    assert hidden(outside_view(cases)) == before
    assert run_announcements() == 1
    after = outside_view(cases)
    assert after[:-1] != before
    assert after[-1] == [200] * 3


def _count_done() -> int:
    return Decision.objects.filter(status=DecisionStatus.ANNOUNCED).count()


def test_a_worker_that_dies_at_any_statement_leaves_a_run_that_the_next_one_finishes(round: Round, cases: list[Application], approver: User) -> None:
    before = hidden(outside_view(cases))
    announcement = confirm(round, approver)
    deaths = 0
    for statement in count(1):
        remaining = iter(range(statement))
        try:
            with killed_at(lambda sql, remaining=remaining: next(remaining, None) is None):  # type: ignore[misc]
                run_announcements(now=announcement.starts_at)
            break
        except Killed:
            deaths += 1
            assert hidden(outside_view(cases)) == before
    assert deaths > 30, "too few places to die: the test could prove nothing"
    announcement.refresh_from_db()
    assert announcement.status == AnnouncementStatus.DONE
    assert Letter.objects.filter(kind="decision").count() == Mail.objects.filter(letter__kind="decision").count() == 3
    assert Movement.objects.filter(to_account="held").count() == 3
    assert {application.shown_status for application in Application.objects.all()} == {Status.APPROVED}


def test_the_clock_carries_out_what_another_run_has_begun(round: Round, cases: list[Application], approver: User) -> None:
    announcement = confirm(round, approver)
    with killed_at(lambda sql: 'INSERT INTO "letters_letter"' in sql), pytest.raises(Killed):
        run_announcements(now=announcement.starts_at)
    announcement.refresh_from_db()
    assert announcement.status == AnnouncementStatus.RUNNING
    assert run_announcements() == 1  # the window itself has not passed: what is running is always due


def test_carried_out_once_it_is_not_carried_out_again(round: Round, cases: list[Application], approver: User) -> None:
    announcement = confirm(round, approver)
    assert run_announcements(now=announcement.starts_at) == 1
    movements = Movement.objects.count()
    assert run_announcements(now=announcement.starts_at + timedelta(days=1)) == 0
    assert Movement.objects.count() == movements


@pytest.mark.parametrize("length", [1, 3])
def test_what_the_letters_say_is_read_once_however_many_are_announced(
    round: Round, cases: list[Application], officer: User, approver: User, length: int
) -> None:
    """Each application still has its own transaction; what stands still while they run is not asked for again in each."""
    for case in cases[length:]:
        retract_decision(Decision.objects.get(application=case), by=officer, note="Not yet.")
    announcement = confirm(round, approver)
    pass_window(announcement)
    with CaptureQueriesContext(connection) as captured:
        run_announcements()
    assert Letter.objects.filter(kind="decision").count() == length
    tables = ("reviews_award", "applications_request", "applications_version", "institutions_institution", "letters_textversion")
    read = Counter(table for query in captured for table in tables if re.match(f'SELECT .+? FROM "{table}"', query["sql"]))
    assert read == dict.fromkeys(("reviews_award", "applications_request", "letters_textversion"), 1)
    assert sum(query["sql"].startswith('INSERT INTO "letters_mail"') for query in captured) == 1


def die_after(done: int, announcement: Announcement) -> None:
    """Carry it out until so many applications are done; then the worker dies."""
    with killed_at(lambda sql: 'INSERT INTO "letters_letter"' in sql and _count_done() > done), pytest.raises(Killed):
        run_announcements(now=announcement.starts_at)
    announcement.refresh_from_db()


def test_stopped_in_the_middle_nothing_moves_and_nothing_is_visible_until_it_goes_on(round: Round, cases: list[Application], approver: User) -> None:
    before = hidden(outside_view(cases))
    announcement = confirm(round, approver)
    die_after(1, announcement)
    stop_announcement(announcement, by=approver)
    movements = Movement.objects.count()
    assert run_announcements(now=announcement.starts_at + timedelta(days=1)) == 0
    assert (_count_done(), Movement.objects.count()) == (1, movements)
    assert hidden(outside_view(cases)) == before
    with pytest.raises(NothingToAnnounce):  # its decisions are not free for another one
        announce_decisions(round, by=approver, count=2)
    continue_announcement(announcement, by=approver)
    assert run_announcements() == 1
    assert {seen_again(case).shown_status for case in cases} == {Status.APPROVED}
    assert Letter.objects.filter(kind="decision").count() == 3


def test_a_stop_that_comes_while_one_application_is_in_hand_lets_no_other_begin(round: Round, cases: list[Application], approver: User) -> None:
    announcement = confirm(round, approver)
    stopped: list[str] = []

    def stop_meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not stopped and sql.startswith('SELECT "reviews_announcementitem"'):  # it runs, and its list is just being read
            stopped.append(sql)
            stop_announcement(Announcement.objects.get(), by=approver)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(stop_meanwhile):
        assert run_announcements(now=announcement.starts_at) == 0
    announcement.refresh_from_db()
    assert announcement.status == AnnouncementStatus.STOPPED
    assert _count_done() == 0
    assert not AnnouncementItem.objects.exclude(problem="").exists()


@pytest.mark.parametrize("status", [AnnouncementStatus.SCHEDULED, AnnouncementStatus.DONE, AnnouncementStatus.RECALLED])
def test_only_what_runs_is_stopped_and_only_what_is_stopped_goes_on(
    round: Round, cases: list[Application], approver: User, status: AnnouncementStatus
) -> None:
    announcement = confirm(round, approver)
    Announcement.objects.filter(pk=announcement.pk).update(status=status, visible_at=timezone.now())
    announcement.refresh_from_db()
    with pytest.raises(NotPossibleNow):
        stop_announcement(announcement, by=approver)
    with pytest.raises(NotPossibleNow):
        continue_announcement(announcement, by=approver)


# --- What goes wrong with one ----------------------------------------------------------------------------------------------


def poison(sample: Sample) -> None:
    """Somebody meddled with the table: nothing of it is earmarked, although a hold says so."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE samples_sample SET vault_ug = vault_ug + earmarked_ug, earmarked_ug = 0 WHERE id = %s", [sample.pk])


def cure(sample: Sample) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE samples_sample SET vault_ug = vault_ug - 10000, earmarked_ug = 10000 WHERE id = %s", [sample.pk])


def test_one_poisoned_application_is_listed_with_its_cause_while_the_others_are_announced(
    round: Round, cases: list[Application], approver: User
) -> None:
    poisoned = cases[1]
    assert poisoned.current is not None
    sample = poisoned.current.requests.get().sample
    poison(sample)
    first = confirm(round, approver)
    assert run_announcements(now=first.starts_at) == 1
    (failed,) = Announcement.objects.with_items().get(pk=first.pk).failed_items
    assert failed.decision.application == poisoned
    assert "0.0 mg" in failed.problem
    assert failed.attempts == 3
    row = seen_again(poisoned)
    assert (row.status, row.visible_at) == (Status.IN_REVIEW, None)
    assert not Letter.objects.filter(kind="decision", reference=poisoned.reference).exists()
    assert [seen_again(cases[place]).shown_status for place in (0, 2)] == [Status.APPROVED] * 2

    cure(sample)
    second = announce_decisions(round, by=approver, count=1)
    run_announcements(now=second.starts_at)
    assert seen_again(poisoned).shown_status == Status.APPROVED
    assert Announcement.objects.with_items().get(pk=second.pk).failed_items == []
    assert Letter.objects.filter(kind="decision").count() == 3


def test_whoever_withdraws_before_it_begins_gets_no_letter_and_is_named(round: Round, cases: list[Application], approver: User) -> None:
    announcement = confirm(round, approver)
    withdraw_application(cases[0], by=cases[0].owner)
    run_announcements(now=announcement.starts_at)
    (item,) = Announcement.objects.with_items().get().failed_items
    assert "withdrawn" in item.problem
    assert seen_again(cases[0]).shown_status == Status.WITHDRAWN
    assert not Letter.objects.filter(kind="decision", reference=cases[0].reference).exists()
    assert Letter.objects.filter(kind="decision", status="valid").count() == 2


def test_whoever_withdraws_between_the_own_turn_and_the_common_moment_never_gets_the_letter(
    round: Round, cases: list[Application], approver: User
) -> None:
    announcement = confirm(round, approver)
    with killed_at(lambda sql: sql.startswith('UPDATE "reviews_announcement" SET "status"') and _count_done() == 3), pytest.raises(Killed):
        run_announcements(now=announcement.starts_at)
    gone = seen_again(cases[0])
    withdraw_application(gone, by=gone.owner)
    assert run_announcements() == 1
    letter = Letter.objects.get(kind="decision", reference=gone.reference)
    assert letter.status == "revoked"
    assert letter not in Letter.objects.visible_to(gone.owner)
    assert not Mail.objects.filter(letter=letter).exists()
    assert Client().get(reverse("letters:check", args=[letter.check_code])).status_code == 404
    row = seen_again(gone)
    assert row.visible_at is None
    assert Status.APPROVED not in {change.to_status for change in row.visible_history()}
    assert gone.current is not None
    sample = gone.current.requests.get().sample
    sample.refresh_from_db()
    assert (sample.vault_ug, sample.held_ug, sample.unseen_ug) == (100_000, 0, 0)
    assert Letter.objects.filter(kind="decision", status="valid").count() == 2


def test_between_the_window_and_the_clock_the_page_no_longer_offers_a_recall(round: Round, cases: list[Application], approver: User) -> None:
    announcement = confirm(round, approver)
    browser = browser_of(approver)
    address = reverse("reviews:announce", args=[round.slug])
    assert "Recall the announcement" in browser.get(address).content.decode()
    pass_window(announcement)
    page = browser.get(address).content.decode()
    assert "Recall the announcement" not in page
    assert "Being announced" in page
    assert "Confirmed, can be recalled" not in page
    run_announcements()
    page = browser.get(address).content.decode()
    assert "hx-trigger" not in page  # nothing is under way: the page stops asking
    assert "3 of 3" in page
    assert "0 of 3" in page  # the letters are written, and no worker has printed one here
