"""Boolean minimisation: the prime implicants of a truth table and the smallest covers made of them.

A configuration of k conditions is a number of k bits, the first condition the
highest. A product is a pair `(care, value)`: the conditions it names, and their
states. It covers a configuration c where ``c & care == value``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Product: TypeAlias = tuple[int, int]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
FEW = 40  # products up to which sizes are tried one after the other


def covers(product: Product, configuration: int) -> bool:
    """Whether the configuration is one of those that the product stands for."""
    care, value = product
    return configuration & care == value


def prime_implicants(on: Sequence[int], off: IntArray) -> list[Product]:
    """The products that cover some of `on` and none of `off`, and of which no condition can be left out.

    What is neither on nor off may be covered or not.

    Notes
    -----
    A product made of states of configuration m avoids z where it names a condition in which m and z
    differ. The prime implicants through m are the smallest sets of conditions that meet all those
    differences: the minimal transversals of a hypergraph (Berge's algorithm). Quine and McCluskey's
    tables give the same, at the cost of every remainder.

    Examples
    --------
    >>> prime_implicants([0b11, 0b10], np.array([0b00, 0b01]))
    [(2, 2)]
    """
    found: dict[Product, None] = {}
    for m in on:
        for care in _transversals(_smallest(np.unique(off ^ m))):
            found[care, m & care] = None
    return list(found)


def _smallest(masks: IntArray) -> list[int]:
    """The sets among these that hold no other of them, small ones first."""
    kept: list[int] = []
    remaining = masks[np.argsort(np.bitwise_count(masks), kind="stable")]
    while remaining.size:
        first = remaining[0]
        kept.append(int(first))
        remaining = remaining[(remaining & first) != first]
    return kept


def _transversals(edges: Sequence[int]) -> list[int]:
    """The smallest sets that share an element with every edge."""
    found = [0]
    for edge in edges:
        meeting = [one for one in found if one & edge]
        grown = {one | bit for one in found if not one & edge for bit in _bits(edge)}
        # What already meets the edge is never made larger, and rules out what contains it.
        new = [one for one in grown if not any(one & small == small for small in meeting)]
        found = meeting + [one for one in new if not any(one != two and one & two == two for two in new)]
    return sorted(found)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1


def smallest_covers(products: Sequence[Product], on: Sequence[int], most: int) -> list[tuple[int, ...]]:
    """Every choice of as few products as possible that covers all of `on`, as places in `products`.

    At most `most` + 1 of them: one more tells that there are more.
    """
    if not on:
        return [()]
    chart = np.array([[covers(one, m) for m in on] for one in products], dtype=bool)
    left = np.ones(len(on), dtype=bool)
    sizes = range(1, len(on) + 1) if len(products) <= FEW else (_fewest(chart),)
    for size in sizes:
        found = list(islice(_choices(chart, left, (), size), most + 1))
        if found:
            return sorted(tuple(sorted(one)) for one in found)
    return []


def _fewest(chart: BoolArray) -> int:
    """How many products it takes, by integer programming: trying one size after the other is slow."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows = LinearConstraint(chart.T.astype(float), lb=1)
    whole = np.ones(len(chart), dtype=np.int64)
    found = milp(whole, integrality=whole, bounds=Bounds(0, 1), constraints=rows)
    assert found.x is not None  # every configuration has a product of its own
    return int(np.rint(found.x).sum())


def _choices(
    chart: BoolArray, left: BoolArray, chosen: tuple[int, ...], size: int
) -> Iterator[tuple[int, ...]]:
    """Choices of `size` products in all, each once.

    Branches on the configuration with the fewest ways to be covered; a product that was tried there is
    set aside for the branches that follow, which would only find its choices again.
    """
    if not left.any():
        yield chosen
        return
    live = chart[:, left]
    # The largest product through each configuration that is left: it pays at least that share of one.
    largest = (live * live.sum(axis=1)[:, None]).max(axis=0)
    if not largest.all() or (1 / largest).sum() > size - len(chosen) + 1e-9:
        return
    chart = chart.copy()
    for place in np.flatnonzero(live[:, live.sum(axis=0).argmin()]):
        yield from _choices(chart, left & ~chart[place], (*chosen, int(place)), size)
        chart[place] = False


def absorbed(products: Sequence[Product]) -> list[Product]:
    """The products without those that another one contains: A + A*B is A."""
    unique = list(dict.fromkeys(products))
    return [one for one in unique if not any(two != one and contains(two, one) for two in unique)]


def contains(larger: Product, smaller: Product) -> bool:
    """Whether every configuration of `smaller` is one of `larger`."""
    return larger[0] & smaller[0] == larger[0] and smaller[1] & larger[0] == larger[1]


def intermediate_products(
    complex_: Sequence[Product], parsimonious: Sequence[Product], expected: Product
) -> list[Product]:
    """Complex products without the conditions that easy counterfactuals let go.

    A condition of a complex product that the parsimonious product within it does not need is let go
    where its state runs against the expectation: with the expected state the outcome should be there
    all the more. `expected`: the conditions with an expectation, and the expected states.
    """
    found = []
    for care, value in complex_:
        for one in parsimonious:
            if contains(one, (care, value)):
                against = care & ~one[0] & expected[0] & (value ^ expected[1])
                found.append((care & ~against, value & ~against))
    return absorbed(found)
