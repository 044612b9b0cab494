"""The Word report: tables that can be edited, three scripts, honest about simulated data."""

import re
import sys
import zipfile
from pathlib import Path

import pytest
from example_document import example_document

from surveykit.errors import SurveykitError
from surveykit.report.document import Cell, Document, Figure, Section, Table
from surveykit.report.word import write_word
from surveykit.report.word_table import column_widths
from surveykit.wording import wording

docx = pytest.importorskip("docx", reason="python-docx is an extra: pip install surveykit[word]")


def small(lang: str = "en", *, simulated: bool = True, figures: bool = False) -> Document:
    """The example without its drawings, which take a second each."""
    whole = example_document(lang, simulated=simulated)
    kept = tuple(
        Section(
            one.id,
            one.title,
            tuple(block for block in one.blocks if figures or not isinstance(block, Figure)),
        )
        for one in whole.sections
    )
    return Document(whole.title, whole.subtitle, lang, simulated, kept)


@pytest.fixture(scope="module", params=["en", "ja", "ko"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    path = tmp_path_factory.mktemp("word") / "deep" / f"{request.param}.docx"
    return request.param, write_word(small(request.param), path)


def test_every_table_can_be_edited(written: tuple[str, Path]) -> None:
    lang, path = written
    tables = [
        block for section in small(lang).sections for block in section.blocks if isinstance(block, Table)
    ]
    found = docx.Document(str(path)).tables
    assert len(found) == len(tables) + 1  # and the facts
    for ours, theirs in zip(tables, found, strict=False):
        assert len(theirs.rows) == len(ours.rows) + 1 + bool(ours.spanners)
        last = [cell.text.replace("\u00a0", " ") for cell in theirs.rows[-1].cells]
        # A remark's letter stands behind its cell.
        assert [text.rstrip("ab") for text in last] == [cell.text.rstrip("ab") for cell in ours.rows[-1]]


def test_east_asian_fonts_are_set(written: tuple[str, Path]) -> None:
    lang, path = written
    with zipfile.ZipFile(path) as parts:
        styles = parts.read("word/styles.xml").decode()
    wanted = {"en": "Yu Gothic", "ja": "Yu Gothic", "ko": "Malgun Gothic"}[lang]
    for name in ("Normal", "Heading 1", "Table text", "Note"):
        style = re.search(rf'<w:style [^>]*>\s*<w:name w:val="{name}"/>.*?</w:style>', styles, re.S | re.I)
        assert style is not None
        assert f'w:eastAsia="{wanted}"' in style.group(0)
        assert "eastAsiaTheme" not in style.group(0)


def test_simulated_data_are_labelled_on_every_page_and_table(written: tuple[str, Path]) -> None:
    lang, path = written
    label = wording("report", "simulated", lang)
    word = docx.Document(str(path))
    assert word.sections[0].header.paragraphs[0].text == label
    assert sum(one.text == label for one in word.paragraphs) == len(word.tables) - 1


def test_real_data_carry_no_label_in_word(tmp_path: Path) -> None:
    path = write_word(small(simulated=False), tmp_path / "real.docx")
    word = docx.Document(str(path))
    assert word.sections[0].header.paragraphs[0].text == ""
    assert not any("SIMULATED" in one.text for one in word.paragraphs)


def test_a_struck_number_stays_struck(written: tuple[str, Path]) -> None:
    _, path = written
    word = docx.Document(str(path))
    struck = {
        run.text
        for table in word.tables
        for row in table.rows
        for cell in row.cells
        for run in cell.paragraphs[0].runs
        if run.font.strike
    }
    assert len(struck) >= 6
    assert any("ΔCFI" in one.text for one in word.paragraphs)


def test_a_drawing_becomes_a_picture_with_its_description(tmp_path: Path) -> None:
    figure = next(
        block for one in example_document("ja").sections for block in one.blocks if isinstance(block, Figure)
    )
    without = Figure("x", "No bitmap", "<svg/>", "What it shows")
    document = Document("T", "", "ja", True, (Section("s", "S", (figure, without)),))
    path = write_word(document, tmp_path / "f.docx")
    word = docx.Document(str(path))
    assert len(word.inline_shapes) == 1
    assert word.inline_shapes[0].width.cm <= 16.51
    with zipfile.ZipFile(path) as parts:
        assert figure.alt.split(";")[0] in parts.read("word/document.xml").decode()
    assert "What it shows" in [one.text for one in word.paragraphs]


def test_no_author_is_left_behind(written: tuple[str, Path]) -> None:
    properties = docx.Document(str(written[1])).core_properties
    assert (properties.author, properties.comments, properties.last_modified_by) == ("", "", "")


def test_word_without_its_package_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(SurveykitError, match="P001"):
        write_word(small(), tmp_path / "x.docx")


def test_a_table_gets_letters_that_fit_the_page() -> None:
    def table(columns: int) -> Table:
        row = tuple(Cell("[−0.12, −0.34]") for _ in range(columns))
        return Table("t", "T", tuple("h" * columns), (row,))

    narrow, wide = (column_widths(table(columns)) for columns in (3, 7))
    assert narrow[0] == 9.0
    assert wide[0] < 9.0
    assert sum(wide[1]) <= 16.6
