"""Test-retest reliability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import is_list, read_items
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import share
from surveykit.options import check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.intraclass import IntraclassTable


@dataclass(frozen=True, repr=False)
class RetestResult(Result):
    """How far scores come out the same on a second occasion.

    `r` with its interval; `icc_agreement` (ICC2) and `icc_consistency` (ICC3) with
    theirs; `sem` the standard error of measurement from the agreement and
    `smallest_detectable_change` (95 percent) in scale points; `mean_change`
    second minus first.
    """

    r: float
    ci_lower: float
    ci_upper: float
    icc_agreement: float
    icc_agreement_ci_lower: float
    icc_agreement_ci_upper: float
    icc_consistency: float
    icc_consistency_ci_lower: float
    icc_consistency_ci_upper: float
    sem: float
    smallest_detectable_change: float
    mean_change: float
    n: int
    conf_level: float
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per coefficient."""
        rows = [
            ("r", self.r, self.ci_lower, self.ci_upper),
            (
                "icc_agreement",
                self.icc_agreement,
                self.icc_agreement_ci_lower,
                self.icc_agreement_ci_upper,
            ),
            (
                "icc_consistency",
                self.icc_consistency,
                self.icc_consistency_ci_lower,
                self.icc_consistency_ci_upper,
            ),
        ]
        return pd.DataFrame(rows, columns=["coefficient", "value", "ci_lower", "ci_upper"])

    def __repr__(self) -> str:
        return (
            f"<RetestResult: r = {share(self.r)} [{share(self.ci_lower)}, {share(self.ci_upper)}], "
            f"ICC = {share(self.icc_agreement)}, n = {self.n}>"
        )


@checked_call
def retest_reliability(first: Any, second: Any, *, conf_level: float = 0.95) -> RetestResult:
    """Test-retest reliability of a score.

    Parameters
    ----------
    first, second : pandas.Series or sequences
        Scores of the same respondents on two occasions. Two Series are matched by
        their labels, anything else by position.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    RetestResult

    Raises
    ------
    SurveykitError
        S088 no list of values; S034 the occasions differ in length; S003 fewer than 4 respondents have
        both; S004 a score that does not vary; S002, S006 a score that is no number.

    Notes
    -----
    The intervals of the ICCs are Shrout & Fleiss'; the smallest detectable change
    is 1.96 times the root of 2 times `sem`.

    References
    ----------
    Weir (2005), doi:10.1519/15184.1.

    Examples
    --------
    >>> retest_reliability([1, 2, 3, 4, 5, 4], [1, 3, 3, 4, 5, 5])
    <RetestResult: r = .941 [.546, .994], ICC = .926, n = 6>
    """
    from surveykit.estimation.descriptives import correlate
    from surveykit.estimation.intraclass import shrout_fleiss, two_way

    check_share("conf_level", conf_level)
    pairs = _matched(first, second)
    items = read_items(pairs, analysis="retest_reliability", min_rows=4)
    found = correlate(items.values, conf_level)
    table, ms = shrout_fleiss(items.values, conf_level), two_way(items.values)
    # The error variance of absolute agreement: occasions and residual.
    sem = float(np.sqrt(ms.residual + max(0.0, (ms.raters - ms.residual) / ms.n)))
    return RetestResult(
        r=float(found.r[0, 1]),
        ci_lower=float(found.lower[0, 1]),
        ci_upper=float(found.upper[0, 1]),
        icc_agreement=float(table.icc[1]),
        icc_agreement_ci_lower=float(table.lower[1]),
        icc_agreement_ci_upper=float(table.upper[1]),
        icc_consistency=float(table.icc[2]),
        icc_consistency_ci_lower=float(table.lower[2]),
        icc_consistency_ci_upper=float(table.upper[2]),
        sem=sem,
        smallest_detectable_change=1.96 * np.sqrt(2) * sem,
        mean_change=float(np.mean(items.values[:, 1] - items.values[:, 0])),
        n=len(items.values),
        conf_level=conf_level,
        notes=items.notes + _notes(table, ms.residual),
    )


def _notes(table: IntraclassTable, residual: float) -> tuple[Note, ...]:
    bounded = np.isfinite([table.lower[:3], table.upper[:3]]).all()
    return () if bounded and residual > 0 else (note("S086", analysis="retest_reliability"),)


def _matched(first: Any, second: Any) -> pd.DataFrame:
    if isinstance(first, pd.Series) and isinstance(second, pd.Series):
        return pd.concat({"first": first, "second": second}, axis=1)
    for one in (first, second):
        if not is_list(one):
            raise SurveykitError("S088", analysis="retest_reliability", found=type(one).__name__)
    a, b = list(first), list(second)
    if len(a) != len(b):
        raise SurveykitError("S034", first=len(a), second=len(b))
    return pd.DataFrame({"first": a, "second": b})
