"""What there is to say about a number of factors and their extraction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from surveykit.analysis.item_input import check_count
from surveykit.errors import Note, SurveykitError, note

if TYPE_CHECKING:
    from surveykit.estimation.factor_extraction import Extraction


def check_n_factors(n_factors: int, n_items: int) -> None:
    """Refuse a number of factors that the items cannot carry (S015), or that is no whole number (S028)."""
    check_count("n_factors", n_factors, least=0)
    if not 1 <= n_factors < n_items:
        raise SurveykitError("S015", n_factors=n_factors, n_items=n_items, most=n_items - 1)


def extraction_notes(names: Sequence[str], n_factors: int, extraction: Extraction) -> tuple[Note, ...]:
    """Notes S019, S020 and S021 where they apply."""
    from surveykit.estimation.factor_extraction import degrees_of_freedom

    notes = []
    dof = degrees_of_freedom(len(names), n_factors)
    if dof < 0:
        notes.append(note("S019", n_factors=n_factors, n_items=len(names), dof=dof))
    if extraction.heywood.any():
        heywood = [name for name, hit in zip(names, extraction.heywood, strict=True) if hit]
        notes.append(note("S020", names=", ".join(heywood)))
    if not extraction.converged:
        notes.append(note("S021", what="factor extraction"))
    return tuple(notes)
