"""Krippendorff's alpha for unitizing: its definition by enumeration, and what must always hold."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.estimation.krippendorff import krippendorff
from surveykit.estimation.unitizing import (
    IntArray,
    bootstrap_unitizing,
    continuum,
    total,
    unitizing_alpha,
)

LENGTH, K = 14, 3
# One coder's units on 14 characters: gaps and units of random lengths in turn, each with a value.
PARTS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(1, K)), max_size=5)


def placed(parts: list[tuple[int, int, int]], length: int = LENGTH) -> IntArray:
    """Units of a coder from (gap before, length, value); what does not fit is left out."""
    at, units = 0, []
    for gap, long, value in parts:
        start, end = at + gap, at + gap + long
        if end <= length:
            units.append((start, end, value))
            at = end
    return np.array(units, dtype=np.int64).reshape(-1, 3)


def characters(units: IntArray, length: int) -> list[tuple[int, int]]:
    """Value and unit number of every character; each character of a gap is on its own."""
    found = [(0, -1 - at) for at in range(length)]
    for number, (start, end, value) in enumerate(units):
        for at in range(start, end):
            found[at] = (int(value), number)
    return found


def by_enumeration(coders: list[IntArray], length: int) -> tuple[float, float]:
    """u-alpha and |u-alpha: every pair of characters, none paired within its own unit."""
    rows = [characters(one, length) for one in coders]
    m = len(rows)
    observed = {True: 0.0, False: 0.0}
    for a, b in product(range(m), repeat=2):
        if a != b:
            for at in range(length):
                va, vb = rows[a][at][0], rows[b][at][0]
                observed[False] += (va != vb) / (m - 1)
                observed[True] += ((va > 0) != (vb > 0)) / (m - 1)
    every = [(coder, *rows[coder][at]) for coder in range(m) for at in range(length)]
    pairs = [(x, y) for x in every for y in every if (x[0], x[2]) != (y[0], y[2])]
    found = []
    for binary in (False, True):
        differ = sum(((x[1] > 0) != (y[1] > 0)) if binary else x[1] != y[1] for x, y in pairs)
        expected = m * length * differ / len(pairs) if pairs else 0.0
        found.append(1 - observed[binary] / expected if expected else np.nan)
    return found[0], found[1]


@settings(deadline=None, max_examples=60)
@given(st.lists(PARTS, min_size=2, max_size=3))
def test_it_is_what_its_definition_says(several: list[list[tuple[int, int, int]]]) -> None:
    coders = [placed(one) for one in several]
    found = unitizing_alpha(continuum(coders, LENGTH, K))
    u, binary = by_enumeration(coders, LENGTH)
    # Sums of at most 42 * 42 pairs: rounding stays far below 1e-9.
    np.testing.assert_allclose([found.u, found.binary], [u, binary], rtol=1e-9, atol=1e-9, equal_nan=True)


@settings(deadline=None, max_examples=60)
@given(st.tuples(PARTS, PARTS))
def test_values_are_compared_where_both_marked(two: tuple[list[tuple[int, int, int]], ...]) -> None:
    """cu-alpha of two coders: pairs of characters that both marked, none within its own unit."""
    a, b = (characters(placed(one), LENGTH) for one in two)
    both = [at for at in range(LENGTH) if a[at][0] and b[at][0]]
    observed = 2 * sum(a[at][0] != b[at][0] for at in both)
    every = [(coder, *row[at]) for coder, row in enumerate((a, b)) for at in both]
    pairs = [(x, y) for x in every for y in every if (x[0], x[2]) != (y[0], y[2])]
    expected = 2 * len(both) * sum(x[1] != y[1] for x, y in pairs) / len(pairs) if pairs else 0.0
    wanted = 1 - observed / expected if expected else np.nan
    found = unitizing_alpha(continuum([placed(one) for one in two], LENGTH, K))
    np.testing.assert_allclose(found.coding, wanted, rtol=1e-9, atol=1e-9, equal_nan=True)


@given(PARTS)
def test_coders_who_agree_fully_have_one(parts: list[tuple[int, int, int]]) -> None:
    own = placed(parts)
    found = unitizing_alpha(continuum([own, own, own], LENGTH, K))
    for value in (found.u, found.binary, found.coding, *found.by_value):
        assert np.isnan(value) or value == pytest.approx(1, abs=1e-12)


@given(st.lists(st.lists(st.integers(1, K), min_size=9, max_size=9), min_size=2, max_size=4))
def test_units_of_one_character_without_gaps_are_rated_units(rows: list[list[int]]) -> None:
    """u-alpha is then Krippendorff's nominal alpha."""
    coders = [np.array([(at, at + 1, value) for at, value in enumerate(row)]) for row in rows]
    found = unitizing_alpha(continuum(coders, 9, K))
    wanted = krippendorff(np.array(rows, dtype=float).T, "nominal").alpha
    np.testing.assert_allclose(
        [found.u, found.coding], [wanted, wanted], rtol=1e-9, atol=1e-9, equal_nan=True
    )


def test_an_example_by_hand() -> None:
    """Two coders, ten characters. A marks 0-4 with 1; B marks 2-6 with 1.

    Observed: 4 characters differ, twice = 8 of 20. Values: 8 marked, 12 not. Squares: 16 + 16 for the
    units, 12 for gaps. Expected to differ: 20 * 2 * 8 * 12 / (400 - 44) = 10.787.
    """
    found = unitizing_alpha(continuum([np.array([(0, 4, 1)]), np.array([(2, 6, 1)])], 10, 1))
    assert found.binary == pytest.approx(1 - 8 / (20 * 2 * 8 * 12 / 356), rel=1e-12)
    assert found.u == pytest.approx(found.binary, rel=1e-12)
    assert np.isnan(found.coding)  # only one value: nothing could differ


def test_each_value_has_its_own_reliability() -> None:
    """Value 3 is given alike, 1 and 2 are mixed up by one coder: only 3 is reliable."""
    a = np.array([(0, 3, 1), (3, 6, 2), (6, 9, 3), (9, 12, 1), (12, 15, 2), (15, 18, 3)])
    b = a.copy()
    b[:, 2] = [2, 1, 3, 1, 2, 3]
    found = unitizing_alpha(continuum([a, b], 20, 3))
    assert found.binary == pytest.approx(1)
    assert found.by_value[2] == pytest.approx(1)
    assert found.by_value[0] < 0.5
    assert found.coding < 1


def test_sums_of_texts_add_up_and_resamples_are_reproducible() -> None:
    rng = np.random.default_rng(1)
    texts = []
    for _ in range(12):
        parts = [[tuple(map(int, one)) for one in rng.integers(1, 4, (3, 3))] for _ in range(2)]
        texts.append(continuum([placed(one, 30) for one in parts], 30, 3))
    draws = bootstrap_unitizing(texts, 200, 7)
    assert draws.u.shape == (200,)
    np.testing.assert_array_equal(draws.u, bootstrap_unitizing(texts, 200, 7).u)
    whole = unitizing_alpha(total(texts))
    assert np.nanquantile(draws.u, 0.025) < whole.u < np.nanquantile(draws.u, 0.975)
    only = unitizing_alpha(total([texts[0]]))
    np.testing.assert_array_equal(only.u, unitizing_alpha(texts[0]).u)
