"""Parallel analysis: eigenvalues of the data beside those of data without factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import ItemData, check_count, read_items
from surveykit.analysis.item_matrices import CORRELATIONS, correlations
from surveykit.analysis.scale_options import check_seed
from surveykit.errors import Note
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.item_moments import FloatArray

SIMULATIONS = ("both", "normal", "resample")


@dataclass(frozen=True, repr=False)
class ParallelResult(Result):
    """Eigenvalues of the data beside those of data without factors.

    `n_components`, `n_factors`: how many eigenvalues, counted from the first,
    exceed the `quantile` of the simulated ones; `kaiser`: how many exceed 1.
    `eigenvalues`: a row per number, columns `pc` and `fa` (observed) and for
    each simulation `pc_normal_mean`, `pc_normal_quantile`, `fa_...`,
    `..._resample_...`.
    """

    n_components: int
    n_factors: int
    kaiser: int
    eigenvalues: pd.DataFrame
    n_iter: int
    quantile: float
    simulation: str
    correlation: str
    seed: int | None
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The eigenvalues: data for a scree plot."""
        return self.eigenvalues

    def __repr__(self) -> str:
        return (
            f"<ParallelResult: {self.n_factors} factors, {self.n_components} components "
            f"({self.n_iter} draws, {self.quantile:g} quantile), n = {self.n}>"
        )


@checked_call
def parallel_analysis(
    data: pd.DataFrame,
    *,
    n_iter: int = 100,
    quantile: float = 0.95,
    simulation: str = "both",
    correlation: str = "pearson",
    missing: str = "listwise",
    seed: int | None = None,
) -> ParallelResult:
    """Horn's parallel analysis for components and for factors.

    An eigenvalue counts if it is larger than what data of the same size
    without any correlation give: normal draws, or the items themselves, each
    column resampled alone. Factor eigenvalues are those of the correlation matrix
    with the communalities of one minres factor on its diagonal.

    Parameters
    ----------
    data : pandas.DataFrame, shape (n_respondents, n_items)
        At least 3 items, NaN for missing.
    n_iter : int, default 100
        Draws of each kind.
    quantile : float in (0, 1), default 0.95
        Of the simulated eigenvalues, to be exceeded.
    simulation : {"both", "normal", "resample"}, default "both"
        With "both", the counts use the normal draws, as psych::fa.parallel does.
    correlation : {"pearson", "polychoric"}, default "pearson"
        "polychoric" for the data and the resamples; normal draws have Pearson's.
    missing : {"listwise", "pairwise"}, default "listwise"
        For the data's own correlations; resamples come from complete rows.
    seed : int or None
        Makes the draws repeatable.

    Returns
    -------
    ParallelResult

    Raises
    ------
    SurveykitError
        S001 fewer than 3 items; S002 to S006, S011 to S013 as in `cronbach_alpha`;
        O001, O002, S028 an option that is not allowed.

    Notes
    -----
    Observed eigenvalues equal psych::fa.parallel, simulated means agree within
    Monte Carlo error (tests/reference).

    References
    ----------
    Horn (1965), doi:10.1007/BF02289447. Glorfeld (1995), doi:10.1177/0013164495055003002.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(200, 2)).repeat(4, axis=1)
    >>> parallel_analysis(pd.DataFrame(f + rng.normal(size=(200, 8))), seed=1)
    <ParallelResult: 2 factors, 2 components (100 draws, 0.95 quantile), n = 200>
    """
    from surveykit.estimation.threads import one_thread

    check_share("quantile", quantile)
    check_count("n_iter", n_iter)
    check_seed(seed)
    check_choice("simulation", simulation, SIMULATIONS)
    check_choice("correlation", correlation, CORRELATIONS)
    check_choice("missing", missing, ("listwise", "pairwise"))
    items = read_items(data, analysis="parallel_analysis", missing=missing, min_items=3)
    with one_thread():
        observed, columns, counts = _compare(items, n_iter, quantile, simulation, correlation, seed)
    return ParallelResult(
        n_components=counts["pc"],
        n_factors=counts["fa"],
        kaiser=int(np.sum(observed["pc"] > 1)),
        eigenvalues=pd.DataFrame({"number": np.arange(1, items.n_items + 1), **observed, **columns}),
        n_iter=n_iter,
        quantile=quantile,
        simulation=simulation,
        correlation=correlation,
        seed=seed,
        n=items.values.shape[0],
        notes=items.notes,
    )


def _compare(
    items: ItemData, n_iter: int, quantile: float, simulation: str, correlation: str, seed: int | None
) -> tuple[dict[str, FloatArray], dict[str, FloatArray], dict[str, int]]:
    """Observed eigenvalues, means and quantiles of the simulated ones, and how many exceed them."""
    from concurrent.futures import ThreadPoolExecutor

    from surveykit.estimation.factor_extraction import extract
    from surveykit.estimation.parallel_analysis import component_eigenvalues, factor_eigenvalues

    R = correlations(items, correlation)
    observed = {"pc": component_eigenvalues(R), "fa": extract(R, 1, "minres").eigenvalues}
    columns: dict[str, FloatArray] = {}
    counts: dict[str, int] = {}
    kinds = ("normal", "resample") if simulation == "both" else (simulation,)
    # Draws of each kind from a stream of their own: the same whether or not the other is asked for.
    streams = dict(zip(SIMULATIONS[1:], np.random.default_rng(seed).spawn(2), strict=True))

    def simulate(kind: str) -> tuple[FloatArray, FloatArray]:
        stack = _draw(streams[kind], kind, n_iter, items, correlation)
        return component_eigenvalues(stack), factor_eigenvalues(stack)

    # LAPACK lets go of the interpreter, so the kinds of draws go side by side where two cores are free.
    with ThreadPoolExecutor(len(kinds)) as threads:
        simulated = list(threads.map(simulate, kinds))
    for kind, (pc, fa) in zip(kinds, simulated, strict=True):
        for name, draws in (("pc", pc), ("fa", fa)):
            limit = np.quantile(draws, quantile, axis=0)
            columns |= {f"{name}_{kind}_mean": draws.mean(axis=0), f"{name}_{kind}_quantile": limit}
            counts.setdefault(name, _leading(observed[name] > limit))  # the first kind decides
    return observed, columns, counts


def _leading(larger: Any) -> int:
    """How many are true before the first that is not."""
    return int(np.argmin(larger)) if not np.all(larger) else len(larger)


def _draw(rng: np.random.Generator, kind: str, n_iter: int, items: ItemData, correlation: str) -> FloatArray:
    """A stack of correlation matrices of data without factors."""
    from surveykit.estimation import parallel_analysis as draws

    n, p = items.values.shape
    if kind == "normal":
        return draws.normal_correlations(rng, n_iter, n, p)
    # Pairwise correlations may rest on rows that are never complete; resamples need complete ones.
    rows = pd.DataFrame(items.values, columns=list(items.names))
    complete = read_items(rows, analysis="parallel_analysis").values
    resample = draws.resampled_polychorics if correlation == "polychoric" else draws.resampled_correlations
    return resample(rng, n_iter, complete)
