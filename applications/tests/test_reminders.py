"""Reminders about what is written and not submitted: each once, the newest only, in the reader's language, for the deadline as it stands."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.make import make_user
from applications import jobs
from applications.actions import expire_applications, remind_drafts, revise_application, start_application, start_version
from applications.actions.reminding import kind_due
from applications.models import Application, Part, Reminder, ReminderKind
from applications.tests.make import make_draft, make_member, make_returned, make_submitted, the_draft
from letters.models import Mail
from rounds.actions import extend_round
from rounds.tests.make import close_round, make_round

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CLOSING = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)  # 24:00 Beijing time


def mails_about(application: Application) -> list[Mail]:
    return list(Mail.objects.filter(thread=application.reference, letter=None).order_by("pk"))


def kinds_of(application: Application) -> list[str]:
    return list(application.reminders.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("since", "now", "kind"),
    [
        (30 * DAY, 7 * DAY + HOUR, None),
        (30 * DAY, 7 * DAY, ReminderKind.WEEK),
        (30 * DAY, 48 * HOUR, ReminderKind.TWO_DAYS),
        (30 * DAY, 6 * HOUR, ReminderKind.HOURS),
        (30 * DAY, timedelta(seconds=1), ReminderKind.HOURS),
        (30 * DAY, timedelta(0), None),  # a submission may still be on its way
        (30 * DAY, -timedelta(minutes=2), ReminderKind.CLOSED),
        (30 * DAY, -8 * DAY, None),
        (6 * DAY, 5 * DAY, None),  # begun after the mark of 7 days: no late mail
        (6 * DAY, 40 * HOUR, ReminderKind.TWO_DAYS),
        (5 * HOUR, 4 * HOUR, None),
        (5 * HOUR, -HOUR, ReminderKind.CLOSED),
    ],
)
def test_the_newest_mark_since_the_draft_was_begun_counts(since: timedelta, now: timedelta, kind: ReminderKind | None) -> None:
    assert kind_due(CLOSING, since=CLOSING - since, now=CLOSING - now) == kind


def test_a_draft_is_reminded_four_times_however_often_the_clock_strikes() -> None:
    application = make_draft()
    closing = application.deadline()
    for before in (9 * DAY, 7 * DAY, 6 * DAY, 47 * HOUR, 20 * HOUR, 5 * HOUR, HOUR, -HOUR, -DAY):
        remind_drafts(now=closing - before)
        remind_drafts(now=closing - before + timedelta(minutes=10))
    assert kinds_of(application) == ["week", "two_days", "hours", "closed"]
    assert [mail.recipient for mail in mails_about(application)] == [application.owner.email] * 4


def test_after_an_outage_only_the_newest_one_is_sent() -> None:
    application = make_draft()
    assert remind_drafts(now=application.deadline() - 3 * HOUR) == 1
    assert kinds_of(application) == ["hours"]


def test_a_complete_draft_hears_that_it_is_not_submitted_in_the_strongest_words() -> None:
    application = make_draft()
    remind_drafts(now=application.deadline() - 47 * HOUR)
    mail = mails_about(application)[0]
    assert mail.subject == f"{application.reference}: complete, but NOT submitted, 1 day, 23 hours left"
    assert "It is complete, but it has NOT been submitted." in mail.body
    assert f"/applications/{application.reference}/check/" in mail.body
    assert "Beijing time (UTC+8)" in mail.body
    assert "UTC" in mail.body


def test_an_incomplete_draft_hears_how_much_is_missing() -> None:
    owner = make_user(time_zone="Europe/Paris")
    application = start_application(make_round(closes_at=timezone.now() + 10 * DAY), by=owner)
    revise_application(the_draft(application), by=owner, seen_revision=0, title="Beads")
    remind_drafts(now=application.deadline() - 7 * DAY)
    mail = mails_about(application)[0]
    assert "things are still missing" in mail.body
    assert "(Europe/Paris)" in mail.body
    assert "Beads" in mail.body
    assert mail.subject.startswith(f"{application.reference}: your draft is not submitted")


def test_the_owner_and_those_who_may_write_are_reminded_each_once() -> None:
    application = make_draft()
    editor, reader = make_member(application, Part.EDIT), make_member(application, Part.READ)
    remind_drafts(now=application.deadline() - 6 * HOUR)
    assert {mail.recipient for mail in mails_about(application)} >= {application.owner.email, editor.email}
    assert reader.email not in [mail.recipient for mail in mails_about(application) if mail.key.startswith("hours:")]


def test_nobody_is_reminded_of_what_was_submitted_or_withdrawn() -> None:
    application = make_submitted()
    assert remind_drafts(now=application.deadline() - HOUR) == 0
    assert remind_drafts(now=application.deadline() + HOUR) == 0


def test_after_the_deadline_one_mail_says_that_it_was_not_submitted_also_once_it_is_marked() -> None:
    application = make_draft()
    close_round(application.round)
    expire_applications()
    closed = Application.objects.get(pk=application.pk).deadline()
    assert remind_drafts(now=closed + timedelta(minutes=3)) == 1
    assert remind_drafts(now=closed + timedelta(minutes=13)) == 0
    body = mails_about(application)[0].body
    assert "was NOT submitted before the deadline" in body
    assert "copied into an application to a later round" in body


def test_a_returned_application_is_reminded_of_its_own_date_and_not_of_what_lay_before_the_return() -> None:
    application = make_returned(correct_in=timedelta(days=5))
    assert remind_drafts(now=timezone.now() + HOUR) == 0  # 7 days before lies before the return
    assert application.correct_by is not None
    assert remind_drafts(now=application.correct_by - 48 * HOUR) == 1
    mail = mails_about(application)[-1]
    assert "The correction has NOT been submitted" in mail.body
    assert "The correction has not been begun." in mail.body


def test_a_new_version_that_is_written_and_not_submitted_is_reminded_and_the_old_one_stands() -> None:
    application = make_submitted()
    version = start_version(application, by=application.owner)
    assert remind_drafts(now=application.deadline() - 6 * HOUR) == 0, "nothing was written in it"
    revise_application(version, by=application.owner, seen_revision=0, title="Other")
    assert remind_drafts(now=application.deadline() - 6 * HOUR) == 1
    assert "the version submitted before stands" in mails_about(application)[-1].body


# --- Extension ------------------------------------------------------------------------------------------------------------


def extend(application: Application, by: timedelta) -> None:
    closes_at = application.deadline() + by
    extend_round(application.round, closes_at=closes_at, notice_en="Power cut.", notice_zh="停电。", by=make_user())
    application.round.refresh_from_db()


def test_an_extension_tells_whoever_has_a_draft_and_the_reminders_follow_the_new_deadline() -> None:
    application = make_draft()
    extend(application, 3 * DAY)
    now = timezone.now()
    assert remind_drafts(now=now) == 1
    assert remind_drafts(now=now) == 0
    mail = mails_about(application)[0]
    assert "The round now closes later." in mail.body
    assert "Power cut." in mail.body
    assert remind_drafts(now=application.deadline() - 7 * DAY) == 1
    assert kinds_of(application) == ["extended", "week"]


def test_an_extension_says_the_deadline_once_and_not_the_reminder_of_a_mark_that_lay_before_it() -> None:
    application = make_draft(make_round(closes_at=timezone.now() + HOUR))
    extend(application, 30 * HOUR)
    assert remind_drafts(now=timezone.now()) == 1
    assert remind_drafts(now=timezone.now() + HOUR) == 0
    assert kinds_of(application) == ["extended"]


def test_a_draft_begun_after_the_extension_hears_nothing_of_it() -> None:
    round = make_round()
    extend(make_draft(round), DAY)
    later = make_draft(round)
    remind_drafts()
    assert kinds_of(later) == []


def test_a_mail_in_chinese_names_the_deadline_as_notices_do() -> None:
    application = make_draft(make_round(closes_at=CLOSING) if timezone.now() < CLOSING else None, owner=make_user(language="zh-hans"))
    remind_drafts(now=application.deadline() - 6 * HOUR)
    mail = mails_about(application)[0]
    assert mail.subject.startswith(f"{application.reference}：")
    assert "北京时间" in mail.body


def test_the_job_of_the_clock_reminds() -> None:
    application = make_draft(make_round(closes_at=timezone.now() + 10 * DAY))
    assert jobs.remind() == 0
    assert not application.reminders.exists()


def test_the_question_who_must_be_reminded_costs_the_same_for_one_draft_and_for_three() -> None:
    round = make_round()
    assert round.closes_at is not None
    owner: User = make_user()
    counts = []
    for more in (1, 2):
        for _each in range(more):
            make_draft(round, owner=owner)
        with CaptureQueriesContext(connection) as queries:
            remind_drafts(now=round.closes_at - 9 * DAY)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_clocks_that_strike_at_once_send_one_reminder() -> None:
    application = make_draft()
    now = application.deadline() - 6 * HOUR

    def strike(_number: int) -> int:
        try:
            return remind_drafts(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clocks:
        assert sum(clocks.map(strike, range(4))) == 1
    assert Reminder.objects.count() == 1
    assert len(mails_about(application)) == 1
