"""All fit measures of a model from the few numbers they are made of, under lavaan's names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from surveykit.estimation.sem import fit_indices as index
from surveykit.estimation.sem.chisquare import TestStatistic

NAN = float("nan")

ROBUST_TESTS = ("satorra.bentler", "yuan.bentler", "yuan.bentler.mplus", "scaled.shifted")
SHIFTED_TESTS = ("scaled.shifted",)
NO_TEST = TestStatistic("none", NAN, NAN, NAN, np.zeros(0))
INCREMENTAL = ("nnfi", "rfi", "nfi", "pnfi", "ifi", "rni")


def mean_scaling(one: TestStatistic) -> float:
    """By how much the reference distribution's mean exceeds df: c, or a (df - b) / df if shifted."""
    if one.test in SHIFTED_TESTS:
        return one.scaling_factor * (one.df - one.shift_parameter) / one.df if one.df > 0 else NAN
    return one.scaling_factor


class Corrected(NamedTuple):
    """Normal-theory chi-squares and scaling factors behind robust indices that are no plain rescaling.

    Ordered variables: ML chi-squares of the polychoric correlations (Savalei, 2021);
    missing data: of the EM moments (Zhang & Savalei, 2023).
    """

    chisq: float
    df: float
    scaling: float
    chisq_null: float
    scaling_null: float

    @property
    def scaled(self) -> float:
        return self.chisq / self.scaling if self.scaling != 0 else NAN


@dataclass(frozen=True)
class FitFacts:
    """What the measures are made of.

    Attributes
    ----------
    npar : free parameters, equality constraints taken off; `fmin` lavaan's F / 2
    ntotal, n_groups, n_variables : cases, groups, observed variables (of the first group)
    n : divisor of the RMSEA family, N or N - G
    standard, baseline : the model's and the baseline model's reported test
    scaled, baseline_scaled : their robust ones, or None
    root_mean_squares : from `residuals.root_mean_squares`
    gfi_lisrel, n_statistics : classical GFI, and the number of statistics behind it
    residual_chisq : Browne's residual NT statistic at the model, for the GFI; `standard`'s where NaN
    corrected : see `Corrected`; None for complete continuous data
    corrected_n : N for measures made of `corrected`
    logl, logl_unrestricted : None unless the likelihood is maximised
    wrmr : ordered variables only
    """

    npar: int
    fmin: float
    ntotal: int
    n_groups: int
    n_variables: int
    n: float
    standard: TestStatistic
    baseline: TestStatistic
    root_mean_squares: Mapping[str, float]
    gfi_lisrel: float
    n_statistics: int
    scaled: TestStatistic | None = None
    baseline_scaled: TestStatistic | None = None
    residual_chisq: float = NAN
    corrected: Corrected | None = None
    corrected_n: float = NAN
    logl: float | None = None
    logl_unrestricted: float | None = None
    categorical: bool = False
    n_first_statistics: int = 0
    ci_level: float = 0.90
    close_h0: float = 0.05
    notclose_h0: float = 0.08
    extra: Mapping[str, float] = field(default_factory=dict)


def fit_measures(facts: FitFacts) -> dict[str, float]:
    """Every measure that the estimator has, in lavaan's order (dots written as underscores)."""
    out = {"npar": float(facts.npar), "fmin": facts.fmin}
    out |= _chisq(facts)
    out |= _incremental(facts)
    if facts.logl is not None:
        out |= _likelihood(facts, facts.logl)
    out |= _rmsea(facts)
    out |= {name: facts.root_mean_squares[name] for name in _rms_names(facts)}
    out |= _gfi(facts)
    return out | _others(facts)


def _rms_names(facts: FitFacts) -> list[str]:
    order = ["rmr", "rmr_nomean", "srmr", "srmr_bentler", "srmr_bentler_nomean", "crmr", "crmr_nomean"]
    return [*order, "srmr_mplus", "srmr_mplus_nomean"]


