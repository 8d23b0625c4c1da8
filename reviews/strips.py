"""The scores of several experts as a strip of dots beside a table: pure figures, drawn by templates/reviews/strips.html."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

LEFT, STEP = 10.0, 25.0  # where score 1 lies in the picture, and how far the next one
APART = 5.0  # of dots that would lie on each other


@dataclass(frozen=True)
class Dot:
    x: str
    is_mine: bool


@dataclass(frozen=True)
class Strip:
    """One line of scores: those of the experts in their order (None for one without), and what they come to."""

    title: str
    weight: int
    scores: Sequence[float | None]
    dots: Sequence[Dot]
    n: int
    mean: float
    median: float
    lowest: float
    highest: float
    mean_x: str
    median_x: str

    @property
    def weighs(self) -> bool:
        return self.weight > 0


def place(score: float) -> float:
    return LEFT + (score - 1) * STEP


def spelled(x: float) -> str:
    """A coordinate in SVG, whatever the reader's language puts between the digits."""
    return f"{x:.1f}"


def strip_of(title: str, weight: int, scores: Sequence[float | None], *, mine: int | None = None) -> Strip | None:
    """None where nobody has given a score. `mine`: the place of the reader among the experts."""
    given = [(score, position == mine) for position, score in enumerate(scores) if score is not None]
    if not given:
        return None
    values = [score for score, _is_mine in given]
    dots = []
    for score in sorted(set(values)):
        same = [is_mine for other, is_mine in given if other == score]
        first = place(score) - APART * (len(same) - 1) / 2
        dots += [Dot(spelled(first + APART * number), is_mine) for number, is_mine in enumerate(same)]
    middle, half = mean(values), median(values)
    return Strip(title, weight, scores, dots, len(values), middle, half, min(values), max(values), spelled(place(middle) - 1), spelled(place(half)))


def weighted_mean(scores: Mapping[int, int], weights: Mapping[int, int]) -> float | None:
    """The mean of those scores that are given, by the weights of their criteria."""
    total = sum(weights[key] for key in scores if key in weights)
    return sum(value * weights[key] for key, value in scores.items() if key in weights) / total if total else None
