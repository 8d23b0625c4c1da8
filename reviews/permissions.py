"""Who may do what in the office and among the experts. A tie or a declared conflict shuts out from one application, whatever the role."""

from accounts.models import Role, User
from applications.models import Application
from letters.models import Letter
from reviews.models import Announcement, Decision, Review, Seat, without_conflicts
from rounds.models import Round


def is_conflicted(user: User, application: Application) -> bool:
    return not without_conflicts(Application.objects.filter(pk=application.pk), user).exists()


def may_enter_office(user: User) -> bool:
    return user.has_role(Role.OFFICER, Role.APPROVER)


def may_read_case(user: User, round: Round) -> bool:
    """The case file of an application that is not shut for this person: the office, and the chair of that round."""
    return may_enter_office(user) or is_chair_of(user, round)


def may_check(user: User, application: Application) -> bool:
    """Formal check, experts, votes and decisions are the officer's."""
    return user.has_role(Role.OFFICER) and not is_conflicted(user, application)


may_assign = may_check
may_enter_votes = may_check
may_record = may_check


def may_declare(user: User, round: Round) -> bool:
    """Say on the round's page where there is a conflict: the office, and the experts who sit in its committee."""
    return may_enter_office(user) or (user.has_role(Role.EXPERT) and Seat.objects.of_round(round).taken().filter(user=user).exists())


def may_judge(user: User) -> bool:
    """Open own reviews at all; which ones, `Review.objects.visible_to` says, where conflicts are asked."""
    return user.has_role(Role.EXPERT)


def may_review(user: User, review: Review) -> bool:
    return user.has_role(Role.EXPERT) and review.expert_id == user.pk and not is_conflicted(user, review.application)


def is_chair_of(user: User, round: Round) -> bool:
    return user.has_role(Role.EXPERT) and Seat.objects.of_round(round).chaired_by(user).exists()


def may_read_hearing(user: User, round: Round) -> bool:
    """The office's page of a hearing; what stands on it is what this person may see."""
    return may_enter_office(user) or is_chair_of(user, round)


def may_set_hearing(user: User) -> bool:
    """Set it, invite, note who was heard: the officer's."""
    return user.has_role(Role.OFFICER)


may_note_meeting = may_set_hearing
may_propose = may_set_hearing  # compute a proposal of awards, change it, record it


def may_read_minutes(user: User, round: Round) -> bool:
    return user.has_role(Role.OFFICER) or is_chair_of(user, round)


def is_impartial_in(user: User, round: Round) -> bool:
    """Has recorded no decision and filed no review in that round: the second pair of eyes."""
    return (
        not Decision.objects.filter(application__round=round, recorded_by=user).exists()
        and not Review.objects.filter(application__round=round, expert=user, filed_at__isnull=False).exists()
    )


def may_announce(user: User, round: Round) -> bool:
    return user.has_role(Role.APPROVER) and is_impartial_in(user, round)


def may_replace(user: User, letter: Letter) -> bool:
    """Write a letter again or revoke it: the decision's is the approver's, who let it out; the others are the office's."""
    return user.has_role(Role.APPROVER) or (user.has_role(Role.OFFICER) and letter.kind != "decision")


def may_stop(user: User, announcement: Announcement) -> bool:
    return user.has_role(Role.APPROVER) and announcement.by_id == user.pk


def may_see_panel(user: User, round: Round) -> bool:
    """Officers, and the chair of that round, who has no office's role."""
    return user.has_role(Role.OFFICER) or is_chair_of(user, round)
