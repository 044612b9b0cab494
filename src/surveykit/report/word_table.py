"""One printed table in Word: horizontal rules only, header repeated on each page, notes below."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from surveykit.report.document import Cell, Document
from surveykit.report.document import Table as PrintedTable
from surveykit.report.inline import Run, header_runs, sentence_runs
from surveykit.report.lettering import remarks
from surveykit.report.paths.geometry import text_width
from surveykit.report.word_link import bookmark, link_to
from surveykit.report.word_style import BODY_WIDTH, RED, border, insert_in_order, rule_below
from surveykit.wording import wording

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

SIZES = (9.0, 8.0, 7.0)  # letters in points: the largest at which the table fits the page
LONG_HEADER = 5.0  # in ems
SHORT = 18  # rows up to which a table is kept on one page
STUB = 3.2  # least width of the first column, in centimetres
TABLE_TEXT = "Tabletext"  # the id that python-docx makes of the style's name
PADDING = 0.28  # of a cell, left and right together


def add_table(word: WordDocument, block: PrintedTable, caption: str, document: Document) -> None:
    """Caption, title, table, notes."""
    word.add_paragraph(caption, style="Caption")
    word.add_paragraph(block.title, style="Caption title")
    size, widths = _share_widths(block) if block.widths else column_widths(block)
    table = word.add_table(rows=0, cols=len(block.header))
    table.autofit = False
    _narrow_cells(table)
    if block.spanners:
        _spanners(table, block, size)
    _header(table, block, size)
    marks = remarks(block)
    for line in block.rows:
        _row(table, block, line, marks, size)
    _fix_widths(table, widths)
    if block.widths:
        _keep_rows_whole(table, block)
    elif len(block.rows) <= SHORT:
        _keep_together(table)
    border(table, top=True, bottom=True)
    _notes(word, block, marks, document)


def column_widths(block: PrintedTable) -> tuple[float, list[float]]:
    """The size of letters in points, and centimetres for each column: text wraps, numbers never do."""
    for size in SIZES:
        widths = [_column_width(block, column, size) for column in range(len(block.header))]
        room = BODY_WIDTH - sum(widths[1:])
        if room >= min(widths[0], STUB):
            break
    return size, [max(min(widths[0], room), 1.5), *widths[1:]]


def _share_widths(block: PrintedTable) -> tuple[float, list[float]]:
    """Columns of words take their shares of the page."""
    return SIZES[1], [BODY_WIDTH * share / sum(block.widths) for share in block.widths]


def _column_width(block: PrintedTable, column: int, size: float) -> float:
    cells = [line[column] for line in block.rows if len(line) == len(block.header)]
    texts = [one.text + ("a" if one.title else "") for one in cells]
    header = block.header[column]
    # A long header may stand on several lines.
    texts += header.split(" ") if text_width(header, 1) > LONG_HEADER else [header]
    points = max(text_width(text, size) for text in texts)
    return points / 28.35 + PADDING


def _keep_together(table: Any) -> None:
    """A short table stands on one page: each row stays with the next."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True


def _keep_rows_whole(table: Any, block: PrintedTable) -> None:
    """In a table of words no row is cut in two, and a heading stays with what follows."""
    from docx.oxml.ns import qn

    above = len(table.rows) - len(block.rows)
    for row, line in zip(table.rows[above:], block.rows, strict=True):
        properties = row._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:cantSplit"), {qn("w:val"): "true"}))
        if len(line) == 1:
            row.cells[0].paragraphs[0].paragraph_format.keep_with_next = True


def _fix_widths(table: Any, widths: list[float]) -> None:
    """The widths of the grid and of every cell; a merged cell is as wide as the columns it covers."""
    from docx.shared import Cm

    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        start = 0
        for cell in row._tr.tc_lst:
            cell.width = Cm(sum(widths[start : start + cell.grid_span]))
            start += cell.grid_span


