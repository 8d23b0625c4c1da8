"""Cases in review for tests, made by the same actions that people use."""

import re

from django.test import Client

from accounts.models import Role, User
from accounts.tests.make import make_user, prove_again
from applications.actions import accept_application
from applications.models import Application
from applications.tests.make import make_submitted
from reviews.actions import (
    AwardDraft,
    announce_decisions,
    assign_experts,
    declare_no_conflict,
    enter_vote,
    file_review,
    record_decision,
    run_announcements,
)
from reviews.models import Decision, Review
from reviews.workflow import Outcome
from rounds.models import Round
from rounds.tests.make import close_round, make_round


def browser_of(user: User | None) -> Client:
    """A browser in which this person is signed in; None is somebody who is not."""
    client = Client()
    if user is not None:
        client.force_login(user)
        prove_again(client, user)
    return client


def make_cases(count: int, round: Round | None = None, **fields: object) -> list[Application]:
    """Applications of one closed round, accepted by the office, oldest first."""
    round = round or make_round()
    submitted = [make_submitted(round, **fields) for _ in range(count)]
    close_round(round)
    for application in Application.objects.with_case().filter(pk__in=[each.pk for each in submitted]):
        accept_application(application, by=make_user())
    return list(Application.objects.with_case().filter(pk__in=[each.pk for each in submitted]).order_by("reference"))


def make_case(round: Round | None = None, **fields: object) -> Application:
    (application,) = make_cases(1, round, **fields)
    return application


def seen_again(application: Application) -> Application:
    """The case as somebody reads it who opens it now."""
    return Application.objects.with_case().get(pk=application.pk)


def figures_in(page: str) -> list[int]:
    """The numbers in a table's cells, row by row."""
    return [int(number) for number in re.findall(r'<td[^>]* class="n"[^>]*>(\d+)</td>', page)]


def make_review(application: Application, expert: User | None = None, *, is_open: bool = True) -> Review:
    expert = expert or make_user(None, Role.EXPERT)
    (review,) = assign_experts(application, [expert], by=make_user(None, Role.OFFICER))
    if is_open:
        declare_no_conflict(review, by=expert)
    return review


def file(review: Review, score: int = 4) -> Review:
    scores = dict.fromkeys(review.application.round.criteria.all(), score)
    file_review(review, by=review.expert, seen_revision=review.revision, scores=scores, remarks_to_applicant="Clear.", remarks_to_committee="Strong.")
    return review


def carry(application: Application, *, officer: User, yes: int = 8, present: int = 9) -> None:
    """Votes on every request of the application."""
    assert application.current is not None
    for request in application.current.requests.all():
        enter_vote(request, by=officer, present=present, recused=0, yes=yes, no=present - yes)


def decide(application: Application, *, officer: User | None = None, outcome: Outcome = Outcome.APPROVED) -> Decision:
    """A recorded decision with the same outcome for each request."""
    officer = officer or make_user(None, Role.OFFICER)
    carry(application, officer=officer)
    assert application.current is not None
    awards = {request: AwardDraft(outcome) for request in application.current.requests.select_related("sample", "version__application")}
    return record_decision(application, awards=awards, by=officer)


def announce(round: Round, approver: User | None = None) -> None:
    """Confirm and carry out what waits; the round's recall window must be 0."""
    approver = approver or make_user(None, Role.APPROVER)
    count = Decision.objects.filter(application__round=round, status="recorded").count()
    announce_decisions(round, by=approver, count=count)
    run_announcements()
