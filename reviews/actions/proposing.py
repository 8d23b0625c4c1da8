"""A proposal of awards is computed, changed line by line with a reason, and recorded as decisions."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications.models import Application, Request
from reviews.actions.deciding import AwardDraft, DecisionDraft, record_decisions
from reviews.actions.situations import AwardImpossible, CountChanged, PlanOutdated, ReasonNeeded
from reviews.awarding import propose
from reviews.models import AwardChange, AwardPlan, AwardPlanTaking, Decision, cases_visible_to, read_asked
from reviews.workflow import GRANTED, Outcome
from rounds.models import Round

SECONDS = 20.0  # a page waits no longer; what was found until then is kept, and says so


def propose_awards(round: Round, *, by: User, steepness: int) -> AwardPlan:
    """Compute who could get how much, over the cases that `by` may see, and keep the answer. Nothing is decided. No transaction is open
    while it is computed."""
    asked = read_asked(round, by, steepness)
    if not asked.requests:
        raise PlanOutdated(_("No application waits for a decision."))
    plan = AwardPlan.of(asked, propose(asked.problem, most_seconds=SECONDS), round=round, by=by, steepness=steepness)
    plan.save(force_insert=True)
    return plan


@transaction.atomic
def change_award(plan: AwardPlan, request: Request, *, by: User, outcome: Outcome, mass_ug: int, reason: str) -> AwardChange:
    """Overrule one line of a proposal that is not recorded yet. Earlier changes stay. Raises PlanOutdated, ReasonNeeded, AwardImpossible."""
    if AwardPlanTaking.objects.filter(plan=plan).exists():
        raise PlanOutdated(_("This proposal is recorded already. Retract the decision instead."))
    if request.pk not in plan.requests:
        raise PlanOutdated(_("The proposal does not know this request."))
    if not reason.strip():
        raise ReasonNeeded
    if outcome == Outcome.APPROVED:
        mass_ug = request.mass_ug
    elif outcome == Outcome.REDUCED and not (request.sample.is_divisible and 0 < mass_ug < request.mass_ug):
        number = {"number": request.sample.number}
        raise AwardImpossible(_("Approving less of %(number)s means more than 0 mg and less than what was asked for.") % number, request.sample)
    elif outcome not in GRANTED:
        mass_ug = 0
    change = AwardChange(plan=plan, request=request, outcome=outcome, mass_ug=mass_ug, reason=reason.strip(), by=by)
    change.save(force_insert=True)
    return change


@transaction.atomic
def take_award_plan(
    plan: AwardPlan, *, by: User, count: int, rest: Outcome = Outcome.DECLINED, overruled: Mapping[str, str] = MappingProxyType({})
) -> list[Decision]:
    """Record the proposal with its changes as decisions: all or none (SetRefused), once, and only while nothing that it was computed from
    has changed (PlanOutdated). `count` was typed by whoever has read the list; what gets nothing is declined or put in reserve.

    `overruled` says by reference why a rule is not kept; SetNeedsReasons when one is missing."""
    if count != len(plan.cases):
        raise CountChanged(len(plan.cases))
    try:
        with transaction.atomic():
            AwardPlanTaking(plan_id=plan.pk, by=by).save(force_insert=True)  # by its key: a plan in hand does not count as taken if this fails
    except IntegrityError:
        raise PlanOutdated(_("This proposal is recorded already. Nothing was recorded twice.")) from None
    if plan.is_outdated_for(by):
        raise PlanOutdated(_("Something that the proposal was computed from has changed meanwhile. Make a new proposal."))
    cases = cases_visible_to(by).of_round(plan.round).with_case().in_bulk(plan.cases)
    drafts = {cases[pk]: DecisionDraft(awards, overruled=overruled.get(cases[pk].reference, "")) for pk, awards in drafts_of(plan, rest).items()}
    return record_decisions(drafts, by=by)


def drafts_of(plan: AwardPlan, rest: Outcome) -> Mapping[int, Mapping[Request, AwardDraft]]:
    """By application an outcome for each request: what was proposed, or what an officer changed it to."""
    rows = Request.objects.select_related("sample", "version__application").in_bulk(plan.requests)
    changes = plan.changes()
    drafts: dict[int, dict[Request, AwardDraft]] = {}
    for at, (pk, mass_ug) in enumerate(zip(plan.requests, plan.masses, strict=True)):
        request, change = rows[pk], changes.get(pk)
        if change is not None:
            draft = AwardDraft(Outcome(change.outcome), change.mass_ug)
        elif mass_ug:
            draft = AwardDraft(Outcome.APPROVED if mass_ug == request.mass_ug else Outcome.REDUCED, mass_ug)
        else:
            draft = AwardDraft(Outcome.DECLINED if plan.asked.lines[at].shut == "vote" else rest)
        drafts.setdefault(request.version.application_id, {})[request] = draft
    return drafts


def proposed_awards(plan: AwardPlan, application: Application) -> Mapping[Request, AwardDraft]:
    """What a proposal says for one application: a draft for the page of its decision."""
    return drafts_of(plan, Outcome.DECLINED).get(application.pk, {})
