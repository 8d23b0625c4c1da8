"""Which ties a person has to which applications: found live in the registers, never stored. Every list and every act asks here.

Hard ties always shut out. Ties that were found by other signs shut out as well, until the office has confirmed the person's
explanation of just these signs. What was declared, or set by the office, stands in `Conflict`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import NamedTuple

from django.db import connection, models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import ApplicationQuerySet, Member
from reviews.domains import and_above, domain_of
from reviews.models.conflict import SHUTTING_OUT, Conflict


class Tie(models.TextChoices):
    """How a person and an application belong together."""

    APPLICANT = "applicant", _("own application")
    TEAM = "team", _("member of the team, now or earlier")
    INSTITUTION = "institution", _("member of the applicant's institution")
    KIN = "kin", _("member of a parent or a part of the applicant's institution (ROR)")
    DOMAIN = "domain", _("mail address of the institution, or of the same place as the applicant or somebody of the team")
    COLLEAGUE = "colleague", _("same institution as the applicant or somebody of the team")
    TOGETHER = "together", _("another application together with the applicant or somebody of the team")


HARD = frozenset({Tie.APPLICANT, Tie.TEAM, Tie.INSTITUTION})
Pair = tuple[int, int]  # the keys of a person and an application

# One statement for any number of people. Institutions by (person, tie): their own, their kin, those of the mail domain, each with the
# one it was merged into and all merged into that. People by (person, tie): of the same institution, of the same other application.
CIRCLES = """
WITH address (user_id, domain) AS ({addresses}),
own AS (
    SELECT DISTINCT membership.user_id, family.id, family.ror_id
    FROM institutions_membership membership
    JOIN institutions_institution named ON named.id = membership.institution_id
    JOIN institutions_institution family
      ON family.id = COALESCE(named.merged_into_id, named.id) OR family.merged_into_id = COALESCE(named.merged_into_id, named.id)
    WHERE membership.ended_on IS NULL AND membership.user_id IN ({people})
),
near (user_id, tie, id) AS (
    SELECT own.user_id, 'kin', parent.id FROM own
    JOIN institutions_rorparent edge ON edge.institution_id = own.id
    JOIN institutions_institution parent ON parent.ror_id = edge.parent_ror_id AND parent.ror_id <> ''
    UNION
    SELECT own.user_id, 'kin', edge.institution_id FROM own
    JOIN institutions_rorparent edge ON edge.parent_ror_id = own.ror_id AND own.ror_id <> ''
    UNION
    SELECT address.user_id, 'domain', host.institution_id FROM address
    JOIN institutions_maildomain host ON host.domain = address.domain
)
SELECT user_id, 'institution' AS tie, id FROM own
UNION
SELECT near.user_id, near.tie, family.id FROM near
JOIN institutions_institution named ON named.id = near.id
JOIN institutions_institution family
  ON family.id = COALESCE(named.merged_into_id, named.id) OR family.merged_into_id = COALESCE(named.merged_into_id, named.id)
UNION
SELECT own.user_id, 'colleague', other.user_id FROM own
JOIN institutions_membership other ON other.institution_id = own.id AND other.ended_on IS NULL AND other.user_id <> own.user_id
UNION
SELECT mine.owner_id, 'together', other.user_id FROM applications_application mine
JOIN applications_member other ON other.application_id = mine.id AND other.user_id <> mine.owner_id
WHERE mine.owner_id IN ({people})
UNION
SELECT mine.user_id, 'together', other.owner_id FROM applications_member mine
JOIN applications_application other ON other.id = mine.application_id AND other.owner_id <> mine.user_id
WHERE mine.user_id IN ({people})
UNION
SELECT mine.user_id, 'together', other.user_id FROM applications_member mine
JOIN applications_member other ON other.application_id = mine.application_id AND other.user_id <> mine.user_id
WHERE mine.user_id IN ({people})
"""

# The applications that are shut for one person, by the same circles, as one subquery of whatever is listed: hard ties and conflicts
# always, the other ties unless the office has confirmed an explanation of just this one. `{neighbours}` are those of the mail address.
SHUT = """
WITH circle (user_id, tie, id) AS ({circles}),
bound (id, tie) AS (
    SELECT application.id, circle.tie FROM circle
    JOIN applications_application application ON application.institution_id = circle.id
    WHERE circle.tie IN ('institution', 'kin', 'domain')
    UNION
    SELECT application.id, circle.tie FROM circle
    JOIN applications_application application ON application.owner_id = circle.id
    WHERE circle.tie IN ('colleague', 'together')
    UNION
    SELECT member.application_id, circle.tie FROM circle
    JOIN applications_member member ON member.user_id = circle.id
    WHERE circle.tie IN ('colleague', 'together')
    {neighbours}
)
SELECT id FROM applications_application WHERE owner_id = %s
UNION
SELECT application_id FROM applications_member WHERE user_id = %s
UNION
SELECT application_id FROM reviews_conflict WHERE user_id = %s AND standing IN ('conflict', 'pinned')
UNION
SELECT bound.id FROM bound
WHERE bound.tie = 'institution' OR NOT EXISTS (
    SELECT 1 FROM reviews_conflict lifted
    WHERE lifted.user_id = %s AND lifted.application_id = bound.id AND lifted.standing = 'explained' AND lifted.confirmed_at IS NOT NULL
      AND lifted.about LIKE '%%,' || bound.tie || ',%%'
)
"""
NEIGHBOURS = """
    UNION
    SELECT application.id, 'domain' FROM accounts_user near
    JOIN applications_application application ON application.owner_id = near.id
    WHERE near.id <> %s AND ({at})
    UNION
    SELECT member.application_id, 'domain' FROM accounts_user near
    JOIN applications_member member ON member.user_id = near.id
    WHERE near.id <> %s AND ({at})
