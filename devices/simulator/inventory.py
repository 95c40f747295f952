"""The fleet to simulate, read from the same CSV files that people import, and its tokens."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from devices.simulator.shifts import RotationRow, ShiftRow

BAYS = {"multi": 8, "single": 1, "vehicle": 1}  # unless the file says


class Unreadable(Exception):
    """A file is missing or lacks a column; the message is a sentence for the person who asked."""


@dataclass(frozen=True)
class BayAddress:
    dock: str
    position: int

    def __str__(self) -> str:
        return f"{self.dock}-{self.position}"


@dataclass(frozen=True)
class DockRow:
    code: str
    station: str
    kind: str
    bays: int


@dataclass(frozen=True)
class CameraRow:
    serial: str
    station: str
    home: BayAddress | None = None
    badge: str | None = None  # None: a spare


@dataclass(frozen=True)
class Inventory:
    docks: tuple[DockRow, ...]
    cameras: tuple[CameraRow, ...]
    shifts: tuple[ShiftRow, ...] = ()
    rotations: tuple[RotationRow, ...] = ()


def read(folder: Path) -> Inventory:
    """Docks, cameras and the roster of ``folder``."""
    docks = tuple(_dock(row) for row in _rows(folder / "docks.csv", "code", "station", "kind"))
    cameras = tuple(
        _camera(row)
        for row in _rows(folder / "cameras.csv", "serial", "station", "home_bay", "officer")
    )
    shifts = tuple(_shift(row) for row in _rows(folder / "shifts.csv", "code", "begins", "ends"))
    columns = ("badge_number", "shift", "pattern", "first_on")
    rotations = tuple(_rotation(row) for row in _rows(folder / "rotations.csv", *columns))
    if strange := {one.shift for one in rotations} - {one.code for one in shifts}:
        raise Unreadable(
            f"{folder / 'rotations.csv'} names the shift {min(strange)}, which is not."
        )
    return Inventory(docks=docks, cameras=cameras, shifts=shifts, rotations=rotations)


def tokens(path: Path) -> dict[str, str]:
    """Device (dock code or camera serial) to token."""
    return {row["device"]: row["token"] for row in _rows(path, "device", "token")}


def bay_address(text: str) -> BayAddress:
    """``D01-3`` is the third bay of dock D01."""
    dock, _, position = text.rpartition("-")
    if not dock or not position.isdecimal():
        raise Unreadable(f"“{text}” is not a bay; write the dock and the position, as in D01-3.")
    return BayAddress(dock, int(position))


def _dock(row: Mapping[str, str]) -> DockRow:
    bays = row.get("bays") or BAYS.get(row["kind"], 1)
    return DockRow(row["code"], row["station"], row["kind"] or "multi", int(bays))


def _camera(row: Mapping[str, str]) -> CameraRow:
    home = bay_address(row["home_bay"]) if row["home_bay"] else None
    return CameraRow(row["serial"], row["station"], home, row["officer"] or None)


def _shift(row: Mapping[str, str]) -> ShiftRow:
    return ShiftRow(row["code"], _time(row["begins"]), _time(row["ends"]))


def _rotation(row: Mapping[str, str]) -> RotationRow:
    pattern = row["pattern"].split("-")
    if len(pattern) % 2 or not all(days.isdecimal() and int(days) for days in pattern):
        raise Unreadable(f"“{row['pattern']}” is not days on and off in turn, as in 5-2-4-2.")
    return RotationRow(
        badge=row["badge_number"],
        shift=row["shift"],
        pattern=tuple(map(int, pattern)),
        first_on=_date(row["first_on"]),
        last_on=_date(row["last_on"]) if row.get("last_on") else None,
    )


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"“{text}” is not a time of day such as 07:00.") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"“{text}” is not a day such as 2026-11-24.") from None


def _rows(path: Path, *columns: str) -> Iterator[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    reader = csv.DictReader(text.splitlines())
    missing = [column for column in columns if column not in (reader.fieldnames or [])]
    if missing:
        raise Unreadable(f"{path} lacks the column {missing[0]}.")
    for row in reader:
        yield {name: (value or "").strip() for name, value in row.items() if name}
