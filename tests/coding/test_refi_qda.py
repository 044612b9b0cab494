"""REFI-QDA: what is written comes back identically; what is broken is refused with a code."""

import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from coding_example import codebook
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from refi_schema import CODEBOOK, PROJECT, official, problems

from surveykit.coding.qda_zip import zip_bytes
from surveykit.coding.refi_qda import QdaProject, facts_of, lines_of, qda_project, write_qdc, write_qdpx
from surveykit.coding.refi_qda_read import read_qdc, read_qdpx
from surveykit.coding.segments import check_segments
from surveykit.errors import SurveykitError

TEXTS = {"J1": "信頼は時間を\r\nかけて育つ。𠮷", "K1/q07": "신뢰가 먼저입니다.\n둘째 줄", "J2": ""}
COLUMNS = ["segment", "respondent", "item", "start", "end", "code", "coder", "stance", "proposition",
           "summary", "passage"]  # fmt: skip
ROWS = [
    ("s1", "J1", "", "0", "2", "trust", "鈴木", "supports", "P1", 'two "lines"\n  and <more>: & so', "信頼"),
    ("s1", "J1", "", "0", "2", "price", "鈴木", "", "", "", "信頼"),
    ("s1", "J1", "", "0", "2", "trust", "김", "qualified", "P1", "", "信頼"),
    ("s2", "K1", "q07", "0", "2", "visits", "김", "contradicts", "P2", "요약", ""),
    ("s3", "K2", "q09", "", "", "price", "김", "supports", "P1", "no text", ""),
    ("s4", "J1", "", "8", "10", "trust", "", "", "", "", ""),
]


def project(tmp_path: Path) -> QdaProject:
    book = codebook(tmp_path)
    coded = check_segments(pd.DataFrame(ROWS, columns=COLUMNS), book, TEXTS)
    assert coded.notes == ()
    return qda_project(book, coded, TEXTS)


def test_a_project_comes_back_identically(tmp_path: Path) -> None:
    out = project(tmp_path)
    back = read_qdpx(write_qdpx(out, tmp_path / "a.qdpx"))
    pd.testing.assert_frame_equal(back.segments, out.segments, check_dtype=False)
    pd.testing.assert_frame_equal(back.codes, out.codes, check_dtype=False)
    assert (back.name, back.texts) == (out.name, out.texts)
    assert len(out.segments) == len(ROWS)
    again = write_qdpx(back, tmp_path / "b.qdpx")
    assert again.read_bytes() == (tmp_path / "a.qdpx").read_bytes()
    assert [one.code for one in out.notes] == ["C046"]


def test_a_codebook_comes_back_identically(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    back = read_qdc(write_qdc(book, tmp_path / "a.qdc")).set_index("code")
    for row in book.to_frame().to_dict("records"):
        for key, value in row.items():
            if key != "code":
                assert (back.loc[row["code"], key] or None) == (None if pd.isna(value) else value or None)


def test_a_row_without_a_code_is_told(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    table = pd.DataFrame([("s1", "J1", "")], columns=["segment", "respondent", "code"])
    out = qda_project(book, check_segments(table, book))
    assert [one.code for one in out.notes] == ["C045"]
    assert len(read_qdpx(write_qdpx(out, tmp_path / "a.qdpx")).segments) == 0


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["name", "when", "memos"]), st.text().filter(lambda t: "\r" not in t)))
def test_facts_come_back(facts: dict[str, str]) -> None:
    assert facts == (facts_of(lines_of(facts)) if facts else {})


OTHER = """<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="n" origin="Other 1.0">
<Users><User guid="u1" name="Kim"/></Users>
<CodeBook><Codes><Code guid="c1" name="信頼" isCodable="true"><Description>d</Description>
<Code guid="c2" name="Price!" isCodable="true"/>
<Code guid="c3" name="price" isCodable="true"/></Code></Codes></CodeBook>
<Sources><TextSource guid="t1" name="A1" plainTextPath="internal://T1.txt">
<PlainTextSelection guid="p1" startPosition="0" endPosition="2"><Coding guid="k1" creatingUser="u1">
<CodeRef targetGUID="c3"/></Coding></PlainTextSelection></TextSource>
<TextSource guid="t2" name="A2"><PlainTextContent>inline</PlainTextContent></TextSource>
<PDFSource guid="d1"/></Sources></Project>"""


def other(tmp_path: Path, xml: str = OTHER, **files: bytes) -> Path:
    path = tmp_path / "other.qdpx"
    path.write_bytes(zip_bytes({"project.qde": xml.encode(), "Sources/t1.txt": "価格が".encode(), **files}))
    return path