"""


class Facts(NamedTuple):
    """What ties are judged by of one application. `people` are the applicant and the team, past and present, with their mail domains."""

    pk: int
    institution_id: int | None
    owner_id: int
    people: Mapping[int, str]


@dataclass(frozen=True)
class Circle:
    """Whom and what one person belongs to. Institutions and people by the tie that they make."""

    person: int
    domain: str
    places: Mapping[Tie, Collection[int]]
    people: Mapping[Tie, Collection[int]]

    def ties(self) -> dict[Tie, Q]:
        """For each tie the applications that it binds the person to."""
        found = {
            Tie.APPLICANT: Q(owner_id=self.person),
            Tie.TEAM: Q(pk__in=Member.objects.filter(user_id=self.person).values("application_id")),
        }
        for tie, keys in self.places.items():
            found[tie] = Q(institution_id__in=keys)
        for tie, keys in self.people.items():
            found[tie] = _of_people(Q(owner_id__in=keys), Q(user_id__in=keys))
        if self.domain:
            near = Q(email__iendswith=f".{self.domain}")
            near = reduce(or_, (Q(email__iendswith=f"@{name}") for name in and_above(self.domain)), near)
            neighbours = User.objects.order_by().filter(near).exclude(pk=self.person).values("pk")
            found[Tie.DOMAIN] = found.get(Tie.DOMAIN, Q(pk__in=())) | _of_people(Q(owner_id__in=neighbours), Q(user_id__in=neighbours))
        return found


def _of_people(owners: Q, members: Q) -> Q:
    return owners | Q(pk__in=Member.objects.filter(members).values("application_id"))


@cache
def _circles(addresses: int, people: int) -> str:
    """The statement for so many mail domains and people."""
    values = "VALUES " + ", ".join(["(%s, %s)"] * addresses) if addresses else "SELECT 0, '' WHERE 1 = 0"
    return CIRCLES.format(addresses=values, people=", ".join(["%s"] * people))


def circles_of(people: Sequence[User]) -> dict[int, Circle]:
    """The circle of each of these people, by key; one statement for all."""
    if not people:
        return {}
    domains = {person.pk: domain_of(person.email) for person in people}
    addresses = [(key, name) for key, domain in domains.items() if domain for name in and_above(domain)]
    keys = list(domains)
    sql = _circles(len(addresses), len(keys))
    found: dict[int, dict[Tie, set[int]]] = {key: defaultdict(set) for key in keys}
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(part for pair in addresses for part in pair), *(keys * sql.count("IN (%s"))])
        for person, tie, other in cursor.fetchall():
            if other is not None:
                found[person][Tie(tie)].add(other)
    of_people = (Tie.COLLEAGUE, Tie.TOGETHER)
    return {
        key: Circle(
            key,
            domains[key],
            places={tie: others for tie, others in ties.items() if tie not in of_people},
            people={tie: others for tie, others in ties.items() if tie in of_people},
        )
        for key, ties in found.items()
    }


@cache
def _shut(names: int) -> str:
    """The statement for a person whose mail domain and those above it are so many; none says nothing about a place."""
    at = " OR ".join(["LOWER(near.email) LIKE %s ESCAPE '!'"] * (names + 1))
    return SHUT.format(circles=_circles(names, 1), neighbours=NEIGHBOURS.format(at=at) if names else "")


def _ends_in(text: str) -> str:
    return "%" + "".join(f"!{sign}" if sign in "!%_" else sign for sign in text)


def shut_for(user: User) -> RawSQL:
    """The keys of the applications that the person has a tie to or a conflict with, whatever their round and status; for `__in`.

    Written as SQL and not put together anew for every page: the same conditions as a query took longer to build than to answer.
    """
    domain = domain_of(user.email)
    names = list(and_above(domain)) if domain else []
    near = [user.pk, _ends_in(f".{domain}"), *(_ends_in(f"@{name}") for name in names)] if names else []
    circle = [*(part for name in names for part in (user.pk, name)), *[user.pk] * CIRCLES.count("IN ({people})")]
    return RawSQL(_shut(len(names)), (*circle, *near, *near, *[user.pk] * 4))  # noqa: S611 (of constants; every word of the person is a parameter)


def without_conflicts(applications: ApplicationQuerySet, user: User) -> ApplicationQuerySet:
    """Those that the person has no tie to and no conflict with: what the office and the experts may see through this person."""
    return applications.exclude(pk__in=shut_for(user))


def without_hard_ties(applications: ApplicationQuerySet, user: User) -> ApplicationQuerySet:
    """Those about which the person may say whether there is a conflict."""
    bound = circles_of([user])[user.pk].ties()
    return applications.exclude(reduce(or_, (bound[tie] for tie in sorted(HARD & set(bound)))))


# --- Many people against many applications --------------------------------------------------------------------------------


def facts_of(applications: ApplicationQuerySet) -> list[Facts]:
    """What ties are judged by; two statements."""
    rows = list(applications.order_by().values_list("pk", "institution_id", "owner_id", "owner__email"))
    people: dict[int, dict[int, str]] = {pk: {owner: domain_of(email)} for pk, _institution, owner, email in rows}
    members = Member.objects.order_by().filter(application__in=applications.order_by().values("pk"), user__isnull=False)
    for pk, person, email in members.values_list("application_id", "user_id", "user__email"):
        people.setdefault(pk, {})[person] = domain_of(email)
    return [Facts(pk, institution, owner, people[pk]) for pk, institution, owner, _email in rows]


class Register:
    """The circles of many people turned round: who is tied to a place, to a person, to a mail domain."""

    def __init__(self, people: Sequence[User]) -> None:
        self.by_place: dict[int, list[tuple[int, Tie]]] = defaultdict(list)
        self.by_person: dict[int, list[tuple[int, Tie]]] = defaultdict(list)
        self.at: dict[str, list[int]] = defaultdict(list)  # who has an address just there
        self.below: dict[str, list[int]] = defaultdict(list)  # and who has one in a part of it
        for key, circle in circles_of(people).items():
            for keys, rows in ((circle.places, self.by_place), (circle.people, self.by_person)):
                for tie, others in keys.items():
                    for other in others:
                        rows[other].append((key, tie))
            self.by_person[key].append((key, Tie.TEAM))
            for level, name in enumerate(and_above(circle.domain) if circle.domain else ()):
                (self.below if level else self.at)[name].append(key)

    def marks(self, facts: Facts) -> Iterator[tuple[int, Tie]]:
        """Who is tied to an application, by what."""
        if facts.institution_id is not None:
            yield from self.by_place.get(facts.institution_id, ())
        for other, domain in facts.people.items():
            for key, tie in self.by_person.get(other, ()):
                yield key, Tie.APPLICANT if key == facts.owner_id and tie is Tie.TEAM else tie
            if domain:
                yield from ((key, Tie.DOMAIN) for key in self._near(domain) if key != other)

    def _near(self, domain: str) -> Iterator[int]:
        for name in and_above(domain):
            yield from self.at.get(name, ())
        yield from self.below.get(domain, ())


def ties_between(people: Sequence[User], applications: Iterable[Facts]) -> dict[Pair, frozenset[Tie]]:
    """Every tie of these people to these applications; what is not in the answer has none. One statement, however many there are."""
    register = Register(people)
    found: dict[Pair, set[Tie]] = defaultdict(set)
    for facts in applications:
        for key, tie in register.marks(facts):
            found[key, facts.pk].add(tie)
    return {pair: frozenset(ties) for pair, ties in found.items()}


def conflicted_pairs(people: Sequence[User], applications: ApplicationQuerySet) -> set[Pair]:
    """Who is shut out from what: the rule of `without_conflicts` for many people at once, in four statements."""
    ties = ties_between(people, facts_of(applications))
    shut = set(ties)
    for conflict in Conflict.objects.filter(application__in=applications.order_by().values("pk"), user__in=people):
        pair = (conflict.user_id, conflict.application_id)
        if conflict.standing in SHUTTING_OUT:
            shut.add(pair)
        elif pair in ties and not HARD & ties[pair] and conflict.lifts(ties[pair]):
            shut.discard(pair)
    return shut
