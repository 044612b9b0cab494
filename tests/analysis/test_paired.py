"""Paired comparisons against R's t.test, wilcox.test, binom.test."""

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset
from surveykit.analysis.paired import compare_paired
from surveykit.errors import SurveykitError
from surveykit.estimation.paired import signed_rank

WANTED = case("grp-paired")["results"]
TIGHT = 1e-9


def data() -> pd.DataFrame:
    return dataset("sat_act")[["SATV", "SATQ"]].dropna().head(80)


@pytest.mark.parametrize(
    ("second", "key", "first"), [("SATQ", "t", "mean_diff"), (600, "one_sample_600", "mean_1")]
)
def test_t_tests_equal_r(second: str | float, key: str, first: str) -> None:
    row, wanted = compare_paired(data(), "SATV", second).to_frame().iloc[0], WANTED[key]
    shift = 600 if second == 600 else 0
    mine = [row[name] for name in ("t", "df", "pvalue", "se", first)]
    mine += [row["ci_lower"] + shift, row["ci_upper"] + shift]
    theirs = [wanted[name] for name in ("statistic", "df", "p", "se")]
    theirs += [*wanted["estimate"].values(), *wanted["ci"]]
    assert all(close(a, b, TIGHT) for a, b in zip(mine, theirs, strict=True))


def test_ranks_signs_and_effect_sizes_equal_r() -> None:
    row = compare_paired(data(), "SATV", "SATQ").to_frame().iloc[0]
    for name in ("dz", "dav", "drm", "r"):
        assert close(row[name], WANTED[name], TIGHT)
    assert close(row["wilcoxon_v"], WANTED["wilcoxon"]["statistic"])
    assert close(row["wilcoxon_pvalue"], WANTED["wilcoxon"]["p"], TIGHT)
    plain = signed_rank((data()["SATV"] - data()["SATQ"]).to_numpy(float), correct=False)
    assert close(plain[1], WANTED["wilcoxon_no_correction"]["p"], TIGHT)
    signs = WANTED["sign_test"]
    names = ("sign_positive", "sign_n", "sign_pvalue", "sign_ci_lower", "sign_ci_upper", "sign_share")
    theirs = (signs["statistic"], signs["df"], signs["p"], *signs["ci"], *signs["estimate"].values())
    assert all(close(row[name], b, 1e-8) for name, b in zip(names, theirs, strict=True))


def test_bad_input_is_refused_and_gaps_are_told() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, np.nan], "b": [2.0, 3, 4], "c": [1.0, 1, 1]})
    with pytest.raises(SurveykitError, match="G021"):
        compare_paired(frame, "a", "b")
    result = compare_paired(frame, "a", "c")
    assert [note.code for note in result.notes] == ["G013", "G044"]
    assert "a minus c: t(1)" in result.summary()
