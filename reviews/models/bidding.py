"""What a member of the committee is asked to wish for: applications without any tie or conflict, the best matches first."""

from dataclasses import dataclass

from accounts.models import User
from applications.models import Application
from reviews.expertise import FIELDS, TECHNIQUES
from reviews.matching import TOP, fit
from reviews.models.committee import Bid
from reviews.models.pool import knowledge_of, numbers_of
from reviews.models.progress import open_to_bids
from reviews.models.review import Review
from rounds.models import Round

BIDS_PER_PAGE = 25


@dataclass(frozen=True)
class BidRow:
    """One application as a member of the committee sees it before it is given to anybody: its title, and what it is about."""

    application: Application
    match: int  # of a hundred
    subjects: list[str]
    wish: int | None


@dataclass(frozen=True)
class BidPage:
    rows: list[BidRow]
    number: int
    is_last: bool
    has_expertise: bool
    said: int
    total: int

    @property
    def next_page(self) -> int:
        return 0 if self.is_last else self.number + 1


def bid_page(round: Round, expert: User, number: int) -> BidPage:
    """One page of what the person may wish for; what was given to the person already is not asked about."""
    asked = Review.objects.filter(expert=expert, application__round=round).values("application_id")
    offered = list(open_to_bids(round, expert).exclude(pk__in=asked).order_by("pk").values_list("pk", "current_id"))
    (knowledge,) = knowledge_of([expert.pk])
    matched = fit(numbers_of([version for _pk, version in offered])[0], [knowledge])
    matches = matched.total[:, 0].tolist()
    order = sorted(range(len(offered)), key=lambda row: (-matches[row], offered[row][0]))
    shown = order[(number - 1) * BIDS_PER_PAGE : number * BIDS_PER_PAGE]
    rows = Application.objects.select_related("current").in_bulk([offered[row][0] for row in shown])
    wishes = dict(Bid.objects.filter(user=expert, application__in=[pk for pk, _version in offered]).values_list("application_id", "wish"))
    found = []
    for row in shown:
        pk = offered[row][0]
        techniques, fields = matched.techniques[0][row].nonzero()[0], matched.fields[0][row].nonzero()[0]
        subjects = [str(FIELDS[place].label) for place in fields] + [str(TECHNIQUES[place].label) for place in techniques]
        found.append(BidRow(rows[pk], matches[row] * 100 // TOP, subjects, wishes.get(pk)))
    has_expertise = bool(knowledge.fields or knowledge.techniques or knowledge.words.strip())
    return BidPage(found, number, number * BIDS_PER_PAGE >= len(offered), has_expertise, len(wishes), len(offered))
