"""Normality, missing answers and careless responding against psych, semTools and base R."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset, matrix
from surveykit.analysis.careless import careless_responding
from surveykit.analysis.missing_answers import little_mcar, missing_data
from surveykit.analysis.normality import mardia
from surveykit.errors import SurveykitError
from surveykit.estimation import careless

NINE = [f"x{number}" for number in range(1, 10)]
SAT = ["ACT", "SATV", "SATQ"]
MARDIA, LITTLE = case("mardia-normality"), case("little-mcar")


@pytest.mark.parametrize(("name", "data", "columns"), [("hs", "hs1939", NINE), ("sat_act", "sat_act", SAT)])
class TestMardia:
    tolerance = (MARDIA["tolerance"]["relative"], MARDIA["tolerance"]["absolute"])

    def test_equals_psych(self, name: str, data: str, columns: list[str]) -> None:
        expected, result = MARDIA["results"][name], mardia(dataset(data)[columns])
        fields = {
            "b1p": "skewness",
            "b2p": "kurtosis",
            "b1p_divisor_N": "skewness_divisor_n",
            "b2p_divisor_N": "kurtosis_divisor_n",
            "skew": "chisq_skewness",
            "small_skew": "small_chisq_skewness",
            "p_skew": "pvalue_skewness",
            "p_small_skew": "pvalue_small_skewness",
            "kurtosis_z": "z_kurtosis",
            "p_kurt": "pvalue_kurtosis",
            "n": "n",
        }
        for theirs, ours in fields.items():
            assert close(getattr(result, ours), expected[theirs], *self.tolerance), ours
        assert np.allclose(result.distances.head(10), expected["mahalanobis_d_first10"], rtol=1e-8)

    def test_equals_semtools(self, name: str, data: str, columns: list[str]) -> None:
        expected, result = MARDIA["results"][name], mardia(dataset(data)[columns])
        skew, kurtosis = expected["semTools_skew"], expected["semTools_kurtosis"]
        assert close(result.chisq_skewness, skew["chi"], *self.tolerance)
        assert close(result.skewness, skew["b1d"], *self.tolerance)
        assert result.df == skew["df"]
        assert close(result.pvalue_skewness, skew["p"], 1e-8, 1e-300)
        assert close(result.kurtosis, kurtosis["b2d"], *self.tolerance)
        assert close(result.z_kurtosis, kurtosis["z"], *self.tolerance)
        # psych prints 0 here: 1 - pnorm(14.6); the tail itself is 2e-48.
        assert close(result.pvalue_kurtosis, kurtosis["p"], 1e-8, 1e-300)

    def test_each_item(self, name: str, data: str, columns: list[str]) -> None:
        result = mardia(dataset(data)[columns])
        for item, expected in MARDIA["results"][name]["univariate"].items():
            row = result.univariate.loc[item]
            relative = MARDIA["tolerance"]["shapiro_relative"]
            assert close(row["W"], expected["shapiro_W"], relative, 0)
            # SciPy's p value follows Royston's approximation in single precision steps.
            assert close(row["pvalue_W"], expected["shapiro_p"], 1e-3, 1e-10)
            skew, kurtosis = expected["semTools_skew"], expected["semTools_kurtosis"]
            for ours, theirs in (("skew", "skew (g1)"), ("z_skew", "z"), ("pvalue_skew", "p")):
                assert close(row[ours], skew[theirs], *self.tolerance)
            for ours, theirs in (
                ("kurtosis", "Excess Kur (g2)"),
                ("z_kurtosis", "z"),
                ("pvalue_kurtosis", "p"),
            ):
                assert close(row[ours], kurtosis[theirs], *self.tolerance)
            assert close(skew["se"], np.sqrt(6 / result.n), 1e-12, 0)


def test_mardia_by_moments_and_by_rows_agree() -> None:
    from surveykit.estimation import multivariate_normality as mn

    z = mn.whitened(np.random.default_rng(1).normal(size=(40, 5)) ** 2)
    by_rows = np.sum((z @ z.T) ** 3) / len(z) ** 2
    assert close(mn._third_moments(z), by_rows, 1e-12, 1e-12)
    assert close(mn._third_moments(z[:20]), np.sum((z[:20] @ z[:20].T) ** 3) / 400, 1e-12, 1e-12)


@pytest.mark.parametrize(
    ("name", "data", "columns"),
    [
        ("bfi_agree", "bfi", [f"A{i}" for i in range(1, 6)]),
        ("hs", "hs1939_missing", NINE),
        ("sat_act", "sat_act", SAT),
    ],
)
def test_little_equals_the_record(name: str, data: str, columns: list[str]) -> None:
    tolerance = (LITTLE["tolerance"]["relative"], LITTLE["tolerance"]["absolute"])
    expected, result = LITTLE["results"][name], little_mcar(dataset(data)[columns])
    fields = {
        "n": "n",
        "patterns": "n_patterns",
        "df": "df",
        "d2_ml_covariance": "chisq",
        "p_ml_covariance": "pvalue",
        "d2_unbiased_covariance": "chisq_unbiased",
        "p_unbiased_covariance": "pvalue_unbiased",
    }
    for theirs, ours in fields.items():
        assert close(getattr(result, ours), expected[theirs], *tolerance), ours
    assert np.allclose(result.em_mean, list(expected["em_mean"].values()), rtol=1e-8)
    assert np.allclose(result.em_cov, matrix(expected["em_cov"]), rtol=1e-7)
    patterns = missing_data(dataset(data)[columns]).patterns
    counted = {
        "".join(str(int(flag)) for flag in row[columns]): row["n"]
        for _, row in patterns.iterrows()
        if row[columns].any()
    }
    assert counted == expected["pattern_counts"]


def test_missing_data_counts() -> None:
    data = pd.DataFrame({"a": [1, None, 3, 4], "b": ["x", None, None, "y"], "c": [1, 2, 3, 4]})
    result = missing_data(data)
    assert (result.n, result.complete, result.missing_cells) == (4, 2, 3)
    assert result.items["share"].tolist() == [0.25, 0.5, 0.0]
    assert result.patterns["n"].tolist() == [2, 1, 1]
    assert result.coverage.loc["a", "b"] == 0.5


def answers(n: int = 120, k: int = 12, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 4)).repeat(k // 4, axis=1)
    points = np.clip(np.round(3 + trait + 0.7 * rng.normal(size=(n, k)) + np.linspace(-1, 1, k)), 1, 5)
    return pd.DataFrame(points, columns=[f"i{number}" for number in range(k)])


SCALES = {f"s{place}": [f"i{3 * place + number}" for number in range(3)] for place in range(4)}


def test_a_straight_liner_and_a_contrarian_are_flagged_and_stay() -> None:
    data = answers()
    data.loc[0] = 3
    data.loc[1] = np.tile([1.0, 5.0], 6)
    result = careless_responding(data, scales=SCALES)
    table = result.respondents
    assert len(table) == len(data)
    assert table.loc[0, "longstring"] == 12
    assert table.loc[0, "individual_variability"] == 0
    assert np.isnan(table.loc[0, "even_odd"])
    assert table.loc[1, "mahalanobis_pvalue"] < 0.001
    assert set(result.flagged.columns[result.flagged.loc[0]]) == {"longstring", "individual_variability"}
    assert table.loc[[0, 1], "flags"].min() >= 2 or table.loc[1, "flags"] >= 1
    assert (table["flags"] >= 2).mean() < 0.1


def test_response_time_is_no_item() -> None:
    data = answers().assign(seconds=60.0)
    data.loc[3, "seconds"] = 10.0
    result = careless_responding(data, response_time="seconds")
    assert result.limits["seconds"] == 24
    assert result.flagged["seconds"].sum() == 1
    assert result.flagged.loc[3, "seconds"]


@pytest.mark.parametrize(
    ("row", "run"),
    [
        ([1, 1, 1, 2, 2], 3),
        ([1, 2, 3, 4, 5], 1),
        ([1, 2, 2, 2, 2], 4),
        ([2, 2, np.nan, 2, 2], 2),
        ([np.nan] * 5, 0),
    ],
)
def test_longstring(row: list[float], run: int) -> None:
    assert careless.longstring(np.array([row], dtype=float))[0] == run


def test_even_odd_is_a_stepped_up_correlation_of_half_scores() -> None:
    row = np.array([[1, 2, 1, 4, 5, 4, 3, 3, 2, 5, 4, 5.0]])
    scales = [range(3), range(3, 6), range(6, 9), range(9, 12)]
    odd = [np.mean(row[0, [s[0], s[2]]]) for s in scales]
    even = [row[0, s[1]] for s in scales]
    r = np.corrcoef(odd, even)[0, 1]
    assert close(careless.even_odd(row, scales)[0], 2 * r / (1 + r), 1e-12, 1e-12)


def test_person_total_leaves_the_person_out() -> None:
    data = answers(20).to_numpy()
    others = np.delete(data, 4, axis=0).mean(axis=0)
    assert close(careless.person_total(data)[4], np.corrcoef(data[4], others)[0, 1], 1e-12, 1e-12)


def test_gaps_do_not_hide_anyone() -> None:
    data = answers()
    data.loc[5, ["i0", "i3"]] = np.nan
    data.loc[6] = np.nan
    result = careless_responding(data)
    assert [one.code for one in result.notes] == ["S053"]
    assert np.isfinite(result.respondents.loc[5, "mahalanobis"])
    assert np.isnan(result.respondents.loc[6, "mahalanobis"])
    assert result.respondents.loc[6, "flags"] == 0


def test_distances_that_do_not_exist_say_why() -> None:
    result = careless_responding(answers().assign(i0=3))
    assert result.respondents["mahalanobis"].isna().all()
    assert [one.code for one in result.notes] == ["S004"]


COPIED = answers().assign(copy=answers()["i0"])
APART = pd.DataFrame(
    {"a": [1, 2, 3, None, None, None], "b": [None, None, None, 1, 3, 2], "c": [1, 2, 1, 2, 3, 1]}
)


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("S022", lambda: mardia(COPIED)),
        ("S003", lambda: mardia(answers().iloc[:1])),
        ("S002", lambda: mardia(answers().assign(i0="yes"))),
        ("S051", lambda: little_mcar(answers())),
        ("S013", lambda: little_mcar(APART)),
        ("S052", lambda: little_mcar(COPIED.assign(i1=COPIED["i1"].where(COPIED.index > 5)))),
        ("S029", lambda: careless_responding(answers(), items=["i0", "nope"])),
        ("S029", lambda: careless_responding(answers(), scales={"s": ["i0", "nope"]})),
        ("S029", lambda: careless_responding(answers(), response_time="time")),
        ("S001", lambda: missing_data(pd.DataFrame())),
        ("S003", lambda: missing_data(pd.DataFrame({"a": []}))),
    ],
)
def test_refusals(code: str, call: Any) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code


def test_mahalanobis_distances_are_those_of_r() -> None:
    # x <- data.frame(a = c(1,2,3,4,5,2), b = c(2,1,4,4,5,3), c = c(5,1,2,4,3,3))
    # d <- mahalanobis(x, colMeans(x), cov(x)); pchisq(d, 3, lower.tail = FALSE)
    x = pd.DataFrame({"a": [1, 2, 3, 4, 5, 2], "b": [2, 1, 4, 4, 5, 3], "c": [5, 1, 2, 4, 3, 3]})
    table = careless_responding(x).respondents
    assert np.allclose(
        table["mahalanobis"],
        [3.28694158076, 4.15292096220, 2.60652920962, 1.74054982818, 2.19415807560, 1.01890034364],
        rtol=1e-10,
    )
    assert np.allclose(
        table["mahalanobis_pvalue"],
        [0.349464272837, 0.245417860747, 0.456346041729, 0.627956586624, 0.533099964616, 0.796678761922],
        rtol=1e-10,
    )
