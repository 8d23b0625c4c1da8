"""What waits in the office, counted per round for one person: only cases that this person may see are counted."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from applications.models import Application, Enquiry
from applications.workflow import DECIDABLE, Status
from letters.models import Mail
from reviews.models import Decision, Review, Vote, cases_visible_to
from reviews.workflow import LIVE, DecisionStatus
from rounds.models import Round


@dataclass(frozen=True)
class Stage:
    """The cases of a round by what they wait for."""

    round: Round
    handed_in: int
    to_check: int
    returned: int
    to_assign: int
    to_vote: int
    to_decide: int
    to_announce: int

    @property
    def is_quiet(self) -> bool:
        return not (self.to_check or self.to_assign or self.to_vote or self.to_decide or self.to_announce)


def stages(user: User, rounds: list[Round]) -> list[Stage]:
    """One line per round, in two queries for any number of rounds."""
    live_review = Exists(Review.objects.filter(application=OuterRef("pk"), status__in=LIVE))
    vote = Exists(Vote.objects.filter(request__version=OuterRef("current")))
    recorded = Exists(Decision.objects.filter(application=OuterRef("pk"), status=DecisionStatus.RECORDED))
    undecided = Q(status__in=(Status.IN_REVIEW, Status.INVITED), is_recorded=False)
    rows = (
        cases_visible_to(user)
        .filter(round__in=rounds)
        .annotate(has_review=live_review, has_vote=vote, is_recorded=recorded)
        .order_by()
        .values("round_id")
        .annotate(
            handed_in=Count("pk"),
            to_check=Count("pk", filter=Q(status=Status.SUBMITTED)),
            returned=Count("pk", filter=Q(status=Status.RETURNED)),
            to_assign=Count("pk", filter=undecided & Q(has_review=False)),
            to_vote=Count("pk", filter=undecided & Q(has_review=True, has_vote=False)),
            to_decide=Count("pk", filter=undecided & Q(has_vote=True)),
            to_announce=Count("pk", filter=Q(status__in=DECIDABLE, is_recorded=True)),
        )
    )
    names = ("handed_in", "to_check", "returned", "to_assign", "to_vote", "to_decide", "to_announce")
    counts = {values[0]: dict(zip(names, values[1:], strict=True)) for values in rows.values_list("round_id", *names)}
    return [Stage(round=round, **counts.get(round.pk, dict.fromkeys(names, 0))) for round in rounds]


def office_work(user: User) -> list[Stage]:
    """The rounds of this portal with what waits in them, newest first."""
    return stages(user, list(Round.objects.run_here().for_list()[:20]))


def rounds_to_prepare() -> list[Round]:
    return list(Round.objects.run_here().for_list()[:20])


# --- What came back to the office -----------------------------------------------------------------------------------------

SHOWN = 20


def answers_to_read(user: User) -> list[Enquiry]:
    """Answers of applicants that nobody in the office has read, in cases that this person may see."""
    return list(Enquiry.objects.unread().about(cases_visible_to(user))[:SHOWN])


@dataclass(frozen=True)
class Undelivered:
    """A mail that did not arrive, and the case it is about."""

    mail: Mail
    application: Application


def undelivered_mails(user: User) -> list[Undelivered]:
    """Mails that did not arrive, in cases that this person may see; the newest first."""
    mails = list(Mail.objects.undelivered().of_references(cases_visible_to(user).values("reference"))[:SHOWN])
    cases = Application.objects.select_related("round").in_bulk({mail.thread for mail in mails}, field_name="reference")
    return [Undelivered(mail, cases[mail.thread]) for mail in mails]
