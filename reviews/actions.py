"""What happens in the committee: experts are assigned and file, votes are entered, decisions recorded and announced."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from applications import workflow as application_steps
from applications.actions import announce_outcome, show_decisions
from applications.models import Application, Request
from letters.actions import release_letters, write_letter
from reviews import words
from reviews import workflow as steps
from reviews.models import Announcement, AnnouncementItem, Award, Conflict, Decision, Review, Score, Vote, cases_visible_to
from reviews.permissions import is_conflicted
from reviews.workflow import GRANTED, Outcome
from rounds.models import Criterion, Round
from samples.actions import earmark_samples, hold_earmarked, release_holds, show_holds
from samples.models import Sample
from workflow.transitions import Move, NotPossibleNow

log = structlog.get_logger()
ATTEMPTS = 3  # of one application in an announcement, before it is listed with its cause

STEP_OF_OUTCOME: dict[Outcome, Move] = {
    Outcome.APPROVED: application_steps.APPROVE,
    Outcome.RESERVE: application_steps.PUT_IN_RESERVE,
    Outcome.DECLINED: application_steps.DECLINE,
}


class Conflicted(Exception):
    """The person has a tie to the applicant or a declared conflict. The text may be shown."""

    def __init__(self, person: User) -> None:
        super().__init__(_("%(name)s has a tie to this applicant or institution and cannot be assigned.") % {"name": person})


class NotAnExpert(Exception):
    def __init__(self, person: User) -> None:
        super().__init__(_("%(name)s is not an expert.") % {"name": person})


class Unscored(Exception):
    """A review cannot be filed while a criterion has no score; `missing` are those without one. The text may be shown."""

    def __init__(self, missing: Sequence[Criterion]) -> None:
        self.missing = list(missing)
        super().__init__(_("Give each criterion a score before you file the review."))


class StaleReview(Exception):
    """Another tab saved this review meanwhile. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("A newer text was saved in another window. Nothing was overwritten: copy what you need, then reload the page."))


class ReviewsClosed(Exception):
    """The application is not in review any more, as far as an expert may know. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("The application is no longer in review, so its reviews are closed. Nothing was saved."))


class VoteImpossible(Exception):
    """The figures of a vote contradict each other. The text may be shown."""

    def __init__(self, request: Request, text: str) -> None:
        self.request = request
        super().__init__(text)


class NotCarried(Exception):
    """An award without the votes it needs. The text may be shown."""

    def __init__(self, request: Request) -> None:
        self.request, self.sample = request, request.sample
        super().__init__(
            _("%(number)s cannot be awarded: the vote does not reach the share that the round asks for.") % {"number": request.sample.number}
        )


class AwardImpossible(Exception):
    """An award does not fit what was asked for or how the application stands. The text may be shown."""

    def __init__(self, text: str, sample: Sample | None = None) -> None:
        self.sample = sample
        super().__init__(text)


class CountChanged(Exception):
    """Another number of decisions waits than the approver confirmed. The text may be shown."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            _("The number of decisions has changed to %(count)d. Look through the list again and confirm the new number.") % {"count": count}
        )


class NothingToAnnounce(Exception):
    def __init__(self) -> None:
        super().__init__(_("No decision waits for an announcement."))


class AlreadyPlanned(Exception):
    """The decision stands in a confirmed announcement. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This decision stands in a confirmed announcement. The approver has to recall it first."))


class VoteCount(NamedTuple):
    """What the meeting counted on one requested sample."""

    present: int
    recused: int
    yes: int
    no: int


class AwardDraft(NamedTuple):
    """What the officer enters for one request; the mass in micrograms counts only for `reduced`."""

    outcome: Outcome
    mass_ug: int = 0


@transaction.atomic
def assign_experts(application: Application, experts: Sequence[User], *, by: User) -> list[Review]:
    """Give the application to experts; one that was removed or handed back is not asked again. All or none."""
    if not application.is_in_review:
        raise NotPossibleNow
    reviews = []
    for expert in experts:
        if not expert.has_role(Role.EXPERT):
            raise NotAnExpert(expert)
        if is_conflicted(expert, application):
            raise Conflicted(expert)
        review, _created = Review.objects.get_or_create(application=application, expert=expert)
        if review.status not in steps.LIVE:
            raise NotPossibleNow(_("%(name)s was asked for this application before, and is not asked again.") % {"name": expert})
        reviews.append(review)
    return reviews


@transaction.atomic
def remove_review(review: Review, *, by: User, note: str = "") -> None:
    """Take an application back from an expert before the review is filed."""
    review.advance(steps.REMOVE, by=by, note=note)


@transaction.atomic
def declare_no_conflict(review: Review, *, by: User) -> None:
    review.advance(steps.DECLARE, by=by)


@transaction.atomic
def declare_conflict(review: Review, *, by: User, note: str) -> None:
    """The expert steps back; the application disappears from the expert's pages at once."""
    review.advance(steps.HAND_BACK, by=by, note=note)
    Conflict.objects.get_or_create(user=by, application=review.application, defaults={"note": note})


