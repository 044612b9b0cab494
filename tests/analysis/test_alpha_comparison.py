"""Alphas compared: Feldt's tests against published examples, PISA by country, ordinal alpha, retest."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset
from surveykit.analysis.alpha_comparison import alpha_by_group, compare_alphas
from surveykit.analysis.ordinal_alpha import ordinal_alpha
from surveykit.analysis.reliability import cronbach_alpha
from surveykit.analysis.retest import retest_reliability
from surveykit.errors import SurveykitError
from surveykit.estimation.equal_alphas import (
    dependent_alphas,
    independent_alphas,
    two_dependent_alphas,
    two_independent_alphas,
)

AGREE = [f"A{number}" for number in range(1, 6)]
PISA = Path(__file__).parents[2].parent / "shared" / "data" / "pisa2012_principals"


def array(*values: float) -> Any:
    return np.array(values, dtype=float)


# Feldt, Woodruff & Salih (1987), and AlphaTest (Lautenschlager & Meade, 2008) as cocron's tests print it.
INDEPENDENT = [
    ((0.784, 0.875, 0.936), (51, 101, 151), (5, 5, 5), 22.926, 3),
    ((0.6, 0.7), (150, 200), (50, 100), 3.4535, 4),
    ((0.9, 0.7), (200, 150), (25, 30), 47.559, 3),
    ((0.9, 0.7, 0.8), (100, 150, 130), (15, 15, 12), 31.3795, 4),
    ((0.7, 0.75, 0.7), (100, 120, 130), (10, 10, 10), 1.0553, 4),
    ((0.7, 0.8, 0.75, 0.77), (100, 100, 200, 200), (15, 15, 20, 20), 4.9738, 4),
]


@pytest.mark.parametrize(("alphas", "n", "k", "printed", "digits"), INDEPENDENT)
def test_independent_alphas(alphas: Any, n: Any, k: Any, printed: float, digits: int) -> None:
    result = independent_alphas(array(*alphas), array(*n), array(*k))
    assert round(result.statistic, digits) == printed
    assert result.df1 == len(alphas) - 1


def square(*upper: float) -> Any:
    m = round((1 + np.sqrt(1 + 8 * len(upper))) / 2)
    r = np.eye(m)
    r[np.triu_indices(m, 1)] = upper
    return np.maximum(r, r.T)


DEPENDENT = [
    ((0.857, 0.875, 0.8, 0.833), 100, (50, 40, 35, 25), (0.8, 0.6, 0.75, 0.65, 0.7, 0.55), 10.66, 2),
    ((0.6, 0.5), 90, (35, 30), (0.8,), 2.8699, 4),
    ((0.75, 0.7, 0.72), 70, (12, 12, 12), (0.5, 0.2, 0.8), 0.7130, 4),
    ((0.75, 0.72, 0.70, 0.77), 125, (15, 15, 15, 15), (0.5, 0.6, 0.7, 0.4, 0.2, 0.2), 2.9236, 4),
]


@pytest.mark.parametrize(("alphas", "n", "k", "r", "printed", "digits"), DEPENDENT)
def test_dependent_alphas(alphas: Any, n: int, k: Any, r: Any, printed: float, digits: int) -> None:
    result = dependent_alphas(array(*alphas), n, array(*k), square(*r))
    assert round(result.statistic, digits) == printed


def test_charter_and_feldt() -> None:
    # Charter & Feldt (1996): W = 1.318 on 40 and 150 df (p .121 one-tailed), t = 1.849 on 25.
    two = two_independent_alphas(array(0.78, 0.71), array(41, 151))
    assert (round(two.statistic, 3), two.df1, two.df2, round(two.pvalue / 2, 3)) == (1.318, 40, 150, 0.121)
    assert two_independent_alphas(array(0.71, 0.78), array(151, 41)) == two
    paired = two_dependent_alphas(array(0.82, 0.89), 27, 0.74)
    assert (round(paired.statistic, 3), paired.df1) == (1.849, 25)


def test_alpha_by_group_and_pooled() -> None:
    data = dataset("bfi_keyed")[[*AGREE, "gender"]]
    result = alpha_by_group(data, "gender")
    assert list(result.table["name"]) == ["female", "male", "pooled"]
    for label in ("female", "male"):
        alone = cronbach_alpha(data[data["gender"] == label][AGREE])
        assert result.table.loc[label, "cronbach_alpha"] == alone.cronbach_alpha
    assert result.alphas["pooled"].n == cronbach_alpha(data[AGREE]).n
    two = independent_alphas(
        result.table["cronbach_alpha"].to_numpy()[:2], result.table["n"].to_numpy(float)[:2], array(5, 5)
    )
    assert (result.statistic, result.pvalue) == (two.statistic, two.pvalue)


def test_a_group_without_alpha_says_why() -> None:
    data = pd.DataFrame({"g": list("aaaabb"), "x": [1, 2, 3, 4, 1, 2], "y": [2, 1, 4, 3, 1, 1]})
    result = alpha_by_group(data, "g")
    assert np.isnan(result.table.loc["b", "cronbach_alpha"])
    assert np.isnan(result.pvalue)
    assert [one.code for one in result.notes] == ["S070", "S003", "S071"]


def test_compare_alphas_of_one_sample() -> None:
    data = dataset("bfi_keyed")
    scales = {"agree": AGREE, "neuro": [f"N{number}" for number in range(1, 6)]}
    result = compare_alphas(data, scales)
    assert result.distribution == "t"
    assert result.df1 == result.table["n"].iloc[0] - 2
    assert [one.code for one in result.notes] == ["S007"]
    three = compare_alphas(data, scales | {"open": [f"O{number}" for number in range(1, 6)]})
    assert (three.distribution, three.df1) == ("chisq", 2)


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("S029", lambda: alpha_by_group(dataset("bfi_keyed"), "country")),
        ("S029", lambda: alpha_by_group(dataset("bfi_keyed"), "gender", items=["A1", "A9"])),
        ("S002", lambda: alpha_by_group(dataset("hs1939").assign(g=1), "g")),
        ("S029", lambda: compare_alphas(dataset("bfi_keyed"), {"a": AGREE, "b": ["A1", "B1"]})),
        ("S032", lambda: compare_alphas(dataset("bfi_keyed"), {"a": AGREE})),
        ("S034", lambda: retest_reliability([1, 2, 3], [1, 2])),
        ("S003", lambda: retest_reliability([1, 2, 3], [1, 2, 3])),
        ("S004", lambda: retest_reliability([1, 2, 3, 4], [2, 2, 2, 2])),
        ("S002", lambda: retest_reliability([1, 2, 3, "four"], [1, 2, 3, 4])),
        ("O002", lambda: retest_reliability([1, 2, 3, 4], [1, 2, 3, 4], conf_level=2)),
        ("S004", lambda: ordinal_alpha(pd.DataFrame({"a": [1, 2, 3, 1], "b": [2, 2, 2, 2]}))),
    ],
)
def test_refusals(code: str, call: Any) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code


def test_ordinal_alpha_equals_psych() -> None:
    record = case("rel-ordinal")["results"]
    items = dataset("datcat")
    # Polychoric correlations in the record are lavaan's, within 1e-8.
    for name, columns in {"f1": range(1, 5), "f2": range(5, 9), "all": range(1, 9)}.items():
        result = ordinal_alpha(items[[f"u{number}" for number in columns]])
        assert close(result.ordinal_alpha, record["ordinal_alpha"][name], 1e-6, 1e-7)
    result = ordinal_alpha(items[["u1", "u2", "u3", "u4"]])
    expected = record["psych_alpha_f1"][0]
    fields = {
        "raw_alpha": "ordinal_alpha",
        "std.alpha": "ordinal_alpha",
        "G6(smc)": "lambda6",
        "average_r": "average_r",
        "S/N": "signal_noise",
        "median_r": "median_r",
    }
    for theirs, ours in fields.items():
        assert close(getattr(result, ours), expected[theirs], 1e-6, 1e-7)
    assert [one.code for one in ordinal_alpha(items[["u1", "u2"]]).notes] == ["S009"]


def test_retest_matches_by_label() -> None:
    first = pd.Series([1.0, 2, 3, 4, 5], index=list("abcde"))
    second = pd.Series([5.0, 4, 4, 2, 1], index=list("edcba"))
    result = retest_reliability(first, second)
    assert close(result.r, np.corrcoef([1, 2, 3, 4, 5], [1, 2, 4, 4, 5])[0, 1], 1e-12, 1e-12)
    assert result.mean_change == 0.2
    assert result.icc_agreement <= result.icc_consistency
    assert close(result.smallest_detectable_change, 1.96 * np.sqrt(2) * result.sem, 1e-12, 0)


# published.md: alpha of complete cases, Japan and Korea, as printed.
PRINTED = {
    "LEADCOM": (["SC34Q02", "SC34Q03", "SC34Q04", "SC34Q14"], ".6788", 191, ".8275", 154),
    "LEADINST": (["SC34Q05", "SC34Q06", "SC34Q08"], ".7084", 191, ".8182", 156),
    "LEADPD": (["SC34Q07", "SC34Q09", "SC34Q13"], ".7577", 191, ".8324", 155),
    "LEADTCH": (["SC34Q10", "SC34Q11", "SC34Q12"], ".6948", 190, ".8408", 155),
    "leadership": ([f"SC34Q{number:02d}" for number in range(2, 15)], ".8563", None, ".9343", None),
    "TCMORALE": ([f"SC26Q{number:02d}" for number in range(1, 5)], ".7819", 191, ".8228", 156),
    "STUDCLIM": ([f"SC22Q{number:02d}" for number in range(1, 9)], ".8916", 190, ".9038", 148),
    "TEACCLIM": ([f"SC22Q{number:02d}" for number in range(9, 20)], ".8461", 190, ".8974", 148),
    "TCSHORT": ([f"SC14Q{number:02d}" for number in range(1, 5)], ".8482", None, ".9369", None),
    "SCMATEDU": ([f"SC14Q{number:02d}" for number in range(5, 11)], ".8226", None, ".8753", None),
    "SCMATBUI": ([f"SC14Q{number:02d}" for number in range(11, 14)], ".6863", None, ".8019", None),
}


@pytest.mark.skipif(not PISA.exists(), reason="the PISA school files are not beside the repository")
@pytest.mark.parametrize("scale", PRINTED)
def test_pisa_alphas_by_country(scale: str) -> None:
    items, japan, n_japan, korea, n_korea = PRINTED[scale]
    data = pd.read_csv(PISA / "data.csv")
    table = alpha_by_group(data, "country", items=items).table
    for country, printed, n in (("JP", japan, n_japan), ("KR", korea, n_korea)):
        assert f"{table.loc[country, 'cronbach_alpha']:.4f}".lstrip("0") == printed
        assert n is None or table.loc[country, "n"] == n


@pytest.mark.skipif(not PISA.exists(), reason="the PISA school files are not beside the repository")
def test_pisa_2009_leadership() -> None:
    data = pd.read_csv(PISA / "data_2009.csv")
    items = [f"SC26Q{number:02d}" for number in range(1, 15)]
    table = alpha_by_group(data, "country", items=items).table
    assert [f"{value:.4f}" for value in table["cronbach_alpha"][:2]] == ["0.8743", "0.9253"]
    assert list(table["n"][:2]) == [186, 156]
