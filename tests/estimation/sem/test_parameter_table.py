"""The parameter table against lavaan's, row by row, for every model in tests/reference."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference_data import FOLDER, case, dataset
from surveykit.errors import SurveykitError
from surveykit.estimation.sem.bounds import add_bounds
from surveykit.estimation.sem.constraints import compile_constraints
from surveykit.estimation.sem.given_table import table_from_columns
from surveykit.estimation.sem.parameter_table import CONSTRAINT_OPERATORS, ParameterTable, build_table
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.table_options import TableOptions, table_options

TWO_LEVEL = {"twolevel-demo"}


def sem_fits() -> list[Any]:
    cases = [
        one["id"] for one in json.loads((FOLDER / "index.json").read_text("utf-8")) if one["kind"] == "sem"
    ]
    return [
        pytest.param(fit, id=f"{case_id}/{fit['name']}")
        for case_id in cases
        if case_id not in TWO_LEVEL
        for fit in case(case_id)["fits"]
        if fit.get("parameters")
    ]


def options_of(fit: dict[str, Any]) -> TableOptions:
    """What the record says about options, given to `table_options` as the public face would."""
    given, resolved = fit["options"], fit["resolved"]
    ordered = given.get("ordered") or []
    data = dataset(fit["data"]) if ordered else None
    parsed = parse_model(fit["model"])
    return table_options(
        fit["fun"],
        parsed,
        meanstructure=given.get("meanstructure"),
        fixed_x=given.get("fixed_x"),
        conditional_x=given.get("conditional_x"),
        effect_coding=given.get("effect_coding", ()),
        group_equal=given.get("group_equal", ()),
        group_partial=given.get("group_partial", ()),
        ordered={} if data is None else {name: data[name].nunique() for name in ordered},
        maximum_likelihood=resolved["estimator"] == "ML",
        needs_means=resolved["meanstructure"],
        n_groups=len(fit["n"]["nobs"]) if isinstance(fit["n"]["nobs"], list) else 1,
        std_lv=given.get("std_lv", False),
        orthogonal=given.get("orthogonal", False),
        parameterization=given.get("parameterization", "delta"),
        **({"auto_cov_y": given["auto_cov_y"]} if "auto_cov_y" in given else {}),
    )


ROWS = ("==", "<", ">")  # the reference lists them apart


def rows_of(table: ParameterTable) -> list[tuple[Any, ...]]:
    return [
        (
            table.lhs[at],
            table.op[at],
            table.rhs[at],
            int(table.group[at]),
            table.label[at],
            table.free[at] > 0,
        )
        for at in range(len(table))
        if table.op[at] not in ROWS
    ]


def expected_rows(fit: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (
            one["lhs"],
            one["op"],
            one["rhs"],
            one.get("group", 0 if one["op"] == ":=" else 1),
            one.get("label") or "",
            one["free"],
        )
        for one in fit["parameters"]
    ]


@pytest.mark.parametrize("fit", sem_fits())
def test_every_row_stands_where_lavaan_has_it(fit: dict[str, Any]) -> None:
    table = build_table(fit["model"], options_of(fit))
    assert rows_of(table) == expected_rows(fit)


@pytest.mark.parametrize("fit", sem_fits())
def test_fixed_values_are_lavaans(fit: dict[str, Any]) -> None:
    """Where no rule or user fixed a value it is the sample's (exo), or follows from others (theta, delta)."""
    table = build_table(fit["model"], options_of(fit))
    shown = [at for at in range(len(table)) if table.op[at] not in ROWS]
    delta = table.op.count("~*~") > 0 and fit["options"].get("parameterization", "delta") == "delta"
    for at, one in zip(shown, fit["parameters"], strict=True):
        if one["op"] == ":=" or one["free"]:
            continue
        if np.isnan(table.ustart[at]):
            assert table.exo[at] == 1
        elif not ((delta and one["op"] == "~~") or one["op"] == "~*~"):
            assert table.ustart[at] == pytest.approx(one["est"], abs=1e-12)


@pytest.mark.parametrize("fit", sem_fits())
def test_parameters_and_constraints_are_counted_as_by_lavaan(fit: dict[str, Any]) -> None:
    table = build_table(fit["model"], options_of(fit))
    constraints = compile_constraints(table)
    if "fit" in fit and fit["fit"].get("npar") is not None:
        assert table.n_free - constraints.n_equalities == fit["fit"]["npar"]
    written = [(one["lhs"], one["op"], one["rhs"]) for one in fit.get("constraints") or []]
    ours = zip(table.lhs, table.op, table.rhs, table.user, strict=True)
    assert [row[:3] for row in ours if row[1] in ROWS and row[3] == 1] == written


# --- models of our own, as lavaan 0.7-2 completes them (lavaanify_cases.R) ------------------------

# Here we do more than lavaan, which does not find a labelled parameter by its formula.
EQUAL_TO_LABELLED = "labels2"
OWN = [
    pytest.param(one, id=one["name"])
    for one in json.loads((Path(__file__).parent / "lavaanify_cases.json").read_text("utf-8"))
    if one["name"] != EQUAL_TO_LABELLED
]


