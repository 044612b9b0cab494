"""Codes, cases and coders as tables: who has which code, what occurs together, how far coders agree."""

from __future__ import annotations

import pandas as pd

from surveykit.coding.agreement import OVERALL, CoderAgreement
from surveykit.coding.codebook import Codebook
from surveykit.coding.comparison import CodeComparison
from surveykit.coding.matrices import CodeMatrix, CoOccurrence, Saturation
from surveykit.coding.propositions import Respondents
from surveykit.coding.segments import Segments
from surveykit.report.cells import DASH, count, interval, level, number, probability, row, share
from surveykit.report.document import Block, Cell, Paragraph, Table
from surveykit.report.interview_names import InterviewNames

DOT = "●"
MOST_PAIRS = 30
MOST_CASES = 24  # columns beyond which respondents stand down the page instead of across


def respondent_table(result: Respondents, by: str, words: InterviewNames) -> Table:
    """Who was interviewed, and how many of them are cited."""
    rows = tuple(
        row(words.case(one[by]), str(one["n_respondents"]), str(one["n_cited"]), one["respondents"])
        for one in result.frame.to_dict("records")
    )
    header = (words.say(by).capitalize(), words.say("interviewed"), words.say("cited"), words.say("who"))
    title = words.say("respondents_title", by=words.say(by))
    return Table(f"{words.id}-respondents", title, header, rows, align=("left", "right", "right", "left"))


def codebook_table(book: Codebook, words: InterviewNames) -> Table:
    """Every code with its definition, parents before their children's rows as in the file."""
    rows = []
    for id, code in book.codes.items():
        place = [Cell(words.say(f"level_{code.level}"))]
        if code.parent is not None:
            place.append(Cell(words.say("under", parent=words.code_name(code.parent))))
        if code.relation is not None:
            place.append(Cell(words.say(f"relation_{code.relation}")))
        rows.append(
            (
                Cell(words.code_name(id), strong=True, under=(Cell(f"[{id}]"),)),
                Cell(place[0].text, under=tuple(place[1:])),
                Cell(code.definition),
                Cell(f"+ {code.when}", under=(Cell(f"− {code.when_not}"),)),
            )
        )
    header = tuple(words.say(name) for name in ("code", "level", "definition", "when"))
    return Table(
        f"{words.id}-codebook",
        words.say("codebook_title", id=book.codebook, version=book.version),
        header,
        tuple(rows),
        align=("left",) * 4,
        widths=(0.25, 0.17, 0.28, 0.3),
    )


def code_table(matrix: CodeMatrix, words: InterviewNames) -> Table:
    """Codes down and cases across, a dot where the case has the code."""
    used = matrix.frame[matrix.frame["n_cases"] > 0]
    cases = [str(name) for name in matrix.frame.columns[1:-1]]
    left_out = len(matrix.frame) - len(used)
    header: tuple[str, ...] = (words.say("code"), words.say("respondents_count"))
    if len(cases) <= MOST_CASES:
        header = (header[0], *(words.case(case) for case in cases), header[1])
    rows = []
    for one in used.to_dict("records"):
        dots = [DOT if one[case] else "" for case in cases] if len(cases) <= MOST_CASES else []
        rows.append(row(words.code_name(one["code"]), *dots, f"{one['n_cases']}/{len(cases)}"))
    align = ("left", *("center",) * (len(header) - 2), "right")
    notes = (words.say("codes_note", count=left_out), *words.lines(matrix.notes))
    return Table(f"{words.id}-codes", words.say("codes_title"), header, tuple(rows), notes, align)


def case_table(matrix: CodeMatrix, words: InterviewNames) -> Table:
    """Cases down in their order, codes across under numbers that a note explains."""
    codes = [str(name) for name in matrix.frame.columns[2:-1]]
    shown = codes[:MOST_CASES]
    numbers = {code: str(place) for place, code in enumerate(shown, 1)}
    rows: list[tuple[Cell, ...]] = []
    for case, own in matrix.frame.groupby(matrix.by, sort=False):
        rows.append((Cell(words.case(case), strong=True),))
        for one in own.to_dict("records"):
            dots = [DOT if one[code] else "" for code in shown]
            rows.append(row(str(one["respondent"]), *dots, str(one["n_codes"])))
    key = "; ".join(f"{place} {words.code_name(code)}" for code, place in numbers.items())
    return Table(
        f"{words.id}-cases",
        words.say("cases_title"),
        (words.say("respondent"), *numbers.values(), words.say("n_codes")),
        tuple(rows),
        (words.say("cases_note", codes=len(codes), key_to=key),),
        ("left", *("center",) * len(shown), "right"),
    )


