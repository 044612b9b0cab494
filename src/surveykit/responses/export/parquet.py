"""Responses as a Parquet file: whole numbers whole, days as days, labels in the columns' metadata."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from surveykit.errors import SurveykitError
from surveykit.responses.export.table import About, Column


def write_parquet(path: Path, columns: tuple[Column, ...], about: About) -> None:
    """Write the file.

    Each field's metadata has `label`, `values` and `missing_values` as JSON,
    by language; the file's has the data set's name and version.

    Raises
    ------
    SurveykitError
        E020 pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise SurveykitError("E020", format="parquet", extra="parquet") from None
    types = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32()}
    fields = [pa.field(one.name, types[one.type], metadata=_metadata(one)) for one in columns]
    arrays = [
        pa.array([_day(value) if one.type == "date" else value for value in one.cells], types[one.type])
        for one in columns
    ]
    named = {"name": about.name, "version": about.version, "title": _json(dict(about.title))}
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=named))
    parquet.write_table(table, path)


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _metadata(one: Column) -> dict[str, str]:
    facts = {"label": dict(one.label), "values": one.values, "missing_values": one.missing}
    return {name: _json(value) for name, value in facts.items() if value}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
