"""What touches every app at once: a person is erased, a day's history is folded into its root."""

import secrets
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import OwnAccount, erase_account, pseudonym_of
from accounts.models import User
from applications.models import Application, Member
from applications.workflow import Status
from desk.anchors import events_to_fold, identity_of, text_of
from desk.merkle import Tree, hash_of_day
from desk.models import NO_ROOT, OFFICE_ZONE, HistoryLeaf, HistoryRoot
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


@transaction.atomic
def fold_history(day: date) -> HistoryRoot | None:
    """Fold what happened until the end of a day into its root, after the roots before it; None if the day has one already."""
    last = HistoryRoot.objects.newest_first().first()
    if last is not None and last.day >= day:
        return None
    root = HistoryRoot(day=day, previous=last.root if last else NO_ROOT, secret=secrets.token_hex(32), made_at=timezone.now())
    events = events_to_fold(root)
    tree = Tree(root.secret, {identity_of(event): text_of(event, root.secret) for event in events})
    root.tree, root.root = tree.root, hash_of_day(root.previous, tree.root, day.isoformat())
    root.save(force_insert=True)
    HistoryLeaf.objects.bulk_create(
        (
            HistoryLeaf(root=root, kind=event._meta.label, change_id=event.pk, digest=event.digest, path=tree.path(identity_of(event)))
            for event in events
        ),
        batch_size=500,
    )
    return root


def fold_finished_days(*, now: datetime) -> int:
    """A root for each day that has ended and has none, the oldest first; the first root ever is yesterday's. How many were made.

    A day that was missed gets its root late, and the root says when it was made. Of two who fold at once, one finds it done.
    """
    yesterday = now.astimezone(OFFICE_ZONE).date() - timedelta(days=1)
    last = HistoryRoot.objects.newest_first().first()
    day, made = last.day + timedelta(days=1) if last else yesterday, 0
    while day <= yesterday:
        try:
            made += fold_history(day) is not None
        except IntegrityError:
            return made  # somebody else folds these days
        day += timedelta(days=1)
    return made
