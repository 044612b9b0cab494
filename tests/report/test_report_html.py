"""The page: whole in itself, in three languages, honest about simulated data."""

import re
from html.parser import HTMLParser

import pytest
from example_document import WORDING, example_document

from surveykit.report.document import Cell, Document, Paragraph, Section, Table
from surveykit.report.html import to_html
from surveykit.wording import wording

LANGUAGES = ("en", "ja", "ko")
VOID = {"meta", "br", "hr", "img", "link", "input", "path", "rect", "line", "circle", "use", "ellipse"}


class Outline(HTMLParser):
    """Whether tags close in order, and what the page refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.addresses += [value for name in ("href", "src") if (value := named.get(name))]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def page_of(*blocks: object, simulated: bool = False) -> str:
    section = Section("one", "One", tuple(blocks))  # type: ignore[arg-type]
    return to_html(Document("Title", "", "en", simulated, (section,)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_is_whole(lang: str) -> None:
    page = to_html(example_document(lang))
    outline = Outline(page)
    assert outline.wrong == []
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert f'<html lang="{lang}">' in page
    assert WORDING[lang] in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_needs_nothing_else(lang: str) -> None:
    page = to_html(example_document(lang))
    outline = Outline(page)
    targets = {address for address in outline.addresses if not address.startswith("#")}
    assert targets == {f"report.{other}.html" for other in LANGUAGES if other != lang}
    assert {address[1:] for address in outline.addresses if address.startswith("#")} <= set(outline.ids)
    assert not {"script", "link", "iframe", "img"} & set(outline.tags)
    assert not re.search(r"url\((?!#)|@import|src=", page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_simulated_data_are_labelled_everywhere(lang: str) -> None:
    label = wording("report", "simulated", lang)
    page = to_html(example_document(lang))
    for part in re.findall(r"<section.*?</section>", page, re.S):
        assert label in part.split("</h2>")[0]
    tables = re.findall(r'<div class="table.*?</table>.*?</div>', page, re.S)
    assert tables
    assert all(label in table for table in tables)
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert all(label in drawing for drawing in drawings)
    assert f'@top-center {{ content: "{label}"; }}' in page
    assert 'class="simulated-banner"' in page


def test_real_data_carry_no_label() -> None:
    page = to_html(example_document("en", simulated=False))
    assert "SIMULATED" not in page


def test_the_same_document_gives_the_same_page() -> None:
    assert to_html(example_document("ja")) == to_html(example_document("ja"))


def test_text_is_never_markup() -> None:
    table = Table(
        "t", "<b>T</b>", ("<i>", "x"), ((Cell("<script>"), Cell("&", title="<u>")),), notes=("<s>",)
    )
    page = page_of(Paragraph("<img src=x>"), table)
    for text in ("<b>T", "<script>", "<u>", "<img", "<s>", "<i>"):
        assert text not in page.split("</style>")[1]
    assert "&lt;script&gt;" in page


def test_a_struck_number_says_why() -> None:
    table = Table("t", "T", ("", "d"), ((Cell("Trust"), Cell("0.41", title="Scalar fails.", struck=True)),))
    page = page_of(table)
    assert "<s>0.41</s><sup>a</sup>" in page
    assert "<sup>a</sup> Scalar fails." in page


def test_an_id_that_comes_twice_is_told_apart() -> None:
    table = Table("t", "T", ("a",), ())
    ids = Outline(page_of(table, table)).ids
    assert [one for one in ids if one.startswith("t")] == ["t", "t-caption", "t-2", "t-2-caption"]


def test_a_row_of_one_cell_is_a_heading() -> None:
    table = Table("t", "T", ("a", "b"), ((Cell("Group"),), (Cell("x"), Cell("1"))))
    assert '<th scope="rowgroup" colspan="2">Group</th>' in page_of(table)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rows": ((Cell("1"), Cell("2"), Cell("3")),)}, "rows of"),
        ({"align": ("left",)}, "alignments"),
        ({"spanners": (("x", 3),)}, "spanners"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(changes: dict[str, object], said: str) -> None:
    parts: dict[str, object] = {"id": "t", "title": "T", "header": ("a", "b"), "rows": ()}
    with pytest.raises(ValueError, match=said):
        Table(**(parts | changes))  # type: ignore[arg-type]
