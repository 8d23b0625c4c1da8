"""The votes of the meeting, and the decision that follows from them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications import workflow as steps
from applications.models import Application
from applications.picker import told_by_line
from applications.weighing import Weighed, limits_of
from reviews.actions import (
    AlreadyPlanned,
    AwardImpossible,
    NotCarried,
    VoteImpossible,
    enter_votes,
    proposed_awards,
    record_decision,
    retract_decision,
)
from reviews.actions.situations import RulesBroken
from reviews.forms import DecisionForm, RetractForm, VoteForm
from reviews.models import (
    CARRIED,
    NOBODY_VOTES,
    NOT_CARRIED,
    AwardPlan,
    Decision,
    cases_visible_to,
    lines_after,
    may_vote_on,
    meeting_of,
    requests_with_votes,
    sitting_on,
    vote_on,
    with_decisions,
)
from reviews.models.weighing import weigh_awards, weigh_for_office
from reviews.views.office import case_for, list_of, page_of, refuse_stale, round_for
from rounds.models import Overruling
from samples.actions import AlreadyHeld, MassUnknown, NotDivisible
from samples.ledger import NotEnoughLeft
from workflow.transitions import NotPossibleNow

SENTENCES = {"carried": CARRIED, "not_carried": NOT_CARRIED, "nobody": NOBODY_VOTES}  # for the page's script


@require_safe
@login_required
def votes(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    rows = with_decisions(cases_visible_to(request.user).of_round(round).under_review())
    page = lines_after(rows, request.GET.get("after", ""), "request_count", "vote_count")
    context = list_of(request, round, page, "reviews:votes") | {"meeting": meeting_of(round)}
    return render(request, "reviews/votes.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def votes_one(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """The count on each requested sample; what is filled in is entered together or not at all. First the meeting, then its votes."""
    application = case_for(request, slug, reference)
    meeting = meeting_of(application.round)
    sitting = sitting_on(application, meeting) if meeting else None
    forms = {line: VoteForm(request.POST or None, line=line, sitting=sitting) for line in requests_with_votes(application)}
    problem = ""
    if request.method == "POST" and meeting is None:
        problem = _("Note the meeting and who is present first.")
    elif request.method == "POST" and all(form.is_valid() for form in forms.values()):
        try:
            enter_votes({line: form.count() for line, form in forms.items() if form.has_changed()}, by=request.user, meeting=meeting)
        except VoteImpossible as refusal:
            forms[refusal.request].add_error(None, str(refusal))
        except NotPossibleNow as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("The votes are entered."))
            return redirect("reviews:votes_one", slug=slug, reference=reference)
    decision = Decision.objects.standing(application)
    lines = [{"request": line, "form": form, "vote": vote_on(line, application.round, decision)} for line, form in forms.items()]
    context = page_of(application.round, application=application, lines=lines, problem=problem, sitting=sitting)
    context |= {"may_vote": may_vote_on(application) and sitting is not None, "sentences": SENTENCES, "has_decision": decision is not None}
    is_wrong = any(form.errors for form in forms.values())
    return render(request, "reviews/votes_one.html", context, status=409 if problem else 422 if is_wrong else 200)


@require_safe
@login_required
def decisions(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    rows = with_decisions(cases_visible_to(request.user).of_round(round).reviewed())
    page = lines_after(rows, request.GET.get("after", ""), "status", "decision_status", "vote_count")
    return render(request, "reviews/decisions.html", list_of(request, round, page, "reviews:decisions"))


@require_http_methods(["GET", "POST"])
@login_required
def decisions_one(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """Record a decision, or retract the one that is recorded."""
    application = case_for(request, slug, reference)
    seen, lines, current = application.version, requests_with_votes(application), Decision.objects.standing(application)
    is_recordable = application.can(steps.RECORD) and (current is None or not current.is_recorded)
    if "weigh" in request.POST:
        return JsonResponse({"findings": told_by_line(_weigh_typed(request, application, DecisionForm(request.POST, requests=lines)))})
    plan = AwardPlan.objects.waiting_for(request.user, application) if is_recordable and request.method == "GET" else None
    is_outdated = plan is not None and plan.is_outdated_for(request.user)
    proposed = proposed_awards(plan, application) if plan and not is_outdated else {}
    form = DecisionForm(request.POST if "record" in request.POST else None, requests=lines, proposed=proposed)
    retracting = RetractForm(request.POST if "retract" in request.POST else None)
    pressed = next((each for each in (form, retracting) if each.is_bound), None)
    try:
        if pressed is not None and pressed.is_valid():
            refuse_stale(request, application)
            if pressed is form:
                record_decision(application, awards=form.awards(), by=request.user, **form.conditions())
                messages.success(request, _("The decision is recorded. Nobody outside the office sees it before it is announced."))
            else:
                retract_decision(_recorded(current), by=request.user, note=retracting.cleaned_data["note"])
                messages.success(request, _("The decision is retracted, and the mass is back in the vault."))
            return redirect("reviews:decisions_one", slug=slug, reference=reference)
    except (NotCarried, AwardImpossible, RulesBroken, NotEnoughLeft) as problem:
        form.refuse(problem.sample, str(problem))
    except (NotPossibleNow, AlreadyPlanned, NotDivisible, AlreadyHeld, MassUnknown) as problem:
        assert pressed is not None
        pressed.add_error(None, str(problem))
    weighed = weigh_for_office(application, request.user)
    rows = _rows(application, form, weighed, current)
    context = page_of(application.round, application=application, seen=seen, form=form, rows=rows, current=current, retracting=retracting)
    context |= {"weighed": weighed, "overrulings": Overruling.objects.of([application.reference])}
    context |= {
        "plan": plan,
        "is_outdated": is_outdated,
        "is_recordable": is_recordable,
        "is_retractable": current is not None and current.is_recorded and application.can(steps.RETRACT),
    }
    return render(request, "reviews/decisions_one.html", context, status=422 if pressed is not None and pressed.errors else 200)


def _weigh_typed(request: UserRequest, application: Application, form: DecisionForm) -> Weighed:
    """What the rules find about the masses as they are typed. Nothing is recorded."""
    form.is_valid()  # what is still missing counts as nothing
    return weigh_awards(application, form.masses_ug(), limits=limits_of(application.round), reader=request.user, is_set_aside=False)


def _rows(application: Application, form: DecisionForm, weighed: Weighed, current: Decision | None) -> list[dict[str, Any]]:
    """Each requested sample with its fields, its vote and what the rules of the round find about it."""
    return [
        {
            "request": line,
            "findings": weighed.by_number.get(line.sample.number, ()),
            "outcome": outcome,
            "mass": mass,
            "vote": vote_on(line, application.round, current),
        }
        for line, outcome, mass in form.lines()
    ]


def _recorded(decision: Decision | None) -> Decision:
    if decision is None:
        raise NotPossibleNow
    return decision
