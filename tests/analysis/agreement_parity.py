"""Every column of the cases on agreement, description, normality and missing answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scale_audit import Audit

from reference_data import case, dataset
from surveykit.analysis.describe import correlate, describe
from surveykit.analysis.intraclass import icc, icc_groups, rwg
from surveykit.analysis.kappa import cohen_kappa
from surveykit.analysis.missing_answers import little_mcar, missing_data
from surveykit.analysis.normality import mardia
from surveykit.estimation.agreement import agreement_weights, weighted_kappa
from surveykit.estimation.item_moments import item_moments

ICC_COLUMNS = {
    "type": "type", "ICC": "icc", "F": "F", "df1": "df1", "df2": "df2", "p": "pvalue",
    "lower bound": "ci_lower", "upper bound": "ci_upper",
}  # fmt: skip
LEADERSHIP = [f"LEAD{number:02d}" for number in range(1, 12)]
BIG_FIVE = [f"{letter}{number}" for letter in "ACENO" for number in range(1, 6)]


def long(wide: pd.DataFrame) -> pd.DataFrame:
    """A row per rating, in an order that must not matter."""
    table = wide.reset_index(names="target").melt(id_vars="target", var_name="rater", value_name="rating")
    return table.sample(frac=1, random_state=1)


def raters() -> Audit:
    """Closed form; lme4, psych's default, stops at about 1e-6 of the same (balanced) answer."""
    audit = Audit.of("icc-shrout-fleiss")
    for name, data in (("shrout_fleiss", "shrout_fleiss"), ("neuro", "icc_bfi_neuro")):
        result = icc(long(dataset(data)), "target", "rater", "rating")
        table = result.table[list(ICC_COLUMNS.values())]
        audit.same(f"{name}/icc", table)
        loose = case("icc-shrout-fleiss")["tolerance"]["lmer_absolute"]
        audit.same(f"{name}/icc_lmer", table, loose, loose)
        audit.same(f"{name}/n_subjects", result.n_targets)
        audit.same(f"{name}/n_judges", result.n_raters)
        audit.same(f"{name}/MSW", result.mean_squares["within"])
        _anova(audit, f"{name}/anova", result)
    return audit


def _anova(audit: Audit, path: str, result: Any) -> None:
    """The analysis of variance behind them: what the table of mean squares says, as R prints it."""
    from scipy.special import fdtrc

    n, k, squares = result.n_targets, result.n_raters, result.mean_squares
    df = [n - 1, k - 1, (n - 1) * (k - 1)]
    means = [squares[name] for name in ("targets", "raters", "residual")]
    F = [means[0] / means[2], means[1] / means[2]]
    p = [fdtrc(df[place], df[2], F[place]) for place in range(2)]
    audit.same(path, [*df, *np.multiply(df, means), *means, *F, None, *p, None])


def kappas() -> Audit:
    """Closed form: the record's 1e-9."""
    audit = Audit.of("kappa")
    first, second = dataset("datcat")["u1"], dataset("datcat")["u2"]
    for weights in ("quadratic", "linear"):
        plain, weighted = cohen_kappa(first, second), cohen_kappa(first, second, weights)
        path = f"u1_u2_{weights}"
        _kappa_of_table(audit, path, plain, weighted, agreement_weights(5, weights))
        for key, found in (("fce_unweighted", plain), ("fce_weighted", weighted)):
            audit.same(f"{path}/{key}/ci95", [found.ci_lower, found.ci_upper])
        audit.same(f"{path}/n", plain.n)
        audit.same(f"{path}/agreement", plain.table / plain.n)
        for place, value in enumerate([plain.ci_lower, plain.kappa, plain.ci_upper]):
            audit.same(f"{path}/psych_ci/0/{place}", value)
        audit.same(f"{path}/psych_ci/1/1", weighted.kappa)
    audit.same("crosstab_u1_u2", cohen_kappa(first, second).table)
    _cohen_1968(audit)
    return audit


