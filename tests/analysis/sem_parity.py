"""Every number of the reference beside ours: one cell a number, compared at the case's tolerance."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reference_data import case, dataset, matrix
from surveykit.analysis import sem as face
from surveykit.analysis.sem import SemFit
from surveykit.errors import SurveykitError, SurveykitWarning


class Cell(NamedTuple):
    """One number: where it stands, ours, lavaan's, and whether they agree."""

    section: str
    key: str
    got: Any
    reference: Any
    ok: bool


class Tolerance(NamedTuple):
    """``|x - ref| <= absolute + relative |ref|``; `se` is the relative one of what depends on errors."""

    relative: float
    absolute: float
    se: float

    @classmethod
    def of(cls, case_id: str) -> Tolerance:
        one = case(case_id)["tolerance"]
        return cls(one["relative"] or 1e-6, one["absolute"] or 1e-7, one.get("se_relative") or 1e-5)


# What depends on standard errors, and p values, which are compared absolutely (README).
ERRORS = ("se", "z", "ci.lower", "ci.upper")
P_ABSOLUTE = 1e-6


# Models whose numbers nobody can compare, with the code that says why: infinitely many minima, or none.
NO_UNIQUE_SOLUTION = {
    "not-identified-two-indicators": "M046",
    "not-identified-loadings": "M046",
    "negative-df": "M046",
    "factor-correlation-above-one": "M048",
    "sample-cov-collinear": "M044",
}


def records(case_id: str) -> list[dict[str, Any]]:
    return list(case(case_id)["fits"])


def arguments(record: dict[str, Any]) -> dict[str, Any]:
    """The call that the record describes."""
    options = dict(record["options"])
    given = record.get("input")
    if not given:
        return {"data": dataset(record["data"]), **options}
    if "sample_cor" in given:
        correlation = named(given["sample_cor"])
        moments = dataset(given["sample_sd_mean"]).set_index("var").loc[correlation.columns]
        cov = correlation * np.outer(moments["sd"], moments["sd"])
        return {"sample_cov": cov, "sample_mean": moments["mean"], "sample_nobs": 301, **options}
    cov = [named(one) for one in listed(given["sample_cov"])]
    mean = [vector(one) for one in listed(given.get("sample_mean") or [])]
    if len(cov) == 1:
        return {"sample_cov": cov[0], "sample_nobs": given["sample_nobs"], **options}
    labels = record["n"]["groups"]
    by_group = {"sample_cov": cov, "sample_mean": mean, "sample_nobs": given["sample_nobs"]}
    return {name: dict(zip(labels, one, strict=True)) for name, one in by_group.items()} | options


def listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]


def named(data_id: str) -> pd.DataFrame:
    return dataset(data_id).set_index("var")


def vector(data_id: str) -> pd.Series[float]:
    frame = dataset(data_id).set_index("var")
    return frame[frame.columns[0]]


@cache
def fitted(case_id: str, name: str) -> SemFit:
    record = next(one for one in records(case_id) if one["name"] == name)
    return fit_of(record)


def fit_of(record: dict[str, Any]) -> SemFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveykitWarning)
        return getattr(face, record["fun"])(record["model"], **arguments(record))  # type: ignore[no-any-return]


# --- cells ---------------------------------------------------------------------------------


def agree(got: Any, reference: Any, relative: float, absolute: float) -> bool:
    if reference is None:
        return got is None or not math.isfinite(got)
    if isinstance(reference, str):
        return bool(got == reference)
    if got is None or not math.isfinite(got):
        return False
    return bool(abs(float(got) - float(reference)) <= absolute + relative * abs(float(reference)))


