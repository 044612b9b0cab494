"""Traces of careless responding. Nobody is left out here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveykit.analysis.group_input import check_column, check_scales
from surveykit.analysis.item_input import as_table, check_positive, read_items
from surveykit.analysis.missing_answers import incomplete_moments
from surveykit.analysis.scale_options import column_names
from surveykit.errors import Note, SurveykitError, note
from surveykit.options import checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.item_moments import FloatArray


@dataclass(frozen=True, repr=False)
class CarelessResult(Result):
    """Traces of careless responding, to be looked at; nobody is left out.

    `respondents`: a row each (labelled as in the data) with `longstring`,
    `individual_variability`, `even_odd`, `person_total`, `mahalanobis` (squared,
    on the answered items), `mahalanobis_pvalue`, `seconds` if response times were given,
    and `flags`: how many of them are beyond their `limits`.
    """

    respondents: pd.DataFrame
    limits: dict[str, float]
    flagged: pd.DataFrame
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per respondent."""
        return self.respondents

    def __repr__(self) -> str:
        twice = int((self.respondents["flags"] >= 2).sum())
        return f"<CarelessResult: {twice} of {self.n} respondents with two or more flags>"


@checked_call
def careless_responding(
    data: pd.DataFrame,
    *,
    items: Sequence[str] | None = None,
    scales: Mapping[str, Sequence[str]] | None = None,
    response_time: str | None = None,
    seconds_per_item: float = 2.0,
) -> CarelessResult:
    """Traces of careless responding in each respondent's answers.

    No index alone proves carelessness; respondents beyond several limits are
    worth a look. They are reported, never deleted.

    Parameters
    ----------
    data : pandas.DataFrame
        A row per respondent; the items in the order asked and as answered (not reversed).
    items : sequence of str, optional
        The item columns; all columns but the response time if not given.
    scales : mapping of scale -> items, optional
        For the even-odd index (at least 3 scales). Items must point one way.
    response_time : str, optional
        Column with the seconds a respondent took.
    seconds_per_item : float, default 2
        Faster than this is flagged (Huang et al., 2012).

    Returns
    -------
    CarelessResult
        Flagged are: a longest run of equal answers of at least half the items;
        individual variability 0; even-odd below .30; a negative person-total
        correlation; a Mahalanobis distance with p < .001; too little time.

    Raises
    ------
    SurveykitError
        S029 a column is not there; S089, S090 scales that cannot be compared; S092 no
        number of seconds; S001, S002, S005, S006, S011 as in `cronbach_alpha`.

    Notes
    -----
    Mahalanobis distances are those of R's ``mahalanobis(x, colMeans(x), cov(x))``; with gaps they
    use maximum likelihood moments (divisor n - 1) and each respondent's answered items.
    Where they cannot be computed (a constant item, fewer respondents than
    items), they are NaN and `notes` says why.

    References
    ----------
    Meade & Craig (2012), doi:10.1037/a0028085. Curran (2016), doi:10.1016/j.jesp.2015.07.006.
    Huang et al. (2012), doi:10.1007/s10869-011-9231-8.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.integers(1, 6, (100, 8)))
    >>> answers.loc[0] = 3
    >>> careless_responding(answers).respondents.loc[0, ["longstring", "individual_variability"]].tolist()
    [8.0, 0.0]
    """
    check_positive("seconds_per_item", seconds_per_item)
    data = as_table(data)
    items = None if items is None else column_names("items", items)
    for name in (*(items or ()), *(() if response_time is None else (response_time,))):
        check_column(data, name)
    if scales is not None:
        check_scales("scales", scales)
    columns = list(items) if items else [name for name in data.columns if name != response_time]
    found, moments_notes = _careless_indices(data[columns], scales)
    found.index = data.index
    limits = {
        "longstring": np.ceil(len(columns) / 2),
        "individual_variability": 0.0,
        "even_odd": 0.30,
        "person_total": 0.0,
        "mahalanobis_pvalue": 0.001,
        "seconds": seconds_per_item * len(columns),
    }
    if response_time is not None:
        found["seconds"] = _seconds(data[[response_time]])
    flagged = pd.DataFrame(
        {name: _beyond(found[name], name, limits[name]) for name in limits if name in found}, index=data.index
    )
    found["flags"] = flagged.sum(axis=1)
    used = {name: float(limit) for name, limit in limits.items() if name in found}
    notes = moments_notes + _missing_indices(found, data[columns].notna().any(axis=1))
    return CarelessResult(found, used, flagged, len(data), notes)


def _seconds(column: pd.DataFrame) -> FloatArray:
    return read_items(
        column,
        analysis="careless_responding",
        missing="keep",
        min_items=1,
        min_rows=1,
        constant_allowed=True,
    ).values[:, 0]


def _missing_indices(found: pd.DataFrame, answered: pd.Series[bool]) -> tuple[Note, ...]:
    """What does not exist for respondents who did answer; the distances say why themselves."""
    notes = []
    for index in ("individual_variability", "person_total", "even_odd"):
        count = int((found.loc[answered, index]).isna().sum()) if index in found else 0
        if count:
            notes.append(note("S091", index=index, count=count))
    return tuple(notes)


def _beyond(values: pd.Series[float], name: str, limit: float) -> pd.Series[bool]:
    """True where an index is beyond its limit; an index that could not be computed flags nobody."""
    if name == "longstring":
        return values >= limit
    if name == "individual_variability":
        return values <= limit
    return values < limit


def _careless_indices(
    table: pd.DataFrame, scales: Mapping[str, Sequence[str]] | None
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    from surveykit.estimation import careless

    items = read_items(
        table, analysis="careless_responding", missing="keep", min_items=2, min_rows=1, constant_allowed=True
    )
    distances, pvalues, notes = _distances(table)
    indices: dict[str, FloatArray] = {
        "longstring": careless.longstring(items.values).astype(float),
        "individual_variability": careless.individual_variability(items.values),
        "person_total": careless.person_total(items.values),
        "mahalanobis": distances,
        "mahalanobis_pvalue": pvalues,
    }
    if scales is not None:
        for name in (item for scale in scales.values() for item in scale):
            check_column(table, name)
        usable = sum(len(scale) > 1 for scale in scales.values())
        if usable < 3:
            raise SurveykitError("S090", needed=3, found=usable)
        places = [[items.names.index(str(item)) for item in scale] for scale in scales.values()]
        indices["even_odd"] = careless.even_odd(items.values, places)
    return pd.DataFrame(indices), notes


def _distances(table: pd.DataFrame) -> tuple[FloatArray, FloatArray, tuple[Note, ...]]:
    """Squared Mahalanobis distances and their p values; NaN, with the reason, where there are none."""
    from scipy import special

    from surveykit.estimation.missing_patterns import pattern_distances

    answered = table.notna().to_numpy().sum(axis=1)
    distances, pvalues = np.full(len(table), np.nan), np.full(len(table), np.nan)
    try:
        items, moments = incomplete_moments(table, "mahalanobis")
    except SurveykitError as error:
        return distances, pvalues, (error.note,)
    some = answered > 0
    n = np.count_nonzero(some)
    distances[some] = pattern_distances(items.values, moments) * ((n - 1) / n)  # likelihood divides by n
    pvalues[some] = special.chdtrc(answered[some], distances[some])
    return distances, pvalues, items.notes
