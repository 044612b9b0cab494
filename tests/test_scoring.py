"""Scale scores: keying, missing codes, the missing-item rule."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hand_made import instrument, item, sample, texts
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.model import Instrument, Item, Scale
from surveykit.responses.collect import collect
from surveykit.responses.read import read_responses
from surveykit.scoring import keyed_items, score_scales

NAN = np.nan


def scaled(*items: Item, score: str = "mean", min_valid: float = 0.5) -> Instrument:
    names = tuple(one.id for one in items)
    return instrument(*items, scales={"s": Scale("s", texts("S"), names, score, min_valid)})


FOUR = (item("a"), item("b", reverse=True), item("c"), item("d"))


@pytest.mark.parametrize(
    ("answers", "score", "min_valid", "expected"),
    [
        ([1, 5, 1, 1], "mean", 0.5, 1),
        ([5, 1, 5, 5], "mean", 0.5, 5),
        ([4, 4, 3, 5], "mean", 0.5, (4 + 2 + 3 + 5) / 4),
        ([4, 4, 3, 5], "sum", 0.5, 14),
        ([4, NAN, 3, NAN], "mean", 0.5, 3.5),
        ([4, NAN, 3, NAN], "sum", 0.5, 14),  # prorated: the mean 3.5 times 4 items
        ([4, NAN, NAN, NAN], "mean", 0.5, NAN),
        ([4, NAN, NAN, NAN], "mean", 0.25, 4),
        ([4, 4, 3, NAN], "mean", 0.75, 3),
        ([4, 4, 3, NAN], "mean", 0.76, NAN),
        ([4, 4, 3, NAN], "sum", 1, NAN),
        ([99, 99, 3, 5], "mean", 0.5, 4),  # do not know counts as missing
        ([99, 4, 99, 99], "mean", 0.5, NAN),
        ([NAN, NAN, NAN, NAN], "sum", 0.01, NAN),
    ],
)
def test_scores(answers: list[float], score: str, min_valid: float, expected: float) -> None:
    frame = pd.DataFrame([answers], columns=list("abcd"), index=["R-1"])
    found = score_scales(frame, scaled(*FOUR, score=score, min_valid=min_valid))
    assert list(found.columns) == ["s"]
    assert list(found.index) == ["R-1"]
    np.testing.assert_allclose(found["s"], [expected])


def test_a_full_sum_is_exact() -> None:
    frame = pd.DataFrame(np.array([[1, 2, 3], [5, 5, 4]]), columns=list("abc"))
    inst = scaled(*(item(name) for name in "abc"), score="sum")
    assert list(score_scales(frame, inst)["s"]) == [6.0, 14.0]


def test_item_codes_that_count_as_missing_do_not_widen_the_scale() -> None:
    # Code 5 of agree5 is missing for this item: reversed about 1 and 4.
    inst = scaled(item("a", reverse=True, missing_codes=(5,)))
    found = keyed_items(pd.DataFrame({"a": [1, 4, 5]}), inst)["a"]
    np.testing.assert_allclose(found, [4, 1, NAN])


def test_numbers_are_reversed_about_their_bounds() -> None:
    inst = scaled(item("a", "number", minimum=0, maximum=10, reverse=True))
    assert list(keyed_items(pd.DataFrame({"a": [0, 2.5, 10]}), inst)["a"]) == [10, 7.5, 0]


def test_items_of_one_scale_in_its_order() -> None:
    inst = instrument(
        item("a"),
        item("b"),
        scales={"x": Scale("x", texts("X"), ("b", "a")), "y": Scale("y", texts("Y"), ("a",))},
    )
    frame = pd.DataFrame({"a": [1], "b": [2], "other": ["text"]})
    assert list(keyed_items(frame, inst)) == ["b", "a"]
    assert list(keyed_items(frame, inst, scale="y")) == ["a"]
    assert score_scales(frame, inst).to_dict("records") == [{"x": 1.5, "y": 1.0}]


@given(st.lists(st.sampled_from([1, 2, 3, 4, 5, 99, NAN]), min_size=4, max_size=4))
def test_reversing_an_item_mirrors_it(answers: list[float]) -> None:
    frame = pd.DataFrame([answers], columns=list("abcd"))
    keyed = keyed_items(frame, scaled(*FOUR))
    plain = keyed_items(frame, scaled(*(item(name) for name in "abcd")))
    np.testing.assert_allclose(keyed["b"] + plain["b"], [NAN if np.isnan(plain["b"][0]) else 6])
    assert keyed["b"].isna()[0] == (answers[1] == 99 or np.isnan(answers[1]))


def test_collected_responses_bring_their_instrument(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    form = write_forms(sample(), folder / "returned", "ko", pd.DataFrame({"respondent": ["R-1"]}))[0]
    fill_form(sample(), form, {"trust_1": 4, "trust_2": 1, "trust_3": 99}, form)
    collect(folder / "returned", folder / "study", instruments=sample())
    responses = read_responses(folder / "study")
    assert list(score_scales(responses)["trust"]) == [4.5]
    assert keyed_items(responses, scale="trust").iloc[0, :2].tolist() == [4, 5]


@pytest.mark.parametrize(
    ("frame", "inst", "scale", "code", "says"),
    [
        ({"a": [1]}, None, None, "R080", "instrument="),
        ({"a": [1]}, scaled(*FOUR), None, "R081", "b, c, d"),
        ({"a": ["agree"]}, scaled(item("a")), None, "R082", "'agree'"),
        ({"a": [1, 6, 0]}, scaled(item("a")), None, "R083", "6, 0. Allowed: 1, 2, 3, 4, 5"),
        ({"a": [2.5]}, scaled(item("a")), None, "R083", "2.5"),
        ({"a": [11]}, scaled(item("a", "number", maximum=10)), None, "R083", "11"),
        ({"a": [1]}, scaled(item("a")), "t", "R084", "'t'"),
        ({"a": [1]}, scaled(item("a", "number", maximum=10, reverse=True)), None, "R085", "'a'"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    frame: dict[str, list[object]], inst: Instrument | None, scale: str | None, code: str, says: str
) -> None:
    with pytest.raises(SurveykitError) as refusal:
        keyed_items(pd.DataFrame(frame), inst, scale)
    assert refusal.value.code == code
    assert says in str(refusal.value)
