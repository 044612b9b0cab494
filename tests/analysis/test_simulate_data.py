"""Data drawn from a population model have its moments."""

import numpy as np
import pytest

from surveykit.analysis.simulate_data import population, simulate_data
from surveykit.errors import SurveykitError

CHAIN = """
trust =~ 0.8*t1 + 0.7*t2 + 0.6*t3
mutuality =~ 0.7*m1 + 0.7*m2
mutuality ~ c(0.5, 0.6)*trust
trust ~ c(0, -0.3)*1
"""


def test_unstated_variances_make_every_variable_unit_and_paths_are_correlations() -> None:
    both = population(CHAIN, 2)
    for cov, path in zip(both.cov, (0.5, 0.6), strict=True):
        assert np.allclose(np.diag(cov), 1)
        index = both.names.index
        assert cov[index("t1"), index("t2")] == pytest.approx(0.56)
        assert cov[index("t1"), index("m1")] == pytest.approx(0.8 * path * 0.7)
    assert both.mean[1][both.names.index("t1")] == pytest.approx(-0.3 * 0.8)
    assert both.mean[1][both.names.index("m1")] == pytest.approx(-0.3 * 0.6 * 0.7)


def test_the_draws_have_the_moments_of_the_model() -> None:
    # 200,000 draws: a correlation's standard error is below 0.0023; five of them as tolerance.
    data = simulate_data(CHAIN, [200_000, 3], seed=7, group_labels=("JP", "KR"))
    sample = data[data["group"] == "JP"].drop(columns="group")
    assert np.allclose(np.cov(sample.T), population(CHAIN, 2).cov[0], atol=0.012)


def test_the_seed_decides() -> None:
    first, again, other = (simulate_data("f =~ 0.8*a + 0.7*b", 5, seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("f =~ 0.8*a + b", "M120"),
        ("f =~ 0.8*a + 0.7*b\nb ~ x", "M120"),
        ("f =~ 1.2*a + 0.7*b", "M121"),
        ("f =~ 0.8*a\ng =~ 0.8*b\nf ~ 1.4*g", "M121"),
    ],
)
def test_an_impossible_or_unfinished_population_is_refused(model: str, code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        simulate_data(model, 10, seed=1)
