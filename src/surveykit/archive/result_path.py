"""The way from a claim to its number: a path into results.json."""

from __future__ import annotations

from typing import Any

from surveykit.errors import SurveykitError


def value_at(results: Any, path: str) -> Any:
    """What stands at the end of a path such as ``model.fit.parameter_estimates[lhs=CI,rhs=PU].std_all``.

    Steps are parted by dots. A name may itself hold dots (``reliability.trust.JP``):
    the longest name that exists is taken. ``[column=value,...]`` picks the one row
    of a table where all hold.

    Raises
    ------
    SurveykitError
        A010 nothing stands there (what stands at the last good step is named); A011 no row, or several.
    """
    value, rest, walked = results, path, ""
    while rest:
        if not isinstance(value, dict):
            raise SurveykitError("A010", path=path, walked=walked or "–", offered="–")
        step = _longest(value, rest)
        if step is None:
            offered = ", ".join(list(map(str, value))[:20])
            raise SurveykitError("A010", path=path, walked=walked or "–", offered=offered)
        name, where, used = step
        value = value[name]
        if where is not None:
            value = _row(value, where, path)
        walked, rest = path[: len(path) - len(rest) + used], rest[used:].removeprefix(".")
    return value


def _longest(mapping: dict[str, Any], rest: str) -> tuple[str, str | None, int] | None:
    """The longest key that `rest` begins with; the row condition behind it; how much of `rest` they take."""
    for name in sorted(mapping, key=len, reverse=True):
        if rest == name or rest.startswith(name + "."):
            return name, None, len(name)
        if rest.startswith(name + "["):
            end = rest.index("]", len(name)) + 1 if "]" in rest[len(name) :] else len(rest)
            return name, rest[len(name) + 1 : end - 1], end
    return None


def _row(table: Any, where: str, path: str) -> Any:
    wanted = [part.partition("=")[::2] for part in where.split(",")]
    rows = [
        row
        for row in (table if isinstance(table, list) else [])
        if isinstance(row, dict)
        and all(str(row.get(column.strip())) == value.strip() for column, value in wanted)
    ]
    if len(rows) != 1:
        raise SurveykitError("A011", path=path, where=where, found=len(rows))
    return rows[0]
