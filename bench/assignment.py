"""How long a dry run of the assignment takes: the reads, the matching, the min-cost flow and the reasons, on rows made for it."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.models import Role, User
from applications.models import Application, Version
from institutions.models import Country, Institution, Kind, Membership
from reviews.actions import apply_plan, keep_plan, keep_wordings
from reviews.expertise import FIELDS, TECHNIQUES
from reviews.matching import assign, fit
from reviews.models import (
    USUAL,
    Bid,
    Conflict,
    Expertise,
    Plan,
    Review,
    Seat,
    Standing,
    Wish,
    groups_of,
    homes_of,
    knowledge_of,
    numbers_of,
    problem_of,
    read_pool,
    wishes_of,
    worked_out,
)
from rounds.models import Round
from rounds.tests.make import close_round, make_round
from samples.models import Sample
from samples.tests.make import make_sample

WANTED = 3
AT_ONCE = 2000
SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "wa", "xe", "yi", "zo", "qua"]


@dataclass
class Stretch:
    """Seconds by what was done, in the order of doing: on the clock, and of this process's own work."""

    seconds: dict[str, float] = field(default_factory=dict)
    work: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)
    worked: float = field(default_factory=time.process_time)

    def mark(self, name: str) -> None:
        now, worked = time.perf_counter(), time.process_time()
        self.seconds[name], self.began = now - self.began, now
        self.work[name], self.worked = worked - self.worked, worked


@dataclass(frozen=True)
class Measured:
    applications: int
    experts: int
    first: float  # reading the words of all texts for the first time
    seconds: dict[str, float]
    work: dict[str, float]
    rounds: int
    lacking: int
    cost: int
    kept: float  # writing the plan
    applied: float


def vocabulary(chance: random.Random) -> list[str]:
    return sorted({"".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _number in range(6000)})


def text(chance: random.Random, words: list[str], topics: list[int]) -> str:
    """About 220 words: common ones, rare ones, and the words of two fields and two techniques."""
    said = chance.choices(words[:400], k=120) + chance.choices(words, k=90)
    for topic in topics:
        said += [*chance.sample(FIELDS[topic % len(FIELDS)].words, 3), chance.choice(TECHNIQUES[topic % len(TECHNIQUES)].words)]
    chance.shuffle(said)
    return " ".join(said)


def people(count: int, start: int, homes: list[Institution], chance: random.Random) -> list[User]:
    rows = [User(email=f"assign{start + n}@{homes[n % len(homes)].pk}.example.org", full_name=f"Bench Expert {start + n}") for n in range(count)]
    made = User.objects.bulk_create(rows, batch_size=AT_ONCE)
    Membership.objects.bulk_create([Membership(user=user, institution=chance.choice(homes)) for user in made], batch_size=AT_ONCE)
    return made


def places() -> list[Institution]:
    """150 institutions in 30 countries, most of them in a few."""
    countries = list(Country.objects.order_by("code")[:30])
    chance = random.Random(2)
    rows = []
    for number in range(150):
        country = countries[min(int(chance.paretovariate(0.7)) - 1, 29)]
        rows.append(Institution(name_en=f"Assigned University {number:03}", kind=Kind.UNIVERSITY, country=country, is_verified=True))
    return Institution.objects.bulk_create(rows)


