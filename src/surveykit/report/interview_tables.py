"""The tables of an interview study that a reader traces: propositions, characteristics, segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from surveykit.coding.displays import Characteristics
from surveykit.coding.propositions import PropositionMatrix
from surveykit.coding.segments import Segments
from surveykit.report.cells import DASH
from surveykit.report.document import Cell, Table
from surveykit.report.interview_names import InterviewNames
from surveykit.wording import pick

MOST_IDS = 5  # named in a cell; its link leads to all of them
STUB = 0.22  # share of the page for the first column
Row = tuple[Cell, ...]


def proposition_table(matrix: PropositionMatrix, words: InterviewNames) -> Table:
    """Propositions down, companies across; each cell opens to its segments."""
    frame = matrix.frame
    cases = list(frame[matrix.by].unique())
    cells = {(one["proposition"], one[matrix.by]): one for one in frame.to_dict("records")}
    rows = [
        (
            Cell(proposition, strong=True, under=(Cell(pick(text, words.lang)),)),
            *(_proposition_cell(cells[proposition, case], matrix, words) for case in cases),
        )
        for proposition, text in matrix.texts.items()
    ]
    against = sum(len(_ids(text)) for text in frame["negative_cases"])
    return Table(
        f"{words.id}-propositions",
        words.say("propositions_title", by=words.say(matrix.by)),
        (words.say("proposition"), *_heads(frame, matrix.by, words)),
        tuple(rows),
        (words.say("summaries_note", count=against), *words.lines(matrix.notes)),
        align=_left(len(cases) + 1),
        widths=_shares(len(cases)),
    )


def _proposition_cell(cell: Mapping[Any, Any], matrix: PropositionMatrix, words: InterviewNames) -> Cell:
    proposition, case = str(cell["proposition"]), cell[matrix.by]
    lines = _voices(cell, matrix, words)
    against = _ids(cell["negative_cases"])
    key = "negative" if against else "negative_none"
    lines.append(words.say(key, count=len(against), who=", ".join(against)))
    missing = [words.code_name(code) for code in _ids(cell["elements_missing"])]
    if missing and cell["n_respondents"]:
        lines.append(words.say("elements_missing", codes=", ".join(missing)))
    written = pick(matrix.summaries.get(proposition, {}).get(str(case)), words.lang)
    lines.append(written or str(cell["summary"]))
    ids = _ids(cell["segments"])
    shown = [*ids[:MOST_IDS], "…"] if len(ids) > MOST_IDS else ids
    key = "to_segments" if ids else "no_segments"
    link = words.say(key, count=len(ids), ids=", ".join(shown))
    verdict = words.say(f"verdict_{str(cell['verdict']).replace(' ', '_')}")
    return Cell(
        verdict,
        strong=True,
        under=(
            *(Cell(line) for line in lines if line),
            Cell(link, href=words.cell(matrix, proposition, case)),
        ),
    )


def _voices(cell: Mapping[Any, Any], matrix: PropositionMatrix, words: InterviewNames) -> list[str]:
    """What the respondents say taken together and how many they are; who says what where they differ."""
    people = dict(
        zip(*_stances(matrix.evidence, cell["proposition"], cell[matrix.by], matrix.by), strict=True)
    )
    together = words.say(f"stance_{cell['stance']}")
    count = words.n_of(cell["n_respondents"], cell["n_cases"])
    if len(set(people.values())) == 1:
        return [words.say("voice", stance=together, count=count, who=", ".join(people))]
    lines = [words.say("voice_none", stance=together, count=count)]
    for stance in dict.fromkeys(people.values()):
        who = [one for one, said in people.items() if said == stance]
        shown = words.say(f"stance_{stance}")
        lines.append("– " + words.say("voice", stance=shown, count=len(who), who=", ".join(who)))
    return lines


def _stances(evidence: pd.DataFrame, proposition: str, case: Any, by: str) -> tuple[list[str], list[str]]:
    """The respondents of a cell, and what each says taken together."""
    own = evidence[(evidence["proposition"] == proposition) & (evidence[by] == case)]
    stances = own.groupby("respondent", sort=False)["stance"].agg(
        lambda said: said.iloc[0] if said.nunique() == 1 else "qualified"
    )
    return list(stances.index), list(stances)


def characteristic_table(result: Characteristics, words: InterviewNames) -> Table:
    """Characteristics down, companies across."""
    frame = result.frame
    cases = list(frame[result.by].unique())
    cells = {(one["characteristic"], one[result.by]): one for one in frame.to_dict("records")}
    rows = []
    for id, title in result.titles.items():
        line = [Cell(pick(title, words.lang))]
        for case in cases:
            cell = cells[id, case]
            ids = _ids(cell["segments"])
            voices = words.n_of(cell["n_respondents"], cell["n_cases"])
            links = [Cell(one, href=words.segment(one)) for one in ids]
            text = pick(result.summaries[id].get(str(case)), words.lang) or DASH
            line.append(Cell(text, under=(Cell(voices), *links)))
        rows.append(tuple(line))
    return Table(
        f"{words.id}-characteristics",
        words.say("characteristics_title", by=words.say(result.by)),
        (words.say("characteristic"), *_heads(frame, result.by, words)),
        tuple(rows),
        (words.say("characteristics_note"), *words.lines(result.notes)),
        align=_left(len(cases) + 1),
        widths=_shares(len(cases)),
    )


def segment_table(segments: Segments, matrix: PropositionMatrix | None, words: InterviewNames) -> Table:
    """Every coded segment once under each cell it stands behind, then those behind none."""
    seen: set[str] = set()
    rows: list[Row] = []
    frame = segments.frame
    if matrix is not None:
        behind = dict(iter(matrix.evidence.groupby(["proposition", matrix.by], sort=False)))
        for cell in matrix.frame.to_dict("records"):
            key = (cell["proposition"], cell[matrix.by])
            own = behind.get(key)
            heading = "cell_heading" if own is not None else "cell_heading_none"
            text = words.say(heading, proposition=key[0], case=words.case(key[1]))
            rows.append((Cell(text, strong=True, anchor=words.cell(matrix, *key)),))
            if own is not None:
                rows += _segment_rows(own, words, seen)
        frame = frame[(frame["proposition"] == "") | (frame["stance"] == "")]
        if len(frame):
            rows.append((Cell(words.say("other_heading"), strong=True),))
    rows += _segment_rows(frame, words, seen)
    header = ("segment", "respondent", "item", "offsets", "codes", "coder", "stance", "content")
    return Table(
        f"{words.id}-segments",
        words.say("segments_title"),
        tuple(words.say(name) for name in header),
        tuple(rows),
        (words.say("segments_note"),),
        align=_left(len(header)),
        widths=(0.11, 0.1, 0.06, 0.09, 0.21, 0.09, 0.1, 0.24),
        sheet=words.say("segments_sheet"),
    )


def _segment_rows(frame: pd.DataFrame, words: InterviewNames, seen: set[str]) -> Iterator[Row]:
    """A row per segment, coder and stance, its codes together; the first of a segment bears its anchor."""
    found: dict[tuple[str, ...], dict[Any, Any]] = {}
    for one in frame.to_dict("records"):
        key = (one["segment"], one["coder"], one["stance"])
        row = found.setdefault(key, {**one, "codes": []})
        if one["code"]:
            row["codes"].append(words.code(one["code"]))
    for row in found.values():
        segment = str(row["segment"])
        anchor = "" if segment in seen else words.segment(segment)
        seen.add(segment)
        stance = words.say(f"stance_{row['stance']}") if row["stance"] else DASH
        codes = row["codes"] or [DASH]
        yield (
            Cell(segment, anchor=anchor),
            Cell(str(row["respondent"])),
            Cell(row["item"] or DASH),
            Cell(DASH if pd.isna(row["start"]) else f"{row['start']}–{row['end']}"),
            Cell(codes[0], under=tuple(Cell(code) for code in codes[1:])),
            Cell(row["coder"] or DASH),
            Cell(stance),
            Cell(row["summary"] or row["passage"] or DASH),
        )


def _heads(frame: pd.DataFrame, by: str, words: InterviewNames) -> Iterable[str]:
    sizes = frame.drop_duplicates(by).set_index(by)["n_cases"]
    return (words.say("case_head", case=words.case(case), n=n) for case, n in sizes.items())


def _ids(text: Any) -> list[str]:
    return str(text).split("; ") if text else []


def _left(columns: int) -> tuple[str, ...]:
    return ("left",) * columns


def _shares(cases: int) -> tuple[float, ...]:
    return (STUB, *[(1 - STUB) / cases] * cases)
