"""The lines of the table: what was measured, its goal, and whether that was met."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One figure. ``met`` None is a figure without a goal of its own."""

    what: str
    goal: str
    figure: str
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "met", False: "MISSED"}[self.met]


def at_most(what: str, value: float, limit: float, unit: str, *, more: str = "") -> Line:
    """A figure that should be small."""
    return Line(what, f"≤ {limit:g} {unit}", f"{value:.3g} {unit}{_after(more)}", value <= limit)


def at_least(what: str, value: float, limit: float, *, more: str = "") -> Line:
    """A ratio that should be large."""
    return Line(what, f"≥ {limit:.2f}", f"{value:.2f}{_after(more)}", value >= limit)


def _after(more: str) -> str:
    return f" ({more})" if more else ""


def table(lines: Sequence[Line]) -> str:
    """All lines under one head, in columns."""
    rows = [
        ("what", "goal", "measured", ""),
        *((o.what, o.goal, o.figure, o.verdict) for o in lines),
    ]
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    return "\n".join(
        f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]:{widths[2]}}  {row[3]}".rstrip()
        for row in rows
    )
