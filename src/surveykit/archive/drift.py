"""Archived results against those of a rerun: every number, to a tolerance that BLAS explains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

# Different BLAS and SIMD orders of summation move converged estimates by 1e-9 at most (gradient below 1e-8).
RELATIVE, ABSOLUTE = 1e-6, 1e-8
MOST = 50


class Drift(NamedTuple):
    """A number that came out otherwise."""

    path: str
    archived: Any
    now: Any


def drift(archived: Any, now: Any) -> list[Drift]:
    """Where two results.json differ, at most 50 places; the analyses only, not how data were gathered."""
    found: list[Drift] = []
    steps = [name for name in archived if name != "data"] if isinstance(archived, dict) else []
    for step in steps:
        for one in _walk(step, archived[step], now.get(step) if isinstance(now, dict) else None):
            found.append(one)
            if len(found) == MOST:
                return found
    return found


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
