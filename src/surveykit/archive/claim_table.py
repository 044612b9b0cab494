"""Claims out of a table as somebody keeps it in Excel (.xlsx, .ods or CSV): a row a published number."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from surveykit.archive.printed import is_printed
from surveykit.archive.schema import Expected, Kind
from surveykit.errors import Note, Place, SurveykitError, SurveykitProblems, note
from surveykit.form.encodings import decode, delimiter
from surveykit.instrument.schema import ID_PATTERN
from surveykit.responses.book import column_number
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import guarded
from surveykit.responses.parse import plain

# Column of the table -> key of the claim.
COLUMNS = {
    "id": "id", "value": "printed", "what": "kind", "where": "where", "path": "compute", "tails": "tails",
    "tolerance": "tolerance", "reason": "reason", "expected": "expected",
}  # fmt: skip
PLACES = {"table": "Table {}", "row": "row {}", "column": "column {}", "page": "p. {}"}
# Columns that are read but are no part of a claim.
BESIDE = ("decimals", "recomputed", *PLACES)
# A zip file (.xlsx, .ods), and the container of the old formats and of locked workbooks.
WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
NEEDED = ("value", "what", "path")
ALLOWED = {"what": get_args(Kind), "tails": ("one", "two"), "expected": get_args(Expected)}
# Kinds of numbers, and ends of paths, that are counts.
WHOLE = frozenset(("n", "df", "count", "ntotal", "npar"))
ID = re.compile(ID_PATTERN)
# A cell that names its own kind of place: "Table 2", "p. 14", 表2.
NAMED = re.compile(r"(table|tab\.|row|column|col\.|pages?\b|pp?\.|表|표|行|행|列|열|頁|쪽)", re.IGNORECASE)


Row = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Made:
    """A file that was made: how many rows it has, and what to look at."""

    count: int
    notes: tuple[Note, ...] = ()


def write_claims(path: Path, to: Path, citation: str = "") -> Made:
    """Make a claims.yaml from a table of published numbers.

    Parameters
    ----------
    path : Path
        A workbook (.xlsx, .ods: the first sheet with a column `value`), or CSV in UTF-8, UTF-16, cp932 or
        cp949 with commas, semicolons or tabs. Columns: `value` as printed, `what` (mean, sd, t, df, p, …),
        `path` into the results, and `where`, or any of `table`, `row`, `column`, `page`; if wanted
        `id`, `decimals` (Excel drops trailing zeros: 2 makes .5 into .50), `tails`, `tolerance` with
        `reason`, `expected`. Rows without a value are passed over.
    to : Path
        The file to write.
    citation : str
        The paper; the name of the file where left out.

    Raises
    ------
    SurveykitError
        A050 no table that can be read; A080 no row has a value; A051 a column is missing or not known;
        A065 no such file; E070, E071 its encoding cannot be told; R004-R013 a workbook that cannot be read.
    SurveykitProblems
        With the cell of each: A001 no number; A002 a tolerance without a reason; A004 an id twice;
        A053 a cell that is empty or says something else than is allowed; A064 nothing says where it is
        printed.
    """
    header, rows, typed = _read(path)
    claims: list[dict[str, str]] = []
    problems: list[Note] = []
    seen: set[str] = set()
    for number, row in rows:
        place = _Places(str(path), header, number)
        problems += _problems(row, place)
        name = row.get("id") or f"n{number}"
        if name in seen:
            problems.append(note("A004", place("id"), id=name))
        seen.add(name)
        claims.append({key: value for key, value in _claim(row, name).items() if value})
    if problems:
        raise SurveykitProblems(tuple(problems))
    if not claims:
        raise SurveykitError("A080", place=Place(file=str(path)))
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    text = _yaml(name if ID.fullmatch(name) else "claims", citation or path.name, claims)
    to.write_text(text, encoding="utf-8", newline="\n")
    return Made(len(claims), _short([one for one in rows if one[0] not in typed], rows, str(path)))


class _Places:
    """The cells of a row, as Excel names them."""

    def __init__(self, file: str, header: list[str], number: int) -> None:
        self.file, self.header, self.number = file, header, number

    def __call__(self, column: str) -> Place:
        at = self.header.index(column) if column in self.header else 0
        letters = chr(65 + at) if at < 26 else chr(64 + at // 26) + chr(65 + at % 26)
        return Place(file=self.file, cell=f"{letters}{self.number}")


def _read(file: Path) -> tuple[list[str], list[Row], frozenset[int]]:
    """The header, each row that has a value with its number in the sheet, the rows whose value is a text."""
    texts: frozenset[tuple[int, int]] = frozenset()
    place = Place(file=str(file))
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise SurveykitError("A065", place=place) from None
    except OSError as error:
        raise SurveykitError("A050", place=place, reason=str(error)[:200]) from error
    if data.startswith(WORKBOOK_STARTS):
        lines, texts = _lines_of_workbook(data, str(file))
    else:
        text = decode(data, place).text
        lines = list(enumerate(csv.reader(text.splitlines(), delimiter=delimiter(text)), 1))
    header = [name.strip().lower() for name in (lines[0][1] if lines else [])]
    _check_header(header, place)
    rows = [
        (number, {name: cell.strip() for name, cell in zip(header, line, strict=False) if name})
        for number, line in lines[1:]
    ]
    typed = frozenset(row for row, column in texts if column == header.index("value") + 1)
    return header, [(number, row) for number, row in rows if row.get("value")], typed


def _lines_of_workbook(
    data: bytes, file: str
) -> tuple[list[tuple[int, list[str]]], frozenset[tuple[int, int]]]:
    """The rows of the sheet that has the numbers, with their numbers there; the cells that hold a text."""
    book = read_workbook(guarded(data, file))
    sheets = [book.sheet(name).cells for name in book.sheet_members] or [{}]
    heads = [{cell.raw.strip().lower() for (row, _), cell in cells.items() if row == 1} for cells in sheets]
    chosen = next((cells for cells, head in zip(sheets, heads, strict=True) if "value" in head), sheets[0])
    rows: dict[int, dict[int, str]] = {}
    for (row, column), cell in chosen.items():
        rows.setdefault(row, {})[column_number(column)] = plain(cell)
    lines = [
        (row, [cells.get(at, "") for at in range(1, max(cells) + 1)]) for row, cells in sorted(rows.items())
    ]
    texts = ((row, column_number(column)) for (row, column), cell in chosen.items() if cell.kind == "text")
    return lines, frozenset(texts)


def _check_header(header: list[str], place: Place) -> None:
    missing = [name for name in NEEDED if name not in header]
    if not {"where", *PLACES} & set(header):
        missing.append("where")
    unknown = [name for name in header if name and name not in (*COLUMNS, *BESIDE)]
    twice = [name for name in dict.fromkeys(header) if name and header.count(name) > 1]
    if missing or unknown or twice:
        raise SurveykitError(
            "A051",
            place=place,
            missing=", ".join(missing) or "–",
            unknown=", ".join([*unknown, *twice]) or "–",
            known=", ".join((*COLUMNS, *BESIDE)),
        )


def _problems(row: Mapping[str, str], place: _Places) -> Iterator[Note]:
    for column in ("value", "tolerance"):
        text = row.get(column, "")
        words = column == "value" and row.get("what") in ("verdict", "other")
        if text and not words and not is_printed(text):
            yield note("A001", place(column), text=text)
    for column, allowed in ALLOWED.items():
        if row.get(column, "") not in (*allowed, *(() if column == "what" else ("",))):
            yield note(
                "A053", place(column), column=column, value=row.get(column, ""), allowed=", ".join(allowed)
            )
    if row.get("id") and not ID.fullmatch(row["id"]):
        yield note("A053", place("id"), column="id", value=row["id"], allowed="a-z 0-9 _")
    if not row.get("path"):
        yield note("A053", place("path"), column="path", value="", allowed="step.result.field")
    if not _where(row):
        there = [name for name in ("where", *PLACES) if name in place.header]
        yield note("A064", place(there[0]), row=place.number, columns=", ".join(there))
    if not row.get("decimals", "").isdigit() and row.get("decimals"):
        yield note("A053", place("decimals"), column="decimals", value=row["decimals"], allowed="0, 1, 2, …")
    if row.get("tolerance") and not row.get("reason"):
        yield note("A002", place("reason"), id=row.get("id") or row["value"])


def _claim(row: Mapping[str, str], name: str) -> dict[str, str]:
    """A row as a claim; keys in the order of the schema."""
    claim = {key: row.get(column, "") for column, key in COLUMNS.items()}
    decimals = row.get("decimals", "")
    return claim | {"id": name, "where": _where(row), "printed": _padded(row["value"], decimals)}


def _where(row: Mapping[str, str]) -> str:
    parts = [
        row[name] if NAMED.match(row[name]) else words.format(row[name])
        for name, words in PLACES.items()
        if row.get(name)
    ]
    return row.get("where", "") or ", ".join(parts)


def _padded(text: str, decimals: str) -> str:
    """The number with the trailing zeros that a spreadsheet has dropped."""
    whole, _, fraction = text.partition(".")
    if not decimals.isdigit() or len(fraction) >= int(decimals) or not (fraction or whole)[-1:].isdigit():
        return text
    return f"{whole}.{fraction:0<{int(decimals)}}"


def _short(numbers: list[Row], rows: list[Row], file: str) -> tuple[Note, ...]:
    """Numbers with fewer decimals than others of their kind: Excel may have dropped zeros.

    Of a text it drops none, and a whole number that counts something had none.
    """
    most: dict[str, int] = defaultdict(int)
    for _, row in rows:
        most[row.get("what", "")] = max(most[row.get("what", "")], _decimals(row))
    short = [
        number
        for number, row in numbers
        if not row.get("decimals") and _decimals(row) < most[row.get("what", "")] and not _counts(row)
    ]
    if not short:
        return ()
    return (note("A052", Place(file=file), rows=", ".join(map(str, short[:20])), count=len(short)),)


def _counts(row: Mapping[str, str]) -> bool:
    """Whether a whole number is a count, such as df: by its kind, its path or what was recomputed."""
    last = re.split(r"[\W_]+", row.get("path", "").rpartition(".")[2])
    recomputed = re.fullmatch(r"-?\d+(\.0)?", row.get("recomputed", "")) is not None
    counted = row.get("what") in WHOLE or not WHOLE.isdisjoint(last) or recomputed
    return counted and not _decimals(row)


def _decimals(row: Mapping[str, str]) -> int:
    return len(row["value"].partition(".")[2])


def _yaml(name: str, citation: str, claims: list[dict[str, Any]]) -> str:
    """One line a claim, every text in quotes."""
    head = [f"claims: {name}", 'version: "1.0.0"', f"citation: {_quoted(citation)}", "numbers:"]
    lines = [
        "  - {" + ", ".join(f"{key}: {_quoted(value)}" for key, value in one.items()) + "}" for one in claims
    ]
    return "\n".join([*head, *lines]) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
