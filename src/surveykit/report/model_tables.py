"""A structural equation model as tables: estimates by kind and group, R², fit."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from surveykit.report.cells import DASH, count, heading, interval, level, number, probability, row, share
from surveykit.report.document import Cell, Table
from surveykit.report.names import Names

if TYPE_CHECKING:
    import pandas as pd

Line = Mapping[Hashable, Any]
Measures = Mapping[Any, Any]


SIDE_BY_SIDE = 2  # more groups than this get tables of their own


@dataclass(frozen=True)
class _Kind:
    """One table of estimates: which rows of the model stand in it."""

    key: str
    takes: Callable[[Line], bool]
    intervals: bool = False


def _is_variance(line: Line) -> bool:
    return bool(line["op"] == "~~" and line["lhs"] == line["rhs"])


_KINDS = (
    _Kind("paths", lambda line: line["op"] == "~", intervals=True),
    _Kind("effects", lambda line: line["op"] == ":=", intervals=True),
    _Kind("loadings", lambda line: line["op"] == "=~"),
    _Kind("covariances", lambda line: line["op"] == "~~" and not _is_variance(line)),
    _Kind("variances", _is_variance),
    _Kind("intercepts", lambda line: line["op"] == "~1"),
    _Kind("thresholds", lambda line: line["op"] in ("|", "~*~")),
)


def parameter_tables(
    parameters: pd.DataFrame, names: Names, *, conf_level: float = 0.95, id: str = "model"
) -> list[Table]:
    """The estimates, a table a kind, groups side by side, both solutions beside each other.

    Parameters
    ----------
    parameters : pandas.DataFrame
        Columns of `SemFit.parameter_estimates`: `lhs op rhs group label est se z pvalue ci_lower
        ci_upper std_all`; `group` holds the groups' labels, or is absent.
    names : Names
    conf_level : float, default 0.95
        Of the intervals.
    id : str
        Tables are called ``{id}-loadings`` and so on.
    """
    lines = parameters.to_dict(orient="records")
    found = []
    for kind in _KINDS:
        own = [line for line in lines if kind.takes(line)]
        found += [
            _table(kind, some, names, conf_level, end) for some, end in _pieces(own, f"{id}-{kind.key}")
        ]
    return found


def labelled(lines: Sequence[Line], names: Names) -> Iterator[tuple[str, str, Line]]:
    """Parameters in the order of their tables: the kind's title, the row's label, the row itself."""
    for kind in _KINDS:
        for line in lines:
            if kind.takes(line):
                over, label = _place(kind, line, names)
                yield names.text(f"title_{kind.key}"), f"{over} → {label}" if over else label, line


def _pieces(lines: Sequence[Line], id: str) -> list[tuple[Sequence[Line], str]]:
    """The rows that share a table: all groups where they fit beside each other, else one group each."""
    groups = list(dict.fromkeys(_group(line) for line in lines))
    if len(groups) <= SIDE_BY_SIDE:
        return [(lines, id)] if lines else []
    return [
        ([line for line in lines if _group(line) == group], f"{id}-{place}")
        for place, group in enumerate(groups, start=1)
    ]


def _table(kind: _Kind, lines: Sequence[Line], names: Names, conf_level: float, id: str) -> Table:
    """Rows are parameters, columns are groups; a defined effect belongs to no group."""
    groups = list(dict.fromkeys(_group(line) for line in lines))
    columns = _columns(kind, names, conf_level)
    cells: dict[tuple[str, str], dict[str, Line]] = {}
    for line in lines:
        cells.setdefault((line["lhs"], line["rhs"]), {})[_group(line)] = line
    rows: list[tuple[Cell, ...]] = []
    above = ""
    for by_group in cells.values():
        over, label = _place(kind, _named_alike(by_group), names)
        if over and over != above:
            rows.append(heading(over))
        above = over
        texts = [
            text
            for group in groups
            for text in (_numbers(kind, by_group[group], names) if group in by_group else [""] * len(columns))
        ]
        rows.append(row(label, *texts))
    spanners = (("", 1), *((names.group(group), len(columns)) for group in groups))
    return Table(
        id=id,
        title=names.text(f"title_{kind.key}"),
        header=(names.text(f"stub_{kind.key}"), *columns * len(groups)),
        rows=tuple(rows),
        notes=_notes(kind, lines, names),
        spanners=spanners if groups != [""] else (),
    )


def _named_alike(by_group: Mapping[str, Line]) -> Line:
    """The row that stands for all groups; where its label differs between them, it has all labels."""
    labels = [str(line.get("label") or "") for line in by_group.values()]
    own = dict.fromkeys(label for label in labels if label and not label.startswith("."))
    return {**next(iter(by_group.values())), "label": " / ".join(own)}


def _group(line: Line) -> str:
    """The group's label; the empty name for a model of one group and for defined effects."""
    group = line.get("group", "")
    return "" if line.get("op") == ":=" or group in ("", 0, None) else str(group)