@transaction.atomic
def prepare(applications: int, experts: int) -> tuple[Round, User]:
    """A round in review with its committee, what its members know and wish, and some conflicts."""
    chance = random.Random(1)
    sample = Sample.objects.filter(number="CE5C0400").first() or make_sample("CE5C0400", mass_ug=10_000_000)
    round = close_round(make_round(sample, slug=f"assign-{applications}"))
    words, homes = vocabulary(chance), places()
    officer = people(1, applications * 10 + 900_000, homes[:1], chance)[0]
    members = people(experts, applications * 10, homes, chance)
    group = Role.EXPERT.value
    User.groups.through.objects.bulk_create([User.groups.through(user_id=user.pk, group_id=group_of(group)) for user in members])
    limit = applications * WANTED * 13 // (experts * 10) + 1
    Seat.objects.bulk_create([Seat(round=round, user=user, most_reviews=limit) for user in members])
    Expertise.objects.bulk_create(list(sayings(members, words, chance)))
    owners = people(applications, applications * 10 + 100_000, homes, chance)
    rows = [
        Application(reference=f"LSA-9{applications}-{n:05}", round=round, owner=owner, status="draft", institution=chance.choice(homes))
        for n, owner in enumerate(owners)
    ]
    rows = Application.objects.bulk_create(rows, batch_size=AT_ONCE)
    versions = [
        Version(
            application=row,
            number=1,
            institution_id=row.institution_id,
            title=" ".join(chance.choices(words, k=8)),
            research_question=text(chance, words, chance.sample(range(28), 2)),
            submitted_at=timezone.now(),
            digest="0" * 64,
        )
        for row in rows
    ]
    for row, version in zip(rows, Version.objects.bulk_create(versions, batch_size=AT_ONCE), strict=True):
        row.current, row.status, row.submitted_at = version, "in_review", timezone.now()
    Application.objects.bulk_update(rows, ["current", "status", "submitted_at"], batch_size=AT_ONCE)
    pairs = {(chance.choice(members), chance.choice(rows)) for _number in range(applications * 4)}
    Bid.objects.bulk_create([Bid(user=user, application=row, wish=chance.choice(Wish.values)) for user, row in pairs], batch_size=AT_ONCE)
    shut = {(chance.choice(members), chance.choice(rows)) for _number in range(applications)}
    Conflict.objects.bulk_create([Conflict(user=user, application=row, standing=Standing.CONFLICT) for user, row in shut], batch_size=AT_ONCE)
    return round, officer


def group_of(name: str) -> int:
    return int(Group.objects.get_or_create(name=name)[0].pk)


def sayings(members: list[User], words: list[str], chance: random.Random) -> Iterator[Expertise]:
    for user in members:
        topics = chance.sample(range(28), 3)
        yield Expertise(
            user=user,
            fields=[FIELDS[topic % len(FIELDS)].code for topic in topics],
            techniques=[TECHNIQUES[topic].code for topic in topics],
            words=" ".join(chance.sample(words, 15)),
        )


def measure(applications: int, experts: int) -> Measured:
    round, officer = prepare(applications, experts)
    settings = USUAL | {"reviews": WANTED}
    began = time.perf_counter()
    keep_wordings(numbers_of(read_pool(round, officer, wanted=WANTED).versions)[1])
    first = time.perf_counter() - began
    stretch = Stretch()
    pool = read_pool(round, officer, wanted=WANTED)
    stretch.mark("cases, seats, ties, conflicts")
    texts, _new = numbers_of(pool.versions)
    knowledge, wishes, homes = knowledge_of(pool.experts), wishes_of(pool), homes_of(pool.experts)
    stretch.mark("words, bids, institutions")
    matched = fit(texts, knowledge)
    stretch.mark("matching")
    problem = problem_of(pool, matched, wishes, groups_of(homes), settings)
    answer = assign(problem)
    stretch.mark("min-cost flow, proven")
    worked = worked_out(pool, problem, matched, wishes, answer, [])
    stretch.mark("reasons")
    plan: Plan = keep_plan(round, worked.pairs, worked.unfilled, worked.digest, [], by=officer, settings=settings)
    stretch.mark("kept")
    kept = stretch.seconds.pop("kept")
    given = apply_plan(plan, by=officer)
    stretch.mark("applied")
    if len(given) != len(answer.pairs) or Review.objects.filter(application__round=round).count() != len(given):
        raise RuntimeError("the plan was not applied as it was shown")
    applied = stretch.seconds.pop("applied")
    lacking = int(answer.lacking.sum())
    return Measured(applications, experts, first, stretch.seconds, stretch.work, answer.rounds, lacking, answer.cost, kept, applied)