def _kappa_of_table(audit: Audit, path: str, plain: Any, weighted: Any, weights: Any) -> None:
    audit.same(f"{path}/kappa", plain.kappa)
    audit.same(f"{path}/weighted_kappa", weighted.kappa)
    audit.same(f"{path}/psych_var_kappa", plain.se**2)
    audit.same(f"{path}/weights", weights)
    for key, found in (("fce_unweighted", plain), ("fce_weighted", weighted)):
        for name in ("kappa", "se", "se_null", "z"):
            audit.same(f"{path}/{key}/{name}", getattr(found, name))


def _cohen_1968(audit: Audit) -> None:
    table, n = np.array(audit.at("cohen1968_table/table")), audit.at("cohen1968_table/n")
    costs = np.array(audit.at("cohen1968_table/cost_weights"), dtype=float)
    for key, weights in (("unweighted", agreement_weights(3, "quadratic")), ("cost_weighted", costs)):
        path = f"cohen1968_table/{key}"
        plain, weighted = weighted_kappa(table, np.eye(3), n), weighted_kappa(table, weights, n)
        _kappa_of_table(audit, path, plain, weighted, weights)
        for name, found in (("fce_unweighted", plain), ("fce_weighted", weighted)):
            half = 1.959963984540054 * found.se
            audit.same(f"{path}/{name}/ci95", [found.kappa - half, found.kappa + half])
        half = 1.959963984540054 * plain.se
        for place, value in enumerate([plain.kappa - half, plain.kappa, plain.kappa + half]):
            audit.same(f"{path}/psych_ci/0/{place}", value)
        audit.same(f"{path}/psych_ci/1/1", weighted.kappa)
        audit.same(f"{path}/n", n)
        audit.same(f"{path}/agreement", table)


def levels() -> Audit:
    """Closed form; the random-intercept values stop where nlme's search does (1e-4 in the record)."""
    audit = Audit.of("multilevel-agreement")
    loose = case("multilevel-agreement")["tolerance"]["gmeanrel_relative"]
    for name, data, group in (("lq2002", "lq2002", "COMPID"), ("bh1996", "bh1996_sub", "GRP")):
        result = icc_groups(dataset(data), group, variables=list(audit.at(name)))
        for variable in audit.at(name):
            row = result.table.loc[variable]
            columns = ("icc1", "icc2", "ms_between", "ms_within")
            for theirs, ours in zip(("ICC1", "ICC2", "MSB", "MSW"), columns, strict=True):
                audit.same(f"{name}/{variable}/{theirs}", row[ours])
            audit.same(f"{name}/{variable}/df", [row["df1"], row["df2"]])
            audit.same(f"{name}/{variable}/F", row["F"])
            audit.same(f"{name}/{variable}/p", row["pvalue"], 1e-7, 1e-12)
            audit.same(f"{name}/{variable}/n_groups", result.n_groups)
            audit.same(f"{name}/{variable}/mean_size", result.mean_size)
    result = icc_groups(dataset("lq2002"), "COMPID", variables=["LEAD", "TSIG", "HOSTILE"])
    audit.same("mult_icc", result.table[["variable", "icc1_reml", "icc2_reml"]], 1e-6, 1e-9)
    audit.same("eta2", result.table.loc["LEAD", "eta_squared"])
    means = result.mean_reliability
    audit.same("group_mean_reliability/ICC", result.table.loc["LEAD", "icc1_reml"], loose, 0)
    audit.same("group_mean_reliability/groups", [str(one) for one in means["group"]])
    audit.same("group_mean_reliability/sizes", means["size"])
    audit.same("group_mean_reliability/MeanRel", means["LEAD"], loose, 0)
    _within(audit)
    return audit


