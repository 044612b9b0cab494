"""What was collected, as a frame for analysis, with the provenance of every cell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surveykit.errors import Note, SurveykitError
from surveykit.form.interview import asked
from surveykit.form.order import in_order
from surveykit.instrument.model import Instrument, Item
from surveykit.options import check_choice
from surveykit.responses.collect import find_instruments
from surveykit.responses.parse import reading
from surveykit.responses.remarks_table import remarks_frame
from surveykit.responses.returned import CellRecord, values_of
from surveykit.responses.revisions import Revision, revisions
from surveykit.responses.store import Store, file_sha256, open_store
from surveykit.responses.tables import findings_frame, found_in
from surveykit.results import Result

if TYPE_CHECKING:
    import pandas as pd

WORKBOOKS = """
SELECT id, sha256, file, respondent, version, content_hash, language, groups FROM workbook
WHERE instrument = ? ORDER BY respondent, modified, id
"""
CELLS = """
SELECT c.workbook, c.item, c.option, c.sheet, c.cell, c.kind, c.raw, c.value, c.rule
FROM cell c JOIN workbook w ON w.id = c.workbook WHERE w.instrument = ? ORDER BY c.rowid
"""
ORDERS = """
SELECT a.workbook, a.section, a.items FROM asked a JOIN workbook w ON w.id = a.workbook WHERE w.instrument = ?
"""
PROVENANCE_COLUMNS = [
    "respondent", "item", "option", "file", "sha256", "sheet", "cell", "kind", "raw", "value", "rule",
    "current", "position",
]  # fmt: skip
REVISION_COLUMNS = [
    "respondent", "revision", "file", "sha256", "saved", "collected", "changed", "current",
]  # fmt: skip
HISTORY_COLUMNS = [
    "respondent", "revision", "item", "option", "before", "after", "value_before", "value_after", "file",
    "collected",
]  # fmt: skip


@dataclass(frozen=True)
class Responses(Result):
    """Collected responses of one instrument.

    Attributes
    ----------
    frame : DataFrame, a row per respondent
        `respondent`, the groups of the sampling frame (such as `country`), `language`, `form_version`,
        `content_hash`, then a column per item in the order asked. Rating, single-choice and number items are
        float, NaN where there is no answer or one that counts as missing; nothing is reverse-keyed.
        Several-choice items hold the chosen codes as ``"1;3"``, dates ``"2026-04-30"``, texts as typed.
    provenance : DataFrame, a row per cell of every workbook
        `respondent item option file sha256 sheet cell kind raw value rule current position`: what stood
        where, what it was read as and by which rule; `current` is False for workbooks that do not count;
        `position` is the item's place (from 1) in the order in which this form asked. Missing codes keep
        their number here.
    findings : DataFrame
        `code file respondent item sheet cell place text remedy language text_local remedy_local current`.
    instrument : Instrument
    revisions : DataFrame, a row per workbook
        `respondent revision file sha256 saved collected changed current`: a respondent's workbooks in the
        order saved, from 1; `changed` cells against the one that counted until then.
    history : DataFrame, a row per cell that a later workbook changed
        `respondent revision item option before after value_before value_after file collected`: what stood in
        the cell and what it was read as.
    remarks : DataFrame, a row per remark
        What stood in the workbooks beside the answers: `respondent kind item sheet cell text printed file
        sha256 current`. `kind`: "beside", "changed", "removed" (what was there stands in `printed`),
        "comment", "drawing", "sheet", "conflict", "other_item", "hidden" (a row ``9:9`` or column ``C:C``).
    notes : tuple of Note
    """

    frame: pd.DataFrame
    provenance: pd.DataFrame
    findings: pd.DataFrame
    instrument: Instrument
    revisions: pd.DataFrame | None = None
    history: pd.DataFrame | None = None
    remarks: pd.DataFrame | None = None
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The responses."""
        return self.frame

    def summary(self) -> str:
        """How many respondents, items and findings."""
        who = f"{len(self.frame)} respondents, {len(asked(self.instrument).items)} items"
        return f"{self.instrument.instrument} {self.instrument.version}: {who}, {len(self.findings)} findings"

    def to_dict(self) -> dict[str, Any]:
        """The frame and the findings as plain values; the instrument by its name and version."""
        from surveykit.results import plain

        return {
            "instrument": self.instrument.instrument,
            "version": self.instrument.version,
            "frame": plain(self.frame),
            "findings": plain(self.findings),
            "notes": plain(self.notes),
        }


