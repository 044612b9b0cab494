"""Qualitative comparative analysis: the truth table of crisp or fuzzy sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from surveykit.coding.qca_sets import (
    MOST_CONDITIONS,
    FloatArray,
    memberships,
    product_membership,
    sufficiency,
)
from surveykit.errors import Note, SurveykitError, note
from surveykit.results import Result

SLACK = 1e-9  # rounding in sums of memberships must not cost a row its cut-off
LOW_PRI = 0.5
RESERVED = ("row", "OUT", "n", "incl", "PRI", "cases")


@dataclass(frozen=True)
class TruthTable(Result):
    """Configurations of conditions, and whether each goes with the outcome.

    `frame`: ``row`` (1 + the conditions read as a binary number), a column per condition (1 or 0),
    ``OUT`` ("1", "0", "C" for contradictory, "?" for a remainder), ``n`` cases with more than half
    a membership, ``incl`` (consistency), ``PRI``, ``cases``. `conditions`, `outcome` (with ~ where it was
    negated), the cut-offs. `sets` (cases, conditions) and `members` (cases,): degrees of membership.
    """

    frame: pd.DataFrame
    outcome: str
    conditions: tuple[str, ...]
    incl_cut: tuple[float, float]
    n_cut: int
    pri_cut: float
    sets: FloatArray = field(repr=False)
    members: FloatArray = field(repr=False)
    notes: tuple[Note, ...] = ()
    _rows: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def configurations(self, *out: str) -> list[int]:
        """The configurations coded so, as binary numbers; "?" without those that nobody has."""
        rows = self._rows
        return [int(row) - 1 for row in rows.loc[rows["OUT"].isin(out), "row"]]


def truth_table(
    data: pd.DataFrame,
    outcome: str,
    conditions: Sequence[str] | None = None,
    *,
    incl_cut: float | tuple[float, float] = 1.0,
    n_cut: int = 1,
    pri_cut: float = 0.0,
    complete: bool = False,
) -> TruthTable:
    """The truth table of an outcome and its conditions.

    Parameters
    ----------
    data : DataFrame
        A row a case (its index names it), degrees of membership between 0 and 1 (see `calibrate`).
    outcome : str
        A column; with ~ before it, its negation.
    conditions : sequence of str, optional
        Columns; all but the outcome where left out. 1 to 15.
    incl_cut : float or (float, float), default 1
        Consistency from which a configuration goes with the outcome. Two: below the second it goes
        without, between them it is contradictory ("C").
    n_cut : int, default 1
        Cases that a configuration needs; with fewer it counts as a remainder.
    pri_cut : float, default 0
        The PRI that it needs besides.
    complete : bool, default False
        Whether `frame` shows the remainders too.

    Returns
    -------
    TruthTable
        `notes`: Q020 contradictory rows; Q021 cases that run against the code of their row; Q022 how few
        of the configurations are seen; Q023 rows coded 1 with a PRI below .5; Q024 rows left out for
        `n_cut`.

    Raises
    ------
    SurveykitError
        Q002 a value that is no number; Q004 no such column; Q005 a membership outside 0 to 1; Q006 a case
        that is exactly half in; Q007 the conditions; Q008 the cut-offs; Q009 a name that the table
        needs itself.

    References
    ----------
    Ragin (2008), Redesigning social inquiry. Schneider & Wagemann (2012), Set-theoretic methods.
    Dusa (2019), QCA with R, whose words and rules of coding these are.

    Examples
    --------
    >>> sets = pd.DataFrame({"TRUST": [1, 1, 1, 0, 0], "VISITS": [1, 1, 0, 1, 0], "MUTUAL": [1, 1, 1, 0, 0]},
    ...                     index=["A1", "A2", "B1", "B2", "B3"])
    >>> truth_table(sets, outcome="MUTUAL").frame
       row  TRUST  VISITS OUT  n  incl  PRI  cases
    0    1      0       0   0  1   0.0  0.0     B3
    1    2      0       1   0  1   0.0  0.0     B2
    2    3      1       0   1  1   1.0  1.0     B1
    3    4      1       1   1  2   1.0  1.0  A1,A2
    """
    chosen = _conditions(data, outcome, conditions)
    high, low = _cuts(incl_cut, n_cut, pri_cut)
    sets, members = memberships(data, chosen), memberships(data, [outcome])[:, 0]
    cases = [str(one) for one in data.index]
    configuration = _configurations(sets, chosen, cases)
    rows = [
        _row(
            number,
            sets,
            members,
            [case for case, own in zip(cases, configuration, strict=True) if own == number],
        )
        for number in sorted(set(configuration))
    ]
    frame = pd.DataFrame(rows)
    frame["OUT"] = [_code(one, high, low, n_cut, pri_cut) for one in rows]
    seen = _columns(frame, chosen)
    notes = tuple(_notes(seen, members, configuration, cases, len(chosen)))
    shown = _columns(_with_remainders(frame, len(chosen)), chosen) if complete else seen
    shown = shown if complete else shown[shown["n"] >= n_cut].reset_index(drop=True)
    return TruthTable(shown, outcome, tuple(chosen), (high, low), n_cut, pri_cut, sets, members, notes, seen)


def _conditions(data: pd.DataFrame, outcome: str, conditions: Sequence[str] | None) -> list[str]:
    bare = outcome.removeprefix("~")
    if conditions is None:
        conditions = [str(one) for one in data.columns if one != bare]
    chosen = [str(one) for one in conditions]
    if bare in chosen or not 1 <= len(set(chosen)) == len(chosen) <= MOST_CONDITIONS:
        raise SurveykitError("Q007", conditions=", ".join(chosen), most=MOST_CONDITIONS, outcome=bare)
    taken = [one for one in chosen if one in RESERVED]
    if taken:
        raise SurveykitError("Q009", name=taken[0], reserved=", ".join(RESERVED))
    return chosen


def _cuts(incl_cut: float | tuple[float, float], n_cut: int, pri_cut: float) -> tuple[float, float]:
    high, low = incl_cut if isinstance(incl_cut, tuple | list) else (incl_cut, incl_cut)
    if not 0 <= low <= high <= 1 or high == 0 or n_cut < 1 or not 0 <= pri_cut <= 1:
        raise SurveykitError("Q008", incl_cut=incl_cut, n_cut=n_cut, pri_cut=pri_cut)
    return float(high), float(low)


def _configurations(sets: FloatArray, conditions: Sequence[str], cases: Sequence[str]) -> list[int]:
    """The configuration to which each case belongs by more than half."""
    half = np.argwhere(sets == 0.5)
    if len(half):
        at, column = half[0]
        raise SurveykitError("Q006", case=cases[at], column=conditions[column], count=len(half))
    weights = 1 << np.arange(len(conditions) - 1, -1, -1)
    return [int(one) for one in (sets > 0.5) @ weights]


def _row(number: int, sets: FloatArray, members: FloatArray, cases: list[str]) -> dict[str, Any]:
    k = sets.shape[1]
    fit = sufficiency(product_membership(sets, ((1 << k) - 1, number)), members)
    return {
        "row": number + 1,
        "n": len(cases),
        "incl": fit["inclS"],
        "PRI": fit["PRI"],
        "cases": ",".join(cases),
    }


def _code(row: Mapping[str, Any], high: float, low: float, n_cut: int, pri_cut: float) -> str:
    if row["n"] < n_cut:
        return "?"
    if row["incl"] >= high - SLACK:
        # A PRI that does not exist (everybody in the row is as much in as out) meets no cut-off but 0.
        return "1" if pri_cut == 0 or row["PRI"] >= pri_cut - SLACK else "0"
    return "C" if row["incl"] >= low - SLACK else "0"


def _columns(frame: pd.DataFrame, conditions: Sequence[str]) -> pd.DataFrame:
    """The states of the conditions, read off the number of each row."""
    k = len(conditions)
    states = {
        name: (frame["row"].to_numpy(int) - 1) >> (k - 1 - place) & 1 for place, name in enumerate(conditions)
    }
    parts = [
        frame[["row"]],
        pd.DataFrame(states, index=frame.index),
        frame[["OUT", "n", "incl", "PRI", "cases"]],
    ]
    return pd.concat(parts, axis=1)


def _with_remainders(frame: pd.DataFrame, k: int) -> pd.DataFrame:
    whole = pd.DataFrame({"row": np.arange(1, 2**k + 1)}).merge(frame, on="row", how="left")
    return whole.assign(
        OUT=whole["OUT"].fillna("?"), n=whole["n"].fillna(0).astype(int), cases=whole["cases"].fillna("")
    )


def _notes(
    rows: pd.DataFrame, members: FloatArray, configuration: list[int], cases: list[str], k: int
) -> Iterator[Note]:
    """What a reader must be told of the table."""
    contradictory = rows.loc[rows["OUT"] == "C", "row"]
    if len(contradictory):
        yield note("Q020", rows=_listed(contradictory))
    codes = dict(zip(rows["row"] - 1, rows["OUT"], strict=True))
    against = [
        case
        for case, own, member in zip(cases, configuration, members, strict=True)
        if (codes[own] == "1" and member < 0.5) or (codes[own] == "0" and member > 0.5)
    ]
    if against:
        yield note("Q021", count=len(against), cases=", ".join(against))
    if len(rows) < 2**k:
        yield note("Q022", seen=len(rows), all=2**k, cases=len(cases), k=k)
    weak = rows.loc[(rows["OUT"] == "1") & ~(rows["PRI"] >= LOW_PRI), "row"]
    if len(weak):
        yield note("Q023", rows=_listed(weak))
    few = rows.loc[rows["OUT"] == "?", "row"]
    if len(few):
        yield note("Q024", rows=_listed(few))


def _listed(numbers: Any) -> str:
    return ", ".join(str(one) for one in numbers)
