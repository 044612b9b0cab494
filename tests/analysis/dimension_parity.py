"""Every column of the cases on dimensions: EFA, KMO and Bartlett, numbers of factors, polychorics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scale_audit import Audit

from reference_data import case, dataset, matrix
from surveykit.analysis.dimensionality import bartlett_sphericity, kmo, map_test, vss
from surveykit.analysis.factor import EfaResult, efa
from surveykit.analysis.parallel_analysis import parallel_analysis
from surveykit.analysis.polychoric import polychoric
from surveykit.estimation.factor import principal_components
from surveykit.estimation.factor_rotation import varimax
from surveykit.estimation.item_moments import squared_multiple_correlations

NINE = [f"x{number}" for number in range(1, 10)]
BIG_FIVE = [f"{letter}{number}" for letter in "ACENO" for number in range(1, 6)]
EFA_DATA = {"efa-hs": ("hs1939", NINE, 3), "efa-bfi": ("bfi", BIG_FIVE, 5)}
MEASURES = {
    "n": "n", "dof": "dof", "objective": "objective", "chisq_ml": "chisq", "p_ml": "pvalue",
    "chi_empirical": "chisq_empirical", "p_empirical": "pvalue_empirical", "tli": "tli", "bic": "bic",
    "rms": "rms", "crms": "crms", "fit": "fit", "fit_off": "fit_off", "null_chisq": "null_chisq",
    "null_dof": "null_dof", "null_model": "null_objective",
}  # fmt: skip


def complete(case_id: str) -> pd.DataFrame:
    data, columns, _ = EFA_DATA[case_id]
    return dataset(data)[columns].dropna()


def factors(case_id: str) -> Audit:
    """psych stops minres and rotations at about 1e-5: a tenth of what the record allows (1e-3, 5e-4).

    Columns and signs are psych's own, so nothing is aligned.
    """
    audit = Audit.of(case_id)
    audit.relative, audit.absolute = audit.relative / 10, audit.absolute / 10
    for name, record in case(case_id)["results"].items():
        if isinstance(record, dict) and "fm" in record:
            rotation = {"geominQ": "geomin"}.get(record["rotate"], record["rotate"])
            result = efa(complete(case_id), record["nfactors"], method=record["fm"], rotation=rotation)
            _solution(audit, name, record, result)
    return audit


def _solution(audit: Audit, name: str, record: dict[str, Any], result: EfaResult) -> None:
    ours: dict[str, Any] = {
        "nfactors": result.n_factors, "fm": result.method, "loadings": result.loadings.to_numpy(),
        "rotate": {"geomin": "geominQ"}.get(result.rotation, result.rotation),
        "phi": result.phi.to_numpy() if record["phi"] else None, "structure": result.structure.to_numpy(),
        "uniqueness": result.uniqueness, "communality": result.communality, "complexity": result.complexity,
        "variance": result.variance.to_numpy(), "e_values": result.eigenvalues,
        "common_values": result.common_eigenvalues, "score_R2": result.score_r2,
        "rot_mat": _rotation(record["rot_mat"], result) if record.get("rot_mat") else None,
    }  # fmt: skip
    for key, value in ours.items():
        if key in record:
            audit.same(f"{name}/{key}", value)
    measures = result.fit_measures()
    for theirs, mine in MEASURES.items():
        audit.same(f"{name}/{theirs}", measures[mine])
    # psych's interval comes from a root search that stops at about 1e-4; the fourth number is its level.
    rmsea = [measures[key] for key in ("rmsea", "rmsea_ci_lower", "rmsea_ci_upper")]
    audit.same(f"{name}/rmsea", [*rmsea, 0.9], 1e-3, 1e-4)


def _rotation(record: dict[str, Any], result: EfaResult) -> Any:
    """psych keeps this matrix as it was before it reordered and reflected the factors."""
    theirs, ours = matrix(record).to_numpy(), result.rotation_matrix
    overlap = theirs.T @ ours
    order = np.abs(overlap / np.linalg.norm(overlap, axis=0)).argmax(axis=1)
    return ours[:, order] * np.sign(np.sum(theirs * ours[:, order], axis=0))


def hs_factors() -> Audit:
    """And stats::factanal, run to its numerical end (1e-7), with R's varimax and promax of its loadings."""
    audit = factors("efa-hs")
    _factanal(audit, "factanal", "efa-hs", {"chisq": "chisq", "dof": "dof", "p": "pvalue"})
    loadings = matrix(audit.at("factanal/loadings")).to_numpy()
    unrotated = efa(complete("efa-hs"), 3, method="ml", rotation="none").loadings.to_numpy()
    signs = np.sign(np.sum(unrotated * loadings, axis=0))
    audit.same("factanal/loadings", unrotated * signs, 0, 1e-7)
    turned = varimax(loadings)
    audit.same("factanal/varimax", turned.loadings, 0, 1e-10)
    audit.same("factanal/varimax_rot", turned.matrix, 0, 1e-10)
    _promax_of_varimax(audit, turned.loadings)
    _components(audit)
    result = efa(complete("efa-hs"), 3, method="ml", rotation="varimax")
    for theirs, ours in (("regression", "regression"), ("Bartlett", "bartlett"), ("tenBerge", "tenberge")):
        scores = result.factor_scores(ours).head(10).to_numpy()
        audit.same(f"ml_varimax_scores_first10/{theirs}", scores, 0, 5e-5)
    return audit


