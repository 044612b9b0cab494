"""Information and influences of weighted least squares with ordered variables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.sem.inference import ResidualForm
from surveykit.estimation.sem.influence import by_cluster
from surveykit.estimation.sem.ordinal_least_squares import OrdinalGroup, OrdinalPoint

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class OrdinalInfluence:
    """Influences on the statistics with V = L L': Gamma = Z'Z / n (see `influence.MomentInfluence`).

    `half` is Z L (rows, s), `projected` Z V Delta (rows, q), `gram` half half' or, where there are
    more rows than statistics, half' half. Rows are cases or clusters.
    """

    half: FloatArray
    projected: FloatArray
    n: int
    gram: Callable[[], FloatArray]

    def trace(self) -> float:
        return float(np.einsum("ns,ns->", self.half, self.half)) / self.n

    @cached_property
    def meat(self) -> FloatArray:
        return np.asarray(self.projected.T @ self.projected / self.n)

    def second_order(self) -> tuple[float, FloatArray]:
        gram = self.gram()
        if len(self.half) < self.half.shape[1]:
            middle = self.projected.T @ gram @ self.projected
        else:
            left = self.half.T @ self.projected
            middle = left.T @ left
        return float(np.einsum("ij,ij->", gram, gram)) / self.n**2, np.asarray(middle) / self.n**2


@dataclass(frozen=True)
class OrdinalInference:
    """One group at x (n_free,), see `inference.GroupInference`. `discrepancy` is a batch of one."""

    sample: OrdinalMoments
    discrepancy: OrdinalGroup
    x: FloatArray

    @property
    def parameter(self) -> IntArray:
        return self.discrepancy.parameter

    @property
    def n(self) -> int:
        return self.sample.n

    @property
    def n_statistics(self) -> int:
        return len(self.sample.statistics)

    @cached_property
    def point(self) -> OrdinalPoint:
        return self.discrepancy.point(self.x[:, None])

    @cached_property
    def information(self) -> FloatArray:
        """Delta' W Delta."""
        return self.discrepancy.information(self.point.implied)[..., 0]

    def expected(self, structured: bool) -> FloatArray:
        return self.information

    def observed_h1(self, structured: bool) -> FloatArray:
        return self.information

    def hessian(self) -> FloatArray:
        if self.discrepancy.model.exact:
            return 0.5 * self.discrepancy.hessian(self.point)[..., 0]
        return self._numerical_hessian()

    def _numerical_hessian(self) -> FloatArray:
        """Central differences of the gradient."""
        found = []
        for parameter in self.parameter:
            step = 1e-5 * max(1.0, abs(self.x[parameter]))
            shifted = np.repeat(self.x[:, None], 2, axis=1)
            shifted[parameter] += (step, -step)
            pair = [self.discrepancy.point(shifted[:, [at]]).gradient[:, 0] for at in (0, 1)]
            found.append((pair[0] - pair[1]) / (4 * step))
        hessian = np.array(found)
        return np.asarray(0.5 * (hessian + hessian.T))

    def scores(self, structured: bool) -> FloatArray:
        raise SurveykitError("M040", estimator=self.discrepancy.name, option="information=first.order")

    def h1_trace(self) -> float:
        raise SurveykitError("M040", estimator=self.discrepancy.name, option="test=yuan.bentler")

    def influence(self, kind: str, normal: bool = False) -> OrdinalInfluence:
        if normal:
            raise SurveykitError("M040", estimator=self.discrepancy.name, option="se=robust.sem.nt")
        return self._influence

    def _shared(self, what: str, compute: Callable[[], FloatArray]) -> FloatArray:
        """What depends on the data and the weights only, kept with the data: the baseline needs it too."""
        group = self.discrepancy
        key = (f"{what}, {group.name}", len(group.kept))
        memory = self.sample.products
        if key not in memory:
            memory[key] = compute()
        return memory[key]

    @cached_property
    def root(self) -> FloatArray:
        """L of V = L L': (s,) where V is diagonal, else (s, s)."""
        weight = self.discrepancy.weight[..., 0]
        return np.asarray(np.sqrt(weight) if self.discrepancy.diagonal else np.linalg.cholesky(weight))

    @property
    def rows(self) -> FloatArray:
        """Influences of cases, or of clusters, on the statistics: Gamma = rows' rows / n."""
        return by_cluster(columns(self.sample.influence, self.discrepancy.kept), self.sample.cluster)

    def _half(self) -> FloatArray:
        return np.asarray(self.rows * self.root if self.root.ndim == 1 else self.rows @ self.root)

    @cached_property
    def _influence(self) -> OrdinalInfluence:
        group, implied = self.discrepancy, self.point.implied
        half = self._shared("half", self._half)

        def gram() -> FloatArray:
            wide = len(half) < half.shape[1]
            return self._shared("gram", lambda: half @ half.T if wide else half.T @ half)

        if not group.diagonal:
            return OrdinalInfluence(half, half @ (self.root.T @ self.delta()), self.n, gram)
        other = half @ (self.root[:, None] * implied.jacobian[..., 0])
        level = group.model.free_level
        own = half[:, level] * (self.root[level] * group.threshold_slope(implied)[:, 0])
        return OrdinalInfluence(half, np.hstack([other, own]), self.n, gram)

    def residual_statistic(self, kind: str) -> ResidualForm:
        if kind.startswith("nt"):
            option = f"test=browne.residual.{kind}"
            raise SurveykitError("M040", estimator=self.discrepancy.name, option=option)
        residual, delta = self.residual(), self.delta()
        pulled = delta.T @ self.sample.weight("WLS")
        value = float(residual @ self.sample.weight("WLS") @ residual)
        return ResidualForm(value, pulled @ residual, pulled @ delta)

    def residual(self) -> FloatArray:
        return np.asarray(self.discrepancy.statistics - self.point.implied.statistics)[:, 0]

    def delta(self) -> FloatArray:
        return self.discrepancy.full_jacobian(self.point.implied)[..., 0]


def columns(rows: FloatArray, kept: IntArray) -> FloatArray:
    """Some columns; a view where they stand side by side."""
    if len(kept) and kept[-1] - kept[0] == len(kept) - 1:
        return rows[:, kept[0] : kept[-1] + 1]
    return rows[:, kept]
