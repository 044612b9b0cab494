"""Figures of results: distributions, means, effects, reliabilities, bootstrap, eigenvalues."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from surveykit.report.canvas import COLOURS, HAIR, INK, LETTERS, MARKERS, PAPER, png_of, svg_of
from surveykit.report.cells import interval, level, number, share
from surveykit.report.document import Figure
from surveykit.report.gate import Gates
from surveykit.report.names import Names
from surveykit.report.paths.geometry import text_width

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from numpy.typing import NDArray

    from surveykit.analysis.group_comparison import GroupComparison
    from surveykit.analysis.parallel_analysis import ParallelResult
    from surveykit.report.reliability_tables import Alphas

WIDTH = 760.0
MOST_DOTS = 400  # of a group; more only blacken each other
AXIS = 46.0  # room below the axes for ticks and their label
LEGEND = 30.0  # room above them


def _figure(
    draw: Callable[[Axes], None],
    labels: Sequence[str],
    height: float,
    names: Names,
    *,
    id: str,
    title: str,
    alt: str,
    notes: tuple[str, ...] = (),
) -> Figure:
    """One pair of axes with room on the left for the labels of its rows."""
    left = min(max((text_width(label, LETTERS) for label in labels), default=0.0) + 18, WIDTH * 0.55)

    def whole(canvas: Canvas) -> None:
        rest = height - AXIS - LEGEND
        draw(canvas.add_axes((left / WIDTH, AXIS / height, (WIDTH - left - 14) / WIDTH, rest / height)))

    svg = svg_of(whole, WIDTH, height, id=id, lang=names.lang)
    return Figure(id, title, svg, alt, notes, partial(png_of, whole, WIDTH, height, lang=names.lang))


def _rows(axes: Axes, labels: Sequence[str], y: Sequence[float]) -> None:
    """Row labels on the left, no ticks, a light line across each row."""
    axes.set_yticks(list(y), list(labels))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(labels) - 0.5, -0.5)


def _legend(axes: Axes, columns: int) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncol=columns,
        frameon=False,
        borderaxespad=0,
        handletextpad=0.4,
        columnspacing=1.6,
        fontsize=LETTERS,
    )


def _places(rows: int, groups: int) -> NDArray[np.float64]:
    """Heights of the groups' marks, (rows, groups): around the whole numbers."""
    spread = np.linspace(-0.22, 0.22, groups) if groups > 1 else np.zeros(1)
    return np.asarray(np.arange(rows)[:, None] + spread, dtype=float)


def score_figure(
    scores: pd.DataFrame,
    outcomes: Sequence[str],
    group: str,
    names: Names,
    *,
    groups: Sequence[str] = (),
    conf_level: float = 0.95,
    id: str = "scores",
) -> Figure:
    """Every respondent's score as a dot, by outcome and group, with the mean and its interval.

    Parameters
    ----------
    scores : pandas.DataFrame
        A row a respondent; `outcomes` and `group` are columns.
    groups : sequence of str, optional
        Their order; by default that of first appearance.
    """
    wanted = list(groups) or [str(one) for one in scores[group].dropna().unique()]
    values = {
        (place, index): scores.loc[scores[group].astype(str) == name, outcome].dropna().to_numpy(float)
        for place, outcome in enumerate(outcomes)
        for index, name in enumerate(wanted)
    }
    heights = _places(len(outcomes), len(wanted))

    def draw(axes: Axes) -> None:
        for (place, index), found in values.items():
            y, label = heights[place, index], names.group(wanted[index]) if place == 0 else None
            colour, marker = COLOURS[index % 6], MARKERS[index % 6]
            dots = _dots(found)
            axes.scatter(dots, y + _jitter(dots, 0.3 / len(wanted)), s=10, color=colour, alpha=0.5, lw=0)
            mean, half = _mean_interval(found, conf_level)
            axes.plot([mean - half, mean + half], [y, y], color=INK, lw=2.2, solid_capstyle="butt")
            style: dict[str, Any] = {"color": colour, "mec": INK, "mew": 1.1, "ms": 8.5, "ls": "none"}
            axes.plot(mean, y, marker=marker, label=label, **style)
        _rows(axes, [names.variable(one) for one in outcomes], range(len(outcomes)))
        axes.grid(axis="x")
        _legend(axes, len(wanted))

    crowded = any(len(found) > MOST_DOTS for found in values.values())
    key = "score_figure_quantiles" if crowded else "score_figure_note"
    told = [
        f"{names.variable(outcome)}, {names.group(name)}: {number(_mean_interval(values[p, i], 0.95)[0])}"
        for p, outcome in enumerate(outcomes)
        for i, name in enumerate(wanted)
    ]
    return _figure(
        draw,
        [names.variable(one) for one in outcomes],
        AXIS + LEGEND + len(outcomes) * (26 + 24 * len(wanted)),
        names,
        id=id,
        title=names.text("score_figure"),
        alt=f"{names.text('score_figure')}. {'; '.join(told)}.",
        notes=(names.text(key, level=level(conf_level), n=MOST_DOTS),),
    )


