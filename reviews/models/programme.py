"""What each reader may know of a hearing, who has to leave the room, and who may vote on an application.

The times of a hearing follow each other without a gap, so a row that is left out would betray itself by its time. Therefore
- a hearing holds only applications from which the same people of the office are shut out (`shut_out`, kept by invite_to_hearing): each
  officer, approver or chair sees a hearing whole or not at all;
- experts, each of whom may be shut out for reasons that they do not know, read no times but the beginning of the day, and their own list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.models import Role, User
from applications.models import Application, Request
from applications.workflow import Status
from reviews.models.committee import Seat
from reviews.models.discussion import Shortlisted
from reviews.models.hearing import Departure, Hearing, Meeting, Slot
from reviews.models.reads import cases_visible_to
from reviews.models.review import Review
from reviews.models.ties import conflicted_pairs, without_conflicts
from reviews.workflow import ReviewStatus
from rounds.models import Round

PER_THIRD = 3  # invited experts are at most one in so many of those who are counted


def shut_out(people: Sequence[User], applications: Sequence[Application]) -> dict[int, set[User]]:
    """Who of these people is shut out of each application (by its key), in a fixed number of statements."""
    by_key = {person.pk: person for person in people}
    found: dict[int, set[User]] = {application.pk: set() for application in applications}
    for person, application in conflicted_pairs(people, Application.objects.filter(pk__in=list(found))):
        found[application].add(by_key[person])
    return found


def readers_of_hearings(round: Round) -> list[User]:
    """Everybody who could read the office's page of a hearing in this round."""
    people = {person.pk: person for role in (Role.OFFICER, Role.APPROVER) for person in User.objects.with_role(role)}
    for seat in Seat.objects.of_round(round).taken().filter(is_chair=True).select_related("user"):
        people[seat.user_id] = seat.user
    return list(people.values())


def hearings_visible_to(user: User, round: Round) -> list[Hearing]:
    """Hearings whose applications the person may all see, with their slots in order. One to which nobody is invited yet is only
    for whoever set it: it could be meant for what others may not see."""
    hidden = Slot.objects.filter(hearing=OuterRef("pk")).exclude(application__in=without_conflicts(Application.objects.all(), user))
    begun = Exists(Slot.objects.filter(hearing=OuterRef("pk")))
    slots = Slot.objects.for_list().of_cases(cases_visible_to(user))
    rows = Hearing.objects.of_round(round).exclude(Exists(hidden)).filter(begun | Q(set_by=user))
    return list(rows.prefetch_related(Prefetch("slots", queryset=slots)).order_by("starts_at", "pk"))


def hearing_visible_to(user: User, round: Round, pk: int) -> Hearing | None:
    return next((hearing for hearing in hearings_visible_to(user, round) if hearing.pk == pk), None)


@dataclass(frozen=True)
class Choice:
    """An application that can be invited; `is_apart` when somebody of the office must not know of it, so that it needs a hearing of its own."""

    application: Application
    is_shortlisted: bool
    is_apart: bool
    group: frozenset[int]


def to_invite(user: User, round: Round, hearing: Hearing) -> list[Choice]:
    """Applications in review that the person may invite to this hearing, the shortlisted ones first: to a hearing that has begun to fill
    only those from which the same people of the office are shut out."""
    rows = cases_visible_to(user).of_round(round).filter(status=Status.IN_REVIEW).select_related("institution", "current", "owner")
    listed = set(Shortlisted.objects.filter(application__in=rows).values_list("application_id", flat=True))
    applications = sorted(rows, key=lambda row: (row.pk not in listed, row.reference))
    first = [slot.application for slot in hearing.slots.all()[:1]]
    groups = shut_out(readers_of_hearings(round), [*first, *applications])
    if first:
        applications = [row for row in applications if groups[row.pk] == groups[first[0].pk]]
    return [Choice(row, row.pk in listed, bool(groups[row.pk]), frozenset(person.pk for person in groups[row.pk])) for row in applications]


