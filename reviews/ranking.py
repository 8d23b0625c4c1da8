"""Who stands where, and how sure that is: expected ranks from the experts' scores, with each expert's strictness taken out (docs/ranking.md).

The model: score = mean + application + expert + residual, the last three normal. Mean and effects have a joint normal posterior in closed
form once the three variances are put in; those are estimated by restricted likelihood with a weak prior that keeps them above zero (Chung
et al. 2013). The expected rank of an application is one plus the sum of the chances that each other one is better (Laird and Louis 1989;
Heyard et al. 2022). No Django and no database in here: arrays in, arrays out. Applications are eliminated first, so that the work grows
with the square of the experts' number and hardly with that of the applications.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_EXPERTS = 3_000  # the matrix of the experts is dense
EXACT_UP_TO = 1_500  # applications: beyond, the covariances of a pair are replaced by their mean
GRID = 201  # at so many levels of quality the sum of chances is computed then, and read off between them
DRAWS, FEWER_DRAWS, FEW_FROM = 2_000, 400, 2_000  # joint draws from the posterior, for the intervals of ranks
OUTER, INNER = 0.9, 0.5  # the shares that the two intervals cover
OUTER_Z = 1.6448536269514722  # of a normal
REFIT_UP_TO = 60_000  # applications times experts: beyond, whoever is left out leaves the other experts' strictness as it is
SEED = 20_221_112
NOTHING = 1e-9  # what is known of the mean before any score, so that no score at all is no error either


class TooManyExperts(Exception):
    """The ranking of so many experts is not computed."""


class Spread(NamedTuple):
    """The standard deviations that were estimated."""

    application: float
    expert: float
    residual: float


@dataclass(frozen=True)
class Ranking:
    """Arrays in the order of `applications` or `experts`, which are sorted keys. Rank 1 is the best."""

    applications: Ints
    count: Ints
    mean: Floats
    median: Floats
    lowest: Floats
    highest: Floats
    sd: Floats  # of the scores of one application; 0 for one score
    adjusted: Floats  # posterior mean without the experts' strictness, drawn towards the mean of all where little is known
    adjusted_sd: Floats
    expected_rank: Floats
    draws: npt.NDArray[np.int32]  # application by draw: the rank in that draw, sorted
    left_out_low: Ints  # best and worst place by the adjusted mean over leaving out each expert in turn
    left_out_high: Ints
    place: Ints  # by the adjusted mean
    group: Ints  # applications and experts of different groups share no expert, directly or through others
    experts: Ints
    expert_count: Ints
    expert_mean: Floats
    strictness: Floats  # positive: lower scores than others give to the same application
    strictness_sd: Floats
    expert_group: Ints
    spread: Spread

    @property
    def groups(self) -> int:
        return int(self.group.max()) + 1 if self.group.size else 0

    @property
    def has_spread(self) -> bool:
        return bool(self.lowest.size) and float(self.highest.max()) > float(self.lowest.min())

    def interval(self, share: float = OUTER) -> tuple[Ints, Ints]:
        """Between which ranks each application lies with this probability."""
        last = self.draws.shape[1] - 1
        low, high = round((1 - share) / 2 * last), round((1 + share) / 2 * last)
        return self.draws[:, low].astype(np.int64), self.draws[:, high].astype(np.int64)

    def above(self, places: int) -> Floats:
        """The probability that each application belongs to the best `places`."""
        return np.asarray((self.draws <= places).mean(axis=1), dtype=float)

    def strictness_interval(self) -> tuple[Floats, Floats]:
        return self.strictness - OUTER_Z * self.strictness_sd, self.strictness + OUTER_Z * self.strictness_sd


def weighted(scores: Floats, weights: Sequence[int]) -> Floats:
    """The mean of each row's criteria by their weights; a criterion without a score (NaN) counts for nothing."""
    shares = np.where(np.isnan(scores), 0.0, np.asarray(weights, dtype=float))
    total = shares.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, (np.nan_to_num(scores) * shares).sum(axis=1) / total, np.nan))


