"""Frames of what can be asked of a solution."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis.sem_data import Cases, whole_number
from surveykit.analysis.sem_rows import Rows, bootstrapped, inference
from surveykit.errors import SurveykitError
from surveykit.estimation.sem import scores, standardize
from surveykit.estimation.sem.bootstrap_intervals import KINDS
from surveykit.estimation.sem.chisquare import TestStatistic
from surveykit.estimation.sem.conditional import conditional_moments
from surveykit.estimation.sem.effects import effect_values, effects
from surveykit.estimation.sem.engine import Solution, delta_errors
from surveykit.estimation.sem.facts import implied_moments, observed_moments
from surveykit.estimation.sem.hypotheses import add_parameters, release_equalities, wald_of
from surveykit.estimation.sem.modification import modification_indices
from surveykit.estimation.sem.ordinal_scores import item_model, item_scores
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.residual_errors import UNDIVIDED, divided, residual_errors
from surveykit.estimation.sem.residuals import GroupMoments, residual_moments
from surveykit.estimation.sem.restricted import ChiSquare
from surveykit.estimation.sem.score_test import ScoreTest
from surveykit.options import check_choice, shown

FloatArray = NDArray[np.float64]

STANDARDIZED = standardize.KINDS
RESIDUALS = ("raw", "cor", "cor.bollen", "cor.bentler", "normalized", "standardized")
SCORES = scores.METHODS
OPERATORS = ("=~", "~", "~~", "~1", "|", "~*~")


def plain_label(table: ParameterTable, row: int) -> str:
    """``lhs op rhs`` with ``.g2`` in later groups."""
    group = int(table.group[row])
    return f"{table.lhs[row]}{table.op[row]}{table.rhs[row]}" + (f".g{group}" if group > 1 else "")


def row_labels(solution: Solution) -> list[str]:
    """lavaan's label of every row: the user's, or `plain_label`."""
    table = solution.table
    return [label or plain_label(table, row) for row, label in enumerate(table.label)]


def parameter_labels(solution: Solution) -> list[str]:
    """Labels of the free parameters, in the order of x."""
    labels = row_labels(solution)
    rows = np.flatnonzero(solution.table.free)
    return [labels[row] for row in rows[np.argsort(solution.table.free[rows])]]


def parameter_table(solution: Solution) -> pd.DataFrame:
    table = solution.table
    columns: dict[str, Any] = {"id": np.arange(1, len(table) + 1)}
    columns |= {name: list(getattr(table, name)) for name in ("lhs", "op", "rhs")}
    columns |= {name: getattr(table, name) for name in ("user", "block", "group", "free", "ustart", "exo")}
    columns |= {"label": list(table.label), "plabel": list(table.plabel), "start": table.start}
    bounded = np.isfinite(table.lower).any() or np.isfinite(table.upper).any()
    if bounded:
        columns |= {"lower": table.lower, "upper": table.upper}
    return pd.DataFrame(columns | {"est": solution.estimates, "se": solution.standard_errors})


def without_errors(solution: Solution, what: str) -> SurveykitError:
    """M115 where none were asked for, M140 where there are none."""
    asked = solution.settings.se
    return (
        SurveykitError("M115", what=what, option="se='none'")
        if asked == "none"
        else SurveykitError("M140", what=what)
    )


def vcov_frame(solution: Solution) -> pd.DataFrame:
    """Refuses (M115, M140) where there is none."""
    if solution.vcov is None:
        raise without_errors(solution, "vcov()")
    labels = parameter_labels(solution)
    return pd.DataFrame(solution.vcov.copy(), index=labels, columns=labels)


def effects_frame(rows: Rows, boot_ci_type: str) -> pd.DataFrame:
    check_choice("boot_ci_type", boot_ci_type, KINDS)
    solution = rows.solution
    found = effects(solution.table, solution.representation, solution.x)
    est = np.array([one.est for one in found])
    jacobian = np.array([one.jacobian for one in found]).reshape(len(found), solution.table.n_free)
    se = np.full(len(found), np.nan)
    if solution.vcov is not None:
        se = delta_errors(jacobian, solution.vcov)
    columns: dict[str, Any] = {
        "lhs": [one.outcome for one in found],
        "rhs": [one.predictor for one in found],
        "group": [one.group for one in found],
        "effect": [one.kind for one in found],
    }
    if rows.replicates is not None and len(rows.replicates) > 1 and found:
        again = partial(effect_values, solution.representation, found)
        columns |= bootstrapped(rows, again, est, boot_ci_type, rows.rounding_of(jacobian))
    else:
        columns |= inference(est, se, rows.level)
    return pd.DataFrame(columns | {"std_all": est * np.array([one.scale for one in found])})


def tests_frame(tests: Sequence[TestStatistic]) -> pd.DataFrame:
    names = ("test", "stat", "df", "pvalue", "scaling_factor", "shift_parameter", "refdistr")
    return pd.DataFrame({name: [getattr(one, name) for one in tests] for name in names})


def observed_frames(solution: Solution, given_x: bool) -> list[dict[str, Any]]:
    frames = moment_frames(solution, [one for one, _ in moment_pairs(solution, given_x)], given_x)
    return _with_covariates(solution, frames, given_x)


def implied_frames(solution: Solution, given_x: bool) -> list[dict[str, Any]]:
    frames = moment_frames(solution, [one for _, one in moment_pairs(solution, given_x)], given_x)
    return _with_covariates(solution, frames, given_x)


def _with_covariates(solution: Solution, frames: list[dict[str, Any]], given_x: bool) -> list[dict[str, Any]]:
    """The same with ``cov_x mean_x``, where x is conditioned on."""
    for group, (part, sample) in enumerate(zip(frames, solution.moments, strict=True)):
        if "slopes" not in part:
            continue
        names, cov, mean = list(part["slopes"].columns), sample.x_cov, sample.x_mean
        if given_x:
            x = solution.representation.groups[group].fixed_x
            cov, mean = sample.cov[np.ix_(x, x)], sample.mean[x]
        part["cov_x"] = pd.DataFrame(cov.copy(), index=names, columns=names)
        part["mean_x"] = pd.Series(mean.copy(), index=names, name="mean")
    return frames


def moment_pairs(solution: Solution, given_x: bool) -> list[tuple[GroupMoments, GroupMoments]]:
    """Observed and implied moments of each group; `given_x` those of the outcomes given fixed x."""
    if given_x:
        return [(one.observed, one.implied) for one in conditional_moments(solution)]
    return list(zip(observed_moments(solution), implied_moments(solution), strict=True))


def moment_frames(
    solution: Solution, moments: Sequence[GroupMoments], given_x: bool = False
) -> list[dict[str, Any]]:
    """Named frames and series of each group's moments."""
    layouts = solution.representation.groups
    out = []
    for group, (layout, one) in enumerate(zip(layouts, moments, strict=True)):
        names, covariates = list(layout.ov), list(layout.ov_x)
        if given_x:
            covariates = [names[at] for at in solution.representation.groups[group].fixed_x]
            names = [name for name in names if name not in covariates]
        part: dict[str, Any] = {"cov": pd.DataFrame(one.cov.copy(), index=names, columns=names)}
        if one.mean is not None:
            part["mean"] = pd.Series(one.mean.copy(), index=names, name="mean")
        if one.th is not None:
            part["th"] = pd.Series(one.th.copy(), index=list(layout.th), name="th")
        if one.slopes is not None:
            part["slopes"] = pd.DataFrame(one.slopes.copy(), index=names, columns=covariates)
        out.append(part)
    return out


