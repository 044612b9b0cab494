"""Horn's parallel analysis: eigenvalues of data without factors, all draws at once.

Stacks of correlation matrices are (draws, p, p); eigenvalues come in
decreasing order, (draws, p).
"""

from __future__ import annotations

import numpy as np

from surveykit.estimation.factor_extraction import extract
from surveykit.estimation.item_moments import FloatArray, correlation
from surveykit.estimation.one_factor import one_factor
from surveykit.estimation.ordinal_tables import TableSteps
from surveykit.estimation.polychoric import encode, pair_indices


def normal_correlations(rng: np.random.Generator, draws: int, n: int, p: int) -> FloatArray:
    """Correlations of n uncorrelated normal rows, drawn as Wishart matrices without making the rows."""
    df = n - 1
    if df < p:
        rows = rng.standard_normal((draws, n, p))
        centred = rows - rows.mean(axis=1, keepdims=True)
        return correlation(np.swapaxes(centred, 1, 2) @ centred)
    # Bartlett's decomposition: chi variates on the diagonal, normal ones below it.
    A = np.zeros((draws, p, p))
    below = np.tril_indices(p, -1)
    A[:, below[0], below[1]] = rng.standard_normal((draws, below[0].size))
    diagonal = np.arange(p)
    A[:, diagonal, diagonal] = np.sqrt(rng.chisquare(df - diagonal, (draws, p)))
    return correlation(A @ np.swapaxes(A, 1, 2))


def resampled_correlations(rng: np.random.Generator, draws: int, values: FloatArray) -> FloatArray:
    """Correlations of data whose columns were each resampled alone, with replacement; complete values."""
    columns = _Columns(rng, (values - values.mean(axis=0)).T)
    products = np.empty((draws, values.shape[1], values.shape[1]))
    for product in products:
        rows = columns.resampled()
        rows -= (rows.sum(axis=1) / len(values))[:, None]
        np.matmul(rows, rows.T, out=product)
    return correlation(products)


def resampled_polychorics(rng: np.random.Generator, draws: int, values: FloatArray) -> FloatArray:
    """Polychoric correlations of data whose columns were each resampled alone; complete values."""
    p = values.shape[1]
    columns = _Columns(rng, values.T)
    first, second = pair_indices(p)
    stack = np.tile(np.eye(p), (draws, 1, 1))
    for draw in range(draws):
        # Codes anew: a category may not have been drawn.
        rho = TableSteps(encode(columns.resampled().T)[0]).fit.rho
        stack[draw, first, second] = stack[draw, second, first] = rho
    return stack


class _Columns:
    """Items, rows of (p, n), to be resampled many times.

    Always into the same memory: of this size it costs more to get than to fill.
    """

    def __init__(self, rng: np.random.Generator, columns: FloatArray) -> None:
        p, n = columns.shape
        self._rng, self._columns = rng, np.ascontiguousarray(columns)
        self._drawn_as = (
            np.uint16 if n <= np.iinfo(np.uint16).max else np.int64
        )  # small ones are drawn faster
        self._starts = (np.arange(p) * n)[:, None]
        self._places, self._rows = np.empty((p, n), dtype=np.intp), np.empty((p, n))

    def resampled(self) -> FloatArray:
        """Each item resampled with replacement, again where it came out constant; until the next call."""
        p, n = self._columns.shape
        drawn = self._rng.integers(0, n, (p, n), dtype=self._drawn_as)
        np.add(drawn, self._starts, out=self._places)
        # All places lie inside; "clip" only saves the check.
        self._columns.reshape(-1).take(self._places, mode="clip", out=self._rows)
        for item in np.flatnonzero(self._rows.min(axis=1) == self._rows.max(axis=1)):
            while self._rows[item].min() == self._rows[item].max():
                self._rows[item] = self._rng.choice(self._columns[item], n)
        return self._rows


def component_eigenvalues(R: FloatArray) -> FloatArray:
    """Eigenvalues of correlation matrices."""
    return np.asarray(np.linalg.eigvalsh(R)[..., ::-1])


def factor_eigenvalues(R: FloatArray) -> FloatArray:
    """Eigenvalues with the communalities of one minres factor on the diagonal, as psych compares them."""
    try:
        uniqueness, settled = one_factor(R)
    except np.linalg.LinAlgError:  # fewer rows than items: no draw has an inverse
        uniqueness, settled = np.ones(R.shape[:2]), np.zeros(len(R), dtype=bool)
    for draw in np.flatnonzero(~settled):  # Heywood cases and the like: alone, within bounds
        uniqueness[draw] = extract(R[draw], 1, "minres").uniqueness
    return component_eigenvalues(R - uniqueness[:, :, None] * np.eye(R.shape[-1]))
