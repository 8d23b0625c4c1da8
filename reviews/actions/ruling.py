"""A decision keeps the rules of its round, or says why not."""

from collections.abc import Callable, Mapping, Sequence

from django.utils import translation

from accounts.models import User
from applications.models import Application, Request
from applications.weighing import Weighed, limits_of
from reviews.actions.situations import RulesBroken
from reviews.models import Decision
from reviews.models.weighing import weigh_awards
from rounds.actions import overrule_rules
from rounds.rules import Finding, Limit


def refuse_by_rules(decision: Decision, masses_ug: Mapping[Request, int], *, limits: Sequence[Limit], by: User, reason: str = "") -> Weighed:
    """Within the decision's transaction, after its mass was set aside: RulesBroken when a refusing rule is not kept and no reason is given.

    With a reason each rule that was not kept is kept beside it. Returns all that the rules find, what the panel had to weigh as well.
    `limits` come from `take_turn` (rounds.actions), the first thing in the transaction.
    """
    application = decision.application
    found = weigh_awards(application, masses_ug, limits=limits, reader=by)
    _refuse_without(reason, found, masses_ug)
    if found.refusing:
        words = _in_both_languages(lambda: weigh_awards(application, masses_ug, limits=limits, reader=by))
        overrule_rules(application.round, words, reference=application.reference, decision=decision.number, reason=reason.strip(), by=by)
    return found


def weigh_proposal(application: Application, masses_ug: Mapping[Request, int], *, by: User, reason: str = "") -> list[tuple[Finding, Finding]]:
    """Before anything is set aside: the refusing rules that a decision like this would not keep, each in English and in Chinese.
    RulesBroken when there are some and no reason is given."""

    def weighed() -> Weighed:
        return weigh_awards(application, masses_ug, limits=limits, reader=by, is_set_aside=False)

    limits = limits_of(application.round)
    _refuse_without(reason, weighed(), masses_ug)
    return _in_both_languages(weighed)


def _refuse_without(reason: str, found: Weighed, masses_ug: Mapping[Request, int]) -> None:
    if found.refusing and not reason.strip():
        samples = {request.sample.number: request.sample for request in masses_ug}
        raise RulesBroken(found.refusing, next((samples[each.number] for each in found.refusing if each.number), None))


def _in_both_languages(weighed: Callable[[], Weighed]) -> list[tuple[Finding, Finding]]:
    """What refuses, as it is kept for good."""
    with translation.override("en"):
        english = weighed().refusing
    with translation.override("zh-hans"):
        return list(zip(english, weighed().refusing, strict=True))
