"""Every column of the reliability cases: psych's alpha, bounds, omega and scores, semTools' composites."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scale_audit import Audit

from reference_data import case, dataset
from surveykit.analysis.describe import describe
from surveykit.analysis.model_reliability import ave, composite_reliability
from surveykit.analysis.omega import omega
from surveykit.analysis.ordinal_alpha import ordinal_alpha
from surveykit.analysis.polychoric import polychoric
from surveykit.analysis.reliability import cronbach_alpha
from surveykit.analysis.reliability_bounds import guttman, split_half
from surveykit.analysis.scale_scores import score_items
from surveykit.analysis.sem import cfa, sem
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.validity import fornell_larcker, htmt

SCALES = {"agree": "A", "consc": "C", "extra": "E", "neuro": "N", "open": "O"}
BIG_FIVE = [f"{letter}{number}" for letter in "ACENO" for number in range(1, 6)]
TOTAL = {
    "raw_alpha": "cronbach_alpha", "std.alpha": "standardized_alpha", "G6(smc)": "lambda6",
    "average_r": "average_r", "S/N": "signal_noise", "ase": "se", "mean": "mean", "sd": "sd",
    "median_r": "median_r",
}  # fmt: skip
DROPPED = {
    "raw_alpha": "alpha", "std.alpha": "standardized_alpha", "G6(smc)": "lambda6", "average_r": "average_r",
    "S/N": "signal_noise", "alpha se": "se", "var.r": "var_r", "med.r": "median_r",
}  # fmt: skip
ITEMS = {
    "n": "n", "raw.r": "r_raw", "std.r": "r_std", "r.cor": "r_cor", "r.drop": "r_drop", "mean": "mean",
    "sd": "sd",
}  # fmt: skip


def alpha() -> Audit:
    """Closed form throughout: the record's 1e-9."""
    audit = Audit.of("rel-alpha-bfi")
    for variant, missing in (("pairwise", "pairwise"), ("complete", "listwise")):
        for scale, letter in SCALES.items():
            items = dataset("bfi_keyed")[[f"{letter}{number}" for number in range(1, 6)]]
            _alpha_of_scale(audit, f"{variant}/{scale}", items, missing)
    return audit


def _alpha_of_scale(audit: Audit, path: str, items: pd.DataFrame, missing: str) -> None:
    result = cronbach_alpha(items, missing=missing)
    audit.same(f"{path}/n", result.n)
    audit.same(f"{path}/k", result.n_items)
    audit.same(f"{path}/total", [getattr(result, TOTAL[name]) for name in audit.at(f"{path}/total")[0]])
    audit.same(f"{path}/ci95_feldt", result.intervals["feldt"])
    audit.same(f"{path}/ci95_from_psych_feldt", result.intervals["feldt"])
    audit.same(f"{path}/ci95_duhachek", result.intervals["duhachek"])
    audit.same(f"{path}/ase_duhachek", result.se)
    audit.same(f"{path}/unidim", result.unidim)
    table = result.item_statistics
    dropped = [f"{DROPPED[name]}_if_dropped" for name in list(audit.at(f"{path}/if_dropped")[0])[1:]]
    audit.same(f"{path}/if_dropped", table[["item", *dropped]])
    audit.same(
        f"{path}/items", table[["item", *(ITEMS[name] for name in list(audit.at(f"{path}/items")[0])[1:])]]
    )
    used = items if missing == "pairwise" else items.dropna()
    audit.same(f"{path}/response_freq", np.asarray(describe(used).frequencies, dtype=float))


def bounds() -> Audit:
    """Closed form; only glb rests on a minres that psych stops at 1e-5."""
    audit = Audit.of("rel-guttman-splithalf")
    complete = dataset("bfi_keyed")[BIG_FIVE].dropna()
    for name, columns in {"agree": BIG_FIVE[:5], "neuro": BIG_FIVE[15:20], "ac": BIG_FIVE[:10]}.items():
        items = complete[columns]
        audit.same(f"{name}/n", guttman(items).n)
        for key, standardized in (("from_correlations", True), ("from_covariances", False)):
            _splits(audit, f"{name}/{key}", items, standardized)
        found = guttman(items)
        for theirs in audit.at(f"{name}/guttman"):
            if theirs != "glb":
                ours = "lambda5_plus" if theirs == "lambda.5p" else theirs.replace("lambda.", "lambda")
                audit.same(f"{name}/guttman/{theirs}", getattr(found, ours.replace(".", "_")))
        audit.same(f"{name}/guttman/glb", found.glb_fa, 0, 1e-5)
        audit.same(f"{name}/glb_fa", found.glb_fa, 0, 1e-5)
        audit.same(f"{name}/tenberge", [getattr(found, f"mu{place}") for place in range(4)])
    for place, scale in enumerate(SCALES):
        result = split_half(complete[BIG_FIVE[5 * place : 5 * place + 5]])
        audit.same(f"odd_even/{scale}", [result.odd_even_r, result.spearman_brown, result.guttman_rulon])
    return audit


