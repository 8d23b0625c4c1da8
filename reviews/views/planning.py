"""The dry run of the assignment: settings, what would change and why, and the button that does just that."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from accounts.models import Role
from reviews.actions import Conflicted, LoadReached, NotAnExpert, NotInCommittee, PlanOutdated, apply_plan, plan_assignment
from reviews.committee_forms import PlanForm
from reviews.models import Plan, committee_of, plan_page
from reviews.views.office import page_of, round_for, whole_number
from workflow.transitions import NotPossibleNow

REFUSALS = (PlanOutdated, NotPossibleNow, Conflicted, NotAnExpert, NotInCommittee, LoadReached)


@require_http_methods(["GET", "POST"])
@login_required
def assignment(request: UserRequest, slug: str) -> HttpResponse:
    """The officer's own dry run: it names only applications that this person may see."""
    round = round_for(request, slug, Role.OFFICER)
    plans, problem = Plan.objects.of(round, request.user), ""
    last = plans.first()
    settings = last.settings if last else {"reviews": round.reviews_per_application}
    form = PlanForm(request.POST if "dry_run" in request.POST else None, settings=settings)
    if form.is_bound and form.is_valid():
        plan_assignment(round, by=request.user, settings=form.cleaned_data)
        return redirect(f"{request.path}#plan")
    if "apply" in request.POST:
        try:
            given = apply_plan(get_object_or_404(plans, pk=whole_number(request.POST["apply"])), by=request.user)
        except REFUSALS as refusal:
            problem = str(refusal)
        else:
            text = ngettext("%(count)s review is assigned.", "%(count)s reviews are assigned.", len(given)) % {"count": len(given)}
            messages.success(request, text + " " + _("The experts get one mail each."))
            return redirect("reviews:assignment", slug=slug)
    shown = plan_page(last, request.user, max(1, whole_number(request.GET.get("page", "1")))) if last else None
    context = page_of(round, form=form, problem=problem, page=shown, has_committee=bool(committee_of(round)))
    return render(request, "reviews/assignment.html", context, status=422 if form.errors else 409 if problem else 200)
