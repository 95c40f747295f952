"""Simulated cameras and the running server: what it offers they install, and it hears of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async

from devices.health.models import CameraHealth
from devices.inventory.models import Camera, Dock
from devices.policy import Policy
from devices.roles import Role
from devices.rollouts import sweeping
from devices.rollouts.drafts import Caps
from devices.rollouts.models import Deployment, DeploymentWord, Rollout
from devices.rollouts.rules import ACTIVE, FINAL, Terms, Turn
from devices.simulator import scenarios
from devices.simulator.fleet import Fleet, Wishes
from devices.simulator.install import Ending
from devices.simulator.inventory import BayAddress, CameraRow, DockRow, Inventory
from devices.simulator.ledger import Ledger
from tests.browser.serving import Server, free_port
from tests.ddi.offers import a_release, a_turn
from tests.gateway.words import token_of
from tests.patience import PATIENCE_S
from tests.rollouts.setting import docked, firmware, started
from tests.rows import a_camera, a_dock, a_station, person
from tests.simulator.docked import FAST, HASTY, SERIAL, Bays, ends
from tests.stories.waiting import going_on

VERSION = "5.1.0"


@pytest.fixture(scope="module")
def server(django_db_setup):
    """It has clients poll each second."""
    running = Server(free_port())
    try:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("REPORT_SECONDS", "1")
            running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def door(server):
    return server.address.replace("http", "ws")


@pytest.fixture
def tokens(transactional_db):
    """A dock with a camera of its station, and the token of the dock."""
    at = datetime.now(UTC)
    station = a_station()
    a_camera(417, station, at, serial=SERIAL)
    return {"D01": token_of(a_dock("D01", station), at)}


def offered():
    return a_turn(Camera.objects.get(), release=a_release(version=VERSION))


async def becomes(turn, *states):
    """The server has heard of it."""
    async with asyncio.timeout(PATIENCE_S):
        while (await Deployment.objects.aget(pk=turn.pk)).state not in states:
            await asyncio.sleep(0.02)


def a_fleet(rows, tokens, scenario):
    pace = HASTY.pace.model_copy(update={"lead_in_h": 0.1})
    numbers = HASTY.model_copy(update={"pace": pace, "faults": {}})
    wishes = Wishes(speed=FAST, scenario=scenario)
    return Fleet(rows, tokens, wishes=wishes, now=datetime.now(UTC), numbers=numbers)


async def said(turn):
    words = DeploymentWord.objects.filter(deployment=turn).order_by("id")
    return [(word.execution, word.finished) async for word in words]


async def test_an_update_from_its_offer_to_the_version_that_the_camera_reports(door, tokens):
    turn = await sync_to_async(offered)()
    rows = Inventory(
        docks=(DockRow("D01", "HQ", "multi", 8),),
        cameras=(CameraRow(SERIAL, "HQ", BayAddress("D01", 3)),),
    )
    fleet = a_fleet(rows, tokens, ends(Ending.GOOD, VERSION))

    async with going_on(fleet.run(door, Ledger())):
        await becomes(turn, Turn.AWAITING_PROOF, Turn.SUCCEEDED)
        async with asyncio.timeout(PATIENCE_S):
            while (await CameraHealth.objects.aget()).firmware_version != VERSION:
                await asyncio.sleep(0.02)

    health, release = await CameraHealth.objects.aget(), turn.rollout.release
    assert health.firmware_digest == release.sha256
    assert health.boot == fleet.town.cameras[SERIAL].boot
    assert (await Deployment.objects.aget()).fetched
    assert list(dict.fromkeys(await said(turn))) == [
        ("download", "none"),
        ("downloaded", "none"),
        ("proceeding", "none"),
        ("closed", "success"),
    ]


async def test_a_lie_is_heard_and_not_believed(door, tokens):
    turn = await sync_to_async(offered)()
    bays = Bays(ends(Ending.LIE, VERSION), tokens=tokens)

    async with bays.living(door), asyncio.timeout(PATIENCE_S):
        while ("closed", "success") not in await said(turn):
            await asyncio.sleep(0.02)

    found = await Deployment.objects.aget()
    assert (found.state, found.fetched) == (Turn.OFFERED, False)


async def test_a_download_is_cancelled_by_the_server(door, tokens):
    turn = await sync_to_async(offered)()
    bays = Bays(ends(Ending.GOOD, VERSION), tokens=tokens)
    bays.speed = 0.02  # half a megabyte in eight seconds

    async with bays.living(door):
        await becomes(turn, Turn.DOWNLOADING)
        await Deployment.objects.aupdate(state=Turn.CANCELLING)
        await becomes(turn, Turn.CANCELLED)
        assert bays.clients.under_way == 0

    assert bays.camera.firmware == "4.2.1"


CAMERAS, MOST_FAILURES, AT_ONCE = 24, 2, 4


def rolled_out():
    """A rollout of 4.3.0 to cameras that no shift needs; their inventory, and its docks' tokens."""
    at = datetime.now(UTC)
    cameras = docked(CAMERAS, at)
    docks = {one.pk: one for one in Dock.objects.all()}
    rows = Inventory(
        docks=tuple(DockRow(one.code, "HQ", "multi", 8) for one in docks.values()),
        cameras=tuple(
            CameraRow(one.serial, "HQ", BayAddress(docks[bay.dock_id].code, bay.position))
            for one in cameras
            for bay in [one.home_bay]
        ),
    )
    rollout = started(
        person(Role.IT, name="it"),
        person(Role.IT, name="colleague"),
        at,
        firmware("4.3.0"),
        terms=Terms(soak=timedelta(0), most_failures=MOST_FAILURES),
        caps=Caps(most_at_once=AT_ONCE),
    )
    return rollout, rows, {one.code: token_of(one, at) for one in docks.values()}


