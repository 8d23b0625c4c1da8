"""Promotion from the reserve: proposed by an officer, made by another person as a new decision, announced like any other."""

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications.models import Application, Request
from loans import workflow as steps
from loans.actions.situations import PromotionImpossible, RulesBrokenSince, SamePerson
from loans.models import Promotion, PromotionLine, PromotionOverruling, reserve_of
from loans.workflow import PromotionStatus
from reviews.actions import AwardDraft, RulesBroken, record_decision, weigh_proposal
from reviews.models import Award, Decision, DecisionQuerySet, cases_visible_to
from reviews.workflow import Outcome
from rounds.models import Overruling, Rule, words_of_finding
from workflow.transitions import NotPossibleNow


@transaction.atomic
def propose_promotion(
    application: Application,
    *,
    by: User,
    masses_ug: Mapping[Request, int],
    reason: str,
    conditions_en: str = "",
    conditions_zh: str = "",
    overruled: str = "",
) -> Promotion:
    """Propose what an application in reserve is to get. Nothing is set aside yet: who makes it finds what is left then.

    Raises PromotionImpossible, or NotPossibleNow when it is not in reserve, or a proposal or a recorded decision waits already; RulesBroken
    when a refusing rule of the round would not be kept and `overruled` gives no reason for it.
    """
    if not reason.strip():
        raise PromotionImpossible(_("Write the reason."))
    reserved = next(iter(reserve_of(by, application.round, application.reference)), None)
    if reserved is None or reserved.is_proposed or reserved.is_recorded:
        raise NotPossibleNow
    possible = {line.request: line for line in reserved.waiting if line.is_possible}
    if not masses_ug or not set(masses_ug) <= set(possible):
        raise PromotionImpossible(_("Choose at least one sample that waits in the reserve, is carried by the vote and has mass left."))
    for request, mass_ug in masses_ug.items():
        most = possible[request].most_ug if request.sample.is_divisible else request.mass_ug
        if not 0 < mass_ug <= most or (not request.sample.is_divisible and mass_ug != request.mass_ug):
            raise PromotionImpossible(
                _("%(number)s: not more than was asked for and voted for, and a piece only whole.") % {"number": request.sample.number}
            )
    broken = weigh_proposal(reserved.application, masses_ug, by=by, reason=overruled)
    promotion = Promotion(application=application, reason=reason.strip(), conditions_en=conditions_en, conditions_zh=conditions_zh, proposed_by=by)
    try:
        with transaction.atomic():
            promotion.save(force_insert=True)
    except IntegrityError:
        raise NotPossibleNow(_("A promotion of this application is proposed already.")) from None
    for request, mass_ug in masses_ug.items():
        PromotionLine(promotion=promotion, request=request, mass_ug=mass_ug).save(force_insert=True)
    rules = {rule.code: rule for rule in Rule.objects.of(application.round)}
    for english, chinese in broken:
        PromotionOverruling(
            promotion=promotion,
            rule=rules[english.code],
            number=english.number,
            found_en=english.sentence,
            found_zh=chinese.sentence,
            reason=overruled.strip(),
        ).save(force_insert=True)
    return promotion


@transaction.atomic
def make_promotion(promotion: Promotion, *, by: User) -> Decision:
    """Record the new decision that the officer has proposed, after a look of another person's. It counts as the officer's recording, so that
    whoever made it may announce it: two persons have seen it.

    All that `record_decision` refuses is refused here: no votes, not enough left, moved meanwhile. The officer's reason stands for the rules
    that the proposal names; for another one that is not kept by now, RulesBrokenSince.
    """
    if promotion.proposed_by_id == by.pk:
        raise SamePerson
    if promotion.status != PromotionStatus.PROPOSED:
        raise NotPossibleNow
    application = cases_visible_to(promotion.proposed_by).with_case().filter(pk=promotion.application_id).first()
    if application is None:  # the officer has a conflict by now: another one proposes it anew
        raise PromotionImpossible(_("This proposal no longer stands. Drop it and have it proposed anew."))
    overruled = list(promotion.overrulings.all())
    try:
        decision = record_decision(
            application,
            awards=_drafts(promotion, application),
            by=promotion.proposed_by,
            conditions_en=promotion.conditions_en,
            conditions_zh=promotion.conditions_zh,
            overruled=overruled[0].reason if overruled else "",
        )
    except RulesBroken as refusal:
        rules = {rule.code: rule for rule in Rule.objects.of(application.round)}
        raise RulesBrokenSince([words_of_finding(rules[each.code], each.number, each.sentence) for each in refusal.findings]) from None
    _refuse_unseen(decision, overruled)
    promotion.advance(steps.MAKE, by=by, decision=decision)
    return decision


def _refuse_unseen(decision: Decision, overruled: Sequence[PromotionOverruling]) -> None:
    """A reason stands for the rules that the officer has seen when giving it, and for no other."""
    seen = {(row.rule_id, row.number) for row in overruled}
    kept = Overruling.objects.of([decision.application.reference]).filter(decision=decision.number)
    unseen = [row for row in kept if (row.rule_id, row.number) not in seen]
    if unseen:
        raise RulesBrokenSince([row.words for row in unseen])


def _drafts(promotion: Promotion, application: Application) -> dict[Request, AwardDraft]:
    """An outcome for every sample: what is proposed, and for the others what the last announced decision says."""
    masses = {line.request_id: line.mass_ug for line in promotion.lines.all()}
    assert application.current is not None
    requests = list(application.current.requests.select_related("sample", "version__application"))
    standing: DecisionQuerySet = Decision.objects.standing_for([application])
    last: dict[int, Award] = {award.request_id: award for decision in standing for award in decision.awards.all()}
    drafts = {}
    for request in requests:
        mass_ug = masses.get(request.pk)
        if mass_ug is None:
            earlier = last.get(request.pk)
            drafts[request] = AwardDraft(Outcome(earlier.outcome) if earlier else Outcome.DECLINED)
        else:
            drafts[request] = AwardDraft(Outcome.APPROVED) if mass_ug == request.mass_ug else AwardDraft(Outcome.REDUCED, mass_ug)
    return drafts


@transaction.atomic
def drop_promotion(promotion: Promotion, *, by: User, note: str = "") -> None:
    """Take a proposal back, or refuse it: nothing has moved."""
    promotion.advance(steps.DROP, by=by, note=note)
