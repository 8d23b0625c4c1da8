"""The words of a letter in both languages, as plain text: whoever writes gives these, the letter's template alone makes markup of them."""

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

# Invisible characters that could disguise a text: controls but for tab and line end, bidirectional marks, zero-width signs, tags.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def clean(text: str) -> str:
    """Composed characters, one kind of line end, nothing invisible."""
    text = re.sub("\r\n?|[\u2028\u2029\u0085]", "\n", unicodedata.normalize("NFC", text))
    return _INVISIBLE.sub("", text).replace("\t", " ").strip()


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


LINE = 64  # Latin characters beside a label; a Chinese one takes the room of two


class Pair(NamedTuple):
    """The same said in English and Chinese. A text that exists in one language only stands in both, or leaves the other empty."""

    en: str
    zh: str

    @property
    def single(self) -> str:
        """The text, if there is only one; it is then shown across the full width instead of twice."""
        return (self.en or self.zh) if self.en == self.zh or not self.en or not self.zh else ""

    @property
    def is_long(self) -> bool:
        """Whether both languages are too long for one line of a letter; then each begins its own."""
        return len(self.en) + 2 * len(self.zh) > LINE

    @property
    def language(self) -> str:
        """The language of a single text, as far as its script tells."""
        return "zh-Hans" if _HAN.search(self.single) else "en"

    def in_language(self, language: str) -> str:
        first, other = (self.zh, self.en) if language.startswith("zh") else (self.en, self.zh)
        return first or other


Text = str | Pair
NOTHING = Pair("", "")
OFFICE = (
    Pair("Lunar Exploration and Space Engineering Center", "国家航天局探月与航天工程中心"),
    Pair("Lunar Sample Management Office", "月球样品管理办公室"),
)


def both(text: Text) -> Pair:
    """A text that needs no translation: a name, a number, what an applicant wrote."""
    return text if isinstance(text, Pair) else Pair(text, text)


@dataclass(frozen=True)
class Table:
    """One table of a letter; `numbers` are the columns (from 0) set to the right."""

    headers: tuple[Pair, ...]
    rows: tuple[tuple[Text, ...], ...]
    caption: Pair = NOTHING
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; for what somebody else wrote, which may be long. An empty line starts a paragraph.

    `is_minor` sets a smaller heading, for one question of a part; short answers stand as `facts`. Without a heading it goes on.
    """

    heading: Pair
    paragraphs: tuple[Text, ...] = ()
    is_minor: bool = False
    facts: tuple[tuple[Pair, Text], ...] = ()


@dataclass(frozen=True)
class Words:
    """All that a letter says. `kind`, `institution` and the date are also what the public check tells whoever holds the letter."""

    kind: Pair  # "Decision", "决定书"
    title: Pair  # "Decision on your application", …
    paragraphs: tuple[Text, ...]
    institution: Pair = NOTHING
    addressee: tuple[Text, ...] = ()  # lines of the address: name, institution, country
    facts: tuple[tuple[Pair, Text], ...] = ()
    table: Table | None = None
    closing: tuple[Text, ...] = ()  # paragraphs after the table
    sections: tuple[Section, ...] = ()
    signature: tuple[Pair, ...] = OFFICE
    is_quoting: bool = False  # repeats what an applicant typed: a character that no font has is printed as its number, not refused


def _line(text: Text) -> Pair:
    return Pair(one_line(both(text).en), one_line(both(text).zh))


def _paragraphs(texts: tuple[Text, ...]) -> tuple[Pair, ...]:
    """Clean paragraphs; a single text is parted at its empty lines."""
    parted: list[Pair] = []
    for text in texts:
        pair = Pair(clean(both(text).en), clean(both(text).zh))
        if pair.single:
            parted += [both(part.strip()) for part in re.split(r"\n\s*\n", pair.single) if part.strip()]
        elif pair.en:
            parted.append(pair)
    return tuple(parted)


def _facts(facts: tuple[tuple[Pair, Text], ...]) -> tuple[tuple[Pair, Pair], ...]:
    return tuple((_line(label), _line(value)) for label, value in facts)


def cleaned(words: Words) -> Words:
    """The same words as they will be frozen."""
    return Words(
        kind=_line(words.kind),
        title=_line(words.title),
        paragraphs=_paragraphs(words.paragraphs),
        institution=_line(words.institution),
        addressee=tuple(line for line in map(_line, words.addressee) if line.en or line.zh),
        facts=_facts(words.facts),
        table=words.table
        and Table(
            headers=tuple(map(_line, words.table.headers)),
            rows=tuple(tuple(map(_line, row)) for row in words.table.rows),
            caption=_line(words.table.caption),
            numbers=words.table.numbers,
        ),
        closing=_paragraphs(words.closing),
        sections=tuple(
            Section(_line(section.heading), _paragraphs(section.paragraphs), section.is_minor, _facts(section.facts)) for section in words.sections
        ),
        signature=tuple(map(_line, words.signature)),
        is_quoting=words.is_quoting,
    )


def as_text(words: Words, language: str) -> str:
    """Cleaned words as the plain text of a mail in one language."""

    def say(text: Text) -> str:
        return both(text).in_language(language)

    def list_up(facts: tuple[tuple[Pair, Text], ...]) -> str:
        return "\n".join(f"{say(label)}{colon}{say(value)}" for label, value in facts)

    colon = "：" if language.startswith("zh") else ": "
    blocks = [say(words.title), "\n".join(map(say, words.addressee)), *map(say, words.paragraphs), list_up(words.facts)]
    if words.table:
        lines = [say(words.table.caption), *(" | ".join(map(say, row)) for row in (words.table.headers, *words.table.rows))]
        blocks.append("\n".join(line for line in lines if line))
    blocks += map(say, words.closing)
    for section in words.sections:
        heading = say(section.heading)
        blocks.append(heading if section.is_minor or not heading else f"{heading}\n{'-' * 20}")
        blocks += [list_up(section.facts), *map(say, section.paragraphs)]
    blocks.append("\n".join(map(say, words.signature)))
    return "\n\n".join(block for block in blocks if block)
