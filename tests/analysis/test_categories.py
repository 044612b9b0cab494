"""Tables of counts against R's chisq.test, fisher.test, prop.test, mcnemar.test."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset
from surveykit.analysis.categories import compare_categories, compare_paired_categories
from surveykit.errors import SurveykitError
from surveykit.estimation.contingency import fisher

WANTED = case("grp-crosstab")["results"]
TIGHT = 1e-9
# The record's own allowance for the conditional odds ratio: R stops its root search at 1e-4.
ROOT = 1e-4


def long(table: list[list[int]]) -> pd.DataFrame:
    cells = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return pd.DataFrame(cells, columns=["g", "y"])


def bfi() -> pd.DataFrame:
    frame = dataset("bfi")
    frame["high"] = (frame["education"] >= 4).where(frame["education"].notna())
    return frame


def test_a_two_by_five_table_equals_r() -> None:
    result, wanted = compare_categories(bfi(), "education", "gender"), WANTED["gender_by_education"]
    assert result.table.to_numpy().tolist() == wanted["table"]
    chisq = wanted["chisq"]
    pairs = [(result.chisq, chisq["statistic"]), (result.df, chisq["df"]), (result.pvalue, chisq["p"])]
    pairs += [
        (result.cramers_v, wanted["cramers_v"]),
        (result.g, wanted["G"]),
        (result.g_pvalue, wanted["G_p"]),
    ]
    assert all(close(a, b, TIGHT) for a, b in pairs)
    keys = {"expected": "expected", "residual": "residuals", "standardized": "stdres"}
    for name, key in keys.items():
        assert np.allclose(result.frame[name], np.ravel(wanted[key]), TIGHT, 1e-9)
    # Too many tables to count: drawn at random, three standard errors of 9,999 draws around R's p.
    assert [note.code for note in result.notes] == ["G019"]
    assert result.fisher_pvalue < 0.002


def test_a_two_by_two_table_equals_r() -> None:
    result, wanted = compare_categories(bfi(), "high", "gender"), WANTED["two_by_two"]
    assert result.table.to_numpy().tolist() == wanted["table"]
    for statistic, p, key in (
        ("chisq", "pvalue", "chisq"),
        ("chisq_yates", "pvalue_yates", "chisq_yates"),
        ("chisq", "pvalue", "prop_test_no_correction"),
        ("chisq_yates", "pvalue_yates", "prop_test"),
    ):
        assert close(getattr(result, statistic), wanted[key]["statistic"], TIGHT)
        assert close(getattr(result, p), wanted[key]["p"], TIGHT)
        assert result.df == wanted[key]["df"] == 1
    assert close(result.cramers_v, wanted["phi"], TIGHT)
    assert close(result.odds_ratio_sample, wanted["odds_ratio_sample"], TIGHT)
    exact = wanted["fisher"]
    assert close(result.fisher_pvalue, exact["p"], 1e-7)
    mine = (result.odds_ratio, result.odds_ratio_ci_lower, result.odds_ratio_ci_upper)
    assert all(
        close(a, b, ROOT) for a, b in zip(mine, (*exact["estimate"].values(), *exact["ci"]), strict=True)
    )
    for key, suffix in (("prop_test_no_correction", ""), ("prop_test", "_corrected")):
        ends = [getattr(result, f"prop_diff_ci_{end}{suffix}") for end in ("lower", "upper")]
        values = [*ends, result.prop_1, result.prop_2]
        theirs = [*wanted[key]["ci"], *wanted[key]["estimate"].values()]
        assert all(close(a, b, TIGHT) for a, b in zip(values, theirs, strict=True))


@pytest.mark.parametrize(("alternative", "key"), [("two-sided", "fisher"), ("greater", "fisher_greater")])
def test_a_small_table_equals_r(alternative: str, key: str) -> None:
    wanted = WANTED["small"]
    result = compare_categories(long(wanted["table"]), "y", "g", alternative=alternative)
    assert close(result.fisher_pvalue, wanted[key]["p"], TIGHT)
    mine = (result.odds_ratio, result.odds_ratio_ci_lower, result.odds_ratio_ci_upper)
    theirs = (*wanted[key]["estimate"].values(), *wanted[key]["ci"])
    # R looks for 1 / odds ratio in (0, 1) and stops within .Machine$double.eps^0.25 = 1.2e-4 of it.
    inverse = [(1 / a, 0.0 if b is None else 1 / b) for a, b in zip(mine, theirs, strict=True)]
    assert all(abs(a - b) < 1.3e-4 for a, b in inverse)
    assert close(result.chisq_yates, wanted["chisq_yates"]["statistic"], TIGHT)
    assert close(result.pvalue_yates, wanted["chisq_yates"]["p"], TIGHT)
    assert [note.code for note in result.notes] == ["G018"]
    assert "Cramer's V" in result.summary()


def test_a_small_three_by_three_table_is_counted_exactly() -> None:
    wanted = WANTED["small_3x3"]
    result = compare_categories(long(wanted["table"]), "y", "g")
    assert result.fisher_exact
    assert close(result.fisher_pvalue, wanted["fisher_p"], TIGHT)


def test_counting_and_drawing_tables_agree() -> None:
    table = np.array([[6, 2, 1], [2, 5, 4.0]])
    exact = fisher(table, "two-sided", 1).pvalue
    values = np.repeat([0, 1, 2], table.sum(axis=0).astype(int))
    rows = [
        np.bincount(values[list(chosen)], minlength=3)
        for chosen in itertools.combinations(range(len(values)), 9)
    ]
    whole = table.sum(axis=0)
    from scipy.special import gammaln

    first = np.array(rows, dtype=float)
    logs = -(gammaln(first + 1) + gammaln(whole - first + 1)).sum(axis=1)
    # Every assignment of the 20 people: each table weighed by how many assignments give it.
    observed = -gammaln(table + 1).sum()
    assert close(exact, np.mean(logs <= observed + 1e-7), 1e-9)


def test_mcnemar_equals_r() -> None:
    result = compare_paired_categories(long(WANTED["mcnemar"]["table"]), "g", "y")
    for suffix, key in (("", "plain"), ("_corrected", "corrected")):
        theirs: dict[str, Any] = WANTED["mcnemar"][key]
        assert close(getattr(result, f"chisq{suffix}"), theirs["statistic"], TIGHT)
        assert close(getattr(result, f"pvalue{suffix}"), theirs["p"], TIGHT)
        assert result.df == theirs["df"]


def test_bad_input_is_refused() -> None:
    frame = long([[3, 0], [0, 3]])
    frame["flat"] = 1
    for outcome, code in (("flat", "G005"), ("z", "G001")):
        with pytest.raises(SurveykitError, match=code):
            compare_categories(frame, outcome, "g")
    with pytest.raises(SurveykitError, match="G020"):
        compare_paired_categories(frame, "g", "y")
