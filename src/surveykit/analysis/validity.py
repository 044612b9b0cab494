"""Convergent and discriminant validity: loadings, Fornell-Larcker, HTMT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_input import check_column
from surveykit.analysis.item_input import ItemData, check_count, read_items
from surveykit.analysis.item_matrices import covariances
from surveykit.analysis.measurement_model import check_model_text, measurements
from surveykit.analysis.scale_options import check_seed
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import share
from surveykit.options import check_choice, check_flags, check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.analysis.sem_fit import SemFit
    from surveykit.estimation.item_moments import BoolArray, FloatArray, IntArray

# Henseler, Ringle & Sarstedt's stricter limit for constructs that are far apart.
HTMT_LIMIT = 0.85


@dataclass(frozen=True, repr=False)
class HtmtResult(Result):
    """Heterotrait-monotrait ratios: how much two factors' items correlate, beside how much each one's own do.

    `htmt`: factors by factors, ones on the diagonal. `pairs`: a row per pair,
    `lhs rhs htmt ci_lower ci_upper below_limit` (the interval by bootstrap, NaN
    without).
    """

    htmt: pd.DataFrame
    pairs: pd.DataFrame
    htmt2: bool
    n: int
    bootstrap: int
    conf_level: float
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per pair of factors."""
        return self.pairs

    def __repr__(self) -> str:
        name = "HTMT2" if self.htmt2 else "HTMT"
        ranked = self.pairs.dropna(subset="htmt").sort_values("htmt").to_dict("records")
        shown = "".join(f", highest {one['lhs']}-{one['rhs']} {share(one['htmt'])}" for one in ranked[-1:])
        return f"<HtmtResult: {name} of {len(self.htmt)} factors{shown}, n = {self.n}>"


