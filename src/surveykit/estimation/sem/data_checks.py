"""Sample covariance matrices that no model can be fitted to, and why."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.missing_checks import check_incomplete
from surveykit.estimation.sem.settings import Settings

FloatArray = NDArray[np.float64]

# Shares of a variable's variance that the others leave unexplained, or eigenvalues of correlations.
DETERMINED = 1e-11


def check_sample(sample: SampleMoments, settings: Settings, several: bool) -> None:
    """Refuse data that the estimator cannot use (see `check_covariance`); M051 a single cluster."""
    if sample.n_clusters == 1:
        raise SurveykitError("M051", where=_where(sample, several))
    if not settings.categorical:
        inverted = settings.discrepancy in ("ML", "GLS", "WLS") or any(
            test.startswith("browne") for test in settings.test
        )
        check = check_covariance if inverted else check_variances
        check(sample, several)
    if isinstance(sample, IncompleteMoments):
        check_incomplete(sample, settings.missing, several)


def _where(sample: SampleMoments, several: bool) -> str:
    return f" in group '{sample.label}'" if several else ""


def check_covariance(sample: SampleMoments, several: bool) -> None:
    """Refuse a sample covariance matrix that is not positive definite.

    Raises
    ------
    SurveykitError
        M041 constant variables, M042 two that are the same, M043 fewer cases than variables,
        M044 variables that determine one another, M045 a matrix that no cases can have.
    """
    where = _where(sample, several)
    check_variances(sample, several)
    deviation = np.sqrt(np.diag(sample.cov))
    correlation = sample.cov / np.outer(deviation, deviation)
    try:
        if (np.diag(np.linalg.cholesky(correlation)) ** 2).min() > 1e3 * DETERMINED:
            return
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < DETERMINED:
        _refuse(sample, correlation, values, vectors, where)


def check_variances(sample: SampleMoments, several: bool) -> None:
    """Refuse (M041) variables that do not vary; M045 negative variances in a given matrix."""
    variance = np.diag(sample.cov)
    negative = np.flatnonzero(variance < 0)
    if len(negative):
        names = ", ".join(sample.names[at] for at in negative)
        smallest = float(np.linalg.eigvalsh(sample.cov)[0])
        raise SurveykitError("M045", names=names, eigenvalue=f"{smallest:.3g}", where=_where(sample, several))
    size = np.maximum(np.abs(sample.mean), 1.0) if sample.data is not None else np.zeros(len(variance))
    constant = np.flatnonzero(~(variance > 1e-26 * size**2))
    if len(constant):
        names = ", ".join(sample.names[at] for at in constant)
        raise SurveykitError("M041", names=names, where=_where(sample, several))


def _refuse(
    sample: SampleMoments,
    correlation: FloatArray,
    values: FloatArray,
    vectors: FloatArray,
    where: str,
) -> None:
    p = len(sample.names)
    if sample.data is not None and sample.n <= p:
        raise SurveykitError("M043", n=sample.n, p=p, needed=p + 1, where=where)
    off = np.abs(correlation - np.eye(p))
    one, other = np.unravel_index(int(off.argmax()), off.shape)
    if 1 - 1e-10 < off[one, other] < 1 + 1e-10:
        raise SurveykitError(
            "M042",
            one=sample.names[min(one, other)],
            other=sample.names[max(one, other)],
            correlation=f"{correlation[one, other]:.6g}",
            where=where,
        )
    weight = np.abs(vectors[:, 0])
    names = ", ".join(sample.names[at] for at in np.flatnonzero(weight > 0.05 * weight.max()))
    if values[0] > -1e-8:
        raise SurveykitError("M044", names=names, where=where)
    raise SurveykitError("M045", names=names, eigenvalue=f"{values[0]:.3g}", where=where)
