"""The Markdown report: the same numbers, nothing taken for markup."""

import pytest
from example_document import example_document

from surveykit.report.document import Cell, Code, Document, Facts, Paragraph, Section, Table
from surveykit.report.html import to_html
from surveykit.report.markdown import to_markdown
from surveykit.wording import wording


def of(*blocks: object, simulated: bool = False) -> str:
    section = Section("s", "S", tuple(blocks))  # type: ignore[arg-type]
    return to_markdown(Document("T", "", "en", simulated, (section,)))


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_every_line_of_a_table_has_the_same_columns(lang: str) -> None:
    text = to_markdown(example_document(lang))
    blocks = [part for part in text.split("\n\n") if part.startswith("|")]
    tables = to_html(example_document(lang)).count("<table>")
    assert len(blocks) == tables
    for block in blocks:
        assert len({line.replace(r"\|", "").count("|") for line in block.split("\n")}) == 1


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_simulated_data_are_labelled_in_markdown(lang: str) -> None:
    text = to_markdown(example_document(lang))
    label = wording("report", "simulated", lang)
    captions = [line for line in text.split("\n") if line.startswith(("**Table", "**표", "**表", "**Figure"))]
    assert captions
    assert all(label in line for line in captions)
    assert all(label in line for line in text.split("\n") if line.startswith("## "))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (Paragraph("a*b <i> _x_"), r"a\*b \<i\> \_x\_"),
        (Paragraph("It was p = .03."), "It was *p* = .03."),
        (Paragraph("Careful", "warning"), "> **Caution:** Careful"),
        (Paragraph("Said", "quote"), "> Said"),
        (Code("R", "x <- `a`\n```"), "**R**\n\n````\nx <- `a`\n```\n````"),
        (Facts("F", {"seed": "1"}), "**F**\n\n- seed: 1"),
        (
            Table("t", "T", ("", "M"), ((Cell("A|B"), Cell("1", "why", struck=True)),), ("Note one",)),
            "**Table 1** *T*\n\n|  | *M* |\n| :--- | ---: |\n| A\\|B | ~~1~~<sup>a</sup> |\n\n"
            "*Note.* Note one\n\n<sup>a</sup> why",
        ),
        (
            Table("t", "T", ("", "M"), ((Cell("Group", strong=True),),), spanners=(("", 1), ("JP", 1))),
            "|  | JP: *M* |\n| :--- | ---: |\n| **Group** |  |",
        ),
    ],
)
def test_a_block(block: object, expected: str) -> None:
    assert expected in of(block)
