"""The case file: what is known of one application, gathered in a fixed number of queries."""

from dataclasses import dataclass

from applications.models import Application, ApplicationChange, Enquiry, Receipt
from letters.models import Letter, Mail
from reviews.models import Decision, Review, Vote
from reviews.workflow import DecisionStatus


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


def open_case(application: Application) -> CaseFile:
    """Everything the office may read of an application. Whoever calls has asked whether the reader may see the case."""
    return CaseFile(
        receipts=list(application.receipts.select_related("version")),
        history=list(application.history.select_related("by")),
        reviews=list(
            Review.objects.live()
            .filter(application=application)
            .select_related("expert")
            .prefetch_related("scores__criterion", "filings")
            .order_by("pk")
        ),
        votes=list(
            Vote.objects.filter(request__version=application.current).select_related("request__sample", "entered_by").order_by("request__position")
        ),
        decisions=list(
            Decision.objects.filter(application=application)
            .select_related("recorded_by")
            .prefetch_related("awards__request__sample")
            .order_by("-number")
        ),
        letters=list(Letter.objects.of_reference(application.reference)),
        enquiries=list(Enquiry.objects.of(application).for_list()),
        undelivered=list(Mail.objects.undelivered().of_references([application.reference])),
    )
