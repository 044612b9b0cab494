"""Reliability of a scale: coefficient alpha and the statistics of its items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import ItemData, check_count, read_items
from surveykit.analysis.item_matrices import refuse_cancelling, warn_of_keying
from surveykit.analysis.scale_options import check_seed
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import share
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result, plain

if TYPE_CHECKING:
    from surveykit.estimation.item_moments import FloatArray, IntArray
    from surveykit.estimation.reliability import ItemCoefficients, ScaleCoefficients

INTERVALS = ("feldt", "bonett", "duhachek", "bootstrap")


@dataclass(frozen=True, repr=False)
class AlphaResult(Result):
    """Coefficient alpha of one scale.

    `cronbach_alpha` with `ci_lower`, `ci_upper` (method `interval`, level
    `conf_level`); `standardized_alpha`, `lambda6` (Guttman, from squared
    multiple correlations), `average_r`, `median_r`, `signal_noise`
    (k r / (1 - r)), `se` (Duhachek & Iacobucci), `unidim` (psych's `Unidim`);
    `mean` and `sd` of the scale mean per respondent; `sem` the standard error
    of measurement in the same units. `intervals`: method -> (lower, upper).
    `item_statistics`: a row per item, labelled by the item's name.
    """

    cronbach_alpha: float
    ci_lower: float
    ci_upper: float
    conf_level: float
    interval: str
    standardized_alpha: float
    lambda6: float
    average_r: float
    median_r: float
    signal_noise: float
    se: float
    unidim: float
    mean: float
    sd: float
    sem: float
    n: int
    n_items: int
    missing: str
    intervals: Mapping[str, tuple[float, float]]
    notes: tuple[Note, ...]
    _items: tuple[pd.Index[Any], IntArray, FloatArray] = field(repr=False)

    @cached_property
    def item_statistics(self) -> pd.DataFrame:
        """A row per item: how it correlates with the scale, and the scale without it."""
        names, n, numbers = self._items
        # Numbered columns, named at the end: a table of text labels is slow to insert into.
        table = pd.DataFrame(numbers.T, index=names)
        table.insert(0, -1, n)
        table.insert(0, -2, names.array)
        table.columns = _labels()
        return table

    def to_frame(self) -> pd.DataFrame:
        """The item statistics."""
        return self.item_statistics

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "item_statistics": plain(self.item_statistics)}

    def summary(self) -> str:
        head = (
            f"Coefficient alpha = {share(self.cronbach_alpha)}, {_level(self.conf_level)} CI "
            f"[{share(self.ci_lower)}, {share(self.ci_upper)}] ({self.interval}); "
            f"{self.n_items} items, n = {self.n}\n"
            f"standardized alpha {share(self.standardized_alpha)}, lambda 6 {share(self.lambda6)}, "
            f"average r {share(self.average_r)}, scale mean {self.mean:.2f} (SD {self.sd:.2f}), "
            f"standard error of measurement {self.sem:.2f}"
        )
        return f"{head}\n{self._table_and_notes()}"

    def __repr__(self) -> str:
        return (
            f"<AlphaResult: alpha = {self.cronbach_alpha:.3f}, {_level(self.conf_level)} CI "
            f"[{self.ci_lower:.3f}, {self.ci_upper:.3f}] ({self.interval.title()}), "
            f"{self.n_items} items, n = {self.n}>"
        )


@cache
def _labels() -> pd.Index[Any]:
    from surveykit.estimation.reliability import ItemCoefficients, ScaleCoefficients

    dropped = (f"{name}_if_dropped" for name in ScaleCoefficients._fields)
    return pd.Index(["item", "n", "mean", "sd", *ItemCoefficients._fields, *dropped])


def _level(conf_level: float) -> str:
    return f"{100 * conf_level:g}%"


@checked_call
def cronbach_alpha(
    items: pd.DataFrame,
    *,
    missing: str = "listwise",
    conf_level: float = 0.95,
    interval: str = "feldt",
    bootstrap: int = 0,
    seed: int | None = None,
) -> AlphaResult:
    """Coefficient alpha of a scale, with Feldt's confidence interval.

    Alpha is the reliability of the sum score only if items are essentially
    tau-equivalent with uncorrelated errors; otherwise report `omega_total`.
    Items must already be keyed in one direction (`score_scales` does this):
    a negatively keyed item is never flipped here, it is named in a warning.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_respondents, n_items)
        Raw scale points (not z-scores), NaN for missing. At least 2 columns.
    missing : {"listwise", "pairwise"}, default "listwise"
        "pairwise" takes each covariance from the rows that have both items and
        counts every row as n, as psych::alpha does.
    conf_level : float in (0, 1), default 0.95
    interval : {"feldt", "bonett", "duhachek", "bootstrap"}, default "feldt"
        Which interval `ci_lower` and `ci_upper` are; `intervals` has all.
    bootstrap : int, default 0
        Resamples of rows for the percentile interval; complete rows only.
        1000 where `interval` is "bootstrap" and nothing is said.
    seed : int or None
        Makes the bootstrap repeatable.

    Returns
    -------
    AlphaResult
        `cronbach_alpha`, `ci_lower`, `ci_upper` in (-inf, 1];
        `item_statistics`, one row per item: `n`, `mean`, `sd`, `r_raw`, `r_std`,
        `r_cor` (corrected for overlap and unreliability), `r_drop` (with the
        rest of the scale), `alpha_if_dropped` and the other coefficients if dropped.

    Raises
    ------
    SurveykitError
        S001 fewer than 2 items; S002 a column is not numeric (named);
        S003 fewer than 3 respondents remain; S004 an item has no variance;
        S005 an item nobody answered; S006 an infinite value; S011 a column name
        twice; S012 not a table; S013 two items nobody answered together;
        S014 the items cancel out; S080 numbers too large or small to compute with;
        O001, O002, S028 an option that is not allowed.

    Notes
    -----
    Checked against psych::alpha (tests/reference). The Duhachek interval takes
    1.96 as psych does, Bonett's is that of Bonett (2002) without bias correction.

    References
    ----------
    Cronbach (1951), doi:10.1007/BF02310555. Feldt, Woodruff & Salih (1987).
    Bonett (2002), doi:10.3102/10769986027004335. Duhachek & Iacobucci (2004).

    Examples
    --------
    >>> trust = pd.DataFrame({"t1": [1, 2, 3, 4, 5, 5], "t2": [2, 2, 3, 4, 4, 5], "t3": [1, 3, 3, 5, 4, 5]})
    >>> cronbach_alpha(trust)
    <AlphaResult: alpha = 0.957, 95% CI [0.817, 0.993] (Feldt), 3 items, n = 6>
    """
    from surveykit.estimation.threads import one_thread

    check_choice("missing", missing, ("listwise", "pairwise"))
    check_choice("interval", interval, INTERVALS)
    check_share("conf_level", conf_level)
    check_count("bootstrap", bootstrap, least=0)
    check_seed(seed)
    data = read_items(items, analysis="cronbach_alpha", missing=missing)
    with one_thread():
        return _alpha_of_items(data, missing, conf_level, interval, bootstrap, seed)


def _alpha_of_items(
    data: ItemData, missing: str, conf_level: float, interval: str, bootstrap: int, seed: int | None
) -> AlphaResult:
    from surveykit.estimation import reliability as rel
    from surveykit.estimation.item_moments import item_moments

    moments = item_moments(data.values)
    refuse_cancelling(moments.cov, data.names)
    matrices = rel.scale_matrices(moments.cov)
    scale = rel.scale_coefficients(matrices, moments.n)
    totals = rel.item_total_correlations(data.values, moments, matrices)
    coefficients = np.array(scale)
    whole = dict(zip(scale._fields, coefficients[:, 0].tolist(), strict=True))
    items = np.vstack([moments.mean, moments.sd, *totals, coefficients[:, 1:]])
    mean, sd = rel.scale_mean(data.values, moments)
    replicates = bootstrap or (1000 if interval == "bootstrap" else 0)
    intervals = _intervals(data, whole["alpha"], whole["se"], conf_level, replicates, seed)
    lower, upper = intervals[interval]
    return AlphaResult(
        cronbach_alpha=whole["alpha"],
        ci_lower=lower,
        ci_upper=upper,
        conf_level=conf_level,
        interval=interval,
        standardized_alpha=whole["standardized_alpha"],
        lambda6=whole["lambda6"],
        average_r=whole["average_r"],
        median_r=whole["median_r"],
        signal_noise=whole["signal_noise"],
        se=whole["se"],
        unidim=rel.unidimensionality(matrices),
        mean=mean,
        sd=sd,
        sem=sd * sqrt(1 - whole["alpha"]),
        n=moments.n,
        n_items=data.n_items,
        missing=missing,
        intervals=intervals,
        notes=data.notes + _notes(data, scale, totals) + warn_of_keying(data, matrices.R, stacklevel=5),
        _items=(data.index, moments.counts, items),
    )


def _intervals(
    data: ItemData, alpha: float, se: float, conf_level: float, replicates: int, seed: int | None
) -> dict[str, tuple[float, float]]:
    from surveykit.estimation import reliability as rel

    n, k = data.values.shape
    intervals = {
        "feldt": rel.feldt_interval(alpha, n, k, conf_level),
        "bonett": rel.bonett_interval(alpha, n, k, conf_level),
        "duhachek": rel.duhachek_interval(alpha, se, conf_level),
    }
    if replicates:
        from surveykit.estimation.reliability_bootstrap import bootstrap_alpha, percentile_interval

        complete = data.values[~np.isnan(data.values).any(axis=1)]
        if complete.shape[0] < 3:
            raise SurveykitError("S003", analysis="bootstrap", needed=3, found=complete.shape[0])
        draws = bootstrap_alpha(complete, replicates, seed)
        intervals["bootstrap"] = percentile_interval(draws, conf_level)
    return intervals


def _notes(data: ItemData, scale: ScaleCoefficients, totals: ItemCoefficients) -> tuple[Note, ...]:
    """Why a number is missing or infinite."""
    found = [note("S009")] if data.n_items == 2 else []
    if np.isnan(totals.r_cor[0]):
        found.append(note("S077"))
    if np.isnan(scale.standardized_alpha[0]):
        found.append(note("S103"))
    if np.isinf(scale.signal_noise).any():
        found.append(note("S093"))
    cancelling = np.isnan(scale.alpha[1:]) & (data.n_items > 2)
    if cancelling.any():
        names = [name for name, one in zip(data.names, cancelling, strict=True) if one]
        found.append(note("S081", names=", ".join(names)))
    return tuple(found)
