"""The five files people import, column by column."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from devices.inventory.imports import cells
from devices.inventory.imports.cells import Column
from devices.roles import Act

MOST_CAMERAS = 999_999_999  # numbers fit their column and a label
MOST_BAYS = 64  # of one dock


class Kind(StrEnum):
    """In this order they load cleanly: each names only what those before it brought."""

    STATIONS = "stations"
    MODELS = "models"
    DOCKS = "docks"
    OFFICERS = "officers"
    CAMERAS = "cameras"


ACT_OF = dict.fromkeys(Kind, Act.IMPORT_INVENTORY) | {Kind.OFFICERS: Act.IMPORT_OFFICERS}


@dataclass(frozen=True)
class Sheet:
    """A kind of file: ``key`` says which row is meant, ``unique`` what two rows never share.

    ``refers`` says which columns name a row of another kind; ``looks`` which are checked
    for twins that only look different.
    """

    one: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    refers: Mapping[str, str] | None = None
    looks: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def named(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The key of a row; letters are compared as capitals."""
        return tuple(_folded(values[name]) for name in self.key)


def _folded(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


_STATION = Column("station", cells.code(20), required=True)

SHEETS: Mapping[Kind, Sheet] = {
    Kind.STATIONS: Sheet(
        one="station",
        key=("code",),
        columns=(
            Column("code", cells.code(20), required=True),
            Column("name", cells.text(100), required=True),
        ),
    ),
    Kind.MODELS: Sheet(
        one="model",
        key=("maker", "name"),
        columns=(
            Column("maker", cells.text(60), required=True),
            Column("name", cells.text(60), required=True),
            Column("radio", cells.yes_no, empty=False),
            Column("battery_hours", cells.hours, empty=None),
            Column("storage_gb", cells.whole(1, 100_000), empty=None),
            Column("firmware_version", cells.serial),
            Column("profile_version", cells.serial),
        ),
    ),
    Kind.DOCKS: Sheet(
        one="dock",
        key=("code",),
        columns=(
            Column("code", cells.code(20), required=True),
            _STATION,
            Column("kind", cells.one_of(("multi", "single", "vehicle")), empty="multi"),
            Column("place", cells.text(100)),
            Column("bays", cells.whole(1, MOST_BAYS), empty=None),
            Column("maker", cells.text(60)),
            Column("model", cells.text(60)),
            Column("serial", cells.serial),
            Column("macs", cells.macs, empty=()),
        ),
        unique=("serial", "macs"),
        refers={"station": "station"},
        looks=("serial",),
    ),
    Kind.OFFICERS: Sheet(
        one="officer",
        key=("badge_number",),
        columns=(
            Column("badge_number", cells.code(20), required=True),
            _STATION,
            Column("unit", cells.text(60)),
            Column("credentials", cells.scanned, empty=()),
            Column("active", cells.yes_no, empty=True),
        ),
        unique=("credentials",),
        refers={"station": "station"},
    ),
    Kind.CAMERAS: Sheet(
        one="camera",
        key=("number",),
        columns=(
            Column("number", cells.whole(1, MOST_CAMERAS), required=True),
            Column("serial", cells.serial, required=True),
            Column("asset_tag", cells.serial),
            Column("maker", cells.text(60), required=True),
            Column("model", cells.text(60), required=True),
            Column("supplier", cells.text(100)),
            Column("installed_on", cells.day, empty=None),
            _STATION,
            Column("home_bay", cells.bay, empty=None),
            Column("officer", cells.code(20), empty=None),
            Column("codes", cells.scanned, empty=()),
        ),
        unique=("serial", "asset_tag", "home_bay", "codes"),
        refers={"station": "station", "home_bay": "bay", "officer": "officer"},
        looks=("serial",),
    ),
}