def read_responses(study: str | Path, instrument: str | None = None, lang: str = "en") -> Responses:
    """The responses that were collected into a study.

    Parameters
    ----------
    study : path
        The study's folder.
    instrument : str, optional
        Id of the instrument, needed where the study has several.
    lang : {"en", "ja", "ko"}, default "en"
        Language of the findings.

    Raises
    ------
    SurveykitError
        R060 nothing was collected yet; R064 the study has several instruments and none was chosen; O001 no
        such instrument.

    Examples
    --------
    >>> resp = read_responses("analyses/demo")                    # doctest: +SKIP
    >>> resp.frame[["respondent", "country", "trust_1"]].head(2)   # doctest: +SKIP
      respondent country  trust_1
    0     JP-001      JP      5.0
    1     JP-002      JP      6.0
    """
    with open_store(study, create=False) as store:
        inst = _chosen({one.instrument: one for one in find_instruments(study, store)}, instrument)
        workbooks = store.query(WORKBOOKS, inst.instrument)
        records = _records(store, inst.instrument)
        history = revisions(store, inst.instrument)
        current = {one.filed.respondent: one.filed.id for one in history if one.current}
        files = {sha: file for _, sha, file, *_ in workbooks}
        return Responses(
            frame=_frame(asked(inst), [row for row in workbooks if current[row[3]] == row[0]], records),
            provenance=_provenance(workbooks, current, records, _positions(store, inst)),
            findings=findings_frame(found_in(store, files), lang),
            instrument=inst,
            revisions=_revisions(history),
            history=_history(history),
            remarks=remarks_frame(store),
        )


def _revisions(history: list[Revision]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (
            one.filed.respondent, one.number, one.filed.file, file_sha256(one.filed.sha256),
            one.filed.modified, one.filed.collected, len(one.changes), one.current,
        )
        for one in history
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=REVISION_COLUMNS)


def _history(history: list[Revision]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (
            one.filed.respondent, one.number, change.item, change.option, change.before, change.after,
            change.value_before, change.value_after, one.filed.file, one.filed.collected,
        )
        for one in history
        for change in one.changes
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=HISTORY_COLUMNS).astype({"option": "Int64"})


def _chosen(known: Mapping[str, Instrument], instrument: str | None) -> Instrument:
    if instrument is not None:
        check_choice("instrument", instrument, known)
        return known[instrument]
    if len(known) > 1:
        raise SurveykitError("R064", instruments=", ".join(sorted(known)))
    return next(iter(known.values()))


def _records(store: Store, instrument: str) -> dict[int, list[CellRecord]]:
    """The cells of each workbook."""
    records: dict[int, list[CellRecord]] = {}
    for workbook, item, option, sheet, cell, kind, raw, value, rule in store.query(CELLS, instrument):
        read = None if value is None else json.loads(value)
        record = CellRecord(item, option, sheet, cell, kind, raw, read, rule)
        records.setdefault(workbook, []).append(record)
    return records


def _frame(inst: Instrument, workbooks: list[Any], records: Mapping[int, list[CellRecord]]) -> pd.DataFrame:
    import pandas as pd

    groups = [json.loads(row[7]) for row in workbooks]
    names = list(dict.fromkeys(name for one in groups for name in one))
    answers = [values_of(records.get(row[0], [])) for row in workbooks]
    columns: dict[str, Any] = {"respondent": [row[3] for row in workbooks]}
    columns |= {name: [one.get(name) for one in groups] for name in names}
    columns |= {"language": [row[6] for row in workbooks], "form_version": [row[4] for row in workbooks]}
    columns["content_hash"] = [row[5] for row in workbooks]
    for item in inst.items:
        columns[item.id] = _column(inst, item, [one.get(item.id) for one in answers])
    return pd.DataFrame(columns)


def _column(inst: Instrument, item: Item, values: list[Any]) -> Any:
    """One item's answers, those that count as missing taken out."""
    import pandas as pd

    missing = reading(inst, item).missing
    if item.type == "multiple":
        kept = [value if value is not None and not missing & set(value) else None for value in values]
        texts = [None if value is None else ";".join(str(code) for code in value) for value in kept]
        return pd.Series(texts, dtype=object)
    if item.type in ("likert", "single", "number"):
        return pd.Series([None if value in missing else value for value in values], dtype="float64")
    return pd.Series(values, dtype=object)


def _positions(store: Store, inst: Instrument) -> Callable[[int], Mapping[str, int]]:
    """Each item's place in the order in which a workbook asked."""
    orders: dict[int, dict[str, tuple[str, ...]]] = {}
    for workbook, section, items in store.query(ORDERS, inst.instrument):
        orders.setdefault(workbook, {})[section] = tuple(items.split())
    usual = _places(inst)
    return lambda workbook: _places(in_order(inst, orders[workbook])) if workbook in orders else usual


def _places(inst: Instrument) -> dict[str, int]:
    return {item.id: number for number, item in enumerate(asked(inst).items, 1)}


def _provenance(
    workbooks: list[Any],
    current: Mapping[str, int],
    records: Mapping[int, list[CellRecord]],
    positions: Callable[[int], Mapping[str, int]],
) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (
            respondent, one.item, one.option, file, file_sha256(sha), one.sheet, one.cell, one.kind,
            one.raw, one.value, one.rule, current[respondent] == number, places.get(one.item),
        )
        for number, sha, file, respondent, *_ in workbooks
        for places in (positions(number),)
        for one in records.get(number, ())
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=PROVENANCE_COLUMNS)
    return frame.astype({"option": "Int64", "position": "Int64"})
