"""What differs between two versions, marked word by word (character by character in Chinese), within a bounded time."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.answers import PartAnswers, answers_of
from applications.models import Application, Attachment, Request, Version
from applications.questions import Words
from samples.masses import spell_mg

# One Han sign, one word with the space behind it (so that few pieces are the same), one mark.
PIECE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]\s*|[^\W\u3400-\u9fff\uf900-\ufaff]+\s*|[^\w\s]\s*|\s+")
SENTENCE = re.compile(r"[^.!?。！？；;\n]*[.!?。！？；;\n]*\s*")
MOST_PIECES = 800  # of one passage that are compared piece by piece; a longer one is compared by sentences, and then as a whole
AROUND = 160  # characters of what did not change that are shown beside a change
SECONDS = 2.0  # for all answers together; what is left is shown without marks


@dataclass(frozen=True)
class Passage:
    """Text that both versions have, that only the old one has, or only the new one."""

    kind: str  # same, removed, added, left_out
    text: str

    @property
    def is_removed(self) -> bool:
        return self.kind == "removed"

    @property
    def is_added(self) -> bool:
        return self.kind == "added"

    @property
    def is_left_out(self) -> bool:
        return self.kind == "left_out"


@dataclass(frozen=True)
class Change:
    """One answer that differs, in passages; or a sample or file that came or went."""

    label: Words
    passages: Sequence[Passage]
    name: str  # of the question; "lines" for a sample, "files" for a file


@dataclass(frozen=True)
class PartChanges:
    """The changes in one part of the form."""

    title: Words
    changes: Sequence[Change]


@dataclass
class Clock:
    """The time that is left for comparing."""

    ends: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends


def changes_of(application: Application) -> dict[str, Any]:
    """For the office: what the version handed in last changed against the one handed in before it, if there is one."""
    if application.current is None or application.current.number == 1:
        return {"before": None, "differences": []}
    handed_in = Version.objects.handed_in().with_answers().filter(application=application, number__lte=application.current.number)
    versions = list(handed_in.order_by("-number")[:2])
    new, old = versions[0], versions[-1]
    return {"before": old, "differences": differences_between(old, new, application.round.kind)}


def differences_between(old: Version, new: Version, kind: str) -> list[PartChanges]:
    """The parts that differ, in the order of the form. Read both versions with their answers."""
    clock = Clock()
    before = {part.name: part for part in answers_of(old, kind)}
    found = []
    for part in answers_of(new, kind):
        changes = [*_institution(old, new, part), *_answers(before[part.name], part, clock)]
        if part.is_samples:
            changes += _items("lines", _lines(old), _lines(new))
        if part.is_attachments:
            changes += _items("files", _files(before[part.name].files), _files(part.files))
        if changes:
            found.append(PartChanges(part.title, changes))
    return found


def _institution(old: Version, new: Version, part: PartAnswers) -> Iterator[Change]:
    if part.is_institution and old.institution_id != new.institution_id:
        yield Change(_("Institution"), _whole(str(old.institution or ""), str(new.institution or "")), "institution")


def _answers(old: PartAnswers, new: PartAnswers, clock: Clock) -> Iterator[Change]:
    """The answers of a part and what is said about each sample in it; an answer that one version does not have counts as empty."""
    before, after = _texts(old), _texts(new)
    for name, (label, _text) in (before | after).items():
        was, now = before.get(name, (label, ""))[1], after.get(name, (label, ""))[1]
        if was != now:
            yield Change(label, cut_out(mark(was, now, clock)), name)


def _texts(part: PartAnswers) -> dict[str, tuple[Words, str]]:
    texts: dict[str, tuple[Words, str]] = {row.name: (row.label, row.text) for row in part.rows}
    for line in part.lines:
        texts |= {row.name: (_("%(number)s: %(question)s") % {"number": line.number, "question": row.label}, row.text) for row in line.rows}
    return texts


def _lines(version: Version) -> dict[str, str]:
    return {line.sample.number: _spell(line) for line in version.requests.all()}


def _spell(line: Request) -> str:
    words = [_("%(mass)s mg") % {"mass": spell_mg(line.mass_ug)}]
    if line.least_ug:
        words.append(_("at least %(mass)s mg") % {"mass": spell_mg(line.least_ug)})
    if line.is_fallback:
        words.append(_("fall-back %(place)s") % {"place": line.fallback})
    return ", ".join(words)


def _files(files: Sequence[Attachment]) -> dict[str, str]:
    return {f"{file.get_purpose_display()}: {file.name}": file.upload.digest for file in files}


def _items(question: str, before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    """Samples or files that came, went or changed."""
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Change(name, _whole(before.get(name, ""), after.get(name, "")), question)


# --- Marking a text -------------------------------------------------------------------------------------------------------


def mark(old: str, new: str, clock: Clock | None = None) -> list[Passage]:
    """Both texts in one row of passages; the old text is what is not added, the new one what is not removed."""
    clock = clock or Clock()
    return _joined(_by_lines(old, new, clock))


def _by_lines(old: str, new: str, clock: Clock) -> Iterator[Passage]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if clock.is_over or len(before) > MOST_PIECES or len(after) > MOST_PIECES:
        yield from _whole(old, new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        was, now = "".join(before[a:b]), "".join(after[c:d])
        if tag == "equal":
            yield Passage("same", was)
        elif tag == "replace" and b - a == d - c:  # each paragraph against the one in its place
            for one, other in zip(before[a:b], after[c:d], strict=True):
                yield from _by_pieces(one, other, clock)
        elif tag == "replace":
            yield from _by_pieces(was, now, clock)
        else:
            yield from _whole(was, now)


def _by_pieces(old: str, new: str, clock: Clock) -> Iterator[Passage]:
    for pattern in (PIECE, SENTENCE):
        before, after = _cut(pattern, old), _cut(pattern, new)
        if len(before) <= MOST_PIECES and len(after) <= MOST_PIECES and not clock.is_over:
            break
    else:
        yield from _whole(old, new)
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if pattern is PIECE and matcher.quick_ratio() < 0.3:  # another text: marks would only scatter it
        yield from _whole(old, new)
        return
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield Passage("same", "".join(before[a:b]))
        else:
            yield from _whole("".join(before[a:b]), "".join(after[c:d]))


def _cut(pattern: re.Pattern[str], text: str) -> list[str]:
    return [piece for piece in pattern.findall(text) if piece]


def _whole(old: str, new: str) -> list[Passage]:
    return [passage for passage in (Passage("removed", old), Passage("added", new)) if passage.text]


def cut_out(passages: Sequence[Passage]) -> list[Passage]:
    """What was changed with a little of what stands around it; of longer stretches in between only how long they are."""
    rows: list[Passage] = []
    for place, passage in enumerate(passages):
        before, after = AROUND if place else 0, AROUND if place < len(passages) - 1 else 0
        left_out = len(passage.text) - before - after
        if passage.kind != "same" or left_out < AROUND:
            rows.append(passage)
            continue
        rows.append(Passage("same", passage.text[:before]))
        rows.append(Passage("left_out", _left_out(left_out)))
        rows.append(Passage("same", passage.text[len(passage.text) - after :]))
    return [row for row in rows if row.text]


def _left_out(count: int) -> str:
    return ngettext("%(count)d unchanged character", "%(count)d unchanged characters", count) % {"count": count}


def _joined(passages: Iterator[Passage]) -> list[Passage]:
    """Neighbours of one kind as one."""
    rows: list[Passage] = []
    for passage in passages:
        if rows and rows[-1].kind == passage.kind:
            rows[-1] = Passage(passage.kind, rows[-1].text + passage.text)
        else:
            rows.append(passage)
    return rows
