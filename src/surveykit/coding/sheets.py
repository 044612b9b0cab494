"""Coding sheets out to coders, and back as coded segments.

A sheet goes out with passages: the answers or transcripts, cut where they
are long, or the segments that another coder has marked. What comes back is
collected like any other workbook; here it becomes rows of segments.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from surveykit.coding.agreement import CoderAgreement, at_passages
from surveykit.coding.codebook import Codebook
from surveykit.coding.guide_items import is_marker
from surveykit.coding.segments import COLUMNS, Segments, check_segments
from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.coding_layout import CodeEntry, CodingSheet, Unit
from surveykit.form.coding_sheet import Entries, coding_sheet
from surveykit.form.writing import write_new
from surveykit.options import check_language
from surveykit.responses.coding_sheet import ReturnedCoding, read_coding_sheet
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import guarded
from surveykit.responses.store import open_store
from surveykit.wording import pick

# A passage that a coder can take in at a glance, in characters; longer texts are cut at ends of sentences.
LONGEST = 1200
SENTENCE = re.compile(r"\n+|(?<=[.!?。．！？])\s+|(?<=[。．！？])(?=\S)")
SHEETS = """
SELECT sha256, file FROM workbook WHERE instrument GLOB 'coding:*'
ORDER BY respondent, instrument, modified, id
"""
ADJUDICATOR = "adjudicated"


def text_units(texts: Mapping[str, str], questions: Mapping[str, str] | None = None) -> tuple[Unit, ...]:
    """Whole texts as passages to code, by respondent (``"A1"``) or respondent and item (``"A1/q07"``).

    Parameters
    ----------
    texts : mapping
        As `read_segments` takes them. Empty texts are passed over.
    questions : mapping item -> text, optional
        Shown beside the answers.

    Returns
    -------
    tuple of Unit
        A text of more than 1,200 characters makes several, cut at ends of lines or sentences: ``A1/q07#2``.

    Examples
    --------
    >>> import surveykit as sk
    >>> [(one.id, one.end) for one in sk.text_units({"A1/q07": "Trust first.", "A2/q07": ""})]
    [('A1/q07', 12)]
    """
    asked = questions or {}
    units = []
    for key, text in texts.items():
        respondent, _, item = key.partition("/")
        places = list(_pieces(text, 0, len(text)))
        for number, (start, end) in enumerate(places, 1):
            id = key if len(places) == 1 else f"{key}#{number}"
            units.append(Unit(id, respondent, item, start, end, text[start:end], asked.get(item, "")))
    return tuple(units)


def turn_units(
    respondent: str, text: str, turns: pd.DataFrame, asked_by: Iterable[str] = ()
) -> tuple[Unit, ...]:
    """The turns of an interview as passages to code; what the interviewers said stands beside the answer.

    `turns` as in `Transcript.turns` (an ``item`` column is used where it has one); `asked_by` names the
    speakers who are not coded. A mark of the guide that stands alone (``[q08]``) was said by nobody and is
    no passage.
    """
    interviewers = set(asked_by)
    pieces: list[tuple[int, str, int, int, str]] = []
    question = ""
    items = turns["item"] if "item" in turns else pd.Series("", index=turns.index)
    for number, speaker, start, end, item in zip(
        turns["turn"], turns["speaker"], turns["start"], turns["end"], items, strict=True
    ):
        if speaker in interviewers:
            question = text[start:end]
            continue
        for first, last in _pieces(text, int(start), int(end)):
            if not is_marker(text[first:last]):
                pieces.append((number, str(item), first, last, question))
    # A turn in which an item begins stands in several rows of one number: its pieces are counted together.
    often = Counter(piece[0] for piece in pieces)
    so_far: Counter[int] = Counter()
    units = []
    for number, item, first, last, question in pieces:
        so_far[number] += 1
        part = f"#{so_far[number]}" if often[number] > 1 else ""
        id = f"{respondent}:{number}{part}"
        units.append(Unit(id, respondent, item, first, last, text[first:last], question))
    return tuple(units)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A stretch of text cut into pieces of at most `LONGEST` characters, without blanks at their ends."""
    stops = [match.start() + start for match in SENTENCE.finditer(text[start:end])] + [end]
    first = start
    while first < end:
        room = [stop for stop in stops if first < stop <= first + LONGEST]
        last = end if end - first <= LONGEST else (room[-1] if room else first + LONGEST)
        piece = text[first:last]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            yield first + lead, first + len(piece.rstrip())
        first = last


