"""A person declares a conflict, or none."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from reviews import workflow as steps
from reviews.models import Conflict, Declaration, Review, Standing


@transaction.atomic
def declare_no_conflict(review: Review, *, by: User) -> None:
    review.advance(steps.DECLARE, by=by)


@transaction.atomic
def declare_conflict(review: Review, *, by: User, note: str) -> None:
    """The expert steps back; the application disappears from the expert's pages at once."""
    review.advance(steps.HAND_BACK, by=by, note=note)
    words = {"standing": Standing.CONFLICT, "note": note, "declared_at": timezone.now(), "confirmed_by": None, "confirmed_at": None}
    Conflict.objects.update_or_create(user=by, application=review.application, defaults=words)
    Declaration(user=by, application=review.application, standing=Standing.CONFLICT, note=note, by=by).save(force_insert=True)
