"""Descriptive statistics and correlations against psych and R."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset, matrix
from surveykit.analysis.describe import correlate, describe
from surveykit.errors import SurveykitError

RECORD = case("descriptives")
TOLERANCE = (RECORD["tolerance"]["relative"], RECORD["tolerance"]["absolute"])
BIG_FIVE = [f"{scale}{number}" for scale in "ACENO" for number in range(1, 6)]
BFI = [*BIG_FIVE, "age"]
SCORES = ["education", "age", "ACT", "SATV", "SATQ"]


def check_rows(table: pd.DataFrame, rows: list[dict[str, Any]], key: str) -> None:
    for row in rows:
        for name, value in row.items():
            if name not in (key, "vars"):
                assert close(table.loc[row[key], name], value, *TOLERANCE), (row[key], name)


def test_describe_equals_psych() -> None:
    check_rows(describe(dataset("bfi")[BFI]).table, RECORD["results"]["describe_type3"], "item")


@pytest.mark.parametrize("kind", [1, 2])
def test_skewness_and_kurtosis_of_other_types(kind: int) -> None:
    table = describe(dataset("bfi")[BFI], skew_type=kind).table
    rows = [dict(row) for row in RECORD["results"][f"skew_kurtosis_type{kind}"]]
    if kind == 1:
        # psych multiplies by the number of rows where the number of answers is meant; SciPy does not.
        for row in rows:
            n, missing = table.loc[row["item"], ["n", "missing"]]
            row["kurtosis"] = (row["kurtosis"] + 3) * n / (n + missing) - 3
    check_rows(table, rows, "item")
    if kind == 2:
        assert np.allclose(table["skew"], dataset("bfi")[BFI].skew())


def test_describe_by_group() -> None:
    for gender, part in dataset("sat_act").groupby("gender"):
        rows = RECORD["results"]["by_gender"][str(gender)]
        check_rows(describe(part[["ACT", "SATV", "SATQ"]]).table, rows, "var")


def test_response_frequencies() -> None:
    expected = matrix(RECORD["results"]["response_frequencies"])
    ours = describe(dataset("bfi")[BIG_FIVE]).frequencies
    assert [str(name) for name in ours.columns] == [*list(expected.columns[:-1]), "missing"]
    assert np.allclose(ours, expected, rtol=TOLERANCE[0], atol=TOLERANCE[1])


def test_frequencies_of_the_alpha_record() -> None:
    for scale, letter in {"agree": "A", "neuro": "N"}.items():
        expected = matrix(case("rel-alpha-bfi")["results"]["pairwise"][scale]["response_freq"])
        ours = describe(dataset("bfi_keyed")[[f"{letter}{i}" for i in range(1, 6)]]).frequencies
        assert np.allclose(ours, expected, rtol=TOLERANCE[0], atol=TOLERANCE[1])


def test_floor_and_ceiling_of_a_given_scale() -> None:
    data = pd.DataFrame({"a": [1, 1, 2, 4], "b": [2, 3, 3, 5]})
    assert describe(data, scale=(1, 5)).table["ceiling"].tolist() == [0.0, 0.25]
    assert describe(data, scale=(1, 5)).table["floor"].tolist() == [0.5, 0.0]
    assert describe(data).table["ceiling"].tolist() == [0.25, 0.25]


def test_pearson_equals_corr_test() -> None:
    expected, result = RECORD["results"]["pearson"], correlate(dataset("sat_act")[SCORES])
    assert np.allclose(result.r, matrix(expected["r"]), *TOLERANCE)
    assert np.allclose(result.n, matrix(expected["n"]))
    assert np.allclose(result.t, matrix(expected["t"]), *TOLERANCE, equal_nan=True)
    p = matrix(expected["p_upper_holm_lower_raw"]).to_numpy()
    lower, upper = np.tril_indices(5, -1), np.triu_indices(5, 1)
    assert np.allclose(result.pvalue.to_numpy()[lower], p[lower], rtol=1e-8, atol=1e-60)
    assert np.allclose(result.pvalue_adjusted.to_numpy()[upper], p[upper], rtol=1e-8, atol=1e-60)
    pairs = result.pairs
    assert len(pairs) == len(expected["ci"])
    # psych lists pairs in this order with shortened names.
    for place, row in enumerate(expected["ci"]):
        ours = pairs.iloc[place]
        assert close(ours["r"], row["r"], *TOLERANCE)
        assert close(ours["ci_lower"], row["lower"], *TOLERANCE)
        assert close(ours["ci_upper"], row["upper"], *TOLERANCE)
        assert close(ours["pvalue"], row["p"], 1e-8, 1e-60)


def test_spearman_and_kendall() -> None:
    expected, data = RECORD["results"], dataset("sat_act")[SCORES]
    spearman = correlate(data, method="spearman", adjust="none")
    assert np.allclose(spearman.r, matrix(expected["spearman"]["r"]), *TOLERANCE)
    off = ~np.eye(5, dtype=bool)
    theirs = matrix(expected["spearman"]["p"]).to_numpy()[off]
    assert np.allclose(spearman.pvalue.to_numpy()[off], theirs, rtol=1e-8, atol=1e-60)
    kendall = correlate(data, method="kendall")
    assert np.allclose(kendall.r, matrix(expected["kendall"]), *TOLERANCE)


def test_pairwise_covariances_and_quantiles() -> None:
    from surveykit.estimation.item_moments import item_moments

    data = dataset("bfi")[BIG_FIVE[:5]]
    expected = matrix(RECORD["results"]["covariance_pairwise"])
    assert np.allclose(item_moments(data.to_numpy(float)).cov, expected, *TOLERANCE)
    quantiles = data.quantile([0, 0.25, 0.5, 0.75, 1])
    assert np.allclose(quantiles, matrix(RECORD["results"]["quantiles_type7"]), *TOLERANCE)


def test_notes() -> None:
    assert [one.code for one in correlate(dataset("sat_act")[SCORES]).notes] == ["S050"]
    constant = describe(pd.DataFrame({"a": [1, 2, 3], "b": [2, 2, 2]}))
    assert [one.code for one in constant.notes] == ["S049"]
    assert np.isnan(constant.table.loc["b", "skew"])


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("S001", lambda: describe(pd.DataFrame({"a": [1, 2]})[[]])),
        ("S002", lambda: describe(pd.DataFrame({"a": ["x", "y"]}))),
        ("S005", lambda: describe(pd.DataFrame({"a": [1, 2], "b": [None, None]}))),
        ("O001", lambda: describe(pd.DataFrame({"a": [1, 2]}), skew_type=4)),
        ("S003", lambda: correlate(pd.DataFrame({"a": [1, 2, 3], "b": [2, 1, 3]}))),
        ("S004", lambda: correlate(pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 2, 2]}))),
        ("O001", lambda: correlate(dataset("sat_act")[SCORES], method="phi")),
        ("O001", lambda: correlate(dataset("sat_act")[SCORES], adjust="fdr")),
        ("O002", lambda: correlate(dataset("sat_act")[SCORES], conf_level=95)),
    ],
)
def test_refusals(code: str, call: Any) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code
