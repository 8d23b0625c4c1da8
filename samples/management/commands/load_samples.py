"""Loads the catalogue of samples from a file: all of it, or nothing and the reasons."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from samples.actions import load_catalogue
from samples.catalogue import BadCatalogue, read_catalogue, warnings_about
from samples.models import Mission


class Command(BaseCommand):
    help = "Load the catalogue from a CSV file: sample_id,mission,method,type,mass_mg,source. The same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--demonstration-stock",
            action="store_true",
            help="mark the masses as stock of a demonstration: published figures are allocations, the real stock is not published",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            content = file.read_bytes()
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror}") from problem
        try:
            rows = read_catalogue(content, Mission.objects.all())
            loaded = load_catalogue(rows, file_name=file.name, by=None, is_demonstration_stock=options["demonstration_stock"])
        except BadCatalogue as refusal:
            raise CommandError(f"{file}: nothing was loaded.\n{refusal}") from refusal
        for warning in warnings_about(rows):
            self.stderr.write(self.style.WARNING(warning))
        self.stdout.write(
            f"{file}: {len(rows)} samples: {loaded.added} added, {loaded.weighed} with a mass for the first time, "
            f"{loaded.corrected} corrected, {loaded.revised} with a new source, {loaded.unchanged} unchanged."
        )
