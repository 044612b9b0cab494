"""Structural equation models: `sem`, `cfa`, `growth`, `lavaan`."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Unpack

from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_model import fit_request
from surveykit.analysis.sem_options import Request, SemOptions, TableSwitches, check_request
from surveykit.errors import SurveykitError
from surveykit.estimation.threads import on_one_thread
from surveykit.options import nearest

__all__ = ["SemFit", "cfa", "growth", "lavaan", "sem"]


def sem(
    model: Any,
    data: Any = None,
    *,
    group: str | None = None,
    group_label: Sequence[Any] | None = None,
    group_equal: str | Sequence[str] = (),
    group_partial: str | Sequence[str] = (),
    ordered: bool | str | Sequence[str] = (),
    estimator: str = "default",
    missing: str = "listwise",
    se: str = "default",
    test: str | Sequence[str] = "default",
    std_lv: bool = False,
    auto_fix_first: bool = True,
    meanstructure: bool | None = None,
    fixed_x: bool | None = None,
    orthogonal: bool = False,
    auto_cov_y: bool = True,
    effect_coding: bool | str | Sequence[str] = (),
    cluster: str | None = None,
    bounds: str | bool | None = None,
    likelihood: str = "default",
    information: str | Sequence[str] = "default",
    observed_information: str | Sequence[str] = "default",
    h1_information: str | Sequence[str] = "default",
    parameterization: str = "delta",
    sample_cov_rescale: bool | str = "default",
    conditional_x: bool | None = None,
    sample_cov: Any = None,
    sample_mean: Any = None,
    sample_nobs: Any = None,
    constraints: str = "",
    bootstrap: int = 0,
    seed: int | None = None,
    conf_level: float = 0.95,
    n_jobs: int = 1,
    **switches: Unpack[TableSwitches],
) -> SemFit:
    """Fit a structural equation model; the numbers are lavaan's.

    Parameters
    ----------
    model : str or pandas.DataFrame
        lavaan's model syntax, or a parameter table as `SemFit.parameter_table` gives it.
    data : pandas.DataFrame
        One row a case, a column a variable; NaN for missing. Ordered categorical columns
        are ordered items.
    group : str, optional
        Column that holds the group; groups come in order of first appearance, or as
        `group_label` lists them.
    group_equal, group_partial : words or parameters
        What is equal across groups (``"loadings" "intercepts" "means" "thresholds"
        "regressions" "residuals" "residual.covariances" "lv.variances" "lv.covariances"``),
        and which parameters are not after all (``"f =~ x2"``).
    ordered : names, or True for all endogenous items
    estimator : {"ML", "MLR", "MLM", "MLMV", "MLF", "GLS", "ULS", "WLS", "DWLS", "WLSMV", "ULSMV", ...}
        Default ML, with ordered items WLSMV.
    missing : {"listwise", "ml", "ml.x", "pairwise", "two.stage", "robust.two.stage"}
        "ml.x" keeps rows that lack a fixed x.
    se, test, likelihood, information, observed_information, h1_information, parameterization,
    sample_cov_rescale, std_lv, auto_fix_first, auto_cov_y, orthogonal, effect_coding, meanstructure,
    fixed_x, conditional_x, bounds
        lavaan's options under lavaan's values; None or "default" is lavaan's default.
    cluster : str, optional
        Column that holds the cluster, for cluster-robust standard errors.
    sample_cov, sample_mean, sample_nobs : one, a list, or a dict by group
        Summary statistics in place of `data`; covariance matrices are named frames.
    constraints : str
        Further ``:= == < >`` formulas.
    bootstrap : int, default 0
        Number of bootstrap samples for standard errors and intervals (``se="bootstrap"``), or for
        ``test="bollen.stine"``. `seed` makes them reproducible whatever `n_jobs` is.
    conf_level : float in (0, 1), default 0.95
    n_jobs : int, default 1
        Processes (joblib) for the bootstrap.

    Returns
    -------
    SemFit

    Raises
    ------
    SurveykitError
        M001-M039 the model text or table; M040-M079 what cannot be estimated; M080-M096 the data;
        M112-M114 options that the data contradict; O001, O002 a value that is not allowed;
        O003 an option that does not exist.

    References
    ----------
    Rosseel (2012), doi:10.18637/jss.v048.i02.

    Examples
    --------
    >>> import pandas as pd
    >>> cov = pd.DataFrame(
    ...     [[1.0, 0.5, 0.4, 0.3], [0.5, 1.0, 0.6, 0.3], [0.4, 0.6, 1.0, 0.2], [0.3, 0.3, 0.2, 1.0]],
    ...     index=list("abcd"), columns=list("abcd"),
    ... )
    >>> fit = cfa("trust =~ a + b + c + d", sample_cov=cov, sample_nobs=200)
    >>> fit
    <SemFit: ML, chi-square(2) = 0.55, p = .761, CFI = 1.000, RMSEA = .000, n = 200>
    """
    return _fit("sem", model, data, {**_given(locals()), **switches})


def cfa(model: Any, data: Any = None, **options: Unpack[SemOptions]) -> SemFit:
    """Fit a confirmatory factor model; arguments and result as for `sem`.

    Examples
    --------
    >>> fit = cfa("visual =~ x1 + x2 + x3", data, group="school")      # doctest: +SKIP
    """
    return _fit("cfa", model, data, {**_DEFAULTS, **options})


def growth(model: Any, data: Any = None, **options: Unpack[SemOptions]) -> SemFit:
    """Fit a growth curve model; arguments and result as for `sem`.

    Intercepts of the observed variables are zero and the latent means are free.

    Examples
    --------
    >>> fit = growth("i =~ 1*t1 + 1*t2 + 1*t3\\ns =~ 0*t1 + 1*t2 + 2*t3", data)      # doctest: +SKIP
    """
    return _fit("growth", model, data, {**_DEFAULTS, **options})


def lavaan(model: Any, data: Any = None, **options: Unpack[SemOptions]) -> SemFit:
    """Fit a model exactly as written; arguments and result as for `sem`.

    Nothing is added: variances, covariances and the scale of each latent variable must be
    in the model, or asked for (`auto_var`, `auto_cov_lv_x`, `auto_fix_first`, ...).

    Examples
    --------
    >>> fit = lavaan("f =~ 1*x1 + x2\\nf ~~ f\\nx1 ~~ x1\\nx2 ~~ x2", data)      # doctest: +SKIP
    """
    return _fit("lavaan", model, data, {**_DEFAULTS, "auto_fix_first": False, "auto_cov_y": False, **options})


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in arguments if name not in ("model", "data", "switches")}


@on_one_thread
def _fit(function: str, model: Any, data: Any, options: dict[str, Any]) -> SemFit:
    unknown = [name for name in options if name not in SemOptions.__optional_keys__]
    if unknown:
        close = nearest(unknown[0].replace(".", "_"), SemOptions.__optional_keys__)
        raise SurveykitError("O003", function=function, option=unknown[0], nearest=close)
    return fit_request(check_request(Request(function, model, data, options)))


_SIGNATURE = inspect.signature(sem)
_DEFAULTS = {
    name: one.default
    for name, one in _SIGNATURE.parameters.items()
    if one.kind is inspect.Parameter.KEYWORD_ONLY
}
for _function in (cfa, growth, lavaan):
    _function.__signature__ = _SIGNATURE  # type: ignore[attr-defined]  # shown by help()
