"""The report of coded interviews: every cell of the table of propositions opens to its segments."""

import re
import sys
import tomllib
from functools import cache
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest
from openpyxl import load_workbook

from surveykit.coding.codebook import read_codebook
from surveykit.coding.displays import read_displays
from surveykit.coding.segments import check_segments
from surveykit.coding.study import interview_results
from surveykit.errors import SurveykitWarning
from surveykit.report.document import Document, Figure, Section, Table
from surveykit.report.excel import write_excel
from surveykit.report.formats import write_as
from surveykit.report.html import to_html
from surveykit.report.interview_blocks import interview_blocks
from surveykit.report.markdown import to_markdown
from surveykit.report.names import Names
from surveykit.report.word import write_word
from surveykit.wording import wording

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "analyses" / "lee_trim_interviews"
GROUPS = {"Japanese": "日本企業", "South Korean": "韓国企業"}
CELLS = {
    ("P1", 1): ["S01", "S02"], ("P1", 2): ["S03"], ("P2", 1): ["S04"], ("P2", 2): ["S05", "S06"],
    ("P3", 1): ["S07", "S08", "S11"], ("P3", 2): ["S09", "S10", "S12"],
    ("P4", 1): ["S13"], ("P4", 2): ["S14"],
}  # fmt: skip


@cache
def document(lang: str = "en", figures: bool = False) -> Document:
    paths = (STUDY / "codebook.yaml", STUDY / "segments.csv")
    results = interview_results(*paths, displays=STUDY / "displays.yaml")
    blocks = interview_blocks(results, Names(lang=lang, groups=GROUPS if lang == "ja" else {}), id="i")
    kept = tuple(one for one in blocks if figures or not isinstance(one, Figure))
    return Document("Interviews", "", lang, False, (Section("s", "Interviews", kept),))


def block(document: Document, id: str) -> Table:
    return next(
        one
        for section in document.sections
        for one in section.blocks
        if isinstance(one, Table) and one.id == id
    )


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_each_cell_of_the_page_leads_to_the_list_of_its_segments(lang: str) -> None:
    page = to_html(document(lang))
    linked = re.findall(r'href="#(i-P\d-\d)"', page)
    assert linked == [f"i-{proposition}-{case}" for proposition, case in CELLS]
    for (proposition, case), ids in CELLS.items():
        heading = page.index(f'id="i-{proposition}-{case}"')
        end = page.find('class="heading"', heading)
        listed = re.findall(r'id="i-segment-(S\d\d)"', page[heading : end if end > 0 else None])
        assert listed == ids
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


def test_a_cell_says_verdict_people_negative_cases_summary_and_segments() -> None:
    table = block(document(), "i-propositions")
    japanese, korean = table.rows[3][1:]
    assert [line.text for line in korean.lines] == [
        "Supported",
        "qualified: 1 of 3 respondents (B1)",
        "Negative cases: 0",
        "Nothing coded on: Knowledge of the other culture, Mutuality",
        "Knowing the culture makes for open dialogue; personal visits build relationships, so objectives are "
        "met, people identify with each other, and mutuality follows.",
        "Segments (1): S14",
    ]
    assert japanese.lines[1].text == "supports: 1 of 2 respondents (A1)"
    assert "[C030]" in table.notes[1]
    assert table.header[1:] == ("Japanese (2 interviewed)", "South Korean (3 interviewed)")


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_the_rule_and_its_cautions_use_the_words_of_the_table(tmp_path: Path, lang: str) -> None:
    read = read_codebook(STUDY / "codebook.yaml")
    rows = [("s1", "A1", next(iter(read.codes)), "X", "qualified", "P1")]
    frame = pd.DataFrame(rows, columns=["segment", "respondent", "code", "coder", "stance", "proposition"])
    coded = check_segments(frame, read)
    coded.frame.to_csv(tmp_path / "segments.csv", index=False)
    results = interview_results(STUDY / "codebook.yaml", tmp_path / "segments.csv")
    labels = {"en": {}, "ja": GROUPS, "ko": {"Japanese": "일본 기업", "South Korean": "한국 기업"}}[lang]
    blocks = interview_blocks(results, Names(lang=lang, groups=labels), id="i")
    tables = {one.id: one for one in blocks if isinstance(one, Table)}
    matrix, notes = tables["i-propositions"], tables["i-propositions"].notes
    verdicts = {cell.text for row in matrix.rows for cell in row[1:]}
    said = {wording("interviews", f"verdict_{one}", lang) for one in ("supported", "fully_supported")}
    assert said & verdicts
    cautions = [line for line in notes if "[C032]" in line or "[C033]" in line]
    assert len(cautions) == 2
    case = labels.get("Japanese", "Japanese")
    assert all(case in line for line in cautions)
    rule = next(line for line in notes if "[C030]" in line)
    assert all(one.casefold() in rule.casefold() for one in said)
    (sizes,) = [line for line in tables["i-comparison"].notes if "[C023]" in line]
    assert f"{case}: 2" in sizes
    if lang != "en":
        assert not any("upported" in line or "Japanese" in line for line in (*notes, sizes))


