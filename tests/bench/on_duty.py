"""A roster for a fleet that stands: at each station a shift under way and three to come, each
with a quarter of its officers. Runs inside Django."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from devices.inventory.models import Officer, Station
from devices.roster.models import Duty, DutySource, Shift, ShiftKind

TURNS = {"Evening": "15:00", "Night": "23:00", "Day": "07:00", "Next evening": "15:00"}
LASTS, BEGAN_AGO = timedelta(hours=8), timedelta(hours=1)
RESERVE = 2
BATCH = 5000


def main() -> str:
    """Says how many duties there are."""
    begins_at = datetime.now(UTC).replace(microsecond=0) - BEGAN_AGO
    shifts = [*_shifts(begins_at)]
    Shift.objects.bulk_create(shifts)
    return f"{len(Duty.objects.bulk_create(_duties(shifts), BATCH))}"


def _shifts(begins_at: datetime) -> Iterator[Shift]:
    stations = Station.objects.all()
    for turn, (name, begins) in enumerate(TURNS.items()):
        kind = ShiftKind.objects.create(code=name, name=name, begins=begins, ends=begins)
        since = begins_at + turn * LASTS
        for station in stations:
            yield Shift(
                station=station,
                kind=kind,
                on=since.date(),
                begins_at=since,
                ends_at=since + LASTS,
                reserve=RESERVE,
            )


def _duties(shifts: list[Shift]) -> Iterator[Duty]:
    for shift in shifts:
        turn = [*TURNS].index(shift.kind.code)
        officers = Officer.objects.filter(station=shift.station_id).order_by("pk")
        for officer in officers[turn :: len(TURNS)]:
            yield Duty(
                shift=shift,
                officer=officer,
                begins_at=shift.begins_at,
                ends_at=shift.ends_at,
                source=DutySource.IMPORTED,
            )
