"""The list of a round is published: at once, or at an instant that was set; and who may stop it until then."""

from collections.abc import Sequence
from copy import copy
from datetime import date, datetime

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from results import workflow
from results.figures import figures_for
from results.lines import Line, Proposal, fields_of, has_waiting_decisions, proposal_for
from results.models import Figures, Publication, ResultList, ResultRow
from results.permissions import may_publish
from rounds.models import Round
from workflow.transitions import NotPossibleNow

log = structlog.get_logger()


class NotPublishable(Exception):
    """What was asked for cannot be published. The text may be shown; `problem` is kept with a publication refused at its instant."""

    problem: str


class DecisionsWait(NotPublishable):
    """A decided application is not announced yet. The same words for everyone and every cause, so that they betray nothing."""

    problem = "waits"

    def __init__(self) -> None:
        super().__init__(_("The list cannot be published yet: not every decision of this round has been announced."))


class NothingChanged(NotPublishable):
    """The list is the same as the one that stands. The text may be shown."""

    problem = "nothing"

    def __init__(self) -> None:
        super().__init__(_("The list has not changed since its last version, so there is nothing to publish."))


class ListChanged(NotPublishable):
    """The list is no longer the one that was previewed. The text may be shown; nothing was published."""

    problem = "changed"

    def __init__(self) -> None:
        super().__init__(_("The list has changed since you opened this page. Nothing was published: look through it again."))


class NoteNeeded(NotPublishable):
    """A correction says in both languages what it corrects. The text may be shown."""

    problem = "note"

    def __init__(self) -> None:
        super().__init__(_("Say in both languages what this version corrects."))


class TooEarly(Exception):
    """The instant does not lie ahead. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("Choose a moment that lies ahead."))


class AlreadySet(Exception):
    """A publication of this round waits for its instant. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("A moment for this list is already set. Recall it first."))


@transaction.atomic
def write_list(
    round: Round,
    lines: Sequence[Line],
    *,
    digest: str,
    by: User | None,
    announced_on: date | None = None,
    stated_total_ug: int | None = None,
    source: str = "",
    note_en: str = "",
    note_zh: str = "",
) -> ResultList:
    """A new numbered version with its rows in one transaction: readers see the old list or the new one, never a mixture."""
    last = ResultList.objects.latest_of(round)
    if last is not None and last.digest == digest:
        raise NothingChanged
    result_list = ResultList(
        round=round,
        number=last.number + 1 if last else 1,
        announced_on=announced_on,
        stated_total_ug=stated_total_ug,
        source=source,
        note_en=note_en,
        note_zh=note_zh,
        digest=digest,
        by=by,
    )
    try:
        with transaction.atomic():
            result_list.save(force_insert=True)
    except IntegrityError:
        raise NotPossibleNow(_("Somebody else has just published this list.")) from None
    ordered = sorted(lines, key=Line.place)
    ResultRow.objects.bulk_create([ResultRow(result_list=result_list, position=position, **fields_of(line)) for position, line in enumerate(ordered)])
    return result_list


def _judged(round: Round, *, note_en: str, note_zh: str, seen_digest: str) -> Proposal:
    """What may be published at this moment, or the refusal."""
    if has_waiting_decisions(round):
        raise DecisionsWait
    proposal = proposal_for(round)
    if seen_digest and seen_digest != proposal.digest:
        raise ListChanged
    last = ResultList.objects.latest_of(round)
    if last is not None and last.digest == proposal.digest:
        raise NothingChanged
    if last is not None and not (note_en.strip() and note_zh.strip()):
        raise NoteNeeded
    return proposal


def _publish(round: Round, *, by: User, note_en: str, note_zh: str, seen_digest: str) -> ResultList:
    """The list and its figures, both made from what was read once."""
    proposal = _judged(round, note_en=note_en, note_zh=note_zh, seen_digest=seen_digest)
    last = ResultList.objects.latest_of(round)
    earlier = Figures.objects.of(last) if last else None
    published = write_list(round, proposal.lines, digest=proposal.digest, by=by, announced_on=proposal.announced_on, note_en=note_en, note_zh=note_zh)
    Figures(result_list=published, content=figures_for(round, proposal, earlier.content if earlier else None)).save(force_insert=True)
    return published


@transaction.atomic
def publish_results(round: Round, *, by: User, note_en: str = "", note_zh: str = "", seen_digest: str = "") -> ResultList:
    """Publish the announced approvals of the round. Refused while a decision waits, in the same words to everyone.

    With `seen_digest` only the list that was previewed is published. From the second version on it needs notes.
    """
    if Publication.objects.of(round).waiting().exists():
        raise AlreadySet
    return _publish(round, by=by, note_en=note_en, note_zh=note_zh, seen_digest=seen_digest)


@transaction.atomic
def schedule_publication(round: Round, *, by: User, publishes_at: datetime, seen_digest: str, note_en: str = "", note_zh: str = "") -> Publication:
    """Set the instant at which the previewed list is published. It is judged now, and again at that instant."""
    if publishes_at <= timezone.now():
        raise TooEarly
    _judged(round, note_en=note_en, note_zh=note_zh, seen_digest=seen_digest)
    publication = Publication(round=round, by=by, publishes_at=publishes_at, digest=seen_digest, note_en=note_en, note_zh=note_zh)
    try:
        with transaction.atomic():
            publication.save(force_insert=True)
    except IntegrityError:
        raise AlreadySet from None
    return publication


@transaction.atomic
def recall_publication(publication: Publication, *, by: User) -> None:
    """Until its instant: nothing has been published."""
    if timezone.now() >= publication.publishes_at:
        raise NotPossibleNow(_("The moment has come: the list is being published."))
    publication.advance(workflow.RECALL, by=by)


class MayNot(NotPublishable):
    """Whoever set the instant may not publish in this round any more: a role that has ended, or a decision recorded since."""

    problem = "may_not"

    def __init__(self) -> None:
        super().__init__(_("Whoever set the moment may no longer publish in this round."))


def problem_text(publication: Publication) -> str:
    """Why it was not published, in the reader's language."""
    kinds: tuple[type[NotPublishable], ...] = (DecisionsWait, ListChanged, NothingChanged, NoteNeeded, MayNot)
    return next((str(kind()) for kind in kinds if kind.problem == publication.problem), "")


@transaction.atomic
def _carry_out(publication: Publication) -> ResultList:
    """The step and the list in one transaction. The step comes first: of two workers one waits here and finds that it is done."""
    if not may_publish(publication.by, publication.round):
        raise MayNot
    publication.advance(workflow.PUBLISH, by=None)
    words = {"note_en": publication.note_en, "note_zh": publication.note_zh}
    return _publish(publication.round, by=publication.by, seen_digest=publication.digest, **words)


def run_publications(*, now: datetime | None = None) -> int:
    """Publish what is due; how many lists became readable. Interrupted anywhere, the next run finds the old list and goes on."""
    published = 0
    for publication in Publication.objects.due(now or timezone.now()):
        try:
            _carry_out(copy(publication))
        except NotPublishable as refusal:
            _refuse(publication, refusal.problem)
        except NotPossibleNow:  # recalled, or carried out by another worker in this moment
            continue
        except Exception:  # one list may not stop the others; the next run takes it up again
            log.exception("publication_failed", publication=publication.pk)
        else:
            published += 1
    return published


def _refuse(publication: Publication, problem: str) -> None:
    try:
        publication.advance(workflow.REFUSE, by=None, problem=problem)
    except NotPossibleNow:  # another worker was quicker
        return
    log.warning("publication_refused", publication=publication.pk, problem=problem)
