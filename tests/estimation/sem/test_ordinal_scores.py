"""Scores of ordered items: against R's lavPredict, and as true modes."""

from typing import Any

import numpy as np
import pytest

from reference_data import dataset, matrix
from sem_reference import sem_fits, solved
from surveykit.estimation.sem.ordinal_scores import (
    ItemModel,
    _Posterior,
    interval_terms,
    item_model,
    item_scores,
)

FITS = [
    one
    for one in sem_fits("factor_scores_first10", "data")
    if "th" in (one.values[0].get("sampstat") or [{}])[0]
]


def item_data(record: dict[str, Any]) -> tuple[ItemModel, np.ndarray]:
    _, representation, x = solved(record)
    frame = dataset(record["data"])[list(representation.groups[0].ov)]
    if record["resolved"]["missing"] == "listwise":
        frame = frame.dropna()
    codes = frame.apply(lambda one: one.rank(method="dense") - 1).to_numpy(dtype=float)
    return item_model(representation, x, 0), codes


@pytest.mark.parametrize("record", FITS)
@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_modes_are_lavaans_and_better(record: dict[str, Any], method: str) -> None:
    model, codes = item_data(record)
    got = item_scores(model, codes, None, method).values[:10]
    theirs = matrix(record["factor_scores_first10"][method]).to_numpy()
    # R's optim stops where the objective changes by less than 1e-8 of its size, which leaves
    # up to 3e-4 in the scores; ours is the mode, with a smaller objective and no gradient.
    np.testing.assert_allclose(got, theirs, atol=3e-4)
    posterior = _Posterior(model, codes[:10], np.zeros((10, 0)), method)
    ours, gradient, _ = posterior.point(got)
    assert (ours <= posterior.point(theirs)[0] + 1e-12).all()
    assert np.abs(gradient).max() < 1e-9


def test_derivatives_of_an_interval() -> None:
    lower = np.array([-np.inf, -1.0, 0.3, 2.0, -0.5])
    upper = np.array([-1.2, 0.2, 1.1, np.inf, 0.5])
    step = 1e-5

    def shifted(by: float) -> Any:
        return interval_terms(lower - by, upper - by)

    terms = shifted(0.0)
    # central differences of smooth functions: 1e-10 of truncation and 1e-11 of rounding
    slope = (shifted(step).value - shifted(-step).value) / (2 * step)
    curvature = (shifted(step).slope - shifted(-step).slope) / (2 * step)
    np.testing.assert_allclose(terms.slope, slope, atol=1e-9)
    np.testing.assert_allclose(terms.curvature, curvature, atol=1e-9)
    assert (terms.curvature < 0).all()


def test_extreme_and_empty_patterns() -> None:
    model, codes = item_data(FITS[0].values[0])
    worst = np.zeros((1, codes.shape[1]))
    best = worst + np.array([len(cuts) - 2 for cuts in model.cuts if cuts is not None])
    empty = np.full_like(worst, np.nan)
    some = codes[:1].copy()
    some[0, :4] = np.nan
    got = item_scores(model, np.vstack([worst, best, empty, some]))
    assert (got.values[0] < -1).all()
    assert (got.values[1] > 0.5).all()
    assert np.isnan(got.values[2]).all()
    assert np.isnan(got.se[2]).all()
    whole = item_scores(model, codes[:1])
    assert got.se[3, 0] > whole.se[0, 0]  # fewer answers, larger error
    bartlett = item_scores(model, np.vstack([worst, best]), method="bartlett")
    assert np.isfinite(bartlett.values).all()
    assert (np.abs(bartlett.values) > np.abs(got.values[:2])).all()