def rounding_sd(weights: Sequence[int]) -> float:
    """How exact a weighted mean of whole numbers can be at best: each score stands for anything within half a point."""
    shares = np.asarray(weights, dtype=float) / max(sum(weights), 1)
    return sqrt(float((shares**2).sum()) / 12)


def rank(
    applications: Sequence[int] | Ints, experts: Sequence[int] | Ints, scores: Sequence[float] | Floats, *, least_sd: float = 0.1, range_: float = 4.0
) -> Ranking:
    """The ranking of applications by the scores that experts gave them: three arrays of the same length, in any order.

    `least_sd` bounds the residual from below: no score is more exact than its scale. `range_` is the width of that scale.
    """
    data = _Data.of(np.asarray(applications, dtype=np.int64), np.asarray(experts, dtype=np.int64), np.asarray(scores, dtype=float))
    if data.experts.size > MOST_EXPERTS:
        raise TooManyExperts
    spread = _estimate(data, least_sd, range_)
    fit = _fit(data, spread)
    adjusted = data.centre + fit.mean + fit.applications
    place = _places(adjusted)
    shared = fit.shared()
    variances = (shared**2).sum(axis=1) + fit.own
    low, high = _left_out(data, spread, fit, place)
    group, expert_group = _groups(data)
    mean, median, lowest, highest, sd = _plain(data)
    return Ranking(
        applications=data.applications,
        count=data.counts,
        mean=mean,
        median=median,
        lowest=lowest,
        highest=highest,
        sd=sd,
        adjusted=adjusted,
        adjusted_sd=np.sqrt(variances),
        expected_rank=_expected_ranks(fit.applications, variances, shared),
        draws=_draw_ranks(data, fit),
        left_out_low=low,
        left_out_high=high,
        place=place,
        group=group,
        experts=data.experts,
        expert_count=data.expert_counts,
        expert_mean=data.centre + data.expert_sums / np.maximum(data.expert_counts, 1),
        strictness=-fit.experts,
        strictness_sd=np.sqrt(np.maximum(np.diag(fit.inverse)[1:], 0)),
        expert_group=expert_group,
        spread=spread,
    )


@dataclass(frozen=True)
class _Data:
    """The scores, sorted by application and expert so that the order of rows changes nothing, and what every fit needs of them."""

    applications: Ints
    experts: Ints
    row: Ints  # of each score: the position of its application
    column: Ints  # and of its expert
    scores: Floats  # less their mean
    centre: float
    counts: Ints
    sums: Floats
    expert_counts: Ints
    expert_sums: Floats

    @classmethod
    def of(cls, applications: Ints, experts: Ints, scores: Floats) -> "_Data":
        known = ~np.isnan(scores)
        applications, experts, scores = applications[known], experts[known], scores[known]
        order = np.lexsort((experts, applications))
        keys, row = np.unique(applications[order], return_inverse=True)
        people, column = np.unique(experts[order], return_inverse=True)
        centre = float(scores.mean()) if scores.size else 0.0
        return cls._sized(keys, people, row, column, scores[order] - centre, centre)

    @classmethod
    def _sized(cls, keys: Ints, people: Ints, row: Ints, column: Ints, scores: Floats, centre: float) -> "_Data":
        def totals(at: Ints, size: int) -> tuple[Ints, Floats]:
            return np.bincount(at, minlength=size).astype(np.int64), np.bincount(at, weights=scores, minlength=size).astype(np.float64)

        return cls(keys, people, row, column, scores, centre, *totals(row, keys.size), *totals(column, people.size))

    def without(self, column: int) -> "_Data":
        """The same applications and experts, less the scores of one expert."""
        kept = self.column != column
        return self._sized(self.applications, self.experts, self.row[kept], self.column[kept], self.scores[kept], self.centre)

    def crossings(self) -> dict[int, Floats]:
        """By number of scores: the sum of k k' over the applications with so many, where k counts their scores, all and by expert."""
        size = self.experts.size + 1
        starts = np.concatenate(([0], np.cumsum(self.counts)))[:-1]
        found = {}
        for count in np.unique(self.counts[self.counts > 0]):
            at = starts[self.counts == count]
            columns = self.column[at[:, None] + np.arange(count)[None, :]] + 1
            flat = (columns[:, :, None] * size + columns[:, None, :]).ravel()
            matrix = np.bincount(flat, minlength=size * size).reshape(size, size).astype(float)
            matrix[0, 0] = float(at.size * count**2)
            matrix[0, 1:] = matrix[1:, 0] = count * np.bincount(columns.ravel(), minlength=size)[1:]
            found[int(count)] = matrix
        return found


