"""Reliability and average variance extracted from a fitted measurement model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveykit.analysis.measurement_model import Measurement, measurements
from surveykit.analysis.scale_options import column_names
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import share
from surveykit.options import check_choice, check_flags, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.analysis.sem_fit import SemFit


@dataclass(frozen=True, repr=False)
class CompositeReliabilityResult(Result):
    """Reliability of the sum of each factor's indicators.

    `table`: a row per group and factor, `group factor n_items composite_reliability
    omega omega2 omega3 alpha alpha_ordinal ave`. `result["trust"]` is the
    composite reliability of one factor (by group, if there are several).
    """

    table: pd.DataFrame
    observed_variance: bool
    ordinal_scale: bool
    notes: tuple[Note, ...]

    def __getitem__(self, factor: str) -> float | pd.Series[float]:
        """The composite reliability of one factor; a Series by group if there are several."""
        return _of_factor(self.table, factor, "composite_reliability")

    def to_frame(self) -> pd.DataFrame:
        """A row per group and factor."""
        return self.table

    def __repr__(self) -> str:
        return f"<CompositeReliabilityResult: {_shown(self.table, 'composite_reliability')}>"


@dataclass(frozen=True, repr=False)
class AveResult(Result):
    """Average variance extracted, in [0, 1]: the share of its indicators' variance that a factor explains.

    `table`: a row per group and factor, `group factor n_items ave sqrt_ave`.
    `result["trust"]` is that of one factor (by group, if there are several).
    """

    table: pd.DataFrame
    observed_variance: bool
    notes: tuple[Note, ...]

    def __getitem__(self, factor: str) -> float | pd.Series[float]:
        """The average variance extracted of one factor; a Series by group if there are several."""
        return _of_factor(self.table, factor, "ave")

    def to_frame(self) -> pd.DataFrame:
        """A row per group and factor."""
        return self.table

    def __repr__(self) -> str:
        return f"<AveResult: {_shown(self.table, 'ave')}>"


def _of_factor(table: pd.DataFrame, factor: str, column: str) -> float | pd.Series[float]:
    check_choice("factor", factor, list(dict.fromkeys(table["factor"])))
    rows = table[table["factor"] == factor]
    if len(rows) == 1:
        return float(rows[column].iloc[0])
    return rows.set_index("group")[column]


def _shown(table: pd.DataFrame, column: str) -> str:
    parts = []
    for _, row in table.iterrows():
        group = f" ({row['group']})" if row["group"] else ""
        parts.append(f"{row['factor']}{group} {share(row[column])}")
    return ", ".join(parts)


@checked_call
def composite_reliability(
    fit: SemFit,
    *,
    observed_variance: bool = True,
    ordinal_scale: bool = True,
    total: bool = False,
    higher: Sequence[str] = (),
) -> CompositeReliabilityResult:
    """Composite reliability (omega) of each factor of a fitted model.

    For congeneric items with or without correlated errors; for ordered items the
    reliability of the sum of the answers (Green & Yang); by group where the model
    has groups. Factors with one indicator are left out.

    Parameters
    ----------
    fit : SemFit
        From `cfa` or `sem`.
    observed_variance : bool, default True
        `composite_reliability` divides by the observed variance of the sum
        (McDonald's omega, `omega3`); False: by the implied one (`omega2`).
    ordinal_scale : bool, default True
        False: reliability of the sum of the latent responses behind ordered items.
    total : bool, default False
        Add a row "total" for the sum of all indicators.
    higher : sequence of str
        Second-order factors: a row each for what they explain of the sum of all
        indicators below them, with `omega_l2` (of the sum of the factors) and
        `partial_omega_l1` (the factors' own parts left out).

    Returns
    -------
    CompositeReliabilityResult
        `omega` divides by the variance that the factor and the errors imply
        (Bollen; with independent errors the usual (Σλ)² / ((Σλ)² + Σθ)).

    Raises
    ------
    SurveykitError
        S054 not a fitted model; S055 the model did not converge; S056 no factor
        has two indicators; S057, S101 what `higher` names is no second-order factor.

    Notes
    -----
    Of a bifactor model the general factor's row is omega hierarchical, and
    `total` gives omega total.

    Equal to semTools::compRelSEM, reliability and reliabilityL2 (tests/reference).
    With ordered items in several groups thresholds count as they stand, without
    the intercepts of later groups, as in semTools.

    References
    ----------
    McDonald (1999). Raykov (2001), doi:10.1348/000711001159582. Green & Yang (2009),
    doi:10.1007/s11336-008-9099-3.

    Examples
    --------
    >>> from surveykit.analysis.sem import cfa
    >>> rng = np.random.default_rng(1)
    >>> items = pd.DataFrame(rng.normal(size=(200, 1)) + rng.normal(size=(200, 3)), columns=["a", "b", "c"])
    >>> composite_reliability(cfa("f =~ a + b + c", items))
    <CompositeReliabilityResult: f .698>
    """
    check_flags(observed_variance=observed_variance, ordinal_scale=ordinal_scale, total=total)
    higher = column_names("higher", higher)
    groups = measurements(fit, "composite_reliability")
    rows = [row for group in groups for row in _rows(group, observed_variance, ordinal_scale, total, higher)]
    table = pd.DataFrame(rows)
    return CompositeReliabilityResult(table, observed_variance, ordinal_scale, _notes(table))


def _rows(
    group: Measurement, observed_variance: bool, ordinal_scale: bool, total: bool, higher: Sequence[str]
) -> list[dict[str, object]]:
    from surveykit.estimation.model_reliability import (
        factor_reliability,
        second_order_reliability,
        total_reliability,
    )

    rows: list[dict[str, object]] = []
    for place in group.measured():
        found = factor_reliability(group.model, place, ordinal_scale=ordinal_scale)
        chosen = found.omega3 if observed_variance else found.omega2
        values = found._replace(composite_reliability=chosen)._asdict()
        n_items = len(group.model.indicators(place))
        rows.append({"group": group.label, "factor": group.factors[place], "n_items": n_items, **values})
    for name in higher:
        place = group.factors.index(name) if name in group.factors else -1
        if place < 0 or not np.any(group.model.beta[:, place] != 0):
            raise SurveykitError("S057", name=name)
        second = second_order_reliability(group.model, place)
        below = {"omega_l2": second.omega_l2, "partial_omega_l1": second.partial_omega_l1}
        rows.append(_extra_row(group, name, second.omega_l1) | below)
    if total:
        value = total_reliability(group.model, np.array(group.measured()), implied=not observed_variance)
        rows.append(_extra_row(group, "total", value))
    return rows


def _extra_row(group: Measurement, name: str, value: float) -> dict[str, object]:
    """A composite of the indicators of several factors."""
    return {
        "group": group.label,
        "factor": name,
        "n_items": len(group.items),
        "composite_reliability": value,
    }


def _notes(table: pd.DataFrame) -> tuple[Note, ...]:
    """Why a value is missing: cross-loadings, or ordered and numeric indicators together."""
    notes = []
    crossed = table[table["ave"].isna() & table["omega"].notna()] if "omega" in table else table[:0]
    if len(crossed):
        notes.append(note("S058", names=", ".join(dict.fromkeys(crossed["factor"]))))
    mixed = table[table["composite_reliability"].isna()] if "composite_reliability" in table else table[:0]
    if len(mixed):
        notes.append(note("S059", names=", ".join(dict.fromkeys(mixed["factor"]))))
    return tuple(notes)


@checked_call
def ave(fit: SemFit, *, observed_variance: bool = True) -> AveResult:
    """Average variance extracted of each factor of a fitted model.

    Above .50 a factor explains more of its indicators than their errors do
    (Fornell & Larcker). NaN, with a note, where an indicator loads on two factors.

    Parameters
    ----------
    fit : SemFit
    observed_variance : bool, default True
        Of the observed variances of the indicators; False: of the implied ones,
        which is the mean squared standardized loading weighted by variance.

    Returns
    -------
    AveResult

    Raises
    ------
    SurveykitError
        S054, S055, S056 as in `composite_reliability`.

    Notes
    -----
    Equal to semTools::AVE (tests/reference).

    References
    ----------
    Fornell & Larcker (1981), doi:10.2307/3151312.

    Examples
    --------
    >>> from surveykit.analysis.sem import cfa
    >>> rng = np.random.default_rng(1)
    >>> items = pd.DataFrame(rng.normal(size=(200, 1)) + rng.normal(size=(200, 3)), columns=["a", "b", "c"])
    >>> ave(cfa("f =~ a + b + c", items))
    <AveResult: f .436>
    """
    from surveykit.estimation.model_reliability import average_variance_extracted

    check_flags(observed_variance=observed_variance)
    rows = []
    for group in measurements(fit, "ave"):
        for place in group.measured():
            value = average_variance_extracted(group.model, place, implied=not observed_variance)
            rows.append(
                {
                    "group": group.label,
                    "factor": group.factors[place],
                    "n_items": len(group.model.indicators(place)),
                    "ave": value,
                    "sqrt_ave": np.sqrt(value) if value >= 0 else np.nan,
                }
            )
    table = pd.DataFrame(rows)
    crossed = list(dict.fromkeys(table["factor"][table["ave"].isna()]))
    notes = (note("S058", names=", ".join(crossed)),) if crossed else ()
    return AveResult(table, observed_variance, notes)
