"""The committee of a round: who sits in it, as what, with how many reviews at most."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from accounts.models import Role
from reviews.actions import NotAnExpert, NotInCommittee, ReviewsTakenBack, SeatTaken, TooManyInvited, add_seat, change_seat, end_seat
from reviews.committee_forms import AddSeatForm, SeatForm
from reviews.models import Seat, seat_rows, unfiled_in, unseated_experts
from reviews.views.office import page_of, round_for, whole_number
from workflow.transitions import NotPossibleNow

REFUSALS = (NotAnExpert, NotInCommittee, ReviewsTakenBack, SeatTaken, TooManyInvited, NotPossibleNow)


@require_http_methods(["GET", "POST"])
@login_required
def committee(request: UserRequest, slug: str) -> HttpResponse:
    """Everybody who sits in it, and the place for another one."""
    round, problem = round_for(request, slug, Role.OFFICER), ""
    form = AddSeatForm(request.POST if request.method == "POST" else None, people=unseated_experts(round))
    if form.is_bound and form.is_valid():
        try:
            seat = add_seat(round, form.chosen, by=request.user, **form.words())
        except REFUSALS as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("%(name)s sits in the committee now.") % {"name": seat.user})
            return redirect("reviews:committee", slug=slug)
    context = page_of(round, form=form, problem=problem, seats=seat_rows(round, request.user))
    return render(request, "reviews/committee.html", context, status=422 if form.errors else 409 if problem else 200)


@require_http_methods(["GET", "POST"])
@login_required
def seat(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """One seat: change it, or end it. Ending it takes back what is not filed, after a confirmation that names the number."""
    round, problem = round_for(request, slug, Role.OFFICER), ""
    row = get_object_or_404(Seat.objects.of_round(round).taken().for_list(), pk=pk)
    form = SeatForm(request.POST if "change" in request.POST else None, seat=row)
    try:
        if form.is_bound and form.is_valid():
            change_seat(row, by=request.user, **form.words())
            messages.success(request, _("The seat is changed."))
            return redirect("reviews:committee", slug=slug)
        if "end" in request.POST:
            end_seat(row, by=request.user, count=whole_number(request.POST["end"]))
            messages.success(request, _("%(name)s has left the committee.") % {"name": row.user})
            return redirect("reviews:committee", slug=slug)
    except REFUSALS as refusal:
        problem = str(refusal)
    context = page_of(round, seat=row, form=form, problem=problem, unfiled=unfiled_in(row, request.user))
    return render(request, "reviews/seat.html", context, status=422 if form.errors else 409 if problem else 200)
