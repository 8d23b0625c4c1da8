"""Loads a historic list of approved institutions as public record."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from results.actions import ListHead, load_results
from results.files import BadFile, parse_date, parse_total


class Command(BaseCommand):
    help = "Load a published list of approved institutions (CSV). The same file again changes nothing; a changed file is a new version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--round", required=True, help="the address (slug) of the round; created as public record if it does not exist")
        parser.add_argument("--title", default="", help="title of the round in English")
        parser.add_argument("--title-zh", default="", help="title of the round in Chinese")
        parser.add_argument("--mission", default="", help="change-5 or change-6; the first mission if it is left out")
        parser.add_argument("--announced", default="", help="date of the announcement, for example 2025-04-24")
        parser.add_argument("--total-mg", default="", help="total mass as stated by the source; never derived from the rows")
        parser.add_argument("--source", default="", help="where the list was published")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            head = ListHead(
                slug=options["round"],
                title_en=options["title"],
                title_zh=options["title_zh"],
                mission=options["mission"],
                announced_on=parse_date(options["announced"]) if options["announced"] else None,
                stated_total_ug=parse_total(str(options["total_mg"])) if options["total_mg"] else None,
                source=options["source"],
            )
            result_list = load_results(options["file"], head)
        except BadFile as refusal:
            raise CommandError(f"{options['file']}: nothing was loaded.\n{refusal}") from None
        if result_list is None:
            self.stdout.write("Nothing has changed since the last version.")
        else:
            self.stdout.write(f"Loaded version {result_list.number} of {result_list.round.slug} with {result_list.rows.count()} rows.")
