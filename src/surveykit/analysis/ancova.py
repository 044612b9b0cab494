"""Analysis of covariance: do groups differ where covariates are held equal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.factorial import Design, cell_rows, check_type, explained, named, read_design
from surveykit.analysis.group_columns import listed
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import number, pvalue, share
from surveykit.options import check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.linear_model import LinearModel


@dataclass(frozen=True)
class AncovaResult(Result):
    """An analysis of covariance.

    `frame`: a row per term: `term sumsq df f pvalue partial_eta2`, residuals
    last. `adjusted_means`: by group (and by the factors that interact with
    it), covariates at their means: `mean se df ci_lower ci_upper`.
    `contrasts`: differences of adjusted means, first group minus second, p not
    adjusted. `coefficients`: sum-to-zero contrasts. `slopes`: are the
    covariates' slopes the same in every group.
    """

    frame: pd.DataFrame
    adjusted_means: pd.DataFrame
    contrasts: pd.DataFrame
    coefficients: pd.DataFrame
    slopes: pd.DataFrame
    r2: float
    n: int
    ss_type: int
    outcome: str
    group: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        lines = [f"{self.outcome} (type {'I' * self.ss_type}, n = {self.n}, R2 = {share(self.r2)})"]
        rest = self.frame["df"].iloc[-1]
        for row in self.frame.to_dict("records")[:-1]:
            lines.append(
                f"{row['term']}: F({row['df']}, {rest}) = {number(row['f'], 2)}, "
                f"p {pvalue(row['pvalue'])}, partial eta squared = {share(row['partial_eta2'])}"
            )
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def ancova(
    data: pd.DataFrame,
    outcome: str,
    group: str,
    covariates: str | Iterable[str] = (),
    *,
    factors: str | Iterable[str] = (),
    interactions: str | Iterable[str] = (),
    ss_type: int = 2,
    conf_level: float = 0.95,
) -> AncovaResult:
    """Compare groups on one outcome with covariates (and other factors) held equal.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; rows with a gap in a column used are left out.
    outcome, group : str
    covariates : str or several
        Numeric columns, not centred.
    factors : str or several
        Further grouping columns.
    interactions : str or several
        ``"country:role"``, ``"country:age"``.
    ss_type : {1, 2, 3}, default 2
        Sums of squares: each term after those before it (1; order: group, factors, covariates,
        interactions), after all that do not contain it (2), after all others (3).
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    AncovaResult

    Raises
    ------
    SurveykitError
        G001 no such column; G003 not numeric; G005 fewer than two groups; G011 too few rows or an
        empty cell; G012 an interaction; G043 an outcome of which nothing is left to vary; O001, O002 an
        option.

    Notes
    -----
    Where the slope of a covariate differs between groups (p below .05 in `slopes`) a note (G014) says so:
    adjusted means then hold only at the covariates' means. Checked against car::Anova and emmeans.

    References
    ----------
    Fox & Weisberg (2019), An R Companion to Applied Regression. Searle, Speed & Milliken (1980).

    Examples
    --------
    >>> scores = pd.DataFrame({"country": list("JJJKKK"), "age": [30, 40, 50, 30, 45, 50],
    ...                        "trust": [3.0, 4, 4, 2, 2, 4]})
    >>> ancova(scores, "trust", "country", "age").to_frame()[["term", "df", "f"]].round(2)
            term  df     f
    0    country   1  3.35
    1        age   1  3.15
    2  Residuals   3   NaN
    """
    check_type(ss_type)
    check_share("conf_level", conf_level)
    covariates, factors, interactions = listed(covariates), listed(factors), listed(interactions)
    ready = read_design(data, [outcome], [group, *factors], covariates, interactions)
    model = ready.fit(ss_type)
    if explained(model.residual, ready.outcomes).any():
        raise SurveykitError("G043", outcome=outcome)
    total = float(((ready.outcomes - ready.outcomes.mean()) ** 2).sum())
    means, contrasts = _adjusted(ready, model, group, conf_level)
    slopes = _slopes(ready, group, covariates)
    notes = list(ready.notes)
    for row in slopes[slopes["pvalue"] < 0.05].to_dict("records"):
        notes.append(note("G014", term=row["term"], pvalue=pvalue(row["pvalue"])))
    return AncovaResult(
        _table(model),
        means,
        contrasts,
        _coefficients(ready, model),
        slopes,
        1 - float(model.residual[0, 0]) / total if total else math.nan,
        len(ready.outcomes),
        ss_type,
        outcome,
        group,
        tuple(notes),
    )


def _table(model: LinearModel) -> pd.DataFrame:
    from scipy.special import fdtrc

    rest = float(model.residual[0, 0])
    rows: list[dict[str, Any]] = []
    for one in model.hypotheses:
        sumsq = float(one.sscp[0, 0])
        f = sumsq / one.df / (rest / model.df_residual) if rest > 0 else math.nan
        tail = float(fdtrc(one.df, model.df_residual, max(f, 0.0)))
        row = {"term": named(one.term), "sumsq": sumsq, "df": one.df, "f": f, "pvalue": tail}
        rows.append(row | {"partial_eta2": sumsq / (sumsq + rest) if rest > 0 else math.nan})
    rows.append({"term": "Residuals", "sumsq": rest, "df": model.df_residual})
    return pd.DataFrame(rows)


def _tested(estimates: Any, variances: Any, df: int) -> dict[str, Any]:
    """Estimates with standard errors and t tests, a column each."""
    from scipy.special import stdtr

    se = np.sqrt(variances)
    t = np.divide(estimates, se, out=np.full_like(se, np.nan), where=se > 0)
    return {"estimate": estimates, "se": se, "t": t, "df": df, "pvalue": 2 * stdtr(df, -np.abs(t))}


def _variance(model: LinearModel) -> Any:
    return model.xtx_inverse * float(model.residual[0, 0]) / model.df_residual


def _coefficients(ready: Design, model: LinearModel) -> pd.DataFrame:
    names = ["(Intercept)"]
    for term in ready.terms[1:]:
        sizes = [range(1, len(ready.levels[one])) if one in ready.levels else ("",) for one in term]
        # The first variable of a term varies fastest, as the design's columns do.
        grid = pd.MultiIndex.from_product(sizes[::-1])
        names += [":".join(f"{v}{k}" for v, k in zip(term, cell[::-1], strict=True)) for cell in grid]
    tested = _tested(model.coefficients[:, 0], np.diag(_variance(model)), model.df_residual)
    return pd.DataFrame({"coefficient": names} | tested)


def _adjusted(
    ready: Design, model: LinearModel, group: str, conf_level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Adjusted means by group within the factors that interact with it, and their differences."""
    from scipy.special import stdtrit

    beside = [
        name
        for name in ready.levels
        if name != group and any({name, group} <= set(term) for term in ready.terms)
    ]
    cells, rows = cell_rows(ready, [*beside, group])
    covariance = _variance(model)
    half = float(stdtrit(model.df_residual, 0.5 + conf_level / 2))
    estimates = rows @ model.coefficients[:, 0]
    se = np.sqrt(np.einsum("ij,jk,ik->i", rows, covariance, rows))
    means = pd.DataFrame(cells, columns=[*beside, group])
    means = means.assign(mean=estimates, se=se, df=model.df_residual)
    means = means.assign(ci_lower=estimates - half * se, ci_upper=estimates + half * se)
    k = len(ready.levels[group])
    pairs = [(at + i, at + j) for at in range(0, len(cells), k) for i, j in combinations(range(k), 2)]
    gaps = np.array([rows[i] - rows[j] for i, j in pairs])
    variances = np.einsum("ij,jk,ik->i", gaps, covariance, gaps)
    contrasts = pd.DataFrame([cells[i][:-1] for i, _ in pairs], columns=beside, index=range(len(pairs)))
    contrasts["group_1"] = [cells[i][-1] for i, _ in pairs]
    contrasts["group_2"] = [cells[j][-1] for _, j in pairs]
    tested = _tested(gaps @ model.coefficients[:, 0], variances, model.df_residual)
    return means, contrasts.assign(**tested)


def _slopes(ready: Design, group: str, covariates: list[str]) -> pd.DataFrame:
    """The test of each group-by-covariate product, added to the model (type II)."""
    extra = [(group, name) for name in covariates if (group, name) not in ready.terms]
    extra = [one for one in extra if one[::-1] not in ready.terms]
    wider = ready.with_terms(extra)
    if not extra or not wider.estimable:
        return pd.DataFrame(columns=["term", "sumsq", "df", "f", "pvalue", "partial_eta2"])
    table = _table(wider.fit(2))
    return table[table["term"].isin([named(one) for one in extra])].reset_index(drop=True)
