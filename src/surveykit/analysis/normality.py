"""Normality of the items, one by one and together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import ItemData, as_table, read_items
from surveykit.analysis.item_matrices import correlations, refuse_singular
from surveykit.errors import Note
from surveykit.formatting import number, pvalue
from surveykit.options import checked_call
from surveykit.results import Result

# SciPy's Shapiro-Wilk p value is exact up to here.
SHAPIRO_MOST = 5000


@dataclass(frozen=True, repr=False)
class MardiaResult(Result):
    """Multivariate normality.

    `skewness` (b1p) and `kurtosis` (b2p) with covariances of divisor n - 1, as in
    psych and semTools; `..._divisor_n` as in Mardia (1970) and most programs.
    `chisq_skewness` on `df` with `pvalue_skewness`, the `small_...` version for
    small samples, `z_kurtosis` with `pvalue_kurtosis`. `univariate`: a row per
    item, `W` of Shapiro-Wilk, skew and kurtosis (type 2) with z and p.
    `distances`: Mahalanobis distance of each respondent used.
    """

    skewness: float
    kurtosis: float
    skewness_divisor_n: float
    kurtosis_divisor_n: float
    chisq_skewness: float
    df: int
    pvalue_skewness: float
    small_chisq_skewness: float
    pvalue_small_skewness: float
    z_kurtosis: float
    pvalue_kurtosis: float
    univariate: pd.DataFrame
    distances: pd.Series[float]
    n: int
    n_items: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row for skewness and one for kurtosis."""
        return pd.DataFrame(
            {
                "test": ["skewness", "kurtosis"],
                "estimate": [self.skewness, self.kurtosis],
                "statistic": [self.chisq_skewness, self.z_kurtosis],
                "df": [float(self.df), np.nan],
                "pvalue": [self.pvalue_skewness, self.pvalue_kurtosis],
            }
        )

    def __repr__(self) -> str:
        return (
            f"<MardiaResult: skewness {number(self.skewness, 2)}, p {pvalue(self.pvalue_skewness)}; "
            f"kurtosis {number(self.kurtosis, 2)}, p {pvalue(self.pvalue_kurtosis)}; "
            f"{self.n_items} items, n = {self.n}>"
        )


@checked_call
def mardia(data: pd.DataFrame) -> MardiaResult:
    """Mardia's tests of multivariate normality, with those of each item.

    Parameters
    ----------
    data : pandas.DataFrame, shape (n_respondents, n_items)
        Complete rows are used.

    Returns
    -------
    MardiaResult

    Raises
    ------
    SurveykitError
        S022 the covariance matrix is singular; S001 to S006, S011, S012 as in
        `cronbach_alpha`.

    Notes
    -----
    Equal to psych::mardia, semTools::mardiaSkew, mardiaKurtosis, skew, kurtosis and
    shapiro.test (tests/reference).

    References
    ----------
    Mardia (1970), doi:10.1093/biomet/57.3.519. Mardia (1974).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> mardia(pd.DataFrame(rng.normal(size=(200, 3))))
    <MardiaResult: skewness 0.13, p = .939; kurtosis 15.22, p = .775; 3 items, n = 200>
    """
    from surveykit.estimation.multivariate_normality import mardia as mardia_of

    items = read_items(data, analysis="mardia", min_items=1)
    refuse_singular(correlations(items), "mardia")
    found = mardia_of(items.values)
    complete = as_table(data).dropna().index
    return MardiaResult(
        skewness=found.b1p,
        kurtosis=found.b2p,
        skewness_divisor_n=found.b1p_divisor_n,
        kurtosis_divisor_n=found.b2p_divisor_n,
        chisq_skewness=found.skew,
        df=found.skew_df,
        pvalue_skewness=found.pvalue_skew,
        small_chisq_skewness=found.small_skew,
        pvalue_small_skewness=found.pvalue_small_skew,
        z_kurtosis=found.kurtosis,
        pvalue_kurtosis=found.pvalue_kurtosis,
        univariate=_univariate(items),
        distances=pd.Series(found.distances, index=complete),
        n=found.n,
        n_items=found.p,
        notes=items.notes,
    )


def _univariate(items: ItemData) -> pd.DataFrame:
    from scipy import special
    from scipy.stats import shapiro

    from surveykit.estimation.descriptives import skew_and_kurtosis

    n = len(items.values)
    rows = []
    for name, column in zip(items.names, items.values.T, strict=True):
        # In its own unit: SciPy takes a small range for none.
        test: Any = shapiro((column - column.mean()) / column.std()) if n <= SHAPIRO_MOST else None
        skew, kurtosis = skew_and_kurtosis(column, 2)
        z = skew / np.sqrt(6 / n), kurtosis / np.sqrt(24 / n)
        rows.append(
            {
                "item": name,
                "W": float(test.statistic) if test else np.nan,
                "pvalue_W": float(test.pvalue) if test else np.nan,
                "skew": skew,
                "z_skew": z[0],
                "pvalue_skew": float(2 * special.ndtr(-abs(z[0]))),
                "kurtosis": kurtosis,
                "z_kurtosis": z[1],
                "pvalue_kurtosis": float(2 * special.ndtr(-abs(z[1]))),
            }
        )
    return pd.DataFrame(rows, index=list(items.names))
