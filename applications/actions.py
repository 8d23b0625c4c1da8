"""What happens to an application, from its first word to its withdrawal."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.templatetags.portal import beijing
from applications import words
from applications import workflow as steps
from applications.models import Application, Receipt, ReferenceCounter, Request, Version, choosable_institutions, draft_version
from institutions.actions import create_institution
from institutions.models import Country, Institution
from letters.actions import revoke_held, write_letter
from rounds.models import Round, RoundSample
from samples.actions import release_holds
from samples.masses import spell_mg
from samples.models import Sample
from workflow.transitions import Move, NotPossibleNow

ATTEMPTS = 5  # of a withdrawal that meets steps of the office


class RoundClosed(Exception):
    """The moment has passed, by the one clock that judges. The text may be shown and names the reason."""

    def __init__(self, deadline: datetime) -> None:
        self.deadline = deadline
        super().__init__(_("Too late: the time for this ended on %(moment)s. This attempt changed nothing.") % {"moment": beijing(deadline)})


class RoundNotOpen(Exception):
    """The round takes no applications now. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This round does not take applications at the moment."))


class RoundStillOpen(Exception):
    """The office waits until the closing: until then the applicant may replace the application. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(
            _("The round is still open, and the applicant may still replace the application. The formal check begins after the closing.")
        )


class Incomplete(Exception):
    """Something needed is missing or wrong; `problems` are sentences that may be shown, each with the section that mends it."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        super().__init__(ngettext("%(count)d thing is missing.", "%(count)d things are missing.", count) % {"count": count})


class StaleTab(Exception):
    """Somebody saved a newer text since this page was opened; `stored` is that text. Nothing was overwritten."""

    def __init__(self, stored: Version) -> None:
        self.stored = stored
        super().__init__(_("Another window has saved a newer state since you opened this page. Nothing was overwritten."))


class KeyUsed(Exception):
    """The key of a submission belongs to another application. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This form was already used. Reload the page and try again."))


class InstitutionKnown(Exception):
    """The institution that was to be entered stands in the register. The text may be shown."""

    def __init__(self, institution: Institution) -> None:
        self.institution = institution
        super().__init__(_("%(name)s is in the register already. It is listed above: choose it there.") % {"name": institution.name})


class CorrectionDateNeeded(Exception):
    """A return needs a date in the future. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("Give a date in the future by which the correction must arrive."))


@transaction.atomic
def start_application(round: Round, *, by: User, institution: Institution | None = None) -> Application:
    """A new draft with its reference. Raises RoundNotOpen outside the round's time."""
    if not Round.objects.open().filter(pk=round.pk).exists():
        raise RoundNotOpen
    application = Application(reference=ReferenceCounter.next_reference("LSA"), round=round, owner=by)
    application.save(force_insert=True)
    Version(application=application, number=1, institution=institution).save(force_insert=True)
    return application


@transaction.atomic
def start_version(application: Application, *, by: User) -> Version:
    """The draft version to write in: the one that exists, or a copy of what was handed in last.

    Raises RoundClosed when nothing could be handed in any more, NotPossibleNow when the status does not let it.
    """
    draft = draft_version(application)
    if draft is not None:
        return draft
    if not application.is_editable() or application.current is None:
        raise too_late_or_moved(application)
    last = application.current
    draft = Version(
        application=application,
        number=last.number + 1,
        institution=last.institution,
        title=last.title,
        research_question=last.research_question,
        plan=last.plan,
    )
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:  # another tab was faster; its draft is ours
        found = draft_version(application)
        if found is None:
            raise NotPossibleNow from None
        return found
    Request.objects.bulk_create(
        [Request(version=draft, sample_id=line.sample_id, position=line.position, mass_ug=line.mass_ug) for line in last.requests.all()]
    )
    return draft


def _claim_for_edit(version: Version, *, seen_revision: int, **fields: object) -> None:
    """One conditional statement: only a draft version of an editable application, only if nobody saved since it was read.

    The conditions stand on the row itself: of two savers at once the second waits for the first and then looks at the row again,
    which PostgreSQL would not do behind a join.
    """
    application = version.application
    if not application.is_editable():
        raise too_late_or_moved(application)
    editable = Application.objects.filter(pk=application.pk, status__in=steps.EDITABLE)
    still = Version.objects.drafts().filter(Exists(editable), pk=version.pk, revision=seen_revision)
    if still.update(revision=F("revision") + 1, saved_at=timezone.now(), **fields):
        return
    stored = Version.objects.with_answers().get(pk=version.pk)
    if stored.submitted_at is None and stored.revision != seen_revision:
        raise StaleTab(stored)
    raise too_late_or_moved(Application.objects.select_related("round").get(pk=application.pk))


