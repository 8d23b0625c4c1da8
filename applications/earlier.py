"""What a draft said before: each saved state of one part, in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from applications.models import Saving, Version
from applications.questions import Kind, Part, Question, line_questions, split_line_name


@dataclass(frozen=True)
class Text:
    """One answer of an earlier state; `is_now` when it still stands."""

    label: str
    text: str
    is_now: bool


@dataclass(frozen=True)
class State:
    """What one saving changed in a part."""

    saving: Saving
    texts: list[Text]


def question_of(part: Part, kind: str, name: str) -> tuple[str, Question] | None:
    """The label and the question of an answer's name, if the answer belongs to the part."""
    if split := split_line_name(name):
        number, wanted = split
        question = next((question for question in line_questions(kind, part.name) if question.name == wanted), None)
        return (_("%(number)s: %(question)s") % {"number": number, "question": question.label}, question) if question else None
    question = next((question for question in part.questions if question.name == name and question.kind is not Kind.COLUMN), None)
    return (str(question.label), question) if question else None


def names_in(part: Part, kind: str, names: Iterable[str]) -> list[str]:
    """Those names of answers that belong to a part."""
    return sorted({name for name in names if question_of(part, kind, name)})


def states_of(version: Version, part: Part) -> list[State]:
    """The newest state first. What was kept aside stands among them, marked as such."""
    kind = version.application.round.kind
    states = []
    for saving in version.savings.for_list():
        texts = []
        for name in names_in(part, kind, saving.answers):
            found = question_of(part, kind, name)
            if found:
                texts.append(Text(found[0], found[1].spell(saving.answers[name]), saving.answers[name] == version.answer(name)))
        if texts:
            states.append(State(saving, texts))
    return states
