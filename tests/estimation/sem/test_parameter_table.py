"""The parameter table against lavaan's, row by row, for every model in tests/reference."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from reference_data import FOLDER, case, dataset

from surveykit.estimation.sem.parameter_table import ParameterTable, build_table
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


def rows_of(table: ParameterTable) -> list[tuple[Any, ...]]:
    shown = [at for at in range(len(table)) if table.op[at] not in ("==", "<", ">")]
    return [
        (
            table.lhs[at],
            table.op[at],
            table.rhs[at],
            int(table.group[at]),
            table.label[at],
            table.free[at] > 0,
        )
        for at in shown
    ]


def expected_rows(fit: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (one["lhs"], one["op"], one["rhs"], one.get("group", 0 if one["op"] == ":=" else 1),
         one.get("label") or "", one["free"])
        for one in fit["parameters"]
    ]  # fmt: skip


@pytest.mark.parametrize("fit", sem_fits())
def test_every_row_stands_where_lavaan_has_it(fit: dict[str, Any]) -> None:
    table = build_table(fit["model"], options_of(fit))
    assert rows_of(table) == expected_rows(fit)
