"""What a person has to say about conflicts, on one page for a round; and what the office sees of these words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Count, Prefetch

from accounts.models import Role, User
from applications.models import Application, ApplicationQuerySet, Member
from reviews.domains import domain_of
from reviews.models.committee import Seat
from reviews.models.conflict import Conflict, ConflictQuerySet, Standing
from reviews.models.reads import cases_visible_to
from reviews.models.review import Review
from reviews.models.ties import HARD, Facts, Pair, Tie, facts_of, ties_between, without_hard_ties
from rounds.models import Round


@dataclass(frozen=True)
class Line:
    """One application on the page: the ties that were found and the person's last word."""

    application: Application
    ties: Sequence[Tie]
    conflict: Conflict | None

    @property
    def is_pinned(self) -> bool:
        return self.conflict is not None and self.conflict.is_pinned

    @property
    def standing(self) -> str:
        """The last word; empty while nothing was said that answers what was found."""
        if self.conflict is None or (self.ties and self.conflict.standing == Standing.NONE):
            return ""
        return self.conflict.standing

    @property
    def note(self) -> str:
        return self.conflict.note if self.conflict is not None else ""

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can be said: where a tie was found, a conflict or the reason why it is none."""
        standings = (Standing.CONFLICT, Standing.EXPLAINED) if self.ties else (Standing.CONFLICT, Standing.NONE, Standing.EXPLAINED)
        return [(standing.value, str(standing.label)) for standing in standings]

    @property
    def is_waiting(self) -> bool:
        """An explanation of what was found that the office has not confirmed."""
        conflict = self.conflict
        return bool(self.ties) and conflict is not None and conflict.standing == Standing.EXPLAINED and not conflict.lifts(self.ties)

    @property
    def is_lifted(self) -> bool:
        return bool(self.ties) and self.conflict is not None and self.conflict.lifts(self.ties)

    @property
    def team(self) -> list[str]:
        """Who else takes part or will handle the samples, as named."""
        application, version = self.application, self.application.current
        names = [str(member.user) for member in application.members.all() if member.takes_part]
        if version is not None:
            names += [version.answer("safe_use_name").strip(), *(line.strip() for line in version.answer("other_users").splitlines())]
        return [name for name in dict.fromkeys(names) if name and name != str(application.owner)]


def declarable(user: User, round: Round) -> ApplicationQuerySet:
    """About which applications the person may say something: those in review, without a hard tie; an invited expert those given to them."""
    rows = without_hard_ties(Application.objects.of_round(round).shown_in_review(), user)
    if not user.has_role(Role.OFFICER, Role.APPROVER) and Seat.objects.of_round(round).taken().filter(user=user, is_invited=True).exists():
        rows = rows.filter(pk__in=Review.objects.live().filter(expert=user).values("application_id"))
    members = Prefetch("members", queryset=Member.objects.filter(user__isnull=False).select_related("user"))
    rows = rows.select_related("round", "institution__country", "current", "owner").order_by("-reference")  # with the answers that name people
    return rows.prefetch_related("current__requests__sample", members)


def lines_of(user: User, applications: Sequence[Application]) -> list[Line]:
    """The lines of the page for applications that were read with `declarable`; two statements."""
    facts = [
        Facts(row.pk, row.institution_id, row.owner_id, {person.pk: domain_of(person.email) for person in (row.owner, *_members(row))})
        for row in applications
    ]
    ties = ties_between([user], facts)
    said = {conflict.application_id: conflict for conflict in Conflict.objects.of(user).filter(application__in=applications)}
    return [Line(row, _sorted(ties.get((user.pk, row.pk), ())), said.get(row.pk)) for row in applications]


def _members(application: Application) -> list[User]:
    return [member.user for member in application.members.all() if member.user is not None]


def _sorted(ties: "Sequence[Tie] | frozenset[Tie]") -> list[Tie]:
    return [tie for tie in Tie if tie in ties]


# --- What the office sees -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explanation:
    """Words that wait for the office, with the ties that they are about."""

    conflict: Conflict
    ties: Sequence[Tie]


@dataclass
class Person:
    """How somebody who works on the round stands towards its applications, in numbers."""

    user: User
    said: Counter[str] = field(default_factory=Counter)
    tied: int = 0  # hard ties: nothing is asked
    found: int = 0  # found, and not answered
    silent: int = 0

    @property
    def conflicts(self) -> int:
        return self.said[Standing.CONFLICT]

    @property
    def pinned(self) -> int:
        return self.said[Standing.PINNED]

    @property
    def explained(self) -> int:
        return self.said[Standing.EXPLAINED]

    @property
    def none(self) -> int:
        return self.said[Standing.NONE]


class OfficeView:
    """The conflicts of a round as one officer may know them: only of applications that this officer may see."""

    def __init__(self, round: Round, officer: User) -> None:
        self.officer = officer
        self.cases = cases_visible_to(officer).of_round(round).under_review()
        self.people = people_of(round)
        self._facts = facts_of(self.cases)

    @cached_property
    def ties(self) -> dict[Pair, frozenset[Tie]]:
        return ties_between(self.people, self._facts)

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """All words but "no conflict", which nearly all are."""
        return list(self._said().exclude(standing=Standing.NONE).for_office())

    def _said(self) -> ConflictQuerySet:
        return Conflict.objects.filter(application__in=self.cases.order_by().values("pk"), user__in=self.people)

    def words(self) -> ConflictQuerySet:
        """Every last word about the cases that this officer may see."""
        return Conflict.objects.filter(application__in=self.cases.order_by().values("pk")).for_office()

    def case(self, reference: str) -> Application | None:
        return self.cases.filter(reference=reference.strip().upper()).first()

    def explanations(self) -> list[Explanation]:
        """Those that wait for a word of the office; an officer's own wait for another one."""
        waiting = [row for row in self.conflicts if row.standing == Standing.EXPLAINED and not row.is_confirmed and row.user_id != self.officer.pk]
        return [Explanation(row, _sorted(self.ties.get((row.user_id, row.application_id), ()))) for row in waiting]

    def pinned(self) -> list[Conflict]:
        return [row for row in self.conflicts if row.is_pinned]

    def rows(self) -> list[Person]:
        hard = {pair for pair, ties in self.ties.items() if HARD & ties}
        found = set(self.ties) - hard - {(row.user_id, row.application_id) for row in self.conflicts}
        outdated = set(self._none_at(hard | found))  # "no conflict", said before the tie was found
        counts = {person.pk: Person(person) for person in self.people}
        for person, count in self._said().filter(standing=Standing.NONE).values_list("user_id").annotate(Count("pk")).order_by():
            counts[person].said[Standing.NONE] = count
        for person, _application in outdated:
            counts[person].said[Standing.NONE] -= 1
        for row in self.conflicts:
            if (row.user_id, row.application_id) not in hard:
                counts[row.user_id].said[row.standing] += 1
        for person, _application in hard:
            counts[person].tied += 1
        for person, _application in found:
            counts[person].found += 1
        for line in counts.values():
            line.silent = len(self._facts) - line.tied - line.found - sum(line.said.values())
        return list(counts.values())

    def _none_at(self, pairs: set[Pair]) -> list[Pair]:
        people, applications = {person for person, _application in pairs}, {application for _person, application in pairs}
        rows = Conflict.objects.filter(standing=Standing.NONE, user__in=people, application__in=applications)
        return [pair for pair in rows.values_list("user_id", "application_id") if pair in pairs]


def people_of(round: Round) -> list[User]:
    """Everybody who works on the round: its committee, and the office."""
    people = {seat.user_id: seat.user for seat in Seat.objects.of_round(round).taken().for_list()}
    for role in (Role.OFFICER, Role.APPROVER):
        people |= {person.pk: person for person in User.objects.with_role(role)}
    return list(people.values())
