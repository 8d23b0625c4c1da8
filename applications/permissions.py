"""Who may do what with an application."""

from allauth.account.models import EmailAddress

from accounts.models import User
from applications.models import Application, HandOver, Member, Part
from institutions.permissions import is_tied
from letters.addresses import is_same_address


def may_edit(user: User, application: Application) -> bool:
    return application.is_of(user, Part.EDIT)


may_submit = may_edit


def may_withdraw(user: User, application: Application) -> bool:
    return application.owner_id == user.pk


may_invite = may_hand_over = may_withdraw


def may_read(user: User, application: Application) -> bool:
    """All its pages. The signatory sees the page of the application and the one with the button."""
    return application.is_of(user, Part.READ, Part.EDIT)


def may_answer(user: User, invitation: Member) -> bool:
    """An invitation is answered by whoever has shown that the address is theirs, whatever way the link came to them."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return any(is_same_address(address, invitation.email) for address in addresses)


def may_take_over(user: User, hand_over: HandOver, application: Application) -> bool:
    return hand_over.to_id == user.pk and application.is_of(user, Part.READ, Part.EDIT)


def may_consent(user: User, hand_over: HandOver, application: Application) -> bool:
    """The signatory, not for themselves, and only where the round asks for the institution's endorsement."""
    return application.round.needs_endorsement and hand_over.to_id != user.pk and may_endorse(user, application)


def may_endorse(user: User, application: Application) -> bool:
    """The signatory who was invited. The applicant does not sign for the institution, whatever the register says."""
    return application.owner_id != user.pk and application.is_of(user, Part.SIGN)


def has_tie(user: User, application: Application) -> bool:
    """Whether the person is the applicant, is or was in the team, or belongs to the applicant's institution: then no office and no review."""
    if application.owner_id == user.pk or application.members.filter(user=user).exists():
        return True
    return application.institution is not None and is_tied(user, application.institution)
