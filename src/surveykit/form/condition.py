"""`show_if` as an Excel formula, for the cells that turn grey."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from surveykit.form.layout import Layout, Slot
from surveykit.instrument.show_if import (
    AllOf,
    Answered,
    AnyOf,
    Comparison,
    Condition,
    Membership,
    Not,
    parse_show_if,
)

# Answer -> its cell, as a formula names it.
Cells = Mapping[Slot, str]
# A text within a formula may have 255 characters.
VALUES_PER_TEXT = 14
SIGNS = {"==": "=", "!=": "<>"}


def excel_condition(show_if: str, form: Layout, cells: Cells | None = None) -> str:
    """The condition as a formula without the leading ``=``, over the answer cells of the sheet.

    `cells`: where else than in the questionnaire the answers stand.

    A comparison reads the number at the beginning of the cell (``5 – Agree``
    is 5) and is false where there is none, as `show_if` defines it.
    """
    usual = {slot: f"${form.columns.answer}${row}" for slot, row in form.slots.items()}
    return _render(parse_show_if(show_if), cells or usual)


def _render(condition: Condition, cells: Cells) -> str:
    if isinstance(condition, AllOf):
        return f"AND({','.join(_render(one, cells) for one in condition.conditions)})"
    if isinstance(condition, AnyOf):
        return f"OR({','.join(_render(one, cells) for one in condition.conditions)})"
    if isinstance(condition, Not):
        return f"NOT({_render(condition.condition, cells)})"
    if isinstance(condition, Answered):
        return _any([f"LEN(TRIM({cell}))>0" for cell in _cells(condition.item, cells).values()])
    if isinstance(condition, Membership):
        return _membership(condition, cells)
    return _comparison(condition, cells)


def _membership(condition: Membership, cells: Cells) -> str:
    """Looked up in a text of the values, since conditional formatting takes no array constants."""
    values = [_number(value) for value in condition.values]
    lists = [values[start : start + VALUES_PER_TEXT] for start in range(0, len(values), VALUES_PER_TEXT)]
    return _relation(
        condition.item,
        cells,
        lambda code: [f'ISNUMBER(FIND(";"&{code}&";",";{";".join(some)};"))' for some in lists],
    )


def _comparison(condition: Comparison, cells: Cells) -> str:
    sign = SIGNS.get(condition.operator, condition.operator)
    return _relation(condition.item, cells, lambda code: [f"{code}{sign}{_number(condition.value)}"])


def _relation(item: str, cells: Cells, tests: Callable[[str], list[str]]) -> str:
    """The tests on an answer's code; on each chosen option where several may be chosen."""
    parts = []
    for slot, cell in _cells(item, cells).items():
        if slot.option is None:
            code = f'VALUE(LEFT(TRIM({cell}),FIND(" ",TRIM({cell})&" ")-1))'
            parts += [f"IFERROR({test},FALSE)" for test in tests(code)]
        else:
            chosen = f"LEN(TRIM({cell}))>0"
            parts += [f"AND({chosen},{test})" for test in tests(str(slot.option))]
    return _any(parts)


def _any(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"OR({','.join(parts)})"


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _cells(item: str, cells: Cells) -> dict[Slot, str]:
    return {slot: cell for slot, cell in cells.items() if slot.item == item}
