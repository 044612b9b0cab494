"""Robust errors and tests by their definitions: p* x p* matrices and casewise likelihoods, written out."""

from collections.abc import Callable

import numpy as np
import pytest
from engine_fits import Ready, ready, solution

from reference_data import fit_record
from surveykit.estimation.moments import moments_of_cases, vech
from surveykit.estimation.sem.engine import Solution, fit
from surveykit.estimation.sem.information import Fitted
from surveykit.estimation.sem.settings import resolve

MODELS = [("sem-poldem", "sem-mean"), ("growth-demo", "linear"), ("cfa-hs-marker", "cfa")]


def with_estimator(case_id: str, name: str, estimator: str, **options: object) -> Solution:
    inputs = ready(fit_record(case_id, name))
    return fit(inputs.table, inputs.moments, resolve(estimator, **options))  # type: ignore[arg-type]


def differences(
    function: Callable[[np.ndarray], np.ndarray], x: np.ndarray, step: float = 1e-5
) -> np.ndarray:
    """Derivatives of a vector (rows) by x (columns)."""
    shifts = step * np.eye(len(x))
    return np.array([(function(x + s) - function(x - s)) / (2 * step) for s in shifts]).T


def statistics(fit: Solution, x: np.ndarray) -> np.ndarray:
    """Implied means (if modelled) and covariances."""
    implied = fit.representation.implied(x)
    covariances = vech(implied.sigma[0])
    return covariances if implied.mu is None else np.concatenate([implied.mu[0], covariances])


def duplication(p: int) -> np.ndarray:
    """vec(M) = D vech(M)."""
    columns = []
    for j in range(p):
        for i in range(j, p):
            unit = np.zeros((p, p))
            unit[i, j] = unit[j, i] = 1
            columns.append(unit.ravel())
    found = np.array(columns).T
    order = [vech(column.reshape(p, p)).argmax() for column in found.T]
    return found[:, np.argsort(order)]


def weight(cov: np.ndarray, means: bool) -> np.ndarray:
    """Expected information of the saturated model at a covariance matrix."""
    d, inverse = duplication(len(cov)), np.linalg.inv(cov)
    block = 0.5 * d.T @ np.kron(inverse, inverse) @ d
    if not means:
        return block
    zero = np.zeros((len(cov), len(block)))
    return np.block([[inverse, zero], [zero.T, block]])


def gamma(cases: np.ndarray, means: bool) -> np.ndarray:
    """Asymptotic covariance matrix of the sample moments, distribution-free."""
    centred = cases - cases.mean(axis=0)
    z = np.array([vech(np.outer(row, row)) for row in centred])
    z -= z.mean(axis=0)
    z = np.concatenate([centred, z], axis=1) if means else z
    return z.T @ z / len(z)


def pieces(one: Solution, h1: str = "structured") -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Delta, V at the implied or the sample's moments, Gamma, n."""
    sample = one.moments[0]
    assert sample.data is not None
    means = one.representation.meanstructure
    delta = differences(lambda x: statistics(one, x), one.x)
    cov = one.implied[0].sigma[0] if h1 == "structured" else sample.cov
    return delta, weight(cov, means), gamma(sample.cases, means), sample.n


@pytest.mark.parametrize("h1", ["structured", "unstructured"])
@pytest.mark.parametrize(("case_id", "name"), MODELS)
def test_satorra_and_bentler_s_errors_and_tests(case_id: str, name: str, h1: str) -> None:
    options = {"h1_information": h1}
    one = with_estimator(case_id, name, "MLM", **options)
    delta, v, g, n = pieces(one, h1)
    bread = np.linalg.inv(delta.T @ v @ delta)
    u = v - v @ delta @ bread @ delta.T @ v
    first, second = np.trace(u @ g), np.trace(u @ g @ u @ g)
    scaled = one.tests[-1]
    assert scaled.scaling_factor == pytest.approx(first / scaled.df, rel=1e-6)
    adjusted = with_estimator(case_id, name, "MLMVS", **options).tests[-1]
    assert adjusted.df == pytest.approx(first**2 / second, rel=1e-6)
    shifted = with_estimator(case_id, name, "MLMV", **options).tests[-1]
    df = scaled.df
    assert shifted.scaling_factor == pytest.approx(np.sqrt(second / df), rel=1e-6)
    assert shifted.shift_parameter == pytest.approx(df - np.sqrt(df / second) * first, rel=1e-5, abs=1e-6)
    vcov = bread @ delta.T @ v @ g @ v @ delta @ bread / n
    np.testing.assert_allclose(one.vcov, vcov, rtol=1e-5, atol=1e-7 * np.diag(vcov).max())


