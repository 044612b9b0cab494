"""Reverse keying and the missing-item rule: answers become scale scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from surveykit.errors import SurveykitError
from surveykit.instrument.model import Instrument, Item
from surveykit.responses.read import Responses

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 8


def keyed_items(
    responses: Responses | pd.DataFrame, instrument: Instrument | None = None, scale: str | None = None
) -> pd.DataFrame:
    """The items of the scales, all keyed so that a high value means much of what the scale measures.

    A reverse-keyed item becomes low + high - answer, with the lowest and
    highest code of its response scale (of `minimum` and `maximum` for a
    number). Codes that count as missing become NaN.

    Parameters
    ----------
    responses : Responses, or DataFrame with a column per item
    instrument : Instrument, optional
        Needed with a DataFrame.
    scale : str, optional
        The items of this scale alone, in its order; of all scales by default.

    Returns
    -------
    DataFrame, shape (n_respondents, n_items)
        float, with the index of the responses.

    Raises
    ------
    SurveykitError
        R080 a DataFrame without its instrument; R081 a column is missing; R082 a column is not numeric;
        R083 a value that the item's scale does not have; R084 no such scale; R085 a reverse-keyed item
        without a lowest and highest value.

    Examples
    --------
    >>> cronbach_alpha(keyed_items(resp, scale="trust"))          # doctest: +SKIP
    """
    import pandas as pd

    frame, inst = _taken_apart(responses, instrument)
    if scale is not None and scale not in inst.scales:
        raise SurveykitError("R084", scale=scale, allowed=", ".join(inst.scales))
    chosen = [inst.scales[scale]] if scale is not None else list(inst.scales.values())
    names = list(dict.fromkeys(name for one in chosen for name in one.items))
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise SurveykitError("R081", items=", ".join(absent[:SHOWN]), instrument=inst.instrument)
    columns = {name: _keyed(frame[name], inst, inst.item(name)) for name in names}
    return pd.DataFrame(columns, index=frame.index)


def score_scales(responses: Responses | pd.DataFrame, instrument: Instrument | None = None) -> pd.DataFrame:
    """Scale scores: one column a scale, one row a respondent.

    Items are keyed as `keyed_items` says. A score is given where at least the
    share `min_valid` of the scale's items is answered: the mean of the
    answered items, or for ``score: sum`` that mean times the number of items
    (so a sum with items missing stays on the scale of the full sum; with
    ``min_valid: 1`` no score is ever prorated). Otherwise it is NaN.

    Parameters
    ----------
    responses : Responses, or DataFrame with a column per item
        From `read_responses`, or a table of codes as answered (not yet reversed).
    instrument : Instrument, optional
        Needed with a DataFrame.

    Returns
    -------
    DataFrame, shape (n_respondents, n_scales)
        float, columns in the instrument's order, with the index of the responses.

    Raises
    ------
    SurveykitError
        R080-R083, R085 as `keyed_items`.

    References
    ----------
    Graham (2009), doi:10.1146/annurev.psych.58.110405.085530, on averaging the available items;
    Schafer & Graham (2002), doi:10.1037/1082-989X.7.2.147.

    Examples
    --------
    >>> score_scales(resp)[["trust", "mutuality"]].mean()         # doctest: +SKIP
    """
    import pandas as pd

    frame, inst = _taken_apart(responses, instrument)
    keyed = keyed_items(frame, inst)
    scores = {}
    for scale in inst.scales.values():
        items = keyed[list(scale.items)]
        count = len(scale.items)
        # A share of .5 of 5 items asks for 3; the small number forgives .6 * 5 = 3.0000000000000004.
        needed = max(1, math.ceil(scale.min_valid * count - 1e-9))
        answered = items.notna().sum(axis=1)
        total = items.sum(axis=1).where(answered >= needed)
        # Count over answered is exactly 1 where nothing is missing: full sums stay whole numbers.
        scores[scale.id] = total * (count / answered) if scale.score == "sum" else total / answered
    return pd.DataFrame(scores, index=frame.index)


def _taken_apart(
    responses: Responses | pd.DataFrame, instrument: Instrument | None
) -> tuple[pd.DataFrame, Instrument]:
    if isinstance(responses, Responses):
        return responses.frame, instrument or responses.instrument
    if instrument is None:
        raise SurveykitError("R080")
    return responses, instrument


def _keyed(column: pd.Series, inst: Instrument, item: Item) -> pd.Series:
    values = _numeric(column, item)
    scale = inst.response_scale_of(item)
    missing = {*item.missing_codes, *(scale.missing_codes if scale is not None else ())}
    values = values.mask(values.isin(missing))
    low, high = item.minimum, item.maximum
    if scale is not None:
        codes = [code for code in scale.codes if code not in missing]
        low, high = min(codes), max(codes)
        fits, allowed = values.isin(codes), ", ".join(str(code) for code in codes)
    else:
        fits = values.between(-math.inf if low is None else low, math.inf if high is None else high)
        allowed = f"{low} – {high}"
    wrong = values[values.notna() & ~fits]
    if len(wrong):
        found = ", ".join(f"{value:g}" for value in wrong.unique()[:SHOWN])
        raise SurveykitError("R083", item=item.id, count=len(wrong), values=found, allowed=allowed)
    if not item.reverse:
        return values
    if low is None or high is None:
        raise SurveykitError("R085", item=item.id)
    return low + high - values


def _numeric(column: pd.Series, item: Item) -> pd.Series:
    import pandas as pd

    try:
        return pd.to_numeric(column).astype("float64")
    except (ValueError, TypeError):
        odd = [value for value in column.dropna().unique() if not isinstance(value, int | float)]
        found = ", ".join(repr(value) for value in odd[:SHOWN])
        raise SurveykitError("R082", item=item.id, values=found) from None
