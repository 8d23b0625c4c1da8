"""Letters with their readers, the mails that carry them, the history of what became of them, and the wording that the office keeps."""

from letters.models.letter import (
    PATIENCE,
    RING_AGAIN,
    Letter,
    LetterChange,
    LetterCounter,
    LetterQuerySet,
    LetterReader,
    Printing,
    soon,
)
from letters.models.mail import Mail, MailQuerySet, Sending
from letters.models.text import TextVersion, TextVersionQuerySet, standing_wording, written

__all__ = [
    "PATIENCE",
    "RING_AGAIN",
    "Letter",
    "LetterChange",
    "LetterCounter",
    "LetterQuerySet",
    "LetterReader",
    "Mail",
    "MailQuerySet",
    "Printing",
    "Sending",
    "TextVersion",
    "TextVersionQuerySet",
    "soon",
    "standing_wording",
    "written",
]
