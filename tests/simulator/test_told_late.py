"""What happened before the start is told late: as if the network had been away."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devices.management.commands.demo import EXAMPLE
from devices.simulator import inventory
from devices.simulator.command import heard_until
from devices.simulator.fleet import Fleet, Wishes
from devices.simulator.outbox import Kind
from devices.simulator.voices import Voice

NOW = datetime(2026, 11, 24, 19, 20, tzinfo=UTC)  # 14:20 in West Hartford: the day shift is out
LEAD_IN = timedelta(hours=30)
CLOCKS = timedelta(minutes=5)  # a clock that is right may be off by less


def started(**wishes: Any) -> Fleet:
    rows = inventory.read(EXAMPLE)
    tokens = {camera.serial: "token" for camera in rows.cameras if "L-" in camera.serial}
    return Fleet(rows, tokens, wishes=Wishes(**{"speed": 1.0, **wishes}), now=NOW)


def kept(voice: Voice, kind: Kind) -> list[dict[str, Any]]:
    return [json.loads(one.words) for one in voice.outbox.waiting if one.kind is kind]


def at(record: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(record["device_time"])


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return started()


def test_a_camera_on_the_street_was_last_heard_in_its_bay_and_then_left_it(fleet: Fleet) -> None:
    worn = {camera.serial for camera in fleet.patrol.worn.values() if not camera.radio}
    assert worn
    for dock in fleet.docks:
        left = {
            one["serial"]: at(one) for one in kept(dock, Kind.EVENT) if one["kind"] == "undocked"
        }
        for report in kept(dock, Kind.REPORT):
            if report["serial"] in worn & left.keys() and not wrong(fleet, report["serial"]):
                assert at(report) <= left[report["serial"]] + CLOCKS
                worn.discard(report["serial"])
    assert not {serial for serial in worn if not wrong(fleet, serial)}


def wrong(fleet: Fleet, serial: str) -> bool:
    return bool(fleet.town.cameras[serial].clock.wrong_s)


def test_everything_lies_in_the_day_before(fleet: Fleet) -> None:
    told = [
        record
        for voice in fleet.voices
        for kind in Kind
        for record in kept(voice, kind)
        if kind is Kind.EVENT or not wrong(fleet, record["serial"])
    ]

    assert len(told) > 10_000
    assert min(map(at, told)) > NOW - LEAD_IN - CLOCKS
    assert max(map(at, told)) < NOW + CLOCKS
    assert {record["boot"] for record in told if "mode" not in record} == {fleet.docks[0].boot}


def test_a_clock_that_counts_from_1970_says_no_time_before_it(fleet: Fleet) -> None:
    sick = [one for one in fleet.town.cameras.values() if one.clock.wrong_s < 0]

    assert sick
    assert all(one.clock.says(NOW - LEAD_IN).year >= 1970 for one in sick)


def test_then_everybody_speaks_at_once_and_as_often_as_always(fleet: Fleet) -> None:
    assert all(dock.contact_at <= NOW for dock in fleet.docks)
    assert {mind.every_s for mind in fleet.minds.values()} == {fleet.numbers.speech.report_every_s}


def test_what_the_fleet_has_heard_is_not_told_again() -> None:
    heard = NOW - timedelta(hours=2)

    told = [
        record for dock in started(heard_until=heard).docks for record in kept(dock, Kind.EVENT)
    ]

    assert told
    assert min(map(at, told)) > heard - CLOCKS


@pytest.mark.parametrize("wishes", [{"speed": 60.0}, {"start_hour": 6.5}], ids=str)
def test_a_show_whose_hours_are_not_these_tells_nothing_of_before(wishes: dict[str, Any]) -> None:
    shown = started(**wishes)

    assert not any(kept(voice, Kind.REPORT) for voice in shown.voices)


def test_the_time_of_the_last_answer_is_the_files(tmp_path: Path) -> None:
    path = tmp_path / "heard"

    assert heard_until(path) is None
    path.touch()
    os.utime(path, (0, NOW.timestamp()))
    assert heard_until(path) == NOW
