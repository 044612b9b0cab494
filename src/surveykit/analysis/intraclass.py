"""Intraclass correlations: of raters, and of members of groups; agreement within groups."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_input import check_column, read_grouped
from surveykit.analysis.item_input import check_count, read_items
from surveykit.errors import Note, SurveykitError, SurveykitWarning, note
from surveykit.formatting import share
from surveykit.options import check_share, checked_call
from surveykit.results import Result

DESCRIPTIONS = (
    "one-way random, single rater",
    "two-way random, single rater, absolute agreement",
    "two-way mixed, single rater, consistency",
    "one-way random, average of raters",
    "two-way random, average of raters, absolute agreement",
    "two-way mixed, average of raters, consistency",
)


@dataclass(frozen=True, repr=False)
class IccResult(Result):
    """The six intraclass correlations of Shrout & Fleiss.

    `table`: a row per form, `type icc F df1 df2 pvalue ci_lower ci_upper
    description`, labelled by `type`. `mean_squares` of the analysis of variance.
    """

    table: pd.DataFrame
    mean_squares: dict[str, float]
    n_targets: int
    n_raters: int
    conf_level: float
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The six forms."""
        return self.table

    def __repr__(self) -> str:
        single = self.table["icc"].to_numpy(float)[:3]
        shown = ", ".join(f"ICC{form} = {share(value)}" for form, value in enumerate(single, 1))
        return f"<IccResult: {shown}, {self.n_targets} targets, {self.n_raters} raters>"


@dataclass(frozen=True, repr=False)
class GroupIccResult(Result):
    """ICC(1) and ICC(2) of members nested in groups.

    `table`: a row per variable, `variable icc1 icc2 F df1 df2 pvalue ms_between
    ms_within eta_squared icc1_reml icc2_reml`, labelled by the variable.
    `mean_reliability`: a row per group with its `size` and, per variable, the
    reliability of its mean (from the REML value).
    """

    table: pd.DataFrame
    mean_reliability: pd.DataFrame
    n: int
    n_groups: int
    mean_size: float
    notes: tuple[Note, ...]

    @property
    def icc1(self) -> pd.Series[float]:
        """ICC(1) by variable."""
        return self.table["icc1"]

    @property
    def icc2(self) -> pd.Series[float]:
        """ICC(2) by variable."""
        return self.table["icc2"]

    def to_frame(self) -> pd.DataFrame:
        """The coefficients, a row per variable."""
        return self.table

    def __repr__(self) -> str:
        first = self.table.iloc[0]
        return (
            f"<GroupIccResult: {first['variable']} ICC(1) = {share(first['icc1'])}, "
            f"ICC(2) = {share(first['icc2'])}, {len(self.table)} variables, "
            f"{self.n_groups} groups, n = {self.n}>"
        )


