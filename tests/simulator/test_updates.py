"""Update clients at a door that offers, cuts and cancels."""

import asyncio
from hashlib import sha256
from itertools import pairwise

import pytest

from devices.simulator.camera import NO_BOOT
from devices.simulator.install import Ending
from devices.simulator.inventory import Unreadable
from devices.simulator.updates import installed, offers
from devices.simulator.updates.offers import NotUnderstood
from devices.wire import Mode
from tests.simulator.ddi import CONTENT, Offering, open_offering
from tests.simulator.docked import HASTY, NOW, SERIAL, Bays, ends
from tests.simulator.door import until


async def test_a_camera_fetches_installs_restarts_and_reports_what_it_was_offered() -> None:
    bays = Bays()

    async with open_offering(Offering()) as door, bays.living(door.url):
        await until(lambda: door.closed() == ["success"])

    report = bays.camera.measure(NOW)
    assert (report.firmware_version, report.boot, report.sequence) == ("4.3.0", 101, 1)
    assert report.firmware_digest == sha256(CONTENT).hexdigest()
    said = [execution for execution, _, _ in door.words]
    assert [one for one, after in pairwise([*said, ""]) if one != after] == [
        *("download", "downloaded", "proceeding", "closed"),
    ]
    assert door.tokens == {"GatewayToken d.secret"}
    assert door.gets == 1


async def test_settings_come_the_same_way_and_by_the_cameras_own_token() -> None:
    bays = Bays(tokens={"D01": "d.secret", SERIAL: "c.secret"})

    async with (
        open_offering(Offering(part="config", version="patrol-3")) as door,
        bays.living(door.url),
    ):
        await until(lambda: door.closed() == ["success"])

    assert (bays.camera.profile, bays.camera.firmware) == ("patrol-3", "4.2.1")
    assert door.tokens == {"TargetToken c.secret"}


async def test_a_cut_download_goes_on_by_a_range_and_comes_out_right() -> None:
    bays, door = Bays(), Offering()
    door.cut_after = [300_000, 200_000, 1]

    async with open_offering(door), bays.living(door.url):
        await until(lambda: door.closed() == ["success"])

    begun = [int(one.removeprefix("bytes=").rstrip("-")) for one in door.ranges]
    assert len(begun) == 3
    assert 0 < begun[0] < begun[1] <= begun[2] <= 500_001
    assert bays.camera.firmware_digest == door.sha256


async def test_a_bad_line_is_cut_now_and_then_and_slow() -> None:
    bad = {"cut_share": 1.0, "slow_share": 1.0}
    updates = HASTY.updates.model_copy(update=bad)
    bays, door = Bays(numbers=HASTY.model_copy(update={"updates": updates})), Offering()

    async with open_offering(door), bays.living(door.url):
        await until(lambda: door.closed() == ["success"])

    assert 1 <= len(door.ranges) <= HASTY.updates.cuts_most
    assert bays.camera.firmware_digest == door.sha256


async def test_taken_out_of_its_bay_it_stops_and_goes_on_when_it_is_back() -> None:
    bays, door = Bays(), Offering()
    bays.speed = 0.2  # a megabyte in two seconds

    async with open_offering(door), bays.living(door.url):
        client = bays.clients.clients[SERIAL]
        await until(lambda: client.update is not None and client.update.image.had > 0)
        home = bays.camera.home
        bays.town.take(bays.camera)
        await until(lambda: client.update is None)
        assert bays.camera.fetching is None
        assert not door.closed()
        bays.town.put(bays.camera, home)
        bays.speed, client.mind.looks = 6000.0, True
        await until(lambda: door.closed() == ["success"])

    assert door.ranges


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (Ending.WRONG_HASH, "its SHA-256 differs"),
        (Ending.FAILED, "could not be written"),
        (Ending.OLD_IMAGE, "came back on 4.2.1"),
    ],
)
async def test_what_goes_wrong_is_said_to_be_a_failure(ending: Ending, reason: str) -> None:
    bays = Bays(ends(ending))

    async with open_offering(Offering()) as door, bays.living(door.url):
        await until(lambda: bool(door.closed()))

    assert door.words[-1][:2] == ("closed", "failure")
    assert reason in door.words[-1][2]
    assert bays.camera.firmware == "4.2.1"
    assert bays.camera.boot == (101 if ending is Ending.OLD_IMAGE else 100)


async def test_a_lie_is_a_success_without_a_download() -> None:
    bays = Bays(ends(Ending.LIE))

    async with open_offering(Offering()) as door, bays.living(door.url):
        await until(lambda: door.closed() == ["success"])
        door.offered = True  # it was not believed
        polls = door.polls
        bays.clients.clients[SERIAL].mind.looks = True
        await until(lambda: door.polls > polls + 1)

    assert door.gets == 0
    assert door.closed() == ["success"]
    assert bays.camera.firmware == "4.2.1"


async def test_who_falls_silent_says_nothing_more_until_it_restarts() -> None:
    bays, door = Bays(ends(Ending.SILENCE)), Offering()
    client = bays.clients.clients[SERIAL]

    async with open_offering(door), bays.living(door.url):
        await until(lambda: door.words and client.update is None)
        said, polls = len(door.words), door.polls
        client.mind.looks = True
        await until(lambda: door.polls > polls)
        assert len(door.words) == said
        bays.camera.restart()
        client.mind.looks = True
        await until(lambda: len(door.words) > said)

    assert bays.camera.firmware == "4.2.1"
    assert not door.closed()