def _within(audit: Audit) -> None:
    one = rwg(dataset("lq2002"), "COMPID", variables=["LEAD"], ranvar=2)
    several = rwg(dataset("lq2002"), "COMPID", variables=LEADERSHIP, n_options=5)
    groups = several.groups
    audit.same("rwg_LEAD/groups", one.groups[["group", "rwg", "size"]])
    audit.same("rwg_LEAD/mean", one.mean)
    audit.same("ad_m_LEAD", one.groups[["group", "average_deviation", "size"]])
    audit.same("rwg_j/groups", groups[["group", "rwg", "size"]])
    audit.same("rwg_j/mean", several.mean)
    audit.same("rwg_j/median", several.median)
    audit.same("rwg_j_lindell/groups", groups[["group", "rwg_lindell", "size"]])
    audit.same("rwg_j_lindell/mean", groups["rwg_lindell"].mean())
    audit.same("ad_m_j/groups", groups[["group", "average_deviation", "size"]])
    audit.same("ad_m_j/mean", groups["average_deviation"].mean())


def descriptions() -> Audit:
    """Closed form: the record's 1e-9; p values by their relative size."""
    audit = Audit.of("descriptives")
    bfi, sat = dataset("bfi"), dataset("sat_act")
    columns = [*BIG_FIVE, "age"]
    names = [name for name in audit.at("describe_type3")[0] if name != "vars"]
    table = describe(bfi[columns]).table
    numbered = table[names].assign(vars=range(1, len(table) + 1))
    audit.same("describe_type3", numbered[list(audit.at("describe_type3")[0])])
    for kind in (1, 2):
        found = describe(bfi[columns], skew_type=kind).table
        if kind == 1:
            # psych multiplies by the number of rows where the number of answers is meant; SciPy does not.
            rows = (found["n"] + found["missing"]) / found["n"]
            found = found.assign(kurtosis=(found["kurtosis"] + 3) * rows - 3)
        audit.same(f"skew_kurtosis_type{kind}", found[["item", "skew", "kurtosis"]])
    for gender, part in sat.groupby("gender"):
        found = describe(part[["ACT", "SATV", "SATQ"]]).table.assign(vars=range(1, 4))
        wanted = audit.at(f"by_gender/{gender}")[0]
        audit.same(f"by_gender/{gender}", found[["item" if key == "var" else key for key in wanted]])
    frequencies = np.asarray(describe(bfi[BIG_FIVE]).frequencies, dtype=float)
    audit.same("response_frequencies", frequencies)
    moments = item_moments(bfi[BIG_FIVE[:5]].to_numpy(float))
    audit.same("covariance_pairwise", moments.cov)
    audit.same("quantiles_type7", bfi[BIG_FIVE[:5]].quantile(_levels(audit)).to_numpy())
    _correlations(audit, sat)
    return audit


def _levels(audit: Audit) -> list[float]:
    return [float(str(name).rstrip("%")) / 100 for name in audit.at("quantiles_type7")["rows"]]


def _correlations(audit: Audit, sat: pd.DataFrame) -> None:
    scores = sat[["education", "age", "ACT", "SATV", "SATQ"]]
    result = correlate(scores)
    audit.same("pearson/r", result.r)
    audit.same("pearson/n", result.n)
    audit.same("pearson/t", result.t)
    both = np.where(np.tri(5, k=-1) > 0, result.pvalue, result.pvalue_adjusted)
    np.fill_diagonal(both, 0.0)  # psych's diagonal
    audit.same("pearson/p_upper_holm_lower_raw", both, 1e-8, 1e-60)
    for place, row in enumerate(result.pairs.to_dict("records")):
        for theirs, ours in (("lower", "ci_lower"), ("r", "r"), ("upper", "ci_upper")):
            audit.same(f"pearson/ci/{place}/{theirs}", row[ours])
        audit.same(f"pearson/ci/{place}/p", row["pvalue"], 1e-8, 1e-60)
    spearman = correlate(scores, method="spearman", adjust="none")
    audit.same("spearman/r", spearman.r)
    p = spearman.pvalue.to_numpy(copy=True)
    np.fill_diagonal(p, 0.0)
    audit.same("spearman/p", p, 1e-8, 1e-60)
    audit.same("kendall", correlate(scores, method="kendall").r)


