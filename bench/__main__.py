"""Runs the benchmark and prints its tables: script/bench [--sizes 100 1000] [--letters 60] [--stampede 300 --seconds 300 --kills 0]."""

import argparse
import os
import sys
import time

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure pages, submission and letters on seeded data.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000], help="numbers of applications in the seeded round")
    parser.add_argument("--stampede", type=int, default=300, help="submissions before the closing, through two web processes; 0 for none")
    parser.add_argument("--seconds", type=int, default=300, help="how long the stampede lasts")
    parser.add_argument("--kills", type=int, default=0, help="web processes killed during the stampede")
    parser.add_argument(
        "--assignment", nargs="*", default=["1000x200", "5000x400"], help="applications x experts of the assignment; alone: nothing else is measured"
    )
    parser.add_argument("--timing", type=int, nargs="?", const=1000, default=0, help="requests per world for pages that hide something; alone")
    parser.add_argument("--announce", type=int, nargs="?", const=1000, default=0, help="applications announced while others read; alone")
    parser.add_argument("--races", type=int, nargs="?", const=1000, default=0, help="races of fifty for the last of a sample; alone")
    parser.add_argument("--awards", nargs="*", help="applications x samples of the proposal of awards (1000x300); alone")
    parser.add_argument("--letters", type=int, default=60, help="letters printed by the workers")
    return parser.parse_args()


def empty_database() -> None:
    """A database as after the first migration; flush would take the countries and missions along."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    call_command("migrate", verbosity=0)


def main() -> None:
    options = parse()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lunarloans.settings")
    os.environ.setdefault("PORTAL_DEMO", "1")
    os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1")
    django.setup()
    settings.ROOT_URLCONF = "bench.urls"
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    from bench import report  # noqa: PLC0415 (the models exist only after django.setup)

    if options.timing:
        empty_database()
        report.timing_of(options.timing)
        return
    if options.announce or options.races:
        empty_database()
        if options.announce:
            report.announcing_of(options.announce)
        if options.races:
            report.races_of(options.races)
        return
    if options.awards is not None:
        for size in options.awards or ["1000x300"]:
            report.awards_of(*map(int, size.split("x")))
        return
    only_assignment = "--assignment" in sys.argv
    tables = {}
    for size in [] if only_assignment else options.sizes:
        empty_database()
        began = time.perf_counter()
        tables[size] = report.pages_at(size)
        print(f"  (seeded and measured in {time.perf_counter() - began:.0f} s)\n")
    if tables:
        report.growth(tables)
    if options.letters and not only_assignment:
        report.letters(options.letters)
    if options.stampede and not only_assignment:
        report.stampede_of(options.stampede, options.seconds, options.kills)
    for size in options.assignment or ["1000x200", "5000x400"]:
        empty_database()
        report.assignment_of(*map(int, size.split("x")))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
