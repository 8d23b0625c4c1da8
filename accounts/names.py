"""How a person is called on a page, and what a name may be made of."""

import re
import unicodedata

from accounts.models import User

NAME_LENGTH = 200
MAIL_NAME_LENGTH = 80  # a name in a mail is somebody else's text: short, on one line
NAME_SIGNS = frozenset(" -'.,()&\u2010\u2011\u2018\u2019\u02bc\u02bb\u00b7\u2027\u30fb")  # hyphens, apostrophes, middle dots
STOP_BETWEEN = re.compile(r"\.(?=[^\s.,)])")
DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they let a name rewrite the text around it


def display_name(user: User) -> str:
    return user.full_name or user.email


def tidy_name(text: str) -> str:
    """A name on one line: no control characters, no direction overrides, single spaces. Anything else may be somebody's name."""
    spaced = "".join(" " if character.isspace() or unicodedata.category(character) == "Cc" else character for character in text)
    return " ".join("".join(character for character in spaced if character not in DIRECTION_MARKS).split())


def name_in_mail(name: str) -> str:
    """A name as a mail may quote it: letters, digits and the few signs that names have. No markup and nothing that a mail program
    would turn into a link: a full stop between two letters gets a space."""
    plain = "".join(sign if sign in NAME_SIGNS or unicodedata.category(sign)[0] in "LMN" else " " for sign in tidy_name(name))
    return tidy_name(STOP_BETWEEN.sub(". ", plain))[:MAIL_NAME_LENGTH].strip()
