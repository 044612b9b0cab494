"""Weighted means and their difference: surveys whose rows stand for different numbers of people."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import ADJUSTMENTS, check_columns, numbers, outcomes_of, two_groups
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.two_samples import adjust_pvalues
from surveykit.formatting import interval, number, pvalue
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.two_samples import FloatArray


@dataclass(frozen=True)
class WeightedComparison(Result):
    """Weighted means of two groups, first minus second, a row per outcome.

    `frame`: `outcome group_1 group_2`, for each group `n_ n_effective_ mean_
    se_ sd_`, then `mean_diff se ci_lower ci_upper t df pvalue pvalue_adjusted
    cohen_d`. `n_effective`: Kish's, what the unequal weights leave of n.
    """

    frame: pd.DataFrame
    group: str
    groups: tuple[str, str]
    weights: str
    adjust: str
    conf_level: float
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        lines = [f"{self.groups[0]} minus {self.groups[1]} (weighted by {self.weights}, {self.adjust})"]
        for row in self.frame.to_dict("records"):
            within = interval(row["ci_lower"], row["ci_upper"])
            lines.append(
                f"{row['outcome']}: {number(row['mean_diff'], 2)} {within}, "
                f"t({number(row['df'], 0)}) = {number(row['t'], 2)}, p {pvalue(row['pvalue_adjusted'])}"
            )
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def compare_weighted(
    data: pd.DataFrame,
    outcomes: str | Iterable[str],
    group: str,
    weights: str,
    *,
    adjust: str = "holm",
    conf_level: float = 0.95,
) -> WeightedComparison:
    """Compare two groups by weighted means, with standard errors that respect the weights.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a sampled unit (a school, a respondent).
    outcomes : str or several
    group : str
    weights : str
        Sampling weights, positive; only their ratios matter.
    adjust, conf_level
        As in `compare_groups`.

    Returns
    -------
    WeightedComparison

    Raises
    ------
    SurveykitError
        G001 no such column; G002 not two groups; G003 not numeric; G025 a weight that is missing, zero or
        negative; O001, O002.

    Notes
    -----
    Taylor linearization for rows drawn independently, df = n - 2, as survey::svyttest in R. Strata and
    clusters of the sample are not used: where there are any, standard errors are approximate. An outcome
    with fewer than two values or no variance in the groups: NaN and a note (G004).

    References
    ----------
    Kish (1965), Survey Sampling. Binder (1983), doi:10.2307/1402588.

    Examples
    --------
    >>> schools = pd.DataFrame({"country": list("JJJKKK"), "morale": [1.0, 2, 3, 2, 4, 5]})
    >>> schools["w"] = [1, 1, 2, 1, 1, 1]
    >>> compare_weighted(schools, "morale", "country", "w").to_frame()[["mean_1", "mean_2"]].round(3)
       mean_1  mean_2
    0    2.25   3.667
    """
    check_choice("adjust", adjust, ADJUSTMENTS)
    check_share("conf_level", conf_level)
    wanted = outcomes_of(outcomes)
    check_columns(data, group, weights, *wanted)
    w = numbers(data, weights)
    bad = ~(np.isfinite(w) & (w > 0)) & data[group].notna().to_numpy()
    if bad.any():
        raise SurveykitError("G025", column=weights, count=int(bad.sum()))
    labels = two_groups(data, group)
    notes: list[Note] = []
    rows = []
    for outcome in wanted:
        y = numbers(data, outcome)
        chosen = [
            (np.isfinite(y) & (data[group] == label).to_numpy(dtype=bool, na_value=False)) for label in labels
        ]
        row = {"outcome": outcome, "group_1": labels[0], "group_2": labels[1]}
        parts = [(y[one], w[one]) for one in chosen]
        sizes = [len(one) for one, _ in parts]
        if min(sizes) < 2 or all(np.ptp(one) == 0 for one, _ in parts):
            notes.append(note("G004", outcome=outcome, n_1=sizes[0], n_2=sizes[1]))
            rows.append(row | {"n_1": sizes[0], "n_2": sizes[1]})
            continue
        rows.append(row | _described(parts) | _tested(parts, conf_level))
    frame = pd.DataFrame(rows, columns=["outcome", "group_1", "group_2", *COLUMNS])
    at = list(frame.columns).index("pvalue") + 1
    frame.insert(at, "pvalue_adjusted", adjust_pvalues(frame["pvalue"].to_numpy(float), adjust))
    names = (str(labels[0]), str(labels[1]))
    return WeightedComparison(frame, group, names, weights, adjust, conf_level, tuple(notes))


COLUMNS = (
    *(f"{name}_{at}" for at in (1, 2) for name in ("n", "n_effective", "mean", "se", "sd")),
    *("mean_diff", "se", "ci_lower", "ci_upper", "t", "df", "pvalue", "cohen_d"),
)


def _moments(y: FloatArray, w: FloatArray) -> tuple[float, float, FloatArray]:
    """Weighted mean, variance (n / (n - 1) applied) and each row's pull on the mean."""
    share = w / w.sum()
    mean = float(share @ y)
    variance = float(share @ (y - mean) ** 2) * len(y) / (len(y) - 1)
    return mean, variance, share * (y - mean)


def _described(parts: list[tuple[FloatArray, FloatArray]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for at, (y, w) in enumerate(parts, 1):
        mean, variance, pull = _moments(y, w)
        se = math.sqrt(len(y) / (len(y) - 1) * float((pull**2).sum()))
        values = (len(y), float(w.sum() ** 2 / (w**2).sum()), mean, se, math.sqrt(variance))
        names = ("n", "n_effective", "mean", "se", "sd")
        row |= {f"{name}_{at}": value for name, value in zip(names, values, strict=True)}
    return row


def _tested(parts: list[tuple[FloatArray, FloatArray]], conf_level: float) -> dict[str, float]:
    from scipy.special import stdtr, stdtrit

    (first, v, pull), (second, u, push) = (_moments(*one) for one in parts)
    n, m = len(pull), len(push)
    df = n + m - 2
    se = math.sqrt((n + m) / (n + m - 1) * float((pull**2).sum() + (push**2).sum()))
    gap, half = first - second, float(stdtrit(df, 0.5 + conf_level / 2)) * se
    pooled = math.sqrt(((n - 1) * v + (m - 1) * u) / df)
    tail = 2 * float(stdtr(df, -abs(gap / se)))
    values = (gap, se, gap - half, gap + half, gap / se, df, tail, gap / pooled)
    return dict(zip(COLUMNS[10:], values, strict=True))