def _narrow_cells(table: Any) -> None:
    """Little room left and right of the text, as in a printed table."""
    from docx.oxml.ns import qn

    properties = table._tbl.tblPr
    margins = properties.makeelement(qn("w:tblCellMar"), {})
    for side in ("left", "right"):
        margin = {qn("w:w"): str(round(PADDING / 2 * 567)), qn("w:type"): "dxa"}
        margins.append(margins.makeelement(qn(f"w:{side}"), margin))
    insert_in_order(properties, margins, "w:tblLook")


def _spanners(table: Any, block: PrintedTable, size: float) -> None:
    cells = table.add_row().cells
    start = 0
    for text, span in block.spanners:
        cell = cells[start] if span == 1 else cells[start].merge(cells[start + span - 1])
        _write(cell, [(text, False)], "center", size)
        if text:
            rule_below(cell)
        start += span
    _repeat(table.rows[-1])


def _header(table: Any, block: PrintedTable, size: float) -> None:
    for cell, text, side in zip(table.add_row().cells, block.header, block.alignment, strict=True):
        _write(cell, header_runs(text), side, size)
        rule_below(cell)
    _repeat(table.rows[-1])


def _repeat(row: Any) -> None:
    """A header row that stands on every page the table reaches."""
    from docx.oxml.ns import qn

    properties = row._tr.get_or_add_trPr()
    for name in ("cantSplit", "tblHeader"):
        properties.append(properties.makeelement(qn(f"w:{name}"), {qn("w:val"): "true"}))


def _row(
    table: Any,
    block: PrintedTable,
    line: tuple[Cell, ...],
    marks: Any,
    size: float,
) -> None:
    cells = table.add_row().cells
    if len(line) == 1 < len(block.header):
        merged = cells[0].merge(cells[-1])
        _write_cell(merged, replace(line[0], strong=True), "left", marks, size)
        return
    for cell, one, side in zip(cells, line, block.alignment, strict=True):
        _write_cell(cell, one, side, marks, size)


def _write_cell(cell: Any, one: Cell, side: str, marks: Any, size: float) -> None:
    text = one.text.replace(" ", "\u00a0") if side == "right" else one.text
    paragraph = _write(cell, [(text, False)], side, size)
    _mark_up(paragraph, one)
    if one.title:
        mark = paragraph.add_run(marks[one.title])
        mark.font.superscript = True
    for line in one.under:
        cell.add_paragraph()
        _mark_up(_write(cell, [(line.text, False)], side, size), line)


def _mark_up(paragraph: Any, line: Cell) -> None:
    """Bold, crossed through, leading to a place or being one."""
    for run in paragraph.runs:
        run.font.strike, run.bold = line.struck or None, line.strong or None
    if line.href:
        link_to(paragraph, line.href)
    if line.anchor:
        bookmark(paragraph, line.anchor)


def _write(cell: Any, runs: list[Run], side: str, size: float) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[-1]
    paragraph._p.style = TABLE_TEXT  # by its id: python-docx looks through all styles for a name
    places = {"right": WD_ALIGN_PARAGRAPH.RIGHT, "center": WD_ALIGN_PARAGRAPH.CENTER}
    paragraph.alignment = places.get(side, WD_ALIGN_PARAGRAPH.LEFT)
    for text, italic in runs:
        run = paragraph.add_run(text)
        run.italic = italic or None
        run.font.size = Pt(size)
    return paragraph


def _notes(word: WordDocument, block: PrintedTable, marks: Any, document: Document) -> None:
    from docx.shared import RGBColor

    if document.simulated:
        run = word.add_paragraph(style="Note").add_run(wording("report", "simulated", document.lang))
        run.bold, run.font.color.rgb = True, RGBColor.from_string(RED)
    for place, text in enumerate(block.notes):
        paragraph = word.add_paragraph(style="Note")
        if place == 0:
            paragraph.add_run(wording("report", "note", document.lang) + " ").italic = document.lang == "en"
        for piece, italic in sentence_runs(text):
            paragraph.add_run(piece).italic = italic or None
    for text, letter in marks.items():
        paragraph = word.add_paragraph(style="Note")
        paragraph.add_run(letter).font.superscript = True
        paragraph.add_run(f" {text}")
