"""From a request to a fit: read the model, read the data, make the table and the moments, estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis.sem_bootstrap import resampled
from surveykit.analysis.sem_data import (
    Cases,
    Summary,
    check_frame,
    column_dtypes,
    ordered_columns,
    read_groups,
    read_summaries,
    require,
)
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_options import RESOLVED, Request
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.moments import SampleMoments, moments_of_cases, moments_of_summary
from surveykit.estimation.ordinal_moments import ordinal_moments
from surveykit.estimation.saturated import moments_of_incomplete_cases, moments_of_pairs
from surveykit.estimation.sem.bounds import add_bounds
from surveykit.estimation.sem.conditional import residual_tests_given_x
from surveykit.estimation.sem.engine import fit
from surveykit.estimation.sem.given_table import table_from_columns
from surveykit.estimation.sem.parameter_table import ParameterTable, build_table
from surveykit.estimation.sem.settings import SCALED, Settings, resolve
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.table_options import table_options
from surveykit.estimation.sem.terms import ParsedModel

FloatArray = NDArray[np.float64]

# lavaan's: with more categories an item is rather numeric.
FEW_CATEGORIES = 12
# Incomplete rows stay.
KEPT = ("ml", "two.stage", "robust.two.stage")


def fit_request(request: Request) -> SemFit:
    """Everything between the call and the fit."""
    model = read_model(request.model)
    source, notes = read_source(request, model)
    ordered = ordered_items(request, model, source)
    settings = resolve(
        str(request["estimator"] or "default"),
        se=request.se,
        test=request["test"],
        categorical=bool(ordered),
        clustered=request["cluster"] is not None,
        **{name: request[name] for name in RESOLVED if name != "se"},
    )
    check_summaries(source, settings)
    many = {name: count for name, count in ordered.items() if count > FEW_CATEGORIES}
    if many:
        listed = ", ".join(f"{name} ({count})" for name, count in many.items())
        notes = (*notes, note("M147", names=listed, few=FEW_CATEGORIES))
    without = request["meanstructure"] is False and settings.missing in KEPT
    asked = [note("M137", missing=settings.missing)] if without else []
    given_x = conditioned(request, model, settings)
    table = make_table(request, model, source, ordered, settings, given_x)
    source, more = complete_cases(source, table, settings)
    table = bounded(request, table, source)
    moments = tuple(
        group_moments(one, table, group, settings, ordered) for group, one in enumerate(source.groups, 1)
    )
    if any(isinstance(one, Summary) and one.mean is None for one in source.groups) and "~1" in table.op:
        more.append(note("M118"))
    solution = fit(table, moments, settings)
    if given_x:
        solution = replace(solution, tests=residual_tests_given_x(solution))
    solution, replicates, counted = resampled(solution, request)
    told = (*asked, *notes, *more, *counted)
    return SemFit.of(solution, request, source.cases, told, replicates, given_x=given_x)


@dataclass(frozen=True)
class Source:
    """The data of all groups: cases, with the dtypes of all columns of their frame, or summary statistics."""

    cases: tuple[Cases, ...] = ()
    summaries: tuple[Summary, ...] = ()
    dtypes: Mapping[str, Any] | None = None

    @property
    def groups(self) -> tuple[Cases | Summary, ...]:
        return self.cases or self.summaries

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(one.label for one in self.groups)


Model = ParsedModel | ParameterTable


def read_model(model: Any) -> Model:
    """Model text, or a parameter table (a frame, or a mapping of columns); M119 for anything else."""
    if isinstance(model, pd.DataFrame):
        return table_from_columns({str(name): column.tolist() for name, column in model.items()})
    if isinstance(model, Mapping):
        return table_from_columns(model)
    if not isinstance(model, str):
        raise SurveykitError("M119", found=type(model).__name__)
    return parse_model(model)


def names_of(model: Model, kind: str) -> tuple[str, ...]:
    """Variables of one kind: "ov", "ov.nox", "ov.ord"."""
    if isinstance(model, ParameterTable):
        return model.variable_names(kind)
    names: tuple[str, ...] = getattr(model.roles, kind.replace(".", "_"))
    return names


def read_source(request: Request, model: Model) -> tuple[Source, tuple[Note, ...]]:
    """The model's variables from the data, by group."""
    names = names_of(model, "ov")
    if request["sample_cov"] is not None:
        statistics = (request["sample_cov"], request["sample_mean"], request["sample_nobs"])
        summaries = read_summaries(*statistics, request["group_label"])
        for one in summaries:
            require(pd.DataFrame(columns=list(one.names)), names)
        return Source(summaries=summaries), ()
    frame = check_frame(request.data)
    require(frame, names)
    dtypes = column_dtypes(frame)
    cases, notes = read_groups(
        frame,
        names,
        dtypes,
        group=request["group"],
        group_label=request["group_label"],
        cluster=request["cluster"],
    )
    return Source(cases=cases, dtypes=dtypes), notes


