"""Responses as an SPSS file: labels in one language, codes that count as missing kept and declared as such.

SPSS holds less than a questionnaire: what must be cut is named in a note.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from surveykit.errors import Note, SurveykitError, note
from surveykit.form.layout import all_codes
from surveykit.responses.export.table import About, Column, pick_text
from surveykit.responses.read import Responses

# What the file format holds, in bytes of UTF-8.
VARIABLE_LABEL, VALUE_LABEL, STRING, NAME = 255, 120, 32_767, 64
DISCRETE_MISSING = 3
SHOWN = 8


@dataclass(frozen=True)
class SpssVariable:
    """One variable as SPSS holds it. `missing`: single codes, or one range of codes."""

    name: str
    label: str
    cells: tuple[Any, ...]
    labels: Mapping[int | float, str] = field(default_factory=dict)
    missing: tuple[Any, ...] = ()
    measure: str = "nominal"
    format: str | None = None


@dataclass
class Cut:
    """What did not fit, by kind."""

    labels: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def fit(self, text: str, limit: int, where: str, kind: list[str]) -> str:
        """The text within so many bytes, ending in … and named if it had to be cut."""
        if len(text.encode()) <= limit:
            return text
        kind.append(where)
        return text.encode()[: limit - 3].decode("utf-8", "ignore") + "…"

    def notes(self) -> tuple[Note, ...]:
        """E022 labels cut, E023 texts cut, E024 codes that could not be declared missing."""
        found = []
        if self.labels:
            found.append(note("E022", count=len(self.labels), names=_listed(self.labels), limit=VALUE_LABEL,
                              long=VARIABLE_LABEL))  # fmt: skip
        if self.texts:
            found.append(note("E023", count=len(self.texts), names=_listed(self.texts), limit=STRING))
        if self.missing:
            found.append(note("E024", names=_listed(self.missing)))
        return tuple(found)


def write_sav(
    path: Path, responses: Responses, columns: tuple[Column, ...], about: About, lang: str
) -> tuple[Note, ...]:
    """Write the file; what had to be cut comes back as notes.

    Several-choice items become a variable of 0 and 1 for each answer offered,
    as SPSS keeps multiple-response sets.

    Raises
    ------
    SurveykitError
        E020 pyreadstat is not installed.
    """
    try:
        import pyreadstat
    except ImportError:
        raise SurveykitError("E020", format="sav", extra="spss") from None
    import pandas as pd

    cut = Cut()
    variables = spss_variables(responses, columns, lang, cut)
    frame = pd.DataFrame({one.name: _series(one) for one in variables})
    try:
        pyreadstat.write_sav(
            frame,
            str(path),
            file_label=cut.fit(pick_text(about.title, lang), 64, about.name, []),
            column_labels={one.name: one.label for one in variables},
            variable_value_labels={one.name: dict(one.labels) for one in variables if one.labels},
            missing_ranges={one.name: list(one.missing) for one in variables if one.missing},
            variable_measure={one.name: one.measure for one in variables},
            variable_format={one.name: one.format for one in variables if one.format},
        )
        # On a full disk pyreadstat may end without a word: what cannot be read back was not written.
        back, _ = pyreadstat.read_sav(str(path))
    except pyreadstat.ReadstatError as problem:  # what is an OSError elsewhere
        raise OSError(str(problem)) from None
    if len(back) != len(frame):
        raise OSError(f"{len(back)} of {len(frame)} rows")
    return cut.notes()


def spss_variables(
    responses: Responses, columns: tuple[Column, ...], lang: str, cut: Cut
) -> list[SpssVariable]:
    """Every column as one variable, or one for each answer of a several-choice item."""
    kept = _missing_codes(responses)
    taken = {one.name for one in columns}
    variables: list[SpssVariable] = []
    for one in columns:
        if one.item is not None and one.item.type == "multiple":
            variables += _options(responses, one, kept.get(one.name, {}), lang, cut, taken)
        else:
            variables.append(_variable(responses, one, kept.get(one.name, {}), lang, cut))
    return variables


def _missing_codes(responses: Responses) -> dict[str, dict[str, Any]]:
    """Item -> respondent -> the code that was answered, with those that count as missing."""
    import pandas as pd

    cells = responses.provenance
    current = cells[cells["current"].astype(bool) & cells["value"].notna()]
    found: dict[str, dict[str, Any]] = {}
    rows = zip(current["item"], current["respondent"], current["option"], current["value"], strict=True)
    for item, respondent, option, value in rows:
        if pd.isna(option):
            found.setdefault(item, {})[respondent] = value
        elif value:
            found.setdefault(item, {}).setdefault(respondent, set()).add(int(option))
    return found


def _variable(
    responses: Responses, column: Column, kept: Mapping[str, Any], lang: str, cut: Cut
) -> SpssVariable:
    label = cut.fit(pick_text(column.label, lang), VARIABLE_LABEL, column.name, cut.labels)
    cells = column.cells
    if column.type == "string":
        texts = tuple(None if one is None else cut.fit(one, STRING, column.name, cut.texts) for one in cells)
        return SpssVariable(column.name, label, texts)
    if column.type == "date":
        days = tuple(None if one is None else date.fromisoformat(one) for one in cells)
        return SpssVariable(column.name, label, days, measure="scale")
    if column.missing:
        people = responses.frame["respondent"]
        cells = tuple(
            kept[who] if value is None and kept.get(who) in column.missing else value
            for who, value in zip(people, cells, strict=True)
        )
    codes = {**column.values, **column.missing}
    labels: dict[int | float, str] = {
        code: cut.fit(pick_text(text, lang), VALUE_LABEL, f"{column.name} = {code}", cut.labels)
        for code, text in codes.items()
        if text
    }
    measure = {"likert": "ordinal", "single": "nominal"}.get(column.item.type if column.item else "", "scale")
    whole = all(value is None or float(value).is_integer() for value in cells)
    missing = _missing_range(column, cut)
    return SpssVariable(column.name, label, cells, labels, missing, measure, "F8.0" if whole else None)


def _missing_range(column: Column, cut: Cut) -> tuple[Any, ...]:
    """Up to three single codes, as SPSS allows; more as a range, where no valid code lies within."""
    codes = sorted(column.missing)
    if len(codes) <= DISCRETE_MISSING:
        return tuple({"lo": code, "hi": code} for code in codes)
    low, high = codes[0], codes[-1]
    inside = [code for code in column.values if low <= code <= high]
    numeric = column.item is not None and column.item.type == "number"
    if inside or numeric:
        cut.missing.append(column.name)
        return tuple({"lo": code, "hi": code} for code in codes[:DISCRETE_MISSING])
    return ({"lo": low, "hi": high},)


def _options(
    responses: Responses,
    column: Column,
    kept: Mapping[str, set[int]],
    lang: str,
    cut: Cut,
    taken: set[str],
) -> list[SpssVariable]:
    """One variable an answer offered: 1 chosen, 0 not; empty where the item was not answered."""
    assert column.item is not None
    scale = responses.instrument.response_scale_of(column.item)
    assert scale is not None  # a several-choice item has one
    labels = {**column.values, **column.missing}
    question = pick_text(column.label, lang)
    people = list(responses.frame["respondent"])
    variables = []
    for code in all_codes(scale):
        name = _free_name(column.name, code, taken)
        label = cut.fit(f"{pick_text(labels[code], lang)} | {question}", VARIABLE_LABEL, name, cut.labels)
        cells = tuple(int(code in kept[who]) if kept.get(who) else None for who in people)
        variables.append(SpssVariable(name, label, cells, {0: "–", 1: "✓"}, format="F1.0"))
    return variables


def _free_name(item: str, code: int, taken: set[str]) -> str:
    """``channels_10``, ``channels_m9`` for a negative code; never a name that another variable has."""
    end = f"_{code}".replace("-", "m")
    name = item[: NAME - len(end)] + end
    while name in taken:
        name = name[: NAME - 1] + "_"
    taken.add(name)
    return name


def _series(one: SpssVariable) -> Any:
    import pandas as pd

    texts = any(isinstance(value, str | date) for value in one.cells)
    return pd.Series(list(one.cells), dtype=object if texts else "float64")


def _listed(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    return ", ".join(unique[:SHOWN]) + (" …" if len(unique) > SHOWN else "")
