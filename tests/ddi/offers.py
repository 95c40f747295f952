"""Releases and cameras' turns as rows, as the releases room and the engine leave them."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.timezone import now

from devices.inventory.models import Camera, UpdateStage
from devices.releases.models import Profile, ProfileVersion, Release
from devices.rollouts.models import Deployment, Rollout, Wave
from devices.rollouts.rules import LASTS, Course, Turn

BYTES = bytes(range(256)) * 2000  # half a megabyte in which every place is known
_STAGES = {
    Turn.OFFERED: UpdateStage.OFFERED,
    Turn.DOWNLOADING: UpdateStage.OFFERED,
    Turn.INSTALLING: UpdateStage.INSTALLING,
    Turn.AWAITING_PROOF: UpdateStage.INSTALLING,
    Turn.CANCELLING: UpdateStage.INSTALLING,
}


def a_release(content: bytes = BYTES, **fields: Any) -> Release:
    """An approved release whose bytes are in storage."""
    version = fields.pop("version", f"5.0.{Release.objects.count()}")
    kind = fields.pop("kind", "firmware")
    if Release.objects.filter(sha256=hashlib.sha256(content).hexdigest()).exists():
        content += version.encode()  # a content is one version
    key = f"{version}-{hashlib.sha256(content).hexdigest()[:12]}"
    path = Path(settings.VAR_DIR) / "releases" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    told = {
        "state": "approved",
        "file_name": f"camera-{version}.swu",
        "uploaded_at": now(),
        "sha1": hashlib.sha1(content).hexdigest(),
        "md5": hashlib.md5(content).hexdigest(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        **fields,
    }
    made: Release = Release.objects.create(kind=kind, version=version, key=key, **told)
    return made


def a_profile() -> Release:
    """A version of a profile, to be sent like firmware."""
    profile = Profile.objects.create(name="patrol")
    version = ProfileVersion.objects.create(
        profile=profile, number=3, chosen={}, digest="0" * 64, made_at=now()
    )
    return a_release(b"{}", kind="profile", version="patrol-3", profile_version=version)


def a_turn(
    camera: Camera, state: Turn = Turn.OFFERED, release: Release | None = None, **fields: Any
) -> Deployment:
    """This camera's turn in a rollout that runs, offered to it just now."""
    at: datetime = now()
    rollout: Rollout = Rollout.objects.create(
        name="Spring",
        release=release or a_release(),
        state=fields.pop("course", Course.RUNNING),
        windows=fields.pop("windows", []),
        soak=timedelta(hours=1),
        most_mbit_each=fields.pop("most_mbit_each", 1000),  # so that no test waits for a line
        made_at=at,
    )
    wave = Wave.objects.create(rollout=rollout, number=1, count=1)
    lasts = LASTS.get(state)
    stage = fields.pop("stage", _STAGES.get(state, UpdateStage.NONE))
    Camera.objects.filter(pk=camera.pk).update(update_stage=stage)
    made: Deployment = Deployment.objects.create(
        offer=None if state is Turn.PLANNED else an_offer(),
        rollout=rollout,
        wave=wave,
        camera=camera,
        state=state,
        since=at,
        by=at + lasts if lasts else None,
        offered_at=None if state is Turn.PLANNED else at,
        **fields,
    )
    return made


def an_offer() -> int:
    """The number of another offer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('devices_offers') + 1000")  # no turn's own number
        return int(cursor.fetchone()[0])
