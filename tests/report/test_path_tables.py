"""Paths by country in a report: what is equal, every effect in one table, in every form and language."""

import re
from pathlib import Path

import pandas as pd
import pytest

from surveykit.analysis.structural_comparison import PathComparison, compare_paths
from surveykit.report.blocks import blocks
from surveykit.report.document import Document, Paragraph, Section, Table
from surveykit.report.html import write_html
from surveykit.report.markdown import to_markdown
from surveykit.report.names import Names
from surveykit.report.word import write_word

NAMES = ["x", "m", "y"]
JP = pd.DataFrame([[4.0, 3.0, 0.5], [3.0, 6.0, 1.5], [0.5, 1.5, 4.0]], NAMES, NAMES)
KR = pd.DataFrame([[5.0, 2.5, 1.8], [2.5, 5.0, 2.6], [1.8, 2.6, 4.0]], NAMES, NAMES)
MOMENTS = {"sample_cov": {"JP": JP, "KR": KR}, "sample_nobs": {"JP": 300, "KR": 300}}
MODEL = "m ~ x; y ~ m + x"


@pytest.fixture(scope="module")
def result() -> PathComparison:
    return compare_paths(MODEL, bootstrap=200, seed=3, **MOMENTS)


def names(lang: str = "en") -> Names:
    labels = {"en": ("Japan", "Korea"), "ja": ("日本", "韓国"), "ko": ("일본", "한국")}[lang]
    variables = {"x": "Trust", "m": "Mutuality", "y": "Performance"} if lang == "en" else {}
    return Names(lang=lang, variables=variables, groups=dict(zip(("JP", "KR"), labels, strict=True)))


def tables(result: PathComparison, lang: str = "en") -> dict[str, Table]:
    return {one.id: one for one in blocks(result, names(lang), id="p") if isinstance(one, Table)}


def test_every_number_of_the_frame_stands_in_the_table(result: PathComparison) -> None:
    table = tables(result)["p-effects"]
    frame = result.to_frame()
    assert table.header[1:7] == ("b", "SE", "β", "z", "p", "95% CI")
    assert table.header[7] == "Bootstrap 95% CI"
    lines = [line for line in table.rows if len(line) > 1]
    assert len(lines) == len(frame)
    for line, row in zip(lines, frame.to_dict("records"), strict=True):
        texts = [cell.text.replace("−", "-") for cell in line]
        assert float(texts[1]) == pytest.approx(row["est"], abs=5.1e-4)
        assert float(texts[2]) == pytest.approx(row["se"], abs=5.1e-4)
        for at, name in ((6, "ci"), (7, "boot_ci")):
            ends = [float(one) for one in texts[at].strip("[]").split(", ")]
            assert ends == pytest.approx([row[f"{name}_lower"], row[f"{name}_upper"]], abs=5.1e-4)


def test_each_effect_has_its_groups_and_their_difference(result: PathComparison) -> None:
    table = tables(result)["p-effects"]
    headings = [line[0].text for line in table.rows if len(line) == 1]
    assert "Indirect effect: Trust → Mutuality → Performance" in headings
    at = next(k for k, line in enumerate(table.rows) if line[0].text.startswith("Indirect"))
    assert [line[0].text for line in table.rows[at + 1 : at + 4]] == ["Japan", "Korea", "Japan − Korea"]
    assert table.rows[at + 3][3].text == ""  # a difference has no standardized value


def test_single_tests_and_all_together(result: PathComparison) -> None:
    table = tables(result)["p-equality"]
    assert [line[0].text for line in table.rows] == [
        "Trust → Mutuality",
        "Mutuality → Performance",
        "Trust → Performance",
        "All together",
    ]
    every = result.equality.iloc[-1]
    assert [cell.text for cell in table.rows[-1]] == [
        "All together", f"{every.chisq_diff:.2f}", "3", "< .001", "",
    ]  # fmt: skip
    sentence = next(one for one in blocks(result, names(), id="p") if isinstance(one, Paragraph)).text
    assert sentence.startswith(f"Not all paths are equal between the groups: Δχ²(3) = {every.chisq_diff:.2f}")
    named = sentence.split("these differ: ")[1].rstrip(".").split(", ")
    differing = result.equality.iloc[:-1].query("pvalue_adjusted < .05")
    assert len(named) == len(differing) > 0


def test_equal_groups_are_told_as_such() -> None:
    same = {"sample_cov": {"JP": JP, "KR": JP}, "sample_nobs": {"JP": 300, "KR": 300}}
    found = compare_paths(MODEL, adjust="none", **same)
    shown = blocks(found, names(), id="p")
    assert shown[0].text.startswith("No difference was found between the groups' paths together")
    assert "Taken one at a time, none differs." in shown[0].text
    assert shown[1].header[-1] == "p"
    assert shown[2].header[-1] == "95% CI"


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_html_word_and_markdown(result: PathComparison, lang: str, tmp_path: Path) -> None:
    import docx

    section = Section("paths", "Paths", tuple(blocks(result, names(lang), id="p")))
    document = Document("Paths", "", lang, False, (section,))
    page = write_html(document, tmp_path / "page.html").read_text("utf-8")
    text = to_markdown(document)
    word = docx.Document(str(write_word(document, tmp_path / "page.docx")))
    cells = {cell.text for table in word.tables for row in table.rows for cell in row.cells}
    label = {"en": "Japan − Korea", "ja": "日本 − 韓国", "ko": "일본 − 한국"}[lang]
    assert label in page
    assert label in text
    assert label in cells
    assert not re.search(r"\{\w+\}", page.split("<body")[1].split("<script")[0])
