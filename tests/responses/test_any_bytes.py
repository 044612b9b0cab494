"""Any bytes as a workbook: a code or a reading, never an exception, and never the code for the unforeseen."""

import random
import re
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torture import form

from hand_made import sample
from surveykit.form.zipped import zip_bytes
from surveykit.responses.expected import Expected
from surveykit.responses.intake import Judged, judge
from surveykit.responses.marked import marked_copy
from surveykit.responses.tables import Found
from workbooks import members, tiny_ods

EXPECTED = {"sample": Expected(sample())}
CODE = re.compile(r"R0\d\d")


@cache
def parts() -> dict[str, bytes]:
    return members(form())


@cache
def wrong_parts() -> dict[str, bytes]:
    """A form with much to be found."""
    return members(form(answers=(("trust_1", 7), ("trust_2", "4, 5"), ("staff", "ten"), ("channels", "1;2"))))


@cache
def ods_parts() -> dict[str, bytes]:
    """A small .ods that says that it is a form."""
    told = re.findall(rb'name="(surveykit_\w+)".*?<vt:lpwstr[^>]*>([^<]*)<', parts()["docProps/custom.xml"])
    space = 'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
    facts = "".join(
        f'<meta:user-defined meta:name="{k.decode()}">{v.decode()}</meta:user-defined>' for k, v in told
    )
    kinds = ("float", "date", "boolean", "string")
    answers = "".join(
        f'<table:table-cell office:value-type="{kind}" office:value="5"><text:p>5</text:p></table:table-cell>'
        for kind in kinds
    )
    word = '<table:table-cell office:value-type="string"><text:p>sk_trust_1</text:p></table:table-cell>'
    gap = '<table:table-row table:number-rows-repeated="6"><table:table-cell/></table:table-row>'
    between = '<table:table-cell table:number-columns-repeated="2"/>'
    rows = f"{gap}<table:table-row>{word}{between}{answers}</table:table-row>"
    name = '<table:named-range table:name="sk_trust_1" table:cell-range-address="$S.$D$7"/>'
    return members(tiny_ods(rows, name, extra={"meta.xml": f"<m {space}>{facts}</m>"}))


def judged(data: bytes) -> Judged:
    found = judge(data, "any.xlsx", "0" * 64, EXPECTED)
    problem = found.problem
    assert (found.returned is None) == (problem is not None)
    if problem is not None:
        assert CODE.fullmatch(problem.code)
        # R014 is for what no one foresaw: whatever is found here is to be foreseen.
        assert problem.code != "R014", problem.text()
        assert problem.text("ko")
    elif found.returned is not None:
        for one in (*found.returned.findings,):
            assert one.text("ja")
            assert one.remedy("en")
        for cell in found.returned.cells:
            assert cell.raw is None or cell.raw.encode() is not None
    return found


def test_the_form_itself_is_read() -> None:
    found = judged(zip_bytes(parts()))
    assert found.returned is not None
    assert not found.returned.findings
    found = judged(zip_bytes(ods_parts()))
    assert found.returned is not None
    assert {one.item: one.value for one in found.returned.cells}["trust_1"] == 5


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    assert judged(data).problem is not None
    judged(b"PK\x03\x04" + data)
    judged(form()[:200] + data)


def edit_bytes(draw: st.DrawFn, data: bytes) -> bytes:
    """Some bytes replaced, dropped, doubled or put in."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.integers(0, 12))
        new = draw(st.binary(max_size=8) | st.sampled_from(PIECES))
        data = data[:at] + new + data[at + length :]
    return data


PIECES = [
    b"&#x0;", b"&#xD800;", b"&amp;", b"&nosuch;", b"<c/>", b"</row>", b"<v>", b"9" * 400, b"-", b"1e999",
    b't="s"', b't="d"', b' r="A0"', b' s="99999999999999999999"', b'r="ZZZZ1"', b"_xD800_", b"_x0000_",
    "２".encode(), "\u202e".encode(), b"\xff\xfe", b"<![CDATA[", b"<!--", b"<?x ?>", b"xmlns:x=''", b"#REF!",
    b"'", b"!", b"$", b"sk_trust_1", b'number-rows-repeated="99999999"',
]  # fmt: skip


@st.composite
def mutants(draw: st.DrawFn, source: Callable[[], dict[str, bytes]]) -> bytes:
    """The form with one or two of its XML members changed, packed soundly again."""
    changed = dict(source())
    names = sorted(name for name in changed if name != "mimetype")
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)):
        changed[name] = edit_bytes(draw, changed[name])
    return zip_bytes(changed)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutants(parts))
def test_a_form_with_its_xml_changed(data: bytes) -> None:
    judged(data)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutants(ods_parts))
def test_an_ods_with_its_xml_changed(data: bytes) -> None:
    judged(data)


@st.composite
def swapped(draw: st.DrawFn, source: Callable[[], dict[str, bytes]]) -> bytes:
    """The form with values inside its tags exchanged: sound XML that says something else."""
    changed = dict(source())
    name = draw(st.sampled_from(["xl/worksheets/sheet2.xml", "xl/worksheets/sheet5.xml", "xl/workbook.xml"]))
    values = re.findall(rb'"([^"<>]*)"|>([^<>]+)<', changed[name])
    texts = sorted({one or other for one, other in values} - {b""})
    for _ in range(draw(st.integers(1, 5))):
        old, new = draw(st.sampled_from(texts)), draw(st.sampled_from(texts) | st.sampled_from(PIECES[7:]))
        new = new.replace(b"<", b"&lt;").replace(b'"', b"&quot;")
        if b"&nosuch" not in new:
            changed[name] = changed[name].replace(old, new, draw(st.sampled_from([1, -1])))
    return zip_bytes(changed)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(swapped(parts))
def test_a_form_that_says_something_else(data: bytes) -> None:
    judged(data)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_flipped_bytes(seed: int) -> None:
    """Flips anywhere in the packed file, and in the unfolded members, far more than hypothesis draws."""
    draw = random.Random(seed)
    whole = form()
    for _ in range(1000):
        data = bytearray(whole)
        for _ in range(draw.randint(1, 3)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        judged(bytes(data))
        changed = dict(parts())
        name = draw.choice(sorted(changed))
        member = bytearray(changed[name])
        for _ in range(draw.randint(1, 3)):
            member[draw.randrange(len(member))] = draw.randrange(256)
        judged(zip_bytes({**changed, name: bytes(member)}))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutants(wrong_parts) | swapped(wrong_parts))
def test_whatever_was_taken_can_be_marked_and_reads_as_before(data: bytes) -> None:
    found = judged(data).returned
    if found is None:
        return
    marks = [
        Found("0" * 64, one, "R-1", "ko", True)
        for one in found.findings
        if one.place is not None and one.place.cell is not None
    ]
    copy = marked_copy(data, "any.xlsx", "0" * 64, marks, EXPECTED) if marks else None
    if copy is not None:
        again = judged(copy).returned
        assert again is not None
        assert {(one.item, one.option): one.value for one in again.cells} == {
            (one.item, one.option): one.value for one in found.cells
        }
