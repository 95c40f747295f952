"""One camera's life, hour by hour."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.simulator import numbers
from devices.simulator.camera import HUNG, STUCK, Camera
from devices.simulator.inventory import BayAddress, CameraRow
from devices.wire import BatteryState, Mode, Offload, Report

NUMBERS = numbers.read()
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
BAY = BayAddress("D01", 3)
MINUTE = 1 / 60


def camera(serial: str = "BWC-0001", *, seed: int = 1) -> Camera:
    """A camera in its bay, with a full new battery and the newest of everything."""
    made = Camera(CameraRow(serial, "HQ", BAY, "1001"), NUMBERS, seed=seed, boot=100, now=NOW)
    made.battery.capacity_when_new, made.battery.cycles = 1.0, 0.0
    made.battery.charge = 1.0
    made.firmware = "4.2.1"
    return made


def live(one: Camera, hours: float, *, mbit_s: float = 25.0) -> None:
    for _ in range(round(hours * 60)):
        one.live(MINUTE, charge_h=4, mbit_s=mbit_s)


def on_patrol(one: Camera) -> Camera:
    one.leave()
    one.switch(Mode.BUFFERING)
    return one


def test_six_gigabytes_take_32_minutes_to_hand_over() -> None:
    back = camera()
    back.recordings.clips.extend([2 * 10**9] * 3)

    live(back, 31 * MINUTE)
    assert back.offload is Offload.TRANSFERRING

    live(back, 2 * MINUTE)
    assert back.offload is Offload.COMPLETE


def test_a_stuck_transfer_fails_until_the_camera_is_taken_out() -> None:
    stuck = camera()
    stuck.recordings.clips.append(10**9)
    stuck.trouble.add(STUCK)

    live(stuck, 1)
    assert stuck.offload is Offload.FAILED
    assert "offload_stuck" in stuck.measure(NOW).faults

    stuck.leave()
    assert stuck.offload is Offload.QUEUED
    stuck.come_to(BAY)
    live(stuck, 1)
    assert stuck.offload is Offload.COMPLETE


def test_switching_on_is_a_boot_and_sequences_count_from_one() -> None:
    one = camera()
    before = one.measure(NOW), one.measure(NOW)

    on_patrol(one)
    after = one.measure(NOW), one.measure(NOW)

    assert [(r.boot, r.sequence) for r in before] == [(100, 1), (100, 2)]
    assert [(r.boot, r.sequence) for r in after] == [(101, 1), (101, 2)]


def test_a_flat_camera_goes_off_says_nothing_and_comes_back_on_the_charger() -> None:
    flat = on_patrol(camera())

    flat.switch(Mode.RECORDING)
    live(flat, 9)
    assert (flat.battery.percent, flat.mode, flat.measuring) == (0, Mode.OFF, False)

    flat.come_to(BAY)
    live(flat, 0.5)
    assert flat.measuring
    assert flat.battery_state is BatteryState.CHARGING


def test_a_full_card_ends_the_recording() -> None:
    full = on_patrol(camera())
    full.recordings.clips.append(full.free_mb * 10**6 - 10**9)

    full.switch(Mode.RECORDING)
    live(full, 1)

    assert (full.mode, full.free_mb) == (Mode.BUFFERING, 0)
    assert "storage_low" in full.measure(NOW).faults


def test_a_hung_camera_hears_no_button() -> None:
    hung = camera()
    hung.trouble.add(HUNG)

    hung.switch(Mode.RECORDING)

    assert (hung.mode, hung.measuring) == (Mode.OFF, False)


def test_recording_warms_a_camera_and_the_street_cools_it() -> None:
    one = on_patrol(camera())
    one.switch(Mode.RECORDING)
    live(one, 1.5)
    warm = one.temperature_c

    one.switch(Mode.OFF)
    live(one, 3)

    assert 25 < warm < 35
    assert one.temperature_c == pytest.approx(11, abs=1)


@pytest.mark.parametrize("hours_running", [0, 1, 24 * 60])
def test_a_badly_wrong_clock_says_a_year_the_wire_can_carry(hours_running: float) -> None:
    for seed in range(50):
        one = camera(seed=seed)
        one.clock.go_wrong(NOW, one.random, NUMBERS.clock)

        said = one.measure(NOW + timedelta(hours=hours_running)).device_time

        assert said.year in {1970, 2029, 2030}


def test_whatever_happens_a_camera_says_what_the_wire_understands() -> None:
    for seed in range(10):
        one = camera(seed=seed)
        for _ in range(100):
            wild(one)
            live(one, one.random.uniform(0, 2))
            report = one.measure(NOW)

            assert Report.model_validate_json(report.model_dump_json()) == report
            assert 0 <= one.battery.level <= 1
            total = report.storage_used_mb + report.storage_free_mb
            assert total == one.storage_mb


def wild(one: Camera) -> None:
    """Anything at all happens."""
    one.switch(one.random.choice(list(Mode)))
    happening = one.random.randrange(6)
    if happening == 0:
        one.leave()
    elif happening == 1:
        one.come_to(BAY)
    elif happening == 2:
        one.trouble ^= {one.random.choice(["part", "storage", STUCK, HUNG])}
    elif happening == 3:
        one.battery.lose(0.1)
