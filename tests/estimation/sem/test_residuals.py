"""Residuals and their root mean squares against R's, from the moments that stand beside them."""

import math
from typing import Any

import numpy as np
import pytest

from reference_data import close, matrix
from sem_reference import sem_fits
from surveykit.estimation.sem.residuals import GroupMoments, residual_moments, root_mean_squares

# Moments that the reference prints with 15 digits, subtracted: 1e-13 of their size is left.
ABSOLUTE = 1e-12


def moments(record: dict[str, Any], key: str) -> list[GroupMoments]:
    out = []
    for group in record[key]:
        mean, th = group.get("mean"), group.get("th")
        out.append(
            GroupMoments(
                matrix(group["cov"]).to_numpy(),
                None if mean is None else np.array(list(mean.values()), dtype=float),
                None if th is None else np.array(list(th.values()), dtype=float),
            )
        )
    return out


@pytest.mark.parametrize("record", sem_fits("residuals_raw"))
@pytest.mark.parametrize(
    ("kind", "key"), [("raw", "residuals_raw"), ("cor.bentler", "residuals_cor_bentler")]
)
def test_residuals(record: dict[str, Any], kind: str, key: str) -> None:
    pairs = zip(moments(record, "sampstat"), moments(record, "implied"), record[key], strict=True)
    for observed, implied, expected in pairs:
        got = residual_moments(observed, implied, kind)
        np.testing.assert_allclose(got.cov, matrix(expected["cov"]).to_numpy(), atol=ABSOLUTE, rtol=1e-9)
        for name in ("mean", "th"):
            if name in expected:
                value = np.array(list(expected[name].values()), dtype=float)
                np.testing.assert_allclose(getattr(got, name), value, atol=1e-10, rtol=1e-9)


@pytest.mark.parametrize("record", sem_fits("residuals_raw"))
def test_root_mean_squares(record: dict[str, Any]) -> None:
    got = root_mean_squares(moments(record, "sampstat"), moments(record, "implied"), record["n"]["nobs"])
    for name, value in got.items():
        assert close(value, record["fit"][name], 1e-9, 1e-9), name


def test_a_variance_that_is_not_positive_leaves_no_correlation() -> None:
    observed = GroupMoments(np.array([[1.0, 0.3], [0.3, 2.0]]))
    implied = GroupMoments(np.array([[-0.5, 0.2], [0.2, 2.0]]))
    got = residual_moments(observed, implied, "cor.bollen")
    assert math.isnan(got.cov[0, 0])
    assert abs(got.cov[1, 1]) < 1e-15


def test_slopes_are_standardized_by_both_sides() -> None:
    cov_x = np.diag([4.0])
    observed = GroupMoments(np.diag([9.0]), np.array([3.0]), None, np.array([[2.0]]), cov_x)
    implied = GroupMoments(np.diag([9.0]), np.array([0.0]), None, np.array([[0.5]]))
    got = residual_moments(observed, implied, "cor.bentler")
    assert got.slopes is not None
    assert got.mean is not None
    assert got.slopes[0, 0] == pytest.approx(1.5 * 2.0 / 3.0, abs=1e-15)  # (2 - 0.5) sd(x) / sd(y)
    assert got.mean[0] == pytest.approx(1.0, abs=1e-15)
    whole = root_mean_squares([observed], [implied], [10])
    assert whole["rmr"] == pytest.approx(math.sqrt((3.0**2 + 1.5**2) / 3), abs=1e-15)
