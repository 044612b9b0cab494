"""Is a correlation so small that it does not matter: two one-sided tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import check_columns, numbers
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import interval, pvalue, share
from surveykit.options import check_numbers, check_share, checked_call
from surveykit.results import Result


@dataclass(frozen=True)
class EquivalentCorrelation(Result):
    """A correlation held against -`bound` and `bound`.

    `p_lower`: of a correlation at or below -`bound`; `p_upper`: at or above `bound`; `pvalue`
    the larger one. `ci_lower ci_upper`: interval of level 1 - 2 `alpha`, which lies within the
    bounds where `equivalent`.
    """

    r: float
    n: int
    bound: float
    p_lower: float
    p_upper: float
    pvalue: float
    ci_lower: float
    ci_upper: float
    equivalent: bool
    alpha: float
    first: str
    second: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        shown = ("n", "r", "bound", "p_lower", "p_upper", "pvalue", "ci_lower", "ci_upper", "equivalent")
        names = ("first", "second", *shown)
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def summary(self) -> str:
        line = (
            f"{self.first} and {self.second}: r({self.n - 2}) = {share(self.r)} "
            f"{interval(self.ci_lower, self.ci_upper)}, within {share(self.bound, 2)}: "
            f"p {pvalue(self.pvalue)}"
        )
        return "\n".join([line, *(str(one) for one in self.notes)])


@checked_call
def equivalent_correlation(
    data: pd.DataFrame, first: str, second: str, *, bound: float, alpha: float = 0.05
) -> EquivalentCorrelation:
    """Test that a correlation lies between -`bound` and `bound`.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; rows with a gap in either column are left out (G013).
    first, second : str
        Numeric columns.
    bound : float in (0, 1)
        The largest correlation that would not matter.
    alpha : float in (0, 1), default 0.05

    Returns
    -------
    EquivalentCorrelation

    Raises
    ------
    SurveykitError
        G001, G003, G033, G035, G036 the table or a column; G039 too few rows or no variance; G040 the
        bound; O002 alpha.

    Notes
    -----
    Fisher's z. Checked against R (tests/reference).

    References
    ----------
    Goertzen & Cribbie (2010), doi:10.1348/000711009X475853. Lakens (2017), doi:10.1177/1948550617697177.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> scores = pd.DataFrame(rng.normal(size=(400, 2)), columns=["trust", "age"])
    >>> equivalent_correlation(scores, "trust", "age", bound=0.2).equivalent
    True
    """
    from scipy.special import ndtr, ndtri

    check_share("alpha", alpha)
    check_numbers(bound=bound)
    if not 0 < bound < 1:
        raise SurveykitError("G040", value=bound)
    check_columns(data, first, second)
    x, y = numbers(data, first), numbers(data, second)
    known = np.isfinite(x) & np.isfinite(y)
    x, y, n = x[known], y[known], int(known.sum())
    if n < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        raise SurveykitError("G039", first=first, second=second, n=n)
    r = float(np.corrcoef(x, y)[0, 1])
    z, edge, scale = math.atanh(min(max(r, -1 + 1e-16), 1 - 1e-16)), math.atanh(bound), math.sqrt(n - 3)
    lower, upper = float(ndtr(-(z + edge) * scale)), float(ndtr((z - edge) * scale))
    half = float(ndtri(1 - alpha)) / scale
    ends = (math.tanh(z - half), math.tanh(z + half))
    p = max(lower, upper)
    left = len(data) - n
    notes = (note("G013", dropped=left, kept=n),) if left else ()
    return EquivalentCorrelation(r, n, bound, lower, upper, p, *ends, p < alpha, alpha, first, second, notes)
