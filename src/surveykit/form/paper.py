"""Print set-up: A4, one page wide, respondent and heads on every page, no question torn in two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openpyxl.worksheet.pagebreak import Break

from surveykit.form.interview import is_interview
from surveykit.form.layout import COUNT_ROW, HEADER_ROW, NUMBER_COLUMN, Layout, Row
from surveykit.form.texts import said

A4 = 9
# Height that a page prints, in points, less the repeated heads; with some air for other fonts.
PAGE = {False: 690.0, True: 450.0}
FOOTER_LIMIT = 120
TOGETHER = ("section", "instructions", "legend")


def is_wide(form: Layout) -> bool:
    """Whether the questionnaire is printed across: an interview form, or one in two languages."""
    return is_interview(form.inst) or len(form.columns.questions) > 1


def set_up_page(sheet: Any, form: Layout, lang: str) -> None:
    """Paper, margins, footer, repeated heads and page breaks of the questionnaire sheet."""
    landscape = is_wide(form)
    paper(sheet, form, lang, landscape=landscape)
    last = form.rows[-1].row if form.rows else HEADER_ROW
    sheet.print_area = f"{NUMBER_COLUMN}1:{form.columns.remark}{last}"
    # Each page says whose it is, and what its columns are.
    sheet.print_title_rows = f"{COUNT_ROW}:{HEADER_ROW}"
    for row in page_breaks(form, lambda row: sheet.row_dimensions[row].height):
        sheet.row_breaks.append(Break(id=row))


def page_breaks(form: Layout, height: Callable[[int], float | None]) -> list[int]:
    """The rows after which a page ends, for rows of these heights."""
    breaks, room = [], PAGE[is_wide(form)]
    used = sum(height(row) or 15 for row in (2, 3, HEADER_ROW))
    for block in _blocks(form.rows):
        tall = sum(height(row.row) or 15 for row in block)
        if used + tall > room and used > 0:
            breaks.append(block[0].row - 1)
            used = 0.0
        used += tall
    return breaks


def paper(sheet: Any, form: Layout, lang: str, *, landscape: bool, pages: int = 0) -> None:
    """A4, one page wide (and `pages` high), with the title and the page number at the foot."""
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, pages
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top, sheet.page_margins.bottom = 0.6, 0.7
    title = " ".join(said(form.inst.title, lang, " / ").split())[:FOOTER_LIMIT].replace("&", "&&")
    sheet.oddFooter.left.text = title
    sheet.oddFooter.right.text = "&P / &N"
    sheet.oddFooter.left.size = sheet.oddFooter.right.size = 8
    sheet.sheet_view.showGridLines = False


def _blocks(rows: tuple[Row, ...]) -> list[list[Row]]:
    """Rows that stay on one page: headings with the first item under them, an item with its options."""
    blocks: list[list[Row]] = []
    for row in rows:
        starts = row.kind in TOGETHER or row.kind == "item"
        after_heading = bool(blocks) and all(one.kind in TOGETHER for one in blocks[-1])
        if not blocks or (starts and not after_heading):
            blocks.append([])
        blocks[-1].append(row)
    return blocks
