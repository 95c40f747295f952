"""What another policy, or a recall, would do to the coming shifts, before anybody decides it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
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
    """What ``after`` in place of ``before`` would do to every station's next three turns."""
    reading = shifts.ahead(reach, now=now)
    if not reading.shifts:
        was, would = (_ready_in_fleet(policy, now) for policy in (before, after))
        return _on_the_fleet(was, would)
    return _between(shifts.judged(reading, before, now), shifts.judged(reading, after, now))


def without(
    reach: Visible, camera_ids: Collection[int], because: str, policy: Policy, now: datetime
) -> Effect:
    """What recalling these cameras would do to them: none is ready for any of those shifts."""
    reading = shifts.ahead(reach, now=now)
    if not reading.shifts:
        was = _ready_in_fleet(policy, now)
        recalled = {one.number for _, one in facts.read(camera_ids, now=now)}
        return _on_the_fleet(was, was - recalled)
    recalled_too = replace(
        reading,
        cameras={
            pk: replace(one, known=one.known._replace(recalled=because))
            if pk in camera_ids
            else one
            for pk, one in reading.cameras.items()
        },
    )
    return _between(shifts.judged(reading, policy, now), shifts.judged(recalled_too, policy, now))


def _between(before: Iterable[ShiftReadiness], after: Iterable[ShiftReadiness]) -> Effect:
    """Of the same shifts as they are and as they would be."""
    pairs = tuple(zip(before, after, strict=True))
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
    yield from (*shift.spares, *shift.unfit_spares, *shift.for_others)


def _ready_in_fleet(policy: Policy, now: datetime) -> set[int]:
    fits = facts.fits(policy=policy, now=now)
    return {number for number, fit in fits.items() if fit is Fit.YES}


def _on_the_fleet(was: set[int], would: set[int]) -> Effect:
    return Effect(
        losing=tuple(codes.name(number) for number in sorted(was - would)),
        gaining=tuple(codes.name(number) for number in sorted(would - was)),
        left_ready=len(would),
        shifts=(),
    )
