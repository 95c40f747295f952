"""What the fleet's answers say, read as DDI writes them; what is not known is passed over."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from devices.simulator.install import Part

Form = TypeVar("Form", bound=BaseModel)


class NotUnderstood(Exception):
    """The answer is not as DDI says, or asks for something that this client cannot do."""


@dataclass(frozen=True, slots=True)
class Poll:
    """When to come again, and what there is to do, by its name."""

    sleep_s: float
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """An update, told ``at`` this address. ``wanted`` is whether it may be begun now."""

    at: str
    id: str
    part: Part
    version: str
    file: str
    size: int
    sha256: str
    wanted: bool


class _Link(BaseModel):
    href: str


class _Polling(BaseModel):
    sleep: Annotated[str, Field(pattern=r"^\d\d:\d\d:\d\d$")]


class _Config(BaseModel):
    polling: _Polling


class _Base(BaseModel):
    config: _Config
    links: Annotated[dict[str, _Link], Field(alias="_links")] = {}


class _Hashes(BaseModel):
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Links(BaseModel):
    download: _Link | None = None
    plainly: Annotated[_Link | None, Field(alias="download-http")] = None


class _Artifact(BaseModel):
    size: Annotated[int, Field(ge=0)]
    hashes: _Hashes
    links: Annotated[_Links, Field(alias="_links")]


class _Chunk(BaseModel):
    part: Part
    version: str
    artifacts: Annotated[tuple[_Artifact, ...], Field(min_length=1, max_length=1)]


class _Deployment(BaseModel):
    download: str
    update: str
    chunks: Annotated[tuple[_Chunk, ...], Field(min_length=1, max_length=1)]


class _Offered(BaseModel):
    id: str
    deployment: _Deployment


def poll(raw: bytes) -> Poll:
    """The answer to a poll."""
    told = _read(_Base, raw)
    hours, minutes, seconds = map(int, told.config.polling.sleep.split(":"))
    sleep_s = max(1, hours * 3600 + minutes * 60 + seconds)
    return Poll(sleep_s, {name: link.href for name, link in told.links.items()})


def offer(raw: bytes, at: str) -> Offer:
    """An update of one chunk with one artifact, as a camera has it; NotUnderstood for others."""
    told = _read(_Offered, raw)
    (chunk,) = told.deployment.chunks
    (artifact,) = chunk.artifacts
    link = artifact.links.download or artifact.links.plainly
    if link is None:
        raise NotUnderstood("The artifact has no link.")
    return Offer(
        at=at.partition("?")[0],
        id=told.id,
        part=chunk.part,
        version=chunk.version,
        file=link.href,
        size=artifact.size,
        sha256=artifact.hashes.sha256,
        wanted="skip" not in (told.deployment.download, told.deployment.update),
    )


def word(
    execution: str, finished: str = "none", *details: str, percent: int | None = None
) -> bytes:
    """A feedback."""
    result: dict[str, Any] = {"finished": finished}
    if percent is not None:
        result["progress"] = percent
    status = {"execution": execution, "result": result, "details": details}
    return json.dumps({"status": status}).encode()


def attributes(said: Mapping[str, str]) -> bytes:
    """How a client describes its camera."""
    return json.dumps({"mode": "merge", "data": said}).encode()


def _read(form: type[Form], raw: bytes) -> Form:
    try:
        return form.model_validate_json(raw)
    except ValidationError as fault:
        raise NotUnderstood(str(fault)) from None
