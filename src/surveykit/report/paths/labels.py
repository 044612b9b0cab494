"""Where each arrow's label stands: on its line, touching no node and no other label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from surveykit.report.paths.geometry import Curve, Point, Rect
from surveykit.report.paths.model import Arrow

Curves = Sequence[Curve]
_ORDER = {"regression": 0, "covariance": 1, "loading": 2}


def place_labels(
    wires: Mapping[Arrow, Curves], sizes: Mapping[Arrow, tuple[float, float]], nodes: Sequence[Rect]
) -> tuple[dict[Arrow, Rect], float]:
    """A box for every label, and the area that still overlaps (0 where all found room).

    Structural arrows choose first; each takes the place that crosses the fewest
    other lines, as near to its arrow's middle as it can.
    """
    lines = {
        arrow: [point for curve in curves for point in curve.samples()] for arrow, curves in wires.items()
    }
    placed: dict[Arrow, Rect] = {}
    overlap = 0.0
    for arrow in sorted(wires, key=lambda one: _ORDER[one.kind]):
        taken = [*(box.grown(2.0) for box in nodes), *(box.grown(1.0) for box in placed.values())]
        others = [point for other, points in lines.items() if other != arrow for point in points]
        best = min(
            (_cost(box, shift, taken, others), place, box)
            for place, (box, shift) in enumerate(_candidates(arrow, wires[arrow], sizes[arrow]))
        )
        placed[arrow] = best[2]
        overlap += best[0][0]
    return placed, overlap


def _candidates(arrow: Arrow, curves: Curves, size: tuple[float, float]) -> Iterator[tuple[Rect, float]]:
    """Boxes along the line, from the preferred share of the way outwards; then beside the line."""
    preferred = 0.6 if arrow.kind == "loading" else 0.5
    width, height = size
    for off in (0.0, height * 0.8, -height * 0.8):
        for step in range(15):
            away = (step + 1) // 2 * 0.05 * (1 if step % 2 else -1)
            share = preferred + away
            if 0.1 <= share <= 0.9:
                (x, y), (nx, ny) = _on(curves, share)
                yield Rect.around((x + off * nx, y + off * ny), width, height), abs(away) + abs(off) / 40


def _on(curves: Curves, share: float) -> tuple[Point, Point]:
    """Point and normal at a share of a line of several curves."""
    place = share * len(curves)
    index = min(int(place), len(curves) - 1)
    return curves[index].at(place - index), curves[index].normal(place - index)


def _cost(box: Rect, shift: float, taken: Sequence[Rect], others: Sequence[Point]) -> tuple[float, float]:
    overlap = sum(box.overlap(one) for one in taken)
    crossed = sum(box.holds(point) for point in others)
    return (overlap, crossed + 12 * shift)
