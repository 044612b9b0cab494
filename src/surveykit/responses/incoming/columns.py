"""Which column holds which item: as the study's map says, else by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from surveykit.errors import Note, SurveykitProblems, note
from surveykit.form.layout import all_codes
from surveykit.form.roster import EMAIL, PERSONAL, RESERVED
from surveykit.instrument.model import Instrument, Item
from surveykit.responses.incoming.platforms import Platform
from surveykit.responses.incoming.tables import Table

SHOWN = 12
# How systems name the column of one option: channels_10, channels/10, channels[10], channels.10
OPTION_NAMES = ("{item}_{code}", "{item}/{code}", "{item}[{code}]", "{item}.{code}", "{item}_{minus}")


@dataclass(frozen=True)
class ColumnMap:
    """What a study says of a table.

    `items`: item -> column; `options`: several-choice item -> code -> column;
    `recode`: item or response scale -> what stands in the table -> code;
    `missing`: what stands for no answer; `keep`: columns carried along;
    `group`: the column that tells countries apart.
    """

    source: str = "csv"
    sheet: str | None = None
    respondent: str | None = None
    language: str | None = None
    items: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    recode: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    group: str | None = None


@dataclass(frozen=True)
class Columns:
    """Where things stand in a table: `single` by item, `options` by item and code; groups; who and when."""

    single: Mapping[str, str]
    options: Mapping[str, Mapping[int, str]]
    groups: tuple[str, ...]
    respondent: str
    language: str | None
    saved: str | None
    notes: tuple[Note, ...]

    @property
    def items(self) -> frozenset[str]:
        """The items that the table has."""
        return frozenset(self.single) | frozenset(self.options)


def find_columns(table: Table, inst: Instrument, given: ColumnMap, platform: Platform) -> Columns:
    """Each item's columns.

    Raises
    ------
    SurveykitProblems
        E052 a column that the map names is not there; E053 the map names an item, response scale or option
        that the instrument does not have; E054 no column of respondents; E055 the column of respondents
        holds e-mail addresses; E058 no item has a column.
    """
    problems = [*_unknown(table, inst, given)]
    if problems:
        raise SurveykitProblems(tuple(problems))
    by_name = {_plain(name): name for name in table.columns}
    single: dict[str, str] = {}
    options: dict[str, Mapping[int, str]] = {}
    for item in inst.items:
        several = given.options.get(item.id) or _option_columns(inst, item, given, by_name)
        column = given.items.get(item.id) or by_name.get(_plain(item.id)) or by_name.get(_bare(item.id))
        if several and (item.id not in given.items or item.id in given.options):
            options[item.id] = several
        elif column is not None:
            single[item.id] = column
    respondent = given.respondent or next((one for one in platform.respondent if _filled(table, one)), None)
    if respondent is None:
        columns = _listed(table.columns)
        raise SurveykitProblems((note("E054", table.place, columns=columns),))
    if any(EMAIL.search(_raw(row.cells, respondent)) for row in table.rows):
        raise SurveykitProblems((note("E055", table.place, column=respondent),))
    if not single and not options:
        columns = _listed(table.columns)
        raise SurveykitProblems((note("E058", table.place, instrument=inst.instrument, columns=columns),))
    groups, told = _groups(table, inst, given)
    language = given.language or next((one for one in platform.language if one in table.columns), None)
    saved = next((one for one in platform.saved if one in table.columns), None)
    used = {*single.values(), *(one for by_code in options.values() for one in by_code.values()), *groups}
    used |= {respondent, *(one for one in (language, saved) if one is not None), *platform.respondent}
    told += _left(table, inst, platform, used, {*single, *options})
    return Columns(single, options, groups, respondent, language, saved, tuple(told))


def _unknown(table: Table, inst: Instrument, given: ColumnMap) -> Iterable[Note]:
    """What the map names and is not there."""
    there = set(table.columns)
    named = [given.respondent, given.language, *given.items.values(), *given.keep]
    named += [one for by_code in given.options.values() for one in by_code.values()]
    for column in dict.fromkeys(one for one in named if one is not None and one not in there):
        yield note("E052", table.place, column=column, offered=_listed(table.columns))
    items = {item.id: item for item in inst.items}
    scales = set(inst.response_scales)
    for name in (*given.items, *given.options):
        if name not in items:
            yield note("E053", table.place, name=name, instrument=inst.instrument)
    for name in given.recode:
        if name not in items and name not in scales:
            yield note("E053", table.place, name=name, instrument=inst.instrument)
    for name, by_code in given.options.items():
        scale = inst.response_scale_of(items[name]) if name in items else None
        offered = all_codes(scale) if scale is not None and items[name].type == "multiple" else ()
        for code in by_code:
            if name in items and code not in offered:
                yield note("E053", table.place, name=f"{name}: {code}", instrument=inst.instrument)


def _plain(name: str) -> str:
    return name.strip().casefold()


def _bare(name: str) -> str:
    """An item's id without its underscores, as systems write it whose codes can have none."""
    return name.replace("_", "").casefold()


