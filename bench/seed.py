"""A round with any number of applications, made by the actions that people use."""

from dataclasses import dataclass
from uuid import uuid4

from django.db import connection, transaction

from accounts.actions import create_account, give_role
from accounts.models import Role, User
from applications.actions import accept_application, revise_application, revise_requests, start_application, submit_application
from applications.demonstration import ANSWERS, line_answers
from applications.models import Application
from applications.tests.make import the_draft
from bench import crowd
from institutions.actions import create_institution
from institutions.models import Country, Institution
from reviews.actions import assign_experts, declare_no_conflict, file_review
from rounds.models import Round
from rounds.tests.make import close_round, make_round
from samples.tests.make import make_sample

EXPERTS = 12
MOST_EXPERTS = 400
REVIEWS = 3
BY_ACTIONS = 12  # so many are made as people make them; the rest is inserted in bulk (bench/crowd.py)
WORDS = "How much solar-wind water do impact glasses keep, and for how long? " * 20


@dataclass
class Bench:
    round: Round
    open_round: Round
    officer: User
    expert: User
    applicant: User
    case: Application


def person(number: int, *roles: Role) -> User:
    user = create_account(f"bench{number}@example.org", full_name=f"Bench Person {number}", is_verified=True)
    for role in roles:
        give_role(user, role, by=None)
    return user


def institutions() -> list[Institution]:
    countries = list(Country.objects.order_by("code")[:40])
    return [create_institution(name_en=f"Bench University {number:03}", country=country) for number, country in enumerate(countries)]


@transaction.atomic
def one_application(round: Round, owner: User, institution: Institution, number: int, *, hand_in: bool = True) -> Application:
    """A complete application, handed in unless told otherwise."""
    application = start_application(round, by=owner, institution=institution)
    version = the_draft(application)
    sample = list(round.samples.order_by("number"))[number % 3]
    about = ANSWERS[round.kind] | line_answers([sample])
    revise_application(version, by=owner, seen_revision=0, title=f"Bench study {number}", research_question=WORDS, plan=WORDS, **about)
    revise_requests(version, by=owner, seen_revision=1, lines=[(sample, 1_000)])
    if hand_in:
        submit_application(application, by=owner, key=uuid4())
    return application


def seed(count: int) -> Bench:
    """`count` applications in a closed round, each accepted and with three experts. The first ones are made by the actions, with two of
    three reviews filed; the rest in bulk, with as many experts as give each about 75 reviews."""
    samples = [make_sample(number, mass_ug=10_000_000) for number in ("CE5C0400", "CE5C0600", "CE5Z0107YJ")]
    round, open_round = make_round(*samples, slug="bench"), make_round(*samples, slug="bench-open")
    officer = person(1, Role.OFFICER)
    experts = [person(10 + number, Role.EXPERT) for number in range(EXPERTS)]
    homes = institutions()
    owners = [person(100 + number) for number in range(8)]
    few = min(count, BY_ACTIONS)
    applications = [one_application(round, owners[n % len(owners)], homes[n % len(homes)], n) for n in range(few)]
    close_round(round)
    criteria = list(round.criteria.all())
    for number, application in enumerate(applications):
        with transaction.atomic():
            case = Application.objects.with_case().get(pk=application.pk)
            accept_application(case, by=officer)
            chosen = [experts[(number + step) % EXPERTS] for step in range(REVIEWS)]
            for position, review in enumerate(assign_experts(case, chosen, by=officer)):
                declare_no_conflict(review, by=review.expert)
                if position < REVIEWS - 1:
                    scores = {criterion: 1 + (number + position + at) % 5 for at, criterion in enumerate(criteria)}
                    file_review(review, by=review.expert, seen_revision=0, scores=scores, remarks_to_applicant="Clear.", remarks_to_committee="Good.")
    case = Application.objects.with_case().get(pk=applications[len(applications) // 2].pk)
    if count > few:
        more = crowd.people("expert", min(MOST_EXPERTS, max(EXPERTS, count * REVIEWS // 75)) - EXPERTS, Role.EXPERT)
        crowd.seats(round, more)
        rest = crowd.applications(round, case, crowd.people("owner", max(1, count // 5)), homes, count - few)
        crowd.reviews(rest, [*experts, *more], criteria, REVIEWS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Bench(round, open_round, officer, experts[0], owners[0], case)
