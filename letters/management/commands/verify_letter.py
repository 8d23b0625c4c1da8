"""Says of a PDF whether the office issued it and whether it still holds: `manage.py verify_letter FILE.pdf`."""

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from accounts.templatetags.portal import beijing
from letters.models import Letter
from letters.seal import digest_of_file, judge

WORDS = {
    "valid": "VALID: the office issued this file and the letter holds.",
    "superseded": "SUPERSEDED: the office issued this file, but a newer letter took its place.",
    "revoked": "REVOKED: the office issued this file, but the letter no longer holds.",
    "held": "HELD: the office wrote this letter and has not released it.",
    "unknown": "NOT OURS: the office issued no file with this content.",
}


class Command(BaseCommand):
    help = "Judge a letter by the digest of its file. Exit code 0 if it is valid, 1 otherwise."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            content = file.read_bytes()
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}") from problem
        digest = digest_of_file(content)
        verdict = judge(digest)
        self.stdout.write(WORDS[verdict.word])
        if verdict.letter:
            letter = verdict.letter
            self.stdout.write(
                f"Letter {letter.number}, {letter.kind_en}, {letter.institution_en or 'no institution'}, dated {letter.dated_on.isoformat()}"
            )
            if letter.visible_at and verdict.word != "held":
                self.stdout.write(f"Released {beijing(letter.visible_at, 'start')}")
            if verdict.word == "superseded" and letter.visible_successor:
                self.stdout.write(f"The newer letter is {letter.visible_successor.number}.")
        elif number := _number_named_in(file):
            known = Letter.objects.visible().filter(number=number).exists()
            self.stdout.write(
                f"It calls itself letter {number}, whose file has another digest: this copy was changed."
                if known
                else f"It calls itself letter {number}, which the office has not issued."
            )
        self.stdout.write(f"SHA-256 {digest}")
        if verdict.word != "valid":
            raise SystemExit(1)


def _number_named_in(file: Path) -> str:
    """The letter number in the title of a PDF, if it is one."""
    try:
        metadata = PdfReader(file).metadata
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    found = re.match(r"LSL-\d{4}-\d{5,}", str(metadata.title)) if metadata and metadata.title else None
    return found.group() if found else ""
