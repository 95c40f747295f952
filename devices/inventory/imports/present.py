"""What is there, in the words of the files: a handful of queries, whatever the fleet's size."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any

from devices.inventory import named
from devices.inventory.imports.sheet import Key, Known, Values
from devices.inventory.imports.sheets import SHEETS, Badges, Kind
from devices.inventory.models import (
    Bay,
    Camera,
    CameraCode,
    CameraModel,
    Credential,
    Dock,
    EndedCredential,
    Officer,
    Station,
)
from devices.inventory.naming import What

# A desk tries one after the other: whose codes must not be those of the kind that is imported.
_OTHERS = {Kind.OFFICERS: What.CAMERA, Kind.CAMERAS: What.OFFICER}


def known(kind: Kind, stations: Collection[int] | None) -> Known:
    """The rows of this kind, and everything its rows may name."""
    sheet = SHEETS[kind]
    reach = None
    if stations is not None:
        reach = set(Station.objects.filter(pk__in=stations).values_list("code", flat=True))
    rows = {sheet.named(row): row for row in _ROWS[kind]()}
    models = _spelled() if kind is Kind.CAMERAS else {}
    others = _OTHERS.get(kind)
    return Known(
        rows=rows,
        names=_names(kind),
        models=models,
        stations=reach,
        named=named.of_all(others) if others else (),
        more=_badges() if kind is Kind.OFFICERS else None,
    )


def _badges() -> Badges:
    by_hand = Credential.objects.filter(by_hand=True).values_list("value", flat=True)
    ended = EndedCredential.objects.values_list("bare", flat=True)
    return Badges(set(by_hand), set(ended))


def _names(kind: Kind) -> dict[str, Collection[Any]]:
    names: dict[str, Collection[Any]] = {}
    if kind in (Kind.DOCKS, Kind.OFFICERS, Kind.CAMERAS):
        names["station"] = set(Station.objects.values_list("code", flat=True))
    if kind is Kind.CAMERAS:
        names["officer"] = set(Officer.objects.values_list("badge_number", flat=True))
        names["bay"] = set(Bay.objects.values_list("dock__code", "position"))
    return names


def _spelled() -> dict[Key, Values]:
    models = CameraModel.objects.values_list("maker", "name")
    return {
        (maker.upper(), name.upper()): {"maker": maker, "model": name} for maker, name in models
    }


def _stations() -> Iterable[Values]:
    return Station.objects.values("code", "name", "pool")


def _models() -> Iterable[Values]:
    names = [column.name for column in SHEETS[Kind.MODELS].columns]
    yield from CameraModel.objects.values(*names)


def _docks() -> Iterable[Values]:
    bays: dict[int, list[str]] = defaultdict(list)
    for dock_id, mac in Bay.objects.order_by("dock", "position").values_list("dock_id", "mac"):
        bays[dock_id].append(mac)
    for dock in Dock.objects.select_related("station"):
        macs = bays[dock.pk]
        yield {
            "code": dock.code,
            "station": dock.station.code,
            "kind": dock.kind,
            "place": dock.place,
            "bays": len(macs),
            "maker": dock.maker,
            "model": dock.model,
            "serial": dock.serial,
            "macs": tuple(mac for mac in macs if mac),
        }


def _officers() -> Iterable[Values]:
    credentials = _several(Credential, "officer_id")
    for officer in Officer.objects.select_related("station"):
        yield {
            "badge_number": officer.badge_number,
            "station": officer.station.code,
            "unit": officer.unit,
            "credentials": credentials.get(officer.pk, ()),
            "active": officer.active,
        }


def _cameras() -> Iterable[Values]:
    codes = _several(CameraCode, "camera_id")
    rows = Camera.objects.values_list(
        "pk", "number", "serial", "asset_tag", "model__maker", "model__name", "lot",
        "supplier", "installed_on", "station__code", "home_bay__dock__code", "home_bay__position",
        "officer__badge_number", "tags",
    )  # fmt: skip
    for pk, *row, dock, position, officer, tags in rows:
        number, serial, asset_tag, maker, model, lot, supplier, installed_on, station = row
        yield {
            "number": number,
            "serial": serial,
            "asset_tag": asset_tag,
            "maker": maker,
            "model": model,
            "lot": lot,
            "supplier": supplier,
            "installed_on": installed_on,
            "station": station,
            "home_bay": None if dock is None else (dock, position),
            "officer": officer,
            "codes": codes.get(pk, ()),
            "tags": tuple(tags),
        }


def _several(model: Any, owner: str) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    for owner_id, value in model.objects.order_by("pk").values_list(owner, "value"):
        found[owner_id].append(value)
    return {owner_id: tuple(values) for owner_id, values in found.items()}


_ROWS: dict[Kind, Callable[[], Iterable[Values]]] = {
    Kind.STATIONS: _stations,
    Kind.MODELS: _models,
    Kind.DOCKS: _docks,
    Kind.OFFICERS: _officers,
    Kind.CAMERAS: _cameras,
}