def _dots(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scores themselves; of more than can be seen, so many quantiles."""
    if len(values) <= MOST_DOTS:
        return values
    return np.asarray(np.quantile(values, np.linspace(0, 1, MOST_DOTS), method="nearest"), dtype=float)


def _jitter(values: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Dots of equal scores spread by the golden ratio: even, and the same at every run."""
    return np.asarray(reach * (2 * (np.arange(len(values)) * 0.618034 % 1) - 1), dtype=float)


def _mean_interval(values: NDArray[np.float64], conf_level: float) -> tuple[float, float]:
    """Mean and half the width of its t interval; no width where there are fewer than two."""
    if len(values) < 2:
        return (float(values.mean()) if len(values) else math.nan), 0.0
    from scipy.special import stdtrit

    error = values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean()), float(stdtrit(len(values) - 1, (1 + conf_level) / 2) * error)


def effect_figure(
    comparison: GroupComparison, names: Names, gates: Gates | None = None, *, id: str = "effects"
) -> Figure | None:
    """Hedges g with its interval, outcome by outcome; hollow where invariance does not allow a comparison.

    None where no outcome could be tested.
    """
    lines = [line for line in comparison.to_frame().to_dict(orient="records") if not _nan(line["hedges_g"])]
    if not lines:
        return None
    labels = [names.variable(str(line["outcome"])) for line in lines]
    closed = [gates is not None and _closed(gates, str(line["outcome"])) for line in lines]

    def draw(axes: Axes) -> None:
        axes.axvline(0, color=INK, lw=1)
        for y, (line, hollow) in enumerate(zip(lines, closed, strict=True)):
            ends = [line["hedges_g_ci_lower"], line["hedges_g_ci_upper"]]
            axes.plot(ends, [y, y], color=INK, lw=1.6, ls=(0, (4, 3)) if hollow else "-")
            face = PAPER if hollow else COLOURS[0]
            axes.plot(line["hedges_g"], y, marker="o", ms=9, color=face, mec=INK, mew=1.2, ls="none")
        _rows(axes, labels, range(len(lines)))
        axes.grid(axis="x")
        _directions(axes, comparison, names)

    told = [f"{label}: g = {_g_and_interval(line)}" for label, line in zip(labels, lines, strict=True)]
    notes = [names.text("effect_figure_note", level=level(comparison.conf_level))]
    if any(closed):
        notes.append(names.text("effect_figure_hollow"))
    return _figure(
        draw,
        labels,
        AXIS + LEGEND + 8 + 34 * len(lines),
        names,
        id=id,
        title=names.text("effect_figure"),
        alt=f"{names.text('effect_figure')}. {'; '.join(told)}.",
        notes=tuple(notes),
    )


def _nan(value: Any) -> bool:
    return value is None or float(value) != float(value)


def _closed(gates: Gates, outcome: str) -> bool:
    return outcome not in gates or not gates[outcome].stands


def _directions(axes: Axes, comparison: GroupComparison, names: Names) -> None:
    """Which group is higher on which side of zero, below the axis; zero is always in sight."""
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, -0.1), max(high, 0.1))
    first, second = (names.group(group) for group in comparison.groups)
    below: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
    axes.annotate(names.text("effect_left", group=second), (0, 0), (0, -24), ha="left", **below)
    axes.annotate("g", (0.5, 0), (0, -24), ha="center", style="italic", **below)
    axes.annotate(names.text("effect_right", group=first), (1, 0), (0, -24), ha="right", **below)


