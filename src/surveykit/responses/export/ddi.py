"""The study as DDI-Codebook 2.5: what archives such as SSJDA, KOSSDA and GESIS take in.

Elements stand in the order that the schema asks for; texts stand once for
each language, told apart by `xml:lang`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping

from surveykit.errors import LANGUAGES
from surveykit.instrument.model import Instrument, Item, Text
from surveykit.instrument.variables import Variable
from surveykit.responses.export.table import CSV_NAME, About, Column, pick_text
from surveykit.version import __version__

NAMESPACE = "ddi:codebook:2_5"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
DOMAINS = {
    "likert": "category", "single": "category", "multiple": "multiple", "number": "numeric",
    "date": "datetime", "text": "text", "open": "text",
}  # fmt: skip
STATISTICS = (
    ("vald", "n"),
    ("invd", "missing"),
    ("mean", "mean"),
    ("stdev", "sd"),
    ("min", "low"),
    ("max", "high"),
)


def ddi_xml(columns: tuple[Column, ...], instrument: Instrument, about: About, lang: str, cases: int) -> str:
    """The codebook as XML text; `lang` is the language that stands first."""
    root = ET.Element("codeBook", {"xmlns": NAMESPACE, "xmlns:xsi": XSI, "version": "2.5", "ID": "codebook"})
    root.set("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}")
    root.set(XML_LANG, lang)
    document = ET.SubElement(root, "docDscr")
    _citation(document, about, instrument, lang, software=True)
    study = ET.SubElement(root, "stdyDscr")
    _citation(study, about, instrument, lang, software=False)
    _study_info(study, about, instrument, lang)
    _file(ET.SubElement(root, "fileDscr", {"ID": "responses"}), len(columns), cases)
    data = ET.SubElement(root, "dataDscr")
    for group in _groups(instrument, columns, lang):
        data.append(group)
    for one in columns:
        data.append(_variable(one, instrument, lang))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _in_languages(parent: ET.Element, tag: str, text: Text, lang: str, **attributes: str) -> None:
    """The element once a language, the chosen one first."""
    for one in (lang, *(other for other in LANGUAGES if other != lang)):
        if one in text:
            element = ET.SubElement(parent, tag, attributes)
            element.set(XML_LANG, one)
            element.text = _clean(text[one])


def _clean(text: str) -> str:
    """What XML 1.0 can hold."""
    return "".join(one for one in text if one >= " " or one in "\t\n\r")


def _plain(parent: ET.Element, tag: str, text: str, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = _clean(text)
    return element


def _citation(parent: ET.Element, about: About, instrument: Instrument, lang: str, *, software: bool) -> None:
    citation = ET.SubElement(parent, "citation")
    titles = ET.SubElement(citation, "titlStmt")
    first = lang if lang in about.title else next(iter(about.title), lang)
    _plain(titles, "titl", pick_text(about.title, lang)).set(XML_LANG, first)
    for other, text in about.title.items():
        if other != first:
            _plain(titles, "parTitl", text).set(XML_LANG, other)
    _plain(titles, "IDNo", f"{about.name}-{about.version}")
    if software:
        producer = ET.SubElement(citation, "prodStmt")
        _plain(producer, "software", "surveykit", version=__version__)
    version = ET.SubElement(citation, "verStmt")
    _plain(version, "version", about.version)
    if not software:
        _plain(citation, "biblCit", instrument.source.citation)


def _study_info(study: ET.Element, about: About, instrument: Instrument, lang: str) -> None:
    info = ET.SubElement(study, "stdyInfo")
    _in_languages(info, "abstract", about.description or about.title, lang)
    method = ET.SubElement(study, "method")
    collection = ET.SubElement(method, "dataColl")
    questionnaire = f"{instrument.instrument} {instrument.version} ({instrument.content_hash})"
    _plain(collection, "resInstru", questionnaire)
    _in_languages(ET.SubElement(study, "othrStdyMat"), "relMat", instrument.title, lang)


def _file(file: ET.Element, columns: int, cases: int) -> None:
    about = ET.SubElement(file, "fileTxt")
    _plain(about, "fileName", CSV_NAME)
    size = ET.SubElement(about, "dimensns")
    _plain(size, "caseQnty", str(cases))
    _plain(size, "varQnty", str(columns))
    _plain(about, "fileType", "text/csv; charset=utf-8")


def _groups(instrument: Instrument, columns: tuple[Column, ...], lang: str) -> Iterator[ET.Element]:
    """The sections as they were asked, and the scales."""
    there = {one.name for one in columns}
    sections = [
        (f"section_{one.id}", "section", one.title, [item.id for item in one.items])
        for one in instrument.sections
    ]
    scales = [(f"scale_{one.id}", "subject", one.title, [*one.items]) for one in instrument.scales.values()]
    for name, kind, title, items in (*sections, *scales):
        kept = [_id(item) for item in items if item in there]
        if kept:
            group = ET.Element("varGrp", {"ID": name, "type": kind, "var": " ".join(kept)})
            _in_languages(group, "labl", title, lang)
            yield group


def _id(name: str) -> str:
    """An XML id: group columns of a sampling frame may have any name."""
    safe = "".join(
        one if one.isascii() and (one.isalnum() or one in "_-.") else f"_{ord(one):x}" for one in name
    )
    return f"v_{safe}"


def _variable(one: Column, instrument: Instrument, lang: str) -> ET.Element:
    numeric = one.type in ("integer", "number") and not one.values
    element = ET.Element("var", {"ID": _id(one.name), "name": one.name, "files": "responses"})
    element.set("intrvl", "contin" if numeric else "discrete")
    if one.item is not None and one.item.unit:
        element.set("measUnit", pick_text(one.item.unit, lang))
    _in_languages(element, "labl", one.label, lang)
    item, variable = one.item, one.variable
    if item is not None and variable is not None:
        _question(element, item, instrument, lang)
        _ranges(element, one, item)
        if item.show_if is not None:
            _plain(element, "universe", item.show_if)
        _statistics(element, variable)
        _categories(element, variable, lang)
        for scale in variable.scales:
            _in_languages(element, "concept", instrument.scales[scale].title, lang)
    kind = "numeric" if one.type in ("integer", "number") else "character"
    day = {"category": "date"} if one.type == "date" else {}
    ET.SubElement(element, "varFormat", {"type": kind, "schema": "other", **day})
    for text in _remarks(item):
        _plain(element, "notes", text)
    return element


def _question(element: ET.Element, item: Item, instrument: Instrument, lang: str) -> None:
    section = next(one for one in instrument.sections if item in one.items)
    question = ET.SubElement(element, "qstn", {"responseDomainType": DOMAINS[item.type]})
    if section.instructions is not None:
        _in_languages(question, "preQTxt", section.instructions, lang)
    _in_languages(question, "qstnLit", item.text, lang)
    for probe in item.probes:
        _in_languages(question, "ivuInstr", probe, lang)


def _ranges(element: ET.Element, one: Column, item: Item) -> None:
    if item.type == "number" and (item.minimum is not None or item.maximum is not None):
        bounds = {"min": item.minimum, "max": item.maximum}
        attributes = {key: f"{value:.15g}" for key, value in bounds.items() if value is not None}
        ET.SubElement(ET.SubElement(element, "valrng"), "range", {"UNITS": "REAL", **attributes})
    if one.missing:
        invalid = ET.SubElement(element, "invalrng")
        for code in one.missing:
            ET.SubElement(invalid, "item", {"VALUE": str(code)})


def _statistics(element: ET.Element, variable: Variable) -> None:
    spread = variable.distribution
    if spread is None:
        return
    for kind, name in STATISTICS:
        value = getattr(spread, name)
        if isinstance(value, int | float):
            _plain(element, "sumStat", f"{value:.15g}", type=kind)


def _categories(element: ET.Element, variable: Variable, lang: str) -> None:
    counts: Mapping[int, int] = variable.distribution.counts if variable.distribution else {}
    for missing, codes in ((False, variable.values), (True, variable.missing_values)):
        for code, text in codes.items():
            category = ET.SubElement(element, "catgry", {"missing": "Y"} if missing else {})
            _plain(category, "catValu", str(code))
            _in_languages(category, "labl", text, lang)
            if code in counts:
                _plain(category, "catStat", str(counts[code]), type="freq")


def _remarks(item: Item | None) -> Iterator[str]:
    if item is None:
        return
    if item.reverse:
        yield "reverse-keyed"
    if item.note:
        yield item.note
