"""What measurement invariance lets be said about observed mean differences, outcome by outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from surveykit.analysis.group_comparison import GroupComparison
from surveykit.analysis.invariance import InvarianceResult, search_partial
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_rows import inference
from surveykit.errors import Note, SurveykitError, note
from surveykit.options import check_flags, checked_call
from surveykit.results import Result

Level = Literal["none", "configural", "metric", "partial_scalar", "scalar", "strict"]
COMPARABLE = ("partial_scalar", "scalar", "strict")


@dataclass(frozen=True)
class LatentDifference:
    """Difference of latent means, first group minus second, from the (partial) scalar model.

    `difference se ci_lower ci_upper` in the units of the model (standard deviations of the reference
    group's factor), `standardized` in standard deviations of the comparison's first group.
    """

    difference: float
    se: float
    pvalue: float
    ci_lower: float
    ci_upper: float
    standardized: float


@dataclass(frozen=True)
class OutcomeGate:
    """The verdict on one outcome.

    Attributes
    ----------
    level : the highest level that holds
    stands : may the observed difference be read as a difference of the construct?
    overridden : the researcher asked for it all the same
    reason : why not, or with what reservation (V021-V025, V031); None where there is nothing to say
    failed : change of each index at the level that fails, of the versions that were judged
    freed : parameters left unequal in the model that the latent difference comes from
    latent : the difference that takes the observed one's place, or stands beside it; None without
    """

    outcome: str
    level: Level
    stands: bool
    overridden: bool
    reason: Note | None
    failed: Mapping[str, float]
    freed: tuple[str, ...]
    latent: LatentDifference | None


@dataclass(frozen=True, repr=False)
class GateResult(Result):
    """One verdict an outcome of a comparison.

    `to_frame()`: ``outcome level stands overridden reason observed latent se pvalue ci_lower ci_upper
    standardized freed``, differences first group minus second; `reason` is a code.
    """

    outcomes: Mapping[str, OutcomeGate]
    groups: tuple[str, str]
    observed: Mapping[str, float]
    notes: tuple[Note, ...] = ()

    def __getitem__(self, outcome: str) -> OutcomeGate:
        return self.outcomes[outcome]

    def to_frame(self) -> pd.DataFrame:
        rows = []
        for name, one in self.outcomes.items():
            latent = dict.fromkeys(LatentDifference.__dataclass_fields__, np.nan)
            latent |= asdict(one.latent) if one.latent is not None else {}
            rows.append(
                {
                    "outcome": name,
                    "level": one.level,
                    "stands": one.stands,
                    "overridden": one.overridden,
                    "reason": "" if one.reason is None else one.reason.code,
                    "observed": self.observed[name],
                    "latent": latent.pop("difference"),
                    **latent,
                    "freed": ", ".join(one.freed),
                }
            )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        open_ = sum(one.stands for one in self.outcomes.values())
        return f"<GateResult: {open_} of {len(self.outcomes)} observed differences stand>"


@checked_call
def gate(
    comparison: GroupComparison,
    invariance_by_outcome: Mapping[str, InvarianceResult],
    override: bool = False,
) -> GateResult:
    """Which observed differences may stand, and what takes the place of those that may not.

    An observed difference of means stands where scalar invariance holds, for all
    items or (with a reservation) for all but a few. Elsewhere the difference of
    latent means from the partial model takes its place: parameters are freed by a
    search if the ladder was climbed without one. Where even that fails but metric
    invariance holds, the latent difference is given with a warning (V031).

    Parameters
    ----------
    comparison : GroupComparison
        From `compare_groups`.
    invariance_by_outcome : mapping of outcome to InvarianceResult
        The ladder of the scale behind each outcome. The factor is the one of the outcome's name, or
        the model's only one.
    override : bool, default False
        Show observed differences all the same; the verdict then says so.

    Returns
    -------
    GateResult

    Raises
    ------
    SurveykitError
        V026 the model has several factors and none is called like the outcome; V027 the ladder
        compares other groups than the comparison.

    References
    ----------
    Byrne, Shavelson & Muthen (1989), doi:10.1037/0033-2909.105.3.456.
    Steenkamp & Baumgartner (1998), doi:10.1086/209528.

    Examples
    --------
    >>> verdict = gate(comparison, {"trust": inv})                                  # doctest: +SKIP
    >>> verdict["trust"].stands, verdict["trust"].latent                            # doctest: +SKIP
    """
    if not isinstance(comparison, GroupComparison):
        raise SurveykitError("G045", option="comparison", found=type(comparison).__name__)
    given = invariance_by_outcome.values() if isinstance(invariance_by_outcome, Mapping) else [None]
    for one in given:
        if not isinstance(one, InvarianceResult):
            raise SurveykitError("G045", option="invariance_by_outcome", found=type(one).__name__)
    check_flags(override=override)
    lines = comparison.to_frame().to_dict("records")
    observed = {str(line["outcome"]): float(line["mean_diff"]) for line in lines}
    outcomes = {
        name: _verdict(name, comparison.groups, invariance_by_outcome.get(name), override)
        for name in observed
    }
    return GateResult(outcomes, comparison.groups, observed)


def level_of(inv: InvarianceResult) -> Level:
    """The highest level that holds, in the words of the gate."""
    if inv.level is None:
        return "none"
    if inv.level in ("configural", "thresholds"):
        return "configural"
    if inv.level == "metric":
        return "metric"
    if inv.partial:
        return "partial_scalar"
    return "scalar" if inv.level == "scalar" else "strict"


def _verdict(
    outcome: str, groups: tuple[str, str], inv: InvarianceResult | None, override: bool
) -> OutcomeGate:
    if inv is None:
        return OutcomeGate(outcome, "none", override, override, note("V021", outcome=outcome), {}, (), None)
    factor = _factor(outcome, inv)
    places = _places(outcome, groups, inv)
    level = level_of(inv)
    open_ = level in COMPARABLE
    tested = bool(inv.frame["level"].isin(["scalar", "strict"]).any())
    source = inv if open_ or not tested else _partial(inv)
    latent = (
        None
        if source is None or "scalar" not in source.fits
        else _latent(source.fits["scalar"], factor, places)
    )
    freed = () if source is None else source._unequal
    reason = _reason(outcome, level, inv, source if tested else None, override, tested=tested)
    overridden = override and not open_
    return OutcomeGate(outcome, level, open_ or override, overridden, reason, _failed(inv), freed, latent)


def _partial(inv: InvarianceResult) -> InvarianceResult | None:
    """The ladder with parameters freed; None where not even metric invariance is reached so.

    Partial scalar invariance may still fail: then the model frees what a search could free.
    """
    searched = inv if len(inv.freed) else search_partial(inv)
    if searched.means_comparable:
        return searched
    scalar = searched.fits.get("scalar")
    intercepts = searched.freed["parameter"].str.endswith("~1").any()
    tried = level_of(searched) == "metric" and scalar is not None and scalar.converged and intercepts
    return searched if tried else None


def _reason(
    outcome: str,
    level: Level,
    inv: InvarianceResult,
    partial: InvarianceResult | None,
    override: bool,
    *,
    tested: bool,
) -> Note | None:
    if level == "partial_scalar":
        return note("V023", outcome=outcome, freed=", ".join(inv._unequal))
    if level in COMPARABLE:
        return None
    if override:
        return note("V025", outcome=outcome, level=level)
    if not tested:
        return note("V021", outcome=outcome)
    if partial is None:
        return note("V024", outcome=outcome, level=level)
    if partial.means_comparable:
        return note("V022", outcome=outcome, level=level)
    return note("V031", outcome=outcome, level=level, freed=", ".join(partial._unequal))


def _factor(outcome: str, inv: InvarianceResult) -> str:
    factors = inv.factors
    if outcome in factors:
        return outcome
    if len(factors) > 1:
        raise SurveykitError("V026", outcome=outcome, factors=", ".join(factors))
    return factors[0]


def _places(outcome: str, groups: tuple[str, str], inv: InvarianceResult) -> tuple[int, int]:
    """The comparison's groups among those of the ladder."""
    labels = [str(one) for one in inv.group_labels]
    wanted = [str(one) for one in groups]
    if not set(wanted) <= set(labels):
        raise SurveykitError("V027", outcome=outcome, found=", ".join(labels), wanted=", ".join(wanted))
    return labels.index(wanted[0]), labels.index(wanted[1])


def _failed(inv: InvarianceResult) -> dict[str, float]:
    """How much worse the first level that fails fits than the one before."""
    at = next((place for place, holds in enumerate(inv.frame["holds"]) if not holds), 0)
    if at == 0:
        return {}
    judged = inv.judged.drop(columns="level")
    change = judged.iloc[at] - judged.iloc[at - 1]
    return {f"delta_{name}": float(value) for name, value in change.items()}


def _latent(fit: SemFit, factor: str, places: tuple[int, int]) -> LatentDifference:
    """First minus second group, with the error from the covariance matrix of the estimates."""
    solution = fit._solution
    table = solution.table
    slope, value, deviation = np.zeros(table.n_free), 0.0, 1.0
    for row in range(len(table)):
        if table.lhs[row] != factor or table.group[row] - 1 not in places:
            continue
        first = table.group[row] - 1 == places[0]
        if table.op[row] == "~1":
            sign = 1.0 if first else -1.0
            value += sign * float(solution.estimates[row])
            if table.free[row]:
                slope[table.free[row] - 1] += sign
        elif table.op[row] == "~~" and table.rhs[row] == factor and first:
            deviation = float(np.sqrt(solution.estimates[row]))
    variance = np.nan if solution.vcov is None else float(slope @ solution.vcov @ slope)
    columns: dict[str, Any] = inference(
        np.array([value]), np.sqrt([variance]), float(fit._request["conf_level"])
    )
    numbers = {name: float(one[0]) for name, one in columns.items()}
    return LatentDifference(
        numbers["est"],
        numbers["se"],
        numbers["pvalue"],
        numbers["ci_lower"],
        numbers["ci_upper"],
        numbers["est"] / deviation,
    )
