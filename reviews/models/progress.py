"""How far the reviews of a round have come, person by person; and what an expert still has to do."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import Role, User
from applications.models import Application, ApplicationQuerySet
from applications.workflow import DECIDED, JUDGED
from reviews import workflow
from reviews.expertise import FIELDS, TECHNIQUES
from reviews.matching import Knowledge
from reviews.models.committee import Seat
from reviews.models.pool import knowledge_of
from reviews.models.reads import cases_visible_to
from reviews.models.review import Review
from reviews.models.ties import conflicted_pairs, without_conflicts
from reviews.workflow import ReviewStatus
from rounds.models import Round


def shown_in_review(applications: ApplicationQuerySet) -> ApplicationQuerySet:
    """What experts still judge as far as they may know: a decision that is not visible yet changes nothing (Application.is_shown_in_review)."""
    unseen = Q(visible_at__isnull=True) | Q(visible_at__gt=timezone.now())
    return applications.filter(Q(status__in=JUDGED) | Q(unseen, status__in=DECIDED, quiet_status__in=JUDGED))


def unfiled_reviews(round: Round, seen_by: User | None = None) -> list[Review]:
    """What experts have not filed and still can; of the cases that somebody may see, or of all."""
    cases = Application.objects.all() if seen_by is None else cases_visible_to(seen_by)
    wanted = shown_in_review(cases.of_round(round))
    rows = Review.objects.filter(status__in=workflow.UNFILED, application__in=wanted.order_by().values("pk"), expert__is_active=True)
    found = list(rows.select_related("expert").order_by("pk"))
    shut = conflicted_pairs(list({review.expert_id: review.expert for review in found}.values()), wanted)
    return [review for review in found if (review.expert_id, review.application_id) not in shut]


def open_to_bids(round: Round, expert: User) -> ApplicationQuerySet:
    """What a member of the committee may be given, as far as the member may know: in review, and without any tie or conflict."""
    return without_conflicts(shown_in_review(Application.objects.handed_in().of_round(round)), expert)


@dataclass
class Progress:
    """One person's reviews in a round. `stuck` are assigned to somebody who has a tie by now, and must be given to somebody else."""

    expert: User
    seat: Seat | None = None
    assigned: int = 0  # and no conflict declared, nor none
    declared: int = 0
    filed: int = 0
    stuck: int = 0
    last_at: datetime | None = None
    is_late: bool = False

    @property
    def unfiled(self) -> int:
        return self.assigned + self.declared

    @property
    def total(self) -> int:
        return self.unfiled + self.filed

    def note(self, moment: datetime | None) -> None:
        if moment and (self.last_at is None or moment > self.last_at):
            self.last_at = moment


def progress_of(round: Round, by: User) -> list[Progress]:
    """Everybody who sits in the committee or judges a case that `by` may see; those who are late first. Only such cases are counted."""
    cases = cases_visible_to(by).of_round(round)
    seats = {seat.user_id: seat for seat in Seat.objects.of_round(round).taken().for_list()}
    fields = ("expert_id", "application_id", "status", "saved_at", "filed_at")
    rows = list(Review.objects.live().filter(application__in=cases.order_by().values("pk")).order_by("pk").values_list(*fields))
    people = User.objects.in_bulk({row[0] for row in rows} | set(seats))
    wanted = set(shown_in_review(cases).order_by().values_list("pk", flat=True))
    unfiled = {(row[0], row[1]) for row in rows if row[2] in workflow.UNFILED}
    asked = [people[key] for key in sorted({expert for expert, _application in unfiled})]
    shut = conflicted_pairs(asked, Application.objects.filter(pk__in={application for _expert, application in unfiled}))
    is_past = bool(round.reviews_due_at and round.reviews_due_at <= timezone.now())
    found = {key: Progress(person, seats.get(key)) for key, person in people.items()}
    for expert, application, status, saved_at, filed_at in rows:
        line = found[expert]
        line.note(saved_at)
        line.note(filed_at)
        if status == ReviewStatus.FILED:
            line.filed += 1
        elif (expert, application) in shut:
            line.stuck += 1
        elif application in wanted:
            line.assigned += status == ReviewStatus.ASSIGNED
            line.declared += status == ReviewStatus.OPEN
            line.is_late = is_past
    return sorted(found.values(), key=lambda line: (not line.is_late, -line.unfiled, str(line.expert), line.expert.pk))


def unfiled_of(round: Round, expert: User, by: User) -> list[Review]:
    """What one expert has not filed, of the cases that `by` may see."""
    rows = Review.objects.filter(expert=expert, status__in=workflow.UNFILED, application__in=cases_visible_to(by).of_round(round))
    return list(rows.select_related("application__current", "application__round").order_by("application__reference"))


def loads_in(round: Round, by: User, experts: Sequence[int]) -> dict[int, int]:
    """Live reviews by expert, of the cases that `by` may see."""
    loads: dict[int, int] = defaultdict(int)
    cases = cases_visible_to(by).of_round(round)
    rows = Review.objects.live().filter(application__in=cases.order_by().values("pk"), expert__in=experts)
    for expert in rows.values_list("expert_id", flat=True):
        loads[expert] += 1
    return loads


def unfiled_in(seat: Seat, by: User) -> int:
    """How many reviews of a member of the committee are not filed, of the cases that `by` may see."""
    return len(unfiled_of(seat.round, seat.user, by))


# --- The committee --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SeatRow:
    """A seat with the person's reviews, of the cases that the reader may see."""

    seat: Seat
    load: int
    subjects: list[str]


def seat_rows(round: Round, by: User) -> list[SeatRow]:
    """Everybody who sits in the committee, the chair first."""
    seats = list(Seat.objects.of_round(round).taken().for_list())
    people = [seat.user_id for seat in seats]
    loads, said = loads_in(round, by, people), dict(zip(people, knowledge_of(people), strict=True))
    rows = [SeatRow(seat, loads.get(seat.user_id, 0), subjects_of(said[seat.user_id])) for seat in seats]
    return sorted(rows, key=lambda row: (not row.seat.is_chair, row.seat.is_invited))


def subjects_of(knowledge: Knowledge) -> list[str]:
    """The fields and techniques that somebody has chosen, as words."""
    return [str(FIELDS[place].label) for place in sorted(knowledge.fields)] + [str(TECHNIQUES[place].label) for place in sorted(knowledge.techniques)]


def unseated_experts(round: Round) -> list[User]:
    """Active experts who do not sit in the committee."""
    return list(User.objects.with_role(Role.EXPERT).exclude(pk__in=Seat.objects.of_round(round).taken().values("user_id")))
