"""Cases in review for tests, made by the same actions that people use."""

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
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
