"""What a file of ROR does to the register."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from institutions import search
from institutions.actions.register import index_institutions
from institutions.models import MOST_ALIASES, Institution, InstitutionAlias, MailDomain, RorLoad, RorParent
from institutions.names import key_of
from institutions.permissions import may_keep_register
from institutions.ror import RorEntry


class LoadedElsewhere(Exception):
    def __init__(self) -> None:
        super().__init__("Another process reads the same file at this moment, or has begun it anew. Nothing of this batch was loaded.")


@dataclass
class _Change:
    """What the file says of an institution that the register has."""

    institution: Institution
    entry: RorEntry
    columns: dict[str, Any]
    aliases: dict[str, str] = field(default_factory=dict)  # by key; all that it shall have


def begin_ror_load(*, digest: str, file_name: str, again: bool = False) -> RorLoad:
    """The load of this file, where it stopped; from the beginning for a new file, or when a finished one is wanted again."""
    load, _is_new = RorLoad.objects.get_or_create(digest=digest, defaults={"file_name": file_name[:255]})
    if again and load.finished_at:
        RorLoad.objects.filter(pk=load.pk).update(
            done=0, added=0, changed=0, not_offered=0, refused=0, started_at=timezone.now(), finished_at=None, file_name=file_name[:255]
        )
        load.refresh_from_db()
    return load


@transaction.atomic
def load_ror_entries(load: RorLoad, entries: Sequence[RorEntry], *, refused: int) -> None:
    """Take in the next organisations of the file, of which `refused` more could not be read: all of them and the note of how far we are,
    or nothing.

    An institution that somebody in the office wrote, corrected or verified keeps its words: it gets the ROR id, names to be found by when
    ROR is met for the first time, and always parents, domains, website and whether ROR calls it closed. Words of other applicants become
    ROR's, for from now on everybody may choose it.
    """
    said = {entry.ror_id: entry for entry in entries}
    known = _known(list(said.values()))
    unknown = [entry for entry in said.values() if entry.ror_id not in known]
    added = _add([entry for entry in unknown if entry.is_active])
    changes = [change for ror_id, institution in known.items() if (change := _change(institution, said[ror_id])) is not None]
    changed = [change.institution.pk for change in changes if _apply(change)]
    moved = _bring_up_to_date(RorParent, "ror_parents", "parent_ror_id", {known[one]: said[one].parents for one in known if said[one].is_active})
    moved |= _bring_up_to_date(MailDomain, "mail_domains", "domain", {known[one]: said[one].domains for one in known if said[one].is_active})
    if changed:
        index_institutions(*changed)
    done = RorLoad.objects.filter(pk=load.pk, done=load.done, started_at=load.started_at, finished_at=None).update(
        done=F("done") + len(entries) + refused,
        added=F("added") + added,
        changed=F("changed") + len(moved.union(changed)),
        not_offered=F("not_offered") + sum(not entry.is_active for entry in entries),
        refused=F("refused") + refused,
    )
    if not done:
        raise LoadedElsewhere
    load.refresh_from_db()


@transaction.atomic
def finish_ror_load(load: RorLoad) -> None:
    """The file is read to its end. The database looks at its new rows, so that it searches them well from the first question on."""
    RorLoad.objects.filter(pk=load.pk, finished_at=None).update(finished_at=timezone.now())
    with connection.cursor() as cursor:
        for model in (Institution, InstitutionAlias):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
        if connection.vendor == "postgresql":  # what was not sorted into the index yet would be read with every question
            cursor.execute("SELECT gin_clean_pending_list('institutions_by_words'::regclass)")
    load.refresh_from_db()


# --- Which institution an organisation is ---------------------------------------------------------------------------------


def _known(entries: list[RorEntry]) -> dict[str, Institution]:
    """The institutions that the register has for these, by ROR id: found by it, or by exact name and country if they have none yet."""
    rows = Institution.objects.order_by().select_related("created_by").prefetch_related("aliases", "ror_parents", "mail_domains")
    known = {row.ror_id: row for row in rows.filter(ror_id__in=[entry.ror_id for entry in entries]).exclude(ror_id="")}
    wanted = [entry for entry in entries if entry.is_active and entry.ror_id not in known]
    keys = {key_of(name) for entry in wanted for name in entry.official_names}
    nameless = rows.filter(ror_id="", is_synthetic=False)
    by_alias = InstitutionAlias.objects.order_by().filter(key__in=keys, institution__ror_id="").values_list("institution_id", flat=True)
    candidates = {row.pk: row for found in (nameless.filter(key_en__in=keys), nameless.filter(key_local__in=keys)) for row in found}
    candidates |= nameless.in_bulk([pk for pk in by_alias if pk not in candidates])
    called: dict[str, list[Institution]] = defaultdict(list)
    for row in candidates.values():
        for key in {row.key_en, row.key_local, *(alias.key for alias in row.aliases.all())}:
            called[key].append(row)
    taken: set[int] = set()
    for entry in wanted:
        fitting = {row.pk: row for name in entry.official_names for row in called[key_of(name)] if row.country_id in (entry.country_code, None)}
        free = [row for pk, row in fitting.items() if pk not in taken]
        if free:
            row = min(free, key=lambda row: (row.is_merged, row.country_id is None, not row.is_verified, row.pk))
            taken.add(row.pk)
            known[entry.ror_id] = row
    return known


# --- New ones -------------------------------------------------------------------------------------------------------------


def _add(entries: list[RorEntry]) -> int:
    rows = Institution.objects.bulk_create(
        Institution(
            **_columns(entry),
            ror_id=entry.ror_id,
            ror_status=entry.status,
            website=entry.website,
            is_as_in_ror=True,
            words=search.words_of([name for name in (entry.name_en, entry.name_local, *entry.aliases) if name]),
        )
        for entry in entries
    )
    pairs = list(zip(rows, entries, strict=True))
    InstitutionAlias.objects.bulk_create(
        InstitutionAlias(institution=row, name=name, key=key_of(name)) for row, entry in pairs for name in entry.aliases
    )
    RorParent.objects.bulk_create(RorParent(institution=row, parent_ror_id=parent) for row, entry in pairs for parent in entry.parents)
    MailDomain.objects.bulk_create(MailDomain(institution=row, domain=domain) for row, entry in pairs for domain in entry.domains)
    return len(rows)


def _columns(entry: RorEntry) -> dict[str, Any]:
    return {
        "name_en": entry.name_en,
        "name_local": entry.name_local,
        "key_en": key_of(entry.name_en),
        "key_local": key_of(entry.name_local),
        "kind": entry.kind,
        "country_id": entry.country_code,
    }


# --- Known ones -----------------------------------------------------------------------------------------------------------


def _follows(institution: Institution, entry: RorEntry, *, is_first: bool) -> bool:
    """Whether ROR's words are the institution's: no officer wrote or verified it, and it was not taken for an organisation of no country."""
    if institution.is_verified or institution.country_id is None:
        return False
    person = institution.created_by
    is_applicants = person is not None and institution.version == 0 and not may_keep_register(person)
    return institution.is_as_in_ror or (is_first and is_applicants)


def _change(institution: Institution, entry: RorEntry) -> _Change | None:
    """What is to be changed; None when all is as the file says."""
    is_first = not institution.ror_id or not institution.ror_status
    if not entry.is_active:
        return _Change(institution, entry, {"ror_status": entry.status}) if institution.ror_status != entry.status else None
    columns: dict[str, Any] = {"ror_id": entry.ror_id, "ror_status": entry.status, "website": entry.website or institution.website}
    aliases = [alias.name for alias in institution.aliases.all()]
    wanted = aliases
    if _follows(institution, entry, is_first=is_first):
        columns |= {**_columns(entry), "is_as_in_ror": True}
        wanted = list(entry.aliases)
    elif is_first:
        wanted = [*aliases, entry.name_en, entry.name_local, *entry.aliases]
    columns = {name: value for name, value in columns.items() if getattr(institution, name) != value}
    own = {columns.get("key_en", institution.key_en), columns.get("key_local", institution.key_local), ""}
    by_key: dict[str, str] = {}
    for name in wanted:
        if key_of(name) not in own and (len(by_key) < MOST_ALIASES or name in aliases):
            by_key.setdefault(key_of(name), name)
    if not columns and by_key.keys() == {alias.key for alias in institution.aliases.all()}:
        return None
    return _Change(institution, entry, columns, by_key)


def _apply(change: _Change) -> bool:
    """False when the office has written something since the row was read: its word stands, and the next file comes again."""
    institution = change.institution
    unchanged = Institution.objects.filter(pk=institution.pk, version=institution.version, is_verified=institution.is_verified)
    if not unchanged.update(**(change.columns or {"version": institution.version})):
        return False
    if change.entry.is_active:
        institution.aliases.exclude(key__in=change.aliases).delete()
        there = set(institution.aliases.order_by().values_list("key", flat=True))
        new = (InstitutionAlias(institution=institution, name=name, key=key) for key, name in change.aliases.items() if key not in there)
        InstitutionAlias.objects.bulk_create(new)
    return True


def _bring_up_to_date(model: type[RorParent] | type[MailDomain], relation: str, column: str, wanted: dict[Institution, tuple[str, ...]]) -> set[int]:
    """Let the rows that belong to these institutions say what the file says. Returns the keys of those for which something changed."""
    gone: list[int] = []
    new: list[Any] = []
    changed: set[int] = set()
    for institution, values in wanted.items():
        there = {getattr(row, column): row.pk for row in getattr(institution, relation).all()}
        gone += [pk for value, pk in there.items() if value not in values]
        new += [model(institution=institution, **{column: value}) for value in values if value not in there]
        if there.keys() != set(values):
            changed.add(institution.pk)
    if gone:
        model._default_manager.filter(pk__in=gone).delete()
    model._default_manager.bulk_create(new)
    return changed
