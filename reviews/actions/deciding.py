"""A decision is recorded with its awards, and retracted."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications import workflow as application_steps
from applications.models import Application, Request
from reviews import workflow as steps
from reviews.actions.ruling import refuse_by_rules
from reviews.actions.situations import AlreadyPlanned, AwardImpossible, NotCarried, RulesBroken, SetRefused
from reviews.models import Announcement, AnnouncementItem, Award, Decision, Vote
from reviews.workflow import GRANTED, STEP_OF_OUTCOME, Outcome
from rounds.actions import take_turn
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
    limits = take_turn(application.round)
    version = application.current
    if version is None or {request.version_id for request in awards} != {version.pk} or len(awards) != version.requests.count():
        raise AwardImpossible(_("Each sample asked for needs an outcome."))
    application.advance(application_steps.RECORD, by=by)
    earlier = Decision.objects.filter(application=application).count()
    decision = Decision(
        application=application,
        number=earlier + 1,
        conditions_en=conditions_en,
        conditions_zh=conditions_zh,
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
    for request, draft in awards.items():
        mass_ug = _awarded_mass(request, draft)
        if draft.outcome in GRANTED:
            _refuse_uncarried(request, decision, mass_ug)
        Award(decision=decision, request=request, outcome=draft.outcome, mass_ug=mass_ug).save(force_insert=True)
        if mass_ug:
            masses_ug[request] = mass_ug
    if not application.can(STEP_OF_OUTCOME[decision.outcome]):  # it could never be announced
        raise AwardImpossible(_("The application is in reserve already. Record an approval or a decline, or wait."))
    earmark_samples(application.reference, {request.sample: mass_ug for request, mass_ug in masses_ug.items()}, by=by)
    refuse_by_rules(decision, masses_ug, limits=limits, by=by, reason=overruled)
    return decision


class DecisionDraft(NamedTuple):
    """A decision as it is to be recorded with others."""

    awards: Mapping[Request, AwardDraft]
    conditions_en: str = ""
    conditions_zh: str = ""
    overruled: str = ""  # why a refusing rule of the round is not kept


@transaction.atomic
def record_decisions(drafts: Mapping[Application, DecisionDraft], *, by: User) -> list[Decision]:
    """Record several decisions together: all, or none with SetRefused, which names the application that cannot be recorded and why.

    In the order of the references, so that two sets at once wait for each other and never in a circle.
    """
    recorded = []
    for application in sorted(drafts, key=lambda each: each.reference):
        try:
            recorded.append(record_decision(application, by=by, **drafts[application]._asdict()))
        except NOT_RECORDED as cause:
            raise SetRefused(application, str(cause)) from cause
    return recorded


@transaction.atomic
def retract_decision(decision: Decision, *, by: User, note: str) -> None:
    """Take a recorded decision back before it is announced; the mass returns to the vault, the row stays."""
    if AnnouncementItem.objects.filter(decision=decision, announcement__in=Announcement.objects.under_way()).exists():
        raise AlreadyPlanned
    decision.application.advance(application_steps.RETRACT, by=by, note=note)
    decision.advance(steps.RETRACT_DECISION, by=by, note=note)
    release_holds(decision.application.reference, reason="retracted", by=by)
