"""Do coders mark the same words? Krippendorff's alpha for unitizing, code by code and over all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from surveykit.coding.codebook import Codebook
from surveykit.coding.segments import Segments
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.unitizing import (
    Continuum,
    IntArray,
    bootstrap_unitizing,
    continuum,
    total,
    unitizing_alpha,
)
from surveykit.options import check_share
from surveykit.results import Result

ANY, OVERALL = "any code", "overall"
BETWEEN = "+"


@dataclass(frozen=True)
class BoundaryAgreement(Result):
    """How far coders agree on where codes begin and end.

    `frame`: a row per code, then "any code" and "overall": ``code n_units`` (all coders together)
    ``characters`` (marked by all coders together) ``alpha ci_lower ci_upper alpha_coding``. ``alpha`` of
    a code: marked with it or not (|u-alpha of that code alone); of "any code": marked or not
    (|u-alpha); of "overall": marks and codes together (u-alpha). ``alpha_coding``: how reliably the
    code is given where two coders marked at all ((k)u-alpha; for "overall" cu-alpha).
    `n_texts` were read by at least two coders.
    """

    frame: pd.DataFrame
    n_texts: int
    coders: tuple[str, ...]
    conf_level: float
    bootstrap: int
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def boundary_agreement(
    segments: Segments,
    codebook: Codebook,
    texts: Mapping[str, str],
    *,
    bootstrap: int = 1000,
    conf_level: float = 0.95,
    seed: int | None = 0,
) -> BoundaryAgreement:
    """Krippendorff's alpha for unitizing, over all texts that at least two coders read.

    A coder has read a text if he or she has a row in it, be it one without a code. Stretches of one code
    that overlap or touch inside one coder's work count as one unit. Where a coder gave overlapping
    stretches several codes, they count for "overall" as a value of their own (``price+trust``).

    Parameters
    ----------
    segments : Segments
        With offsets; rows without are left out and told.
    codebook : Codebook
    texts : mapping
        By respondent, or respondent and item (``"A1/q07"``): their lengths are those of the continua.
    bootstrap : int, default 1000
        Resamples of texts for the intervals; 0 for none.
    conf_level : float in (0, 1), default 0.95
    seed : int or None, default 0

    Returns
    -------
    BoundaryAgreement
        `notes`: C028 fewer than two texts, so no interval; C029 rows without offsets.

    Raises
    ------
    SurveykitError
        C021 no text was read by two coders; O002 a confidence level outside (0, 1).

    References
    ----------
    Krippendorff, Mathet, Bouvry & Widlocher (2016), doi:10.1007/s11135-015-0266-1.
    """
    check_share("conf_level", conf_level)
    rows, notes = _placed(segments.frame, texts)
    read = rows.drop_duplicates(["text", "coder"]).groupby("text", sort=False)["coder"].agg(list)
    read = read[read.map(len) > 1]
    if read.empty:
        raise SurveykitError("C021")
    rows = rows[rows["text"].isin(set(read.index)) & (rows["code"] != "")]
    if len(read) < 2 and bootstrap:
        notes, bootstrap = (*notes, note("C028")), 0
    used = [code for code in codebook.codes if code in set(rows["code"])]
    found = []
    marks = {(str(text), str(coder)): own for (text, coder), own in rows.groupby(["text", "coder"])}
    tail = (1 - conf_level) / 2
    for code in used:
        sums = [_binary(name, read[name], marks, code, texts) for name in read.index]
        found.append(_row(code, sums, bootstrap, seed, tail, rows[rows["code"] == code]))
    marked = [_binary(name, read[name], marks, None, texts) for name in read.index]
    found.append(_row(ANY, marked, bootstrap, seed, tail, rows))
    sums, labels = _valued(read, marks, texts)
    overall = _row(OVERALL, sums, bootstrap, seed, tail, rows, whole=True)
    by_value = dict(zip(labels, unitizing_alpha(total(sums)).by_value, strict=True))
    frame = pd.DataFrame([*found, overall])
    coding = [by_value.get(code, np.nan) for code in used]
    alpha_coding = [*coding, np.nan, float(unitizing_alpha(total(sums)).coding)]
    frame.insert(len(frame.columns), "alpha_coding", alpha_coding)
    coders = tuple(dict.fromkeys(coder for several in read for coder in several))
    return BoundaryAgreement(frame, len(read), coders, conf_level, bootstrap, notes)


def _placed(frame: pd.DataFrame, texts: Mapping[str, str]) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """The rows with the name of their text; those without a place are left out."""
    name = frame["respondent"] + "/" + frame["item"]
    name = name.where(name.isin(list(texts)), frame["respondent"])
    inside = name.isin(list(texts)) & (frame["start"].notna() | (frame["code"] == ""))
    left = int((~inside).sum())
    notes = (note("C029", count=left),) if left else ()
    return frame.assign(text=name)[inside], notes


def _binary(
    name: str, coders: list[str], marks: Mapping[tuple[str, str], pd.DataFrame], code: str | None,
    texts: Mapping[str, str],
) -> Continuum:  # fmt: skip
    """One code, or any, against everything else."""
    units = []
    for coder in coders:
        own = marks.get((name, coder))
        chosen = None if own is None else own if code is None else own[own["code"] == code]
        units.append(_joined(chosen))
    return continuum(units, len(texts[name]), 1)


def _joined(rows: pd.DataFrame | None) -> IntArray:
    """Stretches that overlap or touch made one, as (start, end, 1)."""
    joined: list[list[int]] = []
    if rows is not None:
        for start, end in sorted(zip(rows["start"].astype(int), rows["end"].astype(int), strict=True)):
            if joined and start <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([start, end, 1])
    return np.array(joined, dtype=np.int64).reshape(-1, 3)


def _valued(
    read: pd.Series[list[str]], marks: Mapping[tuple[str, str], pd.DataFrame], texts: Mapping[str, str]
) -> tuple[list[Continuum], list[str]]:
    """All codes at once: the stretches of each coder cut so that none overlap, and the values they carry."""
    labels: dict[str, int] = {}
    cut: dict[str, list[IntArray]] = {}
    for name, coders in read.items():
        for coder in coders:
            own = marks.get((str(name), coder))
            cut.setdefault(str(name), []).append(_stretches(own, labels))
    sums = [continuum(units, len(texts[name]), len(labels)) for name, units in cut.items()]
    return sums, list(labels)


def _stretches(rows: pd.DataFrame | None, labels: dict[str, int]) -> IntArray:
    """One coder's work on a text as units without overlaps: (start, end, number of the codes there)."""
    if rows is None:
        return np.zeros((0, 3), dtype=np.int64)
    places = list(zip(rows["start"].astype(int), rows["end"].astype(int), rows["code"], strict=True))
    edges = sorted({edge for start, end, _ in places for edge in (start, end)})
    units: list[list[int]] = []
    last = ""
    for start, end in pairwise(edges):
        here = sorted({code for first, stop, code in places if first <= start and end <= stop})
        label = BETWEEN.join(here)
        if label and units and label == last and units[-1][1] == start:
            units[-1][1] = end
        elif label:
            units.append([start, end, labels.setdefault(label, len(labels) + 1)])
        last = label
    return np.array(units, dtype=np.int64).reshape(-1, 3)


def _row(
    code: str, sums: list[Continuum], bootstrap: int, seed: int | None, tail: float, rows: pd.DataFrame,
    whole: bool = False,
) -> dict[str, object]:  # fmt: skip
    """A row of the table: binary alpha, or that of marks and codes together."""
    name = "u" if whole else "binary"
    alpha = float(getattr(unitizing_alpha(total(sums)), name))
    lower = upper = np.nan
    if bootstrap and not np.isnan(alpha):
        draws = getattr(bootstrap_unitizing(sums, bootstrap, seed), name)
        lower, upper = np.nanquantile(draws, [tail, 1 - tail])
    return {
        "code": code,
        "n_units": len(rows),
        "characters": int((rows["end"] - rows["start"]).sum()),
        "alpha": alpha,
        "ci_lower": float(lower),
        "ci_upper": float(upper),
    }
