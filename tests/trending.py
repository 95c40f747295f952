"""Weeks of shifts that began, and what was kept of them, as rows."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from django.utils.timezone import get_default_timezone

from devices.inventory.models import Station
from devices.roster import rules
from devices.roster.models import Outcome, Shift, ShiftKind

KINDS = {"DAY": (7, 15), "EVENING": (15, 23), "MIDNIGHT": (23, 7)}
Story = Callable[[int, int], dict[str, Any] | None]


def kept_well(_day: int, _kind: int) -> dict[str, Any]:
    """A shift that had everything."""
    return {"rostered": 15, "ready": 15, "unknown": 0, "spares": 4, "need": 17, "reasons": {}}


def weeks_of(station: Station, first: date, days: int, story: Story = kept_well) -> None:
    """Three shifts a day from ``first``; ``story`` tells what was kept of each, or None."""
    kinds = [
        ShiftKind.objects.get_or_create(
            code=code,
            defaults={"name": code.capitalize(), "begins": time(begins), "ends": time(ends)},
        )[0]
        for code, (begins, ends) in KINDS.items()
    ]
    shifts, told = [], []
    for day in range(days):
        on = first + timedelta(days=day)
        for n, kind in enumerate(kinds):
            span = rules.span_of(kind.hours, on, get_default_timezone())
            shifts.append(
                Shift(
                    station=station,
                    kind=kind,
                    on=on,
                    begins_at=span.begins_at,
                    ends_at=span.ends_at,
                )
            )
            told.append(story(day, n))
    made = Shift.objects.bulk_create(shifts)
    Outcome.objects.bulk_create(
        Outcome(shift=shift, at=shift.begins_at, **said)
        for shift, said in zip(made, told, strict=True)
        if said is not None
    )
