"""Agreement of raters on categories: Cohen's and Fleiss' kappa."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import as_table, is_list
from surveykit.analysis.ratings import as_codes, coded_ratings, refuse_infinite
from surveykit.analysis.scale_options import column_names
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import number, pvalue, share
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.agreement import Kappa
    from surveykit.estimation.item_moments import FloatArray

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


@checked_call
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
        S088 no list of codes; S006 an infinite code, S099 none at all; S034 the raters
        coded different numbers of units; S003 fewer than 2 units
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
    first, second = _codes(a, "a"), _codes(b, "b")
    if len(first) != len(second):
        raise SurveykitError("S034", first=len(first), second=len(second))
    both = first.notna() & second.notna()
    if both.sum() < 2:
        raise SurveykitError("S003", analysis="cohen_kappa", needed=2, found=int(both.sum()))
    levels = None if levels is None else column_names("levels", levels)
    categories = _categories(pd.concat([first[both], second[both]]), levels, weights is not None)
    table = _crosstab(first[both], second[both], categories)
    matrix = _weight_matrix(weights, len(categories))
    found = weighted_kappa(table, matrix)
    if not np.isfinite(found.kappa):
        raise SurveykitError("S033", analysis="cohen_kappa")
    left = int((~both).sum())
    notes = (note("S007", dropped=left, rows=len(first), kept=int(both.sum())),) if left else ()
    if first[both].nunique() == 1 or second[both].nunique() == 1:
        notes = (*notes, note("S084"))
        found = found._replace(se=np.nan, se_null=np.nan, z=np.nan, pvalue=np.nan)
    elif not np.isfinite(found.z):
        notes = (*notes, note("S098"))
    name = weights if isinstance(weights, str) else "unweighted" if weights is None else "custom"
    shown = pd.DataFrame(table.astype(int), index=categories, columns=categories)
    return _kappa_result(found, conf_level, name, int(both.sum()), 2, shown, notes)


@checked_call
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
        S001 fewer than 2 raters; S003 fewer than 2 complete units; S033 only one category
        was used; S006, S012, S099 as in `cohen_kappa` and `cronbach_alpha`; O002 a
        confidence level outside (0, 1).

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
    codes, categories = coded_ratings(as_table(ratings), "fleiss_kappa")
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


def _codes(rater: Any, name: str) -> pd.Series[Any]:
    """One rater's codes; S088 for what is no list of them, S006 for an infinite one."""
    if not is_list(rater):
        raise SurveykitError("S088", analysis="cohen_kappa", found=type(rater).__name__)
    codes = pd.Series(as_codes(rater), dtype=object)
    refuse_infinite(codes, name)
    return codes


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
    try:
        matrix = np.asarray(weights, dtype=float)
    except (TypeError, ValueError):
        raise SurveykitError("S037", shape=type(weights).__name__, needed=k) from None
    if matrix.shape != (k, k) or len(set(np.diagonal(matrix))) > 1 or matrix[0, 0] not in (0.0, 1.0):
        raise SurveykitError("S037", shape=" x ".join(map(str, matrix.shape)), needed=k)
    return matrix
