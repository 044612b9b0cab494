"""Codes by case, codes together, cases in order, and when new interviews stop bringing new codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.coding.codebook import Codebook
from surveykit.coding.segments import Segments
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.item_moments import FloatArray
from surveykit.options import check_choice
from surveykit.results import Result

IntArray: TypeAlias = NDArray[np.int64]
BY = ("respondent", "company", "country")
# Guest, Namey & Chen (2020): new codes of two interviews against those of the first four.
BASE, RUN, THRESHOLD = 4, 2, 0.05


@dataclass(frozen=True)
class CodeMatrix(Result):
    """Codes by case. `frame`: ``code``, a column per case (1 or 0: a code counts once a case), ``n_cases``.

    `segments` has the same shape and holds the ids behind each cell ("" where there are none).
    """

    frame: pd.DataFrame
    segments: pd.DataFrame
    by: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


@dataclass(frozen=True)
class CoOccurrence(Result):
    """Pairs of codes that meet.

    `frame`: ``code_a code_b n_segments n_cases jaccard`` (cases with both over cases with either), the most
    frequent pair first; pairs that never meet are left out.
    """

    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


@dataclass(frozen=True)
class Saturation(Result):
    """New codes by interview.

    `frame`: ``interview respondent n_codes new_codes cumulative expected_cumulative new_information``.
    ``expected_cumulative`` is the mean over all orders of the interviews; ``new_information`` the new
    codes of this interview and the next, over the codes of the first four. `saturated_at`: the first
    interview after which it is at most `threshold`; None where that never happens.
    """

    frame: pd.DataFrame
    saturated_at: int | None
    threshold: float
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def given_codes(segments: Segments, codebook: Codebook) -> pd.DataFrame:
    """The rows that carry a code, with company and country of their respondent.

    Raises
    ------
    SurveykitError
        C026 there are none.
    """
    rows = segments.frame[segments.frame["code"] != ""]
    if rows.empty:
        raise SurveykitError("C026")
    return rows.merge(codebook.people, on="respondent", how="left")


def code_matrix(segments: Segments, codebook: Codebook, by: str = "respondent") -> CodeMatrix:
    """Codes by case: 1 where the case has the code at least once, whoever coded it.

    Parameters
    ----------
    segments : Segments
    codebook : Codebook
    by : {"respondent", "company", "country"}, default "respondent"

    Raises
    ------
    SurveykitError
        C026 there are no coded segments; O001 an unknown `by`.

    Examples
    --------
    >>> import surveykit as sk
    >>> study = "analyses/lee_trim_interviews"
    >>> book = sk.read_codebook(f"{study}/codebook.yaml")
    >>> coded = sk.read_segments(f"{study}/segments.csv", book)
    >>> sk.code_matrix(coded, book, by="company").frame.tail(2)
                  code  Japanese  South Korean  n_cases
    22  factory_visits         1             0        1
    23  manager_visits         0             1        1
    """
    check_choice("by", by, BY)
    rows = given_codes(segments, codebook)
    cases, codes = list(codebook.people[by].unique()), list(codebook.codes)
    ids: dict[tuple[str, str], dict[str, None]] = {}
    for code, case, segment in zip(
        rows["code"].tolist(), rows[by].tolist(), rows["segment"].tolist(), strict=True
    ):
        ids.setdefault((code, case), {})[segment] = None
    linked = np.array(
        [["; ".join(ids.get((code, case), ())) for case in cases] for code in codes], dtype=object
    )
    has = linked != ""
    frame = pd.DataFrame(np.column_stack([has, has.sum(axis=1)]).astype(int), columns=[*cases, "n_cases"])
    frame.insert(0, "code", codes)
    links = pd.DataFrame(linked, columns=cases)
    links.insert(0, "code", codes)
    return CodeMatrix(frame, links, by)


def case_ordered(segments: Segments, codebook: Codebook, by: str = "company") -> CodeMatrix:
    """Cases down, codes across: respondents with the most codes first within their company or country.

    The columns are ordered by how many cases have the code. `frame` holds a row per respondent with 1
    or 0 by code and ``n_codes``; `segments` the ids behind each cell.

    Raises
    ------
    SurveykitError
        C026 there are no coded segments; O001 an unknown `by`.

    References
    ----------
    Miles, Huberman & Saldana (2014), Qualitative data analysis: case-ordered displays.

    Examples
    --------
    >>> import surveykit as sk
    >>> study = "analyses/lee_trim_interviews"
    >>> book = sk.read_codebook(f"{study}/codebook.yaml")
    >>> coded = sk.read_segments(f"{study}/segments.csv", book)
    >>> sk.case_ordered(coded, book).frame[["company", "respondent", "n_codes"]]
            company respondent  n_codes
    0      Japanese         A1        5
    1      Japanese         A2        3
    2  South Korean         B1        6
    3  South Korean         B2        1
    4  South Korean         B3        0
    """
    check_choice("by", by, BY[1:])
    matrix = code_matrix(segments, codebook)
    used = matrix.frame[matrix.frame["n_cases"] > 0].sort_values("n_cases", ascending=False, kind="stable")
    order = list(used["code"])
    people = codebook.people[[by, "respondent"]]
    counts = used.drop(columns="n_cases").set_index("code").T
    frame = people.merge(counts.assign(n_codes=counts.sum(axis=1)), left_on="respondent", right_index=True)
    place = {case: rank for rank, case in enumerate(people[by].unique())}
    frame = frame.assign(_place=frame[by].map(place)).sort_values(
        ["_place", "n_codes"], ascending=[True, False], kind="stable"
    )
    linked = matrix.segments.set_index("code").loc[order].T
    shown = frame[[by, "respondent"]].merge(linked, left_on="respondent", right_index=True, how="left")
    columns = [by, "respondent", *order]
    return CodeMatrix(
        frame[[*columns, "n_codes"]].reset_index(drop=True), shown[columns].reset_index(drop=True), by
    )


def co_occurrence(segments: Segments, codebook: Codebook) -> CoOccurrence:
    """Codes that meet: on one segment, or on segments of one respondent and item whose offsets overlap.

    Raises
    ------
    SurveykitError
        C026 there are no coded segments.

    Examples
    --------
    >>> import surveykit as sk
    >>> study = "analyses/lee_trim_interviews"
    >>> book = sk.read_codebook(f"{study}/codebook.yaml")
    >>> coded = sk.read_segments(f"{study}/segments.csv", book)
    >>> sk.co_occurrence(coded, book).frame
               code_a           code_b  n_segments  n_cases  jaccard
    0  customer_input  next_generation           1        1      1.0
    """
    rows = given_codes(segments, codebook)
    number = {code: rank for rank, code in enumerate(codebook.codes)}
    k = len(number)
    code = rows["code"].map(number).to_numpy(int)
    first, second = _meeting_rows(rows)
    pairs = pd.DataFrame(
        {
            "pair": np.minimum(code[first], code[second]) * k + np.maximum(code[first], code[second]),
            "segment": rows["segment"].to_numpy()[np.minimum(first, second)],
            "respondent": rows["respondent"].to_numpy()[first],
        }
    )[code[first] != code[second]]
    grouped = pairs.groupby("pair")
    counts = grouped.agg(n_segments=("segment", "nunique"), n_cases=("respondent", "nunique"))
    names = list(number)
    matrix = code_matrix(segments, codebook).frame.drop(columns=["code", "n_cases"]).to_numpy(float)
    a, b = counts.index.to_numpy(int) // k, counts.index.to_numpy(int) % k
    either = np.maximum(matrix[a], matrix[b]).sum(axis=1)
    frame = pd.DataFrame(
        {
            "code_a": [names[one] for one in a],
            "code_b": [names[one] for one in b],
            "n_segments": counts["n_segments"].to_numpy(int),
            "n_cases": counts["n_cases"].to_numpy(int),
            "jaccard": np.minimum(matrix[a], matrix[b]).sum(axis=1) / either,
        }
    )
    return CoOccurrence(frame.sort_values("n_segments", ascending=False, kind="stable", ignore_index=True))


def _meeting_rows(rows: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Pairs of rows (each pair once) of one segment, or of overlapping stretches of one text."""
    place = pd.factorize(rows["respondent"] + "\x00" + rows["item"])[0]
    segment = pd.factorize(rows["segment"])[0]
    located = rows["start"].notna().to_numpy() & rows["end"].notna().to_numpy()
    start = rows["start"].fillna(0).to_numpy(np.int64)
    end = rows["end"].fillna(0).to_numpy(np.int64)
    # One line for all texts: each gets a stretch of its own. A segment without offsets is a point of its own.
    length = int(end.max()) + 1 if len(rows) else 1
    base = length * (int(place.max()) + 1)
    low = np.where(located, place * length + start, base + segment)
    high = np.where(located, place * length + end, base + segment + 1)
    order = np.argsort(low, kind="stable")
    low, high = low[order], high[order]
    # In order of their starts, a row meets those behind it that start before it ends.
    behind = np.searchsorted(low, high, side="left") - np.arange(len(low)) - 1
    first = np.repeat(np.arange(len(low)), behind)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(behind) - behind, behind)
    return order[first], order[first + 1 + offset]


