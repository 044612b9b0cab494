"""Robust fit indices of ordered variables: the misfit on the scale of maximum likelihood.

The chi-square that enters them is that of ML, applied to the polychoric correlations at
the weighted least squares estimates, with the mean of its reference distribution.

Notes
-----
Not defined, and NaN as in lavaan, where variables are mixed, x is conditioned on, a
correlation matrix is not positive definite, or scales (``~*~``) are free in the delta
parameterization: fit the model with ``parameterization="theta"``.

References
----------
Savalei (2021), doi:10.1080/00273171.2020.1717922.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import lower_triangle
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.fit_measures import Corrected
from surveykit.estimation.sem.ordinal_inference import OrdinalInference

FloatArray = NDArray[np.float64]

NAN = float("nan")
UNDEFINED = Corrected(NAN, NAN, NAN, NAN, NAN)
SMALLEST_EIGENVALUE = 1.5e-8


class Group(NamedTuple):
    """One group: chi-squares of the model and of independence, and terms of their expected values.

    V are the normal-theory weights of the correlations, W those of least squares.
    """

    chisq: float
    chisq_null: float
    trace: float  # tr(V Gamma)
    trace_null: float  # tr(Gamma)
    cross: FloatArray  # Delta' W Gamma V Delta (q, q)
    meat: FloatArray  # Delta' W Gamma W Delta
    bread: FloatArray  # Delta' V Delta


def ordinal_corrections(solution: Solution) -> Corrected:
    """ML chi-squares of the model and of independence, with their scaling factors."""
    samples = [one for one in solution.moments if isinstance(one, OrdinalMoments)]
    if len(samples) < len(solution.moments) or why_undefined(solution):
        return UNDEFINED
    assert solution.fitted is not None
    fitted, settings = solution.fitted, solution.settings
    inverse = fitted.invert(fitted.information(settings.information[0], h1=settings.h1_information[0]))
    if inverse is None:
        return UNDEFINED
    groups = []
    for inference, implied in zip(fitted.groups, solution.implied, strict=True):
        assert isinstance(inference, OrdinalInference)
        groups.append(_group(inference, implied.sigma[0]))
    shares = fitted.shares
    cross = fitted.assemble([one.cross for one in groups], shares)
    meat = fitted.assemble([one.meat for one in groups], shares)
    bread = fitted.assemble([one.bread for one in groups], shares)
    trace = sum(one.trace for one in groups) - 2 * float(np.sum(inverse * cross))
    trace += float(np.sum((inverse @ meat) * (inverse @ bread).T))
    n_correlations = sum(len(one.names) * (len(one.names) - 1) // 2 for one in samples)
    df = n_correlations - _parameters(solution)
    # As in lavaan, the groups' terms of the independence model are divided by their shares.
    trace_null = sum(one.trace_null / share for one, share in zip(groups, shares.tolist(), strict=True))
    return Corrected(
        chisq=sum(one.chisq for one in groups),
        df=float(df),
        scaling=trace / df if df > 0 else NAN,
        chisq_null=sum(one.chisq_null for one in groups),
        scaling_null=trace_null / n_correlations,
    )


def _group(inference: OrdinalInference, sigma: FloatArray) -> Group:
    sample, p = inference.sample, len(sigma)
    inverse = np.linalg.inv(sigma)
    logdet, logdet_sample = (float(np.linalg.slogdet(one)[1]) for one in (sigma, sample.cov))
    value = logdet + float(np.sum(inverse * sample.cov)) - logdet_sample - p
    pairs = p * (p - 1) // 2
    # Thresholds move no correlation: their columns of Delta are zero and stay so in every product.
    n_other = inference.discrepancy.model.n_other
    z, delta = inference.rows[:, -pairs:], inference.delta()[-pairs:, :n_other]
    # V times a vector is Sigma^-1 Y Sigma^-1, Y the vector as a symmetric matrix: V itself is never formed.
    half = _symmetric(z, p) @ inverse
    trace = 0.5 * float(np.einsum("nij,nji->", half, half)) / sample.n
    row, column = lower_triangle(p, diagonal=False)
    weighted = (inverse @ (_symmetric(delta.T, p) @ inverse))[:, row, column].T
    weight = inference.discrepancy.weight[-pairs:, ..., 0]
    q = len(inference.parameter)
    pulled = z @ (weight[:, None] * delta if weight.ndim == 1 else weight[:, -pairs:] @ delta)
    return Group(
        chisq=sample.n * value,
        chisq_null=-sample.n * logdet_sample,
        trace=trace,
        trace_null=float(np.einsum("ns,ns->", z, z)) / sample.n,
        cross=_widened(pulled.T @ (z @ weighted) / sample.n, q),
        meat=_widened(pulled.T @ pulled / sample.n, q),
        bread=_widened(delta.T @ weighted, q),
    )


def _widened(block: FloatArray, q: int) -> FloatArray:
    """A (r, r) block as the first rows and columns of zeros (q, q)."""
    whole = np.zeros((q, q))
    whole[: len(block), : len(block)] = block
    return whole


def _symmetric(rows: FloatArray, p: int) -> FloatArray:
    """Rows (k, pairs) as symmetric matrices (k, p, p) with a zero diagonal."""
    pairs = rows.shape[1]
    row, column = lower_triangle(p, diagonal=False)
    place = np.full((p, p), pairs)
    place[row, column] = place[column, row] = np.arange(pairs)
    return np.concatenate([rows, np.zeros((len(rows), 1))], axis=1).take(place, axis=1)


def why_undefined(solution: Solution) -> str:
    """What stands in the way of these indices, as options and names; empty where nothing does."""
    table, found = solution.table, []
    scales = any(op == "~*~" and free for op, free in zip(table.op, table.free.tolist(), strict=True))
    if scales and solution.settings.parameterization == "delta":
        found.append("~*~, parameterization='delta'")
    elif scales:
        found.append("~*~")
    samples = [one for one in solution.moments if isinstance(one, OrdinalMoments)]
    numeric = [
        name for one in samples for name, ordered in zip(one.names, one.ordered, strict=True) if not ordered
    ]
    if numeric:
        found.append("numeric: " + ", ".join(dict.fromkeys(numeric)))
    if solution.representation.conditional_x:
        found.append("conditional_x=True")
    matrices = [sample.cov for sample in samples] + [one.sigma[0] for one in solution.implied]
    smallest = min(float(np.linalg.eigvalsh(matrix)[0]) for matrix in matrices)
    if smallest < SMALLEST_EIGENVALUE:
        found.append(f"eigenvalue {smallest:.2g}")
    return "; ".join(found)


def _parameters(solution: Solution) -> int:
    """Free parameters of the covariance structure, constraints among them taken off."""
    table = solution.table
    kept = np.array(
        [
            op not in ("|", "~1")
            for op, free in sorted(
                ((op, free) for op, free in zip(table.op, table.free.tolist(), strict=True) if free),
                key=lambda pair: pair[1],
            )
        ]
    )
    rows = solution.constraints.equalities_jacobian(solution.x)
    inside = rows[~np.any(rows[:, ~kept] != 0, axis=1)] if len(rows) else rows
    return int(kept.sum()) - (int(np.linalg.matrix_rank(inside)) if len(inside) else 0)
