"""Do three or more groups differ, outcome by outcome, and which pairs do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import ADJUSTMENTS, check_columns, many_groups, outcomes_of, samples
from surveykit.errors import Note, note
from surveykit.estimation.several_samples import (
    bartlett,
    fligner,
    games_howell,
    kruskal_wallis,
    levene,
    one_way,
    pooled_pair,
    tukey,
    welch_one_way,
)
from surveykit.estimation.two_samples import (
    FloatArray,
    adjust_pvalues,
    hedges_g,
    mann_whitney,
    mean_difference,
)
from surveykit.formatting import number, pvalue, share
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result

# Columns of `pairs` whose p values are adjusted over the pairs of an outcome.
ADJUSTED = ("welch_pvalue", "pooled_pvalue", "mann_whitney_pvalue")


@dataclass(frozen=True)
class SeveralGroups(Result):
    """Several groups, outcome by outcome.

    `frame`: a row per outcome: Welch's test (`f df1 df2 pvalue
    pvalue_adjusted`), the classical one (`anova_*`, sums of squares, `eta2
    omega2 epsilon2`), `kruskal_*`, and tests of equal variances (`levene_*`
    around means, `brown_forsythe_*` around medians, `bartlett_*`,
    `fligner_*`). `means`: a row per outcome and group. `pairs`: a row per
    outcome and pair, first minus second: Games-Howell (`mean_diff q df pvalue
    ci_lower ci_upper`), `tukey_*`, t tests and Mann-Whitney with adjusted p,
    `hedges_g` with its interval.
    """

    frame: pd.DataFrame
    means: pd.DataFrame
    pairs: pd.DataFrame
    group: str
    groups: tuple[Any, ...]
    adjust: str
    conf_level: float
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        lines = [f"{len(self.groups)} groups of {self.group} (Welch, {self.adjust})"]
        for row in self.frame.to_dict("records"):
            lines.append(
                f"{row['outcome']}: F({number(row['df1'], 0)}, {number(row['df2'], 1)}) = "
                f"{number(row['f'], 2)}, p {pvalue(row['pvalue_adjusted'])}, "
                f"omega squared = {share(row['omega2'])}"
            )
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def compare_several_groups(
    data: pd.DataFrame,
    outcomes: str | Iterable[str],
    group: str,
    *,
    adjust: str = "holm",
    conf_level: float = 0.95,
) -> SeveralGroups:
    """Compare the means of three or more groups on one or more outcomes.

    Welch's test is the one to read: it does not need equal variances. So is
    Games-Howell for the pairs.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent. Missing outcomes are left out, outcome by outcome.
    outcomes : str or several
        Numeric columns.
    group : str
        The column that holds the groups. Categories and numbers in their order, text in order of appearance.
    adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "fdr", "BY", "none"}, default "holm"
        Over the outcomes in `frame`; over the pairs of an outcome in `pairs`. Games-Howell and Tukey
        are adjusted by themselves.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    SeveralGroups

    Raises
    ------
    SurveykitError
        G001 no such column; G003 an outcome is not numeric; G005 fewer than two groups; O001, O002 an option.

    Notes
    -----
    An outcome with fewer than two values, or no variance, in one of the groups gives no test: NaN, and
    a note (G006) names the groups. Checked against R's oneway.test, aov, kruskal.test, TukeyHSD,
    pairwise.t.test, pairwise.wilcox.test, car::leveneTest (tests/reference).

    References
    ----------
    Welch (1951), doi:10.1093/biomet/38.3-4.330. Games & Howell (1976), doi:10.3102/10769986001002113.

    Examples
    --------
    >>> scores = pd.DataFrame({"team": list("aaabbbccc"), "trust": [1, 2, 3, 2, 3, 4, 5, 6, 7.0]})
    >>> compare_several_groups(scores, "trust", "team").to_frame()[["f", "df1", "df2"]].round(3)
            f  df1  df2
    0  11.143    2  4.0
    """
    check_choice("adjust", adjust, ADJUSTMENTS)
    check_share("conf_level", conf_level)
    wanted = outcomes_of(outcomes)
    check_columns(data, group, *wanted)
    labels = many_groups(data, group)
    rows, means, pairs, notes = [], [], [], []
    for outcome in wanted:
        parts = samples(data, outcome, group, labels)
        means += _means(outcome, labels, parts)
        thin = [label for label, one in zip(labels, parts, strict=True) if len(one) < 2 or np.ptp(one) == 0]
        if thin:
            notes.append(note("G006", outcome=outcome, names=", ".join(map(str, thin))))
            rows.append({"outcome": outcome, "n": sum(map(len, parts))})
            continue
        rows.append({"outcome": outcome, "n": sum(map(len, parts))} | _tests(parts))
        pairs.append(_pairs(outcome, labels, parts, adjust, conf_level))
    frame = pd.DataFrame(rows, columns=["outcome", "n", *TESTS])
    frame.insert(6, "pvalue_adjusted", adjust_pvalues(frame["pvalue"].to_numpy(float), adjust))
    between = pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame()
    return SeveralGroups(
        frame, pd.DataFrame(means), between, group, tuple(labels), adjust, conf_level, tuple(notes)
    )


TESTS = (
    *("f", "df1", "df2", "pvalue", "anova_f", "anova_df1", "anova_df2", "anova_pvalue"),
    *("ss_between", "ss_within", "eta2", "omega2", "epsilon2"),
    *("kruskal_h", "kruskal_df", "kruskal_pvalue"),
    *("levene_f", "levene_df1", "levene_df2", "levene_pvalue"),
    *("brown_forsythe_f", "brown_forsythe_df1", "brown_forsythe_df2", "brown_forsythe_pvalue"),
    *("bartlett_chisq", "bartlett_df", "bartlett_pvalue", "fligner_chisq", "fligner_df", "fligner_pvalue"),
)


def _tests(parts: list[FloatArray]) -> dict[str, float]:
    """All tests of one outcome, named."""
    classical = one_way(parts)
    values = [*welch_one_way(parts), *classical.test, *classical[1:], *kruskal_wallis(parts)]
    values += [*levene(parts, "mean"), *levene(parts, "median"), *bartlett(parts), *fligner(parts)]
    return dict(zip(TESTS, values, strict=True))


def _means(outcome: str, labels: list[Any], parts: list[FloatArray]) -> list[dict[str, Any]]:
    rows = []
    for label, one in zip(labels, parts, strict=True):
        mean = one.mean() if len(one) else np.nan
        sd = one.std(ddof=1) if len(one) > 1 else np.nan
        rows.append({"outcome": outcome, "group": label, "n": len(one), "mean": mean, "sd": sd})
    return rows


def _pairs(
    outcome: str, labels: list[Any], parts: list[FloatArray], adjust: str, conf_level: float
) -> pd.DataFrame:
    rows = []
    for i, j in combinations(range(len(labels)), 2):
        x, y = parts[i], parts[j]
        honest, g = tukey(parts, i, j, conf_level), hedges_g(x, y, conf_level=conf_level)
        row = {"outcome": outcome, "group_1": labels[i], "group_2": labels[j]}
        row |= dict(zip(GAMES_HOWELL, games_howell(parts, i, j, conf_level), strict=True))
        row |= {"tukey_pvalue": honest.pvalue}
        row |= {"tukey_ci_lower": honest.ci_lower, "tukey_ci_upper": honest.ci_upper}
        row |= {"welch_pvalue": mean_difference(x, y).pvalue, "pooled_pvalue": pooled_pair(parts, i, j)}
        row |= {"mann_whitney_pvalue": mann_whitney(x, y).pvalue, "hedges_g": g.estimate}
        rows.append(row | {"hedges_g_ci_lower": g.ci_lower, "hedges_g_ci_upper": g.ci_upper})
    frame = pd.DataFrame(rows)
    for name in ADJUSTED:
        adjusted = adjust_pvalues(frame[name].to_numpy(float), adjust)
        frame.insert(list(frame.columns).index(name) + 1, f"{name}_adjusted", adjusted)
    return frame


GAMES_HOWELL = ("mean_diff", "q", "df", "pvalue", "ci_lower", "ci_upper")