def _splits(audit: Audit, path: str, items: pd.DataFrame, standardized: bool) -> None:
    halves, found = split_half(items, standardized=standardized), guttman(items, standardized=standardized)
    pairs = (np.corrcoef if standardized else np.cov)(items.T)[np.tril_indices(items.shape[1], -1)]
    counted = halves.psych["n_splits"]
    ours = {
        "max_lambda4": halves.psych["maximum"], "min_beta": halves.psych["minimum"],
        "mean": halves.psych["mean"], "alpha": found.lambda3, "lambda2": found.lambda2,
        "lambda6": found.lambda6, "average_r": pairs.mean(), "median_r": np.median(pairs),
        "n_splits": counted, "all_splits_sorted": np.sort(halves.splits[: int(counted)]),
    }  # fmt: skip
    for name, value in ours.items():
        audit.same(f"{path}/{name}", value)


def omegas() -> Audit:
    """psych stops minres and oblimin at about 1e-5 of the gradient: 5e-4 where the record allows 1e-3."""
    audit = Audit.of("rel-omega-bfi")
    audit.relative = audit.absolute = 5e-4
    complete = dataset("bfi_keyed")[BIG_FIVE].dropna()
    columns = {"big5": BIG_FIVE, "ac": BIG_FIVE[:10], "extra": BIG_FIVE[10:15]}
    for name, record in case("rel-omega-bfi")["results"].items():
        if name == "n":
            continue
        method = "ml" if name.endswith("ml") else "minres"
        result = omega(complete[columns[name.split("_")[0]]], record["nfactors"], method=method)
        audit.same("n", result.n)
        ours = {
            "nfactors": result.n_factors, "omega_h": result.omega_hierarchical,
            "omega_lim": result.omega_asymptotic, "omega_total": result.omega_total, "alpha": result.alpha,
            "G6": result.lambda6, "ecv": result.explained_common_variance, "key": result.key,
            "omega_group": result.groups[["factor", "total", "general", "group"]],
            "schmid_leiman": result.schmid_leiman.drop(columns="item"), "oblique": result.oblique,
            "gloading": result.general_loadings.to_numpy(),
            "phi": result.phi if record["phi"] else None,
        }  # fmt: skip
        for key, value in ours.items():
            audit.same(f"{name}/{key}", value)
    return audit


def scores() -> Audit:
    """Closed form."""
    audit = Audit.of("rel-scoring-bfi")
    options: dict[str, dict[str, Any]] = {
        "impute_none": {},
        "impute_median": {"impute": "median"},
        "totals_impute_median": {"impute": "median", "totals": True},
    }
    for name, more in options.items():
        result = score_items(dataset("bfi"), audit.at("keys"), scale=(1, 6), **more)
        ours = {
            "scores_first20": result.scores.head(20).reset_index(drop=True).to_numpy(),
            "scores_mean": result.table["mean"], "scores_sd": result.table["sd"],
            "alpha": result.table["alpha"].to_numpy(), "G6": result.table["lambda6"].to_numpy(),
            "av_r": result.table["average_r"].to_numpy(), "cor": result.cor, "corrected": result.corrected,
            "item_cor": result.item_cor, "item_corrected": result.item_corrected,
        }  # fmt: skip
        for key, value in ours.items():
            audit.same(f"{name}/{key}", value)
    return audit


LATENT = ("alpha", "omega", "omega2", "omega3", "ave")


def composites() -> Audit:
    """Functions of lavaan's estimates: the record's 1e-6."""
    audit = Audit.of("rel-semtools-hs")
    models, hs = audit.at("models"), dataset("hs1939")
    equal = ("loadings", "intercepts")
    fits = {
        "hs": cfa(models["hs"], hs),
        "hs_2group_scalar": cfa(models["hs"], hs, group="school", group_equal=equal),
        "hs_fiml": cfa(models["hs_fiml"], dataset("hs1939_missing"), missing="ml"),
        "poldem_correlated_residuals": sem(models["poldem"], dataset("political_democracy")),
    }
    for name, fit in fits.items():
        _composites_of_fit(audit, name, fit)
    higher = composite_reliability(cfa(models["higher"], hs), higher=["g"]).table.set_index("factor").loc["g"]
    audit.same(
        "higher_order_L2", higher[["composite_reliability", "omega_l2", "partial_omega_l1"]].to_numpy()
    )
    _ratios(audit, models["hs"])
    larcker = fornell_larcker(fits["hs"]).table.set_index("factor").drop(columns="group")
    roots = pd.Series(np.diag(larcker), index=larcker.index)
    audit.same("fornell_larcker/sqrt_ave", roots)
    values = larcker.to_numpy(float, copy=True)
    np.fill_diagonal(values, 1.0)
    full = np.where(np.isnan(values), values.T, values)
    audit.same("fornell_larcker/cor_lv", pd.DataFrame(full, index=larcker.index, columns=larcker.columns))
    return audit


