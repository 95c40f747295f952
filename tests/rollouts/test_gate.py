"""Whom an update is offered to, by plain values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from devices.policy import Policy
from devices.rollouts.gate import Standing, Wants, back_by, begin_by, order, why_waits
from devices.rollouts.planning import Target
from devices.rollouts.proving import Said, by_event, event_of
from devices.rollouts.room import Spot
from devices.rollouts.rules import Event

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
POLICY = Policy()
WANTS = Wants(Target("4.3.0", "ab" * 32), minimum_battery_percent=30)
FIT = Standing(
    deployment_id=1,
    rollout_id=1,
    wave_id=1,
    camera_id=417,
    number=417,
    name="C0417",
    model_id=1,
    station_id=1,
    service_state="in_service",
    held=False,
    update_stage="",
    hearing="heard",
    heard_at=NOW,
    docked=True,
    displaced=False,
    dock_id=3,
    dock="D03",
    dock_station_id=1,
    mode="off",
    battery_percent=98,
    offload="complete",
    clips_waiting=0,
    version="4.2.1",
    digest="",
    boot=7,
    issued_at=None,
    issued_now=False,
    reserved_from=None,
    put_aside=False,
    elsewhere=False,
    on_duty=False,
    attempts=0,
)


def against(**changed) -> list[str]:
    return list(why_waits(FIT._replace(**changed), WANTS, POLICY, NOW))


def test_a_profile_comes_only_to_who_should_run_it_or_of_whom_nobody_said():
    wants = Wants(Target("quiet-2", "ab" * 32, profile="quiet"), minimum_battery_percent=30)
    one = FIT._replace(version="factory-1")

    for should_run in ("quiet", ""):
        assert list(why_waits(one._replace(should_run=should_run), wants, POLICY, NOW)) == []
    against = list(why_waits(one._replace(should_run="patrol"), wants, POLICY, NOW))
    assert against == ["It should run the profile patrol."]


def test_a_docked_charged_and_emptied_camera_is_offered_its_turn():
    assert against() == []


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"docked": False}, "It is out of its dock."),
        ({"dock_id": None}, "It is out of its dock."),
        ({"docked": None}, "It was never heard."),
        ({"heard_at": None}, "It was never heard."),
        ({"hearing": "silent"}, "It is silent in its dock."),
        ({"heard_at": NOW - timedelta(minutes=6)}, "It is silent in its dock."),
        ({"displaced": True}, "Another camera is in its bay."),
        ({"mode": "recording"}, "It is recording."),
        ({"battery_percent": 29}, "Its battery is at 29 %; the update needs 30 %."),
        ({"battery_percent": None}, "Its battery is not known."),
        ({"offload": "transferring"}, "It is not emptied."),
        ({"clips_waiting": 1}, "It is not emptied."),
        ({"clips_waiting": None}, "It is not emptied."),
        ({"held": True}, "It is held as evidence."),
        ({"service_state": "in_repair"}, "It is in repair."),
        ({"put_aside": True}, "It is put aside."),
        ({"elsewhere": True}, "Another update of it is under way."),
        ({"update_stage": "offered"}, "Another update of it is under way."),
        ({"issued_now": True}, "It is given out."),
        ({"issued_at": NOW - timedelta(minutes=14)}, "It was just taken at the desk."),
        ({"reserved_from": NOW + timedelta(hours=2)}, "It is reserved."),
        ({"on_duty": True}, "Its officer is on duty."),
        ({"version": ""}, "It has not said what it runs."),
        ({"version": "4.3.0"}, "It runs 4.3.0 already."),
        (
            {"version": "5.0"},
            "It runs 5.0; 4.3.0 is older, and no signed order says to bring it there.",
        ),
        (
            {"version": "factory"},
            "It runs factory; nobody can tell whether 4.3.0 is newer, and no signed order says to "
            "bring it there.",
        ),
    ],
)
def test_each_thing_that_keeps_an_update_from_a_camera(changed, because):
    assert against(**changed) == [because]


def test_a_closed_window_keeps_it_from_all():
    shut = Wants(WANTS.target, 30, open=False)

    assert list(why_waits(FIT, shut, POLICY, NOW)) == ["The rollout's window is closed."]


def test_taken_a_while_ago_and_docked_again_is_in():
    assert against(issued_at=NOW - timedelta(minutes=15)) == []


def test_a_camera_is_back_after_twice_the_time_and_what_its_battery_lacks():
    install = timedelta(minutes=20)

    assert back_by(FIT._replace(battery_percent=100), install, NOW) == NOW + timedelta(hours=1)
    assert begin_by(NOW + timedelta(hours=1), install) == NOW + timedelta(minutes=30)
    half = back_by(FIT._replace(battery_percent=50), install, NOW)
    assert half == NOW + timedelta(minutes=50) + timedelta(hours=4.5)


def test_a_camera_is_updated_at_the_station_of_the_dock_it_sits_in():
    assert FIT._replace(dock_station_id=2).spot == Spot(1, 2, 3, "D03")
    assert FIT._replace(dock_id=None, dock="", dock_station_id=None).spot == Spot(1, 1, None)


def test_the_fullest_battery_is_asked_first():
    low, high = FIT._replace(battery_percent=60), FIT._replace(number=2, battery_percent=99)

    assert order([low, high], NOW) == [high, low]


SAID = Said(
    1, "installing", fetched=True, version="4.3.0", digest="", wanted="4.3.0",
    wanted_digest="ab" * 32, firmware=True, started_anew=True, since_then=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "event"),
    [
        ({}, Event.PROVEN),
        ({"state": "awaiting_proof"}, Event.PROVEN),
        ({"state": "timed_out"}, Event.PROVEN),
        ({"digest": "ab" * 32}, Event.PROVEN),
        ({"digest": "cd" * 32}, Event.PROVEN_OTHERWISE),
        ({"version": "4.2.1"}, Event.PROVEN_OTHERWISE),
        ({"version": "4.2.1", "state": "awaiting_proof"}, Event.PROVEN_OTHERWISE),
        ({"version": "4.2.1", "started_anew": False}, None),
        ({"version": "4.2.1", "since_then": False}, None),
        ({"version": "4.2.1", "state": "downloading"}, None),
        ({"version": "4.2.1", "state": "timed_out"}, None),
        ({"started_anew": False}, None),
        ({"started_anew": False, "firmware": False}, Event.PROVEN),
        ({"fetched": False}, Event.FOUND),
        ({"fetched": False, "state": "offered"}, Event.FOUND),
        ({"fetched": False, "state": "cancelling"}, None),
    ],
)
def test_what_a_report_proves(changed, event):
    assert event_of(replace(SAID, **changed)) is event


def test_what_failed_says_what_it_runs_instead():
    wrong = replace(SAID, version="4.2.1")

    assert by_event([wrong]) == {
        Event.PROVEN_OTHERWISE: {1: "It started anew and says that it runs 4.2.1."}
    }
