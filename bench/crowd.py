"""Many applications at once, beside the few that were made by the actions: the same rows, inserted in bulk, without their histories."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.models import Group
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from accounts.models import Role, User
from applications.models import Application, Request, Version
from applications.workflow import Status
from institutions.models import Institution
from reviews.models import Review, Score, Seat
from reviews.workflow import ReviewStatus
from rounds.models import Criterion, Round
from samples.models import Sample

AT_ONCE = 5_000
YEAR = 2000  # of the references: the counter of the present year is not touched


def people(prefix: str, count: int, *roles: Role) -> list[User]:
    rows = [User(email=f"{prefix}{number}@example.org", full_name=f"Bench {prefix} {number}", password="!") for number in range(count)]
    made = User.objects.bulk_create(rows, batch_size=AT_ONCE)
    for role in roles:
        group, _ = Group.objects.get_or_create(name=role.value)
        User.groups.through.objects.bulk_create([User.groups.through(user_id=user.pk, group_id=group.pk) for user in made], batch_size=AT_ONCE)
    return made


def seats(round: Round, experts: Sequence[User]) -> None:
    Seat.objects.bulk_create([Seat(round=round, user=expert) for expert in experts], ignore_conflicts=True)


def applications(round: Round, model: Application, owners: Sequence[User], homes: Sequence[Institution], count: int) -> list[Application]:
    """In review, each with one version that says what the model says, and one sample."""
    assert model.current is not None
    now, samples = timezone.now(), list(Sample.objects.filter(offers__round=round).order_by("number"))
    rows = [
        Application(
            reference=f"LSA-{YEAR + number // 100_000}-{number % 100_000:05}",
            round=round,
            owner=owners[number % len(owners)],
            institution=homes[number % len(homes)],
            submitted_at=now,
        )
        for number in range(count)
    ]
    made = Application.objects.bulk_create(rows, batch_size=AT_ONCE)
    first = model.current
    versions = Version.objects.bulk_create(
        [
            Version(
                application=each,
                number=1,
                institution=each.institution,
                title=f"Bench study {at}",
                research_question=first.research_question,
                plan=first.plan,
                answers=first.answers,
                revision=2,
                submitted_at=now,
                digest="0" * 64,
            )
            for at, each in enumerate(made)
        ],
        batch_size=AT_ONCE,
    )
    Request.objects.bulk_create(
        [Request(version=version, sample=samples[at % len(samples)], mass_ug=1_000) for at, version in enumerate(versions)], batch_size=AT_ONCE
    )
    ours = Application.objects.filter(pk__in=[each.pk for each in made])
    version = Version.objects.filter(application=OuterRef("pk")).values("pk")[:1]
    ours.update(current=Subquery(version), status=Status.IN_REVIEW, version=F("version") + 2)
    return list(ours.order_by("reference"))


def reviews(cases: Sequence[Application], experts: Sequence[User], criteria: Sequence[Criterion], each: int) -> None:
    """`each` experts for every application, in turn; one review in ten is not filed yet."""
    now = timezone.now()
    rows = []
    for at, case in enumerate(cases):
        for step in range(each):
            is_filed = (at * each + step) % 10 != 9
            expert = experts[(at * each + step) % len(experts)]
            row = Review(application=case, expert=expert, status=ReviewStatus.FILED if is_filed else ReviewStatus.OPEN, version=3)
            row.filed_at = now - timedelta(minutes=at) if is_filed else None
            row.remarks_to_applicant, row.remarks_to_committee = "Clear.", "Good."
            rows.append(row)
    made = Review.objects.bulk_create(rows, batch_size=AT_ONCE)
    scores = [
        Score(review=review, criterion=criterion, value=1 + (review.pk * 7919 + criterion.pk * 104_729) % 5)
        for review in made
        if review.status == ReviewStatus.FILED
        for criterion in criteria
    ]
    Score.objects.bulk_create(scores, batch_size=AT_ONCE)
