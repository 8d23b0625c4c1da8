"""Small numbers are left out of published tables, with as many others as it takes that nobody can work them out from a total.

What a reader knows anyway is taken into account: the list itself names everyone who was approved, and a nought is never left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SMALLEST = 5  # the smallest number of applications that is published


@dataclass(frozen=True)
class Cell:
    """One number of a column that has a total. `known` is what every reader knows it to be at least: the approved ones on the list."""

    count: int
    contributors: int  # applications behind the number: one may ask for several samples
    known: int = 0

    @property
    def is_small(self) -> bool:
        return 0 < self.contributors < SMALLEST

    @property
    def least(self) -> int:
        """What a reader may conclude where nothing is shown: a nought would be."""
        return max(self.known, 1)


def hidden_cells(cells: Sequence[Cell]) -> frozenset[int] | None:
    """The positions that stay empty; None if the column cannot be shown at all, its total included.

    The small ones, then others from the end (where a table keeps "the rest together") until nobody can work an empty one out. The
    place alone decides which others: a choice by size, such as the smallest next, would tell a reader who knows it about the sizes.
    """
    hidden = [position for position, cell in enumerate(cells) if cell.is_small]
    others = [position for position, cell in enumerate(cells) if cell.count and not cell.is_small]
    first_other = len(cells)
    while hidden and not _is_safe(cells, hidden, first_other):
        if not others:
            return None
        first_other = others.pop()
        hidden.append(first_other)
    return frozenset(hidden)


def _is_safe(cells: Sequence[Cell], hidden: Sequence[int], first_other: int) -> bool:
    """Seen by somebody who knows the total, the list and this method: together the empty cells come to enough beyond what is known
    of them, and each may be more than one number. What is empty before the first of the others must be small."""
    total = sum(cells[position].count for position in hidden)
    if len(hidden) < 2 or total - sum(cells[position].least for position in hidden) < SMALLEST - 1:
        return False
    most = {position: SMALLEST - 1 if position < first_other else total for position in hidden}
    for position in hidden:
        rest = [other for other in hidden if other != position]
        low = max(cells[position].least, total - sum(most[other] for other in rest))
        high = min(most[position], total - sum(cells[other].least for other in rest))
        if high <= low:
            return False
    return True


def is_shown(count: int, *, approved: int) -> bool:
    """Whether one step of the funnel is shown. A nought is. With few approved ones, whom the list names, more is left out, so that an
    empty step may still be any of several numbers."""
    return count == 0 or count >= (2 * SMALLEST if approved < SMALLEST else SMALLEST)
