"""The public record of domestic rounds, as far as it was published."""

import re
from datetime import date

from django.db import models
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from results.sources import SourcePart, parts_of

PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


def first_day_of(partial: str) -> date:
    """The first day of a day, a month or a year in ISO's spelling; ValueError for anything else."""
    if not PARTIAL_DATE.fullmatch(partial):
        raise ValueError(partial)
    year, month, day = (int(part) for part in [*partial.split("-"), "1", "1"][:3])
    return date(year, month, day)


def spell_partial_date(partial: str) -> str:
    """As precise as it was published: 12 July 2021, July 2021 or 2021."""
    try:
        day = first_day_of(partial)
    except ValueError:
        return partial
    return date_format(day, {4: "Y", 7: "YEAR_MONTH_FORMAT"}.get(len(partial), "DATE_FORMAT"))


class Mark(models.TextChoices):
    """How well a line of the public record is known."""

    CONFIRMED = "CONFIRMED", _("Confirmed")
    PARTLY = "PARTLY", _("Partly confirmed")
    NOT_FOUND = "NOT FOUND", _("Not found")


ROUND_NUMBERS = re.compile(r"(?P<first>\d+)(-(?P<last>\d+) total)?")
SPAN = re.compile(r"(?P<first>\d{1,3})(-(?P<last>\d{1,3}) total)?", re.ASCII)


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

    @property
    def name(self) -> str:
        """What the line is about, in the reader's language where the record numbers rounds; otherwise as it is written."""
        found = ROUND_NUMBERS.fullmatch(self.batch)
        if found is None:
            return self.batch
        if found["last"]:
            return gettext("Rounds %(first)s to %(last)s together") % {"first": found["first"], "last": found["last"]}
        return gettext("Round %(number)s") % {"number": found["first"]}

    @property
    def is_named_by_number(self) -> bool:
        return ROUND_NUMBERS.fullmatch(self.batch) is not None

    @property
    def numbers(self) -> range:
        """The rounds that it is about: one, or those that a stated total takes together; of a total over everything all that there are."""
        found = SPAN.match(self.batch)
        if found is None:
            return range(1, 1000)
        return range(int(found["first"]), int(found["last"] or found["first"]) + 1)

    @property
    def is_total(self) -> bool:
        """A sum that somebody stated over several rounds; sums and rounds need not add up."""
        return "total" in self.batch or self.batch.startswith("all ")

    @property
    def mark_label(self) -> str:
        return str(Mark(self.mark).label) if self.mark in Mark.values else self.mark

    @property
    def mark_tone(self) -> str:
        return {Mark.CONFIRMED.value: "good", Mark.PARTLY.value: "warn"}.get(self.mark, "")

    @property
    def has_more(self) -> bool:
        """Whether there is a note or a source to show below the figures."""
        return bool(self.notes or self.source)

    @property
    def dates(self) -> list[tuple[str, str]]:
        """The dates that were published, each with its name."""
        named = (
            (gettext("released"), self.released),
            (gettext("closed"), self.closed),
            (gettext("reviewed"), self.reviewed),
            (gettext("announced"), self.announced),
        )
        return [(label, spell_partial_date(value)) for label, value in named if value]

    @cached_property
    def source_parts(self) -> list[SourcePart]:
        return parts_of(self.source)
