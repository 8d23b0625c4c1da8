"""The figures of a round that stand beside its list: counted once, frozen with the version, small numbers already left out."""

from typing import Any, ClassVar

from django.db import models

from results.models.lists import ResultList
from workflow.models import AppendOnlyModel


class FiguresQuerySet(models.QuerySet["Figures"]):
    def of(self, result_list: ResultList) -> "Figures | None":
        return self.filter(result_list=result_list).first()


class Figures(AppendOnlyModel):
    """Only what everybody may read is stored: a number that was left out is not there to be betrayed later."""

    result_list = models.OneToOneField(ResultList, on_delete=models.PROTECT, related_name="figures")
    content: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()

    objects: ClassVar = FiguresQuerySet.as_manager()
