"""Questions of the office to the applicant, and their answers, in the same place."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import mails
from applications import workflow as steps
from applications.models import Application, Enquiry
from letters.actions import write_mail
from workflow.transitions import NotPossibleNow

LONGEST_QUESTION = 5_000  # characters
LONGEST_ANSWER = 20_000


class NotAskedNow(Exception):
    """The office asks only about what is still to be decided. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("Nothing can be asked about this application any more: it is decided or closed."))


class AnswerDatePassed(Exception):
    """A question needs a date in the future, or none. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("Give a date in the future, or none."))


class AnsweredAlready(Exception):
    """A question is answered once; the answer that stands is not overwritten. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This question was answered already. The answer that was sent stands; if it has to be changed, write to the office."))


@transaction.atomic
def ask_applicant(application: Application, *, by: User, text: str, answer_by: datetime | None = None) -> Enquiry:
    """Put a question to the applicant. It stands on the application's page; a mail says so to everybody who may answer."""
    now = timezone.now()
    if answer_by is not None and answer_by <= now:
        raise AnswerDatePassed
    if not Application.objects.filter(pk=application.pk, status__in=steps.ASKABLE).exists():
        raise NotAskedNow
    enquiry = Enquiry(application=application, text=text, answer_by=answer_by, asked_by=by, asked_at=now)
    enquiry.save(force_insert=True)
    for person in mails.writers_of(application):
        said = mails.question(enquiry, to=person)
        write_mail(key=f"enquiry:{enquiry.pk}:{person.pk}", to=person, reference=application.reference, subject=said.subject, text=said.text)
    return enquiry


@transaction.atomic
def answer_enquiry(enquiry: Enquiry, *, by: User, text: str) -> None:
    """Answer once, also after the day that was asked for, as long as the applicant sees the application as open."""
    application = Application.objects.get(pk=enquiry.application_id)
    if application.shown_status in steps.CLOSED:
        raise NotPossibleNow(_("The application is closed, so the answer is not needed any more."))
    unanswered = Enquiry.objects.open().filter(pk=enquiry.pk)
    if not unanswered.update(answer=text, answered_by=by, answered_at=timezone.now()):
        raise AnsweredAlready


@transaction.atomic
def read_answer(enquiry: Enquiry, *, by: User) -> None:
    """Note that the office has read the answer; the first reader counts."""
    Enquiry.objects.unread().filter(pk=enquiry.pk).update(read_at=timezone.now(), read_by=by)
