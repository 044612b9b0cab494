"""What every comparison says to data that it cannot use: a code, never a traceback."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from surveykit.errors import SurveykitError

RNG = np.random.default_rng(11)
N = 60
TABLE = pd.DataFrame(
    {
        "country": ["JP", "KR"] * (N // 2),
        "company": np.repeat([f"c{k}" for k in range(N // 2)], 2),
        "weight": RNG.uniform(1, 3, N),
        "age": RNG.normal(40, 9, N),
        "trust": RNG.normal(size=N),
        "mutuality": RNG.normal(size=N),
        "answer": RNG.integers(1, 6, N),
        **{f"t{k}": RNG.integers(1, 6, N) for k in range(4)},
    }
)
TABLE["own"] = TABLE["company"].where(TABLE.index % 4 < 2, "x")

# Each comparison as a function of (data, outcome).
Call = Callable[[Any, Any], Any]
CALLS: dict[str, Call] = {
    "compare_groups": lambda data, y: sk.compare_groups(data, y, "country"),
    "compare_several_groups": lambda data, y: sk.compare_several_groups(data, y, "country"),
    "compare_weighted": lambda data, y: sk.compare_weighted(data, y, "country", "weight"),
    "permutation_test": lambda data, y: sk.permutation_test(data, y, "country"),
    "ancova": lambda data, y: sk.ancova(data, y, "country", "age"),
    "manova": lambda data, y: sk.manova(data, [y, "mutuality"], "country"),
    "compare_paired": lambda data, y: sk.compare_paired(data, y, "mutuality"),
    "nested_comparison": lambda data, y: sk.nested_comparison(data, y, "country", "company"),
    "item_bias": lambda data, y: sk.item_bias(data, [y, "t1", "t2"], "country"),
    "ordinal_regression": lambda data, y: sk.ordinal_regression(data, y, "country"),
    "compare_categories": lambda data, y: sk.compare_categories(data, y, "country"),
    "equivalent_correlation": lambda data, y: sk.equivalent_correlation(data, y, "age", bound=0.2),
    "response_styles": lambda data, y: sk.response_styles(data, [y, "t1"], "country", (1, 5)),
}
COUNTS_CATEGORIES = {"compare_categories"}
NOT_A_TABLE = {"permutation_test"}  # takes two samples as well


def refused(call: Call, data: Any, outcome: Any) -> SurveykitError:
    with pytest.raises(SurveykitError) as found:
        call(data, outcome)
    for lang in ("en", "ja", "ko"):
        assert found.value.text(lang).startswith(f"[{found.value.code}]")
    return found.value


@pytest.mark.parametrize("name", sorted(set(CALLS) - NOT_A_TABLE))
@pytest.mark.parametrize("data", [TABLE.to_dict("list"), TABLE.to_numpy(), None, [1, 2, 3]])
def test_what_is_no_table(name: str, data: Any) -> None:
    assert refused(CALLS[name], data, "trust").code == "G033"


@pytest.mark.parametrize("name", CALLS)
def test_a_misspelt_column_is_answered_with_the_nearest(name: str) -> None:
    error = refused(CALLS[name], TABLE, "trsut")
    assert error.code == "G001"
    assert "'trust'" in str(error)


@pytest.mark.parametrize("name", sorted(set(CALLS) - COUNTS_CATEGORIES))
def test_infinite_values(name: str) -> None:
    broken = TABLE.assign(t0=TABLE["t0"].astype(float))
    broken.loc[[3, 7], "t0"] = np.inf
    error = refused(CALLS[name], broken, "t0")
    assert error.code == "G036"
    assert "2 infinite values (the first in row 4)" in str(error)


@pytest.mark.parametrize("name", sorted(set(CALLS) - COUNTS_CATEGORIES))
def test_text(name: str) -> None:
    assert refused(CALLS[name], TABLE, "own").code == "G003"


@pytest.mark.parametrize("name", CALLS)
def test_a_column_that_is_there_twice(name: str) -> None:
    twice = pd.concat([TABLE, TABLE[["t0"]]], axis=1)
    assert refused(CALLS[name], twice, "t0").code == "G035"


@pytest.mark.parametrize("call", [sk.compare_groups, sk.compare_several_groups])
@pytest.mark.parametrize(
    ("outcomes", "code"), [([], "G034"), ((), "G034"), (["trust", "trust"], "G035"), ([["trust"]], "G001"),
                           (None, "G001"), (3, "G001")]
)  # fmt: skip
def test_outcomes_that_are_none_or_doubled(call: Any, outcomes: Any, code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        call(TABLE, outcomes, "country")


@pytest.mark.parametrize("value", [-0.3, 0, 0.0, np.nan, np.inf, "0.3", True])
def test_a_smallest_effect_that_is_no_bound(value: Any) -> None:
    with pytest.raises(SurveykitError, match="G037"):
        sk.compare_groups(TABLE, "trust", "country", smallest_effect=value)


def thin(sizes: dict[str, int]) -> pd.DataFrame:
    parts = [TABLE[TABLE["country"] == name].head(size) for name, size in sizes.items()]
    return pd.concat(parts)


@pytest.mark.parametrize("sizes", [{"JP": 1, "KR": 1}, {"JP": 1, "KR": 20}])
def test_groups_of_one_give_a_reason(sizes: dict[str, int]) -> None:
    for result, code in (
        (sk.compare_groups(thin(sizes), "trust", "country"), "G004"),
        (sk.compare_several_groups(thin(sizes), "trust", "country"), "G006"),
        (sk.compare_weighted(thin(sizes), "trust", "country", "weight"), "G004"),
    ):
        assert [one.code for one in result.notes] == [code]
        assert result.to_frame()["pvalue"].isna().all()
    exact = sk.permutation_test(thin(sizes), "trust", "country")
    assert exact.smallest_pvalue >= 1 / (sum(sizes.values()))


@pytest.mark.parametrize(
    ("name", "code"),
    [("compare_groups", "G002"), ("compare_several_groups", "G005"), ("compare_weighted", "G002"),
     ("permutation_test", "G002"), ("ordinal_regression", "G005"), ("item_bias", "G005"),
     ("compare_categories", "G005"), ("ancova", "G005"), ("nested_comparison", "G005")],
)  # fmt: skip
def test_one_group_only(name: str, code: str) -> None:
    assert refused(CALLS[name], TABLE[TABLE["country"] == "JP"], "t0").code == code


@pytest.mark.parametrize("name", sorted(set(CALLS) - COUNTS_CATEGORIES))
@pytest.mark.parametrize("size", [1e200, 1e100, 1e-100, 1e-300])
def test_values_whose_squares_no_computer_holds(name: str, size: float) -> None:
    error = refused(CALLS[name], TABLE.assign(t0=TABLE["t0"] * size), "t0")
    assert error.code == "S080"
    assert "'t0'" in str(error)


@pytest.mark.parametrize("name", sorted(set(CALLS) - COUNTS_CATEGORIES))
def test_complex_numbers(name: str) -> None:
    assert refused(CALLS[name], TABLE.assign(t0=TABLE["t0"] + 1j), "t0").code == "G003"


@pytest.mark.parametrize(("name", "code"), [("ancova", "G043"), ("manova", "G015")])
def test_an_outcome_of_which_the_groups_leave_nothing(name: str, code: str) -> None:
    for flat in (1.0, np.where(TABLE["country"] == "JP", 1.0, 2.3)):
        assert refused(CALLS[name], TABLE.assign(trust=flat), "trust").code == code


def test_no_correlation_with_a_constant_is_told() -> None:
    result = sk.compare_paired(TABLE.assign(trust=1.0), "trust", "mutuality")
    assert [one.code for one in result.notes] == ["G044"]
    assert result.to_frame()[["drm", "r"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: sk.compare_groups(TABLE, "trust", "country", alpha=0.1), "O005"),
        (lambda: sk.compare_groups(TABLE, "trust"), "O006"),
        (lambda: sk.ancova(TABLE, "trust", "country", "age", conf=0.9), "O005"),
        (lambda: sk.permutation_test(TABLE, "trust", "country", draws=10**9), "M167"),
        (lambda: sk.compare_weighted(TABLE, "trust", "country", wieghts="weight"), "O005"),
    ],
)
def test_options_that_there_are_not(call: Callable[[], object], code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        call()


COMPARED = sk.compare_groups(TABLE, "trust", "country")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: sk.gate(TABLE, {}), "G045"),
        (lambda: sk.gate(COMPARED, {"trust": 3}), "G045"),
        (lambda: sk.gate(COMPARED, None), "G045"),
        (lambda: sk.response_styles(TABLE, ["t0", "t1"], "country", 5), "G046"),
        (lambda: sk.response_styles(TABLE, ["t0", "t1"], "country", (5, 1)), "G046"),
        (lambda: sk.response_styles(TABLE, ["t0", "t1"], "country", ("a", 1)), "O004"),
        (lambda: sk.response_styles(TABLE, [], "country", (1, 5)), "G034"),
        (lambda: sk.compare_categories(TABLE, "answer", "answer"), "G047"),
        (lambda: sk.compare_paired_categories(TABLE, "answer", "answer"), "G047"),
        (lambda: sk.ancova(TABLE, "trust", "country", "age", interactions=[3]), "G012"),
        (lambda: sk.ordinal_regression(TABLE, "answer", []), "G034"),
        (lambda: sk.equivalent_correlation(TABLE, "trust", "age", bound="x"), "O004"),
        (lambda: sk.compare_paired(TABLE, "trust", [1]), "O004"),
        (lambda: sk.compare_groups(TABLE, "trust", "country", equal_variances="no"), "O001"),
    ],
)
def test_what_an_option_cannot_be(call: Callable[[], object], code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        call()
