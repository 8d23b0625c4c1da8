"""Which expert judges which application."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.keyset import page_after
from accounts.models import Role
from reviews.actions import Conflicted, NotAnExpert, assign_experts, remove_review
from reviews.forms import AssignForm
from reviews.models import Review, assignable_experts, cases_visible_to, with_review_counts
from reviews.views.office import case_for, page_of, round_for, whole_number
from workflow.transitions import NotPossibleNow


@require_safe
@login_required
def experts(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    rows = with_review_counts(cases_visible_to(request.user).of_round(round).under_review().for_list())
    page = page_after(rows, request.GET.get("after", ""))
    return render(
        request, "reviews/experts.html", page_of(round, applications=page.rows, next_url=f"?after={page.next_after}" if page.next_after else "")
    )


@require_http_methods(["GET", "POST"])
@login_required
def experts_one(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    application = case_for(request, slug, reference)
    problem = ""
    form = AssignForm(request.POST if "assign" in request.POST else None, experts=assignable_experts(application))
    try:
        if "assign" in request.POST and form.is_valid():
            assign_experts(application, form.chosen, by=request.user)
            messages.success(request, _("The experts are assigned."))
            return redirect("reviews:experts_one", slug=slug, reference=reference)
        if "remove" in request.POST:
            row = get_object_or_404(Review.objects.live().of(application), pk=whole_number(request.POST["remove"]))
            remove_review(row, by=request.user)
            messages.success(request, _("The expert is removed from this application."))
            return redirect("reviews:experts_one", slug=slug, reference=reference)
    except (NotPossibleNow, Conflicted, NotAnExpert) as refusal:
        problem = str(refusal)
    reviews = list(Review.objects.live().of(application).select_related("expert").order_by("pk"))
    context = page_of(application.round, application=application, form=form, reviews=reviews, problem=problem)
    return render(request, "reviews/experts_one.html", context, status=422 if form.errors else 409 if problem else 200)
