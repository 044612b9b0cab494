"""Sample statistics of ordered and mixed variables, with their asymptotic covariance (Muthen 1984).

Thresholds, means, slopes on covariates, variances and polychoric, polyserial or
Pearson correlations in lavaan's order (`WLS.obs`), and for each respondent the
influence on every one of them, so that the asymptotic covariance is
``influence' influence / n``. Weighted least squares needs its diagonal; robust
standard errors and tests need products with the influence; only the WLS
estimator needs the whole of it.

References
----------
Muthen (1984), doi:10.1007/BF02294210; Muthen & Satorra (1995), doi:10.1007/BF02294325.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.moments import SampleMoments, vech
from surveykit.estimation.ordinal_cases import CaseSteps
from surveykit.estimation.ordinal_margins import Margin, numeric_margin, ordered_margin
from surveykit.estimation.ordinal_tables import TableSteps
from surveykit.estimation.polychoric import encode, pair_indices

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

Values = TypeVar("Values", FloatArray, IntArray, BoolArray)

# More different values than this are no answer categories.
MOST_CATEGORIES = 100


@dataclass(frozen=True, kw_only=True)
class OrdinalMoments(SampleMoments):
    """Sample statistics of one group with ordered variables; p variables, q covariates, s statistics.

    `cov` holds correlations of ordered variables and covariances of numeric ones (divisor n),
    given the covariates if there are any; `mean` is 0 for ordered variables, and an intercept
    where there are covariates.

    Attributes
    ----------
    ordered : bool array (p,)
    categories : tuple of arrays, the observed categories of each variable (empty for a numeric one)
    thresholds : array (n_th,), by variable; a numeric variable has its mean (or intercept) there
    threshold_variable : int array (n_th,), the index of the variable
    slopes : array (p, q) on the covariates `x_names`, of which `x_mean` (q,), `x_cov` (q, q; divisor n - 1)
    statistics : array (s,), lavaan's WLS.obs: thresholds and negated means, slopes column by
        column, variances of numeric variables, lower triangle of `cov` column by column
    labels : tuple of str, length s: ``u1|t1``, ``y~1``, ``u1~x``, ``y~~y``, ``u1~~y``
    gamma_diagonal : array (s,), asymptotic variances of sqrt(n) times the statistics
    correlation_variances : array (p, p), the same for correlations (`gamma` has covariances where
        a variable is numeric)
    bounded : bool array (p, p), correlations at their bound: one variable decides the other
    empty_cells : int array (p, p), empty cells of the two-way tables of ordered variables
    notes : what was found on the way
    """

    ordered: BoolArray
    categories: tuple[FloatArray, ...]
    thresholds: FloatArray
    threshold_variable: IntArray
    slopes: FloatArray
    x_names: tuple[str, ...]
    x_mean: FloatArray
    x_cov: FloatArray
    statistics: FloatArray
    labels: tuple[str, ...]
    gamma_diagonal: FloatArray
    correlation_variances: FloatArray
    bounded: BoolArray
    empty_cells: IntArray
    notes: tuple[Note, ...]
    casewise: Callable[[], FloatArray]

    @cached_property
    def influence(self) -> FloatArray:
        """Influence of each respondent on each statistic, (n, s): gamma = influence' influence / n."""
        return self.casewise()

    @cached_property
    def gamma(self) -> FloatArray:
        """Asymptotic covariance matrix of sqrt(n) times the statistics (lavaan's NACOV), (s, s)."""
        return self.influence.T @ self.influence / self.n

    @cached_property
    def products(self) -> dict[tuple[str, int], FloatArray]:
        """Weighted influences and their products, kept here so that a model and its baseline share them."""
        return {}

    def weight(self, discrepancy: str) -> FloatArray:
        """Weights of least squares: (s,) for "ULS" and "DWLS", (s, s) for "WLS".

        S068 where a statistic has no variance, S069 where gamma has no inverse.
        """
        if discrepancy == "ULS":
            return np.ones(len(self.statistics))
        variances = self.gamma_diagonal
        lost = np.flatnonzero(~(variances > 0) | ~np.isfinite(variances))
        if len(lost):
            raise SurveykitError("S068", statistics=", ".join(self.labels[one] for one in lost[:10]))
        if discrepancy == "DWLS":
            return np.asarray(1.0 / variances)
        sd = np.sqrt(variances)
        try:
            half = np.linalg.inv(np.linalg.cholesky(self.gamma / np.outer(sd, sd))) / sd
        except np.linalg.LinAlgError:
            raise SurveykitError("S069", n=self.n, statistics=len(variances)) from None
        return np.asarray(half.T @ half)


class _Found(NamedTuple):
    """What either route finds; pairs in the order of `pair_indices`, influences not yet of covariances."""

    level: tuple[FloatArray, ...]  # thresholds or mean of each variable
    slopes: FloatArray  # (p, q)
    variance: FloatArray  # (p,), 1 for an ordered variable
    rho: FloatArray  # (P,)
    bounded: BoolArray  # (P,)
    empty: IntArray  # (P,)
    gamma_diagonal: FloatArray  # (s,)
    rho_variances: FloatArray  # (P,)
    casewise: Callable[[], FloatArray]


