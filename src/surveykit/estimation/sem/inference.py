"""What standard errors and tests need to know about each group at the estimates."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.influence import MomentInfluence
from surveykit.estimation.sem.problem import GroupPoint

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class ResidualForm(NamedTuple):
    """r' W r, Delta' W r (q,) and Delta' W Delta (q, q), with W the inverse of some Gamma."""

    value: float
    pull: FloatArray
    information: FloatArray


class GroupInference(Protocol):
    """One group at the estimates; q parameters of its own, s sample statistics, n cases.

    All information matrices are those of one observation. `structured` evaluates weights at the
    implied moments, otherwise at the sample's.
    """

    @property
    def parameter(self) -> IntArray:
        """Index into x of the q parameters."""
        ...

    @property
    def x(self) -> FloatArray:
        """All parameters (n_free,)."""
        ...

    @property
    def n(self) -> int: ...

    @property
    def point(self) -> GroupPoint:
        """The group's discrepancy at the estimates, a batch of one."""
        ...

    @property
    def n_statistics(self) -> int:
        """Sample statistics that the model explains (those of fixed x left out)."""
        ...

    def expected(self, structured: bool) -> FloatArray:
        """Delta' V Delta (q, q), V the expected information of the saturated model or the weight matrix."""
        ...

    def observed_h1(self, structured: bool) -> FloatArray:
        """Delta' V Delta (q, q), V the observed information of the saturated model."""
        ...

    def hessian(self) -> FloatArray:
        """Half the second derivatives of the group's discrepancy (q, q)."""
        ...

    def scores(self, structured: bool) -> FloatArray:
        """Casewise first derivatives of the log-likelihood (n, q)."""
        ...

    def h1_trace(self) -> float:
        """tr(B1 A1^-1) of the saturated model at the sample moments (Yuan & Bentler)."""
        ...

    def influence(self, kind: str, normal: bool = False) -> MomentInfluence:
        """What robust corrections need.

        `kind` says which V: "structured" or "unstructured" (the expected information of the saturated
        model, or the weight matrix) or "observed" (its observed information). `normal` takes Gamma as
        it is under normality instead of from the cases.
        """
        ...

    def residual_statistic(self, kind: str) -> ResidualForm:
        """For Browne's residual tests: `kind` "nt" "nt.model" "adf" "adf.model"."""
        ...

    def residual(self) -> FloatArray:
        """Sample minus implied statistics (s,), in lavaan's order."""
        ...

    def delta(self) -> FloatArray:
        """Derivatives of the implied statistics (s, q), in lavaan's order."""
        ...