def _promax_of_varimax(audit: Audit, loadings: Any) -> None:
    """stats::promax does not normalise rows, as psych::fa's promax does: its formula, on our varimax."""
    again = varimax(loadings)
    x = again.loadings
    U = np.linalg.lstsq(x, x * np.abs(x) ** 3, rcond=None)[0]
    U = U * np.sqrt(np.diag(np.linalg.inv(U.T @ U)))
    audit.same("factanal/promax", x @ U, 0, 1e-10)
    audit.same("factanal/promax_rot", again.matrix @ U, 0, 1e-10)


def _components(audit: Audit) -> None:
    R = complete("efa-hs").corr().to_numpy()
    unrotated = principal_components(R, 3)
    audit.same("pca", unrotated, 0, 1e-10)
    audit.same("pca_values", np.linalg.eigvalsh(R)[::-1], 0, 1e-10)
    turned = varimax(unrotated).loadings
    turned = turned[:, np.argsort(-np.sum(turned**2, axis=0))]
    audit.same("pca_varimax", turned * np.sign(turned.sum(axis=0)), 0, 1e-10)


def bfi_factors() -> Audit:
    """And stats::factanal."""
    audit = factors("efa-bfi")
    _factanal(
        audit, "factanal_ml", "efa-bfi",
        {"chisq": "chisq", "dof": "dof", "p": "pvalue", "criterion": "objective"},
    )  # fmt: skip
    return audit


def _factanal(audit: Audit, key: str, case_id: str, fields: dict[str, str]) -> None:
    result = efa(complete(case_id), EFA_DATA[case_id][2], method="ml", rotation="none")
    audit.same(f"{key}/uniqueness", result.uniqueness, 0, 1e-7)
    for theirs, ours in fields.items():
        audit.same(f"{key}/{theirs}", result.fit_measures()[ours], 1e-7, 1e-9)


def adequacy() -> Audit:
    """Closed form; p values of 1e-166 have lost digits in either program's tail function."""
    audit = Audit.of("kmo-bartlett-bfi")
    big_five = dataset("bfi")[BIG_FIVE]
    sets = {
        "complete": (big_five, "listwise"),
        "pairwise": (big_five, "pairwise"),
        "hs": (dataset("hs1939")[NINE], "listwise"),
    }
    for name, (items, missing) in sets.items():
        found, test = kmo(items, missing=missing), bartlett_sphericity(items, missing=missing)
        R = (items if missing == "pairwise" else items.dropna()).corr().to_numpy()
        ours: dict[str, Any] = {
            "n": found.n, "MSA": found.msa, "MSAi": found.msa_items, "bartlett/chisq": test.chisq,
            "bartlett/df": test.df, "determinant": test.determinant,
            "smc": squared_multiple_correlations(R), "eigenvalues": np.linalg.eigvalsh(R)[::-1],
        }  # fmt: skip
        for key, value in ours.items():
            audit.same(f"{name}/{key}", value)
        audit.same(f"{name}/bartlett/p", test.pvalue, 1e-6, 1e-12)
    return audit