def own_table(one: dict[str, Any]) -> ParameterTable:
    given = {name.replace(".", "_"): value for name, value in (one["args"] or {}).items()}
    ordered, bounds = given.pop("ordered", []), given.pop("bounds", None)
    given.pop("group", None)
    estimator = given.pop("estimator", "")
    parsed = parse_model(one["model"])
    options = table_options(
        one["fun"],
        parsed,
        ordered={name: one["nlev"][name] for name in ordered},
        n_groups=one["ngroups"],
        needs_means=one["ngroups"] > 1,
        maximum_likelihood=estimator != "GLS",
        **given,
    )
    assert options.meanstructure == one["options"]["meanstructure"]
    assert options.fixed_x == one["options"]["fixed.x"]
    assert options.conditional_x == one["options"]["conditional.x"]
    table = build_table(parsed, options)
    if bounds is None:
        return table
    return add_bounds(
        table, one["vars"], bounds, std_lv=options.std_lv, parameterization=options.parameterization
    )


@pytest.mark.parametrize("one", OWN)
def test_completion_is_lavaans(one: dict[str, Any]) -> None:
    table, wanted = own_table(one), one["table"]
    for column in ("lhs", "op", "rhs"):
        assert list(getattr(table, column)) == wanted[column]
    for column in ("user", "group", "free", "exo"):
        assert getattr(table, column).tolist() == wanted[column]
    assert list(table.label) == [label or "" for label in wanted["label"]]
    for at, value in enumerate(wanted["ustart"]):
        if not table.exo[at] and table.op[at] not in CONSTRAINT_OPERATORS:
            assert table.ustart[at] == pytest.approx(math.nan if value is None else value, nan_ok=True)


@pytest.mark.parametrize("one", [case for case in OWN if "lower" in case.values[0]["table"]])
def test_bounds_are_lavaans(one: dict[str, Any]) -> None:
    table = own_table(one)
    free = np.flatnonzero(table.free)
    for column, none in (("lower", -math.inf), ("upper", math.inf)):
        values = one["table"].get(column, [None] * len(table))
        wanted = [none if values[at] is None else values[at] for at in free]
        np.testing.assert_allclose(getattr(table, column)[free], wanted, rtol=1e-12)


# --- notes and refusals ---------------------------------------------------------------------------

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"


def table_of(text: str, function: str = "sem", **options: Any) -> ParameterTable:
    parsed = parse_model(text)
    return build_table(parsed, table_options(function, parsed, **options))


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("y ~ a + b\na ~~ a", {}, "M026"),
        ("a ~~ b\nb ~~ a", {}, "M027"),
        ("f =~ x1 + 2*x2 + 3*x2 + x3", {}, "M028"),
        ("f =~ x1 + a*x2 + x3", {"n_groups": 2}, "M029"),
        ("f =~ u1 + u2 + u3\nu1 ~~ u1", {"ordered": {"u1": 3, "u2": 3, "u3": 3}}, "M030"),
        ("f =~ a*x1 + x2\ng =~ a*y1 + y2\nf ~~ a*f\ng ~~ 2*g + a*g", {}, "M031"),
    ],
)
def test_what_was_assumed_is_told(text: str, options: dict[str, Any], code: str) -> None:
    assert [note.code for note in table_of(text, **options).notes] == [code]


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("f =~ c(a, b, d)*x1 + x2", {"n_groups": 2}, "M010"),
        ("f =~ c(a, b)*x1 + x2", {}, "M010"),
        ("group: 1\nf =~ x1 + x2\ngroup: 2\nf =~ x1 + x2", {}, "M021"),
        ("group: JP\nf =~ x1\ngroup: US\nf =~ x1", {"n_groups": 2, "group_labels": ("JP", "KR")}, "M021"),
        (HS, {"std_lv": True, "effect_coding": "loadings"}, "M025"),
        (HS, {"group_equal": "loadings", "n_groups": 2, "group_partial": ["visual =~ x9"]}, "M032"),
        (HS + ' + equal("visual=~x8")*x7', {}, "M033"),
        ("f =~ u1 + u2 + u3\nu1 | t1 + t2 + t3", {"ordered": {"u1": 3, "u2": 3, "u3": 3}}, "M037"),
        ("y ~ x", {"conditional_x": True, "fixed_x": False}, "M038"),
        (HS, {"group_equal": "loading"}, "O001"),
        (HS, {"effect_coding": "marker"}, "O001"),
        (HS, {"parameterization": "gamma"}, "O001"),
    ],
)
def test_what_cannot_be_is_refused(text: str, options: dict[str, Any], code: str) -> None:
    with pytest.raises(SurveykitError) as refusal:
        table_of(text, **options)
    assert refusal.value.code == code


def test_equal_finds_a_labelled_parameter_by_its_formula() -> None:
    table = table_of('f =~ NA*x1 + b*x2 + equal("f =~ x2")*x3 + x4', "cfa")
    assert (table.lhs[-1], table.op[-1], table.rhs[-1]) == (".p2.", "==", ".p3.")