def ordinal_moments(
    data: FloatArray,
    ordered: BoolArray,
    names: Sequence[str],
    *,
    x: FloatArray | None = None,
    x_names: Sequence[str] = (),
    label: str = "",
    n_original: int | None = None,
    cluster: IntArray | None = None,
) -> OrdinalMoments:
    """Sample statistics of one group for weighted least squares with ordered variables.

    Parameters
    ----------
    data : array (n, p)
        NaN for missing: each statistic uses the answers there are (lavaan's
        ``missing = "pairwise"``); drop incomplete rows first for listwise. Rows without
        any answer are left out.
    ordered : bool array (p,)
        True: answer categories (any distinct numbers); False: numeric.
    names : p names, for labels and refusals
    x, x_names : array (n, q), complete
        Exogenous covariates; all statistics are then conditional on them.

    Raises
    ------
    SurveykitError
        S062 a variable is constant; S063 a regression on the covariates has no solution;
        S064 two variables were never answered together; S066 too many categories.
    """
    there = np.asarray(~np.isnan(data).all(axis=1))
    data = data[there]
    covariates = np.zeros((len(data), 0)) if x is None else x[there]
    codes, categories = _encoded(data, ordered)
    _refuse(data, categories, ordered, names, label)
    if ordered.all() and not covariates.shape[1]:
        found = _from_tables(TableSteps(codes))
    else:
        margins = _margins(data, codes, ordered, covariates, names)
        found = _from_cases(CaseSteps(margins, codes, covariates))
    p = len(names)
    numeric = np.flatnonzero(~ordered)
    sd = np.sqrt(found.variance)
    cov = (_symmetric(found.rho, p) + np.eye(p)) * sd[:, None] * sd
    mean = np.zeros(p)
    mean[numeric] = [found.level[at][0] for at in numeric]
    lengths = [len(one) for one in found.level]
    thresholds = np.concatenate(found.level)
    sign = np.repeat(np.where(ordered, 1.0, -1.0), lengths)
    bounded = _symmetric(found.bounded, p)
    return OrdinalMoments(
        names=tuple(names),
        n=len(data),
        cov=cov,
        mean=mean,
        data=data,
        cluster=None if cluster is None else cluster[there],
        n_original=len(there) if n_original is None else n_original,
        label=label,
        ordered=ordered,
        categories=categories,
        thresholds=thresholds,
        threshold_variable=np.repeat(np.arange(p), lengths),
        slopes=found.slopes,
        x_names=tuple(x_names),
        x_mean=covariates.mean(axis=0),
        x_cov=np.cov(covariates.T).reshape(2 * covariates.shape[1:]),
        statistics=np.concatenate(
            [sign * thresholds, found.slopes.T.ravel(), found.variance[numeric], vech(cov, diagonal=False)]
        ),
        labels=_labels(names, lengths, ordered, x_names),
        gamma_diagonal=found.gamma_diagonal,
        correlation_variances=_symmetric(found.rho_variances, p),
        bounded=bounded,
        empty_cells=_symmetric(found.empty, p),
        notes=_notes(names, categories, bounded),
        casewise=found.casewise,
    )


def check_same_categories(groups: Sequence[OrdinalMoments]) -> None:
    """S065 where a group lacks a category that another has: its thresholds would not be the same ones."""
    everywhere: dict[str, set[float]] = {}
    for one in groups:
        for name, levels in zip(one.names, one.categories, strict=True):
            everywhere.setdefault(name, set()).update(levels.tolist())
    for one in groups:
        for name, levels in zip(one.names, one.categories, strict=True):
            lacking = sorted(everywhere[name] - set(levels.tolist()))
            if lacking:
                categories = ", ".join(f"{level:g}" for level in lacking)
                raise SurveykitError("S065", name=name, group=one.label, categories=categories)


def _encoded(data: FloatArray, ordered: BoolArray) -> tuple[IntArray, tuple[FloatArray, ...]]:
    """Codes of the ordered variables, 0 elsewhere, and every variable's categories."""
    codes = np.zeros(data.shape, dtype=np.int64)
    codes[:, ordered], found = encode(data[:, ordered])
    categories = [np.zeros(0)] * data.shape[1]
    for variable, levels in zip(np.flatnonzero(ordered), found, strict=True):
        categories[variable] = levels
    return codes, tuple(categories)


def _refuse(
    data: FloatArray,
    categories: tuple[FloatArray, ...],
    ordered: BoolArray,
    names: Sequence[str],
    label: str,
) -> None:
    """S062, S064, S066: data from which no correlation can be computed."""
    low, high = (reduce(data, axis=0, where=~np.isnan(data), initial=at) for reduce, at in _EXTREMES)
    constant = [name for name, same in zip(names, low >= high, strict=True) if same]
    if constant:
        raise SurveykitError("S062", names=", ".join(constant), where=f" ({label})" if label else "")
    for name, levels in zip(names, categories, strict=True):
        if len(levels) > MOST_CATEGORIES:
            raise SurveykitError("S066", name=name, found=len(levels), most=MOST_CATEGORIES)
    answered = (~np.isnan(data)).astype(np.float32)
    together = answered.T @ answered
    if together.min() < 1:
        first, second = np.unravel_index(int(np.argmin(together)), together.shape)
        raise SurveykitError("S064", first=names[int(first)], second=names[int(second)])