def compared(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    """All cells of one fit."""
    yield from setting_cells(record, fit)
    yield from parameter_cells(record, fit, tolerance)
    if "standardized" in record:
        yield from standardized_cells(record, fit, tolerance)
    if record.get("fit"):
        yield from fit_cells(record, fit, tolerance)
        yield from test_cells(record, fit, tolerance)
    if record.get("r2"):
        yield from r2_cells(record, fit, tolerance)
    if record.get("modification_indices"):
        yield from modification_cells(record, fit, tolerance)
    if record.get("score_test"):
        yield from score_cells(record, fit, tolerance)
    yield from moment_cells(record, fit, tolerance)
    if record.get("factor_scores_first10"):
        yield from scores_cells(record, fit, tolerance)
    if "vcov" in record:
        yield from vcov_cells(record, fit, tolerance)


def setting_cells(record: dict[str, Any], fit: SemFit) -> Iterator[Cell]:
    """What the options were resolved to, and how many cases and parameters there are."""
    settings = fit._solution.settings
    ours = dict(fit.options) | {"estimator": settings.discrepancy, "sample_cov_rescale": settings.rescale}
    for name, value in (record.get("resolved") or {}).items():
        if name in ours and value != "default":
            got, wanted = listed(ours[name]), listed(value)
            yield Cell("settings", name, got, wanted, got == wanted)
    found = {
        "ntotal": fit.ntotal,
        "nobs": list(fit.nobs),
        "norig": [one.n_original for one in fit._solution.moments],
        "groups": list(fit.group_labels),
        "free_parameters": fit._solution.table.n_free,
    }
    for name, number in (record.get("n") or {}).items():
        if name in found:
            got, wanted = listed(found[name]), listed(number)
            yield Cell(
                "settings", name, got, wanted, [str(one) for one in got] == [str(one) for one in wanted]
            )


def column(section: str, key: str, name: str, got: Any, reference: Any, tolerance: Tolerance) -> Cell:
    """A cell of an estimates table: which tolerance depends on the column."""
    if name in ("pvalue", "p.value"):
        ok = agree(got, reference, 0.0, P_ABSOLUTE)
    else:
        relative = tolerance.se if name in ERRORS else tolerance.relative
        ok = agree(got, reference, relative, tolerance.absolute)
    return Cell(section, f"{key} {name}", got, reference, ok)


def row_key(row: Any) -> tuple[str, str, str]:
    return row["lhs"], row["op"], row["rhs"]


def same_rows(section: str, ours: pd.DataFrame, theirs: list[dict[str, Any]]) -> Cell:
    mine = list(zip(ours["lhs"], ours["op"], ours["rhs"], strict=True))
    wanted = [row_key(row) for row in theirs]
    return Cell(section, "rows", str(mine), str(wanted), mine == wanted)


PARAMETER_COLUMNS = {
    "est": "est", "se": "se", "z": "z", "pvalue": "pvalue", "ci.lower": "ci_lower", "ci.upper": "ci_upper",
    "std.lv": "std_lv", "std.all": "std_all",
}  # fmt: skip


def parameter_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    ours, theirs = fit.parameter_estimates(), record["parameters"]
    rows = same_rows("parameters", ours, theirs)
    yield rows
    if not rows.ok:
        return
    nox = fit.standardized_solution("std.nox")["est_std"] if "std.nox" in theirs[0] else None
    for at, row in enumerate(theirs):
        key = " ".join(row_key(row)) + f" {row.get('group', '')}"
        if "group" in row:
            yield Cell(
                "parameters",
                f"{key} group",
                ours["group"][at],
                row["group"],
                ours["group"][at] == row["group"],
            )
        if "label" in row:
            yield Cell(
                "parameters",
                f"{key} label",
                ours["label"][at],
                row["label"],
                ours["label"][at] == row["label"],
            )
        for name, mine in PARAMETER_COLUMNS.items():
            if name in row or name in ("est", "se"):
                yield column("parameters", key, name, ours[mine][at], row.get(name), tolerance)
        if nox is not None:
            yield column("parameters", key, "std.nox", nox[at], row["std.nox"], tolerance)


def standardized_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    names = {"est.std": "est_std", "se": "se", "z": "z", "pvalue": "pvalue"}
    names |= {"ci.lower": "ci_lower", "ci.upper": "ci_upper"}
    for kind, theirs in record["standardized"].items():
        ours = fit.standardized_solution(kind)
        rows = same_rows(f"standardized {kind}", ours, theirs)
        yield rows
        for at, row in enumerate(theirs if rows.ok else []):
            for name, mine in names.items():
                key = " ".join(row_key(row))
                yield column(f"standardized {kind}", key, name, ours[mine][at], row.get(name), tolerance)


def fit_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    ours = fit.fit_measures()
    for name, value in record["fit"].items():
        key = name.replace(".", "_")
        got = ours.get(key, math.nan)
        absolute = P_ABSOLUTE if "pvalue" in name else tolerance.absolute
        ok = key in ours and agree(got, value, tolerance.relative, absolute)
        yield Cell("fit", name, got, value, ok)


def test_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    ours = {one.test: one for one in fit._solution.tests}
    names = {"stat": "stat", "df": "df", "pvalue": "pvalue", "scaling.factor": "scaling_factor"}
    names |= {"shift.parameter": "shift_parameter", "trace.UGamma": "trace_ugamma"}
    names |= {"trace.UGamma2": "trace_ugamma2", "scaling.factor.h0": "scaling_factor_h0"}
    names |= {"scaling.factor.h1": "scaling_factor_h1", "refdistr": "refdistr"}
    for one in record["tests"]:
        mine = ours.get(one["test"])
        if mine is None:
            yield Cell("tests", one["test"], None, one["stat"], False)
            continue
        for name, attribute in names.items():
            if name in one:
                cell = column("tests", one["test"], name, getattr(mine, attribute), one[name], tolerance)
                yield cell
        for group, value in enumerate(one["stat.group"]):
            got = mine.stat_group[group]
            key = f"{one['test']} group {group + 1}"
            yield Cell("tests", key, got, value, agree(got, value, tolerance.relative, tolerance.absolute))


def r2_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    ours = fit.r_squared()
    for one in record["r2"]:
        mine = ours[one["group"]] if one["group"] else ours
        yield Cell(
            "r2", "names", list(mine.index), list(one["values"]), list(mine.index) == list(one["values"])
        )
        for name, value in one["values"].items():
            got = mine.get(name, math.nan)
            yield Cell("r2", name, got, value, agree(got, value, tolerance.relative, tolerance.absolute))


MODIFICATION_COLUMNS = {
    "mi": "mi", "epc": "epc", "sepc.lv": "sepc_lv", "sepc.all": "sepc_all", "sepc.nox": "sepc_nox",
}  # fmt: skip


def modification_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    ours, theirs = fit.modification_indices(), record["modification_indices"]
    largest = ours["mi"].head(len(theirs)).tolist()
    for at, row in enumerate(theirs):
        got = largest[at] if at < len(largest) else math.nan
        ok = agree(got, row["mi"], tolerance.relative, tolerance.absolute)
        yield Cell("modification_indices", f"sorted {at}", got, row["mi"], ok)
    place = {
        (*row_key(row), int(row["group"])): row
        for row in ours.to_dict(orient="records")  # type: ignore[call-overload]
    }
    for row in theirs:
        key = (*row_key(row), row.get("group", 1))
        mine = place.get(key)
        for name, attribute in MODIFICATION_COLUMNS.items():
            got = math.nan if mine is None else mine[attribute]
            ok = agree(got, row.get(name), tolerance.relative, tolerance.absolute)
            yield Cell("modification_indices", f"{' '.join(map(str, key))} {name}", got, row.get(name), ok)


def score_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    ours = fit.score_test()
    single = ours[ours["test"] == "univariate"].reset_index(drop=True)
    for at, row in enumerate(record["score_test"]["univariate"]):
        key = f"{row['par_lhs']}.g{row['group_lhs']} == {row['par_rhs']}.g{row['group_rhs']}"
        names = {"lhs": row["lhs"], "rhs": row["rhs"]}
        for name, value in names.items():
            yield Cell("score_test", f"{key} {name}", single[name][at], value, single[name][at] == value)
        numbers = {"X2": "chisq", "df": "df", "p.value": "pvalue"}
        numbers |= {"X2.scaled": "chisq_scaled", "p.value.scaled": "pvalue_scaled"}
        for name, mine in numbers.items():
            if name in row:
                yield column("score_test", key, name, single[mine][at], row[name], tolerance)
    for row in record["score_test"]["total"]:
        mine = ours[ours["test"] == row["test"]]
        for name, attribute in {"X2": "chisq", "df": "df", "p.value": "pvalue"}.items():
            got = mine[attribute].iloc[0] if len(mine) else math.nan
            yield column("score_test", row["test"], name, got, row[name], tolerance)


MOMENTS = {
    "sampstat": lambda fit: fit.sample_moments(),
    "implied": lambda fit: fit.implied(),
    "residuals_raw": lambda fit: fit.residuals("raw"),
    "residuals_cor_bentler": lambda fit: fit.residuals("cor.bentler"),
    "residuals_z": lambda fit: fit.residuals("standardized"),
}
MOMENT_NAMES = {"cov.z": "cov", "mean.z": "mean", "res.cov": "cov", "res.int": "mean", "res.slopes": "slopes"}
MOMENT_NAMES |= {"res.th": "th", "cov.x": "cov_x", "mean.x": "mean_x"}


def moment_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    for section, ask in MOMENTS.items():
        if not record.get(section):
            continue
        ours = ask(fit)
        relative = tolerance.se if section == "residuals_z" else tolerance.relative
        for one in record[section]:
            mine = ours[one["group"]] if one["group"] else ours
            for name, value in one.items():
                if name != "group":
                    key = MOMENT_NAMES.get(name, name)
                    yield from _moment(section, name, mine.get(key), value, relative, tolerance.absolute)


def _moment(
    section: str, name: str, mine: Any, value: Any, relative: float, absolute: float
) -> Iterator[Cell]:
    if isinstance(value, dict) and "rows" in value:
        theirs: Any = matrix(value)
        got = None if mine is None else mine.reindex(index=theirs.index, columns=theirs.columns).to_numpy()
        names = [f"{row},{col}" for row in theirs.index for col in theirs.columns]
    else:
        items = value if isinstance(value, dict) else {next(iter(mine.index), ""): value}
        theirs = pd.Series(items, dtype=float)
        got = None if mine is None else mine.reindex(theirs.index).to_numpy()
        names = list(theirs.index)
    flat = theirs.to_numpy().ravel()
    ours = np.full(len(flat), np.nan) if got is None else np.asarray(got, dtype=float).ravel()
    for label, number, reference in zip(names, ours, flat, strict=True):
        wanted = None if math.isnan(reference) else float(reference)
        yield Cell(section, f"{name} {label}", number, wanted, agree(number, wanted, relative, absolute))


def scores_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    for method, value in record["factor_scores_first10"].items():
        if value is None:
            continue
        parts = value.get("groups", [{"group": None, "values": value}])
        if not matrix(parts[0]["values"]).shape[1]:
            continue  # no latent variable
        ours = fit.factor_scores(method)
        for part in parts:
            theirs = matrix(part["values"])
            mine = ours[ours["group"] == part["group"]] if part["group"] else ours
            got = mine[list(theirs.columns)].head(len(theirs)).to_numpy()
            for label, number, reference in zip(
                [f"{row},{col}" for row in theirs.index for col in theirs.columns],
                got.ravel(),
                theirs.to_numpy().ravel(),
                strict=True,
            ):
                wanted = None if math.isnan(reference) else float(reference)
                ok = agree(number, wanted, *_score_tolerance(fit, tolerance))
                yield Cell("factor_scores", f"{method} {label}", number, wanted, ok)


def _score_tolerance(fit: SemFit, tolerance: Tolerance) -> tuple[float, float]:
    """R's optim leaves 3e-4 in the modes of ordered items (see test_ordinal_scores.py)."""
    ordered = fit._solution.settings.categorical
    return (0.0, 3e-4) if ordered else (tolerance.relative, tolerance.absolute)


def vcov_cells(record: dict[str, Any], fit: SemFit, tolerance: Tolerance) -> Iterator[Cell]:
    ours, theirs = fit.vcov(), matrix(record["vcov"])
    same = list(ours.index) == list(theirs.index)
    yield Cell("vcov", "names", str(list(ours.index)), str(list(theirs.index)), same)
    if not same:
        return
    deviation = np.sqrt(np.diag(theirs.to_numpy()))
    for i, row in enumerate(theirs.index):
        for j, col in enumerate(theirs.columns):
            got, reference = ours.iloc[i, j], theirs.iloc[i, j]
            # an element is as good as the errors of both parameters
            absolute = tolerance.absolute**2 + 2 * tolerance.se * deviation[i] * deviation[j]
            yield Cell("vcov", f"{row},{col}", got, reference, agree(got, reference, 0.0, absolute))


def all_cells(case_id: str, record: dict[str, Any]) -> list[Cell]:
    """The cells of a fit; a refusal counts as one cell that does not agree."""
    try:
        fit = fitted(case_id, record["name"])
    except SurveykitError as refusal:
        return [Cell("fit", "refused", str(refusal), None, False)]
    return list(compared(record, fit, Tolerance.of(case_id)))
