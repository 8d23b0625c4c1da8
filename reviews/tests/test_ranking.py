"""The ranking: against a brute-force posterior, on simulated scores whose truth is known, and where data are few."""

import numpy as np
import numpy.typing as npt
import pytest

from reviews import ranking
from reviews.ranking import Ranking, Spread, TooManyExperts, rank, rounding_sd, weighted
from reviews.simulation import Scored, simulate, study


def dense_posterior(scored: Scored, spread: Spread) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean and covariance of (applications' levels, experts) by the full covariance matrix of the scores; the mean of all is nearly free."""
    apps, app = np.unique(scored.applications, return_inverse=True)
    people, person = np.unique(scored.experts, return_inverse=True)
    many, few, free = apps.size, people.size, 1e4
    prior = np.zeros((many + few, many + few))
    prior[:many, :many] = free + np.eye(many) * spread.application**2
    prior[many:, many:] = np.eye(few) * spread.expert**2
    design = np.zeros((scored.scores.size, many + few))
    design[np.arange(scored.scores.size), app] = 1
    design[np.arange(scored.scores.size), many + person] = 1
    gain = prior @ design.T @ np.linalg.inv(design @ prior @ design.T + np.eye(scored.scores.size) * spread.residual**2)
    means = gain @ (scored.scores - 3)
    means[:many] += 3
    return means, prior - gain @ design @ prior


def ranked(scored: Scored) -> Ranking:
    return rank(scored.applications, scored.experts, scored.scores, least_sd=rounding_sd([1, 1, 1]))


@pytest.mark.parametrize("seed", range(4))
def test_means_and_strictness_agree_with_a_brute_force_posterior(seed: int) -> None:
    scored = simulate(12, 5, 3, seed=seed)
    found = ranked(scored)
    means, covariance = dense_posterior(scored, found.spread)
    assert np.allclose(found.adjusted, means[:12], atol=1e-3)
    assert np.allclose(found.adjusted_sd**2, np.diag(covariance)[:12], rtol=0.01)
    assert np.allclose(found.strictness, -means[12:], atol=1e-3)
    assert np.allclose(found.strictness_sd**2, np.diag(covariance)[12:], rtol=0.01)


def test_expected_ranks_and_intervals_agree_with_a_million_draws_from_the_brute_force_posterior() -> None:
    scored = simulate(10, 4, 3, seed=3)
    found = ranked(scored)
    means, covariance = dense_posterior(scored, found.spread)
    between = np.eye(10) - 0.1  # ranks do not depend on the common level, which is nearly free
    draws = np.random.default_rng(1).multivariate_normal(between @ means[:10], between @ covariance[:10, :10] @ between, size=100_000)
    ranks = (-draws).argsort(axis=1).argsort(axis=1) + 1
    assert np.allclose(found.expected_rank, ranks.mean(axis=0), atol=0.03)
    low, high = found.interval()
    assert np.abs(low - np.quantile(ranks, 0.05, axis=0)).max() <= 1
    assert np.abs(high - np.quantile(ranks, 0.95, axis=0)).max() <= 1
    assert np.allclose(found.above(3), (ranks <= 3).mean(axis=0), atol=0.05)


def restricted(scored: Scored, spread: Spread, least_sd: float) -> float:
    """The logarithm of restricted likelihood and prior by the full covariance matrix, without anything they have in common."""
    one = np.ones((scored.scores.size, 1))
    same_app = scored.applications[:, None] == scored.applications[None, :]
    same_expert = scored.experts[:, None] == scored.experts[None, :]
    covariance = same_app * spread.application**2 + same_expert * spread.expert**2 + np.eye(scored.scores.size) * spread.residual**2
    inverse = np.linalg.inv(covariance)
    weight = (one.T @ inverse @ one).item()
    away = scored.scores - (one.T @ inverse @ scored.scores).item() / weight
    likelihood = -0.5 * (np.linalg.slogdet(covariance)[1] + np.log(weight) + away @ inverse @ away)
    free = (spread.application, spread.expert, float(np.sqrt(max(spread.residual**2 - least_sd**2, 1e-12))))
    return float(likelihood + sum(np.log(sd) - 2 * sd for sd in free))


@pytest.mark.parametrize("seed", range(3))
def test_no_other_variances_are_more_plausible_than_the_estimated_ones(seed: int) -> None:
    scored = simulate(15, 6, 3, seed=10 + seed)
    least = rounding_sd([1, 1, 1])
    best = ranked(scored).spread
    height = restricted(scored, best, least)
    for at in range(3):
        for factor in (0.8, 0.95, 1.05, 1.25):
            other = list(best)
            other[at] *= factor
            assert restricted(scored, Spread(*other), least) < height + 1e-6


def test_known_strictness_is_recovered_over_many_simulated_rounds() -> None:
    found = study(applications=60, experts=15, reviews=3, rounds=40)
    assert found.strictness_correlation > 0.85
    assert abs(found.strictness_slope - 1) < 0.12
    assert 0.84 < found.strictness_coverage < 0.95  # of intervals that say 90 %
    assert 0.84 < found.rank_coverage < 0.96
    assert found.adjusted_correlation > found.mean_correlation + 0.02


def test_without_strictness_in_truth_little_is_found_and_little_is_lost() -> None:
    found = study(applications=60, experts=15, reviews=3, rounds=20, expert_sd=0.0)
    assert found.mean_strictness_size < 0.12
    assert found.adjusted_correlation > found.mean_correlation - 0.01


def test_a_shift_of_all_scores_moves_the_means_and_nothing_else() -> None:
    scored = simulate(20, 6, 3, seed=5)
    one, two = ranked(scored), ranked(scored._replace(scores=scored.scores + 7))
    assert np.allclose(one.adjusted + 7, two.adjusted)
    assert np.allclose(one.expected_rank, two.expected_rank)
    assert np.allclose(one.strictness, two.strictness)


def test_the_order_of_rows_changes_nothing_at_all() -> None:
    scored = simulate(20, 6, 3, seed=6)
    order = np.random.default_rng(1).permutation(scored.scores.size)
    one = ranked(scored)
    two = ranked(Scored(scored.applications[order], scored.experts[order], scored.scores[order], scored.quality, scored.strictness))
    for name in ("expected_rank", "adjusted", "strictness", "left_out_low"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    assert np.array_equal(one.draws, two.draws)


def test_expected_ranks_add_up_and_a_better_application_stands_higher() -> None:
    found = ranked(simulate(30, 8, 3, seed=7))
    assert found.expected_rank.sum() == pytest.approx(30 * 31 / 2)
    assert found.above(30).min() == 1
    assert found.above(5).sum() == pytest.approx(5)
    best = int(found.adjusted.argmax())
    assert found.expected_rank[best] < np.median(found.expected_rank)


def test_equal_applications_are_tied() -> None:
    found = rank([1, 1, 2, 2, 3, 3], [7, 8, 7, 8, 7, 8], [4, 3, 4, 3, 2, 1])
    assert found.expected_rank[0] == pytest.approx(found.expected_rank[1])
    assert list(found.place) == [1, 1, 3]


def test_one_score_for_each_application_ranks_by_little_and_says_so() -> None:
    found = rank([1, 2, 3, 4], [7, 8, 9, 10], [5, 4, 3, 1])
    assert list(np.argsort(found.expected_rank)) == [0, 1, 2, 3]
    low, high = found.interval()
    assert (high - low >= 2).all()
    assert found.groups == 4
    assert (found.sd == 0).all()


def test_one_expert_who_judges_everything_has_no_strictness_that_could_be_known() -> None:
    found = rank([1, 2, 3, 4], [7, 7, 7, 7], [5, 4, 3, 1])
    low, high = found.strictness_interval()
    assert low[0] < 0 < high[0]
    assert found.groups == 1


def test_scores_without_spread_leave_everybody_in_the_middle() -> None:
    found = rank([1, 1, 2, 2, 3], [7, 8, 7, 8, 8], [3, 3, 3, 3, 3])
    assert not found.has_spread
    assert np.allclose(found.expected_rank, 2)
    assert np.allclose(found.strictness, 0)


@pytest.mark.parametrize(("applications", "experts", "scores"), [([], [], []), ([1], [7], [3.0]), ([1, 1], [7, 8], [2.0, 5.0])])
def test_next_to_nothing_is_ranked_without_an_error(applications: list[int], experts: list[int], scores: list[float]) -> None:
    found = rank(applications, experts, scores)
    assert found.expected_rank.tolist() == pytest.approx([1.0] * len(set(applications)))
    assert np.isfinite(found.strictness).all()


def test_parts_that_no_expert_connects_are_told_apart() -> None:
    found = rank([1, 1, 2, 2, 3, 3], [7, 8, 7, 8, 9, 10], [4, 5, 3, 4, 2, 1])
    assert found.groups == 2
    assert found.group.tolist() == [0, 0, 1]
    assert found.expert_group.tolist() == [0, 0, 1, 1]


def test_leaving_out_an_expert_is_a_ranking_without_that_expert() -> None:
    scored = simulate(9, 4, 3, seed=8)
    found = ranked(scored)
    places = []
    for expert in found.experts:
        kept = scored.experts != expert
        fewer = Scored(scored.applications[kept], scored.experts[kept], scored.scores[kept], scored.quality, scored.strictness)
        means = dense_posterior(fewer, found.spread)[0][:9]
        places.append((-np.round(means, 5)).argsort().argsort() + 1)
    assert np.abs(np.minimum(found.place, np.min(places, axis=0)) - found.left_out_low).max() == 0
    assert np.abs(np.maximum(found.place, np.max(places, axis=0)) - found.left_out_high).max() == 0


def test_the_short_way_of_leaving_out_comes_near_the_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    scored = simulate(200, 40, 3, seed=9)
    long = ranked(scored)
    monkeypatch.setattr(ranking, "REFIT_UP_TO", 0)
    short = ranked(scored)
    assert np.abs(long.left_out_high - short.left_out_high).mean() < 8
    assert np.abs(long.left_out_low - short.left_out_low).mean() < 8


def test_the_short_way_to_expected_ranks_comes_near_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    scored = simulate(400, 60, 3, seed=10)
    exact = ranked(scored)
    monkeypatch.setattr(ranking, "EXACT_UP_TO", 0)
    short = ranked(scored)
    assert np.abs(exact.expected_rank - short.expected_rank).max() < 2  # of 400


def test_the_chance_of_a_normal_is_right_to_seven_digits() -> None:
    found = ranking._normal(np.array([-8.0, -1.959963985, 0.0, 1.0, 8.0]))
    assert np.allclose(found, [0, 0.025, 0.5, 0.8413447461, 1], atol=2e-7)


def test_a_criterion_without_weight_and_one_without_score_count_for_nothing() -> None:
    scores = np.array([[5, 1, 3], [np.nan, 2, 4], [np.nan, np.nan, np.nan]])
    assert np.allclose(weighted(scores, [1, 0, 3])[:2], [3.5, 4.0])
    assert np.isnan(weighted(scores, [1, 0, 3])[2])
    assert np.isnan(weighted(scores, [0, 0, 0])).all()


def test_a_score_that_is_not_there_is_left_out() -> None:
    found = rank([1, 1, 2], [7, 8, 7], [3.0, float("nan"), 4.0])
    assert found.count.tolist() == [1, 1]
    assert found.experts.tolist() == [7]


def test_more_experts_than_the_matrix_can_hold_are_refused() -> None:
    many = ranking.MOST_EXPERTS + 1
    with pytest.raises(TooManyExperts):
        rank([1] * many, list(range(many)), [3.0] * many)
