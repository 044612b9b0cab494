"""Exact permutation tests: what 5 managers against 10, or 2 against 3, can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import check_columns, samples, two_groups
from surveykit.analysis.sem_data import MOST_DRAWS, whole_number
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.location_shift import exact_centre, exact_shift, hodges_lehmann
from surveykit.estimation.permutation import (
    Permutations,
    count_arrangements,
    draw_groups,
    flip_signs,
    permute_groups,
)
from surveykit.estimation.two_samples import mann_whitney
from surveykit.formatting import number, pvalue
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.two_samples import FloatArray

ALTERNATIVES = ("two-sided", "greater", "less")
# Above this many arrangements a random sample of them is drawn.
MOST = 200_000
MOST_PAIRS = 20
FRAME = (
    *("mean_diff", "pvalue", "rank_pvalue", "smallest_pvalue", "arrangements", "exact"),
    *("pvalue_two_sided", "pvalue_greater", "pvalue_less", "rank_statistic", "hodges_lehmann"),
    *("hodges_lehmann_ci_lower", "hodges_lehmann_ci_upper", "rank_ci_level"),
)


@dataclass(frozen=True)
class PermutationTest(Result):
    """First sample minus second under every arrangement of the values.

    `pvalue` is of the alternative asked for; `pvalue_two_sided`,
    `pvalue_greater`, `pvalue_less` all three; `rank_pvalue` two-sided, on
    ranks (exact Wilcoxon test, ties allowed), `rank_statistic`: U of the first
    sample (Mann-Whitney), of pairs V (signed ranks). `hodges_lehmann`: median
    shift, with the interval of the rank test; `rank_ci_level`: the confidence
    that this interval really has. `smallest_pvalue`: the least p that samples of
    these sizes and values can give. `arrangements`: how many were counted, all
    of them where `exact`.
    """

    mean_diff: float
    pvalue: float
    pvalue_two_sided: float
    pvalue_greater: float
    pvalue_less: float
    rank_pvalue: float
    smallest_pvalue: float
    arrangements: int
    exact: bool
    paired: bool
    alternative: str
    n: tuple[int, ...]
    groups: tuple[str, ...]
    rank_statistic: float
    hodges_lehmann: float
    hodges_lehmann_ci_lower: float
    hodges_lehmann_ci_upper: float
    rank_ci_level: float
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame([{name: getattr(self, name) for name in FRAME}])

    def summary(self) -> str:
        kind = "exact" if self.exact else "random"
        first = (
            f"{' minus '.join(self.groups)}: {number(self.mean_diff, 2)}, p {pvalue(self.pvalue)} "
            f"({self.alternative}, {self.arrangements} {kind} arrangements; "
            f"smallest possible p {pvalue(self.smallest_pvalue)})"
        )
        return "\n".join([first, *(str(one) for one in self.notes)])


@checked_call
def permutation_test(
    x: pd.DataFrame | Sequence[float] | FloatArray,
    y: Sequence[float] | FloatArray | str | None = None,
    group: str | None = None,
    *,
    paired: bool = False,
    alternative: str = "two-sided",
    draws: int = 9999,
    seed: int = 1,
    conf_level: float = 0.95,
) -> PermutationTest:
    """Permutation test of two means, exact for samples as small as interviews give.

    Parameters
    ----------
    x : values of the first sample, or a pandas.DataFrame
    y : values of the second sample; with a frame, the name of the outcome
        With `paired`, the second value of each pair, or None where `x` holds differences.
    group : str, with a frame
        The column of the two groups.
    paired : bool, default False
        Flip the signs of differences instead of exchanging values.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        "greater": the first sample is higher.
    draws, seed : int
        Above 200,000 arrangements this many are drawn at random (a note, G008, says so).
    conf_level : float in (0, 1), default 0.95
        Of the interval of the shift. Where the samples are too small for it, a note (G038) says which
        level the interval has.

    Returns
    -------
    PermutationTest

    Raises
    ------
    SurveykitError
        G001, G002, G003, G035, G036 a column or its values; G009 an empty sample; G010 pairs of unequal
        number or more than 20; O001, O002 an option.

    Notes
    -----
    Two-sided: arrangements whose difference is at least as large in size. Where even the most extreme
    arrangement cannot reach .05, a note (G007) says so. Checked against R (tests/reference).

    References
    ----------
    Pitman (1937), doi:10.2307/2984124. Phipson & Smyth (2010), doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> permutation_test([4.5, 5.0], [3.0, 3.5, 2.0]).to_frame()[["mean_diff", "pvalue", "smallest_pvalue"]]
       mean_diff  pvalue  smallest_pvalue
    0   1.916667     0.1              0.1
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    check_share("conf_level", conf_level)
    whole_number("draws", draws, 1, MOST_DRAWS)
    notes: list[Note] = []
    groups: tuple[str, ...] = ("x", "y")
    second: FloatArray | None
    if isinstance(x, pd.DataFrame):
        check_columns(x, str(y), str(group))
        labels = two_groups(x, str(group))
        groups = (str(labels[0]), str(labels[1]))
        first, second = samples(x, str(y), str(group), labels)
    else:
        first, second = _known(x, paired), None if y is None else _known(y, paired)
    if paired or second is None:
        differences = _differences(first, second)
        n: tuple[int, ...] = (len(differences),)
        signed = _signed_ranks(differences)
        result, ranked = flip_signs(differences), flip_signs(signed)
        exact, statistic = True, float(signed[signed > 0].sum())
        shift = exact_centre(differences, conf_level)
    else:
        n, exact = (len(first), len(second)), _few(first, second)
        if not exact:
            notes.append(note("G008", all=count_arrangements(*n), draws=draws))
        result, ranked = _exchange(first, second, exact, draws, seed)
        statistic = mann_whitney(first, second).u
        shift = (exact_shift if exact else hodges_lehmann)(first, second, conf_level)
    smallest = result.smallest if alternative == "two-sided" else 1 / result.arrangements
    if smallest > 0.05:
        notes.append(note("G007", n=" / ".join(map(str, n)), smallest=number(smallest)))
    if shift.level < conf_level - 1e-9:
        notes.append(note("G038", wanted=f"{100 * conf_level:g}%", level=f"{100 * shift.level:.3g}%"))
    chosen = {"two-sided": result.two_sided, "greater": result.greater, "less": result.less}[alternative]
    return PermutationTest(
        result.estimate,
        chosen,
        result.two_sided,
        result.greater,
        result.less,
        ranked.two_sided,
        smallest,
        result.arrangements,
        exact,
        len(n) == 1,
        alternative,
        n,
        groups,
        statistic,
        *shift,
        tuple(notes),
    )