def residual_frames(solution: Solution, kind: str, given_x: bool) -> list[dict[str, Any]]:
    """Refuses (M115) standard errors of residuals given x."""
    pairs = moment_pairs(solution, given_x)
    kind = "cor.bollen" if kind == "cor" else kind
    if kind not in UNDIVIDED:
        return moment_frames(solution, [residual_moments(*pair, kind) for pair in pairs], given_x)
    if given_x:
        raise SurveykitError("M115", what=f"residuals('{kind}')", option="conditional_x=True")
    raw = [residual_moments(*pair, "raw") for pair in pairs]
    errors = residual_errors(solution, kind)
    return moment_frames(
        solution, [divided(one, error, kind) for one, error in zip(raw, errors, strict=True)]
    )


def scores_frame(solution: Solution, cases: Sequence[Cases], method: str, se: bool) -> pd.DataFrame:
    """Refuses (M098) models without latent variables."""
    if not solution.table.variable_names("lv.regular"):
        raise SurveykitError("M098")
    parts = []
    for group, one in enumerate(cases):
        layout = solution.representation.groups[group]
        found = _group_scores(solution, one, group, method)
        names = list(layout.lv[: layout.n_latent])
        part = pd.DataFrame(found.values, index=one.index, columns=names)
        if se:
            for at, name in enumerate(names):
                part[f"{name}_se"] = found.se[:, at]
        if len(cases) > 1:
            part["group"] = one.label
        parts.append(part)
    return pd.concat(parts)


