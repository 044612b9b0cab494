"""Do coders mark the same words? Krippendorff's alpha for unitizing, code by code and over all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

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

Marks: TypeAlias = dict[tuple[str, str], list[tuple[int, int, str]]]
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

    Examples
    --------
    >>> import pandas as pd
    >>> import surveykit as sk
    >>> from surveykit.coding.segments import check_segments
    >>> book = sk.read_codebook("analyses/trim_lee_learning/codebook.yaml")
    >>> texts = {"SIM-A1/q05": "The weekly meeting, and dinner."}
    >>> rows = [("s1", 0, 18, "formal_channels", "K"), ("s2", 4, 18, "formal_channels", "L")]
    >>> table = pd.DataFrame(rows, columns=["segment", "start", "end", "code", "coder"])
    >>> coded = check_segments(table.assign(respondent="SIM-A1", item="q05"), book, texts)
    >>> found = sk.boundary_agreement(coded, book, texts)
    >>> found.frame[["code", "characters", "alpha"]].round(3).head(1).values.tolist()
    [['formal_channels', 32, 0.779]]
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
    given = set(rows["code"])
    used = [code for code in codebook.codes if code in given]
    found = []
    tail = (1 - conf_level) / 2
    readers = {str(name): coders for name, coders in read.items()}
    for code in used:
        own = rows[rows["code"] == code]
        sums = _binary(readers, _marks(own), texts)
        found.append(_row(code, sums, bootstrap, seed, tail, own))
    marks = _marks(rows)
    found.append(_row(ANY, _binary(readers, marks, texts), bootstrap, seed, tail, rows))
    sums, labels = _valued(readers, marks, texts)
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


def _marks(rows: pd.DataFrame) -> Marks:
    """What each coder marked in each text: start, end and code, in order."""
    found: Marks = {}
    columns = (rows[name].tolist() for name in ("text", "coder", "start", "end", "code"))
    for text, coder, start, end, code in sorted(zip(*columns, strict=True)):
        found.setdefault((text, coder), []).append((start, end, code))
    return found


def _binary(readers: Mapping[str, list[str]], marks: Marks, texts: Mapping[str, str]) -> list[Continuum]:
    """Marked or not, text by text."""
    return [
        continuum([_joined(marks.get((name, coder), [])) for coder in coders], len(texts[name]), 1)
        for name, coders in readers.items()
    ]


def _joined(own: list[tuple[int, int, str]]) -> IntArray:
    """Stretches that overlap or touch made one, as (start, end, 1)."""
    joined: list[list[int]] = []
    for start, end, _ in own:
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end, 1])
    return np.array(joined, dtype=np.int64).reshape(-1, 3)


def _valued(
    readers: Mapping[str, list[str]], marks: Marks, texts: Mapping[str, str]
) -> tuple[list[Continuum], list[str]]:
    """All codes at once: the stretches of each coder cut so that none overlap, and the values they carry."""
    labels: dict[str, int] = {}
    cut = {
        name: [_stretches(marks.get((name, coder), []), labels) for coder in coders]
        for name, coders in readers.items()
    }
    sums = [continuum(units, len(texts[name]), len(labels)) for name, units in cut.items()]
    return sums, list(labels)


def _stretches(own: list[tuple[int, int, str]], labels: dict[str, int]) -> IntArray:
    """One coder's work on a text as units without overlaps: (start, end, number of the codes there)."""
    events = sorted(event for start, end, code in own for event in ((start, 1, code), (end, -1, code)))
    units: list[list[int]] = []
    here = Counter[str]()
    at, last = 0, ""
    for place, change, code in events:
        label = BETWEEN.join(sorted(here))
        if place > at and label:
            if units and label == last and units[-1][1] == at:
                units[-1][1] = place
            else:
                units.append([at, place, labels.setdefault(label, len(labels) + 1)])
            last = label
        at = place
        here[code] += change
        if not here[code]:
            del here[code]
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
