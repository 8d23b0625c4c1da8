"""Agreements are made from announced approvals, get more time, are signed, lapse, or end with a withdrawal."""

from datetime import date, datetime

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions import bind_application
from letters.actions import write_letter
from letters.models import Letter
from loans import words
from loans import workflow as steps
from loans.actions.reminding import tell
from loans.actions.situations import ExtensionImpossible, NotOverdue, SignatureImpossible, SignedTooLate
from loans.models import Agreement, AgreementCounter, AgreementExtension, ReminderKind, office_calendar, without_agreement
from loans.texts import CERTIFICATE, LAPSED
from loans.workdays import Calendar, beijing_date
from reviews.actions.lapsing import lapse_award
from reviews.models import Decision
from workflow.transitions import NotPossibleNow

log = structlog.get_logger()
AT_ONCE = 500  # agreements of one stroke of the clock; the next one goes on


def make_agreements(*, now: datetime | None = None) -> int:
    """An agreement for every approved decision that has become visible and has none; how many. Twice at once makes each once."""
    now, calendar, made = now or timezone.now(), office_calendar(), 0
    for decision in without_agreement(now)[:AT_ONCE]:
        try:
            _make_agreement(decision, calendar, now=now)
            made += 1
        except IntegrityError:  # another stroke of the clock was faster
            continue
        except Exception:  # one application may not stop the others
            log.exception("agreement_failed", decision=decision.pk)
    return made


@transaction.atomic
def _make_agreement(decision: Decision, calendar: Calendar, *, now: datetime) -> Agreement:
    application = decision.application
    assert application.visible_at is not None
    noticed_on, working_days = beijing_date(application.visible_at), application.round.signing_days
    agreement = Agreement(
        decision=decision,
        reference=AgreementCounter.next_reference("LSB"),
        noticed_on=noticed_on,
        working_days=working_days,
        due_on=calendar.after(noticed_on, working_days),
        made_at=now,
    )
    agreement.save(force_insert=True)
    tell(agreement, ReminderKind.NOTICE, now=now)
    return agreement


def end_agreements() -> int:
    """What was withdrawn before it was signed; how many."""
    ended = 0
    for agreement in Agreement.objects.withdrawn()[:AT_ONCE]:
        try:
            agreement.advance(steps.END, by=None)
        except NotPossibleNow:
            continue
        ended += 1
    return ended


@transaction.atomic
def extend_agreement(agreement: Agreement, *, by: User, due_on: date, reason: str) -> AgreementExtension:
    """More time to sign, with the reason; also after the time has passed, as long as the lapse is not confirmed. The applicant hears of it."""
    now = timezone.now()
    if not reason.strip():
        raise ExtensionImpossible(_("Write the reason."))
    if due_on <= agreement.due_on or due_on < beijing_date(now):
        raise ExtensionImpossible(_("The new last day must lie after the present one, and not in the past."))
    if not agreement.is_open:
        raise NotPossibleNow
    before = agreement.due_on
    agreement.advance(steps.EXTEND, by=by, note=f"{before} → {due_on}", at=now, due_on=due_on)
    extension = AgreementExtension(agreement=agreement, due_before=before, due_on=due_on, reason=reason.strip(), by=by, at=now)
    extension.save(force_insert=True)
    tell(agreement, ReminderKind.EXTENDED, now=now)
    return extension


@transaction.atomic
def sign_agreement(agreement: Agreement, *, by: User, signed_on: date, legal_representative: str, responsible_user: str) -> Letter:
    """Record that the agreement is signed, by whom and when; the certificate is written with it, once.

    The day counts, not the recording: an agreement signed in time may arrive later. Raises SignatureImpossible, or NotPossibleNow
    when it was signed, lapsed or withdrawn meanwhile.
    """
    if not legal_representative.strip() or not responsible_user.strip():
        raise SignatureImpossible(_("Both names are needed: the legal representative and the responsible user."))
    if not agreement.noticed_on <= signed_on <= beijing_date(timezone.now()):
        raise SignatureImpossible(_("The agreement is signed between the day of the notice and today."))
    if signed_on > agreement.due_on:
        raise SignedTooLate(agreement.due_on)
    if not agreement.is_open:
        raise NotPossibleNow
    # The application's row first, as everywhere: a withdrawal or a lapse in this second wins there, or finds it bound.
    bind_application(agreement.application, by=by, signed_on=signed_on)
    agreement.advance(
        steps.SIGN, by=by, signed_on=signed_on, legal_representative=legal_representative.strip(), responsible_user=responsible_user.strip()
    )
    return write_letter(
        key=agreement.certificate_key,
        kind=CERTIFICATE.word,
        reference=agreement.application.reference,
        words=words.certificate(agreement),
        readers=[agreement.application.owner],
        by=by,
    )


@transaction.atomic
def lapse_agreement(agreement: Agreement, *, by: User, note: str = "") -> None:
    """Confirm that the agreement was not signed in time: application, mass and letter follow in this transaction.

    Raises NotOverdue, or NotPossibleNow when it was signed, extended or withdrawn meanwhile: then nothing has moved.
    """
    if not agreement.is_open:
        raise NotPossibleNow
    if not agreement.has_passed(timezone.now()):
        raise NotOverdue
    note = note.strip()
    lapse_award(agreement.decision, by=by, note=note)
    agreement.advance(steps.LAPSE, by=by, note=note)
    write_letter(
        key=agreement.lapse_key,
        kind=LAPSED.word,
        reference=agreement.application.reference,
        words=words.lapsed(agreement, note=note),
        readers=[agreement.application.owner],
        by=by,
    )
