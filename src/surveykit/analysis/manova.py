"""MANOVA: do groups differ on several outcomes together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveykit.analysis.factorial import Design, check_type, explained, named, read_design
from surveykit.analysis.group_columns import listed, outcomes_of
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.linear_model import box_m, multivariate_tests
from surveykit.formatting import number, pvalue
from surveykit.options import checked_call
from surveykit.results import Result


@dataclass(frozen=True)
class ManovaResult(Result):
    """A multivariate analysis of variance.

    `frame`: four rows a term, one a test (Pillai, Wilks, Hotelling-Lawley,
    Roy): `term df test statistic f df1 df2 pvalue`. `box_m`: are the
    covariance matrices of the groups equal. `hotelling`: with two groups and
    nothing else, T squared and Mahalanobis' distance.
    """

    frame: pd.DataFrame
    box_m: pd.DataFrame
    hotelling: pd.DataFrame
    outcomes: tuple[str, ...]
    group: str
    n: int
    df_residual: int
    ss_type: int
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        lines = [f"{', '.join(self.outcomes)} (type {'I' * self.ss_type}, n = {self.n})"]
        for row in self.frame[self.frame["test"] == "Pillai"].to_dict("records"):
            lines.append(
                f"{row['term']}: Pillai's trace = {number(row['statistic'])}, F({number(row['df1'], 0)}, "
                f"{number(row['df2'], 0)}) = {number(row['f'], 2)}, p {pvalue(row['pvalue'])}"
            )
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def manova(
    data: pd.DataFrame,
    outcomes: Iterable[str],
    group: str,
    covariates: str | Iterable[str] = (),
    *,
    factors: str | Iterable[str] = (),
    interactions: str | Iterable[str] = (),
    ss_type: int = 2,
) -> ManovaResult:
    """Compare groups on two or more outcomes at once.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; rows with a gap in a column used are left out.
    outcomes : several str
        Numeric columns, at least two.
    group, covariates, factors, interactions, ss_type
        As in `ancova`.

    Returns
    -------
    ManovaResult

    Raises
    ------
    SurveykitError
        G001, G003, G005, G011, G012 as in `ancova`; G015 fewer than two outcomes, or one that follows
        from the others.

    Notes
    -----
    Pillai's trace is the one to read where covariance matrices or sizes differ. Box's M needs more rows
    than outcomes in every group, otherwise a note (G016). Checked against R's manova and car::Anova.

    References
    ----------
    Pillai (1955), doi:10.1214/aoms/1177728599. Box (1949), doi:10.1093/biomet/36.3-4.317.

    Examples
    --------
    >>> scores = pd.DataFrame({"country": list("JJJJKKKK"), "trust": [3.0, 4, 4, 5, 2, 2, 4, 3],
    ...                        "mutuality": [2.0, 4, 3, 3, 2, 4, 5, 3]})
    >>> frame = manova(scores, ["trust", "mutuality"], "country").to_frame()
    >>> frame[["test", "f", "df1", "df2"]].round(2).head(1)
         test     f  df1  df2
    0  Pillai  3.93  2.0  5.0
    """
    check_type(ss_type)
    wanted = outcomes_of(outcomes)
    ready = read_design(data, wanted, [group, *listed(factors)], listed(covariates), listed(interactions))
    model = ready.fit(ss_type)
    if len(wanted) < 2 or not _independent(model.residual, ready.outcomes) or model.df_residual < len(wanted):
        raise SurveykitError("G015", outcomes=", ".join(wanted))
    rows = []
    for one in model.hypotheses:
        for test in multivariate_tests(one.sscp, model.residual, one.df, model.df_residual):
            rows.append({"term": named(one.term), "df": one.df} | test._asdict())
    box, notes = _box(ready, group)
    return ManovaResult(
        pd.DataFrame(rows),
        box,
        _hotelling(pd.DataFrame(rows), ready, group),
        tuple(wanted),
        group,
        len(ready.outcomes),
        model.df_residual,
        ss_type,
        (*ready.notes, *notes),
    )


def _independent(residual: np.ndarray, outcomes: np.ndarray) -> bool:
    if explained(residual, outcomes).any():
        return False
    size = np.sqrt(np.diag(residual))
    return bool(np.linalg.eigvalsh(residual / np.outer(size, size)).min() > 1e-10)


def _box(ready: Design, group: str) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    groups = ready.rows[group].to_numpy()
    result = box_m([ready.outcomes[groups == label] for label in ready.levels[group]])
    if result is None:
        return pd.DataFrame(columns=["m", "chisq", "df", "pvalue"]), (note("G016", group=group),)
    return pd.DataFrame([result]), ()


def _hotelling(tests: pd.DataFrame, ready: Design, group: str) -> pd.DataFrame:
    """T squared from the Hotelling-Lawley trace; only where two groups are all there is."""
    columns = ["t2", "f", "df1", "df2", "pvalue", "mahalanobis_d"]
    if len(ready.levels[group]) != 2 or len(ready.terms) != 2:
        return pd.DataFrame(columns=columns)
    row = tests[(tests["term"] == group) & (tests["test"] == "Hotelling-Lawley")].iloc[0]
    groups = ready.rows[group].to_numpy()
    n, m = (int((groups == label).sum()) for label in ready.levels[group])
    t2 = float(row["statistic"]) * (n + m - 2)
    distance = math.sqrt(t2 * (n + m) / (n * m))
    return pd.DataFrame([[t2, row["f"], row["df1"], row["df2"], row["pvalue"], distance]], columns=columns)
