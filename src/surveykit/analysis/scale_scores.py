"""Scores of several scales at once, and how the scales and items go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_input import check_column, check_scales
from surveykit.analysis.item_input import read_items
from surveykit.analysis.scale_options import scale_ends
from surveykit.errors import Note, SurveykitError, note
from surveykit.options import check_choice, check_flags, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.scale_scores import ScaleScores

IMPUTE = ("none", "median", "mean")


@dataclass(frozen=True, repr=False)
class ScaleScoresResult(Result):
    """Scores and the correlations of scales.

    `scores`: a row per respondent, a column per scale. `table`: a row per scale,
    `scale n_items alpha lambda6 average_r mean sd`. `cor`: correlations of scales;
    `corrected`: the same below the diagonal, alphas on it, corrected for
    attenuation above. `item_cor`, `item_corrected`: items by scales, the latter
    corrected for overlap.
    """

    scores: pd.DataFrame
    table: pd.DataFrame
    cor: pd.DataFrame
    corrected: pd.DataFrame
    item_cor: pd.DataFrame
    item_corrected: pd.DataFrame
    impute: str
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per scale."""
        return self.table

    def __repr__(self) -> str:
        return f"<ScaleScoresResult: {len(self.table)} scales, n = {self.n}>"


@checked_call
def score_items(
    data: pd.DataFrame,
    keys: Mapping[str, Sequence[str]],
    *,
    impute: str = "none",
    totals: bool = False,
    scale: tuple[float, float] | None = None,
) -> ScaleScoresResult:
    """Scale scores from keys, as psych::scoreItems.

    Where a questionnaire file knows the scales, use `score_scales` instead.

    Parameters
    ----------
    data : pandas.DataFrame
    keys : mapping of scale -> items
        A minus before a name reverses the item: ``["t1", "-t2", "t3"]``.
    impute : {"none", "median", "mean"}, default "none"
        "none" averages the items a respondent answered; psych's default is "median".
    totals : bool, default False
        Sums instead of means.
    scale : (low, high), optional
        Ends of the answer scale, for reversing; the least and largest answer in
        the data if not given.

    Returns
    -------
    ScaleScoresResult

    Raises
    ------
    SurveykitError
        S089 keys that name no items, S102 no two ends of a scale; S001 a scale with fewer
        than 2 items; S029 an item is not there; S002 to S006,
        S011, S013 as in `cronbach_alpha`; S014 the items of a scale cancel out; S022 gaps
        make its variance negative; O001 an unknown `impute`.

    Notes
    -----
    Equal to psych::scoreItems (tests/reference), covariances pair by pair.

    References
    ----------
    Revelle (2023), psych: Procedures for psychological research.

    Examples
    --------
    >>> data = pd.DataFrame({"a": [1, 2, 4, 5], "b": [2, 2, 5, 4], "c": [5, 5, 2, 1], "d": [4, 3, 2, 2]})
    >>> score_items(data, {"x": ["a", "b"], "y": ["c", "d"]}, scale=(1, 5)).scores["x"].tolist()
    [1.5, 2.0, 4.5, 4.5]
    """
    from surveykit.estimation.scale_scores import score_scales

    check_choice("impute", impute, IMPUTE)
    check_scales("keys", keys)
    for item in (one for scale_items in keys.values() for one in scale_items):
        if not isinstance(item, str):
            raise SurveykitError("S089", option="keys", found=repr(item))
    check_flags(totals=totals)
    ends = None if scale is None else scale_ends("scale", scale)
    names, matrix = _key_matrix(data, keys)
    items = read_items(data[names], analysis="score_items", missing="pairwise")
    observed = items.values[~np.isnan(items.values)]
    low, high = ends if ends is not None else (float(observed.min()), float(observed.max()))
    found = score_scales(items.values, matrix, low, high, impute=impute, totals=totals)
    for scale_name, variance in zip(keys, found.variance, strict=True):
        if variance == 0:
            raise SurveykitError("S014", names=f"{scale_name} ({', '.join(keys[scale_name])})")
        if variance < 0:  # only covariances of different rows can do this
            smallest = np.linalg.eigvalsh(found.item_r)[0]
            analysis = f"score_items ({scale_name})"
            raise SurveykitError("S022", analysis=analysis, eigenvalue=f"{smallest:.1e}")
    scales = list(keys)

    def square(values: Any) -> pd.DataFrame:
        return pd.DataFrame(values, index=scales, columns=scales)

    scores = pd.DataFrame(found.scores, index=data.index, columns=scales)
    table = pd.DataFrame(
        {
            "scale": scales,
            "n_items": [len(one) for one in keys.values()],
            "alpha": found.alpha,
            "lambda6": found.lambda6,
            "average_r": found.average_r,
            "mean": scores.mean().to_numpy(),
            "sd": scores.std().to_numpy(),
        },
        index=scales,
    )
    gaps = int(np.isnan(items.values).sum())
    return ScaleScoresResult(
        scores=scores,
        table=table,
        cor=square(found.cor),
        corrected=square(found.corrected),
        item_cor=pd.DataFrame(found.item_cor, index=names, columns=scales),
        item_corrected=pd.DataFrame(found.item_corrected, index=names, columns=scales),
        impute=impute,
        n=len(items.values),
        notes=((note("S050", cells=gaps),) if gaps else ()) + _uncorrected(scales, found),
    )


def _uncorrected(scales: list[str], found: ScaleScores) -> tuple[Note, ...]:
    """Scales whose alpha, or whose shared variance, corrects nothing."""
    none = (found.alpha <= 0) | np.isnan(found.item_corrected).any(axis=0)
    names = [name for name, one in zip(scales, none, strict=True) if one]
    return (note("S100", names=", ".join(names)),) if names else ()


def _key_matrix(data: pd.DataFrame, keys: Mapping[str, Sequence[str]]) -> tuple[list[str], Any]:
    """Names of all items used, and keys of 1, -1 and 0, items by scales."""
    names = list(dict.fromkeys(item.removeprefix("-") for scale in keys.values() for item in scale))
    for name in names:
        check_column(data, name)
    matrix = np.zeros((len(names), len(keys)))
    for column, (scale, items) in enumerate(keys.items()):
        if len(items) < 2:
            raise SurveykitError("S001", analysis=f"score_items ({scale})", needed=2, found=len(items))
        for item in items:
            matrix[names.index(item.removeprefix("-")), column] = -1.0 if item.startswith("-") else 1.0
    return names, matrix