@dataclass(frozen=True)
class _Fit:
    """The posterior for given variances: of the mean and the experts a matrix, of the applications what follows from it."""

    data: _Data
    spread: Spread
    mean: float
    applications: Floats
    experts: Floats
    inverse: Floats  # covariance of mean and experts
    logdet: float  # of the inverse of that
    own: Floats  # variance of each application's effect if mean and experts were known

    def shared(self) -> Floats:
        """How mean + effect of each application hangs on independent normals that all share; `own` is what comes on top."""
        data = self.data
        scale = -self.own / self.spread.residual**2
        loadings = np.zeros((data.applications.size, data.experts.size + 1))
        loadings[:, 0] = 1 + scale * data.counts
        np.add.at(loadings, (data.row, data.column + 1), scale[data.row])
        return np.asarray(loadings @ _root(self.inverse))


def _root(covariance: Floats) -> Floats:
    return np.asarray(np.linalg.cholesky((covariance + covariance.T) / 2 + 1e-13 * np.eye(len(covariance))))


def _fit(data: _Data, spread: Spread, crossings: dict[int, Floats] | None = None) -> _Fit:
    """The mixed-model equations (Henderson) with the applications eliminated."""
    va, vb, ve = (sd**2 for sd in spread)
    own = 1 / (data.counts / ve + 1 / va)
    size = data.experts.size + 1
    matrix = np.zeros((size, size))
    matrix[0, 0] = data.scores.size / ve + NOTHING
    matrix[0, 1:] = matrix[1:, 0] = data.expert_counts / ve
    matrix[np.arange(1, size), np.arange(1, size)] = data.expert_counts / ve + 1 / vb
    for count, crossing in (crossings or data.crossings()).items():
        matrix -= crossing / (count / ve + 1 / va) / ve**2
    shrunk = own * data.sums / ve
    right = np.concatenate(([data.scores.sum()], data.expert_sums)) / ve
    right[0] -= float((shrunk * data.counts).sum()) / ve
    right[1:] -= np.bincount(data.column, weights=shrunk[data.row], minlength=size - 1) / ve
    half = np.linalg.inv(root := np.linalg.cholesky(matrix))
    inverse = half.T @ half
    solved = inverse @ right
    mean, experts = float(solved[0]), solved[1:]
    expected = np.bincount(data.row, weights=experts[data.column], minlength=data.applications.size) + mean * data.counts
    return _Fit(data, spread, mean, own / ve * (data.sums - expected), experts, inverse, 2 * float(np.log(np.diag(root)).sum()), own)


def _estimate(data: _Data, least_sd: float, range_: float) -> Spread:
    """The three standard deviations of greatest restricted likelihood times prior.

    The prior of each is a gamma of shape 2 with its mode at an eighth of the scale: zero at zero, nearly flat where data are many. It splits
    evenly what the design cannot tell apart. The residual is at least `least_sd`; its prior is about what comes on top.
    """
    rate = 8 / range_
    if not data.scores.size:
        return Spread(1 / rate, 1 / rate, sqrt(rate**-2 + least_sd**2))
    crossings = data.crossings()

    def spread_of(logs: Floats) -> Spread:
        a, b, e = (float(value) for value in np.exp(np.clip(logs, -12, 6)))
        return Spread(a, b, sqrt(e**2 + least_sd**2))

    def value(logs: Floats) -> tuple[float, Floats]:
        """Minus the logarithm of the posterior, and its slope by Fisher's identity."""
        spread = spread_of(logs)
        va, vb, ve = (sd**2 for sd in spread)
        fit = _fit(data, spread, crossings)
        residual = data.scores - fit.mean - fit.applications[data.row] - fit.experts[data.column]
        many, few = data.applications.size, data.experts.size
        likelihood = data.scores.size * np.log(ve) + many * np.log(va) + few * np.log(vb) - np.log(fit.own).sum() + fit.logdet
        likelihood += float(data.scores @ residual) / ve
        trace_b = float(np.trace(fit.inverse)) - fit.inverse[0, 0]
        trace_a = float(fit.own.sum())
        for count, crossing in crossings.items():
            trace_a += float((crossing * fit.inverse).sum()) * (1 / (count / ve + 1 / va) / ve) ** 2
        trace_e = ve * (1 + few + many - trace_b / vb - trace_a / va)
        slope = np.array(
            [
                (float(fit.applications @ fit.applications) + trace_a) / va - many,
                (float(fit.experts @ fit.experts) + trace_b) / vb - few,
                ((float(residual @ residual) + trace_e) / ve - data.scores.size) * (ve - least_sd**2) / ve,
            ]
        )
        free = np.exp(logs)
        return 0.5 * likelihood - float((logs - rate * free).sum()), -slope - (1 - rate * free)

    total = max(float(data.scores.std()), 0.05)
    return spread_of(_minimum(value, np.full(3, np.log(total / sqrt(3)))))


