"""IT pushes firmware through every real part: a bad release stops itself, a good one arrives, and
both by what cameras say of themselves."""

import asyncio
import json
from typing import Any

from devices.simulator.fleet import Wishes
from devices.simulator.install import Ending
from devices.simulator.scenarios import BadRelease, Scenario
from tests.releases.images import Signer, swu
from tests.stories import kept
from tests.stories.department import Department
from tests.stories.pushing import OFF_DUTY, PATROL, Program, released, started, trust
from tests.stories.town import Town
from tests.stories.waiting import until

BAD, GOOD = "4.3.0", "4.4.0"
MOST_FAILURES, AT_ONCE = 2, 3
CAMERAS = 8  # that the bad one is meant for
ARRIVES_ON = 3
GOES_WRONG = Scenario(
    says="Nobody comes up with 4.3.0, and everybody with 4.4.0.",
    start_hour=9.0,  # the night shift's cameras are in their bays until the evening
    bad_releases=(
        BadRelease(version=BAD, endings_percent={Ending.FAILED: 50, Ending.OLD_IMAGE: 50}),
        BadRelease(version=GOOD, endings_percent={}),
    ),
)
# Emptied and charged in their bays, and nobody comes for them.
AT_HAND = f"""
SELECT c.number FROM devices_camera c
JOIN devices_camerahealth h ON h.camera_id = c.id
JOIN devices_cameramodel m ON m.id = c.model_id AND m.name = 'Patrol 3'
WHERE {OFF_DUTY} AND h.docked AND h.offload = 'complete'
  AND h.battery_percent >= 80 AND h.mode = 'off' AND h.firmware_version = '4.2.1'
ORDER BY c.number"""
RUNNING = """
SELECT c.number FROM devices_camera c JOIN devices_camerahealth h ON h.camera_id = c.id
WHERE h.firmware_version = %s ORDER BY 1"""


async def test_a_bad_release_stops_itself_and_a_good_one_arrives(
    department: Department, maker: Signer
) -> None:
    town = Town(department, Wishes(seed=11, speed=120, report_s=2.0, scenario=GOES_WRONG))
    people = [await asyncio.to_thread(department.person, name) for name in ("it", "colleague")]
    it, colleague = [await asyncio.to_thread(Program, one) for one in people]
    await asyncio.to_thread(trust, people[0], maker, "simulated")

    async with town.living():
        town.live_on()
        numbers = await cameras_at_hand(department)
        chosen, others = numbers[CAMERAS:], numbers[:CAMERAS]
        models = numbers_of(department, PATROL)
        bad, good = [
            await released(people[0], colleague, swu(maker, version=version), version, models)
            for version in (BAD, GOOD)
        ]

        how = {"most_failures": MOST_FAILURES, "most_at_once": AT_ONCE}
        first = await asyncio.to_thread(started, it, colleague, bad, names(others), **how)
        await it_stops_itself(it, first)
        await asyncio.to_thread(it.post, f"rollouts/{first}/abort/", reason="It is bad")

        second = await asyncio.to_thread(started, it, colleague, good, names(chosen), **how)
        await becomes(it, second, "finished")
    assert set((await asyncio.to_thread(it.states, second)).values()) == {"succeeded"}
    assert numbers_of(department, RUNNING, GOOD) == sorted(chosen)
    assert numbers_of(department, RUNNING, BAD) == []
    assert town.fleet.updates.faults.total() == 0


async def cameras_at_hand(department: Department) -> list[int]:
    found: list[int] = []

    def enough() -> bool:
        found[:] = numbers_of(department, AT_HAND)
        return len(found) >= CAMERAS + ARRIVES_ON

    await until(enough, lambda: f"only {found} are in their bays and off duty")
    return found[: CAMERAS + ARRIVES_ON]


def numbers_of(department: Department, asked: str, *given: Any) -> list[int]:
    return [number for (number,) in kept.rows(department.machine.var, asked, *given)]


def names(numbers: list[int]) -> list[str]:
    return [f"C{number:04}" for number in numbers]


async def it_stops_itself(program: Program, rollout: int) -> None:
    """After the failures allowed, and without having touched more than were out by then."""
    seen = await becomes(program, rollout, "paused")
    assert "failed" in seen["paused_because"]
    states = await asyncio.to_thread(program.states, rollout)
    touched = [camera for camera, state in states.items() if state != "planned"]
    assert len(touched) <= MOST_FAILURES + AT_ONCE


async def becomes(program: Program, rollout: int, course: str) -> dict[str, Any]:
    """What is told of the rollout once it is so."""
    seen: dict[str, Any] = {}

    async def it_is_so() -> bool:
        seen.update(await asyncio.to_thread(program.get, f"rollouts/{rollout}/"))
        return bool(seen["state"] == course)

    await until(it_is_so, lambda: json.dumps(seen))
    return seen
