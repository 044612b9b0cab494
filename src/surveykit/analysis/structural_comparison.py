"""Do paths differ between groups: each path, all together, and the indirect effects they make up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis.invariance_difference import difference
from surveykit.analysis.invariance_input import check_groups, check_number
from surveykit.analysis.sem import sem
from surveykit.analysis.sem_data import MOST_DRAWS, whole_number
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_options import is_word
from surveykit.analysis.sem_rows import inference
from surveykit.analysis.structural_effects import coefficients, path_effects, slopes, values
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.bootstrap import bootstrap as replicates_of
from surveykit.estimation.sem.bootstrap_intervals import intervals
from surveykit.estimation.sem.engine import Solution, fit
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.wald import wald_test
from surveykit.estimation.two_samples import adjust_pvalues
from surveykit.formatting import number, pvalue
from surveykit.options import check_choice, check_share, checked_call, nearest, shown
from surveykit.results import Result, frame_text

FloatArray = NDArray[np.float64]
NAN = float("nan")
ADJUSTMENTS = ("holm", "hochberg", "bonferroni", "BH", "BY", "none")


@dataclass(frozen=True, repr=False)
class PathComparison(Result):
    """Paths and indirect effects by group.

    Attributes
    ----------
    frame : DataFrame, a row per effect and group, then per effect and pair of groups
        ``effect path group est se z pvalue ci_lower ci_upper std_all`` and with bootstrap samples
        ``boot_ci_lower boot_ci_upper``. `effect` is "path", "indirect" (one chain), "total indirect" or
        "total"; `group` a label, or "JP - KR" for a difference (first minus second, unstandardized).
    equality : DataFrame, a row per path, the last for all together ("all")
        ``path chisq_diff df_diff pvalue pvalue_adjusted``: the model with the path equal in all groups
        against the model where all are free (scaled differences where the estimator is robust).
    fit : SemFit of the model with free paths
    bootstrap : samples that converged; 0 without
    """

    frame: pd.DataFrame
    equality: pd.DataFrame
    fit: SemFit
    group: str
    group_labels: tuple[str, ...]
    bootstrap: int
    conf_level: float
    adjust: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def moderated_mediation(self) -> pd.DataFrame:
        """Every effect on one line: each group's estimate, the difference, and the test of equality.

        Returns
        -------
        pandas.DataFrame
            ``effect path``; `est_<group> se_<group>` for each group; with two groups
            ``difference se z pvalue ci_lower ci_upper`` (and the bootstrap interval: the index of
            moderated mediation for indirect effects); ``wald df wald_pvalue``: the effect is the same
            in all groups (delta method).
        """
        rows = []
        for (effect, path), own in self.frame.groupby(["effect", "path"], sort=False):
            row: dict[str, Any] = {"effect": effect, "path": path}
            by_group = own.set_index("group")
            for label in self.group_labels:
                row |= {f"{name}_{label}": by_group.loc[label, name] for name in ("est", "se")}
            if len(self.group_labels) == 2:
                pair = by_group.loc[_pair(*self.group_labels)]
                row["difference"] = pair["est"]
                row |= {name: pair[name] for name in own.columns[4:-4]}
            row |= {name: own[name].iloc[0] for name in ("wald", "df", "wald_pvalue")}
            rows.append(row)
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Tests of equal paths, then every effect by group, as text."""
        lines = [f"Paths by {self.group} ({', '.join(self.group_labels)})"]
        for row in self.equality.to_dict("records"):
            test = f"chisq({int(row['df_diff'])}) = {number(row['chisq_diff'], 2)}"
            lines.append(f"{row['path']} equal: {test}, p {pvalue(row['pvalue_adjusted'])}")
        lines.append(frame_text(self.frame.drop(columns=["wald", "df", "wald_pvalue"])))
        return "\n".join([*lines, *(str(one) for one in self.notes)])

    def __repr__(self) -> str:
        last = self.equality.iloc[-1]
        test = f"chisq({int(last['df_diff'])}) = {number(last['chisq_diff'], 2)}, p {pvalue(last['pvalue'])}"
        size = f"{len(self.equality) - 1} paths, {len(self.group_labels)} groups"
        return f"<PathComparison: {size}; all equal: {test}>"


