"""What answers give away: k-anonymity over the declared quasi-identifiers, small cells, text withheld."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from surveykit.errors import Note, SurveykitError, note
from surveykit.form.roster import PERSONAL
from surveykit.instrument.model import Instrument
from surveykit.results import Result, frame_text
from surveykit.study.answers import answers_of
from surveykit.study.plan import read_plan
from surveykit.wording import wording

SHOWN = 20
SMALL = 5
CELLS = ["column", "value", "respondents"]


def _no_cells() -> pd.DataFrame:
    return pd.DataFrame(columns=CELLS)


@dataclass(frozen=True)
class Disclosure(Result):
    """What a stranger could single out.

    `k`: the smallest number of respondents who share all quasi-identifiers (1:
    somebody is unique); `unique`: how many are; `frame`: a row per combination
    with fewer than 5 respondents; `small_cells`: the values of a single
    quasi-identifier that fewer than 5 have, `column value respondents`.
    `withheld`: items whose raw text is not archived.
    """

    k: int
    unique: int
    quasi_identifiers: tuple[str, ...]
    withheld: tuple[str, ...]
    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()
    small_cells: pd.DataFrame = field(default_factory=_no_cells)

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self, lang: str = "en") -> str:
        """k, the combinations and the cells that few share, what is withheld."""
        first, *withheld = self.in_short(lang)
        lines = [first]
        heads = {name: wording("exchange", f"cells_{name}", lang) for name in CELLS}
        for key, table in (
            ("disclosure_combinations", self.frame),
            ("disclosure_cells", self.small_cells),
        ):
            if len(table):
                lines += [
                    wording("exchange", key, lang, small=SMALL, n=len(table)),
                    frame_text(table.head(SHOWN).rename(columns=heads)),
                ]
            if len(table) > SHOWN:
                lines.append(wording("exchange", "disclosure_more", lang, left=len(table) - SHOWN))
        return "\n".join([*lines, *withheld, *(one.full(lang) for one in self.notes)])

    def in_short(self, lang: str = "en") -> list[str]:
        """k over which columns, and the items whose raw text is withheld."""
        columns = ", ".join(self.quasi_identifiers)
        if not columns:
            lines = [wording("exchange", "disclosure_none", lang)]
        elif self.k == 0:
            lines = [wording("exchange", "disclosure_empty", lang)]
        else:
            lines = [wording("exchange", "disclosure_k", lang, k=self.k, unique=self.unique, columns=columns)]
        if self.withheld:
            lines.append(wording("exchange", "disclosure_withheld", lang, items=", ".join(self.withheld)))
        return lines


def disclosure(study: str | Path) -> Disclosure:
    """What the answers of a study would give away if they were published.

    Counted over the group column (country) and the items that the instrument
    declares as `quasi_identifiers`: facts that somebody may know about a
    respondent from elsewhere.

    Parameters
    ----------
    study : path
        A folder with a `study.yaml`, whose answers have been collected.

    Returns
    -------
    Disclosure
        `.k`, `.unique`, `.frame` (combinations with fewer than 5 respondents), `.small_cells`, `.withheld`.

    Raises
    ------
    SurveykitError
        T020 a column looks like a name or an address; R060 nothing was collected yet; E014 a study without
        answers.

    References
    ----------
    Sweeney (2002), doi:10.1142/S0218488502001648, on k-anonymity.

    Examples
    --------
    >>> disclosure("analyses/partnership_demo").k                  # doctest: +SKIP
    1
    """
    plan = read_plan(study)
    frame, _ = answers_of(plan)
    return disclosed(frame, plan.instrument, plan.spec.groups.column)[1]


def disclosed(
    frame: pd.DataFrame, instrument: Instrument | None, group: str
) -> tuple[pd.DataFrame, Disclosure]:
    """The answers as they may be archived, and the report on them.

    Raises
    ------
    SurveykitError
        T020 a column looks like a name or an address.
    """
    refuse_names(frame, instrument)
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
    return kept, Disclosure(k, unique, quasi, withheld, small, notes, _small_cells(kept, quasi))


def refuse_names(frame: pd.DataFrame, instrument: Instrument | None) -> None:
    """Refuse (T020) columns that look like names or addresses; an item answered by a code holds none."""
    items = instrument.items if instrument is not None else ()
    coded = {item.id for item in items if item.type in ("likert", "single", "multiple")}
    named = [str(one) for one in frame.columns if one not in coded and PERSONAL.search(str(one))]
    if named:
        raise SurveykitError("T020", columns=", ".join(named))


def _small_cells(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        (column, value, int(count))
        for column in columns
        for value, count in frame[column].value_counts().sort_index().items()
        if count < SMALL
    ]
    return pd.DataFrame(rows, columns=CELLS)
