"""What cameras run after their updates: written down, for the next start to begin with."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from devices.simulator.camera import Camera
from devices.simulator.install import Part
from devices.simulator.inventory import Unreadable


class Runs(BaseModel):
    version: str
    digest: str


_FILE = TypeAdapter(dict[str, dict[Part, Runs]])


def read(cameras: Mapping[str, Camera], path: Path) -> None:
    """Cameras run what an earlier start left on them; without the file, what they came with."""
    if not path.exists():
        return
    try:
        told = _FILE.validate_json(path.read_bytes())
    except ValidationError:
        raise Unreadable(f"{path} does not say what cameras run.") from None
    for serial in told.keys() & cameras.keys():
        for part, runs in told[serial].items():
            cameras[serial].take_on(part, runs.version, runs.digest)


def write(cameras: Iterable[Camera], path: Path) -> None:
    """Replace the file at once, so that a reader never sees half of it."""
    told = {camera.serial: _of(camera) for camera in cameras}
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(_FILE.dump_json(told))
    beside.replace(path)


def _of(camera: Camera) -> dict[Part, Runs]:
    return {
        Part.FIRMWARE: Runs(version=camera.firmware, digest=camera.firmware_digest),
        Part.PROFILE: Runs(version=camera.profile, digest=camera.profile_digest),
    }
