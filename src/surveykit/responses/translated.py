"""A translators' workbook that came back: guarded, read row by row, taken into the instrument and its log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.translation_layout import FORMAT, MARK, lost_placeholders
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.source import short
from surveykit.instrument.translation_log import report_of, take_in
from surveykit.instrument.translations import STEPS, LogEntry, TranslatedText
from surveykit.responses.book import RawCell, Sheet, Workbook
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import open_guarded
from surveykit.responses.identity import told_of
from surveykit.results import Result
from surveykit.wording import wording

if TYPE_CHECKING:
    import pandas as pd

UNREADABLE = ("formula", "error", "date", "boolean")
NO_LOG = LogEntry("", "", "")


@dataclass(frozen=True)
class TakenTranslations(Result):
    """What became of a returned translators' workbook.

    Attributes
    ----------
    instrument, language : str
    texts : tuple of str
        Texts whose final translation now stands in the instrument's file.
    logged : tuple of str
        Texts of which further steps were recorded in the translation log.
    unchanged : int
        Rows that say nothing new.
    notes : tuple of Note
        Findings: what was not taken, where it stands, and what to do.
    """

    instrument: str
    language: str
    texts: tuple[str, ...]
    logged: tuple[str, ...]
    unchanged: int
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """A row a text or finding: `key outcome place text`."""
        import pandas as pd

        rows = [(key, "in the instrument", "", "") for key in self.texts]
        rows += [(key, "logged", "", "") for key in self.logged]
        rows += [
            (one.fields.get("key", ""), one.code, str(one.place or ""), one.text()) for one in self.notes
        ]
        return pd.DataFrame(rows, columns=["key", "outcome", "place", "text"])

    def summary(self, lang: str = "en") -> str:
        """How many texts were taken, then every finding, in one language."""
        counts = {"texts": len(self.texts), "logged": len(self.logged), "unchanged": self.unchanged}
        facts = {"instrument": self.instrument, "findings": len(self.notes), **counts}
        name = wording("translation", f"language_{self.language}", lang)
        head = wording("translation", "taken", lang, language=name, **facts)
        return "\n".join([head, *(one.full(lang) for one in self.notes)])


def take_translations(instrument: str | Path, workbook: str | Path) -> TakenTranslations:
    """Take a returned translators' workbook into the instrument's file and its translation log.

    Final texts enter the YAML file, whose comments and layout are kept; every
    step enters ``translations/<file>`` beside it. A row that cannot be taken
    is a finding, and the others are taken all the same.

    Parameters
    ----------
    instrument : path
        The instrument's YAML file.
    workbook : path
        As `write_translation_workbook` wrote it and the translators filled it in (.xlsx or .ods).

    Returns
    -------
    TakenTranslations

    Raises
    ------
    SurveykitError
        R001-R013 the file is no workbook that can be read safely; F040 it is not a translators' workbook of
        this instrument; I076 the texts cannot be put into the YAML file.

    Notes
    -----
    Findings: F041 a cell that holds no text; F042 a text that is too long; F043 a placeholder was lost; F044
    a row whose source is not that of its name (rows were moved); F045 a text twice; F046 a row that lost its
    name; I073 a text that the instrument does not have; I074 the source has changed since.

    Examples
    --------
    >>> take_translations("instruments/partnership.yaml", "returned/ja.xlsx")     # doctest: +SKIP
    >>> print(_.summary())                                                        # doctest: +SKIP
    partnership, Japanese: 41 texts put into the questionnaire, 3 further ones recorded in the log, …
    """
    inst = read_instrument(instrument)
    book = read_workbook(open_guarded(workbook))
    language = _language(book, inst)
    known = {row.key: row for row in report_of(instrument).rows if row.language == language}
    findings: list[Note] = []
    returned = [row for row in _rows(book, known, language, findings) if row is not None]
    fresh = [row for row in returned if _says_more(row, known.get(row.key))]
    taken = take_in(instrument, fresh)
    texts = tuple(key for key, _ in taken.texts)
    return TakenTranslations(
        inst.instrument,
        language,
        texts,
        tuple(key for key, _ in taken.logged),
        len(returned) - len(fresh),
        (*findings, *taken.notes),
    )


def _language(book: Workbook, inst: Instrument) -> str:
    """The language of the workbook, if it is one of this instrument's."""
    told = told_of(book)
    wanted = (FORMAT, inst.instrument)
    found = (told.get("format", ""), told.get("instrument", ""))
    if found != wanted or told.get("language", "") not in inst.languages[1:]:
        words = " ".join(one for one in (*found, told.get("language", "")) if one)
        place = Place(file=book.file)
        raise SurveykitError("F040", place=place, found=short(words) or "–", instrument=inst.instrument)
    return told["language"]


