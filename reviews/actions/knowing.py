"""Experts say what they know, and what they would like to judge."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications.models import Application
from reviews.actions.situations import NotInCommittee
from reviews.expertise import FIELDS, TECHNIQUES
from reviews.models import Bid, Expertise, Seat, open_to_bids
from rounds.models import Round


@transaction.atomic
def save_expertise(*, by: User, fields: Sequence[str], techniques: Sequence[str], words: str) -> Expertise:
    """Keep what an expert says to know; codes that are in no list are left out."""
    said = {
        "fields": [subject.code for subject in FIELDS if subject.code in fields],
        "techniques": [subject.code for subject in TECHNIQUES if subject.code in techniques],
        "words": words,
        "changed_at": timezone.now(),
    }
    expertise, _made = Expertise.objects.update_or_create(user=by, defaults=said)
    return expertise


@transaction.atomic
def place_bids(round: Round, wishes: Mapping[Application, int | None], *, by: User) -> int:
    """Keep the wishes of a member of the committee; None takes one back. How many applications a wish stands for now.

    What the person may not be given takes no wish: it is passed over, as if it did not exist.
    """
    if not Seat.objects.of_round(round).taken().regular().of(by).exists():
        raise NotInCommittee(by)
    open_now = set(open_to_bids(round, by).filter(pk__in=[application.pk for application in wishes]).values_list("pk", flat=True))
    said = {application.pk: wish for application, wish in wishes.items() if application.pk in open_now}
    own = Bid.objects.filter(user=by)
    own.filter(application__in=[pk for pk, wish in said.items() if wish is None]).delete()
    now = timezone.now()
    given = [Bid(user=by, application_id=pk, wish=wish, at=now) for pk, wish in said.items() if wish is not None]
    Bid.objects.bulk_create(given, update_conflicts=True, unique_fields=("user", "application"), update_fields=("wish", "at"))
    return len(own.filter(application__in=open_to_bids(round, by).order_by().values("pk")))
