"""Figures: real text, ids of their own, the same bytes twice, nothing left behind in matplotlib."""

import re
from collections.abc import Callable
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from example_document import SCALES, alphas, answers, example_names, gates, scores

from surveykit.analysis.group_comparison import compare_groups
from surveykit.analysis.parallel_analysis import parallel_analysis
from surveykit.report.document import Figure
from surveykit.report.figures import (
    alpha_figure,
    bootstrap_figure,
    effect_figure,
    score_figure,
    scree_figure,
)
from surveykit.report.likert_figure import likert_figure
from surveykit.report.names import Names
from surveykit.report.stamp import stamp_svg


def counts() -> dict[tuple[str, str], dict[int, int]]:
    return {
        (item, country): {int(code): int(n) for code, n in rows[item].value_counts().items()}
        for item in ("trust_1", "trust_2")
        for country, rows in answers().groupby("country")
    }


def bootstrap(lang: str) -> Figure:
    draws = np.random.default_rng(1).normal(0.3, 0.1, 500)
    return bootstrap_figure(np.append(draws, np.nan), 0.3, (0.1, 0.5), Names(lang=lang), what="a*b")


def effects(lang: str) -> Figure | None:
    comparison = compare_groups(scores(answers()), list(SCALES), "country")
    return effect_figure(comparison, example_names(lang), gates())


MAKE: dict[str, Callable[[str], Figure | None]] = {
    "scores": lambda lang: score_figure(scores(answers()), list(SCALES), "country", example_names(lang)),
    "effects": effects,
    "alpha": lambda lang: alpha_figure(alphas(answers()), example_names(lang)),
    "bootstrap": bootstrap,
    "scree": lambda lang: scree_figure(
        parallel_analysis(answers().drop(columns="country"), n_iter=5, seed=1), Names(lang=lang)
    ),
    "likert": lambda lang: likert_figure(counts(), example_names(lang)),
}


@pytest.fixture(params=list(MAKE), scope="module")
def figure(request: pytest.FixtureRequest) -> Figure:
    found = MAKE[request.param]("ja")
    assert found is not None
    return found


def texts(figure: Figure) -> list[str]:
    root = ElementTree.fromstring(figure.svg)
    return ["".join(one.itertext()).strip() for one in root.iter("{http://www.w3.org/2000/svg}text")]


def test_text_is_text_in_the_readers_fonts(figure: Figure) -> None:
    assert texts(figure)
    assert "DejaVu" not in figure.svg
    assert "Noto Sans CJK JP" in figure.svg
    assert figure.alt
    assert "<image" not in figure.svg


def test_ids_begin_with_the_figures_own(figure: Figure) -> None:
    ids = re.findall(r' id="([^"]*)"', figure.svg)
    assert all(one.startswith(f"{figure.id}-") for one in ids)
    refs = re.findall(r'(?:href="#|url\(#)([^")]*)', figure.svg)
    assert set(refs) <= set(ids)


def test_ink_is_the_pages(figure: Figure) -> None:
    assert "currentColor" in figure.svg
    assert "#1d2125" not in figure.svg


def test_nothing_depends_on_when_it_was_drawn(figure: Figure) -> None:
    assert "<dc:date>" not in figure.svg
    name = {"answers": "likert", "alpha-figure": "alpha"}.get(figure.id, figure.id)
    again = MAKE[name]("ja")
    assert again is not None
    assert again.svg == figure.svg


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    before = dict(mpl.rcParams)
    bootstrap("en")
    assert dict(mpl.rcParams) == before


def test_a_bitmap_for_word() -> None:
    made = bootstrap("ko")
    assert made.png is not None
    assert made.png().startswith(b"\x89PNG")


def test_a_figure_carries_the_label_wherever_it_goes(figure: Figure) -> None:
    stamped = stamp_svg(figure.svg, "SIMULATED <DATA>")
    root = ElementTree.fromstring(stamped)
    box = [float(one) for one in root.get("viewBox", "").split()]
    before = [float(one) for one in ElementTree.fromstring(figure.svg).get("viewBox", "").split()]
    assert box[3] > before[3]
    assert box[1] < before[1]
    assert "SIMULATED <DATA>" in "".join(root.itertext())
    assert float(root.get("height", "0")) == pytest.approx(box[3], rel=0.01)


def test_a_drawing_that_cannot_be_stamped_is_refused() -> None:
    with pytest.raises(ValueError, match="viewBox"):
        stamp_svg("<svg></svg>", "x")


def test_a_comparison_that_is_not_allowed_is_hollow() -> None:
    made = effects("en")
    assert made is not None
    assert "Hollow" in made.notes[-1]
    assert "← Korea higher" in texts(made)
    assert "Mutuality: g = −0.48" in made.alt


def test_no_effects_no_figure() -> None:
    data = pd.DataFrame({"g": ["a"] * 3 + ["b"] * 3, "x": [2.0] * 6})
    assert effect_figure(compare_groups(data, "x", "g"), Names()) is None


def test_of_many_respondents_quantiles_are_drawn() -> None:
    data = pd.DataFrame({"g": ["a"] * 900, "x": np.linspace(1, 7, 900)})
    made = score_figure(data, ["x"], "g", Names())
    assert "400 quantiles" in made.notes[0]
    assert made.svg.count("<use") < 500


def test_a_group_without_scores_is_no_obstacle() -> None:
    data = pd.DataFrame({"g": ["a", "a", "b"], "x": [1.0, 2.0, np.nan]})
    assert "b: –" in score_figure(data, ["x"], "g", Names()).alt


@pytest.mark.parametrize("codes", [2, 3, 4, 5, 6, 7])
def test_answers_of_any_usual_scale(codes: int) -> None:
    one = dict.fromkeys(range(1, codes + 1), 100 / codes)
    made = likert_figure({("item", ""): one}, Names())
    assert made is not None
    assert texts(made).count(f"{100 / codes:.0f}") == codes


def test_an_eleven_point_scale_has_too_many_colours() -> None:
    assert likert_figure({("item", ""): dict.fromkeys(range(11), 5)}, Names()) is None


def test_an_item_nobody_answered_has_no_bar() -> None:
    made = likert_figure({("a", ""): {1: 3, 2: 4}, ("b", ""): {}}, Names())
    assert made is not None
    assert {"a", "b"} <= set(texts(made))
