"""A West Hartford in the shape of the real files, made up on the spot."""

from datetime import date, time, timedelta

from devices.simulator.inventory import BayAddress, CameraRow, DockRow, Inventory
from devices.simulator.shifts import RotationRow, ShiftRow

DOCKS = 18
BAYS = 8
VEHICLES = 12
OFFICERS = 131
CAMERAS = 140
PATTERN = (5, 2, 4, 2)
SHIFTS = (
    ShiftRow("DAY", time(7), time(15)),
    ShiftRow("EVENING", time(15), time(23)),
    ShiftRow("NIGHT", time(23), time(7)),
)
ROTATING = 66  # 22 a shift, of whom nine in thirteen are on


def inventory(cameras: int = CAMERAS) -> Inventory:
    """131 personal cameras, six of them at home in cruisers, and 9 spares."""
    docks = [DockRow(f"D{n:02}", "HQ", "multi", BAYS) for n in range(1, DOCKS + 1)]
    vehicles = [DockRow(f"V{n:02}", "HQ", "vehicle", 1) for n in range(1, VEHICLES + 1)]
    bays = [BayAddress(dock.code, n) for n in range(1, BAYS + 1) for dock in docks]
    homes = [BayAddress(vehicle.code, 1) for vehicle in vehicles[:6]] + bays
    rows = (
        CameraRow(f"BWC-{n:04}", "HQ", homes[n], f"{1000 + n}" if n < OFFICERS else None)
        for n in range(cameras)
    )
    return Inventory(
        docks=(*docks, *vehicles), cameras=tuple(rows), shifts=SHIFTS, rotations=rotations()
    )


def rotations() -> tuple[RotationRow, ...]:
    """The first officers by turns, spread over shifts and pattern so that days are alike."""
    first = date(2025, 1, 6)
    return tuple(
        RotationRow(
            badge=f"{1000 + n}",
            shift=SHIFTS[n % 3].code,
            pattern=PATTERN,
            first_on=first - timedelta(days=(n // 3 * 13 // (ROTATING // 3)) % 13),
        )
        for n in range(ROTATING)
    )


def tokens(rows: Inventory) -> dict[str, str]:
    return {dock.code: f"d.{dock.code}" for dock in rows.docks}