@dataclass(frozen=True, repr=False)
class FornellLarckerResult(Result):
    """The root of each factor's AVE beside its correlations with the others.

    `table`: a row per group and factor, columns `group factor`, then one a factor:
    roots of AVE on the diagonal, correlations below. `passes`: a row per pair,
    True where both roots exceed the correlation.
    """

    table: pd.DataFrame
    passes: pd.DataFrame
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The table as papers print it."""
        return self.table

    def __repr__(self) -> str:
        return f"<FornellLarckerResult: {int(self.passes['passes'].sum())} of {len(self.passes)} pairs pass>"


@dataclass(frozen=True, repr=False)
class ConvergentResult(Result):
    """What each item owes to its factor.

    `table`: a row per group, factor and item, `group factor item loading se z pvalue
    ci_lower ci_upper item_reliability` (standardized loadings, delta-method
    errors; `item_reliability` the loading squared). `low`: the rows below .50.
    """

    table: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def low(self) -> pd.DataFrame:
        """Items with a standardized loading below .50."""
        return self.table[self.table["loading"].abs() < 0.5]

    def to_frame(self) -> pd.DataFrame:
        """The loadings."""
        return self.table

    def __repr__(self) -> str:
        return f"<ConvergentResult: {len(self.table)} loadings, {len(self.low)} below .50>"


@checked_call
def htmt(
    data: pd.DataFrame,
    model: str,
    htmt2: bool = False,
    *,
    absolute: bool = True,
    missing: str = "listwise",
    ordered: bool | Sequence[str] = False,
    bootstrap: int = 0,
    conf_level: float = 0.95,
    seed: int | None = 0,
) -> HtmtResult:
    """Heterotrait-monotrait ratio of correlations of each pair of factors.

    Near 1 the items of two factors cannot be told apart; below .85 (.90 for
    related constructs) the factors are taken as distinct.

    Parameters
    ----------
    data : pandas.DataFrame
        Holds the items of the model.
    model : str
        lavaan syntax; only its ``=~`` lines count.
    htmt2 : bool, default False
        Geometric instead of arithmetic means: for congeneric items.
    absolute : bool, default True
        Of absolute correlations (HTMT+); HTMT2 always is.
    missing : {"listwise", "pairwise", "ml"}, default "listwise"
    ordered : bool or names, default False
        True: polychoric correlations (all items); names: those of these items,
        polyserial with the others.
    bootstrap : int, default 0
        Resamples of complete rows for the percentile interval (Pearson correlations).
    conf_level : float in (0, 1), default 0.95
    seed : int or None, default 0

    Returns
    -------
    HtmtResult

    Raises
    ------
    SurveykitError
        S087 a model that is no text; S029 an item is not in the data; S056 the model
        defines fewer than two factors; S040 a bootstrap of ordered items; S001 to S006,
        S011, S013, S052 as in `little_mcar`; the codes of the model syntax; O001, O002,
        S028.

    Notes
    -----
    Equal to semTools::htmt (tests/reference), whose default is HTMT2.

    References
    ----------
    Henseler, Ringle & Sarstedt (2015), doi:10.1007/s11747-014-0403-8. Roemer,
    Schuberth & Henseler (2021), doi:10.1108/IMDS-02-2021-0082.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(200, 2)).repeat(2, axis=1)
    >>> items = pd.DataFrame(f + rng.normal(size=(200, 4)), columns=["a", "b", "c", "d"])
    >>> htmt(items, "x =~ a + b; y =~ c + d")
    <HtmtResult: HTMT of 2 factors, highest y-x .210, n = 200>
    """
    from surveykit.estimation.heterotrait import heterotrait_ratios

    check_choice("missing", missing, ("listwise", "pairwise", "ml"))
    check_share("conf_level", conf_level)
    check_count("bootstrap", bootstrap, least=0)
    check_flags(htmt2=htmt2, absolute=absolute)
    check_seed(seed)
    check_model_text(model)
    factors = _factor_items(model)
    names = list(dict.fromkeys(item for items in factors.values() for item in items))
    for name in names:
        check_column(data, name)
    if bootstrap and ordered is not False:
        raise SurveykitError("S040")
    data_missing = "listwise" if missing == "listwise" else "pairwise"
    items = read_items(data[names], analysis="htmt", missing=data_missing)
    blocks = [np.array([names.index(item) for item in one]) for one in factors.values()]
    R = _correlations(items, missing, ordered)
    found = heterotrait_ratios(R, blocks, htmt2=htmt2, absolute=absolute)
    labels = list(factors)
    lost = _without_geometric_mean(R, blocks) if htmt2 else np.zeros_like(found, dtype=bool)
    found[lost] = np.nan
    bounds = _bounds(items, blocks, bootstrap, conf_level, seed, htmt2, absolute)
    single = [label for label, block in zip(labels, blocks, strict=True) if len(block) < 2]
    notes = (*items.notes, note("S036", names=", ".join(single))) if single else items.notes
    apart = np.isnan(found) & ~lost & ~_of_single_items(blocks)
    if apart.any():
        pairs = [f"{labels[i]}-{labels[j]}" for i, j in np.argwhere(np.tril(apart))]
        notes = (*notes, note("S107", pairs=", ".join(pairs)))
    if lost.any():
        pairs = [f"{labels[i]}-{labels[j]}" for i, j in np.argwhere(np.tril(lost))]
        notes = (*notes, note("S105", pairs=", ".join(pairs)))
    if bootstrap and np.isnan(bounds).any():
        notes = (*notes, note("S048", n=len(items.values)))
    return HtmtResult(
        htmt=pd.DataFrame(found, index=labels, columns=labels),
        pairs=_pairs(found, labels, bounds),
        htmt2=htmt2,
        n=len(items.values),
        bootstrap=bootstrap,
        conf_level=conf_level,
        notes=notes,
    )


def _without_geometric_mean(R: FloatArray, blocks: list[IntArray]) -> BoolArray:
    """Pairs of factors (f, f) with a correlation of zero among their items: its logarithm is infinite."""
    zero = np.abs(R) < 1e-12
    between = np.array([[zero[np.ix_(one, other)].any() for other in blocks] for one in blocks])
    within = np.diagonal(between)
    lost = between | within[:, None] | within
    np.fill_diagonal(lost, False)
    return np.asarray(lost)


def _of_single_items(blocks: list[IntArray]) -> BoolArray:
    """Pairs of factors (f, f) of which one has a single item."""
    single = np.array([len(block) < 2 for block in blocks])
    return np.asarray(single[:, None] | single)


def _factor_items(model: str) -> dict[str, list[str]]:
    """Factor -> its items, in the order written."""
    from surveykit.estimation.sem.syntax import parse_model

    factors: dict[str, list[str]] = {}
    for term in parse_model(model).terms:
        if term.op == "=~":
            factors.setdefault(term.lhs, []).append(term.rhs)
    if len(factors) < 2:
        raise SurveykitError("S056", analysis="htmt")
    return factors


def _correlations(items: ItemData, missing: str, ordered: bool | Sequence[str]) -> FloatArray:
    if ordered is not False:
        from surveykit.analysis.polychoric import polychoric

        frame = pd.DataFrame(items.values, columns=list(items.names))
        gaps = "pairwise" if np.isnan(items.values).any() else "listwise"
        return polychoric(frame, ordered=ordered, missing=gaps).correlations.to_numpy()
    from surveykit.estimation.item_moments import correlation

    if missing == "ml" and np.isnan(items.values).any():
        from surveykit.estimation.saturated import moments_of_incomplete_cases

        some = items.values[~np.isnan(items.values).all(axis=1)]
        moments = moments_of_incomplete_cases(some, items.names)
        if not moments.settled:
            raise SurveykitError("S052", analysis="htmt")
        return correlation(moments.cov)
    # As lavaan::lavCor: covariances pair by pair, over the standard deviations of all answers to an item.
    return correlation(covariances(items))


def _bounds(
    items: ItemData,
    blocks: list[IntArray],
    bootstrap: int,
    conf_level: float,
    seed: int | None,
    htmt2: bool,
    absolute: bool,
) -> FloatArray:
    """Lower and upper bounds (2, f, f); NaN without a bootstrap."""
    from surveykit.estimation.heterotrait import heterotrait_ratios, resampled_correlations
    from surveykit.estimation.threads import one_thread

    f = len(blocks)
    if not bootstrap:
        return np.full((2, f, f), np.nan)
    complete = items.values[~np.isnan(items.values).any(axis=1)]
    with one_thread():
        stack = resampled_correlations(complete, bootstrap, seed)
    draws = heterotrait_ratios(stack, blocks, htmt2=htmt2, absolute=absolute)
    draws = np.where(np.isfinite(draws), draws, np.nan)  # a factor whose items went together in no way
    tail = (1 - conf_level) / 2
    usable = draws[~np.isnan(draws).all(axis=(1, 2))]
    return np.asarray(np.quantile(usable, [tail, 1 - tail], axis=0))


def _pairs(found: FloatArray, labels: list[str], bounds: FloatArray) -> pd.DataFrame:
    first, second = np.tril_indices(len(labels), -1)
    values = found[first, second]
    return pd.DataFrame(
        {
            "lhs": [labels[i] for i in first],
            "rhs": [labels[j] for j in second],
            "htmt": values,
            "ci_lower": bounds[0][first, second],
            "ci_upper": bounds[1][first, second],
            "below_limit": values < HTMT_LIMIT,
        }
    )


@checked_call
def fornell_larcker(fit: SemFit) -> FornellLarckerResult:
    """Fornell and Larcker's criterion: each factor explains more of its items than it shares with another.

    Parameters
    ----------
    fit : SemFit
        A fitted model with two factors or more.

    Returns
    -------
    FornellLarckerResult

    Raises
    ------
    SurveykitError
        S054, S055, S056 as in `composite_reliability`.

    Notes
    -----
    AVE as semTools::AVE, correlations the model's (tests/reference). The criterion
    rarely fails where HTMT does; report both.

    References
    ----------
    Fornell & Larcker (1981), doi:10.2307/3151312.

    Examples
    --------
    >>> from surveykit.analysis.sem import cfa
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(200, 2)).repeat(3, axis=1)
    >>> items = pd.DataFrame(f + rng.normal(size=(200, 6)), columns=list("abcdef"))
    >>> fornell_larcker(cfa("x =~ a + b + c; y =~ d + e + f", items))
    <FornellLarckerResult: 1 of 1 pairs pass>
    """
    from surveykit.estimation.model_reliability import average_variance_extracted

    tables, passes = [], []
    for group in measurements(fit, "fornell_larcker"):
        measured = group.measured()
        names = [group.factors[place] for place in measured]
        shares = np.array([average_variance_extracted(group.model, place) for place in measured])
        roots = np.sqrt(np.where(shares >= 0, shares, np.nan))
        cov = group.model.factor_cov[np.ix_(measured, measured)]
        sd = np.sqrt(np.diagonal(cov))
        square = np.where(np.tri(len(measured), k=-1, dtype=bool), cov / np.outer(sd, sd), np.nan)
        np.fill_diagonal(square, roots)
        table = pd.DataFrame(square, columns=names)
        table.insert(0, "factor", names)
        table.insert(0, "group", group.label)
        tables.append(table)
        first, second = np.tril_indices(len(measured), -1)
        for i, j in zip(first, second, strict=True):
            holds = bool(min(roots[i], roots[j]) > abs(square[i, j]))
            row = {"lhs": names[i], "rhs": names[j], "correlation": square[i, j], "passes": holds}
            passes.append({"group": group.label, **row})
    columns = ["group", "lhs", "rhs", "correlation", "passes"]
    return FornellLarckerResult(
        pd.concat(tables, ignore_index=True), pd.DataFrame(passes, columns=columns), ()
    )


@checked_call
def convergent_validity(fit: SemFit) -> ConvergentResult:
    """Standardized loadings of every item, with tests and item reliabilities.

    Parameters
    ----------
    fit : SemFit

    Returns
    -------
    ConvergentResult

    Raises
    ------
    SurveykitError
        S054, S055, S056 as in `composite_reliability`.

    Examples
    --------
    >>> from surveykit.analysis.sem import cfa
    >>> rng = np.random.default_rng(1)
    >>> items = pd.DataFrame(rng.normal(size=(200, 1)) + rng.normal(size=(200, 3)), columns=["a", "b", "c"])
    >>> convergent_validity(cfa("f =~ a + b + c", items))
    <ConvergentResult: 3 loadings, 0 below .50>
    """
    groups = measurements(fit, "convergent_validity")
    solution = fit.standardized_solution()
    rows: Any = solution[(solution["op"] == "=~") & solution["rhs"].isin(groups[0].items)]
    labels = [groups[int(number) - 1].label for number in rows["group"]]
    table = pd.DataFrame(
        {
            "group": labels,
            "factor": rows["lhs"].to_numpy(),
            "item": rows["rhs"].to_numpy(),
            "loading": rows["est_std"].to_numpy(),
            **{name: rows[name].to_numpy() for name in ("se", "z", "pvalue", "ci_lower", "ci_upper")},
            "item_reliability": rows["est_std"].to_numpy() ** 2,
        }
    )
    return ConvergentResult(table, ())