def test_another_program_s_project_is_read(tmp_path: Path) -> None:
    found = read_qdpx(other(tmp_path))
    assert found.codes[["code", "name", "parent"]].to_numpy().tolist() == [
        ["code_1", "信頼", None],
        ["price", "Price!", "code_1"],
        ["price_2", "price", "code_1"],
    ]
    row = found.segments.iloc[0]
    assert row[["segment", "respondent", "code", "coder", "passage"]].tolist() == [
        "p1", "A1", "price_2", "Kim", "価格",
    ]  # fmt: skip
    assert found.texts == {"A1": "価格が", "A2": "inline"}
    assert [one.code for one in found.notes] == ["C044"]


@pytest.mark.parametrize(
    ("origin", "data", "text", "codes"),
    [
        ("Other", b"\xef\xbb\xbf" + "価格が".encode(), "価格が", ["C044"]),
        ("Other", "価格\r\nが".encode(), "価格\r\nが", ["C044", "C047"]),
        ("ATLAS.ti 24", "価格\r\nが".encode(), "価格\nが", ["C044", "C047"]),
    ],
)
def test_byte_order_marks_and_line_ends_of_other_programs(
    tmp_path: Path, origin: str, data: bytes, text: str, codes: list[str]
) -> None:
    path = tmp_path / "other.qdpx"
    xml = OTHER.replace("Other 1.0", origin).encode()
    path.write_bytes(zip_bytes({"project.qde": xml, "Sources/t1.txt": data}))
    found = read_qdpx(path)
    assert found.texts["A1"] == text
    assert found.segments.iloc[0]["passage"] == "価格"
    assert [one.code for one in found.notes] == codes


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("</Project>", "", "C041"),
        ("project:1.0", "project:2.0", "C041"),
        ("<Project", '<!DOCTYPE x [<!ENTITY a "b">]><Project', "C041"),
        ('targetGUID="c3"', 'targetGUID="c9"', "C042"),
        ('creatingUser="u1"', 'creatingUser="u9"', "C042"),
        ("T1.txt", "T9.txt", "C042"),
        ("T1.txt", "../../T1.txt", "C042"),
        ('endPosition="2"', 'endPosition="4"', "C043"),
        ('startPosition="0"', 'startPosition="-1"', "C043"),
        ('guid="c3"', 'guid="c1"', "C042"),
    ],
)
def test_a_broken_project_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert old in OTHER
    with pytest.raises(SurveykitError) as caught:
        read_qdpx(other(tmp_path, OTHER.replace(old, new)))
    assert caught.value.code == code


def test_a_zip_is_not_trusted(tmp_path: Path) -> None:
    whole = other(tmp_path).read_bytes()
    bad = tmp_path / "bad.qdpx"
    for content in (b"", b"no zip", whole[:200], whole.replace(b"Sources/t1", b"../../s/t1")):
        bad.write_bytes(content)
        with pytest.raises(SurveykitError, match="C040"):
            read_qdpx(bad)
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("sources/a.txt", "x")
    with pytest.raises(SurveykitError, match="C041"):
        read_qdpx(bad)
    with pytest.raises(SurveykitError, match="C040"):
        read_qdpx(tmp_path / "none.qdpx")
    with pytest.raises(SurveykitError, match="C041"):
        read_qdc(bad)
    with pytest.raises(SurveykitError, match="C041"):
        read_qdc(tmp_path / "none.qdc")


def project_xml(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("project.qde")


def test_what_is_written_is_valid(tmp_path: Path) -> None:
    written = project_xml(write_qdpx(project(tmp_path), tmp_path / "a.qdpx"))
    assert problems(ET.fromstring(written), PROJECT, "urn:QDA-XML:project:1.0") == []
    book = write_qdc(codebook(tmp_path), tmp_path / "a.qdc").read_bytes()
    assert problems(ET.fromstring(book), CODEBOOK, "urn:QDA-XML:codebook:1.0") == []
    bare = qda_project(
        codebook(tmp_path), check_segments(pd.DataFrame(ROWS[4:5], columns=COLUMNS), codebook(tmp_path))
    )
    written = project_xml(write_qdpx(bare, tmp_path / "b.qdpx"))
    assert problems(ET.fromstring(written), PROJECT, "urn:QDA-XML:project:1.0") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('startPosition="0"', 'startPosition="zero"'),
        (' name="trust"', ""),
        ("<Users>", "<Sources/><Users>"),
        ("<CodeBook>", "<Graph/><CodeBook>"),
        ('isCodable="true"', 'isCodable="yes"'),
        ('guid="', 'guid="x'),
    ],
)
def test_the_check_sees_what_the_standard_forbids(tmp_path: Path, old: str, new: str) -> None:
    written = project_xml(write_qdpx(project(tmp_path), tmp_path / "a.qdpx")).decode()
    written = written.replace('name="신뢰 信頼"', 'name="trust"')
    assert old in written
    assert problems(ET.fromstring(written.replace(old, new, 1)), PROJECT, "urn:QDA-XML:project:1.0")


