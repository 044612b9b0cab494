"""The torture folder: damaged, odd and hostile workbooks made by script, each with what must become of it.

A case changes one returned form of `hand_made.sample()`. Expected is either
the code it is set apart with, or the codes of its findings and the answers
that are then no longer as they were given; everything else must be read right.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd

from hand_made import ANSWERS, guide, instrument, item, sample
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.form.layout import layout
from workbooks import changed, members, renamed_target, tiny, tiny_ods, zipped

SHEET, STRICT = "Questionnaire", b"http://purl.oclc.org/ooxml/spreadsheetml/main"
OPEN_XML = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROW = {slot.name: row for slot, row in layout(sample()).slots.items()}
LAST = max(ROW.values())
MB = 2**20


@dataclass(frozen=True)
class Case:
    """One file of the folder.

    `apart`: the code it is set apart with; otherwise it is taken with these
    `findings`, and of the answers only those in `answers` differ from what was
    given (None: no value). `make` returns the file, or writes it itself where
    the path is what is odd about it.
    """

    name: str
    make: Callable[[], bytes] | Callable[[Path], None]
    apart: str = ""
    findings: tuple[str, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    file: str = "form.xlsx"
    writes: bool = False

    def write(self, folder: Path) -> Path:
        """Put the file into a folder of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.file
        if self.writes:
            self.make(path)  # type: ignore[call-arg]
        else:
            path.write_bytes(self.make())  # type: ignore[call-arg, arg-type]
        return path


@cache
def form(lang: str = "en", answers: tuple[tuple[str, Any], ...] = tuple(ANSWERS.items())) -> bytes:
    """A returned form of respondent R-1."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        frame = pd.DataFrame({"respondent": ["R-1"], "language": [lang], "country": ["KR"]})
        blank = write_forms(sample(), folder, respondents=frame)[0].read_bytes()
    return fill_form(sample(), blank, dict(answers))


def other(inst: Any, answers: Mapping[str, Any], lang: str = "en") -> bytes:
    """A returned form of another instrument."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        frame = pd.DataFrame({"respondent": ["R-1"], "language": [lang], "country": ["KR"]})
        return fill_form(inst, write_forms(inst, folder, respondents=frame)[0].read_bytes(), dict(answers))


# ---- what stands in an answer cell -------------------------------------------------------------------------


