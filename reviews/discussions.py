"""What those who discuss an application see: the filed reviews side by side, the strips of their scores, and what was said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.templatetags.portal import in_language
from applications.models import Application
from reviews.models import Filing, Remark, Review, filed_reviews
from reviews.strips import Strip, strip_of, weighted_mean
from rounds.models import Criterion


@dataclass(frozen=True)
class FiledState:
    """One state of a review as it was filed: what was scored and said, and why it was changed."""

    filing: Filing
    scores: Sequence[tuple[str, int | None]]


@dataclass(frozen=True)
class FiledReview:
    review: Review
    is_mine: bool
    scores: Sequence[tuple[str, int | None]]
    mean: float | None
    earlier: Sequence[FiledState]  # states before the present one, the newest first
    reason: str  # why the present state replaced the one before

    @property
    def is_changed(self) -> bool:
        return bool(self.earlier)


@dataclass(frozen=True)
class Talk:
    reviews: Sequence[FiledReview]
    strips: Sequence[Strip]
    remarks: Sequence[Remark]

    @property
    def others(self) -> list[FiledReview]:
        return [row for row in self.reviews if not row.is_mine]


def filed_state(review: Review, criteria: Sequence[Criterion], *, reader: User) -> FiledReview:
    """A filed review with its scores in the order of the criteria; read it with scores and filings."""
    given = {score.criterion_id: score.value for score in review.scores.all()}
    filings = sorted(review.filings.all(), key=lambda filing: filing.number, reverse=True)
    earlier = [FiledState(filing, [(in_language(each, "title"), filing.scores.get(str(each.pk))) for each in criteria]) for filing in filings[1:]]
    return FiledReview(
        review=review,
        is_mine=review.expert_id == reader.pk,
        scores=[(in_language(each, "title"), given.get(each.pk)) for each in criteria],
        mean=weighted_mean(given, {each.pk: each.weight for each in criteria}),
        earlier=earlier,
        reason=filings[0].reason if filings else "",
    )


def talk_about(application: Application, criteria: Sequence[Criterion], *, reader: User, reviews: Iterable[Review] | None = None) -> Talk:
    """Everything of it; whoever calls has asked whether the reader may see the other reviews. `reviews`: the filed ones, if they are at
    hand with expert, scores and filings."""
    rows = [filed_state(review, criteria, reader=reader) for review in (filed_reviews(application) if reviews is None else reviews)]
    mine = next((position for position, row in enumerate(rows) if row.is_mine), None)
    lines: list[tuple[str, int, list[float | None]]] = [
        (in_language(each, "title"), each.weight, [row.scores[place][1] for row in rows]) for place, each in enumerate(criteria)
    ]
    lines.append((_("Weighted mean"), 0, [row.mean for row in rows]))
    strips = [strip for title, weight, scores in lines if (strip := strip_of(title, weight, scores, mine=mine))]
    return Talk(rows, strips, list(Remark.objects.of(application)))
