"""How far coders agree on where codes begin and end, as a table."""

from __future__ import annotations

from surveykit.coding.boundaries import ANY, OVERALL, BoundaryAgreement
from surveykit.report.cells import count, interval, level, row, share
from surveykit.report.document import Table
from surveykit.report.interview_names import InterviewNames
from surveykit.report.notes import note_lines
from surveykit.wording import wording


def boundary_table(result: BoundaryAgreement, words: InterviewNames) -> Table:
    """Alpha for unitizing: a row per code, then marked or not, then marks and codes together."""

    def say(key: str) -> str:
        return wording("coding", key, words.lang)

    names = {ANY: say("boundaries_any"), OVERALL: say("boundaries_overall")}
    rows = tuple(
        row(
            names.get(one["code"]) or words.code_name(one["code"]),
            count(one["n_units"]),
            count(one["characters"]),
            share(one["alpha"]),
            interval(one["ci_lower"], one["ci_upper"], bounded=True),
            share(one["alpha_coding"]),
        )
        for one in result.frame.to_dict("records")
    )
    ci = words.names.text("ci", level=level(result.conf_level))
    header = (
        say("code"),
        say("boundaries_units"),
        say("boundaries_characters"),
        "α",
        ci,
        say("boundaries_coding"),
    )
    notes = (say("boundaries_note"), *note_lines(result.notes, words.names))
    title = wording("coding", "boundaries_title", words.lang, texts=result.n_texts)
    return Table(f"{words.id}-boundaries", title, header, rows, notes)
