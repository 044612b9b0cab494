"""A written questionnaire sheet with its items in another order, without writing it anew.

openpyxl takes 35 ms for a form; a thousand of them, each in an order of its
own, would take half a minute. The rows of an item stay together, so a new
order only moves rows: here they are moved in the sheet's XML, and with them
everything that points to them (drop-downs, colours, names, page breaks).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from xml.sax.saxutils import escape

from surveykit.form.layout import COUNT_ROW, NUMBER_COLUMN, Layout, Row, layout
from surveykit.form.order import Order
from surveykit.form.paper import page_breaks
from surveykit.form.questionnaire import count_formula

ROW = re.compile(r'<row r="(\d+)".*?</row>', re.DOTALL)
CELL_ROW = re.compile(r'(<(?:row|c) r="[A-Z]*)\d+(?=")')
HEIGHT = re.compile(r'<row [^>]*?\bht="([\d.]+)"')
RULES = re.compile(r'<conditionalFormatting sqref="([^"]*)">(.*?)</conditionalFormatting>', re.DOTALL)
FORMULA = re.compile(r"(?<=<formula>).*?(?=</formula>)", re.DOTALL)
CHECK = re.compile(r'(?<=<dataValidation sqref=")[^"]*')
BREAKS = re.compile(r"<rowBreaks .*?</rowBreaks>|(?=<ignoredErrors>)", re.DOTALL)
ADDRESS = re.compile(r"([A-Z]+)(\d+)")
# A cell of this sheet in a formula; what follows "!" or ":" belongs to a range of another.
ABSOLUTE = re.compile(r"(?<![!:])(\$[A-Z]+\$)(\d+)")
RELATIVE = re.compile(r"(?<![$!:A-Za-z])([A-Z]{1,2})(\d+)\b")
NAME = re.compile(r'(<definedName name="(skx?[^"]*)">[^<]*\$)(\d+)(?=</definedName>)')


class Shuffle:
    """A sheet and a workbook part, as written in the order of the file, to be had in any other."""

    def __init__(self, form: Layout, lang: str, sheet: str, workbook: str) -> None:
        self.form, self.lang, self.workbook = form, lang, workbook
        rows = list(ROW.finditer(sheet))
        self._rows = {int(one[1]): one[0] for one in rows}
        self._head, self._tail = sheet[: rows[0].start()], sheet[rows[-1].end() :]

    @cached_property
    def _heights(self) -> Mapping[int, float]:
        found = {number: HEIGHT.match(xml) for number, xml in self._rows.items()}
        return {number: float(match[1]) for number, match in found.items() if match is not None}

    @cached_property
    def _texts(self) -> Mapping[int, str]:
        """The rows below the heads, with a mark where their number stands."""
        return {number: CELL_ROW.sub("\\1\0", xml) for number, xml in self._rows.items()}

    def reordered(self, order: Order) -> tuple[str, str]:
        """The sheet and the workbook part with the items in this order."""
        form = layout(self.form.inst, order, self.form.columns)
        source = {_key(row): row for row in self.form.rows}
        pairs = [(source[_key(row)], row) for row in form.rows]
        moved = {old.row: new.row for old, new in pairs}
        first = self.form.rows[0].row
        rows = [xml for number, xml in self._rows.items() if number < first]
        rows[COUNT_ROW - 1] = _counted(rows[COUNT_ROW - 1], form, self.lang)
        rows += [self._moved(old, new) for old, new in pairs]
        sheet = self._head + "".join(rows) + self._moved_tail(form, moved)
        return sheet, self._moved_names(form)

    def _moved(self, old: Row, new: Row) -> str:
        xml = self._texts[old.row].replace("\0", str(new.row))
        if old.number != new.number:
            cell = re.compile(rf'(<c r="{NUMBER_COLUMN}{new.row}"[^>]*><is><t>)\d+(?=</t>)')
            xml = cell.sub(rf"\g<1>{new.number}", xml)
        return xml

    def _moved_tail(self, form: Layout, moved: Mapping[int, int]) -> str:
        tail = RULES.sub(lambda match: _rules(match, moved), self._tail)
        tail = CHECK.sub(lambda match: _addresses(match[0], moved), tail)
        heights = {moved.get(number, number): tall for number, tall in self._heights.items()}
        breaks = _breaks_xml(page_breaks(form, heights.get))
        return BREAKS.sub(breaks, tail, count=1)

    def _moved_names(self, form: Layout) -> str:
        rows = {slot.name: row for slot, row in form.slots.items()}
        return NAME.sub(lambda match: f"{match[1]}{rows.get(match[2], match[3])}", self.workbook)


def _key(row: Row) -> tuple[object, ...]:
    item, scale = (one.id if one is not None else None for one in (row.item, row.scale))
    return row.kind, row.section.id, item, scale, row.slot, row.codes


def _counted(xml: str, form: Layout, lang: str) -> str:
    """The row that counts the answers."""
    cell = re.compile(rf'(<c r="{form.columns.answer}{COUNT_ROW}"[^>]*><f>).*?(?=</f>)', re.DOTALL)
    return cell.sub(lambda match: match[1] + escape(count_formula(form, lang)[1:]), xml)


def _rules(match: re.Match[str], moved: Mapping[int, int]) -> str:
    """Colours over cells; a relative address in their formula is that of their first cell."""
    cells = _addresses(match[1], moved)
    first = re.split("[ :]", cells)[0]
    change: Callable[[re.Match[str]], str] = lambda found: (  # noqa: E731
        RELATIVE.sub(first, ABSOLUTE.sub(lambda one: f"{one[1]}{moved[int(one[2])]}", found[0]))
    )
    rules = FORMULA.sub(change, match[2])
    return f'<conditionalFormatting sqref="{cells}">{rules}</conditionalFormatting>'


def _addresses(cells: str, moved: Mapping[int, int]) -> str:
    """Cells and ranges of cells, moved, from the top down."""
    spans = [
        ADDRESS.sub(lambda one: f"{one[1]}{moved[int(one[2])]}", span) for span in cells.split(" ") if span
    ]
    return " ".join(sorted(spans, key=lambda span: int(re.findall(r"\d+", span)[0])))


def _breaks_xml(rows: list[int]) -> str:
    if not rows:
        return ""
    marks = "".join(f'<brk id="{row}" min="0" max="16383" man="1"/>' for row in rows)
    return f'<rowBreaks count="{len(rows)}" manualBreakCount="{len(rows)}">{marks}</rowBreaks>'
