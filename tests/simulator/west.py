"""A West Hartford in the shape of the real files, made up on the spot."""

from devices.simulator.inventory import BayAddress, CameraRow, DockRow, Inventory

DOCKS = 18
BAYS = 8
VEHICLES = 12
OFFICERS = 131
CAMERAS = 140


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
    return Inventory(docks=(*docks, *vehicles), cameras=tuple(rows))


def tokens(rows: Inventory) -> dict[str, str]:
    return {dock.code: f"d.{dock.code}" for dock in rows.docks}
