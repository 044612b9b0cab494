"""Guttman's lower bounds and split-half reliability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import ItemData, read_items
from surveykit.analysis.item_matrices import correlations, covariances, refuse_cancelling, warn_of_keying
from surveykit.analysis.scale_options import check_seed
from surveykit.errors import Note, note
from surveykit.formatting import share
from surveykit.options import check_choice, check_flags, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.guttman import SplitHalves
    from surveykit.estimation.item_moments import FloatArray


@dataclass(frozen=True, repr=False)
class GuttmanResult(Result):
    """Lower bounds to the reliability of the sum of the items.

    `lambda1` to `lambda6` (`lambda3` is alpha, `lambda4` the best split),
    `lambda5_plus`, ten Berge & Zegers' `mu0` to `mu3`, `glb` the greatest lower
    bound, `glb_fa` psych's approximation of it, `alpha_pc` of the first
    principal component.
    """

    lambda1: float
    lambda2: float
    lambda3: float
    lambda4: float
    lambda5: float
    lambda5_plus: float
    lambda6: float
    mu0: float
    mu1: float
    mu2: float
    mu3: float
    glb: float
    glb_fa: float
    alpha_pc: float
    standardized: bool
    n: int
    n_items: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per bound."""
        bounds = [name for name in self.__dataclass_fields__ if name not in _NOT_BOUNDS]
        return pd.DataFrame({"bound": bounds, "value": [getattr(self, name) for name in bounds]})

    def __repr__(self) -> str:
        return (
            f"<GuttmanResult: lambda2 = {share(self.lambda2)}, lambda3 (alpha) = {share(self.lambda3)}, "
            f"lambda6 = {share(self.lambda6)}, glb = {share(self.glb)}, {self.n_items} items, n = {self.n}>"
        )


_NOT_BOUNDS = ("standardized", "n", "n_items", "notes")


@dataclass(frozen=True, repr=False)
class SplitHalfResult(Result):
    """Reliabilities of the ways to halve the items, 4 cov(A, B) / var(A + B).

    `maximum` (Guttman's lambda 4), `minimum` (Revelle's beta), `mean` over
    `n_splits`; `best` and `worst` name the items of half A. `odd_even_r`,
    `spearman_brown`, `guttman_rulon`: odd against even items. `splits`: every
    reliability. `psych`: the same from the splits that psych::splitHalf counts.
    """

    maximum: float
    minimum: float
    mean: float
    n_splits: int
    best: tuple[str, ...]
    worst: tuple[str, ...]
    odd_even_r: float
    spearman_brown: float
    guttman_rulon: float
    psych: dict[str, float]
    splits: FloatArray
    standardized: bool
    n: int
    n_items: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per way of counting: all splits, and psych's."""
        ours = {
            "maximum": self.maximum,
            "minimum": self.minimum,
            "mean": self.mean,
            "n_splits": self.n_splits,
        }
        return pd.DataFrame([{"splits": "all", **ours}, {"splits": "psych", **self.psych}])

    def __repr__(self) -> str:
        return (
            f"<SplitHalfResult: maximum = {share(self.maximum)}, minimum = {share(self.minimum)}, "
            f"mean = {share(self.mean)}, {self.n_splits} splits, odd-even {share(self.spearman_brown)}, "
            f"n = {self.n}>"
        )


@checked_call
def guttman(
    items: pd.DataFrame, *, standardized: bool = True, missing: str = "listwise", seed: int | None = 0
) -> GuttmanResult:
    """Guttman's lower bounds to reliability, and the greatest lower bound.

    Every bound is at most the reliability of the sum; the largest is the most
    telling, though in small samples the greatest lower bound is biased upwards.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_respondents, n_items)
        Keyed scale points, NaN for missing. At least 3 columns.
    standardized : bool, default True
        Of standardized items, as psych::guttman; False for the raw sum score.
    missing : {"listwise", "pairwise"}, default "listwise"
    seed : int or None, default 0
        Used where lambda 4 comes from a sample of splits (more than 20 items).

    Returns
    -------
    GuttmanResult

    Raises
    ------
    SurveykitError
        S001 fewer than 3 items; S002 to S006, S011 to S014 as in `cronbach_alpha`.

    Notes
    -----
    Checked against psych::guttman (tests/reference). `lambda4` is over all
    splits; psych counts half of them with an odd number of items. `glb` is the
    solution of the semidefinite programme, `glb_fa` is psych's.

    References
    ----------
    Guttman (1945), doi:10.1007/BF02288892. Ten Berge & Zegers (1978),
    doi:10.1007/BF02293815. Sijtsma (2009), doi:10.1007/s11336-008-9101-0.

    Examples
    --------
    >>> items = pd.DataFrame({"t1": [1, 2, 3, 4, 5, 5], "t2": [2, 2, 3, 4, 4, 5], "t3": [1, 3, 3, 5, 4, 5]})
    >>> guttman(items)
    <GuttmanResult: lambda2 = .965, lambda3 (alpha) = .965, lambda6 = .953, glb = .965, 3 items, n = 6>
    """
    from surveykit.estimation.glb_factor import factor_lower_bound
    from surveykit.estimation.guttman import greatest_lower_bound, guttman_bounds, split_halves

    check_choice("missing", missing, ("listwise", "pairwise"))
    check_flags(standardized=standardized)
    check_seed(seed)
    data = read_items(items, analysis="guttman", missing=missing, min_items=3)
    C, keying = _matrix(data, standardized)
    bounds = guttman_bounds(C)
    splits = split_halves(C, seed)
    mu0, mu1, mu2, mu3 = bounds.mu
    return GuttmanResult(
        lambda1=bounds.lambda1,
        lambda2=bounds.lambda2,
        lambda3=bounds.lambda3,
        lambda4=float(splits.reliability.max()),
        lambda5=bounds.lambda5,
        lambda5_plus=bounds.lambda5_plus,
        lambda6=bounds.lambda6,
        mu0=mu0,
        mu1=mu1,
        mu2=mu2,
        mu3=mu3,
        glb=greatest_lower_bound(C)[0],
        glb_fa=factor_lower_bound(correlations(data)),
        alpha_pc=bounds.alpha_pc,
        standardized=standardized,
        n=data.values.shape[0],
        n_items=data.n_items,
        notes=data.notes + keying + _split_notes(data, splits),
    )


