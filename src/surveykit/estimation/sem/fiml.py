"""Full information maximum likelihood: the likelihood of incomplete rows as a group's discrepancy.

F = (-2 log L of the model + 2 log L of the unrestricted moments) / N, so that N F is chi-square.
Value and slopes come from the same sums over patterns as the unrestricted moments do
(`incomplete_normal`), the Hessian from the information about the moments they give.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.incomplete_normal import accumulate, expected_information, observed_information
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.gathers import Model, add_curvature, bordered, gradient, slopes_of_mean
from surveykit.estimation.sem.jacobian import moment_jacobian
from surveykit.estimation.sem.mean_gathers import add_mean_curvature
from surveykit.estimation.sem.model_lanes import GroupModel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Point(NamedTuple):
    """What was computed for the value and the gradient at some x, kept for the Hessian.

    `sums` (batch,) holds an `Accumulated` for each member, None where Sigma is not positive
    definite; `q_flat` is G'QG, `slopes` and `pull` are d and G't, see `gathers`.
    """

    value: FloatArray
    gradient: FloatArray
    model: Model
    sums: NDArray[Any]
    q_flat: FloatArray
    slopes: FloatArray
    pull: FloatArray


@dataclass(frozen=True)
class FimlGroup:
    """One group of incomplete rows; `samples` holds one a member of the batch."""

    group: GroupModel
    samples: tuple[IncompleteMoments, ...]

    @property
    def parameter(self) -> IntArray:
        return self.group.plan.parameter

    def take(self, members: IntArray) -> FimlGroup:
        """The same for some members of the batch."""
        return FimlGroup(self.group, tuple(self.samples[member] for member in members))

    @cached_property
    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Unrestricted moments in lanes, for those of fixed x."""
        cov = np.stack([sample.cov for sample in self.samples], axis=-1)
        return cov, np.stack([sample.mean for sample in self.samples], axis=-1)

    def point(self, x: FloatArray) -> Point:
        """Value (batch,) and gradient (q, batch) for the group's own parameters, x (n_free, batch)."""
        model, plan = self.group.evaluate(x, *self.moments), self.group.plan
        assert model.mu is not None
        batch = len(self.samples)
        sums = np.empty(batch, dtype=object)
        value, kernel, pull = (
            np.full(batch, np.inf),
            np.zeros((plan.p, plan.p, batch)),
            np.zeros_like(model.mu),
        )
        for at, sample in enumerate(self.samples):
            found = accumulate(sample.patterns, model.mu[:, at], model.sigma[:, :, at])
            sums[at] = found
            if found is not None:
                value[at] = found.value - sample.offset
                kernel[:, :, at], pull[:, at] = found.kernel, found.pull
        q_flat = bordered(plan, kernel, model.columns)
        pull = np.concatenate([pull, np.einsum("pkb,pb->kb", model.columns, pull)])
        d = slopes_of_mean(plan, model)
        slope = gradient(plan, q_flat) - 2 * d * pull.take(plan.u, axis=0)
        return Point(value, slope, model, sums, q_flat, d, pull)

    def hessian(self, point: Point, observed: bool = True) -> FloatArray:
        """Second derivatives (q, q, batch); the expected ones if values are missing at random completely."""
        q, batch = self.group.plan.q, len(point.sums)
        total = self.curvature(point) if observed else np.zeros((q, q, batch))
        information = observed_information if observed else expected_information
        for at, sums in enumerate(point.sums):
            if sums is not None:
                delta = moment_jacobian(self.group.plan, _one(point.model, at))[:, :, 0]
                total[:, :, at] += 2 * delta.T @ (information(sums) @ delta)
        return total

    def expected_diagonal(self, point: Point) -> FloatArray:
        """Expected second derivatives along each parameter (q, batch)."""
        return np.asarray(np.einsum("aab->ab", self.hessian(point, observed=False)))

    def curvature(self, point: Point) -> FloatArray:
        """The part of the Hessian that the second derivatives of the moments make (q, q, batch)."""
        plan, model = self.group.plan, point.model
        value = np.zeros((len(plan.pairs[0]), len(point.sums)))
        add_curvature(plan, value, point.q_flat, model)
        add_mean_curvature(self.group.mean_plan, value, model, point.slopes, point.pull)
        return value.take(plan.square, axis=0)


def _one(model: Model, at: int) -> Model:
    """One member of a batch, as a batch of one."""
    return Model(*(None if part is None else part[..., at : at + 1] for part in model))  # type: ignore[arg-type]
