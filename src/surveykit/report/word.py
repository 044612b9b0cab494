"""A document as Word: tables that can be edited, in APA's form, with fonts for Japanese and Korean."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surveykit.errors import SurveykitError
from surveykit.report.document import Block, Code, Document, Facts, Figure, Paragraph
from surveykit.report.document import Table as PrintedTable
from surveykit.report.inline import Run, sentence_runs
from surveykit.report.lettering import captions
from surveykit.report.word_style import BODY_WIDTH, RED, border, set_up, simulated_header
from surveykit.report.word_table import add_table
from surveykit.version import __version__
from surveykit.wording import wording

if TYPE_CHECKING:
    from docx.document import Document as WordDocument


def write_word(document: Document, path: Path) -> Path:
    """Write the report as a .docx file; folders above it are created.

    Raises
    ------
    SurveykitError
        P001 python-docx is not installed (``pip install surveykit[word]``).

    Returns
    -------
    Path
        The file written.
    """
    try:
        import docx
    except ImportError as error:
        raise SurveykitError("P001", package="python-docx", extra="word") from error

    word = docx.Document()
    set_up(word, document.lang)
    word.core_properties.title = document.title
    word.core_properties.author = ""
    word.core_properties.comments = ""
    word.core_properties.language = document.lang
    if document.simulated:
        simulated_header(word, _text(document, "simulated"))
    _front(word, document)
    numbers = captions(document)
    for place, section in enumerate(document.sections):
        word.add_heading(section.title, level=1)
        for position, block in enumerate(section.blocks):
            _add(word, block, numbers.get((place, position), ""), document)
    word.add_paragraph(_text(document, "made_with", version=__version__), style="Note")
    path.parent.mkdir(parents=True, exist_ok=True)
    word.save(str(path))
    return path


def _text(document: Document, key: str, **fields: str) -> str:
    return wording("report", key, document.lang, **fields)


def _front(word: WordDocument, document: Document) -> None:
    word.add_heading(document.title, level=0)
    if document.subtitle:
        word.add_paragraph(document.subtitle, style="Subtitle")
    if document.simulated:
        paragraph = word.add_paragraph(style="Warning")
        paragraph.add_run(_text(document, "simulated")).bold = True
        paragraph.add_run(" " + _text(document, "simulated_long"))


def _add(word: WordDocument, block: Block, caption: str, document: Document) -> None:
    match block:
        case PrintedTable():
            add_table(word, block, caption, document)
        case Figure():
            _figure(word, block, caption, document)
        case Paragraph():
            _paragraph(word, block, document)
        case Code(title, text):
            word.add_paragraph(title, style="Caption")
            word.add_paragraph(text.rstrip(), style="Code")
        case Facts(title, facts):
            word.add_paragraph(title, style="Caption")
            _facts(word, facts)


def _paragraph(word: WordDocument, block: Paragraph, document: Document) -> None:
    style = {"warning": "Warning", "quote": "Quote"}.get(block.kind, "Normal")
    paragraph = word.add_paragraph(style=style)
    if block.kind == "warning":
        paragraph.add_run(_text(document, "warning") + "  ").bold = True
    write_runs(paragraph, sentence_runs(block.text))


def write_runs(paragraph: Any, runs: list[Run]) -> None:
    """Text with its symbols in italics."""
    for text, italic in runs:
        paragraph.add_run(text).italic = italic or None


def _facts(word: WordDocument, facts: Any) -> None:
    table = word.add_table(rows=0, cols=2)
    for name, value in facts.items():
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value
        for cell in cells:
            cell.paragraphs[0].style = word.styles["Table text"]
    border(table, top=True, bottom=True)
    word.add_paragraph(style="Note")


def _figure(word: WordDocument, block: Figure, caption: str, document: Document) -> None:
    """The bitmap where there is one, else the description; the label of simulated data above it."""
    from docx.shared import Cm, Emu, RGBColor

    heading = word.add_paragraph(style="Caption")
    heading.add_run(caption)
    word.add_paragraph(block.title, style="Caption title")
    if document.simulated:
        label = word.add_paragraph(style="Note")
        label.paragraph_format.keep_with_next = True
        run = label.add_run(_text(document, "simulated"))
        run.bold, run.font.color.rgb = True, RGBColor.from_string(RED)
    if block.png is None:
        word.add_paragraph(block.alt)
    else:
        picture = word.add_paragraph().add_run().add_picture(io.BytesIO(block.png()))
        if picture.width > Cm(BODY_WIDTH):
            picture.height = Emu(int(picture.height * Cm(BODY_WIDTH) / picture.width))
            picture.width = Cm(BODY_WIDTH)
        picture._inline.docPr.set("descr", block.alt)  # what a screen reader reads; python-docx has no word
    for place, text in enumerate(block.notes):
        paragraph = word.add_paragraph(style="Note")
        if place == 0:
            paragraph.add_run(_text(document, "note") + " ").italic = document.lang == "en"
        write_runs(paragraph, sentence_runs(text))
