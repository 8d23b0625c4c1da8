"""The published lists of approved institutions, version by version."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from institutions.models import Country, Institution, InstitutionQuerySet
from results.sources import SourcePart, parts_of
from rounds.models import Round
from workflow.models import AppendOnlyModel


class ResultListQuerySet(models.QuerySet["ResultList"]):
    def newest_first(self) -> Self:
        return self.select_related("round", "round__mission").order_by(F("announced_on").desc(nulls_last=True), "-published_at", "-number")

    def for_list(self) -> Self:
        """What one line of the overview says of each list."""
        return self.newest_first().annotate(
            institution_count=Count("rows__institution_en", distinct=True),
            country_count=Count("rows__country", distinct=True),
            row_count=Count("rows"),
            known_ug=Sum("rows__mass_ug"),
        )

    def versions_of(self, slug: str) -> Self:
        """All versions of a round's list, the newest first."""
        return self.of_round(slug).order_by("-number")

    def latest_of(self, round: Round) -> "ResultList | None":
        return self.filter(round=round).order_by("-number").first()

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
        return sum(row.mass_ug or 0 for row in self.rows.all())

    @property
    def is_correction(self) -> bool:
        return self.number > 1

    @cached_property
    def source_parts(self) -> list[SourcePart]:
        return parts_of(self.source)


class ResultRowQuerySet(models.QuerySet["ResultRow"]):
    def current(self) -> Self:
        """Lines of the newest version of each list, the newest lists first, with their rounds."""
        lists = ResultList.objects.current().values("pk")
        return (
            self.filter(result_list__in=lists)
            .select_related("result_list__round")
            .order_by(F("result_list__announced_on").desc(nulls_last=True), "-result_list_id", "position")
        )

    def of_samples(self, numbers: Collection[str]) -> Self:
        return self.filter(sample_number__in=numbers) if numbers else self.none()

    def of_institutions(self, institutions: InstitutionQuerySet) -> Self:
        return self.filter(institution__in=institutions)


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

    objects: ClassVar = ResultRowQuerySet.as_manager()

    class Meta:
        ordering = ("result_list_id", "position")
        constraints = (
            models.UniqueConstraint(fields=("result_list", "position"), name="result_row_positioned_once"),
            models.CheckConstraint(condition=Q(mass_ug__isnull=True) | Q(mass_ug__gt=0), name="published_mass_is_positive"),
        )

    @property
    def person(self) -> str:
        """The responsible user in the reader's language, if one was published."""
        is_chinese = (get_language() or "").startswith("zh")
        return (self.pi_zh or self.pi) if is_chinese else (self.pi or self.pi_zh)

    @cached_property
    def source_parts(self) -> list[SourcePart]:
        return parts_of(self.source)
