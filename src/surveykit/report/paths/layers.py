"""Structural variables in layers: causes left of their effects, few crossings, long arrows straight.

After Sugiyama, Tagawa & Toda (1981): an arrow over several layers gets an
invisible knot in each layer it passes, so that nothing stands in its way.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Edge = tuple[str, str]
Pull = tuple[float, float]
KNOT_WEIGHT = 8.0  # how much straighter the passing part of a long arrow should be than a short arrow
SWEEPS = 200  # of relaxation; a dozen variables settle in far fewer


@dataclass(frozen=True)
class Layering:
    """`layers`: names from top to bottom, layer by layer; `chains`: arrow -> source, knots, target."""

    layers: tuple[tuple[str, ...], ...]
    chains: Mapping[Edge, tuple[str, ...]]
    knots: frozenset[str]


def layering(names: Sequence[str], edges: Sequence[Edge]) -> Layering:
    """Layers of a directed graph. An arrow that would close a circle counts for no layer."""
    forward = _without_circles(names, edges)
    rank = _ranks(names, forward)
    chains: dict[Edge, tuple[str, ...]] = {}
    layers: list[list[str]] = [[] for _ in range(max(rank.values(), default=0) + 1)]
    for name in names:
        layers[rank[name]].append(name)
    knots: list[str] = []
    for source, target in forward:
        passed = [f"{source}\0{target}\0{place}" for place in range(rank[source] + 1, rank[target])]
        for place, knot in enumerate(passed, start=rank[source] + 1):
            layers[place].append(knot)
        knots += passed
        chains[source, target] = (source, *passed, target)
    ordered = _fewest_crossings(layers, [*chains.values()])
    return Layering(tuple(map(tuple, ordered)), chains, frozenset(knots))


def _without_circles(names: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    """The arrows that can be drawn from left to right, keeping them in the order given."""
    kept: list[Edge] = []
    for source, target in dict.fromkeys(edges):
        if source != target and source not in _reachable(target, kept):
            kept.append((source, target))
    return kept


def _reachable(start: str, edges: Sequence[Edge]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for source, target in edges:
            if source == here and target not in found:
                found.add(target)
                waiting.append(target)
    return found


def _ranks(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Longest way from a cause without causes; effects without effects all stand in the last layer."""
    rank = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in edges:
            rank[target] = max(rank[target], rank[source] + 1)
    last = max(rank.values(), default=0)
    causes = {source for source, _ in edges}
    effects = {target for _, target in edges}
    for name in names:
        if name in effects and name not in causes:
            rank[name] = last
    return rank


def _fewest_crossings(layers: list[list[str]], chains: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """Barycentre sweeps; the order with the fewest crossings seen is kept."""
    links = [pair for chain in chains for pair in itertools.pairwise(chain)]
    best, fewest = [list(layer) for layer in layers], _crossings(layers, links)
    current = [list(layer) for layer in layers]
    for sweep in range(12):
        places = range(1, len(current)) if sweep % 2 == 0 else range(len(current) - 2, -1, -1)
        for place in places:
            beside = current[place - 1] if sweep % 2 == 0 else current[place + 1]
            current[place] = _by_barycentre(current[place], beside, links)
        found = _crossings(current, links)
        if found < fewest:
            best, fewest = [list(layer) for layer in current], found
    return best


def _by_barycentre(layer: list[str], beside: list[str], links: Sequence[Edge]) -> list[str]:
    place = {name: index for index, name in enumerate(beside)}

    def centre(name: str) -> float:
        found = [
            place[a if b == name else b] for a, b in links if name in (a, b) and (a in place or b in place)
        ]
        return sum(found) / len(found) if found else float(layer.index(name))

    return sorted(layer, key=centre)


def _crossings(layers: Sequence[Sequence[str]], links: Sequence[Edge]) -> int:
    place = {name: index for layer in layers for index, name in enumerate(layer)}
    rank = {name: index for index, layer in enumerate(layers) for name in layer}
    count = 0
    for index, (a, b) in enumerate(links):
        for c, d in links[index + 1 :]:
            if rank[a] == rank[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0:
                count += 1
    return count


def heights(found: Layering, above: Mapping[str, float], below: Mapping[str, float]) -> dict[str, float]:
    """The height (y) of each name: near its neighbours, never nearer to the next than their room allows.

    `above`, `below`: the room a name needs over and under its centre.
    """
    y = {name: 0.0 for layer in found.layers for name in layer}
    links = [pair for chain in found.chains.values() for pair in itertools.pairwise(chain)]
    for _ in range(SWEEPS):
        for layer in found.layers:
            pulls = [_pull(name, links, y, found.knots) for name in layer]
            y |= dict(zip(layer, _packed(layer, pulls, above, below), strict=True))
    return y


def _pull(name: str, links: Sequence[Edge], y: Mapping[str, float], knots: frozenset[str]) -> Pull:
    """Where the neighbours of a name draw it, and how hard; parts of long arrows draw harder."""
    total, weight = 0.0, 0.0
    for a, b in links:
        if name in (a, b):
            other = b if a == name else a
            strength = KNOT_WEIGHT if name in knots or other in knots else 1.0
            total, weight = total + strength * y[other], weight + strength
    return (total / weight, weight) if weight else (y[name], 0.1)


def _packed(
    layer: Sequence[str], pulls: Sequence[Pull], above: Mapping[str, float], below: Mapping[str, float]
) -> list[float]:
    """The heights nearest to the wanted ones that leave enough room: pool adjacent violators."""
    offsets = [0.0]
    for upper, lower in itertools.pairwise(layer):
        offsets.append(offsets[-1] + below[upper] + above[lower])
    pools: list[tuple[float, float, int]] = []  # wanted height, weight, names in the pool
    for (target, weight), offset in zip(pulls, offsets, strict=True):
        pools.append((target - offset, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (t1, w1, n1), (t2, w2, n2) = pools[-2:]
            pools[-2:] = [((t1 * w1 + t2 * w2) / (w1 + w2), w1 + w2, n1 + n2)]
    flat = [target for target, _, count in pools for _ in range(count)]
    return [value + offset for value, offset in zip(flat, offsets, strict=True)]
