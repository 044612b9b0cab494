"""Monte Carlo studies of a model: power, bias and coverage of each parameter at a sample size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri

from surveykit.analysis.sem import sem
from surveykit.analysis.sem_data import MOST_CASES, MOST_DRAWS, whole_number
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_options import check_jobs
from surveykit.analysis.simulate_data import Population, population
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.facts import scaled_test
from surveykit.estimation.sem.monte_carlo import MonteCarlo, Replications, can_replicate, join
from surveykit.formatting import number, share
from surveykit.options import check_share, checked_call
from surveykit.results import Result, frame_text

FloatArray = NDArray[np.float64]

# Replications in one task: fixed, so that the numbers do not depend on how many workers there are.
CHUNK = 250
LARGE = 1_000_000  # a sample whose moments are the population's
GROUP = "power_monte_carlo_group"
# What the population has nothing to do with; with other values than these each sample is fitted alone.
LEFT_OUT, DEFAULTS = ("estimator", "se", "test"), ("ML", "default", "standard")


@dataclass(frozen=True)
class MonteCarloResult(Result):
    """What a model does at a sample size, over many simulated samples.

    Attributes
    ----------
    frame : a row for each free or defined parameter
        ``lhs op rhs group label population mean bias sd mean_se coverage power``: the value in the
        population, mean and standard deviation of the estimates, mean of the standard errors, share
        of intervals that hold the population value, share of samples in which z is significant.
    n : sample size, by group
    draws, failed, inadmissible : replications asked for, not converged, with improper estimates (kept)
    chisq : mean chi-square; `df` its degrees of freedom; `rejected` the share of samples with p below alpha
    """

    frame: pd.DataFrame
    n: tuple[int, ...]
    draws: int
    failed: int
    inadmissible: int
    chisq: float
    df: int
    rejected: float
    alpha: float
    seed: int
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        head = (
            f"Monte Carlo, n = {' / '.join(map(str, self.n))}, {self.draws - self.failed} of {self.draws} "
            f"replications converged, {self.inadmissible} inadmissible, alpha = {number(self.alpha, 3)}"
        )
        test = f"chi-square({self.df}): mean {number(self.chisq, 2)}, rejected {share(self.rejected)}"
        return "\n".join([head, test, frame_text(self.frame), *(str(one) for one in self.notes)])


@checked_call
def power_monte_carlo(
    model: str,
    population_model: str,
    n: int | Sequence[int],
    *,
    draws: int = 1000,
    alpha: float = 0.05,
    seed: int = 1,
    n_jobs: int = 1,
    **options: Any,
) -> MonteCarloResult:
    """Power for every parameter of a model, by fitting it to many simulated samples.

    Parameters
    ----------
    model : str
        The model to be fitted; lavaan syntax, defined parameters (``ab := a*b``) included.
    population_model : str
        The truth: lavaan syntax with a value for each loading and path (variances not stated make
        every variable unit). In several groups ``c(0.3, 0.5)*trust``.
    n : int, or one a group
        Respondents.
    draws : int, default 1000
        Samples; normally distributed.
    alpha : float in (0, 1), default 0.05
    seed : int, default 1
        The same seed gives the same numbers, whatever `n_jobs` is.
    n_jobs : int, default 1
        Processes (joblib).
    options : further arguments of `sem`, for example ``std_lv=True``, ``group_equal="loadings"``,
        ``estimator="MLR"``. With ML all samples are fitted at once; other estimators one by one.

    Returns
    -------
    MonteCarloResult

    Raises
    ------
    SurveykitError
        M117 `n`, `draws`, `seed` or `n_jobs` is no whole number, or too small; O002 `alpha`; M120, M121
        the population model; M145 no replication converged; and what `sem` refuses.

    References
    ----------
    Muthen & Muthen (2002), doi:10.1207/S15328007SEM0904_8.

    Examples
    --------
    >>> truth = "f =~ .7*x1 + .7*x2 + .7*x3; g =~ .6*y1 + .6*y2 + .6*y3; g ~ .4*f"
    >>> model = "f =~ x1 + x2 + x3; g =~ y1 + y2 + y3; g ~ f"
    >>> found = power_monte_carlo(model, truth, 200, draws=500, std_lv=True)
    >>> path = found.frame.set_index(["lhs", "op", "rhs"]).loc[("g", "~", "f")]
    >>> bool(path["power"] > 0.8 and 0.92 < path["coverage"] < 0.98)
    True
    """
    sizes = [
        whole_number("n", one, 10, MOST_CASES)
        for one in (list(n) if isinstance(n, list | tuple) and n else [n])
    ]
    draws, seed = whole_number("draws", draws, 2, MOST_DRAWS), whole_number("seed", seed, 0)
    check_jobs(n_jobs)
    check_share("alpha", alpha)
    truth = population(population_model, len(sizes))
    fit = _at_population(model, truth, sizes, options)
    solution, plan = fit._solution, _plan(fit, truth, sizes, seed)
    rows = np.concatenate([_free_rows(fit), solution.constraints.defined_rows])
    work: MonteCarlo | _OneByOne = plan
    if any(options.get(name, "ML") not in DEFAULTS for name in LEFT_OUT) or not can_replicate(solution):
        names = tuple(layout.ov for layout in solution.representation.groups)
        work = _OneByOne(model, plan, names, rows, options)
    return _result(fit, _replications(work, draws, n_jobs), rows, sizes, alpha, seed)


def _free_rows(fit: SemFit) -> NDArray[np.int64]:
    """Rows of the free parameters, in the order of the estimates."""
    free = fit._solution.table.free
    rows = np.flatnonzero(free)
    return np.asarray(rows[np.argsort(free[rows])])


def _frames(truth: Population) -> list[tuple[pd.DataFrame, pd.Series[float]]]:
    names = list(truth.names)
    return [
        (pd.DataFrame(cov, index=names, columns=names), pd.Series(mean, index=names))
        for cov, mean in zip(truth.cov, truth.mean, strict=True)
    ]


def _at_population(model: str, truth: Population, sizes: Sequence[int], options: dict[str, Any]) -> SemFit:
    """The model fitted to the population itself: its estimates are what the samples estimate."""
    labels = [f"Group {at}" for at in range(1, len(sizes) + 1)]
    frames = dict(zip(labels, _frames(truth), strict=True))
    large = {label: LARGE * size for label, size in zip(labels, sizes, strict=True)}
    kept = {name: value for name, value in options.items() if name not in LEFT_OUT}
    means = any(mean.any() for mean in truth.mean) or len(sizes) > 1
    fit = sem(
        model,
        sample_cov={label: one[0] for label, one in frames.items()},
        sample_mean={label: one[1] for label, one in frames.items()} if means else None,
        sample_nobs=large,
        sample_cov_rescale=False,
        **kept,
    )
    if not fit.converged:
        raise SurveykitError("M097", what="power_monte_carlo()")
    return fit


def _plan(fit: SemFit, truth: Population, sizes: Sequence[int], seed: int) -> MonteCarlo:
    """The replications, in the order of the model's variables."""
    solution = fit._solution
    cov, mean = [], []
    for at, layout in enumerate(solution.representation.groups):
        place = [truth.names.index(name) for name in layout.ov]
        cov.append(truth.cov[at][np.ix_(place, place)])
        mean.append(truth.mean[at][place])
    return MonteCarlo(
        solution.table, solution.settings, tuple(cov), tuple(mean), tuple(sizes), solution.x, seed
    )


