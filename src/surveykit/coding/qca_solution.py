"""Qualitative comparative analysis: the simplest expressions that a truth table allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np
import pandas as pd

from surveykit.coding.qca_minimize import (
    IntArray,
    Product,
    covers,
    intermediate_products,
    prime_implicants,
    smallest_covers,
)
from surveykit.coding.qca_sets import product_membership, sufficiency, written
from surveykit.coding.qca_table import SLACK, TruthTable
from surveykit.errors import Note, SurveykitError, note
from surveykit.options import check_choice
from surveykit.results import Result

INCLUDE = ("", "?", "C", "?,C", "C,?")
MOST_MODELS = 100


@dataclass(frozen=True)
class QcaSolution(Result):
    """The simplest expressions that a truth table allows.

    `frame`: a row per product of each model and one for the model as a whole (``term`` is its name):
    ``model term inclS PRI covS covU cases``; ``covU`` is missing where a model has one product.
    `models`: ``model expression products`` and, for intermediate solutions, ``origin`` (which complex
    and which parsimonious model it lies between). `kind`: "complex" "parsimonious" "intermediate".
    `assumptions`: the remainders that each model takes to go with the outcome: ``model row`` and the
    conditions. `prime_implicants`: all that there are.
    """

    frame: pd.DataFrame
    models: pd.DataFrame
    assumptions: pd.DataFrame
    prime_implicants: tuple[str, ...]
    kind: str
    outcome: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        """The models as expressions, their products below, and the notes."""
        lines = [f"{one.model}: {one.expression}" for one in self.models.itertuples()]
        return "\n".join([*lines, "", self._table_and_notes()])


def minimize(
    table: TruthTable,
    *,
    include: str = "",
    dir_exp: Sequence[int | str | None] | Mapping[str, int | str | None] | str | None = None,
) -> QcaSolution:
    """The simplest expressions of the configurations that go with the outcome.

    Parameters
    ----------
    table : TruthTable
    include : {"", "?", "C", "?,C"}, default ""
        What may be taken to go with the outcome where that makes the expression simpler: nothing (the
        complex, also called conservative solution), the remainders "?" (the parsimonious solution), the
        contradictory rows "C".
    dir_exp : sequence, mapping or str, optional
        Directional expectations for the intermediate solution, with include="?": for each condition 1
        (its presence helps the outcome), 0 (its absence does), or None or "-" (no expectation). As text:
        ``"1,1,-,0"``. In a mapping, conditions that are not named have none.

    Returns
    -------
    QcaSolution
        `notes`: Q030 several models are equally simple; Q031 remainders used as assumptions; Q032 more
        models than are shown.

    Raises
    ------
    SurveykitError
        O001 an unknown `include`; Q010 no configuration goes with the outcome; Q011 expectations that do not
        fit the conditions, or without include="?".

    References
    ----------
    Quine (1955); McCluskey (1956). Ragin & Sonnett (2005) on intermediate solutions.

    Examples
    --------
    >>> sets = pd.DataFrame({"TRUST": [1, 1, 1, 0, 0], "VISITS": [1, 1, 0, 1, 0], "MUTUAL": [1, 1, 1, 0, 0]},
    ...                     index=["A1", "A2", "B1", "B2", "B3"])
    >>> from surveykit.coding.qca_table import truth_table
    >>> minimize(truth_table(sets, outcome="MUTUAL")).models["expression"].tolist()
    ['TRUST <-> MUTUAL']
    """
    check_choice("include", include, INCLUDE)
    on = table.configurations("1")
    if not on:
        raise SurveykitError("Q010", outcome=table.outcome, incl_cut=f"{table.incl_cut[0]:g}")
    expected = _expected(table, include, dir_exp)
    off = _off(table, on, include)
    if expected is None:
        kind = "parsimonious" if "?" in include else "complex"
        products, models, more = _minimized(on, off)
        return _solution(table, kind, products, [(one, "") for one in models], more)
    return _intermediate(table, on, include, expected)


def _expected(
    table: TruthTable, include: str, dir_exp: Sequence[int | str | None] | Mapping[str, Any] | str | None
) -> Product | None:
    """The conditions with an expectation, and the expected states."""
    if dir_exp is None:
        return None
    given: dict[str, Any]
    if isinstance(dir_exp, Mapping):
        given = {str(name): one for name, one in dir_exp.items()}
        fits = set(given) <= set(table.conditions)
    else:
        parts = dir_exp.split(",") if isinstance(dir_exp, str) else list(dir_exp)
        fits = len(parts) == len(table.conditions)
        given = dict(zip(table.conditions, parts, strict=False))
    states = {name: str(one).strip() if one is not None else "-" for name, one in given.items()}
    if not fits or "?" not in include or not set(states.values()) <= {"0", "1", "-", ""}:
        shown = ", ".join(f"{name}: {one}" for name, one in states.items())
        raise SurveykitError("Q011", given=shown, conditions=", ".join(table.conditions))
    care = value = 0
    for place, name in enumerate(reversed(table.conditions)):
        state = states.get(name, "-")
        care |= (state in ("0", "1")) << place
        value |= (state == "1") << place
    return care, value


def _off(table: TruthTable, on: Sequence[int], include: str) -> IntArray:
    """The configurations that no product may cover."""
    allowed = set(on)
    if "C" in include:
        allowed |= set(table.configurations("C"))
    if "?" in include:
        seen = table.configurations("0", "C")
        return np.array([one for one in seen if one not in allowed], dtype=np.int64)
    every = np.ones(2 ** len(table.conditions), dtype=bool)
    every[list(allowed)] = False
    return np.flatnonzero(every)


def _minimized(on: Sequence[int], off: IntArray) -> tuple[list[Product], list[list[Product]], bool]:
    """All prime implicants, the smallest models made of them, and whether there are yet more models."""
    products = prime_implicants(on, off)
    choices = smallest_covers(products, on, MOST_MODELS)
    models = [[products[place] for place in one] for one in choices[:MOST_MODELS]]
    return products, models, len(choices) > MOST_MODELS


def _intermediate(table: TruthTable, on: list[int], include: str, expected: Product) -> QcaSolution:
    """Minimised again with the easy counterfactuals of each pair of a complex and a parsimonious model."""
    _, complex_, more = _minimized(on, _off(table, on, include.replace("?", "").strip(",")))
    _, simple, also = _minimized(on, _off(table, on, include))
    found: dict[tuple[Product, ...], str] = {}
    products: dict[Product, None] = {}
    every = np.arange(2 ** len(table.conditions))
    for (c, one), (p, other) in product(enumerate(complex_, 1), enumerate(simple, 1)):
        if len(found) >= MOST_MODELS:
            more = True
            break
        easy = intermediate_products(one, other, expected)
        covered = np.zeros(len(every), dtype=bool)
        for care, value in [*easy, *one]:
            covered |= every & care == value
        own, models, too = _minimized(on, every[~covered])
        products |= dict.fromkeys(own)
        more = more or too
        for model in models:
            found.setdefault(tuple(model), f"C{c}P{p}")
    pairs = [(list(model), origin) for model, origin in islice(found.items(), MOST_MODELS)]
    return _solution(table, "intermediate", list(products), pairs, more or also)


def _solution(
    table: TruthTable, kind: str, products: list[Product], models: list[tuple[list[Product], str]], more: bool
) -> QcaSolution:
    rows: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    assumed: list[pd.DataFrame] = []
    for number, (model, origin) in enumerate(models, 1):
        name = f"M{number}"
        own = list(_fits(table, model, name))
        rows += own
        arrow = "<->" if own[-1]["covS"] >= 1 - SLACK else "->"
        text = " + ".join(written(one, table.conditions) for one in model)
        facts = {"model": name, "expression": f"{text} {arrow} {table.outcome}", "products": len(model)}
        shown.append(facts | ({"origin": origin} if kind == "intermediate" else {}))
        assumed.append(_assumptions(table, model, name))
    frame = pd.concat(assumed, ignore_index=True)
    notes = tuple(_told(len(models), frame, more))
    names = tuple(written(one, table.conditions) for one in products)
    return QcaSolution(pd.DataFrame(rows), pd.DataFrame(shown), frame, names, kind, table.outcome, notes)


def _fits(table: TruthTable, model: Sequence[Product], name: str) -> Iterator[dict[str, Any]]:
    """Each product's consistency and coverage, then the model's."""
    each = np.array([product_membership(table.sets, one) for one in model])
    whole = sufficiency(each.max(axis=0), table.members)
    for place, term in enumerate(model):
        fit = sufficiency(each[place], table.members)
        rest = np.delete(each, place, axis=0)
        alone = whole["covS"] - sufficiency(rest.max(axis=0), table.members)["covS"] if len(rest) else np.nan
        rows = table._rows
        within = [covers(term, int(row) - 1) and n > 0 for row, n in zip(rows["row"], rows["n"], strict=True)]
        cases = "; ".join(rows.loc[within, "cases"])
        yield {
            "model": name,
            "term": written(term, table.conditions),
            **fit,
            "covU": alone,
            "cases": cases,
        }
    yield {"model": name, "term": name, **whole, "covU": np.nan, "cases": ""}


def _assumptions(table: TruthTable, model: Sequence[Product], name: str) -> pd.DataFrame:
    """The configurations that a model covers although nobody, or too few, have them."""
    k = len(table.conditions)
    every = np.arange(2**k)
    covered = np.zeros(len(every), dtype=bool)
    for care, value in model:
        covered |= every & care == value
    covered[table.configurations("1", "0", "C")] = False
    numbers = np.flatnonzero(covered)
    states = {one: numbers >> (k - 1 - at) & 1 for at, one in enumerate(table.conditions)}
    return pd.DataFrame({"model": name, "row": numbers + 1, **states})


def _told(models: int, assumed: pd.DataFrame, more: bool) -> Iterator[Note]:
    if models > 1:
        yield note("Q030", count=models)
    if len(assumed):
        counts = assumed.groupby("model", sort=False).size()
        yield note("Q031", counts=", ".join(f"{name}: {n}" for name, n in counts.items()))
    if more:
        yield note("Q032", most=MOST_MODELS)
