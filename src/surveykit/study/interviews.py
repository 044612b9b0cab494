"""Interviews in a study: its texts, the coding sheets that go out to coders, the codes that come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pandas as pd

from surveykit.coding.agreement import coder_agreement
from surveykit.coding.codebook import Codebook, read_codebook
from surveykit.coding.contacts import ContactSummary, contact_summary
from surveykit.coding.displays import read_displays
from surveykit.coding.guide_items import match_items
from surveykit.coding.pseudonyms import find_names, read_key
from surveykit.coding.segments import Segments, read_segments
from surveykit.coding.sheets import (
    ADJUDICATOR,
    adjudication_units,
    collected_segments,
    segment_units,
    text_units,
    turn_units,
    write_coding_sheet,
)
from surveykit.coding.transcripts import FORMATS, Transcript, read_transcript
from surveykit.errors import Note, Place, SurveykitError, SurveykitProblems, note
from surveykit.form.coding_layout import FIELDS, Unit
from surveykit.form.interview import is_interview
from surveykit.instrument.model import Instrument
from surveykit.responses.collect import CollectReport, collect
from surveykit.responses.read import Responses, read_responses
from surveykit.responses.store import store_folder
from surveykit.results import Result
from surveykit.study.made import remember_made
from surveykit.study.plan import Plan, read_plan
from surveykit.study.schema import InterviewsStep
from surveykit.wording import pick

SEGMENTS, SHEETS = "segments.csv", "coding_sheets"
ENTERED = ("respondent", "item", *FIELDS.values())
SAVED = "2026-10-15T09:00:00Z"


@dataclass(frozen=True)
class Material:
    """What is coded: `texts` by respondent, or respondent and item, and the passages they are cut into.

    `contacts` is None where there are neither transcripts nor interviewers' forms.
    """

    texts: Mapping[str, str]
    units: tuple[Unit, ...]
    contacts: ContactSummary | None = None


def answer_texts(responses: Responses | None) -> dict[str, str]:
    """The answers to open questions, by respondent and item (``"A1/q07"``), in the order of the form."""
    if responses is None:
        return {}
    items = [item.id for item in responses.instrument.items if item.type == "open"]
    texts = {}
    for row in responses.frame.to_dict("records"):
        for item in items:
            if isinstance(row.get(item), str) and row[item].strip():
                texts[f"{row['respondent']}/{item}"] = row[item]
    return texts


def material(
    plan: Plan, step: InterviewsStep, book: Codebook, responses: Responses | None, lang: str
) -> Material:
    """The texts of a study and their passages, with the questions in one language.

    Answers to open questions come from the collected forms, transcripts from the plan's folder. A
    transcript that must not be used (no permission, nobody of the codebook) is left out and told.
    """
    texts = answer_texts(responses)
    units = text_units(texts, _questions(plan.instrument, lang))
    transcripts, notes = _transcripts(plan, step)
    interviewed = plan.instrument is not None and is_interview(plan.instrument)
    if not transcripts and not notes and not interviewed:
        return Material(texts, units)
    forms = None if responses is None else responses.frame
    contacts = contact_summary(book, forms, transcripts)
    notes += [one for transcript in transcripts.values() for one in transcript.notes]
    for name, one in transcripts.items():
        if name not in contacts.refused:
            texts[name] = one.text
            speakers = set(one.turns["speaker"])
            units += turn_units(name, one.text, one.turns, speakers - {name} if name in speakers else ())
    return Material(texts, units, replace(contacts, notes=(*contacts.notes, *notes)))


def _transcripts(plan: Plan, step: InterviewsStep) -> tuple[dict[str, Transcript], list[Note]]:
    """The transcripts of the plan's folder by respondent, matched to the guide; real names are told."""
    if step.transcripts is None:
        return {}, []
    folder = plan.path(step.transcripts)
    if not folder.is_dir():
        return {}, [note("C089", Place(file=str(folder)))]
    key = read_key(plan.path(step.names)) if step.names is not None else {}
    found: dict[str, Transcript] = {}
    notes: list[Note] = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in FORMATS):
        read = read_transcript(path)
        if read.name in found:
            notes.append(note("C090", Place(file=str(path)), respondent=read.name))
            continue
        notes += find_names(read, key)
        found[read.name] = match_items(read, plan.instrument) if plan.instrument is not None else read
    return found, notes


def _questions(instrument: Instrument | None, lang: str) -> dict[str, str]:
    return {} if instrument is None else {item.id: pick(item.text, lang) for item in instrument.items}


def interview_step(plan: Plan) -> InterviewsStep:
    """The step of a plan that codes interviews.

    Raises
    ------
    SurveykitError
        T030 it has none.
    """
    for step in plan.spec.steps:
        if isinstance(step, InterviewsStep):
            return step
    raise SurveykitError("T030", place=Place(file=str(plan.folder / "study.yaml")))


