"""How a questionnaire looks in Word: A4, fonts for three scripts, tables that screen readers can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from surveykit.form.look import script

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

LATIN = "Calibri"
EAST_ASIAN = {"en": "Yu Gothic", "ja": "Yu Gothic", "ko": "Malgun Gothic"}
TAGS = {"en": "en-US", "ja": "ja-JP", "ko": "ko-KR"}
INK, BAND, GREY = "1F2933", "27496D", "7B8794"
# Points of the text; large print begins at 18.
TEXT, LARGE = 10.5, 18.0


def set_up(word: WordDocument, lang: str, *, large: bool) -> float:
    """Page, fonts and styles; returns the size of the text in points."""
    from docx.shared import Cm, Pt, RGBColor

    size = LARGE if large else TEXT
    page = word.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2)
    page.top_margin, page.bottom_margin = Cm(2.2), Cm(2)
    sizes = {
        "Normal": size,
        "Title": size * 1.7,
        "Heading 1": size * 1.3,
        "Header": size * 0.85,
        "Footer": size * 0.85,
    }
    for name, points in sizes.items():
        style: Any = word.styles[name]
        _fonts(style, lang)
        style.font.size, style.font.color.rgb = Pt(points), RGBColor.from_string(INK)
    for name in ("Title", "Heading 1"):
        style = word.styles[name]
        style.font.bold, style.font.color.rgb = True, RGBColor.from_string(BAND)
    _without_rule(word.styles["Title"])
    normal: Any = word.styles["Normal"]
    normal.paragraph_format.space_after = Pt(size * 0.4)
    normal.paragraph_format.widow_control = True
    heading: Any = word.styles["Heading 1"]
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = (
        Pt(size * 1.4),
        Pt(size * 0.5),
    )
    return size


def _fonts(style: Any, lang: str) -> None:
    """The western font, and the East Asian one that python-docx leaves to chance; no theme fonts."""
    from docx.oxml.ns import qn

    style.font.name = LATIN
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{attribute}"), None)
    fonts.set(qn("w:eastAsia"), EAST_ASIAN[script(lang)])
    language = properties.find(qn("w:lang"))
    if language is None:
        language = properties.makeelement(qn("w:lang"), {})
        properties.append(language)
    spoken = script(lang)
    language.set(qn("w:val"), TAGS["en"])
    language.set(qn("w:eastAsia"), TAGS[spoken] if spoken != "en" else TAGS["ja"])


def _without_rule(style: Any) -> None:
    """python-docx's template draws a blue line under the title."""
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    for rule in properties.findall(qn("w:pBdr")):
        properties.remove(rule)


def add_field(paragraph: Any, instruction: str) -> None:
    """A field that Word fills in, such as PAGE."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def add_table(word: WordDocument, rows: int, widths: list[float], title: str) -> Any:
    """A ruled table with columns of these widths (cm); `title` is read out by screen readers."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    table = word.add_table(rows=rows, cols=len(widths))
    table.style = "Table Grid"
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), title)
    # Word is particular about the order of what stands here.
    table._tbl.tblPr.find(qn("w:tblLook")).addprevious(_margins())
    table._tbl.tblPr.append(caption)
    for row in table.rows:
        _whole(row)
    return table


def _margins() -> Any:
    """Narrow room at the left and right of each cell, so that the labels of seven answers fit."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "60")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    return margins


def _whole(row: Any) -> None:
    """A row that is never torn between two pages."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def head_row(row: Any) -> None:
    """A table's head, repeated on every page."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def shade(cell: Any, color: str) -> None:
    """A cell's ground."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    ground = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", color)):
        ground.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(ground)
