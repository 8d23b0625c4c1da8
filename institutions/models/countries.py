"""Countries and regions, as ISO 3166 lists them and the administrator names them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from institutions.names import key_of


def reads_chinese() -> bool:
    return (get_language() or "").startswith("zh")


class CountryQuerySet(models.QuerySet["Country"]):
    def match(self, text: str) -> "Country | None":
        """The entry meant by a code, by a name in either language, or by an alias; nothing when none or more than one is meant."""
        text = text.strip()
        key = key_of(text)
        if not key:
            return None
        found = list(self.filter(Q(code=text.upper()) | Q(key_en=key) | Q(key_zh=key) | Q(aliases__key=key)).distinct())
        by_code = [country for country in found if country.code == text.upper()]
        candidates = by_code or found
        return candidates[0] if len(candidates) == 1 else None

    def in_order(self) -> "list[Country]":
        """As a list to choose from: by position, then by name in the reader's language (Chinese by sound, as GB 18030 orders it)."""
        chinese = reads_chinese()

        def place(country: Country) -> tuple[int, bytes]:
            return country.position, country.name_zh.encode("gb18030") if chinese else country.key_en.encode()

        return sorted(self, key=place)


class Country(models.Model):
    """An entry of ISO 3166, always labelled "Country or region". The administrator may change its names and its place in lists."""

    code = models.CharField(_("code"), max_length=2, primary_key=True)
    name_en = models.CharField(_("English name"), max_length=100)
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    key_en = models.CharField(max_length=100, db_index=True, editable=False)
    key_zh = models.CharField(max_length=100, db_index=True, editable=False)
    position = models.PositiveIntegerField(_("position"), default=1000)
    is_renamed = models.BooleanField(_("name set by the administrator"), default=False)  # then a new library changes nothing

    objects: ClassVar[CountryQuerySet] = CountryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("country or region")
        verbose_name_plural = _("countries and regions")
        ordering = ("position", "name_en")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key_en, self.key_zh = key_of(self.name_en), key_of(self.name_zh)
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return self.name_zh if reads_chinese() else self.name_en


class CountryAlias(models.Model):
    """Another name of a country or region, by which imports and forms find it."""

    country = models.ForeignKey(Country, verbose_name=_("country or region"), on_delete=models.CASCADE, related_name="aliases")
    alias = models.CharField(_("other name"), max_length=200)
    key = models.CharField(max_length=200, unique=True, editable=False)

    def __str__(self) -> str:
        return self.alias

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = key_of(self.alias)
        super().save(*args, **kwargs)
