"""Exploratory factor analysis: extraction, rotation, order of the factors, and scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from surveykit.estimation import factor_rotation as rotations
from surveykit.estimation.factor_extraction import (
    PRINCIPAL_AXIS_STEPS,
    Extraction,
    extract,
    positive_sums,
)
from surveykit.estimation.item_moments import FloatArray

ROTATIONS = {
    "none": rotations.unrotated,
    "varimax": rotations.varimax,
    "promax": rotations.promax,
    "oblimin": rotations.oblimin,
    "quartimin": rotations.oblimin,
    "geomin": rotations.geomin,
}
OBLIQUE = ("promax", "oblimin", "quartimin", "geomin")


class FactorSolution(NamedTuple):
    """A rotated solution, factors ordered by the variance they explain, each reflected to a positive sum."""

    loadings: FloatArray  # (p, m) pattern
    phi: FloatArray  # (m, m)
    rotation: FloatArray  # (m, m): loadings = unrotated @ rotation
    extraction: Extraction
    rotation_converged: bool

    @property
    def structure(self) -> FloatArray:
        """Correlations of items with factors, (p, m)."""
        return self.loadings @ self.phi

    @property
    def model(self) -> FloatArray:
        """Reproduced correlations, communalities on the diagonal, (p, p)."""
        unrotated = self.extraction.loadings
        return unrotated @ unrotated.T


def factor_solution(
    R: FloatArray, m: int, method: str, rotation: str, axis_steps: int = PRINCIPAL_AXIS_STEPS
) -> FactorSolution:
    """Extract and rotate m factors of a correlation matrix."""
    extraction = extract(R, m, method, axis_steps)
    # psych shields the rotation from exact zeros in the same way.
    unrotated = np.where(extraction.loadings == 0, 1e-15, extraction.loadings)
    turned = (ROTATIONS[rotation] if m > 1 else rotations.unrotated)(unrotated)
    signs = np.where(turned.loadings.sum(axis=0) < 0, -1.0, 1.0)
    loadings = positive_sums(turned.loadings)
    phi = turned.phi * np.outer(signs, signs)
    order = np.argsort(-explained(loadings, phi), kind="stable")
    return FactorSolution(
        loadings[:, order],
        phi[np.ix_(order, order)],
        (turned.matrix * signs)[:, order],
        extraction,
        turned.converged,
    )


def explained(loadings: FloatArray, phi: FloatArray) -> FloatArray:
    """Variance each factor explains, diag(Phi L'L)."""
    return np.asarray(np.einsum("ij,ji->i", phi, loadings.T @ loadings))


def complexity(loadings: FloatArray) -> FloatArray:
    """Hofmann's index: 1 for an item that loads on one factor, m for one that loads on all alike."""
    squares = loadings**2
    return np.asarray(squares.sum(axis=1) ** 2 / np.sum(squares**2, axis=1))


def score_weights(R: FloatArray, loadings: FloatArray, phi: FloatArray, method: str) -> FloatArray:
    """Weights (p, m) for standardized items: "regression", "bartlett" or "tenberge" scores."""
    if method == "regression":
        return np.asarray(np.linalg.solve(R, loadings @ phi))
    if method == "bartlett":
        uniqueness = 1 - np.einsum("ij,jk,ik->i", loadings, phi, loadings)
        weighted = loadings / uniqueness[:, None]
        return np.asarray(weighted @ np.linalg.inv(loadings.T @ weighted))
    root_phi = _power(phi, 0.5)
    inverse_root = _power(R, -0.5)
    L = loadings @ root_phi
    C = inverse_root @ L @ _power(L.T @ np.linalg.solve(R, L), -0.5)
    return np.asarray(inverse_root @ C @ root_phi)


def _power(matrix: FloatArray, exponent: float) -> FloatArray:
    """A power of a symmetric positive definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, np.finfo(float).eps) ** exponent) @ vectors.T)


def principal_components(R: FloatArray, m: int) -> FloatArray:
    """Loadings (p, m) of the m largest principal components, each reflected to a positive sum."""
    values, vectors = np.linalg.eigh(R)
    return positive_sums((vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1][:, :m])