def segment_units(segments: Segments, texts: Mapping[str, str] | None = None) -> tuple[Unit, ...]:
    """The segments that are marked already, without their codes; left out where their text is withheld."""
    known = texts or {}
    units = []
    for row in segments.frame.drop_duplicates("segment").to_dict("records"):
        text = known.get(f"{row['respondent']}/{row['item']}", known.get(str(row["respondent"])))
        placed = not pd.isna(row["start"])
        start, end = (int(row["start"]), int(row["end"])) if placed else (None, None)
        passage = str(row["passage"])
        if text is not None and start is not None:
            passage = text[start:end]
        if passage.strip():
            units.append(
                Unit(str(row["segment"]), str(row["respondent"]), str(row["item"]), start, end, passage)
            )
    return tuple(units)


def adjudication_units(agreement: CoderAgreement, units: Iterable[Unit]) -> tuple[Unit, ...]:
    """The passages on which coders differ, each with what each of them gave, for whoever settles it."""
    said = {}
    for row in agreement.disagreements.to_dict("records"):
        votes = (f"{coder}: {row[coder]}" for coder in agreement.coders if row[coder])
        said[str(row["segment"])] = "\n".join(votes)
    return tuple(
        Unit(one.id, one.respondent, one.item, one.start, one.end, one.text, said[one.id])
        for one in units
        if one.id in said
    )


def write_coding_sheet(
    codebook: Codebook,
    units: Iterable[Unit],
    coder: str,
    out: str | Path,
    *,
    lang: str = "en",
    parts: bool = True,
    entries: Entries | None = None,
    saved: str | None = None,
    replace: bool = False,
) -> Path:
    """Write the workbook that a coder fills in.

    Parameters
    ----------
    codebook : Codebook
    units : iterable of Unit
        From `text_units`, `turn_units` or `segment_units`.
    coder : str
        A name or a pseudonym; it comes back with the codes.
    out : path
    lang : {"en", "ja", "ko"}, default "en"
    parts : bool, default True
        Whether the coder may pick words of a passage; no where the segments are marked already.
    entries, saved
        What a simulated coder enters, and when; see `coding_sheet`.
    replace : bool, default False
        Write over another file of this name that is there, filled in or not.

    Returns
    -------
    Path

    Raises
    ------
    SurveykitError
        O001 a language without texts; C060 nothing to code; C061 a passage that does not fit into a cell;
        C074 the file cannot be written; C075 two passages of one id; F025 another file of this name is there,
        perhaps filled in.

    Examples
    --------
    >>> import tempfile
    >>> import surveykit as sk
    >>> book = sk.read_codebook("analyses/trim_lee_learning/codebook.yaml")
    >>> units = sk.text_units({"SIM-A1/q05": "저녁 자리에서 듣습니다."}, {"q05": "Which channels?"})
    >>> out = Path(tempfile.mkdtemp()) / "second.xlsx"
    >>> sk.write_coding_sheet(book, units, "second", out, lang="ko").name
    'second.xlsx'
    """
    check_language(lang)
    sheet = CodingSheet(
        codebook=codebook.codebook,
        version=codebook.version,
        coder=coder,
        language=lang,
        units=tuple(units),
        codes=tuple(
            CodeEntry(id, one.name, one.definition, one.when, one.when_not, one.example or "")
            for id, one in codebook.codes.items()
        ),
        propositions={id: pick(one.text, lang) for id, one in codebook.propositions.items()},
        parts=parts,
    )
    path = Path(out)
    data = coding_sheet(sheet, entries, saved)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(path, data, replace=replace)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SurveykitError("C074", place=Place(file=str(path)), reason=reason) from None
    return path


