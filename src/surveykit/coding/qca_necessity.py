"""Which conditions, and which combinations of them, an outcome never does without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd

from surveykit.coding.qca_sets import MOST_CONDITIONS, FloatArray, memberships, necessary
from surveykit.errors import Note, SurveykitError, note
from surveykit.results import Result

SLACK = 1e-9


@dataclass(frozen=True)
class Necessity(Result):
    """Necessity of conditions or of their combinations.

    `frame`: ``term inclN RoN covN`` (inclusion, relevance of necessity, coverage; near 0, the last
    two tell that a condition is there nearly always and so says little).
    """

    frame: pd.DataFrame
    outcome: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def necessity(data: pd.DataFrame, outcome: str, conditions: Sequence[str] | None = None) -> Necessity:
    """How necessary each condition and its negation is for the outcome.

    Parameters
    ----------
    data : DataFrame
        A row a case, degrees of membership between 0 and 1.
    outcome : str
        A column; with ~ before it, its negation.
    conditions : sequence of str, optional
        Columns; all but the outcome where left out.

    Raises
    ------
    SurveykitError
        Q002 a value that is no number; Q004 no such column; Q005 a membership outside 0 to 1; Q007 the
        conditions; Q012 no case is a member of the outcome.

    References
    ----------
    Schneider & Wagemann (2012), Set-theoretic methods, on relevance of necessity.

    Examples
    --------
    >>> sets = pd.DataFrame({"TRUST": [1, 1, 1, 0], "VISITS": [1, 0, 0, 1], "MUTUAL": [1, 1, 0, 0]})
    >>> necessity(sets, "MUTUAL").frame.round(3)
          term  inclN    RoN   covN
    0    TRUST    1.0  0.500  0.667
    1   ~TRUST    0.0  0.750  0.000
    2   VISITS    0.5  0.667  0.500
    3  ~VISITS    0.5  0.667  0.500
    """
    names, sets, members = _prepared(data, outcome, conditions)
    rows = [
        {"term": sign + name, **necessary(own, members)}
        for name, column in zip(names, sets.T, strict=True)
        for sign, own in (("", column), ("~", 1 - column))
    ]
    frame = pd.DataFrame(rows)
    return Necessity(frame, outcome, tuple(_told(frame)))


def super_subset(
    data: pd.DataFrame,
    outcome: str,
    conditions: Sequence[str] | None = None,
    *,
    incl_cut: float = 1.0,
    cov_cut: float = 0.0,
    ron_cut: float = 0.0,
    depth: int | None = None,
) -> Necessity:
    """Every combination of conditions that is necessary for the outcome.

    Conjunctions (``A*B``), all that reach the cut-offs; disjunctions (``A + B``), those of which no
    part does alone.

    Parameters
    ----------
    data, outcome, conditions
        As for `necessity`.
    incl_cut : float in (0, 1], default 1
        Inclusion (consistency) from which a combination counts as necessary.
    cov_cut, ron_cut : float, default 0
        Coverage and relevance that it needs besides.
    depth : int, optional
        Conditions in one combination at most; all where left out.

    Raises
    ------
    SurveykitError
        As for `necessity`; Q008 the cut-offs.

    Examples
    --------
    >>> sets = pd.DataFrame({"A": [1, 0, 1, 0], "B": [0, 1, 1, 0], "C": [1, 1, 1, 1], "Y": [1, 1, 1, 0]})
    >>> super_subset(sets, "Y", ron_cut=0.5).frame["term"].tolist()
    ['A + B']
    """
    if not 0 < incl_cut <= 1 or not 0 <= cov_cut <= 1 or not 0 <= ron_cut <= 1:
        raise SurveykitError("Q008", incl_cut=incl_cut, n_cut=1, pri_cut=max(cov_cut, ron_cut))
    names, sets, members = _prepared(data, outcome, conditions)
    most = min(depth or len(names), len(names))
    found = [
        *_conjunctions(names, sets, members, incl_cut, most),
        *_disjunctions(names, sets, members, incl_cut, most),
    ]
    frame = pd.DataFrame(found, columns=["term", "inclN", "RoN", "covN"])
    # Where relevance does not exist, everybody is a member: no relevance at all.
    kept = (frame["covN"] >= cov_cut - SLACK) & (frame["RoN"].fillna(0) >= ron_cut - SLACK)
    frame = frame[kept].reset_index(drop=True)
    return Necessity(frame, outcome, tuple(_told(frame)))


def _prepared(
    data: pd.DataFrame, outcome: str, conditions: Sequence[str] | None
) -> tuple[list[str], FloatArray, FloatArray]:
    bare = outcome.removeprefix("~")
    names = [str(one) for one in (data.columns if conditions is None else conditions) if one != bare]
    if not 1 <= len(set(names)) == len(names) <= MOST_CONDITIONS or bare in (conditions or ()):
        raise SurveykitError("Q007", conditions=", ".join(names), most=MOST_CONDITIONS, outcome=bare)
    members = memberships(data, [outcome])[:, 0]
    if members.sum() == 0:
        raise SurveykitError("Q012", outcome=outcome)
    return names, memberships(data, names), members


def _told(frame: pd.DataFrame) -> Iterator[Note]:
    everywhere = frame.loc[frame["RoN"].isna(), "term"]
    if len(everywhere):
        yield note("Q025", terms=", ".join(everywhere))
    nowhere = frame.loc[frame["covN"].isna(), "term"]
    if len(nowhere):
        yield note("Q026", terms=", ".join(nowhere))


def _literals(
    names: Sequence[str], sets: FloatArray, size: int
) -> Iterator[tuple[tuple[str, ...], FloatArray]]:
    """Every choice of so many conditions, each present or absent, with memberships (cases, size)."""
    for places in combinations(range(len(names)), size):
        for signs in product(("", "~"), repeat=size):
            columns = [
                sets[:, at] if not sign else 1 - sets[:, at] for at, sign in zip(places, signs, strict=True)
            ]
            yield (
                tuple(sign + names[at] for at, sign in zip(places, signs, strict=True)),
                np.column_stack(columns),
            )


def _conjunctions(
    names: Sequence[str], sets: FloatArray, members: FloatArray, cut: float, most: int
) -> Iterator[tuple[str, float, float, float]]:
    """A conjunction is necessary only if each of its parts is: those alone are combined."""
    single = {
        literals[0]: columns[:, 0]
        for literals, columns in _literals(names, sets, 1)
        if necessary(columns[:, 0], members)["inclN"] >= cut - SLACK
    }
    for size in range(1, most + 1):
        for chosen in combinations(single, size):
            if len({one.removeprefix("~") for one in chosen}) < size:
                continue
            fit = necessary(np.min([single[one] for one in chosen], axis=0), members)
            if fit["inclN"] >= cut - SLACK:
                yield "*".join(chosen), fit["inclN"], fit["RoN"], fit["covN"]


def _disjunctions(
    names: Sequence[str], sets: FloatArray, members: FloatArray, cut: float, most: int
) -> Iterator[tuple[str, float, float, float]]:
    enough: list[frozenset[str]] = []
    for size in range(1, most + 1):
        for literals, columns in _literals(names, sets, size):
            own = frozenset(literals)
            if any(one <= own for one in enough):
                continue
            fit = necessary(columns.max(axis=1), members)
            if fit["inclN"] >= cut - SLACK:
                enough.append(own)
                if size > 1:
                    yield " + ".join(literals), fit["inclN"], fit["RoN"], fit["covN"]
