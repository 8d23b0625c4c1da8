"""A person declares a conflict, or none."""

from django.db import transaction

from accounts.models import User
from reviews import workflow as steps
from reviews.models import Conflict, Review


@transaction.atomic
def declare_no_conflict(review: Review, *, by: User) -> None:
    review.advance(steps.DECLARE, by=by)


@transaction.atomic
def declare_conflict(review: Review, *, by: User, note: str) -> None:
    """The expert steps back; the application disappears from the expert's pages at once."""
    review.advance(steps.HAND_BACK, by=by, note=note)
    Conflict.objects.get_or_create(user=by, application=review.application, defaults={"note": note})
