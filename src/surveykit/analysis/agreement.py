"""Agreement of raters on codes and categories: Cohen's and Fleiss' kappa, Krippendorff's alpha."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import check_count, read_items
from surveykit.errors import Note, SurveykitError, SurveykitWarning, note
from surveykit.formatting import number, pvalue, share
from surveykit.options import check_choice, check_share
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.agreement import Kappa
    from surveykit.estimation.item_moments import FloatArray

LEVELS = ("nominal", "ordinal", "interval", "ratio")
WEIGHTS = (None, "linear", "quadratic")


@dataclass(frozen=True, repr=False)
class KappaResult(Result):
    """A kappa: 1 is full agreement, 0 what chance would give.

    `ci_lower`, `ci_upper` from `se`; `z` and `pvalue` test that there is no
    agreement beyond chance (`se_null`). `observed`, `expected`: agreement.
    `table`: for two raters who chose what (rows the first), for more a row per
    category with its own kappa.
    """

    kappa: float
    ci_lower: float
    ci_upper: float
    se: float
    se_null: float
    z: float
    pvalue: float
    observed: float
    expected: float
    conf_level: float
    weights: str
    n: int
    n_raters: int
    table: pd.DataFrame
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The coefficient, one row."""
        names = ("kappa", "ci_lower", "ci_upper", "se", "z", "pvalue", "n", "n_raters")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def __repr__(self) -> str:
        return (
            f"<KappaResult: kappa = {share(self.kappa)} [{share(self.ci_lower)}, {share(self.ci_upper)}], "
            f"z = {number(self.z, 2)}, p {pvalue(self.pvalue)}, {self.n_raters} raters, n = {self.n}>"
        )


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


def cohen_kappa(
    a: Sequence[Any] | pd.Series[Any],
    b: Sequence[Any] | pd.Series[Any],
    weights: str | FloatArray | None = None,
    *,
    levels: Sequence[Any] | None = None,
    conf_level: float = 0.95,
) -> KappaResult:
    """Cohen's kappa of two raters, plain or weighted.

    Parameters
    ----------
    a, b : sequences of equal length
        The category each rater gave each unit, in the same order. Units that one
        of them left open are not used.
    weights : {None, "linear", "quadratic"} or array (k, k), default None
        How much a near miss counts. An array holds agreement weights (1 on the
        diagonal) or costs (0 on it). Quadratic weights make kappa nearly an ICC.
    levels : sequence, optional
        The categories in order, also those nobody used; sorted if not given.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    KappaResult

    Raises
    ------
    SurveykitError
        S034 the raters coded different numbers of units; S003 fewer than 2 units
        are left; S033 only one category was used; S037 a weight matrix of the
        wrong shape; S041 weights for text without `levels`; S042 a category that
        is not in `levels`; O001, O002 an option that is not allowed.

    Notes
    -----
    Equal to psych::cohen.kappa; its interval for weighted kappa uses another,
    much larger variance than Fleiss, Cohen & Everitt's, which is used here
    (tests/reference).

    References
    ----------
    Cohen (1968), doi:10.1037/h0026256. Fleiss, Cohen & Everitt (1969), doi:10.1037/h0028106.

    Examples
    --------
    >>> cohen_kappa([1, 1, 2, 3, 3, 2, 1, 3], [1, 2, 2, 3, 3, 2, 1, 2], weights="linear")
    <KappaResult: kappa = .714 [.364, 1.064], z = 2.72, p = .006, 2 raters, n = 8>
    """
    from surveykit.estimation.agreement import weighted_kappa

    check_share("conf_level", conf_level)
    if weights is None or isinstance(weights, str):
        check_choice("weights", weights, WEIGHTS)
    first, second = pd.Series(np.asarray(a, dtype=object)), pd.Series(np.asarray(b, dtype=object))
    if len(first) != len(second):
        raise SurveykitError("S034", first=len(first), second=len(second))
    both = first.notna() & second.notna()
    if both.sum() < 2:
        raise SurveykitError("S003", analysis="cohen_kappa", needed=2, found=int(both.sum()))
    categories = _categories(pd.concat([first[both], second[both]]), levels, weights is not None)
    table = _crosstab(first[both], second[both], categories)
    matrix = _weight_matrix(weights, len(categories))
    found = weighted_kappa(table, matrix)
    if not np.isfinite(found.kappa):
        raise SurveykitError("S033", analysis="cohen_kappa")
    left = int((~both).sum())
    notes = (note("S007", dropped=left, rows=len(first), kept=int(both.sum())),) if left else ()
    name = weights if isinstance(weights, str) else "unweighted" if weights is None else "custom"
    shown = pd.DataFrame(table.astype(int), index=categories, columns=categories)
    return _kappa_result(found, conf_level, name, int(both.sum()), 2, shown, notes)


