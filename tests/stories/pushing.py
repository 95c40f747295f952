"""How IT pushes a release: one brings it at the pages, another approves, and programs of theirs
do the rest at the API."""

import asyncio
import json
import re
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

from fleet.arriving import TYPE
from tests.patience import PATIENCE_S
from tests.releases.images import Signer
from tests.stories.person import Person
from tests.stories.waiting import until

PATROL = "SELECT id FROM devices_cameramodel WHERE name = 'Patrol 3'"
# Of officers whom no shift of the next half day counts on; `c` is a camera.
OFF_DUTY = """
c.service_state = 'in_service' AND c.officer_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM devices_duty d WHERE d.officer_id = c.officer_id
                  AND d.ends_at > now() AND d.begins_at < now() + interval '12 hours')
  AND NOT EXISTS (SELECT FROM devices_custody o WHERE o.camera_id = c.id
                  AND o.closed_at IS NULL AND o.kind <> 'personal')"""
# In their bays or on their way there, and no rollout has asked them for anything.
NOBODY_COMES_FOR = f"""
SELECT c.serial, c.number FROM devices_camera c
JOIN devices_cameramodel m ON m.id = c.model_id AND m.name = 'Patrol 3'
WHERE {OFF_DUTY} AND c.home_bay_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM devices_deployment t WHERE t.camera_id = c.id)
  AND NOT EXISTS (SELECT FROM devices_custodyevent e WHERE e.camera_id = c.id
                  AND e.verb IN ('checked_out', 'transferred', 'taken')
                  AND e.at > now() - interval '20 minutes')
ORDER BY c.number LIMIT %s"""


class Program:
    """A program that acts for somebody, with a token of theirs."""

    def __init__(self, person: Person) -> None:
        person.get("/me/")
        scopes = ["releases:read", "releases:write", "rollouts:read", "rollouts:write"]
        form = "&".join(["label=push", "days=30", *(f"scopes={one}" for one in scopes)])
        page = person.send("/me/tokens/", form.encode(), "application/x-www-form-urlencoded")
        self._token = re.findall(r"data-token>([^<]+)<", page)[0]
        self.address = person.address

    def get(self, path: str) -> Any:
        return self._asked(path, None)

    def post(self, path: str, **said: Any) -> Any:
        return self._asked(path, json.dumps(said).encode())

    def _asked(self, path: str, body: bytes | None) -> Any:
        heads = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if body is not None:
            heads["Idempotency-Key"] = str(uuid4())
        asked = Request(f"{self.address}/api/v1/{path}", body, heads)
        with urlopen(asked, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def states(self, rollout: int) -> dict[str, str]:
        """Of each camera of a rollout."""
        rows = self.get(f"rollouts/{rollout}/deployments/?page_size=100")["results"]
        return {one["camera"]: one["state"] for one in rows}


def trust(it: Person, maker: Signer, name: str) -> None:
    """What this maker signs may be verified from now on."""
    it.post("/certificates/add/", name=name, pem=maker.pem)


async def released(
    it: Person, colleague: Program, image: bytes, version: str, models: list[int]
) -> int:
    """Uploaded by one, verified by the worker, approved by another; its number."""
    told = {
        "file_name": f"patrol-{version}.swu",
        "size": len(image),
        "version": version,
        "models": models,
        "hardware": ["1.0"],
        "from_versions": [],
        "notes": "",
        "urgency": "low",
        "minimum_battery_percent": 30,
        "signature": "",
    }
    body = json.dumps(told).encode() + b"\n" + image
    came = await asyncio.to_thread(it.send, "/releases/upload/", body, TYPE)
    release = int(json.loads(came)["address"].rstrip("/").rpartition("/")[2])

    async def verified() -> bool:
        found = await asyncio.to_thread(colleague.get, f"releases/{release}/")
        return bool(found["state"] == "verified")

    await until(verified, lambda: f"{version} is not verified")
    await asyncio.to_thread(colleague.post, f"releases/{release}/approve/")
    return release


def started(it: Program, colleague: Program, release: int, names: list[str], **how: int) -> int:
    """A rollout to these cameras runs, drafted by one and approved by another; its number."""
    draft = {
        "release": release,
        "name": f"release {release} to {len(names)}",
        "wanted": {"cameras": names},
        "waves": [{"percent": 100}],
        "soak_minutes": 0,
        **how,
    }
    rollout: int = it.post("rollouts/draft/", **draft)["id"]
    colleague.post(f"rollouts/{rollout}/approve/")
    it.post(f"rollouts/{rollout}/start/")
    return rollout
