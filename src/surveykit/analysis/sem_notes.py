"""What a solution's shortcomings are called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from surveykit.errors import Note, note
from surveykit.estimation.sem.admissibility import Improper
from surveykit.estimation.sem.engine import Solution


def undefined_notes(solution: Solution) -> list[Note]:
    """M142: defined parameters that the estimates leave without a value."""
    table = solution.table
    return [
        note("M142", name=table.lhs[row], formula=table.rhs[row])
        for row in solution.constraints.defined_rows.tolist()
        if not np.isfinite(solution.estimates[row])
    ]


def improper_notes(found: Improper, labels: Sequence[str]) -> list[Note]:
    """M107, M108, M109: what makes a solution inadmissible."""
    several = len(labels) > 1

    def where(group: int) -> str:
        return f" ({labels[group - 1]})" if several else ""

    notes = []
    if found.variances:
        names = ", ".join(f"{name}{where(group)}" for name, group in found.variances)
        notes.append(note("M107", names=names))
    notes += [note("M108", where=where(group), largest=f"{value:.3f}") for group, value in found.latent]
    notes += [note("M109", where=where(group)) for group in found.residual]
    return notes
