"""What must hold of every model, whatever the data: invariances, nesting, recovery, honest errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import surveykit as sk
from reference_data import dataset

FACTORS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
ITEMS = [item for items in FACTORS.values() for item in items]
DATA = dataset("hs1939")
ORDERED = dataset("datcat")
STRUCTURE = "\ntextual ~ visual\nspeed ~ textual + visual"
ESTIMATORS = ["ML", "MLR", "MLM", "MLMV", "GLS", "ULS", "WLS"]
# Newton's method leaves about 1e-9 of a standard error; the rest is rounding.
CLOSE = 1e-7


def model(factors: dict[str, list[str]], structure: str = STRUCTURE) -> str:
    return "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in factors.items()) + structure


def measures(fit: Any) -> pd.Series[float]:
    wanted = ["chisq", "df", "cfi", "tli", "rmsea", "srmr", "pvalue"]
    wanted += [f"{name}_scaled" for name in ("chisq", "cfi", "rmsea")]
    found = fit.fit_measures()
    return found[[name for name in wanted if name in found.index]]


def standardized(fit: Any) -> pd.Series[float]:
    """Standardized estimates and errors by name, covariances in one order."""
    frame = fit.standardized_solution()
    pairs = [
        sorted((row.lhs, row.rhs)) if row.op == "~~" else [row.lhs, row.rhs] for row in frame.itertuples()
    ]
    names = [f"{one} {op} {other}" for (one, other), op in zip(pairs, frame["op"], strict=True)]
    return pd.concat([frame[name].set_axis([f"{one} {name}" for one in names]) for name in ("est_std", "se")])


def same(one: pd.Series[float], other: pd.Series[float], tolerance: float = CLOSE) -> None:
    pd.testing.assert_series_equal(
        one.sort_index(), other.sort_index(), rtol=tolerance, atol=tolerance, check_names=False
    )


@settings(max_examples=12, deadline=None)
@given(st.permutations(list(FACTORS)), st.randoms(use_true_random=False), st.sampled_from(ESTIMATORS))
def test_order_does_not_matter(order: list[str], random: Any, estimator: str) -> None:
    rows = list(range(len(DATA)))
    random.shuffle(rows)
    # The first item of each factor stays: it is the marker.
    turned = {name: [FACTORS[name][0], *reversed(FACTORS[name][1:])] for name in order}
    one = sk.sem(model(FACTORS), DATA, estimator=estimator)
    other = sk.sem(model(turned), DATA.iloc[rows], estimator=estimator)
    same(measures(one), measures(other), 1e-6)
    same(standardized(one), standardized(other), 1e-6)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.floats(0.05, 50), min_size=9, max_size=9),
    st.sampled_from([one for one in ESTIMATORS if one != "ULS"]),
)
def test_units_do_not_matter(scales: list[float], estimator: str) -> None:
    # ULS is left out: unweighted, it depends on the units by definition.
    one = sk.sem(model(FACTORS), DATA, estimator=estimator)
    other = sk.sem(model(FACTORS), DATA[ITEMS] * scales, estimator=estimator)
    same(measures(one).drop("srmr"), measures(other).drop("srmr"), 1e-6)
    same(standardized(one), standardized(other), 1e-6)
    mine, theirs = (fit.parameter_estimates() for fit in (one, other))
    loadings = (mine["op"] == "=~") & (mine["se"] > 0)
    first = {name: items[0] for name, items in FACTORS.items()}
    by_item = dict(zip(ITEMS, scales, strict=True))
    factor = [
        by_item[rhs] / by_item[first[lhs]]
        for lhs, rhs in zip(mine["lhs"], mine["rhs"], strict=True)
        if rhs in by_item and lhs in first
    ]
    ratio = (theirs["est"] / mine["est"])[mine["op"] == "=~"].to_numpy()
    assert np.allclose(ratio, factor, rtol=1e-6)
    assert np.allclose((theirs["z"] / mine["z"])[loadings], 1, rtol=1e-5)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("group", [None, "school"])
def test_how_factors_get_their_scale_does_not_matter(estimator: str, group: str | None) -> None:
    fits = [
        sk.cfa(model(FACTORS, ""), DATA, estimator=estimator, group=group, **options)
        for options in ({}, {"std_lv": True}, {"effect_coding": "loadings"})
    ]
    for other in fits[1:]:
        same(measures(fits[0]), measures(other), 1e-6)
        same(standardized(fits[0]), standardized(other), 1e-6)


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(["WLSMV", "ULSMV", "DWLS"]), st.integers(0, 1000))
def test_order_does_not_matter_for_ordered_items(estimator: str, seed: int) -> None:
    items = [f"u{number}" for number in range(1, 6)]
    rows = np.random.default_rng(seed).permutation(len(ORDERED))
    one = sk.cfa("f =~ " + " + ".join(items), ORDERED, ordered=True, estimator=estimator)
    turned = "f =~ " + " + ".join([items[0], *reversed(items[1:])])
    other = sk.cfa(turned, ORDERED.iloc[rows], ordered=True, estimator=estimator)
    same(measures(one), measures(other), 1e-6)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_names_of_groups_do_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    data = DATA.assign(group=random.choice(["a", "b", "c"], len(DATA)))
    one = sk.cfa(model(FACTORS, ""), data, group="group", group_equal="loadings")
    labels = list(one.group_labels)
    other = sk.cfa(model(FACTORS, ""), data, group="group", group_equal="loadings", group_label=labels[::-1])
    same(measures(one), measures(other), 1e-6)
    for label in labels:
        same(one.r_squared()[label], other.r_squared()[label], 1e-6)


@pytest.mark.parametrize("estimator", ["ML", "GLS", "ULS", "WLS"])
def test_restrictions_never_fit_better(estimator: str) -> None:
    equal = [(), ("loadings",), ("loadings", "intercepts"), ("loadings", "intercepts", "residuals")]
    equal.append((*equal[-1], "lv.variances", "lv.covariances", "means"))
    fits = [
        sk.cfa(model(FACTORS, ""), DATA, group="school", estimator=estimator, group_equal=one)
        for one in equal
    ]
    # Of ULS and WLS the minimised function counts, not the residual-based chi-square.
    values = [fit._solution.objective for fit in fits]
    assert values == sorted(values)
    df = [fit._solution.df for fit in fits]
    assert df == sorted(df)
    assert len(set(df)) == len(df)


POPULATION = """
    f =~ 0.8*a + 0.7*b + 0.6*c
    g =~ 0.9*d + 0.7*e + 0.5*h
    g ~ 0.5*f