NORMALITY = {
    "n": "n", "b1p": "skewness", "b2p": "kurtosis", "b1p_divisor_N": "skewness_divisor_n",
    "b2p_divisor_N": "kurtosis_divisor_n", "skew": "chisq_skewness", "small_skew": "small_chisq_skewness",
    "p_skew": "pvalue_skewness", "p_small_skew": "pvalue_small_skewness", "kurtosis_z": "z_kurtosis",
    "p_kurt": "pvalue_kurtosis",
}  # fmt: skip


def normality() -> Audit:
    """Closed form, 1e-8; the tails of p values by their relative size."""
    audit = Audit.of("mardia-normality")
    shapiro = case("mardia-normality")["tolerance"]["shapiro_relative"]
    sets = {"hs": ("hs1939", [f"x{place}" for place in range(1, 10)]), "sat_act": ("sat_act", None)}
    for name, (data, columns) in sets.items():
        result = mardia(dataset(data)[columns or ["ACT", "SATV", "SATQ"]])
        for theirs, ours in NORMALITY.items():
            audit.same(f"{name}/{theirs}", getattr(result, ours))
        audit.same(f"{name}/mahalanobis_d_first10", result.distances.head(10))
        skew = [result.skewness, result.chisq_skewness, result.df, result.pvalue_skewness]
        audit.same(f"{name}/semTools_skew", skew, 1e-8, 1e-12)
        kurtosis = [result.kurtosis, result.z_kurtosis, result.pvalue_kurtosis]
        audit.same(f"{name}/semTools_kurtosis", kurtosis, 1e-8, 1e-12)
        for item, row in result.univariate.set_index("item").iterrows():
            path = f"{name}/univariate/{item}"
            audit.same(f"{path}/shapiro_W", row["W"], shapiro, 0)
            # SciPy's p value follows Royston's approximation in single precision steps.
            audit.same(f"{path}/shapiro_p", row["pvalue_W"], 1e-3, 1e-10)
            for what, factor in (("skew", 6), ("kurtosis", 24)):
                found = [row[what], np.sqrt(factor / result.n), row[f"z_{what}"], row[f"pvalue_{what}"]]
                audit.same(f"{path}/semTools_{what}", found)
    return audit


def gaps() -> Audit:
    """EM moments converge to 1e-8: the record's 1e-5."""
    audit = Audit.of("little-mcar")
    nine = [f"x{place}" for place in range(1, 10)]
    sets = {
        "bfi_agree": ("bfi", BIG_FIVE[:5]),
        "hs": ("hs1939_missing", nine),
        "sat_act": ("sat_act", ["ACT", "SATV", "SATQ"]),
    }
    fields = {
        "n": "n", "patterns": "n_patterns", "df": "df", "d2_ml_covariance": "chisq",
        "p_ml_covariance": "pvalue", "d2_unbiased_covariance": "chisq_unbiased",
        "p_unbiased_covariance": "pvalue_unbiased", "em_mean": "em_mean", "em_cov": "em_cov",
    }  # fmt: skip
    for name, (data, columns) in sets.items():
        result = little_mcar(dataset(data)[columns])
        for theirs, ours in fields.items():
            audit.same(f"{name}/{theirs}", getattr(result, ours))
        counts = {
            "".join(str(int(flag)) for flag in row[columns]): row["n"]
            for _, row in missing_data(dataset(data)[columns]).patterns.iterrows()
        }
        for pattern in audit.at(f"{name}/pattern_counts"):
            audit.same(f"{name}/pattern_counts/{pattern}", counts[pattern])
    return audit


AUDITS = {
    "icc-shrout-fleiss": raters,
    "kappa": kappas,
    "multilevel-agreement": levels,
    "descriptives": descriptions,
    "mardia-normality": normality,
    "little-mcar": gaps,
}
EXCUSED = {
    "kappa": {
        "*/psych_var_weighted": "not the variance of Fleiss, Cohen & Everitt (README of the reference)",
        "*/psych_ci/1/[02]": "the interval from that variance",
        "cohen1968_table/table/*": "the table, an input",
        "cohen1968_table/n": "its size, an input",
        "cohen1968_table/cost_weights/*": "costs, an input",
    },
    "descriptives": {"pearson/ci/*/pair": "names cut short by psych; the order is compared"},
}
