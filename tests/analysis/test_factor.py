"""Exploratory factor analysis against psych::fa, stats::factanal and GPArotation."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset, matrix
from surveykit.analysis.factor import EfaResult, efa
from surveykit.errors import SurveykitError
from surveykit.estimation.factor import principal_components
from surveykit.estimation.factor_extraction import extract
from surveykit.estimation.factor_rotation import promax, varimax

NINE = [f"x{number}" for number in range(1, 10)]
BIG_FIVE = [f"{scale}{number}" for scale in "ACENO" for number in range(1, 6)]
DATA = {"efa-hs": ("hs1939", NINE, 3), "efa-bfi": ("bfi", BIG_FIVE, 5)}
FITS = [(name, fit) for name in DATA for fit, value in case(name)["results"].items() if "fm" in value]
FIT_MEASURES = {
    "n": "n",
    "dof": "dof",
    "objective": "objective",
    "chisq_ml": "chisq",
    "p_ml": "pvalue",
    "chi_empirical": "chisq_empirical",
    "p_empirical": "pvalue_empirical",
    "tli": "tli",
    "bic": "bic",
    "rms": "rms",
    "crms": "crms",
    "fit": "fit",
    "fit_off": "fit_off",
    "null_chisq": "null_chisq",
    "null_dof": "null_dof",
    "null_model": "null_objective",
}


def complete(name: str) -> pd.DataFrame:
    data, columns, _ = DATA[name]
    return dataset(data)[columns].dropna()


def fitted(name: str, fit: str) -> EfaResult:
    record = case(name)["results"][fit]
    rotation = {"geominQ": "geomin"}.get(record["rotate"], record["rotate"])
    return efa(complete(name), record["nfactors"], method=record["fm"], rotation=rotation)


@pytest.mark.parametrize(("name", "fit"), FITS)
class TestAgainstPsych:
    """Every field of psych::fa.

    Column order and signs are psych's own, so nothing is aligned. The record
    allows 1e-3 / 5e-4 since psych stops early; ten times less is asked here.
    """

    def check(self, name: str, ours: Any, theirs: Any) -> None:
        relative, absolute = (case(name)["tolerance"][key] / 10 for key in ("relative", "absolute"))
        assert np.allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=relative, atol=absolute)

    def test_loadings(self, name: str, fit: str) -> None:
        record, result = case(name)["results"][fit], fitted(name, fit)
        reference = matrix(record["loadings"])
        assert list(result.loadings.index) == list(reference.index)
        self.check(name, result.loadings, reference)
        self.check(name, result.structure, matrix(record["structure"]))
        identity = pd.DataFrame(np.eye(result.n_factors))
        self.check(name, result.phi, matrix(record["phi"]) if record["phi"] else identity)
        assert result.converged

    def test_items(self, name: str, fit: str) -> None:
        record, result = case(name)["results"][fit], fitted(name, fit)
        for field in ("communality", "uniqueness"):
            assert list(getattr(result, field).index) == list(record[field])
            self.check(name, getattr(result, field), list(record[field].values()))
        self.check(name, result.complexity, list(record["complexity"].values()))

    def test_factors(self, name: str, fit: str) -> None:
        record, result = case(name)["results"][fit], fitted(name, fit)
        self.check(name, result.variance, matrix(record["variance"]))
        self.check(name, result.eigenvalues, record["e_values"])
        self.check(name, result.common_eigenvalues, record["common_values"])
        self.check(name, result.score_r2, record["score_R2"])
        if record.get("rot_mat"):
            # psych keeps this matrix as it was before it reordered and reflected the factors.
            overlap = matrix(record["rot_mat"]).to_numpy().T @ result.rotation_matrix
            order = np.abs(overlap / np.linalg.norm(overlap, axis=0)).argmax(axis=0)
            turned = matrix(record["rot_mat"]).to_numpy()[:, order]
            self.check(
                name, result.rotation_matrix * np.sign(np.sum(turned * result.rotation_matrix, 0)), turned
            )

    def test_fit(self, name: str, fit: str) -> None:
        record, measures = case(name)["results"][fit], fitted(name, fit).fit_measures()
        for theirs, ours in FIT_MEASURES.items():
            assert close(measures[ours], record[theirs], 1e-4, 1e-4), ours
        # psych's interval comes from a root search that stops at about 1e-4.
        for place, ours in enumerate(("rmsea", "rmsea_ci_lower", "rmsea_ci_upper")):
            assert close(measures[ours], record["rmsea"][place], 1e-3, 1e-4)


def test_ml_equals_factanal_tightly() -> None:
    for name, key in (("efa-hs", "factanal"), ("efa-bfi", "factanal_ml")):
        record = case(name)["results"][key]
        result = efa(complete(name), DATA[name][2], method="ml", rotation="none")
        # factanal was run to its numerical end; 1e-7 is what its gradient leaves.
        assert np.allclose(result.uniqueness, list(record["uniqueness"].values()), atol=1e-7)
        assert close(result.fit_measures()["chisq"], record["chisq"], 1e-9, 1e-7)
        assert close(result.fit_measures()["pvalue"], record["p"], 1e-7, 1e-9)
        assert result.fit_measures()["dof"] == record["dof"]
        if "criterion" in record:
            assert close(result.fit_measures()["objective"], record["criterion"], 1e-9, 1e-9)


def test_rotations_of_given_loadings_equal_stats() -> None:
    record = case("efa-hs")["results"]["factanal"]
    loadings = matrix(record["loadings"]).to_numpy()
    assert np.allclose(varimax(loadings).loadings, matrix(record["varimax"]), atol=1e-10)
    assert np.allclose(varimax(loadings).matrix, matrix(record["varimax_rot"]), atol=1e-10)
    # The record's promax was given varimax loadings and turns them once more; unlike psych::fa's,
    # stats::promax does not normalise rows before its own step.
    again = varimax(varimax(loadings).loadings)
    turned = again.loadings
    target = turned * np.abs(turned) ** 3
    U = np.linalg.lstsq(turned, target, rcond=None)[0]
    U = U * np.sqrt(np.diag(np.linalg.inv(U.T @ U)))
    assert np.allclose(turned @ U, matrix(record["promax"]), atol=1e-10)
    assert np.allclose(again.matrix @ U, matrix(record["promax_rot"]), atol=1e-10)
    assert np.allclose(np.diag(promax(loadings).phi), 1, atol=1e-12)


def test_principal_components() -> None:
    record = case("efa-hs")["results"]
    R = complete("efa-hs").corr().to_numpy()
    unrotated = principal_components(R, 3)
    assert np.allclose(unrotated, matrix(record["pca"]), atol=1e-10)
    assert np.allclose(np.linalg.eigvalsh(R)[::-1], record["pca_values"], atol=1e-10)
    turned = varimax(unrotated).loadings
    turned = turned[:, np.argsort(-np.sum(turned**2, axis=0))]
    turned = turned * np.sign(turned.sum(axis=0))
    assert np.allclose(turned, matrix(record["pca_varimax"]), atol=1e-10)


@pytest.mark.parametrize(
    ("method", "key"), [("regression", "regression"), ("bartlett", "Bartlett"), ("tenberge", "tenBerge")]
)
def test_factor_scores(method: str, key: str) -> None:
    expected = matrix(case("efa-hs")["results"]["ml_varimax_scores_first10"][key])
    result = efa(complete("efa-hs"), 3, method="ml", rotation="varimax")
    assert np.allclose(result.factor_scores(method).head(10), expected, atol=5e-5)


def test_residuals_have_uniquenesses_on_the_diagonal() -> None:
    result = efa(complete("efa-hs"), 3)
    residuals = result.residuals().to_numpy()
    assert np.allclose(np.diag(residuals), result.uniqueness, atol=1e-10)
    off = residuals[~np.eye(9, dtype=bool)]
    assert close(np.sqrt(np.mean(off**2)), result.fit_measures()["rms"], 1e-10, 1e-12)


def test_minres_is_a_minimum() -> None:
    R = complete("efa-bfi").corr().to_numpy()
    best = extract(R, 5, "minres")
    off = ~np.eye(25, dtype=bool)

    def misfit(uniqueness: np.ndarray[Any, Any]) -> float:
        values, vectors = np.linalg.eigh(R - np.diag(uniqueness))
        loadings = vectors[:, -5:] * np.sqrt(values[-5:])
        return float(np.sum((R - loadings @ loadings.T)[off] ** 2))

    rng = np.random.default_rng(1)
    around = [best.uniqueness + 0.01 * rng.normal(size=25) for _ in range(20)]
    assert misfit(best.uniqueness) < min(map(misfit, around))


@pytest.mark.parametrize(
    ("code", "columns", "n_factors", "options"),
    [
        ("S001", NINE[:2], 1, {}),
        ("S015", NINE, 9, {}),
        ("S015", NINE, 0, {}),
        ("S002", [*NINE, "school"], 2, {}),
        ("O001", NINE, 3, {"method": "uls"}),
        ("O001", NINE, 3, {"rotation": "oblimax"}),
        ("O001", NINE, 3, {"correlation": "kendall"}),
        ("O001", NINE, 3, {"missing": "fiml"}),
    ],
)
def test_refusals(code: str, columns: list[str], n_factors: int, options: dict[str, str]) -> None:
    with pytest.raises(SurveykitError) as caught:
        efa(dataset("hs1939")[columns], n_factors, **options)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_notes_say_what_is_wrong_with_a_solution() -> None:
    nine = dataset("hs1939")[NINE]
    saturated = efa(nine[NINE[:6]], 3)
    assert "S026" in [one.code for one in saturated.notes]
    assert saturated.fit_measures()["dof"] == 0
    assert saturated.fit_measures()[["pvalue", "rmsea", "bic", "crms"]].isna().all()
    assert "S019" in [one.code for one in efa(nine[NINE[:5]], 3).notes]
    copied = nine.assign(x10=nine["x1"])
    assert "S023" in [one.code for one in efa(copied, 3).notes]
    with pytest.raises(SurveykitError, match="S022"):
        efa(copied, 3, method="ml")
    with pytest.raises(SurveykitError, match="S022"):
        efa(copied, 3).factor_scores()


def test_a_rotation_that_never_settles_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveykit.estimation.factor_rotation.GRADIENT_STEPS", 2)
    result = efa(complete("efa-hs"), 3)
    assert not result.converged
    assert [one.code for one in result.notes] == ["S021"]


def test_pairwise_counts_enter_the_fit() -> None:
    items = dataset("bfi")[BIG_FIVE[:10]]
    result = efa(items, 2, missing="pairwise")
    assert result.n == 2800
    assert [one.code for one in result.notes] == ["S010"]


def test_polychoric_correlations_are_at_hand() -> None:
    items = dataset("datcat")[[f"u{number}" for number in range(1, 9)]]
    result = efa(items, 2, correlation="polychoric")
    expected = matrix(case("rel-ordinal")["results"]["polychoric"])
    assert np.allclose(result.correlations, expected, atol=1e-6)


def test_a_summary_prints() -> None:
    text = efa(complete("efa-hs"), 3).summary()
    assert "RMSEA" in text
    assert "Factor correlations" in text
    assert set(efa(complete("efa-hs"), 3).to_dict()) >= {"loadings", "phi", "fit_measures"}
