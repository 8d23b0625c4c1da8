"""The proposal of awards: who would get what and why not, an officer's changes, and the button that records it."""

from typing import NoReturn
from urllib.parse import urlencode

import tablib
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from reviews.actions import (
    AwardImpossible,
    CountChanged,
    PlanOutdated,
    ReasonNeeded,
    SetNeedsReasons,
    SetRefused,
    change_award,
    propose_awards,
    take_award_plan,
)
from reviews.awarding import SolverFailed
from reviews.models import AwardChange, AwardPlan, ProposalPage, ProposalPart, proposal_page, proposed_line, undecided_cases
from reviews.permissions import may_propose
from reviews.proposal_forms import AwardChangeForm, ProposalForm, TakeForm
from reviews.ranking import TooManyExperts
from reviews.views.office import page_of, round_for, whole_number
from reviews.workflow import Outcome
from rounds.models import Round
from workflow.spreadsheets import neutral
from workflow.transitions import NotPossibleNow

REFUSALS = (PlanOutdated, SetRefused, CountChanged, NotPossibleNow, TooManyExperts)


@require_http_methods(["GET", "POST"])
@login_required
def proposal(request: UserRequest, slug: str) -> HttpResponse:
    """The last proposal that this person may see; an officer makes a new one, or records it."""
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    is_officer = may_propose(request.user)
    if request.method == "POST" and not is_officer:
        raise PermissionDenied
    plan = next(iter(AwardPlan.objects.visible_to(request.user, round)), None)
    form = ProposalForm(request.POST if "make" in request.POST else None, initial={"steepness": plan.steepness} if plan else None)
    taking = TakeForm(request.POST if "take" in request.POST else None, references=plan.references if plan else ())
    problem = _answer(request, round, plan, form, taking)
    if request.method == "POST" and not problem and not form.errors and not taking.errors:
        return redirect(f"{request.path}#proposal")
    part = _part(request)
    page = proposal_page(plan, request.user, part, max(1, whole_number(request.GET.get("page", "1")))) if plan else None
    context = page_of(round, form=form, taking=taking, problem=problem, page=page, part=part, parts=ProposalPart.choices, is_officer=is_officer)
    is_outdated = plan is not None and not plan.is_taken and plan.is_outdated_for(request.user)
    context |= {"is_outdated": is_outdated, "waiting": undecided_cases(request.user, round).count()}
    context |= _links(page, part)
    wrong = form.errors or taking.errors
    return render(request, "reviews/proposal.html", context, status=422 if wrong else 409 if problem else 200)


def _answer(request: UserRequest, round: Round, plan: AwardPlan | None, form: ProposalForm, taking: TakeForm) -> str:
    """Do what was pressed; what stands in the way, in words."""
    try:
        if form.is_bound and form.is_valid():
            propose_awards(round, by=request.user, steepness=form.cleaned_data["steepness"])
        elif taking.is_bound and taking.is_valid():
            if plan is None or str(plan.pk) != request.POST["take"]:
                raise PlanOutdated(_("A newer proposal was made meanwhile. Look through it first."))
            said = taking.cleaned_data
            made = take_award_plan(plan, by=request.user, count=said["count"], rest=Outcome(said["rest"]), overruled=taking.written())
            text = ngettext("%(count)s decision is recorded.", "%(count)s decisions are recorded.", len(made)) % {"count": len(made)}
            messages.success(request, text + " " + _("Nobody outside the office sees them before they are announced."))
    except SetNeedsReasons as refusal:
        taking.explain(refusal)
    except REFUSALS as refusal:
        return str(refusal)
    except SolverFailed:
        return _("The proposal could not be computed. Nothing was changed; try again in a moment.")
    return ""


def _part(request: UserRequest) -> ProposalPart:
    asked = request.GET.get("part", "")
    return ProposalPart(asked) if asked in ProposalPart.values else ProposalPart.ALL


