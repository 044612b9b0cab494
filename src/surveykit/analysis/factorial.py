"""The design of an analysis of (co)variance: which rows, which factors, which terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import check_columns, many_groups, numbers
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.linear_model import LinearModel, design, fit_terms, rank_deficient, sum_contrasts
from surveykit.options import shown

# A smaller share of the sum of squares is rounding.
NOTHING_LEFT = 1e-29

if TYPE_CHECKING:
    from surveykit.estimation.linear_model import Term
    from surveykit.estimation.two_samples import FloatArray


@dataclass(frozen=True)
class Design:
    """Complete rows of a factorial design: `levels` of each factor, `columns` of each variable."""

    outcomes: FloatArray
    levels: dict[str, list[Any]]
    columns: dict[str, FloatArray]
    covariate_means: dict[str, float]
    terms: tuple[Term, ...]
    rows: pd.DataFrame
    notes: tuple[Note, ...]

    def fit(self, ss_type: int) -> LinearModel:
        return fit_terms(self.outcomes, design(self.columns, self.terms), self.terms, ss_type)

    def with_terms(self, extra: Sequence[Term]) -> Design:
        """The same rows with more terms."""
        terms = (*self.terms, *extra)
        return Design(
            self.outcomes, self.levels, self.columns, self.covariate_means, terms, self.rows, self.notes
        )

    @property
    def estimable(self) -> bool:
        blocks = design(self.columns, self.terms)
        return sum(block.shape[1] for block in blocks) < len(self.outcomes) and not rank_deficient(blocks)


def read_design(
    data: pd.DataFrame,
    outcomes: Sequence[str],
    factors: Sequence[str],
    covariates: Sequence[str],
    interactions: Iterable[str],
) -> Design:
    """Check the columns and code the complete rows; `interactions` as ``"country:role"``.

    Raises G001, G003, G005, G011 (too few rows or an empty cell), G012 (an interaction of unknown names).
    """
    names = [*outcomes, *factors, *covariates]
    check_columns(data, *names)
    if len(set(names)) < len(names):
        raise SurveykitError("G011", n=len(data), terms=", ".join(names[len(outcomes) :]))
    for column in (*outcomes, *covariates):
        numbers(data, column)
    rows = data.loc[data[names].replace([np.inf, -np.inf], np.nan).notna().all(axis=1), names]
    levels = {factor: many_groups(rows, factor) for factor in factors}
    columns = {factor: _coded(rows[factor], levels[factor]) for factor in factors}
    columns |= {name: numbers(rows, name)[:, None] for name in covariates}
    terms = [(), *((name,) for name in (*factors, *covariates))]
    terms += [_interaction(one, [*factors, *covariates]) for one in interactions]
    means = {name: float(columns[name].mean()) for name in covariates}
    left = len(data) - len(rows)
    notes = (note("G013", dropped=left, kept=len(rows)),) if left else ()
    outcome = np.column_stack([numbers(rows, name) for name in outcomes])
    ready = Design(outcome, levels, columns, means, tuple(terms), rows, notes)
    if not ready.estimable:
        raise SurveykitError("G011", n=len(rows), terms=", ".join(map(named, terms[1:])))
    return ready


def named(term: Term) -> str:
    """A term as lavaan's and R's users write it."""
    return ":".join(term) or "(Intercept)"


def _coded(column: pd.Series, levels: list[Any]) -> FloatArray:
    codes = pd.Categorical(column, categories=levels).codes.astype(np.int64)
    return sum_contrasts(codes, len(levels))


def _interaction(text: str, known: list[str]) -> Term:
    if not isinstance(text, str):
        raise SurveykitError("G012", interaction=shown(text), names=", ".join(known))
    parts = tuple(part.strip() for part in text.split(":"))
    if len(parts) < 2 or len(set(parts)) < len(parts) or not set(parts) <= set(known):
        raise SurveykitError("G012", interaction=text, names=", ".join(known))
    return parts


def cell_rows(ready: Design, factors: Sequence[str]) -> tuple[list[tuple[Any, ...]], FloatArray]:
    """Cells of some factors, and the row of the design that gives each adjusted mean.

    Covariates at their means, other factors averaged with equal weight.
    """
    cells = pd.MultiIndex.from_product([ready.levels[name] for name in factors])
    rows = []
    for cell in cells:
        at = dict(zip(factors, cell, strict=True))
        values: dict[str, FloatArray] = {}
        for name, levels in ready.levels.items():
            full = sum_contrasts(np.arange(len(levels)), len(levels))
            values[name] = full[[levels.index(at[name])]] if name in at else full.mean(axis=0, keepdims=True)
        values |= {name: np.array([[mean]]) for name, mean in ready.covariate_means.items()}
        rows.append(np.hstack(design(values, ready.terms)))
    return [tuple(cell) for cell in cells], np.vstack(rows)


def explained(residual: FloatArray, outcomes: FloatArray) -> np.ndarray:
    """Outcomes of which the design leaves but rounding: residual sums of squares (k, k), values (n, k)."""
    return np.asarray(np.diag(np.atleast_2d(residual)) <= NOTHING_LEFT * np.square(outcomes).sum(axis=0))


def check_type(ss_type: int, order: Sequence[int] = (1, 2, 3)) -> None:
    """Refuse (O001) another type of sums of squares."""
    from surveykit.options import check_choice

    check_choice("ss_type", ss_type, order)
