"""Alignment: recovers what was made, is a minimum, and its errors are those of its own movement."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from invariance_data import HS, ISSP, ONE_FACTOR, country_moments, simulated

from reference_data import dataset
from surveykit.analysis.alignment import alignment
from surveykit.analysis.invariance import measurement_invariance
from surveykit.errors import SurveykitError
from surveykit.estimation.alignment import Measures, align, explained, invariant_groups, jacobian


def measures(groups: int, anchored: bool = True, seed: int = 1, noise: float = 0.0) -> Measures:
    """Two factors of four items; configural estimates of an invariant scale, but for `noise`."""
    generator = np.random.default_rng(seed)
    pattern = np.kron(np.eye(2), np.ones((4, 1))) > 0
    loadings = np.where(pattern, generator.uniform(0.6, 1.0, (8, 2)), 0.0)
    intercepts = generator.normal(3, 0.5, 8)
    means = np.concatenate([np.zeros((1, 2)), generator.normal(0, 0.5, (groups - 1, 2))])
    deviations = np.concatenate([np.ones((1, 2)), generator.uniform(0.8, 1.3, (groups - 1, 2))])
    seen = loadings * deviations[:, None, :] * (1 + noise * generator.normal(size=(groups, 8, 2)))
    levels = intercepts + means @ loadings.T + noise * generator.normal(size=(groups, 8))
    return Measures(seen, levels, np.full(groups, 300.0), pattern, anchored)


@pytest.mark.parametrize("groups", [2, 3, 6])
def test_an_invariant_scale_is_aligned_exactly(groups: int) -> None:
    given = measures(groups)
    loadings, intercepts = given.aligned(align(given, starts=2))
    assert np.ptp(loadings, axis=0).max() < 1e-7
    assert np.ptp(intercepts, axis=0).max() < 1e-7


@pytest.mark.parametrize("anchored", [True, False])
def test_the_gradient_is_that_of_the_loss(anchored: bool) -> None:
    given = measures(3, anchored, noise=0.2)
    theta = 0.3 * np.random.default_rng(2).normal(size=given.n_free)
    numerical = jacobian(lambda one: np.array([given.loss(one, 0.01)[0]]), theta)[0]
    np.testing.assert_allclose(given.loss(theta, 0.01)[1], numerical, rtol=1e-6, atol=1e-9)


def test_free_means_come_with_deviations_whose_product_is_one() -> None:
    given = measures(3, anchored=False, noise=0.1)
    means, spread = given.unfold(align(given, starts=3))
    assert spread.sum(axis=0) == pytest.approx(np.zeros(2), abs=1e-12)
    assert means.shape == (3, 2)


def test_more_starts_never_end_higher() -> None:
    given = measures(4, noise=0.3, seed=8)
    few, many = (given.loss(align(given, starts=starts), 0.01)[0] for starts in (1, 12))
    assert many <= few + 1e-12


def test_invariant_groups() -> None:
    values, cov = np.array([1.0, 1.02, 0.99, 2.0]), 0.01 * np.eye(4)
    assert invariant_groups(values, cov).tolist() == [True, True, True, False]
    assert invariant_groups(values, 4 * np.eye(4)).all()
    assert invariant_groups(np.array([1.0, 3.0]), cov[:2, :2]).tolist() == [True, False]


def test_explained_share() -> None:
    estimates = np.array([[1.0, 2.0], [2.0, 3.0]])
    assert explained(estimates, estimates + 5) == pytest.approx(1.0)
    assert explained(estimates, np.zeros((2, 2))) == pytest.approx(0.0)
    assert explained(np.ones((2, 2)), np.zeros((2, 2))) == 1.0


@pytest.mark.parametrize("groups", [("JP", "KR"), ("JP", "KR", "US")])
def test_means_of_a_partially_invariant_scale(groups: tuple[str, ...]) -> None:
    data = simulated(1500, groups)
    found = alignment(ONE_FACTOR, data, group="country")
    frame = found.to_frame()
    assert frame["group"].tolist() == list(groups)
    first = frame.iloc[0]
    assert (first["mean"], first["se"], first["sd"], first["sd_se"]) == (0, 0, 1, 0)
    for place, row in enumerate(frame.to_dict("records")[1:], start=1):
        # Made with 0.4, 0.8 and a deviation of 1.2; alignment is biased by about .01 here.
        assert abs(row["mean"] - 0.4 * place) < 3 * row["se"] + 0.01
        assert abs(row["sd"] - 1.2) < 3 * row["sd_se"] + 0.01
    partial = measurement_invariance(ONE_FACTOR, data, group="country", partial="search").latent_means()
    # Two estimators of the same means from the same data: within one of their standard errors.
    assert (
        np.abs(partial["mean"].to_numpy() - frame["mean"].to_numpy()[1:]) < frame["se"].to_numpy()[1:]
    ).all()
    unequal = set(found.parameters.loc[~found.parameters["invariant"], "parameter"])
    assert unequal == {"f=~i2", "i5~1"}
    assert found.notes == ()
    assert (found.r_squared["r_squared"] <= 1).all()


def test_errors_are_those_of_repeated_samples() -> None:
    # 40 samples: the spread of the means is known to 11 %, the mean of the errors far better.
    frames = [
        alignment(ONE_FACTOR, simulated(300, seed=seed), group="country", estimator="ML", starts=1).to_frame()
        for seed in range(40)
    ]
    means = np.array([frame["mean"].iloc[1] for frame in frames])
    errors = np.array([frame["se"].iloc[1] for frame in frames])
    assert np.std(means) == pytest.approx(errors.mean(), rel=0.33)


def test_two_factors_and_moments() -> None:
    data = dataset("hs1939")
    seen = alignment(HS, data, group="school", estimator="ML")
    parts = {label: own.drop(columns=["school"]) for label, own in data.groupby("school", sort=False)}
    items = [f"x{number}" for number in range(1, 10)]
    told = alignment(
        HS,
        sample_cov={label: own[items].cov() for label, own in parts.items()},
        sample_mean={label: own[items].mean() for label, own in parts.items()},
        sample_nobs={label: len(own) for label, own in parts.items()},
        estimator="ML",
    )
    pd.testing.assert_frame_equal(seen.to_frame(), told.to_frame(), rtol=1e-4, atol=1e-6)
    assert seen.to_frame()["factor"].tolist() == ["visual"] * 2 + ["textual"] * 2 + ["speed"] * 2
    assert repr(seen).startswith("<AlignmentResult: 2 groups")
    assert len(seen.to_dict()["parameters"]) == 2 * 18


def test_issp_alignment_says_where_it_is_doubtful() -> None:
    found = alignment(ISSP, **country_moments("issp2005_work_cov", "moments"))
    lone = set(found.parameters.loc[~found.parameters["invariant"], "parameter"])
    assert "JP=~JP3" in lone or "JP3~1" in lone
    assert ("V030" in [one.code for one in found.notes]) == (found.non_invariant > 0.25)


def test_much_non_invariance_is_said() -> None:
    data = simulated(500)
    shifts = {"i1": 0.9, "i2": -0.8, "i3": 1.4, "i4": -1.5, "i6": 2.0}
    for item, shift in shifts.items():
        data.loc[data["country"] == "KR", item] += shift
    data.loc[data["country"] == "KR", "i6"] *= 2
    found = alignment(ONE_FACTOR, data, group="country")
    assert found.non_invariant > 0.25
    assert "V030" in [one.code for one in found.notes]


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("O001", {"method": "loose"}),
        ("O002", {"tolerance": 0}),
        ("V028", {"ordered": True}),
        ("V009", {"group": None}),
        ("V029", {"data": None, "group": None, "sample_cov": {}, "sample_nobs": {}}),
        ("M115", {"se": "none"}),
    ],
)
def test_refusals(code: str, options: dict[str, Any]) -> None:
    call: dict[str, Any] = {"data": simulated(100), "group": "country", **options}
    with pytest.raises(SurveykitError) as caught:
        alignment(ONE_FACTOR, **call)
    assert caught.value.code == code
