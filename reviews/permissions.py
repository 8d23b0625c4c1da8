"""Who may do what in the office and among the experts. A tie or a declared conflict shuts out from one application, whatever the role."""

from accounts.models import Role, User
from applications.models import Application
from reviews.models import Announcement, Decision, Review, without_conflicts
from rounds.models import Round


def is_conflicted(user: User, application: Application) -> bool:
    return not without_conflicts(Application.objects.filter(pk=application.pk), user).exists()


def may_enter_office(user: User) -> bool:
    return user.has_role(Role.OFFICER, Role.APPROVER)


def may_check(user: User, application: Application) -> bool:
    """Formal check, experts, votes and decisions are the officer's."""
    return user.has_role(Role.OFFICER) and not is_conflicted(user, application)


may_assign = may_check
may_enter_votes = may_check
may_record = may_check


def may_review(user: User, review: Review) -> bool:
    return user.has_role(Role.EXPERT) and review.expert_id == user.pk and not is_conflicted(user, review.application)


def is_impartial_in(user: User, round: Round) -> bool:
    """Has recorded no decision and filed no review in that round: the second pair of eyes."""
    return (
        not Decision.objects.filter(application__round=round, recorded_by=user).exists()
        and not Review.objects.filter(application__round=round, expert=user, filed_at__isnull=False).exists()
    )


def may_announce(user: User, round: Round) -> bool:
    return user.has_role(Role.APPROVER) and is_impartial_in(user, round)


def may_recall(user: User, announcement: Announcement) -> bool:
    return user.has_role(Role.APPROVER) and announcement.by_id == user.pk