def _columns(kind: _Kind, names: Names, conf_level: float) -> tuple[str, ...]:
    within = (names.text("ci", level=level(conf_level)),) if kind.intervals else ()
    return (names.text("estimate"), "SE", *within, "p", names.text("standardized"))


def _numbers(kind: _Kind, line: Line, names: Names) -> list[str]:
    """The estimate in both solutions; a fixed parameter has neither error nor p."""
    places = names.decimals
    fixed = _missing(line["se"]) or float(line["se"]) == 0
    texts = [number(line["est"], places), DASH if fixed else number(line["se"], places)]
    if kind.intervals:
        texts.append(DASH if fixed else interval(line["ci_lower"], line["ci_upper"], places))
    standardized = line.get("std_all")
    texts.append(DASH if fixed else probability(line["pvalue"]))
    return [*texts, share(standardized, places)]


def _missing(value: Any) -> bool:
    return value is None or float(value) != float(value)


def _place(kind: _Kind, line: Line, names: Names) -> tuple[str, str]:
    """The heading over a row, and the row's label."""
    lhs, rhs = str(line["lhs"]), str(line["rhs"])
    label = str(line.get("label") or "")
    named = f" ({label})" if label and not label.startswith(".") and line["op"] != ":=" else ""
    if kind.key == "loadings":
        return names.variable(lhs), names.item(rhs) + named
    if kind.key == "paths":
        return "", f"{names.short(rhs)} → {names.short(lhs)}{named}"
    if kind.key == "effects":
        return "", f"{lhs} = {rhs}"
    if kind.key == "covariances":
        return "", f"{names.short(lhs)} ↔ {names.short(rhs)}{named}"
    if kind.key == "thresholds":
        return "", (f"{lhs} | {rhs}" if line["op"] == "|" else f"{lhs} ~*~ {rhs}") + named
    return "", names.short(lhs) + named


def _notes(kind: _Kind, lines: Sequence[Line], names: Names) -> tuple[str, ...]:
    notes = [names.text("estimates_note")]
    if any(_missing(line["se"]) or float(line["se"]) == 0 for line in lines):
        notes.append(names.text("fixed_note"))
    labels = [label for line in lines if (label := str(line.get("label") or ".")) and label[0] != "."]
    if len(set(labels)) < len(labels) and kind.key != "effects":
        notes.append(names.text("label_note"))
    return (" ".join(notes),)


def r_squared_table(
    r_squared: Mapping[str, Mapping[str, float]], names: Names, *, id: str = "r-squared"
) -> Table:
    """Explained variance. `r_squared`: group ("" for one group) -> variable -> R²."""
    variables = list(dict.fromkeys(name for own in r_squared.values() for name in own))
    rows = [
        row(names.short(name), *(share(own.get(name), names.decimals) for own in r_squared.values()))
        for name in variables
    ]
    columns = ["R²"] if list(r_squared) == [""] else [names.group(group) for group in r_squared]
    return Table(id, names.text("r2_title"), (names.text("variable"), *columns), tuple(rows))


