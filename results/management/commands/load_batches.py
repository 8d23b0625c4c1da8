"""Loads the public record of domestic rounds."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from results.actions import load_batches
from results.files import BadFile


class Command(BaseCommand):
    help = "Load the public record of domestic rounds (CSV): it becomes what the file says. All or nothing; the same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_batches(options["file"])
        except BadFile as refusal:
            raise CommandError(f"{options['file']}: nothing was loaded.\n{refusal}") from None
        self.stdout.write(f"{loaded.touched} rows are new or changed, {loaded.dropped} are gone.")
