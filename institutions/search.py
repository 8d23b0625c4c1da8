"""How an institution is found by what somebody types: every name as plain words, and the same done to the question.

A name is kept as its words in small letters without accents, each after a space, so that " geol" finds every word that begins so.
Chinese and Japanese have no spaces: each character stands for itself, and " 地 质" finds the two side by side anywhere in a name.
To the names come the initials, of the whole name and of what stands between commas: "cas geol" finds the Institute of Geology and
Geophysics, Chinese Academy of Sciences.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from institutions.names import key_of

LONGEST_QUESTION = 200  # characters; nobody types more, and a name has no more
MOST_WORDS = 10

# Letters that no decomposition takes apart. "Tromso" means Tromsø.
PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n", "ŧ": "t", "ʻ": None, "ʼ": None}
)
IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
PARTS = re.compile(r"[,;:()/，、；（）]| [-–—] ")
SMALL_WORDS = frozenset(
    re.findall(r"\w+", "a al and at da das de del della der des di do du e et for fur i in la las le les los of on og och the und van von y")
)
# Words that many institutions share: two names that have only these in common are not alike.
COMMON_WORDS = SMALL_WORDS | frozenset(
    re.findall(
        r"\w+",
        "academy center centre college department faculty hochschule institut institute institution instituto laboratory national of research "
        "school science sciences state technical technology universidad universidade universita universitat universite university",
    )
)
COMMON_IDEOGRAPHS = "大学院所研究科学中国国家"
ROR = re.compile(r"(?:https?://)?(?:www\.)?(?:ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}[0-9]{2})/?")
LEAST_ALIKE = 0.55


def plain(text: str) -> str:
    """Small letters without accents, single spaces, each ideograph for itself."""
    return " ".join(IDEOGRAPH.sub(r" \g<0> ", key_of(text).translate(PLAIN_LETTERS)).split())


def _initials(part: str) -> str:
    words = [word for word in plain(part).split() if word not in SMALL_WORDS]
    return "".join(word[0] for word in words) if len(words) > 1 and all(word[0].isascii() and word[0].isalpha() for word in words) else ""


def words_of(names: Iterable[str]) -> str:
    """What is searched: every name once, apart from each other, and their initials."""
    found: dict[str, None] = {}
    for name in names:
        found[plain(name)] = None
        parts = [part for part in PARTS.split(name) if part.strip()]
        for part in (name, *parts) if len(parts) > 1 else (name,):
            found[_initials(part)] = None
    found.pop("", None)
    return "".join(f"| {text} " for text in found) + "|"


def terms_of(text: str) -> list[str]:
    """The beginnings of words that somebody typed. None in a question of punctuation only."""
    shown = unicodedata.normalize("NFKC", text[:LONGEST_QUESTION])
    return [term for word in key_of(shown).split()[:MOST_WORDS] if (term := plain(word))]


def rank_of(words: str, terms: list[str]) -> int:
    """How well a question fits what is searched: 0 for a whole name, 1 for the beginning of one, 2 for anything else."""
    asked = "| " + " ".join(terms)
    return 2 if asked not in words else 0 if f"{asked} |" in words else 1


def ror_id_in(text: str) -> str:
    """The full ROR id that the text is, with or without its address; else nothing."""
    found = ROR.fullmatch(unicodedata.normalize("NFKC", text[:LONGEST_QUESTION]).strip().casefold())
    return f"https://ror.org/{found[1]}" if found else ""


def telling_beginnings(name: str) -> list[str]:
    """By which beginnings of words other spellings of the name may be found: the rarer words, and the ideographs it begins with."""
    words = plain(name).split()
    ideographs = [word for word in words if IDEOGRAPH.fullmatch(word)]
    if len(ideographs) > 1:
        rare = [character for character in ideographs if character not in COMMON_IDEOGRAPHS]
        return [" ".join(ideographs[:2])] + ([" ".join(rare[:2])] if len(rare) > 1 and " ".join(rare[:2]) in " ".join(ideographs) else [])
    telling = sorted((word for word in words if word not in COMMON_WORDS and len(word) > 2), key=len, reverse=True)
    return [word[:5] for word in telling[:4]]


def likeness(one: str, other: str) -> float:
    """From 0 to 1, how alike two names are, whatever the order of their words."""
    first, second = (" ".join(sorted(plain(name).split())) for name in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
