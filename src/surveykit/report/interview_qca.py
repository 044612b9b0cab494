"""QCA as tables: necessity, the truth table, and each kind of solution with its models."""

from __future__ import annotations

import pandas as pd

from surveykit.coding.qca_necessity import Necessity
from surveykit.coding.qca_solution import QcaSolution
from surveykit.coding.qca_table import TruthTable
from surveykit.report.cells import DASH, row, share
from surveykit.report.document import Cell, Table
from surveykit.report.interview_names import InterviewNames
from surveykit.report.notes import note_lines


def necessity_table(result: Necessity, words: InterviewNames) -> Table:
    """How necessary each condition is."""
    rows = tuple(
        row(one["term"], _measure(one["inclN"]), _measure(one["RoN"]), _measure(one["covN"]))
        for one in result.frame.to_dict("records")
    )
    header = (words.say("condition"), *(words.say(name) for name in ("inclusion", "relevance", "coverage")))
    title = words.say("necessity_title", outcome=result.outcome)
    return Table(f"{words.id}-necessity", title, header, rows, note_lines(result.notes, words.names))


def truth_table_table(result: TruthTable, words: InterviewNames) -> Table:
    """Configurations with their cases."""
    frame = result.frame
    inclusion, cases = words.say("inclusion"), words.say("cases")
    header = (words.say("row_number"), *result.conditions, "OUT", "n", inclusion, "PRI", cases)
    rows = tuple(
        row(
            str(one["row"]),
            *(str(one[name]) for name in result.conditions),
            one["OUT"],
            str(one["n"]),
            _measure(one["incl"]),
            _measure(one["PRI"]),
            str(one["cases"]).replace(",", ", "),
        )
        for one in frame.to_dict("records")
    )
    cut = words.say("qca_cut", incl=share(result.incl_cut[0]), n=result.n_cut)
    title = words.say("truth_table_title", outcome=result.outcome)
    align = ("right", *("center",) * (len(result.conditions) + 1), "right", "right", "right", "left")
    notes = (words.say("truth_table_note"), cut, *note_lines(result.notes, words.names))
    return Table(f"{words.id}-truth-table", title, header, rows, notes, align)


def solution_table(result: QcaSolution, words: InterviewNames) -> Table:
    """The models of a solution: each as an expression, its products below with their fit."""
    rows: list[tuple[Cell, ...]] = []
    for model in result.models.to_dict("records"):
        rows.append((Cell(f"{model['model']}: {model['expression']}", strong=True),))
        own = result.frame[result.frame["model"] == model["model"]]
        for one in own.to_dict("records"):
            numbers = (_measure(one[name]) for name in ("inclS", "PRI", "covS", "covU"))
            cases = str(one["cases"]).replace(",", ", ") or DASH
            rows.append(row(one["term"], *numbers, cases))
    names = ("product", "inclusion", "coverage", "unique_coverage", "cases")
    product, inclusion, coverage, unique, cases = (words.say(name) for name in names)
    title = words.say(f"solution_{result.kind}")
    align = ("left", "right", "right", "right", "right", "left")
    notes = (words.say("solution_note"), *note_lines(result.notes, words.names))
    header = (product, inclusion, "PRI", coverage, unique, cases)
    return Table(f"{words.id}-{result.kind}", title, header, tuple(rows), notes, align)


def _measure(value: float) -> str:
    return DASH if pd.isna(value) else share(value, 3)
