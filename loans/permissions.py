"""Who may do what after the notice. Which agreements and promotions a person sees at all, the reads say (visible_to, kept_by)."""

from accounts.models import Role, User
from applications.models import Application
from loans.models import Agreement, Promotion
from reviews.permissions import is_conflicted, is_impartial_in
from rounds.models import Round


def may_keep_agreement(user: User, agreement: Agreement) -> bool:
    """Record the signature, give more time, confirm the lapse: the officer's."""
    return user.has_role(Role.OFFICER) and not is_conflicted(user, agreement.application)


def may_keep_days(user: User) -> bool:
    return user.has_role(Role.OFFICER, Role.ADMINISTRATOR)


def may_propose_promotion(user: User, application: Application) -> bool:
    return user.has_role(Role.OFFICER) and not is_conflicted(user, application)


def may_make_promotions(user: User, round: Round) -> bool:
    """An approver who has recorded no decision and filed no review in that round; never of an own proposal."""
    return user.has_role(Role.APPROVER) and is_impartial_in(user, round)


def may_make_promotion(user: User, promotion: Promotion) -> bool:
    application = promotion.application
    return promotion.proposed_by_id != user.pk and may_make_promotions(user, application.round) and not is_conflicted(user, application)


def may_drop_promotion(user: User, promotion: Promotion) -> bool:
    return user.has_role(Role.OFFICER, Role.APPROVER) and not is_conflicted(user, promotion.application)
