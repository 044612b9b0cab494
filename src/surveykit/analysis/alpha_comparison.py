"""Alpha by group and of several scales, with tests that they are equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_input import check_column, check_scales
from surveykit.analysis.reliability import AlphaResult, cronbach_alpha
from surveykit.analysis.scale_options import column_names
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import number, pvalue, share
from surveykit.options import checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.equal_alphas import EqualAlphas


@dataclass(frozen=True, repr=False)
class AlphaComparison(Result):
    """Alphas side by side and a test that they are equal.

    `table`: a row per group or scale, `name n n_items cronbach_alpha ci_lower
    ci_upper standardized_alpha mean sd` (and "pooled", all groups together).
    `statistic` with its `distribution` ("chisq", "F" or "t"), `df1`, `df2` and
    `pvalue`: NaN where fewer than two alphas could be computed. `alphas`: the full
    results by name.
    """

    table: pd.DataFrame
    statistic: float
    distribution: str
    df1: float
    df2: float
    pvalue: float
    alphas: Mapping[str, AlphaResult]
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The alphas, a row each."""
        return self.table

    def __repr__(self) -> str:
        shown = ", ".join(f"{name} {share(one.cronbach_alpha)}" for name, one in self.alphas.items())
        df = number(self.df1, 0) + ("" if np.isnan(self.df2) else f", {number(self.df2, 0)}")
        test = f"{self.distribution}({df}) = {number(self.statistic, 2)}, p {pvalue(self.pvalue)}"
        return f"<AlphaComparison: {shown}; {test}>"


@checked_call
def alpha_by_group(
    data: pd.DataFrame,
    group: str,
    *,
    items: Sequence[str] | None = None,
    missing: str = "listwise",
    conf_level: float = 0.95,
) -> AlphaComparison:
    """Alpha of a scale in each group and pooled, with Feldt's test that the groups' alphas are equal.

    Parameters
    ----------
    data : pandas.DataFrame
    group : str
        Column of the groups (country, say).
    items : sequence of str, optional
        The items; all columns but the group if not given.
    missing : {"listwise", "pairwise"}, default "listwise"
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    AlphaComparison
        The chi-square of Feldt, Woodruff & Salih for any number of groups. A group
        whose alpha cannot be computed has NaN, and `notes` says why.

    Raises
    ------
    SurveykitError
        S029 a column is not there, S101 no list of them; S001, S002, S006, S011 as in
        `cronbach_alpha`.

    Notes
    -----
    Equal to cocron::cocron.n.coefficients and the examples of the paper.

    References
    ----------
    Feldt, Woodruff & Salih (1987), doi:10.1177/014662168701100107.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(80, 1)) + rng.normal(size=(80, 4)), columns=list("abcd"))
    >>> data["country"] = ["JP", "KR"] * 40
    >>> alpha_by_group(data, "country")
    <AlphaComparison: JP .750, KR .714, pooled .732; chisq(1) = 0.10, p = .748>
    """
    from surveykit.estimation.equal_alphas import independent_alphas

    check_column(data, group)
    columns = (
        column_names("items", items)
        if items is not None
        else [name for name in data.columns if name != group]
    )
    for name in columns:
        check_column(data, name)
    options: dict[str, Any] = {"missing": missing, "conf_level": conf_level}
    parts = {str(label): part[columns] for label, part in data.groupby(group, sort=True)}
    alphas, notes = _each(parts, options)
    pooled, more = _each({"pooled": data.loc[data[group].notna(), columns]}, options)
    values, n, k = _numbers(alphas)
    test = independent_alphas(values, n, k) if _testable(values) else None
    return _comparison(alphas | pooled, [*parts, "pooled"], test, notes + more)


