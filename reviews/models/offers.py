"""Who could be asked for one application: how well each fits, what each has to do, and whom of a country or institution judges it already."""

from dataclasses import dataclass

from accounts.models import User
from applications.models import Application
from reviews.matching import TOP, Knowledge, fit
from reviews.models.committee import Seat
from reviews.models.pool import Home, homes_of, knowledge_of, numbers_of
from reviews.models.progress import loads_in
from reviews.models.reads import assignable_experts, cases_visible_to
from reviews.models.review import Review

COMPARED = 500  # applications by which common words are told from rare ones, beside the one in question


@dataclass(frozen=True)
class Offer:
    """One expert for one application."""

    expert: User
    match: int  # of a hundred
    load: int  # live reviews in the round, of the cases that the reader may see
    most: int | None
    is_seated: bool
    is_invited: bool
    same_institution: bool  # as an expert who judges the application already
    same_country: bool

    @property
    def is_full(self) -> bool:
        return self.most is not None and self.load >= self.most


def offers_for(application: Application, by: User) -> list[Offer]:
    """Everybody without a tie, a conflict or an earlier review, the best match first. Whose seat has ended is not asked."""
    round = application.round
    seats = {seat.user_id: seat for seat in Seat.objects.of_round(round)}
    experts = [expert for expert in assignable_experts(application) if expert.pk not in seats or seats[expert.pk].ended_at is None]
    keys = [expert.pk for expert in experts]
    judging = list(Review.objects.live().of(application).values_list("expert_id", flat=True))
    homes = dict(zip([*keys, *judging], homes_of([*keys, *judging]), strict=True))
    present = [homes[key] for key in judging]
    loads = loads_in(round, by, keys)
    matches = matches_for(application, by, knowledge_of(keys))
    found = []
    for expert, match in zip(experts, matches, strict=True):
        home, seat = homes[expert.pk], seats.get(expert.pk)
        found.append(
            Offer(
                expert,
                match,
                loads.get(expert.pk, 0),
                seat.most_reviews if seat else None,
                is_seated=seat is not None,
                is_invited=seat is not None and seat.is_invited,
                same_institution=_shares(home, present, "institution"),
                same_country=_shares(home, present, "country"),
            )
        )
    return sorted(found, key=lambda offer: (-offer.match, offer.load, str(offer.expert), offer.expert.pk))


def _shares(home: Home, present: list[Home], what: str) -> bool:
    own = getattr(home, what)
    return own is not None and any(getattr(other, what) == own for other in present)


def matches_for(application: Application, by: User, knowledge: list[Knowledge]) -> list[int]:
    """How well each fits, of a hundred."""
    others = cases_visible_to(by).of_round(application.round).exclude(pk=application.pk).order_by("pk")
    versions = [version for version in (application.current_id, *others.values_list("current_id", flat=True)[:COMPARED]) if version]
    texts, _new = numbers_of(versions)
    return [int(match) * 100 // TOP for match in fit(texts, knowledge).total[0]]
