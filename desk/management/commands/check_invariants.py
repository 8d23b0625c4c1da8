"""Proves what must always hold, in plain SQL (quality: B.3)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from applications.invariants import INVARIANTS as APPLICATIONS
from desk.invariants import INVARIANTS as DESK
from letters.invariants import INVARIANTS as LETTERS
from results.invariants import INVARIANTS as RESULTS
from reviews.invariants import INVARIANTS as REVIEWS
from samples.invariants import INVARIANTS as SAMPLES

ALL: tuple[tuple[str, str, str], ...] = (*SAMPLES, *LETTERS, *APPLICATIONS, *REVIEWS, *RESULTS, *DESK)
SHOWN = 20  # offending rows per rule


class Command(BaseCommand):
    help = "Check the invariants of stock, applications, letters, decisions and lists. Exit 1 and the offending rows if one fails."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        with connection.cursor() as cursor:
            for name, title, sql in ALL:
                cursor.execute(sql)
                rows = cursor.fetchmany(SHOWN)
                if rows:
                    failed += 1
                    self.stdout.write(f"FAILED {name}: {title}")
                    for row in rows:
                        self.stdout.write("  " + ", ".join(str(value) for value in row))
        if failed:
            raise CommandError(f"{failed} of {len(ALL)} invariants do not hold.")
        self.stdout.write(f"All {len(ALL)} invariants hold.")
