"""An expert's work, round by round: what is done, what is to do, and by when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from reviews.models import Review
from reviews.reading import Copy, copies_of
from rounds.models import Round

LISTED = 25  # reviews of a round, as long as the whole list is not asked for: the page of a busy expert stays short


@dataclass(frozen=True)
class Stint:
    """The reviews of one round that were given to one expert."""

    round: Round
    reviews: Sequence[Review]
    is_whole: bool = False

    @property
    def listed(self) -> Sequence[Review]:
        """What the page lists, in the order of the list: what is still to do comes first."""
        return self.reviews if self.is_whole else self.reviews[:LISTED]

    @property
    def is_shortened(self) -> bool:
        return len(self.listed) < len(self.reviews)

    @cached_property
    def wanted(self) -> list[Review]:
        """Without those that are not needed any more."""
        return [review for review in self.reviews if not review.is_over]

    @property
    def filed_count(self) -> int:
        return sum(review.is_filed for review in self.wanted)

    @property
    def copies(self) -> list[Copy]:
        """Its applications for reading offline."""
        return copies_of(self.reviews)

    @cached_property
    def first(self) -> Review | None:
        """The one to go on with: begun ones first, in the order of the list."""
        return next((review for review in self.wanted if review.is_to_do), None)


def stints_of(reviews: Sequence[Review]) -> list[Stint]:
    """Rounds with something to do first, the one due soonest before the others."""
    in_rounds = sorted(reviews, key=lambda review: review.application.round_id)
    stints = [
        Stint(rows[0].application.round, rows)
        for _key, group in groupby(in_rounds, key=lambda review: review.application.round_id)
        if (rows := list(group))
    ]
    return sorted(stints, key=lambda stint: (stint.first is None, str(stint.round.reviews_due_at or "9"), -stint.round.pk))


def only_round(stints: Sequence[Stint], slug: str) -> list[Stint]:
    """Of one round alone, but all of it; everything where the expert has no review in a round of this name."""
    return [replace(stint, is_whole=True) for stint in stints if stint.round.slug == slug] or list(stints)
