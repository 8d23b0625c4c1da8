"""The meeting is noted with everybody who is present. Attendance only grows: votes are counted among those who were noted."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from reviews.models import Attendance, Meeting, Seat
from rounds.models import Round
from workflow.transitions import NotPossibleNow


@transaction.atomic
def note_meeting(round: Round, seats: Sequence[Seat], *, by: User, held_on: date, place_en: str = "", place_zh: str = "") -> Meeting:
    """A meeting of this round's committee. Votes entered from now on are counted in it; one noted earlier keeps its votes."""
    if not seats:
        raise NotPossibleNow(_("Mark who is present."))
    if held_on > timezone.localdate():
        raise NotPossibleNow(_("The meeting cannot lie in the future: note it when it is held."))
    meeting = Meeting(round=round, held_on=held_on, place_en=place_en, place_zh=place_zh, noted_by=by)
    meeting.save(force_insert=True)
    note_attendance(meeting, seats, by=by)
    return meeting


@transaction.atomic
def note_attendance(meeting: Meeting, seats: Sequence[Seat], *, by: User) -> int:
    """Somebody came later; how many are new. Nobody is taken off again: note the meeting anew if somebody was marked by mistake."""
    if any(seat.round_id != meeting.round_id for seat in seats):
        raise NotPossibleNow
    known = set(Attendance.objects.filter(meeting=meeting).values_list("seat_id", flat=True))
    rows = [Attendance(meeting=meeting, seat=seat, is_invited=seat.is_invited) for seat in seats if seat.pk not in known]
    Attendance.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