def _chisq(facts: FitFacts) -> dict[str, float]:
    out = {"chisq": facts.standard.stat, "df": facts.standard.df, "pvalue": facts.standard.pvalue}
    if facts.scaled is not None:
        one = facts.scaled
        out |= {"chisq_scaled": one.stat, "df_scaled": one.df, "pvalue_scaled": one.pvalue}
        out["chisq_scaling_factor"] = one.scaling_factor
    out |= {"baseline_chisq": facts.baseline.stat, "baseline_df": facts.baseline.df}
    out["baseline_pvalue"] = facts.baseline.pvalue
    if facts.scaled is not None:
        null = facts.baseline_scaled or NO_TEST
        out |= {"baseline_chisq_scaled": null.stat, "baseline_df_scaled": null.df}
        out |= {"baseline_pvalue_scaled": null.pvalue, "baseline_chisq_scaling_factor": null.scaling_factor}
    return out


class _RobustParts(NamedTuple):
    """Arguments of the robust indices: unscaled and scaled chi-square, df, scalings, N."""

    chisq: float
    scaled: float
    df: float
    mean_scaling: float
    scaling: float
    chisq_null: float
    scaling_null: float
    n: float


def _robust_parts(facts: FitFacts) -> _RobustParts | None:
    if facts.corrected is not None:
        one = facts.corrected
        return _RobustParts(
            one.chisq,
            one.scaled,
            one.df,
            one.scaling,
            one.scaling,
            one.chisq_null,
            one.scaling_null,
            facts.corrected_n,
        )
    if facts.scaled is None or facts.scaled.test not in ROBUST_TESTS:
        return None
    null = NAN if facts.baseline_scaled is None else mean_scaling(facts.baseline_scaled)
    return _RobustParts(
        facts.standard.stat,
        facts.scaled.stat,
        facts.standard.df,
        mean_scaling(facts.scaled),
        facts.scaled.scaling_factor,
        facts.baseline.stat,
        null,
        facts.n,
    )


def _incremental(facts: FitFacts) -> dict[str, float]:
    plain = (facts.standard.stat, facts.standard.df, facts.baseline.stat, facts.baseline.df)
    scaled = None
    if facts.scaled is not None:
        null = facts.baseline_scaled or NO_TEST
        scaled = (facts.scaled.stat, facts.scaled.df, null.stat, null.df)
    robust = None
    parts = _robust_parts(facts)
    if parts is not None:
        four = (parts.chisq, facts.standard.df, parts.chisq_null, facts.baseline.df)
        robust = (*four, parts.mean_scaling, parts.scaling_null)
    out = {"cfi": index.cfi(*plain), "tli": index.tli(*plain)}
    if scaled is not None:
        out |= {"cfi_scaled": index.cfi(*scaled), "tli_scaled": index.tli(*scaled)}
    if robust is not None:
        out |= {"cfi_robust": index.cfi(*robust), "tli_robust": index.tli(*robust)}
    out |= _others_incremental(plain, "")
    if scaled is not None:
        out |= _others_incremental(scaled, "_scaled")
    if robust is not None:
        out |= {"nnfi_robust": index.tli(*robust), "rni_robust": index.rni(*robust)}
    return out


def _others_incremental(four: tuple[float, float, float, float], suffix: str) -> dict[str, float]:
    functions = (index.tli, index.rfi, index.nfi, index.pnfi, index.ifi, index.rni)
    return {f"{name}{suffix}": function(*four) for name, function in zip(INCREMENTAL, functions, strict=True)}


def _likelihood(facts: FitFacts, logl: float) -> dict[str, float]:
    unrestricted = NAN if facts.logl_unrestricted is None else facts.logl_unrestricted
    out = {"logl": logl, "unrestricted_logl": unrestricted, "aic": index.aic(logl, facts.npar)}
    out |= {"bic": index.bic(logl, facts.npar, facts.ntotal), "ntotal": float(facts.ntotal)}
    out["bic2"] = index.bic2(logl, facts.npar, facts.ntotal)
    if facts.scaled is not None and math.isfinite(facts.scaled.scaling_factor_h0):
        out["scaling_factor_h1"] = facts.scaled.scaling_factor_h1
        out["scaling_factor_h0"] = facts.scaled.scaling_factor_h0
    return out


