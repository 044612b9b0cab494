"""Weighted least squares with ordered variables: derivatives, and every fit of the reference."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, dataset, fit_record
from surveykit.errors import SurveykitError
from surveykit.estimation.ordinal_moments import OrdinalMoments, ordinal_moments
from surveykit.estimation.sem.chisquare import all_tests
from surveykit.estimation.sem.engine import Solution, fit
from surveykit.estimation.sem.matrices import Representation
from surveykit.estimation.sem.model_lanes import GroupModel
from surveykit.estimation.sem.ordinal_corrections import ordinal_corrections
from surveykit.estimation.sem.ordinal_least_squares import OrdinalGroup, ordinal_group
from surveykit.estimation.sem.parameter_table import ParameterTable, build_table
from surveykit.estimation.sem.robust import covariance
from surveykit.estimation.sem.settings import resolve
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.table_options import table_options

IDS = ("ord-datcat", "ord-bfi600", "ord-mimic", "ord-mg-datcat", "ord-mg-measeq")
FITS = [
    pytest.param(one, record["name"], id=f"{one}:{record['name']}")
    for one in IDS
    for record in case(one)["fits"]
]


def table_for(
    model: str, data: pd.DataFrame, ordered: list[str], fun: str = "cfa", **options: Any
) -> ParameterTable:
    parsed = parse_model(model)
    categories = {name: int(data[name].nunique()) for name in ordered}
    chosen = table_options(fun, parsed, ordered=categories, maximum_likelihood=False, **options)
    return build_table(parsed, chosen)


def moments_for(
    representation: Representation,
    data: pd.DataFrame,
    ordered: list[str],
    group: str | None,
    labels: list[str],
    missing: str,
) -> tuple[OrdinalMoments, ...]:
    found = []
    for layout in representation.groups:
        names, covariates = list(layout.ov), list(layout.ov_x)
        label = labels[layout.group - 1] if group else ""
        rows = data[data[group].astype(str) == label] if group else data
        rows = rows.dropna(subset=names + covariates if missing == "listwise" else covariates)
        x = rows[covariates].to_numpy(dtype=float) if covariates else None
        flags = np.isin(names, ordered)
        values = rows[names].to_numpy(dtype=float)
        found.append(ordinal_moments(values, flags, names, x=x, x_names=covariates, label=label))
    return tuple(found)


def prepared(record: dict[str, Any]) -> tuple[ParameterTable, tuple[OrdinalMoments, ...]]:
    """Table and moments of one fit of the reference."""
    given, data = record["options"], dataset(record["data"])
    labels = [str(one) for one in record["n"]["groups"]]
    table = table_for(
        record["model"],
        data,
        given["ordered"],
        record["fun"],
        group_equal=given.get("group_equal", ()),
        group_partial=given.get("group_partial", ()),
        std_lv=given.get("std_lv", False),
        parameterization=given.get("parameterization", "delta"),
        n_groups=max(len(labels), 1),
    )
    representation = Representation.from_table(table)
    moments = moments_for(
        representation, data, given["ordered"], given.get("group"), labels, record["resolved"]["missing"]
    )
    return table, moments


@cache
def solution(case_id: str, name: str) -> Solution:
    record = fit_record(case_id, name)
    table, moments = prepared(record)
    given = record["options"]
    settings = resolve(
        given["estimator"],
        missing=given.get("missing", "listwise"),
        parameterization=given.get("parameterization", "delta"),
        categorical=True,
    )
    return fit(table, moments, settings)


# --- the fits of the reference -------------------------------------------------------------------


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_estimates_and_standard_errors(case_id: str, name: str) -> None:
    record, found = fit_record(case_id, name), solution(case_id, name)
    table = found.table
    assert found.converged
    place = {
        (table.lhs[at], table.op[at], table.rhs[at], int(table.group[at])): at for at in range(len(table))
    }
    rows = [one for one in record["parameters"] if one["op"] not in ("==", "<", ">")]
    where = [place[one["lhs"], one["op"], one["rhs"], one.get("group", 1)] for one in rows]
    assert len(set(where)) == len(rows)
    # The case's tolerance is 1e-5 (1e-4 for standard errors); lavaan's correlations are good to 3e-8.
    np.testing.assert_allclose(found.estimates[where], [one["est"] for one in rows], rtol=1e-6, atol=1e-7)
    errors = [one.get("se") or 0.0 for one in rows]
    np.testing.assert_allclose(found.standard_errors[where], errors, rtol=1e-6, atol=1e-7)


FIELDS = {
    "stat": "stat",
    "df": "df",
    "pvalue": "pvalue",
    "scaling.factor": "scaling_factor",
    "shift.parameter": "shift_parameter",
    "trace.UGamma": "trace_ugamma",
    "trace.UGamma2": "trace_ugamma2",
}


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_test_statistics(case_id: str, name: str) -> None:
    record, found = fit_record(case_id, name), solution(case_id, name)
    assert [one.test for one in found.tests] == [one["test"] for one in record["tests"]]
    assert table_size(found) == record["fit"]["npar"]
    for mine, theirs in zip(found.tests, record["tests"], strict=True):
        for field, attribute in FIELDS.items():
            if theirs.get(field) is not None:
                # 1e-6 relative; chi-square is a sum of squares of small residuals.
                expected = pytest.approx(theirs[field], rel=1e-6, abs=1e-6)
                assert getattr(mine, attribute) == expected, (mine.test, field)
        if theirs.get("stat.group"):
            np.testing.assert_allclose(mine.stat_group, theirs["stat.group"], rtol=1e-6)


def table_size(found: Solution) -> int:
    return found.table.n_free - found.constraints.n_equalities


@pytest.mark.parametrize(("case_id", "name"), [("ord-datcat", "WLSMV"), ("ord-datcat", "WLSMV-theta")])
def test_covariances_of_the_estimates(case_id: str, name: str) -> None:
    record, found = fit_record(case_id, name), solution(case_id, name)
    expected = np.array(record["vcov"]["values"], dtype=float)
    assert found.vcov is not None
    scale = np.sqrt(np.diagonal(expected))
    np.testing.assert_allclose(
        found.vcov / np.outer(scale, scale), expected / np.outer(scale, scale), atol=1e-6
    )


# --- derivatives ---------------------------------------------------------------------------------

MIXED = """
f =~ A1 + A2 + C5 + C4
g =~ C1 + C2 + C3
f ~ age
g ~ f + age
C5 ~~ C1
"""


# An ordered variable that others depend on: under "delta" its residual variance is no free choice.
PATHS = """
A1 ~ age + C5
A2 ~ A1 + age
f =~ C1 + C2 + C3
f ~ A2
C4 ~ A2 + f
C4 ~~ A1
"""


def mixed_groups(model: str, parameterization: str) -> tuple[OrdinalGroup, ...]:
    """Ordered and numeric variables, a covariate, paths, free scales in the second group."""
    data = dataset("bfi_keyed_600").dropna()
    ordered = ["A1", "A2", "C4", "C1", "C2", "C3"]
    table = table_for(
        model,
        data,
        ordered,
        "sem",
        n_groups=2,
        group_equal=("thresholds", "loadings"),
        parameterization=parameterization,
    )
    labels = [str(one) for one in data["gender"].unique()]
    representation = Representation.from_table(table, parameterization)
    moments = moments_for(representation, data, ordered, "gender", labels, "listwise")
    return tuple(
        ordinal_group(GroupModel(layout, True), [one], "DWLS", parameterization)
        for layout, one in zip(representation.groups, moments, strict=True)
    )


def somewhere(group: OrdinalGroup, seed: int = 0) -> np.ndarray:
    """A point away from the minimum at which all moments exist."""
    size = int(group.parameter.max()) + 1
    return 0.5 + 0.1 * np.random.default_rng(seed).random(size)


@pytest.mark.parametrize("model", [MIXED, PATHS], ids=["mixed", "paths"])
@pytest.mark.parametrize("parameterization", ["delta", "theta"])
@pytest.mark.parametrize("which", [0, 1])
def test_gradient_and_jacobian_equal_numerical_ones(model: str, parameterization: str, which: int) -> None:
    group = mixed_groups(model, parameterization)[which]
    x = somewhere(group)
    point = group.point(x[:, None])
    step = 1e-6
    for at, parameter in enumerate(group.parameter):
        shift = np.zeros_like(x)
        shift[parameter] = step
        up, down = group.point((x + shift)[:, None]), group.point((x - shift)[:, None])
        slope = (up.value - down.value)[0] / (2 * step)
        assert point.gradient[at, 0] == pytest.approx(slope, rel=1e-5, abs=1e-4)
        moved = (up.implied.statistics - down.implied.statistics)[:, 0] / (2 * step)
        np.testing.assert_allclose(group.full_jacobian(point.implied)[:, at, 0], moved, atol=1e-7)


@pytest.mark.parametrize("name", ["WLSMV", "ULSMV", "WLS", "WLSMV-theta"])
def test_the_hessian_equals_a_numerical_one(name: str) -> None:
    _hessian_is_exact("ord-datcat", name)


@pytest.mark.parametrize("name", ["thresholds+loadings", "thresholds+loadings-theta", "strict+means-theta"])
def test_the_hessian_with_scales_that_move_equals_a_numerical_one(name: str) -> None:
    _hessian_is_exact("ord-mg-datcat", name)


def _hessian_is_exact(case_id: str, name: str) -> None:
    found, record = solution(case_id, name), fit_record(case_id, name)
    parameterization = record["resolved"]["parameterization"]
    layout, moments = found.representation.groups[-1], found.moments[-1]
    assert isinstance(moments, OrdinalMoments)
    group = ordinal_group(GroupModel(layout, True), [moments], found.settings.discrepancy, parameterization)
    x = found.x + 0.05 * np.random.default_rng(1).normal(size=len(found.x))
    hessian = group.hessian(group.point(x[:, None]))[..., 0]
    step = 1e-5
    columns = []
    for parameter in group.parameter:
        shift = np.zeros_like(x)
        shift[parameter] = step
        both = group.point((x + shift)[:, None]).gradient - group.point((x - shift)[:, None]).gradient
        columns.append(both[:, 0] / (2 * step))
    np.testing.assert_allclose(hessian, np.array(columns), atol=1e-7 * np.abs(hessian).max())


def test_members_of_a_batch_are_computed_as_alone() -> None:
    found = solution("ord-datcat", "WLSMV-theta")
    layout, data = found.representation.groups[0], dataset("datcat")
    samples = []
    for seed in range(3):
        rows = data.sample(len(data), replace=True, random_state=seed)
        samples.append(moments_for(found.representation, rows, list(layout.ov), None, [], "listwise")[0])
    model = GroupModel(layout, True)
    together = ordinal_group(model, samples, "DWLS", "theta")
    x = np.repeat(found.x[:, None], 3, axis=1)
    point, hessian = together.point(x), together.hessian(together.point(x))
    for place, sample in enumerate(samples):
        alone = ordinal_group(model, [sample], "DWLS", "theta")
        single = alone.point(found.x[:, None])
        np.testing.assert_allclose(point.value[place], single.value[0])
        np.testing.assert_allclose(point.gradient[:, place], single.gradient[:, 0], atol=1e-9)
        np.testing.assert_allclose(hessian[..., place], alone.hessian(single)[..., 0], atol=1e-8)
        taken = together.take(np.array([place]))
        np.testing.assert_allclose(taken.point(found.x[:, None]).value, single.value)


# --- what must hold for other data as well -------------------------------------------------------


def test_scale_setting_and_parameterization_leave_chi_square() -> None:
    plain = solution("ord-datcat", "WLSMV").tests
    for name in ("WLSMV-std.lv", "WLSMV-theta"):
        for one, other in zip(plain, solution("ord-datcat", name).tests, strict=True):
            assert other.stat == pytest.approx(one.stat, rel=1e-8)


def test_an_ordered_mediator_has_a_unit_variance_under_delta() -> None:
    """Both parameterizations are the same model; lavaan 0.7-2 agrees for theta and stops early for delta."""
    data = dataset("bfi_keyed_600").dropna()
    ordered = ["A1", "A2", "A3", "C4", "C1", "C2", "C3"]
    model = "f =~ A1 + A2 + A3\nC4 ~ f + age\ng =~ C1 + C2 + C3\ng ~ C4 + f"
    found = {}
    for parameterization in ("delta", "theta"):
        table = table_for(model, data, ordered, "sem", parameterization=parameterization)
        representation = Representation.from_table(table, parameterization)
        moments = moments_for(representation, data, ordered, None, [], "listwise")
        found[parameterization] = fit(
            table, moments, resolve("WLSMV", parameterization=parameterization, categorical=True)
        )
    for one, other in zip(found["delta"].tests, found["theta"].tests, strict=True):
        assert one.stat == pytest.approx(other.stat, rel=1e-7)
    solved = found["delta"]
    latent, _ = solved.representation.latent_moments(solved.x)
    place = solved.representation.groups[0].lv.index("C4")
    assert latent[0, place, place] == pytest.approx(1.0)
    where = [at for at in range(len(solved.table)) if solved.table.lhs[at] == solved.table.rhs[at] == "C4"]
    variance = next(solved.estimates[at] for at in where if solved.table.op[at] == "~~")
    assert 0 < variance < 1


def test_simulated_ordered_data_recover_the_population() -> None:
    rng = np.random.default_rng(5)
    n, loading = 4000, 0.7
    factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=n)
    latent = loading * np.repeat(factors, 3, axis=1) + np.sqrt(1 - loading**2) * rng.normal(size=(n, 6))
    cuts = [-0.8, 0.2, 1.1]
    data = pd.DataFrame(np.digitize(latent, cuts), columns=[f"y{place}" for place in range(1, 7)])
    table = table_for("f =~ y1 + y2 + y3\ng =~ y4 + y5 + y6", data, list(data), std_lv=True)
    moments = moments_for(Representation.from_table(table), data, list(data), None, [], "listwise")
    found = fit(table, moments, resolve("WLSMV", categorical=True))
    truth = {"=~": loading, "~~": 0.5}
    free = found.table.free > 0
    for at in np.flatnonzero(free):
        op = found.table.op[at]
        target = cuts[int(found.table.rhs[at][1:]) - 1] if op == "|" else truth[op]
        # Four standard errors: one of 25 estimates in 600 such samples lies further off.
        assert abs(found.estimates[at] - target) < 4 * found.standard_errors[at]
    assert found.tests[1].pvalue > 0.001


def test_wls_needs_more_respondents_than_statistics() -> None:
    data = dataset("datcat").iloc[:35]
    ordered = [f"u{place}" for place in range(1, 9)]
    table = table_for("f =~ " + " + ".join(ordered), data, ordered)
    moments = moments_for(Representation.from_table(table), data, ordered, None, [], "listwise")
    with pytest.raises(SurveykitError) as refused:
        fit(table, moments, resolve("WLS", categorical=True))
    assert refused.value.code == "S069"


# lavaan 0.7-2, lavaan:::lav_fit_catml_dwls(fit): XX3, df3, c.hat3, XX3.null, c.hat3.null.
@pytest.mark.parametrize(
    ("case_id", "name", "expected"),
    [
        ("ord-datcat", "WLSMV", (34.51398, 19, 1.495769, 618.8933, 0.8116815)),
        ("ord-mg-datcat", "thresholds+loadings-theta", (60.26542, 36, 1.655863, 651.0971, 1.54183)),
        ("ord-mg-datcat", "strict-theta", (64.95096, 44, 1.528887, 651.0971, 1.54183)),
        ("ord-mg-datcat", "loadings-only", (62.23207, 44, 1.489922, 651.0971, 1.54183)),
    ],
)
def test_what_robust_fit_indices_are_made_of(case_id: str, name: str, expected: tuple[float, ...]) -> None:
    # Seven digits, at estimates where lavaan's own optimizer stopped (1e-6 short).
    assert tuple(ordinal_corrections(solution(case_id, name))) == pytest.approx(expected, rel=5e-6)


@pytest.mark.parametrize(("case_id", "name"), [("ord-mg-datcat", "thresholds"), ("ord-mimic", "WLSMV")])
def test_robust_fit_indices_that_do_not_exist(case_id: str, name: str) -> None:
    """Free scales; a covariate that is conditioned on."""
    assert np.isnan(ordinal_corrections(solution(case_id, name))).all()


@pytest.mark.parametrize(
    ("case_id", "name"),
    [
        ("ord-datcat", "WLSMV"),
        ("ord-datcat", "ULSMV"),
        ("ord-datcat", "WLSMV-theta"),
        ("ord-bfi600", "WLSMV-pairwise"),
        ("ord-mimic", "WLSMV"),
        ("ord-mg-datcat", "configural-theta"),
        ("ord-mg-datcat", "loadings-only"),
    ],
)
@pytest.mark.parametrize(
    "options",
    [{}, {"se": "standard"}, {"information": "observed"}, {"information": "observed", "se": "standard"}],
    ids=["robust", "standard", "robust-observed", "standard-observed"],
)
def test_leaving_thresholds_out_changes_nothing(case_id: str, name: str, options: dict[str, str]) -> None:
    """Covariances and tests from the model with all its statistics equal those from the smaller one."""
    first = solution(case_id, name)
    estimator, parameterization = first.settings.estimator, first.settings.parameterization
    settings = resolve(estimator, categorical=True, parameterization=parameterization, **options)
    # Unequal groups, so that a wrong share of a group would show.
    moments = tuple(replace(one, n=one.n + 7 * place) for place, one in enumerate(first.moments))
    found = fit(first.table, moments, settings)
    assert found.fitted is not None
    assert found.vcov is not None
    sizes = np.array(found.nobs, dtype=float) - 1
    vcov = covariance(found.fitted, settings, float(sizes.sum())).vcov
    assert vcov is not None
    scale = np.sqrt(np.diagonal(vcov))
    np.testing.assert_allclose(found.vcov / np.outer(scale, scale), vcov / np.outer(scale, scale), atol=1e-8)
    for mine, whole in zip(
        found.tests,
        all_tests(found.fitted, settings, sizes * found.objective_group, found.df, sizes),
        strict=True,
    ):
        assert mine.stat == pytest.approx(whole.stat, rel=1e-8)
        assert mine.scaling_factor == pytest.approx(whole.scaling_factor, rel=1e-8, nan_ok=True)


def test_thresholds_that_the_answers_do_not_have_are_refused() -> None:
    data = dataset("datcat")
    ordered = ["u1", "u2", "u3", "u4"]
    table = table_for("f =~ u1 + u2 + u3 + u4", data, ordered)
    fewer = data[data["u1"] < 5]
    moments = moments_for(Representation.from_table(table), fewer, ordered, None, [], "listwise")
    with pytest.raises(SurveykitError, match=r"4 threshold.*4 different") as refused:
        fit(table, moments, resolve("WLSMV", categorical=True))
    assert refused.value.code == "S079"


def test_a_group_without_a_category_is_refused() -> None:
    data = dataset("datcat")
    ordered = ["u1", "u2", "u3", "u4"]
    labels = [str(one) for one in data["g"].unique()]
    data.loc[(data["g"] == labels[1]) & (data["u1"] == 5), "u1"] = 4
    table = table_for("f =~ u1 + u2 + u3 + u4", data, ordered, n_groups=2)
    moments = moments_for(Representation.from_table(table), data, ordered, "g", labels, "listwise")
    with pytest.raises(SurveykitError, match=f"category 5 in group '{labels[1]}'") as refused:
        fit(table, moments, resolve("WLSMV", categorical=True))
    assert refused.value.code == "S065"


def test_what_was_noted_about_the_answers_stands_on_the_solution() -> None:
    data = dataset("datcat")
    data["u2"] = data["u1"]
    data.loc[data["u3"] == 3, "u3"] = 4
    ordered = ["u1", "u2", "u3", "u4"]
    table = table_for("f =~ u1 + u2 + u3 + u4", data, ordered)
    moments = moments_for(Representation.from_table(table), data, ordered, None, [], "listwise")
    codes = {one.code for one in fit(table, moments, resolve("WLSMV", categorical=True)).notes}
    assert {"S060", "S061"} <= codes
