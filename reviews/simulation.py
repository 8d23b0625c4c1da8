"""Rounds whose truth is known, and how well the ranking finds it: `python -m reviews.simulation` prints the table of docs/ranking.md."""

import sys
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reviews.ranking import rank, rounding_sd

CRITERIA = 3
Floats = npt.NDArray[np.float64]


class Scored(NamedTuple):
    """Scores as a committee gives them, with the truth behind them."""

    applications: npt.NDArray[np.int64]
    experts: npt.NDArray[np.int64]
    scores: Floats
    quality: Floats
    strictness: Floats


class Found(NamedTuple):
    """Averages over the simulated rounds. A correlation is with the truth, a coverage that of intervals that say 90 %."""

    strictness_correlation: float
    strictness_slope: float  # of the truth on what was found: 1 when it is neither too bold nor too timid
    strictness_coverage: float
    mean_strictness_size: float
    mean_correlation: float
    adjusted_correlation: float
    rank_coverage: float
    best_by_mean: float  # the share of the truly best tenth among the best tenth by the plain mean
    best_by_rank: float  # and by the expected rank


def simulate(
    applications: int, experts: int, reviews: int, *, seed: int, application_sd: float = 0.6, expert_sd: float = 0.4, residual_sd: float = 0.5
) -> Scored:
    """`reviews` experts for each application, chosen evenly by chance; three criteria scored in whole points from 1 to 5, and their mean."""
    source = np.random.default_rng(seed)
    quality = source.normal(0, application_sd, applications)
    strictness = source.normal(0, expert_sd, experts) if expert_sd else np.zeros(experts)
    app = np.repeat(np.arange(applications), reviews)
    # Experts sit in a shuffled circle and every application takes the next ones: even loads, no pair twice, everybody connected.
    circle = np.concatenate([source.permutation(experts) for _ in range(-(-applications * reviews // experts) + reviews)])
    person = np.empty(applications * reviews, dtype=np.int64)
    at = 0
    for number in range(applications):
        taken: list[int] = []
        while len(taken) < reviews:
            ahead = next(step for step in range(at, circle.size) if circle[step] not in taken)
            circle[at], circle[ahead] = circle[ahead], circle[at]
            taken.append(int(circle[at]))
            at += 1
        person[number * reviews : (number + 1) * reviews] = taken
    level = 3.2 + quality[app] - strictness[person] + source.normal(0, residual_sd, app.size)
    points = level[:, None] + source.normal(0, 0.4, (app.size, CRITERIA))
    return Scored(app, person, np.clip(np.round(points), 1, 5).mean(axis=1), quality, strictness)


def _correlation(one: Floats, two: Floats) -> float:
    return float(np.corrcoef(one, two)[0, 1]) if one.std() and two.std() else 0.0


def study(*, applications: int, experts: int, reviews: int, rounds: int, expert_sd: float = 0.4, first_seed: int = 100) -> Found:
    """What the ranking finds in so many simulated rounds, on average."""
    rows = []
    for seed in range(first_seed, first_seed + rounds):
        scored = simulate(applications, experts, reviews, seed=seed, expert_sd=expert_sd)
        found = rank(scored.applications, scored.experts, scored.scores, least_sd=rounding_sd([1] * CRITERIA))
        truth, quality = scored.strictness[found.experts], scored.quality[found.applications]
        low, high = found.strictness_interval()
        place = (-quality).argsort().argsort() + 1
        first, last = found.interval()
        best = max(1, applications // 10)
        truly = set(quality.argsort()[-best:])
        spread = float(found.strictness @ found.strictness)
        rows.append(
            Found(
                _correlation(found.strictness, truth),
                float(found.strictness @ (truth - truth.mean())) / spread if spread else 0.0,
                float(((low <= truth) & (truth <= high)).mean()),
                float(np.abs(found.strictness).mean()),
                _correlation(found.mean, quality),
                _correlation(found.adjusted, quality),
                float(((first <= place) & (place <= last)).mean()),
                len(truly & set(found.mean.argsort()[-best:])) / best,
                len(truly & set(found.expected_rank.argsort()[:best])) / best,
            )
        )
    return Found(*(float(value) for value in np.mean(rows, axis=0)))


COLUMNS = (
    "applications × experts × reviews",
    "strictness: correlation with the truth",
    "slope",
    "90 % intervals hold",
    "ranks: 90 % intervals hold",
    "quality: correlation of the plain mean",
    "of the adjusted mean",
    "best tenth found by the mean",
    "by the expected rank",
)


def table() -> str:
    """What docs/ranking.md shows."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "| --- " * len(COLUMNS) + "|"]
    for applications, experts, reviews, rounds in ((24, 9, 3, 200), (100, 30, 3, 100), (300, 40, 3, 40), (1000, 100, 3, 10)):
        found = study(applications=applications, experts=experts, reviews=reviews, rounds=rounds)
        cells = (
            f"{applications} × {experts} × {reviews}, {rounds} rounds",
            f"{found.strictness_correlation:.2f}",
            f"{found.strictness_slope:.2f}",
            f"{found.strictness_coverage:.0%}",
            f"{found.rank_coverage:.0%}",
            f"{found.mean_correlation:.2f}",
            f"{found.adjusted_correlation:.2f}",
            f"{found.best_by_mean:.0%}",
            f"{found.best_by_rank:.0%}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
