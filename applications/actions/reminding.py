"""Reminders about what is written and not submitted: a week, two days and six hours before the deadline, and once after it."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from applications import mails
from applications.actions.checking import missing_parts
from applications.models import Application, Reminder, ReminderKind
from applications.workflow import Status
from letters.actions import write_mail
from rounds.models import Extension

log = logging.getLogger(__name__)

# How long before the deadline. The last one waits until a submission judged in time has arrived (see jobs.IN_FLIGHT).
LEADS = (
    (ReminderKind.WEEK, timedelta(days=7)),
    (ReminderKind.TWO_DAYS, timedelta(hours=48)),
    (ReminderKind.HOURS, timedelta(hours=6)),
    (ReminderKind.CLOSED, -timedelta(minutes=2)),
)
LOOK_BACK = timedelta(days=7)  # after a longer outage nobody is told of a deadline of old
AT_ONCE = 400  # reminders of one stroke of the clock; the next one goes on


def remind_drafts(*, now: datetime | None = None) -> int:
    """Remind whoever must be reminded by now, one transaction each; how many. What was missed is not made up for: only the newest counts."""
    now = now or timezone.now()
    due = [(application, found) for application in Application.objects.to_remind(now, LOOK_BACK) if (found := _due(application, now))]
    reminded = 0
    for application, (kind, extension) in due[:AT_ONCE]:
        try:
            reminded += _remind(application, kind, extension, now)
        except Exception:
            log.exception("No reminder about %s", application.reference)
    return reminded


def _due(application: Application, now: datetime) -> tuple[ReminderKind, Extension | None] | None:
    """The newest reminder whose moment has come and that was not sent."""
    deadline = application.deadline()
    sent = {reminder.kind for reminder in application.reminders.all() if reminder.deadline_at == deadline}
    extension = _extension(application, application.round.extensions.all())
    if extension and now < deadline and ReminderKind.EXTENDED not in sent:
        return ReminderKind.EXTENDED, extension
    kind = kind_due(deadline, since=max(application.begun_at, extension.at) if extension else application.begun_at, now=now)
    return (kind, None) if kind and kind not in sent else None


def kind_due(deadline: datetime, *, since: datetime, now: datetime) -> ReminderKind | None:
    """The newest of the reminders whose moment lies between the begin of the draft (or of this deadline) and now."""
    passed = [kind for kind, lead in LEADS if since <= deadline - lead <= now]
    if not passed or now > deadline + LOOK_BACK:
        return None
    kind = passed[-1]
    return kind if kind == ReminderKind.CLOSED or now < deadline else None


def _extension(application: Application, extensions: Iterable[Extension]) -> Extension | None:
    """The extension that made the present deadline of a draft that was there before it."""
    made = [row for row in extensions if row.closes_at == application.deadline() and row.at > application.started_at]
    return made[-1] if made and application.correct_by is None else None


@transaction.atomic
def _remind(seen: Application, kind: ReminderKind, extension: Extension | None, now: datetime) -> bool:
    """Write the reminder and its mails, unless another stroke of the clock was faster or the draft was submitted meanwhile."""
    application = Application.objects.for_applicant().get(pk=seen.pk)
    deadline = application.deadline()
    if application.status != seen.status or deadline != seen.deadline() or (application.draft is None and application.status == Status.SUBMITTED):
        return False
    try:
        with transaction.atomic():
            Reminder(application=application, kind=kind, deadline_at=deadline, at=now).save(force_insert=True)
    except IntegrityError:
        return False
    standing = mails.Standing(
        application,
        kind,
        deadline,
        now,
        missing=len(missing_parts(application.draft)) if application.draft else None,
        notice=(extension.notice_en, extension.notice_zh) if extension else ("", ""),
    )
    for person in mails.writers_of(application):
        said = mails.reminder(standing, to=person)
        key = f"{kind}:{application.reference}:{deadline:%Y%m%d%H%M%S}:{person.pk}"
        write_mail(key=key, to=person, reference=application.reference, subject=said.subject, text=said.text)
    return True
