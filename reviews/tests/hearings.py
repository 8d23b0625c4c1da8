"""Hearings and meetings for tests, made by the same actions that people use."""

import io
from datetime import timedelta
from typing import Any, cast

from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.files.store import put
from applications.models import Application, Scan, Upload
from applications.tests.pdfs import good
from reviews.actions import HearingDates, invite_to_hearing, note_meeting, set_hearing
from reviews.models import Conflict, Deck, Hearing, Meeting, Seat, Slot, Standing
from reviews.tests.make import make_cases, seen_again
from rounds.models import Round


def dates(**said: Any) -> HearingDates:
    """In ten days, to be confirmed within three and with slides within five."""
    now = timezone.now().replace(microsecond=0)
    usual = {
        "starts_at": now + timedelta(days=10),
        "place_en": "Wuhan, Hall 2",
        "place_zh": "武汉二号厅",
        "talk_minutes": 8,
        "question_minutes": 7,
        "pause_minutes": 0,
        "confirm_by": now + timedelta(days=3),
        "slides_due_at": now + timedelta(days=5),
    }
    return cast(HearingDates, usual | said)


def make_hearing(round: Round, by: User | None = None, **said: Any) -> Hearing:
    return set_hearing(round, by=by or make_user(None, Role.OFFICER), said=dates(**said))


def make_slot(application: Application | None = None, *, by: User | None = None, **said: Any) -> Slot:
    """An application that is invited to a hearing of its own."""
    (application,) = [application] if application else make_cases(1)
    hearing = make_hearing(application.round, by, **said)
    (slot,) = invite_to_hearing(hearing, [seen_again(application)], by=by or make_user(None, Role.OFFICER))
    return slot_again(slot)


def slot_again(slot: Slot) -> Slot:
    return Slot.objects.for_list().select_related("hearing__round", "application__round").get(pk=slot.pk)


def let_begin(hearing: Hearing, ago: timedelta = timedelta(minutes=1)) -> None:
    """As if the day had come."""
    moment = timezone.now() - ago
    Hearing.objects.filter(pk=hearing.pk).update(starts_at=moment, confirm_by=moment - timedelta(days=5), slides_due_at=moment - timedelta(days=3))
    hearing.refresh_from_db()


def let_pass(hearing: Hearing, *names: str) -> None:
    """As if a date of the hearing had just passed."""
    Hearing.objects.filter(pk=hearing.pk).update(**dict.fromkeys(names, timezone.now() - timedelta(seconds=1)))


def make_seat(round: Round, user: User | None = None, **fields: Any) -> Seat:
    seat, _created = Seat.objects.get_or_create(round=round, user=user or make_user(None, Role.EXPERT), defaults=fields)
    return seat


def make_meeting(round: Round, *, members: int = 9, seats: tuple[Seat, ...] = (), by: User | None = None) -> Meeting:
    """A meeting of today with so many members, and whoever else is named."""
    people = [make_seat(round) for _ in range(members)]
    by = by or make_user(None, Role.OFFICER)
    return note_meeting(round, [*people, *seats], by=by, held_on=timezone.localdate(), place_en="Beijing", place_zh="北京")


def shut_out_of(user: User, application: Application) -> None:
    """As if the person had declared a conflict."""
    words = {"standing": Standing.CONFLICT, "note": "Co-author", "declared_at": timezone.now()}
    Conflict.objects.update_or_create(user=user, application=application, defaults=words)


def make_deck(slot: Slot) -> Deck:
    """Slides that were handed in, without the seconds that an examination takes."""
    by = slot.application.owner
    stored, digest = put(io.BytesIO(good(words=f"slides {slot.pk}")))
    cleaned, cleaned_digest = put(io.BytesIO(good()))
    names = {"stored": stored, "digest": digest, "cleaned": cleaned, "cleaned_digest": cleaned_digest}
    upload = Upload.objects.create(size=1000, pages=1, scan=Scan.CLEAN, by=by, kept_at=timezone.now(), **names)
    Slot.objects.filter(pk=slot.pk).update(slides=upload, slides_at=upload.at)
    return Deck.objects.create(slot=slot, upload=upload, name="talk.pdf", by=by)
