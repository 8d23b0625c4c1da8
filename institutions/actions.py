"""What happens to the register: institutions entered, corrected, verified, merged and split; members; names of countries."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.names import tidy_name
from institutions.models import Country, CountryAlias, Institution, InstitutionAlias, Kind, Membership, Merge, today
from institutions.names import key_of, library_countries

REVISABLE = ("name_en", "name_local", "kind", "country", "ror_id", "legal_representative", "is_synthetic")


class InstitutionRefused(Exception):
    """What was said of an institution cannot be true. The text may be shown."""


class RorIdTaken(InstitutionRefused):
    def __init__(self) -> None:
        super().__init__(_("Another institution has this ROR id. If they are the same, merge them."))


class CountryAgainstKind(InstitutionRefused):
    def __init__(self) -> None:
        super().__init__(_("An international organisation has no country or region, and every other institution has one."))


class ChangedMeanwhile(InstitutionRefused):
    def __init__(self) -> None:
        super().__init__(_("Somebody has changed this institution in the meantime. Reload the page to see how it stands."))


class NotMergeable(InstitutionRefused):
    def __init__(self) -> None:
        super().__init__(_("An institution is merged into another that stands for itself. One of these two is merged already, or they are the same."))


class AlreadyMember(Exception):
    def __init__(self) -> None:
        super().__init__(_("This person belongs to the institution already. End that membership first to change it."))


class NoLongerMember(Exception):
    def __init__(self) -> None:
        super().__init__(_("This membership has ended already."))


# --- Countries and regions ------------------------------------------------------------------------------------------------


@transaction.atomic
def load_countries() -> int:
    """Bring the list up to the libraries' state; the administrator's names and places stay. Returns how many entries are new."""
    known = {country.code: country for country in Country.objects.all()}
    for entry in library_countries():
        country = known.get(entry.code)
        if country is None:
            Country.objects.create(code=entry.code, name_en=entry.name_en, name_zh=entry.name_zh)
        elif not country.is_renamed and (country.name_en, country.name_zh) != (entry.name_en, entry.name_zh):
            country.name_en, country.name_zh = entry.name_en, entry.name_zh
            country.save(update_fields=["name_en", "name_zh", "key_en", "key_zh"])
    taken = set(CountryAlias.objects.values_list("key", flat=True))
    wanted = [(entry.code, name, key_of(name)) for entry in library_countries() for name in entry.aliases]
    CountryAlias.objects.bulk_create(CountryAlias(country_id=code, alias=name, key=key) for code, name, key in wanted if key not in taken)
    return len({entry.code for entry in library_countries()} - known.keys())


class CountryNameTaken(Exception):
    def __init__(self, country: Country) -> None:
        super().__init__(_("%(name)s is already called so.") % {"name": country})


@transaction.atomic
def revise_country(country: Country, *, name_en: str, name_zh: str, position: int) -> None:
    """The administrator's names and place. The name it had before stays known as an alias, so that old files still match."""
    name_en, name_zh = tidy_name(name_en), tidy_name(name_zh)
    keys = [key_of(name_en), key_of(name_zh)]
    meant = Country.objects.exclude(pk=country.pk).filter(Q(key_en__in=keys) | Q(key_zh__in=keys) | Q(aliases__key__in=keys)).first()
    if meant:
        raise CountryNameTaken(meant)
    is_renamed = (name_en, name_zh) != (country.name_en, country.name_zh)
    if is_renamed:
        for old in (country.name_en, country.name_zh):
            if not CountryAlias.objects.filter(key=key_of(old)).exists():
                CountryAlias.objects.create(country=country, alias=old)
    country.name_en, country.name_zh, country.position = name_en, name_zh, position
    country.is_renamed = country.is_renamed or is_renamed
    country.save(update_fields=["name_en", "name_zh", "key_en", "key_zh", "position", "is_renamed"])


# --- Institutions ---------------------------------------------------------------------------------------------------------


def _refusal(problem: IntegrityError) -> InstitutionRefused:
    """The rule behind a refusal of the database."""
    text = str(problem)
    if "ror_id" in text:
        return RorIdTaken()
    if "only_an_international_organisation_has_no_country" in text:
        return CountryAgainstKind()
    raise problem


@transaction.atomic
def create_institution(
    *, name_en: str, name_local: str = "", kind: str = Kind.UNIVERSITY, country: Country | None, by: User | None = None, is_verified: bool = False,
    aliases: Iterable[str] = (), **more: Any,
) -> Institution:  # fmt: skip
    """Enter an institution; `more` are further columns (ror_id, legal_representative, is_synthetic)."""
    institution = Institution(
        name_en=tidy_name(name_en), name_local=tidy_name(name_local), kind=kind, country=country, created_by=by, is_verified=is_verified,
        verified_by=by if is_verified else None, verified_at=timezone.now() if is_verified else None, **more,
    )  # fmt: skip
    try:
        with transaction.atomic():
            institution.save()
    except IntegrityError as problem:
        raise _refusal(problem) from problem
    set_aliases(institution, aliases)
    return institution