def _rmsea(facts: FitFacts) -> dict[str, float]:
    g, n = facts.n_groups, facts.n
    plain = (facts.standard.stat, facts.standard.df, n, g)
    lower, upper = index.rmsea_interval(*plain, level=facts.ci_level)
    out = {"rmsea": index.rmsea(*plain), "rmsea_ci_lower": lower, "rmsea_ci_upper": upper}
    out["rmsea_ci_level"] = facts.ci_level
    out |= {"rmsea_pvalue": index.rmsea_pvalue(*plain, h0=facts.close_h0), "rmsea_close_h0": facts.close_h0}
    out["rmsea_notclose_pvalue"] = index.rmsea_notclose_pvalue(*plain, h0=facts.notclose_h0)
    out["rmsea_notclose_h0"] = facts.notclose_h0
    if facts.scaled is not None:
        chisq, df = _scaled_reference(facts.standard, facts.scaled)
        out |= _rmsea_family(facts, "_scaled", (chisq, df, n, g), chisq, 1.0, 1.0)
    parts = _robust_parts(facts)
    if parts is not None:
        four = (parts.chisq, parts.df, parts.n, g)
        out |= _rmsea_family(facts, "_robust", four, parts.scaled, parts.mean_scaling, parts.scaling)
    return out


def _scaled_reference(standard: TestStatistic, scaled: TestStatistic) -> tuple[float, float]:
    """Statistic and df of the scaled RMSEA: the unscaled one against tr(U Gamma), unless it is shifted."""
    if scaled.test in SHIFTED_TESTS:
        return scaled.stat, scaled.df if scaled.df > 0 else standard.df
    return standard.stat, scaled.trace_ugamma if scaled.trace_ugamma > 0 else NAN


def _rmsea_family(
    facts: FitFacts,
    suffix: str,
    four: tuple[float, float, float, int],
    chisq_interval: float,
    point_scaling: float,
    scaling: float,
) -> dict[str, float]:
    _, df, n, g = four
    lower, upper = index.rmsea_interval(chisq_interval, df, n, g, scaling, facts.ci_level)
    tail = (chisq_interval, df, n, g, scaling)
    return {
        f"rmsea{suffix}": index.rmsea(*four, point_scaling),
        f"rmsea_ci_lower{suffix}": lower,
        f"rmsea_ci_upper{suffix}": upper,
        f"rmsea_pvalue{suffix}": index.rmsea_pvalue(*tail, h0=facts.close_h0),
        f"rmsea_notclose_pvalue{suffix}": index.rmsea_notclose_pvalue(*tail, h0=facts.notclose_h0),
    }


def _gfi(facts: FitFacts) -> dict[str, float]:
    p = facts.n_variables
    chisq = facts.residual_chisq if math.isfinite(facts.residual_chisq) else facts.standard.stat
    plain = (chisq, facts.standard.df, facts.n, p)
    lower, upper = index.gfi_interval(*plain, level=facts.ci_level)
    out = {"gfi": index.gfi(*plain), "gfi_ci_lower": lower, "gfi_ci_upper": upper}
    out["gfi_ci_level"] = facts.ci_level
    parts = _robust_parts(facts)
    if parts is None:
        return out
    own, scaled = parts.chisq, parts.scaled
    if facts.corrected is None:
        shift = (
            facts.scaled.shift_parameter
            if facts.scaled is not None and facts.scaled.test in SHIFTED_TESTS
            else 0.0
        )
        own, scaled = chisq, chisq / parts.scaling + shift
    lower, upper = index.gfi_interval(scaled, parts.df, parts.n, p, parts.scaling, facts.ci_level)
    out["gfi_robust"] = index.gfi(own, parts.df, parts.n, p, parts.mean_scaling)
    return out | {"gfi_ci_lower_robust": lower, "gfi_ci_upper_robust": upper}


def _others(facts: FitFacts) -> dict[str, float]:
    one = facts.standard
    out = {
        f"cn_{name}": index.critical_n(one.stat, one.df, facts.n, a)
        for name, a in (("05", 0.05), ("01", 0.01))
    }
    out["gfi_lisrel"] = facts.gfi_lisrel
    out["agfi_lisrel"] = index.agfi(facts.gfi_lisrel, facts.n_statistics, one.df)
    out["agfi"] = out["agfi_lisrel"]
    out["pgfi"] = index.pgfi(facts.gfi_lisrel, facts.n_statistics, one.df)
    out["mfi"] = index.mfi(one.stat, one.df, facts.n)
    if facts.categorical:
        out["wrmr"] = index.wrmr(one.stat, facts.n_first_statistics)
    else:
        out["ecvi"] = index.ecvi(one.stat, facts.npar, facts.n)
    return out