def _option_columns(
    inst: Instrument, item: Item, given: ColumnMap, by_name: Mapping[str, str]
) -> Mapping[int, str]:
    """The columns of a several-choice item's options, by their usual names."""
    scale = inst.response_scale_of(item)
    if item.type != "multiple" or scale is None:
        return {}
    starts = (given.items.get(item.id), item.id, _bare(item.id))
    ids = {_plain(one.id) for one in inst.items}
    found: dict[int, str] = {}
    for code in all_codes(scale):
        minus = str(code).replace("-", "m")
        names = (
            _plain(form.format(item=start, code=code, minus=minus))
            for start in starts
            if start is not None
            for form in OPTION_NAMES
        )
        column = next((by_name[one] for one in names if one in by_name and one not in ids), None)
        if column is not None:
            found[code] = column
    return found


def _filled(table: Table, column: str) -> bool:
    """Whether a column is there and holds anything."""
    return column in table.columns and any(_raw(row.cells, column).strip() for row in table.rows)


def _raw(cells: Mapping[str, object], column: str) -> str:
    cell = cells.get(column)
    return str(getattr(cell, "raw", ""))


def _groups(table: Table, inst: Instrument, given: ColumnMap) -> tuple[tuple[str, ...], list[Note]]:
    """The columns carried along, without what names a person or has the name of an item."""
    wanted = [*given.keep]
    if given.group is not None and given.group in table.columns and given.group not in wanted:
        wanted.insert(0, given.group)
    items = {item.id for item in inst.items}
    taken = [one for one in wanted if one in items or one in RESERVED]
    if taken:
        raise SurveykitProblems((note("E059", table.place, columns=", ".join(taken)),))
    named = [
        one
        for one in wanted
        if PERSONAL.search(one) or any(EMAIL.search(_raw(row.cells, one)) for row in table.rows)
    ]
    told = [note("E060", table.place, columns=", ".join(named))] if named else []
    if given.group is not None and given.group not in table.columns:
        told.append(note("E065", table.place, column=given.group, offered=_listed(table.columns)))
    return tuple(one for one in wanted if one not in named), told


def _left(table: Table, inst: Instrument, platform: Platform, used: set[str], mapped: set[str]) -> list[Note]:
    """What was not read: columns nobody asked for, items without a column."""
    told = []
    left = [one for one in table.columns if one not in used and not platform.own.fullmatch(one)]
    if left:
        told.append(note("E061", table.place, count=len(left), columns=_listed(left)))
    absent = [item.id for item in inst.items if item.id not in mapped]
    if absent:
        told.append(note("E062", table.place, count=len(absent), items=_listed(absent)))
    return told


def _listed(names: Iterable[str]) -> str:
    several = list(names)
    return ", ".join(several[:SHOWN]) + (" …" if len(several) > SHOWN else "") or "–"
