"""A program that we did not write is updated by everything that we did: from IT's upload of a
signed image to what the camera says of itself after its next boot, through every real process.

The camera is SWUpdate behind its dock's token, and its dock's words are the story's. Nothing sweeps
but the worker; nobody lends a hand but those who must: one brings the image, another approves it.
"""

import json
import os
from asyncio import to_thread
from pathlib import Path
from typing import Any

from tests.ddi.swupdate import Device, Signer, an_image, device
from tests.releases import images
from tests.stories import kept
from tests.stories.department import Department
from tests.stories.played import Played
from tests.stories.pushing import NOBODY_COMES_FOR, PATROL, Program, released, started, trust
from tests.stories.waiting import until

VERSION = "4.6.0"
FIRMWARE = os.urandom(3_000_000)
OFFER = """
SELECT d.offer FROM devices_deployment d JOIN devices_camera c ON c.id = d.camera_id
WHERE c.serial = %s AND d.rollout_id = %s"""
SAID = """
SELECT w.execution, w.finished, w.details FROM devices_deploymentword w
JOIN devices_deployment d ON d.id = w.deployment_id JOIN devices_camera c ON c.id = d.camera_id
WHERE c.serial = %s AND d.rollout_id = %s ORDER BY w.id"""
TOLD = (
    "SELECT verb FROM devices_ledgerentry WHERE subject = %s AND verb LIKE 'update %%' ORDER BY seq"
)


async def test_swupdate_is_pushed_from_the_upload_to_the_proof(
    department: Department, maker: images.Signer, tmp_path: Path
) -> None:
    camera, dock_token = a_camera_in_its_dock(department)
    people = [await to_thread(department.person, name) for name in ("it", "colleague")]
    it, colleague = [await to_thread(Program, one) for one in people]
    signer, installed = Signer(maker.key, maker.certificate), tmp_path / "firmware"

    await to_thread(trust, people[0], maker, "SWUpdate's")
    image = an_image(signer, FIRMWARE, installed, version=VERSION)
    models = [pk for (pk,) in asked(department, PATROL)]
    release = await released(people[0], colleague, image, VERSION, models)
    await camera.report()
    rollout = await to_thread(started, it, colleague, release, [camera.name])
    await comes_to(colleague, rollout, camera, "offered")

    with device(department.address, camera.serial, dock_token, signer) as client:
        await until(
            lambda: looked(client) and has_installed(department, camera, rollout),
            lambda: client.log[-6000:],
        )
        assert installed.read_bytes() == FIRMWARE
        await comes_to(colleague, rollout, camera, "installing")  # it never closes by itself
        ((offer,),) = asked(department, OFFER, camera.serial, rollout)
        await to_thread(client.boot_script, offer)
        await comes_to(colleague, rollout, camera, "awaiting_proof")

    camera.installed.append(VERSION)
    await camera.restart()
    await comes_to(colleague, rollout, camera, "succeeded")
    await finished(colleague, rollout)
    page = await to_thread(people[0].get, f"/rollouts/{rollout}/")
    assert camera.name in page
    # It says that it proceeds before it fetches anything: downloading is no state of its own there.
    told = [verb for (verb,) in asked(department, TOLD, camera.name)]
    brought = ("offered", "installing", "awaiting proof", "succeeded")
    assert told == [f"update {one}" for one in brought]


def a_camera_in_its_dock(department: Department) -> tuple[Played, str]:
    """Whose officer comes for it in no shift of the next half day; and its dock's token."""
    ((serial, number),) = asked(department, NOBODY_COMES_FOR, 1)
    row = next(one for one in department.inventory.cameras if one.serial == serial)
    assert row.home is not None
    return Played(department, row, number, 100), department.tokens[row.home.dock]


def looked(client: Device) -> bool:
    client.look_now()
    return True


def has_installed(department: Department, camera: Played, rollout: int) -> bool:
    rows = asked(department, SAID, camera.serial, rollout)
    return any("All Chunks Installed." in details for *_, details in rows)


def asked(department: Department, statement: str, *given: Any) -> list[tuple[Any, ...]]:
    return kept.rows(department.machine.var, statement, *given)


async def comes_to(program: Program, rollout: int, camera: Played, state: str) -> None:
    """The camera's turn, as a program is told of it."""

    async def it_is_so() -> bool:
        states = await to_thread(program.states, rollout)
        return states[camera.name] == state

    await until(it_is_so, lambda: f"{camera.name} does not come to {state}")


async def finished(program: Program, rollout: int) -> None:
    seen: dict[str, Any] = {}

    async def it_is_so() -> bool:
        seen.update(await to_thread(program.get, f"rollouts/{rollout}/"))
        return bool(seen["state"] == "finished")

    await until(it_is_so, lambda: json.dumps(seen))
