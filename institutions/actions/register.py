"""What happens to the register: institutions entered, corrected, verified, merged and split; members."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.names import tidy_name
from institutions import search
from institutions.models import Country, Institution, InstitutionAlias, Kind, Membership, Merge, today
from institutions.names import key_of

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


# --- Institutions ---------------------------------------------------------------------------------------------------------


def _refusal(problem: IntegrityError) -> InstitutionRefused:
    """The rule behind a refusal of the database."""
    text = str(problem)
    if "ror_id" in text:
        return RorIdTaken()
    if "only_an_international_organisation_has_no_country" in text:
        return CountryAgainstKind()
    raise problem


def index_institutions(*pks: int) -> None:
    """Write down anew by which words these are found, and those that they were merged into."""
    into = Institution.objects.filter(pk__in=pks).exclude(merged_into=None).values_list("merged_into_id", flat=True)
    touched = Institution.objects.filter(pk__in={*pks, *into}).prefetch_related("aliases", "merged_ones__aliases")
    changed = []
    for institution in touched:
        names = [
            name for one in (institution, *institution.merged_ones.all()) for name in (*one.own_names, *(alias.name for alias in one.aliases.all()))
        ]
        words = search.words_of(names)
        if words != institution.words:
            institution.words = words
            changed.append(institution)
    Institution.objects.bulk_update(changed, ["words"], batch_size=500)


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
            changed = seen.update(version=F("version") + 1, is_as_in_ror=False, **columns)
    except IntegrityError as problem:
        raise _refusal(problem) from problem
    if not changed:
        raise ChangedMeanwhile
    institution.refresh_from_db()
    if aliases is not None:
        set_aliases(institution, aliases)
    else:
        index_institutions(institution.pk)


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
    index_institutions(institution.pk)


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
    index_institutions(into.pk)
    institution.refresh_from_db()
    return merge


@transaction.atomic
def split_institution(institution: Institution, *, by: User | None) -> None:
    """Take the merge of `institution` back: it stands for itself again, with all that had been merged into it before."""
    institution.refresh_from_db()
    former = institution.survivor
    _touch(former)
    if not Merge.objects.in_force().filter(institution=institution).update(ended_at=timezone.now(), ended_by=by):
        raise NotMergeable
    Institution.objects.filter(pk=institution.pk).update(merged_into=None, version=F("version") + 1)
    _flatten(institution)
    index_institutions(institution.pk, former.pk)
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
