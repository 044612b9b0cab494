"""Response styles by country (agreeing, extremes, the middle) and what they do to a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveykit.analysis.ancova import ancova
from surveykit.analysis.group_columns import check_columns, listed, numbers, outcomes_of
from surveykit.analysis.group_comparison import compare_groups
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import number, pvalue
from surveykit.options import check_numbers, checked_call, shown
from surveykit.results import Result

STYLES = ("acquiescence", "disacquiescence", "net_acquiescence", "extreme", "midpoint")


@dataclass(frozen=True)
class ResponseStyles(Result):
    """Response-style indices of two groups.

    `frame`: a row per index, `style` and the columns of `compare_groups`.
    `persons`: the indices of each respondent (index of the data), shares of
    the items answered. `effect`: for each outcome, the difference between
    the groups as it is (`mean_diff pvalue`), and with the styles held equal
    (`mean_diff_adjusted pvalue_adjusted`), and the `share` that went.
    """

    frame: pd.DataFrame
    persons: pd.DataFrame
    effect: pd.DataFrame
    group: str
    groups: tuple[str, str]
    scale: tuple[float, float]
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        lines = [f"Response styles, {self.groups[0]} minus {self.groups[1]}"]
        for row in self.frame.to_dict("records"):
            lines.append(
                f"{row['style']}: {number(row['mean_1'], 2)} and {number(row['mean_2'], 2)}, "
                f"g = {number(row['hedges_g'], 2)}, p {pvalue(row['pvalue_adjusted'])}"
            )
        for row in self.effect.to_dict("records"):
            lines.append(
                f"{row['outcome']}: difference {number(row['mean_diff'], 2)}, with styles held equal "
                f"{number(row['mean_diff_adjusted'], 2)}, p {pvalue(row['pvalue_adjusted'])}"
            )
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def response_styles(
    data: pd.DataFrame,
    items: Iterable[str],
    group: str,
    scale: tuple[float, float],
    *,
    outcomes: str | Iterable[str] = (),
    adjust: str = "holm",
) -> ResponseStyles:
    """Compare the response styles of two groups, and the groups with styles held equal.

    Parameters
    ----------
    data : pandas.DataFrame
        Answers as given: reverse-worded items not turned around.
    items : several str
        Many items of different content, half of them reversed if possible; styles measured on the items
        of one scale are that scale's content too.
    group : str
        Two groups.
    scale : (lowest, highest)
        Ends of the response scale, for example ``(1, 5)``.
    outcomes : str or several
        Scale scores whose difference is computed again with net acquiescence, extreme and midpoint
        responding as covariates (those that vary).
    adjust
        As in `compare_groups`, over the indices.

    Returns
    -------
    ResponseStyles
        Shares in [0, 1]: `acquiescence` above the midpoint, `disacquiescence` below, `net_acquiescence`
        their difference, `extreme` at an end, `midpoint` on it (NaN for scales without one).

    Raises
    ------
    SurveykitError
        G001 no such column; G002 not two groups; G003 not numeric; G029 an answer outside the scale; O001.

    Notes
    -----
    Styles from fewer than 10 items give a note (G030).

    References
    ----------
    Baumgartner & Steenkamp (2001), doi:10.1509/jmkr.38.2.143.18840. Harzing (2006),
    doi:10.1177/1470595806066332.

    Examples
    --------
    >>> answers = pd.DataFrame({"country": list("JJKK"), "q1": [3, 3, 5, 5], "q2": [3, 2, 1, 5]})
    >>> answers["q3"] = [3, 4, 5, 4]
    >>> response_styles(answers, ["q1", "q2", "q3"], "country", (1, 5)).persons["extreme"].round(2).tolist()
    [0.0, 0.0, 1.0, 0.67]
    """
    wanted, outcomes = outcomes_of(items), listed(outcomes)
    check_columns(data, group, *wanted, *outcomes)
    persons, notes = _persons(data, wanted, scale), []
    used = [style for style in STYLES if persons[style].notna().any()]
    table = pd.concat([persons[used], data[[group]]], axis=1)
    compared = compare_groups(table, used, group, adjust=adjust)
    effect = [_effect(data, persons, outcome, group) for outcome in outcomes]
    if len(wanted) < 10:
        notes.append(note("G030", found=len(wanted)))
    return ResponseStyles(
        compared.frame.rename(columns={"outcome": "style"}),
        persons,
        pd.DataFrame(effect, columns=EFFECT),
        group,
        compared.groups,
        (float(scale[0]), float(scale[1])),
        (*notes, *compared.notes),
    )


EFFECT = ["outcome", "n", "mean_diff", "pvalue", "mean_diff_adjusted", "pvalue_adjusted", "share"]


def _persons(data: pd.DataFrame, items: list[str], scale: tuple[float, float]) -> pd.DataFrame:
    """Each respondent's shares of answers; NaN where none was given."""
    if not isinstance(scale, Sequence) or len(scale) != 2:
        raise SurveykitError("G046", value=shown(scale))
    check_numbers(**{"scale[0]": scale[0], "scale[1]": scale[1]})
    low, high = map(float, scale)
    if not low < high:
        raise SurveykitError("G046", value=shown(scale))
    columns = {}
    for item in items:
        values = numbers(data, item)
        outside = values[np.isfinite(values) & ((values < low) | (values > high))]
        if len(outside):
            raise SurveykitError("G029", item=item, value=f"{outside[0]:g}", low=f"{low:g}", high=f"{high:g}")
        columns[item] = values
    answers = np.column_stack(list(columns.values()))
    known = np.isfinite(answers)
    count = known.sum(axis=1).astype(float)
    count[count == 0] = np.nan
    middle = (low + high) / 2
    above, below = (answers > middle).sum(axis=1) / count, (answers < middle).sum(axis=1) / count
    ends = ((answers == low) | (answers == high)).sum(axis=1) / count
    # A scale of 4 or 6 points has no middle to stay in.
    centre = (answers == middle).sum(axis=1) / count if middle == int(middle) else np.full(len(data), np.nan)
    shares = (above, below, above - below, ends, centre)
    return pd.DataFrame(dict(zip(STYLES, shares, strict=True)), index=data.index)


def _effect(data: pd.DataFrame, persons: pd.DataFrame, outcome: str, group: str) -> dict[str, object]:
    """The difference of two groups without and with the styles as covariates, on the same rows."""
    styles = [one for one in ("net_acquiescence", "extreme", "midpoint") if persons[one].std() > 0]
    named = {one: f"style {one}" for one in styles}
    table = pd.concat([data[[outcome, group]], persons[styles].rename(columns=named)], axis=1).dropna()
    plain = ancova(table, outcome, group).contrasts.iloc[0]
    held = ancova(table, outcome, group, named.values()).contrasts.iloc[0]
    raw, left = float(plain["estimate"]), float(held["estimate"])
    share = 1 - left / raw if raw else float("nan")
    values = (outcome, len(table), raw, plain["pvalue"], left, held["pvalue"], share)
    return dict(zip(EFFECT, values, strict=True))