def _replications(work: MonteCarlo | _OneByOne, draws: int, n_jobs: int) -> Replications:
    chunks = [(at, min(CHUNK, draws - first)) for at, first in enumerate(range(0, draws, CHUNK))]
    if n_jobs == 1:
        return join([work.run(*chunk) for chunk in chunks])
    from joblib import Parallel, delayed

    return join(list(Parallel(n_jobs=n_jobs)(delayed(work.run)(*chunk) for chunk in chunks)))


@dataclass(frozen=True)
class _OneByOne:
    """Samples of cases, each fitted by `sem`: for what needs more than moments."""

    model: str
    plan: MonteCarlo
    names: tuple[tuple[str, ...], ...]
    rows: NDArray[np.int64]
    options: dict[str, Any]

    def run(self, chunk: int, count: int) -> Replications:
        rng = np.random.default_rng(np.random.SeedSequence(self.plan.seed, spawn_key=(chunk,)))
        rows = [self._one(rng) for _ in range(count)]
        estimates, errors, chisq, converged, admissible = (np.array(one) for one in zip(*rows, strict=True))
        return Replications(estimates, errors, chisq, converged, admissible)

    def _one(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, float, bool, bool]:
        failed = np.full(len(self.rows), np.nan)
        try:
            fit = sem(self.model, self._drawn(rng), group=self._group, **self.options)
        except SurveykitError:  # a sample without an answer, as a study may draw one
            return failed, failed, float("nan"), False, False
        if not fit.converged:
            return failed, failed, float("nan"), False, False
        solution = fit._solution
        test = scaled_test(solution) or solution.tests[0]
        return (
            solution.estimates[self.rows],
            solution.standard_errors[self.rows],
            test.stat,
            True,
            fit.admissible,
        )

    @property
    def _group(self) -> str | None:
        return GROUP if len(self.plan.sizes) > 1 else None

    def _drawn(self, rng: np.random.Generator) -> pd.DataFrame:
        frames = []
        for at, size in enumerate(self.plan.sizes):
            cases = rng.multivariate_normal(self.plan.mean[at], self.plan.cov[at], size, method="cholesky")
            frame = pd.DataFrame(cases, columns=list(self.names[at]))
            frames.append(frame if self._group is None else frame.assign(**{GROUP: at + 1}))
        return pd.concat(frames, ignore_index=True)


