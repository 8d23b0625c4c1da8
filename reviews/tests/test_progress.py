"""Who is late, who is reminded, once; and when an expert's access to an application ends."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from institutions.tests.make import make_membership
from letters.models import Letter, Mail
from reviews.actions import NobodyToRemind, RemindedToday, assign_experts, remind_experts, remind_reviewers
from reviews.models import Conflict, Review, Standing
from reviews.tests.make import announce, browser_of, decide, file, make_case, make_cases, make_review, seen_again
from rounds.models import Round

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


def expert(name: str = "Expert Amber") -> User:
    return make_user(None, Role.EXPERT, full_name=name)


def due(round: Round, moment: datetime | None) -> None:
    Round.objects.filter(pk=round.pk).update(reviews_due_at=moment)
    round.refresh_from_db()


def url(round: Round) -> str:
    return reverse("reviews:progress", args=[round.slug])


def reminders() -> list[Mail]:
    return list(Mail.objects.exclude(key__startswith="assigned:").filter(user__isnull=False, key__regex="^(remind|due):").order_by("pk"))


def test_the_page_counts_what_is_assigned_open_and_filed_and_marks_who_is_late(client: Client) -> None:
    first, second, third = make_cases(3)
    amber, birch = expert(), expert("Expert Birch")
    make_review(first, amber, is_open=False)
    make_review(second, amber)
    file(make_review(third, amber))
    file(make_review(first, birch))
    due(first.round, timezone.now() - timedelta(hours=1))
    text = client.get(url(first.round)).content.decode()
    assert text.count(">Late<") == 1
    assert text.index("Expert Amber") < text.index("Expert Birch")
    assert "1 of 3" in text
    assert "1 of 1" in text
    assert "Remind the 1 who is late" in text
    opened = client.get(url(first.round) + f"?expert={amber.pk}").content.decode()
    part = opened[opened.index('id="open-line"') : opened.index("<table")]
    assert first.reference in part
    assert third.reference not in part


def test_only_cases_that_the_officer_may_see_are_counted(client: Client, officer: User) -> None:
    hidden, seen = make_cases(2)
    amber = expert()
    for case in (hidden, seen):
        make_review(case, amber)
    Conflict.objects.create(user=officer, application=hidden, note="We publish together.")
    text = client.get(url(seen.round) + f"?expert={amber.pk}").content.decode()
    assert "0 of 1" in text
    assert hidden.reference not in text


def test_one_click_reminds_and_a_second_one_says_that_it_did(client: Client, officer: User) -> None:
    case = make_case(title="Unmistakable Title")
    amber = expert()
    make_review(case, amber)
    due(case.round, timezone.now() - timedelta(hours=1))
    answer = client.post(url(case.round), {"remind": str(amber.pk)}, follow=True)
    assert "1 reminder is on its way." in answer.content.decode()
    assert "reminded today" in answer.content.decode()
    (mail,) = reminders()
    assert mail.recipient == amber.email
    assert "1 review that you were asked for" in mail.body
    for secret in ("Unmistakable", case.reference, str(case.owner)):
        assert secret not in mail.body + mail.subject
    again = client.post(url(case.round), {"remind": "late"})
    assert again.status_code == 409
    assert "has been reminded today" in again.content.decode()
    with pytest.raises(RemindedToday):
        remind_experts(case.round, [amber], by=officer)
    assert len(reminders()) == 1


def test_all_who_are_late_are_reminded_and_nobody_else(client: Client) -> None:
    case = make_case()
    amber, birch, cedar = expert(), expert("Expert Birch"), expert("Expert Cedar")
    make_review(case, amber)
    make_review(case, birch, is_open=False)
    file(make_review(case, cedar))
    due(case.round, timezone.now() - timedelta(hours=1))
    client.post(url(case.round), {"remind": "late"})
    assert {mail.user_id for mail in reminders()} == {amber.pk, birch.pk}


def test_nobody_is_reminded_of_what_is_filed_withdrawn_or_closed_by_a_tie(client: Client, officer: User) -> None:
    filed, gone, tied = make_cases(3)
    amber, birch, cedar = expert(), expert("Expert Birch"), expert("Expert Cedar")
    file(make_review(filed, amber))
    make_review(gone, birch)
    make_review(tied, cedar)
    withdraw_application(Application.objects.get(pk=gone.pk), by=gone.owner)
    assert tied.institution is not None
    make_membership(cedar, tied.institution)
    due(filed.round, timezone.now() - timedelta(hours=1))
    with pytest.raises(NobodyToRemind):
        remind_experts(filed.round, [amber, birch, cedar], by=officer)
    assert client.post(url(filed.round), {"remind": "nonsense"}).status_code == 409
    assert remind_reviewers(now=timezone.now()) == 0
    assert "1 assigned in spite of a tie that was found" in client.get(url(filed.round)).content.decode()
    assert not reminders()


def test_the_clock_reminds_a_week_and_a_day_before_and_once_after_each_once() -> None:
    case = make_case()
    amber = expert()
    review = make_review(case, amber)
    moment = timezone.now() + timedelta(days=30)
    due(case.round, moment)
    Review.objects.filter(pk=review.pk).update(assigned_at=timezone.now() - timedelta(days=1))
    steps = [(-8, 0), (-7, 1), (-6, 1), (-1, 2), (-0.5, 2), (0, 3), (2, 3), (6.9, 3), (8, 3)]
    for days, expected in steps:
        for _stroke in range(2):
            remind_reviewers(now=moment + timedelta(days=days))
        assert len(reminders()) == expected, days
    assert [mail.key.split(":")[1] for mail in reminders()] == ["week", "day", "late"]
    assert "late" in reminders()[-1].subject


def test_who_is_asked_after_the_moment_of_a_reminder_is_not_reminded_at_once() -> None:
    case = make_case()
    make_review(case, expert())
    due(case.round, timezone.now() + timedelta(days=3))
    assert remind_reviewers(now=timezone.now()) == 0
    assert remind_reviewers(now=timezone.now() + timedelta(days=2, hours=1)) == 1


def test_a_decision_that_is_not_visible_does_not_stop_a_reminder(officer: User) -> None:
    case = make_case()
    amber = expert()
    make_review(case, amber)
    due(case.round, timezone.now() - timedelta(hours=1))
    decide(case, officer=officer)
    assert remind_reviewers(now=timezone.now()) == 0  # asked after the moment
    assert remind_experts(case.round, [amber], by=officer) == 1


def test_twenty_assignments_are_told_in_one_mail(officer: User) -> None:
    amber = expert()
    for case in make_cases(4):
        assign_experts(case, [amber], by=officer)
    mails = Mail.objects.filter(key__startswith="assigned:")
    assert len(mails) in (1, 2)  # two when a full ten minutes passed between
    assert mails[0].next_at > timezone.now() - timedelta(minutes=1)


def test_the_page_costs_the_same_for_one_and_three(client: Client) -> None:
    counts = []
    for number in (1, 3):
        cases = make_cases(number)
        for case in cases:
            make_review(case)
            file(make_review(case))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(cases[0].round)).content.decode().count("<progress") == 2 * number
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- The end of access ----------------------------------------------------------------------------------------------------


def seen_by(person: User, review: Review) -> tuple[int, str]:
    browser = browser_of(person)
    page = browser.get(reverse("reviews:review", args=[review.pk]))
    return page.status_code, browser.get(reverse("reviews:queue")).content.decode()


def test_access_ends_thirty_days_after_the_decision_is_visible_and_a_summary_stays(officer: User) -> None:
    case = make_case(title="Unmistakable Title")
    amber = expert()
    review = file(make_review(case, amber), score=4)
    decide(case, officer=officer)
    announce(case.round)
    status, queue = seen_by(amber, review)
    assert status == 200
    assert "Unmistakable Title" in queue
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        status, queue = seen_by(amber, review)
    assert status == 404
    assert "Past reviews" in queue
    assert case.reference in queue
    assert "Plan 4" in queue
    for secret in ("Unmistakable", str(case.owner), str(case.institution)):
        assert secret not in queue


def test_a_recorded_or_announced_and_invisible_decision_ends_nothing(officer: User) -> None:
    case = make_case()
    amber = expert()
    review = file(make_review(case, amber))
    before = seen_by(amber, review)
    decide(case, officer=officer)
    assert seen_by(amber, review)[0] == before[0] == 200
    announce(case.round)
    tomorrow = timezone.now() + timedelta(days=1)
    Application.objects.filter(pk=case.pk).update(visible_at=tomorrow)
    Letter.objects.filter(reference=case.reference, kind="decision").update(visible_at=tomorrow)
    status, queue = seen_by(amber, review)
    assert status == 200
    assert "Past reviews" not in queue


def test_access_ends_at_once_when_the_application_is_withdrawn() -> None:
    case = make_case(title="Unmistakable Title")
    amber, birch = expert(), expert("Expert Birch")
    filed, unfiled = file(make_review(case, amber)), make_review(case, birch)
    withdraw_application(Application.objects.get(pk=case.pk), by=case.owner)
    status, queue = seen_by(amber, filed)
    assert status == 404
    assert case.reference in queue
    assert "Unmistakable" not in queue
    status, queue = seen_by(birch, unfiled)
    assert status == 404
    assert case.reference not in queue


def test_a_past_review_of_a_case_with_a_conflict_is_not_in_the_summary() -> None:
    case = make_case()
    amber = expert()
    file(make_review(case, amber))
    withdraw_application(Application.objects.get(pk=case.pk), by=case.owner)
    Conflict.objects.filter(user=amber, application=case).update(standing=Standing.CONFLICT, note="We publish together.", declared_at=timezone.now())
    assert case.reference not in browser_of(amber).get(reverse("reviews:queue")).content.decode()
    assert not seen_again(case).is_in_review