def write_study_sheet(
    study: str | Path, coder: str, out: str | Path, lang: str | None = None, adjudicate: bool = False
) -> Path:
    """The coding sheet of a study for one coder.

    Where the plan names a segments.csv, its segments go out, without their codes; otherwise the collected
    answers do. With `adjudicate` only what coders disagree on goes out, with what each of them gave.

    Parameters
    ----------
    study : path
    coder : str
        A name or pseudonym; "adjudicated" for whoever settles disagreements.
    out : path
        The workbook to write.
    lang : {"en", "ja", "ko"}, optional
        By default the study's first language.
    adjudicate : bool, default False

    Returns
    -------
    Path

    Raises
    ------
    SurveykitError
        T030 the study codes no interviews; R060 nothing was collected; C021 no two coders to settle between;
        C060 nothing to code; F025 another file of this name is there, perhaps filled in.

    Examples
    --------
    >>> write_study_sheet("analyses/my_study", "second", "second.xlsx")      # doctest: +SKIP
    PosixPath('second.xlsx')
    """
    plan = read_plan(study)
    step = interview_step(plan)
    language = lang or plan.spec.languages[0]
    book = read_codebook(plan.path(step.codebook))
    responses = None if plan.spec.data.kind == "none" else read_responses(plan.folder)
    found = material(plan, step, book, responses, language)
    units, parts = found.units, True
    coded: Segments | None = None
    if step.segments is not None:
        coded = read_segments(plan.path(step.segments), book, found.texts)
        units, parts = segment_units(coded, found.texts), False
    if adjudicate:
        every = coded if coded is not None else collected_segments(plan.folder, book, found.texts)
        units = adjudication_units(coder_agreement(every, book, bootstrap=0), units)
        coder, parts = coder or ADJUDICATOR, False
    return write_coding_sheet(book, units, coder, out, lang=language, parts=parts)


def simulated_coding(plan: Plan, step: InterviewsStep, book: Codebook, found: Material) -> CollectReport:
    """What simulated coders would do: fill their sheets from the plan's tables, and send them back.

    Raises
    ------
    SurveykitError
        T031 a table that is missing or has other columns.
    """
    folder = plan.folder / "returned" / SHEETS
    known = {one.id for one in found.units}
    paths = []
    for coder, named in step.coders.items():
        entries = _entries(plan.path(named), known)
        path = folder / f"{coder}.xlsx"
        lang = plan.spec.languages[0]
        paths.append(
            write_coding_sheet(
                book, found.units, coder, path, lang=lang, entries=entries, saved=SAVED, replace=True
            )
        )
    remember_made(plan.folder, paths)
    return collect(paths, plan.folder, instruments=plan.questionnaire)


def _entries(path: Path, known: set[str]) -> dict[tuple[str, int], dict[str, str]]:
    """A coder's table, row by row the next line of its passage."""
    place = Place(file=str(path))
    if not path.is_file():
        raise SurveykitError("T031", place=place, reason="–", columns=", ".join(ENTERED))
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    unknown = [name for name in ENTERED if name not in table.columns]
    if unknown:
        raise SurveykitError("T031", place=place, reason=", ".join(unknown), columns=", ".join(ENTERED))
    entries: dict[tuple[str, int], dict[str, str]] = {}
    lines: dict[str, int] = {}
    for row in table.to_dict("records"):
        unit = f"{row['respondent']}/{row['item']}"
        if unit not in known:
            raise SurveykitError("T031", place=place, reason=unit, columns=", ".join(ENTERED))
        lines[unit] = lines.get(unit, 0) + 1
        entries[unit, lines[unit]] = {str(key): value for key, value in row.items() if value}
    return entries


def coded_segments(plan: Plan, step: InterviewsStep, book: Codebook, found: Material) -> Segments:
    """The segments of a study: its table, else the sheets collected, else segments.csv beside the plan.

    Raises
    ------
    SurveykitError
        T032 there are none of these.
    """
    if step.segments is not None:
        return read_segments(plan.path(step.segments), book, found.texts)
    if found.texts and store_folder(plan.folder).is_dir():
        coded = collected_segments(plan.folder, book, found.texts)
        if len(coded.frame):
            return coded
    beside = plan.path(SEGMENTS)
    if not beside.is_file():
        raise SurveykitError("T032", place=Place(file=str(plan.folder)))
    return read_segments(beside, book, found.texts)


def check_interviews(plan: Plan) -> tuple[list[Note], list[Note]]:
    """Every problem of codebook, segments and displays of a plan, and every hint, each with its place."""
    problems: list[Note] = []
    hints: list[Note] = []
    for step in plan.spec.steps:
        if not isinstance(step, InterviewsStep):
            continue
        try:
            book = read_codebook(plan.path(step.codebook))
            hints += book.notes
            if step.segments is not None:
                problems += read_segments(plan.path(step.segments), book).notes
            if step.displays is not None:
                read_displays(plan.path(step.displays), book, step.by)
        except SurveykitProblems as error:
            problems += error.problems
        except SurveykitError as error:
            problems.append(error.note)
    return problems, hints


def without_passages(results: Mapping[str, Mapping[str, Result]]) -> dict[str, Mapping[str, Result]]:
    """Results as they may leave the house: what respondents said is withheld, codes and summaries stay."""
    return {step: {name: _withheld(one) for name, one in by.items()} for step, by in results.items()}


def _withheld(result: Result) -> Result:
    changes = {}
    for one in fields(result):  # type: ignore[arg-type]  # every result is a dataclass
        value = getattr(result, one.name)
        if isinstance(value, pd.DataFrame) and "passage" in value.columns:
            changes[one.name] = value.assign(passage="")
    return replace(result, **changes) if changes else result  # type: ignore[type-var]


def write_segments(segments: Segments, path: Path) -> Path:
    """The coded segments as the plain table that `read_segments` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    segments.frame.to_csv(path, index=False, lineterminator="\n")
    return path
