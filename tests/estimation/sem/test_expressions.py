"""Arithmetic on labels: values, exact derivatives, linear forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.expression_reader import parse_text
from surveykit.estimation.sem.expressions import (
    FUNCTIONS,
    Dual,
    evaluate,
    linear_form,
    names_of,
)


def value_of(text: str, **labels: float) -> float:
    values = {name: Dual(np.asarray(value), np.zeros(1)) for name, value in labels.items()}
    return float(evaluate(parse_text(text), values).value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2*3", 7.0),
        ("(1 + 2)*3", 9.0),
        ("-2^2", -4.0),
        ("(-2)^2", 4.0),
        ("2^-1", 0.5),
        ("2^3^2", 512.0),
        ("2**3", 8.0),
        ("8/4/2", 1.0),
        ("8 - 4 - 2", 2.0),
        ("--3", 3.0),
        ("+3 - -3", 6.0),
        ("1e-3 + .5 + 2.", 2.501),
        ("log(8, 2)", 3.0),
        ("log(exp(2))", 2.0),
        ("abs(-3) + sqrt(16)", 7.0),
        ("min(3, 1, 2) + max(3, 1, 2)", 4.0),
        ("sum(1, 2, 3) + mean(1, 2, 3)", 8.0),
        ("cos(pi)", -1.0),
        ("pnorm(0) + qnorm(0.5)", 0.5),
        ("a*b + a", 8.0),
        ("(-a)^3", -8.0),
    ],
)
def test_values_are_rs(text: str, expected: float) -> None:
    assert value_of(text, a=2.0, b=3.0) == pytest.approx(expected, abs=1e-14)


def test_outside_a_functions_domain_is_nan_without_a_warning() -> None:
    assert math.isnan(value_of("log(a) + sqrt(a)", a=-1.0))
    assert math.isinf(value_of("1/(a - a)", a=2.0))


# Where each function is smooth.
INSIDE = {"asin": 0.3, "acos": 0.3, "qnorm": 0.3, "log1p": 0.4}


@pytest.mark.parametrize("function", [*FUNCTIONS, "min", "max", "sum", "mean"])
def test_derivatives_of_functions(function: str) -> None:
    at = INSIDE.get(function, 0.7)
    text = f"{function}(a)" if function in FUNCTIONS else f"{function}(a, 2*a, -a)"
    dual = evaluate(parse_text(text), {"a": Dual(np.asarray(at), np.ones(1))})
    # Central differences are good to about step^2, 1e-10.
    step = 1e-5
    numeric = (value_of(text, a=at + step) - value_of(text, a=at - step)) / (2 * step)
    assert float(dual.gradient[0]) == pytest.approx(numeric, rel=1e-8, abs=1e-9)


def trees() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["a", "b", "0.5", "2", "a*b"])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            inner.map(lambda one: f"-({one})"),
            inner.map(lambda one: f"({one})^2"),
            inner.map(lambda one: f"exp(0.1*({one}))"),
            inner.map(lambda one: f"2^(0.1*({one}))"),
        ),
        max_leaves=6,
    )


@settings(deadline=None, max_examples=150)
@given(trees(), st.floats(0.5, 2), st.floats(0.5, 2))
def test_derivatives_of_any_expression(text: str, a: float, b: float) -> None:
    """Against Python's own arithmetic in the complex plane: f(x + ih)/h is exact to rounding."""
    tree = parse_text(text)
    values = {
        "a": Dual(np.array([a, a]), np.array([1.0, 0.0])),
        "b": Dual(np.array([b, b]), np.array([0.0, 1.0])),
    }
    dual = evaluate(tree, values)
    step = 1e-30
    python = text.replace("^", "**")
    with np.errstate(all="ignore"):
        try:
            plain = eval(python, {"exp": np.exp}, {"a": a, "b": b})
            by_a = np.imag(eval(python, {"exp": np.exp}, {"a": complex(a, step), "b": b})) / step
            by_b = np.imag(eval(python, {"exp": np.exp}, {"a": a, "b": complex(b, step)})) / step
        except (ZeroDivisionError, OverflowError):
            return
    if not np.isfinite([plain, by_a, by_b]).all() or abs(plain) > 1e8:
        return
    # Quotients of differences that nearly cancel lose digits, so relative to the size of the derivative.
    size = 1e-7 * (1 + abs(by_a) + abs(by_b) + abs(plain))
    assert abs(float(np.ravel(dual.value)[0]) - plain) <= size
    gradient = np.broadcast_to(dual.gradient, (2, 2))[0] if names_of(tree) else np.zeros(2)
    assert abs(gradient[0] - by_a) <= size
    assert abs(gradient[1] - by_b) <= size


@pytest.mark.parametrize(
    ("text", "constant", "coefficients"),
    [
        ("a + 2*b - 3", -3.0, {"a": 1.0, "b": 2.0}),
        ("2*(a - b)/4 + a", 0.0, {"a": 1.5, "b": -0.5}),
        ("a*exp(0) - a", 0.0, {}),
        ("mean(a, b, 3) + sum(a, b)", 1.0, {"a": 4 / 3, "b": 4 / 3}),
        ("-(a - 1)", 1.0, {"a": -1.0}),
        ("(a + b)^1", 0.0, {"a": 1.0, "b": 1.0}),
        ("sqrt(2)^2", 2.0, {}),
    ],
)
def test_linear_forms(text: str, constant: float, coefficients: dict[str, float]) -> None:
    form = linear_form(parse_text(text))
    assert form is not None
    assert form.constant == pytest.approx(constant)
    assert form.coefficients == pytest.approx(coefficients)


@pytest.mark.parametrize("text", ["a*b", "a^2", "exp(a)", "1/a", "a/b", "abs(a)", "2^a", "min(a, b)"])
def test_what_is_not_linear(text: str) -> None:
    assert linear_form(parse_text(text)) is None


def test_a_sum_of_thousands_of_terms() -> None:
    tree = parse_text("+".join(["a"] * 5000))
    form = linear_form(tree)
    assert form is not None
    assert form.coefficients == {"a": 5000.0}
    assert [leaf.name for leaf in names_of(tree)] == ["a"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "M015"), ("a +", "M015"), ("(a", "M015"), ("a b", "M015"), ("'a'", "M015"), ("a @ b", "M015"),
     ("f(a)", "M016"), ("exp()", "M015"), ("exp(a, b)", "M015"), ("(" * 99 + "a" + ")" * 99, "M036")],
)  # fmt: skip
def test_what_is_no_expression(text: str, code: str) -> None:
    with pytest.raises(SurveykitError) as refusal:
        parse_text(text)
    assert refusal.value.code == code
