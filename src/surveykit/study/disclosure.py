"""What archived answers give away: k-anonymity over the declared quasi-identifiers, text withheld."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from surveykit.errors import Note, SurveykitError, note
from surveykit.form.roster import PERSONAL
from surveykit.instrument.model import Instrument
from surveykit.results import Result

SMALL = 5


@dataclass(frozen=True)
class Disclosure(Result):
    """What a stranger could single out.

    `k`: the smallest number of respondents who share all quasi-identifiers (1:
    somebody is unique); `unique`: how many are; `frame`: a row per combination
    with fewer than 5 respondents. `withheld`: items whose raw text is not archived.
    """

    k: int
    unique: int
    quasi_identifiers: tuple[str, ...]
    withheld: tuple[str, ...]
    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def disclosed(
    frame: pd.DataFrame, instrument: Instrument | None, group: str
) -> tuple[pd.DataFrame, Disclosure]:
    """The answers as they may be archived, and the report on them.

    Raises
    ------
    SurveykitError
        T020 a column looks like a name or an address.
    """
    named = [str(column) for column in frame.columns if PERSONAL.search(str(column))]
    if named:
        raise SurveykitError("T020", columns=", ".join(named))
    items = instrument.items if instrument is not None else ()
    withheld = tuple(item.id for item in items if item.type in ("text", "open") and item.id in frame.columns)
    kept = frame.drop(columns=list(withheld))
    declared = instrument.quasi_identifiers if instrument is not None else ()
    quasi = tuple(name for name in dict.fromkeys((group, *declared)) if name in kept.columns)
    if not quasi or kept.empty:
        return kept, Disclosure(len(kept), 0, quasi, withheld, pd.DataFrame(columns=[*quasi, "respondents"]))
    counts = kept.groupby(list(quasi), dropna=False).size().rename("respondents").reset_index()
    small = counts[counts["respondents"] < SMALL].sort_values(["respondents", *quasi], ignore_index=True)
    k, unique = int(counts["respondents"].min()), int((counts["respondents"] == 1).sum())
    notes = (note("T021", unique=unique, columns=", ".join(quasi)),) if k == 1 else ()
    return kept, Disclosure(k, unique, quasi, withheld, small, notes)
