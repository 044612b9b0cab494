"""How a model is to be estimated, and lavaan's defaults for each estimator, in one table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple


class Defaults(NamedTuple):
    """What an estimator's name stands for."""

    discrepancy: str
    se: str
    test: str
    information: str
    observed_information: str = "hessian"
    h1_information: str = "structured"


ESTIMATORS: dict[str, Defaults] = {
    "ML": Defaults("ML", "standard", "standard", "expected"),
    "MLF": Defaults("ML", "standard", "standard", "first.order"),
    "MLM": Defaults("ML", "robust.sem", "satorra.bentler", "expected", "h1"),
    "MLMV": Defaults("ML", "robust.sem", "scaled.shifted", "expected", "h1"),
    "MLMVS": Defaults("ML", "robust.sem", "mean.var.adjusted", "expected", "h1"),
    "MLR": Defaults("ML", "robust.huber.white", "yuan.bentler.mplus", "observed"),
    "GLS": Defaults("GLS", "standard", "standard", "expected"),
    "WLS": Defaults("WLS", "standard", "standard", "expected", "hessian", "unstructured"),
    "ULS": Defaults("ULS", "robust.sem.nt", "browne.residual.nt", "expected", "hessian", "unstructured"),
    "ULSM": Defaults("ULS", "robust.sem", "satorra.bentler", "expected", "h1", "unstructured"),
    "ULSMV": Defaults("ULS", "robust.sem", "scaled.shifted", "expected", "h1", "unstructured"),
    "ULSMVS": Defaults("ULS", "robust.sem", "mean.var.adjusted", "expected", "h1", "unstructured"),
    "DWLS": Defaults("DWLS", "robust.sem.nt", "browne.residual.nt", "expected", "hessian", "unstructured"),
    "WLSM": Defaults("DWLS", "robust.sem", "satorra.bentler", "expected", "h1", "unstructured"),
    "WLSMV": Defaults("DWLS", "robust.sem", "scaled.shifted", "expected", "h1", "unstructured"),
    "WLSMVS": Defaults("DWLS", "robust.sem", "mean.var.adjusted", "expected", "h1", "unstructured"),
}

STANDARD_ERRORS = (
    "default", "none", "standard", "robust", "robust.sem", "robust.sem.nt", "robust.huber.white",
    "robust.cluster", "robust.cluster.sem", "two.stage", "robust.two.stage", "bootstrap",
)  # fmt: skip
TESTS = (
    "none", "standard", "satorra.bentler", "yuan.bentler", "yuan.bentler.mplus", "mean.var.adjusted",
    "scaled.shifted", "browne.residual.nt", "browne.residual.nt.model", "browne.residual.adf",
    "browne.residual.adf.model", "bollen.stine",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Everything resolved: no "default" is left.

    Attributes
    ----------
    estimator : the name given, "MLR"; `discrepancy` the function that is minimised,
        one of "ML" "GLS" "ULS" "WLS" "DWLS"
    se, test, information, ... : lavaan's words. `test` always begins with "standard" (or is ("none",));
        `information` and the like hold two entries: for the standard errors, for the test.
    missing : "listwise" "ml" "pairwise" "two.stage" "robust.two.stage"
    rescale : True where a covariance matrix with divisor N - 1 is multiplied by (N - 1)/N
    """

    estimator: str = "ML"
    discrepancy: str = "ML"
    se: str = "standard"
    test: tuple[str, ...] = ("standard",)
    information: tuple[str, str] = ("expected", "expected")
    observed_information: tuple[str, str] = ("hessian", "hessian")
    h1_information: tuple[str, str] = ("structured", "structured")
    likelihood: str = "normal"
    missing: str = "listwise"
    meanstructure: bool = False
    categorical: bool = False
    clustered: bool = False
    parameterization: str = "delta"
    rescale: bool = True

    @property
    def n_minus_one(self) -> bool:
        """Whether chi-square is (N - 1) F instead of N F."""
        return self.discrepancy != "ML" or self.likelihood == "wishart"

    def replace(self, **changes: object) -> Settings:
        return replace(self, **changes)  # type: ignore[arg-type]
