"""A move is one named step from some statuses to one other; an app's `workflow.py` is a table of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _


class NotPossibleNow(Exception):
    """The record is not, or no longer, in a status from which this step leads on. The text may be shown."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text or _("This is not possible any more: somebody has changed it in the meantime. Reload the page to see how it stands."))


@dataclass(frozen=True)
class Move:
    """One step: `name` is its word in code and history, `label` the word on the button. An empty `to` stays where it is."""

    name: str
    label: str | Promise
    sources: frozenset[str]
    to: str

    def starts_from(self, status: str) -> bool:
        return status in self.sources

    def target(self, status: str) -> str:
        """Where the step leads from this status."""
        return self.to or status


def move(name: str, label: str | Promise, *sources: str, to: str = "") -> Move:
    return Move(name, label, frozenset(sources), to)


def moves_from(status: str, moves: Iterable[Move]) -> list[Move]:
    """The steps that lead on from a status, in the order of the table."""
    return [step for step in moves if step.starts_from(status)]
