"""Mixed model against nlme::lme, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

from reference_data import dataset
from surveykit.analysis.nested import nested_comparison
from surveykit.errors import SurveykitError

# nlme::lme(WBEING ~ half + HRS, random = ~1 | GRP), REML, R 4.2.2, on `soldiers()`.
LME = {
    "est": [3.45574667957, -0.06059148575, -0.05343692973],
    "se": [0.12601773215, 0.07270213849, 0.01032303940],
    "df": [1556, 23, 1556],
    "pvalue": [2.158425025e-135, 4.131790710e-01, 2.555802662e-07],
    "between": 0.01975019,
    "within": 0.74726218,
    "loglik": -2032.45621963,
}


def soldiers() -> pd.DataFrame:
    frame = dataset("bh1996_sub")
    middle = np.median(frame["GRP"].unique())
    return frame.assign(half=np.where(frame["GRP"] > middle, "late", "early"))


def test_the_model_is_that_of_nlme() -> None:
    result = nested_comparison(soldiers(), "WBEING", "half", "GRP", "HRS")
    # nlme stops at a relative change of 1e-6 in the likelihood, its variances are good to about 1e-4.
    assert result.frame["term"].tolist() == ["(Intercept)", "half=late", "HRS"]
    for name in ("est", "se", "df", "pvalue"):
        assert np.allclose(result.frame[name], LME[name], rtol=1e-4, atol=1e-12), name
    assert np.isclose(result.variance_between, LME["between"], rtol=1e-3)
    assert np.isclose(result.variance_within, LME["within"], rtol=1e-5)
    assert np.isclose(result.loglik, LME["loglik"], atol=1e-6)
    assert [note.code for note in result.notes] == ["G027"]
    assert "ICC" in result.summary()


def test_clusters_widen_the_standard_error() -> None:
    frame = soldiers()
    plain = frame.groupby("half")["WBEING"].agg(["var", "size"])
    result = nested_comparison(frame, "WBEING", "half", "GRP").frame.set_index("term")
    assert result.loc["half=late", "se"] > np.sqrt((plain["var"] / plain["size"]).sum())


def test_no_variance_between_clusters_is_told() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"c": np.repeat(np.arange(50), 4), "g": ["a"] * 100 + ["b"] * 100})
    noise = rng.normal(size=(50, 4))
    frame["y"] = (noise - noise.mean(axis=1, keepdims=True)).ravel()
    assert "G028" in [note.code for note in nested_comparison(frame, "y", "g", "c").notes]


def test_bad_input_is_refused() -> None:
    frame = soldiers()
    frame["own"] = np.arange(len(frame))
    cases = [
        ("own", "half", (), "G026"),
        ("half", "GRP", (), "G026"),
        ("GRP", "half", ("HRS", "HRS"), "G011"),
    ]
    for cluster, group, covariates, code in [*cases, ("GRPP", "half", (), "G001")]:
        with pytest.raises(SurveykitError, match=code):
            nested_comparison(frame, "WBEING", group, cluster, covariates)