def loglikelihoods(cases: np.ndarray, mean: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """Of each case, without the constant."""
    centred = cases - mean
    distance = np.einsum("ni,ij,nj->n", centred, np.linalg.inv(cov), centred)
    return -0.5 * (np.linalg.slogdet(cov)[1] + distance)


def casewise(one: Solution, x: np.ndarray) -> np.ndarray:
    sample, implied = one.moments[0], one.representation.implied(x)
    mean = sample.mean if implied.mu is None else implied.mu[0]
    return loglikelihoods(sample.cases, mean, implied.sigma[0])


@pytest.mark.parametrize(("case_id", "name"), MODELS)
def test_huber_and_white_s_errors_and_yuan_and_bentler_s_test(case_id: str, name: str) -> None:
    one = with_estimator(case_id, name, "MLR")
    sample = one.moments[0]
    n, p = sample.n, len(sample.names)
    means = one.representation.meanstructure
    scores = differences(lambda x: casewise(one, x), one.x)
    hessian = differences(
        lambda x: differences(lambda inner: casewise(one, inner).sum()[None], x, 1e-4)[0], one.x, 1e-4
    )
    bread, meat = np.linalg.inv(-hessian / n), scores.T @ scores / n
    vcov = bread @ meat @ bread / n
    np.testing.assert_allclose(one.vcov, vcov, rtol=2e-3, atol=1e-4 * np.diag(vcov).max())
    # The saturated model: derivatives by means and covariances at the sample's own.
    saturated_scores = differences(
        lambda s: loglikelihoods(sample.cases, s[:p], unvech(s[p:], p)),
        np.concatenate([sample.mean, vech(sample.cov)]),
    )
    if not means:
        saturated_scores = saturated_scores[:, p:]
    h1 = np.trace(np.linalg.inv(weight(sample.cov, means)) @ saturated_scores.T @ saturated_scores / n)
    h0 = np.trace(bread @ meat)
    assert one.tests[-1].scaling_factor == pytest.approx((h1 - h0) / one.df, rel=1e-3)
    assert one.tests[-1].scaling_factor_h0 == pytest.approx(h0 / len(one.x), rel=1e-3)


def unvech(values: np.ndarray, p: int) -> np.ndarray:
    order = np.zeros((p, p))
    order[np.tril_indices(p)] = np.arange(1, p * (p + 1) // 2 + 1)
    place = vech(order).astype(int) - 1  # vech may go by rows or by columns
    matrix = np.zeros(p * (p + 1) // 2)
    matrix[place] = values
    found = np.zeros((p, p))
    found[np.tril_indices(p)] = matrix
    return np.asarray(found + np.tril(found, -1).T)


@pytest.mark.parametrize(("case_id", "name"), [*MODELS, ("mg-hs-ml", "scalar")])
def test_scores_add_up_to_nothing_in_the_free_directions(case_id: str, name: str) -> None:
    one = solution(case_id, name)
    fitted = one.fitted
    assert fitted is not None
    total = np.zeros(len(one.x))
    for group in fitted.groups:
        np.add.at(total, group.parameter, group.scores(True).sum(axis=0))
    free = fitted.free_directions.T @ total
    size = np.sqrt(np.diag(fitted.score_products(True)).max()) * one.ntotal
    assert np.abs(free).max() < 1e-7 * size


def mixed(first: Fitted, name: str) -> np.ndarray:
    kind, observed, h1 = name.split()
    return first.information(kind, observed, h1)


@pytest.mark.parametrize(("case_id", "name"), MODELS)
def test_informations_by_definition(case_id: str, name: str) -> None:
    one = solution(case_id, name)
    fitted, sample = one.fitted, one.moments[0]
    assert fitted is not None
    means = one.representation.meanstructure
    delta = differences(lambda x: statistics(one, x), one.x)
    for h1, cov in (("structured", one.implied[0].sigma[0]), ("unstructured", sample.cov)):
        wanted = delta.T @ weight(cov, means) @ delta
        found = mixed(fitted, f"expected hessian {h1}")
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8 * np.diag(wanted).max())
    scores = differences(lambda x: casewise(one, x), one.x)
    wanted = scores.T @ scores / sample.n
    found = mixed(fitted, "first.order hessian structured")
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7 * np.diag(wanted).max())


def test_browne_s_tests_are_residuals_in_the_metric_of_their_own_covariance() -> None:
    case_id, name = "cfa-hs-marker", "cfa"
    kinds = ("browne.residual.nt", "browne.residual.nt.model", "browne.residual.adf")
    one = with_estimator(case_id, name, "ML", test=kinds)
    delta, _, g, n = pieces(one)
    residual = vech(one.moments[0].cov) - statistics(one, one.x)
    inverses = {
        kinds[0]: weight(one.moments[0].cov, False),
        kinds[1]: weight(one.implied[0].sigma[0], False),
        kinds[2]: np.linalg.inv(g),
    }
    for test in one.tests[1:]:
        v = inverses[test.test]
        inner = delta.T @ v
        left = residual @ v @ residual
        wanted = n * (left - inner @ residual @ np.linalg.solve(inner @ delta, inner @ residual))
        assert test.stat == pytest.approx(wanted, rel=1e-6)


def test_normal_data_need_no_correction() -> None:
    """With very many normal cases all scaling factors go to 1 and sandwiches to the inverse information."""
    one = solution("cfa-hs-marker", "cfa")
    inputs = ready(fit_record("cfa-hs-marker", "cfa"))
    rng = np.random.default_rng(8)
    root = np.linalg.cholesky(one.implied[0].sigma[0])
    cases = rng.standard_normal((60_000, len(root))) @ root.T
    moments = (moments_of_cases(cases, inputs.moments[0].names),)
    plain, robust = (fit(*Ready(inputs.table, moments, resolve(estimator))) for estimator in ("ML", "MLR"))
    assert robust.tests[-1].scaling_factor == pytest.approx(1.0, abs=0.02)
    np.testing.assert_allclose(robust.standard_errors, plain.standard_errors, rtol=0.02)
