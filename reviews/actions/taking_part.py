"""What an applicant does with an invitation: confirms, says no, hands in slides or the address of a video. And the reminders about it."""

import logging
from datetime import datetime, timedelta
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions import checked_upload, keep_upload
from applications.files.names import cleaned_name
from applications.files.store import drop
from applications.mails import writers_of
from applications.workflow import Status
from letters.actions import write_mail
from reviews import hearing_mails as mails
from reviews import workflow as steps
from reviews.actions.situations import TooLate
from reviews.models import Deck, Slot, Way
from workflow.transitions import NotPossibleNow

log = logging.getLogger(__name__)
LEAD = timedelta(days=2)  # before a date of the hearing


def _fresh(slot: Slot) -> Slot:
    """The slot as it is now, while its application is invited as far as the applicant knows."""
    fresh: Slot = Slot.objects.of_application(slot.application).get()
    if fresh.application.shown_status != Status.INVITED:
        raise NotPossibleNow(_("The application is no longer invited to a hearing. Its page says how it stands."))
    return fresh


@transaction.atomic
def confirm_hearing(slot: Slot, *, by: User, way: Way, speaker: str) -> None:
    """Take part, in this way and with this speaker; again to change either, until the date to confirm."""
    slot = _fresh(slot)
    if not slot.hearing.takes_answers:
        raise TooLate(_("The date to confirm has passed. Nothing was changed; please write to the office."))
    slot.advance(steps.CONFIRM, by=by, way=way, speaker=speaker, answered_at=timezone.now())


@transaction.atomic
def cancel_hearing(slot: Slot, *, by: User, note: str = "") -> None:
    """Say that nobody will come. The application counts as withdrawn only once the office has confirmed it."""
    slot = _fresh(slot)
    if slot.hearing.has_begun:
        raise TooLate(_("The hearing has begun. Please write to the office."))
    slot.advance(steps.CANCEL, by=by, note=note, answered_at=timezone.now())


def _refuse_late(slot: Slot) -> Slot:
    slot = _fresh(slot)
    if not slot.is_expected:
        raise NotPossibleNow(_("You are no longer expected in the hearing, so nothing can be handed in."))
    if not slot.hearing.takes_slides:
        raise TooLate(_("The date for slides has passed. Nothing was changed: what was handed in before stands."))
    return slot


def hand_in_slides(slot: Slot, *, by: User, data: File[bytes] | IO[bytes], name: str) -> Deck:
    """Check a PDF, store it with its clean copy, and make it the slides that count; earlier ones are kept.

    The check takes seconds and happens outside the transaction; the clock judges when the row is written.
    Raises FileRefused, NotStored, TooLate or NotPossibleNow; then nothing is kept.
    """
    _refuse_late(slot)
    upload = checked_upload(data, by=by, name=name)
    try:
        with transaction.atomic():
            slot, now = _refuse_late(slot), timezone.now()
            upload.kept_at = now
            keep_upload(upload)
            deck = Deck(slot=slot, upload=upload, name=cleaned_name(name), by=by, at=now)
            deck.save(force_insert=True)
            due = Slot.objects.filter(pk=slot.pk, status=slot.status, hearing__slides_due_at__gt=now)
            if not due.update(slides=upload, slides_at=now):
                raise NotPossibleNow
    except Exception:
        drop(upload.stored, upload.cleaned)
        raise
    return deck


@transaction.atomic
def give_video_address(slot: Slot, *, by: User, address: str) -> None:
    """Where the recorded video lies; the form has seen to it that it is an https address. An empty one takes it back."""
    slot = _refuse_late(slot)
    due = Slot.objects.filter(pk=slot.pk, status=slot.status, hearing__slides_due_at__gt=timezone.now())
    if not due.update(video_address=address):
        raise NotPossibleNow


# --- By clock -------------------------------------------------------------------------------------------------------------


def remind_of_hearings(*, now: datetime | None = None) -> int:
    """Two days before each date, mails to the teams that have not answered or not handed in anything; how many teams were written to."""
    now = now or timezone.now()
    reminded = 0
    for slot in Slot.objects.to_remind(now, LEAD):
        try:
            reminded += _remind(slot, now)
        except Exception:
            log.exception("No reminder about the hearing of %s", slot.application.reference)
    return reminded


@transaction.atomic
def _remind(slot: Slot, now: datetime) -> bool:
    """The key names the date, so a date that was moved is reminded of anew and nothing is said twice."""
    hearing, application = slot.hearing, slot.application
    wanted = []
    if slot.status == steps.T.INVITED and now < hearing.confirm_by <= now + LEAD:
        wanted.append(("confirm", hearing.confirm_by))
    if slot.lacks_material and now < hearing.slides_due_at <= now + LEAD:
        wanted.append(("slides", hearing.slides_due_at))
    for about, date in wanted:
        for person in writers_of(application):
            said = mails.hearing_reminder(slot, about, to=person)
            key = f"hearing-{about}:{application.reference}:{date:%Y%m%d%H%M%S}:{person.pk}"
            write_mail(key=key, to=person, reference=application.reference, subject=said.subject, text=said.text)
    return bool(wanted)
