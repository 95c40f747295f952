"""What another policy would do to the coming shifts, before anybody decides it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from devices.access.people import Visible
from devices.inventory import codes
from devices.policy import Policy
from devices.readiness import facts, shifts
from devices.readiness.margin import Judged, ShiftReadiness
from devices.readiness.rules import Fit


@dataclass(frozen=True, slots=True)
class Effect:
    """Cameras by name that would be ready no longer, or newly; each shift before and after.

    Without a coming shift cameras are judged for a usual one that begins now.
    """

    losing: tuple[str, ...]
    gaining: tuple[str, ...]
    left_ready: int
    shifts: tuple[tuple[ShiftReadiness, ShiftReadiness], ...]

    @property
    def none_ready(self) -> bool:
        """Whether no camera at all would be ready, and some are."""
        return bool(self.losing) and not self.left_ready

    @property
    def sentence(self) -> str:
        if self.none_ready:
            return f"No camera would be ready. {_said(self.losing, 'would no longer be ready')}"
        said = [
            _said(self.losing, "would no longer be ready"),
            _said(self.gaining, "would become ready"),
        ]
        return " ".join(filter(None, said)) or "No camera would become ready or stop being it."


MOST_NAMED = 20


def _said(names: tuple[str, ...], what: str) -> str:
    if not names:
        return ""
    count = "1 camera" if len(names) == 1 else f"{len(names)} cameras"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{count} {what}: {', '.join(names[:MOST_NAMED])}{more}."


def effect(reach: Visible, before: Policy, after: Policy, now: datetime) -> Effect:
    """What ``after`` in place of ``before`` would do to every station's next three shifts."""
    reading = shifts.ahead(reach, now=now)
    if not reading.shifts:
        return _on_the_fleet(before, after, now)
    pairs = tuple(
        zip(shifts.judged(reading, before, now), shifts.judged(reading, after, now), strict=True)
    )
    was, would = _ready_for(one for one, _ in pairs), _ready_for(one for _, one in pairs)
    return Effect(
        losing=tuple(sorted({name for name, _ in was - would})),
        gaining=tuple(sorted({name for name, _ in would - was})),
        left_ready=len({name for name, _ in would}),
        shifts=pairs,
    )


def _ready_for(found: Iterable[ShiftReadiness]) -> set[tuple[str, int]]:
    """Which cameras are ready, each for which shift."""
    return {
        (one.camera.name, shift.shift.id) for shift in found for one in _cameras(shift) if one.ready
    }


def _cameras(shift: ShiftReadiness) -> Iterator[Judged]:
    yield from (post.judged for post in shift.posts if post.judged)
    yield from (*shift.spares, *shift.unfit_spares)


def _on_the_fleet(before: Policy, after: Policy, now: datetime) -> Effect:
    was, would = (
        {number for number, fit in facts.fits(policy=policy, now=now).items() if fit is Fit.YES}
        for policy in (before, after)
    )
    return Effect(
        losing=tuple(codes.name(number) for number in sorted(was - would)),
        gaining=tuple(codes.name(number) for number in sorted(would - was)),
        left_ready=len(would),
        shifts=(),
    )
