"""Walks every chain of status changes, compares them with the daily roots, and names the first bad row."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from desk.anchors import first_bad_root, staged_models
from desk.models import HistoryRoot
from workflow.models import Staged, StatusChange


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
    help = (
        "Check the chained history of every record, and that all of it is still what the published roots were made of. "
        "Exit 1 and the first bad row if not. Whoever could write everything could also make new roots: keep the published file elsewhere "
        "(/history/roots.json) and name it with --published."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--published", type=Path, metavar="FILE", help="roots.json as it was published and kept elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        known = _read(options["published"]) if options["published"] else {}
        chains = 0
        for record_model, change_model in staged_models():
            bad = first_bad_row(record_model, change_model)
            if bad:
                raise CommandError(bad)
            chains += record_model._base_manager.exclude(history_head="").count()
        bad = first_bad_root(known)
        if bad:
            raise CommandError(bad)
        self.stdout.write(f"All {chains} histories are whole.")
        self.stdout.write(f"They agree with {HistoryRoot.objects.count()} daily roots{f', {len(known)} of them kept elsewhere' if known else ''}.")


def _read(file: Path) -> dict[str, str]:
    """Days and roots of a file that was published."""
    try:
        return {str(row["day"]): str(row["root"]) for row in json.loads(file.read_text(encoding="utf-8"))["roots"]}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CommandError(f"{file} is no file of published roots: {problem}") from problem
