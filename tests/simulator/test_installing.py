"""An update inside a camera, minute by minute, and the luck that it has."""

from collections import Counter
from random import Random

import pytest

from devices.simulator import numbers, scenarios
from devices.simulator.camera import NO_BOOT
from devices.simulator.install import Ending, Install, Part, Stage
from devices.simulator.updates.luck import draw
from tests.simulator.test_camera import BAY, MINUTE, NOW, camera, live

NUMBERS = numbers.read()
SHA = "a" * 64
A_REBOOT = 1.5 * MINUTE


def installing(ending: Ending = Ending.GOOD, part: Part = Part.FIRMWARE):
    """A camera that begins to install 4.3.0, for ten minutes."""
    one = camera()
    install = Install(part, "4.3.0", SHA, 10 * MINUTE, A_REBOOT, ending)
    one.begin(install)
    return one, install


def test_it_is_heard_while_it_writes_silent_while_it_restarts_and_then_anew() -> None:
    one, install = installing()
    one.measure(NOW)

    live(one, 9 * MINUTE)
    assert (one.measuring, one.fit, one.firmware) == (True, False, "4.2.1")
    live(one, 2 * MINUTE)
    assert (install.stage, one.measuring) == (Stage.RESTARTING, False)
    live(one, 1 * MINUTE)

    report = one.measure(NOW)
    assert (report.boot, report.sequence) == (101, 1)
    assert (report.firmware_version, report.firmware_digest) == ("4.3.0", SHA)
    assert one.fit


def test_settings_are_a_profile_and_leave_the_firmware() -> None:
    one, _ = installing(part=Part.PROFILE)

    live(one, 12 * MINUTE)

    assert (one.firmware, one.profile, one.profile_digest) == ("4.2.1", "4.3.0", SHA)


@pytest.mark.parametrize(
    ("ending", "stage", "boots", "speaks"),
    [
        (Ending.FAILED, Stage.BROKEN_OFF, 0, True),
        (Ending.OLD_IMAGE, Stage.UP, 1, True),
        (Ending.BRICK, Stage.DEAD, 1, False),
    ],
)
def test_what_goes_wrong_leaves_the_old_image(ending, stage, boots, speaks) -> None:
    one, install = installing(ending)

    live(one, 24)

    assert (install.stage, one.boot - 100, one.measuring) == (stage, boots, speaks)
    assert one.firmware == "4.2.1"
    assert (NO_BOOT in one.trouble) is not speaks


def test_torn_out_of_its_bay_it_stays_what_it_was() -> None:
    one, install = installing()
    live(one, 5 * MINUTE)

    one.leave()
    live(one, 1 * MINUTE)

    assert (install.stage, one.firmware, one.boot) == (Stage.BROKEN_OFF, "4.2.1", 100)
    assert one.fit


def test_a_restart_goes_on_outside() -> None:
    one, _ = installing()
    live(one, 11 * MINUTE)

    one.leave()
    assert not one.alive
    live(one, 1 * MINUTE)

    assert (one.firmware, one.alive) == ("4.3.0", True)


def test_it_charges_more_slowly_while_it_installs() -> None:
    busy, _ = installing()
    idle = camera()
    for one in (busy, idle):
        one.battery.charge = 0.4
        live(one, 5 * MINUTE)

    assert 0.4 < busy.battery.charge < idle.battery.charge


def test_the_line_of_a_bay_lets_through_what_it_can_and_saves_up_no_more_than_a_minute() -> None:
    one = camera()
    fetching = one.fetch()

    live(one, 1 * MINUTE, mbit_s=8)
    assert fetching.take(10**9) == 60_000_000
    live(one, 1, mbit_s=8)

    assert fetching.take(10**9) == 60_000_000
    assert fetching.take(1) == 0


def test_it_installs_only_in_a_bay_emptied_charged_and_switched_off() -> None:
    one = camera()
    assert one.may_install

    one.recordings.clips.append(1)
    assert not one.may_install
    one.recordings.clips.clear()
    one.battery.charge = 0.2
    assert not one.may_install
    one.battery.charge = 1.0
    one.leave()
    assert not one.may_install
    one.come_to(BAY)
    assert one.may_install


def test_updates_go_wrong_as_often_as_the_numbers_say() -> None:
    random, updates = Random(4), NUMBERS.updates
    drawn = [draw(random, Part.FIRMWARE, updates) for _ in range(40_000)]

    counts = Counter(luck.ending for luck in drawn)
    share = {ending: count / len(drawn) for ending, count in counts.items()}
    assert share[Ending.FAILED] == pytest.approx(updates.failed_share, rel=0.3)
    assert share[Ending.BRICK] == pytest.approx(updates.brick_share, rel=0.5)
    assert share[Ending.GOOD] > 0.98
    assert sum(bool(luck.cuts) for luck in drawn) / len(drawn) == pytest.approx(0.05, rel=0.2)
    assert sum(luck.slower > 1 for luck in drawn) / len(drawn) == pytest.approx(0.03, rel=0.2)
    assert all(8 / 60 <= luck.writes_h <= 15 / 60 for luck in drawn)


def test_settings_neither_brick_a_camera_nor_take_long() -> None:
    endings = {Ending.BRICK: 50.0, Ending.OLD_IMAGE: 50.0}

    drawn = [draw(Random(n), Part.PROFILE, NUMBERS.updates, endings) for n in range(20)]

    assert {luck.ending for luck in drawn} == {Ending.GOOD}
    assert max(luck.writes_h for luck in drawn) == pytest.approx(20 / 3600)


def test_the_bad_release_comes_to_nothing_on_two_cameras_in_five() -> None:
    bad = scenarios.read()["bad-release"].bad("4.3.0")

    drawn = [draw(Random(n), Part.FIRMWARE, NUMBERS.updates, bad) for n in range(2000)]

    good = sum(luck.ending is Ending.GOOD for luck in drawn) / len(drawn)
    assert good == pytest.approx(0.6, abs=0.04)
    assert {luck.ending for luck in drawn} == {Ending.GOOD, *(bad or {})}
    assert scenarios.read()["bad-release"].bad("4.2.1") is None
