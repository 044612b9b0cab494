"""How a model is to be estimated, and lavaan's defaults for each estimator, in one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from surveykit.errors import SurveykitError
from surveykit.options import check_choice


class Estimator(NamedTuple):
    """What an estimator's name stands for: what is minimised, standard errors, test."""

    discrepancy: str
    se: str
    test: str
    ordered_se: str = ""
    ordered_test: str = ""


ESTIMATORS: dict[str, Estimator] = {
    "ML": Estimator("ML", "standard", "standard"),
    "MLF": Estimator("ML", "standard", "standard"),
    "MLM": Estimator("ML", "robust.sem", "satorra.bentler"),
    "MLMV": Estimator("ML", "robust.sem", "scaled.shifted"),
    "MLMVS": Estimator("ML", "robust.sem", "mean.var.adjusted"),
    "MLR": Estimator("ML", "robust.huber.white", "yuan.bentler.mplus"),
    "GLS": Estimator("GLS", "standard", "standard"),
    "WLS": Estimator("WLS", "standard", "standard"),
    "ULS": Estimator("ULS", "robust.sem.nt", "browne.residual.nt", "robust.sem", "standard"),
    "ULSM": Estimator("ULS", "robust.sem", "satorra.bentler"),
    "ULSMV": Estimator("ULS", "robust.sem", "scaled.shifted"),
    "ULSMVS": Estimator("ULS", "robust.sem", "mean.var.adjusted"),
    "DWLS": Estimator("DWLS", "robust.sem.nt", "browne.residual.nt", "robust.sem", "standard"),
    "WLSM": Estimator("DWLS", "robust.sem", "satorra.bentler"),
    "WLSMV": Estimator("DWLS", "robust.sem", "scaled.shifted"),
    "WLSMVS": Estimator("DWLS", "robust.sem", "mean.var.adjusted"),
}
# Words of lavaan for the same test.
SYNONYMS = {
    "chisq": "standard", "chi-square": "standard",
    "satorra": "satorra.bentler", "sb": "satorra.bentler", "satorra-bentler": "satorra.bentler",
    "mean.adjusted": "satorra.bentler",
    "yuan": "yuan.bentler", "yb": "yuan.bentler", "yuan-bentler": "yuan.bentler",
    "yuan-bentler.mplus": "yuan.bentler.mplus", "yuan-bentler-mplus": "yuan.bentler.mplus",
    "mean-var-adjusted": "mean.var.adjusted", "mv": "mean.var.adjusted",
    "satterthwaite": "mean.var.adjusted", "mv.adjusted": "mean.var.adjusted",
    "scaled-shifted": "scaled.shifted", "scale.shift": "scaled.shifted",
    "bootstrap": "bollen.stine", "boot": "bollen.stine", "bollen-stine": "bollen.stine",
    "browne": "browne.residual.adf", "browne.residual": "browne.residual.adf",
    "rls": "browne.residual.nt.model",
}  # fmt: skip
SCALED = (
    "satorra.bentler", "yuan.bentler", "yuan.bentler.mplus", "mean.var.adjusted", "scaled.shifted",
)  # fmt: skip
RESIDUAL = (
    "browne.residual.adf", "browne.residual.adf.model", "browne.residual.nt", "browne.residual.nt.model",
)  # fmt: skip
# Tests that know no incomplete rows.
NEED_COMPLETE = ("satorra.bentler", "mean.var.adjusted", "scaled.shifted", *RESIDUAL[:3])
TESTS = ("default", "none", "standard", *SCALED, *RESIDUAL, "bollen.stine")
LIKELIHOOD_SE = ("robust.huber.white", "robust.cluster", "two.stage", "robust.two.stage")
STANDARD_ERRORS = (
    "default", "none", "standard", "first.order", "robust", "robust.sem", "robust.sem.nt",
    "robust.cluster.sem", "bootstrap", *LIKELIHOOD_SE,
)  # fmt: skip
INFORMATION = ("default", "expected", "observed", "first.order")
TWO_STAGES = ("two.stage", "robust.two.stage")
# Estimators of continuous data that go on from unrestricted moments of incomplete rows.
SECOND_STAGE = ("GLS", "ULS", "WLS")
MISSING = ("listwise", "pairwise", "ml", "ml.x", "two.stage", "robust.two.stage")
# lavaan's other words for the same.
SAME_MISSING = {
    "fiml": "ml", "direct": "ml", "fiml.x": "ml.x", "direct.x": "ml.x", "available.cases": "pairwise",
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Everything resolved: no "default" is left.

    Attributes
    ----------
    estimator : the name given, "MLR"; `discrepancy` the function that is minimised,
        one of "ML" "GLS" "ULS" "WLS" "DWLS"
    se, test, information, ... : lavaan's words. `test` begins with "standard" (or is ("none",));
        `information`, `observed_information` and `h1_information` hold two entries: for the
        standard errors, for the test.
    missing : "listwise" "ml" "pairwise" "two.stage" "robust.two.stage"
    gaps_in_x : True where rows that lack a fixed x stay ("ml.x")
    rescale : True where covariance matrices have the divisor N: a given one, with divisor N - 1, is
        multiplied by (N - 1)/N
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
    categorical: bool = False
    clustered: bool = False
    gaps_in_x: bool = False
    parameterization: str = "delta"
    rescale: bool = True

    @property
    def n_minus_one(self) -> bool:
        """Whether chi-square is (N - 1) F instead of N F."""
        return self.discrepancy != "ML" or self.likelihood == "wishart"

    @property
    def divide_by_n(self) -> bool:
        """Whether the covariance matrix of raw data has the divisor N: as a given one is rescaled."""
        return self.rescale


def resolve(
    estimator: str = "default",
    *,
    se: str = "default",
    test: str | Iterable[str] = "default",
    missing: str = "listwise",
    information: str | Iterable[str] = "default",
    observed_information: str | Iterable[str] = "default",
    h1_information: str | Iterable[str] = "default",
    likelihood: str = "default",
    sample_cov_rescale: bool | str = "default",
    parameterization: str = "delta",
    categorical: bool = False,
    clustered: bool = False,
) -> Settings:
    """lavaan's defaults for what was left open.

    Parameters
    ----------
    estimator : a key of `ESTIMATORS` (any case), or "default": ML, WLSMV where `categorical`
    test : one of lavaan's words or several
    information, observed_information, h1_information : one word, or two (standard errors, test)
    categorical : whether there are ordered variables
    clustered : whether there is a cluster variable

    Raises
    ------
    SurveykitError
        O001 a word that lavaan does not know; M040 a combination that does not exist.
    """
    name = ("WLSMV" if categorical else "ML") if estimator == "default" else estimator.upper()
    check_choice("estimator", name, ESTIMATORS)
    check_choice("se", se, STANDARD_ERRORS)
    missing = SAME_MISSING.get(missing, missing)
    check_choice("missing", missing, MISSING)
    gaps_in_x = missing == "ml.x"
    check_choice("likelihood", likelihood, ("default", "normal", "wishart"))
    if se == "first.order":  # the inverse of the outer product of the scores
        se, information = "standard", "first.order"
    asked = _words(test)
    for word in asked:
        check_choice("test", word, TESTS)
    chosen = ESTIMATORS[name]
    missing = _missing(name, missing)
    _refuse(name, chosen, se, asked, missing, categorical, clustered)
    if clustered:
        se, asked = _clustered(name, se, asked, categorical)
    se = _standard_errors(chosen, se, missing, categorical)
    tests = _tests(name, chosen, se, asked, missing, categorical)
    _refuse_incomplete(name, missing, se, tests, categorical)
    least_squares = chosen.discrepancy in ("ULS", "WLS", "DWLS")
    observed = _pair("observed_information", observed_information, ("default", "hessian", "h1"))
    if chosen.discrepancy != "ML" and "first.order" in _pair("information", information, INFORMATION):
        raise SurveykitError("M040", estimator=name, option="information='first.order'")
    h1 = _pair("h1_information", h1_information, ("default", "structured", "unstructured"))
    kinds = _information(chosen, name, se, missing, _pair("information", information, INFORMATION))
    _refuse_outer_product(name, kinds, se, tests)
    if missing in TWO_STAGES and chosen.discrepancy == "ML":
        observed, h1 = ("h1", "h1"), ("unstructured", "unstructured")
    return Settings(
        estimator=name,
        discrepancy=chosen.discrepancy,
        se=se,
        test=tests,
        information=kinds,
        observed_information=_observed(observed, tests),
        h1_information=("unstructured",) * 2 if least_squares else _default(h1, "structured"),
        likelihood="normal" if likelihood == "default" or chosen.discrepancy != "ML" else likelihood,
        missing=missing,
        categorical=categorical,
        clustered=clustered,
        gaps_in_x=gaps_in_x,
        parameterization=parameterization,
        rescale=_rescale(chosen, likelihood, sample_cov_rescale),
    )


def _words(given: str | Iterable[str]) -> tuple[str, ...]:
    words = (given,) if isinstance(given, str) else tuple(given)
    return tuple(SYNONYMS.get(word.lower(), word.lower()) for word in words)


def _pair(option: str, given: str | Iterable[str], allowed: tuple[str, ...]) -> tuple[str, str]:
    words = (given,) if isinstance(given, str) else tuple(given)
    for word in words:
        check_choice(option, word, allowed)
    return words[0], words[-1]


def _default(pair: tuple[str, str], value: str) -> tuple[str, str]:
    first, second = (value if word == "default" else word for word in pair)
    return first, second


def _refuse(
    name: str,
    chosen: Estimator,
    se: str,
    asked: tuple[str, ...],
    missing: str,
    categorical: bool,
    clustered: bool,
) -> None:
    """M040: combinations that do not exist."""
    likelihood = chosen.discrepancy == "ML"
    bad = ""
    if categorical and chosen.discrepancy in ("ML", "GLS"):
        bad = "ordered="
    elif se in LIKELIHOOD_SE and not likelihood:
        bad = f"se='{se}'"
    elif missing in ("ml", *TWO_STAGES) and (
        categorical
        or name in ("MLM", "MLMV", "MLMVS")
        or not (likelihood or (name in SECOND_STAGE and missing != "ml"))
    ):
        bad = f"missing='{missing}'"
    elif se in ("robust.cluster", "robust.cluster.sem") and not clustered:
        bad = f"se='{se}'"
    elif missing == "pairwise" and clustered and not categorical:
        bad = "missing='pairwise' and cluster="
    elif se == "robust.sem.nt" and (categorical or name == "WLS"):
        bad = f"se='{se}'"
    elif name in ("GLS", "WLS") and any(word in SCALED for word in asked) and missing not in TWO_STAGES:
        bad = f"test={', '.join(asked)}"
    if bad:
        raise SurveykitError("M040", estimator=name, option=bad)


def _missing(name: str, missing: str) -> str:
    """One word for each way; least squares have no likelihood, and go on from the unrestricted moments."""
    missing = "ml" if missing == "ml.x" else missing
    return "two.stage" if missing == "ml" and name in SECOND_STAGE else missing


def _refuse_incomplete(name: str, missing: str, se: str, tests: tuple[str, ...], categorical: bool) -> None:
    """M040: standard errors and tests that need complete rows."""
    wrong: tuple[str, ...] = ("robust.sem", "robust.sem.nt", "robust.cluster.sem")
    if missing == "ml":
        others = [word for word in tests if word in NEED_COMPLETE]
    elif missing == "pairwise" and not categorical:
        wrong = tuple(word for word in STANDARD_ERRORS if word not in ("default", "none", "standard"))
        others = [word for word in tests if word not in ("none", "standard")]
    else:
        return
    bad = f"se='{se}'" if se in wrong else f"test='{others[0]}'" if others else ""
    if bad or (missing == "pairwise" and name != "ML"):
        option = f"missing='{missing}'" + (f" and {bad}" if bad else "")
        raise SurveykitError("M040", estimator=name, option=option)


def _refuse_outer_product(name: str, kinds: tuple[str, str], se: str, tests: tuple[str, ...]) -> None:
    """M040: a sandwich of the outer product of the scores alone."""
    scaled = [word for word in tests if word in SCALED]
    bad = ""
    if kinds[0] == "first.order" and se in ("robust.huber.white", "robust.sem", "robust.sem.nt"):
        bad = f"se='{se}'"
    elif kinds[1] == "first.order" and scaled:
        bad = f"test='{scaled[0]}'"
    if bad:
        raise SurveykitError("M040", estimator=name, option=f"information='first.order' and {bad}")


def _clustered(name: str, se: str, asked: tuple[str, ...], categorical: bool) -> tuple[str, tuple[str, ...]]:
    """Standard errors and test of a model with clusters."""
    if categorical or name == "MLM":
        return "robust.cluster.sem", ("satorra.bentler",)
    if name == "MLR":
        return "robust.cluster", ("yuan.bentler.mplus",)
    bad = [word for word in asked if word in ("mean.var.adjusted", "scaled.shifted", *RESIDUAL)]
    if bad:
        raise SurveykitError("M040", estimator=name, option=f"test='{bad[0]}' and cluster=")
    if se in ("default", "robust"):
        se = "robust.cluster"
    return se, ("yuan.bentler.mplus",) if asked == ("default",) else asked


def _standard_errors(chosen: Estimator, se: str, missing: str, categorical: bool) -> str:
    if missing in TWO_STAGES and chosen.discrepancy != "ML":
        return se if se == "none" else "robust.sem"
    if missing in TWO_STAGES:
        return se if se == "none" else missing
    if se == "robust":
        return "robust.huber.white" if missing == "ml" else "robust.sem"
    if se != "default":
        return se
    return chosen.ordered_se if categorical and chosen.ordered_se else chosen.se


def _tests(
    name: str, chosen: Estimator, se: str, asked: tuple[str, ...], missing: str, categorical: bool
) -> tuple[str, ...]:
    """All tests, "standard" first, then the estimator's own."""
    if asked == ("none",):
        return ("none",)
    if missing in TWO_STAGES:
        return ("standard", "satorra.bentler")
    words = [word for word in asked if word not in ("default", "standard")]
    if asked == ("default",):
        words = [_default_test(name, chosen, se, missing, categorical)]
    elif name not in ("ML", "MLF", "GLS", "WLS", "ULS", "DWLS"):
        words.insert(0, chosen.test)
    return ("standard", *(word for word in dict.fromkeys(words) if word and word != "standard"))


def _default_test(name: str, chosen: Estimator, se: str, missing: str, categorical: bool) -> str:
    if name in ("ML", "MLF"):
        return "" if missing == "pairwise" else "browne.residual.nt.model"
    if categorical and chosen.ordered_test:
        return chosen.ordered_test
    if name in ("ULS", "DWLS") and se == "robust.sem":
        return "browne.residual.adf"
    return chosen.test


def _information(
    chosen: Estimator, name: str, se: str, missing: str, pair: tuple[str, str]
) -> tuple[str, str]:
    if name not in ("ML", "MLR") and se == "robust.cluster":  # as in lavaan
        first, second = pair
        return ("expected" if first == "default" else first, "observed" if second == "default" else second)
    if name == "MLF" and missing not in TWO_STAGES:
        return _default(pair, "first.order")
    trusting = missing not in ("listwise", "pairwise") and chosen.discrepancy == "ML"
    observed = trusting or se in ("robust.huber.white", "robust.cluster", "bootstrap")
    return _default(pair, "observed" if observed else "expected")


def _observed(pair: tuple[str, str], tests: tuple[str, ...]) -> tuple[str, str]:
    """ "h1" for scaled tests other than the Mplus variant of Yuan and Bentler's."""
    other = [word for word in tests if word != "standard" and not word.startswith("browne")]
    scaled = [word for word in other if word in SCALED]
    second = "h1" if scaled and (len(other) > 1 or scaled[0] != "yuan.bentler.mplus") else "hessian"
    return ("hessian" if pair[0] == "default" else pair[0], second if pair[1] == "default" else pair[1])


def _rescale(chosen: Estimator, likelihood: str, given: bool | str) -> bool:
    if isinstance(given, bool):
        return given
    return chosen.discrepancy == "ML" and likelihood != "wishart"