def check_summaries(source: Source, settings: Settings) -> None:
    """Refuse (M094) estimators, errors and tests that need the cases, where there are none."""
    if not source.summaries:
        return
    robust = settings.se.startswith("robust") and settings.se != "robust.sem.nt"
    distribution_free = any(one.startswith("browne.residual.adf") for one in settings.test)
    for what, needed in (
        (f"estimator='{settings.estimator}'", settings.discrepancy in ("WLS", "DWLS")),
        (f"estimator='{settings.estimator}', se='{settings.se}'", robust),
        ("information='first.order'", settings.information[0] == "first.order"),
        (
            f"test={', '.join(settings.test)}",
            distribution_free or any(one in SCALED for one in settings.test),
        ),
    ):
        if needed:
            raise SurveykitError("M094", what=what)


def ordered_items(request: Request, model: Model, source: Source) -> dict[str, int]:
    """Ordered variables with their numbers of categories."""
    asked, names = request["ordered"], names_of(model, "ov")
    if asked is True:
        wanted = names_of(model, "ov.nox")
    else:
        wanted = () if asked is False or asked is None else (asked,) if isinstance(asked, str) else asked
        # As in lavaan, a list of all ordered items of the data may be longer than the model's.
        known = {*names, *(source.dtypes or ())}
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise SurveykitError("M088", names=", ".join(unknown), columns=", ".join(names))
    found = {*wanted, *names_of(model, "ov.ord")}
    if source.dtypes and asked is not False:
        found |= set(ordered_columns(source.dtypes, names))
    return _categories(source.cases, [name for name in names if name in found])


def _categories(cases: Sequence[Cases], names: Sequence[str]) -> dict[str, int]:
    """Number of categories of each variable in all groups together."""
    if not names or not cases:
        return dict.fromkeys(names, 0)
    values = np.sort(np.concatenate([one.columns(names) for one in cases]), axis=0)  # NaN comes last
    first = np.isfinite(values[:1]).sum(axis=0)
    steps = (values[1:] > values[:-1]).sum(axis=0)
    return dict(zip(names, (first + steps).tolist(), strict=True))


def conditioned(request: Request, model: Model, settings: Settings) -> bool:
    """Whether continuous outcomes are described given x; they are fitted with fixed x then."""
    if settings.categorical:
        return False
    if isinstance(model, ParameterTable):
        asked = any(op == "~" and exo == 1 for op, exo in zip(model.op, model.exo.tolist(), strict=True))
    else:
        asked = bool(request["conditional_x"])
    if not asked or not names_of(model, "ov.x"):
        return False
    distribution_free = [one for one in settings.test if one.startswith("browne.residual.adf")]
    if settings.discrepancy != "ML" or distribution_free:
        option = " and ".join(["conditional_x=True", *(f"test='{one}'" for one in distribution_free)])
        raise SurveykitError("M040", estimator=settings.estimator, option=option)
    return True


def make_table(
    request: Request,
    model: Model,
    source: Source,
    ordered: Mapping[str, int],
    settings: Settings,
    given_x: bool,
) -> ParameterTable:
    """The completed parameter table; a given one stands as it is."""
    if isinstance(model, ParameterTable):
        regression = np.array([op == "~" for op in model.op])
        return replace(model, exo=np.where(regression, 0, model.exo)) if given_x else model
    means = request["sample_mean"] is not None or settings.missing not in ("listwise", "pairwise")
    forced = settings.missing in KEPT or given_x or settings.clustered
    n_groups = len(source.groups)
    options = table_options(
        request.function,
        model,
        meanstructure=True if forced else request["meanstructure"],
        fixed_x=request["fixed_x"],
        conditional_x=None if given_x and request["fixed_x"] is not False else request["conditional_x"],
        effect_coding=request["effect_coding"],
        group_equal=request["group_equal"],
        group_partial=request["group_partial"],
        ordered=ordered,
        maximum_likelihood=settings.discrepancy == "ML",
        needs_means=request["group"] is not None or means,  # not for covariances of several groups
        n_groups=n_groups,
        group_labels=source.labels if n_groups > 1 else (),
        **request.switches,
    )
    return build_table(model, options)


