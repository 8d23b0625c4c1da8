"""What the office, the applicant and the clock do with an application that was handed in."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import words
from applications import workflow as steps
from applications.actions.situations import CorrectionDateNeeded, RoundStillOpen
from applications.models import Application
from letters.actions import revoke_held, write_letter
from samples.actions import release_holds
from workflow.transitions import Move, NotPossibleNow

ATTEMPTS = 5  # of a withdrawal that meets steps of the office


@transaction.atomic
def return_application(application: Application, *, by: User, note: str, correct_by: datetime) -> None:
    """Give it back for changes with a reason and a date of its own. The letter tells the applicant."""
    now = timezone.now()
    if not application.round.is_closed(now):
        raise RoundStillOpen
    if correct_by <= now:
        raise CorrectionDateNeeded
    application.advance(steps.RETURN, by=by, note=note, at=now, correct_by=correct_by)
    write_letter(
        key=f"returned:{application.reference}:{application.version}",
        kind="returned",
        reference=application.reference,
        words=words.returned(application, note=note, correct_by=correct_by),
        readers=[application.owner],
        by=by,
    )


@transaction.atomic
def accept_application(application: Application, *, by: User) -> None:
    """The formal check is passed; a draft correction that was never handed in is no obstacle."""
    if not application.round.is_closed():
        raise RoundStillOpen
    application.advance(steps.ACCEPT, by=by)


@transaction.atomic
def refuse_application(application: Application, *, by: User, note: str) -> None:
    """Refuse formally, with the reason; the letter tells the applicant."""
    if not application.round.is_closed():
        raise RoundStillOpen
    application.advance(steps.REFUSE, by=by, note=note)
    write_letter(
        key=f"refused:{application.reference}",
        kind="refused",
        reference=application.reference,
        words=words.refused(application, note=note),
        readers=[application.owner],
        by=by,
    )


@transaction.atomic
def withdraw_application(application: Application, *, by: User, note: str = "") -> None:
    """Take it back. Mass that was set aside goes back to the vault, and letters not released yet never leave.

    The applicant means it whatever the office does in this second, so a step of the office in between is no obstacle; and what the
    applicant does not see yet (a decision) neither allows nor forbids it, or the answer would tell.
    """
    for attempt in range(ATTEMPTS):
        application.refresh_from_db()
        if not application.is_withdrawable:
            raise NotPossibleNow(_("The application cannot be withdrawn any more. Its page says how it stands."))
        step = steps.WITHDRAW if application.can(steps.WITHDRAW) else steps.WITHDRAW_UNSEEN
        try:
            application.advance(step, by=by, note=note)
            break
        except NotPossibleNow:
            if attempt == ATTEMPTS - 1:
                raise
    release_holds(application.reference, reason="withdrawn", by=by)
    revoke_held(application.reference, by=by)


@transaction.atomic
def bind_application(application: Application, *, by: User, signed_on: date) -> None:
    """The Loan Agreement is signed: a withdrawal or a lapse at the same moment finds the application moved."""
    if application.is_signed or not application.is_decision_visible:
        raise NotPossibleNow
    application.advance(steps.SIGN, by=by, signed_on=signed_on)


def expire_applications(*, now: datetime | None = None) -> int:
    """Mark what was not handed in before `now`, one transaction each; how many."""
    now = now or timezone.now()
    expired = 0
    for application in Application.objects.overdue(now).select_related("round")[:1000]:
        try:
            application.advance(steps.EXPIRE, by=None)
        except NotPossibleNow:  # handed in or withdrawn in this very moment
            continue
        expired += 1
    return expired


@transaction.atomic
def announce_outcome(application: Application, step: Move, *, by: User) -> None:
    """Move to the decided status without showing it yet: the applicant goes on seeing the status before (quiet_status)."""
    application.advance(step, by=by, quiet_status=application.shown_status, visible_at=None)


def show_decisions(references: Collection[str], *, at: datetime) -> int:
    """Let applicants see what was announced, all at the same moment."""
    return Application.objects.filter(reference__in=references, status__in=steps.DECIDED, visible_at__isnull=True).update(visible_at=at)
