"""Says of a PDF whether the office issued it and whether it still holds: `manage.py verify_letter FILE.pdf`."""

import re
from pathlib import Path
from typing import Any

from cryptography import x509
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from accounts.templatetags.portal import beijing
from letters.keys import KeyUnusable, office_certificates, read_certificates
from letters.models import Letter
from letters.seal import Verdict, digest_of_file, judge
from letters.signature import Finding, examine

WORDS = {
    "valid": "VALID: the office issued this file and the letter holds.",
    "superseded": "SUPERSEDED: the office issued this file, but a newer letter took its place.",
    "revoked": "REVOKED: the office issued this file, but the letter no longer holds.",
    "held": "HELD: the office wrote this letter and has not released it.",
    "changed": "CHANGED: this is not the file that the office issued; it was changed afterwards.",
    "not ours": "NOT OURS: the office issued no file with this content.",
    "signed": "SIGNED: the office signed this file and it is unchanged. Whether it was replaced or revoked since, only the register knows.",
}
EXIT_CODES = {"valid": 0, "signed": 0, "not ours": 3, "changed": 4, "superseded": 5, "revoked": 6, "held": 7}
LARGEST = 50_000_000  # bytes


class Command(BaseCommand):
    help = (
        "Judge a letter: online by asking the register for its digest, offline by the office's signature in it. Exit codes: "
        "0 valid (offline: signed by the office and unchanged), 3 not ours, 4 changed, 5 superseded, 6 revoked, 7 held; 1 if it could not be judged."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--certificate", action="append", default=[], metavar="PEM", help="a file with the office's certificates, instead of those that are set"
        )
        parser.add_argument("--offline", action="store_true", help="judge by the signature alone and ask no database")

    def handle(self, *args: Any, **options: Any) -> None:
        content = self._content(options["file"])
        try:
            given = tuple(each for path in options["certificate"] for each in read_certificates(path, "--certificate"))
            ours = given or office_certificates()
        except KeyUnusable as problem:
            raise CommandError(str(problem)) from problem
        finding, digest = examine(content, ours), digest_of_file(content)
        number = _number_named_in(options["file"])
        verdict = None if options["offline"] else self._asked(digest, number)
        word = _offline(finding, ours, number) if verdict is None else _online(verdict, finding)
        self.stdout.write(WORDS[word])
        if verdict and verdict.letter:
            self._describe(verdict.letter, word)
        elif number:
            self.stdout.write(f"It calls itself letter {number}.")
        self._describe_signature(finding)
        self.stdout.write(f"SHA-256 {digest}")
        if EXIT_CODES[word]:
            raise SystemExit(EXIT_CODES[word])

    def _content(self, file: Path) -> bytes:
        try:
            if file.stat().st_size > LARGEST:
                raise CommandError(f"{file} is too large to be a letter.")
            return file.read_bytes()
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}") from problem

    def _asked(self, digest: str, number: str) -> Verdict | None:
        """What the register says; None when it cannot be reached. A file that bears the number of a letter of ours was changed."""
        try:
            verdict = judge(digest)
            if verdict.letter is None and number and Letter.objects.visible().filter(number=number).exists():
                return Verdict("changed", None)
        except DatabaseError as problem:
            self.stderr.write(f"The register cannot be reached, judging by the signature alone: {type(problem).__name__}")
            return None
        return verdict

    def _describe(self, letter: Letter, word: str) -> None:
        self.stdout.write(
            f"Letter {letter.number}, {letter.kind_en}, {letter.institution_en or 'no institution'}, dated {letter.dated_on.isoformat()}"
        )
        if letter.visible_at and word != "held":
            self.stdout.write(f"Released {beijing(letter.visible_at, 'start')}")
        if word == "superseded" and letter.visible_successor:
            self.stdout.write(f"The newer letter is {letter.visible_successor.number}.")

    def _describe_signature(self, finding: Finding) -> None:
        if finding.word == "none":
            self.stdout.write("It bears no signature.")
        elif finding.word == "unreadable":
            self.stdout.write("It is no readable PDF, or its signature is broken.")
        else:
            whose = {
                "ours": "Signed by the office",
                "changed": "Signed by the office and changed afterwards",
                "stranger": "Signed, not by the office",
            }
            when = f", {beijing(finding.signed_at, 'start')}" if finding.signed_at else ""
            self.stdout.write(f"{whose[finding.word]}: {finding.signer}{when} (certificate SHA-256 {finding.fingerprint})")


def _online(verdict: Verdict, finding: Finding) -> str:
    """The register knows exactly; a file that it does not know may still show that it was one of ours."""
    if verdict.word != "unknown":
        return verdict.word
    return "changed" if finding.word == "changed" else "not ours"


def _offline(finding: Finding, ours: tuple[x509.Certificate, ...], number: str) -> str:
    if not ours:
        raise CommandError("Without the register the office's certificate is needed: --certificate office.pem")
    if finding.word == "unreadable" and number:
        return "changed"
    return {"ours": "signed", "changed": "changed"}.get(finding.word, "not ours")


def _number_named_in(file: Path) -> str:
    """The letter number in the title of a PDF, if it is one."""
    try:
        metadata = PdfReader(file).metadata
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    found = re.match(r"LSL-\d{4}-\d{5,}", str(metadata.title)) if metadata and metadata.title else None
    return found.group() if found else ""
