"""Codes compared between companies or countries: n of N, and an exact test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma

import numpy as np
import pandas as pd

from surveykit.coding.codebook import Codebook
from surveykit.coding.matrices import BY, code_matrix
from surveykit.coding.segments import Segments
from surveykit.errors import Note, note
from surveykit.estimation.item_moments import FloatArray
from surveykit.options import check_choice
from surveykit.results import Result

MOST_TABLES = 200_000
SIGNIFICANT = 0.05
# Probabilities that are equal but for rounding count as equal, as R's fisher.test does.
SLACK = 1e-7


@dataclass(frozen=True)
class CodeComparison(Result):
    """Codes by group. `frame`: ``code``, a column per group with *n of N*, ``pvalue p_adjusted p_smallest``.

    ``pvalue``: Fisher's exact test (Freeman and Halton's for more than two groups), two-sided;
    ``p_adjusted`` by Holm over the codes; ``p_smallest``: what the most unequal table with these totals
    would give. `n`: respondents by group.
    """

    frame: pd.DataFrame
    n: dict[str, int]
    by: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def compare_codes(segments: Segments, codebook: Codebook, by: str = "country") -> CodeComparison:
    """How many respondents of each group have a code, tested exactly.

    Parameters
    ----------
    segments : Segments
    codebook : Codebook
    by : {"company", "country"}, default "country"

    Returns
    -------
    CodeComparison
        `notes`: C023 no difference could be significant with so few; C025 too many tables.

    Raises
    ------
    SurveykitError
        C026 there are no coded segments; O001 an unknown `by`.

    Notes
    -----
    Respondents of one company are no independent sample: the test describes, it does not generalise.

    References
    ----------
    Freeman & Halton (1951), doi:10.1093/biomet/38.1-2.141.

    Examples
    --------
    >>> import surveykit as sk
    >>> study = "analyses/lee_trim_interviews"
    >>> book = sk.read_codebook(f"{study}/codebook.yaml")
    >>> coded = sk.read_segments(f"{study}/segments.csv", book)
    >>> sk.compare_codes(coded, book).frame.head(2)
                         code      JP      KR  pvalue  p_adjusted  p_smallest
    0  quality_delivery_price  1 of 2  0 of 3     0.4         1.0         0.4
    1      service_reputation  0 of 2  1 of 3     1.0         1.0         0.4
    """
    from surveykit.estimation.descriptives import holm

    check_choice("by", by, BY[1:])
    matrix = code_matrix(segments, codebook).frame.set_index("code").drop(columns="n_cases")
    group = codebook.people.set_index("respondent")[by].reindex(matrix.columns)
    sizes = group.value_counts(sort=False)
    counts = pd.DataFrame({name: matrix.loc[:, group == name].sum(axis=1) for name in sizes.index})
    counts = counts[counts.sum(axis=1) > 0]
    tests = [exact_test(row, list(sizes)) for row in counts.to_numpy(int).tolist()]
    shown = {name: [f"{k} of {sizes[name]}" for k in counts[name]] for name in sizes.index}
    frame = pd.DataFrame({"code": counts.index, **shown})
    frame["pvalue"] = [p for p, _ in tests]
    known = frame["pvalue"].notna().to_numpy()
    frame.loc[known, "p_adjusted"] = holm(frame.loc[known, "pvalue"].to_numpy(float))
    frame["p_smallest"] = [least for _, least in tests]
    notes = [note("C025", id=str(code)) for code in frame.loc[~known, "code"]]
    best = _smallest_of_all(list(sizes))
    if best >= SIGNIFICANT:
        notes.append(note("C023", sizes=", ".join(f"{name}: {size}" for name, size in sizes.items())))
    return CodeComparison(frame, {str(name): int(size) for name, size in sizes.items()}, by, tuple(notes))


def exact_test(having: Sequence[int], sizes: Sequence[int]) -> tuple[float, float]:
    """Two-sided p of the hypothesis that all groups have the code alike, and the smallest p there could be.

    `having`: how many of each group have it. NaN, NaN with more tables than can be gone through.

    Examples
    --------
    >>> p, smallest = exact_test([3, 0], [3, 3])
    >>> round(p, 3), round(smallest, 3)
    (0.1, 0.1)
    """
    logs = _log_shares(sum(having), sizes)
    if logs is None:
        return np.nan, np.nan
    own = sum(_log_comb(size, k) for size, k in zip(sizes, having, strict=True))
    own -= _log_comb(sum(sizes), sum(having))
    return _share_up_to(logs, own), _share_up_to(logs, float(logs.min()))


def _share_up_to(logs: FloatArray, limit: float) -> float:
    return min(1.0, float(np.exp(logs[logs <= limit + SLACK]).sum()))


def _log_comb(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _log_shares(total: int, sizes: Sequence[int]) -> FloatArray | None:
    """Log probability of every way to deal `total` out to the groups; None with too many of them."""
    logs, spent = np.zeros(1), np.zeros(1, dtype=np.int64)
    for at, size in enumerate(sizes):
        rest = sum(sizes[at + 1 :])
        k = np.arange(size + 1)
        chosen = np.array([_log_comb(size, int(one)) for one in k])
        if spent.size * k.size > 20 * MOST_TABLES:
            return None
        spent = (spent[:, None] + k).ravel()
        logs = (logs[:, None] + chosen).ravel()
        possible = (spent <= total) & (spent + rest >= total)
        spent, logs = spent[possible], logs[possible]
        if spent.size > MOST_TABLES:
            return None
    return np.asarray(logs - _log_comb(sum(sizes), total))


def _smallest_of_all(sizes: Sequence[int]) -> float:
    """The smallest p that any code could reach with groups of these sizes; 0 where it cannot be known."""
    smallest = 1.0
    for total in range(1, sum(sizes)):
        logs = _log_shares(total, sizes)
        if logs is None:
            return 0.0
        smallest = min(smallest, _share_up_to(logs, float(logs.min())))
    return smallest
