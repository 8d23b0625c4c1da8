"""An expert's scores and words are kept while they are typed, filed, and filed anew with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from applications.actions import base_of
from reviews import workflow as steps
from reviews.actions.situations import ReasonNeeded, ReviewsClosed, StaleReview, Unscored
from reviews.models import REMARKS, Filing, HandBackReason, Review, Score, score_name
from rounds.models import Criterion
from workflow.transitions import NotPossibleNow

ATTEMPTS = 20  # of a saving that meets others


@dataclass(frozen=True)
class Kept:
    """How a review stands after a saving. `conflicts`: what was not stored, because another window saved another text since the writer
    read it, with that text."""

    at: datetime
    conflicts: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def keep_review(review: Review, *, by: User, texts: Mapping[str, str], bases: Mapping[str, str]) -> Kept:
    """Keep what was typed so far, by the names of `Review.texts`. Only what the writer has changed is written, and nothing unseen.

    `bases` holds for each text the fingerprint (`base_of`) of the one that the writer saw. Names that the round does not know are passed
    over. Raises ReviewsClosed, or NotPossibleNow when it is not an open review any more; then nothing was kept.
    """
    if not review.application.is_shown_in_review:
        raise ReviewsClosed
    known = {score_name(criterion.pk): criterion for criterion in Criterion.objects.filter(round_id=review.application.round_id)}
    empty = base_of("")
    typed = {name: text for name, text in texts.items() if (name in known or name in REMARKS) and base_of(text) != bases.get(name, empty)}
    for _attempt in range(ATTEMPTS):
        stored = Review.objects.prefetch_related("scores").get(pk=review.pk)
        if stored.status != steps.R.OPEN:
            raise NotPossibleNow
        standing = stored.texts()
        changed = {name: text for name, text in typed.items() if standing.get(name, "") != text}
        unseen = {name: standing.get(name, "") for name in changed if base_of(standing.get(name, "")) != bases.get(name, empty)}
        write = {name: text for name, text in changed.items() if name not in unseen}
        now = timezone.now()
        if not write:
            return Kept(stored.saved_at or now, unseen)
        remarks = {name: text for name, text in write.items() if name in REMARKS}
        still = Review.objects.filter(pk=review.pk, status=steps.R.OPEN, revision=stored.revision)
        if not still.update(revision=F("revision") + 1, saved_at=now, **remarks):
            continue
        for name in write.keys() & known.keys():
            Score.objects.filter(review=stored, criterion=known[name]).delete()
            if write[name]:
                Score.objects.create(review=stored, criterion=known[name], value=int(write[name]))
        return Kept(now, unseen)
    raise NotPossibleNow


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
    now = timezone.now()
    review.advance(steps.FILE, by=by, filed_at=now)
    _remember(review, number=1, at=now)


@transaction.atomic
def refile_review(
    review: Review,
    *,
    by: User,
    seen_version: int,
    scores: Mapping[Criterion, int],
    remarks_to_applicant: str,
    remarks_to_committee: str,
    reason: str,
) -> None:
    """File a filed review anew, with the reason for the change. The state before stays in the record, and the day of the first filing.
    Raises ReviewsClosed, ReasonNeeded, Unscored, or NotPossibleNow when it was filed anew since it was read."""
    if not review.application.is_shown_in_review:
        raise ReviewsClosed
    if not reason.strip():
        raise ReasonNeeded
    missing = [criterion for criterion in Criterion.objects.filter(round_id=review.application.round_id) if criterion not in scores]
    if missing:
        raise Unscored(missing)
    if review.version != seen_version:
        raise NotPossibleNow
    now = timezone.now()
    last = review.filings.order_by("-number").first() or _remember(review, number=1, at=review.filed_at or now)  # filed before there were filings
    words = {"remarks_to_applicant": remarks_to_applicant, "remarks_to_committee": remarks_to_committee}
    review.advance(steps.REFILE, by=by, note=reason, at=now, saved_at=now, **words)
    for criterion, value in scores.items():
        Score.objects.update_or_create(review=review, criterion=criterion, defaults={"value": value})
    _remember(review, number=last.number + 1, at=now, reason=reason)


def _remember(review: Review, *, number: int, at: datetime, reason: str = "") -> Filing:
    """The state as it stands, among those that were filed."""
    scores = {str(score.criterion_id): score.value for score in Score.objects.filter(review=review)}
    words = {name: getattr(review, name) for name in REMARKS}
    filing = Filing(review=review, number=number, scores=scores, reason=reason, at=at, **words)
    filing.save(force_insert=True)
    return filing


@transaction.atomic
def hand_back_review(review: Review, *, by: User, reason: HandBackReason, note: str = "") -> None:
    """The expert gives the application back without a conflict; it disappears from the expert's pages, and is not offered again."""
    review.advance(steps.HAND_BACK, by=by, note=f"{reason.value}: {note.strip()}")
