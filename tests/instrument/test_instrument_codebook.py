"""The codebook: rows, CSV and HTML."""

import csv
import doctest
import io
import math
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

import surveykit.instrument.check
import surveykit.instrument.diff
import surveykit.instrument.reader
import surveykit.instrument.show_if
import surveykit.instrument.translations
import surveykit.instrument.variables
from instrument_example import edited, read
from surveykit.errors import LANGUAGES, SurveykitError
from surveykit.instrument.check import check_instrument
from surveykit.instrument.codebook import codebook_csv, codebook_html
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.variables import Distribution, codebook

ROOT = Path(__file__).parent.parent.parent
NAN = math.nan
ANSWERS = pd.DataFrame(
    {
        "trust_1": [1, 5, 5, 99, NAN],
        "trust_2": [NAN] * 5,
        "exports": [1.0, 0.0, 1.0, 1.0, NAN],
        "markets": ["1;3", "3", None, "99", ""],
        "staff": [10, 20, 30, 110, NAN],
        "founded": ["2001-05-01", "1999-12-31", None, None, None],
        "remark": ["private words", " ", None, "more", "x"],
    }
)


def test_a_row_says_all_about_an_item() -> None:
    book = codebook(read())
    assert [row.name for row in book.rows] == [item.id for item in read().items]
    assert [row.position for row in book.rows] == list(range(1, 10))
    second = book.rows[1]
    assert (second.section, second.type, second.reverse, second.scales) == (
        "trust",
        "likert",
        True,
        ("trust_scale",),
    )
    assert list(second.values) == [1, 2, 3, 4, 5]
    assert second.missing_values == {99: {"en": "Do not know", "ja": "わからない"}}
    assert second.distribution is None
    assert book.rows[-1].probes == ({"en": "More?", "ja": "もっと？"},)


def test_an_item_s_own_missing_codes_are_no_values() -> None:
    book = codebook(
        read(edited("id: trust_1, type: likert", "id: trust_1, type: likert, missing_codes: [3, -1]"))
    )
    assert list(book.rows[0].values) == [1, 2, 4, 5]
    assert list(book.rows[0].missing_values) == [-1, 3, 99]
    assert book.rows[0].missing_values[-1] == {}


SPREADS = [
    (
        "trust_1",
        # mean 11/3; sd: deviations -8/3, 4/3, 4/3 -> (96/9)/2 = 16/3
        Distribution(3, 2, {1: 1, 2: 0, 3: 0, 4: 0, 5: 2}, (), 11 / 3, math.sqrt(16 / 3), 1, 5),
    ),
    ("trust_2", Distribution(0, 5, {1: 0, 2: 0, 3: 0, 4: 0, 5: 0})),
    ("exports", Distribution(4, 1, {1: 3, 0: 1})),
    ("markets", Distribution(2, 3, {1: 1, 2: 0, 3: 2, 4: 0, 5: 0})),
    ("founded", Distribution(2, 3, low="1999-12-31", high="2001-05-01")),
    ("remark", Distribution(3, 2)),
    ("trust_3", None),
]


@pytest.mark.parametrize(("name", "expected"), SPREADS)
def test_how_answers_fall(name: str, expected: Distribution | None) -> None:
    found = next(row.distribution for row in codebook(read(), ANSWERS).rows if row.name == name)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found.n, found.missing, found.counts) == (expected.n, expected.missing, expected.counts)
        assert (found.low, found.high, found.bins) == (expected.low, expected.high, expected.bins)
        assert (found.mean, found.sd) == (
            expected.mean if expected.mean is None else pytest.approx(expected.mean, rel=1e-12),
            expected.sd if expected.sd is None else pytest.approx(expected.sd, rel=1e-12),
        )


