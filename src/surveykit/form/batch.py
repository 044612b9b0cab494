"""One template a language, many forms: only the members that name the respondent are rewritten."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.workbook.protection import WorkbookProtection

from surveykit.errors import SurveykitProblems
from surveykit.form.cells import cell_text
from surveykit.form.codebook import write_codebook
from surveykit.form.cover import write_cover
from surveykit.form.hidden import Identity, identity_of, printed_digest, write_identity, write_lists
from surveykit.form.layout import columns_of, layout
from surveykit.form.limits import too_tall
from surveykit.form.order import Order, file_order
from surveykit.form.questionnaire import write_questionnaire
from surveykit.form.shuffle import Shuffle
from surveykit.form.texts import languages_of, said
from surveykit.form.zipped import Packed, finish, pack
from surveykit.instrument.model import Instrument

# Stand in the template where a form names its respondent; no questionnaire says such a thing.
RESPONDENT_TOKEN = "[[surveykit-8d21f6-respondent]]"
FORM_TOKEN = "[[surveykit-8d21f6-form]]"
GROUP_TOKEN = "[[surveykit-8d21f6-group-{number}]]"
ORDER_TOKEN = "[[surveykit-8d21f6-order-{section}]]"
ANY_TOKEN = b"[[surveykit-8d21f6-"
REFERENCE = re.compile(rb"&#(\d{3,7});")
QUESTIONNAIRE, WORKBOOK = "xl/worksheets/sheet2.xml", "xl/workbook.xml"
NO_GREEN_CORNERS = (
    b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/></ignoredErrors></worksheet>'
)
CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>surveykit</dc:creator>'
    b'<dcterms:created xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:created>'
    b'<dcterms:modified xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:modified></cp:coreProperties>'
)


@dataclass(frozen=True)
class Template:
    """A form in one language with places left for who it is for.

    `shuffle` is there where sections are in random order.
    """

    inst: Instrument
    lang: str
    packed: Packed
    changing: dict[str, bytes]
    shuffle: Shuffle | None = None

    def form(
        self, respondent: str = "", groups: Mapping[str, str] | None = None, order: Order | None = None
    ) -> bytes:
        """The workbook of one respondent, the same bytes whenever it is made.

        `order` is that of the items in randomised sections; by default that of the file.
        """
        groups, order = groups or {}, order or file_order(self.inst)
        identity = identity_of(self.inst, self.lang, respondent, groups, order)
        values = {RESPONDENT_TOKEN: respondent, FORM_TOKEN: identity.form_id}
        values |= {_group_token(number): value for number, value in enumerate(groups.values())}
        values |= {ORDER_TOKEN.format(section=section): " ".join(items) for section, items in order.items()}
        swaps = [(token.encode(), escape(cell_text(value)).encode()) for token, value in values.items()]
        members = {}
        for name, data in (self.changing | self._reordered(order)).items():
            for token, value in swaps:
                data = data.replace(token, value)
            members[name] = data
        return finish(self.packed, members)

    def _reordered(self, order: Order) -> dict[str, bytes]:
        """The parts that depend on the order of the items."""
        if self.shuffle is None:
            return {}
        sheet, workbook = self.shuffle.reordered(order)
        return {QUESTIONNAIRE: sheet.encode(), WORKBOOK: workbook.encode()}


def make_template(
    inst: Instrument, lang: str, group_names: tuple[str, ...] = (), *, named: bool = True
) -> Template:
    """Build the workbook once.

    Parameters
    ----------
    inst : Instrument
    lang : str
    group_names : tuple of str
        The group columns of the sampling frame; `Template.form` takes their values in this order.
    named : bool
        Whether each form is made for one respondent; otherwise the id is an open cell of the cover.

    Raises
    ------
    SurveykitProblems
        F003 a text is too long to be shown in a row.
    """
    form = layout(inst, columns=columns_of(lang))
    tokens = {name: _group_token(number) for number, name in enumerate(group_names)}
    who = RESPONDENT_TOKEN if named else ""
    identity = Identity(
        inst.instrument, inst.version, inst.content_hash, FORM_TOKEN, lang, who, tokens, _order_tokens(inst)
    )
    book = Workbook()
    book.remove(book.active)
    write_cover(book, form, lang, identity)
    # Lists before the questionnaire that points to them; the sheets are put in order below.
    ranges = write_lists(book, form, lang)
    write_questionnaire(book, form, lang, ranges)
    write_codebook(book, form, lang)
    write_identity(book, replace(identity, printed=printed_digest(book.worksheets)))
    cover, lists, questionnaire, codebook, hidden = book.worksheets
    problems = tuple(too_tall(form, cover, questionnaire))
    if problems:
        raise SurveykitProblems(problems)
    book._sheets = [cover, questionnaire, codebook, lists, hidden]
    book.active = 0
    book.security = WorkbookProtection(lockStructure=True)
    book.calculation.fullCalcOnLoad = True
    saved = io.BytesIO()
    book.save(saved)
    members = members_of(saved, said(inst.title, lang, " / "), lang)
    changing = {name: data for name, data in members.items() if ANY_TOKEN in data}
    shuffle = None
    if any(section.randomize for section in inst.sections):
        shuffle = Shuffle(form, lang, *(members[name].decode() for name in (QUESTIONNAIRE, WORKBOOK)))
        changing |= {name: members[name] for name in (QUESTIONNAIRE, WORKBOOK)}
    still = pack({name: data for name, data in members.items() if name not in changing})
    return Template(inst, lang, still, changing, shuffle)


def _order_tokens(inst: Instrument) -> Order:
    return {section: (ORDER_TOKEN.format(section=section),) for section in file_order(inst)}


def members_of(saved: io.BytesIO, title: str = "", lang: str = "") -> dict[str, bytes]:
    """What openpyxl wrote, content types first, without the time of day.

    A number typed into a text cell is no mistake here: Excel is told not to mark it.
    """
    with zipfile.ZipFile(saved) as archive:
        members = {name: _in_utf8(archive.read(name)) for name in archive.namelist()}
    members["docProps/core.xml"] = _core(title, lang)
    members[QUESTIONNAIRE] = members[QUESTIONNAIRE].replace(b"</worksheet>", NO_GREEN_CORNERS)
    first = "[Content_Types].xml"
    return {first: members.pop(first), **members}


def _core(title: str, lang: str) -> bytes:
    """Who made it, nothing of when; title and language, which screen readers say first."""
    about = "".join(
        f"<dc:{name}>{escape(value)}</dc:{name}>"
        for name, value in (("title", " ".join(title.split())), ("language", languages_of(lang)[0]))
        if value
    )
    return CORE.replace(b"<dc:creator>", about.encode() + b"<dc:creator>")


def _in_utf8(data: bytes) -> bytes:
    """Kana, kanji and Hangul as themselves instead of as numbers: a third of the size."""
    return REFERENCE.sub(lambda match: chr(int(match[1])).encode(), data)


def _group_token(number: int) -> str:
    return GROUP_TOKEN.format(number=number)
