"""How a person is called on a page, and what a name may be made of."""

import unicodedata

from accounts.models import User

NAME_LENGTH = 200
MAIL_NAME_LENGTH = 80  # a name in a mail is somebody else's text: short, on one line
DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they let a name rewrite the text around it


def display_name(user: User) -> str:
    return user.full_name or user.email


def tidy_name(text: str) -> str:
    """A name on one line: no control characters, no direction overrides, single spaces. Anything else may be somebody's name."""
    spaced = "".join(" " if character.isspace() or unicodedata.category(character) == "Cc" else character for character in text)
    return " ".join("".join(character for character in spaced if character not in DIRECTION_MARKS).split())


def name_in_mail(name: str) -> str:
    return tidy_name(name)[:MAIL_NAME_LENGTH]
