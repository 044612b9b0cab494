"""Covariances with gaps, squared multiple correlations, and the bootstrap of alpha."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveykit.estimation.item_moments import (
    FloatArray,
    correlation,
    item_moments,
    pairwise_correlation,
    squared_multiple_correlations,
)
from surveykit.estimation.reliability import alpha_of
from surveykit.estimation.reliability_bootstrap import bootstrap_alpha, percentile_interval


def gappy(seed: int, n: int = 60, k: int = 4) -> FloatArray:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, k)) @ rng.normal(size=(k, k)) + 5
    values[rng.random((n, k)) < 0.2] = np.nan
    return values


@given(st.integers(0, 1000))
def test_pairwise_moments_are_those_of_pandas(seed: int) -> None:
    values = gappy(seed)
    frame = pd.DataFrame(values)
    moments = item_moments(values)
    assert np.allclose(moments.cov, frame.cov(), rtol=1e-9)
    assert np.allclose(moments.mean, frame.mean())
    assert np.allclose(moments.sd, frame.std())
    assert moments.counts.tolist() == frame.count().tolist()
    assert np.allclose(pairwise_correlation(values), frame.corr(), rtol=1e-8)


def test_squared_multiple_correlations_are_regressions() -> None:
    x = np.random.default_rng(1).normal(size=(100, 4)) @ np.random.default_rng(2).normal(size=(4, 4))
    expected = []
    for i in range(4):
        design = np.column_stack([np.ones(100), np.delete(x, i, axis=1)])
        residual = x[:, i] - design @ np.linalg.lstsq(design, x[:, i], rcond=None)[0]
        expected.append(1 - residual.var() / x[:, i].var())
    assert np.allclose(squared_multiple_correlations(np.corrcoef(x.T)), expected, rtol=1e-9)


def test_a_copied_item_is_predicted_completely() -> None:
    x = np.random.default_rng(1).normal(size=(50, 3))
    R = correlation(np.cov(np.column_stack([x, x[:, 0]]).T))
    smc = squared_multiple_correlations(R)
    assert ((smc >= 0) & (smc <= 1)).all()


def test_bootstrap_draws_are_alphas_of_resamples() -> None:
    values = np.random.default_rng(1).normal(size=(30, 5)) + np.random.default_rng(2).normal(size=(30, 1))
    draws = bootstrap_alpha(values, 4000, seed=3)
    rng = np.random.default_rng(4)
    slow = [float(alpha_of(np.cov(values[rng.integers(0, 30, 30)].T))) for _ in range(4000)]
    # Means of 4,000 draws each with a standard deviation of about .05: standard error .001.
    assert abs(draws.mean() - np.mean(slow)) < 0.005
    assert abs(draws.std() - np.std(slow)) < 0.005
    lower, upper = percentile_interval(draws, 0.9)
    assert lower == pytest.approx(np.quantile(draws, 0.05))
    assert upper == pytest.approx(np.quantile(draws, 0.95))