@transaction.atomic
def save_review(
    review: Review, *, by: User, seen_revision: int, scores: Mapping[Criterion, int], remarks_to_applicant: str, remarks_to_committee: str
) -> None:
    """Keep what the expert has so far. Only an open review that nobody saved since it was read, of an application in review."""
    if not review.application.is_shown_in_review:  # as the applicant sees it: a decision that is not visible yet must not tell
        raise ReviewsClosed
    still = Review.objects.filter(pk=review.pk, status=steps.R.OPEN, revision=seen_revision)
    if not still.update(
        remarks_to_applicant=remarks_to_applicant,
        remarks_to_committee=remarks_to_committee,
        revision=F("revision") + 1,
        saved_at=timezone.now(),
    ):
        if Review.objects.filter(pk=review.pk, status=steps.R.OPEN).exists():
            raise StaleReview
        raise NotPossibleNow
    Score.objects.filter(review=review).exclude(criterion__in=scores).delete()
    for criterion, value in scores.items():
        Score.objects.update_or_create(review=review, criterion=criterion, defaults={"value": value})
    review.refresh_from_db()


@transaction.atomic
def file_review(
    review: Review, *, by: User, seen_revision: int, scores: Mapping[Criterion, int], remarks_to_applicant: str, remarks_to_committee: str
) -> None:
    """Save and file: afterwards it is part of the record. Every criterion of the round needs a score (Unscored names the missing)."""
    missing = [criterion for criterion in Criterion.objects.filter(round_id=review.application.round_id) if criterion not in scores]
    if missing:
        raise Unscored(missing)
    save_review(
        review,
        by=by,
        seen_revision=seen_revision,
        scores=scores,
        remarks_to_applicant=remarks_to_applicant,
        remarks_to_committee=remarks_to_committee,
    )
    review.advance(steps.FILE, by=by, filed_at=timezone.now())


@transaction.atomic
def enter_vote(request: Request, *, by: User, present: int, recused: int, yes: int, no: int) -> Vote:
    """Enter or correct the count of the meeting, as long as no decision is recorded on the application."""
    if min(present, recused, yes, no) < 0:
        raise VoteImpossible(request, _("A number of votes cannot be negative."))
    if recused > present:
        raise VoteImpossible(request, _("More members are recused than present."))
    if yes + no > present - recused:
        raise VoteImpossible(request, _("There are more votes than members who may vote."))
    application = request.version.application
    # Changes nothing but waits at the row for a decision that is being recorded; what follows sees it.
    if not Application.objects.decidable().filter(pk=application.pk, current=request.version_id).update(version=F("version")):
        raise NotPossibleNow
    if Decision.objects.filter(application=application, status=steps.D.RECORDED).exists():
        raise NotPossibleNow(_("The decision is recorded, and the votes stand with it. Retract the decision to correct them."))
    figures = {"present": present, "recused": recused, "yes": yes, "no": no, "entered_by": by, "entered_at": timezone.now()}
    vote, _created = Vote.objects.update_or_create(request=request, defaults=figures)
    return vote


@transaction.atomic
def enter_votes(counts: Mapping[Request, VoteCount], *, by: User) -> None:
    """Enter what the meeting counted on several samples: all or none."""
    for request, count in counts.items():
        enter_vote(request, by=by, **count._asdict())


def is_carried(request: Request, round: Round) -> bool:
    """Whether the committee's vote on this sample reaches the round's share. No vote is no."""
    vote = Vote.objects.filter(request=request).first()
    return vote is not None and round.is_passed_by(present=vote.present, recused=vote.recused, yes=vote.yes)