def saturation(segments: Segments, codebook: Codebook, threshold: float = THRESHOLD) -> Saturation:
    """New codes by interview, in interview order, with a stopping criterion.

    Parameters
    ----------
    segments : Segments
    codebook : Codebook
        Its order of respondents is the order of the interviews; interviews without any code count.
    threshold : float, default 0.05
        The share of new information at or below which the curve has levelled off; 0 for the strict rule.

    Returns
    -------
    Saturation

    Raises
    ------
    SurveykitError
        C026 there are no coded segments; C027 a threshold outside 0 to 1.

    References
    ----------
    Guest, Namey & Chen (2020), doi:10.1371/journal.pone.0232076.

    Examples
    --------
    >>> import surveykit as sk
    >>> study = "analyses/lee_trim_interviews"
    >>> book = sk.read_codebook(f"{study}/codebook.yaml")
    >>> coded = sk.read_segments(f"{study}/segments.csv", book)
    >>> found = sk.saturation(coded, book)
    >>> found.frame["cumulative"].tolist(), found.saturated_at
    ([5, 8, 14, 15, 15], None)
    >>> print(found.notes[0])
    [C024] There are 5 interviews with codes; the stopping criterion needs 6.
    """
    if not 0 <= threshold <= 1:
        raise SurveykitError("C027", value=threshold)
    matrix = code_matrix(segments, codebook).frame.drop(columns=["code", "n_cases"])
    has = matrix.to_numpy(bool)
    n = has.shape[1]
    seen = np.maximum.accumulate(has, axis=1)
    cumulative = seen.sum(axis=0)
    new = np.diff(cumulative, prepend=0)
    share = np.full(n, np.nan)
    if n >= BASE + RUN:
        runs = np.array([new[at : at + RUN].sum() for at in range(BASE, n - RUN + 1)])
        share[BASE : n - RUN + 1] = runs / max(int(cumulative[BASE - 1]), 1)
    flat = np.flatnonzero(share <= threshold)
    frame = pd.DataFrame(
        {
            "interview": np.arange(1, n + 1),
            "respondent": list(matrix.columns),
            "n_codes": has.sum(axis=0),
            "new_codes": new,
            "cumulative": cumulative,
            "expected_cumulative": _mean_over_orders(has.sum(axis=1), n),
            "new_information": share,
        }
    )
    notes = (note("C024", found=n, needed=BASE + RUN),) if n < BASE + RUN else ()
    # The run that brings nothing new begins with interview flat + 1: the one before was the last needed.
    return Saturation(frame, int(flat[0]) if flat.size else None, threshold, notes)


def _mean_over_orders(cases: IntArray, n: int) -> FloatArray:
    """Codes to expect after 1 ... n interviews in random order, for codes held by so many cases each."""
    from scipy.special import gammaln

    m = np.arange(1, n + 1)[:, None]
    left = n - cases[None, :]
    with np.errstate(invalid="ignore"):
        missed = gammaln(left + 1) - gammaln(left - m + 1) + gammaln(n - m + 1) - gammaln(n + 1)
    return np.asarray((1 - np.where(m <= left, np.exp(missed), 0.0)).sum(axis=1))