@checked_call
def compare_paths(
    model: str,
    data: pd.DataFrame | None = None,
    *,
    group: str | None = None,
    paths: Sequence[str] | None = None,
    bootstrap: int = 0,
    seed: int | None = None,
    group_equal: Sequence[str] | None = None,
    adjust: str = "holm",
    conf_level: float = 0.95,
    **options: Any,
) -> PathComparison:
    """Compare the regressions of a model between groups, and the indirect effects along them.

    Slopes on latent variables are comparable only if their loadings are equal
    (metric invariance), which is therefore held here.

    Parameters
    ----------
    model : str
        Measurement and regressions, lavaan syntax.
    data : pandas.DataFrame
        Or `sample_cov`, `sample_mean`, `sample_nobs` by group among the options.
    group : str
        Column of the groups, two or more.
    paths : such as ``["mutuality ~ trust"]``, optional
        Which paths to test; all regressions if not given.
    bootstrap : int, default 0
        Samples for percentile intervals: cases drawn within groups, or with moments only, normal
        samples from the fitted model.
    group_equal : words, optional
        What is held equal throughout; ``("loadings",)`` where there are latent variables with
        indicators. `group_partial` (among the options) names the loadings that are not.
    adjust : {"holm", "hochberg", "bonferroni", "BH", "BY", "none"}, default "holm"
        Over the tests of single paths.
    options : further arguments of `sem` (`estimator`, `missing`, ...).

    Returns
    -------
    PathComparison

    Raises
    ------
    SurveykitError
        V001, V002, V008, V009 the groups; V016 no regression in the model; V017 a path that the model
        does not have, or that is not free in all groups; and what `sem` refuses.

    Notes
    -----
    Standard errors of indirect effects and of their differences are delta-method ones; the
    bootstrap interval is the percentile interval, which does not assume a symmetric distribution.

    References
    ----------
    Satorra & Bentler (2001), doi:10.1007/BF02296192. Preacher, Rucker & Hayes (2007),
    doi:10.1080/00273170701341316. Ryu & Cheong (2017), doi:10.3389/fpsyg.2017.00747.

    Examples
    --------
    >>> names = ["x", "m", "y"]
    >>> jp = pd.DataFrame([[4.0, 3.0, 0.5], [3.0, 6.0, 1.5], [0.5, 1.5, 4.0]], names, names)
    >>> kr = pd.DataFrame([[5.0, 2.5, 1.8], [2.5, 5.0, 2.6], [1.8, 2.6, 4.0]], names, names)
    >>> found = compare_paths("m ~ x; y ~ m + x", sample_cov={"JP": jp, "KR": kr},
    ...                       sample_nobs={"JP": 300, "KR": 300})
    >>> found.equality.round(2)[["path", "df_diff"]].values.tolist()
    [['m ~ x', 1], ['y ~ m', 1], ['y ~ x', 1], ['all', 3]]
    """
    check_share("conf_level", conf_level)
    check_choice("adjust", adjust, ADJUSTMENTS)
    whole_number("bootstrap", bootstrap, 0, MOST_DRAWS)
    if seed is not None:
        whole_number("seed", seed, 0)
    if paths is not None and not is_word("paths", paths):
        raise SurveykitError("M166", option="paths", value=shown(paths))
    parsed = parse_model(model)
    if not any(term.op == "~" for term in parsed.terms):
        raise SurveykitError("V016")
    if data is not None:
        check_groups(model, data, group, options.get("ordered", ()))
        options = {**options, "data": data}
    elif isinstance(options.get("sample_cov"), Mapping | list | tuple):
        check_number(dict(enumerate(options["sample_cov"])), "sample_cov")
    if group_equal is None:
        group_equal = ("loadings",) if any(term.op == "=~" for term in parsed.terms) else ()
    found = sem(model, group=group, group_equal=group_equal, conf_level=conf_level, **options)
    solution = found._solution
    tied = _paths(solution, paths)
    equality = _equality(solution, tied, adjust)
    samples, notes = _bootstrap(solution, bootstrap, seed, data is not None)
    return PathComparison(
        frame=_effects(found, samples, conf_level),
        equality=equality,
        fit=found,
        group=group or "group",
        group_labels=found.group_labels,
        bootstrap=0 if samples is None else len(samples),
        conf_level=conf_level,
        adjust=adjust,
        notes=(*found.notes, *notes, *_equal_already(equality)),
    )


