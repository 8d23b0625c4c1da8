"""The table of working days as the office maintains it: a row is written for every change, and the last one of a day counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loans.workdays import Calendar, known_year
from workflow.models import AppendOnlyModel


class DayRuleQuerySet(models.QuerySet["DayRule"]):
    def standing(self) -> Self:
        """The last word on each day."""
        last = DayRule.objects.filter(day=OuterRef("day")).order_by("-number").values("pk")[:1]
        return self.filter(pk=Subquery(last))

    def of_year(self, year: int) -> Self:
        return self.filter(day__year=year)

    def for_list(self) -> Self:
        """Newest first, with who wrote it."""
        return self.select_related("by").order_by("-pk")


class DayRule(AppendOnlyModel):
    """What the office says about one day: worked, not worked, or (empty) as in the library's calendar again."""

    day = models.DateField(_("day"))
    number = models.PositiveSmallIntegerField(_("number"))
    is_working = models.BooleanField(_("working day"), null=True)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    objects: ClassVar = DayRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("day")
        verbose_name_plural = _("days")
        ordering = ("day", "number")
        constraints = (
            models.UniqueConstraint(fields=("day", "number"), name="day_rule_numbered_once"),  # two who change a day at once: one wins
            models.CheckConstraint(condition=Q(number__gte=1), name="day_rule_numbered_from_one"),
            models.CheckConstraint(condition=~Q(source=""), name="day_rule_has_a_source"),
        )

    def __str__(self) -> str:
        return f"{self.day}"

    @property
    def said(self) -> str:
        """What the row says, in words."""
        if self.is_working is None:
            return str(_("As in the library’s calendar"))
        return str(_("Working day")) if self.is_working else str(_("Day off"))


def office_calendar() -> Calendar:
    """The working days as they stand now; one query."""
    rows = DayRule.objects.standing().values_list("day", "is_working")
    return Calendar({day: is_working for day, is_working in rows if is_working is not None})


def last_rule(day: date) -> DayRule | None:
    """The last word on a day, if the office has said anything."""
    row: DayRule | None = DayRule.objects.filter(day=day).order_by("-number").first()
    return row


def newest_rule() -> int:
    """The key of the newest row: what a page that is opened now has seen."""
    newest: int | None = DayRule.objects.aggregate(newest=Max("pk"))["newest"]
    return newest or 0


# --- What the page of a year shows ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NamedDay:
    """A day that differs from what its weekday says, or about which the office has written."""

    day: date
    is_working: bool
    name_en: str
    name_zh: str
    rule: DayRule | None

    @property
    def tone(self) -> str:
        return "now" if self.is_working else "good"


@dataclass(frozen=True)
class YearTable:
    """A year's days off and weekends that are worked, in their order."""

    year: int
    days: Sequence[NamedDay]
    is_published: bool  # the State Council's arrangement is known
    is_in_library: bool


def table_of_year(year: int) -> YearTable:
    """One query, whatever the year holds."""
    known = known_year(year)
    rules = {rule.day: rule for rule in DayRule.objects.standing().of_year(year).select_related("by") if rule.is_working is not None}
    calendar = Calendar({day: bool(rule.is_working) for day, rule in rules.items()})
    every = (date(year, 1, 1) + timedelta(days=offset) for offset in range((date(year, 12, 31) - date(year, 1, 1)).days + 1))
    days = [
        NamedDay(
            day,
            calendar.is_working(day),
            rules[day].name_en if day in rules else known.names_en.get(day, ""),
            rules[day].name_zh if day in rules else known.names_zh.get(day, ""),
            rules.get(day),
        )
        for day in every
        if day in rules or calendar.is_told_apart(day) or day in known.names_en
    ]
    return YearTable(year, days, calendar.is_published(year), known.is_published)
