"""Which expert judges which application."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications.models import Application
from reviews.actions import Conflicted, LoadReached, NotAnExpert, NotInCommittee, assign_experts, reassign_review, remove_review
from reviews.committee_forms import OfferForm, ReassignForm
from reviews.models import OF_COUNTRY, Review, cases_visible_to, lines_after, offers_for, with_review_counts
from reviews.views.office import case_for, list_of, page_of, round_for, whole_number
from workflow.transitions import NotPossibleNow

REFUSALS = (NotPossibleNow, Conflicted, NotAnExpert, NotInCommittee, LoadReached)


@require_safe
@login_required
def experts(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    rows = with_review_counts(cases_visible_to(request.user).of_round(round).under_review())
    page = lines_after(rows, request.GET.get("after", ""), *OF_COUNTRY, "assigned_count", "filed_count")
    return render(request, "reviews/experts.html", list_of(request, round, page, "reviews:experts"))


@require_http_methods(["GET", "POST"])
@login_required
def experts_one(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """Who judges one application, and who could: assign, take back, or both in one step."""
    application = case_for(request, slug, reference)
    offers, problem, done = offers_for(application, request.user), "", ""
    form = OfferForm(request.POST if "assign" in request.POST else None, offers=offers)
    other = ReassignForm(request.POST if "reassign" in request.POST else None, prefix="other", offers=offers)
    try:
        done = _change(request, application, form, other)
    except REFUSALS as refusal:
        problem = str(refusal)
    if done:
        messages.success(request, done)
        return redirect("reviews:experts_one", slug=slug, reference=reference)
    full = sum(offer.is_full for offer in offers)
    context = page_of(application.round, application=application, form=form, other=other, full=full, problem=problem)
    context["reviews"] = list(Review.objects.live().of(application).select_related("expert").order_by("pk"))
    return render(request, "reviews/experts_one.html", context, status=422 if form.errors or other.errors else 409 if problem else 200)


def _change(request: UserRequest, application: Application, form: OfferForm, other: ReassignForm) -> str:
    """Do what the pressed button says; what is then to be said about it, or nothing."""
    if "assign" in request.POST and form.is_valid():
        assign_experts(application, form.chosen, by=request.user)
        return _("The experts are assigned.")
    if "reassign" in request.POST and other.is_valid():
        reassign_review(_review_of(application, other.cleaned_data["review"]), other.chosen, by=request.user)
        return _("%(name)s is asked instead.") % {"name": other.chosen}
    if "remove" in request.POST:
        remove_review(_review_of(application, whole_number(request.POST["remove"])), by=request.user)
        return _("The expert is removed from this application.")
    return ""


def _review_of(application: Application, pk: int) -> Review:
    return get_object_or_404(Review.objects.live().of(application), pk=pk)
