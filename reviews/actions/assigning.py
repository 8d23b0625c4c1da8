"""Applications are given to experts and taken back."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from applications.models import Application
from reviews import workflow as steps
from reviews.actions.situations import Conflicted, NotAnExpert
from reviews.models import Conflict, Review, Seat
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
    open_declared(reviews)
    return reviews


def open_declared(reviews: Sequence[Review]) -> None:
    """Open what waits for a declaration that was given before, on the round's page: in one statement for all, and one step for each."""
    waiting = {(review.expert_id, review.application_id): review for review in reviews if review.awaits_declaration}
    people, applications = {person for person, _application in waiting}, {application for _person, application in waiting}
    for said in Conflict.objects.against().filter(user__in=people, application__in=applications).select_related("user"):
        review = waiting.get((said.user_id, said.application_id))
        if review is not None:
            review.advance(steps.DECLARE, by=said.user)


@transaction.atomic
def remove_review(review: Review, *, by: User, note: str = "") -> None:
    """Take an application back from an expert before the review is filed."""
    review.advance(steps.REMOVE, by=by, note=note)
