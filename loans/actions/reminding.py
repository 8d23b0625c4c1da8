"""Mails about the time to sign: when it begins, at half time, two working days before the end, on the last day, and once after it."""

from datetime import date, datetime

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from letters.actions import write_mail
from loans import mails
from loans.models import Agreement, AgreementReminder, ReminderKind, office_calendar
from loans.workdays import Calendar, beijing_date

log = structlog.get_logger()
NEAR = 2  # working days before the last one
AT_ONCE = 400  # reminders of one stroke of the clock; the next one goes on
LOOK_BACK = 7  # days after the last one: later nobody is told that it has passed


@transaction.atomic
def tell(agreement: Agreement, kind: ReminderKind, *, now: datetime) -> bool:
    """Write the reminder and its mail, unless it was written before; whether it was written now."""
    try:
        with transaction.atomic():
            AgreementReminder(agreement=agreement, kind=kind, due_on=agreement.due_on, at=now).save(force_insert=True)
    except IntegrityError:
        return False
    owner = agreement.application.owner
    if owner.is_active:
        said = mails.about_signing(agreement, kind, to=owner, today=beijing_date(now))
        key = f"signing:{kind}:{agreement.reference}:{agreement.due_on:%Y%m%d}:{owner.pk}"
        write_mail(key=key, to=owner, reference=agreement.application.reference, subject=said.subject, text=said.text)
    return True


def days_of_reminders(agreement: Agreement, calendar: Calendar, *, since: date) -> list[tuple[ReminderKind, date]]:
    """From which day on each reminder is due, in their order; one that would fall on the day of the notice or of the extension is left out."""
    due_on = agreement.due_on
    days = calendar.between(since, due_on)
    planned = [(ReminderKind.NEAR, calendar.before(due_on, NEAR)), (ReminderKind.LAST_DAY, due_on)]
    if days >= 2 * (NEAR + 1):  # with less time half of it is as good as the end
        planned.insert(0, (ReminderKind.HALF, calendar.after(since, days // 2)))
    return [(kind, day) for kind, day in planned if day > since]


def due_reminder(agreement: Agreement, calendar: Calendar, *, since: date, now: datetime) -> ReminderKind | None:
    """The newest reminder whose day has come. What was missed is not made up for."""
    today = beijing_date(now)
    if agreement.has_passed(now):
        return ReminderKind.PASSED if (today - agreement.due_on).days <= LOOK_BACK else None
    come = [kind for kind, day in days_of_reminders(agreement, calendar, since=since) if day <= today]
    return come[-1] if come else None


def remind_of_signing(*, now: datetime | None = None) -> int:
    """Remind whoever must be reminded by now; how many mails were written. One that fails stops no other."""
    now, calendar, reminded = now or timezone.now(), office_calendar(), 0
    for agreement in Agreement.objects.to_remind():
        told = [reminder for reminder in agreement.reminders.all() if reminder.due_on == agreement.due_on]
        begun = [beijing_date(reminder.at) for reminder in told if reminder.kind in (ReminderKind.NOTICE, ReminderKind.EXTENDED)]
        kind = due_reminder(agreement, calendar, since=max(begun, default=agreement.noticed_on), now=now)
        if kind is None or any(reminder.kind == kind for reminder in told):
            continue
        if not Agreement.objects.open().filter(pk=agreement.pk, due_on=agreement.due_on).exists():
            continue  # signed, extended or withdrawn while the others were told
        try:
            reminded += tell(agreement, kind, now=now)
        except Exception:
            log.exception("signing_reminder_failed", agreement=agreement.pk)
        if reminded >= AT_ONCE:
            break
    return reminded
