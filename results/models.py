"""The published lists of approved institutions, and the public record of rounds held before this portal existed."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from institutions.models import Country, Institution
from rounds.models import Round
from workflow.models import AppendOnlyModel


class ResultListQuerySet(models.QuerySet["ResultList"]):
    def newest_first(self) -> Self:
        return self.select_related("round", "round__mission").order_by("-announced_on", "-published_at", "-number")

    def current(self) -> Self:
        """The newest version of each round's list."""
        newer = ResultList.objects.filter(round=models.OuterRef("round"), number__gt=models.OuterRef("number"))
        return self.exclude(models.Exists(newer))

    def of_round(self, slug: str) -> Self:
        return self.filter(round__slug=slug)

    def with_rows(self) -> Self:
        return self.prefetch_related("rows")


class ResultList(AppendOnlyModel):
    """One numbered version of a round's list. A correction is a new version; the old one stays."""

    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="result_lists")
    number = models.PositiveSmallIntegerField(_("version"))
    announced_on = models.DateField(_("announced on"), null=True, blank=True)
    stated_total_ug = models.BigIntegerField(_("stated total in micrograms"), null=True, blank=True)
    source = models.TextField(_("source"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    note_zh = models.TextField(_("note in Chinese"), blank=True)
    digest = models.CharField(_("digest of the rows"), max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("published"), default=timezone.now)

    objects: ClassVar = ResultListQuerySet.as_manager()

    class Meta:
        verbose_name = _("result list")
        verbose_name_plural = _("result lists")
        constraints = (
            models.UniqueConstraint(fields=("round", "number"), name="result_list_numbered_once"),
            models.CheckConstraint(condition=Q(stated_total_ug__isnull=True) | Q(stated_total_ug__gte=0), name="stated_total_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.round.slug} v{self.number}"

    @property
    def known_total_ug(self) -> int:
        """The sum of the masses that are published line by line. It stands beside a stated total and never replaces it."""
        return self.rows.aggregate(total=Sum("mass_ug"))["total"] or 0


class ResultRow(AppendOnlyModel):
    """One line as published: names are frozen, whatever becomes of the institution later."""

    result_list = models.ForeignKey(ResultList, on_delete=models.PROTECT, related_name="rows")
    position = models.PositiveSmallIntegerField()
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    institution_en = models.CharField(max_length=300)
    institution_zh = models.CharField(max_length=300, blank=True)
    country = models.ForeignKey(Country, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    country_en = models.CharField(max_length=120, blank=True)
    country_zh = models.CharField(max_length=120, blank=True)
    pi = models.CharField(max_length=200, blank=True)
    pi_zh = models.CharField(max_length=200, blank=True)
    sample_number = models.CharField(max_length=40, blank=True)
    mass_ug = models.BigIntegerField(null=True, blank=True)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ("result_list_id", "position")
        constraints = (
            models.UniqueConstraint(fields=("result_list", "position"), name="result_row_positioned_once"),
            models.CheckConstraint(condition=Q(mass_ug__isnull=True) | Q(mass_ug__gt=0), name="published_mass_is_positive"),
        )


class DomesticRound(models.Model):
    """A line of the public record of domestic rounds, as far as it was published. Dates are as published, also partial ones."""

    batch = models.CharField(_("round"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField()
    mission = models.CharField(_("mission"), max_length=60)
    released = models.CharField(_("samples released"), max_length=20, blank=True)
    closed = models.CharField(_("closed"), max_length=20, blank=True)
    reviewed = models.CharField(_("reviewed"), max_length=20, blank=True)
    announced = models.CharField(_("announced or handed over"), max_length=20, blank=True)
    received_count = models.PositiveIntegerField(_("applications received"), null=True, blank=True)
    approved_count = models.PositiveIntegerField(_("applications approved"), null=True, blank=True)
    people_count = models.PositiveIntegerField(_("responsible users approved"), null=True, blank=True)
    institution_count = models.PositiveIntegerField(_("institutions approved"), null=True, blank=True)
    mass_ug = models.BigIntegerField(_("mass in micrograms"), null=True, blank=True)
    mark = models.CharField(_("how well it is known"), max_length=20)
    notes = models.TextField(_("notes"), blank=True)
    source = models.TextField(_("source"), blank=True)

    class Meta:
        verbose_name = _("domestic round")
        verbose_name_plural = _("domestic rounds")
        ordering = ("position",)

    def __str__(self) -> str:
        return self.batch