def _g_and_interval(line: Mapping[Hashable, Any]) -> str:
    return f"{number(line['hedges_g'])} {interval(line['hedges_g_ci_lower'], line['hedges_g_ci_upper'])}"


def alpha_figure(results: Alphas, names: Names, *, id: str = "alpha-figure") -> Figure:
    """Alpha with its interval by scale and group. `results`: (scale, group) -> AlphaResult."""
    scales = list(dict.fromkeys(scale for scale, _ in results))
    groups = list(dict.fromkeys(group for _, group in results))
    heights = _places(len(scales), len(groups))

    def draw(axes: Axes) -> None:
        for (scale, group), one in results.items():
            index = groups.index(group)
            y = heights[scales.index(scale), index]
            axes.plot([one.ci_lower, one.ci_upper], [y, y], color=COLOURS[index % 6], lw=2)
            style: dict[str, Any] = {"color": COLOURS[index % 6], "mec": INK, "mew": 1, "ms": 8, "ls": "none"}
            label = names.group(group) if scale == scales[0] else None
            axes.plot(one.cronbach_alpha, y, marker=MARKERS[index % 6], label=label, **style)
        _rows(axes, [names.variable(scale) for scale in scales], range(len(scales)))
        axes.grid(axis="x")
        axes.set_xlim(min(0.5, *(one.ci_lower for one in results.values())) - 0.02, 1)
        axes.set_xlabel("α")
        _legend(axes, len(groups))

    told = [
        f"{names.variable(scale)}, {names.group(group)}: α = {share(one.cronbach_alpha)}"
        for (scale, group), one in results.items()
    ]
    return _figure(
        draw,
        [names.variable(scale) for scale in scales],
        AXIS + LEGEND + len(scales) * (16 + 16 * len(groups)),
        names,
        id=id,
        title=names.text("alpha_figure"),
        alt=f"{names.text('alpha_figure')}. {'; '.join(told)}.",
        notes=(names.text("alpha_figure_note"),),
    )


def bootstrap_figure(
    draws: NDArray[np.float64],
    estimate: float,
    ci: tuple[float, float],
    names: Names,
    *,
    what: str,
    id: str = "bootstrap",
) -> Figure:
    """The estimates of the bootstrap samples, with the estimate and its interval. `what`: of what."""
    found = np.asarray(draws, dtype=float)
    found = found[np.isfinite(found)]

    def draw(axes: Axes) -> None:
        axes.hist(found, bins="fd", color=COLOURS[5], ec=PAPER, lw=0.5)
        axes.axvline(estimate, color=INK, lw=1.8)
        for end in ci:
            axes.axvline(end, color=INK, lw=1.2, ls=(0, (4, 3)))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(what)

    told = f"{number(estimate)} {interval(*ci)}"
    return _figure(
        draw,
        [""],
        260.0,
        names,
        id=id,
        title=names.text("bootstrap_figure", what=what),
        alt=f"{names.text('bootstrap_figure', what=what)}. {told}.",
        notes=(names.text("bootstrap_figure_note", n=len(found)),),
    )


def scree_figure(result: ParallelResult, names: Names, *, id: str = "scree") -> Figure:
    """Eigenvalues of the data beside those of data without factors (parallel analysis)."""
    frame = result.to_frame()
    quantile = next(name for name in frame.columns if name.startswith("fa_") and name.endswith("_quantile"))
    order = np.arange(1, len(frame) + 1)

    def draw(axes: Axes) -> None:
        lines = {"fa": names.text("scree_data"), quantile: names.text("scree_random")}
        for index, (column, label) in enumerate(lines.items()):
            style: dict[str, Any] = {"color": COLOURS[index], "marker": MARKERS[index], "ms": 6, "lw": 1.6}
            axes.plot(order, frame[column], label=label, ls="-" if index == 0 else (0, (4, 3)), **style)
        axes.axhline(0, color=HAIR, lw=1)
        axes.set_xticks(order)
        axes.set_xlabel(names.text("scree_axis"))
        axes.grid(axis="y")
        _legend(axes, 2)

    said = names.text("scree_alt", factors=result.n_factors)
    return _figure(
        draw,
        ["-10.0"],
        340.0,
        names,
        id=id,
        title=names.text("scree_figure"),
        alt=f"{names.text('scree_figure')}. {said}",
        notes=(said,),
    )
