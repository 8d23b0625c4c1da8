"""The closed language of the texts that the office may edit: plain words with named gaps, `{applicant}`, that the portal fills.

Nothing else means anything: no expressions, no conditions, no markup, no template engine. What fills a gap is a value that was made
plain text before, and is never read for gaps again. A brace itself is written twice: `{{`, `}}`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from letters.fonts import undrawable
from letters.words import NOTHING, Pair, Section, Text, Words, both, clean, one_line

LONGEST_TITLE = 160
LONGEST_TEXT = 6000
MOST_PARAGRAPHS = 12  # of one field

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BRACE = re.compile("[{}]")
_BETWEEN_PARAGRAPHS = re.compile(r"\n[ ]*\n\s*")


class BadText(Exception):
    """A text that says something the language does not know; the words may be shown and name the place."""

    def __init__(self, problem: str, source: str, position: int) -> None:
        self.position = position
        self.line = source.count("\n", 0, position) + 1
        self.column = position - (source.rfind("\n", 0, position) + 1) + 1
        super().__init__(_("Line %(line)s, character %(column)s: %(problem)s") % {"line": self.line, "column": self.column, "problem": problem})


class Gap(NamedTuple):
    """A place in a text that is filled with the value of this name."""

    name: str
    position: int


def parse(source: str) -> tuple[str | Gap, ...]:
    """The words and gaps of a text in their order; BadText for a brace that is neither a gap nor doubled."""
    parts: list[str | Gap] = []
    at = 0
    while brace := _BRACE.search(source, at):
        begin = brace.start()
        if begin > at:
            parts.append(source[at:begin])
        sign = brace.group()
        if source.startswith(sign, begin + 1):
            parts.append(sign)
            at = begin + 2
            continue
        if sign == "}":
            raise BadText(_("this } closes nothing. Write }} for the sign itself."), source, begin)
        name = _NAME.match(source, begin + 1)
        if name is None or not source.startswith("}", name.end()):
            raise BadText(_("after { comes the name of a placeholder and }. Write {{ for the sign itself."), source, begin)
        parts.append(Gap(name.group(), begin))
        at = name.end() + 1
    if at < len(source):
        parts.append(source[at:])
    return tuple(parts)


def gaps(source: str) -> tuple[Gap, ...]:
    return tuple(part for part in parse(source) if isinstance(part, Gap))


def fill(source: str, values: Mapping[str, str]) -> str:
    """The text with its gaps filled, once; BadText where no value has that name."""
    filled = []
    for part in parse(source):
        if isinstance(part, Gap):
            if part.name not in values:
                raise BadText(_("there is no placeholder {%(name)s} in this kind of letter.") % {"name": part.name}, source, part.position)
            filled.append(values[part.name])
        else:
            filled.append(part)
    return "".join(filled)


def paragraphs(source: str) -> tuple[str, ...]:
    """The paragraphs of a text before anything is filled in, so that no value can begin one."""
    return tuple(part for part in _BETWEEN_PARAGRAPHS.split(clean(source)) if part)


class Placeholder(NamedTuple):
    """What the portal can fill into a kind of letter. A text without a required one is refused."""

    name: str
    about: Promise
    example: Pair
    is_required: bool = False

    @property
    def token(self) -> str:
        """As it is written in a text."""
        return f"{{{self.name}}}"


@dataclass(frozen=True)
class Wording:
    """The words of a kind of letter that the office may change: the title, what stands before the facts, and what stands after them."""

    title: Pair
    opening: Pair
    closing: Pair = NOTHING

    def fields(self) -> dict[str, str]:
        """The six texts by the names under which form and database keep them."""
        return {f"{part}_{language}": getattr(getattr(self, part), language) for part in ("title", "opening", "closing") for language in ("en", "zh")}


def wording_of(fields: Mapping[str, str]) -> Wording:
    """The other way round: six texts, cleaned as they will be kept."""
    title, opening, closing = (Pair(clean(fields[f"{part}_en"]), clean(fields[f"{part}_zh"])) for part in ("title", "opening", "closing"))
    return Wording(title=Pair(one_line(title.en), one_line(title.zh)), opening=opening, closing=closing)


@dataclass(frozen=True)
class Kind:
    """A kind of letter: what fills its gaps, the words that come with the portal, and an openly invented letter for previews."""

    word: str
    name: Promise
    when: Promise  # it is written
    placeholders: tuple[Placeholder, ...]
    default: Wording
    example: Words  # without title, opening and closing
    last_heading: Pair | None = None  # the closing stands behind what the frame quotes, under this heading; else right after the table

    def write(self, wording: Wording, frame: Words, values: Mapping[str, Text]) -> Words:
        """The letter: the frame that the code gives, and around its own paragraphs those of the wording, filled. BadText if they do not fit."""
        english = {name: one_line(both(value).in_language("en")) for name, value in values.items()}
        chinese = {name: one_line(both(value).in_language("zh")) for name, value in values.items()}

        def say(pair: Pair) -> tuple[Pair, ...]:
            sides = zip(paragraphs(pair.en), paragraphs(pair.zh), strict=True)
            return tuple(Pair(fill(one, english), fill(other, chinese)) for one, other in sides)

        closing = say(wording.closing)
        last = (Section(self.last_heading, closing),) if closing and self.last_heading is not None else ()
        return replace(
            frame,
            title=Pair(fill(wording.title.en, english), fill(wording.title.zh, chinese)),
            paragraphs=say(wording.opening) + frame.paragraphs,
            closing=frame.closing if last else closing + frame.closing,
            sections=frame.sections + last,
        )

    def write_example(self, wording: Wording) -> Words:
        """The invented letter in this wording."""
        return self.write(wording, self.example, {placeholder.name: placeholder.example for placeholder in self.placeholders})

    def problems(self, wording: Wording) -> dict[str, list[str]]:
        """Why these words cannot be kept, by the name of the field; empty if they can."""
        found = self.misfits(wording)
        for field, source in wording.fields().items():
            problems = []
            if not source and not field.startswith("closing"):
                problems.append(_("This text is missing."))
            longest = LONGEST_TITLE if field.startswith("title") else LONGEST_TEXT
            if len(source) > longest:
                problems.append(_("At most %(most)s characters; there are %(count)s.") % {"most": longest, "count": len(source)})
            if len(paragraphs(source)) > MOST_PARAGRAPHS:
                problems.append(_("At most %(most)s paragraphs.") % {"most": MOST_PARAGRAPHS})
            lacking = undrawable(source)
            if lacking:
                signs = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in lacking[:10])
                problems.append(_("The fonts of the letters lack %(signs)s.") % {"signs": signs})
            if problems:
                found[field] = problems + found.get(field, [])
        return found

    def misfits(self, wording: Wording) -> dict[str, list[str]]:
        """Where the words do not fit this kind of letter, by the name of the field; quick enough to be asked before each letter."""
        found: dict[str, list[str]] = {}
        texts = wording.fields()
        used: dict[str, set[str]] = {"en": set(), "zh": set()}
        for field, source in texts.items():
            try:
                used[field[-2:]] |= self._names_in(source)
            except BadText as problem:
                found[field] = [str(problem)]
        for language, names in used.items():
            missing = [placeholder.name for placeholder in self.placeholders if placeholder.is_required and placeholder.name not in names]
            if missing and not any(field.endswith(language) for field in found):  # what cannot be read may well contain it
                listed = ", ".join(f"{{{name}}}" for name in missing)
                found.setdefault(f"opening_{language}", []).append(_("The text must contain %(names)s somewhere.") % {"names": listed})
        for part in ("opening", "closing"):
            here, there = (len(paragraphs(texts[f"{part}_{language}"])) for language in ("en", "zh"))
            if here != there:
                said = _("English has %(here)s paragraphs and Chinese %(there)s: they stand side by side, so write as many in both.")
                found.setdefault(f"{part}_zh", []).append(said % {"here": here, "there": there})
        return found

    def _names_in(self, source: str) -> set[str]:
        """The placeholders of a text; BadText for the first that this kind does not have."""
        known = {placeholder.name for placeholder in self.placeholders}
        for gap in gaps(source):
            if gap.name not in known:
                raise BadText(_("there is no placeholder {%(name)s} in this kind of letter.") % {"name": gap.name}, source, gap.position)
        return {gap.name for gap in gaps(source)}


def kind_named(kinds: Sequence[Kind], word: str) -> Kind | None:
    return next((kind for kind in kinds if kind.word == word), None)
