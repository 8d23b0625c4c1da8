"""What an expert knows, and what an expert would like to judge."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from accounts.models import Role
from reviews.actions import NotInCommittee, place_bids, save_expertise
from reviews.committee_forms import ExpertiseForm, WishForm
from reviews.models import Expertise, Seat, bid_page
from reviews.views.office import whole_number


@require_http_methods(["GET", "POST"])
@login_required
def expertise(request: UserRequest) -> HttpResponse:
    if not request.user.has_role(Role.EXPERT):
        raise PermissionDenied
    form = ExpertiseForm(request.POST if request.method == "POST" else None, expertise=Expertise.objects.said_by(request.user))
    if form.is_bound and form.is_valid():
        save_expertise(by=request.user, **form.said())
        messages.success(request, _("Saved. The office sees how well it matches, and the suggestions follow it."))
        return redirect("reviews:expertise")
    seats = Seat.objects.of(request.user).taken().regular().with_round()
    return render(request, "reviews/expertise.html", {"form": form, "seats": list(seats)}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def bids(request: UserRequest, slug: str) -> HttpResponse:
    """For regular members of the committee: who is invited judges only what was given to them, and sees no other title."""
    if not request.user.has_role(Role.EXPERT):
        raise PermissionDenied
    seat = get_object_or_404(Seat.objects.of(request.user).taken().regular().with_round(), round__slug=slug)
    number = max(1, whole_number(request.GET.get("page", "1")))
    page = bid_page(seat.round, request.user, number)
    forms = [(row, WishForm(request.POST or None, prefix=f"bid{row.application.pk}", initial={"wish": row.wish or ""})) for row in page.rows]
    if request.method == "POST" and all(form.is_valid() for _row, form in forms):
        said = {row.application: form.cleaned_data["wish"] for row, form in forms if form.add_prefix("wish") in request.POST}
        try:
            count = place_bids(seat.round, said, by=request.user)
        except NotInCommittee as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Saved. You have said a wish about %(count)s applications of this round.") % {"count": count})
        return redirect(f"{request.path}?page={page.next_page}" if "next" in request.POST and page.next_page else f"{request.path}?page={number}")
    context = {"round": seat.round, "page": page, "rows": forms}
    return render(request, "reviews/bids.html", context, status=422 if request.method == "POST" else 200)