# --- which paths, and are they equal -------------------------------------------------------

Path = tuple[str, str]


def _paths(solution: Solution, asked: Sequence[str] | None) -> dict[Path, list[int]]:
    """(outcome, predictor) -> its row in each group, of paths that are free in all."""
    table = solution.table
    rows: dict[Path, list[int]] = {}
    for row in np.flatnonzero(table.free).tolist():
        if table.op[row] == "~":
            rows.setdefault((table.lhs[row], table.rhs[row]), []).append(row)
    free = {path: own for path, own in rows.items() if len(own) == len(solution.moments)}
    if asked is None:
        return free
    known = {f"{lhs} ~ {rhs}": (lhs, rhs) for lhs, rhs in free}
    plain = {name.replace(" ", ""): path for name, path in known.items()}
    chosen = {}
    for one in [asked] if isinstance(asked, str) else asked:
        path = plain.get("".join(one.split()))
        if path is None:
            close = nearest(one, known) or "–"
            raise SurveykitError("V017", path=one, nearest=close, paths="; ".join(known))
        chosen[path] = free[path]
    return chosen


def _equality(solution: Solution, paths: Mapping[Path, list[int]], adjust: str) -> pd.DataFrame:
    """Each path equal in all groups, then all of them, against the model with free paths."""
    rows = []
    for (lhs, rhs), own in paths.items():
        rows.append({"path": f"{lhs} ~ {rhs}", **_test(solution, [own])})
    every = {"path": "all", **_test(solution, list(paths.values()))}
    frame = pd.DataFrame([*rows, every])
    single = adjust_pvalues(frame["pvalue"].to_numpy()[:-1], adjust)
    frame["pvalue_adjusted"] = [*single, every["pvalue"]]
    return frame


def _test(solution: Solution, tied: Sequence[Sequence[int]]) -> dict[str, Any]:
    restricted = fit(with_equal(solution, tied), solution.moments, solution.settings)
    if not restricted.converged:
        return {"chisq_diff": NAN, "df_diff": restricted.df - solution.df, "pvalue": NAN}
    test = difference(restricted, solution)
    return {"chisq_diff": test.stat, "df_diff": test.df, "pvalue": test.pvalue}


def _equal_already(equality: pd.DataFrame) -> list[Note]:
    same = equality.loc[(equality["df_diff"] == 0) & (equality["path"] != "all"), "path"]
    return [note("V020", path=path) for path in same]


def with_equal(solution: Solution, tied: Sequence[Sequence[int]]) -> ParameterTable:
    """The table with each set of rows held equal."""
    table = solution.table
    pairs = [(own[0], other) for own in tied for other in own[1:]]
    count = len(pairs)
    zeros, none = np.zeros(count, dtype=np.int64), np.full(count, np.nan)
    ends = {
        "lhs": tuple(table.plabel[one] for one, _ in pairs),
        "op": ("==",) * count,
        "rhs": tuple(table.plabel[other] for _, other in pairs),
        "label": ("",) * count,
        "plabel": ("",) * count,
    }
    columns: dict[str, Any] = {name: (*getattr(table, name), *end) for name, end in ends.items()}
    columns |= {name: np.append(getattr(table, name), zeros) for name in ("block", "group", "free", "exo")}
    columns |= {name: np.append(getattr(table, name), none) for name in ("ustart", "start")}
    columns["user"] = np.append(table.user, zeros + 2)
    columns["lower"] = np.append(table.lower, none - np.inf)
    columns["upper"] = np.append(table.upper, none + np.inf)
    return replace(table, **columns)


