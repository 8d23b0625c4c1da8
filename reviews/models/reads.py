"""What the office may see, and what its pages show of an application: every list, count, search and letter starts here."""

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from applications.models import Application, ApplicationQuerySet, Request
from applications.workflow import DECIDABLE
from letters.models import Letter, LetterQuerySet
from reviews import workflow
from reviews.models.decision import Decision
from reviews.models.review import Review
from reviews.models.ties import conflicted_pairs, without_conflicts
from reviews.models.vote import Vote
from reviews.workflow import DecisionStatus
from rounds.models import Round


def cases_visible_to(user: User) -> ApplicationQuerySet:
    """The applications that the office may handle through this person: handed in, and without any tie or conflict (ties.py).

    Every list, count, search and letter of the office starts here, so that a conflicted person sees no row, no count and no gap.
    Whoever still has to judge an application as an expert does not read in the office what the other experts wrote.
    """
    judging = Review.objects.filter(expert=user, status__in=workflow.UNFILED).values("application_id")
    return without_conflicts(Application.objects.handed_in().exclude(pk__in=judging), user)


def letters_visible_to(user: User, round: Round) -> LetterQuerySet:
    """The letters of a round's cases that this person may handle, held ones too: the office proof-reads them."""
    references = cases_visible_to(user).of_round(round).values("reference")
    return Letter.objects.filter(reference__in=references)


def _number_of(rows: models.QuerySet[Any], path: str) -> Coalesce:
    """How many of the rows belong to the application at hand. Counted for each row that is shown: a join with grouping would first
    count for the whole round, whatever the page shows of it."""
    mine = rows.filter(**{path: models.OuterRef("pk")}).order_by().values(path)
    return Coalesce(models.Subquery(mine.annotate(number=models.Count("pk")).values("number")), 0)


def with_review_counts(applications: ApplicationQuerySet) -> ApplicationQuerySet:
    """Adds how many experts are assigned and how many have filed."""
    return applications.annotate(
        assigned_count=_number_of(Review.objects.live(), "application"), filed_count=_number_of(Review.objects.filed(), "application")
    )


def with_decisions(applications: ApplicationQuerySet) -> ApplicationQuerySet:
    """Adds how many of the requested samples have a vote, and the standing decision's status."""
    standing = Decision.objects.filter(application=models.OuterRef("pk")).exclude(status=DecisionStatus.RETRACTED).order_by("-number")
    current = models.F("version__application__current")
    return applications.annotate(
        request_count=_number_of(Request.objects.filter(version=current), "version__application"),
        vote_count=_number_of(
            Vote.objects.filter(request__version=models.F("request__version__application__current")), "request__version__application"
        ),
        decision_status=models.Subquery(standing.values("status")[:1]),
    )


def requests_with_votes(application: Application) -> list[Request]:
    """The sample lines of the current version with their votes, in the applicant's order."""
    lines = Request.objects.filter(version=application.current).select_related("sample", "vote", "version__application")
    return list(lines.order_by("position", "pk"))


def may_vote_on(application: Application) -> bool:
    """Whether the votes can still be entered or corrected: in time for a decision that is not recorded yet."""
    is_recorded = Decision.objects.filter(application=application, status=DecisionStatus.RECORDED).exists()
    return application.status in DECIDABLE and not is_recorded


def vote_on(line: Request, round: Round, decision: Decision | None = None) -> "Vote | None":
    """The vote on a sample line, with the share that it is measured by: frozen by the decision that stands, else the round's. None while
    it was not voted on."""
    vote: Vote | None = getattr(line, "vote", None)
    if vote is not None:
        vote.numerator, vote.denominator = decision.share if decision else (round.vote_numerator, round.vote_denominator)
    return vote


def assignable_experts(application: Application) -> list[User]:
    """Experts who have not been asked for this application, and have neither a tie nor a declared conflict."""
    asked = Review.objects.filter(application=application).values("expert_id")
    free = list(User.objects.with_role(Role.EXPERT).exclude(pk__in=asked))
    shut = conflicted_pairs(free, Application.objects.filter(pk=application.pk))
    return [expert for expert in free if (expert.pk, application.pk) not in shut]
