"""How much of each sample of a round is asked for, as coarse and as slow as applicants may know it."""

from datetime import datetime
from typing import ClassVar, NamedTuple, Self

from django.db import models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from applications.models.version import Request
from applications.workflow import Status
from rounds.models import Round

COUNTED = (Status.SUBMITTED, Status.RETURNED, Status.IN_REVIEW, Status.INVITED)  # handed in and not decided


class DemandQuerySet(models.QuerySet["Demand"]):
    def of_hour(self, round: Round, hour: datetime) -> Self:
        return self.filter(round=round, hour=hour)

    def before(self, round: Round, hour: datetime) -> Self:
        return self.filter(round=round, hour__lt=hour)


class Demand(models.Model):
    """The figures of one round for one hour: counted at the first look and the same for everybody until the hour is over."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="demands")
    hour = models.DateTimeField(_("hour"))
    # By the sample's number: how many halves of what is left are asked for. A sample with few requests is not in it.
    half_steps: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)

    objects: ClassVar = DemandQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "hour"), name="demand_is_counted_once_an_hour"),)

    def __str__(self) -> str:
        return f"{self.round_id} {self.hour:%Y-%m-%d %H:00}"


class Asked(NamedTuple):
    """What is asked of one sample. `institutions` counts those that somebody vouches for, merged ones as one."""

    sample: int
    mass_ug: int
    institutions: int
    applicants: int
    applications: int
    keys: int  # the sum of the applications' keys: with their count it tells one set of applications from another


def asked_by_sample(round: Round) -> list[Asked]:
    """What the applications that were handed in and stand ask of each sample, fall-backs apart; in one query."""
    of_application = "version__application__"
    of_institution = of_application + "institution__"
    is_vouched = Q(**{of_institution + "is_verified": True}) | Q(**{of_institution + "is_as_in_ror": True})
    is_vouched |= Q(**{of_institution + "merged_into__is_verified": True}) | Q(**{of_institution + "merged_into__is_as_in_ror": True})
    survivor = Coalesce(F(of_institution + "merged_into_id"), F(of_application + "institution_id"))
    rows = (
        Request.objects.filter(
            version__application__round=round, version__application__status__in=COUNTED, version__application__current=F("version"), fallback=0
        )
        .order_by()
        .values("sample")
        .annotate(
            asked_ug=Sum("mass_ug"),
            institutions=Count(survivor, filter=is_vouched, distinct=True),
            applicants=Count(of_application + "owner", distinct=True),
            applications=Count("pk"),
            keys=Sum(of_application + "pk"),
        )
    )
    names = ("sample", "asked_ug", "institutions", "applicants", "applications", "keys")
    return [Asked(*row) for row in rows.values_list(*names)]
