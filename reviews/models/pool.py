"""What an assignment is computed from: the cases that an officer may see, the committee, and what stands between them; as arrays."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accounts.models import Role, User
from applications.models import Application, ApplicationQuerySet, Version
from institutions.models import Membership
from reviews import workflow
from reviews.expertise import FIELDS, TECHNIQUES, places_of
from reviews.matching import METHOD, Flags, Ints, Knowledge
from reviews.models.committee import Bid, Expertise, Seat
from reviews.models.decision import Decision
from reviews.models.reads import cases_visible_to
from reviews.models.review import Review
from reviews.models.ties import conflicted_pairs
from reviews.models.wording import Wording, wording_of
from reviews.workflow import DecisionStatus
from rounds.models import Round

NO_LIMIT = 1_000_000


@dataclass(frozen=True)
class Pool:
    """Rows are applications, columns are experts, both by their keys. Only what `by` may see is in it, and counted."""

    round_id: int
    wanted: int
    applications: list[int]
    versions: list[int]
    experts: list[int]
    limits: list[int]
    shut: Flags  # a tie, a conflict
    reviews: list[tuple[int, int, str]]  # row, column, status; of whoever sits in the committee
    others: list[tuple[int, int]]  # row and person: live reviews of people who do not (any more)

    @cached_property
    def digest(self) -> str:
        """Of everything that makes a plan right: when it changes, an older plan is not applied."""
        rows = [self.wanted, self.applications, self.versions, self.experts, self.limits, self.reviews, self.others]
        seen = hashlib.sha256(json.dumps(rows).encode())
        seen.update(np.packbits(self.shut).tobytes())
        return seen.hexdigest()

    @cached_property
    def kept(self) -> Ints:
        """Live reviews by row and column."""
        live = [(row, column) for row, column, status in self.reviews if status in workflow.LIVE]
        return np.array(sorted(live), np.int64).reshape(-1, 2)

    @cached_property
    def asked(self) -> Flags:
        """Who was asked before, whatever became of it."""
        flags = np.zeros(self.shut.shape, np.bool_)
        for row, column, _status in self.reviews:
            flags[row, column] = True
        return flags

    @property
    def allowed(self) -> Flags:
        return ~self.shut & ~self.asked

    @cached_property
    def needed(self) -> Ints:
        """Reviews wanted per application, without those of people who have left the committee."""
        gone = np.bincount([row for row, _person in self.others], minlength=len(self.applications))
        return np.maximum(self.wanted - gone, 0).astype(np.int64)


def plannable(round: Round, by: User) -> ApplicationQuerySet:
    """Cases in review without a recorded decision."""
    recorded = Decision.objects.filter(status=DecisionStatus.RECORDED, application__round=round).values("application_id")
    return cases_visible_to(by).of_round(round).under_review().exclude(pk__in=recorded)


def committee_of(round: Round) -> list[tuple[User, int]]:
    """The regular members who hold the role of an expert, with their limits."""
    limits = dict(Seat.objects.of_round(round).taken().regular().values_list("user_id", "most_reviews"))
    people = User.objects.with_role(Role.EXPERT).filter(pk__in=limits).order_by("pk")
    most = {user: NO_LIMIT if limit is None else limit for user, limit in limits.items()}
    return [(person, most[person.pk]) for person in people]


def read_pool(round: Round, by: User, *, wanted: int) -> Pool:
    rows = list(plannable(round, by).order_by("pk").values_list("pk", "current_id"))
    members = committee_of(round)
    row_of, column_of = {pk: row for row, (pk, _version) in enumerate(rows)}, {person.pk: column for column, (person, _limit) in enumerate(members)}
    shut = np.zeros((len(rows), len(members)), np.bool_)
    for person, application in conflicted_pairs([person for person, _limit in members], Application.objects.filter(pk__in=list(row_of))):
        shut[row_of[application], column_of[person]] = True
    reviews, others = [], []
    given = Review.objects.filter(application__in=list(row_of)).order_by("pk")
    for application, expert, status in given.values_list("application_id", "expert_id", "status"):
        if expert in column_of:
            reviews.append((row_of[application], column_of[expert], str(status)))
        elif status in workflow.LIVE:
            others.append((row_of[application], expert))
    versions, limits = [version for _pk, version in rows], [limit for _person, limit in members]
    return Pool(round.pk, wanted, list(row_of), versions, list(column_of), limits, shut, reviews, others)


# --- Words, wishes, places ------------------------------------------------------------------------------------------------

TEXTS = ("title", "research_question", "plan", "answers")


def numbers_of(versions: Sequence[int]) -> tuple[list[bytes], list[Wording]]:
    """The words of versions as numbers, in their order, and those of them that were not kept yet."""
    kept = Wording.objects.usable().filter(version__in=versions).values_list("version_id", "numbers")
    known = {version: bytes(numbers) for version, numbers in kept}
    new = wordings_of([version for version in versions if version not in known])
    known |= {wording.version_id: bytes(wording.numbers) for wording in new}
    return [known[version] for version in versions], new


def wordings_of(versions: Sequence[int]) -> list[Wording]:
    """The words of versions, read anew."""
    if not versions:
        return []
    rows = Version.objects.filter(pk__in=versions).values_list("pk", *TEXTS)
    return [Wording(version_id=pk, method=METHOD, numbers=wording_of(*texts)) for pk, *texts in rows]


def knowledge_of(experts: Sequence[int]) -> list[Knowledge]:
    """What each expert says to know, in their order."""
    said = {
        user: Knowledge(frozenset(places_of(fields, FIELDS)), frozenset(places_of(techniques, TECHNIQUES)), words)
        for user, fields, techniques, words in Expertise.objects.filter(user__in=experts).values_list("user_id", "fields", "techniques", "words")
    }
    return [said.get(expert, Knowledge()) for expert in experts]


def wishes_of(pool: Pool) -> Ints:
    """Applications × experts: what each would like to judge; 0 where nothing was said."""
    wishes = np.zeros(pool.shut.shape, np.int64)
    row_of, column_of = {pk: row for row, pk in enumerate(pool.applications)}, {pk: column for column, pk in enumerate(pool.experts)}
    bids = Bid.objects.filter(user__in=pool.experts, application__round_id=pool.round_id)
    for user, application, wish in bids.values_list("user_id", "application_id", "wish"):
        if application in row_of:
            wishes[row_of[application], column_of[user]] = wish
    return wishes


@dataclass(frozen=True)
class Home:
    """The institution to which an expert has belonged longest, by its survivor, and its country; None for nobody."""

    institution: int | None = None
    country: str | None = None


def homes_of(experts: Sequence[int]) -> list[Home]:
    rows = Membership.objects.open().filter(user__in=experts).order_by("-since_on", "-pk")  # the first one is written last, and stays
    places = rows.values_list(
        "user_id", "institution_id", "institution__country_id", "institution__merged_into_id", "institution__merged_into__country_id"
    )
    found = {user: Home(survivor or own, into if survivor else country) for user, own, country, survivor, into in places}
    return [found.get(expert, Home()) for expert in experts]


def groups_of(homes: Sequence[Home]) -> tuple[Ints, Ints]:
    """Institutions and countries as numbers. Whoever has none is alone; an institution without a country is a country of its own."""
    institutions = _numbered([home.institution or f"nobody {place}" for place, home in enumerate(homes)])
    countries = _numbered([home.country or f"of {home.institution or f'nobody {place}'}" for place, home in enumerate(homes)])
    return institutions, countries


def _numbered(names: Sequence[object]) -> Ints:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)