def _result(
    fit: SemFit, found: Replications, rows: NDArray[np.int64], sizes: Sequence[int], alpha: float, seed: int
) -> MonteCarloResult:
    used = found.converged & np.isfinite(found.errors).all(axis=1)
    if not used.any():
        raise SurveykitError("M145", draws=len(used))
    table, truth = fit._solution.table, fit._solution.estimates[rows]
    estimates, errors, chisq = found.estimates[used], found.errors[used], found.chisq[used]
    critical = float(ndtri(1 - alpha / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        significant = np.abs(estimates / errors) > critical
    columns: dict[str, Any] = {
        name: [getattr(table, name)[row] for row in rows.tolist()] for name in ("lhs", "op", "rhs")
    }
    columns |= {"group": table.group[rows], "label": [table.label[row] for row in rows.tolist()]}
    columns |= {
        "population": truth,
        "mean": estimates.mean(axis=0),
        "bias": estimates.mean(axis=0) - truth,
        "sd": estimates.std(axis=0, ddof=1),
        "mean_se": errors.mean(axis=0),
        "coverage": (np.abs(estimates - truth) <= critical * errors).mean(axis=0),
        "power": significant.mean(axis=0),
    }
    failed = int((~used).sum())
    inadmissible = int((used & ~found.admissible).sum())
    df = fit._solution.df
    return MonteCarloResult(
        frame=pd.DataFrame(columns),
        n=tuple(sizes),
        draws=len(used),
        failed=failed,
        inadmissible=inadmissible,
        chisq=float(chisq.mean()),
        df=df,
        rejected=float((chdtrc(df, chisq) < alpha).mean()) if df > 0 else float("nan"),
        alpha=alpha,
        seed=seed,
        notes=(note("M146", failed=failed, draws=len(used)),) if failed else (),
    )
