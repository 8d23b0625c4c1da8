"""Loads a historic list of approved institutions as public record."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from results.actions import load_results
from results.files import BadFile, parse_date


class Command(BaseCommand):
    help = "Load a published list of approved institutions (CSV). The same file again changes nothing; a changed file is a new version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--round", required=True, help="the address (slug) of the round; created as public record if it does not exist")
        parser.add_argument("--title", default="", help="title of the round in English")
        parser.add_argument("--title-zh", default="", help="title of the round in Chinese")
        parser.add_argument("--announced", default="", help="date of the announcement, for example 2025-04-24")
        parser.add_argument("--total-mg", default="", help="total mass as stated by the source; never derived from the rows")
        parser.add_argument("--source", default="", help="where the list was published")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            announced_on = parse_date(options["announced"]) if options["announced"] else None
            result_list = load_results(
                options["file"],
                slug=options["round"],
                title_en=options["title"],
                title_zh=options["title_zh"],
                announced_on=announced_on,
                stated_total_ug=_micrograms(options["total_mg"]),
                source=options["source"],
            )
        except BadFile as problem:
            raise CommandError(f"{problem} Nothing was loaded.") from None
        if result_list is None:
            self.stdout.write("Nothing has changed since the last version.")
        else:
            self.stdout.write(f"Loaded version {result_list.number} of {result_list.round.slug} with {result_list.rows.count()} rows.")


def _micrograms(total_mg: str) -> int | None:
    if not total_mg:
        return None
    try:
        total = Decimal(total_mg)
    except InvalidOperation:
        raise BadFile(f"--total-mg: “{total_mg}” is not a mass in milligrams.") from None
    if not total.is_finite() or total <= 0:
        raise BadFile(f"--total-mg: “{total_mg}” is not a mass above 0 mg.")
    return int(total * 1000)
