"""Tables that researchers hand over by mistake, and calls of every analysis of scales."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

import surveykit as sk

NAMES = list("abcdef")
MODEL = "x =~ a + b + c; y =~ d + e + f"
SCALES = {"s": ["a", "b", "c"], "t": ["d", "e", "f"]}

# Six columns of a Hadamard matrix: every correlation is zero to the last bit.
UNCORRELATED = np.array(
    [[(-1.0) ** (bin(row & column).count("1")) for column in range(1, 7)] for row in range(8)]
)

# The first column stays as it is; the others share the second.
ON_ITS_OWN = np.eye(6) + np.array([[0], [1], [0], [0], [0], [0]]) * [0, 0, 1, 1, 1, 1]


def answers(n: int = 40, seed: int = 1) -> pd.DataFrame:
    """Five-point answers to six items of two factors."""
    rng = np.random.default_rng(seed)
    f = rng.normal(size=(n, 2)).repeat(3, axis=1)
    return pd.DataFrame(np.clip(np.round(3 + f + 0.8 * rng.normal(size=(n, 6))), 1, 5), columns=NAMES)


GOOD = answers()


def with_a(values: Any) -> pd.DataFrame:
    """The good table with another first item."""
    return GOOD.assign(a=values)


def beyond_floats() -> dict[str, pd.DataFrame]:
    """Whole numbers that no float can hold; pandas 2 itself fails where it looks at such a column."""
    if int(pd.__version__.partition(".")[0]) < 3:
        return {}
    large = pd.Series([10**400 + place for place in range(40)], dtype=object)
    return {"numbers beyond floats": GOOD.astype(object).assign(a=large)}


def tables() -> dict[str, Any]:
    """What can be wrong with a table (or is unusual, but right)."""
    a = GOOD["a"]
    rng = np.random.default_rng(2)
    return {
        "two items": GOOD[["a", "b"]],
        "one item": GOOD[["a"]],
        "no item": GOOD[[]],
        "one respondent": GOOD.head(1),
        "two respondents": GOOD.head(2),
        "three respondents": GOOD.head(3),
        "fewer rows than items": GOOD.head(5),
        "no rows": GOOD.head(0),
        "empty": pd.DataFrame(),
        "constant item": with_a(3.0),
        "all constant": GOOD * 0 + 3,
        "all-missing item": with_a(np.nan),
        "all missing": GOOD * np.nan,
        "text": with_a(["x", "y"] * 20),
        "text in one cell": with_a([*a[:-1].astype(object), "many"]),
        "numbers as text": with_a(a.astype(str)),
        "infinite": with_a([np.inf, *a[1:]]),
        "minus infinite": with_a([-np.inf, *a[1:]]),
        "a column twice": pd.concat([GOOD, GOOD[["a"]]], axis=1),
        "booleans": GOOD > 3,
        "one boolean": with_a(a > 3),
        "categories of numbers": GOOD.astype("int").astype("category"),
        "categories of text": with_a(pd.Categorical(["x", "y"] * 20)),
        "nullable integers": GOOD.astype("Int64").mask(GOOD == 1),
        "nullable floats": GOOD.astype("Float64").mask(GOOD == 1),
        "nullable booleans": (GOOD > 3).astype("boolean"),
        "objects with None": GOOD.astype(object).where(GOOD > 1, None),
        "dates": with_a(pd.date_range("2020", periods=40)),
        "durations": with_a(pd.to_timedelta(range(40), unit="D")),
        "complex numbers": with_a(a + 1j),
        "decimals": with_a([Decimal(int(value)) for value in a]),
        "lists in cells": with_a([[1]] * 40),
        "huge": GOOD * 1e200,
        "tiny": GOOD * 1e-200,
        "far from zero": GOOD + 1e12,
        "a copy": GOOD.assign(g=a),
        "a sum": GOOD.assign(g=a + GOOD["b"]),
        "mirror images": GOOD.assign(b=6 - a, d=6 - GOOD["c"], f=6 - GOOD["e"]),
        "uncorrelated": pd.DataFrame(np.tile(UNCORRELATED, (5, 1)), columns=NAMES),
        "an item on its own": pd.DataFrame(np.tile(UNCORRELATED @ ON_ITS_OWN, (5, 1)), columns=NAMES),
        "one outlier": with_a([1e15, *a[1:]]),
        "units far apart": GOOD * np.array([1e-30, 1e30, 1, 1, 1, 1]),
        "against the marker": GOOD.assign(b=-a, f=a + GOOD["f"] / 8),
        "all copies": pd.DataFrame(dict.fromkeys(NAMES, a)),
        "two answers to all": pd.concat([GOOD.head(2)] * 15),
        **beyond_floats(),
        "names in levels": pd.concat({"wave": GOOD}, axis=1),
        "numbered": GOOD.set_axis(range(6), axis=1),
        "1 and '1'": GOOD.set_axis([1, "1", *"cdef"], axis=1),
        "one label for all rows": GOOD.set_axis([0] * 40),
        "half missing": GOOD.mask(rng.random(GOOD.shape) < 0.5),
        "few missing": GOOD.mask(rng.random(GOOD.shape) < 0.1),
        "list": [1, 2, 3],
        "list of rows": GOOD.to_numpy().tolist(),
        "rows of different length": [[1, 2], [3]],
        "array": GOOD.to_numpy(),
        "row of numbers": a.to_numpy(),
        "cube": np.zeros((3, 3, 3)),
        "text array": np.array([["a", "b"], ["c", "d"]]),
        "Series": a,
        "dict": GOOD.to_dict("list"),
        "set": {1, 2},
        "None": None,
        "path": "data.csv",
        "number": 5,
        "function": print,
    }


def grouped(table: Any) -> Any:
    """With a column of two groups, where it is a table."""
    if isinstance(table, pd.DataFrame) and table.columns.nlevels == 1:
        labels = (["JP", "KR"] * len(table))[: len(table)]
        return table.rename(columns={"g": "h"}).assign(g=labels)
    return table


def long(table: Any) -> Any:
    """A row per rating, where it is a table."""
    if (
        isinstance(table, pd.DataFrame)
        and table.columns.nlevels == 1
        and table.columns.is_unique
        and len(table.T)
    ):
        n, k = table.shape
        raters = np.repeat(np.array(table.columns, dtype=object), n)
        y = pd.concat([table.iloc[:, at] for at in range(k)], ignore_index=True)
        return pd.DataFrame({"t": np.tile(np.arange(n), k), "r": raters, "y": y})
    return table


def column(table: Any, place: int) -> Any:
    """One column, where there is one."""
    return table.iloc[:, place] if isinstance(table, pd.DataFrame) and table.shape[1] > place else table


Call = Callable[[Any], Any]
# Every analysis of a table, with the options that lead elsewhere.
CALLS: dict[str, Call] = {
    "cronbach_alpha": sk.cronbach_alpha,
    "cronbach_alpha pairwise": lambda d: sk.cronbach_alpha(d, missing="pairwise"),
    "cronbach_alpha bootstrap": lambda d: sk.cronbach_alpha(d, interval="bootstrap", bootstrap=20, seed=1),
    "alpha_by_group": lambda d: sk.alpha_by_group(grouped(d), "g"),
    "compare_alphas": lambda d: sk.compare_alphas(d, SCALES),
    "omega": sk.omega,
    "omega of one factor": lambda d: sk.omega(d, 1, missing="pairwise"),
    "omega ml": lambda d: sk.omega(d, 2, method="ml"),
    "omega polychoric": lambda d: sk.omega(d, correlation="polychoric"),
    "ordinal_alpha": sk.ordinal_alpha,
    "retest_reliability": lambda d: sk.retest_reliability(column(d, 0), column(d, 1)),
    "htmt": lambda d: sk.htmt(d, MODEL),
    "htmt bootstrap": lambda d: sk.htmt(d, MODEL, htmt2=True, bootstrap=20),
    "htmt ml": lambda d: sk.htmt(d, MODEL, missing="ml"),
    "htmt ordered": lambda d: sk.htmt(d, MODEL, ordered=True),
    "harman": sk.harman,
    "marker_variable": lambda d: sk.marker_variable(d, "f", ["a", "b", "c"]),
    "unmeasured_method_factor": lambda d: sk.unmeasured_method_factor(MODEL, d),
    "guttman": sk.guttman,
    "guttman pairwise": lambda d: sk.guttman(d, standardized=False, missing="pairwise"),
    "split_half": sk.split_half,
    "bartlett_sphericity": sk.bartlett_sphericity,
    "kmo": sk.kmo,
    "kmo pairwise": lambda d: sk.kmo(d, missing="pairwise"),
    "map_test": sk.map_test,
    "map_test polychoric": lambda d: sk.map_test(d, correlation="polychoric"),
    "vss": lambda d: sk.vss(d, max_factors=3),
    "parallel_analysis": lambda d: sk.parallel_analysis(d, n_iter=5, seed=1),
    "parallel_analysis polychoric": lambda d: sk.parallel_analysis(
        d, n_iter=3, seed=1, correlation="polychoric", simulation="resample", missing="pairwise"
    ),
    "efa": lambda d: sk.efa(d, 2),
    "efa pa promax": lambda d: sk.efa(d, 2, method="pa", rotation="promax", missing="pairwise"),
    "efa ml geomin": lambda d: sk.efa(d, 2, method="ml", rotation="geomin"),
    "efa polychoric": lambda d: sk.efa(d, 2, correlation="polychoric", rotation="varimax"),
    "efa scores": lambda d: sk.efa(d, 2).factor_scores(),
    "factor_congruence": lambda d: sk.factor_congruence(d, d),
    "polychoric": sk.polychoric,
    "polychoric pairwise": lambda d: sk.polychoric(d, missing="pairwise"),
    "polychoric mixed": lambda d: sk.polychoric(d, ordered=["a", "b"]),
    "polychoric numeric": lambda d: sk.polychoric(d, ordered=False),
    "correlate": sk.correlate,
    "correlate spearman": lambda d: sk.correlate(d, method="spearman"),
    "correlate kendall": lambda d: sk.correlate(d, method="kendall"),
    "describe": sk.describe,
    "careless_responding": sk.careless_responding,
    "careless_responding scales": lambda d: sk.careless_responding(d, scales=SCALES | {"u": ["a", "d"]}),
    "careless_responding time": lambda d: sk.careless_responding(d, response_time="a"),
    "little_mcar": sk.little_mcar,
    "mardia": sk.mardia,
    "missing_data": sk.missing_data,
    "icc": lambda d: sk.icc(long(d), "t", "r", "y"),
    "icc_groups": lambda d: sk.icc_groups(grouped(d), "g"),
    "rwg": lambda d: sk.rwg(grouped(d), "g", n_options=5),
    "cohen_kappa": lambda d: sk.cohen_kappa(column(d, 0), column(d, 1)),
    "cohen_kappa quadratic": lambda d: sk.cohen_kappa(column(d, 0), column(d, 1), "quadratic"),
    "fleiss_kappa": sk.fleiss_kappa,
    "krippendorff_alpha": lambda d: sk.krippendorff_alpha(d, bootstrap=10),
    "krippendorff_alpha ordinal": lambda d: sk.krippendorff_alpha(d, "ordinal", bootstrap=10),
    "krippendorff_alpha ratio": lambda d: sk.krippendorff_alpha(d, "ratio", bootstrap=10),
    "score_items": lambda d: sk.score_items(d, SCALES),
    "score_items median": lambda d: sk.score_items(d, SCALES, impute="median"),
}
# Columns that are empty by what they are, as the result's docstring says.
EMPTY = {
    "htmt": {"ci_lower", "ci_upper"},  # no bootstrap was asked for
    "htmt ml": {"ci_lower", "ci_upper"},
    "htmt ordered": {"ci_lower", "ci_upper"},
    "vss": {"vss2"},  # with one factor
    "mardia": {"df"},  # kurtosis has none
    "careless_responding time": {"seconds"},  # as given
    "efa scores": {"MR1", "MR2"},  # respondents with a gap
}
