"""A shift's margin as a picture: what it has against what it needs. SVG, drawn by the server."""

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard.shifts import Turn

WIDTH, HEIGHT, GAP = 240, 22, 2
MOST_DRAWN = 60  # cells; past it a cell is more than a camera


@dataclass(frozen=True)
class Cell:
    x: float
    kind: str


def bar(turn: Turn) -> SafeString:
    """One cell a camera: ready ones, those due back, then spares; the need is a line; what lacks
    is hatched."""
    have, need = turn.ready + turn.due + turn.spares, turn.need
    most = max(have, need, 1)
    size = 1 if most <= MOST_DRAWN else -(-most // MOST_DRAWN)
    step = WIDTH * size / most
    kinds = [
        *["ready"] * turn.ready,
        *["due"] * turn.due,
        *["spare"] * turn.spares,
        *["lacking"] * max(0, need - have),
    ]
    cells = format_html_join(
        "",
        '<rect class="cell {}" x="{}" y="3" width="{}" height="16" rx="2"/>',
        (
            (kind, f"{n * step:.1f}", f"{max(step - GAP, 1):.1f}")
            for n, kind in enumerate(kinds[::size])
        ),
    )
    line = WIDTH * need / most
    left = f" ({turn.unheard} on leaving)" if turn.unheard else ""
    spoken = f"{turn.ready} ready{left}, {turn.due} due back and {turn.spares} spares"
    return format_html(
        '<svg class="margin" viewBox="-2 0 {} {}" role="img" aria-label="{}">{}'
        '<line class="need" x1="{}" x2="{}" y1="0" y2="{}"/></svg>',
        WIDTH + 4,
        HEIGHT,
        f"{spoken}; {need} are needed",
        cells,
        f"{line - 1:.1f}",
        f"{line - 1:.1f}",
        HEIGHT,
    )
