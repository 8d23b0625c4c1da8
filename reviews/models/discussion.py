"""What experts say to each other about an application after they have filed, and what each review said before it was changed."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from reviews.models.review import Review, ReviewQuerySet
from rounds.models import Discussion
from workflow.models import AppendOnlyModel


class Filing(AppendOnlyModel):
    """A review as it was filed; filed anew after the discussion it gets another number, and the earlier one stays."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="filings")
    number = models.PositiveSmallIntegerField(_("number"))
    scores: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)  # by the criterion's key
    remarks_to_applicant = models.TextField(_("to the applicant"), blank=True)
    remarks_to_committee = models.TextField(_("to the committee only"), blank=True)
    reason = models.TextField(_("why it was changed"), blank=True)
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("filed"), default=timezone.now)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("review", "number"), name="filings_are_numbered"),)


class RemarkQuerySet(models.QuerySet["Remark"]):
    def of(self, application: Application) -> Self:
        return self.filter(application=application).select_related("by").order_by("pk")


class Remark(AppendOnlyModel):
    """One contribution to the discussion of an application; read by those who may take part in it, and never by the applicant."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="remarks")
    text = models.TextField(_("text"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    objects: ClassVar = RemarkQuerySet.as_manager()


class Shortlisted(models.Model):
    """An application that officer and chair want to hear or put to the vote first."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="shortlisted")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)


def is_discussion_open(review: Review) -> bool:
    """Whether this expert may read the other reviews of the application and discuss it: never before the own review is filed, and
    no longer than the application is in review as far as an expert may know."""
    application = review.application
    if not review.is_filed or not application.is_shown_in_review:
        return False
    if application.round.discussion == Discussion.AFTER_ALL:
        return not Review.objects.of(application).unfiled().exists()
    return application.round.discussion == Discussion.AFTER_OWN


def filed_reviews(application: Application) -> ReviewQuerySet:
    """The filed reviews of an application with their experts, scores and earlier states. Ask first who may read them."""
    return Review.objects.of(application).filed().select_related("expert").prefetch_related("scores", "filings").order_by("filed_at", "pk")
