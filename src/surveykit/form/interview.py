"""The record of an interview: what the interviewer notes before the first question.

An instrument is asked by an interviewer as soon as one of its items has
probes. Its form then opens with this record; its answers are collected like
any others.
"""

from __future__ import annotations

from dataclasses import replace

from surveykit.errors import SurveykitError
from surveykit.form.texts import ui_text
from surveykit.instrument.model import Instrument, Item, ResponseScale, Section

RECORD_SECTION = "interview_record"
RECORD_SCALE = "_yes_no"


def is_interview(inst: Instrument) -> bool:
    """Whether an interviewer fills in the form: some item has probes."""
    return any(item.probes for item in inst.items)


def record_section(languages: tuple[str, ...]) -> Section:
    """Interviewer, date, place, duration, language used, permission to record; none of them a name."""

    def item(item_id: str, kind: str, **more: object) -> Item:
        return Item(id=item_id, type=kind, text=ui_text(item_id, languages), **more)  # type: ignore[arg-type]

    return Section(
        id=RECORD_SECTION,
        title=ui_text("record_title", languages),
        items=(
            item("interviewer", "text"),
            item("interview_date", "date"),
            item("interview_place", "text"),
            item("interview_minutes", "number", minimum=0, maximum=1440, unit=ui_text("minutes", languages)),
            item("interview_language", "text"),
            item("interview_recording", "single", response_scale=RECORD_SCALE),
        ),
    )


def asked(inst: Instrument) -> Instrument:
    """The instrument as its form asks it: an interview guide gets the record in front.

    Raises
    ------
    SurveykitError
        F020 an item of the guide has the id of one of the record's.
    """
    if not is_interview(inst) or any(section.id == RECORD_SECTION for section in inst.sections):
        return inst
    record = record_section(inst.languages)
    taken = {item.id for item in record.items} & {item.id for item in inst.items}
    if taken:
        raise SurveykitError("F020", instrument=inst.instrument, items=", ".join(sorted(taken)))
    yes_no = ResponseScale(
        RECORD_SCALE, {1: ui_text("yes", inst.languages), 2: ui_text("no", inst.languages)}
    )
    return replace(
        inst,
        sections=(record, *inst.sections),
        response_scales={**inst.response_scales, RECORD_SCALE: yes_no},
    )
