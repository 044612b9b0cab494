"""The questionnaire on paper: a Word document, in ordinary or large print, and its PDF."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from surveykit.errors import Place, SurveykitError
from surveykit.form.condition_text import condition_text
from surveykit.form.guards import range_hint
from surveykit.form.interview import RECORD_SECTION, asked
from surveykit.form.layout import BULLET, all_codes, label_text
from surveykit.form.limits import check_excel
from surveykit.form.texts import check_form_language, languages_of, said, ui
from surveykit.form.word_style import add_field, add_table, head_row, set_up, shade
from surveykit.form.writing import write_new
from surveykit.form.zipped import zip_bytes
from surveykit.instrument.model import Instrument, Item, ResponseScale, Section
from surveykit.instrument.source import short

BOX = "□"
WIDTH = 17.0  # centimetres between the margins
QUESTION_WIDTH = 5.5  # at least, beside the columns of a scale
MADE = datetime(2026, 1, 1)
PDF_SECONDS = 180
LINES = {"text": 2, "open": 6}
# Wider scales stand under the question, an answer a line.
MOST_COLUMNS = 9


def write_word_form(
    inst: Instrument,
    out: str | Path = "forms",
    lang: str | None = None,
    *,
    large: bool = False,
    pdf: bool = False,
) -> Path:
    """Write the questionnaire as a Word document to be printed and filled in by hand.

    The head of each page names the questionnaire, its version and content
    hash, and has room for the respondent's id; rating items stand in tables
    whose heads are repeated on each page; no question is torn in two. Code
    numbers stand beside the answers, so that what was ticked can be keyed
    (`write_entry_grid`).

    Parameters
    ----------
    inst : Instrument
    out : path, default "forms"
        Folder, made where it does not exist.
    lang : {"en", "ja", "ko"} or two of them, optional
        Language; the instrument's first by default; ``"ja+en"`` prints both.
    large : bool, default False
        Large print: text of 18 points, and the labels of a scale above its table.
    pdf : bool, default False
        A PDF as well, made by LibreOffice.

    Returns
    -------
    Path
        The document, or its PDF.

    Raises
    ------
    SurveykitError
        O001 a language the instrument does not have; F005 a text is not translated; F019 the file cannot be
        written; F050 there is no LibreOffice to make the PDF; P001 python-docx is not installed.

    Examples
    --------
    >>> write_word_form(inst, "forms/", lang="ja", large=True)            # doctest: +SKIP
    PosixPath('forms/partnership_1.0.0_ja_large.docx')
    """
    chosen = inst.languages[0] if lang is None else lang
    check_form_language(chosen, inst.languages)
    check_excel(inst, chosen)
    name = f"{inst.instrument}_{inst.version}_{chosen}{'_large' if large else ''}.docx"
    path = Path(out) / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(path, word_form(inst, chosen, large=large))
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SurveykitError("F019", place=Place(file=str(path)), reason=reason) from None
    return to_pdf(path) if pdf else path


def to_pdf(path: Path) -> Path:
    """The PDF of a document, beside it.

    Raises
    ------
    SurveykitError
        F050 LibreOffice is not there or failed.
    """
    office = shutil.which("soffice") or shutil.which("libreoffice")
    target = path.with_suffix(".pdf")
    if office is not None:
        with tempfile.TemporaryDirectory() as home:
            command = [
                office,
                f"-env:UserInstallation={Path(home).as_uri()}",
                "--headless",
                "--convert-to",
                "pdf",
            ]
            command += ["--outdir", str(path.parent), str(path)]
            done = subprocess.run(command, capture_output=True, timeout=PDF_SECONDS, check=False)
        if done.returncode == 0 and target.is_file():
            return target
    raise SurveykitError("F050", place=Place(file=str(path)))


def word_form(inst: Instrument, lang: str, *, large: bool = False) -> bytes:
    """The document as bytes, the same whenever it is made."""
    try:
        import docx
    except ImportError as error:
        raise SurveykitError("P001", package="python-docx", extra="word") from error

    word = docx.Document()
    inst = asked(inst)
    writer = _Writer(word, inst, lang, set_up(word, lang, large=large), large)
    writer.front()
    for section in inst.sections:
        writer.section(section)
    about = word.core_properties
    about.title, about.author, about.comments, about.language = said(inst.title, lang, " / "), "", "", lang
    about.created = about.modified = MADE
    stream = io.BytesIO()
    word.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return zip_bytes({name: archive.read(name) for name in archive.namelist()})


@dataclass(frozen=True)
class _Writer:
    """Writes one document. `size`: of the text, in points."""

    word: Any
    inst: Instrument
    lang: str
    size: float
    large: bool

    @property
    def numbers(self) -> dict[str, int]:
        items = [
            one for section in self.inst.sections if section.id != RECORD_SECTION for one in section.items
        ]
        return {item.id: number for number, item in enumerate(items, 1)}

    def front(self) -> None:
        """The head and foot of each page, title, id, instructions and consent."""
        inst, lang = self.inst, self.lang
        title = short(said(inst.title, lang, " / "))
        version = ui("version", languages_of(lang)[0], version=inst.version)
        head = self.word.sections[0].header.paragraphs[0]
        head.add_run(f"{title} · {version} · {inst.content_hash[:8]}")
        foot = self.word.sections[0].footer.paragraphs[0]
        foot.add_run(f"{ui('respondent', lang)}: ____________________     ")
        add_field(foot, "PAGE")
        foot.add_run(" / ")
        add_field(foot, "NUMPAGES")
        self.word.add_heading(said(inst.title, lang), level=0)
        for text, heading in ((inst.instructions, "about"), (inst.consent, "consent")):
            if text is not None:
                self.word.add_heading(ui(heading, lang), level=1)
                self._text(said(text, lang))
        self.word.add_heading(ui("how", lang), level=1)
        self._text(ui("how_paper", lang, between="\n"))

    def section(self, section: Section) -> None:
        """A heading and its questions; rating items of one scale in a table."""
        self.word.add_heading(said(section.title, self.lang, " / "), level=1)
        if section.instructions is not None:
            self._text(said(section.instructions, self.lang), follows=True)
        for scale_id, group in groupby(section.items, key=self._matrix):
            items = list(group)
            if scale_id is not None:
                self._ratings(
                    items, self.inst.response_scales[scale_id], said(section.title, self.lang, " / ")
                )
                continue
            for item in items:
                self._question(item)

    def _matrix(self, item: Item) -> str | None:
        """The scale whose table a rating item stands in."""
        scale = self.inst.response_scale_of(item)
        wide = scale is None or len(all_codes(scale)) > MOST_COLUMNS
        return None if item.type != "likert" or wide else item.response_scale

    def _ratings(self, items: list[Item], scale: ResponseScale, title: str) -> None:
        codes = all_codes(scale)
        if self.large:
            shown = "\n".join(f"{code} – {label_text(scale, code, self.lang)}" for code in codes)
            self._text(shown, follows=True)
        each = min(1.2 if self.large else 2.0, (WIDTH - QUESTION_WIDTH) / len(codes))
        table = add_table(self.word, len(items) + 1, [WIDTH - each * len(codes), *[each] * len(codes)], title)
        head_row(table.rows[0])
        for cell in table.rows[0].cells:
            shade(cell, "EAF0F6")
        for cell, code in zip(table.rows[0].cells[1:], codes, strict=True):
            label = "" if self.large else "\n" + label_text(scale, code, self.lang)
            self._cell(cell, f"{code}{label}", small=not self.large, centred=True)
        for item, row in zip(items, table.rows[1:], strict=True):
            first, *others = row.cells
            self._cell(first, "\n".join(self._asked(item)))
            for cell in others:
                self._cell(cell, BOX, centred=True)
        self.word.add_paragraph()

    def _cell(self, cell: Any, text: str, *, small: bool = False, centred: bool = False) -> None:
        from docx.enum.table import WD_ALIGN_VERTICAL
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(text)
        if small:
            run.font.size = Pt(self.size * 0.72)
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2.5)
        cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        if centred:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _asked(self, item: Item) -> Iterator[str]:
        """The question with its number, when it applies, its probes and what else is to be known."""
        number = self.numbers.get(item.id)
        yield f"{number}. {said(item.text, self.lang)}" if number else said(item.text, self.lang)
        if item.show_if is not None:
            conditions = (
                condition_text(item.show_if, self.inst, self.numbers, one) for one in languages_of(self.lang)
            )
            yield "\n".join(conditions)
        yield from (f"{BULLET} {said(probe, self.lang, ' / ')}" for probe in item.probes)
        if item.required:
            yield f"({ui('required', self.lang)})"

    def _question(self, item: Item) -> None:
        follows = item.type != "open"
        self._text("\n".join(self._asked(item)), follows=True, bold_first=True)
        scale = self.inst.response_scale_of(item)
        if scale is not None:
            if item.type == "multiple":
                self._text(ui("multiple", self.lang), follows=True)
            labels = (f"{BOX} {code} – {label_text(scale, code, self.lang)}" for code in all_codes(scale))
            self._paragraph("\n".join(labels), indent=True)
        elif item.type == "number":
            unit = said(item.unit, self.lang, " / ") if item.unit is not None else ""
            hint = " / ".join(dict.fromkeys(range_hint(item, one) for one in languages_of(self.lang)))
            self._paragraph(f"______________ {unit}" + (f"   ({hint})" if hint else ""), indent=True)
        elif item.type == "date":
            self._paragraph(ui("date_blank", languages_of(self.lang)[0]), indent=True)
        else:
            self._lines(item, follows)

    def _lines(self, item: Item, short_answer: bool) -> None:
        """A frame to write in."""
        from docx.enum.table import WD_ROW_HEIGHT_RULE
        from docx.shared import Pt

        frame = add_table(self.word, 1, [WIDTH], said(item.text, self.lang, " / "))
        row = frame.rows[0]
        row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
        row.height = Pt(self.size * 2.2 * LINES["text" if short_answer else "open"])
        if item.max_length is not None:
            self._cell(row.cells[0], ui("length_hint", self.lang, max_length=item.max_length), small=True)
        self.word.add_paragraph()

    def _text(self, text: str, *, follows: bool = False, bold_first: bool = False) -> None:
        """A paragraph a line; `follows`: on one page with what comes next."""
        for number, line in enumerate(text.split("\n")):
            self._paragraph(line, follows=follows, bold=bold_first and number == 0)

    def _paragraph(
        self, text: str, *, follows: bool = False, indent: bool = False, bold: bool = False
    ) -> None:
        """One paragraph, never torn between two pages."""
        from docx.shared import Cm, Pt

        paragraph = self.word.add_paragraph()
        paragraph.add_run(text).bold = bold or None
        look = paragraph.paragraph_format
        look.keep_with_next, look.keep_together = follows, True
        if follows:
            look.space_after = Pt(2)
        if indent:
            look.left_indent, look.space_after = Cm(0.8), Pt(self.size * 0.8)