def test_respondents_who_differ_are_told_one_by_one(tmp_path: Path) -> None:
    table = pd.read_csv(STUDY / "segments.csv", dtype=str, keep_default_na=False)
    table.loc[table["segment"] == "S12", "stance"] = "contradicts"
    table = table[table["segment"] != "S01"]
    path = tmp_path / "segments.csv"
    table.to_csv(path, index=False)
    found = interview_blocks(interview_results(STUDY / "codebook.yaml", path), Names(), id="i")
    propositions = next(one for one in found if isinstance(one, Table) and one.id == "i-propositions")
    assert [line.text for line in propositions.rows[2][2].lines[:5]] == [
        "Inconclusive",
        "qualified: 2 of 3 respondents",
        "– supports: 1 (B1)",
        "– contradicts: 1 (B2)",
        "Negative cases: 1 (B2)",
    ]
    assert "together: 1." in propositions.notes[0]


def test_a_silent_cell_opens_to_a_place_that_says_so(tmp_path: Path) -> None:
    table = (STUDY / "segments.csv").read_text(encoding="utf-8")
    path = tmp_path / "segments.csv"
    path.write_text(
        "\n".join(line for line in table.split("\n") if not line.startswith("S03")), encoding="utf-8"
    )
    found = interview_blocks(interview_results(STUDY / "codebook.yaml", path), Names(), id="i")
    page = to_html(Document("t", "", "en", False, (Section("s", "s", tuple(found)),)))
    assert '<a href="#i-P1-2">' in page
    assert 'id="i-P1-2">P1, South Korean: no coded segment' in page


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_each_cell_of_the_workbook_leads_to_its_row_of_the_segments(tmp_path: Path, lang: str) -> None:
    book = load_workbook(write_excel(document(lang), tmp_path / "r.xlsx"))
    segments = wording("interviews", "segments_sheet", lang)
    assert segments in book.sheetnames
    sheet = next(one for one in book if one["A2"].value == block(document(lang), "i-propositions").title)
    found = [
        cell.hyperlink.location
        for column in ("B", "C")
        for cell in sheet[column]
        if cell.hyperlink is not None
    ]
    assert len(found) == len(CELLS)
    listed = []
    for place in found:
        name, _, address = place.partition("!A")
        assert name == f"'{segments}'"
        ids, row = [], int(address) + 1
        while re.fullmatch(r"S\d\d", str(book[segments][f"A{row}"].value)):
            ids.append(book[segments][f"A{row}"].value)
            row += 1
            row += book[segments][f"A{row}"].value is None and book[segments][f"E{row}"].value is not None
        listed.append(ids)
    assert sorted(listed) == sorted(CELLS.values())


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_each_link_of_the_word_report_has_its_bookmark(tmp_path: Path, lang: str) -> None:
    docx = pytest.importorskip("docx", reason="python-docx is an extra: pip install surveykit[word]")
    from docx.oxml.ns import qn

    root = docx.Document(str(write_word(document(lang), tmp_path / "r.docx"))).element
    links = [one.get(qn("w:anchor")) for one in root.iter(qn("w:hyperlink"))]
    marks = [one.get(qn("w:name")) for one in root.iter(qn("w:bookmarkStart"))]
    numbers = [one.get(qn("w:id")) for one in root.iter(qn("w:bookmarkStart"))]
    assert [one for one in links if "segment" not in one] == [f"to_i_{p}_{case}" for p, case in CELLS]
    assert set(links) <= set(marks)
    assert len(set(marks)) == len(marks) == len(set(numbers))


def test_markdown_keeps_the_links() -> None:
    text = to_markdown(document())
    assert "[Segments (2): S01, S02](#i-P1-1)" in text
    assert '<a id="i-P1-1"></a>' in text


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_the_figure_carries_respondents_on_boxes_and_arrows(lang: str) -> None:
    figure = next(one for one in document(lang, figures=True).sections[0].blocks if isinstance(one, Figure))
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", figure.svg)
    say = lambda n, of: wording("interviews", "n_of_N", lang, n=n, N=of)  # noqa: E731
    assert texts.count(say(2, 3)) == 1  # trust in the South Korean company: B1 and B2
    assert figure.svg.count("stroke-dasharray") == 2  # nobody of the Japanese company speaks of two boxes
    assert figure.svg.count("<rect") == 7
    assert wording("interviews", "n_of_N_short", lang, n=1, N=3) in texts
    assert figure.png is not None
    assert figure.png()[:4] == b"\x89PNG"