def test_numbers_fall_into_ten_bins() -> None:
    spread = next(row.distribution for row in codebook(read(), ANSWERS).rows if row.name == "staff")
    assert spread is not None
    assert [count for _, _, count in spread.bins] == [1, 1, 1, 0, 0, 0, 0, 0, 0, 1]
    assert (spread.bins[0][0], spread.bins[-1][1], spread.n) == (10, 110, 4)
    same = codebook(read(), ANSWERS.assign(staff=[7, 7, 7, NAN, NAN]))
    assert next(row.distribution for row in same.rows if row.name == "staff").bins == ((7, 7, 3),)


def test_csv_has_a_row_a_variable_and_a_column_a_language() -> None:
    table = list(csv.DictReader(io.StringIO(codebook_csv(read(), ANSWERS))))
    assert [row["name"] for row in table] == [item.id for item in read().items]
    first = table[0]
    assert (first["text_en"], first["text_ja"], first["response_scale"]) == ("One", "一", "agree5")
    assert first["values_en"].startswith("1 = Disagree; 2 = Rather disagree; ")
    assert (first["missing_ja"], first["scales"], first["n"]) == ("99 = わからない", "trust_scale", "3")
    assert first["counts"] == "1: 1; 2: 0; 3: 0; 4: 0; 5: 2"
    assert list(codebook(read()).to_frame().columns) == list(table[0])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@sum"])
def test_a_text_is_no_formula(text: str) -> None:
    inst = read(edited("{en: Two, ja: 二}", f"{{en: '{text}', ja: 二}}"))
    table = list(csv.DictReader(io.StringIO(codebook_csv(inst))))
    assert table[1]["text_en"] == "'" + text
    raw = list(csv.DictReader(io.StringIO(codebook_csv(inst, spreadsheet=False))))
    assert raw[1]["text_en"] == text


class Page(HTMLParser):
    """The texts and addresses of a page; every element that opens also closes."""

    EMPTY = ("meta", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.open: list[str] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.ids.add(facts.get("id") or "")
        self.links.add(facts.get("href") or "")
        if tag not in self.EMPTY and tag not in ("rect", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "line"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(" ".join(data.split()))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("answers", [None, ANSWERS])
def test_the_page_holds_every_text_and_loads_nothing(lang: str, answers: pd.DataFrame | None) -> None:
    text = codebook_html(read(), answers, lang=lang, reliability={"trust_scale": "α = .81"})
    page = Page(text)
    for item in read().items:
        assert item.id in page.ids
        assert all(words in page.texts for words in item.text.values())
    assert {link[1:] for link in page.links if link} <= page.ids
    assert "α = .81" in page.texts
    assert "src=" not in text
    assert "url(" not in text
    assert "private words" not in text
    assert text == codebook_html(read(), answers, lang=lang, reliability={"trust_scale": "α = .81"})


def test_markup_in_a_text_is_text() -> None:
    inst = read(edited("{en: Two, ja: 二}", "{en: '<script>alert(1)</script>', ja: 二}"))
    assert "<script>" not in codebook_html(inst)


def test_a_codebook_in_a_language_that_is_not_offered() -> None:
    with pytest.raises(SurveykitError, match="O001"):
        codebook_html(read(), lang="fr")


@pytest.mark.parametrize("path", sorted((ROOT / "instruments").glob("*.yaml")), ids=lambda path: path.name)
def test_the_real_instruments_have_a_codebook(path: Path) -> None:
    inst = read_instrument(path)
    assert len(Page(codebook_html(inst, lang="ko")).ids) > len(inst.items)
    assert len(codebook(inst).to_frame()) == len(inst.items)


MODULES = [
    surveykit.instrument.check,
    surveykit.instrument.diff,
    surveykit.instrument.reader,
    surveykit.instrument.show_if,
    surveykit.instrument.translations,
    surveykit.instrument.variables,
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_examples_in_the_documentation_run(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names = vars(module) | {"read_instrument": read_instrument, "check_instrument": check_instrument}
    outcome = doctest.testmod(module, extraglobs=names)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)
