"""The same message means the same at either door, and is answered after its commit."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async

from devices.access.models import DeviceToken, Quarantined
from devices.gateway import doors
from devices.health.models import CameraHealth, DockHealth, Placement, Reading
from tests.gateway.knocking import Socket, post
from tests.gateway.words import batch, event, report, token_of
from tests.rows import a_camera, a_dock, a_model, a_station

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def station(transactional_db):
    return a_station()


@pytest.fixture
def dock(station):
    return a_dock("D01", station)


@pytest.fixture
def camera(station, now):
    return a_camera(417, station, now)


@pytest.fixture
def token(dock, now):
    return token_of(dock, now)


async def say_over_http(message, token):
    return (await post(message, token)).json()


async def say_over_websocket(message, token):
    socket = await Socket(token).open()
    answer = await socket.say(message)
    await socket.close()
    return answer


DOORS = pytest.mark.parametrize("say", [say_over_http, say_over_websocket])


@DOORS
async def test_a_report_is_stored_and_answered(say, camera, token):
    answer = await say(batch(report()), token)

    health = await CameraHealth.objects.aget(camera=camera)
    assert answer["reports"] == [{"result": "stored"}]
    assert (health.battery_percent, health.hearing, health.docked) == (64, "heard", True)
    assert await Reading.objects.filter(camera=camera).acount() == 1
    assert (await DockHealth.objects.aget()).hearing == "heard"


@DOORS
async def test_a_report_sent_twice_counts_once(say, camera, token):
    await say(batch(report()), token)

    again = await say(batch(report(battery_percent=12)), token)

    assert again["reports"] == [{"result": "duplicate"}]
    assert (await CameraHealth.objects.aget()).battery_percent == 64


@DOORS
async def test_a_late_report_fills_history_and_leaves_the_present(say, camera, token):
    await say(batch(report(sequence=5, battery_percent=80)), token)

    late = await say(batch(report(sequence=4, battery_percent=79)), token)

    assert late["reports"] == [{"result": "stored"}]
    assert (await CameraHealth.objects.aget()).battery_percent == 80
    assert await Reading.objects.acount() == 2


@DOORS
async def test_faulty_records_are_refused_by_their_place_and_the_good_ones_kept(say, camera, token):
    message = batch(
        report(sequence=1),
        report(sequence=2, battery_percent=101),
        report(sequence=3, mode="flying"),
        report(sequence=2**63),
        report(sequence=5, device_time="9999-12-31T23:59:59Z"),
        report(sequence=6, bay=9),
        report(sequence=7, surprise=1),
        "not a record",
        report("BWC-999999", sequence=8),
        report(sequence=9),
    )

    answer = await say(message, token)

    told = [(one["result"], one.get("code"), one.get("pointer")) for one in answer["reports"]]
    assert told == [
        ("stored", None, None),
        ("refused", "invalid", "/reports/1/battery_percent"),
        ("refused", "invalid", "/reports/2/mode"),
        ("refused", "invalid", "/reports/3/sequence"),
        ("refused", "invalid", "/reports/4/device_time"),
        ("refused", "unknown_bay", None),
        ("refused", "invalid", "/reports/6/surprise"),
        ("refused", "invalid", "/reports/7"),
        ("refused", "unknown_serial", None),
        ("stored", None, None),
    ]
    assert (await CameraHealth.objects.aget()).received == [1, 1, 9, 9]


@DOORS
async def test_a_camera_with_a_dead_clock_is_kept_and_marked(say, camera, token):
    await say(batch(report(device_time="1970-01-01T00:00:05Z")), token)

    health = await CameraHealth.objects.aget()
    assert health.clock_wrong
    assert health.device_time.year == 1970
    assert health.measured_at == health.received_at


@DOORS
async def test_a_wrong_clock_still_tells_the_age_of_what_was_stored(say, camera, token, now):
    sent = datetime(2031, 5, 1, 12, tzinfo=UTC)
    stored = (sent - timedelta(hours=3)).isoformat()

    await say(batch(report(device_time=stored), sent_at=sent.isoformat()), token)

    health = await CameraHealth.objects.aget()
    assert health.received_at - health.measured_at == timedelta(hours=3)
    assert health.clock_wrong


@DOORS
async def test_bay_events_move_a_camera_and_repeat_without_effect(say, camera, token, dock):
    came = event(sequence=1)
    await say(batch(events=[came]), token)
    left = event(sequence=2, kind="undocked", device_time=datetime.now(UTC).isoformat())

    answer = await say(batch(events=[came, left]), token)

    health = await CameraHealth.objects.aget()
    assert [one["result"] for one in answer["events"]] == ["duplicate", "stored"]
    assert (health.docked, health.bay_id) == (False, None)
    assert await Placement.objects.acount() == 2


@DOORS
async def test_an_unknown_serial_is_listed_for_a_person_and_counted(say, camera, token, dock):
    message = batch(report("BWC-STRANGE"), events=[event("BWC-STRANGE")])

    await say(message, token)
    await say(message, token)

    listed = await Quarantined.objects.aget()
    assert (listed.kind, listed.serial, listed.times) == ("unknown_serial", "BWC-STRANGE", 2)
    assert listed.dock_id == dock.pk


@DOORS
async def test_a_dock_cannot_speak_for_a_camera_of_another_station(say, token, now):
    elsewhere = await sync_to_async(a_station)("N", "North")
    camera = await sync_to_async(a_camera)(9, elsewhere, now)

    answer = await say(batch(report(camera.serial)), token)

    assert answer["reports"][0]["code"] == "not_yours"
    assert not await CameraHealth.objects.filter(heard_at__isnull=False).aexists()
    assert (await Quarantined.objects.aget()).kind == "other_station"


@DOORS
async def test_a_cameras_token_speaks_for_that_camera_alone(say, camera, station, now):
    other = await sync_to_async(a_camera)(418, station, now)
    token = await sync_to_async(token_of)(camera, now)

    answer = await say(
        batch(report(docked=False, bay=None), report(other.serial, docked=False, bay=None)), token
    )

    assert [one["result"] for one in answer["reports"]] == ["stored", "refused"]
    assert (await Quarantined.objects.aget()).kind == "foreign_serial"


@DOORS
async def test_orders_name_only_what_should_change(say, station, token, now):
    model = await sync_to_async(a_model)()
    model.firmware_version = "4.3.0"
    await model.asave()
    await sync_to_async(a_camera)(417, station, now, model=model)

    answer = await say(batch(report(mode="recording", docked=False, bay=None)), token)

    assert answer["orders"]["report_every_s"] == 60
    assert answer["orders"]["cameras"] == [
        {"serial": "BWC-000417", "report_every_s": 10, "firmware_version": "4.3.0"}
    ]
    assert 54 <= answer["orders"]["next_contact_s"] <= 66


@DOORS
async def test_a_serial_is_the_same_in_capitals_or_not(say, camera, token):
    answer = await say(batch(report("bwc-000417")), token)

    assert answer["reports"] == [{"result": "stored"}]


async def test_a_revoked_token_is_refused_within_five_seconds(camera, token, now, time_machine):
    time_machine.move_to(now, tick=True)
    socket = await Socket(token).open()
    assert (await socket.say(batch(report())))["reports"] == [{"result": "stored"}]

    await DeviceToken.objects.aupdate(revoked_at=now)
    time_machine.move_to(now + timedelta(seconds=5))

    assert await socket.say(batch(report(sequence=2))) == doors.NOT_PROVEN
    assert (await post(batch(report(sequence=3)), token)).status == 401


async def test_an_idle_socket_closes_when_its_token_is_revoked(camera, token, now, monkeypatch):
    monkeypatch.setattr(doors, "RECHECK_S", 0.1)
    socket = await Socket(token).open()

    await DeviceToken.objects.aupdate(revoked_at=now)

    assert await socket.hear() == doors.NOT_PROVEN


async def test_a_forged_token_beside_the_right_one_harms_neither_door(camera, token):
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")

    said = await asyncio.gather(*(post(batch(report()), one) for one in (forged, token, forged)))

    assert [one.status for one in said] == [401, 200, 401]
    assert said[1].json()["reports"] == [{"result": "stored"}]


@DOORS
async def test_all_that_a_report_says_is_kept(say, camera, token):
    said = {
        "clock_offset_s": 0.4,
        "battery_health_percent": 91,
        "clips_waiting": 3,
        "bytes_waiting": 2**40,
        "offload": "failed",
        "firmware_digest": "ab" * 32,
        "profile_version": "7",
        "profile_digest": "cd" * 32,
        "temperature_c": 31.5,
        "faults": ["lens_blocked", "storage_failing"],
        "position": {"latitude": 41.76, "longitude": -72.74, "accuracy_m": 12.5},
    }

    await say(batch(report(**said)), token)

    health = await CameraHealth.objects.select_related("bay").aget()
    plain = {name: value for name, value in said.items() if name != "position"}
    assert {name: getattr(health, name) for name in plain} == plain
    assert (health.latitude, health.longitude, health.accuracy_m) == (41.76, -72.74, 12.5)
    assert (health.bay.position, health.docked, health.mode) == (1, True, "off")
    assert (health.storage_used_mb, health.storage_free_mb) == (2000, 62000)
    reading = await Reading.objects.aget()
    assert (reading.faults, reading.temperature_c, reading.bytes_waiting) == (
        said["faults"],
        31.5,
        2**40,
    )


@DOORS
async def test_a_later_report_without_a_field_takes_it_back(say, camera, token):
    await say(batch(report(profile_version="7", temperature_c=30, faults=["lens_blocked"])), token)

    await say(batch(report(sequence=2)), token)

    health = await CameraHealth.objects.aget()
    assert (health.profile_version, health.temperature_c, health.faults) == ("", None, [])


@DOORS
async def test_of_several_reports_the_newest_is_the_present_and_changes_are_history(
    say, camera, token
):
    numbers, then = [(3, 70), (1, 64), (2, 64), (4, 70)], datetime.now(UTC).isoformat()
    said = (report(sequence=n, battery_percent=p, device_time=then) for n, p in numbers)

    await say(batch(*said), token)

    health = await CameraHealth.objects.aget()
    assert (health.sequence, health.battery_percent, health.received) == (4, 70, [1, 4])
    kept = Reading.objects.order_by("sequence").values_list("sequence", "battery_percent")
    assert [row async for row in kept] == [(1, 64), (3, 70)]


@DOORS
async def test_a_repeated_report_is_still_a_sign_of_life(say, camera, token):
    await say(batch(report()), token)
    await CameraHealth.objects.aupdate(hearing="silent")

    await say(batch(report()), token)

    health = await CameraHealth.objects.aget()
    assert (health.hearing, health.battery_percent, health.mode) == ("heard", 64, "off")
    assert await Reading.objects.acount() == 1
