"""The case file: what is known of one application, gathered in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from accounts.models import User
from applications.models import Application, ApplicationChange, ApplicationQuerySet, Attachment, Endorsement, Enquiry, Receipt, Request
from letters.models import Letter, Mail
from reviews.models import Decision, Review, Vote, cases_visible_to
from reviews.workflow import DecisionStatus
from rounds.models import Criterion

WORDS = ("html", "text_en", "text_zh")  # of a letter: the file names its letters, and nobody reads their words there


@dataclass(frozen=True)
class CaseFile:
    receipts: list[Receipt]
    history: list[ApplicationChange]
    reviews: list[Review]
    votes: list[Vote]
    decisions: list[Decision]
    letters: list[Letter]
    enquiries: list[Enquiry]
    undelivered: list[Mail]

    @property
    def filed_reviews(self) -> list[Review]:
        return [review for review in self.reviews if review.is_filed]

    @property
    def filed_count(self) -> int:
        return sum(review.is_filed for review in self.reviews)

    @property
    def current_decision(self) -> Decision | None:
        return next((decision for decision in self.decisions if decision.status != DecisionStatus.RETRACTED), None)


def cases_of(reader: User, slug: str) -> ApplicationQuerySet:
    """The cases of a round of this portal that are open to the reader."""
    return cases_visible_to(reader).filter(round__slug=slug, round__is_public_record=False)


def with_requests(cases: ApplicationQuerySet, *beside: str) -> ApplicationQuerySet:
    """With the samples that are asked for, and the institution. `beside`: what else is read with each request."""
    lines = Request.objects.select_related("sample", *beside).order_by("position", "pk")
    return cases.select_related("round", "institution", "current").prefetch_related(Prefetch("current__requests", queryset=lines))


def with_case_file(cases: ApplicationQuerySet) -> ApplicationQuerySet:
    """With all that the page shows of the application itself: a statement for each kind of thing."""
    files = Attachment.objects.select_related("upload").prefetch_related("upload__drawn_pages").order_by("position", "pk")
    signatures = Endorsement.objects.select_related("by", "institution").order_by("at")
    rows = with_requests(cases, "vote").select_related("owner", "institution__country", "current__institution__country")
    return rows.prefetch_related(Prefetch("current__attachments", queryset=files), Prefetch("current__endorsements", queryset=signatures))


def open_case(application: Application, criteria: Sequence[Criterion]) -> CaseFile:
    """Everything the office may read of an application; read it with `with_case_file`. Whoever calls has asked whether the reader may see it."""
    return CaseFile(
        receipts=list(application.receipts.all()),
        history=list(application.history.select_related("by")),
        reviews=_reviews_of(application, criteria),
        votes=_votes_on(application),
        decisions=list(
            Decision.objects.filter(application=application)
            .select_related("recorded_by")
            .prefetch_related("awards__request__sample")
            .order_by("-number")
        ),
        letters=list(Letter.objects.of_reference(application.reference).defer(*WORDS)),
        enquiries=list(Enquiry.objects.of(application).for_list()),
        undelivered=list(Mail.objects.undelivered().of_references([application.reference]).defer(*(f"letter__{name}" for name in WORDS))),
    )


def _votes_on(application: Application) -> list[Vote]:
    """They were read with the requests: each has one vote or none."""
    requests = application.current.requests.all() if application.current else []
    return [request.vote for request in requests if hasattr(request, "vote")]


def _reviews_of(application: Application, criteria: Sequence[Criterion]) -> list[Review]:
    rows = Review.objects.live().of(application).select_related("expert").prefetch_related("scores", "filings").order_by("pk")
    by_key = {criterion.pk: criterion for criterion in criteria}
    for row in (reviews := list(rows)):
        row.application = application
        for score in row.scores.all():
            score.criterion = by_key[score.criterion_id]
    return reviews