# --- effects by group ----------------------------------------------------------------------


def _bootstrap(
    solution: Solution, draws: int, seed: int | None, cases: bool
) -> tuple[FloatArray | None, list[Note]]:
    """Estimates (R, n_free) of the samples that converged."""
    if not draws:
        return None, []
    made = replicates_of(solution, "nonparametric" if cases else "parametric", seed).run(0, draws)
    notes = [] if cases else [note("V018")]
    if made.failed:
        notes.append(note("V019", failed=made.failed, draws=draws))
    return made.x[made.converged], notes


def _effects(fit: SemFit, samples: FloatArray | None, conf_level: float) -> pd.DataFrame:
    """Every effect in every group, then every difference between two groups."""
    solution, labels = fit._solution, fit.group_labels
    by_group = [path_effects(solution, group + 1) for group in range(len(labels))]
    found = [one for own in by_group for one in own]
    place = {(one.kind, one.name, one.group): at for at, one in enumerate(found)}
    est = values(found, coefficients(solution, solution.x[None]))[0]
    jacobian = slopes(found, solution)
    drawn = None if samples is None else values(found, coefficients(solution, samples))
    rows: list[dict[str, Any]] = []
    weights: list[FloatArray] = []
    for kind, name in dict.fromkeys((one.kind, one.name) for one in found):
        own = {
            group: place[kind, name, group]
            for group in range(1, len(labels) + 1)
            if (kind, name, group) in place
        }
        equal = _wald(est, jacobian, solution, list(own.values()))
        for group, at in own.items():
            std = est[at] * found[at].scale
            rows.append({"effect": kind, "path": name, "group": labels[group - 1], "std_all": std, **equal})
            weights.append(np.eye(len(found))[at])
        for one, other in combinations(own, 2):
            pair = _pair(labels[one - 1], labels[other - 1])
            rows.append({"effect": kind, "path": name, "group": pair, "std_all": NAN, **equal})
            weights.append(np.eye(len(found))[own[one]] - np.eye(len(found))[own[other]])
    return _frame(rows, np.array(weights), est, jacobian, solution, drawn, conf_level)


def _frame(
    rows: Sequence[Mapping[str, Any]],
    weights: FloatArray,
    est: FloatArray,
    jacobian: FloatArray,
    solution: Solution,
    drawn: FloatArray | None,
    conf_level: float,
) -> pd.DataFrame:
    """The rows with their inference: each is a weighted sum of effects."""
    value, slope = weights @ est, weights @ jacobian
    se = np.full(len(value), np.nan)
    if solution.vcov is not None:
        se = np.sqrt(np.einsum("ij,jk,ik->i", slope, solution.vcov, slope))
    names = pd.DataFrame(rows)
    columns = inference(value, se, conf_level)
    if drawn is not None:
        limits = intervals(drawn @ weights.T, value, "perc", conf_level)
        columns |= {"boot_ci_lower": limits[:, 0], "boot_ci_upper": limits[:, 1]}
    ahead = names[["effect", "path", "group"]].assign(**columns)
    return ahead.join(names[["std_all", "wald", "df", "wald_pvalue"]])


def _wald(est: FloatArray, jacobian: FloatArray, solution: Solution, own: list[int]) -> dict[str, float]:
    """The effect is the same in all groups."""
    if solution.vcov is None or len(own) < 2:
        return {"wald": NAN, "df": NAN, "wald_pvalue": NAN}
    gap = jacobian[own[0]] - jacobian[own[1:]]
    variances = np.einsum("ij,jk,ik->i", gap, solution.vcov, gap)
    if np.any(variances <= 1e-12 * np.diag(solution.vcov).max()):  # equal already
        return {"wald": NAN, "df": 0, "wald_pvalue": NAN}
    test = wald_test(est[own[0]] - est[own[1:]], gap, solution.vcov).test
    return {"wald": test.stat, "df": test.df, "wald_pvalue": test.pvalue}


def _pair(one: str, other: str) -> str:
    return f"{one} - {other}"
