"""Applications are given to experts and taken back."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from applications.models import Application
from reviews import workflow as steps
from reviews.actions.situations import Conflicted, NotAnExpert
from reviews.models import Review, Seat
from reviews.permissions import is_conflicted
from workflow.transitions import NotPossibleNow


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
        Seat.objects.get_or_create(round=application.round, user=expert, defaults={"added_by": by})  # whoever judges sits in the committee
        review, _created = Review.objects.get_or_create(application=application, expert=expert)
        if review.status not in steps.LIVE:
            raise NotPossibleNow(_("%(name)s was asked for this application before, and is not asked again.") % {"name": expert})
        reviews.append(review)
    return reviews


@transaction.atomic
def remove_review(review: Review, *, by: User, note: str = "") -> None:
    """Take an application back from an expert before the review is filed."""
    review.advance(steps.REMOVE, by=by, note=note)
