"""One line of the panel's table, and how it is drawn: positions of the dots and bars, words for what is uncertain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reviews.ranking import INNER, Ranking

WIDE_RANGE, WIDE_SD = 2.0, 1.0  # from here on the experts disagree (docs/ranking.md)
FRAGILE_SHARE, FRAGILE_LEAST = 4, 3  # without a line: a quarter of all places, and at least three
LEFT, WIDTH = 5, 100  # the drawings are 110 wide


@dataclass(frozen=True)
class Standing:
    """What is known of one application's place. Positions `x…` are those of the drawing, as text: a page may not write them by a language."""

    application: int
    place: int
    dots: tuple[str, ...]
    scores: str
    x_mean: str
    count: int
    mean: str
    median: str
    expected: str
    low: int
    high: int
    x_expected: str
    x_low: str
    x_width: str
    x_inner: str
    inner_width: str
    adjusted: str
    above: str  # the chance to be within the line, in per cent; empty without a line
    left_out: str
    is_disputed: bool
    is_fragile: bool


class Board(NamedTuple):
    """The whole order: positions into the ranking's arrays, and the marks by position."""

    order: npt.NDArray[np.int64]
    is_disputed: npt.NDArray[np.bool_]
    is_fragile: npt.NDArray[np.bool_]


def disputed(ranking: Ranking) -> npt.NDArray[np.bool_]:
    return np.asarray((ranking.highest - ranking.lowest >= WIDE_RANGE - 1e-9) | (ranking.sd >= WIDE_SD - 1e-9))


def fragile(ranking: Ranking, places: int) -> npt.NDArray[np.bool_]:
    """Whether leaving out one expert takes an application across the line, or, without a line, moves it far."""
    low, high = ranking.left_out_low, ranking.left_out_high
    if places:
        return np.asarray((low <= places) & (high > places))
    return np.asarray(high - low >= max(FRAGILE_LEAST, -(-ranking.place.size // FRAGILE_SHARE)))


def _x_of_score(score: float) -> float:
    return LEFT + (score - 1) * WIDTH / 4


def _at(position: float) -> str:
    return f"{position:.1f}"


def drawn(ranking: Ranking, at: int, place: int, scores: Sequence[float], places: int, *, is_disputed: bool, is_fragile: bool) -> Standing:
    """The line of the application at this position of the ranking."""
    last = max(ranking.applications.size - 1, 1)

    def x(rank: float) -> float:
        return LEFT + (rank - 1) * WIDTH / last

    draws = ranking.draws[at]
    end = draws.size - 1
    low, high = int(draws[round(0.05 * end)]), int(draws[round(0.95 * end)])
    inner_low, inner_high = int(draws[round((1 - INNER) / 2 * end)]), int(draws[round((1 + INNER) / 2 * end)])
    expected = float(ranking.expected_rank[at])
    out_low, out_high = int(ranking.left_out_low[at]), int(ranking.left_out_high[at])
    return Standing(
        application=int(ranking.applications[at]),
        place=place,
        dots=tuple(_at(_x_of_score(score)) for score in scores),
        scores=", ".join(f"{score:.1f}" for score in scores),
        x_mean=_at(_x_of_score(float(ranking.mean[at])) - 1),
        count=int(ranking.count[at]),
        mean=f"{ranking.mean[at]:.2f}",
        median=f"{ranking.median[at]:.2f}",
        expected=f"{expected:.1f}",
        low=low,
        high=high,
        x_expected=_at(x(expected)),
        x_low=_at(x(low)),
        x_width=_at(max(x(high) - x(low), 1)),
        x_inner=_at(x(inner_low)),
        inner_width=_at(max(x(inner_high) - x(inner_low), 1)),
        adjusted=f"{ranking.adjusted[at]:.2f}",
        above=f"{(draws <= places).mean() * 100:.0f}" if places else "",
        left_out=f"{out_low}–{out_high}" if out_low != out_high else str(out_low),
        is_disputed=is_disputed,
        is_fragile=is_fragile,
    )


class Strictness(NamedTuple):
    """How one expert scores beside the others; positive is stricter."""

    expert: int
    reviews: int
    mean: str
    strictness: str
    low: str
    high: str
    x: str
    x_low: str
    x_width: str
    group: int
    is_known: bool  # the interval does not hold zero


def signed(value: float) -> str:
    """With a real minus sign; a value that rounds to nothing has none."""
    text = f"{abs(value):.2f}"
    return text if text == "0.00" else f"{'+' if value > 0 else '−'}{text}"


def strictness_of(ranking: Ranking) -> list[Strictness]:
    """Every expert, the strictest first."""
    lows, highs = ranking.strictness_interval()
    reach = max(1.0, float(np.abs(np.concatenate([lows, highs])).max()) if lows.size else 1.0)

    def x(value: float) -> float:
        return LEFT + (value + reach) * WIDTH / (2 * reach)

    return [
        Strictness(
            int(ranking.experts[at]),
            int(ranking.expert_count[at]),
            f"{ranking.expert_mean[at]:.2f}",
            signed(float(ranking.strictness[at])),
            signed(float(lows[at])),
            signed(float(highs[at])),
            _at(x(float(ranking.strictness[at]))),
            _at(x(float(lows[at]))),
            _at(x(float(highs[at])) - x(float(lows[at]))),
            int(ranking.expert_group[at]) + 1,
            bool(lows[at] > 0 or highs[at] < 0),
        )
        for at in np.lexsort((ranking.experts, -ranking.strictness))
    ]
