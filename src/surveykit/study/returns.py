"""Workbooks as respondents would return them: filled forms, with the damage that the field does.

Used by simulated studies and by round trips of real answers through the
project's own forms. Everything lands in `returned/` of the study.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from surveykit.errors import Note
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.form.writing import write_new
from surveykit.instrument.model import Instrument
from surveykit.results import Result
from surveykit.study.schema import DirtSpec

Progress = Callable[[int, int], None]
LANGUAGE_OF = {"JP": "ja", "KR": "ko"}
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
OLDER = "0.9.0"
FIRST_SAVED, SAVED_AGAIN = "2026-10-01T09:00:00Z", "2026-10-08T09:00:00Z"


@dataclass(frozen=True)
class Damage(Result):
    """What was planted into simulated workbooks, so that the findings can be held against it.

    `frame` has a row per planted damage: `respondent kind item value`.
    """

    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


@dataclass(frozen=True)
class Sheet:
    """One workbook to be returned."""

    respondent: str
    group: str
    answers: Mapping[str, Any]
    name: str
    older: bool = False
    language: str = ""
    saved: str = FIRST_SAVED


def language_of(group: str, instrument: Instrument) -> str:
    """The language in which a country's respondents get their form."""
    language = LANGUAGE_OF.get(group, instrument.languages[0])
    return language if language in instrument.languages else instrument.languages[0]


def sheets_of(answers: pd.DataFrame, items: list[str]) -> list[Sheet]:
    """One clean workbook a row of answers (`respondent`, `group`, maybe `language`, and the items)."""
    records = answers[items].astype(object).where(answers[items].notna(), None).to_dict("records")
    languages = (
        answers["language"] if "language" in answers and "language" not in items else [""] * len(answers)
    )
    people = zip(
        answers["respondent"].astype(str), answers["group"].astype(str), languages, records, strict=True
    )
    return [
        Sheet(
            respondent,
            group,
            {str(item): _plain(value) for item, value in record.items()},
            respondent,
            language=language,
        )
        for respondent, group, language, record in people
    ]


def _plain(value: Any) -> Any:
    """An answer as Python holds it; whole numbers as int."""
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else float(value)
    return int(value) if isinstance(value, np.integer) else value


def damaged(
    sheets: list[Sheet], instrument: Instrument, dirt: DirtSpec, seed: int
) -> tuple[list[Sheet], Damage]:
    """The same workbooks after the field has been at them; and what was done to which."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    likert = [item.id for item in instrument.items if item.type == "likert" and item.id in sheets[0].answers]
    result = list(sheets)
    log: list[tuple[str, str, str, str]] = []
    changes: list[tuple[str, int, Callable[[Any], Any]]] = [
        ("full_width", dirt.full_width, lambda value: str(value).translate(FULL_WIDTH)),
        ("blank_items", dirt.blank_items, lambda value: None),
        ("pasted_99", dirt.pasted_99, lambda value: 99),
        ("text_answers", dirt.text_answers, lambda value: "?"),
    ]
    victims = iter(rng.permutation(len(result)))  # nobody is damaged twice, so each finding has one cause
    for kind, count, change in changes:
        for index in islice(victims, count):
            item = str(rng.choice(likert))
            sheet = result[index]
            value = change(sheet.answers[item])
            result[index] = dataclasses.replace(sheet, answers={**sheet.answers, item: value})
            log.append((sheet.respondent, kind, item, "" if value is None else str(value)))
    for index in rng.choice(len(result), size=min(dirt.older_version, len(result)), replace=False):
        result[index] = dataclasses.replace(result[index], older=True)
        log.append((result[index].respondent, "older_version", "", OLDER))
    for index in rng.choice(len(sheets), size=min(dirt.duplicates, len(sheets)), replace=False):
        again = dataclasses.replace(result[index], name=f"{result[index].name} (1)", saved=SAVED_AGAIN)
        result.append(again)
        log.append((again.respondent, "duplicates", "", again.name))
    log += [
        ("", "not_a_workbook", "", f"notes_{number}.xlsx") for number in range(1, dirt.not_a_workbook + 1)
    ]
    return result, Damage(pd.DataFrame(log, columns=["respondent", "kind", "item", "value"]))


def write_returned(
    instrument: Instrument,
    sheets: list[Sheet],
    folder: Path,
    group_column: str,
    progress: Progress | None = None,
    *,
    replace: bool = True,
) -> list[Path]:
    """Write and fill a form for every sheet; `replace` others of the same name, or refuse with F025."""
    current = _blank_forms(instrument, sheets, folder, group_column, replace)
    earlier = dataclasses.replace(instrument, version=OLDER, content_hash="0" * 64)
    older = _blank_forms(earlier, [sheet for sheet in sheets if sheet.older], folder, group_column, replace)
    paths = []
    for done, sheet in enumerate(sheets, 1):
        source, forms = (earlier, older) if sheet.older else (instrument, current)
        path = folder / sheet.group / f"{instrument.instrument}_{sheet.name}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = fill_form(source, forms[sheet.respondent], sheet.answers, saved=sheet.saved)
        write_new(path, filled, replace=replace)
        paths.append(path)
        if progress is not None:
            progress(done, len(sheets))
    return paths


def _blank_forms(
    instrument: Instrument, sheets: list[Sheet], folder: Path, group_column: str, replace: bool
) -> dict[str, Path]:
    """The empty form of each respondent, beside the returned ones."""
    frame = pd.DataFrame(list(_roster(instrument, sheets, group_column)))
    if frame.empty:
        return {}
    blank = folder.parent / "forms" / instrument.version
    paths = write_forms(instrument, blank, respondents=frame, replace=replace)
    return dict(zip(frame["respondent"], paths, strict=True))


def _roster(instrument: Instrument, sheets: list[Sheet], group_column: str) -> Iterator[dict[str, str]]:
    for sheet in {one.respondent: one for one in sheets}.values():
        language = sheet.language or language_of(sheet.group, instrument)
        yield {"respondent": sheet.respondent, "language": language, group_column: sheet.group}
