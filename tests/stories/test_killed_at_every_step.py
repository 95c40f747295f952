"""Every process that carries a rollout is killed while cameras are at every step of an update.

All of them go on, no hand is lent, and nothing is installed twice. The
cameras stand on a belt: each time that a process dies, each makes one step. `-s` tells how long
they took.
"""

import asyncio
import os
import subprocess
import sys
from asyncio import TaskGroup, to_thread
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import product
from time import monotonic
from typing import Any

import psycopg
import pytest

from tests.operations.machine import Machine
from tests.patience import PATIENCE_S
from tests.releases.images import Signer, swu
from tests.stories.department import ROOT, Department
from tests.stories.killing import kill
from tests.stories.played import Played
from tests.stories.pushing import NOBODY_COMES_FOR, PATROL, Program, released, started, trust
from tests.stories.waiting import LOOK_EVERY_S, until

VERSION = "4.5.0"
A_WHILE = 8_000_000  # bytes: more than a line holds, so that a kill is in the middle of them
KILLED = ("fleet.beat", "fleet.web", "redis-server", "celery")
# What a camera does in each state, and the state to which that leads.
NEXT: dict[str, tuple[Callable[[Played], Awaitable[None]], str]] = {
    "planned": (Played.wait, "offered"),
    "offered": (Played.begin, "downloading"),
    "downloading": (Played.install, "installing"),
    "installing": (Played.close, "awaiting_proof"),
    "awaiting_proof": (Played.restart, "succeeded"),
    "cancelling": (Played.agree, "cancelled"),
}
BELT = ("planned", "offered", "downloading", "installing", "awaiting_proof")
AT_ONCE = len(BELT) - 1
# Whoever is done makes room for the next; and at each kill one is there that was told to stop.
ON_THE_BELT, TOLD_TO_STOP = AT_ONCE + len(KILLED), len(KILLED)
BROUGHT = ("offered", "downloading", "installing", "awaiting proof", "succeeded")
STOPPED = ("offered", "downloading", "cancelling", "cancelled")

TURN = """
SELECT d.state, d.attempts FROM devices_deployment d JOIN devices_camera c ON c.id = d.camera_id
WHERE c.serial = %s"""
WORDS = """
SELECT w.execution, w.finished FROM devices_deploymentword w
JOIN devices_deployment d ON d.id = w.deployment_id JOIN devices_camera c ON c.id = d.camera_id
WHERE c.serial = %s ORDER BY w.id"""
ENTRIES = """
SELECT verb FROM devices_ledgerentry WHERE subject = %s AND verb LIKE 'update %%' ORDER BY seq"""
COURSE = "SELECT state FROM devices_rollout WHERE id = %s"

Recovery = dict[tuple[str, str], float]  # seconds, of each process and state


class Database:
    """Where turns are, and what was kept of them."""

    def __init__(self, line: psycopg.Connection) -> None:
        self._line = line

    def state(self, camera: Played) -> str:
        ((state, _),) = self.rows(TURN, camera.serial)
        return str(state)

    def rows(self, asked: str, *given: Any) -> list[tuple[Any, ...]]:
        return self._line.execute(asked, given).fetchall()


@pytest.fixture
def database(department: Department) -> Iterator[Database]:
    url = (department.machine.var / "database-url").read_text()
    with psycopg.connect(url, autocommit=True) as line:
        yield Database(line)


async def test_whatever_dies_every_camera_makes_its_next_step(
    department: Department, database: Database, maker: Signer
) -> None:
    machine = department.machine
    cameras = played(department, database)
    belt, to_stop = cameras[:ON_THE_BELT], cameras[ON_THE_BELT:]
    rollout, stopped, image = await begun(department, database, maker, belt, to_stop)

    recovery: Recovery = {}
    for number, process in enumerate(KILLED):
        on_it = belt[number : number + len(BELT)]
        at = dict(zip(BELT, reversed(on_it), strict=True)) | {"cancelling": to_stop[number]}
        assert {state: database.state(one) for state, one in at.items()} == {s: s for s in NEXT}
        recovery |= await all_go_on(machine, database, process, at)
    for process in KILLED:
        print(process, {state: f"{recovery[process, state]:.1f} s" for state in NEXT})
    async with TaskGroup() as group:
        for one in belt[len(KILLED) :]:
            group.create_task(see_through(database, one))
    await until(lambda: database.rows(COURSE, rollout) == [("finished",)])

    assert recovery.keys() == set(product(KILLED, NEXT))
    assert database.rows(COURSE, stopped) == [("aborted",)]
    for one in belt:
        assert (one.installed, len(one.offers), one.fetched) == ([VERSION], 1, len(image))
        the_rows_agree(database, one, "succeeded", BROUGHT)
    for one in to_stop:
        assert (one.installed, len(one.offers)) == ([], 1)
        the_rows_agree(database, one, "cancelled", STOPPED)
    assert sum(len(one.ranges) for one in belt) >= 1  # the web process died in the middle
    manage(machine, "verify_ledger")