def _composites_of_fit(audit: Audit, name: str, fit: SemFit) -> None:
    observed, implied = (
        composite_reliability(fit, observed_variance=one, total=True) for one in (True, False)
    )
    extracted, extracted_implied = (ave(fit, observed_variance=one) for one in (True, False))
    tables = {
        "compRelSEM_omega": (observed.table, "composite_reliability"),
        "compRelSEM_implied": (implied.table, "composite_reliability"),
        "compRelSEM_alpha": (observed.table, "alpha"),
        "compRelSEM_total": (observed.table, "composite_reliability"),
        "AVE": (extracted.table, "ave"),
        "AVE_implied": (extracted_implied.table, "ave"),
    }
    for key, (table, column) in tables.items():
        audit.same(f"{name}/{key}", _wide(table, column, fit, total=key.endswith("total")))
    merged = observed.table.merge(extracted_implied.table[["group", "factor", "ave"]], on=["group", "factor"],
                                  suffixes=("_", ""))  # fmt: skip
    _reliability(audit, f"{name}/reliability", merged, fit)


def _reliability(audit: Audit, path: str, table: pd.DataFrame, fit: SemFit) -> None:
    """semTools::reliability: coefficients by factors, for each group."""
    ours = {"avevar": "ave", "alpha.ord": "alpha_ordinal"}
    for label in fit.group_labels or [""]:
        part = f"{path}/{label}" if label else path
        own = table[table["group"] == label].set_index("factor")
        rows = [ours.get(row, row) for row in audit.at(part)["rows"]]
        audit.same(part, own.loc[audit.at(part)["cols"], rows].T.to_numpy())


def _wide(table: pd.DataFrame, column: str, fit: SemFit, total: bool) -> Any:
    """compRelSEM and AVE: a value a factor, or a row a group with its label first."""
    table = table[(table["factor"] == "total") == total]
    if not fit.group_labels:
        return table[column]
    return [[label, *table.loc[table["group"] == label, column]] for label in fit.group_labels]


def _ratios(audit: Audit, model: str) -> None:
    complete, gaps = dataset("hs1939"), dataset("hs1939_missing")
    ours = {
        "htmt_arithmetic": htmt(complete, model),
        "htmt2_geometric": htmt(complete, model, htmt2=True),
        "htmt_no_abs": htmt(complete, model, absolute=False),
        "htmt_fiml": htmt(gaps, model, missing="ml"),
    }
    for key, result in ours.items():
        audit.same(key, result.htmt)


def ordinal() -> Audit:
    """Functions of WLSMV estimates: the record's 1e-5."""
    audit = Audit.of("rel-ordinal")
    data, model = dataset("datcat"), audit.at("model")
    items = [f"u{number}" for number in range(1, 9)]
    for name, columns in {"f1": items[:4], "f2": items[4:], "all": items}.items():
        audit.same(f"ordinal_alpha/{name}", ordinal_alpha(data[columns]).ordinal_alpha)
    first = ordinal_alpha(data[items[:4]])
    names = ("ordinal_alpha", "ordinal_alpha", "lambda6", "average_r", "signal_noise", "median_r")
    audit.same("psych_alpha_f1", [getattr(first, name) for name in names])
    audit.same("polychoric", polychoric(data[items]).correlations)
    fit = cfa(model, data, ordered=items, estimator="WLSMV")
    table, extracted = composite_reliability(fit).table, ave(fit, observed_variance=False).table
    audit.same("compRelSEM_ordscale", table["composite_reliability"])
    latent = composite_reliability(fit, ordinal_scale=False).table
    audit.same("compRelSEM_latentscale", latent["composite_reliability"])
    audit.same("compRelSEM_alpha_ordscale", table["alpha"])
    audit.same("compRelSEM_alpha_latent", table["alpha_ordinal"])
    audit.same("AVE", ave(fit).table["ave"])
    _reliability(audit, "reliability", table.assign(ave=extracted["ave"]), fit)
    equal = ("thresholds", "loadings")
    groups = cfa(model, data, ordered=items, estimator="WLSMV", group="g", group_equal=equal)
    table = composite_reliability(groups).table
    merged = table.assign(ave=ave(groups, observed_variance=False).table["ave"])
    _reliability(audit, "two_group/reliability", merged, groups)
    audit.same("two_group/compRelSEM", _wide(table, "composite_reliability", groups, total=False))
    audit.same("htmt", htmt(data, model, ordered=True).htmt)
    return audit


AUDITS = {
    "rel-alpha-bfi": alpha,
    "rel-guttman-splithalf": bounds,
    "rel-omega-bfi": omegas,
    "rel-scoring-bfi": scores,
    "rel-semtools-hs": composites,
    "rel-ordinal": ordinal,
}
# What a record holds that is no result: pattern of the path -> why nothing stands beside it.
EXCUSED = {
    "rel-scoring-bfi": {"keys/*": "the keys, an input"},
    "rel-semtools-hs": {"models/*": "lavaan syntax, an input"},
    "rel-ordinal": {"model": "lavaan syntax, an input"},
}
