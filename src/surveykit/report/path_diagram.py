"""Path diagrams: ovals, rectangles and arrows with both solutions, a panel for each group."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from surveykit.report.canvas import png_of
from surveykit.report.cells import compared, number, share
from surveykit.report.document import Figure
from surveykit.report.names import Names
from surveykit.report.paths.bitmap import draw_panels
from surveykit.report.paths.drawing import Drawing
from surveykit.report.paths.model import Arrow, GroupValues, PathModel, group_values, path_model
from surveykit.report.paths.place import place
from surveykit.report.paths.render import panels, render

if TYPE_CHECKING:
    import pandas as pd


def path_diagram(
    parameters: pd.DataFrame,
    names: Names,
    *,
    r_squared: Mapping[str, Mapping[str, float]] | None = None,
    items: bool = True,
    conf_level: float = 0.95,
    id: str = "path",
    title: str = "",
) -> Figure:
    """A model with its estimates as a drawing with real text.

    Each arrow carries the estimate and, in brackets, the standardized one. A full
    line is significant, a dashed one is not, a thin one is fixed. Covariances
    that were not estimated are left out.

    Parameters
    ----------
    parameters : pandas.DataFrame
        Columns `lhs op rhs est pvalue std_all`, and `group` where there are several.
    names : Names
    r_squared : mapping of group to mapping of variable to R², optional
        The group is "" where there is only one.
    items : bool, default True
        Whether the indicators of latent variables are drawn. Where they would be
        hemmed in they are left out, and a note says so.
    conf_level : float, default 0.95
        An arrow is significant where p < 1 - conf_level.
    id, title : str
        Of the figure.
    """
    drawn = _drawn(parameters)
    model = path_model(drawn)
    groups = _groups(drawn, names, r_squared or {})
    labels = {
        name: names.variable(name) if name in model.latents else names.short(name)
        for name in model.structural
    }
    drawing = place(model, groups, labels, names.decimals, items=items)
    left_out = drawing is None or (not items and bool(model.indicators))
    if drawing is None:
        drawing = place(model, groups, labels, names.decimals, items=False)
        assert drawing is not None  # only indicators can be hemmed in
    notes = [names.text("path_note", p=share(1 - conf_level, 2))]
    if left_out:
        notes.append(names.text("path_without_items"))
    svg = render(drawing, groups, id=id, lang=names.lang, decimals=names.decimals, conf_level=conf_level)
    size, _ = panels(drawing, groups)
    draw = partial(
        draw_panels, drawing=drawing, groups=groups, decimals=names.decimals, conf_level=conf_level
    )
    png = partial(png_of, draw, *size, lang=names.lang)
    alt = _alt(model, drawing, groups, names)
    return Figure(id, title or names.text("path_title"), svg, alt, tuple(notes), png)


def _drawn(parameters: pd.DataFrame) -> pd.DataFrame:
    """The rows that become arrows: nothing fixed at zero, no moments of covariates taken from the sample."""
    fixed = parameters["pvalue"].isna()
    nothing = fixed & ((parameters["est"] == 0) | (parameters["op"] == "~~"))
    return parameters[~nothing]


def _groups(
    parameters: pd.DataFrame, names: Names, r_squared: Mapping[str, Mapping[str, float]]
) -> list[GroupValues]:
    if "group" not in parameters or parameters["group"].nunique() < 2:
        only = next(iter(r_squared.values()), {})
        return [group_values(parameters, "", only)]
    return [
        group_values(rows, names.group(group), r_squared.get(str(group)))
        for group, rows in parameters.groupby("group", sort=False)
    ]


def _alt(model: PathModel, drawing: Drawing, groups: list[GroupValues], names: Names) -> str:
    """The structural arrows in words; the loadings only by their number."""
    sentences = [
        names.text("path_alt", paths=len(model.paths), loadings=len(drawing.wires) - len(model.paths))
    ]
    for group in groups:
        told = [_told(arrow, group, names) for arrow in model.paths if arrow in group.values]
        sentences.append((f"{group.title}: " if group.title else "") + "; ".join(told) + ".")
    return " ".join(sentences)


def _told(arrow: Arrow, group: GroupValues, names: Names) -> str:
    value = group.values[arrow]
    sign = "↔" if arrow.kind == "covariance" else "→"
    text = f"{names.variable(arrow.source)} {sign} {names.variable(arrow.target)} "
    text += number(value.est, names.decimals)
    if value.std is not None:
        text += f" ({share(value.std, names.decimals)})"
    return text if value.pvalue is None else f"{text}, p {compared(value.pvalue)}"