def fleiss_kappa(ratings: pd.DataFrame, *, conf_level: float = 0.95) -> KappaResult:
    """Fleiss' kappa of any fixed number of raters.

    Parameters
    ----------
    ratings : pandas.DataFrame, shape (n_units, n_raters)
        A row per unit, a column per rater; categories of any kind. Units that
        not everyone rated are left out.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    KappaResult
        `table` has `category share kappa z pvalue`.

    Raises
    ------
    SurveykitError
        S001 fewer than 2 raters; S003 fewer than 2 complete units; S033 only one
        category was used; O002 a confidence level outside (0, 1).

    Notes
    -----
    The test uses Fleiss, Nee & Landis' (1979) standard error, as irr::kappam.fleiss
    does, the interval the jackknife over units. Raters need not be the same
    persons for every unit. `krippendorff_alpha` also takes incomplete units.

    References
    ----------
    Fleiss (1971), doi:10.1037/h0031619. Fleiss, Nee & Landis (1979), doi:10.1037/0033-2909.86.5.974.

    Examples
    --------
    >>> fleiss_kappa(pd.DataFrame({"A": list("xxyyz"), "B": list("xxyyz"), "C": list("xyyyz")}))
    <KappaResult: kappa = .789 [.322, 1.255], z = 4.19, p < .001, 3 raters, n = 5>
    """
    from scipy import special

    from surveykit.estimation.agreement import fleiss
    from surveykit.estimation.krippendorff import value_counts

    check_share("conf_level", conf_level)
    codes, categories = _coded(ratings, "fleiss_kappa")
    complete = ~np.isnan(codes).any(axis=1)
    if complete.sum() < 2:
        raise SurveykitError("S003", analysis="fleiss_kappa", needed=2, found=int(complete.sum()))
    values, counts = value_counts(codes[complete])
    if values.size < 2:
        raise SurveykitError("S033", analysis="fleiss_kappa")
    found = fleiss(counts)
    z = found.kappa / found.se_null
    table = pd.DataFrame(
        {
            "category": [categories[int(value)] for value in values],
            "share": counts.sum(axis=0) / counts.sum(),
            "kappa": found.kappa,
            "z": z,
            "pvalue": 2 * special.ndtr(-np.abs(z)),
        }
    )
    left, n = int((~complete).sum()), int(complete.sum())
    notes = (note("S007", dropped=left, rows=len(codes), kept=n),) if left else ()
    if np.isnan(found.overall.se):
        notes = (*notes, note("S048", n=n))
    return _kappa_result(found.overall, conf_level, "unweighted", n, codes.shape[1], table, notes)


def _kappa_result(
    found: Kappa,
    conf_level: float,
    weights: str,
    n: int,
    n_raters: int,
    table: pd.DataFrame,
    notes: tuple[Note, ...],
) -> KappaResult:
    from scipy import special

    half = float(special.ndtri((1 + conf_level) / 2)) * found.se
    return KappaResult(
        kappa=found.kappa,
        ci_lower=found.kappa - half,
        ci_upper=found.kappa + half,
        se=found.se,
        se_null=found.se_null,
        z=found.z,
        pvalue=found.pvalue,
        observed=found.observed,
        expected=found.expected,
        conf_level=conf_level,
        weights=weights,
        n=n,
        n_raters=n_raters,
        table=table,
        notes=notes,
    )


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
        S001 fewer than 2 raters; S043 no unit has two ratings; S033 all ratings are
        equal; S002 text above the nominal level; S046 negative ratio values; O001,
        O002, S028 an option that is not allowed.

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
    table = pd.DataFrame(ratings)
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
        return _coded(table, "krippendorff_alpha")
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


def _coded(table: pd.DataFrame, analysis: str) -> tuple[FloatArray, list[Any]]:
    """Categories as codes 0, 1, ..., NaN where there is none, and what they stand for."""
    if table.shape[1] < 2:
        raise SurveykitError("S001", analysis=analysis, needed=2, found=table.shape[1])
    flat = pd.Series(table.to_numpy(dtype=object).ravel())
    codes, categories = pd.factorize(flat)
    if len(categories) == 0:
        raise SurveykitError("S043")
    return np.where(codes < 0, np.nan, codes).reshape(table.shape).astype(float), list(categories)


def _orientation(codes: FloatArray, raters: str) -> tuple[Note, ...]:
    """Warn (S035) of what looks like units in columns."""
    units, columns = codes.shape
    if columns <= units:
        return ()
    other = "rows" if raters == "columns" else "columns"
    found = note("S035", raters=columns, units=units, other=other)
    warnings.warn(str(found), SurveykitWarning, stacklevel=3)
    return (found,)


def _categories(values: pd.Series[Any], levels: Sequence[Any] | None, ordered: bool) -> list[Any]:
    """The categories in order; S041 and S042 where the order or a category is unknown."""
    used = list(pd.unique(values))
    if levels is not None:
        for value in used:
            if value not in levels:
                raise SurveykitError("S042", value=repr(value), levels=", ".join(map(repr, levels)))
        return list(levels)
    if ordered and any(isinstance(value, str) for value in used):
        raise SurveykitError("S041", example=repr(sorted(map(str, used))))
    try:
        return sorted(used)
    except TypeError:
        return sorted(used, key=str)


def _crosstab(first: pd.Series[Any], second: pd.Series[Any], categories: list[Any]) -> FloatArray:
    place = {value: code for code, value in enumerate(categories)}
    table = np.zeros((len(categories), len(categories)))
    np.add.at(table, (first.map(place).to_numpy(int), second.map(place).to_numpy(int)), 1.0)
    return table


def _weight_matrix(weights: str | FloatArray | None, k: int) -> FloatArray:
    from surveykit.estimation.agreement import agreement_weights

    if k < 2:
        raise SurveykitError("S033", analysis="cohen_kappa")
    if weights is None or isinstance(weights, str):
        return agreement_weights(k, weights)
    matrix = np.asarray(weights, dtype=float)
    if matrix.shape != (k, k) or len(set(np.diagonal(matrix))) > 1 or matrix[0, 0] not in (0.0, 1.0):
        raise SurveykitError("S037", shape=" x ".join(map(str, matrix.shape)), needed=k)
    return matrix