def test_it_is_valid_against_the_standard_s_own_schema(tmp_path: Path) -> None:
    path = official()
    if path is None:
        pytest.skip("no copy of REFI-QDA's Project.xsd: see tests/coding/refi_schema.py")
    schema = etree.XMLSchema(etree.parse(path))
    for made in (project(tmp_path), qda_project(codebook(tmp_path), check_segments(
        pd.DataFrame(ROWS[4:5], columns=COLUMNS), codebook(tmp_path)))):  # fmt: skip
        written = project_xml(write_qdpx(made, tmp_path / "a.qdpx"))
        assert schema.validate(etree.fromstring(written)), schema.error_log


def test_each_coder_s_work_is_a_selection_of_its_own(tmp_path: Path) -> None:
    """QualCoder takes the coder and the memo from the selection, and makes files of the texts' names."""
    space = "{urn:QDA-XML:project:1.0}"
    root = ET.fromstring(project_xml(write_qdpx(project(tmp_path), tmp_path / "a.qdpx")))
    selections = root.findall(f".//{space}PlainTextSelection")
    assert len(selections) == 5
    assert all(len(one.findall(f"{space}Coding")) == 1 and one.get("creatingUser") for one in selections)
    assert all("/" not in str(one.get("name")) for one in root.findall(f".//{space}TextSource"))
    assert all(one.get("creationDateTime") for one in root.findall(f".//{space}Note"))


def test_what_another_program_passes_on_is_still_known(tmp_path: Path) -> None:
    """QualCoder keeps descriptions as memos and gives them back: segments and stances survive."""
    out = project(tmp_path)
    written = project_xml(write_qdpx(out, tmp_path / "a.qdpx")).decode()
    xml = written.replace('origin="surveykit', 'origin="QualCoder').encode()
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "b.qdpx").write_bytes(zip_bytes({**files, "project.qde": xml}))
    back = read_qdpx(tmp_path / "b.qdpx")
    kept = [
        "segment",
        "respondent",
        "item",
        "start",
        "end",
        "code",
        "coder",
        "stance",
        "proposition",
        "summary",
    ]
    pd.testing.assert_frame_equal(back.segments[kept], out.segments[kept], check_dtype=False)


def test_a_zip_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.qdpx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", b" " * 100_000_001)
    with pytest.raises(SurveykitError, match="C040"):
        read_qdpx(bomb)
    with zipfile.ZipFile(bomb, "w") as archive:
        for name in ("sources/a.txt", "Sources/A.txt"):
            archive.writestr(name, "x")
    with pytest.raises(SurveykitError, match="C040"):
        read_qdpx(bomb)


DECOMPOSED = unicodedata.normalize("NFD", "신뢰가 먼저")
MARKED = "か\u3099き\u3099 è e\u0300 👩‍👩‍👧 𠮷野家 텍스트"


@pytest.mark.parametrize("text", [DECOMPOSED, MARKED, "信頼" * 50 + "🙂" + MARKED])
def test_offsets_count_code_points_whatever_the_characters(tmp_path: Path, text: str) -> None:
    """Combining characters, decomposed Hangul and emoji stay as typed; nothing is composed."""
    book = codebook(tmp_path)
    rows = [(f"s{at}", "J1", at, at + 2, "trust", text[at : at + 2]) for at in range(len(text) - 1)]
    table = pd.DataFrame(rows, columns=["segment", "respondent", "start", "end", "code", "passage"])
    coded = check_segments(table, book, {"J1": text})
    assert coded.notes == ()
    back = read_qdpx(write_qdpx(qda_project(book, coded, {"J1": text}), tmp_path / "a.qdpx"))
    assert back.texts["J1"] == text
    assert [text[a:b] for a, b in zip(back.segments["start"], back.segments["end"], strict=True)] == [
        one[-1] for one in rows
    ]
    # The same offsets over the composed text, or over one counted in UTF-16, are found to be wrong.
    for other in (
        unicodedata.normalize("NFC", text),
        text.encode("utf-16-le")[2:].decode("utf-16-le", "replace"),
    ):
        if other != text:
            found = check_segments(table, book, {"J1": other})
            assert {one.code for one in found.notes} <= {"C014", "C015"}
            assert found.notes
    if max(text) > "\uffff":
        shifted = table.assign(
            start=[len(text[:at].encode("utf-16-le")) // 2 for at in table["start"]],
            end=[len(text[:at].encode("utf-16-le")) // 2 for at in table["end"]],
        )
        assert check_segments(shifted, book, {"J1": text}).notes
