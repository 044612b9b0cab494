"""Factor scores against R's lavPredict, from the estimates that stand beside them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, dataset, fit_record, matrix
from sem_reference import sem_fits, solved
from surveykit.estimation.sem.scores import ScoreModel, normal_scores, score_model

FITS = [
    one
    for one in sem_fits("factor_scores_first10", "data")
    if "th" not in (one.values[0].get("sampstat") or [{}])[0]
]


def groups(record: dict[str, Any]) -> list[tuple[str, ScoreModel, np.ndarray]]:
    """Name, score model and cases of each group."""
    table, representation, x = solved(record)
    data = dataset(record["data"])
    labels = record["n"]["groups"] or [""]
    out = []
    for index, label in enumerate(labels):
        names = list(representation.groups[index].ov)
        rows = data if not label else data[data[record["options"]["group"]].astype(str) == label]
        cases = rows[names].to_numpy(dtype=float)
        if record["resolved"]["missing"] == "listwise":
            cases = cases[~np.isnan(cases).any(axis=1)]
        else:
            cases = cases[~np.isnan(cases).all(axis=1)]
        mean = np.nanmean(cases, axis=0)
        out.append((label, score_model(table, representation, x, index, mean), cases))
    return out


def expected(scores: dict[str, Any], label: str) -> pd.DataFrame:
    if "groups" in scores:
        return matrix(next(one["values"] for one in scores["groups"] if one["group"] == label))
    return matrix(scores)


@pytest.mark.parametrize("record", FITS)
@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_first_ten(record: dict[str, Any], method: str) -> None:
    for label, model, cases in groups(record):
        theirs = expected(record["factor_scores_first10"][method], label)
        got = normal_scores(model, cases, method)
        # 15-digit estimates, one linear map: cancellation leaves ten digits
        np.testing.assert_allclose(got.values[:10], theirs.to_numpy(), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "key"), [("hs", "hs"), ("hs-2group", "hs_2group"), ("fiml", "fiml"), ("sem", "poldem")]
)
@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_all_cases(name: str, key: str, method: str) -> None:
    record = fit_record("factor-scores", name)
    theirs = case("factor-scores")["results"][key][method]
    for label, model, cases in groups(record):
        wanted = matrix(theirs[label] if label else theirs).to_numpy()
        got = normal_scores(model, cases, method)
        np.testing.assert_allclose(got.values, wanted, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_standard_errors(method: str) -> None:
    _, model, cases = groups(fit_record("factor-scores", "hs"))[0]
    wanted = list(case("factor-scores")["results"][f"hs_se_{method}"].values())
    np.testing.assert_allclose(normal_scores(model, cases, method).se[5], wanted, rtol=1e-9)


def test_what_was_not_answered_is_not_scored() -> None:
    _, model, cases = groups(fit_record("factor-scores", "hs"))[0]
    cases = cases[:3].copy()
    cases[0] = np.nan
    cases[1, :3] = np.nan  # all indicators of the first factor
    regression, bartlett = (normal_scores(model, cases, one) for one in ("regression", "bartlett"))
    assert np.isnan(regression.values[0]).all()
    assert np.isfinite(regression.values[1]).all()  # the other factors still tell something
    assert np.isnan(bartlett.values[1]).tolist() == [True, False, False]
    assert (regression.se[1] >= regression.se[2] - 1e-12).all()
