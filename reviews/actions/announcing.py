"""Decisions are announced: confirmed, recalled, carried out after the recall window."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import workflow as application_steps
from applications.actions import announce_outcome, show_decisions
from letters.actions import release_letters, write_letter
from letters.models import standing_wording
from letters.texts import Kind, Wording
from reviews import words
from reviews import workflow as steps
from reviews.actions.situations import CountChanged, NothingToAnnounce
from reviews.models import Announcement, AnnouncementItem, Decision, cases_visible_to
from reviews.workflow import STEP_OF_OUTCOME
from rounds.models import Round
from samples.actions import hold_earmarked, show_holds
from workflow.transitions import NotPossibleNow

log = structlog.get_logger()
ATTEMPTS = 3  # of one application in an announcement, before it is listed with its cause


def decisions_to_announce(round: Round, *, by: User) -> "list[Decision]":
    """What this approver's announcement would hold: recorded, not planned yet, and of applications this person may see."""
    waiting = Decision.objects.awaiting_announcement().unplanned().filter(application__round=round, application__in=cases_visible_to(by))
    return list(waiting.for_list())


@transaction.atomic
def announce_decisions(round: Round, *, by: User, count: int) -> Announcement:
    """Confirm the announcement of what waits; it begins after the round's recall window. `count` is what the approver read and typed."""
    waiting = decisions_to_announce(round, by=by)
    if not waiting:
        raise NothingToAnnounce
    if len(waiting) != count:
        raise CountChanged(len(waiting))
    now = timezone.now()
    announcement = Announcement(round=round, by=by, confirmed_at=now, starts_at=now + timedelta(minutes=round.recall_minutes))
    try:
        with transaction.atomic():
            announcement.save(force_insert=True)
    except IntegrityError:
        raise NotPossibleNow(_("An announcement of yours is already under way in this round.")) from None
    AnnouncementItem.objects.bulk_create([AnnouncementItem(announcement=announcement, decision=decision) for decision in waiting])
    return announcement


@transaction.atomic
def recall_announcement(announcement: Announcement, *, by: User) -> None:
    """Stop it within the recall window: nothing has moved."""
    if timezone.now() >= announcement.starts_at:
        raise NotPossibleNow(_("The recall window has passed; the announcement is being carried out."))
    announcement.advance(steps.RECALL, by=by)


@transaction.atomic
def stop_announcement(announcement: Announcement, *, by: User) -> None:
    """Stop it while it runs: the application in hand is finished, the others wait, and nothing becomes visible before it goes on."""
    announcement.advance(steps.STOP, by=by)


@transaction.atomic
def continue_announcement(announcement: Announcement, *, by: User) -> None:
    """Go on where it was stopped; the clock takes it up."""
    announcement.advance(steps.GO_ON, by=by)


class _Stopped(Exception):
    """Somebody has stopped the announcement, or another worker has finished it: what is in hand is put down."""


WordingOf = Callable[[Kind], Wording]


@transaction.atomic
def _announce_one(item: AnnouncementItem, wording_of: WordingOf, *, by: User) -> None:
    """One application: its status, its mass from earmarked to held, its letter (held), the decision, and the item. All or nothing."""
    # Taken until the end of this transaction: a stop waits for the application in hand, and none begins after it.
    if not Announcement.objects.filter(pk=item.announcement_id, status=steps.A.RUNNING).update(starts_at=F("starts_at")):
        raise _Stopped
    decision = item.decision
    application = decision.application
    if application.status == application_steps.Status.WITHDRAWN:
        raise NotPossibleNow(_("The applicant has withdrawn the application."))
    # The application's row first, as everywhere: two actions on one case wait for each other and never in a circle.
    announce_outcome(application, STEP_OF_OUTCOME[decision.outcome], by=by)
    decision.advance(steps.ANNOUNCE_DECISION, by=by)
    hold_earmarked(application.reference, by=by)
    write_letter(
        key=f"decision:{application.reference}:{decision.number}",
        kind="decision",
        reference=application.reference,
        words=words.decided(decision, wording=wording_of(words.kind_of(decision))),
        readers=[application.owner],
        by=by,
        held=True,
    )
    if not AnnouncementItem.objects.filter(pk=item.pk, done_at__isnull=True).update(done_at=timezone.now(), problem=""):
        raise NotPossibleNow


def _try_item(item: AnnouncementItem, wording_of: WordingOf, *, by: User) -> None:
    try:
        _announce_one(item, wording_of, by=by)
    except _Stopped:
        raise
    except Exception as problem:  # one poisoned application may not stop the others: it is listed with its cause
        log.exception("announcement_item_failed", item=item.pk)
        AnnouncementItem.objects.filter(pk=item.pk, done_at__isnull=True).update(attempts=F("attempts") + 1, problem=str(problem)[:500])


@transaction.atomic
def _finish(announcement: Announcement, *, at: datetime) -> None:
    """Everything becomes visible at one moment: pages, letters, mails and the public stock."""
    announcement.advance(steps.FINISH, by=None, at=at, visible_at=at)
    done = AnnouncementItem.objects.filter(announcement=announcement, done_at__isnull=False)
    show_decisions(list(done.values_list("decision__application__reference", flat=True)), at=at)
    # Whoever withdrew in between is left out: that letter was revoked and never leaves. From here on a withdrawal waits for us.
    done = done.filter(decision__application__status__in=application_steps.DECIDED)
    numbers = list(done.values_list("decision__application__reference", "decision__number"))
    references = [reference for reference, _number in numbers]
    show_holds(references)
    release_letters([f"decision:{reference}:{number}" for reference, number in numbers], visible_at=at, by=announcement.by)


def run_announcements(*, now: datetime | None = None) -> int:
    """Work off what is due, application by application; how many announcements became visible.

    Interrupted anywhere, the next run goes on: an item is done once because its transaction marks it, and two runs at once meet in
    the conditional updates.
    """
    finished = 0
    for announcement in Announcement.objects.due(now or timezone.now()).select_related("by", "round"):
        try:
            _carry_out(announcement)
        except (_Stopped, NotPossibleNow):  # recalled, stopped, or carried out by another worker in this moment
            continue
        except Exception:  # one announcement may not stop the others; the next run takes it up again
            log.exception("announcement_failed", announcement=announcement.pk)
            continue
        finished += 1
    return finished


def _carry_out(announcement: Announcement) -> None:
    if announcement.status == steps.A.SCHEDULED:
        announcement.advance(steps.BEGIN, by=None)
    wording_of = cache(standing_wording)  # read once: the letters of one announcement say the same, whatever is edited meanwhile
    for _attempt in range(ATTEMPTS):
        for item in AnnouncementItem.objects.pending_in(announcement).filter(attempts__lt=ATTEMPTS):
            _try_item(item, wording_of, by=announcement.by)
    _finish(announcement, at=timezone.now())