VSS = {"prob": "pvalue", "RMSEA": "rmsea", "BIC": "bic", "SABIC": "sabic", "complex": "complexity"}
DRAWN = {
    "pc_simulated_mean": "pc_normal_mean", "pc_resampled_mean": "pc_resample_mean",
    "fa_simulated_mean": "fa_normal_mean", "fa_resampled_mean": "fa_resample_mean",
}  # fmt: skip


def numbers_of_factors() -> Audit:
    """Observed eigenvalues and MAP exact, draws by Monte Carlo error (the record's .02)."""
    audit = Audit.of("nfactors-bfi")
    tolerance = case("nfactors-bfi")["tolerance"]
    drawn, loose = tolerance["simulated_absolute"], tolerance["vss_absolute"]
    for name, items in {"bfi": dataset("bfi")[BIG_FIVE].dropna(), "hs": dataset("hs1939")[NINE]}.items():
        result = parallel_analysis(items, n_iter=200, seed=1)
        table = result.eigenvalues
        audit.same(f"{name}/n", result.n)
        audit.same(f"{name}/pc_eigenvalues", table["pc"])
        # These rest on psych's minres, which stops at about 1e-5.
        audit.same(f"{name}/fa_eigenvalues", table["fa"], 1e-5, 1e-5)
        audit.same(f"{name}/nfact", result.n_factors)
        audit.same(f"{name}/ncomp", result.n_components)
        for theirs, ours in DRAWN.items():
            # The first factor eigenvalue has a long tail (Heywood cases among noise): psych's own mean
            # over 500 draws moves between .544 and .587 with the seed.
            audit.same(f"{name}/{theirs}/0", table[ours].iloc[0], 0, 0.05)
            for place in range(1, len(table)):
                audit.same(f"{name}/{theirs}/{place}", table[ours].iloc[place], 0, drawn)
        most = len(audit.at(f"{name}/map"))
        average = map_test(items, max_factors=most)
        audit.same(f"{name}/map", average.map)
        audit.same(f"{name}/map_min_at", average.n_components)
        structure = vss(items, max_factors=most)
        audit.same(f"{name}/vss1", structure.vss1, 0, loose)
        audit.same(f"{name}/vss2", np.nan_to_num(structure.vss2), 0, loose)
        columns = [VSS.get(key, key) for key in audit.at(f"{name}/stats")[0]]
        audit.same(f"{name}/stats", structure.table[columns], loose, loose)
    return audit


def polychorics() -> Audit:
    """lavaan's are within 1e-8 of the exact two-step solution, psych's search stops at 5e-5."""
    audit = Audit.of("polychoric-bfi")
    loose = case("polychoric-bfi")["tolerance"]["psych_absolute"]
    data, items = dataset("bfi_keyed"), [*BIG_FIVE[:5], *BIG_FIVE[5:10]]
    complete_rows = data[items].dropna()
    result = polychoric(complete_rows)
    audit.same("n", result.n)
    audit.same("lavaan_polychoric", result.correlations)
    audit.same("lavaan_thresholds", result.thresholds.to_numpy(), 0, 1e-10)
    audit.same("lavaan_se", result.to_frame()[["lhs", "rhs", "est", "se"]])
    audit.same("psych_polychoric", result.correlations, 0, loose)
    audit.same("psych_thresholds", result.thresholds.to_numpy(), 0, loose)
    audit.same("lavaan_pairwise", polychoric(data[items], missing="pairwise").correlations, 0, 1e-6)
    mixed = data[["A2", "C3", "age", "O4"]].dropna()
    mixed["logage"] = np.log(mixed["age"])
    found = polychoric(mixed[["A2", "C3", "O4", "age", "logage"]], ordered=["A2", "C3", "O4"])
    audit.same("mixed", found.correlations)
    audit.same("mixed_n", found.n)
    binary = polychoric((complete_rows > 4).astype(int))
    audit.same("tetrachoric_split_at_4", binary.correlations)
    audit.same("psych_tetrachoric", binary.correlations, 0, loose)
    audit.same("psych_tetrachoric_tau", binary.thresholds["t1"], 0, 1e-10)
    return audit


AUDITS = {
    "efa-hs": hs_factors,
    "efa-bfi": bfi_factors,
    "kmo-bartlett-bfi": adequacy,
    "nfactors-bfi": numbers_of_factors,
    "polychoric-bfi": polychorics,
}
EXCUSED: dict[str, dict[str, str]] = {}
