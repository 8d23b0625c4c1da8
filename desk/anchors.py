"""Events under the daily roots: which wait for one, what proves that one is there, and whether the register still agrees with its roots."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet

from desk.merkle import HALF, Identity, Tree, canonical, hash_of_day, nonce_of, seal_key_of, sealed
from desk.models import NO_ROOT, HistoryLeaf, HistoryRoot
from workflow.models import Staged, StatusChange
from workflow.models import canonical as spelt

FORMAT = "lunar-sample-loans history proof 1"


def staged_models() -> Iterator[tuple[type[Staged], type[StatusChange]]]:
    """Every record that moves, with the model of its history."""
    for change in apps.get_models():
        if issubclass(change, StatusChange):
            yield change._meta.get_field("record").related_model, change  # type: ignore[misc]


def identity_of(change: StatusChange) -> Identity:
    return change._meta.label, change.pk


def text_of(change: StatusChange, secret: str) -> str:
    """An event as it stands in a tree. The seal binds the rest (who acted, the note, the row before it) without showing it: the bare
    digest would let an applicant try out officers, and whether something hidden happened in between."""
    return canonical(
        {
            "record": f"{change._meta.label}:{change.record_id}",
            "move": change.move,
            "from": change.from_status,
            "to": change.to_status,
            "at": spelt(change.at),
            "seal": sealed(seal_key_of(secret, identity_of(change)), change.digest),
        }
    )


def waiting_events(change_model: type[StatusChange]) -> "QuerySet[StatusChange]":
    """Events of a history that are under no root yet."""
    under = HistoryLeaf.objects.of_kind(change_model._meta.label).filter(change_id=OuterRef("pk"))
    return change_model._base_manager.filter(~Exists(under)).order_by("pk")


def events_to_fold(root: HistoryRoot) -> list[StatusChange]:
    """What happened until the end of a day and is under no root yet; no more than one tree takes, the rest comes with the next day."""
    found: list[StatusChange] = []
    for _record, change_model in staged_models():
        found += waiting_events(change_model).filter(at__lt=root.ends_at)[: HALF - len(found)]
    return found


# --- Proofs -----------------------------------------------------------------------------------------------------------------


def proofs_of(changes: Iterable[StatusChange], *, with_content: bool = False) -> dict[str, Any]:
    """What anyone needs to check that these events are under published roots; how many still wait for the end of their day.

    With `content` the whole row and the key of its seal are told as well: for whoever may read notes and names.
    """
    changes = list(changes)
    leaves: dict[Identity, HistoryLeaf] = {}
    for kind in sorted({change._meta.label for change in changes}):
        ids = [change.pk for change in changes if change._meta.label == kind]
        for leaf in HistoryLeaf.objects.of_kind(kind).filter(change_id__in=ids).select_related("root"):
            leaves[leaf.kind, leaf.change_id] = leaf
    told = [(change, leaves[identity_of(change)]) for change in changes if identity_of(change) in leaves]
    return {
        "format": FORMAT,
        "proofs": [{**_proof(change, leaf), **(_content(change, leaf) if with_content else {})} for change, leaf in told],
        "waiting": len(changes) - len(told),
    }


def _proof(change: StatusChange, leaf: HistoryLeaf) -> dict[str, Any]:
    return {
        "day": leaf.root.day.isoformat(),
        "event": text_of(change, leaf.root.secret),
        "nonce": nonce_of(leaf.root.secret, identity_of(change)),
        "path": leaf.path,
        "previous": leaf.root.previous,
        "root": leaf.root.root,
    }


def _content(change: StatusChange, leaf: HistoryLeaf) -> dict[str, str]:
    return {"content": canonical(change.content()), "seal_key": seal_key_of(leaf.root.secret, identity_of(change))}


def published(roots: Iterable[HistoryRoot]) -> list[dict[str, str]]:
    """The chain of roots as the world may read it."""
    return [
        {"day": root.day.isoformat(), "previous": root.previous, "tree": root.tree, "root": root.root, "made_at": spelt(root.made_at)}
        for root in roots
    ]


# --- Checks -----------------------------------------------------------------------------------------------------------------


def first_bad_root(known: Mapping[str, str] | None = None) -> str | None:
    """What does not agree with the roots, in words; None if the register remembers what it remembered at each of them.

    `known` are days with the roots that somebody outside has kept: only they show that all the roots were made anew.
    """
    roots, previous, last = list(HistoryRoot.objects.oldest_first()), NO_ROOT, None
    for root in roots:
        if root.previous != previous or root.root != hash_of_day(previous, root.tree, root.day.isoformat()):
            return f"The root of {root.day} does not follow from the one before it"
        if last is not None and root.day != last + timedelta(days=1):
            return f"The roots between {last} and {root.day} are gone"
        previous, last = root.root, root.day
    ours = {root.day.isoformat(): root.root for root in roots}
    for day, kept in sorted((known or {}).items()):
        if ours.get(day) != kept:
            return f"The root of {day} is not the one that was published: {kept}"
    models = {change._meta.label: change for _record, change in staged_models()}
    for root in roots:
        bad = _bad_leaf(root, models)
        if bad:
            return bad
    return None


def _bad_leaf(root: HistoryRoot, models: Mapping[str, type[StatusChange]]) -> str | None:
    """The first event of a day that is no longer what it was."""
    texts: dict[Identity, str] = {}
    digests = {(kind, pk): digest for kind, pk, digest in root.leaves.values_list("kind", "change_id", "digest")}
    for kind in sorted({kind for kind, _pk in digests}):
        wanted = [pk for each, pk in digests if each == kind]
        found = models[kind]._base_manager.in_bulk(wanted) if kind in models else {}
        for pk in sorted(wanted):
            change = found.get(pk)
            if change is None:
                return f"{kind} {pk}: it is under the root of {root.day} and gone"
            if change.digest != digests[kind, pk] or change.expected_digest() != change.digest:
                return f"{kind} {pk}: it is not what it was under the root of {root.day}"
            texts[kind, pk] = text_of(change, root.secret)
    if Tree(root.secret, texts).root != root.tree:
        return f"The events under the root of {root.day} are not those that were folded into it"
    return None