def cell(slot: str, rest: str) -> bytes:
    """The form with this written as the cell of an answer: the rest of its tag, and its content."""
    pattern = re.compile(rf'<c r="D{ROW[slot]}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
    style = "" if " s=" in rest else r"\g<1>"
    new = rf'<c r="D{ROW[slot]}"{style}' + rest.replace("\\", r"\\") + "</c>"
    return changed(form(), sheet2=lambda xml: pattern.sub(new, xml.decode()).encode())


def text(slot: str, words: str) -> bytes:
    return cell(slot, f' t="inlineStr"><is><t xml:space="preserve">{words}</t></is>')


def number(slot: str, value: str) -> bytes:
    return cell(slot, f"><v>{value}</v>")


def dated(data: bytes, slot: str, value: str) -> bytes:
    """A number shown as a date, by a style of its own."""
    styles = members(data)["xl/styles.xml"].decode()
    count = len(re.findall(r"<xf ", styles.split("<cellXfs")[1].split("</cellXfs>")[0]))
    styles = styles.replace("</cellXfs>", '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs>')
    pattern = re.compile(rf'<c r="D{ROW[slot]}"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
    new = f'<c r="D{ROW[slot]}" s="{count}"><v>{value}</v></c>'
    return changed(
        data,
        styles=lambda _: styles.encode(),
        sheet2=lambda xml: pattern.sub(new, xml.decode()).encode(),
    )


def pasted() -> list[Case]:
    """Odd things in a rating item."""
    same: list[tuple[str, bytes]] = [
        ("a number", number("sk_trust_1", "4")),
        ("a float", number("sk_trust_1", "4.0")),
        ("a number as text", text("sk_trust_1", "4")),
        ("a number as text with decimals", text("sk_trust_1", "4.0")),
        ("a formula's text saved as value", cell("sk_trust_1", ' t="str"><v>4</v>')),
        ("full-width digit", text("sk_trust_1", "４")),
        ("circled digit", text("sk_trust_1", "④")),
        ("code and label", text("sk_trust_1", "4 - agree")),
        ("code and label, full width", text("sk_trust_1", "４．そう思う")),
        ("code and label, Japanese comma", text("sk_trust_1", "4、そう思う")),
        ("code and label in Korean", text("sk_trust_1", "4. 그렇다")),
        ("label only", text("sk_trust_1", "AGREE")),
        ("combining Hangul jamo (NFD)", text("sk_trust_1", unicodedata.normalize("NFD", "4 – 그렇다"))),
        ("half-width kana", text("sk_trust_1", "4 点")),
        ("blanks of all kinds around it", text("sk_trust_1", "\u3000 4\u00a0\u200b\n")),
        ("rich text", cell("sk_trust_1", ' t="inlineStr"><is><r><t>4 – </t></r><r><t>Agree</t></r></is>')),
        (
            "a reading (furigana) beside it",
            cell(
                "sk_trust_1",
                ' t="inlineStr"><is><t>そう思う</t><rPh sb="0" eb="1"><t>オモ</t></rPh></is>',
            ),
        ),
        ("a number with its unit", text("sk_staff", "１２０人")),
        ("a number in scientific writing", number("sk_staff", "1.2E2")),
        ("a date as text", text("sk_founded", "1987年4月1日")),
        ("a date as its serial number", number("sk_founded", "31868")),
        ("a date with blanks", text("sk_founded", "1987. 4. 1.")),
    ]
    unsure: list[tuple[str, bytes, str, str]] = [
        ("a date where a number stood", dated(form(), "sk_trust_1", "46024"), "R042", "trust_1"),
        ("an ISO date cell", cell("sk_trust_1", ' t="d"><v>2026-01-02</v>'), "R042", "trust_1"),
        ("1-2 as text", text("sk_trust_1", "1-2"), "R040", "trust_1"),
        ("a formula", cell("sk_trust_1", "><f>1+3</f><v>4</v>"), "R043", "trust_1"),
        ("a formula without a value", cell("sk_trust_1", "><f>SUM(D1:D9)</f>"), "R043", "trust_1"),
        (
            "a formula that starts a program (DDE)",
            cell("sk_trust_1", "><f>cmd|'/C calc'!A0</f><v>4</v>"),
            "R043",
            "trust_1",
        ),
        ("a shared formula", cell("sk_trust_1", '><f t="shared" si="0"/><v>4</v>'), "R043", "trust_1"),
        ("an error", cell("sk_trust_1", ' t="e"><v>#DIV/0!</v>'), "R044", "trust_1"),
        ("no number at all", number("sk_trust_1", "NaN"), "R044", "trust_1"),
        ("an endless number", number("sk_trust_1", "1e999"), "R044", "trust_1"),
        ("a huge number", number("sk_trust_1", "1e300"), "R041", "trust_1"),
        ("true", cell("sk_trust_1", ' t="b"><v>1</v>'), "R040", "trust_1"),
        ("out of range", number("sk_trust_1", "7"), "R041", "trust_1"),
        ("below the range", text("sk_trust_1", "-4"), "R041", "trust_1"),
        ("a digit in brackets", text("sk_trust_1", "⑷"), "R040", "trust_1"),
        ("half a point", number("sk_trust_1", "4.5"), "R040", "trust_1"),
        ("nearly a point", number("sk_trust_1", "4.0000001"), "R040", "trust_1"),
        ("two answers", text("sk_trust_1", "4, 5"), "R040", "trust_1"),
        ("two answers with a slash", text("sk_trust_1", "4/5"), "R040", "trust_1"),
        ("an answer with a remark", text("sk_trust_1", "4 (only in Tokyo)"), "R040", "trust_1"),
        ("code and label disagree", text("sk_trust_1", "4 – Strongly agree"), "R048", "trust_1"),
        ("a label that is another's code", text("sk_often", "2"), "R049", "often"),
        ("a question mark", text("sk_trust_1", "?"), "R040", "trust_1"),
        ("an emoji", text("sk_trust_1", "👍"), "R040", "trust_1"),
        ("a text of 32,767 characters", text("sk_trust_1", "4" * 32_767), "R040", "trust_1"),
        ("half a character", text("sk_trust_1", "_xD83D_"), "R040", "trust_1"),
        ("a control character", text("sk_trust_1", "_x0007_"), "R040", "trust_1"),
        ("about a number", text("sk_staff", "about 120"), "R051", "staff"),
        ("a comma after a zero", text("sk_staff", "0,120"), "R051", "staff"),
        ("a number out of range", number("sk_staff", "5001"), "R050", "staff"),
        ("a date that could be two", text("sk_founded", "04/01/1987"), "R052", "founded"),
        ("a cross in a box", text("skx1_channels", "×"), "R056", "channels"),
    ]
    texts: list[tuple[str, bytes, dict[str, Any]]] = [
        ("an emoji in two halves", text("sk_story", "_xD83D__xDE00_"), {"story": "😀"}),
        ("half a character in a text", text("sk_story", "a_xD83D_b"), {"story": "a\ufffdb"}),
        (
            "a text of 32,767 characters in an open item",
            text("sk_story", "長" * 32_767),
            {"story": "長" * 32_767},
        ),
        ("a text that writes backwards", text("sk_story", "\u202eabc"), {"story": "\u202eabc"}),
        ("a family of emoji", text("sk_story", "👨‍👩‍👧‍👦🇰🇷"), {"story": "👨‍👩‍👧‍👦🇰🇷"}),
        ("text that looks like a formula", text("sk_story", "=HYPERLINK(1)"), {"story": "=HYPERLINK(1)"}),
        ("text that looks like an anchor", text("sk_story", "sk_trust_1"), {"story": "sk_trust_1"}),
        (
            "text that looks like SQL",
            text("sk_story", "'); DROP TABLE cell;--"),
            {"story": "'); DROP TABLE cell;--"},
        ),
        (
            "text with markup",
            text("sk_story", escape("<script>alert(1)</script>")),
            {"story": "<script>alert(1)</script>"},
        ),
        ("do not know", text("sk_trust_1", "99"), {"trust_1": None}),
    ]
    return [
        *(Case(f"cell: {name}", lambda data=data: data) for name, data in same),
        *(
            Case(f"cell: {name}", lambda data=data: data, findings=(code,), answers={where: None})
            for name, data, code, where in unsure
        ),
        *(Case(f"cell: {name}", lambda data=data: data, answers=answers) for name, data, answers in texts),
        Case(
            "cell: days counted from 1904",
            lambda: changed(
                dated(form(), "sk_founded", "30406"),
                workbook=lambda xml: xml.replace(b"<workbookPr/>", b'<workbookPr date1904="1"/>'),
            ),
        ),
    ]


# ---- what happened to the sheets ---------------------------------------------------------------------------


def edited(edit: Callable[[Any], None]) -> bytes:
    """The form changed and saved through openpyxl, as by a program that knows nothing of us."""
    book = openpyxl.load_workbook(io.BytesIO(form()))
    edit(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def swapped(first: str, second: str, columns: str = "ABCDE") -> Callable[[Any], None]:
    def edit(book: Any) -> None:
        sheet = book[SHEET]
        for column in columns:
            one, two = sheet[f"{column}{ROW[first]}"], sheet[f"{column}{ROW[second]}"]
            one.value, two.value = two.value, one.value

    return edit


def with_copy(**answers: str | None) -> bytes:
    """The questionnaire sheet duplicated, as Excel does it: with names of its own. Answers in the copy."""
    parts = members(edited(lambda book: book.copy_worksheet(book[SHEET])))
    book = openpyxl.load_workbook(io.BytesIO(zipped(parts)))
    copy = book.worksheets[-1]
    for slot, value in answers.items():
        copy[f"D{ROW[slot]}"].value = value
    for slot in ROW:
        target = f"'{copy.title}'!$D${ROW[slot]}"
        copy.defined_names[slot] = openpyxl.workbook.defined_name.DefinedName(slot, attr_text=target)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def deleted_row(book: Any) -> None:
    book[SHEET].delete_rows(ROW["sk_trust_2"])
    for name, defined in book.defined_names.items():
        sheet, _, row = defined.attr_text.rpartition("$")
        if name == "sk_trust_2":
            defined.attr_text = "#REF!"
        elif SHEET in sheet and int(row) > ROW["sk_trust_2"]:
            defined.attr_text = f"{sheet}${int(row) - 1}"


def cut_and_pasted() -> bytes:
    """trust_1's cell cut and pasted over trust_3's: its name goes along, the other name is lost."""
    book = openpyxl.load_workbook(
        io.BytesIO(renamed_target(form(), "sk_trust_1", f"'{SHEET}'!$D${ROW['sk_trust_3']}"))
    )
    sheet = book[SHEET]
    sheet[f"D{ROW['sk_trust_3']}"].value = sheet[f"D{ROW['sk_trust_1']}"].value
    sheet[f"D{ROW['sk_trust_1']}"].value = None
    del book.defined_names["sk_trust_3"]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def setter(sheet: str, address: str, value: Any) -> Callable[[Any], None]:
    def edit(book: Any) -> None:
        book[sheet][address].value = value

    return edit


def unprotected(book: Any) -> None:
    for sheet in book.worksheets:
        sheet.protection.sheet = False
    book.security = None


def without(*sheets: str) -> Callable[[Any], None]:
    def edit(book: Any) -> None:
        for name in sheets:
            del book[name]

    return edit


def structure() -> list[Case]:
    """What respondents and their programs do to sheets, rows, names."""
    moved = (("R037",), {})
    alone = (("R036",), {})
    edits: list[tuple[str, Callable[[Any], None], tuple[str, ...], dict[str, Any]]] = [
        ("saved by openpyxl", lambda book: None, (), {}),
        ("protection removed", unprotected, (), {}),
        ("sheet renamed, names left behind", lambda book: setattr(book[SHEET], "title", "x"), *alone),
        ("sheets in another order", lambda book: book._sheets.reverse(), (), {}),
        ("questionnaire hidden", lambda book: setattr(book[SHEET], "sheet_state", "veryHidden"), (), {}),
        (
            "hidden sheets shown",
            lambda book: [setattr(one, "sheet_state", "visible") for one in book],
            (),
            {},
        ),
        ("cover and codebook deleted", without("Cover", "Codebook"), (), {}),
        ("lists deleted", without("_surveykit_lists"), (), {}),
        ("identity sheet deleted", without("_surveykit"), ("R034",), {}),
        ("names deleted", lambda book: book.defined_names.clear(), *alone),
        ("rows inserted, names left behind", lambda book: book[SHEET].insert_rows(8, 3), *moved),
        ("a row deleted", deleted_row, ("R046",), {"trust_2": None}),
        ("rows sorted", swapped("sk_trust_1", "sk_trust_3"), *moved),
        (
            "rows sorted without the hidden column",
            swapped("sk_trust_1", "sk_trust_3", "BCDE"),
            ("R059", "R059"),
            {"trust_1": None, "trust_3": None},
        ),
        (
            "answers swapped by hand",
            swapped("sk_trust_1", "sk_trust_3", "D"),
            (),
            {"trust_1": 5, "trust_3": 4},
        ),
        (
            "answer cells merged",
            lambda book: book[SHEET].merge_cells(f"D{ROW['sk_trust_1']}:D{ROW['sk_trust_2']}"),
            ("R070",),
            {"trust_2": None},
        ),
        ("a question reworded", setter(SHEET, f"C{ROW['sk_trust_2']}", "What?"), ("R058",), {}),
        ("hidden words typed over", setter(SHEET, f"A{ROW['sk_trust_2']}", "x"), *alone),
        ("hidden words doubled", setter(SHEET, f"A{LAST + 3}", "sk_trust_2"), ("R045",), {"trust_2": None}),
        ("hundreds of sheets", lambda book: [book.create_sheet(f"s{n}") for n in range(490)], (), {}),
        ("another's id on the cover", setter("Cover", "C4", "R-2"), ("R035",), {}),
        ("the same id written otherwise", setter("Cover", "C4", "Ｒ-1 "), (), {}),
    ]
    return [
        *(
            Case(f"sheet: {name}", lambda edit=edit: edited(edit), findings=codes, answers=answers)
            for name, edit, codes, answers in edits
        ),
        Case("sheet: duplicated", lambda: with_copy()),
        Case(
            "sheet: duplicated, and the copy answered otherwise",
            lambda: with_copy(sk_trust_1="5 – Strongly agree"),
            findings=("R045",),
            answers={"trust_1": None},
        ),
        Case(
            "sheet: cell cut and pasted",
            cut_and_pasted,
            findings=("R036", "R045"),
            answers={"trust_1": None, "trust_3": 4},
        ),
        Case(
            "sheet: a name that points nowhere",
            lambda: renamed_target(form(), "sk_trust_1", "#REF!"),
            findings=("R036",),
        ),
        Case(
            "sheet: a name that points into another file",
            lambda: renamed_target(form(), "sk_trust_1", "'[1]S'!$D$7"),
            findings=("R036",),
        ),
        Case(
            "sheet: questionnaire deleted",
            lambda: edited(lambda book: (without(SHEET)(book), book.defined_names.clear())),
            "R026",
        ),
        Case("sheet: answers copied into a new workbook", lambda: tiny("<sheetData/>"), "R020"),
        Case(
            "sheet: identity and properties disagree",
            lambda: edited(setter("_surveykit", "B7", "R-2")),
            "R022",
        ),
    ]


# ---- who and what a form is --------------------------------------------------------------------------------


def older() -> Any:
    return sample(version="0.9.0")


def newer() -> Any:
    return sample(version="2.0.0")


def identity() -> list[Case]:
    swap = (b"surveykit-form-1", b"surveykit-form-9")
    another = instrument(item("a"), name="another")
    return [
        Case("identity: form of another instrument", lambda: other(another, {"a": 3}), "R021"),
        Case("identity: interview guide", lambda: other(guide(), {"q01": "words"}), "R021"),
        Case("identity: newer version", lambda: other(newer(), ANSWERS), "R023"),
        Case("identity: older version", lambda: other(older(), ANSWERS), findings=("R030",)),
        Case(
            "identity: form of another make",
            lambda: changed(
                form(), sheet5=lambda xml: xml.replace(*swap), custom=lambda xml: xml.replace(*swap)
            ),
            "R024",
        ),
        Case("identity: form in Korean", lambda: form("ko")),
        Case(
            "identity: a language that does not exist",
            lambda: changed(
                form(),
                sheet5=lambda xml: xml.replace(b">en<", b">xx<"),
                custom=lambda xml: xml.replace(b">en<", b">xx<"),
            ),
        ),
        Case(
            "identity: nothing was filled in",
            lambda: form(answers=()),
            findings=("R038",),
            answers=dict.fromkeys(ANSWERS),
        ),
    ]


# ---- other programs ----------------------------------------------------------------------------------------


def like_google() -> bytes:
    """As Google Sheets exports it: no document properties, shared strings, floats, names without quotes."""
    parts = members(edited(lambda book: None))
    parts = {name: data for name, data in parts.items() if not name.startswith("docProps/")}
    for name in ("_rels/.rels", "[Content_Types].xml"):
        parts[name] = re.sub(rb"<(Relationship|Override)[^>]*docProps[^>]*/>", b"", parts[name])
    book = parts["xl/workbook.xml"].replace(b"&#39;", b"").replace(b"'Questionnaire'", b"Questionnaire")
    parts["xl/workbook.xml"] = book
    sheet = parts["xl/worksheets/sheet2.xml"]
    parts["xl/worksheets/sheet2.xml"] = re.sub(rb"<v>120</v>", b"<v>120.0</v>", sheet)
    return zipped(parts)


def like_wps() -> bytes:
    """As WPS Office saves it: validations in an extension, alternative content, its own names."""
    x14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    more = (
        f'<extLst><ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" xmlns:x14="{x14}"><x14:dataValidations '
        'count="1"><x14:dataValidation type="list"><x14:formula1><xm:f xmlns:xm="urn:x">'
        "_surveykit_lists!$E$1:$E$6</xm:f></x14:formula1></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
    ).encode()
    choice = (
        b'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        b'<mc:Choice Requires="wpsCustomData"><x/></mc:Choice></mc:AlternateContent><sheets>'
    )
    return changed(
        form(),
        sheet2=lambda xml: re.sub(
            rb"<dataValidations.*</dataValidations>", b"", xml, flags=re.DOTALL
        ).replace(b"</worksheet>", more),
        workbook=lambda xml: xml.replace(b"<sheets>", choice, 1),
    )


def prefixed(xml: bytes) -> bytes:
    """The same XML with every tag under a prefix, as some programs write it."""
    body = xml[xml.index(b"?>") + 2 :] if xml.startswith(b"<?xml") else xml
    body = re.sub(rb"<(/?)(?![?!/])(?![a-z0-9]+:)", rb"<\1x:", body)
    return body.replace(b'xmlns="' + OPEN_XML, b'xmlns:x="' + OPEN_XML, 1)


def repacked(**options: Any) -> bytes:
    """The same members, packed otherwise."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", options.get("method", zipfile.ZIP_DEFLATED)) as archive:
        archive.comment = options.get("comment", b"")
        for name, data in members(form()).items():
            archive.writestr(options.get("rename", str)(name), options.get("change", bytes)(data))
    return stream.getvalue()


def streamed() -> bytes:
    """Packed by a program that writes sizes after the data."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, piece: Any) -> int:
            self.data += bytes(piece)
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, data in members(form()).items():
            archive.writestr(name, data)
    return bytes(pipe.data)


def programs() -> list[Case]:
    def absolute(xml: bytes) -> bytes:
        return xml.replace(b'Target="worksheets/', b'Target="/xl/worksheets/')

    return [
        Case("program: like Google Sheets", like_google),
        Case("program: like WPS Office", like_wps),
        Case("program: inline strings", form),
        Case("program: shared strings", lambda: edited(lambda book: None)),
        Case("program: tags under a prefix", lambda: changed(form(), sheet2=prefixed, sheet5=prefixed)),
        Case(
            "program: strict Open XML",
            lambda: repacked(change=lambda data: data.replace(OPEN_XML, STRICT)),
        ),
        Case("program: byte-order marks", lambda: changed(form(), sheet2=lambda xml: b"\xef\xbb\xbf" + xml)),
        Case("program: absolute paths inside", lambda: changed(form(), **{"workbook.xml.rels": absolute})),
        Case("program: backslashes inside", lambda: repacked(rename=lambda name: name.replace("/", "\\"))),
        Case("program: not compressed", lambda: repacked(method=zipfile.ZIP_STORED)),
        Case("program: streamed", streamed),
        Case("program: a comment behind the zip", lambda: repacked(comment=b"x" * 60_000)),
        Case("program: a picture inside", lambda: with_member("xl/media/image1.png", bytes(9 * MB))),
        Case("program: cell addresses left out", no_addresses),
        Case("program: unusual compression", lambda: repacked(method=zipfile.ZIP_LZMA), "R006"),
        Case("program: UTF-16 inside", lambda: changed(form(), styles=to_utf16), "R013"),
        Case("program: an .ods by hand", lambda: tiny_ods(), "R020"),
    ]


def no_addresses() -> bytes:
    def bare(xml: bytes) -> bytes:
        return re.sub(rb'<c r="([A-Z]+)\d+"', rb"<c", re.sub(rb'<row r="\d+"', b"<row", xml))

    # Without addresses every cell is the next one: only sheets whose cells are gapless can be written so.
    return changed(form(), sheet5=bare)


def to_utf16(xml: bytes) -> bytes:
    text = xml.decode().replace("UTF-8", "UTF-16")
    return text.encode("utf-16")


def with_member(name: str, data: bytes) -> bytes:
    return zipped({**members(form()), name: data})