def complete_cases(source: Source, table: ParameterTable, settings: Settings) -> tuple[Source, list[Note]]:
    """Leave out what the way of handling missing values cannot use."""
    if not source.cases:
        return source, []
    kept: list[Cases] = []
    notes: list[Note] = []
    for group, one in enumerate(source.cases, 1):
        names = table.variable_names("ov", group)
        rows = usable(one.columns(names), names, table, group, settings)
        where = f" ({one.label})" if one.label else ""
        if not rows.any():
            gaps = np.isnan(one.columns(names)).sum(axis=0)
            listed = ", ".join(f"{name} {gap}" for name, gap in zip(names, gaps, strict=True) if gap)
            raise SurveykitError("M084", where=where, total=len(rows), gaps=listed or "–")
        kept.append(one if rows.all() else one.keep(rows))
        notes += left_out(one.columns(names), rows, settings.missing, where)
    return replace(source, cases=tuple(kept)), notes


def left_out(values: FloatArray, rows: NDArray[np.bool_], missing: str, where: str) -> list[Note]:
    """M093 incomplete rows; M135 rows without a value, M136 rows with gaps in fixed x."""
    total, count = len(rows), int((~rows).sum())
    if missing == "listwise":
        return [note("M093", used=total - count, total=total, where=where)] if count else []
    empty = int(np.isnan(values).all(axis=1).sum())
    notes = [note("M135", count=empty, total=total, where=where)] if empty else []
    if count > empty:
        notes.append(note("M136", count=count - empty, total=total, where=where))
    return notes


def usable(
    values: FloatArray, names: Sequence[str], table: ParameterTable, group: int, settings: Settings
) -> NDArray[np.bool_]:
    """Complete rows, or rows with any value of the model's variables and without gaps in fixed x."""
    missing = np.isnan(values)
    if settings.missing == "listwise":
        return np.asarray(~missing.any(axis=1))
    fixed = {
        name
        for row in np.flatnonzero((table.exo == 1) & (table.group == group)).tolist()
        for name in _names(table, row)
    }
    x = np.isin(names, [] if settings.gaps_in_x else list(fixed & set(table.variable_names("ov.x", group))))
    modelled = np.isin(names, table.variable_names("ov.model", group))
    return np.asarray(~missing[:, x].any(axis=1) & ~missing[:, modelled].all(axis=1))


def _names(table: ParameterTable, row: int) -> tuple[str, str]:
    return table.lhs[row], table.rhs[row]


def bounded(request: Request, table: ParameterTable, source: Source) -> ParameterTable:
    if not request["bounds"]:
        return table
    variances = []
    for group, one in enumerate(source.groups, 1):
        names = table.variable_names("ov", group)
        if isinstance(one, Summary):
            values = np.diag(one.select(names)[0])
        else:
            values = np.nanvar(one.columns(names), axis=0)
        variances.append(dict(zip(names, values.tolist(), strict=True)))
    return add_bounds(
        table,
        variances,
        request["bounds"],
        std_lv=request["std_lv"],
        parameterization=request["parameterization"],
    )


def group_moments(
    one: Cases | Summary, table: ParameterTable, group: int, settings: Settings, ordered: Mapping[str, int]
) -> SampleMoments:
    """Sample moments of one group, in the order of the model's observed variables."""
    names = table.variable_names("ov.model", group)
    if isinstance(one, Summary):
        cov, mean = one.select(names)
        return moments_of_summary(cov, one.n, names, mean=mean, rescale=settings.rescale, label=one.label)
    data = one.columns(names)
    if ordered:
        x_names = tuple(name for name in table.variable_names("ov", group) if name not in names)
        return ordinal_moments(
            data,
            np.isin(names, list(ordered)),
            names,
            x=one.columns(x_names) if x_names else None,
            x_names=x_names,
            label=one.label,
            n_original=one.n_original,
            cluster=one.cluster,
        )
    if settings.missing in KEPT:
        return moments_of_incomplete_cases(
            data,
            names,
            divide_by_n=settings.divide_by_n,
            label=one.label,
            cluster=one.cluster,
            n_original=one.n_original,
        )
    if settings.missing == "pairwise":
        return moments_of_pairs(
            data, names, divide_by_n=settings.divide_by_n, label=one.label, n_original=one.n_original
        )
    return moments_of_cases(
        data,
        names,
        divide_by_n=settings.divide_by_n,
        label=one.label,
        cluster=one.cluster,
        n_original=one.n_original,
    )