def _awarded_mass(request: Request, draft: AwardDraft) -> int:
    if draft.outcome == Outcome.APPROVED:
        return request.mass_ug
    if draft.outcome != Outcome.REDUCED:
        return 0
    if not request.sample.is_divisible:
        raise AwardImpossible(_("%(number)s is lent whole, so less of it cannot be approved.") % {"number": request.sample.number}, request.sample)
    if not 0 < draft.mass_ug < request.mass_ug:
        raise AwardImpossible(
            _("Approving less of %(number)s means more than 0 mg and less than what was asked for.") % {"number": request.sample.number},
            request.sample,
        )
    return draft.mass_ug


@transaction.atomic
def record_decision(
    application: Application, *, awards: Mapping[Request, AwardDraft], by: User, conditions_en: str = "", conditions_zh: str = ""
) -> Decision:
    """Record what the vote came to, one award per requested sample, and set the mass aside. Nobody outside the office sees it.

    The application's version moves first, so that no hold can follow a withdrawal. All or nothing: NotCarried without the votes,
    AwardImpossible for a mass that does not fit, NotEnoughLeft (samples.ledger) with what is left, NotPossibleNow when it moved.
    """
    version = application.current
    if version is None or {request.version_id for request in awards} != {version.pk} or len(awards) != version.requests.count():
        raise AwardImpossible(_("Each sample asked for needs an outcome."))
    application.advance(application_steps.RECORD, by=by)
    earlier = Decision.objects.filter(application=application).count()
    decision = Decision(application=application, number=earlier + 1, conditions_en=conditions_en, conditions_zh=conditions_zh, recorded_by=by)
    try:
        with transaction.atomic():
            decision.save(force_insert=True)
    except IntegrityError:
        raise NotPossibleNow(_("A decision is already recorded. Retract it before you record another.")) from None
    masses_ug: dict[Sample, int] = {}
    for request, draft in awards.items():
        if draft.outcome in GRANTED and not is_carried(request, application.round):
            raise NotCarried(request)
        mass_ug = _awarded_mass(request, draft)
        Award(decision=decision, request=request, outcome=draft.outcome, mass_ug=mass_ug).save(force_insert=True)
        if mass_ug:
            masses_ug[request.sample] = mass_ug
    if not application.can(STEP_OF_OUTCOME[decision.outcome]):  # it could never be announced
        raise AwardImpossible(_("The application is in reserve already. Record an approval or a decline, or wait."))
    earmark_samples(application.reference, masses_ug, by=by)
    return decision


@transaction.atomic
def retract_decision(decision: Decision, *, by: User, note: str) -> None:
    """Take a recorded decision back before it is announced; the mass returns to the vault, the row stays."""
    if AnnouncementItem.objects.filter(decision=decision, announcement__in=Announcement.objects.under_way()).exists():
        raise AlreadyPlanned
    decision.application.advance(application_steps.RETRACT, by=by, note=note)
    decision.advance(steps.RETRACT_DECISION, by=by, note=note)
    release_holds(decision.application.reference, reason="retracted", by=by)


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
def _announce_one(item: AnnouncementItem, *, by: User) -> None:
    """One application: its status, its mass from earmarked to held, its letter (held), the decision, and the item. All or nothing."""
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
        words=words.decided(decision),
        readers=[application.owner],
        by=by,
        held=True,
    )
    if not AnnouncementItem.objects.filter(pk=item.pk, done_at__isnull=True).update(done_at=timezone.now(), problem=""):
        raise NotPossibleNow


def _try_item(item: AnnouncementItem, *, by: User) -> None:
    try:
        _announce_one(item, by=by)
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
        except NotPossibleNow:  # recalled, or carried out by another worker in this moment
            continue
        except Exception:  # one announcement may not stop the others; the next run takes it up again
            log.exception("announcement_failed", announcement=announcement.pk)
            continue
        finished += 1
    return finished


def _carry_out(announcement: Announcement) -> None:
    if announcement.status == steps.A.SCHEDULED:
        announcement.advance(steps.BEGIN, by=None)
    pending = AnnouncementItem.objects.filter(announcement=announcement, done_at__isnull=True)
    for _attempt in range(ATTEMPTS):
        items = pending.filter(attempts__lt=ATTEMPTS).select_related(
            "decision__application__round", "decision__application__owner", "decision__application__institution__country"
        )
        for item in items:
            _try_item(item, by=announcement.by)
    _finish(announcement, at=timezone.now())
