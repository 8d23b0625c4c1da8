"""What touches every app at once: a person is erased."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import OwnAccount, erase_account, pseudonym_of
from accounts.models import User
from applications.models import Application, Member
from applications.workflow import Status
from letters.models import Mail, Sending

# Until one of these has ended somebody has to be reachable under a name: as far as the person knows the status, which betrays nothing.
UNDER_WAY = {Status.SUBMITTED, Status.RETURNED, Status.IN_REVIEW, Status.INVITED, Status.RESERVE, Status.APPROVED}


class StillNeeded(Exception):
    """The person cannot be erased yet."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))


def reasons_to_keep(user: User) -> list[str]:
    """Why the account cannot be erased at present, in words for the person; empty if it can."""
    reasons = []
    if user.roles_on_paper:
        reasons.append(_("A role of the office is held: %(roles)s.") % {"roles": ", ".join(user.labels_on_paper)})
    for application in Application.objects.filter(owner=user).order_by("reference"):
        if application.shown_status == Status.APPROVED:
            reasons.append(_("A loan is granted and not settled: %(reference)s.") % {"reference": application.reference})
        elif application.shown_status in UNDER_WAY:
            reasons.append(_("An application is not decided yet: %(reference)s.") % {"reference": application.reference})
    return reasons


@transaction.atomic
def erase_person(user: User, *, by: User) -> None:
    """Pseudonymise the account, the addresses of mails that were sent, and its places in teams, which end. History, letters and published
    lists stay as they are."""
    if by.pk == user.pk:
        raise OwnAccount
    reasons = reasons_to_keep(user)
    if reasons:
        raise StillNeeded(reasons)
    address = user.email
    erase_account(user, by=by)
    Mail.objects.filter(recipient__iexact=address, state__in=(Sending.SENT, Sending.FAILED)).update(recipient=pseudonym_of(user))
    now = timezone.now()
    for member in Member.objects.filter(Q(user=user) | Q(user=None, email__iexact=address)):
        Member.objects.filter(pk=member.pk).update(email=f"erased-{user.pk}-{member.pk}@erased.invalid", ended_at=member.ended_at or now)
