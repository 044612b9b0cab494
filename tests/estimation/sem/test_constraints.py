"""Constraints: solved where linear, exact derivatives elsewhere, contradictions named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.constraints import Constraints, compile_constraints
from surveykit.estimation.sem.parameter_table import build_table
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.table_options import table_options

# Free parameters: a, b, c, d in this order, then the residual variance of y.
REGRESSION = "y ~ a*x1 + b*x2 + c*x3 + d*x4\n"


def compiled(constraints: str, model: str = REGRESSION) -> Constraints:
    parsed = parse_model(model + constraints)
    return compile_constraints(build_table(parsed, table_options("sem", parsed)))


def check_solution(constraints: Constraints) -> None:
    """x = K z + k0 obeys A x = b whatever z, and reaches every x that does."""
    z = np.random.default_rng(1).normal(size=constraints.K.shape[1])
    x = constraints.K @ z + constraints.k0
    np.testing.assert_allclose(constraints.A @ x, constraints.b, atol=1e-12)
    assert constraints.K.shape == (constraints.n_free, constraints.n_free - len(constraints.b))
    assert np.linalg.matrix_rank(constraints.K) == constraints.K.shape[1]


@pytest.mark.parametrize(
    ("text", "count", "simple"),
    [
        ("", 0, True),
        ("a == b", 1, True),
        ("a == b\nb == c", 2, True),
        ("a - b == 0\n2*c == 2*d", 2, True),
        ("a == 0.5", 1, False),
        ("a + b + c == 1", 1, False),
        ("a == 2*b", 1, False),
        ("a == b\na + c == 1\nd == 3", 3, False),
        ("t := a + b\nt == 1", 1, False),
    ],
)
def test_linear_equalities_are_solved(text: str, count: int, simple: bool) -> None:
    constraints = compiled(text)
    assert constraints.n_equalities == len(constraints.b) == count
    assert constraints.simple is simple
    assert constraints.notes == ()
    check_solution(constraints)
    if simple:
        assert set(np.unique(constraints.K)) <= {0.0, 1.0}
        assert (constraints.K.sum(axis=1) == 1).all()
        assert not constraints.k0.any()


def test_what_has_nothing_to_do_with_constraints_keeps_its_own_column() -> None:
    constraints = compiled("a + b == 1")
    np.testing.assert_array_equal(constraints.K[2:, 1:], np.eye(3))
    assert not constraints.K[:2, 1:].any()


@pytest.mark.parametrize(
    ("text", "count", "redundant"),
    [
        ("a == b\nb == a", 1, 1),
        ("a == b\nb == c\na == c", 2, 1),
        ("a + b == 1\n2*a + 2*b == 2", 1, 1),
        ("a + b == 1\nc == d\na + b + c - d == 1", 2, 1),
        ("a == a", 0, 1),
        ("1 == 1", 0, 1),
    ],
)
def test_what_says_nothing_new_is_noted(text: str, count: int, redundant: int) -> None:
    constraints = compiled(text)
    assert constraints.n_equalities == count
    (note,) = constraints.notes
    assert note.code == "M020"
    assert note.fields["count"] == redundant
    check_solution(constraints)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a == 1\na == 2", "M019"),
        ("a + b == 1\na + b == 2", "M019"),
        ("a == b\na == b + 1", "M019"),
        ("0 == 1", "M019"),
        ("a == nothing", "M017"),
        ("q := nothing*a", "M017"),
        ("a > nothing", "M017"),
        ("q := r\nr := q", "M018"),
        ("q := q + a", "M018"),
        ("q := a\nq := b", "M035"),
        ("a := b", "M035"),
    ],
)
def test_what_cannot_be_is_refused(text: str, code: str) -> None:
    with pytest.raises(SurveykitError) as refusal:
        compiled(text)
    assert refusal.value.code == code


def test_a_contradiction_is_told_in_the_models_words() -> None:
    with pytest.raises(SurveykitError, match=r"\[x1 ~~ x1\] == 1; \[x1 ~~ x1\] == 2"):
        compiled(".p5. == 1\n.p5. == 2", "f =~ x1 + a*x2 + b*x3 + x4\n")


def test_the_nearest_label_is_offered() -> None:
    with pytest.raises(SurveykitError) as refusal:
        compiled("path_A == 0", "y ~ path_a*x\n")
    assert refusal.value.fields["nearest"] == "path_a"


X = np.array([[0.5, 1.5, -0.4, 2.0, 1.0], [1.0, -2.0, 3.0, 0.3, 0.7], [0.1, 0.2, 0.3, 0.4, 0.5]])


def numeric_jacobian(function: object, x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    assert callable(function)
    columns = []
    for at in range(x.shape[-1]):
        move = np.zeros(x.shape[-1])
        move[at] = step
        columns.append((function(x + move) - function(x - move)) / (2 * step))
    return np.stack(columns, axis=-1)


def test_values_and_derivatives_of_everything() -> None:
    constraints = compiled(
        "ab := a*b\ntotal := ab + c\nb*c == d^2\nexp(a) == total\na + d == 1\na > b^2\nc*d < total"
    )
    a, b, c, d, _ = X.T
    np.testing.assert_allclose(constraints.defined(X), np.stack([a * b, a * b + c], axis=-1))
    np.testing.assert_allclose(constraints.h(X), np.stack([b * c - d**2, np.exp(a) - (a * b + c)], axis=-1))
    np.testing.assert_allclose(constraints.g(X), np.stack([a - b**2, a * b + c - c * d], axis=-1))
    assert constraints.equalities(X).shape == (3, 3)
    assert constraints.n_equalities == 3
    assert constraints.has_nonlinear
    pairs = (
        (constraints.defined, constraints.defined_jacobian),
        (constraints.h, constraints.h_jacobian),
        (constraints.g, constraints.g_jacobian),
        (constraints.equalities, constraints.equalities_jacobian),
    )
    for function, jacobian in pairs:
        # Central differences with step 1e-6 are good to about 1e-9.
        np.testing.assert_allclose(jacobian(X), numeric_jacobian(function, X), atol=1e-8)
        np.testing.assert_allclose(jacobian(X)[1], jacobian(X[1]))
        np.testing.assert_allclose(function(X)[1], function(X[1]))


def test_rows_of_the_table_are_named() -> None:
    parsed = parse_model(REGRESSION + "q := a*b\na*b == 1\nc == d\na > b")
    table = build_table(parsed, table_options("sem", parsed))
    constraints = compile_constraints(table)
    assert [table.op[at] for at in constraints.defined_rows] == [":="]
    assert [table.lhs[at] for at in constraints.equality_rows] == ["a*b", "c"]
    assert [table.lhs[at] for at in constraints.nonlinear_rows] == ["a*b"]
    assert [table.op[at] for at in constraints.inequality_rows] == [">"]


def test_a_fixed_parameter_is_its_value() -> None:
    constraints = compiled("q := one*a\na == 2*one + two", "y ~ one*x1 + 3*x1 + a*x2\nz ~ two*w + 0.5*w\n")
    x = np.full(constraints.n_free, 6.5)
    np.testing.assert_allclose(constraints.A @ x, constraints.b)
    np.testing.assert_allclose(constraints.defined(x), [19.5])


def test_bounds_by_free_parameter() -> None:
    constraints = compiled("a > 0\nc < 2\nb > -1\nb < 1")
    assert constraints.lower.tolist() == [0, -1, -np.inf, -np.inf, -np.inf]
    assert constraints.upper.tolist() == [np.inf, 1, 2, np.inf, np.inf]
    assert constraints.has_bounds
    assert constraints.g(X).shape == (3, 0)
    assert not compiled("").has_bounds


def test_a_long_chain_of_definitions() -> None:
    lines = ["q0 := a + b"] + [f"q{at} := q{at - 1} + q{at - 1}" for at in range(1, 60)]
    constraints = compiled("\n".join(lines) + "\nq59 == 0")
    assert constraints.n_equalities == 1
    assert constraints.defined(X).shape == (3, 60)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.lists(st.integers(-2, 2), min_size=4, max_size=4), min_size=1, max_size=6), st.integers(0, 9)
)
def test_any_system_that_can_hold_is_solved(rows: list[list[int]], seed: int) -> None:
    point = np.random.default_rng(seed).integers(-3, 4, size=4)
    lines = [
        "0 + "
        + " + ".join(f"{value}*{label}" for value, label in zip(row, "abcd", strict=True))
        + f" == {int(np.dot(row, point))}"
        for row in rows
    ]
    constraints = compiled("\n".join(lines))
    assert constraints.n_equalities == np.linalg.matrix_rank(np.array(rows))
    check_solution(constraints)
    np.testing.assert_allclose(constraints.A[:, :4] @ point, constraints.b, atol=1e-9)
