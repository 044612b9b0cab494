"""XLSForm: taken by pyxform without a warning, with conditions that mean what `show_if` means."""

import io
import re
import warnings
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pyxform.xls2xform import convert

from hand_made import guide, instrument, item, sample, texts
from surveykit.errors import SurveykitError, SurveykitProblems, SurveykitWarning
from surveykit.form.xlsform import write_xlsform, xlsform_bytes
from surveykit.form.xpath import redcap_condition, xpath_condition
from surveykit.instrument.model import Instrument, Section
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.show_if import parse_show_if

SHIPPED = sorted((Path(__file__).parents[2] / "instruments").glob("*.yaml"))


def converted(inst: Instrument) -> tuple[ET.Element, list[str]]:
    told: list[str] = []
    result = convert(io.BytesIO(xlsform_bytes(inst)), warnings=told)
    return ET.fromstring(result.xform), told


def rows(inst: Instrument, sheet: str) -> list[dict[str, str | None]]:
    book = openpyxl.load_workbook(io.BytesIO(xlsform_bytes(inst)))
    head, *body = book[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


@pytest.mark.parametrize(
    "inst", [sample(), guide(), *map(read_instrument, SHIPPED)], ids=lambda one: one.instrument
)
def test_pyxform_converts_it_without_a_warning(inst: Instrument) -> None:
    form, told = converted(inst)
    assert told == []
    text = ET.tostring(form, encoding="unicode")
    asked = {one.get("nodeset", "").rpartition("/")[2] for one in form.iter() if one.tag.endswith("bind")}
    assert {one.id for one in inst.items} <= asked
    for one in inst.items:
        for lang in inst.languages:
            assert escape(one.text[lang].split("\n")[0][:10]) in text


def test_every_text_stands_in_three_languages() -> None:
    form, _ = converted(sample())
    languages = [one.get("lang") for one in form.iter("{http://www.w3.org/2002/xforms}translation")]
    assert languages == ["English (en)", "日本語 (ja)", "한국어 (ko)"]


def test_matrices_constraints_and_required_questions() -> None:
    survey = {row["name"]: row for row in rows(sample(), "survey") if row["type"] != "end_group"}
    assert survey["section_main_table_1"]["appearance"] == "table-list"
    assert survey["trust_1"]["required"] == "yes"
    assert survey["trust_1"]["type"] == "select_one agree5"
    assert survey["channels"]["type"] == "select_multiple channel"
    assert survey["channels"]["constraint"] == "not(count-selected(.) > 1 and (selected(., '-9')))"
    assert "無回答" in str(survey["channels"]["constraint_message::日本語 (ja)"])
    assert survey["staff"]["constraint"] == ". >= 1 and . <= 5000"
    assert survey["staff"]["hint::한국어 (ko)"] == "명\n1~5000"
    assert survey["city"]["constraint"] == "string-length(.) <= 20"
    assert survey["story"]["appearance"] == "multiline"
    assert (
        survey["reports"]["relevant"]
        == "((${role} != '' and ${role} = 2) or (${role} != '' and ${role} = 3))"
    )
    assert survey["content_hash"]["calculation"] == f"'{sample().content_hash}'"
    choices = [(row["list_name"], row["name"]) for row in rows(sample(), "choices")]
    assert ("agree5", "99") in choices
    assert ("channel", "-9") in choices


def test_questions_of_ours_never_take_the_name_of_an_item() -> None:
    inst = instrument(item("form_start", "text"), item("form_version", "text"), item("section_main", "text"))
    assert converted(inst)[1] == []
    names = [row["name"] for row in rows(inst, "survey") if row["type"] != "end_group"]
    assert len(names) == len(set(names))


def test_a_missing_code_of_a_number_passes_its_constraint() -> None:
    inst = instrument(item("years", "number", minimum=0, maximum=150, missing_codes=(999, -1)))
    survey = {row["name"]: row for row in rows(inst, "survey")}
    assert survey["years"]["constraint"] == "(. >= 0 and . <= 150) or . = 999 or . = -1"
    assert converted(inst)[1] == []


def test_probes_are_for_interviewers() -> None:
    survey = {row["name"]: row for row in rows(guide(), "survey")}
    assert "• How long?" in str(survey["q01"]["hint::English (en)"])


def test_the_same_instrument_gives_the_same_bytes_and_names_no_author(tmp_path: Path) -> None:
    first = write_xlsform(sample(), tmp_path / "a" / "form.xlsx").read_bytes()
    assert first == xlsform_bytes(sample())
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        core = archive.read("docProps/core.xml").decode()
        assert not any("comments" in name for name in archive.namelist())
    assert "<dc:creator>surveykit</dc:creator>" in core
    assert "openpyxl" not in core


def test_text_that_looks_like_a_formula_is_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsform_bytes(instrument(item("a", text=texts("=1+1"))))))
    cells = [cell for row in book["survey"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_a_text_that_would_be_a_reference_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[E030\].*a.text.*\$\{"):
        write_xlsform(instrument(item("a", text=texts("Price in ${currency}"))), tmp_path / "x.xlsx")


def test_a_missing_language_is_refused_and_a_random_order_is_told(tmp_path: Path) -> None:
    with pytest.raises(SurveykitProblems, match="F005"):
        write_xlsform(instrument(item("a", text={"en": "only"})), tmp_path / "x.xlsx")
    section = Section("main", texts("Main"), (item("a"), item("b")), randomize=True)
    with pytest.warns(SurveykitWarning, match="E031"):
        write_xlsform(instrument(sections=(section,)), tmp_path / "x.xlsx")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SurveykitError, match="F019"):
        write_xlsform(sample(), tmp_path / "file" / "x.xlsx")


CONDITIONED = instrument(
    item("a", "single", "role3"),
    item("n", "number"),
    item("m", "multiple", "channel"),
    item("z", "single", "role3"),
)
numbers = st.sampled_from(["1", "2", "3", "-9", "10", "2.5", "99"])
relations = st.one_of(
    st.builds(
        lambda name, sign, number: f"{name} {sign} {number}",
        st.sampled_from(["a", "n", "m"]), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), numbers,
    ),
    st.builds(
        lambda name, several: f"{name} in ({', '.join(several)})",
        st.sampled_from(["a", "n", "m"]), st.lists(numbers, min_size=1, max_size=3),
    ),
    st.builds("answered({})".format, st.sampled_from(["a", "n", "m"])),
)  # fmt: skip
conditions = st.recursive(
    relations,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=5,
)
answers = st.fixed_dictionaries(
    {
        "a": st.sampled_from([None, 1, 2, 3]),
        "n": st.sampled_from([None, 1, 2, 2.5, 10, 99]),
        "m": st.sampled_from([None, (1,), (2, 10), (-9,), (1, 2, 10)]),
    }
)


def stored(value: object) -> str:
    several = value if isinstance(value, tuple) else () if value is None else (value,)
    return " ".join(str(one) for one in several)


def by_xpath(condition: str, given_: dict[str, object]) -> bool:
    """The XPath over a submission, `selected` spelled out in XPath 1.0."""
    text = "".join(f"<{name}>{stored(value)}</{name}>" for name, value in given_.items())
    spelled = re.sub(
        r"selected\(\$\{(\w+)\}, '(-?\d+)'\)", r"contains(concat(' ', /r/\1, ' '), ' \2 ')", condition
    )
    paths = re.sub(r"[$][{](\w+)[}]", r"string(/r/\1)", spelled)
    return bool(etree.XML(f"<r>{text}</r>").xpath(f"boolean({paths})"))


def by_redcap(condition: str, given_: dict[str, object]) -> bool:
    """REDCap's logic, its few words put into Python's."""
    text = re.sub(
        r"\[(\w+)\((-?\d+)\)\]",
        lambda found: repr(str(int(int(found[2]) in (given_[found[1]] or ())))),
        condition,
    )
    text = re.sub(
        r"\[(\w+)\]", lambda found: repr(given_[found[1]] if given_[found[1]] is not None else ""), text
    )
    text = re.sub(r"'' (<|<=|>|>=) (-?[\d.]+)", "False", text)
    return bool(eval(text.replace("<>", "!=").replace(" = ", " == ")))


@settings(max_examples=300, deadline=None)
@given(conditions, answers)
def test_a_condition_means_the_same_everywhere(condition: str, given_: dict[str, object]) -> None:
    wanted = parse_show_if(condition).evaluate(given_)
    assert by_xpath(xpath_condition(condition, CONDITIONED), given_) == wanted
    assert by_redcap(redcap_condition(condition, CONDITIONED), given_) == wanted


def test_pyxform_takes_conditions_of_every_kind() -> None:
    every = "not (a in (1, 2) and n > 2.5) or answered(m) or m == 10 or m > 50 or a != 1"
    inst = instrument(*CONDITIONED.items, item("last", show_if=every))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        form, told = converted(inst)
    assert told == []
    assert "selected(" in ET.tostring(form, encoding="unicode")