def _group_scores(solution: Solution, cases: Cases, group: int, method: str) -> scores.Scores:
    layout = solution.representation.groups[group]
    sample = solution.moments[group]
    data = cases.columns(layout.ov)
    if not solution.settings.categorical:
        model = scores.score_model(solution.table, solution.representation, solution.x, group, sample.mean)
        return scores.normal_scores(model, data, method)
    for at, levels in enumerate(getattr(sample, "categories", ())):
        if len(levels):
            known = ~np.isnan(data[:, at])
            data[known, at] = np.searchsorted(levels, data[known, at])
    x = cases.columns(layout.ov_x) if layout.ov_x else None
    return item_scores(item_model(solution.representation, solution.x, group), data, x, method)


def resolved_options(solution: Solution) -> dict[str, Any]:
    settings = solution.settings
    names = ("estimator", "se", "test", "information", "observed_information", "h1_information", "likelihood")
    found: dict[str, Any] = {
        name: getattr(settings, name) for name in (*names, "missing", "parameterization")
    }
    if settings.gaps_in_x:
        found["missing"] = "ml.x"
    representation = solution.representation
    found |= {"meanstructure": representation.meanstructure, "conditional_x": representation.conditional_x}
    found["fixed_x"] = any(len(layout.exogenous.i) for layout in representation.groups) or bool(
        representation.conditional_x
    )
    return found


def modification_frame(solution: Solution, sort: bool, given_x: bool) -> pd.DataFrame:
    found = modification_indices(solution, given_x)
    table, rows = found.table, found.rows
    columns: dict[str, Any] = {
        name: [getattr(table, name)[row] for row in rows.tolist()] for name in ("lhs", "op", "rhs")
    }
    columns |= {"group": table.group[rows], "mi": found.mi, "epc": found.epc}
    columns |= {f"sepc_{kind.removeprefix('std.')}": one for kind, one in found.standardized.items()}
    frame = pd.DataFrame(columns)
    return frame.sort_values("mi", ascending=False, kind="stable") if sort else frame


def with_power(frame: pd.DataFrame, delta: float, alpha: float, high_power: float) -> pd.DataFrame:
    """The same with ``delta ncp power decision``: would a misfit of size `delta` be found?"""
    from scipy.special import chdtrc, chdtri, chndtr  # slow to import

    with np.errstate(invalid="ignore", divide="ignore"):
        ncp = (frame["mi"] / frame["epc"] ** 2 * delta**2).to_numpy(float)
    power = 1.0 - chndtr(chdtri(1, alpha), 1, ncp)
    significant, high = chdtrc(1, frame["mi"].to_numpy(float)) < alpha, power > high_power
    large = frame["epc"].abs().to_numpy(float) > delta
    words = np.where(significant, np.where(large, "*epc:m*", "epc:nm"), "(nm)")
    words = np.where(high, words, np.where(significant, "**(m)**", "(i)"))
    return frame.assign(delta=float(delta), ncp=ncp, power=power, decision=words)


