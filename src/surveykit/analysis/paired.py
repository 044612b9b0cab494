"""Two measures of the same people, or one against a fixed value (a norm, the scale's midpoint)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import check_columns, numbers
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.paired import paired_t, sign_test, signed_rank
from surveykit.formatting import interval, number, pvalue
from surveykit.options import check_numbers, check_share, checked_call
from surveykit.results import Result


@dataclass(frozen=True)
class PairedComparison(Result):
    """First minus second. `frame`, one row: `n mean_1 mean_2 sd_1 sd_2 mean_diff se ci_lower ci_upper t df
    pvalue wilcoxon_v wilcoxon_pvalue sign_* dz dav drm r`.

    `dz`: in standard deviations of the difference; `dav`: of the average of both; `drm`: corrected for
    their correlation `r`. Against a fixed value `dav`, `drm` and `r` are NaN.
    """

    frame: pd.DataFrame
    first: str
    second: str
    conf_level: float
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        row = self.frame.iloc[0]
        line = (
            f"{self.first} minus {self.second}: t({number(row['df'], 0)}) = {number(row['t'], 2)}, "
            f"p {pvalue(row['pvalue'])}, difference {number(row['mean_diff'], 2)} "
            f"{interval(row['ci_lower'], row['ci_upper'])}, dz = {number(row['dz'], 2)}"
        )
        return "\n".join([line, *(str(one) for one in self.notes)])


@checked_call
def compare_paired(
    data: pd.DataFrame, first: str, second: str | float, *, conf_level: float = 0.95
) -> PairedComparison:
    """Compare two columns person by person, or one column with a fixed value.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a person; rows with a gap are left out.
    first : str
    second : str or number
        The other column, or the value to compare with.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    PairedComparison

    Raises
    ------
    SurveykitError
        G001 no such column; G003 not numeric; G021 fewer than two pairs, or all differences equal; O002.

    Notes
    -----
    Checked against R's t.test, wilcox.test, binom.test (tests/reference). For 20 pairs or fewer see also
    `permutation_test` with `paired`.

    References
    ----------
    Lakens (2013), doi:10.3389/fpsyg.2013.00863. Wilcoxon (1945), doi:10.2307/3001968.

    Examples
    --------
    >>> waves = pd.DataFrame({"before": [3.0, 4, 2, 5], "after": [4.0, 4, 4, 6]})
    >>> compare_paired(waves, "after", "before").to_frame()[["mean_diff", "t", "df"]].round(2)
       mean_diff     t  df
    0        1.0  2.45   3
    """
    check_share("conf_level", conf_level)
    fixed = not isinstance(second, str)
    if fixed:
        check_numbers(second=second)
    check_columns(data, first, *([] if fixed else [str(second)]))
    x = numbers(data, first)
    y = np.full(len(x), float(second)) if fixed else numbers(data, str(second))
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if len(x) < 2 or np.ptp(x - y) == 0:
        raise SurveykitError("G021", n=len(x), first=first, second=second)
    left = len(data) - len(x)
    notes = [note("G013", dropped=left, kept=len(x))] if left else []
    if not fixed and min(np.ptp(x), np.ptp(y)) == 0:
        notes.append(note("G044", column=first if np.ptp(x) == 0 else str(second)))
    row = _row(x, y, conf_level, fixed)
    return PairedComparison(pd.DataFrame([row]), first, str(second), conf_level, tuple(notes))


def _row(x: np.ndarray, y: np.ndarray, conf_level: float, fixed: bool) -> dict[str, float]:
    gap = x - y
    t, signs, ranks = paired_t(gap, conf_level), sign_test(gap, conf_level), signed_rank(gap)
    sd, sds = float(gap.std(ddof=1)), (float(x.std(ddof=1)), float(y.std(ddof=1)))
    r = math.nan if fixed or min(sds) == 0 else float(np.corrcoef(x, y)[0, 1])
    row = {"n": len(x), "mean_1": x.mean(), "mean_2": y.mean(), "sd_1": sds[0], "sd_2": sds[1]}
    row |= {"mean_diff": t.estimate, "se": t.se, "ci_lower": t.ci_lower, "ci_upper": t.ci_upper}
    row |= {"t": t.t, "df": t.df, "pvalue": t.pvalue, "wilcoxon_v": ranks[0], "wilcoxon_pvalue": ranks[1]}
    row |= {f"sign_{name}": value for name, value in signs._asdict().items()}
    dav = math.nan if fixed else t.estimate / (sum(sds) / 2)
    return row | {"dz": t.estimate / sd, "dav": dav, "drm": t.estimate / sd * math.sqrt(2 * (1 - r)), "r": r}