async def test_a_bricked_camera_is_heard_of_no_more() -> None:
    bays = Bays(ends(Ending.BRICK))

    async with open_offering(Offering()) as door, bays.living(door.url):
        await until(lambda: NO_BOOT in bays.camera.trouble)
        await until(lambda: bays.clients.under_way == 0)
        said, polls = len(door.words), door.polls
        bays.clients.clients[SERIAL].mind.looks = True
        await asyncio.sleep(0.05)

    assert (len(door.words), door.polls) == (said, polls)
    assert not door.closed()


async def test_a_download_is_cancelled_when_asked() -> None:
    bays, door = Bays(), Offering()
    bays.speed = 0.2  # a megabyte in two seconds

    async with open_offering(door), bays.living(door.url):
        client = bays.clients.clients[SERIAL]
        await until(lambda: client.update is not None and client.update.image.had > 0)
        door.cancelling = True
        client.mind.looks = True
        await until(lambda: bool(door.said_of_cancel))

    assert door.said_of_cancel == [("closed", "success")]
    assert bays.camera.fetching is None
    assert not door.closed()


async def test_what_installs_already_goes_on_when_it_is_to_be_cancelled() -> None:
    bays, door = Bays(), Offering()

    async with open_offering(door), bays.living(door.url):
        await until(lambda: bays.camera.install is not None)
        bays.speed, door.cancelling = 0.0, True
        bays.clients.clients[SERIAL].mind.looks = True
        await until(lambda: bool(door.said_of_cancel))
        bays.speed = 6000.0
        await until(lambda: door.closed() == ["success"])

    assert door.said_of_cancel == [("rejected", "none")]
    assert bays.camera.firmware == "4.3.0"


async def test_it_does_not_install_what_was_taken_back_meanwhile() -> None:
    bays, door = Bays(), Offering()
    door.proceeding_is = 404

    async with open_offering(door), bays.living(door.url):
        await until(lambda: any(word[0] == "proceeding" for word in door.words))
        await until(lambda: bays.clients.under_way == 0)

    assert bays.camera.install is None


async def test_what_is_to_be_skipped_is_left() -> None:
    bays, door = Bays(), Offering()
    door.wanted = False

    async with open_offering(door), bays.living(door.url):
        await until(lambda: door.polls >= 1 and bays.clients.clients[SERIAL].sleep_s == 1)

    assert not door.words
    assert door.gets == 0


async def test_it_waits_until_the_camera_is_emptied_and_charged() -> None:
    bays, door = Bays(), Offering()
    bays.camera.battery.charge = 0.2 * bays.camera.battery.capacity
    bays.speed = 60.0

    async with open_offering(door), bays.living(door.url):
        await until(lambda: ("downloaded", "none", "") in door.words)
        bays.speed = 0.0
        assert bays.camera.install is None
        bays.speed = 6000.0
        await until(lambda: door.closed() == ["success"])

    assert bays.camera.battery.percent > 30


async def test_so_many_at_once_fetch_through_one_dock() -> None:
    serials = [f"BWC-{n:06}" for n in range(6)]
    bays, door = Bays(serials=serials), Offering()

    async with open_offering(door), bays.living(door.url):
        await until(lambda: door.gets == len(serials))
        await until(lambda: bays.clients.under_way == 0)

    assert door.most_at_once <= 2


async def test_what_cameras_run_is_there_at_the_next_start(tmp_path) -> None:
    path = tmp_path / "installed.json"
    bays = Bays(keep=path)

    async with open_offering(Offering()) as door, bays.living(door.url):
        await until(path.exists)

    again = Bays()
    installed.read(again.town.cameras, path)
    assert again.camera.firmware == "4.3.0"
    path.write_text("no")
    with pytest.raises(Unreadable, match=r"installed\.json does not say what cameras run"):
        installed.read(again.town.cameras, path)


async def test_a_door_that_is_away_is_asked_again() -> None:
    bays, door = Bays(), Offering()
    async with open_offering(door):
        pass  # the port is nobody's now

    async with bays.living(door.url):
        client = bays.clients.clients[SERIAL]
        await until(lambda: client.due_s > 0)

    assert not bays.clients.faults


@pytest.mark.parametrize(
    "raw",
    [
        b"no",
        b'{"config": {"polling": {"sleep": "soon"}}}',
        b'{"config": {"polling": {"sleep": "00:00:10"}}, "_links": {"deploymentBase": "x"}}',
    ],
)
def test_an_answer_that_is_not_ddi_is_not_understood(raw: bytes) -> None:
    with pytest.raises(NotUnderstood):
        offers.poll(raw)


def test_a_poll_says_when_to_come_again() -> None:
    told = offers.poll(b'{"config": {"polling": {"sleep": "01:02:03"}}}')

    assert (told.sleep_s, told.links) == (3723, {})


def test_two_artifacts_are_more_than_a_camera_has() -> None:
    with pytest.raises(NotUnderstood):
        offers.offer(b'{"id": "7", "deployment": {"chunks": []}}', "http://x/deploymentBase/7")


async def test_a_camera_in_use_polls_but_does_not_install() -> None:
    bays, door = Bays(), Offering()
    bays.camera.switch(Mode.BUFFERING)

    async with open_offering(door), bays.living(door.url):
        await until(lambda: ("downloaded", "none", "") in door.words)
        await asyncio.sleep(0.05)
        assert bays.camera.install is None
        bays.camera.switch(Mode.OFF)
        await until(lambda: door.closed() == ["success"])
