"""From the offer to the first byte: a real worker sweeps, docks are nudged, cameras fetch."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from tests.bench import driver, inside
from tests.bench.ddi import request
from tests.bench.driver import HOST, Dock
from tests.bench.lines import Line, at_most
from tests.bench.stage import SMALL, Stage, made
from tests.operations.machine import running

P99_S = 2.0
PATIENCE_S = 60.0  # until nobody else is nudged
IMAGE = bytes(range(256)) * 4096

_LINK = re.compile(rb'"deploymentBase":\{"href":"https?://[^/"]+([^"]+)"')
_BYTES = re.compile(rb'"download-http":\{"href":"https?://[^/"]+([^"]+)"')


def figures(stage: Stage) -> Iterator[Line]:
    """Every camera that may be updated is offered its turn at one moment, which is the worst."""
    with running(stage.folder() / "var") as machine:
        var = str(machine.ready().var)
        url = (machine.var / "database-url").read_text().strip()
        fleet = made(SMALL, url, 0, VAR_DIR=var)
        first_bytes = asyncio.run(_pushed(machine.port, fleet.docks, url, var))
        offered = json.loads(inside.said("pushing", "offered", url=url, VAR_DIR=var))
    if missed := offered.keys() - first_bytes.keys():
        raise RuntimeError(f"{len(missed)} of {len(offered)} cameras that were offered it had none")
    took = [first_bytes[serial] - at for serial, at in offered.items()]
    name = f"{len(took)} cameras offered at once: from the sweep's beginning to the first byte"
    more = f"p50 {median(took):.3g} s, the longest {max(took):.3g} s"
    yield at_most(f"{name}, p99", quantiles(took, n=100)[-1], P99_S, "s", more=more)


async def _pushed(port: int, docks: list[Dock], url: str, var: str) -> dict[str, float]:
    """When each camera had its first byte, by serial number; seconds since 1970."""
    first_bytes: dict[str, float] = {}
    nudged = [await _listening(port, dock, first_bytes) for dock in docks]
    started = asyncio.to_thread(inside.said, "pushing", "started", url=url, VAR_DIR=var)
    wanted = int(await started)
    async with asyncio.timeout(PATIENCE_S):
        while len(first_bytes) < wanted:
            await asyncio.sleep(0.1)
    for task in nudged:
        task.cancel()
    await asyncio.gather(*nudged, return_exceptions=True)
    return first_bytes


async def _listening(port: int, dock: Dock, had: dict[str, float]) -> "asyncio.Task[None]":
    """The dock has said that its cameras are full and emptied, and hears nudges from now on."""
    line = await driver.open_line(port, dock, "?nudges=yes")
    await line.say(dock.charged())

    async def listen() -> None:
        async with asyncio.TaskGroup() as cameras:
            while True:
                for serial in json.loads(await line.hear())["nudge"]["poll"]:
                    cameras.create_task(_fetch(port, dock, serial, had))

    return asyncio.create_task(listen())


async def _fetch(port: int, dock: Dock, serial: str, had: dict[str, float]) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)

    async def asked(path: str) -> bytes:
        writer.write(request(path, dock.token))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:20]:
            raise RuntimeError(f"{path}: {head.decode()}")
        size = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
        first = await reader.read(1)
        had[serial] = datetime.now(UTC).timestamp()
        return first + await reader.readexactly(size - 1)

    base = f"/DEFAULT/controller/v1/{serial}"
    deployment = _LINK.search(await asked(base))
    assert deployment, f"{serial} was nudged and offered nothing"
    link = _BYTES.search(await asked(deployment[1].decode()))
    assert link, f"the deployment of {serial} has no bytes"
    assert await asked(link[1].decode()) == IMAGE
    writer.close()


# --- Inside Django -------------------------------------------------------------------------------


def main(what: str) -> str:
    """``started``: how many cameras a rollout is on its way to. ``offered``: since when each."""
    return {"started": _started, "offered": _offered}[what]()


def _started() -> str:
    from django.contrib.auth.models import User
    from django.utils.timezone import now

    from devices.department.actions import decide
    from devices.inventory.models import Camera, CameraModel
    from devices.rollouts.courses import actions as courses
    from devices.rollouts.drafts import Caps, Draft, Step
    from tests.ddi import offers

    Camera.objects.update(service_state="in_service")
    release = offers.a_release(IMAGE)
    release.fits.set(CameraModel.objects.all())
    people: list[Any] = [User.objects.create_user(f"pusher {n}") for n in (1, 2)]
    decide({"updates_at_once": SMALL}, reason="All at once", based_on=0, by=people[0], now=now())
    draft = Draft("All at once", steps=(Step(percent=100),), caps=Caps(8, SMALL, SMALL, 1))
    rollout = courses.make(release, draft, by=people[0], now=now())
    courses.approve(rollout, by=people[1], now=now())
    courses.start(rollout, by=people[0], now=now())
    return f"{rollout.deployments.filter(state='planned').count()}"


def _offered() -> str:
    from devices.rollouts.models import Deployment

    turns = Deployment.objects.filter(offered_at__isnull=False)
    rows = turns.values_list("camera__serial", "offered_at")
    return json.dumps({serial: at.timestamp() for serial, at in rows})
