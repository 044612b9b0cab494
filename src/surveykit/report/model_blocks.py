"""A fitted structural equation model as sentences, tables and path diagrams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from surveykit.analysis.sem_fit import SemFit
from surveykit.report.document import Block, Code, Figure, Paragraph
from surveykit.report.model_tables import effects_tables, fit_table, parameter_tables, r_squared_table
from surveykit.report.names import Names
from surveykit.report.notes import with_notes
from surveykit.report.path_diagram import path_diagram
from surveykit.report.sentences import fit_sentence

if TYPE_CHECKING:
    import pandas as pd


def model_blocks(fit: SemFit, names: Names, *, id: str = "model", syntax: str = "") -> list[Block]:
    """Fit, path diagrams, estimates, effects, R² and, where given, the model as it was written."""
    found: list[Block] = [Code(names.text("syntax"), syntax.strip())] if syntax.strip() else []
    if not fit.converged:
        found.append(Paragraph(names.text("not_converged"), kind="warning"))
        return [*found, *(Paragraph(one.text(names.lang), kind="warning") for one in fit.notes)]
    if not fit.admissible:
        found.append(Paragraph(names.text("not_admissible"), kind="warning"))
    measures = dict(fit.fit_measures())
    found.append(Paragraph(fit_sentence(measures, names)))
    found.append(with_notes(fit_table({"": measures}, names, id=f"{id}-fit"), fit.notes, names))
    estimates = _labelled(fit.parameter_estimates(), fit)
    r_squared = _r_squared(fit)
    found += _figures(estimates, r_squared, names, id)
    level = float(fit.options.get("conf_level", 0.95))
    found += parameter_tables(estimates, names, conf_level=level, id=id)
    effects = _labelled(fit.effects(), fit)
    found += effects_tables(effects, names, conf_level=level, id=f"{id}-mediation")
    found.append(r_squared_table(r_squared, names, id=f"{id}-r2"))
    return found


def compared_fits(fits: Mapping[str, SemFit], names: Names, *, id: str = "fits") -> list[Block]:
    """Several models in one fit table."""
    return [fit_table({name: dict(one.fit_measures()) for name, one in fits.items()}, names, id=id)]


def _labelled(frame: pd.DataFrame, fit: SemFit) -> pd.DataFrame:
    """The same rows with the groups' labels; the empty label where there is one group or none."""
    labels = dict(enumerate(fit.group_labels, start=1))
    return frame.assign(group=[labels.get(int(one), "") for one in frame["group"]])


def _r_squared(fit: SemFit) -> dict[str, dict[str, float]]:
    found: Any = fit.r_squared()
    by_group = found if isinstance(found, dict) else {"": found}
    return {
        str(group): {str(name): float(value) for name, value in one.items()}
        for group, one in by_group.items()
    }


def _figures(
    estimates: pd.DataFrame, r_squared: Mapping[str, Mapping[str, float]], names: Names, id: str
) -> list[Figure]:
    """The structural part by itself where there is one, then everything."""
    drawn = estimates[estimates["op"] != ":="]
    latents = set(drawn.loc[drawn["op"] == "=~", "lhs"])
    figures = []
    if latents and (drawn["op"] == "~").any():
        title = names.text("path_structural")
        figures.append(
            path_diagram(drawn, names, r_squared=r_squared, items=False, id=f"{id}-structure", title=title)
        )
    figures.append(path_diagram(drawn, names, r_squared=r_squared, id=f"{id}-diagram"))
    return figures
