"""Omega against psych::omega."""

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset, matrix
from surveykit.analysis.omega import OmegaResult, omega
from surveykit.errors import SurveykitError

ITEMS = [f"{scale}{number}" for scale in "ACENO" for number in range(1, 6)]
# Record -> the columns of the complete rows, and the extraction.
CASES = {
    "big5_minres": (ITEMS, "minres"),
    "big5_ml": (ITEMS, "ml"),
    "ac_minres_3": (ITEMS[:10], "minres"),
    "extra_1": (ITEMS[10:15], "minres"),
    "extra_3": (ITEMS[10:15], "minres"),
}
COEFFICIENTS = {
    "omega_h": "omega_hierarchical",
    "omega_lim": "omega_asymptotic",
    "omega_total": "omega_total",
    "alpha": "alpha",
    "G6": "lambda6",
    "ecv": "explained_common_variance",
}
# psych stops minres at about 1e-5 and rotates from there: the record allows 1e-3, this is ten times less.
TOLERANCE = (3e-4, 3e-4)


def fitted(name: str) -> OmegaResult:
    columns, method = CASES[name]
    complete = dataset("bfi_keyed")[ITEMS].dropna()
    return omega(complete[columns], case("rel-omega-bfi")["results"][name]["nfactors"], method=method)


@pytest.mark.parametrize("name", CASES)
def test_coefficients_equal_psych(name: str) -> None:
    expected, result = case("rel-omega-bfi")["results"][name], fitted(name)
    assert result.n == case("rel-omega-bfi")["results"]["n"]
    for theirs, ours in COEFFICIENTS.items():
        assert close(getattr(result, ours), expected[theirs], *TOLERANCE), ours
    assert dict(result.key) == expected["key"]


@pytest.mark.parametrize("name", CASES)
def test_tables_equal_psych(name: str) -> None:
    expected, result = case("rel-omega-bfi")["results"][name], fitted(name)
    sl = matrix(expected["schmid_leiman"])
    assert list(result.schmid_leiman.columns) == ["item", *sl.columns]
    # psych leaves rounding noise of 1e-8 in group loadings that are zero.
    assert np.allclose(result.schmid_leiman[sl.columns], sl, atol=5e-4)
    assert np.allclose(result.oblique, matrix(expected["oblique"]), atol=5e-4)
    assert np.allclose(result.general_loadings, matrix(expected["gloading"]).to_numpy()[:, 0], atol=5e-4)
    if expected["phi"] is not None:
        assert np.allclose(result.phi, matrix(expected["phi"]), atol=5e-4)
    for row in expected["omega_group"]:
        for column in ("total", "general", "group"):
            assert close(result.groups.loc[row["factor"], column], row[column], *TOLERANCE)


@pytest.mark.parametrize(
    ("name", "codes"),
    [("big5_minres", ["S016"]), ("ac_minres_3", []), ("extra_1", ["S017"]), ("extra_3", ["S019"])],
)
def test_what_limits_a_solution_is_noted(name: str, codes: list[str]) -> None:
    assert [one.code for one in fitted(name).notes] == codes


def test_two_factors_say_that_their_general_loadings_are_set() -> None:
    result = omega(dataset("hs1939")[["x1", "x2", "x3", "x4", "x5", "x6"]], 2)
    assert [one.code for one in result.notes] == ["S018"]
    assert result.general_loadings.iloc[0] == result.general_loadings.iloc[1]


def test_a_heywood_case_is_named() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(40, 6))
    items = pd.DataFrame(noise, columns=list("abcdef"))
    items["b"] = items["a"] + 0.01 * noise[:, 1]
    assert "S020" in [one.code for one in omega(items, 2).notes]


@pytest.mark.parametrize(
    ("code", "columns", "options"),
    [
        ("S001", ["x1", "x2"], {}),
        ("S015", ["x1", "x2", "x3"], {"n_factors": 3}),
        ("S015", ["x1", "x2", "x3"], {"n_factors": 0}),
        ("O001", ["x1", "x2", "x3", "x4"], {"method": "uls"}),
        ("O001", ["x1", "x2", "x3", "x4"], {"missing": "fiml"}),
        ("S002", ["x1", "x2", "x3", "school"], {}),
    ],
)
def test_refusals(code: str, columns: list[str], options: dict[str, object]) -> None:
    with pytest.raises(SurveykitError) as caught:
        omega(dataset("hs1939")[columns], **options)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_copies_of_items_have_no_ml_solution() -> None:
    items = dataset("hs1939")[["x1", "x2", "x3", "x4"]]
    with pytest.raises(SurveykitError, match="S022"):
        omega(items.assign(x5=items["x1"]), 1, method="ml")
