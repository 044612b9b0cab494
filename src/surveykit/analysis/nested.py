"""Groups of people who are nested: managers in companies, compared by a mixed model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import check_columns, listed, many_groups, numbers
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.random_intercept import RandomIntercept, fit_random_intercept
from surveykit.formatting import number, pvalue, share
from surveykit.options import check_share, checked_call
from surveykit.results import Result

# With fewer clusters a group the variance between them is hardly known.
FEW_CLUSTERS = 20


@dataclass(frozen=True)
class NestedComparison(Result):
    """Fixed effects of a random-intercept model (REML).

    `frame`: `term est se t df pvalue ci_lower ci_upper`; a group's effect is that
    group minus the first. `variance_between` clusters, `variance_within`;
    `icc` = between / (between + within), after groups and covariates.
    """

    frame: pd.DataFrame
    variance_between: float
    variance_within: float
    icc: float
    loglik: float
    n: int
    n_clusters: int
    outcome: str
    group: str
    cluster: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        lines = [f"{self.outcome}: {self.n} in {self.n_clusters} of {self.cluster}, ICC = {share(self.icc)}"]
        for row in self.frame.to_dict("records"):
            lines.append(
                f"{row['term']}: {number(row['est'], 2)} (SE {number(row['se'], 2)}), "
                f"t({number(row['df'], 0)}) = {number(row['t'], 2)}, p {pvalue(row['pvalue'])}"
            )
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def nested_comparison(
    data: pd.DataFrame,
    outcome: str,
    group: str,
    cluster: str,
    covariates: str | Iterable[str] = (),
    *,
    conf_level: float = 0.95,
) -> NestedComparison:
    """Compare groups where respondents share a company, a school, a team.

    A t test counts ten managers of one company as ten witnesses; this model does not.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; rows with a gap are left out.
    outcome, group : str
    cluster : str
        The company of each respondent.
    covariates : str or several
        Numeric columns.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    NestedComparison

    Raises
    ------
    SurveykitError
        G001 no such column; G003 not numeric; G005 fewer than two groups; G011 columns that repeat each
        other or an outcome without variance; G026 no cluster with two respondents, or fewer than two
        clusters in a group; O002.

    Notes
    -----
    Checked against nlme::lme, whose degrees of freedom are used: clusters count for what is constant in
    them. Fewer than 20 clusters in a group: a note (G027), tests are rough. No variance between
    clusters: a note (G028), and the model is then the ordinary regression.

    References
    ----------
    Snijders & Bosker (2012), Multilevel Analysis. McNeish & Stapleton (2016), doi:10.1007/s10648-014-9287-x.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> managers = pd.DataFrame({"company": np.repeat(np.arange(12), 5)})
    >>> managers["country"] = ["JP"] * 30 + ["KR"] * 30
    >>> managers["trust"] = rng.normal(size=12)[managers["company"]] + rng.normal(size=60)
    >>> nested_comparison(managers, "trust", "country", "company").n_clusters
    12
    """
    check_share("conf_level", conf_level)
    wanted = listed(covariates)
    names = [outcome, group, cluster, *wanted]
    check_columns(data, *names)
    for column in (outcome, *wanted):
        numbers(data, column)
    if len(set(names)) < len(names):
        raise SurveykitError("G011", n=len(data), terms=", ".join(names[1:]))
    known = data[names].replace([np.inf, -np.inf], np.nan).dropna()
    labels = many_groups(known, group)
    notes = [note("G013", dropped=len(data) - len(known), kept=len(known))] if len(known) < len(data) else []
    notes += _check_clusters(known, group, cluster)
    terms = ["(Intercept)", *(f"{group}={label}" for label in labels[1:]), *wanted]
    marks = [(known[group] == label).to_numpy(dtype=float) for label in labels[1:]]
    x = np.column_stack([np.ones(len(known)), *marks, *(numbers(known, one) for one in wanted)])
    y = numbers(known, outcome)
    if np.linalg.matrix_rank(x) < x.shape[1] or len(y) <= x.shape[1] or np.ptp(y) == 0:
        raise SurveykitError("G011", n=len(y), terms=", ".join(terms))
    codes, clusters = pd.factorize(known[cluster])
    fit = fit_random_intercept(y, x, codes.astype(np.int64))
    if fit.between < 1e-6 * fit.within:
        notes.append(note("G028", cluster=cluster))
    return NestedComparison(
        _table(terms, fit, conf_level),
        fit.between,
        fit.within,
        fit.between / (fit.between + fit.within),
        fit.loglik,
        len(y),
        len(clusters),
        outcome,
        group,
        cluster,
        tuple(notes),
    )


def _check_clusters(data: pd.DataFrame, group: str, cluster: str) -> list[Note]:
    """Refuse (G026) data without nesting; tell (G027) where clusters are few."""
    per_group = data.groupby(group, observed=True)[cluster].nunique()
    fewest, largest = int(per_group.min()), int(data[cluster].value_counts().max())
    if fewest < 2 or largest < 2:
        raise SurveykitError("G026", cluster=cluster, fewest=fewest, largest=largest)
    return [note("G027", cluster=cluster, fewest=fewest)] if fewest < FEW_CLUSTERS else []


def _table(terms: list[str], fit: RandomIntercept, conf_level: float) -> pd.DataFrame:
    from scipy.special import stdtr, stdtrit

    se = np.sqrt(np.diag(fit.vcov))
    half, t = stdtrit(fit.df, 0.5 + conf_level / 2) * se, fit.est / se
    frame = pd.DataFrame({"term": terms, "est": fit.est, "se": se, "t": t, "df": fit.df})
    frame["pvalue"] = 2 * stdtr(fit.df, -np.abs(t))
    return frame.assign(ci_lower=fit.est - half, ci_upper=fit.est + half)
