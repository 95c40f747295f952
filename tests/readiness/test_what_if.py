"""What a preview of other numbers says is what happens once they are decided."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pytest

from devices.access.people import Visible
from devices.department import actions, current
from devices.department.rules import DECIDABLE, Decidable, in_unit, to_keep, with_decided
from devices.gateway import protocol, reading
from devices.gateway.protocol import Knock
from devices.health.models import CameraHealth
from devices.inventory.models import Bay, Dock, Station
from devices.policy import Policy
from devices.readiness import what_if
from tests import rows
from tests.gateway.words import batch, report, sender_of
from tests.readiness.test_shifts import a_shift, on

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
# Cameras about every limit, each wrong in one thing alone.
VARIED: list[dict[str, Any]] = [
    *(
        {"battery_percent": percent, "battery_state": "discharging"}
        for percent in range(50, 101, 2)
    ),
    *(
        {"offload": "queued", "clips_waiting": 3, "storage_free_mb": free}
        for free in (0, 3000, 6000, 63_999, 64_000)
    ),
    *({"ahead": timedelta(seconds=s)} for s in (-4000, -1800, -150, -90, 0, 30, 90, 150, 1800)),
    *(
        {"heard_at": -age * MINUTE, "measured_at": -age * MINUTE, "hearing": hearing}
        for age, hearing in ((2, "heard"), (4.5, "late"), (6, "late"), (29, "late"), (40, "silent"))
    ),
]


def varied(station: Station, dock: Dock, now: datetime) -> None:
    bays = list(Bay.objects.filter(dock=dock).order_by("position"))
    for number, (bay, wrong) in enumerate(zip(bays, VARIED, strict=True), 1):
        told = {
            name: now + value if isinstance(value, timedelta) else value
            for name, value in wrong.items()
            if name != "ahead"
        }
        told["device_time"] = told.get("measured_at", now) + wrong.get("ahead", timedelta())
        rows.a_camera(number, station, now, health={"bay": bay, **told})


def speak_again(dock: Dock, sequence: int, now: datetime) -> None:
    """Every camera that is heard says the same once more."""
    said = [
        report(
            health.camera.serial,
            sequence=sequence,
            bay=health.bay.position,
            device_time=health.device_time.isoformat(),
            clock_offset_s=(health.device_time - health.measured_at).total_seconds(),
            battery_percent=health.battery_percent,
            battery_state=health.battery_state,
            battery_health_percent=health.battery_health_percent,
            offload=health.offload,
            clips_waiting=health.clips_waiting,
            **(
                {}
                if health.storage_free_mb is None
                else {"storage_free_mb": health.storage_free_mb}
            ),
        )
        for health in CameraHealth.objects.filter(docked=True, heard_at=now)
    ]
    message = batch(*said, sent_at=now.isoformat())
    knock = Knock(sender_of(dock), reading.read(json.dumps(message).encode()))
    protocol.receive([knock], now=now, policy=current.as_decided(), chance=Random(1))


def ready_now(now: datetime) -> set[str]:
    """Whoever would be lost if nothing were ready any more: all that are."""
    nothing = replace(current.as_decided(), battery_spare=timedelta(days=9))
    return {*what_if.effect(Visible(), current.as_decided(), nothing, now).losing}


@pytest.fixture
def fleet(noon: datetime) -> Dock:
    station = rows.a_station()
    dock = rows.a_dock("D01", station, bays=len(VARIED))
    varied(station, dock, noon)
    return dock


@pytest.fixture
def tonight(fleet: Dock, noon: datetime) -> None:
    """Six hours from 13:00; one of its officers went out at 10:30, one at 02:00."""
    shift = a_shift(fleet.station, noon + timedelta(hours=1))
    ends_at = shift.begins_at + timedelta(hours=6)
    for badge, hours in ((501, 1.5), (502, 10)):
        at = noon - timedelta(hours=hours)
        out = {"docked": False, "placed_at": at, "mode": "buffering", "measured_at": noon}
        on(shift, badge, noon, out, ends_at=ends_at)
    type(shift).objects.update(ends_at=ends_at)


EVERY_LIMIT = [(one, value) for one in DECIDABLE for value in (one.lowest, one.highest)]
ASKED = {
    "battery_spare", "handover", "storage_for_shift_mb", "clock_tolerance", "silent_after_reports",
}  # fmt: skip
ASKED_OF_A_SHIFT = ASKED | {"test_counts_for"}
UNFELT = {("test_counts_for", 1)}  # nobody left between one hour and two before it


@pytest.mark.parametrize("mode", ["tonight", "fleet"])
def test_what_is_decided_does_what_its_preview_said(
    request: pytest.FixtureRequest, noon: datetime, mode: str
):
    request.getfixturevalue(mode)

    outcomes = {
        (one.name, value): outcome(one, value, 2 * place, noon)
        for place, (one, value) in enumerate(EVERY_LIMIT)
    }

    asked = ASKED_OF_A_SHIFT if mode == "tonight" else ASKED
    told = {one for one, (said, _, _) in outcomes.items() if said != Moved()}
    assert [
        one for one, (said, at_once, later) in outcomes.items() if not said == at_once == later
    ] == []
    assert told == {
        (one.name, value)
        for one, value in EVERY_LIMIT
        if one.name in asked and value != in_unit(one, Policy()) and (one.name, value) not in UNFELT
    }


class Moved(NamedTuple):
    """Which cameras are no longer ready, and which are newly."""

    losing: frozenset[str] = frozenset()
    gaining: frozenset[str] = frozenset()


def outcome(one: Decidable, value: int, decided: int, now: datetime) -> tuple[Moved, Moved, Moved]:
    """What the preview of this number says, what its decision does, and what is so when every
    camera has spoken again; then all is as before. ``decided``: so many versions there are."""
    before, usual = current.as_decided(), in_unit(one, current.as_decided())
    were = ready_now(now)
    said = what_if.effect(
        Visible(), before, with_decided(before, {one.name: to_keep(one, value)}), now
    )

    decide(one, value, decided, now)
    at_once = ready_now(now)
    speak_again(Dock.objects.get(), decided + 2, now)
    later = ready_now(now)
    decide(one, usual, decided + 1, now)

    return (
        Moved(frozenset(said.losing), frozenset(said.gaining)),
        Moved(frozenset(were - at_once), frozenset(at_once - were)),
        Moved(frozenset(were - later), frozenset(later - were)),
    )


def decide(one: Decidable, value: int, based_on: int, now: datetime) -> None:
    actions.decide({one.name: value}, reason="x", based_on=based_on, by=None, now=now)
