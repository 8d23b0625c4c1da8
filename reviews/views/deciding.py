"""The votes of the meeting, and the decision that follows from them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.keyset import page_after
from accounts.models import Role
from reviews.actions import AlreadyPlanned, AwardImpossible, NotCarried, VoteImpossible, enter_vote, record_decision, retract_decision
from reviews.forms import DecisionForm, RetractForm, VoteForm
from reviews.models import Decision, cases_visible_to, requests_with_votes, vote_on, with_decisions
from reviews.views.office import case_for, page_of, round_for
from samples.actions import AlreadyHeld, MassUnknown, NotDivisible
from samples.ledger import NotEnoughLeft
from workflow.transitions import NotPossibleNow

OUT_OF_STOCK = (NotEnoughLeft, NotDivisible, AlreadyHeld, MassUnknown)


@require_safe
@login_required
def votes(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    page = page_after(with_decisions(cases_visible_to(request.user).of_round(round).under_review().for_list()), request.GET.get("after", ""))
    return render(
        request, "reviews/votes.html", page_of(round, applications=page.rows, next_url=f"?after={page.next_after}" if page.next_after else "")
    )


@require_http_methods(["GET", "POST"])
@login_required
def votes_one(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """One form per requested sample; each is saved by itself."""
    application = case_for(request, slug, reference)
    lines: list[dict[str, Any]] = []
    for line in requests_with_votes(application):
        prefix = f"vote{line.pk}"
        vote = vote_on(line, application.round)
        initial = vote and vote.figures()
        form = VoteForm(request.POST if prefix in request.POST else None, prefix=prefix, initial=initial)
        if prefix in request.POST and form.is_valid():
            try:
                enter_vote(line, by=request.user, **form.figures())
            except (VoteImpossible, NotPossibleNow) as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, _("The vote on %(number)s is entered.") % {"number": line.sample.number})
                return redirect("reviews:votes_one", slug=slug, reference=reference)
        lines.append({"request": line, "form": form, "vote": vote})
    context = page_of(application.round, application=application, lines=lines)
    return render(request, "reviews/votes_one.html", context, status=422 if any(line["form"].errors for line in lines) else 200)


@require_safe
@login_required
def decisions(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    page = page_after(with_decisions(cases_visible_to(request.user).of_round(round).reviewed().for_list()), request.GET.get("after", ""))
    return render(
        request, "reviews/decisions.html", page_of(round, applications=page.rows, next_url=f"?after={page.next_after}" if page.next_after else "")
    )


@require_http_methods(["GET", "POST"])
@login_required
def decisions_one(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """Record a decision, or retract the one that is recorded."""
    application = case_for(request, slug, reference)
    lines = requests_with_votes(application)
    current = Decision.objects.standing(application)
    form = DecisionForm(request.POST if "record" in request.POST else None, requests=lines)
    retracting = RetractForm(request.POST if "retract" in request.POST else None)
    try:
        if "record" in request.POST and form.is_valid():
            record_decision(application, awards=form.awards(), by=request.user, **form.conditions())
            messages.success(request, _("The decision is recorded. Nobody outside the office sees it before it is announced."))
            return redirect("reviews:decisions_one", slug=slug, reference=reference)
        if "retract" in request.POST and current is not None and retracting.is_valid():
            retract_decision(current, by=request.user, note=retracting.cleaned_data["note"])
            messages.success(request, _("The decision is retracted, and the mass is back in the vault."))
            return redirect("reviews:decisions_one", slug=slug, reference=reference)
    except NotCarried as problem:
        form.add_error(f"outcome_{problem.request.pk}", str(problem))
    except (AwardImpossible, NotPossibleNow, AlreadyPlanned, *OUT_OF_STOCK) as problem:
        (retracting if "retract" in request.POST else form).add_error(None, str(problem))
    rows = [{"request": line, "outcome": outcome, "mass": mass, "vote": vote_on(line, application.round)} for line, outcome, mass in form.lines()]
    context = page_of(application.round, application=application, form=form, rows=rows, current=current, retracting=retracting)
    return render(request, "reviews/decisions_one.html", context, status=422 if form.errors or retracting.errors else 200)

