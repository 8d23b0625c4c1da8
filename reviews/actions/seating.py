"""The committee of a round: who sits in it, who leads it, who is invited, and who leaves."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from reviews import workflow as steps
from reviews.actions.situations import NotAnExpert, NotInCommittee, ReviewsTakenBack, SeatTaken, TooManyInvited
from reviews.models import Review, Seat, unfiled_in
from rounds.models import Round


@transaction.atomic
def add_seat(round: Round, person: User, *, by: User, is_chair: bool = False, is_invited: bool = False, most_reviews: int | None = None) -> Seat:
    """Give an expert a place in the committee; one that has ended is taken up again."""
    if not User.objects.with_role(Role.EXPERT).filter(pk=person.pk).exists():
        raise NotAnExpert(person)
    _one_at_a_time(round)
    words = {"is_chair": is_chair, "is_invited": is_invited and not is_chair, "most_reviews": most_reviews, "ended_at": None}
    if Seat.objects.of_round(round).taken().of(person).exists():
        raise SeatTaken(_("%(name)s sits in the committee already.") % {"name": person})
    seat = _write(round, person, words, by=by)
    _keep_the_third(round)
    return seat


@transaction.atomic
def change_seat(seat: Seat, *, by: User, is_chair: bool, is_invited: bool, most_reviews: int | None) -> None:
    """Change what a member of the committee is, and how many reviews at most. Reviews that are given already stay."""
    _one_at_a_time(seat.round)
    words = {"is_chair": is_chair, "is_invited": is_invited and not is_chair, "most_reviews": most_reviews}
    if not Seat.objects.of_round(seat.round).taken().of(seat.user).exists():
        raise NotInCommittee(seat.user)
    _write(seat.round, seat.user, words, by=by)
    _keep_the_third(seat.round)


@transaction.atomic
def end_seat(seat: Seat, *, by: User, count: int) -> None:
    """The person leaves the committee; what is not filed is taken back. `count` is what was confirmed, of the cases that `by` may see.

    What `by` may not see is taken back as well: nobody judges without a seat.
    """
    _one_at_a_time(seat.round)
    taken = Seat.objects.of_round(seat.round).taken().of(seat.user)
    if not taken.update(ended_at=timezone.now(), is_chair=False):
        raise NotInCommittee(seat.user)
    seen = unfiled_in(seat, by)
    if seen != count:
        raise ReviewsTakenBack(seen)
    _keep_the_third(seat.round)
    for review in Review.objects.filter(expert=seat.user, application__round=seat.round, status__in=steps.UNFILED):
        review.advance(steps.REMOVE, by=by)


def _write(round: Round, person: User, words: Mapping[str, object], *, by: User) -> Seat:
    try:
        with transaction.atomic():
            seat, _made = Seat.objects.update_or_create(round=round, user=person, defaults=words, create_defaults={**words, "added_by": by})
    except IntegrityError as problem:
        chair = Seat.objects.of_round(round).taken().filter(is_chair=True).select_related("user").first()
        raise SeatTaken(_("%(name)s is the chair of this round. A committee has one.") % {"name": chair.user if chair else person}) from problem
    return seat


def _keep_the_third(round: Round) -> None:
    seats = list(Seat.objects.of_round(round).taken().values_list("is_invited", flat=True))
    if 3 * sum(seats) > len(seats):
        raise TooManyInvited(sum(seats), len(seats))


def _one_at_a_time(round: Round) -> None:
    """Two who change the committee of a round come one after the other: the share of the invited is counted over all seats."""
    Round.objects.filter(pk=round.pk).update(revision=F("revision"))