def too_late_or_moved(application: Application) -> RoundClosed | NotPossibleNow:
    """Why nothing can be written or handed in now: the clock, or that it was submitted, withdrawn or taken up meanwhile."""
    if application.is_editable():
        return NotPossibleNow(_("This version was submitted already. To change something, start a new version from the application's page."))
    if application.status in (*steps.EDITABLE, steps.Status.NOT_SUBMITTED):
        return RoundClosed(application.deadline())
    return NotPossibleNow(_("The application cannot be changed any more. Its page says how it stands."))


@transaction.atomic
def revise_application(version: Version, *, by: User, seen_revision: int, **fields: str | Institution | None) -> None:
    """Save words of a draft version. Raises StaleTab when a newer text is stored, RoundClosed after the deadline."""
    _claim_for_edit(version, seen_revision=seen_revision, **fields)


@transaction.atomic
def enter_institution(
    version: Version, *, by: User, seen_revision: int, name_en: str, name_local: str, kind: str, country: Country | None
) -> Institution:
    """Enter an institution that the register does not have, unverified, and choose it. All or nothing: nothing is entered by an older
    tab or after the deadline. Raises InstitutionKnown for one that the applicant could have chosen."""
    may_choose = choosable_institutions(by)
    known = may_choose.match(name_en, country) or may_choose.match(name_local, country)
    if known is not None:
        raise InstitutionKnown(known)
    institution = create_institution(name_en=name_en, name_local=name_local, kind=kind, country=country, by=by)
    _claim_for_edit(version, seen_revision=seen_revision, institution=institution)
    return institution


@transaction.atomic
def revise_requests(version: Version, *, by: User, seen_revision: int, lines: Sequence[tuple[Sample, int]]) -> None:
    """Save the samples asked for: pairs of sample and micrograms, in the applicant's order."""
    _claim_for_edit(version, seen_revision=seen_revision)
    version.requests.all().delete()
    Request.objects.bulk_create(
        [Request(version=version, sample=sample, position=position, mass_ug=mass_ug) for position, (sample, mass_ug) in enumerate(lines)]
    )


def missing_parts(version: Version) -> list[tuple[str, str]]:
    """What stands between this version and its submission: (section, sentence) pairs in the order of the form."""
    round = version.application.round
    problems: list[tuple[str, str]] = []
    if version.institution is None:
        problems.append(("institution", _("Choose the institution that will sign for the loan.")))
    elif not round.admits(version.institution.survivor):
        problems.append(("institution", _("This round is not for institutions of that country or region.")))
    for name, sentence in (
        ("title", _("Give the application a title.")),
        ("research_question", _("Write the research question.")),
        ("plan", _("Write the plan.")),
    ):
        if not getattr(version, name).strip():
            problems.append(("research", sentence))
    lines = list(version.requests.all())
    if not lines:
        problems.append(("samples", _("Ask for at least one sample.")))
    offered = set(RoundSample.objects.filter(round=round).values_list("sample_id", flat=True))
    problems.extend(("samples", problem) for line in lines if (problem := request_problem(line.sample, line.mass_ug, offered)))
    return problems


def request_problem(sample: Sample, mass_ug: int, offered: Collection[int]) -> str | None:
    """Why a sample cannot be asked for like this, as a sentence; None when it can. Judged by the public stock figure."""
    if sample.pk not in offered:
        return _("%(number)s is not offered in this round.") % {"number": sample.number}
    if mass_ug <= 0:
        return _("Ask for more than 0 mg of %(number)s.") % {"number": sample.number}
    if not sample.is_divisible and mass_ug != sample.present_ug:
        return _("%(number)s is lent whole: it cannot be asked for in part.") % {"number": sample.number}
    if not sample.left_ug:
        return _("Nothing of %(number)s is left.") % {"number": sample.number}
    if mass_ug > sample.left_ug:
        return _("Only %(left)s mg of %(number)s are left.") % {"left": spell_mg(sample.left_ug), "number": sample.number}
    return None


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
    return receipt


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
