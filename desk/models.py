"""The daily roots over the history of every app. They live here because only the last app may look across all the others."""

from datetime import datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from workflow.models import AppendOnlyModel

OFFICE_ZONE = ZoneInfo(settings.TIME_ZONE)
LATE = timedelta(days=1)  # a root that was made so long after its day was made up later
NO_ROOT = "0" * 64  # what stands before the first root


class HistoryRootQuerySet(models.QuerySet["HistoryRoot"]):
    def oldest_first(self) -> Self:
        return self.order_by("day")

    def newest_first(self) -> Self:
        return self.order_by("-day")


class HistoryRoot(AppendOnlyModel):
    """What the register remembered at the end of a day (Beijing), folded into one number that is published.

    `root` binds `tree`, the day's new events, to the root of the day before. The secret stays here: with it the tree can be built again.
    """

    day = models.DateField(unique=True)
    previous = models.CharField(max_length=64)
    tree = models.CharField(max_length=64)
    root = models.CharField(max_length=64, unique=True)
    secret = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    objects = HistoryRootQuerySet.as_manager()

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day}: {self.root}"

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=1), time.min, OFFICE_ZONE)

    @property
    def was_made_up(self) -> bool:
        return self.made_at - self.ends_at > LATE


class HistoryLeafQuerySet(models.QuerySet["HistoryLeaf"]):
    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)


class HistoryLeaf(AppendOnlyModel):
    """An event under a root: which row of which history, its digest as it was then, and what stands beside it in the tree."""

    root = models.ForeignKey(HistoryRoot, on_delete=models.PROTECT, related_name="leaves")
    kind = models.CharField(max_length=60)  # applications.ApplicationChange
    change_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    path = models.JSONField()  # of its proof, so that nobody has to build the tree again for it

    objects = HistoryLeafQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("kind", "change_id"), name="event_under_one_root"),)

    def __str__(self) -> str:
        return f"{self.kind}:{self.change_id}"