@checked_call
def split_half(
    items: pd.DataFrame, *, standardized: bool = True, missing: str = "listwise", seed: int | None = 0
) -> SplitHalfResult:
    """Split-half reliability of every way to halve the items.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_respondents, n_items)
        Keyed scale points, NaN for missing. At least 2 columns.
    standardized : bool, default True
        Halves of standardized items, as psych::splitHalf. The odd-even
        coefficients are always of the raw scores.
    missing : {"listwise", "pairwise"}, default "listwise"
    seed : int or None, default 0
        With more than 20 items the splits are too many: 100,000 are drawn.

    Returns
    -------
    SplitHalfResult

    Raises
    ------
    SurveykitError
        S001 fewer than 2 items; S002 to S006, S011 to S014 as in `cronbach_alpha`.

    Notes
    -----
    Checked against psych::splitHalf (tests/reference), which does not count all
    splits of an odd number of items: its numbers are in `psych`.

    References
    ----------
    Guttman (1945). Revelle (1979), doi:10.1207/s15327906mbr1401_4.

    Examples
    --------
    >>> items = pd.DataFrame({"t1": [1, 2, 3, 4, 5, 5], "t2": [2, 2, 3, 4, 4, 5], "t3": [1, 3, 3, 5, 4, 5]})
    >>> split_half(items)
    <SplitHalfResult: maximum = .872, minimum = .837, mean = .858, 3 splits, odd-even .967, n = 6>
    """
    from surveykit.estimation.guttman import odd_even, split_halves

    check_choice("missing", missing, ("listwise", "pairwise"))
    check_flags(standardized=standardized)
    check_seed(seed)
    data = read_items(items, analysis="split_half", missing=missing, min_items=2)
    C, keying = _matrix(data, standardized)
    splits = split_halves(C, seed)
    values = splits.reliability
    by_psych = values[: splits.by_psych]
    halves = odd_even(covariances(data))
    return SplitHalfResult(
        maximum=float(values.max()),
        minimum=float(values.min()),
        mean=float(values.mean()),
        n_splits=len(values),
        best=_half(data, splits.first[int(values.argmax())]),
        worst=_half(data, splits.first[int(values.argmin())]),
        odd_even_r=halves.r,
        spearman_brown=halves.spearman_brown,
        guttman_rulon=halves.guttman_rulon,
        psych={
            "maximum": float(by_psych.max()),
            "minimum": float(by_psych.min()),
            "mean": float(by_psych.sum() / _divisor(data.n_items, len(values))),
            "n_splits": len(by_psych),
        },
        splits=values,
        standardized=standardized,
        n=data.values.shape[0],
        n_items=data.n_items,
        notes=data.notes + keying + _split_notes(data, splits),
    )


def _matrix(data: ItemData, standardized: bool) -> tuple[FloatArray, tuple[Note, ...]]:
    from surveykit.estimation.item_moments import correlation

    C = covariances(data)
    refuse_cancelling(C, data.names)
    R = correlation(C)
    return (R if standardized else C), warn_of_keying(data, R, stacklevel=5)


def _divisor(n_items: int, n_splits: int) -> float:
    """By how many splits psych divides: half of them where the number of items is odd, 17.5 of 35."""
    return n_splits if n_items % 2 == 0 else n_splits / 2


def _half(data: ItemData, first: FloatArray) -> tuple[str, ...]:
    return tuple(data.names[place] for place in np.flatnonzero(first))


def _split_notes(data: ItemData, splits: SplitHalves) -> tuple[Note, ...]:
    n_splits = len(splits.reliability)
    if not splits.counted:
        return (note("S025", n_items=data.n_items, drawn=n_splits),)
    if splits.by_psych < n_splits:
        return (note("S024", by_psych=splits.by_psych, n_splits=n_splits),)
    return ()
