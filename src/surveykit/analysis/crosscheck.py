"""A second opinion: the same model in semopy, an independent program. Nothing else here knows semopy."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import pandas as pd

from surveykit.analysis.sem_fit import SemFit
from surveykit.errors import Note, SurveykitError
from surveykit.options import checked_call
from surveykit.results import Result

OPERATORS = ("=~", "~", "~~")


@dataclass(frozen=True)
class CrosscheckResult(Result):
    """Two programs' estimates side by side.

    `frame` has a row per parameter both estimate: `lhs op rhs est semopy difference
    difference_in_se`; `largest` is the largest difference in units of the standard
    error. semopy stops at an objective accurate to about 1e-2 of an estimate, so a
    difference below 0.1 standard errors is agreement.
    """

    frame: pd.DataFrame
    largest: float
    parameter: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    @property
    def agrees(self) -> bool:
        """Whether no estimate differs by a tenth of its standard error."""
        return self.largest < 0.1


@checked_call
def crosscheck(fit: SemFit) -> CrosscheckResult:
    """Fit the same model in semopy and compare the estimates.

    Parameters
    ----------
    fit : SemFit
        A single group, complete data, maximum likelihood, no mean structure, no constraints: where
        semopy can speak.

    Returns
    -------
    CrosscheckResult

    Raises
    ------
    SurveykitError
        M106 the model is outside what semopy fits, or semopy fails on it.

    References
    ----------
    Igolkina & Meshcheryakov (2020), doi:10.1080/10705511.2019.1704289.

    Examples
    --------
    >>> crosscheck(cfa("f =~ x1 + x2 + x3 + x4", data)).largest < 0.1       # doctest: +SKIP
    True
    """
    if not isinstance(fit, SemFit):
        raise SurveykitError("M143", label="fit", found=type(fit).__name__)
    solution = fit._solution
    settings = solution.settings
    observed = solution.table.variable_names("eqs.x")
    covariates = [name for name in observed if name in solution.table.variable_names("ov")]
    for outside, what in (
        (len(fit.nobs) > 1, "group"),
        (settings.discrepancy != "ML" or settings.categorical, f"estimator='{settings.estimator}'"),
        (settings.missing != "listwise", f"missing='{settings.missing}'"),
        (solution.representation.meanstructure, "~1"),
        (bool(covariates), ", ".join(f"~ {name}" for name in covariates)),
        (solution.constraints.n_equalities > 0 or len(solution.constraints.inequality_rows) > 0, "== < >"),
        (not fit._cases, "sample_cov"),
    ):
        if outside:
            raise SurveykitError("M106", what=what)
    theirs = _semopy(fit)
    ours = fit.parameter_estimates()
    rows = []
    for row in ours.to_dict("records"):
        value = theirs.get((row["lhs"], row["op"], row["rhs"]))
        if row["op"] in OPERATORS and row["se"] > 0 and value is not None:
            change = value - row["est"]
            rows.append(
                (row["lhs"], row["op"], row["rhs"], row["est"], value, change, abs(change) / row["se"])
            )
    columns = ["lhs", "op", "rhs", "est", "semopy", "difference", "difference_in_se"]
    frame = pd.DataFrame(rows, columns=columns)
    if frame.empty:
        raise SurveykitError("M106", what="0 parameters")
    worst = max(rows, key=lambda row: float(row[-1]))
    return CrosscheckResult(frame, float(worst[-1]), " ".join(worst[:3]))


def _semopy(fit: SemFit) -> dict[tuple[str, str, str], float]:
    """semopy's estimates, its directions of arrows turned into lavaan's."""
    cases = fit._cases[0]
    frame = pd.DataFrame(cases.values, columns=list(cases.names))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from semopy import Model

            model = Model(_syntax(fit))
            model.fit(frame)
            table = model.inspect()
    except Exception as error:
        raise SurveykitError("M106", what=f"{type(error).__name__}: {str(error)[:200]}") from error
    latent = set(fit.parameter_table().query("op == '=~'")["lhs"])
    found: dict[tuple[str, str, str], float] = {}
    for row in table.to_dict("records"):
        left, op, right, value = row["lval"], row["op"], row["rval"], float(row["Estimate"])
        if op == "~" and right in latent and (right, "=~", left) in _loadings(fit):
            found[right, "=~", left] = value
        else:
            found[left, op, right] = value
            if op == "~~":
                found[right, op, left] = value
    return found


def _loadings(fit: SemFit) -> set[tuple[str, str, str]]:
    table = fit.parameter_table()
    rows = table[table["op"] == "=~"]
    return set(zip(rows["lhs"], rows["op"], rows["rhs"], strict=True))


def _syntax(fit: SemFit) -> str:
    """The model with every fixed value written out, as semopy reads it."""
    table = fit.parameter_table()
    lines = []
    for row in table[table["op"].isin(OPERATORS)].to_dict("records"):
        fixed = "" if row["free"] else f"{row['start']}*"
        if row["op"] == "~~" and not row["user"] and row["free"]:
            continue  # semopy adds the same variances and covariances of its own accord
        lines.append(f"{row['lhs']} {row['op']} {fixed}{row['rhs']}")
    return "\n".join(lines)
