"""A list that is to be published at an instant which an administrator has set."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from results import workflow
from results.workflow import PublicationStatus
from rounds.models import Round
from workflow.models import Staged, StatusChange


class PublicationQuerySet(models.QuerySet["Publication"]):
    def due(self, now: datetime) -> Self:
        return self.filter(status=PublicationStatus.SET, publishes_at__lte=now).select_related("round", "by").order_by("publishes_at", "pk")

    def of(self, round: Round) -> Self:
        return self.filter(round=round).select_related("by").order_by("-pk")

    def waiting(self) -> Self:
        return self.filter(status=PublicationStatus.SET)


class Publication(Staged):
    """What was previewed (`digest`) is published at `publishes_at`, if it may be then. Nobody but administrators knows of it."""

    moves = workflow.PUBLICATION_MOVES

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="publications")
    status = models.CharField(_("status"), max_length=20, choices=PublicationStatus.choices, default=PublicationStatus.SET)
    publishes_at = models.DateTimeField(_("publishes"))
    digest = models.CharField(_("digest of the rows"), max_length=64)
    note_en = models.TextField(_("note in English"), blank=True)
    note_zh = models.TextField(_("note in Chinese"), blank=True)
    problem = models.CharField(_("why it was not published"), max_length=20, blank=True)  # see results.actions.publishing.problem_text
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("set"), default=timezone.now)

    objects: ClassVar = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = (
            models.UniqueConstraint(fields=("round",), condition=Q(status=PublicationStatus.SET), name="one_publication_is_set"),
            models.CheckConstraint(condition=Q(status__in=PublicationStatus.values), name="publication_status_known"),
            models.CheckConstraint(condition=~Q(status=PublicationStatus.REFUSED) | ~Q(problem=""), name="refused_publication_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.round.slug} {self.publishes_at:%Y-%m-%d %H:%M}"

    @property
    def is_set(self) -> bool:
        return self.status == PublicationStatus.SET

    @property
    def is_refused(self) -> bool:
        return self.status == PublicationStatus.REFUSED

    @property
    def is_recallable(self) -> bool:
        return self.is_set and timezone.now() < self.publishes_at


class PublicationChange(StatusChange):
    record = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="publication_history_without_gap"),)
