"""The meeting of the committee: who was present, and the minutes."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications.post import NotPrintedNow
from applications.views.files import pdf_answer, refuse_embedding
from reviews.actions import note_attendance, note_meeting
from reviews.hearing_forms import LateForm, MeetingForm
from reviews.minutes import minutes_for
from reviews.models import Seat, meeting_of
from reviews.permissions import may_read_minutes
from reviews.post import print_minutes
from reviews.views.office import page_of, round_for
from rounds.models import Round
from workflow.transitions import NotPossibleNow


@require_http_methods(["GET", "POST"])
@login_required
def meeting(request: UserRequest, slug: str) -> HttpResponse:
    """Note a meeting with everybody present, or who came later to the one noted last."""
    round = round_for(request, slug, Role.OFFICER)
    current = meeting_of(round)
    seats = list(Seat.objects.of_round(round).taken().for_list())
    here = [row.seat for row in current.attendances.all()] if current else []
    absent = [seat for seat in seats if seat not in here]
    new = MeetingForm(request.POST if "note" in request.POST else None, seats=seats)
    late = LateForm(request.POST if "late" in request.POST else None, seats=absent)
    pressed: Any = next((form for form in (new, late) if form.is_bound), None)
    if pressed is not None and pressed.is_valid():
        try:
            if pressed is new:
                note_meeting(round, by=request.user, **new.note())
                messages.success(request, _("The meeting is noted. Votes are counted among those present."))
            elif current is not None:
                count = note_attendance(current, late.chosen, by=request.user)
                text = ngettext("%(count)d more person is noted as present.", "%(count)d more people are noted as present.", count)
                messages.success(request, text % {"count": count})
            return redirect("reviews:meeting", slug=slug)
        except NotPossibleNow as problem:
            pressed.add_error(None, str(problem))
    context = page_of(round, meeting=current, here=here, absent=absent, seats=seats, form=new, late=late)
    return render(request, "reviews/meeting.html", context, status=422 if pressed is not None and pressed.errors else 200)


@require_safe
@login_required
def minutes(request: UserRequest, slug: str) -> HttpResponse:
    """The minutes with the cases that this reader may see; made anew each time, and nothing of it is kept."""
    round = get_object_or_404(Round.objects.run_here(), slug=slug)
    if not may_read_minutes(request.user, round):
        raise PermissionDenied
    said = minutes_for(request.user, round, at=timezone.now())
    if said is None:
        raise Http404(_("No meeting has been noted in this round yet."))
    refuse_embedding(request)
    try:
        content = print_minutes(said, by=request.user)
    except NotPrintedNow as problem:
        messages.error(request, str(problem))
        return redirect("reviews:hearing", slug=slug)
    return pdf_answer(content, f"minutes-{slug}.pdf")
