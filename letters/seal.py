"""What a file proves: its digest asked of the register, and its signature, which needs no register."""

import hashlib
from dataclasses import dataclass

from letters.models import Letter
from letters.workflow import Status


def digest_of_file(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """`word` is one of valid, superseded, revoked, held, unknown."""

    word: str
    letter: Letter | None


def judge(digest: str) -> Verdict:
    """What the register knows of a file with this digest. For the office: it tells of letters that are not visible yet."""
    letter = Letter.objects.with_successor().filter(digest=digest).first() if digest else None
    if letter is None:
        return Verdict("unknown", None)
    if letter.status == Status.REVOKED:
        return Verdict("revoked", letter)
    return Verdict(letter.status if letter.is_visible else "held", letter)