def score_test_frame(solution: Solution, release: Sequence[int] | None, cumulative: bool) -> pd.DataFrame:
    """Refuses (M099, M115, M117, M163, M174) where nothing can be released, or inequalities prevent it."""
    constraints, table = solution.constraints, solution.table
    rows = constraints.equality_rows.tolist()
    if len(constraints.inequality_rows):
        raise SurveykitError("M115", what="score_test()", option="< >")
    if not rows:
        raise SurveykitError("M099")
    numbers = range(1, len(rows) + 1) if release is None else release
    tested = list(dict.fromkeys(_number_of(one, len(rows)) for one in numbers))
    if not tested:
        raise SurveykitError("M174", value=shown(release))
    found = release_equalities(solution, tested, cumulative)
    readable = dict(zip(table.plabel, (plain_label(table, row) for row in range(len(table))), strict=True))
    names = []
    for at in tested:
        lhs, rhs = table.lhs[rows[at]], table.rhs[rows[at]]
        said = {"parameter_lhs": readable.get(lhs, lhs), "parameter_rhs": readable.get(rhs, rhs)}
        names.append({"lhs": lhs, "rhs": rhs, **said})
    return _tests_frame(found, names, cumulative)


def added_frame(solution: Solution, text: str, given_x: bool, cumulative: bool) -> pd.DataFrame:
    """Score tests of further parameters, with their expected changes."""
    if len(solution.constraints.inequality_rows):
        raise SurveykitError("M115", what="score_test()", option="< >")
    found = add_parameters(solution, text, given_x, cumulative)
    table, names = found.table, []
    for row in found.rows:
        label = plain_label(table, row)
        names.append({"lhs": label, "rhs": "0", "parameter_lhs": label, "parameter_rhs": "0"})
    frame = _tests_frame(found.test, names, cumulative)
    frame.loc[: len(names) - 1, "epc"] = found.epc
    return frame


def _number_of(one: int, count: int) -> int:
    """The place of a constraint that is counted from 1."""
    number = whole_number("release", one, 1)
    if number > count:
        raise SurveykitError("M163", number=number, count=count)
    return number - 1


def _tests_frame(found: ScoreTest, names: Sequence[dict[str, Any]], cumulative: bool) -> pd.DataFrame:
    rows = _test_rows("univariate", names, found.univariate, found.univariate_scaled)
    if cumulative:
        ordered = [names[at] for at in found.order]
        rows += _test_rows("cumulative", ordered, found.cumulative, found.cumulative_scaled)
    totals = {"score": found.total}
    if found.versions is not None:
        totals |= {
            f"score.{name}": getattr(found.versions, name) for name in ("scaled", "adjusted", "robust")
        }
    rows += [{"test": name, **_chisq(one)} for name, one in totals.items()]
    return pd.DataFrame(rows)


def _test_rows(
    test: str,
    names: Sequence[dict[str, Any]],
    plain: Sequence[ChiSquare],
    scaled: Sequence[ChiSquare] | None,
) -> list[dict[str, Any]]:
    rows = [{"test": test, **name, **_chisq(one)} for name, one in zip(names, plain, strict=True)]
    for row, other in zip(rows, scaled or (), strict=scaled is not None):
        row |= {"chisq_scaled": other.stat, "pvalue_scaled": other.pvalue}
    return rows


def _chisq(one: ChiSquare) -> dict[str, float]:
    return {"chisq": one.stat, "df": one.df, "pvalue": one.pvalue}


def wald_test_series(solution: Solution, constraints: str) -> pd.Series[Any]:
    """Refuses (M115, M140) without a covariance matrix."""
    if solution.vcov is None:
        raise without_errors(solution, "wald_test()")
    found = wald_of(solution, constraints)
    values = _chisq(found.test)
    if found.versions is not None and found.standard is not None:
        values["chisq_standard"] = found.standard.stat
        values |= {"chisq_scaled": found.versions.scaled.stat, "pvalue_scaled": found.versions.scaled.pvalue}
        values["scaling_factor"] = found.versions.scaling_factor
        values |= {f"{name}_adjusted": value for name, value in _chisq(found.versions.adjusted).items()}
    return pd.Series(values, name="value")
