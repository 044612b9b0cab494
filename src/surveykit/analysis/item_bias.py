"""Single items: ordinal regression, and whether an item treats groups differently (DIF)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import (
    ADJUSTMENTS,
    check_columns,
    listed,
    many_groups,
    numbers,
    outcomes_of,
)
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.proportional_odds import fit_proportional_odds, nagelkerke, null_loglik
from surveykit.estimation.two_samples import adjust_pvalues
from surveykit.formatting import number, pvalue, share
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result, frame_text

if TYPE_CHECKING:
    from surveykit.estimation.two_samples import FloatArray


@dataclass(frozen=True)
class OrdinalRegression(Result):
    """A proportional-odds regression.

    `frame`: a row per predictor: `term est se z pvalue odds_ratio ci_lower
    ci_upper` (interval of the odds ratio; above 1: higher answers).
    `thresholds`: `threshold est se`. `chisq df pvalue`: against no predictor.
    """

    frame: pd.DataFrame
    thresholds: pd.DataFrame
    chisq: float
    df: int
    pvalue: float
    loglik: float
    nagelkerke_r2: float
    n: int
    outcome: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        lines = [
            f"{self.outcome}: chi2({self.df}, N = {self.n}) = {number(self.chisq, 2)}, "
            f"p {pvalue(self.pvalue)}, Nagelkerke R2 = {share(self.nagelkerke_r2)}",
            frame_text(self.frame),
        ]
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def ordinal_regression(
    data: pd.DataFrame, outcome: str, predictors: str | Iterable[str], *, conf_level: float = 0.95
) -> OrdinalRegression:
    """Ordinal logistic regression of one item on groups and covariates.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; rows with a gap are left out.
    outcome : str
        Numeric answers; their order counts, not their distances.
    predictors : str or several
        Numbers as they are; text and categories as one column a group, against the first group.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    OrdinalRegression

    Raises
    ------
    SurveykitError
        G001 no such column; G003 the outcome is text; G005 one group or one answer only; G011 predictors
        that repeat each other; G022 no finite estimate exists; O002.

    Notes
    -----
    Signs as in MASS::polr: a positive slope means higher answers. Standard errors: observed
    information.

    References
    ----------
    McCullagh (1980), doi:10.1111/j.2517-6161.1980.tb01109.x.

    Examples
    --------
    >>> answers = pd.DataFrame({"trust": [1, 2, 3, 2, 3, 1, 2, 2, 3, 3], "country": list("JJJJJKKKKK")})
    >>> ordinal_regression(answers, "trust", "country").to_frame()[["term", "est"]].round(2)
            term  est
    0  country=K  0.0
    """
    check_share("conf_level", conf_level)
    wanted = listed(predictors)
    check_columns(data, outcome, *wanted)
    numbers(data, outcome)
    if len({outcome, *wanted}) <= len(wanted):
        raise SurveykitError("G011", n=len(data), terms=", ".join(wanted))
    known = data[[outcome, *wanted]].dropna()
    many_groups(known, outcome)
    names, x = _predictors(known, wanted)
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(x)), x])) <= x.shape[1]:
        raise SurveykitError("G011", n=len(x), terms=", ".join(names))
    codes, values = pd.factorize(known[outcome], sort=True)
    codes = codes.astype(np.int64)
    fit = fit_proportional_odds(codes, x)
    if not fit.converged:
        raise SurveykitError("G022", outcome=outcome, names=", ".join(names))
    null, se = null_loglik(codes), np.sqrt(np.diag(fit.vcov))
    chisq, p = 2 * (fit.loglik - null), len(names)
    frame = _slopes(names, fit.slopes, se[:p], conf_level)
    edges = [f"{low}|{high}" for low, high in pairwise(values)]
    thresholds = pd.DataFrame({"threshold": edges, "est": fit.thresholds, "se": se[p:]})
    left = len(data) - len(known)
    return OrdinalRegression(
        frame,
        thresholds,
        chisq,
        p,
        _upper(chisq, p),
        fit.loglik,
        nagelkerke(fit.loglik, null, len(known)),
        len(known),
        outcome,
        (note("G013", dropped=left, kept=len(known)),) if left else (),
    )


def _predictors(data: pd.DataFrame, wanted: list[str]) -> tuple[list[str], FloatArray]:
    names, columns = [], []
    if not wanted:
        raise SurveykitError("G034")
    for one in wanted:
        if pd.api.types.is_numeric_dtype(data[one]):
            names.append(one)
            columns.append(data[one].to_numpy(dtype=float))
            continue
        for label in many_groups(data, one)[1:]:
            names.append(f"{one}={label}")
            columns.append((data[one] == label).to_numpy(dtype=float))
    return names, np.column_stack(columns)


def _slopes(names: list[str], est: FloatArray, se: FloatArray, conf_level: float) -> pd.DataFrame:
    from scipy.special import ndtr, ndtri

    half = float(ndtri(0.5 + conf_level / 2)) * se
    frame = pd.DataFrame({"term": names, "est": est, "se": se, "z": est / se})
    frame["pvalue"] = 2 * ndtr(-np.abs(est / se))
    ends = {"ci_lower": np.exp(est - half), "ci_upper": np.exp(est + half)}
    return frame.assign(odds_ratio=np.exp(est), **ends)


def _upper(chisq: float, df: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, max(chisq, 0.0)))


@dataclass(frozen=True)
class ItemBias(Result):
    """Differential item functioning, item by item.

    `frame`: `item n chisq df pvalue pvalue_adjusted` (uniform and non-uniform
    together), `uniform_* nonuniform_*` (chisq, df, pvalue), `r2_change`
    (Nagelkerke, of both), `size` (Jodoin & Gierl 2001: negligible below .035,
    large from .07), `group_effect` (log odds of the last group against the
    first at the same level; positive: answers higher; two groups only).
    """

    frame: pd.DataFrame
    group: str
    groups: tuple[Any, ...]
    adjust: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        lines = [f"Differential item functioning by {self.group} ({self.adjust})"]
        for row in self.frame.dropna(subset=["chisq"]).to_dict("records"):
            lines.append(
                f"{row['item']}: chi2({row['df']:.0f}) = {number(row['chisq'], 2)}, "
                f"p {pvalue(row['pvalue_adjusted'])}, R2 change = {share(row['r2_change'])} ({row['size']})"
            )
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def item_bias(data: pd.DataFrame, items: Iterable[str], group: str, *, adjust: str = "holm") -> ItemBias:
    """Do people of different groups at the same level answer an item differently.

    Each item is regressed on the mean of the other items (the level), then on the group too (uniform
    bias), then on their product too (non-uniform bias).

    Parameters
    ----------
    data : pandas.DataFrame
        Items keyed in one direction.
    items : several str
        The items of one scale, at least 3.
    group : str
    adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "fdr", "BY", "none"}, default "holm"

    Returns
    -------
    ItemBias

    Raises
    ------
    SurveykitError
        G001 no such column; G003 an item is text; G005 fewer than two groups; G023 fewer than 3 items; O001.

    Notes
    -----
    An item without finite estimates (one answer only, or groups without a common answer) is NaN with a
    note (G024). With many biased items the level itself is biased: see `measurement_invariance`.

    References
    ----------
    Zumbo (1999). Swaminathan & Rogers (1990), doi:10.1111/j.1745-3984.1990.tb00754.x. Jodoin & Gierl
    (2001), doi:10.1207/S15324818AME1404_2.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> level = rng.normal(size=300)
    >>> answers = pd.DataFrame({f"t{i}": np.round(level + rng.normal(size=300)) for i in range(4)})
    >>> answers["country"] = ["JP", "KR"] * 150
    >>> answers["t0"] += 2 * (answers["country"] == "KR")
    >>> item_bias(answers, ["t0", "t1", "t2", "t3"], "country").to_frame()["size"].tolist()[0]
    'large'
    """
    check_choice("adjust", adjust, ADJUSTMENTS)
    wanted = outcomes_of(items)
    check_columns(data, group, *wanted)
    if len(wanted) < 3:
        raise SurveykitError("G023", found=len(wanted))
    values = np.column_stack([numbers(data, item) for item in wanted])
    known = np.isfinite(values).all(axis=1) & data[group].notna().to_numpy()
    rows = data[known]
    labels = many_groups(rows, group)
    marks = np.column_stack([(rows[group] == label).to_numpy(dtype=float) for label in labels[1:]])
    notes = [note("G013", dropped=int((~known).sum()), kept=len(rows))] if not known.all() else []
    tested = []
    for at, item in enumerate(wanted):
        row = _bias(values[known], at, marks)
        if row is None:
            notes.append(note("G024", item=item))
        tested.append({"item": item, "n": len(rows)} | (row or {}))
    frame = pd.DataFrame(tested, columns=["item", "n", *BIAS])
    frame.insert(5, "pvalue_adjusted", adjust_pvalues(frame["pvalue"].to_numpy(float), adjust))
    return ItemBias(frame, group, tuple(labels), adjust, tuple(notes))


BIAS = (
    *("chisq", "df", "pvalue", "uniform_chisq", "uniform_df", "uniform_pvalue"),
    *("nonuniform_chisq", "nonuniform_df", "nonuniform_pvalue", "r2_change", "size", "group_effect"),
)


def _bias(values: FloatArray, at: int, marks: FloatArray) -> dict[str, Any] | None:
    """Three nested regressions of one item; None where one of them has no finite estimate."""
    level = np.delete(values, at, axis=1).mean(axis=1, keepdims=True)
    level = level - level.mean()
    found, codes = np.unique(values[:, at], return_inverse=True)
    if len(found) < 2 or np.ptp(level) == 0:
        return None
    designs = ([level], [level, marks], [level, marks, level * marks])
    fits = [fit_proportional_odds(codes.astype(np.int64), np.hstack(one)) for one in designs]
    if not all(fit.converged for fit in fits):
        return None
    base, uniform, full = (fit.loglik for fit in fits)
    null, n, k = null_loglik(codes), len(values), marks.shape[1]
    change = nagelkerke(full, null, n) - nagelkerke(base, null, n)
    both, one, other = 2 * (full - base), 2 * (uniform - base), 2 * (full - uniform)
    tests = [both, 2 * k, _upper(both, 2 * k), one, k, _upper(one, k), other, k, _upper(other, k)]
    size = "negligible" if change < 0.035 else "moderate" if change < 0.07 else "large"
    effect = float(fits[1].slopes[1]) if k == 1 else math.nan
    return dict(zip(BIAS, [*tests, change, size, effect], strict=True))