@dataclass(frozen=True, repr=False)
class RwgResult(Result):
    """Agreement within groups.

    `groups`: a row per group, `group size rwg rwg_lindell average_deviation`;
    with several items `rwg` is rwg(j). `mean`, `median` over the groups that
    have a value.
    """

    groups: pd.DataFrame
    mean: float
    median: float
    ranvar: float
    n_items: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The groups."""
        return self.groups

    def __repr__(self) -> str:
        name = "rwg" if self.n_items == 1 else "rwg(j)"
        return (
            f"<RwgResult: mean {name} = {share(self.mean)}, median = {share(self.median)}, "
            f"{len(self.groups)} groups, {self.n_items} items>"
        )


@checked_call
def icc(
    data: pd.DataFrame, targets: str, raters: str, ratings: str, *, conf_level: float = 0.95
) -> IccResult:
    """Intraclass correlations of raters who rated the same targets, six forms.

    Parameters
    ----------
    data : pandas.DataFrame
        A row per rating.
    targets, raters, ratings : str
        Columns: what was rated, who rated, and the rating (numeric).
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    IccResult
        ICC1, ICC2, ICC3 of a single rating, ICC1k, ICC2k, ICC3k of the mean of
        all raters. Values below 0 mean less agreement than by chance.

    Raises
    ------
    SurveykitError
        S029 a column is not there; S030 a rater rated a target twice; S032 fewer
        than 2 targets or raters; S033 all ratings are equal; S002, S006 a rating
        is no number; O002 a confidence level outside (0, 1).

    Notes
    -----
    Equal to psych::ICC (tests/reference). pingouin gives the same coefficients
    but rounds its intervals and refuses incomplete targets; here targets that
    not everyone rated are left out, with a note.

    References
    ----------
    Shrout & Fleiss (1979), doi:10.1037/0033-2909.86.2.420. McGraw & Wong (1996).

    Examples
    --------
    >>> data = pd.DataFrame({"firm": [1, 1, 2, 2, 3, 3], "rater": list("ABABAB")})
    >>> data["score"] = [4, 5, 2, 2, 5, 4]
    >>> icc(data, "firm", "rater", "score")
    <IccResult: ICC1 = .852, ICC2 = .846, ICC3 = .786, 3 targets, 2 raters>
    """
    from surveykit.estimation.intraclass import TYPES, shrout_fleiss, two_way

    check_share("conf_level", conf_level)
    wide, notes = _wide(data, targets, raters, ratings)
    if np.ptp(wide.values) == 0:
        raise SurveykitError("S033", analysis="icc")
    found = shrout_fleiss(wide.values, conf_level)
    ms = two_way(wide.values)
    table = pd.DataFrame(
        {
            "type": TYPES,
            "icc": found.icc,
            "F": found.F,
            "df1": found.df1,
            "df2": found.df2,
            "pvalue": found.pvalue,
            "ci_lower": found.lower,
            "ci_upper": found.upper,
            "description": DESCRIPTIONS,
        },
        index=list(TYPES),
    )
    squares = {
        "targets": ms.targets,
        "raters": ms.raters,
        "residual": ms.residual,
        "within": ms.within,
    }
    if np.isinf(found.F).any():
        notes = (*notes, note("S086", analysis="icc"))
    if not np.isfinite(found.icc).all():
        notes = (*notes, note("S047", names=str(ratings)))
    return IccResult(table, squares, ms.n, ms.k, conf_level, notes)


def _wide(data: pd.DataFrame, targets: str, raters: str, ratings: str) -> tuple[Any, tuple[Note, ...]]:
    """Ratings as targets by raters, complete targets only."""
    for name in (targets, raters, ratings):
        check_column(data, name)
    given = data[[targets, raters, ratings]].dropna(subset=[targets, raters])
    twice = given.duplicated([targets, raters])
    if twice.any():
        first = given[twice].iloc[0]
        raise SurveykitError("S030", target=first[targets], rater=first[raters])
    checked = read_items(
        given[[ratings]].dropna(), analysis="icc", min_items=1, min_rows=1, constant_allowed=True
    )
    given = given.dropna().assign(**{ratings: checked.values[:, 0]})
    wide = given.pivot(index=targets, columns=raters, values=ratings)
    complete = wide.dropna()
    for found in (len(complete), wide.shape[1]):
        if found < 2:
            raise SurveykitError("S032", analysis="icc", needed=2, found=found)
    left = data[targets].nunique() - len(complete)
    notes = (note("S031", dropped=left, kept=len(complete)),) if left else ()
    items = read_items(complete, analysis="icc", min_items=2, min_rows=2, constant_allowed=True)
    return items, notes


@checked_call
def icc_groups(data: Any, group: Any, *, variables: Sequence[str] | None = None) -> GroupIccResult:
    """ICC(1) and ICC(2): how much of an answer belongs to the group a person is in.

    ICC(1) is the share of variance between groups (of a single answer), ICC(2)
    the reliability of group means. With managers in companies they say whether
    company scores may be made by averaging.

    Parameters
    ----------
    data : pandas.DataFrame or Series
        A row per member; numeric variables.
    group : str or sequence
        A column of `data`, or one label a row.
    variables : sequence of str, optional
        The columns to analyse; all but the group if not given.

    Returns
    -------
    GroupIccResult

    Raises
    ------
    SurveykitError
        S029 a column is not there, S101 no list of them, S088 no labels; S032 fewer than 2
        groups; S033 a variable does not vary; S034 labels and rows differ in number; S044
        no group has two members; S002, S006 as in `cronbach_alpha`.

    Notes
    -----
    Equal to multilevel::ICC1, ICC2, mult.icc and gmeanrel (tests/reference). The
    first two rest on a one-way analysis of variance and the mean group size, the
    `_reml` columns on a random-intercept model, which weights groups by size.

    References
    ----------
    Bliese (2000). Bartko (1976), doi:10.1037/0033-2909.83.5.762.

    Examples
    --------
    >>> data = pd.DataFrame({"firm": list("aaabbbccc"), "trust": [5, 6, 5, 2, 3, 3, 4, 4, 5]})
    >>> icc_groups(data, "firm")
    <GroupIccResult: trust ICC(1) = .836, ICC(2) = .939, 1 variables, 3 groups, n = 9>
    """
    from surveykit.estimation.intraclass import group_mean_reliability, one_way, random_intercept_icc

    items = read_grouped(data, group, analysis="icc_groups", variables=variables)
    n, G = len(items.group), len(items.labels)
    if n == G:
        raise SurveykitError("S044", analysis="icc_groups")
    k = n / G
    rows = []
    sizes = np.bincount(items.group)
    reliability = {"group": items.labels, "size": sizes}
    for name, y in zip(items.names, items.values.T, strict=True):
        if np.ptp(y) == 0:
            raise SurveykitError("S033", analysis=f"icc_groups ({name})")
        one, reml = one_way(y, items.group), random_intercept_icc(y, items.group)
        reliability[name] = group_mean_reliability(reml, sizes)
        rows.append(
            {
                "variable": name,
                **{field: getattr(one, field) for field in _GROUP_FIELDS},
                "icc1_reml": reml,
                "icc2_reml": k * reml / (1 + (k - 1) * reml),
            }
        )
    table = pd.DataFrame(rows, index=list(items.names))
    equal = list(table.index[table["icc2"].isna()])
    notes = (*items.notes, note("S047", names=", ".join(equal))) if equal else items.notes
    below = list(table.index[table["icc2"] < 0])
    if below:
        notes = (*notes, note("S085", names=", ".join(below)))
    if np.isinf(table["F"]).any():
        notes = (*notes, note("S086", analysis="icc_groups"))
    return GroupIccResult(table, pd.DataFrame(reliability), n, G, k, notes)


_GROUP_FIELDS = ("icc1", "icc2", "F", "df1", "df2", "pvalue", "ms_between", "ms_within", "eta_squared")


@checked_call
def rwg(
    data: Any,
    group: Any,
    *,
    variables: Sequence[str] | None = None,
    ranvar: float | None = None,
    n_options: int | None = None,
) -> RwgResult:
    """Agreement of the members of each group: rwg of one item, rwg(j) of several.

    1 where all members answer alike, 0 where they differ as much as random
    answers. What random answers look like is an assumption: `ranvar`, their
    variance; for a uniform choice among A options it is (A² - 1) / 12.

    Parameters
    ----------
    data : pandas.DataFrame or Series
        A row per member, a column per item (parallel items of one scale).
    group : str or sequence
        A column of `data`, or one label a row.
    variables : sequence of str, optional
        The items; all but the group if not given.
    ranvar : float, optional
        Variance of random answers. 2, that of five options, if neither it nor
        `n_options` is given (a note says so).
    n_options : int, optional
        Number of answer options, for the uniform variance.

    Returns
    -------
    RwgResult

    Raises
    ------
    SurveykitError
        S028 a number of options below 2; S045 a variance that is not positive;
        S029, S032, S034, S002, S006 as in `icc_groups`.

    Notes
    -----
    Equal to multilevel::rwg, rwg.j, rwg.j.lindell and ad.m (tests/reference).
    Group variances beyond `ranvar` count as 0 agreement; Lindell's index, which is
    not stepped up for the number of items, may fall below 0.

    References
    ----------
    James, Demaree & Wolf (1984), doi:10.1037/0021-9010.69.1.85. Lindell, Brandt &
    Whitney (1999), doi:10.1177/01466219922031257. Burke, Finkelstein & Dusig (1999).

    Examples
    --------
    >>> data = pd.DataFrame({"firm": list("aaabbb"), "trust": [5, 5, 4, 1, 3, 5]})
    >>> rwg(data, "firm", n_options=5)
    <RwgResult: mean rwg = .417, median = .417, 2 groups, 1 items>
    """
    from surveykit.estimation.within_group_agreement import group_agreement

    items = read_grouped(data, group, analysis="rwg", variables=variables)
    variance, notes = _random_variance(ranvar, n_options, items.values)
    found = group_agreement(items.values, items.group, variance)
    alone = [str(label) for label, size in zip(items.labels, found.sizes, strict=True) if size < 2]
    if alone:
        notes = (*notes, note("S038", groups=", ".join(alone)))
    groups = pd.DataFrame(
        {
            "group": items.labels,
            "size": found.sizes,
            "rwg": found.rwg,
            "rwg_lindell": found.lindell,
            "average_deviation": found.average_deviation,
        }
    )
    valid = found.rwg[~np.isnan(found.rwg)]
    mean, median = (float(valid.mean()), float(np.median(valid))) if valid.size else (np.nan, np.nan)
    return RwgResult(groups, mean, median, variance, len(items.names), items.notes + notes)


def _random_variance(
    ranvar: float | None, n_options: int | None, values: Any
) -> tuple[float, tuple[Note, ...]]:
    if ranvar is not None:
        if isinstance(ranvar, bool) or not isinstance(ranvar, Real) or not 0 < ranvar < np.inf:
            raise SurveykitError("S045", value=ranvar)
        return float(ranvar), ()
    if n_options is not None:
        check_count("n_options", n_options, least=2)
        return (n_options**2 - 1) / 12, ()
    assumed = note("S039", span=f"{np.nanmax(values) - np.nanmin(values):g}")
    if np.ptp(values) > 4:
        warnings.warn(str(assumed), SurveykitWarning, stacklevel=4)
    return 2.0, (assumed,)