@transaction.atomic
def revise_institution(institution: Institution, *, version: int | None = None, aliases: Iterable[str] | None = None, **columns: Any) -> None:
    """Correct what is written; refused when somebody else has done so since this copy, or the `version` that a page showed, was read."""
    if unknown := columns.keys() - set(REVISABLE):
        raise TypeError(f"not to be revised: {sorted(unknown)}")
    for name in ("name_en", "name_local", "legal_representative"):
        if name in columns:
            columns[name] = tidy_name(columns[name])
    if "name_en" in columns:
        columns["key_en"] = key_of(columns["name_en"])
    if "name_local" in columns:
        columns["key_local"] = key_of(columns["name_local"])
    try:
        with transaction.atomic():
            seen = Institution.objects.filter(pk=institution.pk, version=institution.version if version is None else version)
            changed = seen.update(version=F("version") + 1, **columns)
    except IntegrityError as problem:
        raise _refusal(problem) from problem
    if not changed:
        raise ChangedMeanwhile
    institution.refresh_from_db()
    if aliases is not None:
        set_aliases(institution, aliases)


@transaction.atomic
def set_aliases(institution: Institution, names: Iterable[str]) -> None:
    """Make these, and no others, the institution's further names; a name said twice is one."""
    wanted: dict[str, str] = {}
    for name in map(tidy_name, names):
        if key_of(name) and key_of(name) not in (institution.key_en, institution.key_local):
            wanted.setdefault(key_of(name), name)
    institution.aliases.exclude(key__in=wanted).delete()
    there = set(institution.aliases.values_list("key", flat=True))
    for key, name in wanted.items():
        if key not in there:
            InstitutionAlias.objects.create(institution=institution, name=name)


@transaction.atomic
def verify_institution(institution: Institution, *, by: User) -> None:
    """The office has looked: a legal entity of this name exists there."""
    Institution.objects.filter(pk=institution.pk, is_verified=False).update(
        is_verified=True, verified_by=by, verified_at=timezone.now(), version=F("version") + 1
    )
    institution.refresh_from_db()


def _touch(*institutions: Institution) -> None:
    """Make two merges that meet in one institution wait for each other (both rows, always in the same order)."""
    for pk in sorted(institution.pk for institution in institutions):
        if not Institution.objects.filter(pk=pk, merged_into=None).update(version=F("version") + 1):
            raise NotMergeable


def _flatten(top: Institution) -> None:
    """Let everything that was merged into `top`, directly or by steps, point at it."""
    steps = dict(Merge.objects.in_force().values_list("institution_id", "into_id"))
    family, size = {top.pk}, 0
    while len(family) > size:
        size = len(family)
        family |= {pk for pk, into in steps.items() if into in family}
    Institution.objects.filter(pk__in=family - {top.pk}).update(merged_into=top)


@transaction.atomic
def merge_institutions(institution: Institution, into: Institution, *, by: User | None) -> Merge:
    """Say that `institution` is `into`. No row that points at either moves; conflicts, counts and lists ask for the survivor."""
    if institution.pk == into.pk:
        raise NotMergeable
    _touch(institution, into)
    merge = Merge.objects.create(institution=institution, into=into, by=by)
    _flatten(into)
    institution.refresh_from_db()
    return merge


@transaction.atomic
def split_institution(institution: Institution, *, by: User | None) -> None:
    """Take the merge of `institution` back: it stands for itself again, with all that had been merged into it before."""
    institution.refresh_from_db()
    _touch(institution.survivor)
    if not Merge.objects.in_force().filter(institution=institution).update(ended_at=timezone.now(), ended_by=by):
        raise NotMergeable
    Institution.objects.filter(pk=institution.pk).update(merged_into=None, version=F("version") + 1)
    _flatten(institution)
    institution.refresh_from_db()


# --- Members --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_membership(user: User, institution: Institution, *, may_sign: bool = False, by: User | None = None) -> Membership:
    """From today the person belongs to the institution, and to the conflict of interest that comes with it."""
    try:
        with transaction.atomic():
            return Membership.objects.create(user=user, institution=institution, may_sign=may_sign, entered_by=by)
    except IntegrityError as problem:
        raise AlreadyMember from problem


@transaction.atomic
def end_membership(membership: Membership, *, by: User | None) -> None:
    """The person left; the row stays."""
    if not Membership.objects.open().filter(pk=membership.pk).update(ended_on=max(today(), membership.since_on), ended_by=by):
        raise NoLongerMember
    membership.refresh_from_db()
