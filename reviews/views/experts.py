"""What an expert has to judge, and the word about conflicts that opens an application."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from reviews.actions import declare_conflict, declare_no_conflict
from reviews.forms import ConflictForm
from reviews.models import Review, Seat
from reviews.stints import only_round, stints_of
from reviews.views.reviewing import own_review
from workflow.transitions import NotPossibleNow


@require_safe
@login_required
def queue(request: UserRequest) -> HttpResponse:
    """What I must judge, by when; with ?round=… of that round alone, and then every review of it."""
    if not request.user.has_role(Role.EXPERT):
        raise PermissionDenied
    rounds = stints_of(list(Review.objects.visible_to(request.user).for_list()))
    seats = list(Seat.objects.of(request.user).taken().regular().with_round())
    context = {
        "stints": only_round(rounds, request.GET.get("round", "")),
        "first": next((stint.first for stint in rounds if stint.first), None),
        "past": list(Review.objects.past_of(request.user).for_summary()),
        "seats": [seat for seat in seats if seat.is_open_to_wishes],
        "chaired": [seat.round for seat in seats if seat.is_chair and not seat.round.is_public_record],
    }
    return render(request, "reviews/queue.html", context)


@require_POST
@login_required
def declare(request: UserRequest, pk: int) -> HttpResponse:
    row = own_review(request, pk)
    try:
        declare_no_conflict(row, by=request.user)
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    return redirect("reviews:review", pk=pk)


@require_POST
@login_required
def conflict(request: UserRequest, pk: int) -> HttpResponse:
    """The expert steps back; afterwards the application is gone from the expert's pages."""
    row = own_review(request, pk)
    form = ConflictForm(request.POST)
    if not form.is_valid():
        return render(request, "reviews/declare.html", {"review": row, "application": row.application, "form": form}, status=422)
    try:
        declare_conflict(row, by=request.user, note=form.cleaned_data["note"])
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Your conflict is noted, and the application is handed back."))
    return redirect("reviews:queue")
