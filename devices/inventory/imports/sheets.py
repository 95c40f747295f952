"""The five files people import, column by column."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from devices.inventory import codes
from devices.inventory.imports import cells
from devices.inventory.imports.cells import Column
from devices.inventory.imports.sheet import Key, Known, Row, RowError, Sheet, Values
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

USUAL_BAYS = {"multi": 8, "single": 1, "vehicle": 1}


def _bays_told(row: Row, before: Values | None, _known: Known) -> Row:
    """A dock whose bays are not told has those it had, or as many as its kind has."""
    if row.values.get("bays") is not None:
        return row
    kind = row.values.get("kind", "multi")
    bays = before["bays"] if before else USUAL_BAYS[kind]
    return Row(row.line, {**row.values, "bays": bays})


def _bays_kept(row: Row, before: Values | None, _known: Known) -> Iterable[RowError]:
    bays, had = row.values["bays"], (before or {}).get("bays", 0)
    if bays < had:
        yield row.error("bays", f"would take bays away (there are {had}); that is not imported")
    if len(row.values.get("macs", ())) > bays:
        yield row.error("macs", "names more addresses than the dock has bays")


def _as_spelled(row: Row, _before: Values | None, known: Known) -> Row:
    """A camera's model is written as it is known, whatever the capitals."""
    return Row(row.line, {**row.values, **known.models.get(_model(row), {})})


def _model_known(row: Row, _before: Values | None, known: Known) -> Iterable[RowError]:
    if _model(row) not in known.models:
        said = f"{row.values['maker']} {row.values['model']}"
        yield row.error("model", f"{said} is not known; import models first")


def _model(row: Row) -> Key:
    return row.values["maker"].upper(), row.values["model"].upper()


@dataclass(frozen=True)
class Badges:
    """What a file of officers does not decide: badges that somebody added by hand, and those that
    were taken away, without their leading zeros."""

    by_hand: Collection[str] = ()
    ended: Collection[str] = ()


def _badges_kept(row: Row, before: Values | None, known: Known) -> Row:
    """A file adds badges and takes away what files brought: what was added by hand stays, and what
    was taken away does not come back. What stays keeps its place."""
    told = row.values.get("credentials")
    if told is None:
        return row
    badges, had = known.more or Badges(), (before or {}).get("credentials", ())
    stays = [one for one in had if one.upper() in told or one in badges.by_hand]
    kept = {one.upper() for one in stays}
    gone = [one for one in told if codes.bare(one) in badges.ended and one not in kept]
    new = [one for one in told if one not in {each.upper() for each in had} and one not in gone]
    notes = [
        *(
            f"Line {row.line}: badge {codes.ending(one)} was taken away and stays so."
            " Who has it again adds it on the officer's page."
            for one in gone
        ),
        *(
            f"Line {row.line}: badge {codes.ending(one)} was added by hand and stays; the file"
            " lacks it."
            for one in stays
            if one.upper() not in told
        ),
    ]
    return Row(row.line, {**row.values, "credentials": (*stays, *new)}, notes)


_STATION = Column("station", cells.code(20), required=True)

SHEETS: Mapping[Kind, Sheet] = {
    Kind.STATIONS: Sheet(
        one="station",
        key=("code",),
        columns=(
            Column("code", cells.code(20), required=True),
            Column("name", cells.text(100), required=True),
            Column("pool", cells.yes_no, empty=False),
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
        complete=_bays_told,
        checks=(_bays_kept,),
    ),
    Kind.OFFICERS: Sheet(
        one="officer",
        key=("badge_number",),
        columns=(
            Column("badge_number", cells.code(20), required=True),
            _STATION,
            Column("unit", cells.text(60)),
            Column("credentials", cells.badges, empty=()),
            Column("active", cells.yes_no, empty=True),
        ),
        unique=("credentials",),
        secret=("credentials",),
        scanned=("badge_number", "credentials"),
        refers={"station": "station"},
        complete=_badges_kept,
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
            Column("lot", cells.serial),
            Column("supplier", cells.text(100)),
            Column("installed_on", cells.day, empty=None),
            _STATION,
            Column("home_bay", cells.bay, empty=None),
            Column("officer", cells.code(20), empty=None),
            Column("codes", cells.tokens, empty=()),
            Column("tags", cells.tags, empty=()),
        ),
        unique=("serial", "asset_tag", "home_bay", "codes"),
        scanned=("serial", "asset_tag", "codes"),
        refers={"station": "station", "home_bay": "bay", "officer": "officer"},
        looks=("serial",),
        complete=_as_spelled,
        checks=(_model_known,),
    ),
}