def _links(page: ProposalPage | None, part: ProposalPart) -> dict[str, str]:
    if page is None:
        return {}
    next_url = f"?{urlencode({'part': part.value, 'page': page.next_page})}#proposal" if page.next_page else ""
    return {"next_url": next_url, "first_url": f"?{urlencode({'part': part.value})}#proposal" if page.number > 1 else ""}


def _plan_for(request: UserRequest, slug: str, pk: int | None = None) -> AwardPlan:
    """A proposal of which nothing is hidden from this person: the one that is named, or the last."""
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    plan = next((plan for plan in AwardPlan.objects.visible_to(request.user, round) if pk in (None, plan.pk)), None)
    if plan is None:
        raise Http404
    plan.round = round
    return plan


@require_http_methods(["GET", "POST"])
@login_required
def proposal_line(request: UserRequest, slug: str, pk: int, line: int) -> HttpResponse:
    """One line of a proposal, and the officer's change of it with the reason; earlier changes stay."""
    plan = _plan_for(request, slug, pk)
    if not may_propose(request.user):
        raise PermissionDenied
    row, application = proposed_line(plan, request.user, line) or _nothing()
    form = AwardChangeForm(request.POST or None, line=row, initial={"outcome": row.outcome, "mass": row.final_ug if row.is_reduced else None})
    problem = ""
    if form.is_bound and form.is_valid():
        outcome, mass_ug = form.draft()
        try:
            change_award(plan, row.request, by=request.user, outcome=outcome, mass_ug=mass_ug, reason=form.cleaned_data["reason"])
        except (PlanOutdated, ReasonNeeded, AwardImpossible) as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("The change is kept with its reason."))
            return redirect(f"{reverse('reviews:proposal', args=[slug])}#{application.reference}")
    earlier = AwardChange.objects.of_line(plan, row.request)
    context = page_of(plan.round, plan=plan, row=row, application=application, form=form, problem=problem, earlier=earlier)
    return render(request, "reviews/proposal_line.html", context, status=422 if form.errors else 409 if problem else 200)


def _nothing() -> NoReturn:
    raise Http404


@require_safe
@login_required
def proposal_csv(request: UserRequest, slug: str) -> HttpResponse:
    """The whole proposal with its changes, for a spreadsheet, in the reader's language."""
    plan = _plan_for(request, slug)
    page = proposal_page(plan, request.user, ProposalPart.ALL, 1, most=None)
    table = tablib.Dataset(
        headers=[
            *(_("Place"), _("Application"), _("Institution"), _("Sample"), _("Order as a fall-back")),
            *(_("Asked for in mg"), _("Smallest useful mass in mg"), _("Proposed in mg"), _("Strictly by rank in mg")),
            *(_("What stood in the way"), _("What would help"), _("Changed to"), _("Changed mass in mg"), _("Reason"), _("Changed by")),
        ]
    )
    for case in page.cases:
        for row in case.lines:
            home, change = case.application.institution, row.change
            asked = row.request.fallback, _mg(row.request.mass_ug), _mg(row.line.least_ug), _mg(row.mass_ug), _mg(row.by_rank_ug)
            changed = (change.get_outcome_display(), _mg(change.mass_ug), change.reason, str(change.by)) if change else ("", "", "", "")
            names = case.place, case.application.reference, home.name if home else "", row.request.sample.number
            cells = [*names, *asked, row.why, "; ".join(row.helps), *changed]
            table.append([neutral(cell) if isinstance(cell, str) else cell for cell in cells])
    response = HttpResponse(f"\ufeff{table.export('csv')}".encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="proposal-{plan.round.slug}.csv"'
    return response


def _mg(mass_ug: int) -> str:
    return f"{mass_ug / 1000:.1f}"


@require_safe
@login_required
def proposal_json(request: UserRequest, slug: str) -> HttpResponse:
    """What the last proposal was computed from, to compute it again: python -m reviews.awarding < proposal.json."""
    plan = _plan_for(request, slug)
    response = JsonResponse(plan.problem, json_dumps_params={"ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="proposal-{plan.round.slug}-{plan.input_digest[:12]}.json"'
    return response
