"""How each item was answered: bars that grow from the middle category to both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from surveykit.report.canvas import HAIR, INK, LETTERS, PAPER, png_of, svg_of
from surveykit.report.document import Figure
from surveykit.report.names import Names
from surveykit.report.paths.geometry import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Counts = Mapping[tuple[str, str], Mapping[int, float]]

WIDTH, BAR, BETWEEN, AXIS, LINE = 900.0, 21.0, 12.0, 44.0, 20.0
# ColorBrewer PuOr: told apart by readers with any kind of colour vision, and in grey by their lightness.
_PALETTES = {
    2: ("#e08214", "#8073ac"),
    3: ("#e08214", "#dcdcdc", "#8073ac"),
    4: ("#b35806", "#fdb863", "#b2abd2", "#542788"),
    5: ("#b35806", "#fdb863", "#dcdcdc", "#b2abd2", "#542788"),
    6: ("#7f3b08", "#e08214", "#fee0b6", "#d8daeb", "#8073ac", "#2d004b"),
    7: ("#7f3b08", "#e08214", "#fee0b6", "#dcdcdc", "#d8daeb", "#8073ac", "#2d004b"),
}
ON_LIGHT = "#1e2226"  # not INK: a number on a light bar stays dark on a dark page
_DARK = {"#7f3b08", "#b35806", "#8073ac", "#542788", "#2d004b"}


def likert_figure(counts: Counts, names: Names, *, id: str = "answers", title: str = "") -> Figure | None:
    """The shares of the answers to each item in each group.

    Parameters
    ----------
    counts : mapping of (item, group) to a mapping of code to count
        Items that share one response scale, 2 to 7 codes in the order shown. The
        group is "" where there is only one.
    names : Names
        `answers` gives the codes' labels.

    Returns
    -------
    Figure or None
        None where there are more codes than colours that can be told apart.
    """
    codes = sorted({code for one in counts.values() for code in one})
    if len(codes) not in _PALETTES:
        return None
    items = list(dict.fromkeys(item for item, _ in counts))
    groups = list(dict.fromkeys(group for _, group in counts))
    labels = {code: _code_label(code, items[0], names) for code in codes}
    left = min(max(text_width(one, LETTERS) for one in [*items, *map(names.group, groups)]) + 22, 260.0)
    keys = _key_lines(list(labels.values()), WIDTH - left)
    top = LINE * len(keys) + 12
    height = top + AXIS + len(items) * (BAR * (len(groups) + (groups != [""])) + BETWEEN)

    def draw(canvas: Canvas) -> None:
        box = (left / WIDTH, AXIS / height, (WIDTH - left - 30) / WIDTH, (height - top - AXIS) / height)
        axes = canvas.add_axes(box)
        _bars(axes, counts, items, groups, codes, names)
        _keys(canvas, keys, dict(zip(labels.values(), _PALETTES[len(codes)], strict=True)), left, height)

    svg = svg_of(draw, WIDTH, height, id=id, lang=names.lang)
    said = names.text("likert_alt", items=len(items), codes=len(codes))
    png = partial(png_of, draw, WIDTH, height, lang=names.lang)
    return Figure(id, title or names.text("likert_figure"), svg, said, (names.text("likert_note"),), png)


def _code_label(code: int, item: str, names: Names) -> str:
    label = names.answers.get(item, {}).get(code)
    return f"{code} {label}" if label and label != str(code) else str(code)


def _key_lines(labels: Sequence[str], width: float) -> list[list[str]]:
    """The key in lines that fit."""
    lines: list[list[str]] = [[]]
    used = 0.0
    for label in labels:
        room = text_width(label, LETTERS - 1) + 34
        if lines[-1] and used + room > width:
            lines.append([])
            used = 0.0
        lines[-1].append(label)
        used += room
    return lines


def _keys(
    canvas: Canvas, lines: list[list[str]], colours: Mapping[str, str], left: float, height: float
) -> None:
    from matplotlib.patches import Rectangle

    for row, labels in enumerate(lines):
        x, y = left, height - (row + 0.5) * LINE - 4
        for label in labels:
            corner, size = (x / WIDTH, (y - 6) / height), (12 / WIDTH, 12 / height)
            square = Rectangle(corner, *size, fc=colours[label], ec=INK, lw=0.4, transform=canvas.transFigure)
            canvas.add_artist(square)
            canvas.text((x + 17) / WIDTH, (y - 4) / height, label, fontsize=LETTERS - 1)
            x += text_width(label, LETTERS - 1) + 34


def _bars(
    axes: Axes,
    counts: Counts,
    items: Sequence[str],
    groups: Sequence[str],
    codes: Sequence[int],
    names: Names,
) -> None:
    """A bar for each item and group, centred on the middle of the scale."""
    ticks: list[tuple[float, str, bool]] = []
    y, reach = 0.0, 0.3
    for item in items:
        if groups != [""]:
            ticks.append((y + BAR / 2, item, True))
            y += BAR
        for group in groups:
            one = counts.get((item, group), {})
            total = sum(one.values())
            if total:
                shares = [one.get(code, 0) / total for code in codes]
                reach = max(reach, _bar(axes, y + BAR / 2, shares))
            ticks.append((y + BAR / 2, names.group(group) if group else item, not group))
            y += BAR
        y += BETWEEN
    _dress(axes, ticks, y - BETWEEN, reach)


def _dress(axes: Axes, ticks: Sequence[tuple[float, str, bool]], bottom: float, reach: float) -> None:
    axes.axvline(0, color=INK, lw=0.9, zorder=0.5)
    axes.set_ylim(bottom, 0)
    limit = min(1.0, reach + 0.02)
    axes.set_xlim(-limit, limit)
    at = [step / 4 for step in range(-4, 5) if abs(step / 4) <= limit]
    axes.set_xticks(at, [f"{abs(100 * one):.0f}%" for one in at])
    axes.grid(axis="x", color=HAIR)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([y for y, _, _ in ticks], [text for _, text, _ in ticks])
    axes.tick_params(axis="y", length=0)
    for tick, (_, _, strong) in zip(axes.get_yticklabels(), ticks, strict=True):
        tick.set_fontweight("bold" if strong else "normal")


def _bar(axes: Axes, y: float, shares: Sequence[float]) -> float:
    """One bar; returns how far it reaches. The middle category of an odd scale is halved by the zero line."""
    palette = _PALETTES[len(shares)]
    half = len(shares) // 2
    start = -sum(shares[:half]) - (shares[half] / 2 if len(shares) % 2 else 0)
    x = start
    for share, colour in zip(shares, palette, strict=True):
        axes.barh(y, share, left=x, height=BAR * 0.78, color=colour, ec=PAPER, lw=0.6)
        if share >= 0.06:
            ink = "#ffffff" if colour in _DARK else ON_LIGHT
            axes.text(
                x + share / 2, y, f"{100 * share:.0f}", ha="center", va="center", fontsize=10, color=ink
            )
        x += share
    return max(-start, x)
