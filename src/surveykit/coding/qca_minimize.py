"""Boolean minimisation: the prime implicants of a truth table and the smallest covers made of them.

A configuration of k conditions is a number of k bits, the first condition the
highest. A product is a pair `(care, value)`: the conditions it names, and their
states. It covers a configuration c where ``c & care == value``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Product: TypeAlias = tuple[int, int]
IntArray: TypeAlias = NDArray[np.int64]


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
    through = {m: [place for place, one in enumerate(products) if covers(one, m)] for m in on}
    fewest = _least(through)
    for size in range(fewest, len(on) + 1):
        found: dict[tuple[int, ...], None] = {}
        for chosen in _choices(through, frozenset(on), (), size, products):
            found[tuple(sorted(chosen))] = None
            if len(found) > most:
                break
        if found:
            return sorted(found)
    return []


def _least(through: dict[int, list[int]]) -> int:
    """Configurations of which no two share a product need a product each: a bound from below."""
    taken: set[int] = set()
    count = 0
    for places in sorted(through.values(), key=len):
        if taken.isdisjoint(places):
            taken.update(places)
            count += 1
    return count


def _choices(
    through: dict[int, list[int]],
    left: frozenset[int],
    chosen: tuple[int, ...],
    size: int,
    products: Sequence[Product],
) -> Iterator[tuple[int, ...]]:
    """Choices of `size` products in all; branches on the configuration with the fewest ways to be covered."""
    if not left:
        if len(chosen) == size:
            yield chosen
        return
    if len(chosen) + _least({m: through[m] for m in left}) > size:
        return
    m = min(left, key=lambda one: (len(through[one]), one))
    for place in through[m]:
        rest = frozenset(one for one in left if not covers(products[place], one))
        yield from _choices(through, rest, (*chosen, place), size, products)


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