def _minimum(value: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Where a smooth function of three variables with a known slope is least (BFGS with a halved step)."""
    here, (height, slope), bend = start, value(start), np.eye(len(start)) * 0.02
    for _ in range(80):
        step = -bend @ slope
        if step @ slope >= 0:
            bend = np.eye(len(start)) * 0.02
            step = -bend @ slope
        step *= min(1.0, 1.5 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-6:
            break
        length = 1.0
        there = here + step
        new_height, new_slope = value(there)
        while new_height > height + 1e-4 * length * float(step @ slope) and length > 1e-8:
            length /= 2
            there = here + length * step
            new_height, new_slope = value(there)
        if length <= 1e-8:
            break
        moved, turned = there - here, new_slope - slope
        along = float(moved @ turned)
        if along > 1e-12:
            keep = np.eye(len(start)) - np.outer(moved, turned) / along
            bend = keep @ bend @ keep.T + np.outer(moved, moved) / along
        here, height, slope = there, new_height, new_slope
    return here


def _normal(values: Floats) -> Floats:
    """The normal distribution function; Abramowitz and Stegun 26.2.17, wrong by less than 0.0000001."""
    size = np.abs(values)
    t = 1 / (1 + 0.2316419 * size)
    tail = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail *= 0.3989422804014327 * np.exp(-0.5 * size * size)
    return np.asarray(np.where(values < 0, tail, 1 - tail))


def _expected_ranks(means: Floats, variances: Floats, shared: Floats) -> Floats:
    """One plus the sum of the chances that each other application is better."""
    if means.size <= EXACT_UP_TO:
        between = np.maximum(variances[:, None] + variances[None, :] - 2 * (shared @ shared.T), 1e-12)
        np.fill_diagonal(between, 1.0)
        chances = _normal((means[None, :] - means[:, None]) / np.sqrt(between))
        return np.asarray(0.5 + chances.sum(axis=1))  # each is as good as itself: one half
    apart = np.maximum(variances - shared @ shared.mean(axis=0), 1e-9)  # without what it has in common with the others on average
    places = np.linspace(means.min(), means.max(), GRID)
    widths = np.unique(np.quantile(apart, (0, 0.35, 0.7, 1)))
    sums = np.empty((widths.size, places.size))
    for at, width in enumerate(widths):
        roots = 1 / np.sqrt(width + apart)
        for begin, place in enumerate(places):
            sums[at, begin] = _normal((means - place) * roots).sum()
    by_width = np.stack([np.interp(means, places, line) for line in sums])
    if widths.size == 1:
        return np.asarray(0.5 + by_width[0])
    upper = np.clip(np.searchsorted(widths, apart), 1, widths.size - 1)
    part = (apart - widths[upper - 1]) / (widths[upper] - widths[upper - 1])
    position = np.arange(means.size)
    return np.asarray(0.5 + by_width[upper - 1, position] * (1 - part) + by_width[upper, position] * part)


def _draw_ranks(data: _Data, fit: _Fit) -> npt.NDArray[np.int32]:
    """The ranks in joint draws from the posterior, each application's sorted; the same data give the same draws."""
    many = data.applications.size
    draws = DRAWS if many < FEW_FROM else FEWER_DRAWS
    source = np.random.default_rng(SEED)
    root = _root(fit.inverse)
    ranks = np.empty((draws, many), dtype=np.int32)
    scale, own_sd = fit.own / fit.spread.residual**2, np.sqrt(fit.own)
    for at in range(draws):
        shift = root @ source.standard_normal(root.shape[0])
        moved = np.bincount(data.row, weights=shift[1:][data.column], minlength=many) + shift[0] * data.counts
        effect = fit.applications - scale * moved + own_sd * source.standard_normal(many)
        ranks[at, np.argsort(-effect)] = np.arange(1, many + 1, dtype=np.int32)
    return np.asarray(np.sort(ranks, axis=0).T, dtype=np.int32)


def _places(values: Floats) -> Ints:
    """1 for the greatest; equal values share the better place."""
    rounded = np.round(values, 9)
    return np.searchsorted(np.sort(-rounded), -rounded, side="left").astype(np.int64) + 1


def _left_out(data: _Data, spread: Spread, fit: _Fit, place: Ints) -> tuple[Ints, Ints]:
    """The best and the worst place of each application over leaving out each expert in turn, the variances as they are.

    An application whose only score is left out has no place then. In a large round the other experts' strictness is held.
    """
    low, high = place.copy(), place.copy()
    if data.applications.size * data.experts.size <= REFIT_UP_TO:
        for column in range(data.experts.size):
            fewer = data.without(column)
            moved = _places(_fit(fewer, spread).applications)
            known = fewer.counts > 0
            low[known], high[known] = np.minimum(low, moved)[known], np.maximum(high, moved)[known]
        return low, high
    va, ve = spread.application**2, spread.residual**2
    counts, sums = data.counts[data.row], data.sums[data.row]
    strictness = np.bincount(data.row, weights=fit.experts[data.column], minlength=data.applications.size)[data.row]
    rest = (sums - data.scores) - (counts - 1) * fit.mean - (strictness - fit.experts[data.column])
    effects = rest / ve / ((counts - 1) / ve + 1 / va)
    line = np.sort(-np.round(fit.applications, 9))
    known = counts > 1
    at = data.row[known]
    moved = np.searchsorted(line, -np.round(effects[known], 9), side="left").astype(np.int64)
    moved += 1 - (moved > place[at] - 1)  # it does not compete with itself
    np.minimum.at(low, at, moved)
    np.maximum.at(high, at, moved)
    return low, high


def _groups(data: _Data) -> tuple[Ints, Ints]:
    """Numbers of the parts of the design that no expert connects; 0 is the part of the first application."""
    group = np.arange(data.applications.size)
    people = np.full(data.experts.size, data.applications.size, dtype=np.int64)
    while group.size:
        np.minimum.at(people, data.column, group[data.row])
        before = group.copy()
        np.minimum.at(group, data.row, people[data.column])
        group = group[group]
        if np.array_equal(before, group):
            break
    names, group = np.unique(group, return_inverse=True)
    return group.astype(np.int64), np.searchsorted(names, people).astype(np.int64)


def _plain(data: _Data) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Mean, median, lowest, highest and standard deviation of the scores of each application, as they were given."""
    many = data.applications.size
    counts = np.maximum(data.counts, 1)
    order = np.lexsort((data.scores, data.row))
    scores = data.scores[order] + data.centre
    starts = (np.concatenate(([0], np.cumsum(data.counts)))[:-1]).astype(np.int64)
    if not many:
        return (np.zeros(0),) * 5
    median = (scores[starts + (counts - 1) // 2] + scores[starts + counts // 2]) / 2
    mean = data.sums / counts
    squares = np.bincount(data.row, weights=(data.scores - mean[data.row]) ** 2, minlength=many)
    return mean + data.centre, median, scores[starts], scores[starts + counts - 1], np.sqrt(squares / np.maximum(counts - 1, 1))