def _known(values: Any, paired: bool) -> FloatArray:
    """A sample without its gaps; pairs keep theirs, to be left out together."""
    try:
        array = np.asarray(values, dtype=float).ravel()
    except (TypeError, ValueError, OverflowError):
        raise SurveykitError("G003", column="–") from None
    if (infinite := np.isinf(array)).any():
        raise SurveykitError("G036", column="–", count=int(infinite.sum()), row=int(np.argmax(infinite)) + 1)
    return array if paired else array[np.isfinite(array)]


def _few(first: FloatArray, second: FloatArray) -> bool:
    """Whether all arrangements can be counted; refuses an empty sample."""
    if min(len(first), len(second)) == 0:
        raise SurveykitError("G009", n_1=len(first), n_2=len(second))
    return count_arrangements(len(first), len(second)) <= MOST


def _exchange(
    first: FloatArray, second: FloatArray, exact: bool, draws: int, seed: int
) -> tuple[Permutations, Permutations]:
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([first, second]))
    low, high = ranks[: len(first)], ranks[len(first) :]
    if exact:
        return permute_groups(first, second), permute_groups(low, high)
    return draw_groups(first, second, draws, seed), draw_groups(low, high, draws, seed)


def _differences(first: FloatArray, second: FloatArray | None) -> FloatArray:
    if second is not None and len(first) != len(second):
        raise SurveykitError("G010", n_1=len(first), n_2=len(second), most=MOST_PAIRS)
    differences = first if second is None else first - second
    differences = differences[np.isfinite(differences)]
    if not 0 < len(differences) <= MOST_PAIRS:
        raise SurveykitError("G010", n_1=len(differences), n_2=len(differences), most=MOST_PAIRS)
    return differences


def _signed_ranks(differences: FloatArray) -> FloatArray:
    from scipy.stats import rankdata

    moved = differences[differences != 0]
    return np.sign(moved) * rankdata(np.abs(moved)) if len(moved) else np.zeros(1)