def effects_tables(
    effects: pd.DataFrame, names: Names, *, conf_level: float = 0.95, id: str = "effects"
) -> list[Table]:
    """Direct, indirect and total effects of each variable on each other, where anything is mediated.

    `effects`: as `SemFit.effects` gives them, `group` by its label.
    """
    lines = effects.to_dict(orient="records")
    mediated = {(line["rhs"], line["lhs"]) for line in lines if line["effect"] == "indirect"}
    own = [line for line in lines if (line["rhs"], line["lhs"]) in mediated]
    return [_effects_table(some, names, conf_level, end) for some, end in _pieces(own, id)]


def _effects_table(own: Sequence[Line], names: Names, conf_level: float, id: str) -> Table:
    kind = _Kind("effects", lambda line: True, intervals=True)
    groups = list(dict.fromkeys(_group(line) for line in own))
    by_place = {(line["rhs"], line["lhs"], line["effect"], _group(line)): line for line in own}
    width = len(_columns(kind, names, conf_level))
    rows: list[tuple[Cell, ...]] = []
    for source, target in dict.fromkeys((line["rhs"], line["lhs"]) for line in own):
        rows.append(heading(f"{names.short(source)} → {names.short(target)}"))
        for effect in ("direct", "indirect", "total"):
            found = [by_place.get((source, target, effect, group)) for group in groups]
            if any(found):
                texts = [
                    text for line in found for text in (_numbers(kind, line, names) if line else [""] * width)
                ]
                rows.append(row(names.text(f"effect_{effect}"), *texts))
    spanners = (("", 1), *((names.group(group), width) for group in groups))
    return Table(
        id=id,
        title=names.text("effect_title"),
        header=(names.text("stub_effects"), *_columns(kind, names, conf_level) * len(groups)),
        rows=tuple(rows),
        notes=(names.text("estimates_note"), names.text("effect_note")),
        spanners=spanners if groups != [""] else (),
    )


_FIT = ("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic")
_ENDS = ("", "_scaled", "_robust")


def fit_table(fits: Mapping[str, Measures], names: Names, *, id: str = "fit") -> Table:
    """Fit of one model or several: a row each, with rows of their own for scaled and robust versions.

    Parameters
    ----------
    fits : mapping of a model's name to its fit measures
        As `SemFit.fit_measures()` names them. The name "" for a single model.
    """
    columns = [name for name in _FIT if any(_has(one, name) for one in fits.values())]
    rows: list[tuple[Cell, ...]] = []
    several = len(fits) > 1
    for title, measures in fits.items():
        ends = [end for end in _ENDS if _has(measures, f"chisq{end}") or _has(measures, f"rmsea{end}")]
        if several and len(ends) > 1:
            rows.append(heading(title))
        for end in ends:
            label = (
                title if several and len(ends) == 1 else names.text(f"fit_{end.lstrip('_') or 'standard'}")
            )
            rows.append(row(label, *(text for name in columns for text in _fit_cell(measures, name, end))))
    header = [text for name in columns for text in _fit_header(name, names)]
    stub = names.text("model_stub")
    return Table(id, names.text("fit_title"), (stub, *header), tuple(rows), (names.text("fit_note"),))


def _has(measures: Measures, name: str) -> bool:
    value = measures.get(name)
    return value is not None and float(value) == float(value)


def _fit_header(name: str, names: Names) -> tuple[str, ...]:
    if name == "rmsea":
        return ("RMSEA", names.text("ci", level="90%"))
    return ({"chisq": "χ²", "df": "df", "pvalue": "p"}.get(name, name.upper()),)


def _fit_cell(measures: Measures, name: str, end: str) -> tuple[str, ...]:
    """A measure in its standard, scaled or robust version; SRMR, AIC and BIC exist only once."""
    value = measures.get(f"{name}{end}")
    if name == "rmsea":
        low, high = (measures.get(f"rmsea_ci_{side}{end}") for side in ("lower", "upper"))
        return share(value, 3), interval(low, high, 3, bounded=True)
    if end and value is None:
        return ("",)
    writers: Mapping[str, Callable[[Any], str]] = {
        "chisq": lambda x: number(x, 2),
        "df": count,
        "pvalue": probability,
        "aic": lambda x: number(x, 1),
        "bic": lambda x: number(x, 1),
    }
    return (writers.get(name, lambda x: share(x, 3))(value),)
