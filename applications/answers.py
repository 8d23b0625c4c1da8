"""All answers of a version in the order of the form and in people's words: for the check, the receipt, the signatory and the office."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from applications.models import Attachment, Request, Version
from applications.questions import LINE_QUESTIONS, Kind, Part, Question, Words, asked_lines, line_name, line_questions, parts_of


@dataclass(frozen=True)
class Row:
    """One question with its answer. An empty text means that nothing was answered."""

    name: str
    label: Words
    text: str


@dataclass(frozen=True)
class LineAnswers:
    """What is said about one sample in one part."""

    number: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class PartAnswers:
    """One part of the form with all its answers."""

    name: str
    title: Words
    rows: Sequence[Row]
    lines: Sequence[LineAnswers] = ()
    requests: Sequence[Request] = ()
    files: Sequence[Attachment] = field(default=())

    @property
    def is_institution(self) -> bool:
        return self.name == "institution"

    @property
    def is_samples(self) -> bool:
        return self.name == "samples"

    @property
    def is_attachments(self) -> bool:
        return self.name == "attachments"


def answers_of(version: Version | None, kind: str) -> list[PartAnswers]:
    """Every part that this kind of round asks for; read the version with its requests and attachments."""
    return [_part(version, part, kind) for part in parts_of(kind).values()] if version else []


def _part(version: Version, part: Part, kind: str) -> PartAnswers:
    rows = [_row(version, question, question.name) for question in part.questions if _is_shown(version, question)]
    lines = [line for number, _place in asked_lines(version.answers) if (line := _line(version, number, kind, part.name)).rows]
    requests = list(version.requests.all()) if part.name == "samples" else []
    files = list(version.attachments.all()) if part.name == "attachments" else []
    return PartAnswers(part.name, part.title, rows, lines if part.name != "samples" else [], requests, files)


def _is_shown(version: Version, question: Question) -> bool:
    """A question that the other answers make idle is left out, unless something was answered to it."""
    if question.kind is Kind.COLUMN or (question.name == "nothing_attached" and version.attachments.all()):
        return False
    return question.is_asked(version.answers) or bool(version.answer(question.name))


def _row(version: Version, question: Question, name: str) -> Row:
    return Row(name, question.label, question.spell(version.answer(name)))


def _line(version: Version, number: str, kind: str, section: str) -> LineAnswers:
    about = {question.name: version.answers.get(line_name(number, question.name), "") for question in LINE_QUESTIONS}
    rows = [
        Row(line_name(number, question.name), question.label, _with_unit(question, about[question.name]))
        for question in line_questions(kind, section)
        if question.is_asked(about)
    ]
    return LineAnswers(number, rows)


def _with_unit(question: Question, text: str) -> str:
    """A mass as it was typed, with its unit unless it was typed as well."""
    if question.kind is Kind.MASS and text and text.strip()[-1:].isdecimal():
        return f"{text.strip()}\u00a0mg"
    return question.spell(text)