def together_blocks(result: CoOccurrence, words: InterviewNames) -> list[Block]:
    """The pairs of codes that meet most often."""
    if result.frame.empty:
        return [Paragraph(words.say("together_none"))]
    shown = result.frame.head(MOST_PAIRS)
    rows = tuple(
        row(
            words.code_name(one["code_a"]),
            words.code_name(one["code_b"]),
            str(one["n_segments"]),
            str(one["n_cases"]),
            number(one["jaccard"]),
        )
        for one in shown.to_dict("records")
    )
    names = ("code", "code_pair", "n_segments", "respondents_count")
    header = (*(words.say(name) for name in names), "Jaccard")
    note = words.say("together_note", shown=len(shown), all=len(result.frame))
    align = ("left", "left", "right", "right", "right")
    return [Table(f"{words.id}-together", words.say("together_title"), header, rows, (note,), align)]


def saturation_table(result: Saturation, words: InterviewNames) -> Table:
    """New codes interview by interview, and what the stopping criterion says."""
    rows = tuple(
        row(
            str(one["interview"]),
            str(one["respondent"]),
            str(one["n_codes"]),
            str(one["new_codes"]),
            str(one["cumulative"]),
            number(one["expected_cumulative"], 1),
            DASH if pd.isna(one["new_information"]) else f"{100 * one['new_information']:.0f}%",
        )
        for one in result.frame.to_dict("records")
    )
    names = ("interview", "respondent", "n_codes", "new_codes", "cumulative", "expected_cumulative",
             "new_information")  # fmt: skip
    header = tuple(words.say(name) for name in names)
    align = ("right", "left", *("right",) * 5)
    notes = (stopping(result, words), *words.lines(result.notes))
    return Table(f"{words.id}-saturation", words.say("saturation_title"), header, rows, notes, align)


def stopping(result: Saturation, words: InterviewNames) -> str:
    """The stopping criterion, and whether it was met."""
    n = len(result.frame)
    criterion = words.say("saturation_criterion", threshold=f"{100 * result.threshold:g}%")
    if result.saturated_at is not None:
        return criterion + words.say("saturation_reached", at=result.saturated_at)
    known = result.frame["new_information"].notna().any()
    return criterion + words.say("saturation_open" if known else "saturation_unknown", n=n)


def comparison_table(result: CodeComparison, words: InterviewNames) -> Table:
    """n of N by company or country, with the exact test."""
    cases = list(result.n)
    rows = tuple(
        row(
            words.code_name(one["code"]),
            *(words.say("n_of_N_short", n=one[case].split(" ")[0], N=result.n[case]) for case in cases),
            probability(one["pvalue"]),
            probability(one["p_adjusted"]),
            probability(one["p_smallest"]),
        )
        for one in result.frame.to_dict("records")
    )
    header = (words.say("code"), *(words.case(case) for case in cases), "p", "p (Holm)",
              words.say("p_smallest"))  # fmt: skip
    sizes = ", ".join(f"{words.case(case)}: {size}" for case, size in result.n.items())
    notes = (words.say("comparison_note"), *words.lines(result.notes, sizes=sizes))
    title = words.say("comparison_title", by=words.say(result.by))
    return Table(f"{words.id}-comparison", title, header, rows, notes)


def agreement_blocks(
    result: CoderAgreement, words: InterviewNames, anchors: frozenset[str] = frozenset()
) -> list[Block]:
    """Agreement code by code, then the segments on which coders differ, linked where they have an anchor."""
    rows = tuple(
        row(
            words.say("overall") if one["code"] == OVERALL else words.code_name(one["code"]),
            count(one["n_segments"]),
            count(one["n_given"]),
            share(one["agreement"]),
            share(one["kappa"]),
            share(one["alpha"]),
            interval(one["ci_lower"], one["ci_upper"], bounded=True),
        )
        for one in result.frame.to_dict("records")
    )
    names = ("code", "n_segments", "n_given", "agreement")
    ci = words.names.text("ci", level=level(result.conf_level))
    header = (*(words.say(name) for name in names), "κ", "α", ci)
    notes = (words.say("agreement_note"), *words.lines(result.notes))
    title = words.say("agreement_title", coders=", ".join(result.coders))
    found: list[Block] = [Table(f"{words.id}-agreement", title, header, rows, notes)]
    if len(result.disagreements):
        lines = tuple(
            (_linked(str(one["segment"]), words, anchors), Cell(str(one["respondent"])),
             *(Cell(str(one[coder])) for coder in result.coders))
            for one in result.disagreements.to_dict("records")
        )  # fmt: skip
        heads = (words.say("segment"), words.say("respondent"), *result.coders)
        title = words.say("disagreements_title")
        found.append(Table(f"{words.id}-disagreements", title, heads, lines, align=("left",) * len(heads)))
    return found


def _linked(segment: str, words: InterviewNames, anchors: frozenset[str]) -> Cell:
    return Cell(segment, href=words.segment(segment) if segment in anchors else "")


def finding_table(segments: Segments, words: InterviewNames) -> Table:
    """Rows of the table of segments that could not be used, or that need a look."""
    rows = tuple(
        row(f"{one.text(words.lang)} [{one.code}]", str(one.place or DASH)) for one in segments.notes
    )
    header = (words.say("finding"), words.say("place"))
    align = ("left", "left")
    return Table(
        f"{words.id}-findings", words.say("findings_title"), header, rows, (), align, widths=(0.7, 0.3)
    )
