"""West Hartford set up by the files that people import, and its simulated town without faults."""

import csv
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.timezone import get_default_timezone

from devices.access import actions as access
from devices.battery import actions as battery
from devices.custody import imports as inventory_imports
from devices.gateway.senders import Sender, Senders
from devices.inventory.imports import Kind, importing
from devices.inventory.models import Camera, Dock
from devices.management.commands.demo import EXAMPLE
from devices.management.past import SEED, Past
from devices.roster import imports
from devices.simulator import inventory
from devices.simulator import numbers as all_numbers
from devices.simulator.fleet import AS_IN_LIFE, Fleet, Wishes
from devices.simulator.numbers import Numbers
from devices.simulator.scenarios import Ailment, Scenario


@dataclass(frozen=True)
class Department:
    """The simulated fleet, and who speaks for it once its tokens have been proven."""

    fleet: Fleet
    senders: dict[str, Sender]


def set_up(
    now: datetime, folder: Path = EXAMPLE, *, ailments: tuple[Ailment, ...] = ()
) -> Department:
    """The files of ``folder`` are imported and their devices enrolled at ``now``.

    The town has lived for its lead-in, and its batteries are known from the weeks before, as the
    demonstration's are.
    """
    for kind in Kind:
        raw = (folder / f"{kind.value}.csv").read_bytes()
        inventory_imports.apply(kind, raw, by=None, now=now)
    for part in (imports.Kind.SHIFTS, imports.Kind.ROTATIONS):
        raw = (folder / f"{part.value}.csv").read_bytes()
        importing.apply(imports.at(part, now), raw, by=None, now=now)
    told = Past(folder, now).tell()
    battery.adopt(told.spells, told.months, told.forecasts, now=now)
    tokens = _tokens(now)
    wishes = Wishes(
        speed=AS_IN_LIFE,
        seed=SEED,
        boot=1,
        zone=get_default_timezone(),
        heard_until=now,
        scenario=Scenario(says="As told.", ailments=ailments),
    )
    rows = inventory.read(folder)
    fleet = Fleet(rows, tokens, wishes=wishes, now=now, numbers=without_faults(all_numbers.read()))
    proven = Senders().prove(list(tokens.values()), now)
    return Department(fleet, dict(zip(tokens, proven, strict=True)))


def _tokens(now: datetime) -> dict[str, str]:
    radios = Camera.objects.filter(model__radio=True).select_related("model")
    return {dock.code: access.enrol_dock(dock, by=None, now=now) for dock in Dock.objects.all()} | {
        camera.serial: access.enrol_camera(camera, by=None, now=now) for camera in radios
    }


def without_faults(numbers: Numbers) -> Numbers:
    """As in life, but nothing breaks, nothing is rolled out, and spares are brought back.

    Worn batteries, slow docks and officers who dock their own camera a day late are an ordinary
    week; hung cameras, lost ones and clocks years ahead are not, nor is a spare that somebody keeps
    for a day: it was given out until the end of the duty, and is overdue half an hour later.
    """
    never = {
        kind: one.model_copy(update={"per_140_a_month": 0.0})
        for kind, one in numbers.faults.items()
    }
    return numbers.model_copy(
        update={
            "faults": never,
            "shifts": numbers.shifts.model_copy(update={"late_spare_share": 0.0}),
            "clock": numbers.clock.model_copy(update={"wrong_share": 0.0}),
            "firmware": numbers.firmware.model_copy(update={"older_share": 0.0}),
        }
    )


def a_part(folder: Path, docks: Collection[str]) -> Path:
    """West Hartford's files in ``folder``, with these docks alone and whoever belongs to them."""
    cameras = _rows("cameras", lambda row: row["home_bay"].rpartition("-")[0] in docks)
    badges = {row["officer"] for row in cameras}
    parts = {
        "models": _rows("models"),
        "stations": _rows("stations"),
        "shifts": _rows("shifts"),
        "docks": _rows("docks", lambda row: row["code"] in docks),
        "cameras": cameras,
        "officers": _rows("officers", lambda row: row["badge_number"] in badges),
        "rotations": _rows("rotations", lambda row: row["badge_number"] in badges),
    }
    for name, rows in parts.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def _rows(
    name: str, wanted: Callable[[dict[str, str]], bool] = lambda row: True
) -> list[dict[str, str]]:
    with (EXAMPLE / f"{name}.csv").open() as file:
        return [row for row in csv.DictReader(file) if wanted(row)]
