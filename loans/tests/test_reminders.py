"""The mails about the time to sign: each once, only the newest, none after the signature."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from letters.models import Mail
from loans.actions import extend_agreement, remind_of_signing, sign_agreement
from loans.actions.reminding import days_of_reminders
from loans.models import Agreement, ReminderKind
from loans.tests.make import at, make_agreement, seen_again, sign_words
from loans.workdays import Calendar

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    return [key.split(":")[1] for key in Mail.objects.filter(key__startswith="signing:").order_by("pk").values_list("key", flat=True)]


def test_the_days_of_the_reminders_of_ten_working_days() -> None:
    agreement = Agreement(noticed_on=date(2026, 11, 20), due_on=date(2026, 12, 4), working_days=10)
    assert days_of_reminders(agreement, Calendar(), since=agreement.noticed_on) == [
        (ReminderKind.HALF, date(2026, 11, 27)),
        (ReminderKind.NEAR, date(2026, 12, 2)),
        (ReminderKind.LAST_DAY, date(2026, 12, 4)),
    ]


def test_a_short_time_has_no_half_and_nothing_falls_on_the_notice() -> None:
    agreement = Agreement(noticed_on=date(2026, 11, 20), due_on=date(2026, 11, 24), working_days=2)
    assert days_of_reminders(agreement, Calendar(), since=agreement.noticed_on) == [(ReminderKind.LAST_DAY, date(2026, 11, 24))]


def test_each_reminder_is_written_once_and_what_was_missed_is_not_made_up_for() -> None:
    agreement = make_agreement()
    calendar = Calendar()
    half, near, last = (day for _kind, day in days_of_reminders(agreement, calendar, since=agreement.noticed_on))
    assert remind_of_signing(now=at(half - timedelta(days=1))) == 0
    assert remind_of_signing(now=at(half)) == 1
    assert remind_of_signing(now=at(half)) == 0
    assert remind_of_signing(now=at(last)) == 1  # the one before was missed
    assert remind_of_signing(now=at(last + timedelta(days=1))) == 1
    assert remind_of_signing(now=at(last + timedelta(days=2))) == 0
    assert kinds() == ["notice", "half", "last_day", "passed"]
    assert near < last


def test_long_after_the_end_nobody_is_told_that_it_has_passed() -> None:
    agreement = make_agreement()
    assert remind_of_signing(now=at(agreement.due_on + timedelta(days=30))) == 0


def test_more_time_begins_the_reminders_anew() -> None:
    agreement = make_agreement()
    now = timezone.now()
    later = Calendar().after(agreement.due_on, 10)
    extend_agreement(agreement, by=make_user(None, Role.OFFICER), due_on=later, reason="Travelling.")
    assert remind_of_signing(now=now) == 0
    assert remind_of_signing(now=at(later)) == 1
    assert kinds() == ["notice", "extended", "last_day"]


def test_nobody_is_reminded_after_the_signature_and_the_mail_speaks_the_readers_language() -> None:
    agreement = make_agreement()
    owner = agreement.application.owner
    owner.language = "zh-hans"
    owner.save(update_fields=["language"])
    last = agreement.due_on
    assert remind_of_signing(now=at(last)) == 1
    mail = Mail.objects.get(key__startswith="signing:last_day")
    assert mail.language == "zh-hans"
    sign_agreement(seen_again(agreement), by=make_user(None, Role.OFFICER), **sign_words(agreement))  # type: ignore[arg-type]
    assert remind_of_signing(now=at(last + timedelta(days=1))) == 0
