"""The contact summary of interviews, as a table."""

from __future__ import annotations

import pandas as pd

from surveykit.coding.contacts import ContactSummary
from surveykit.report.cells import DASH, count, row
from surveykit.report.document import Table
from surveykit.report.interview_names import InterviewNames
from surveykit.wording import wording

SHOWN = ("date", "place", "minutes", "language")


def contact_table(result: ContactSummary, words: InterviewNames) -> Table:
    """Who was interviewed where and how long, and whether recording was permitted; findings below."""

    def say(key: str) -> str:
        return wording("coding", key, words.lang)

    shown = [name for name in SHOWN if result.frame[name].notna().any()]
    permitted = {True: say("contact_yes"), False: say("contact_no")}
    rows = tuple(
        row(
            str(one["respondent"]),
            words.case(one["company"]),
            *(DASH if pd.isna(one[name]) else str(one[name]) for name in shown),
            permitted.get(one["recorded"], DASH),
            count(one["characters"]) if one["characters"] else DASH,
        )
        for one in result.frame.to_dict("records")
    )
    heads = ("respondent", "company", *shown, "recorded", "characters")
    header = tuple(say(f"contact_{name}") for name in heads)
    notes = tuple(
        f"{one.text(words.lang)} [{one.code}]" + (f" ({one.place})" if one.place is not None else "")
        for one in result.notes
    )
    align = tuple("right" if name in ("minutes", "characters") else "left" for name in heads)
    return Table(f"{words.id}-contacts", say("contact_title"), header, rows, notes, align)