def _says_more(row: TranslatedText, known: TranslatedText | None) -> bool:
    """Whether a row says anything that the log does not; one that says nothing at all does not."""
    steps = [getattr(row.log, step) for step in STEPS]
    if known is None:
        return any(steps)
    return any(steps) and steps != [getattr(known.log, step) for step in STEPS]


def _rows(
    book: Workbook, known: Mapping[str, TranslatedText], language: str, findings: list[Note]
) -> Iterator[TranslatedText | None]:
    """The rows of the workbook, those that cannot be taken told as findings."""
    sheet = next((one for one in map(book.sheet, book.sheet_members) if _columns(one)), None)
    columns = _columns(sheet) if sheet is not None else {}
    if sheet is None or not {"key", "source_hash", *STEPS} <= columns.keys():
        lost = ", ".join(sorted({"key", "source_hash", *STEPS} - columns.keys()))
        raise SurveykitError("F047", place=Place(file=book.file), lost=lost)
    head = min(row for row, _ in sheet.cells)
    numbers = sorted({row for row, _ in sheet.cells if row > head})
    keys = [_text(sheet.cells.get((row, columns["key"]))) for row in numbers]
    twice = {key for key, count in Counter(keys).items() if key and count > 1}
    for row, key in zip(numbers, keys, strict=True):
        reader = _Line(book.file, sheet, columns, row, findings)
        if not key:
            reader.nameless()
        elif key in twice:
            findings.append(note("F045", reader.place("key"), key=short(key)))
        else:
            yield reader.taken(key, known.get(key), language)


def _columns(sheet: Sheet) -> dict[str, str]:
    """What stands in which column, by the marks in the hidden first row."""
    return {
        cell.raw.removeprefix(MARK): column
        for (_, column), cell in sheet.cells.items()
        if cell.kind == "text" and cell.raw.startswith(MARK)
    }


def _text(cell: RawCell | None) -> str:
    return cell.raw.strip() if cell is not None and cell.kind in ("text", "number") else ""


@dataclass(frozen=True)
class _Line:
    """One row of the workbook."""

    file: str
    sheet: Sheet
    columns: Mapping[str, str]
    row: int
    findings: list[Note]

    def place(self, name: str) -> Place:
        return Place(self.file, sheet=self.sheet.name, cell=f"{self.columns.get(name, 'A')}{self.row}")

    def cell(self, name: str) -> RawCell | None:
        return self.sheet.cells.get((self.row, self.columns.get(name, "")))

    def nameless(self) -> None:
        """A row that was written in but says of no text that it is its translation; headings are none."""
        written, length = [step for step in STEPS if self.cell(step) is not None], self.cell("length")
        if written and length is not None and length.kind == "formula":
            self.findings.append(note("F046", self.place(written[0]), row=self.row))

    def taken(self, key: str, known: TranslatedText | None, language: str) -> TranslatedText | None:
        """The row with the steps that were entered; None where it cannot be taken."""
        steps = {}
        for step in STEPS:
            cell = self.cell(step)
            if cell is not None and cell.kind in UNREADABLE:
                facts = {"key": short(key), "raw": short(cell.raw)}
                self.findings.append(note("F041", self.place(step), **facts))
                return None
            steps[step] = "" if cell is None else _tidy(cell.raw)
        told = _text(self.cell("source_hash"))
        if known is None:
            blank = TranslatedText(key, "", "", language, "", None, "", told, "", "missing", NO_LOG)
            return replace(blank, log=replace(NO_LOG, key=key, language=language, **steps))
        shown = self.cell("source")
        moved = shown is not None and told == known.source_hash and not _same(shown.raw, known.source)
        if moved:
            self.findings.append(note("F044", self.place("source"), key=short(key)))
            return None
        row = replace(known, source_hash=told, log=replace(known.log, **steps))
        return row if self._fits(row) else None

    def _fits(self, row: TranslatedText) -> bool:
        """Whether the final text fits where it will stand and has the source's placeholders."""
        final = row.log.adjudication
        place = self.place("adjudication")
        if row.limit is not None and len(final) > row.limit:
            facts = {"key": row.key, "length": len(final), "limit": row.limit}
            self.findings.append(note("F042", place, **facts))
            return False
        lost = lost_placeholders(row.source, final) if final else []
        if lost:
            self.findings.append(note("F043", place, key=row.key, lost=", ".join(lost)))
        return not lost


def _tidy(text: str) -> str:
    """A text as it was entered, without blanks around it and with plain line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())
