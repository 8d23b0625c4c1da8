"""Countries and regions, the institutions in them, and who belongs to which institution and may sign for it."""

import re
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from institutions.names import key_of

ROR_ID = RegexValidator(
    r"\Ahttps://ror\.org/0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}\Z", _("Enter the ROR id as a full address, for example https://ror.org/05qbk4x57.")
)

HAN = re.compile(r"[\u3400-\u9fff]")


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def today() -> date:
    return timezone.localdate()


# --- Countries and regions ------------------------------------------------------------------------------------------------


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
        chinese = _is_chinese()

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
        return self.name_zh if _is_chinese() else self.name_en


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


# --- Institutions ---------------------------------------------------------------------------------------------------------


class Kind(models.TextChoices):
    UNIVERSITY = "university", _("University")
    INSTITUTE = "institute", _("Research institute")
    AGENCY = "agency", _("Space agency")
    MUSEUM = "museum", _("Museum")
    ORGANISATION = "organisation", _("International organisation")


class InstitutionQuerySet(models.QuerySet["Institution"]):
    def alive(self) -> Self:
        """Those that stand for themselves: not merged into another."""
        return self.filter(merged_into=None)

    def for_list(self) -> Self:
        """What one row of the register shows."""
        return self.alive().select_related("country").order_by("name_en", "pk")

    def family_of(self, institution: "Institution") -> Self:
        """The institution, the one it was merged into, and all that were merged into that."""
        survivor = institution.merged_into_id or institution.pk
        return self.filter(Q(pk=survivor) | Q(merged_into=survivor))

    def unverified(self) -> Self:
        return self.filter(is_verified=False)

    def verified_or_not(self, *, only_unverified: bool) -> Self:
        return self.unverified() if only_unverified else self

    def named(self, key: str) -> Self:
        """Those with a name, local name or alias of this key, merged ones as well."""
        return self.filter(Q(key_en=key) | Q(key_local=key) | Q(pk__in=InstitutionAlias.objects.filter(key=key).values("institution_id")))

    def match(self, name: str, country: Country | None = None) -> "Institution | None":
        """The institution meant by a name in any language or an alias; a merged one answers with its survivor.

        With a country only institutions there (or without one) are meant. Of several the verified one is taken, then the oldest.
        """
        key = key_of(name)
        if not key:
            return None
        found = self.named(key).select_related("merged_into")
        if country is not None:
            found = found.filter(Q(country=country) | Q(country=None))
        survivors = [institution.survivor for institution in found]
        return min(survivors, key=lambda institution: (not institution.is_verified, institution.pk), default=None)

    def meant_by(self, text: str) -> Self:
        """Those of exactly this name, other name or ROR id."""
        return self.filter(Q(pk__in=Institution.objects.named(key_of(text)).values("pk")) | Q(ror_id=text.strip() or "-"))

    def search(self, text: str) -> Self:
        """Those with the text in any name or alias, or in those of an institution merged into them; by ROR id as well."""
        key = key_of(text)
        if not text.strip():
            return self
        if not key:
            return self.none()
        hits = Institution.objects.filter(
            Q(key_en__contains=key)
            | Q(key_local__contains=key)
            | Q(ror_id__iexact=text.strip())
            | Q(pk__in=InstitutionAlias.objects.filter(key__contains=key).values("institution_id"))
        )
        return self.filter(Q(pk__in=hits.values("pk")) | Q(pk__in=hits.exclude(merged_into=None).values("merged_into_id")))

    def of(self, user: User) -> Self:
        """The institutions a person belongs to now, by their survivors."""
        return self._behind(Membership.objects.open().filter(user=user))

    def signed_by(self, user: User) -> Self:
        """The institutions a person may sign for now, by their survivors."""
        return self._behind(Membership.objects.open().filter(user=user, may_sign=True))

    def _behind(self, memberships: "MembershipQuerySet") -> Self:
        merged = memberships.exclude(institution__merged_into=None)
        return self.alive().filter(Q(pk__in=memberships.values("institution_id")) | Q(pk__in=merged.values("institution__merged_into_id")))


