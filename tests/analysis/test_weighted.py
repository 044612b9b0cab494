"""Weighted comparisons: weighted regression in statsmodels, and PISA's principals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.analysis.weighted import compare_weighted
from surveykit.errors import SurveykitError

PISA = Path(__file__).parents[3] / "shared" / "data" / "pisa2012_principals"
# School-weighted means of published.md, JP then KR, four decimals.
PUBLISHED = {
    "LEADCOM": (-1.1347, -0.2616),
    "LEADINST": (-1.0962, -0.3037),
    "LEADPD": (-0.5949, -0.4155),
    "LEADTCH": (-0.5507, -0.1003),
    "TCMORALE": (-0.6376, -0.3103),
    "STUDCLIM": (0.1771, -0.0513),
    "TEACCLIM": (-0.3408, 0.1935),
}


def sample() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    group = np.repeat(["J", "K"], [40, 60])
    return pd.DataFrame({"g": group, "y": rng.normal(size=100), "w": rng.uniform(1, 9, 100), "flat": 1.0})


def test_the_difference_is_that_of_a_weighted_regression() -> None:
    import statsmodels.api as sm

    frame = sample()
    row = compare_weighted(frame, "y", "g", "w").to_frame().iloc[0]
    x = sm.add_constant((frame["g"] == "J").astype(float).to_numpy())
    fit = sm.WLS(frame["y"].to_numpy(), x, weights=frame["w"].to_numpy()).fit(cov_type="HC0")
    assert np.isclose(row["mean_diff"], fit.params[1], rtol=1e-10)
    # survey::svyglm: the sandwich with n / (n - 1).
    assert np.isclose(row["se"], fit.bse[1] * np.sqrt(100 / 99), rtol=1e-10)
    assert row["df"] == 98
    assert row["n_effective_1"] < 40


def test_equal_weights_change_no_mean() -> None:
    frame = sample().assign(w=3.0)
    row = compare_weighted(frame, "y", "g", "w").to_frame().iloc[0]
    first = frame.loc[frame["g"] == "J", "y"]
    assert np.isclose(row["mean_1"], first.mean())
    assert np.isclose(row["sd_1"], first.std(ddof=1))
    assert np.isclose(row["se_1"], first.std(ddof=1) / np.sqrt(40))
    assert np.isclose(row["n_effective_1"], 40)


@pytest.mark.skipif(not (PISA / "data.csv").exists(), reason="PISA 2012 principals are not on this machine")
def test_pisa_means_are_those_printed() -> None:
    frame = compare_weighted(pd.read_csv(PISA / "data.csv"), PUBLISHED, "country", "weight").to_frame()
    for row in frame.to_dict("records"):
        assert (round(row["mean_1"], 4), round(row["mean_2"], 4)) == PUBLISHED[row["outcome"]]


def test_bad_input_is_refused_and_a_flat_outcome_told() -> None:
    frame = sample()
    for column, value in (("w", 0.0), ("w", np.nan), ("w", -1.0)):
        broken = frame.copy()
        broken.loc[3, column] = value
        with pytest.raises(SurveykitError, match="G025"):
            compare_weighted(broken, "y", "g", "w")
    result = compare_weighted(frame, ["flat", "y"], "g", "w")
    assert [note.code for note in result.notes] == ["G004"]
    assert "y: " in result.summary()
