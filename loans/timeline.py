"""What has happened to an agreement and what is to come, on one line of time: notice, reminders, more time, signature, certificate, lapse."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from applications.timeline import TimelineStep
from letters.models import Letter
from loans import workflow as steps
from loans.models import Agreement, ReminderKind
from loans.words import HAND_OUT_DAYS
from loans.workdays import end_of


def letters_of(agreement: Agreement) -> list[Letter]:
    """The letters of this loan that may be known: notice, certificate, lapse, each also as it was written again."""
    return list(Letter.objects.visible().of_purposes((agreement.notice_key, agreement.certificate_key, agreement.lapse_key)))


def letter_address(letter: Letter, agreement: Agreement, reader: User) -> str:
    """Where this reader opens the letter: the borrower under letters, the office through the case, others nowhere."""
    application = agreement.application
    if application.owner_id == reader.pk:
        return reverse("letters:letter", args=[letter.number])
    if reader.is_in_office and letter.is_printed:
        return reverse("reviews:letter_pdf", args=[application.round.slug, letter.number])
    return ""


def timeline(agreement: Agreement, letters: Sequence[Letter], *, reader: User) -> list[TimelineStep]:
    """What happened in its order, then what is to come. Read with for_page()."""
    done = [*_happened(agreement), *_letters(agreement, letters, reader)]
    done.sort(key=lambda step: step.at or agreement.made_at)
    return [replace(step, is_done=True) for step in done] + _ahead(agreement)


def _happened(agreement: Agreement) -> Iterator[TimelineStep]:
    for reminder in agreement.reminders.all():
        if reminder.kind != ReminderKind.EXTENDED:
            yield TimelineStep(_("Mail to the applicant: %(what)s") % {"what": reminder.get_kind_display()}, at=reminder.at)
    for extension in agreement.extensions.all():
        yield TimelineStep(_("More time to sign"), at=extension.at, until=end_of(extension.due_on), note=extension.reason)
    for change in agreement.history.all():
        if change.move == steps.SIGN.name:
            words = {"day": _day(agreement), "first": agreement.legal_representative, "second": agreement.responsible_user}
            yield TimelineStep(_("Loan Agreement signed on %(day)s: %(first)s, %(second)s") % words, at=change.at)
        elif change.move == steps.LAPSE.name:
            yield TimelineStep(_("Lapsed: the agreement was not signed in time"), at=change.at, note=change.note)
        elif change.move == steps.END.name:
            yield TimelineStep(_("The application was withdrawn"), at=change.at)


def _day(agreement: Agreement) -> str:
    assert agreement.signed_on is not None
    return date_format(agreement.signed_on, "DATE_FORMAT")


def _letters(agreement: Agreement, letters: Sequence[Letter], reader: User) -> Iterator[TimelineStep]:
    labels = {
        agreement.notice_key: _("Notice of the decision, letter %(number)s"),
        agreement.certificate_key: _("Lunar sample certificate, %(number)s"),
        agreement.lapse_key: _("Letter about the lapse, %(number)s"),
    }
    for letter in letters:
        label = labels[letter.purpose] % {"number": letter.number}
        standing = "" if letter.is_valid else letter.get_status_display()
        yield TimelineStep(label, at=letter.visible_at, url=letter_address(letter, agreement, reader), note=standing)


def _ahead(agreement: Agreement) -> list[TimelineStep]:
    sign = TimelineStep(_("Sign the Loan Agreement"), until=agreement.deadline, is_current=True)
    certificate = TimelineStep(_("Lunar sample certificate"))
    hand_out = TimelineStep(_("Hand-out by the main curatorial agency, in person (Art. 20)"))
    if agreement.is_overdue:
        return [TimelineStep(_("The time to sign has passed: the office decides"), is_current=True)]
    if agreement.is_open:
        return [sign, certificate, hand_out]
    if agreement.is_signed and agreement.signed_on is not None:
        return [replace(hand_out, until=end_of(agreement.signed_on + timedelta(days=HAND_OUT_DAYS)), is_current=True)]
    return []