@dataclass(frozen=True)
class Leaver:
    """A member of the committee who has to leave the room while an application is heard, and whether that was noted."""

    user: User
    has_left: bool


def leavers(round: Round, applications: Sequence[Application]) -> dict[int, list[Leaver]]:
    """Who of the committee has to leave for each application, in the order of names; those who left for other reasons are named too."""
    seats = {seat.user_id: seat.user for seat in Seat.objects.of_round(round).taken().for_list()}
    out = shut_out(list(seats.values()), applications)
    gone: dict[int, set[int]] = {application.pk: set() for application in applications}
    for departure in Departure.objects.filter(application__in=applications):
        gone[departure.application_id].add(departure.user_id)
    return {
        application.pk: [
            Leaver(user, key in gone[application.pk]) for key, user in seats.items() if user in out[application.pk] or key in gone[application.pk]
        ]
        for application in applications
    }


# --- The meeting ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sitting:
    """Who of those present is counted in the votes on one application: members, and invited experts to whom it was given."""

    meeting: Meeting
    counted: list[User] = field(default_factory=list)
    invited: list[User] = field(default_factory=list)
    recused: list[User] = field(default_factory=list)

    @property
    def present(self) -> int:
        return len(self.counted)

    @property
    def entitled(self) -> int:
        """How many of them may vote."""
        return len(self.counted) - len(self.recused)

    @property
    def is_overweighted(self) -> bool:
        """Whether invited experts are more than a third (charter of the expert committee)."""
        return PER_THIRD * len(self.invited) > len(self.counted)


def meeting_of(round: Round) -> Meeting | None:
    """The meeting in which votes are counted now: the one noted last."""
    meeting: Meeting | None = Meeting.objects.of_round(round).with_people().order_by("-pk").first()
    return meeting


def sitting_on(application: Application, meeting: Meeting) -> Sitting:
    """Who is counted in the votes on this application in this meeting."""
    given = set(Review.objects.live().of(application).values_list("expert_id", flat=True))
    people = [(row.seat.user, row.is_invited) for row in meeting.attendances.all() if not row.is_invited or row.seat.user_id in given]
    counted = [user for user, _is_invited in people]
    gone = set(Departure.objects.filter(application=application).values_list("user_id", flat=True))
    out = shut_out(counted, [application])[application.pk]
    return Sitting(
        meeting,
        counted,
        [user for user, is_invited in people if is_invited],
        [user for user in counted if user in out or user.pk in gone],
    )


def cases_in_minutes(user: User, round: Round) -> list[Application]:
    """What was heard or voted on in a round, as far as this person may see it, with all that the minutes say of it."""
    lines = Request.objects.select_related("sample", "vote").order_by("position", "pk")
    rows = cases_visible_to(user).of_round(round).filter(Q(slot__isnull=False) | Q(current__requests__vote__isnull=False)).distinct()
    return list(rows.select_related("owner", "institution", "current").prefetch_related(Prefetch("current__requests", lines)).order_by("reference"))


# --- The experts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Programme:
    """A hearing as one expert reads it: the beginning of the day and the cases of the own list in their order, without times."""

    hearing: Hearing
    slots: list[Slot]


def programmes_for(user: User) -> list[Programme]:
    """The hearings in which an expert's own cases are heard: declared, free of conflict, and still in review as far as experts may know."""
    reviews = Review.objects.visible_to(user).exclude(status=ReviewStatus.ASSIGNED)
    mine = {review.application_id: review for review in reviews}
    rows = Slot.objects.for_list().filter(application__in=list(mine), hearing__round__seats__user=user, hearing__round__seats__ended_at__isnull=True)
    found: dict[int, Programme] = {}
    for slot in rows.select_related("hearing__round"):
        if not slot.application.is_shown_in_review:
            continue
        slot.own_review = mine[slot.application_id]
        found.setdefault(slot.hearing_id, Programme(slot.hearing, [])).slots.append(slot)
    return list(found.values())
