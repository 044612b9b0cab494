"""Two samples against R: t.test, wilcox.test, p.adjust, and effect sizes in base R."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_data import case, close, dataset
from surveykit.estimation.two_samples import (
    adjust_pvalues,
    cohen_d,
    hedges_g,
    mann_whitney,
    mean_difference,
)

# Closed forms: the reference has 15 digits, sums of up to 2,800 terms cost a few. The edges of the
# noncentral t come from a root search in R (tolerance .Machine$double.eps^0.25 scaled), hence 1e-6.
TIGHT, ROOT = 1e-8, 1e-6
# Data set -> its name in the results.
FOLDERS = {"sat_act": "sat_act", "bfi_keyed": "bfi"}


def samples(data: str, outcome: str) -> list[np.ndarray]:
    frame = dataset(data)
    if data == "bfi_keyed":
        letter = {"agree": "A", "neuro": "N"}[outcome]
        frame[outcome] = frame[[f"{letter}{number}" for number in range(1, 6)]].mean(axis=1, skipna=False)
    return [
        frame.loc[frame["gender"].astype(str) == label, outcome].dropna().to_numpy(float)
        for label in case("grp-ttest")["results"][FOLDERS[data]][outcome]["groups"]
    ]


def records() -> list[Any]:
    results = case("grp-ttest")["results"]
    return [
        pytest.param(data, outcome, record, id=f"{data}-{outcome}")
        for data, folder in FOLDERS.items()
        for outcome, record in results[folder].items()
    ]


@pytest.mark.parametrize(("data", "outcome", "record"), records())
def test_t_tests_equal_r(data: str, outcome: str, record: dict[str, Any]) -> None:
    x, y = samples(data, outcome)
    for name, options in (
        ("student", {"equal_variances": True}),
        ("welch", {}),
        ("welch_99", {"conf_level": 0.99}),
    ):
        mine, theirs = mean_difference(x, y, **options), record[name]
        values = (mine.t, mine.df, mine.pvalue, mine.ci_lower, mine.ci_upper, mine.se)
        wanted = (theirs["statistic"], theirs["df"], theirs["p"], *theirs["ci"], theirs["se"])
        assert all(close(a, b, TIGHT, 1e-10) for a, b in zip(values, wanted, strict=True)), name


@pytest.mark.parametrize(("data", "outcome", "record"), records())
def test_effect_sizes_equal_r(data: str, outcome: str, record: dict[str, Any]) -> None:
    x, y = samples(data, outcome)
    effect = record["effect"]
    d, g = cohen_d(x, y), hedges_g(x, y)
    assert close(d.estimate, effect["cohen_d"], TIGHT)
    assert close(g.estimate, effect["hedges_g_exact"], TIGHT)
    for mine, theirs in zip(
        (*d[1:], *g[1:]), effect["ci_noncentral_t"] + effect["hedges_g_ci_noncentral"], strict=True
    ):
        assert close(mine, theirs, ROOT, ROOT)


@pytest.mark.parametrize(("data", "outcome", "record"), records())
def test_mann_whitney_equals_wilcox_test(data: str, outcome: str, record: dict[str, Any]) -> None:
    x, y = samples(data, outcome)
    ranks = mann_whitney(x, y)
    assert close(ranks.u, record["wilcoxon"]["statistic"], TIGHT)
    assert close(ranks.pvalue, record["wilcoxon"]["p"], TIGHT)
    assert close(ranks.rank_biserial, record["effect"]["cliff_delta"], TIGHT)


@pytest.mark.parametrize("method", ["holm", "hochberg", "hommel", "fdr", "bonferroni", "BH", "BY", "none"])
@pytest.mark.parametrize(("given_p", "expected"), [("p", "adjusted"), ("p2", "adjusted2")])
def test_adjusted_p_values_equal_r(method: str, given_p: str, expected: str) -> None:
    results = case("grp-padjust")["results"]
    mine = adjust_pvalues(np.array(results[given_p], dtype=float), method)
    assert all(close(a, b, 1e-9, 1e-10) for a, b in zip(mine, results[expected][method], strict=True))


@pytest.mark.parametrize("shift", [1e-3, 1.0, 30.0, 300.0])
def test_the_interval_holds_for_effects_of_any_size(shift: float) -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0])
    d = cohen_d(x + shift, x)
    assert d.ci_lower < d.estimate < d.ci_upper


values = st.lists(st.floats(-100, 100, allow_nan=False).map(lambda v: round(v, 2)), min_size=3, max_size=12)


@given(values, values)
def test_swapping_the_samples_turns_the_sign(first: list[float], second: list[float]) -> None:
    x, y = np.array(first), np.array(second)
    if x.var() + y.var() < 1e-6:
        return
    there, back = mean_difference(x, y), mean_difference(y, x)
    assert there.t == pytest.approx(-back.t)
    assert there.pvalue == pytest.approx(back.pvalue)
    assert mann_whitney(x, y).rank_biserial == pytest.approx(-mann_whitney(y, x).rank_biserial)
    assert -1 <= mann_whitney(x, y).rank_biserial <= 1