@checked_call
def compare_alphas(
    data: pd.DataFrame, scales: Mapping[str, Sequence[str]], *, conf_level: float = 0.95
) -> AlphaComparison:
    """Alphas of several scales that the same respondents answered, with a test that they are equal.

    Parameters
    ----------
    data : pandas.DataFrame
    scales : mapping of name -> items
        At least two. Respondents with all items of all scales are used.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    AlphaComparison
        Feldt's (1980) t for two scales, the chi-square of Feldt, Woodruff & Salih
        for more.

    Raises
    ------
    SurveykitError
        S089 no items of scales; S029 an item is not there; S032 fewer than two scales; S001
        to S006, S011 to S014 as in `cronbach_alpha`.

    References
    ----------
    Feldt (1980), doi:10.1007/BF02293600. Feldt, Woodruff & Salih (1987).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(80, 1)) + rng.normal(size=(80, 6)), columns=list("abcdef"))
    >>> compare_alphas(data, {"first": ["a", "b", "c"], "second": ["d", "e", "f"]})
    <AlphaComparison: first .687, second .623; t(78) = 1.31, p = .194>
    """
    from surveykit.estimation.equal_alphas import dependent_alphas, two_dependent_alphas

    check_scales("scales", scales)
    if len(scales) < 2:
        raise SurveykitError("S032", analysis="compare_alphas", needed=2, found=len(scales))
    every = list(dict.fromkeys(item for scale in scales.values() for item in scale))
    for name in every:
        check_column(data, name)
    complete = data[every].dropna()
    alphas = {
        name: cronbach_alpha(complete[list(scale)], conf_level=conf_level) for name, scale in scales.items()
    }
    values, n, k = _numbers(alphas)
    scores = np.stack([complete[list(scale)].to_numpy(float).mean(axis=1) for scale in scales.values()])
    r = np.corrcoef(scores)
    test = None
    left = len(data) - len(complete)
    notes = (note("S007", dropped=left, rows=len(data), kept=len(complete)),) if left else ()
    perfect = np.abs(r[np.triu_indices(len(r), 1)]).min() > 1 - 1e-12
    if perfect and _testable(values):
        notes = (*notes, note("S094"))
    elif _testable(values):
        pair = len(values) == 2
        test = (
            two_dependent_alphas(values, int(n[0]), float(r[0, 1]))
            if pair
            else dependent_alphas(values, int(n[0]), k, r)
        )
    return _comparison(alphas, list(scales), test, notes)


def _each(
    parts: Mapping[str, pd.DataFrame], options: dict[str, Any]
) -> tuple[dict[str, AlphaResult], tuple[Note, ...]]:
    """Alpha of each part; a note with the name of the part, and the reason, where there is none."""
    alphas: dict[str, AlphaResult] = {}
    notes: list[Note] = []
    for name, part in parts.items():
        try:
            alphas[name] = cronbach_alpha(part, **options)
        except SurveykitError as error:
            if error.code not in ("S003", "S004", "S005", "S013", "S014"):
                raise
            notes += [note("S070", group=name, reason=error.code), error.note]
    return alphas, tuple(notes)


def _numbers(alphas: Mapping[str, AlphaResult]) -> tuple[Any, Any, Any]:
    rows = [(one.cronbach_alpha, float(one.n), float(one.n_items)) for one in alphas.values()]
    values = np.array(rows).reshape(-1, 3)
    return values[:, 0], values[:, 1], values[:, 2]


def _testable(values: Any) -> bool:
    return len(values) > 1 and bool(np.all(values < 1))


def _comparison(
    alphas: Mapping[str, AlphaResult], names: list[str], test: EqualAlphas | None, notes: tuple[Note, ...]
) -> AlphaComparison:
    fields = ("n", "n_items", "cronbach_alpha", "ci_lower", "ci_upper", "standardized_alpha", "mean", "sd")
    rows = [
        {"name": name}
        | {field: getattr(alphas[name], field) if name in alphas else np.nan for field in fields}
        for name in names
    ]
    if test is None and not any(one.code == "S094" for one in notes):
        notes = (*notes, note("S071"))
    return AlphaComparison(
        table=pd.DataFrame(rows, index=names),
        statistic=test.statistic if test else np.nan,
        distribution=test.distribution if test else "chisq",
        df1=test.df1 if test else np.nan,
        df2=test.df2 if test else np.nan,
        pvalue=test.pvalue if test else np.nan,
        alphas=alphas,
        notes=notes,
    )
