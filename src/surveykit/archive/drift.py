"""Archived results against those of a rerun: every number, to a tolerance that BLAS explains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

# Different BLAS and SIMD orders of summation move converged estimates by 1e-9 at most (gradient below 1e-8).
RELATIVE, ABSOLUTE = 1e-6, 1e-8


class Drift(NamedTuple):
    """A number that came out otherwise."""

    path: str
    archived: Any
    now: Any


def drift(archived: Any, now: Any) -> list[Drift]:
    """Where two results.json differ; the analyses only, not how data were gathered."""
    again = now if isinstance(now, dict) else {}
    return [
        one for step, before in _analyses(archived).items() for one in _walk(step, before, again.get(step))
    ]


def compared(archived: Any) -> int:
    """How many values of a results.json `drift` holds against those of a rerun."""
    return sum(map(_leaves, _analyses(archived).values()))


def _analyses(results: Any) -> dict[str, Any]:
    return {name: one for name, one in results.items() if name != "data"} if isinstance(results, dict) else {}


def _leaves(value: Any) -> int:
    if isinstance(value, dict | list):
        return sum(map(_leaves, value.values() if isinstance(value, dict) else value))
    return 1


def _walk(path: str, before: Any, after: Any) -> Iterator[Drift]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before:
            yield from _walk(f"{path}.{key}", before[key], after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _walk(f"{path}[{index}]", one, other)
    elif not _same(before, after):
        yield Drift(path, before, after)


def _same(before: Any, after: Any) -> bool:
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (before, after))
    if numbers:
        return bool(abs(before - after) <= ABSOLUTE + RELATIVE * abs(before))
    return bool(before == after)
