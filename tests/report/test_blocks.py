"""Every kind of result finds a form: its own, or a table whose columns are in words and symbols."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from example_document import SCALES, WORDING, alphas, answers, example_names, model, scores

from surveykit.analysis.alpha_comparison import alpha_by_group
from surveykit.analysis.describe import correlate, describe
from surveykit.analysis.dimensionality import bartlett_sphericity, kmo, map_test
from surveykit.analysis.factor import efa
from surveykit.analysis.invariance import measurement_invariance
from surveykit.analysis.kappa import cohen_kappa
from surveykit.analysis.krippendorff import krippendorff_alpha
from surveykit.analysis.missing_answers import little_mcar
from surveykit.analysis.model_reliability import ave, composite_reliability
from surveykit.analysis.normality import mardia
from surveykit.analysis.omega import omega
from surveykit.analysis.parallel_analysis import parallel_analysis
from surveykit.analysis.reliability_bounds import guttman, split_half
from surveykit.analysis.sem import cfa
from surveykit.analysis.validity import fornell_larcker, htmt
from surveykit.errors import Note, note
from surveykit.report.blocks import blocks, register
from surveykit.report.columns import column_of
from surveykit.report.correlation_table import correlation_table
from surveykit.report.description_blocks import description_blocks
from surveykit.report.document import Block, Document, Facts, Figure, Paragraph, Section, Table
from surveykit.report.html import to_html
from surveykit.report.names import Names
from surveykit.report.notes import kind_of, note_lines, notes_by_place
from surveykit.report.reliability_blocks import reliability_blocks
from surveykit.responses.collect import CollectReport
from surveykit.results import Result

ITEMS = [f"{scale}_{item}" for scale in SCALES for item in range(1, 5)]
TRUST = ITEMS[:4]
FACTORS = model("").strip()


def items() -> pd.DataFrame:
    return answers()[ITEMS]


def gaps() -> pd.DataFrame:
    return items().mask(np.random.default_rng(1).random((240, 12)) < 0.05)


MAKE: dict[str, Callable[[], Result]] = {
    "describe": lambda: describe(items()),
    "correlate": lambda: correlate(scores(answers())[list(SCALES)]),
    "efa": lambda: efa(items(), 3),
    "kmo": lambda: kmo(items()),
    "bartlett": lambda: bartlett_sphericity(items()),
    "map": lambda: map_test(items()),
    "parallel": lambda: parallel_analysis(items(), n_iter=5, seed=1),
    "omega": lambda: omega(items()),
    "guttman": lambda: guttman(items()[TRUST]),
    "split_half": lambda: split_half(items()[TRUST]),
    "mardia": lambda: mardia(items()),
    "little": lambda: little_mcar(gaps()),
    "htmt": lambda: htmt(items(), FACTORS),
    "fornell": lambda: fornell_larcker(cfa(FACTORS, items())),
    "kappa": lambda: cohen_kappa(items()["trust_1"], items()["trust_2"]),
    "krippendorff": lambda: krippendorff_alpha(items().iloc[:20, :3]),
    "alphas": lambda: alpha_by_group(answers()[["country", *TRUST]], "country"),
    "reliability": lambda: composite_reliability(cfa(FACTORS, answers(), group="country")),
    "invariance": lambda: measurement_invariance(FACTORS.split("\n")[0], answers(), group="country"),
    "ave": lambda: ave(cfa(FACTORS, items())),
}


@pytest.fixture(scope="module", params=list(MAKE))
def result(request: pytest.FixtureRequest) -> Result:
    made: Result = MAKE[request.param]()
    return made


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_every_result_has_a_page(result: Result, lang: str) -> None:
    found = blocks(result, example_names(lang), id="r")
    tables = [one for one in found if isinstance(one, Table)]
    assert tables
    assert all(one.rows for one in tables)
    assert not any("Result" in one.title or one.title == "" for one in tables)
    page = to_html(Document("T", "", lang, False, (Section("s", "S", tuple(found)),)))
    assert "nan" not in page.split("</style>")[1].lower()


@dataclass(frozen=True)
class Odd(Result):
    """A result nobody has described."""

    frame: pd.DataFrame
    conf_level: float = 0.9
    notes: tuple[Note, ...] = (note("S009"),)

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def odd_table(frame: pd.DataFrame, names: Names | None = None) -> Table:
    found = blocks(Odd(frame), names or Names(), id="odd")[0]
    assert isinstance(found, Table)
    return found


def test_a_result_nobody_described_keeps_its_names_and_its_notes() -> None:
    frame = pd.DataFrame({"strange_name": ["a", "b"], "tiny": [0.0041, 12.0], "yes_or_no": [True, False]})
    table = odd_table(frame)
    assert table.title == "Odd"
    assert table.header == ("strange name", "tiny", "yes or no")
    assert [[cell.text for cell in line] for line in table.rows] == [
        ["a", "0.0041", "yes"],
        ["b", "12.0000", "no"],
    ]
    assert table.notes[0].endswith("[S009]")


def test_an_interval_stands_in_brackets() -> None:
    table = odd_table(pd.DataFrame({"ci_lower": [0.1, np.nan], "ci_upper": [0.25, np.nan], "n": [10, 5]}))
    assert table.header == ("90% CI", "n")
    assert [line[0].text for line in table.rows] == ["[0.10, 0.25]", "–"]


def test_a_column_that_says_nothing_is_left_out() -> None:
    table = odd_table(pd.DataFrame({"group": ["", ""], "n": [1, 2], "t": [np.nan, np.nan]}))
    assert table.header == ("n",)


def test_labels_of_groups_scales_and_items() -> None:
    frame = pd.DataFrame({"group": ["JP"], "factor": ["trust"], "item": ["trust_1"], "trust": [0.5]})
    table = odd_table(frame, example_names("ja"))
    assert [cell.text for cell in table.rows[0]] == ["日本", "信頼", f"trust_1  {WORDING['ja']}", "0.50"]
    assert table.header[-1] == "信頼"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("pvalue", 0.0004, "< .001"),
        ("n", 240.0, "240"),
        ("floor", 0.125, "12.5%"),
        ("cronbach_alpha", 0.8765, ".88"),
        ("rmsea", 0.0567, ".057"),
        ("level", "metric", "metric"),
        ("level", "thresholds", "thresholds"),
        ("coefficient", "omega_total", "omega total"),
        ("group", "", "All respondents"),
    ],
)
def test_how_a_column_is_written(column: str, value: Any, expected: str) -> None:
    found = column_of(column, Names())
    assert found is not None
    assert found.write(value, Names()) == expected


def test_a_type_can_be_added() -> None:
    class Own(Odd):
        pass

    @register(Own)
    def _(result: Own, names: Names, id: str) -> list[Block]:
        return [Paragraph(f"{id} in {names.lang}")]

    assert blocks(Own(pd.DataFrame({"n": [1]})), Names(lang="ko"), id="x") == [Paragraph("x in ko")]


def test_items_of_all_groups_in_one_table_and_one_figure_a_scale() -> None:
    names = example_names("en")
    by_country = {group: describe(rows[ITEMS]) for group, rows in answers().groupby("country")}
    found = description_blocks({**by_country, "": describe(items())}, names, id="i")
    table = found[0]
    assert isinstance(table, Table)
    assert [text for text, _ in table.spanners] == ["", "Japan", "Korea", "All respondents"]
    assert len(table.rows) == 12
    figures = [one for one in found if isinstance(one, Figure)]
    assert len(figures) == 1
    assert "All respondents" not in figures[0].svg


def test_shares_of_the_figure_are_those_of_the_answers() -> None:
    data = pd.DataFrame({"a": [1, 1, 1, 2, np.nan]})
    figure = description_blocks({"": describe(data)}, Names())[1]
    assert isinstance(figure, Figure)
    assert ">75</text>" in figure.svg
    assert ">25</text>" in figure.svg


@pytest.mark.parametrize(("adjust", "said"), [("holm", "Holm"), ("none", "not adjusted")])
def test_correlations_below_the_diagonal(adjust: str, said: str) -> None:
    data = scores(answers())[list(SCALES)]
    result = correlate(data, adjust=adjust)
    table = correlation_table(result, example_names("en"), describe(data))
    assert table.header == ("Variable", "M", "SD", "1", "2")
    assert table.rows[0][0].text == "1. Trust"
    r = result.r.loc["mutuality", "trust"]
    assert table.rows[1][3].text == f"{r:.2f}"[1:] + "***"
    assert table.rows[0][4].text == ""
    assert said in table.notes[0]


def test_large_loadings_are_bold() -> None:
    table = blocks(efa(items(), 3), Names())[0]
    assert isinstance(table, Table)
    strong = [[cell.text for cell in line if cell.strong] for line in table.rows]
    assert all(len(one) == 1 for one in strong)


def test_an_orthogonal_solution_has_no_factor_correlations() -> None:
    found = blocks(efa(items(), 3, rotation="varimax"), Names())
    assert [one.title for one in found if isinstance(one, Table)] == ["Factor loadings", "Fit of the model"]


def collected() -> CollectReport:
    accepted = pd.DataFrame({"file": ["a.xlsx", "b.xlsx", "c.xlsx"], "findings": [0, 2, 0]})
    findings = pd.DataFrame({"code": ["R020", "R020"], "file": ["b.xlsx"] * 2})
    apart = pd.DataFrame(
        {"file": ["d.txt"], "code": ["R001"], "text": ["x"], "remedy": ["y"], "sha256": ["0"]}
    )
    return CollectReport(accepted, findings, apart)


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_a_collection_in_numbers(lang: str) -> None:
    facts, findings, apart = blocks(collected(), Names(lang=lang), id="c")
    assert isinstance(facts, Facts)
    assert list(facts.facts.values()) == ["2", "1", "1"]
    assert isinstance(findings, Table)
    assert [cell.text for cell in findings.rows[0]] == ["R020", kind_of("R020", lang), "2"]
    assert isinstance(apart, Table)
    assert [cell.text for cell in apart.rows[0]] == ["d.txt", "R001", kind_of("R001", lang)]


def test_a_code_is_told_without_the_facts_of_one_case() -> None:
    assert "{" not in kind_of("R020", "ja")
    assert "…" in kind_of("S002", "en")


def test_reliability_of_all_scales_and_groups() -> None:
    found = reliability_blocks(alphas(answers()), example_names("en"), id="rel")
    assert [type(one).__name__ for one in found] == ["Table", "Figure", "Table", "Table", "Table"]
    assert [one.id for one in found if isinstance(one, Table)] == [
        "rel",
        "rel-trust",
        "rel-mutuality",
        "rel-performance",
    ]


def test_notes_of_few_places_are_told_one_by_one() -> None:
    left_out = note("S007", dropped=4, rows=240, kept=236)
    lines = notes_by_place({"Trust (Japan)": [left_out], "Trust (Korea)": [left_out, left_out]}, Names())
    assert lines == (
        "Trust (Japan): 4 of 240 respondents have a missing answer and were left out; 236 remain. [S007]",
        "Trust (Korea): 4 of 240 respondents have a missing answer and were left out; 236 remain. [S007]",
    )
    assert len(note_lines([left_out, left_out], Names())) == 1


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_a_note_of_many_places_is_told_once(lang: str) -> None:
    places = {f"place {k}": [note("S007", dropped=k, rows=9, kept=9 - k)] for k in range(5)}
    (line,) = notes_by_place(places, Names(lang=lang))
    assert line.startswith(f"{kind_of('S007', lang)} [S007]")
    assert all(place in line for place in places)


def test_many_items_fill_several_sheets() -> None:
    data = pd.DataFrame(np.tile([1, 2, 3], (30, 1)).T, columns=[f"i{k}" for k in range(30)])
    by_group = {"a": describe(data), "b": describe(data)}
    figures = [one for one in description_blocks(by_group, Names()) if isinstance(one, Figure)]
    assert len(figures) == 3
    assert all(f">i{k}<" in figures[k // 10].svg for k in (0, 10, 29))
