"""What every result offers: a frame, a dict, a text, HTML and notes.

A result is a frozen dataclass that inherits `Result` and writes `to_frame`
and `summary`; the rest follows. Results know no report.
"""

from __future__ import annotations

import dataclasses
import html
from numbers import Real
from typing import TYPE_CHECKING, Any

from surveykit.errors import Note
from surveykit.formatting import table_cells, text_table

if TYPE_CHECKING:
    import pandas as pd


class Result:
    """Base of all results. Subclasses are frozen dataclasses with a field `notes`."""

    notes: tuple[Note, ...]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "__repr__" not in vars(cls):
            cls.__repr__ = Result.__repr__  # type: ignore[method-assign]  # before @dataclass writes its own

    def __repr__(self) -> str:
        if type(self).summary is Result.summary:
            rows = len(self.to_frame())
            return f"<{type(self).__name__}: {rows} row{'' if rows == 1 else 's'}>"
        return f"<{type(self).__name__}: {self.summary().partition(chr(10))[0]}>"

    def __str__(self) -> str:
        return self.summary()

    def to_frame(self) -> pd.DataFrame:
        """The result's main table, one row a thing."""
        raise TypeError(f"{type(self).__name__} must write to_frame()")

    def summary(self) -> str:
        """The result as text, ready to print."""
        if type(self).__repr__ is Result.__repr__:
            return self._table_and_notes()
        told = repr(self).removeprefix(f"<{type(self).__name__}: ").removesuffix(">")
        return f"{told}\n{self._table_and_notes()}"

    def _table_and_notes(self) -> str:
        lines = [frame_text(self.to_frame())]
        lines += [str(note) for note in self.notes]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values (JSON can hold them), every public field by its name."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]  # every subclass is a dataclass
        return {one.name: plain(getattr(self, one.name)) for one in fields if not one.name.startswith("_")}

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(str(note))}</li>" for note in self.notes)
        frame = self.to_frame()
        cells = [table_cells(str(name), column.tolist()) for name, column in frame.items()]
        shown = frame.astype(object)
        for at, column in enumerate(cells):
            shown.isetitem(at, column)
        return shown.to_html(index=False) + (f"<ul>{notes}</ul>" if notes else "")


def frame_text(frame: pd.DataFrame, *, labels: bool = False) -> str:
    """A table as text (see `formatting.text_table`); with `labels` its row labels come first."""
    columns = [(str(name), column.tolist()) for name, column in frame.items()]
    return text_table([("", [str(one) for one in frame.index]), *columns] if labels else columns)


def plain(value: Any) -> Any:
    """Frames, arrays, notes and nested results as lists, dicts, strings and numbers; NaN as None."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, Note):
        return {"code": value.code, "text": value.text()}
    if isinstance(value, Result):
        return value.to_dict()
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if hasattr(value, "columns"):  # DataFrame
        return [plain(row) for row in value.to_dict(orient="records")]
    if hasattr(value, "to_dict"):  # Series
        return plain(value.to_dict())
    if hasattr(value, "tolist"):  # NumPy array or scalar
        inner = value.tolist()
        if type(inner) is not type(value):
            return plain(inner)
        if isinstance(inner, Real):  # a float of extended precision, which Python has no type for
            return plain(float(inner))
    return str(value)
