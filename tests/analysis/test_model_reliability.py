"""Composite reliability, AVE, Fornell-Larcker and HTMT against semTools."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset, matrix
from surveykit.analysis.model_reliability import ave, composite_reliability
from surveykit.analysis.sem import cfa, sem
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.validity import convergent_validity, fornell_larcker, htmt
from surveykit.errors import SurveykitError

RECORD, ORDINAL = case("rel-semtools-hs"), case("rel-ordinal")
MODELS = RECORD["results"]["models"]
TOLERANCE = (RECORD["tolerance"]["relative"], RECORD["tolerance"]["absolute"])
LOOSE = (ORDINAL["tolerance"]["relative"], ORDINAL["tolerance"]["absolute"])
ITEMS = [f"u{number}" for number in range(1, 9)]
ROWS = {
    "alpha": "alpha",
    "alpha.ord": "alpha_ordinal",
    "omega": "omega",
    "omega2": "omega2",
    "omega3": "omega3",
}


@cache
def fitted(name: str) -> SemFit:
    hs = dataset("hs1939")
    if name == "hs":
        return cfa(MODELS["hs"], hs)
    if name == "hs_2group_scalar":
        return cfa(MODELS["hs"], hs, group="school", group_equal=("loadings", "intercepts"))
    if name == "hs_fiml":
        return cfa(MODELS["hs_fiml"], dataset("hs1939_missing"), missing="ml")
    if name == "higher":
        return cfa(MODELS["higher"], hs)
    if name == "ordinal":
        return cfa(ORDINAL["results"]["model"], dataset("datcat"), ordered=ITEMS, estimator="WLSMV")
    if name == "ordinal_groups":
        equal = ("thresholds", "loadings")
        data = dataset("datcat")
        return cfa(
            ORDINAL["results"]["model"], data, ordered=ITEMS, estimator="WLSMV", group="g", group_equal=equal
        )
    return sem(MODELS["poldem"], dataset("political_democracy"))


def by_group(record: dict[str, Any], fit: SemFit) -> dict[str, pd.DataFrame]:
    """semTools::reliability as label -> table."""
    if fit.group_labels:
        return {label: matrix(record[label]) for label in fit.group_labels}
    return {"": matrix(record)}


def value_of(record: Any, label: str, factor: str) -> float:
    """compRelSEM and AVE: one value a factor, or a row a group."""
    if isinstance(record, list):
        return float(next(row[factor] for row in record if row["group"] == label))
    return float(record[factor])


CASES = ["hs", "hs_2group_scalar", "poldem_correlated_residuals", "hs_fiml"]


@pytest.mark.parametrize("name", CASES)
class TestContinuous:
    def test_reliability(self, name: str) -> None:
        fit, record = fitted(name), RECORD["results"][name]
        table = composite_reliability(fit).table.set_index(["group", "factor"])
        for label, expected in by_group(record["reliability"], fit).items():
            assert list(expected.columns) == list(table.loc[label].index)
            for factor in expected:
                for theirs, ours in ROWS.items():
                    if theirs in expected.index:
                        assert close(
                            table.loc[(label, factor), ours], expected.loc[theirs, factor], *TOLERANCE
                        )

    def test_comp_rel_sem(self, name: str) -> None:
        fit, record = fitted(name), RECORD["results"][name]
        observed = composite_reliability(fit, total=True).table
        implied = composite_reliability(fit, observed_variance=False).table
        for table, key in ((observed, "compRelSEM_omega"), (implied, "compRelSEM_implied")):
            for _, row in table[table["factor"] != "total"].iterrows():
                expected = value_of(record[key], row["group"], row["factor"])
                assert close(row["composite_reliability"], expected, *TOLERANCE), key
                assert close(
                    row["alpha"],
                    value_of(record["compRelSEM_alpha"], row["group"], row["factor"]),
                    *TOLERANCE,
                )
        for _, row in observed[observed["factor"] == "total"].iterrows():
            expected = value_of(record["compRelSEM_total"], row["group"], "total")
            assert close(row["composite_reliability"], expected, *TOLERANCE)

    def test_ave(self, name: str) -> None:
        fit, record = fitted(name), RECORD["results"][name]
        for result, key in ((ave(fit), "AVE"), (ave(fit, observed_variance=False), "AVE_implied")):
            for _, row in result.table.iterrows():
                assert close(row["ave"], value_of(record[key], row["group"], row["factor"]), *TOLERANCE), key
                assert close(row["sqrt_ave"] ** 2, row["ave"], 1e-12, 1e-12)
        for label, expected in by_group(record["reliability"], fit).items():
            implied = ave(fit, observed_variance=False).table.set_index(["group", "factor"])["ave"]
            for factor in expected:
                assert close(implied[(label, factor)], expected.loc["avevar", factor], *TOLERANCE)


def test_a_second_order_factor() -> None:
    expected = matrix(RECORD["results"]["higher_order_L2"])["1"]
    result = composite_reliability(fitted("higher"), higher=["g"])
    row = result.table.set_index("factor").loc["g"]
    assert close(row["composite_reliability"], expected["omegaL1"], *TOLERANCE)
    assert close(row["omega_l2"], expected["omegaL2"], *TOLERANCE)
    assert close(row["partial_omega_l1"], expected["partialOmegaL1"], *TOLERANCE)


@pytest.mark.parametrize("name", ["ordinal", "ordinal_groups"])
def test_ordered_items(name: str) -> None:
    fit = fitted(name)
    record = ORDINAL["results"] if name == "ordinal" else ORDINAL["results"]["two_group"]
    table = composite_reliability(fit).table.set_index(["group", "factor"])
    implied = ave(fit, observed_variance=False).table.set_index(["group", "factor"])["ave"]
    for label, expected in by_group(record["reliability"], fit).items():
        for factor in expected:
            for theirs, ours in ROWS.items():
                assert close(table.loc[(label, factor), ours], expected.loc[theirs, factor], *LOOSE), theirs
            assert close(implied[(label, factor)], expected.loc["avevar", factor], *LOOSE)
    key = "compRelSEM_ordscale" if name == "ordinal" else "compRelSEM"
    for label, factor in table.index:
        expected_value = value_of(record[key], label, factor)
        assert close(table.loc[(label, factor), "composite_reliability"], expected_value, *LOOSE)


def test_ordinal_details() -> None:
    record, fit = ORDINAL["results"], fitted("ordinal")
    latent = composite_reliability(fit, ordinal_scale=False)
    table = composite_reliability(fit).table.set_index("factor")
    for factor in ("f1", "f2"):
        assert close(latent[factor], record["compRelSEM_latentscale"][factor], *LOOSE)
        assert close(table.loc[factor, "alpha"], record["compRelSEM_alpha_ordscale"][factor], *LOOSE)
        assert close(table.loc[factor, "alpha_ordinal"], record["compRelSEM_alpha_latent"][factor], *LOOSE)
        assert close(table.loc[factor, "alpha_ordinal"], record["ordinal_alpha"][factor], *LOOSE)
        assert close(ave(fit)[factor], record["AVE"][factor], *LOOSE)


def test_fornell_larcker() -> None:
    expected = RECORD["results"]["fornell_larcker"]
    result = fornell_larcker(fitted("hs"))
    table = result.table.set_index("factor")
    correlations = matrix(expected["cor_lv"])
    for place, factor in enumerate(correlations.columns):
        assert close(table.loc[factor, factor], expected["sqrt_ave"][factor], *TOLERANCE)
        for other in correlations.columns[:place]:
            assert close(table.loc[factor, other], correlations.loc[factor, other], *TOLERANCE)
    assert result.passes["passes"].all()


@pytest.mark.parametrize(
    ("key", "data", "options"),
    [
        ("htmt_arithmetic", "hs1939", {"htmt2": False}),
        ("htmt2_geometric", "hs1939", {"htmt2": True}),
        ("htmt_no_abs", "hs1939", {"absolute": False}),
        ("htmt_fiml", "hs1939_missing", {"missing": "ml"}),
    ],
)
def test_htmt(key: str, data: str, options: dict[str, Any]) -> None:
    result = htmt(dataset(data), MODELS["hs"], **options)
    # FIML moments in lavaan stop at 1e-10 of the log-likelihood.
    assert np.allclose(result.htmt, matrix(RECORD["results"][key]), rtol=1e-6, atol=1e-7)


# x <- data.frame(a=..., b=..., c=..., d=...) as below; m <- "x =~ a + b\ny =~ c + d"
# semTools::htmt(m, x, missing="pairwise", htmt2=FALSE)[2, 1]; htmt2=TRUE; missing="listwise", htmt2=FALSE
@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({"missing": "pairwise"}, 0.849277754332),
        ({"missing": "pairwise", "htmt2": True}, 0.837344525111),
        ({"missing": "listwise"}, 0.757022622751),
    ],
)
def test_htmt_with_gaps(options: dict[str, Any], value: float) -> None:
    x = pd.DataFrame(
        {
            "a": [1, 2, 3, 4, 5, 2, 4, None, 3, 5],
            "b": [2, 2, 3, 5, None, 1, 4, 4, 2, 5],
            "c": [3, 1, 2, 4, 4, None, 5, 3, 3, 4],
            "d": [2, 1, None, 4, 5, 2, 4, 3, 4, 3],
        }
    )
    found = htmt(x, "x =~ a + b; y =~ c + d", **options)
    assert found.htmt.loc["y", "x"] == pytest.approx(value, abs=1e-11)


def test_htmt2_does_not_exist_where_a_correlation_is_zero() -> None:
    # a and c are uncorrelated: semTools multiplies by the zero and prints 0, or what rounding leaves of it.
    x = pd.DataFrame({"a": [1, 1, 2, 2], "b": [1, 2, 2, 4], "c": [1, 2, 1, 2], "d": [1, 3, 2, 3]})
    geometric, arithmetic = (htmt(x, "x =~ a + b; y =~ c + d", kind) for kind in (True, False))
    assert np.isnan(geometric.htmt.loc["y", "x"])
    assert [one.code for one in geometric.notes] == ["S105"]
    assert arithmetic.htmt.loc["y", "x"] > 0
    assert not arithmetic.notes


def test_htmt_of_ordered_items() -> None:
    result = htmt(dataset("datcat"), ORDINAL["results"]["model"], ordered=True)
    assert np.allclose(result.htmt, matrix(ORDINAL["results"]["htmt"]), rtol=1e-6, atol=1e-7)


def test_htmt_bootstrap() -> None:
    first, again = (htmt(dataset("hs1939"), MODELS["hs"], bootstrap=500, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first.pairs, again.pairs)
    pairs = first.pairs
    assert ((pairs["ci_lower"] < pairs["htmt"]) & (pairs["htmt"] < pairs["ci_upper"])).all()
    values = dataset("hs1939")[[f"x{number}" for number in range(1, 10)]].to_numpy()
    rng = np.random.default_rng(9)
    slow = [htmt_of(values[rng.integers(0, 301, 301)]) for _ in range(500)]
    # Two Monte Carlo quantiles of 500 draws each: their standard error is about .01.
    assert abs(np.quantile(slow, 0.975) - pairs["ci_upper"].iloc[0]) < 0.05


def htmt_of(values: Any) -> float:
    columns = [f"x{number}" for number in range(1, 10)]
    return float(htmt(pd.DataFrame(values, columns=columns), MODELS["hs"]).htmt.iloc[1, 0])


def test_a_factor_with_one_item_has_no_htmt() -> None:
    result = htmt(dataset("hs1939"), "visual =~ x1 + x2; single =~ x9")
    assert np.isnan(result.htmt.loc["single", "visual"])
    assert [one.code for one in result.notes] == ["S036"]


def test_convergent_validity() -> None:
    fit = fitted("hs_2group_scalar")
    result = convergent_validity(fit)
    assert len(result.table) == 18
    assert set(result.table["group"]) == {"Pasteur", "Grant-White"}
    standardized = fit.standardized_solution()
    loadings = standardized[standardized["op"] == "=~"]["est_std"].to_numpy()
    assert np.allclose(result.table["loading"], loadings)
    assert np.allclose(result.table["item_reliability"], loadings**2)
    assert (result.low["loading"].abs() < 0.5).all()


def test_cross_loadings_have_no_ave() -> None:
    fit = cfa(
        "visual =~ x1 + x2 + x3 + x9; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9", dataset("hs1939")
    )
    result = ave(fit)
    assert np.isnan(result["visual"])
    assert result["textual"] > 0.7
    assert [one.code for one in result.notes] == ["S058"]
    assert [one.code for one in composite_reliability(fit).notes] == ["S058"]


def test_ordered_and_numeric_items_together_have_no_composite() -> None:
    data = dataset("datcat")
    data["x"] = data["u1"] + np.random.default_rng(1).normal(size=len(data))
    fit = cfa("f1 =~ x + u2 + u3 + u4; f2 =~ u5 + u6 + u7 + u8", data, ordered=ITEMS[1:])
    result = composite_reliability(fit)
    assert np.isnan(result["f1"])
    assert result["f2"] > 0.7
    assert "S059" in [one.code for one in result.notes]


def test_the_general_factor_of_a_bifactor_model_is_omega_hierarchical() -> None:
    from reference_data import fit_record

    record = fit_record("bifactor-bfi", "orthogonal")
    fit = cfa(record["model"], dataset("bfi_keyed"), orthogonal=True)
    general = next(
        name
        for name, size in composite_reliability(fit).table.set_index("factor")["n_items"].items()
        if size > 5
    )
    loadings = fit.parameter_estimates().query("op == '=~' and lhs == @general")["est"]
    variance = (
        fit.parameter_estimates().query("op == '~~' and lhs == @general and rhs == @general")["est"].iloc[0]
    )
    total = fit.sample_moments()["cov"].loc[loadings.index.map(fit.parameter_estimates()["rhs"]), :]
    items = list(total.index)
    expected = loadings.sum() ** 2 * variance / fit.sample_moments()["cov"].loc[items, items].to_numpy().sum()
    assert close(composite_reliability(fit)[str(general)], expected, 1e-10, 1e-10)


def test_values_by_factor() -> None:
    result = composite_reliability(fitted("hs_2group_scalar"))
    assert list(result["visual"].index) == ["Pasteur", "Grant-White"]  # type: ignore[union-attr]
    with pytest.raises(SurveykitError, match="O001"):
        result["vision"]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("S054", lambda: composite_reliability("f =~ a + b")),  # type: ignore[arg-type]
        ("S056", lambda: ave(sem("x1 ~ x2 + x3", dataset("hs1939")))),
        ("S057", lambda: composite_reliability(fitted("hs"), higher=["visual"])),
        ("S029", lambda: htmt(dataset("hs1939"), "f =~ x1 + x2; g =~ x3 + y9")),
        ("S056", lambda: htmt(dataset("hs1939"), "f =~ x1 + x2 + x3")),
        ("S040", lambda: htmt(dataset("datcat"), ORDINAL["results"]["model"], ordered=True, bootstrap=10)),
        ("S028", lambda: htmt(dataset("hs1939"), MODELS["hs"], bootstrap=-1)),
        ("O001", lambda: htmt(dataset("hs1939"), MODELS["hs"], missing="mean")),
    ],
)
def test_refusals(code: str, call: Any) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code


def test_a_model_that_did_not_converge_is_refused() -> None:
    from dataclasses import replace

    with pytest.raises(SurveykitError, match="S055"):
        composite_reliability(replace(fitted("hs"), converged=False))
