"""A hearing is set, applications are invited to it, the order is changed, and what became of each is noted."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import workflow as application_steps
from applications.actions import withdraw_application
from applications.mails import writers_of
from applications.models import Application
from letters.actions import supersede_letter, write_letter
from letters.models import Letter
from letters.workflow import Status as LetterStatus
from reviews import hearing_words as words
from reviews import workflow as steps
from reviews.actions.situations import ApartNeeded, HearingImpossible, TooLate
from reviews.models import Decision, Departure, Hearing, Seat, Slot, readers_of_hearings, shut_out
from rounds.models import Round
from workflow.transitions import NotPossibleNow

ASIDE = 10_000  # where the rows of a hearing wait while their order is changed: no position may be taken twice, not even for a moment
KIND = "invitation"


class HearingDates(TypedDict):
    """All that the office says about a hearing."""

    starts_at: datetime
    place_en: str
    place_zh: str
    talk_minutes: int
    question_minutes: int
    pause_minutes: int
    confirm_by: datetime
    slides_due_at: datetime


def _refuse_impossible(said: HearingDates) -> None:
    now = timezone.now()
    if said["confirm_by"] > said["starts_at"] or said["slides_due_at"] > said["starts_at"]:
        raise HearingImpossible(_("The dates to confirm and to hand in slides must lie before the hearing begins."))
    if min(said["confirm_by"], said["slides_due_at"]) <= now:
        raise HearingImpossible(_("The dates to confirm and to hand in slides must lie ahead."))


@transaction.atomic
def set_hearing(round: Round, *, by: User, said: HearingDates) -> Hearing:
    """Set a day on which applications are heard. Nobody is invited yet, and nobody else sees it before somebody is."""
    _refuse_impossible(said)
    hearing = Hearing(round=round, set_by=by, **said)
    hearing.save(force_insert=True)
    return hearing


def _wait_for(hearing: Hearing) -> Hearing:
    """Changes nothing but waits at the row: who invites or orders at the same time comes one after the other and sees what was done."""
    if not Hearing.objects.filter(pk=hearing.pk).update(set_at=F("set_at")):
        raise NotPossibleNow
    return Hearing.objects.select_related("round").get(pk=hearing.pk)


@transaction.atomic
def invite_to_hearing(hearing: Hearing, applications: Sequence[Application], *, by: User) -> list[Slot]:
    """Invite applications in review, in the order given, after those invited before: all or none, each with its letter.

    A hearing never mixes applications of which different people of the office must not know (ApartNeeded), because the times between
    the rows that somebody sees would tell of the one that is left out.
    """
    hearing = _wait_for(hearing)
    if not hearing.takes_answers:
        raise TooLate(_("The date to confirm has passed. Set another hearing."))
    if not applications or any(application.round_id != hearing.round_id for application in applications):
        raise NotPossibleNow
    before = Application.objects.filter(slot__hearing=hearing)[:1]  # one speaks for all that are there
    together = [*before, *applications]
    if len({frozenset(person.pk for person in people) for people in shut_out(readers_of_hearings(hearing.round), together).values()}) > 1:
        raise ApartNeeded
    for application in sorted(applications, key=lambda each: each.pk):  # always in the same order: two who invite the same never wait in a circle
        application.advance(application_steps.INVITE, by=by)
    last = Slot.objects.filter(hearing=hearing).aggregate(last=Max("position"))["last"]
    slots = []
    for position, application in enumerate(applications, start=0 if last is None else last + 1):
        slot = Slot(hearing=hearing, application=application, position=position)
        try:
            with transaction.atomic():
                slot.save(force_insert=True)
        except IntegrityError:
            raise NotPossibleNow from None
        _write_invitation(slot, by=by)
        slots.append(slot)
    return slots


def _write_invitation(slot: Slot, *, by: User) -> Letter:
    """The letter with the slot as it is now; one that stood before is superseded."""
    application = slot.application
    earlier = Letter.objects.filter(reference=application.reference, kind=KIND)
    number = earlier.count() + 1
    old = earlier.filter(status=LetterStatus.VALID).order_by("-pk").first()
    letter = write_letter(
        key=f"invitation:{application.reference}:{number}",
        kind=KIND,
        reference=application.reference,
        words=words.invited(slot, is_changed=old is not None),
        readers=writers_of(application),
        by=by,
    )
    if old is not None:
        supersede_letter(old, letter, by=by)
    return letter


@transaction.atomic
def order_slots(hearing: Hearing, order: Sequence[Slot], *, by: User) -> int:
    """Change the order. Whoever is still expected and gets another time gets a new letter in place of the one before; how many did."""
    hearing = _wait_for(hearing)
    if hearing.has_begun:
        raise TooLate(_("The hearing has begun: its order stands."))
    rows = {slot.pk: slot for slot in Slot.objects.filter(hearing=hearing).select_related("application__round", "application__owner")}
    if sorted(rows) != sorted(slot.pk for slot in order):
        raise NotPossibleNow
    moved = [rows[slot.pk] for position, slot in enumerate(order) if rows[slot.pk].position != position]
    places = {slot.pk: position for position, slot in enumerate(order)}
    Slot.objects.filter(pk__in=[slot.pk for slot in moved]).update(position=F("position") + ASIDE)
    for slot in moved:
        Slot.objects.filter(pk=slot.pk).update(position=places[slot.pk])
        slot.position = places[slot.pk]
    return _tell_again(moved, hearing, by=by)


@transaction.atomic
def revise_hearing(hearing: Hearing, *, by: User, said: HearingDates) -> int:
    """Change day, place, times or dates; everybody still expected gets a new letter. How many did."""
    hearing = _wait_for(hearing)
    if hearing.has_begun:
        raise TooLate(_("The hearing has begun: nothing of it can be changed."))
    _refuse_impossible(said)
    changed = {name: value for name, value in said.items() if getattr(hearing, name) != value}
    if not changed:
        return 0
    Hearing.objects.filter(pk=hearing.pk).update(**changed)
    hearing.refresh_from_db()
    rows = Slot.objects.filter(hearing=hearing).select_related("application__round", "application__owner").order_by("position")
    return _tell_again(rows, hearing, by=by)


def _tell_again(slots: Iterable[Slot], hearing: Hearing, *, by: User) -> int:
    told = 0
    for slot in slots:
        slot.hearing = hearing
        if slot.is_expected and slot.application.status == application_steps.Status.INVITED:
            _write_invitation(slot, by=by)
            told += 1
    return told


@transaction.atomic
def note_heard(slot: Slot, *, by: User) -> None:
    """The application was presented and questions were answered."""
    _refuse_not_invited(slot)
    if not slot.hearing.has_begun:
        raise NotPossibleNow(_("The hearing has not begun yet."))
    slot.advance(steps.HEAR, by=by)


@transaction.atomic
def miss_hearing(slot: Slot, *, by: User, note: str = "") -> None:
    """The office confirms that nobody took part: it counts as withdrawal. Status, held mass, letter and slot, all or nothing."""
    _refuse_not_invited(slot)
    if slot.status != steps.T.CANCELLED and not slot.hearing.has_begun:
        raise NotPossibleNow(_("The hearing has not begun yet."))
    if Decision.objects.filter(application_id=slot.application_id, status=steps.D.RECORDED).exists():
        raise NotPossibleNow(_("A decision is recorded on this application. Retract it first."))
    withdraw_application(slot.application, by=by, note=note)  # the application's row first, as everywhere
    slot.advance(steps.MISS, by=by, note=note)
    write_letter(
        key=f"missed:{slot.application.reference}",
        kind="missed",
        reference=slot.application.reference,
        words=words.missed(slot, note=note),
        readers=[slot.application.owner],
        by=by,
    )


def _refuse_not_invited(slot: Slot) -> None:
    status = Application.objects.values_list("status", flat=True).get(pk=slot.application_id)
    if status != application_steps.Status.INVITED:
        raise NotPossibleNow(_("The application is no longer invited: it was withdrawn or decided."))


@transaction.atomic
def note_departure(application: Application, user: User, *, by: User) -> Departure:
    """A member of the committee left the room while this application was heard or voted on. Noted once."""
    if not Seat.objects.of_round(application.round).filter(user=user).exists():
        raise NotPossibleNow
    try:
        with transaction.atomic():
            departure = Departure(application=application, user=user, noted_by=by)
            departure.save(force_insert=True)
    except IntegrityError:
        return Departure.objects.get(application=application, user=user)
    return departure
