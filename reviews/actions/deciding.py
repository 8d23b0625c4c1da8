"""A decision is recorded with its awards, and retracted."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications import workflow as application_steps
from applications.models import Application, Request
from reviews import workflow as steps
from reviews.actions.ruling import refuse_by_rules
from reviews.actions.situations import AlreadyPlanned, AwardImpossible, NotCarried, RulesBroken, SetNeedsReasons, SetRefused
from reviews.models import Announcement, AnnouncementItem, Award, Decision, Vote
from reviews.workflow import GRANTED, STEP_OF_OUTCOME, Outcome
from rounds.actions import take_turn
from rounds.rules import Finding, Limit
from samples.actions import AlreadyHeld, MassUnknown, NotDivisible, earmark_samples, release_holds
from samples.ledger import NotEnoughLeft
from samples.masses import spell_mg
from workflow.transitions import NotPossibleNow

# All that can stand in the way of recording a decision; each text may be shown in the office.
NOT_RECORDED = (NotCarried, AwardImpossible, RulesBroken, NotEnoughLeft, NotPossibleNow, NotDivisible, AlreadyHeld, MassUnknown)


class AwardDraft(NamedTuple):
    """What the officer enters for one request; the mass in micrograms counts only for `reduced`."""

    outcome: Outcome
    mass_ug: int = 0


def _refuse_uncarried(request: Request, decision: Decision, mass_ug: int) -> None:
    """An award needs the votes, and is never more than the committee voted for."""
    vote = Vote.objects.filter(request=request).first()
    if vote is None or not vote.reaches(*decision.share):
        raise NotCarried(request)
    if vote.mass_ug is not None and mass_ug > vote.mass_ug:
        said = {"number": request.sample.number, "mass": spell_mg(vote.mass_ug)}
        raise AwardImpossible(_("The committee voted to lend at most %(mass)s mg of %(number)s. Choose “Approved with less”.") % said, request.sample)


def _awarded_mass(request: Request, draft: AwardDraft) -> int:
    if draft.outcome == Outcome.APPROVED:
        return request.mass_ug
    if draft.outcome != Outcome.REDUCED:
        return 0
    if not request.sample.is_divisible:
        raise AwardImpossible(_("%(number)s is lent whole, so less of it cannot be approved.") % {"number": request.sample.number}, request.sample)
    if not 0 < draft.mass_ug < request.mass_ug:
        raise AwardImpossible(
            _("Approving less of %(number)s means more than 0 mg and less than what was asked for.") % {"number": request.sample.number},
            request.sample,
        )
    return draft.mass_ug


class DecisionDraft(NamedTuple):
    """A decision as it is to be recorded."""

    awards: Mapping[Request, AwardDraft]
    conditions_en: str = ""
    conditions_zh: str = ""
    overruled: str = ""  # why a refusing rule of the round is not kept


class _SetDown(NamedTuple):
    """A decision whose mass is set aside and that the rules have not been asked about yet."""

    decision: Decision
    masses_ug: Mapping[Request, int]
    limits: Sequence[Limit]


@transaction.atomic
def _set_down(application: Application, draft: DecisionDraft, by: User) -> _SetDown:
    """All of recording but the rules, in the same transaction."""
    limits = take_turn(application.round)
    version, awards = application.current, draft.awards
    if version is None or {request.version_id for request in awards} != {version.pk} or len(awards) != version.requests.count():
        raise AwardImpossible(_("Each sample asked for needs an outcome."))
    application.advance(application_steps.RECORD, by=by)
    earlier = Decision.objects.filter(application=application).count()
    decision = Decision(
        application=application,
        number=earlier + 1,
        conditions_en=draft.conditions_en,
        conditions_zh=draft.conditions_zh,
        vote_numerator=application.round.vote_numerator,
        vote_denominator=application.round.vote_denominator,
        recorded_by=by,
    )
    try:
        with transaction.atomic():
            decision.save(force_insert=True)
    except IntegrityError:
        raise NotPossibleNow(_("A decision is already recorded. Retract it before you record another.")) from None
    masses_ug: dict[Request, int] = {}
    for request, award in awards.items():
        mass_ug = _awarded_mass(request, award)
        if award.outcome in GRANTED:
            _refuse_uncarried(request, decision, mass_ug)
        Award(decision=decision, request=request, outcome=award.outcome, mass_ug=mass_ug).save(force_insert=True)
        if mass_ug:
            masses_ug[request] = mass_ug
    if not application.can(STEP_OF_OUTCOME[decision.outcome]):  # it could never be announced
        raise AwardImpossible(_("The application is in reserve already. Record an approval or a decline, or wait."))
    earmark_samples(application.reference, {request.sample: mass_ug for request, mass_ug in masses_ug.items()}, by=by)
    return _SetDown(decision, masses_ug, limits)


@transaction.atomic
def record_decision(
    application: Application,
    *,
    awards: Mapping[Request, AwardDraft],
    by: User,
    conditions_en: str = "",
    conditions_zh: str = "",
    overruled: str = "",
) -> Decision:
    """Record what the vote came to, one award per requested sample, and set the mass aside. Nobody outside the office sees it.

    The application's version moves first, so that no hold can follow a withdrawal. All or nothing: NotCarried without the votes,
    AwardImpossible for a mass that does not fit, NotEnoughLeft (samples.ledger) with what is left, NotPossibleNow when it moved,
    RulesBroken when a refusing rule of the round is not kept and `overruled` gives no reason for it.
    """
    decision, masses_ug, limits = _set_down(application, DecisionDraft(awards, conditions_en, conditions_zh), by)
    refuse_by_rules(decision, masses_ug, limits=limits, by=by, reason=overruled)
    return decision


@transaction.atomic
def record_decisions(drafts: Mapping[Application, DecisionDraft], *, by: User) -> list[Decision]:
    """Record several decisions together: all, or none with SetRefused, which names the application that cannot be recorded and why, or with
    SetNeedsReasons, which names each application for which a rule stands in the way.

    In the order of the references, so that two sets at once wait for each other and never in a circle. After a broken rule the rest is
    weighed as well, all masses before it set aside: whoever gives the reasons has seen every rule as it will be kept.
    """
    recorded: list[Decision] = []
    broken: dict[Application, Sequence[Finding]] = {}
    for application in sorted(drafts, key=lambda each: each.reference):
        draft = drafts[application]
        try:
            decision, masses_ug, limits = _set_down(application, draft, by)
        except NOT_RECORDED as cause:
            raise SetRefused(application, str(cause)) from cause
        recorded.append(decision)
        try:
            found = refuse_by_rules(decision, masses_ug, limits=limits, by=by, reason=draft.overruled).refusing
        except RulesBroken as refusal:
            found = refusal.findings
        if found:
            broken[application] = found
    if any(not drafts[application].overruled.strip() for application in broken):
        raise SetNeedsReasons(broken)
    return recorded


@transaction.atomic
def retract_decision(decision: Decision, *, by: User, note: str) -> None:
    """Take a recorded decision back before it is announced; the mass returns to the vault, the row stays."""
    if AnnouncementItem.objects.filter(decision=decision, announcement__in=Announcement.objects.under_way()).exists():
        raise AlreadyPlanned
    decision.application.advance(application_steps.RETRACT, by=by, note=note)
    decision.advance(steps.RETRACT_DECISION, by=by, note=note)
    release_holds(decision.application.reference, reason="retracted", by=by)
