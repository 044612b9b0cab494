"""Do two groups differ: observed means, standardized and in ranks, outcome by outcome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import ADJUSTMENTS, check_columns, listed, samples, two_groups
from surveykit.errors import Note, note
from surveykit.estimation.two_samples import (
    FloatArray,
    adjust_pvalues,
    bayes_factor,
    brunner_munzel,
    cohen_d,
    equivalence,
    hedges_g,
    mann_whitney,
    mean_difference,
    pooled_sd,
)
from surveykit.formatting import interval, number, pvalue
from surveykit.options import check_choice, check_share
from surveykit.results import Result


@dataclass(frozen=True)
class GroupComparison(Result):
    """Two groups, outcome by outcome; differences are first group minus second.

    `frame` has a row per outcome: `outcome group_1 group_2 n_1 mean_1 sd_1 n_2
    mean_2 sd_2 mean_diff ci_lower ci_upper t df pvalue pvalue_adjusted cohen_d
    hedges_g hedges_g_ci_lower hedges_g_ci_upper mann_whitney_u
    mann_whitney_pvalue rank_biserial prob_superiority brunner_munzel
    brunner_munzel_df brunner_munzel_pvalue bf10`, and with a smallest effect
    `tost_pvalue equivalent`. `prob_superiority`: probability that the first
    group is higher, ties halved. `bf10`: JZS Bayes factor for a difference
    (Cauchy prior of scale 0.707, equal variances).
    """

    frame: pd.DataFrame
    group: str
    groups: tuple[str, str]
    adjust: str
    conf_level: float
    equal_variances: bool
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        test = "Student" if self.equal_variances else "Welch"
        lines = [f"{self.groups[0]} minus {self.groups[1]} ({test}, {self.adjust})"]
        for row in self.frame.to_dict("records"):
            within = interval(row["hedges_g_ci_lower"], row["hedges_g_ci_upper"])
            effect = f"g = {number(row['hedges_g'], 2)} {within}"
            lines.append(
                f"{row['outcome']}: t({number(row['df'], 1)}) = {number(row['t'], 2)}, "
                f"p {pvalue(row['pvalue_adjusted'])}, {effect}"
            )
        return "\n".join([*lines, *(str(one) for one in self.notes)])


def compare_groups(
    data: pd.DataFrame,
    outcomes: str | Iterable[str],
    group: str,
    *,
    adjust: str = "holm",
    smallest_effect: float | None = None,
    equal_variances: bool = False,
    conf_level: float = 0.95,
) -> GroupComparison:
    """Compare the means of two groups on one or more outcomes.

    An observed difference between countries is a difference in the construct
    only where the scale measures alike in both: see `measurement_invariance`.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent. Missing outcomes are left out, outcome by outcome.
    outcomes : str or several
        Numeric columns, for example from `score_scales`.
    group : str
        The column that holds the groups; two values, compared in the order of first appearance.
    adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "fdr", "BY", "none"}, default "holm"
        Over the outcomes of this call.
    smallest_effect : float, optional
        In units of the pooled standard deviation. With it, two one-sided tests say whether the
        difference is smaller than that (equivalence).
    equal_variances : bool, default False
        Student's t test instead of Welch's.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    GroupComparison

    Raises
    ------
    SurveykitError
        G001 no such column (the nearest is named); G002 the number of groups is not two; G003 an
        outcome is not numeric; O001, O002 an option.

    Notes
    -----
    An outcome with fewer than two values in a group, or without any variance, gives no test: its row
    is NaN and a note (G004) says why. Where the groups do not overlap, Brunner-Munzel has no p
    (G017). Checked against R's t.test and wilcox.test (tests/reference).

    References
    ----------
    Welch (1947), doi:10.1093/biomet/34.1-2.28. Hedges (1981), doi:10.3102/10769986006002107.
    Delacre, Lakens & Leys (2017), doi:10.5334/irsp.82: why Welch is the default. Brunner & Munzel
    (2000), doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U. Rouder, Speckman, Sun,
    Morey & Iverson (2009), doi:10.3758/PBR.16.2.225.

    Examples
    --------
    >>> scores = pd.DataFrame({"country": ["JP"] * 4 + ["KR"] * 4, "trust": [4, 5, 6, 5, 3, 4, 4, 3.0]})
    >>> compare_groups(scores, "trust", "country").to_frame()[["mean_diff", "t"]].round(3)
       mean_diff    t
    0        1.5  3.0
    """
    check_choice("adjust", adjust, ADJUSTMENTS)
    check_share("conf_level", conf_level)
    wanted = listed(outcomes)
    check_columns(data, group, *wanted)
    labels = two_groups(data, group)
    notes: list[Note] = []
    options = {"equal_variances": equal_variances, "conf_level": conf_level}
    rows = [_row(data, outcome, group, labels, smallest_effect, options, notes) for outcome in wanted]
    frame = pd.DataFrame(rows)
    at = list(frame.columns).index("pvalue") + 1
    frame.insert(at, "pvalue_adjusted", adjust_pvalues(_array(frame["pvalue"]), adjust))
    names = (str(labels[0]), str(labels[1]))
    return GroupComparison(frame, group, names, adjust, conf_level, equal_variances, tuple(notes))


def _row(
    data: pd.DataFrame,
    outcome: str,
    group: str,
    labels: list[Any],
    smallest_effect: float | None,
    options: dict[str, Any],
    notes: list[Note],
) -> dict[str, Any]:
    """One outcome."""
    x, y = samples(data, outcome, group, labels)
    row: dict[str, Any] = {"outcome": outcome, "group_1": labels[0], "group_2": labels[1]}
    for index, sample in enumerate((x, y), 1):
        row[f"n_{index}"] = len(sample)
        row[f"mean_{index}"] = sample.mean() if len(sample) else np.nan
        row[f"sd_{index}"] = sample.std(ddof=1) if len(sample) > 1 else np.nan
    if min(len(x), len(y)) < 2 or x.var() + y.var() == 0:
        notes.append(note("G004", outcome=outcome, n_1=len(x), n_2=len(y)))
        return row | dict.fromkeys(_tests(smallest_effect), np.nan)
    if min(x) > max(y) or min(y) > max(x):
        notes.append(note("G017", outcome=outcome))
    values = _tested(x, y, smallest_effect, options)
    return row | dict(zip(_tests(smallest_effect), values, strict=True))


def _tests(smallest_effect: float | None) -> list[str]:
    names = ["mean_diff", "ci_lower", "ci_upper", "t", "df", "pvalue", "cohen_d", "hedges_g"]
    names += [
        "hedges_g_ci_lower",
        "hedges_g_ci_upper",
        "mann_whitney_u",
        "mann_whitney_pvalue",
        "rank_biserial",
        "prob_superiority",
        "brunner_munzel",
        "brunner_munzel_df",
        "brunner_munzel_pvalue",
        "bf10",
    ]
    return names if smallest_effect is None else [*names, "tost_pvalue", "equivalent"]


def _tested(
    x: FloatArray, y: FloatArray, smallest_effect: float | None, options: dict[str, Any]
) -> list[Any]:
    test = mean_difference(x, y, **options)
    d, g = (effect(x, y, conf_level=options["conf_level"]) for effect in (cohen_d, hedges_g))
    values: list[Any] = [test.estimate, test.ci_lower, test.ci_upper, test.t, test.df, test.pvalue]
    student = mean_difference(x, y, equal_variances=True)
    values += [d.estimate, *g, *mann_whitney(x, y), *brunner_munzel(x, y)]
    values.append(bayes_factor(student.t, len(x), len(y)))
    if smallest_effect is not None:
        bound = abs(smallest_effect) * pooled_sd(x, y)
        result = equivalence(x, y, -bound, bound, equal_variances=options["equal_variances"])
        values += [result.pvalue, bool(result.pvalue < 1 - options["conf_level"])]
    return values


def _array(column: pd.Series) -> FloatArray:
    return column.to_numpy(dtype=float)
