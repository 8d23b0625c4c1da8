"""A decision keeps the rules of its round, or says why not."""

from collections.abc import Mapping, Sequence

from django.utils import translation

from accounts.models import User
from applications.models import Request
from applications.weighing import Weighed
from reviews.actions.situations import RulesBroken
from reviews.models import Decision
from reviews.models.weighing import weigh_awards
from rounds.actions import overrule_rules
from rounds.rules import Limit


def refuse_by_rules(decision: Decision, masses_ug: Mapping[Request, int], *, limits: Sequence[Limit], by: User, reason: str = "") -> Weighed:
    """Within the decision's transaction, after its mass was set aside: RulesBroken when a refusing rule is not kept and no reason is given.

    With a reason each rule that was not kept is kept beside it. Returns all that the rules find, what the panel had to weigh as well.
    `limits` come from `take_turn` (rounds.actions), the first thing in the transaction.
    """
    application = decision.application
    found = weigh_awards(application, masses_ug, limits=limits, reader=by)
    if not found.refusing:
        return found
    if not reason.strip():
        samples = {request.sample.number: request.sample for request in masses_ug}
        raise RulesBroken(found.refusing, next((samples[each.number] for each in found.refusing if each.number), None))
    words = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words.append(weigh_awards(application, masses_ug, limits=limits, reader=by).refusing)
    overrule_rules(
        application.round, list(zip(*words, strict=True)), reference=application.reference, decision=decision.number, reason=reason.strip(), by=by
    )
    return found
