"""The register of institutions, what was merged, and who belongs to which institution and may sign for it."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from institutions import search
from institutions.models.countries import Country, reads_chinese
from institutions.names import key_of

ROR_ID = RegexValidator(
    r"\Ahttps://ror\.org/0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}\Z", _("Enter the ROR id as a full address, for example https://ror.org/05qbk4x57.")
)

HAN = re.compile(r"[\u3400-\u9fff]")
MOST_ALIASES = 50
MOST_FOUND = 50  # of the best matches; whoever wants more types more
MOST_SORTED = 100  # of a question that thousands match only so many are looked at
MOST_ALIKE = 6


def _chinese_of(local: str) -> str:
    return local if HAN.search(local) else ""


def shown_name(english: str, local: str) -> str:
    """On a Chinese page the local name if it is written in Chinese characters, else the English one."""
    return _chinese_of(local) or english if reads_chinese() else english


def today() -> date:
    return timezone.localdate()


# --- Institutions ---------------------------------------------------------------------------------------------------------


class Kind(models.TextChoices):
    UNIVERSITY = "university", _("University")
    INSTITUTE = "institute", _("Research institute")
    AGENCY = "agency", _("Space agency")
    MUSEUM = "museum", _("Museum")
    ORGANISATION = "organisation", _("International organisation")


class Standing(models.TextChoices):
    """How far the office has come with an institution, as lists tell them apart."""

    TO_BE_CHECKED = "check", _("To be checked")
    FROM_ROR = "ror", _("Listed in ROR")
    VERIFIED = "verified", _("Verified")


class RorStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn, entered in error")

    @classmethod
    def gone(cls) -> "tuple[RorStatus, RorStatus]":
        return cls.INACTIVE, cls.WITHDRAWN


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

    def to_be_checked(self) -> Self:
        """What somebody entered and the office has not looked at yet. Those that come from ROR as they are wait for nobody."""
        return self.alive().filter(is_verified=False, is_as_in_ror=False)

    def verified(self) -> Self:
        return self.filter(is_verified=True)

    def of_standing(self, standing: str) -> Self:
        """Those of one standing; all when none is named."""
        if standing == Standing.TO_BE_CHECKED:
            return self.to_be_checked()
        return self.verified() if standing == Standing.VERIFIED else self

    def choosable_by(self, user: User) -> Self:
        """What an applicant may choose from. Names that other applicants entered stay out until the office has verified them: one of them
        would tell who else applies. What ROR calls closed or withdrawn stays out as well, unless the office knows better."""
        own = Q(created_by=user) | Q(pk__in=list(Institution.objects.order_by().of(user).values_list("pk", flat=True)))  # asked first: a few keys
        offered = Q(is_verified=True) | (Q(created_by=None) | Q(is_as_in_ror=True)) & ~Q(ror_status__in=RorStatus.gone())
        return self.alive().filter(offered | own)

    def named(self, key: str) -> Self:
        """Those with a name, local name or alias of this key, merged ones as well."""
        if not key:
            return self.none()
        by_name = Institution.objects.order_by().filter(Q(key_en=key) | Q(key_local=key)).values("pk")
        return self.filter(pk__in=by_name.union(InstitutionAlias.objects.order_by().filter(key=key).values("institution_id")))

    def with_ror_id(self, ror_id: str) -> Self:
        """The one of this ROR id, or the one that it was merged into."""
        hits = Institution.objects.order_by().filter(ror_id=ror_id).exclude(ror_id="")
        return self.filter(pk__in=hits.values("pk").union(hits.exclude(merged_into=None).values("merged_into_id")))

    def parents_of(self, institution: "Institution") -> Self:
        """Those that ROR names as parents of the institution or of one merged into it."""
        family = Institution.objects.order_by().family_of(institution)
        return self.filter(ror_id__in=family.filter(ror_parents__isnull=False).values("ror_parents__parent_ror_id")).exclude(ror_id="")

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
        ror_id = search.ror_id_in(text)
        return self.filter(ror_id=ror_id).exclude(ror_id="") if ror_id else self.named(key_of(text))

    def matching(self, text: str) -> Self:
        """Those in whose names, or in whose that were merged into them, every word begins one; by ROR id as well. All for no text."""
        if not text.strip():
            return self
        if ror_id := search.ror_id_in(text):
            return self.with_ror_id(ror_id)
        terms = search.terms_of(text)
        return self.filter(*(Q(words__contains=f" {term}") for term in terms)) if terms else self.none()

    def search(self, text: str, *, most: int = MOST_FOUND) -> "list[Institution]":
        """The best of `matching`, the best first: exactly this name, then verified ones, then names that begin so, then all others.

        Of a question that thousands match ("univ") not all are sorted, but the first that the database finds in each of these steps: it is
        asked at every keystroke.
        """
        terms = search.terms_of(text)
        if not terms or search.ror_id_in(text):
            return list(self.matching(text)) if text.strip() else []
        seen: dict[int, tuple[int, bool, int, int]] = {}
        for step in self.order_by()._steps_to(text):
            rows = step.values_list("pk", "is_verified", "name_en", "words")[:MOST_SORTED]
            seen |= {pk: (min(rank := search.rank_of(words, terms), 1), not known, rank, len(name)) for pk, known, name, words in rows}
            if len(seen) < MOST_SORTED:
                break  # these are all that match: the first step is the widest
        best = sorted(seen, key=lambda pk: (seen[pk], pk))[:most]
        found = self.in_bulk(best)
        return [found[pk] for pk in best if pk in found]

    def _steps_to(self, text: str) -> "Iterator[Self]":
        key = key_of(text[: search.LONGEST_QUESTION])
        yield self.matching(text)
        yield self.filter(Q(key_en=key) | Q(key_local=key))
        yield self.filter(aliases__key=key)
        yield self.verified().matching(text)
        yield self.filter(Q(key_en__startswith=key) | Q(key_local__startswith=key))

    def alike(self, institution: "Institution", *, most: int = MOST_ALIKE) -> "list[Institution]":
        """Which others it may be: of the same name anywhere, or of a similar one in the same country, or of none. The likeliest first."""
        others = Institution.objects.alive().exclude(pk=institution.survivor.pk).select_related("country").order_by()
        names = [name for name in (institution.name_en, institution.name_local) if name]
        keys = [key_of(name) for name in names]
        same = [*others.named(keys[0]), *(others.named(keys[1]) if len(keys) > 1 else ())]
        beginnings = [beginning for name in names for beginning in search.telling_beginnings(name)]
        near = others.filter(Q(country=institution.country_id) | Q(country=None)) if institution.country_id else others
        similar = near.filter(reduce(or_, (Q(words__contains=f" {beginning}") for beginning in beginnings)))[:MOST_SORTED] if beginnings else ()

        def likeness(other: Institution) -> float:
            return max(search.likeness(name, name_of_other) for name in names for name_of_other in (other.name_en, other.name_local) if name_of_other)

        ranked = {other.pk: (likeness(other), other) for other in similar}
        ranked = {pk: pair for pk, pair in ranked.items() if pair[0] >= search.LEAST_ALIKE} | {other.pk: (1.0, other) for other in same}
        likeliest = sorted(ranked.values(), key=lambda pair: (-pair[0], pair[1].country_id != institution.country_id, not pair[1].is_verified))
        return [other for _likeness, other in likeliest[:most]]

    def of(self, user: User) -> Self:
        """The institutions a person belongs to now, by their survivors."""
        return self._behind(Membership.objects.open().filter(user=user))

    def signed_by(self, user: User) -> Self:
        """The institutions a person may sign for now, by their survivors."""
        return self._behind(Membership.objects.open().filter(user=user, may_sign=True))

    def _behind(self, memberships: "MembershipQuerySet") -> Self:
        merged = memberships.exclude(institution__merged_into=None)
        both = memberships.order_by().values("institution_id").union(merged.order_by().values("institution__merged_into_id"))
        return self.alive().filter(pk__in=both)  # a union, not an "or": that would read the whole register


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
    # Every name in the words that `institutions.search` compares, those of institutions merged into it as well; kept by `index_institutions`.
    words = models.TextField(blank=True, editable=False)
    ror_id = models.CharField(_("ROR id"), max_length=40, blank=True, validators=[ROR_ID])
    ror_status = models.CharField(_("status in ROR"), max_length=10, choices=RorStatus.choices, blank=True)  # empty: no file of ROR had it
    is_as_in_ror = models.BooleanField(_("named as in ROR"), default=False)  # until the office writes or verifies it, a newer file may rename it
    website = models.URLField(_("website"), max_length=500, blank=True)
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
        # and "institutions_by_words" on PostgreSQL, made by the migration: trigrams of `words`
        indexes = (
            models.Index(fields=["name_en", "id"], name="institutions_by_name"),
            models.Index(fields=["name_en", "id"], condition=Q(is_verified=True), name="verified_institutions_by_name"),
            models.Index(
                fields=["name_en", "id"], condition=Q(is_verified=False, is_as_in_ror=False, merged_into=None), name="institutions_to_be_checked"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key_en, self.key_local = key_of(self.name_en), key_of(self.name_local)
        if self._state.adding:
            self.words = search.words_of(self.own_names)
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return shown_name(self.name_en, self.name_local)

    @property
    def other_name(self) -> str:
        """The one of the two names that `name` is not."""
        return self.name_en if self.name != self.name_en else self.name_local

    @property
    def own_names(self) -> "list[str]":
        return [name for name in (self.name_en, self.name_local) if name]

    @property
    def standing(self) -> Standing:
        if self.is_verified:
            return Standing.VERIFIED
        return Standing.FROM_ROR if self.is_as_in_ror else Standing.TO_BE_CHECKED

    @property
    def caution(self) -> str:
        """What an applicant who chooses it should know."""
        return str(_("not checked by the office yet")) if self.standing == Standing.TO_BE_CHECKED else ""

    @property
    def awaits_check(self) -> bool:
        return self.standing == Standing.TO_BE_CHECKED and not self.is_merged

    @property
    def is_gone(self) -> bool:
        """ROR calls it closed, or withdrawn."""
        return self.ror_status in RorStatus.gone()

    @property
    def name_zh(self) -> str:
        return _chinese_of(self.name_local)

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
    survivors = Institution.objects.order_by().of(user).values("pk")
    merged = Institution.objects.order_by().filter(merged_into__in=survivors).values_list("pk", flat=True)
    return set(merged.union(Institution.objects.order_by().of(user).values_list("pk", flat=True)))
