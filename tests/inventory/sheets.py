"""CSV files as people make them, and a small fleet that they meet."""

from collections.abc import Iterable
from typing import Any

from devices.inventory.imports import Kind
from devices.inventory.imports.judging import Known, Plan, judge
from devices.inventory.imports.present import known
from devices.inventory.imports.reading import read
from devices.inventory.imports.sheets import SHEETS
from devices.inventory.naming import Name, What

HEADERS = {
    Kind.STATIONS: "code,name",
    Kind.MODELS: "maker,name,radio,battery_hours,storage_gb,firmware_version,profile_version",
    Kind.DOCKS: "code,station,kind,place,bays,maker,model,serial,macs",
    Kind.OFFICERS: "badge_number,station,unit,credentials,active",
    Kind.CAMERAS: "number,serial,asset_tag,maker,model,supplier,installed_on,station,home_bay,"
    "officer,codes",
}
FLEET = {
    Kind.STATIONS: ["HQ,Headquarters", "N,North"],
    Kind.MODELS: ["Kestrel,One,no,10,64,3.8.2,12", "Kestrel,Two,yes,12,128,3.8.2,12"],
    Kind.DOCKS: ["D01,HQ,multi,Roll call,4,,,DK-1,", "D02,N,multi,,2,,,DK-2,02:00:00:00:00:01"],
    Kind.OFFICERS: ["201,HQ,Patrol,B00201 98EE58AD,yes", "202,N,,B00202,yes"],
    Kind.CAMERAS: [
        "401,KT-401,WH-1,Kestrel,One,Tri-State,2024-03-18,HQ,D01-1,201,RFID401",
        "402,KT-402,WH-2,Kestrel,Two,,,HQ,D01-2,,",
        "403,KT-403,,Kestrel,Two,,,N,D02-1,202,RFID403 TAG403",
    ],
}
# By what a scan finds the other kind, as somebody who imports this one knows it.
SCANNED = {
    Kind.OFFICERS: [
        Name("KT-401", What.CAMERA, "401", "serial", "HQ"),
        Name("WH-1", What.CAMERA, "401", "asset_tag", "HQ"),
        Name("RFID401", What.CAMERA, "401", "codes", "HQ"),
        Name("04A1B2C3", What.CAMERA, "403", "codes", "N"),
    ],
    Kind.CAMERAS: [
        Name("201", What.OFFICER, "201", "badge_number", "HQ"),
        Name("98EE58AD", What.OFFICER, "201", "credentials", "HQ"),
        Name("202", What.OFFICER, "202", "badge_number", "N"),
    ],
}


def sheet(kind: Kind, rows: Iterable[str], header: str = "") -> bytes:
    return "\n".join([header or HEADERS[kind], *rows, ""]).encode()


def camera(number: int, serial: str = "", **cells: str) -> str:
    """A row of the cameras' file: of a Kestrel One at HQ unless something else is said."""
    told = {"number": str(number), "serial": serial or f"KT-{number}", "maker": "Kestrel"}
    told |= {"model": "One", "station": "HQ", **cells}
    return ",".join(told.get(column, "") for column in HEADERS[Kind.CAMERAS].split(","))


def judged(kind: Kind, rows: Iterable[str], stations: Any = None) -> Plan:
    """What the file would do to the small fleet, told by the rules alone: no database."""
    return judge(kind, SHEETS[kind], read(sheet(kind, rows), SHEETS[kind]), small(kind, stations))


def small(kind: Kind, stations: Any = None) -> Known:
    """The small fleet in the words of the rules."""
    rows = read(sheet(kind, FLEET[kind]), SHEETS[kind]).rows
    return Known(
        rows={SHEETS[kind].named(row.values): row.values for row in rows},
        names={
            "station": {"HQ", "N"},
            "officer": {"201", "202"},
            "bay": {("D01", n) for n in (1, 2, 3, 4)} | {("D02", 1), ("D02", 2)},
        },
        models={
            ("KESTREL", name.upper()): {"maker": "Kestrel", "model": name}
            for name in ("One", "Two")
        },
        stations=stations,
        named=SCANNED.get(kind, ()),
    )


def snapshot() -> dict[Kind, dict[Any, Any]]:
    """Everything that imports can change, as it is now."""
    return {kind: {**known(kind, None).rows} for kind in Kind}