def collected_segments(
    study: str | Path, codebook: Codebook, texts: Mapping[str, str] | None = None
) -> Segments:
    """The coding sheets that were collected into a study, as segments of their coders.

    Where a coder returned the same sheet twice, the one saved last counts. A code for the whole passage
    keeps the passage's id; one for some of its words gets an id of its own, ``A1/q07@12-30``.

    Parameters
    ----------
    study : path
        The study's folder, whose store `collect` filled.
    codebook : Codebook
    texts : mapping, optional
        As `read_segments` takes them: passages are held against them.

    Returns
    -------
    Segments
        `notes`: the findings of the sheets (C063-C071), C072 a sheet of another version of the codebook,
        C073 one of another codebook, then what `check_segments` finds.

    Raises
    ------
    SurveykitError
        R060 nothing was collected yet.

    Examples
    --------
    >>> collected_segments("analyses/my_study", book, texts).frame      # doctest: +SKIP
    """
    notes: list[Note] = []
    rows: list[dict[str, object]] = []
    with open_store(study, create=False) as store:
        returned = [(file, store.original(sha)) for sha, file in store.query(SHEETS)]
    latest: dict[tuple[str, str], tuple[str, ReturnedCoding]] = {}
    for file, data in returned:
        sheet = read_coding_sheet(read_workbook(guarded(data, file)))
        latest[sheet.sheet_id, sheet.coder] = file, sheet
    for file, sheet in latest.values():
        place = Place(file=file)
        if sheet.codebook != codebook.codebook:
            notes.append(note("C073", place, found=sheet.codebook, current=codebook.codebook))
            continue
        if sheet.version != codebook.version:
            facts = {"coder": sheet.coder, "found": sheet.version, "current": codebook.version}
            notes.append(Note("C072", facts, place))
        notes += [Note(one.code, one.fields, _in_file(one.place, file)) for one in sheet.findings]
        rows += list(_rows(sheet))
    found = check_segments(pd.DataFrame(rows, columns=list(COLUMNS)), codebook, texts)
    return Segments(found.frame, found.dropped, (*notes, *found.notes))


def _in_file(place: Place | None, file: str) -> Place:
    return Place(file=file) if place is None else Place(file=file, sheet=place.sheet, cell=place.cell)


def _rows(sheet: ReturnedCoding) -> Iterator[dict[str, object]]:
    """The lines of a sheet as rows of segments."""
    for line in sheet.lines:
        unit = sheet.units[line.unit]
        segment, start, end, passage = unit.id, unit.start, unit.end, unit.text
        if line.start is not None and line.end is not None:
            segment = f"{unit.id}@{line.start}-{line.end}"
            passage = unit.text[line.start : line.end]
            start, end = None, None
            if unit.start is not None:
                start, end = unit.start + line.start, unit.start + line.end
        yield {
            "segment": segment,
            "respondent": unit.respondent,
            "item": unit.item,
            "start": "" if start is None else start,
            "end": "" if end is None else end,
            "code": line.code,
            "coder": sheet.coder,
            "stance": line.stance,
            "proposition": line.proposition,
            "summary": line.summary,
            "passage": passage,
        }


def picked_words(segments: Segments) -> bool:
    """Whether boundaries can be compared: there are two coders, and some words of a passage were picked."""
    frame = segments.frame
    return bool(frame["coder"].nunique() > 1 and (at_passages(frame)["segment"] != frame["segment"]).any())


def settled(segments: Segments, adjudicator: str = ADJUDICATOR) -> Segments:
    """The segments after adjudication: where the adjudicator has spoken, nobody else's codes count."""
    frame = segments.frame
    unit = at_passages(frame)["segment"]
    decided = set(unit[frame["coder"] == adjudicator])
    kept = ~unit.isin(decided) | (frame["coder"] == adjudicator)
    return Segments(frame[kept].reset_index(drop=True), segments.dropped, segments.notes)
