"""Loads the institutions of a data dump of ROR: goes on where it was stopped, and does nothing when the file was loaded before."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from institutions.actions import LoadedElsewhere, begin_ror_load, finish_ror_load, load_ror_entries
from institutions.models import Country, RorLoad
from institutions.ror import BadDump, BadEntry, Batch, RorEntry, batches_of, digest_of, read_entry

BATCH = 1000
MOST_SHOWN = 50  # of those that could not be read


class Command(BaseCommand):
    help = (
        "Load the institutions of a data dump of ROR (schema 2; the JSON file or the .zip that holds it). A load that was stopped goes on "
        "where it was; the same file again changes nothing. Names that the office wrote or verified stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--again", action="store_true", help="read a file that was loaded to its end once more, and compare every row")
        parser.add_argument("--batch", type=int, default=BATCH, help=f"organisations per transaction; {BATCH} unless said")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if options["batch"] < 1:
            raise CommandError("--batch is at least 1")
        try:
            load = begin_ror_load(digest=digest_of(file), file_name=file.name, again=options["again"])
            if load.finished_at:
                self.stdout.write(
                    f"{file}: nothing to do, it was loaded on {load.finished_at:%Y-%m-%d}; --again compares every row. {self._sums(load)}"
                )
                return
            if load.done:
                self.stdout.write(f"{file}: going on after {load.done:,} organisations.")
            self._load(load, file, size=options["batch"])
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror or problem}") from problem
        except (BadDump, LoadedElsewhere) as problem:
            raise CommandError(f"{file}: {problem}") from problem
        self.stdout.write(f"{file}: {self._sums(load)}")

    def _load(self, load: RorLoad, file: Path, *, size: int) -> None:
        countries = frozenset(Country.objects.values_list("code", flat=True))
        began, first = time.monotonic(), load.done
        for batch in batches_of(file, skip=load.done, size=size):
            entries, refusals = self._entries(batch, countries)
            for number, refusal in enumerate(refusals, start=load.refused + 1):
                if number <= MOST_SHOWN:
                    self.stderr.write(self.style.WARNING(f"left out: {refusal}"))
                elif number == MOST_SHOWN + 1:
                    self.stderr.write(self.style.WARNING("left out: more, which are only counted from here on"))
            load_ror_entries(load, entries, refused=len(refusals))
            pace = (load.done - first) / max(time.monotonic() - began, 0.001)
            self.stdout.write(f"{load.done:,} organisations read ({batch.part_read:.0%} of the file, {pace:,.0f} a second)")
        finish_ror_load(load)

    @staticmethod
    def _entries(batch: Batch, countries: frozenset[str]) -> tuple[list[RorEntry], list[BadEntry]]:
        entries, refusals = [], []
        for place, record in enumerate(batch.records, start=batch.before + 1):
            try:
                entries.append(read_entry(record, place=place, countries=countries))
            except BadEntry as refusal:
                refusals.append(refusal)
        return entries, refusals

    @staticmethod
    def _sums(load: RorLoad) -> str:
        same = load.done - load.added - load.changed - load.not_offered - load.refused
        return (
            f"{load.done:,} organisations: {load.added:,} added, {load.changed:,} changed, {max(same, 0):,} as they were, "
            f"{load.not_offered:,} closed or withdrawn, {load.refused:,} left out."
        )
