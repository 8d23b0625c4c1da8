"""Letters that are written again: each app says in its module `letters_again` how its kinds of letters are made anew.

They are made from the facts as the portal knows them now, in the words that stand now.
"""

from collections.abc import Callable
from dataclasses import replace

from letters.models import Letter
from letters.words import Pair, Words

Writer = Callable[[Letter], Words | None]

_writers: dict[str, Writer] = {}


def writes_again(*kinds: str) -> Callable[[Writer], Writer]:
    """Marks what writes letters of these kinds again. It answers None where the portal no longer holds what the letter was made of."""

    def mark(writer: Writer) -> Writer:
        for kind in kinds:
            _writers[kind] = writer
        return writer

    return mark


def words_again(letter: Letter) -> Words | None:
    """What the letter would say today, and which one it replaces. None where nobody can say."""
    writer = _writers.get(letter.kind)
    words = writer(letter) if writer else None
    if words is None:
        return None
    english = f"letter {letter.number} of {letter.dated_on.day} {letter.dated_on:%B %Y}, which no longer holds"
    chinese = f"{letter.dated_on.year}年{letter.dated_on.month}月{letter.dated_on.day}日第{letter.number}号函，该函作废"
    return replace(words, facts=((Pair("Replaces", "取代"), Pair(english, chinese)), *words.facts))