_EXTREMES = ((np.min, np.inf), (np.max, -np.inf))


def _margins(
    data: FloatArray, codes: IntArray, ordered: BoolArray, x: FloatArray, names: Sequence[str]
) -> tuple[Margin, ...]:
    return tuple(
        ordered_margin(codes[:, v], x, name) if ordered[v] else numeric_margin(data[:, v], x, name)
        for v, name in enumerate(names)
    )


def _from_tables(steps: TableSteps) -> _Found:
    p = steps.codes.shape[1]
    rho_variances = steps.rho_variances()
    return _Found(
        level=tuple(tau[used] for tau, used in zip(steps.thresholds.T, steps.used.T, strict=True)),
        slopes=np.zeros((p, 0)),
        variance=np.ones(p),
        rho=steps.fit.rho,
        bounded=steps.fit.perfect,
        empty=steps.fit.empty,
        gamma_diagonal=np.concatenate([steps.threshold_variances(), rho_variances]),
        rho_variances=rho_variances,
        casewise=lambda: np.hstack([steps.threshold_influence(), steps.rho_influence()]),
    )


def _from_cases(steps: CaseSteps) -> _Found:
    rho_influence = steps.rho_influence()
    influence = _mixed_influence(steps, rho_influence)
    return _Found(
        level=tuple(one.level for one in steps.margins),
        slopes=np.array([one.slopes for one in steps.margins]),
        variance=np.array([one.variance for one in steps.margins]),
        rho=steps.rho,
        bounded=steps.bounded,
        empty=steps.empty,
        gamma_diagonal=np.square(influence).mean(axis=0),
        rho_variances=np.square(rho_influence).mean(axis=0),
        casewise=lambda: influence,
    )


def _mixed_influence(steps: CaseSteps, rho_influence: FloatArray) -> FloatArray:
    """Influence on all statistics in their order; means negated, correlations turned into covariances."""
    n = len(steps.codes)
    margins = steps.margins
    levels = [(1 if one.ordered else -1) * one.influence[:, : len(one.level)] for one in margins]
    slopes = [one.influence[:, len(one.level) :][:, : len(one.slopes)] for one in margins]
    by_covariate = np.stack(slopes, axis=1).transpose(0, 2, 1).reshape(n, -1)
    variances = [one.influence[:, -1:] for one in margins if not one.ordered]
    first, second = pair_indices(len(margins))
    sd = np.sqrt([one.variance for one in margins])
    covariance = rho_influence * sd[first] * sd[second]
    for v, margin in enumerate(margins):
        if not margin.ordered:
            partner = np.where(first == v, second, first)
            through = np.where((first == v) | (second == v), steps.rho * sd[partner] / (2 * sd[v]), 0.0)
            covariance += n * margin.influence[:, -1:] * through
    return np.hstack([n * np.hstack([*levels, by_covariate, *variances]), covariance])


def _symmetric(pairs: Values, p: int) -> Values:
    first, second = pair_indices(p)
    square = np.zeros((p, p), dtype=pairs.dtype)
    square[first, second] = square[second, first] = pairs
    return square


def _labels(
    names: Sequence[str], lengths: Sequence[int], ordered: BoolArray, x_names: Sequence[str]
) -> tuple[str, ...]:
    levels = [
        [f"{name}|t{k + 1}" for k in range(length)] if is_ordered else [f"{name}~1"]
        for name, length, is_ordered in zip(names, lengths, ordered, strict=True)
    ]
    first, second = pair_indices(len(names))
    return (
        *(label for part in levels for label in part),
        *(f"{name}~{covariate}" for covariate in x_names for name in names),
        *(f"{name}~~{name}" for name, is_ordered in zip(names, ordered, strict=True) if not is_ordered),
        *(f"{names[int(i)]}~~{names[int(j)]}" for i, j in zip(first, second, strict=True)),
    )


def _notes(names: Sequence[str], categories: tuple[FloatArray, ...], bounded: BoolArray) -> tuple[Note, ...]:
    """S060 correlations at their bound, S061 categories that nobody chose."""
    notes = []
    first, second = np.nonzero(np.triu(bounded))
    if len(first):
        pairs = ", ".join(f"{names[int(i)]} – {names[int(j)]}" for i, j in zip(first, second, strict=True))
        notes.append(note("S060", count=len(first), pairs=pairs))
    for name, levels in zip(names, categories, strict=True):
        if len(levels) and (levels == np.round(levels)).all() and np.ptp(levels) < MOST_CATEGORIES:
            skipped = sorted(set(range(int(levels[0]), int(levels[-1]))) - set(levels.astype(int).tolist()))
            if skipped:
                notes.append(note("S061", name=name, categories=", ".join(map(str, skipped))))
    return tuple(notes)
