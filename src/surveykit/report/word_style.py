"""Styles of the Word report: fonts for three scripts, captions, notes, and rules of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

RED = "B3261E"
BODY_WIDTH = 16.5  # centimetres between the margins
LATIN = "Calibri"
EAST_ASIAN = {"en": "Yu Gothic", "ja": "Yu Gothic", "ko": "Malgun Gothic"}
CODE_FONT = "Consolas"


def set_up(word: WordDocument, lang: str) -> None:
    """A4, margins, and every style the report uses."""
    from docx.shared import Cm, Pt

    page = word.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.25)
    page.top_margin, page.bottom_margin = Cm(2.5), Cm(2.2)
    for name in ("Normal", "Title", "Subtitle", "Heading 1", "Caption", "Quote"):
        _fonts(word.styles[name], lang)
    normal = word.styles["Normal"]
    normal.font.size = Pt(10.5)
    normal.paragraph_format.space_after = Pt(6)
    _black(word, "Title", 20, bold=True)
    _without_rule(word.styles["Title"])
    _black(word, "Subtitle", 12)
    _black(word, "Heading 1", 14, bold=True)
    _black(word, "Caption", 10.5, bold=True)
    word.styles["Caption"].paragraph_format.keep_with_next = True
    word.styles["Caption"].paragraph_format.space_before = Pt(12)
    word.styles["Caption"].paragraph_format.space_after = Pt(0)
    title = _new(word, "Caption title", lang, 10.5)
    title.font.italic = lang == "en"
    title.paragraph_format.keep_with_next = True
    title.paragraph_format.space_after = Pt(4)
    text = _new(word, "Table text", lang, 9)
    text.paragraph_format.space_before = text.paragraph_format.space_after = Pt(1.5)
    _new(word, "Note", lang, 8.5).paragraph_format.space_after = Pt(2)
    code = _new(word, "Code", lang, 9)
    code.font.name = CODE_FONT
    _warning(_new(word, "Warning", lang, 10.5))


def _new(word: WordDocument, name: str, lang: str, size: float) -> Any:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    style: Any = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = word.styles["Normal"]
    style.font.size = Pt(size)
    _fonts(style, lang)
    return style


def _black(word: WordDocument, name: str, size: float, *, bold: bool = False) -> None:
    from docx.shared import Pt, RGBColor

    font = word.styles[name].font
    font.size, font.bold, font.italic, font.color.rgb = Pt(size), bold, False, RGBColor(0, 0, 0)


def _without_rule(style: Any) -> None:
    """python-docx's template draws a blue line under the title."""
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    for rule in properties.findall(qn("w:pBdr")):
        properties.remove(rule)


def _fonts(style: Any, lang: str) -> None:
    """The western font, and the East Asian one that python-docx leaves to chance; no theme fonts."""
    from docx.oxml.ns import qn

    style.font.name = LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{attribute}"), None)
    fonts.set(qn("w:eastAsia"), EAST_ASIAN[lang])
    properties = style.element.get_or_add_rPr()
    language = properties.find(qn("w:lang"))
    if language is None:
        language = properties.makeelement(qn("w:lang"), {})
        properties.append(language)
    tags = {"en": "en-US", "ja": "ja-JP", "ko": "ko-KR"}
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), tags[lang] if lang != "en" else "ja-JP")


def _warning(style: Any) -> None:
    """A red bar on the left."""
    from docx.oxml.ns import qn
    from docx.shared import Cm

    style.paragraph_format.left_indent = Cm(0.4)
    properties = style.element.get_or_add_pPr()
    borders = properties.makeelement(qn("w:pBdr"), {})
    bar = {"val": "single", "sz": "24", "space": "6", "color": RED}
    borders.append(borders.makeelement(qn("w:left"), {qn(f"w:{key}"): value for key, value in bar.items()}))
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr"
    )


def simulated_header(word: WordDocument, label: str) -> None:
    """The label on every page, in the header."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    paragraph = word.sections[0].header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(label)
    run.bold, run.font.size, run.font.color.rgb = True, Pt(13), RGBColor.from_string(RED)


def border(table: Any, *, top: bool = False, bottom: bool = False) -> None:
    """Rules above and below a whole table, and none besides."""
    from docx.oxml.ns import qn

    properties = table._tbl.tblPr
    borders = properties.makeelement(qn("w:tblBorders"), {})
    for side, wanted in (("top", top), ("bottom", bottom)):
        if wanted:
            rule = {qn("w:val"): "single", qn("w:sz"): "8", qn("w:space"): "0", qn("w:color"): "000000"}
            borders.append(borders.makeelement(qn(f"w:{side}"), rule))
    insert_in_order(properties, borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def insert_in_order(parent: Any, child: Any, *followers: str) -> None:
    """Put an element before the first of those that must follow it: Word refuses another order."""
    from docx.oxml.ns import qn

    after = next((one for name in followers if (one := parent.find(qn(name))) is not None), None)
    if after is None:
        parent.append(child)
    else:
        after.addprevious(child)


def rule_below(cell: Any) -> None:
    """A thin rule under one cell."""
    from docx.oxml.ns import qn

    properties = cell._tc.get_or_add_tcPr()
    borders = properties.makeelement(qn("w:tcBorders"), {})
    rule = {qn("w:val"): "single", qn("w:sz"): "4", qn("w:space"): "0", qn("w:color"): "000000"}
    borders.append(borders.makeelement(qn("w:bottom"), rule))
    properties.append(borders)
