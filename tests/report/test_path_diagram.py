"""Path diagrams: nothing touches, nothing is lost, and the text is text."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.report.names import Names
from surveykit.report.path_diagram import path_diagram
from surveykit.report.paths.geometry import text_width
from surveykit.report.paths.layers import layering
from surveykit.report.paths.model import Arrow, group_values, path_model
from surveykit.report.paths.place import place

SVG = "{http://www.w3.org/2000/svg}"


def estimates(model: str, groups: tuple[str, ...] = ("",)) -> pd.DataFrame:
    """Rows of estimates for a model in a few words: `f =~ 4` is a factor with items f_1 to f_4."""
    rows = []
    for line in model.split("\n"):
        lhs, op, right = line.split()[0], line.split()[1], line.split()[2:]
        targets = [f"{lhs}_{k}" for k in range(1, int(right[0]) + 1)] if right[0].isdigit() else right
        rows += [(lhs, op, rhs) for rhs in targets if rhs != "+"]
    frame = pd.DataFrame(
        [
            (*row, group, -0.71, 0.02 if k % 3 else 0.4, -0.48)
            for group in groups
            for k, row in enumerate(rows)
        ],
        columns=["lhs", "op", "rhs", "group", "est", "pvalue", "std_all"],
    )
    return frame if len(groups) > 1 else frame.drop(columns="group")


MEDIATION = (
    "trust =~ {n}\nmutuality =~ {n}\nperformance =~ {n}\nmutuality ~ trust\nperformance ~ trust + mutuality"
)
SIX = "\n".join(f"{name} =~ {n}" for name, n in zip("abcdef", (6, 6, 6, 6, 5, 5), strict=True))
SIX += "".join(f"\n{one} ~~ {two}" for one, two in combinations("abcdef", 2))
MODELS = {
    "mediation with 4 items": MEDIATION.format(n=4),
    "mediation with 8 items": MEDIATION.format(n=8),
    "six factors, 34 items": SIX,
    "observed variables": "m ~ x + z\ny ~ m + x\nw ~ y + m + z\nx ~~ z",
    "higher order": "a =~ 4\nb =~ 3\nc =~ 3\nd =~ 5\ng =~ a + b + c + d",
    "two levels of order": "a =~ 3\nb =~ 3\nc =~ 3\ng =~ a + b\nh =~ g + c",
    "bifactor": "g =~ a_1 + a_2 + a_3 + b_1 + b_2 + b_3\na =~ 3\nb =~ 3",
    "residual covariances": "a =~ 4\nb =~ 4\nb ~ a\na_1 ~~ b_1\na_2 ~~ b_2\na_1 ~~ a_3\nb_2 ~~ b_4",
    "a path backwards": "a =~ 3\nb =~ 3\nb ~ a\na ~ b",
    "four mediators": "".join(f"m{k} =~ 3\nm{k} ~ x\n" for k in (1, 2, 3, 4)) + "y ~ m1 + m2 + m3 + m4 + x",
    "cross-loading and a path on an item": "a =~ 4\nb =~ 4\na =~ b_2\na ~~ b\na_1 ~ age\nb ~ age",
    "one factor": "a =~ 5",
}


def touching(model: str, *, items: bool = True) -> list[str]:
    """What overlaps in a drawing: labels with labels, labels with nodes, nodes with nodes."""
    frame = estimates(model)
    structure = path_model(frame)
    values = group_values(frame, "", dict.fromkeys(structure.structural[1:], 0.4))
    drawing = place(structure, [values], {}, 2, items=items)
    if drawing is None:
        return []
    boxes = [(node.name, node.box) for node in drawing.nodes]
    boxes += [(f"label of {arrow}", box) for arrow, box in drawing.labels.items()]
    return [f"{a} and {b}" for (a, one), (b, two) in combinations(boxes, 2) if one.overlap(two) > 0]


@pytest.mark.parametrize("items", [True, False])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_nothing_touches(model: str, items: bool) -> None:
    assert touching(model, items=items) == []


@st.composite
def random_models(draw: st.DrawFn) -> str:
    """Up to five factors of two to six items, each caused by some of those before it."""
    count = draw(st.integers(1, 5))
    lines = [f"f{k} =~ {draw(st.integers(2, 6))}" for k in range(count)]
    for effect in range(1, count):
        causes = draw(st.sets(st.integers(0, effect - 1)))
        lines += [f"f{effect} {draw(st.sampled_from(['~', '~', '~~']))} f{cause}" for cause in sorted(causes)]
    return "\n".join(lines)


@settings(max_examples=25, deadline=None)
@given(random_models())
def test_nothing_touches_whatever_the_model(model: str) -> None:
    assert touching(model) == []


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_every_estimate_is_drawn_for_every_group(model: str) -> None:
    frame = estimates(model, groups=("JP", "KR"))
    figure = path_diagram(frame, Names())
    root = ElementTree.fromstring(figure.svg)
    texts = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    lines = [one for one in root.iter(f"{SVG}path") if one.get("marker-end")]
    if any("indicators" in note for note in figure.notes):
        structure = path_model(frame)
        assert len(lines) == 2 * len(structure.paths)
    else:
        assert len(lines) == len(frame)
    assert texts.count("−0.71 (−.48)") == len(lines)
    assert {"JP", "KR"} <= set(texts)


def test_lines_tell_significant_from_not_and_from_fixed() -> None:
    frame = pd.DataFrame(
        {
            "lhs": ["f", "f", "f", "f", "x"],
            "op": ["=~", "=~", "=~", "=~", "~~"],
            "rhs": ["a", "b", "c", "d", "z"],
            "est": [1.0, 0.5, 0.2, 0.0, 0.3],
            "pvalue": [None, 0.01, 0.2, None, None],
            "std_all": [0.7, 0.5, 0.1, 0.0, 0.3],
        }
    )
    svg = path_diagram(frame, Names()).svg
    drawn = re.findall(r"<path d=[^>]*marker-end[^>]*>", svg)
    assert [('"0.9"' in one, "dasharray" in one) for one in drawn] == [
        (True, False),
        (False, False),
        (False, True),
    ]


@pytest.mark.parametrize(("lang", "label"), [("ja", "信頼"), ("ko", "신뢰")])
def test_labels_in_the_readers_language(lang: str, label: str) -> None:
    names = Names(lang=lang, variables={"trust": label, "trust_1": "とても長い質問文" * 10})
    figure = path_diagram(estimates(MEDIATION.format(n=4)), names, r_squared={"": {"mutuality": 0.456}})
    assert f">{label}</text>" in figure.svg
    assert ">trust_1</text>" in figure.svg
    assert "R² = .46" in figure.svg
    assert label in figure.alt


def test_a_label_is_never_markup() -> None:
    figure = path_diagram(estimates("f =~ 3"), Names(variables={"f": "<b> & 'x'"}), id='a"b')
    ElementTree.fromstring(figure.svg)
    assert "<b>" not in figure.svg


def test_the_same_estimates_give_the_same_drawing() -> None:
    one, two = (path_diagram(estimates(SIX), Names()).svg for _ in range(2))
    assert one == two


def test_indicators_that_find_no_room_are_left_out_and_it_is_said() -> None:
    frame = estimates(MODELS["four mediators"])
    figure = path_diagram(frame, Names())
    assert "indicators" in figure.notes[-1]
    assert "m1_1" not in figure.svg


def test_an_indicator_stands_beside_its_specific_factor() -> None:
    structure = path_model(estimates(MODELS["bifactor"]))
    assert structure.indicators == {"a": ("a_1", "a_2", "a_3"), "b": ("b_1", "b_2", "b_3")}
    assert len(structure.extra) == 6


def test_layers_follow_the_longest_way() -> None:
    found = layering(["x", "m", "y", "late"], [("x", "m"), ("m", "y"), ("x", "y"), ("x", "late")])
    real = [[name for name in layer if name not in found.knots] for layer in found.layers]
    assert real == [["x"], ["m"], ["y", "late"]]
    assert len(found.chains["x", "y"]) == 3


def test_covariances_of_covariates_are_not_drawn() -> None:
    frame = estimates("y ~ x + z\nx ~~ z")
    frame.loc[frame["op"] == "~~", "pvalue"] = None
    assert "↔" not in path_diagram(frame, Names()).alt
    assert Arrow("x", "z", "covariance") in path_model(frame).paths


@pytest.mark.parametrize(("text", "least"), [("信頼性", 33.0), ("0.52", 20.0), ("", 0.0)])
def test_a_text_is_given_enough_room(text: str, least: float) -> None:
    assert text_width(text, 11.0) >= least