def played(department: Department, database: Database) -> list[Played]:
    """The fuller its battery, the sooner its turn: they are offered theirs in this order."""
    found = database.rows(NOBODY_COMES_FOR, ON_THE_BELT + TOLD_TO_STOP)
    assert len(found) == ON_THE_BELT + TOLD_TO_STOP
    known = {row.serial: row for row in department.inventory.cameras}
    return [
        Played(department, known[serial], number, 100 - place)
        for place, (serial, number) in enumerate(found)
    ]


async def begun(
    department: Department,
    database: Database,
    maker: Signer,
    belt: Sequence[Played],
    to_stop: Sequence[Played],
) -> tuple[int, int, bytes]:
    """Two rollouts run, the second was aborted, and some camera is at each step: their numbers,
    and the image."""
    people = [await to_thread(department.person, name) for name in ("it", "colleague")]
    it, colleague = [await to_thread(Program, one) for one in people]
    async with TaskGroup() as group:
        for one in (*belt, *to_stop):
            group.create_task(one.report())

    await to_thread(trust, people[0], maker, "played")
    image = swu(maker, {"rootfs.bin": os.urandom(A_WHILE)}, version=VERSION)
    models = [pk for (pk,) in database.rows(PATROL)]
    release = await released(people[0], colleague, image, VERSION, models)
    how = {"most_at_once": AT_ONCE, "most_per_dock": 8, "most_per_station": 100}
    rollout, stopped = [
        await to_thread(started, it, colleague, release, [one.name for one in several], **how)
        for several in (belt, to_stop)
    ]
    async with TaskGroup() as group:
        for place, one in enumerate(belt[:AT_ONCE]):
            group.create_task(walk(database, one, BELT[: AT_ONCE - place]))
        for one in to_stop:
            group.create_task(walk(database, one, ("planned", "offered")))
    await to_thread(it.post, f"rollouts/{stopped}/abort/", reason="Not these")
    return rollout, stopped, image


async def all_go_on(
    machine: Machine, database: Database, process: str, at: dict[str, Played]
) -> Recovery:
    """A process dies; how many seconds later the turn of each camera had made its next step."""
    recovery, since = {}, monotonic()

    async def goes_on(state: str, camera: Played) -> None:
        await walk(database, camera, [state], f"{process} died")
        recovery[process, state] = monotonic() - since

    async with TaskGroup() as group:
        group.create_task(kill(machine, process))
        for state, camera in at.items():
            group.create_task(goes_on(state, camera))
    return recovery


async def walk(
    database: Database, camera: Played, states: Sequence[str], told: str = "nothing died"
) -> None:
    """The camera does in each of these states what is next, and its turn has followed in time."""
    for state in states:
        act, to = NEXT[state]
        try:
            async with asyncio.timeout(PATIENCE_S):
                await act(camera)
                while database.state(camera) != to:
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            said = f"{told}: {camera.name} is {database.state(camera)}, not {to} after {state}"
            raise AssertionError(said) from None


async def see_through(database: Database, camera: Played) -> None:
    await walk(database, camera, BELT[BELT.index(database.state(camera)) :])


def the_rows_agree(database: Database, camera: Played, state: str, became: Sequence[str]) -> None:
    """One attempt, every word of its client once, and one entry in the ledger of each step."""
    assert database.rows(TURN, camera.serial) == [(state, 1)]
    assert database.rows(WORDS, camera.serial) == camera.said
    assert database.rows(ENTRIES, camera.name) == [(f"update {one}",) for one in became]


def manage(machine: Machine, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=machine.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