@sync_to_async
def swept(after=timedelta(0)):
    """How many were offered their turn."""
    return sweeping.sweep(now=datetime.now(UTC) + after, policy=Policy())


async def count(rollout, *states):
    return await rollout.deployments.filter(state__in=states).acount()


async def touched(rollout):
    """The turns that began, with where they are."""
    begun = rollout.deployments.exclude(state=Turn.PLANNED)
    return {pk: state async for pk, state in begun.values_list("pk", "state")}


async def test_a_bad_release_stops_within_a_sweep_of_one_failure_too_many(door, transactional_db):
    rollout, rows, tokens = await sync_to_async(rolled_out)()
    fleet = a_fleet(rows, tokens, scenarios.read()["bad-release"])

    async with going_on(fleet.run(door, Ledger())), asyncio.timeout(PATIENCE_S):
        paused = False
        while not paused:
            too_many = await count(rollout, Turn.FAILED, Turn.TIMED_OUT) > MOST_FAILURES
            offered = await swept()
            paused = await Rollout.objects.filter(pk=rollout.pk, state="paused").aexists()
            assert (paused, offered) == (True, 0) or not too_many
            assert await count(rollout, *ACTIVE) <= AT_ONCE
            await asyncio.sleep(0.1)
        stopped_with = await touched(rollout)
        while fleet.updates.under_way:
            assert await swept() == 0
            await asyncio.sleep(0.1)
    for tens in range(1, 19):  # three hours: who fell silent has failed by then, or was stopped
        assert await swept(tens * timedelta(minutes=10)) == 0

    became = await touched(rollout)
    assert became.keys() == stopped_with.keys()
    assert set(became.values()) <= FINAL - {Turn.SKIPPED}
    succeeded = list(became.values()).count(Turn.SUCCEEDED)
    assert MOST_FAILURES < len(became) - succeeded <= MOST_FAILURES + AT_ONCE
    assert len(became) < CAMERAS
    assert (await Rollout.objects.aget()).state == "paused"
