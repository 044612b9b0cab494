"""Krippendorff's alpha: agreement of any number of raters, with gaps, at any level of measurement."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import as_table, check_count, read_items
from surveykit.analysis.ratings import coded_ratings
from surveykit.analysis.scale_options import check_seed
from surveykit.errors import Note, SurveykitError, SurveykitWarning, note
from surveykit.formatting import share
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.item_moments import FloatArray

LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True, repr=False)
class KrippendorffResult(Result):
    """Krippendorff's alpha: 1 is full agreement, 0 chance.

    `ci_lower`, `ci_upper`: percentile bootstrap over units. `observed` and
    `expected` disagreement; `coincidences`: value by value; `n_units` with at
    least two ratings, `n_pairable` ratings in them.
    """

    alpha: float
    ci_lower: float
    ci_upper: float
    level: str
    observed: float
    expected: float
    n_units: int
    n_raters: int
    n_pairable: int
    conf_level: float
    bootstrap: int
    coincidences: pd.DataFrame
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The coefficient, one row."""
        names = ("alpha", "ci_lower", "ci_upper", "level", "n_units", "n_raters", "n_pairable")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def __repr__(self) -> str:
        return (
            f"<KrippendorffResult: alpha = {share(self.alpha)} [{share(self.ci_lower)}, "
            f"{share(self.ci_upper)}], {self.level}, {self.n_units} units, {self.n_raters} raters>"
        )


@checked_call
def krippendorff_alpha(
    ratings: pd.DataFrame | FloatArray,
    level: str = "nominal",
    *,
    raters: str = "columns",
    bootstrap: int = 1000,
    conf_level: float = 0.95,
    seed: int | None = 0,
) -> KrippendorffResult:
    """Krippendorff's alpha for any number of raters, with gaps, at four levels of measurement.

    Parameters
    ----------
    ratings : pandas.DataFrame or array, shape (n_units, n_raters)
        A row per unit that was coded, a column per rater, NaN where a rater gave
        no code. Text is allowed at the nominal level.
    level : {"nominal", "ordinal", "interval", "ratio"}, default "nominal"
    raters : {"columns", "rows"}, default "columns"
        "rows" for a table with a row per rater. The wrong way round alpha is
        wrong, so a table with more columns than rows is warned of.
    bootstrap : int, default 1000
        Resamples of units for the interval; 0 for none.
    conf_level : float in (0, 1), default 0.95
    seed : int or None, default 0

    Returns
    -------
    KrippendorffResult

    Raises
    ------
    SurveykitError
        S001 fewer than 2 raters; S043 no unit has two ratings; S033 all ratings are equal;
        S006, S099 what is no code; S012 not a table; S002 text above the nominal level;
        S046 negative ratio values; O001, O002, S028 an option that is not allowed.

    Notes
    -----
    Equal to Krippendorff's published example (.743 nominal, .815 ordinal, .849
    interval, .797 ratio) and to the package krippendorff, which has no interval.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability. Hayes &
    Krippendorff (2007), doi:10.1080/19312450709336664.

    Examples
    --------
    >>> ratings = pd.DataFrame({"A": [1, 2, 3, 3, 1], "B": [1, 2, 3, 2, 1], "C": [1, None, 3, 3, 2]})
    >>> krippendorff_alpha(ratings, "interval", bootstrap=0)
    <KrippendorffResult: alpha = .814 [–, –], interval, 5 units, 3 raters>
    """
    from surveykit.estimation.krippendorff import bootstrap_krippendorff, krippendorff

    check_choice("level", level, LEVELS)
    check_choice("raters", raters, ("columns", "rows"))
    check_share("conf_level", conf_level)
    check_count("bootstrap", bootstrap, least=0)
    check_seed(seed)
    table = as_table(ratings)
    codes, categories = _units(table.T if raters == "rows" else table, level)
    notes = _orientation(codes, raters)
    found = krippendorff(codes, level)
    if found.units == 0:
        raise SurveykitError("S043")
    if not np.isfinite(found.alpha):
        raise SurveykitError("S033", analysis="krippendorff_alpha")
    lower, upper = np.nan, np.nan
    if bootstrap:
        draws = bootstrap_krippendorff(codes, level, bootstrap, seed)
        tail = (1 - conf_level) / 2
        lower, upper = np.nanquantile(draws, [tail, 1 - tail])
    labels = [categories[int(value)] for value in found.values] if categories else list(found.values)
    return KrippendorffResult(
        alpha=found.alpha,
        ci_lower=float(lower),
        ci_upper=float(upper),
        level=level,
        observed=found.observed,
        expected=found.expected,
        n_units=found.units,
        n_raters=codes.shape[1],
        n_pairable=found.pairable,
        conf_level=conf_level,
        bootstrap=bootstrap,
        coincidences=pd.DataFrame(found.coincidences, index=labels, columns=labels),
        notes=notes,
    )


def _units(table: pd.DataFrame, level: str) -> tuple[FloatArray, list[Any]]:
    """Ratings as numbers, units by raters; text becomes codes at the nominal level."""
    if level == "nominal":
        return coded_ratings(table, "krippendorff_alpha")
    if table.shape[1] < 2:
        raise SurveykitError("S001", analysis="krippendorff_alpha", needed=2, found=table.shape[1])
    given = table.loc[:, table.notna().any()]
    items = read_items(
        given,
        analysis="krippendorff_alpha",
        missing="keep",
        min_items=1,
        min_rows=1,
        constant_allowed=True,
    )
    if level == "ratio" and np.nanmin(items.values) < 0:
        raise SurveykitError("S046", value=f"{np.nanmin(items.values):g}")
    return items.values, []


def _orientation(codes: FloatArray, raters: str) -> tuple[Note, ...]:
    """Warn (S035) of what looks like units in columns."""
    units, columns = codes.shape
    if columns <= units:
        return ()
    other = "rows" if raters == "columns" else "columns"
    found = note("S035", raters=columns, units=units, other=other)
    warnings.warn(str(found), SurveykitWarning, stacklevel=4)
    return (found,)