def test_blocks_take_the_groups_order_of_the_data() -> None:
    text = "group: KR\nf =~ x1 + x2 + x3\ngroup: JP\nf =~ x1 + x2 + x4"
    table = table_of(text, n_groups=2, group_labels=("JP", "KR"))
    assert table.variable_names("ov", 1) == ("x1", "x2", "x4")
    assert table.variable_names("ov", 2) == ("x1", "x2", "x3")


def test_group_partial_by_label_frees_a_shared_label() -> None:
    shared = table_of("f =~ x1 + a*x2 + x3", n_groups=2, group_equal="loadings")
    freed = table_of("f =~ x1 + a*x2 + x3", n_groups=2, group_equal="loadings", group_partial="a")
    assert compile_constraints(shared).n_equalities == compile_constraints(freed).n_equalities + 1


def test_a_name_that_looks_like_anothers_in_group_two_ties_nothing() -> None:
    table = table_of("f =~ x1 + x + x.g2 + x3", n_groups=2)
    assert "==" not in table.op


def test_variable_names_in_lavaans_order() -> None:
    table = table_of("f =~ x1 + x2 + x3\ng =~ f + z\ny ~ f + w + w:v\ny2 ~ y\nq ~~ q", "sem", fixed_x=True)
    assert table.variable_names("ov") == ("x1", "x2", "x3", "z", "y", "y2", "w", "w:v", "q")
    assert table.variable_names("ov.x") == ("w", "w:v")
    assert table.variable_names("ov.y") == ("y2",)
    assert table.variable_names("lv") == ("f", "g")
    assert table.variable_names("lv.ind") == ("f",)
    assert table.variable_names("lv.ho") == ("g",)
    assert table.variable_names("lv.x") == ("g",)


# --- a table given in place of text ---------------------------------------------------------------


def columns_of(table: ParameterTable) -> dict[str, list[Any]]:
    names = (
        "lhs",
        "op",
        "rhs",
        "user",
        "group",
        "free",
        "ustart",
        "exo",
        "label",
        "plabel",
        "lower",
        "upper",
    )
    return {name: list(getattr(table, name)) for name in names}


@pytest.mark.parametrize("one", OWN)
def test_a_table_given_back_is_the_same_table(one: dict[str, Any]) -> None:
    table = own_table(one)
    again = table_from_columns(columns_of(table))
    for name, column in columns_of(table).items():
        if isinstance(column[0], str):
            assert list(getattr(again, name)) == column
        else:
            np.testing.assert_array_equal(getattr(again, name), column)


def test_a_table_written_by_hand() -> None:
    table = table_from_columns(
        {
            "lhs": ["f", "f", "f", "f", "x1", "a"],
            "op": ["=~", "=~", "=~", "~~", "~~", "<"],
            "rhs": ["x1", "x2", "x3", "f", "x1", "3"],
            "free": [0, 1, 2, 1, 3, 0],
            "start": [1.0, 0.5, None, math.nan, 2, None],
            "label": ["", "a", "", None, "", ""],
        }
    )
    assert table.free.tolist() == [0, 1, 2, 3, 4, 0, 0]
    assert (table.lhs[-1], table.op[-1], table.rhs[-1]) == (".p2.", "==", ".p4.")
    assert table.start[:5].tolist() == pytest.approx([1.0, 0.5, math.nan, math.nan, 2.0], nan_ok=True)


def test_a_label_ties_rows_only_without_equality_rows() -> None:
    columns: dict[str, list[Any]] = {
        "lhs": ["f", "f", "f"],
        "op": ["=~"] * 3,
        "rhs": ["x1", "x2", "x3"],
        "free": [0, 1, 2],
        "label": ["", "a", "a"],
    }
    assert compile_constraints(table_from_columns(columns)).n_equalities == 1
    for name, value in {"lhs": "a", "op": "==", "rhs": "1", "free": 0, "label": ""}.items():
        columns[name].append(value)
    assert len(table_from_columns(columns)) == 4


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"free": None}, "M023"),
        ({"op": ["=~", "=", "~~"]}, "M024"),
        ({"op": ["=~", "|", "~~"]}, "M024"),
        ({"free": [0, "yes", 1]}, "M024"),
        ({"free": [0, -1, 1]}, "M024"),
        ({"group": [1, 1, 3]}, "M024"),
        ({"lhs": ["f", "", "f"]}, "M024"),
        ({"rhs": ["x1", None, "f"]}, "M024"),
        ({"label": ["a", "b"]}, "M024"),
        ({"op": ["=~", "==", "~~"], "rhs": ["x1", "3 +", "f"]}, "M015"),
    ],
)
def test_a_table_that_cannot_be_is_refused(changes: dict[str, Any], code: str) -> None:
    columns = {"lhs": ["f", "f", "f"], "op": ["=~", "=~", "~~"], "rhs": ["x1", "x2", "f"], "free": [0, 1, 2]}
    given = {name: column for name, column in (columns | changes).items() if column is not None}
    with pytest.raises(SurveykitError) as refusal:
        table_from_columns(given)
    assert refusal.value.code == code


def test_unknown_bounds_are_refused() -> None:
    with pytest.raises(SurveykitError, match="O001"):
        add_bounds(table_of(HS), [{}], "narrow")
