"""An exploratory factor solution: loadings, correlations of the factors, fit."""

from __future__ import annotations

import numpy as np

from surveykit.analysis.factor import EfaResult
from surveykit.report.cells import count, interval, number, probability, row, share
from surveykit.report.document import Block, Cell, Table
from surveykit.report.names import Names
from surveykit.report.notes import note_lines

MARKED = 0.40  # loadings from here on are bold


def efa_blocks(result: EfaResult, names: Names, *, id: str = "efa") -> list[Block]:
    """Loadings with communalities, the correlations of oblique factors, and the fit."""
    found: list[Block] = [loadings_table(result, names, id=id)]
    if _oblique(result):
        found.append(_phi(result, names, f"{id}-phi"))
    found.append(_fit(result, names, f"{id}-fit"))
    return found


def _oblique(result: EfaResult) -> bool:
    phi = result.phi.to_numpy()
    return bool(abs(phi - np.eye(len(phi))).max() > 1e-9)


def _phi(result: EfaResult, names: Names, id: str) -> Table:
    """The lower triangle."""
    values = result.phi.to_numpy()
    factors = tuple(str(name) for name in result.phi.columns)
    rows = [
        row(name, *(share(values[i, j], names.decimals) if j <= i else "" for j in range(len(factors))))
        for i, name in enumerate(factors)
    ]
    return Table(id, names.text("phi_title"), ("", *factors), tuple(rows))


def loadings_table(result: EfaResult, names: Names, *, id: str = "efa") -> Table:
    """A row an item; large loadings bold."""
    places = names.decimals
    rows = []
    for item, line in zip(result.loadings.index, result.loadings.to_numpy(), strict=True):
        loadings = [Cell(share(value, places), strong=abs(value) >= MARKED) for value in line]
        rest = row(
            share(result.communality[item], places),
            share(result.uniqueness[item], places),
            number(result.complexity[item], places),
        )
        rows.append((Cell(names.item(str(item))), *loadings, *rest))
    factors = tuple(str(name) for name in result.loadings.columns)
    return Table(
        id=id,
        title=names.text("efa_title"),
        header=(names.text("item"), *factors, "h²", "u²", names.text("column_complexity")),
        rows=tuple(rows),
        notes=(
            names.text("efa_note", method=result.method, rotation=result.rotation, n=result.n),
            *note_lines(result.notes, names),
        ),
    )


def _fit(result: EfaResult, names: Names, id: str) -> Table:
    fit = result.fit_measures()
    cells = row(
        str(result.n_factors),
        number(fit["chisq"], 2),
        count(fit["dof"]),
        probability(fit["pvalue"]),
        share(fit["tli"], 3),
        share(fit["rmsea"], 3),
        interval(fit["rmsea_ci_lower"], fit["rmsea_ci_upper"], 3, bounded=True),
        share(fit["rms"], 3),
        number(fit["bic"], 1),
    )
    header = (
        names.text("factors"),
        "χ²",
        "df",
        "p",
        "TLI",
        "RMSEA",
        names.text("ci", level="90%"),
        "RMSR",
        "BIC",
    )
    return Table(id, names.text("fit_title"), header, (cells,))
