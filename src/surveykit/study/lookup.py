"""Scale scores read off a published table: raw sum of the items -> score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from surveykit.errors import Note
from surveykit.results import Result


@dataclass(frozen=True)
class LookupResult(Result):
    """Published scores recomputed from raw sums.

    `scores` has a row per respondent; `agreement` a row per scale: `scale n
    max_difference`, the largest absolute difference from the scores that came
    with the data, over the `n` respondents who have both.
    """

    scores: pd.DataFrame
    agreement: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.agreement


def look_up(
    sums: pd.DataFrame, table: pd.DataFrame, names: Mapping[str, str], known: pd.DataFrame
) -> LookupResult:
    """Scores of each scale from its raw sum.

    Parameters
    ----------
    sums : frame with a column per scale (raw sums, NaN where an item is missing) and `respondent`
    table : frame `index raw_sum wle_min wle_max`, as published
    names : scale -> its name in the table
    known : frame with the published scores, a column per name, rows as in `sums`
    """
    scores = pd.DataFrame({"respondent": sums["respondent"]})
    rows = []
    for scale, name in names.items():
        by_sum = table[table["index"] == name].set_index("raw_sum")["wle_min"]
        scores[name] = sums[scale].map(by_sum)
        difference = (scores[name] - known[name]).abs().dropna()
        rows.append((name, len(difference), float(difference.max()) if len(difference) else None))
    return LookupResult(scores, pd.DataFrame(rows, columns=["scale", "n", "max_difference"]))
