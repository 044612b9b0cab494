"""How far estimates from printed correlations can move within the printed rounding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis.sem import sem
from surveykit.analysis.sem_data import MOST_DRAWS, MOST_OBSERVED, floats, whole_number
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_options import is_word
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.batch import Stack, fit_stacks
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.threads import one_thread
from surveykit.options import checked_call, shown
from surveykit.results import Result

FloatArray = NDArray[np.float64]
SLACK = 1e-6  # how far a correlation of 1 may stand from it
MOST_DECIMALS = 15


@dataclass(frozen=True)
class PrintedMoments:
    """One group's moments as printed, and how many decimals they have.

    `cor` (p, p), `sd` (p,), `mean` (p,) or None; `names` the variables in their order.
    Where a paper prints covariances instead, `cov_decimals` says how many decimals these
    have: then they are what was rounded (`cor` and `sd` are computed from them).
    """

    names: tuple[str, ...]
    n: int
    cor: FloatArray
    sd: FloatArray
    mean: FloatArray | None = None
    decimals: int = 2
    sd_decimals: int = 2
    group: str = "all"
    cov_decimals: int | None = None

    def __post_init__(self) -> None:
        """Refuse moments that do not belong together: M087, M117, M167, M168, M169."""
        if not is_word("names", self.names):
            raise SurveykitError("M166", option="names", value=shown(self.names))
        names = (self.names,) if isinstance(self.names, str) else tuple(map(str, self.names))
        if len(set(names)) < len(names):
            raise SurveykitError("M087", names=", ".join(dict.fromkeys(names)))
        p = len(names)
        numbers = {"cor": _numbers("cor", self.cor, (p, p)), "sd": _numbers("sd", self.sd, (p,))}
        if self.mean is not None:
            numbers["mean"] = _numbers("mean", self.mean, (p,))
        _check_printed(numbers["cor"], numbers["sd"])
        whole_number("n", self.n, 2, MOST_OBSERVED)
        for name in ("decimals", "sd_decimals", "cov_decimals"):
            if name != "cov_decimals" or self.cov_decimals is not None:
                whole_number(name, getattr(self, name), 0, MOST_DECIMALS)
        for name, value in {"names": names, **numbers}.items():
            object.__setattr__(self, name, value)  # frozen for everybody else

    @property
    def cov(self) -> pd.DataFrame:
        return pd.DataFrame(self.cor * np.outer(self.sd, self.sd), index=self.names, columns=self.names)


def _numbers(field: str, given: Any, shape: tuple[int, ...]) -> FloatArray:
    """Finite numbers in this shape; M168, M169."""
    found = floats(given)
    if found is None or not np.isfinite(found).all():
        raise SurveykitError("M169", field=field, value=shown(given))
    if found.shape != shape:
        sizes = (" × ".join(map(str, one)) or "–" for one in (found.shape, shape))
        raise SurveykitError("M168", field=field, found=next(sizes), needed=next(sizes))
    return found


def _check_printed(cor: FloatArray, sd: FloatArray) -> None:
    """Correlations between -1 and 1, one with themselves, and deviations above zero (M169)."""
    limits = np.abs(cor).max(initial=0.0) <= 1 + SLACK and np.abs(np.diag(cor) - 1).max(initial=0.0) <= SLACK
    if not limits or not np.allclose(cor, cor.T, rtol=0, atol=SLACK):
        raise SurveykitError("M169", field="cor", value=shown(cor))
    if (sd <= 0).any():
        raise SurveykitError("M169", field="sd", value=shown(sd))


@dataclass(frozen=True)
class RoundingResult(Result):
    """Estimates over unrounded moments that would all print alike.

    `frame`: a row per parameter: `lhs op rhs group label est lowest highest
    lower upper` (`lower`, `upper`: the middle 95 percent of the draws), then a
    row `chisq`. `draws` were made, `impossible` of them were no correlation
    matrix, `failed` did not converge; both are left out.
    """

    frame: pd.DataFrame
    draws: int
    impossible: int
    failed: int
    fit: SemFit
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


@checked_call
def rounding_sensitivity(
    model: str,
    moments: PrintedMoments | Sequence[PrintedMoments],
    *,
    draws: int = 2000,
    seed: int = 1,
    **options: Any,
) -> RoundingResult:
    """Refit a model to many unrounded versions of printed moments.

    Each correlation, standard deviation and mean is drawn anew, uniformly within
    half a unit of its last printed decimal.

    Parameters
    ----------
    model : str
        lavaan syntax. Exogenous variables are random here, so that their rounding counts too.
    moments : PrintedMoments, or one a group
    draws : int, default 2000
    seed : int, default 1
    options : further arguments of `sem`, for example `group_equal`

    Returns
    -------
    RoundingResult

    Raises
    ------
    SurveykitError
        What `sem` refuses: M094 where the estimator needs more than moments; M170 what are no
        printed moments; M171 no draw is a correlation matrix.

    Examples
    --------
    >>> printed = PrintedMoments(("x", "y"), 100, np.array([[1, 0.5], [0.5, 1]]), np.ones(2))
    >>> result = rounding_sensitivity("y ~ x", printed, draws=200)
    >>> bool(result.frame["lowest"][0] < 0.5 < result.frame["highest"][0])
    True
    """
    groups = _groups(moments)
    draws, seed = whole_number("draws", draws, 1, MOST_DRAWS), whole_number("seed", seed, 0)
    fit = sem(model, fixed_x=False, **_summaries(groups), **options)
    solution = fit._solution
    prepared = Prepared(solution.table, solution.settings)
    rng = np.random.default_rng(seed)
    places = [
        [one.names.index(name) for name in sample.names]
        for one, sample in zip(groups, solution.moments, strict=True)
    ]
    stacks = [
        _stack(one, place, draws, rng, solution.settings.rescale)
        for one, place in zip(groups, places, strict=True)
    ]
    possible = np.all([np.linalg.eigvalsh(one.cov.transpose(2, 0, 1))[:, 0] > 0 for one in stacks], axis=0)
    if not possible.any():
        raise SurveykitError("M171", draws=draws)
    chosen = [one.take(np.flatnonzero(possible)) for one in stacks]
    sizes = np.array([one.n for one in groups], dtype=float)
    with one_thread():
        found = fit_stacks(prepared, chosen, sizes, solution.x)
    impossible, failed = int((~possible).sum()), int((~found.converged).sum())
    chisq = np.maximum(found.objective[found.converged], 0) @ (sizes - float(solution.settings.n_minus_one))
    notes = (note("M151", impossible=impossible, failed=failed, draws=draws),) if impossible or failed else ()
    frame = _frame(fit, prepared, found.x[found.converged], chisq)
    return RoundingResult(frame, draws, impossible, failed, fit, notes)


def _groups(moments: Any) -> list[PrintedMoments]:
    """One a group; M170 what is something else."""
    several = isinstance(moments, Iterable) and not isinstance(moments, str)
    groups = list(moments) if several else [moments]
    for one in groups or [None]:
        if not isinstance(one, PrintedMoments):
            raise SurveykitError("M170", found=type(one).__name__)
    return groups


def _summaries(groups: Sequence[PrintedMoments]) -> dict[str, Any]:
    """The printed moments as `sem` takes them."""
    means = [None if one.mean is None else pd.Series(one.mean, index=one.names) for one in groups]
    if len(groups) == 1:
        return {"sample_cov": groups[0].cov, "sample_mean": means[0], "sample_nobs": groups[0].n}
    names = [one.group for one in groups]
    return {
        "sample_cov": {one.group: one.cov for one in groups},
        "sample_mean": dict(zip(names, means, strict=True))
        if all(one is not None for one in means)
        else None,
        "sample_nobs": {one.group: one.n for one in groups},
    }


def _stack(
    one: PrintedMoments, place: Sequence[int], draws: int, rng: np.random.Generator, rescale: bool
) -> Stack:
    """Covariances and means of one group, unrounded `draws` times: (p, p, draws), (p, draws)."""
    p = len(place)
    half_sd = 0.5 * 10.0**-one.sd_decimals
    if one.cov_decimals is None:
        cor = _unrounded(one.cor[np.ix_(place, place)], one.decimals, draws, rng, -1)
        sd = one.sd[list(place), None] + rng.uniform(-half_sd, half_sd, (p, draws))
        sd = np.maximum(sd, half_sd / 100)
        cov = cor * sd[:, None] * sd[None]
    else:
        cov = _unrounded(one.cov.to_numpy()[np.ix_(place, place)], one.cov_decimals, draws, rng, 0)
    mean = np.zeros((p, draws))
    if one.mean is not None:
        mean = one.mean[list(place), None] + rng.uniform(-half_sd, half_sd, (p, draws))
    scale = (one.n - 1) / one.n if rescale else 1.0
    return Stack(cov * scale, mean)


def _unrounded(
    printed: FloatArray, decimals: int, draws: int, rng: np.random.Generator, diagonal: int
) -> FloatArray:
    """A symmetric matrix, each entry up to `diagonal` drawn anew within its rounding: (p, p, draws)."""
    half = 0.5 * 10.0**-decimals
    i, j = np.tril_indices(len(printed), diagonal)
    drawn = np.repeat(printed[..., None], draws, axis=2)
    drawn[i, j] += rng.uniform(-half, half, (len(i), draws))
    drawn[j, i] = drawn[i, j]
    return drawn


def _frame(fit: SemFit, prepared: Prepared, x: FloatArray, chisq: FloatArray) -> pd.DataFrame:
    """The spread of every free and every defined parameter, and of chi-square."""
    table = fit.parameter_table()
    estimates = fit.parameter_estimates()
    free = table["free"].to_numpy()
    columns = {row: x[:, free[row] - 1] for row in np.flatnonzero(free)}
    defined = np.flatnonzero((table["op"] == ":=").to_numpy())
    columns |= dict(zip(defined, prepared.constraints.defined(x).T, strict=True))
    names = ["lhs", "op", "rhs", "group", "label"]
    rows = []
    for row, values in sorted(columns.items()):
        named = table.loc[row, names].to_dict()
        same = np.logical_and.reduce([estimates[name] == named[name] for name in names[:4]])
        rows.append(named | {"est": float(estimates.loc[same, "est"].iloc[0])} | _spread(values))
    blank: dict[Any, Any] = {**dict.fromkeys(names, ""), "lhs": "chisq", "group": 0}
    rows.append(blank | {"est": float(fit.fit_measures()["chisq"])} | _spread(chisq))
    return pd.DataFrame(rows)


def _spread(values: FloatArray) -> dict[str, float]:
    if not len(values):
        return dict.fromkeys(("lowest", "highest", "lower", "upper"), float("nan"))
    lower, upper = np.quantile(values, [0.025, 0.975])
    return {
        "lowest": float(values.min()),
        "highest": float(values.max()),
        "lower": float(lower),
        "upper": float(upper),
    }
