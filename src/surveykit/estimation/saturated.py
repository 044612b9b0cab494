"""Moments of one group of incomplete cases, and what models need beside them.

References
----------
Little & Rubin (2002), chapter 8. Savalei & Bentler (2009), doi:10.1080/10705510903008238.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.expectation_maximisation import Saturated, saturated
from surveykit.estimation.incomplete_normal import (
    Accumulated,
    accumulate,
    expected_information,
    loglik,
    observed_information,
    row_scores,
)
from surveykit.estimation.moments import SampleMoments, lower_triangle
from surveykit.estimation.patterns import Patterns, group_rows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class IncompleteMoments(SampleMoments):
    """Moments of one group of incomplete cases; `cov` and `mean` are those of maximum likelihood.

    Attributes
    ----------
    data : array (n, p), NaN where unseen; no row is empty
    patterns : the rows by what they hold
    saturated_value : -2 log L / N of the unrestricted moments, without its constant
    available_mean, available_cov : see `available_moments`
    settled : whether the unrestricted moments were found to rounding error
    """

    patterns: Patterns = field(kw_only=True)
    saturated_value: float = field(kw_only=True)
    available_mean: FloatArray = field(kw_only=True)
    available_cov: FloatArray = field(kw_only=True)
    settled: bool = field(kw_only=True)

    @property
    def offset(self) -> float:
        """`saturated_value`; 0 for a resample that has no unrestricted moments, but may have estimates."""
        return self.saturated_value if np.isfinite(self.saturated_value) else 0.0

    @cached_property
    def at_moments(self) -> Accumulated:
        """Sums over the patterns at the unrestricted moments."""
        found = accumulate(self.patterns, self.mean, self.cov)
        assert found is not None
        return found

    @cached_property
    def observed_information(self) -> FloatArray:
        """Of one case, about the unrestricted moments [mean, vech cov] (s, s)."""
        return observed_information(self.at_moments)

    @cached_property
    def expected_information(self) -> FloatArray:
        return expected_information(self.at_moments)

    def information(self, kind: str) -> FloatArray:
        """`kind` "expected" or "observed"."""
        return self.expected_information if kind == "expected" else self.observed_information

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """Which of [mean, vech cov] some row knows about (s,): those of variables seen together."""
        row, column = lower_triangle(len(self.names))
        together = self.patterns.coverage[row, column] > 0
        return np.concatenate([np.ones(len(self.names), dtype=np.bool_), together])

    @cached_property
    def scores(self) -> FloatArray:
        """Casewise derivatives of the log-likelihood at the unrestricted moments (n, s)."""
        return row_scores(self.at_moments, self.cases, self.mean)

    def drawn(self, rows: IntArray, divide_by_n: bool) -> IncompleteMoments:
        """The sample that holds the given cases, each as often as it is named (see `SampleMoments.drawn`)."""
        return moments_of_incomplete_cases(
            self.cases[rows],
            self.names,
            divide_by_n=divide_by_n,
            label=self.label,
            cluster=self.drawn_clusters(rows),
            start=(self.mean, self.cov),
        )

    def logl(self, variables: IntArray | None = None) -> float:
        """Log-likelihood of the unrestricted moments; of some variables alone."""
        if variables is None:
            return loglik(self.patterns, self.saturated_value)
        cov = self.cov[np.ix_(variables, variables)]
        rows = self.cases[:, variables]
        if np.isnan(rows).any():
            patterns = group_rows(rows[~np.isnan(rows).all(axis=1)])
            found = accumulate(patterns, self.mean[variables], cov)
            return np.nan if found is None else loglik(patterns, found.value)
        constant = len(variables) * (1 + np.log(2 * np.pi))
        return float(-0.5 * self.n * (np.linalg.slogdet(cov)[1] + constant))


def moments_of_incomplete_cases(
    data: FloatArray,
    names: Sequence[str],
    *,
    divide_by_n: bool = True,
    label: str = "",
    cluster: IntArray | None = None,
    n_original: int | None = None,
    start: tuple[FloatArray, FloatArray] | None = None,
) -> IncompleteMoments:
    """Moments of cases (n, p) with NaN where unseen; rows without any value must be left out before.

    Without `divide_by_n` the available covariances have the divisor of the rows that hold both less one;
    those of maximum likelihood do not depend on it. `start` are moments (mean, covariances) near theirs.

    Raises
    ------
    SurveykitError
        M130 variables without any value.
    """
    _check_values(data, names, label)
    patterns = group_rows(data)
    mean, cov = available_moments(data, divide_by_n)
    spread = np.diag(cov) > 0
    if spread.all():
        found = saturated(patterns, start or (mean, _start(cov)))
    else:  # a constant: refused when a model is fitted
        found = Saturated(mean, np.diag(np.where(spread, np.diag(cov), 0.0)), np.nan, False)
    return IncompleteMoments(
        names=tuple(names),
        n=len(data),
        cov=found.cov,
        mean=found.mean,
        data=data,
        cluster=cluster,
        n_original=len(data) if n_original is None else n_original,
        label=label,
        patterns=patterns,
        saturated_value=found.value,
        available_mean=mean,
        available_cov=cov,
        settled=found.converged,
    )


def _check_values(data: FloatArray, names: Sequence[str], label: str) -> None:
    empty = np.flatnonzero(np.isnan(data).all(axis=0)).tolist()
    if empty:
        where = f" in group '{label}'" if label else ""
        raise SurveykitError("M130", names=", ".join(names[at] for at in empty), where=where)


def moments_of_pairs(
    data: FloatArray,
    names: Sequence[str],
    *,
    divide_by_n: bool = True,
    label: str = "",
    n_original: int | None = None,
) -> SampleMoments:
    """Moments by pairwise deletion, taken for those of all n cases; the cases themselves are not kept.

    Raises
    ------
    SurveykitError
        M130 variables without any value, M133 pairs of variables never seen together.
    """
    _check_values(data, names, label)
    known = (~np.isnan(data)).astype(np.float64)
    few = np.argwhere(np.triu(known.T @ known < 2)).tolist()
    if few:
        pairs = [f"{names[i]} – {names[j]}" if i != j else names[i] for i, j in few]
        where = f" in group '{label}'" if label else ""
        raise SurveykitError("M133", pairs=", ".join(pairs), missing="pairwise", where=where)
    mean, cov = available_moments(data, divide_by_n)
    whole = len(data) if n_original is None else n_original
    return SampleMoments(tuple(names), len(data), cov, mean, n_original=whole, label=label)


def available_moments(data: FloatArray, divide_by_n: bool = True) -> tuple[FloatArray, FloatArray]:
    """Means of what each variable holds, covariances of the rows that hold both of two.

    A covariance is the unbiased one of its own rows, with `divide_by_n` times (N - 1) / N; 0 where
    fewer than two rows hold both.
    """
    seen = ~np.isnan(data)
    known = seen.astype(np.float64)
    count = known.T @ known
    mean = np.nanmean(data, axis=0)
    deviation = np.where(seen, data - mean, 0.0)
    # Means of one variable over the rows that hold the other one too.
    shift = deviation.T @ known / np.maximum(count, 1)
    products = deviation.T @ deviation - count * shift * shift.T
    cov = np.where(count > 1, products / np.maximum(count - 1, 1), 0.0)
    return mean, cov * ((len(data) - 1) / len(data) if divide_by_n else 1.0)


def _start(cov: FloatArray) -> FloatArray:
    """The available covariances where they go together, else variances only."""
    deviation = np.sqrt(np.diag(cov))
    values = np.linalg.eigvalsh(cov / np.outer(deviation, deviation))
    return cov if values[0] > 0.01 else np.diag(np.diag(cov))
