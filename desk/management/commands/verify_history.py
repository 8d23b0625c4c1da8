"""Walks every chain of status changes and names the first bad row."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from workflow.models import Staged, StatusChange


def staged_models() -> Iterator[tuple[type[Staged], type[StatusChange]]]:
    """Every record that moves, with the model of its history."""
    for change in apps.get_models():
        if issubclass(change, StatusChange):
            yield change._meta.get_field("record").related_model, change  # type: ignore[misc]


def first_bad_row(record_model: type[Staged], change_model: type[StatusChange]) -> str | None:
    """What breaks the first broken chain, in words; None when every chain of this model holds.

    Found are changed, inserted, deleted and reordered rows, and a cut tail, because the record keeps the last digest.
    """
    heads = dict(record_model._base_manager.values_list("pk", "history_head"))
    rows = change_model._base_manager.order_by("record_id", "sequence").iterator(chunk_size=2000)
    seen: set[int] = set()
    for record_id, steps in groupby(rows, key=lambda row: row.record_id):
        seen.add(record_id)
        previous = ""
        for expected, step in enumerate(steps, start=1):
            if step.sequence != expected:
                return f"{change_model._meta.label} {step.pk}: row {expected} of record {record_id} is missing"
            if step.previous != previous or step.digest != step.expected_digest():
                return f"{change_model._meta.label} {step.pk}: row {expected} of record {record_id} was changed"
            previous = step.digest
        if previous != heads.get(record_id):
            return f"{change_model._meta.label}: the end of the history of record {record_id} was cut off or added to"
    for record_id, head in heads.items():
        if head and record_id not in seen:
            return f"{change_model._meta.label}: the history of record {record_id} is gone"
    return None


class Command(BaseCommand):
    help = "Check the chained history of every record. Exit 1 and the first bad row if a chain is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        chains = 0
        for record_model, change_model in staged_models():
            bad = first_bad_row(record_model, change_model)
            if bad:
                raise CommandError(bad)
            chains += record_model._base_manager.exclude(history_head="").count()
        self.stdout.write(f"All {chains} histories are whole.")
