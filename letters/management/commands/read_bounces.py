"""Reads the reports of mail servers about mails that did not arrive, so that the office sees which ones."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from letters.actions import note_bounce
from letters.bounces import LARGEST_REPORT, read_bounce


class Command(BaseCommand):
    help = (
        "Read delivery reports (RFC 3464): files, folders of the Maildir kind, or one report from standard input (-). "
        "Reading the same report again changes nothing; anything that is no report about a mail of this portal is passed over."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="+", help="a file with one mail, a Maildir, or - for standard input")
        parser.add_argument("--remove", action="store_true", help="delete the files of a Maildir once they are read")

    def handle(self, *args: Any, **options: Any) -> None:
        noted = passed_over = 0
        for path in options["path"]:
            for raw, file in _mails(path):
                bounce = read_bounce(raw)
                if bounce and note_bounce(bounce.message_id, recipients=bounce.recipients, problem=bounce.problem):
                    noted += 1
                else:
                    passed_over += 1
                if options["remove"] and file is not None:
                    file.unlink(missing_ok=True)
        self.stdout.write(f"Noted as undelivered: {noted}. Passed over: {passed_over}.")


def _mails(path: str) -> Iterator[tuple[bytes, Path | None]]:
    """Each mail with the file of a Maildir that holds it."""
    if path == "-":
        yield sys.stdin.buffer.read(LARGEST_REPORT), None
        return
    place = Path(path)
    if place.is_dir():
        folders = [place / name for name in ("new", "cur")]
        if not any(folder.is_dir() for folder in folders):
            raise CommandError(f"{path} is not a Maildir: it has no folder new or cur.")
        for file in sorted(file for folder in folders if folder.is_dir() for file in folder.iterdir() if file.is_file()):
            yield _read(file), file
    elif place.is_file():
        yield _read(place), None
    else:
        raise CommandError(f"{path} does not exist.")


def _read(file: Path) -> bytes:
    with file.open("rb") as mail:
        return mail.read(LARGEST_REPORT)