"""
PATHS = "f =~ a + b + c\ng =~ d + e + h\ng ~ f"


@pytest.mark.parametrize("estimator", ["ML", "MLR", "GLS", "WLS", "ULS"])
def test_simulated_data_recover_the_population(estimator: str) -> None:
    data = sk.simulate_data(POPULATION, 20_000, seed=5)
    fit = sk.sem(PATHS, data, estimator=estimator)
    found = fit.standardized_solution().set_index(["lhs", "op", "rhs"])
    for lhs, op, rhs, value in (("f", "=~", "a", 0.8), ("g", "=~", "h", 0.5), ("g", "~", "f", 0.5)):
        row = found.loc[lhs, op, rhs]
        assert abs(row["est_std"] - value) < 4 * row["se"]  # one in 16,000 fails
    assert fit.fit_measures()["rmsea"] < 0.02
    assert fit.fit_measures()["pvalue"] > 1e-4


def test_standard_errors_are_those_of_the_bootstrap() -> None:
    data = sk.simulate_data(POPULATION, 2000, seed=9)
    plain, drawn = sk.sem(PATHS, data), sk.sem(PATHS, data, bootstrap=800, seed=3)
    one, other = (fit.parameter_estimates().query("se > 0")["se"] for fit in (plain, drawn))
    # A standard deviation of 800 draws has an error of 1 / sqrt(1600), 2.5 per cent: four of them.
    assert np.allclose(other / one, 1, atol=0.1)


def test_robust_errors_of_normal_data_are_the_plain_ones() -> None:
    data = sk.simulate_data(POPULATION, 20_000, seed=2)
    errors = [sk.sem(PATHS, data, estimator=one).parameter_estimates()["se"] for one in ("ML", "MLR", "MLM")]
    for robust in errors[1:]:
        assert np.allclose(robust[robust > 0] / errors[0][robust > 0], 1, atol=0.05)


def test_tests_of_true_models_reject_as_often_as_they_say() -> None:
    random = np.random.default_rng(1)
    pvalues = {name: [] for name in ("ML", "MLM")}  # type: dict[str, list[float]]
    for seed in random.integers(0, 2**31, 60).tolist():
        data = sk.simulate_data(POPULATION, 400, seed=seed)
        for name, found in pvalues.items():
            kind = "pvalue" if name == "ML" else "pvalue_scaled"
            found.append(float(sk.sem(PATHS, data, estimator=name).fit_measures()[kind]))
    for found in pvalues.values():
        # Kolmogorov's distance from the uniform distribution; above 0.25 once in about 900 times (n = 60).
        ordered = np.sort(found)
        assert np.abs(ordered - np.arange(1, 61) / 61).max() < 0.25
