"""An expert's scores and words are kept, and filed."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from reviews import workflow as steps
from reviews.actions.situations import ReviewsClosed, StaleReview, Unscored
from reviews.models import Filing, Review, Score
from rounds.models import Criterion
from workflow.transitions import NotPossibleNow


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
    Filing(
        review=review,
        number=1,
        scores={str(criterion.pk): value for criterion, value in scores.items()},
        remarks_to_applicant=remarks_to_applicant,
        remarks_to_committee=remarks_to_committee,
        at=now,
    ).save(force_insert=True)
