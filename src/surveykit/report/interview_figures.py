"""Figures of an interview study: the chain from values to marketing, and the curve of new codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from surveykit.coding.displays import Chain, StageSpec
from surveykit.coding.matrices import Saturation
from surveykit.report.canvas import COLOURS, INK, LETTERS, png_of, svg_of
from surveykit.report.document import Figure
from surveykit.report.interview_matrices import stopping
from surveykit.report.interview_names import InterviewNames
from surveykit.report.paths.drawing import LABEL_SIZE, LINE, NODE_SIZE, wrapped
from surveykit.report.paths.geometry import Rect, text_width
from surveykit.report.paths.render import FONTS
from surveykit.wording import pick

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

COLUMN, GAP, MARGIN = 320.0, 44.0, 14.0  # a company's width, between companies, around all
ARROW = 46.0  # height of an arrow with its label
PADDING, HEAD = 10.0, 30.0
TEXT_PITCH = LABEL_SIZE * 1.4
CURVE = (760.0, 330.0)


@dataclass(frozen=True)
class _Line:
    """A line of text, centred on `x`; `y` is the middle of its letters."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False


@dataclass(frozen=True)
class _Box:
    frame: Rect
    lines: tuple[_Line, ...]
    href: str = ""


@dataclass(frozen=True)
class _Arrow:
    x: float
    top: float
    bottom: float
    label: str
    spoken: bool


@dataclass(frozen=True)
class _Plan:
    """Everything that is drawn, in pixels from the left upper corner."""

    width: float
    height: float
    titles: tuple[_Line, ...]
    boxes: tuple[_Box, ...]
    arrows: tuple[_Arrow, ...]


def chain_figure(chain: Chain, words: InterviewNames) -> Figure:
    """A column a company: boxes from the value system down to marketing, with respondents on each."""
    plan = _plan(chain, words)
    id = f"{words.id}-chain"
    draw = partial(_draw_plan, plan=plan)
    return Figure(
        id,
        pick(chain.title, words.lang),
        _svg(plan, id, words.lang),
        _alt(chain, words),
        (words.say("chain_note"),),
        partial(png_of, draw, plan.width, plan.height, lang=words.lang),
    )


def _plan(chain: Chain, words: InterviewNames) -> _Plan:
    boxes: list[_Box] = []
    arrows: list[_Arrow] = []
    titles = []
    lowest = 0.0
    for column, (case, stages) in enumerate(chain.stages.items()):
        rows = chain.frame[chain.frame[chain.by] == case].to_dict("records")
        left = MARGIN + column * (COLUMN + GAP)
        x, top = left + COLUMN / 2, MARGIN + HEAD
        titles.append(_Line(words.case(case), x, MARGIN + HEAD / 2 - 4, NODE_SIZE + 2, bold=True))
        for stage, row in zip(stages, rows, strict=True):
            said = words.n_of(row["n_respondents"], row["n_cases"])
            first = str(row["segments"]).split("; ")[0]
            box = _box(stage, said, left, top, words, words.segment(first) if first else "")
            boxes.append(box)
            top = box.frame.bottom
            if row["n_next"] == row["n_next"]:
                n = int(row["n_next"])
                label = words.say("n_of_N_short", n=n, N=row["n_cases"])
                arrows.append(_Arrow(x, top, top + ARROW, label, n > 0))
                top += ARROW
        lowest = max(lowest, top)
    columns = len(chain.stages)
    width = 2 * MARGIN + columns * COLUMN + (columns - 1) * GAP
    return _Plan(width, lowest + MARGIN, tuple(titles), tuple(boxes), tuple(arrows))


def _box(stage: StageSpec, said: str, left: float, top: float, words: InterviewNames, href: str) -> _Box:
    """A stage's title, its lines and its count, one below the other."""
    x, y = left + COLUMN / 2, top + PADDING
    lines = []
    texts = [(text, NODE_SIZE, True) for text in _fitted(pick(stage.title, words.lang), NODE_SIZE)]
    for line in stage.lines:
        texts += [(text, LABEL_SIZE, False) for text in _fitted(pick(line, words.lang), LABEL_SIZE)]
    texts.append((said, LABEL_SIZE, False))
    for place, (text, size, bold) in enumerate(texts):
        y += 5.0 if place == len(texts) - 1 else 0.0  # the count stands a little apart
        pitch = NODE_SIZE * LINE * 1.1 if bold else TEXT_PITCH
        lines.append(_Line(text, x, y + pitch / 2, size, bold))
        y += pitch
    return _Box(Rect(left, top, COLUMN, y + PADDING - top), tuple(lines), href)


def _fitted(text: str, size: float) -> Sequence[str]:
    return wrapped(text, COLUMN - 2 * PADDING, size)