class Institution(models.Model):
    """A legal entity that borrows samples, or one that is said to be: verified once the office has looked.

    A merged institution keeps its row and everything that points at it; `merged_into` always names a living one.
    """

    name_en = models.CharField(_("English name"), max_length=200)
    name_local = models.CharField(_("name in the local language"), max_length=200, blank=True)
    key_en = models.CharField(max_length=200, db_index=True, editable=False)
    key_local = models.CharField(max_length=200, blank=True, db_index=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.UNIVERSITY)
    country = models.ForeignKey(
        Country, verbose_name=_("country or region"), null=True, blank=True, on_delete=models.PROTECT, related_name="institutions"
    )
    ror_id = models.CharField(_("ROR id"), max_length=40, blank=True, validators=[ROR_ID])
    legal_representative = models.CharField(_("legal representative"), max_length=200, blank=True)
    is_verified = models.BooleanField(_("verified"), default=False)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("verified by"), null=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(_("verified at"), null=True)
    is_synthetic = models.BooleanField(_("synthetic"), default=False)
    merged_into = models.ForeignKey("self", verbose_name=_("merged into"), null=True, on_delete=models.PROTECT, related_name="merged_ones")
    version = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, on_delete=models.PROTECT, related_name="+")
    created_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("entered"), default=timezone.now)

    merged_into_id: int | None
    country_id: str | None
    objects: ClassVar[InstitutionQuerySet] = InstitutionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")
        ordering = ("name_en", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind=Kind.ORGANISATION, country=None) | (~Q(kind=Kind.ORGANISATION) & Q(country__isnull=False)),
                name="only_an_international_organisation_has_no_country",
            ),
            models.CheckConstraint(condition=~Q(name_en=""), name="an_institution_has_a_name"),
            models.CheckConstraint(condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="no_institution_is_merged_into_itself"),
            models.UniqueConstraint(fields=["ror_id"], condition=~Q(ror_id=""), name="one_institution_per_ror_id"),
        )
        indexes = (models.Index(fields=["name_en", "id"], name="institutions_by_name"),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key_en, self.key_local = key_of(self.name_en), key_of(self.name_local)
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """On a Chinese page the local name if it is written in Chinese characters, else the English one."""
        return self.name_zh or self.name_en if _is_chinese() else self.name_en

    @property
    def other_name(self) -> str:
        """The one of the two names that `name` is not."""
        return self.name_en if self.name != self.name_en else self.name_local

    @property
    def name_zh(self) -> str:
        return self.name_local if HAN.search(self.name_local) else ""

    @property
    def survivor(self) -> "Institution":
        return self.merged_into or self

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None


class InstitutionAlias(models.Model):
    """Another name of an institution: an abbreviation, an earlier name, a name in a third language."""

    institution = models.ForeignKey(Institution, verbose_name=_("institution"), on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(_("other name"), max_length=200)
    key = models.CharField(max_length=200, db_index=True, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["institution", "key"], name="one_alias_per_institution_and_name"),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = key_of(self.name)
        super().save(*args, **kwargs)


class MergeQuerySet(models.QuerySet["Merge"]):
    def in_force(self) -> Self:
        return self.filter(ended_at=None)

    def about(self, institution: Institution) -> Self:
        """The steps in force that lead from the institution, or directly into it."""
        return self.in_force().filter(Q(institution=institution) | Q(into=institution)).select_related("institution", "into", "by")


class Merge(models.Model):
    """One institution was found to be another: the step as it was taken, so that it can be taken back."""

    institution = models.ForeignKey(Institution, verbose_name=_("institution"), on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey(Institution, verbose_name=_("merged into"), on_delete=models.PROTECT, related_name="merges_into")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("taken back by"), null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("taken back at"), null=True)

    objects: ClassVar[MergeQuerySet] = MergeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (models.UniqueConstraint(fields=["institution"], condition=Q(ended_at=None), name="an_institution_is_merged_once"),)


# --- Who belongs to an institution ----------------------------------------------------------------------------------------


class MembershipQuerySet(models.QuerySet["Membership"]):
    def open(self) -> Self:
        return self.filter(ended_on=None)

    def for_list(self) -> Self:
        """What one row of the members shows; those who belong now stand first."""
        return self.select_related("user", "institution").order_by(F("ended_on").desc(nulls_first=True), "user__full_name", "pk")

    def of_family(self, institution: Institution) -> Self:
        """Of the institution and of all that were merged into it."""
        return self.filter(Q(institution=institution) | Q(institution__merged_into=institution))


class Membership(models.Model):
    """A person belongs to an institution, perhaps with the right to sign for it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="memberships")
    institution = models.ForeignKey(Institution, verbose_name=_("institution"), on_delete=models.PROTECT, related_name="memberships")
    may_sign = models.BooleanField(_("may sign for it"), default=False)
    since_on = models.DateField(_("since"), default=today)
    ended_on = models.DateField(_("until"), null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("ended by"), null=True, on_delete=models.PROTECT, related_name="+")

    user_id: int
    institution_id: int
    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(
                fields=["user", "institution"], condition=Q(ended_on=None), name="one_open_membership_per_person_and_institution"
            ),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("since_on")), name="a_membership_ends_after_it_began"),
        )


def tied_institution_ids(user: User) -> set[int]:
    """Every institution that counts as the person's own: the open memberships' ones, their survivors, and all merged into those."""
    survivors = Institution.objects.of(user).values("pk")
    return set(Institution.objects.filter(Q(pk__in=survivors) | Q(merged_into__in=survivors)).values_list("pk", flat=True))
