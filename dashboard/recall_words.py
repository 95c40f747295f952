"""What the pages of recalls say: how far one is, and where each camera of it is. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from devices.recalls.models import Recall
from devices.recalls.reading import Covered, RecalledCamera, Tally

BAR = 1000  # the bar's own units, from end to end
SEEN = 6  # of them, so that a single camera is seen
HIGH = 100  # of the shape above the bar


@dataclass(frozen=True)
class Part:
    """One part of the bar. ``key`` is its class in `recalls.css`."""

    key: str
    says: str
    count: int
    x: int
    width: int


def sentence(recall: Recall, tally: Tally) -> str:
    """How far it is: 38 of 52 are in; 14 still out."""
    if recall.ended_at is not None:
        return f"{recall} has ended: {_of(tally)} {_came(recall)}."
    if not tally.cameras:
        return f"{recall}: no camera is left in it."
    if not tally.out:
        every = "The one camera is" if tally.cameras == 1 else f"All {tally.cameras} are"
        return f"{recall}: {every} in." if not recall.by_update else _all_cured(recall, tally)
    if recall.by_update:
        runs = "runs" if tally.came_in == 1 else "run"
        still = "runs" if tally.out == 1 else "run"
        return (
            f"{recall}: {_of(tally)} {runs} another version;"
            f" {tally.out} still {still} {recall.firmware_version}."
        )
    verb = "is" if tally.came_in == 1 else "are"
    return f"{recall}: {_of(tally)} {verb} in; {tally.out} still out."


def _all_cured(recall: Recall, tally: Tally) -> str:
    every = "The one camera runs" if tally.cameras == 1 else f"All {tally.cameras} run"
    return f"{recall}: {every} another version."


def _came(recall: Recall) -> str:
    return "had another version" if recall.by_update else "came in"


def _of(tally: Tally) -> str:
    return f"{tally.came_in} of {tally.cameras}"


def bar(recall: Recall, tally: Tally) -> list[Part]:
    """Those that are in and those still out, each as long as its share."""
    if not tally.cameras:
        return []
    cured = "run another version" if recall.by_update else "in"
    width = tally.came_in * BAR // tally.cameras
    if tally.came_in and tally.out:
        width = min(max(width, SEEN), BAR - SEEN)
    parts = (
        Part("came-in", cured, tally.came_in, 0, width),
        Part("still-out", _still(recall), tally.out, width, BAR - width),
    )
    return [one for one in parts if one.count]


def _still(recall: Recall) -> str:
    return f"still run {recall.firmware_version}" if recall.by_update else "still out"


def bar_says(parts: Sequence[Part]) -> str:
    """The bar in words."""
    return ", ".join(f"{one.count} {one.says}" for one in parts)


def course(recall: Recall, tally: Tally, came: Iterable[datetime], now: datetime) -> str:
    """How many were still out from the recall on until now, or its end: a polygon's points.

    It is as high as all of them, and falls with each that came in; empty while none has.
    """
    until = recall.ended_at or now
    span = max((until - recall.made_at).total_seconds(), 1.0)
    steps = Counter(_across((at - recall.made_at).total_seconds() / span) for at in came)
    if not steps or not tally.cameras:
        return ""
    out, points = tally.cameras, [(0, HIGH), (0, 0)]
    for x, count in sorted(steps.items()):
        points.append((x, _down(out, tally)))
        out -= count
        points.append((x, _down(out, tally)))
    points += [(BAR, _down(out, tally)), (BAR, HIGH)]
    return " ".join(f"{x},{y}" for x, y in points)


def _across(share: float) -> int:
    return round(BAR * min(1.0, max(0.0, share)))


def _down(out: int, tally: Tally) -> int:
    return HIGH - HIGH * out // tally.cameras


def where(one: RecalledCamera) -> str:
    """Where it is, as far as anybody said: In D03-2."""
    match one.service_state:
        case "lost":
            return "Lost"
        case "in_repair":
            return "In repair"
        case "retired":
            return "Retired"
    if one.docked is None:
        return "Not known"
    if not one.docked:
        return "Out"
    vehicle = "On the charger of " if one.in_vehicle else "In "
    return f"{vehicle}{one.bay}" if one.bay else "In a bay"


def takes(several: Sequence[Covered]) -> str:
    """What a recall would take: 52 cameras: 38 in a bay, 12 out, 2 elsewhere."""
    cameras = "1 camera" if len(several) == 1 else f"{len(several)} cameras"
    return f"It takes {cameras}: {', '.join(_places(several))}." if several else ""


def _places(several: Sequence[Covered]) -> Iterator[str]:
    serving = [one for one in several if one.service_state == "in_service"]
    for says, count in (
        ("in a bay", sum(one.docked is True for one in serving)),
        ("out", sum(one.docked is False for one in serving)),
        ("never heard", sum(one.docked is None for one in serving)),
        ("not in service", len(several) - len(serving)),
    ):
        if count:
            yield f"{count} {says}"
