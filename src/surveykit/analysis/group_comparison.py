"""Do two groups differ: observed means, standardized and in ranks, outcome by outcome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import ADJUSTMENTS, check_columns, outcomes_of, samples, two_groups
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.location_shift import hodges_lehmann
from surveykit.estimation.standardized_differences import StandardizedDifferences, standardized_differences
from surveykit.estimation.two_distributions import kolmogorov_smirnov, variance_ratio
from surveykit.estimation.two_samples import (
    FloatArray,
    adjust_pvalues,
    bayes_factor,
    brunner_munzel,
    equivalence,
    mann_whitney,
    mean_difference,
    pooled_sd,
)
from surveykit.formatting import interval, number, pvalue
from surveykit.options import check_choice, check_flags, check_share, checked_call
from surveykit.results import Result, frame_text


@dataclass(frozen=True)
class GroupComparison(Result):
    """Two groups, outcome by outcome; differences are first group minus second.

    `frame` has a row per outcome: `outcome group_1 group_2 n_1 mean_1 sd_1 n_2
    mean_2 sd_2 mean_diff ci_lower ci_upper t df pvalue pvalue_adjusted cohen_d
    hedges_g hedges_g_ci_lower hedges_g_ci_upper mann_whitney_u
    mann_whitney_pvalue rank_biserial prob_superiority brunner_munzel
    brunner_munzel_df brunner_munzel_pvalue bf10 se`, further
    `mann_whitney_pvalue_uncorrected` (for continuity), `hodges_lehmann` (shift:
    median of all differences between a member of the first group and one of the
    second) with its interval, `ks_d ks_pvalue` (Kolmogorov-Smirnov: any
    difference of the distributions), `variance_ratio variance_df1 variance_df2
    variance_pvalue` with its interval; and with a smallest effect `tost_pvalue
    equivalent tost_lower tost_upper` (the bounds) `tost_t_lower tost_p_lower
    tost_t_upper tost_p_upper tost_df tost_ci_lower tost_ci_upper` (90 % where
    `conf_level` is .95). `prob_superiority`: probability that the first group is
    higher, ties halved. `bf10`: JZS Bayes factor for a difference (Cauchy prior
    of scale 0.707, equal variances).

    `effect_sizes` has a row per outcome: `outcome n_1 n_2 pooled_sd cohen_d` and
    `hedges_g` with intervals from the noncentral t (`_ci_lower _ci_upper`) and
    for large samples (`_large_sample_ci_lower _large_sample_ci_upper`,
    `cohen_d_se`), `j j_approx hedges_g_approx glass_delta d_average_variance
    cliff_delta prob_superiority point_biserial`.
    """

    frame: pd.DataFrame
    effect_sizes: pd.DataFrame
    group: str
    groups: tuple[str, str]
    adjust: str
    conf_level: float
    equal_variances: bool
    alternative: str = "two-sided"
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def _means(self) -> pd.DataFrame:
        """Each outcome's n, mean and standard deviation in both groups."""
        labels = zip(("1", "2"), self.groups, strict=True)
        names = {f"{what}_{at}": f"{what} {label}" for at, label in labels for what in ("n", "mean", "sd")}
        return self.frame[["outcome", *names]].rename(columns=names)

    def summary(self) -> str:
        test = "Student" if self.equal_variances else "Welch"
        head = f"{self.groups[0]} minus {self.groups[1]} ({test}, {self.adjust})"
        lines = [head, frame_text(self._means())]
        for row in self.frame.to_dict("records"):
            within = interval(row["hedges_g_ci_lower"], row["hedges_g_ci_upper"])
            effect = f"g = {number(row['hedges_g'], 2)} {within}"
            lines.append(
                f"{row['outcome']}: t({number(row['df'], 1)}) = {number(row['t'], 2)}, "
                f"p {pvalue(row['pvalue_adjusted'])}, {effect}"
            )
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def compare_groups(
    data: pd.DataFrame,
    outcomes: str | Iterable[str],
    group: str,
    *,
    adjust: str = "holm",
    smallest_effect: float | None = None,
    equal_variances: bool = False,
    alternative: str = "two-sided",
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
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Of the t test and the rank tests; "greater": the first group is higher. The interval of the
        difference then has one end.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    GroupComparison

    Raises
    ------
    SurveykitError
        G001 no such column (the nearest is named); G002 the number of groups is not two; G003 an
        outcome is not numeric; G033 `data` is no table; G034 no outcome; G035 an outcome named, or a
        column there, twice; G036 infinite values; G037 the smallest effect is not above 0; O001, O002
        an option.

    Notes
    -----
    An outcome with fewer than two values in a group, or without any variance, gives no test: its row
    is NaN and a note (G004) says why. Where the groups do not overlap, Brunner-Munzel has no p
    (G017). Checked against R's t.test, wilcox.test, var.test, ks.test (tests/reference).

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
    check_choice("alternative", alternative, ALTERNATIVES)
    check_share("conf_level", conf_level)
    check_flags(equal_variances=equal_variances)
    _check_effect(smallest_effect)
    wanted = outcomes_of(outcomes)
    check_columns(data, group, *wanted)
    labels = two_groups(data, group)
    notes: list[Note] = []
    options = {"equal_variances": equal_variances, "conf_level": conf_level, "alternative": alternative}
    rows, effects = [], []
    for outcome in wanted:
        x, y = samples(data, outcome, group, labels)
        row = {"outcome": outcome, "group_1": labels[0], "group_2": labels[1], **_described(x, y)}
        effect: dict[str, Any] = {"outcome": outcome, "n_1": len(x), "n_2": len(y)}
        if min(len(x), len(y)) < 2 or x.var() + y.var() == 0:
            notes.append(note("G004", outcome=outcome, n_1=len(x), n_2=len(y)))
        else:
            notes += _remarks(outcome, x, y)
            effect |= standardized_differences(x, y, conf_level)._asdict()
            row |= {name: effect[name] for name in SHOWN} | _tested(x, y, smallest_effect, options)
        rows.append(row)
        effects.append(effect)
    frame = pd.DataFrame(rows, columns=[*COLUMNS, *(TOST if smallest_effect is not None else ())])
    at = list(frame.columns).index("pvalue") + 1
    frame.insert(at, "pvalue_adjusted", adjust_pvalues(frame["pvalue"].to_numpy(dtype=float), adjust))
    names = (str(labels[0]), str(labels[1]))
    return GroupComparison(
        frame,
        pd.DataFrame(effects, columns=["outcome", "n_1", "n_2", *StandardizedDifferences._fields]),
        group,
        names,
        adjust,
        conf_level,
        equal_variances,
        alternative,
        tuple(notes),
    )


ALTERNATIVES = ("two-sided", "greater", "less")
SHOWN = ("cohen_d", "hedges_g", "hedges_g_ci_lower", "hedges_g_ci_upper")
VARIANCES = (
    *("variance_ratio", "variance_df1", "variance_df2", "variance_pvalue"),
    *("variance_ratio_ci_lower", "variance_ratio_ci_upper"),
)
COLUMNS = (
    *("outcome", "group_1", "group_2", "n_1", "mean_1", "sd_1", "n_2", "mean_2", "sd_2"),
    *("mean_diff", "ci_lower", "ci_upper", "t", "df", "pvalue", *SHOWN),
    *("mann_whitney_u", "mann_whitney_pvalue", "rank_biserial", "prob_superiority"),
    *("brunner_munzel", "brunner_munzel_df", "brunner_munzel_pvalue", "bf10", "se"),
    *("mann_whitney_pvalue_uncorrected", "hodges_lehmann"),
    *("hodges_lehmann_ci_lower", "hodges_lehmann_ci_upper", "ks_d", "ks_pvalue"),
    *VARIANCES,
)
TOST = (
    *("tost_pvalue", "equivalent", "tost_lower", "tost_upper", "tost_t_lower", "tost_p_lower"),
    *("tost_t_upper", "tost_p_upper", "tost_df", "tost_ci_lower", "tost_ci_upper"),
)


def _check_effect(smallest: float | None) -> None:
    """Refuse (G037) bounds that are none."""
    number_given = isinstance(smallest, int | float | np.number) and not isinstance(smallest, bool)
    if smallest is not None and not (number_given and 0 < smallest < 1e6):
        raise SurveykitError("G037", value=smallest)


def _described(x: FloatArray, y: FloatArray) -> dict[str, Any]:
    """Size, mean and standard deviation of both samples, as far as they have them."""
    found: dict[str, Any] = {}
    for index, sample in enumerate((x, y), 1):
        found[f"n_{index}"] = len(sample)
        found[f"mean_{index}"] = sample.mean() if len(sample) else np.nan
        found[f"sd_{index}"] = sample.std(ddof=1) if len(sample) > 1 else np.nan
    return found


def _remarks(outcome: str, x: FloatArray, y: FloatArray) -> list[Note]:
    """What cannot be computed of an outcome that can be tested."""
    found = [note("G017", outcome=outcome)] if min(x) > max(y) or min(y) > max(x) else []
    return found + ([note("G042", outcome=outcome)] if np.ptp(y) == 0 else [])


def _tested(
    x: FloatArray, y: FloatArray, smallest_effect: float | None, options: dict[str, Any]
) -> dict[str, Any]:
    """The tests of one outcome."""
    conf_level, alternative = options["conf_level"], options["alternative"]
    test = mean_difference(x, y, **options)
    found: dict[str, Any] = {"mean_diff": test.estimate, **test._asdict()}
    ranks = mann_whitney(x, y, alternative=alternative)
    found |= {"mann_whitney_u": ranks.u, "mann_whitney_pvalue": ranks.pvalue}
    plain = mann_whitney(x, y, alternative=alternative, correct=False).pvalue
    found |= {"rank_biserial": ranks.rank_biserial, "mann_whitney_pvalue_uncorrected": plain}
    names = ("prob_superiority", "brunner_munzel", "brunner_munzel_df", "brunner_munzel_pvalue")
    found |= dict(zip(names, brunner_munzel(x, y, alternative=alternative), strict=True))
    found["bf10"] = bayes_factor(mean_difference(x, y, equal_variances=True).t, len(x), len(y))
    shift = hodges_lehmann(x, y, conf_level)
    found |= {"hodges_lehmann": shift.estimate}
    found |= {"hodges_lehmann_ci_lower": shift.ci_lower, "hodges_lehmann_ci_upper": shift.ci_upper}
    found |= dict(zip(("ks_d", "ks_pvalue"), kolmogorov_smirnov(x, y), strict=True))
    found |= dict(zip(VARIANCES, variance_ratio(x, y, conf_level), strict=True))
    return found if smallest_effect is None else found | _equivalence(x, y, smallest_effect, options)


def _equivalence(
    x: FloatArray, y: FloatArray, smallest_effect: float, options: dict[str, Any]
) -> dict[str, Any]:
    """Two one-sided tests against bounds in standard deviations."""
    bound, alpha = float(smallest_effect) * pooled_sd(x, y), 1 - options["conf_level"]
    equal = options["equal_variances"]
    test = equivalence(x, y, -bound, bound, equal_variances=equal, alpha=alpha)
    found = {f"tost_{name}": value for name, value in test._asdict().items()}
    bounds = {"tost_lower": -bound, "tost_upper": bound}
    return {**found, **bounds, "equivalent": bool(test.pvalue < alpha)}
