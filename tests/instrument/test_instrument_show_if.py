"""`show_if`: grammar, evaluation, refusals at the character."""

import datetime
import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveykit.errors import Place, SurveykitError
from surveykit.instrument.show_if import (
    AllOf,
    Answered,
    AnyOf,
    Comparison,
    Condition,
    Membership,
    Not,
    is_answered,
    parse_show_if,
)

HOLDS = [
    ("a == 1", {"a": 1}, True),
    ("a == 1", {"a": 1.0}, True),
    ("a == 1", {"a": 2}, False),
    ("a == 1", {}, False),
    ("a != 1", {"a": 2}, True),
    ("a != 1", {"a": None}, False),  # an unanswered item makes every comparison false
    ("not a == 1", {"a": None}, True),
    ("a < 2", {"a": 1.5}, True),
    ("a <= 2", {"a": 2}, True),
    ("a > 2", {"a": 2}, False),
    ("a >= 2", {"a": 2}, True),
    ("a >= -1.5", {"a": -1.5}, True),
    ("a in (1, 2)", {"a": 2}, True),
    ("a in (1, 2)", {"a": 3}, False),
    ("a in (1, 2)", {"a": (3, 2)}, True),  # a multiple choice: any of them
    ("a in (1)", {"a": ()}, False),
    ("answered(a)", {"a": "text"}, True),
    ("answered(a)", {"a": "  "}, False),
    ("not answered(a)", {"a": math.nan}, True),
    ("a == 1 or b == 1 and c == 1", {"a": 1}, True),  # `and` binds more tightly
    ("(a == 1 or b == 1) and c == 1", {"a": 1}, False),
    ("not not a == 1", {"a": 1}, True),
    (" ( a==1 )\n and b>=2 ", {"a": 1, "b": 2}, True),
    ("a == 1", {"a": "1"}, False),  # text is no number
]


@pytest.mark.parametrize(("text", "answers", "expected"), HOLDS)
def test_whether_a_condition_holds(text: str, answers: dict[str, object], expected: bool) -> None:
    assert parse_show_if(text).evaluate(answers) is expected


REFUSED = [
    ("I041", "a = 1", 3),
    ("I041", "a === 1", 5),
    ("I041", "a == b", 6),
    ("I041", "1 == a", 1),
    ("I041", "a == 1 b == 2", 8),
    ("I041", "a in 1", 6),
    ("I041", "a in (1,)", 9),
    ("I041", "a == '1'", 6),
    ("I041", "a == 1x", 6),
    ("I041", "a == 1 && b == 2", 8),
    ("I041", "answered == 1", 10),
    ("I041", "or a == 1", 1),
    ("I041", "a == 1)", 7),
    ("I041", "a == １", 6),
]


@pytest.mark.parametrize(("code", "text", "position"), REFUSED)
def test_a_refusal_points_at_the_character(code: str, text: str, position: int) -> None:
    with pytest.raises(SurveykitError) as refusal:
        parse_show_if(text, Place("f.yaml", 3, 10))
    assert (refusal.value.code, refusal.value.fields["position"]) == (code, position)
    assert refusal.value.place == Place("f.yaml", 3, 9 + position)


@pytest.mark.parametrize("text", ["", "not", "a ==", "a in (1", "(a == 1", "answered(", "a == 1 and"])
def test_a_condition_that_ends_too_early(text: str) -> None:
    with pytest.raises(SurveykitError, match="I043"):
        parse_show_if(text)


@pytest.mark.parametrize(
    "text", ["(" * 200 + "a == 1" + ")" * 200, "not " * 100 + "a == 1", "a == 1 or " * 100 + "a == 1"]
)
def test_a_condition_too_long_or_too_deep(text: str) -> None:
    with pytest.raises(SurveykitError, match="I042"):
        parse_show_if(text)


names = st.sampled_from(["a", "b_1", "andy", "order"])
numbers = st.integers(-99, 99) | st.sampled_from([0.5, -1.25])
leaves = (
    st.builds(Comparison, names, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), numbers)
    | st.builds(Membership, names, st.lists(numbers, min_size=1, max_size=3).map(tuple))
    | st.builds(Answered, names)
)
conditions = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(AllOf, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
answer = st.none() | st.integers(-99, 99) | st.lists(st.integers(0, 5)).map(tuple) | st.text(max_size=3)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])  # recursive values, a busy machine
@given(conditions, st.dictionaries(names, answer))
def test_a_condition_means_the_same_after_it_is_written_and_read(
    condition: Condition, answers: dict[str, object]
) -> None:
    again = parse_show_if(str(condition))
    assert again.evaluate(answers) is condition.evaluate(answers)
    assert set(again.items) == set(condition.items)
    assert str(parse_show_if(str(again))) == str(again)


@given(st.text(alphabet="ab1 =<>!(),not and or in answered", max_size=40) | st.text(max_size=40))
def test_any_text_is_a_condition_or_a_refusal(text: str) -> None:
    try:
        outcome = parse_show_if(text).evaluate({"a": 1})
    except SurveykitError as refusal:
        outcome = refusal.code
    assert outcome in (True, False, "I041", "I042", "I043")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, False),
        (math.nan, False),
        (pd.NA, False),
        (pd.NaT, False),
        ("", False),
        ([], False),
        (0, True),
        (datetime.date(2026, 1, 1), True),
        ("0", True),
    ],
)
def test_what_counts_as_answered(value: object, expected: bool) -> None:
    assert is_answered(value) is expected
