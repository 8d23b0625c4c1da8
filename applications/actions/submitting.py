"""Handing an application in: one clock, one transaction, one receipt."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import words
from applications import workflow as steps
from applications.actions.checking import missing_parts
from applications.actions.situations import Incomplete, KeyUsed, StaleTab, too_late_or_moved
from applications.models import Application, Receipt, Upload, Version, draft_version
from applications.tasks import ring_drawer
from letters.actions import write_letter
from workflow.transitions import Move, NotPossibleNow

STEP_OF_STATUS: dict[str, Move] = {
    steps.Status.DRAFT.value: steps.SUBMIT,
    steps.Status.SUBMITTED.value: steps.REPLACE,
    steps.Status.RETURNED.value: steps.RESUBMIT,
}


@transaction.atomic
def submit_application(application: Application, *, by: User, key: UUID, seen_revision: int | None = None) -> Receipt:
    """Hand the draft version in; a second call with the same key returns the first receipt.

    One clock, read once inside the transaction, judges against the round's closing as it stands then (exclusive), or against the
    date of a returned application. `seen_revision` is what the applicant read before pressing the button: a text saved since is not
    handed in unseen. Raises RoundClosed, Incomplete, StaleTab, NotPossibleNow or KeyUsed; then nothing has changed.
    """
    if earlier := _receipt_of(key, application):
        return earlier
    try:
        return _hand_in(Application.objects.select_related("round", "owner").get(pk=application.pk), by=by, key=key, seen_revision=seen_revision)
    except NotPossibleNow:
        if earlier := _receipt_of(key, application):  # the same form, sent twice at once: the other one was faster
            return earlier
        raise


def _receipt_of(key: UUID, application: Application) -> Receipt | None:
    """The receipt that this key was used for, if any."""
    receipt = Receipt.objects.filter(key=key).select_related("application", "version").first()
    if receipt is not None and receipt.application_id != application.pk:
        raise KeyUsed
    return receipt


@transaction.atomic
def _hand_in(application: Application, *, by: User, key: UUID, seen_revision: int | None) -> Receipt:
    now = timezone.now()
    step = STEP_OF_STATUS.get(application.status)
    version = draft_version(application)
    if version is None and application.status == steps.Status.SUBMITTED:
        raise NotPossibleNow(_("The application is submitted already, and it stands. There is nothing else to submit."))
    if step is None or version is None or now >= application.deadline():
        raise too_late_or_moved(application)
    if seen_revision is not None and version.revision != seen_revision:
        raise StaleTab(version)
    problems = missing_parts(version)
    if problems:
        raise Incomplete(problems)
    digest = version.expected_digest()
    unchanged = Version.objects.drafts().filter(pk=version.pk, revision=version.revision)
    if not unchanged.update(submitted_at=now, digest=digest):
        raise NotPossibleNow
    version.submitted_at, version.digest = now, digest
    application.advance(step, by=by, at=now, current=version, submitted_at=now, institution=version.institution, correct_by=None)
    receipt = Receipt(application=application, version=version, number=f"{application.reference}/{version.number}", key=key, at=now, digest=digest)
    try:
        with transaction.atomic():
            receipt.save(force_insert=True)
    except IntegrityError:  # the same key for another application at the same moment
        raise KeyUsed from None
    write_letter(
        key=f"receipt:{receipt.number}",
        kind="receipt",
        reference=application.reference,
        words=words.receipt(receipt),
        readers=[application.owner],
        by=by,
    )
    waiting = list(Upload.objects.to_draw().filter(attachments__version=version).values_list("pk", flat=True))
    transaction.on_commit(lambda: all(ring_drawer(pk) for pk in waiting))  # a dead queue is asked once; the sweep rings again
    return receipt