def test_no_letter_of_the_figure_leaves_its_box() -> None:
    from surveykit.report.paths.geometry import text_width

    for lang in ("en", "ja", "ko"):
        figure = next(
            one for one in document(lang, figures=True).sections[0].blocks if isinstance(one, Figure)
        )
        for size, text in re.findall(r'font-size="([\d.]+)"[^>]*>([^<]*)</text>', figure.svg):
            assert text_width(text, float(size)) <= 300, text


def test_findings_agreement_and_what_is_left_are_shown(tmp_path: Path) -> None:
    book = read_codebook(STUDY / "codebook.yaml")
    table = pd.read_csv(STUDY / "segments.csv", dtype=str, keep_default_na=False)
    second = table.assign(coder="second")
    second.loc[second["segment"] == "S10", "code"] = "getting_on"
    extra = table.iloc[[0]].assign(segment="S99", proposition="", stance="", code="nosuch")
    loose = table.iloc[[0]].assign(segment="S98", proposition="", stance="", summary="", passage="원문 原文")
    both = pd.concat([table, second, extra, loose]).fillna("")
    both.to_csv(tmp_path / "s.csv", index=False)
    assert check_segments(both, book).dropped == 1
    found = interview_blocks(interview_results(STUDY / "codebook.yaml", tmp_path / "s.csv"), Names(), id="i")
    page = to_html(Document("t", "", "en", False, (Section("s", "s", tuple(found)),)))
    for words in ("Segments to adjudicate", "getting_on", "[C012]", "Krippendorff", "원문 原文",
                  "Segments without a proposition", "Freeman", "Stopping criterion", "Jaccard"):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_qca_is_shown_with_its_cases_and_cautions(tmp_path: Path, lang: str) -> None:
    plan = (STUDY / "displays.yaml").read_text(encoding="utf-8")
    plan += "qca: {outcome: trust, conditions: [mutuality, innovation], dir_exp: {mutuality: 1}}\n"
    (tmp_path / "displays.yaml").write_text(plan, encoding="utf-8")
    paths = (STUDY / "codebook.yaml", STUDY / "segments.csv")
    results = interview_results(*paths, displays=tmp_path / "displays.yaml")
    tables = {
        one.id: one for one in interview_blocks(results, Names(lang=lang), id="i") if isinstance(one, Table)
    }
    truth = tables["i-truth-table"]
    assert [cell.text for cell in truth.rows[0]] == ["1", "0", "0", "0", "2", ".500", ".500", "B2, B3"]
    assert "[Q021]" in " ".join(truth.notes)
    assert tables["i-complex"].rows[0][0].text == "M1: mutuality -> trust"
    assert [cell.text for cell in tables["i-complex"].rows[1]] == [
        "mutuality", "1.000", "1.000", ".667", "–", "A2; B1"]  # fmt: skip
    assert {"i-necessity", "i-parsimonious", "i-intermediate"} <= set(tables)


TEXTS = tomllib.loads((ROOT / "src/surveykit/texts/interviews.toml").read_text("utf-8"))


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_a_text_of_interviews_says_the_same_in_every_language_and_is_used(key: str) -> None:
    texts = TEXTS[key]
    assert list(texts) == ["en", "ja", "ko"]
    fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts.values()]
    assert fields[0] == fields[1] == fields[2]
    sources = "".join(
        path.read_text("utf-8") for path in (ROOT / "src/surveykit/report").glob("interview_*.py")
    )
    family = key.split("_")[0]
    assert f'"{key}"' in sources or f'"{family}_{{' in sources or key in ("company", "country")


def test_word_that_is_not_installed_is_told_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.warns(SurveykitWarning, match="P001"):
        assert write_as("word", document(), tmp_path / "index.html") is None
    assert write_as("markdown", document(), tmp_path / "index.html") == tmp_path / "index.md"


def test_the_displays_of_the_study_are_read() -> None:
    spec = read_displays(STUDY / "displays.yaml", read_codebook(STUDY / "codebook.yaml"))
    assert len(spec.characteristics) == 10
    for one in spec.characteristics.values():
        assert set(one.title) == {"en", "ja", "ko"}
        assert set(one.summary) == {"Japanese", "South Korean"}