def _svg(plan: _Plan, id: str, lang: str) -> str:
    parts = [_text(title) for title in plan.titles]
    for arrow in plan.arrows:
        dashes = "" if arrow.spoken else ' stroke-dasharray="5 4"'
        parts.append(
            f'<path d="M{arrow.x:.1f} {arrow.top:.1f} V{arrow.bottom:.1f}" fill="none" '
            f'stroke="currentColor" stroke-width="1.4"{dashes} marker-end="url(#{escape(id)}-head)"/>'
        )
        middle = (arrow.top + arrow.bottom) / 2
        x = arrow.x + 12 + text_width(arrow.label, LABEL_SIZE) / 2
        parts.append(_text(_Line(arrow.label, x, middle, LABEL_SIZE)))
    for box in plan.boxes:
        frame = box.frame
        drawn = (
            f'<rect x="{frame.x:.1f}" y="{frame.y:.1f}" width="{frame.width:.1f}" '
            f'height="{frame.height:.1f}" rx="4" fill="var(--paper,#fff)" stroke="currentColor" '
            f'stroke-width="1.4"/>{"".join(_text(line) for line in box.lines)}'
        )
        parts.append(f'<a href="#{escape(box.href)}">{drawn}</a>' if box.href else drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {plan.width:.1f} {plan.height:.1f}" '
        f'width="{plan.width:.0f}" height="{plan.height:.0f}" lang="{lang}" font-family="{FONTS[lang]}" '
        f'fill="currentColor" stroke="none"><defs><marker id="{escape(id)}-head" viewBox="0 0 10 10" '
        'refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 1 L10 5 L0 9 z"/></marker></defs>{"".join(parts)}</svg>'
    )


def _text(line: _Line) -> str:
    weight = ' font-weight="600"' if line.bold else ""
    return (
        f'<text x="{line.x:.1f}" y="{line.y + line.size * 0.35:.1f}" font-size="{line.size:g}" '
        f'text-anchor="middle"{weight}>{escape(line.text)}</text>'
    )


def _draw_plan(canvas: Canvas, plan: _Plan) -> None:
    """The same as the SVG, for formats that take none."""
    from matplotlib.patches import Rectangle

    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, plan.width)
    axes.set_ylim(plan.height, 0)
    for arrow in plan.arrows:
        style: dict[str, Any] = {"arrowstyle": "-|>", "color": INK, "lw": 1.3, "shrinkA": 0, "shrinkB": 0}
        style["ls"] = "-" if arrow.spoken else (0, (4, 3))
        axes.annotate("", (arrow.x, arrow.bottom), (arrow.x, arrow.top), arrowprops=style)
        middle = (arrow.top + arrow.bottom) / 2
        axes.text(arrow.x + 12, middle, arrow.label, fontsize=LABEL_SIZE, ha="left", va="center")
    for box in plan.boxes:
        frame = box.frame
        corner = (frame.x, frame.y)
        axes.add_patch(Rectangle(corner, frame.width, frame.height, fc="white", ec=INK, lw=1.3))
    for line in [*plan.titles, *(line for box in plan.boxes for line in box.lines)]:
        weight = "bold" if line.bold else "normal"
        axes.text(line.x, line.y, line.text, fontsize=line.size, ha="center", va="center", fontweight=weight)


def _alt(chain: Chain, words: InterviewNames) -> str:
    sentences = []
    for case, stages in chain.stages.items():
        rows = chain.frame[chain.frame[chain.by] == case].to_dict("records")
        boxes = " → ".join(
            f"{pick(stage.title, words.lang)} ({words.n_of(row['n_respondents'], row['n_cases'])})"
            for stage, row in zip(stages, rows, strict=True)
        )
        sentences.append(words.say("chain_alt", case=words.case(case), boxes=boxes))
    return " ".join(sentences)


def saturation_figure(result: Saturation, words: InterviewNames) -> Figure:
    """Codes found so far, interview by interview, beside what any order would bring."""
    frame = result.frame
    x = frame["interview"].to_numpy(int)

    def draw(canvas: Canvas) -> None:
        axes: Axes = canvas.add_axes((0.09, 0.15, 0.89, 0.72))
        style: dict[str, Any] = {"clip_on": False, "zorder": 3}
        axes.bar(x, frame["new_codes"], width=0.5, color=COLOURS[5], label=words.say("new_codes"))
        axes.plot(x, frame["cumulative"], "o-", color=COLOURS[0], label=words.say("cumulative"), **style)
        label = words.say("expected_cumulative")
        axes.plot(x, frame["expected_cumulative"], "s--", color=COLOURS[1], label=label, ms=4, **style)
        if result.saturated_at is not None:
            axes.axvline(result.saturated_at, color=INK, lw=1, ls=":")
        step = max(1, len(x) // 20)
        axes.set_xticks(x[::step])
        axes.set_xlabel(words.say("interview"))
        axes.set_ylabel(words.say("n_codes"))
        axes.set_ylim(0, max(1, float(frame["cumulative"].max()) * 1.05))
        axes.grid(axis="y")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncol=3, frameon=False, fontsize=LETTERS)

    id = f"{words.id}-saturation-curve"
    counts = ", ".join(str(one) for one in frame["cumulative"])
    return Figure(
        id,
        words.say("saturation_title"),
        svg_of(draw, *CURVE, id=id, lang=words.lang),
        words.say("saturation_alt", counts=counts),
        (stopping(result, words),),
        partial(png_of, draw, *CURVE, lang=words.lang),
    )
