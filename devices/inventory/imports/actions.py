"""The verbs of importing: say what would happen, and do it."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from devices.inventory.imports import importing
from devices.inventory.imports.importing import Import
from devices.inventory.imports.judging import Plan
from devices.inventory.imports.present import known
from devices.inventory.imports.reading import Table
from devices.inventory.imports.sheet import Known
from devices.inventory.imports.sheets import SHEETS, Kind
from devices.inventory.models import (
    Bay,
    Camera,
    CameraCode,
    CameraModel,
    Credential,
    CredentialKind,
    Dock,
    Officer,
    Station,
)

Values = dict[str, Any]

# What no device is called: where serial numbers wait while two cameras exchange theirs.
_PARKED = Concat(Value("~"), Cast("pk", CharField()))


def plan(kind: Kind, raw: bytes, *, stations: Collection[int] | None = None) -> Plan:
    """What importing this file would do now. ``stations``: the importer's; None is every one.

    Refuses, in a sentence, a file that cannot be read at all.
    """
    return importing.plan(IMPORTS[kind], raw, stations=stations)


def apply(
    kind: Kind,
    raw: bytes,
    *,
    by: Any,
    now: datetime,
    expected: str | None = None,
    stations: Collection[int] | None = None,
) -> Plan:
    """Import the whole file. Refuses it, changing nothing, with any error in it.

    ``expected`` is the digest of the plan that was shown; if the file or the inventory has
    changed since, nothing is done. Importing the same file again changes nothing.
    """
    what = IMPORTS[kind]
    return importing.apply(what, raw, by=by, now=now, expected=expected, stations=stations)


def _write_stations(found: Plan) -> None:
    Station.objects.bulk_create(Station(**one.values) for one in found.added)
    _change(found, Station.objects.all(), "code", lambda fields: fields)


def _write_models(found: Plan) -> None:
    CameraModel.objects.bulk_create(CameraModel(**one.values) for one in found.added)
    every = CameraModel.objects.order_by("pk").select_for_update(no_key=True)
    rows = {(row.maker.upper(), row.name.upper()): row for row in every}
    _set(CameraModel, [(rows[one.key], _after(one.fields)) for one in found.changed])


def _write_docks(found: Plan) -> None:
    stations = _ids(Station, "code")

    def columns(values: Values) -> Values:
        kept = {name: value for name, value in values.items() if name not in ("bays", "macs")}
        return _referring(kept, "station", stations)

    _change(found, Dock.objects.all(), "code", columns, free={"serial": ""})
    Dock.objects.bulk_create(Dock(**columns(dict(one.values))) for one in found.added)
    told = [(one.key[0], dict(one.values)) for one in found.added]
    told += [(one.key[0], _after(one.fields)) for one in found.changed]
    _write_bays(told)


def _write_bays(told: list[tuple[str, Values]]) -> None:
    """Add the bays that are told and not there, and set the addresses that are told."""
    docks = {dock.code: dock for dock in Dock.objects.filter(code__in=[code for code, _ in told])}
    Bay.objects.bulk_create(
        (
            Bay(dock=docks[code], position=position)
            for code, values in told
            for position in range(1, values.get("bays", 0) + 1)
        ),
        ignore_conflicts=True,
    )
    macs = {code: values["macs"] for code, values in told if "macs" in values}
    bays = list(Bay.objects.filter(dock__code__in=macs).select_related("dock"))
    Bay.objects.filter(pk__in=[bay.pk for bay in bays]).exclude(mac="").update(mac="")
    for bay in bays:
        bay.mac = dict(enumerate(macs[bay.dock.code], 1)).get(bay.position, "")
    _set(Bay, [(bay, {"mac": bay.mac}) for bay in bays if bay.mac])


def _write_officers(found: Plan) -> None:
    stations = _ids(Station, "code")

    def columns(values: Values) -> Values:
        kept = {name: value for name, value in values.items() if name != "credentials"}
        return _referring(kept, "station", stations)

    Officer.objects.bulk_create(Officer(**columns(dict(one.values))) for one in found.added)
    _change(found, Officer.objects.all(), "badge_number", columns)
    officers = _ids(Officer, "badge_number")
    _write_badges({officers[badge]: told for badge, told in _told(found, "credentials").items()})


def _write_badges(told: dict[int, tuple[str, ...]]) -> None:
    """These officers, by id, have these badges: what they keep stays as it is, and what went from
    one to another is of its kind still."""
    had = list(Credential.objects.filter(officer__in=told))
    gone = [one for one in had if one.value not in told[one.officer_id]]
    kinds = {one.value: one.kind for one in gone}
    stays = {one.value for one in had} - kinds.keys()
    Credential.objects.filter(pk__in=[one.pk for one in gone]).delete()
    Credential.objects.bulk_create(
        Credential(officer_id=officer, value=value, kind=kinds.get(value, CredentialKind.BADGE))
        for officer, values in told.items()
        for value in values
        if value not in stays
    )


def _write_cameras(found: Plan, now: datetime) -> None:
    stations, officers = _ids(Station, "code"), _ids(Officer, "badge_number")
    models = {(row.maker.upper(), row.name.upper()): row for row in CameraModel.objects.all()}
    bays = {(bay.dock.code, bay.position): bay.pk for bay in Bay.objects.select_related("dock")}

    def columns(values: Values) -> Values:
        apart = ("codes", "tags", "maker")
        kept = {name: value for name, value in values.items() if name not in apart}
        kept = _referring(kept, "station", stations)
        kept = _referring(kept, "officer", officers)
        if "home_bay" in kept:
            kept["home_bay_id"] = bays.get(kept.pop("home_bay"))
        if "model" in kept:
            kept["model"] = models[values["maker"].upper(), values["model"].upper()]
        return kept

    _change(
        found,
        Camera.objects.select_related("model"),
        "number",
        columns,
        free={"home_bay_id": None, "asset_tag": "", "serial": _PARKED},
        whole=lambda row: {"maker": row.model.maker, "model": row.model.name},
    )
    Camera.objects.bulk_create(
        Camera(**columns(dict(one.values)), enrolled_at=now) for one in found.added
    )
    cameras = _ids(Camera, "number")
    told = _told(found, "codes")
    CameraCode.objects.filter(camera__number__in=told).delete()
    CameraCode.objects.bulk_create(
        CameraCode(camera_id=cameras[number], value=value)
        for number, values in told.items()
        for value in values
    )
    _write_tags(_told(found, "tags"))


def _write_tags(told: dict[Any, tuple[str, ...]]) -> None:
    """One statement; lists of several lengths go as texts, since arrays of arrays are square."""
    if not told:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE devices_camera AS kept SET tags = string_to_array(told.tags, ' ')"
            " FROM unnest(%s::bigint[], %s::text[]) AS told(number, tags)"
            " WHERE kept.number = told.number",
            [list(told), [" ".join(tags) for tags in told.values()]],
        )


def _write(found: Plan, _by: Any, now: datetime) -> None:
    match found.kind:
        case Kind.STATIONS:
            _write_stations(found)
        case Kind.MODELS:
            _write_models(found)
        case Kind.DOCKS:
            _write_docks(found)
        case Kind.OFFICERS:
            _write_officers(found)
        case Kind.CAMERAS:
            _write_cameras(found, now)


def _known(kind: Kind, _table: Table, stations: Collection[int] | None) -> Known:
    """Whatever the file holds, all of the kind: two rows anywhere may claim one thing."""
    return known(kind, stations)


def _ids(model: Any, name: str) -> dict[Any, int]:
    return dict(model.objects.values_list(name, "pk"))


def _referring(values: Values, name: str, ids: dict[Any, int]) -> Values:
    """The same values with a name replaced by the id of the row it names."""
    if name in values:
        said = values.pop(name)
        values[f"{name}_id"] = None if said is None else ids[said]
    return values


def _after(fields: Any) -> Values:
    return {name: after for name, (_, after) in fields.items()}


def _told(found: Plan, column: str) -> dict[Any, tuple[str, ...]]:
    """What the rows that change it say of a column of several values, by key."""
    told = {one.key[0]: one.values[column] for one in found.added if one.values[column]}
    changed = {one.key[0]: one.fields[column][1] for one in found.changed if column in one.fields}
    return {**told, **changed}


def _change(
    found: Plan,
    rows: Any,
    key: str,
    columns: Callable[[Values], Values],
    *,
    free: Values | None = None,
    whole: Callable[[Any], Values] | None = None,
) -> None:
    """Write the changed rows. What two rows may swap is freed first, or they would collide."""
    if not found.changed:
        return
    named = {f"{key}__in": [one.key[0] for one in found.changed]}
    locked = rows.filter(**named).select_for_update(no_key=True, of=("self",))
    by_key = {getattr(row, key): row for row in locked}
    pairs = []
    for one in found.changed:
        row, after = by_key[one.key[0]], _after(one.fields)
        if whole is not None and {"maker", "model"} & after.keys():
            after = {**whole(row), **after}
        pairs.append((row, columns(after)))
    for name, nothing in (free or {}).items():
        moving = [row.pk for row, after in pairs if name in after]
        rows.model.objects.filter(pk__in=moving).update(**{name: nothing})
    _set(rows.model, pairs)


def _set(model: Any, pairs: list[tuple[Any, Values]]) -> None:
    """Write these values into these rows: one statement, however many there are."""
    for row, after in pairs:
        for name, value in after.items():
            setattr(row, name, value)
    names = {name for _, after in pairs for name in after}
    fields = [model._meta.get_field(name) for name in sorted(names)]
    if not fields:
        return
    columns = [model._meta.pk, *fields]
    told = ", ".join(f"%s::{_type(field)}[]" for field in columns)
    named = ", ".join(f'"{field.column}"' for field in columns)
    changes = ", ".join(f'"{field.column}" = told."{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" AS kept SET {changes}'  # noqa: S608
            f" FROM unnest({told}) AS told({named}) WHERE kept.id = told.id",
            [[getattr(row, field.attname) for row, _ in pairs] for field in columns],
        )


def _type(field: Any) -> str:
    """Without a length: a cast to one would cut off what is longer, and say nothing."""
    return str(field.rel_db_type(connection)).partition("(")[0]


IMPORTS: dict[Kind, Import] = {
    kind: Import(kind, SHEETS[kind], partial(_known, kind), _write) for kind in Kind
}
