"""What update clients are told, as DDI writes it. Pure: values in, JSON's values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

Document = dict[str, Any]
# "24:00:00" makes SWUpdate drop the whole answer.
LONGEST_SLEEP = timedelta(hours=24) - timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Offered:
    """A release as a client sees it: one chunk with one artifact."""

    release_id: int
    part: str
    name: str
    version: str
    file_name: str
    size: int
    sha1: str
    md5: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a camera is offered, and how much of its turn's past is asked for.

    ``id`` is the offer's: a client does what it has done under one no second time. ``window``:
    whether it lets this go on now; None when the rollout has none.
    """

    id: int
    offered: Offered
    installs: bool = True
    window: bool | None = None
    status: str = ""
    history: list[str] | None = field(default=None)


def poll(sleep: timedelta, links: Mapping[str, str]) -> Document:
    """The answer to a poll; without a link it says no more than when to come back."""
    document: Document = {"config": {"polling": {"sleep": clock(sleep)}}}
    if links:
        document["_links"] = {name: {"href": href} for name, href in links.items()}
    return document


def clock(span: timedelta) -> str:
    """A span as HH:MM:SS, a second at least and less than a day."""
    seconds = int(min(max(span, timedelta(seconds=1)), LONGEST_SLEEP).total_seconds())
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def deployment(told: Told, base: str) -> Document:
    """The update itself. What the server does not want begun now is to be skipped.

    Nothing is ever only attempted: clients take that for forced.
    """
    how = "forced" if told.installs and told.window is not False else "skip"
    said: Document = {"download": how, "update": how, "chunks": [chunk(told.offered, base)]}
    if told.window is not None:
        said["maintenanceWindow"] = "available" if told.window else "unavailable"
    document: Document = {"id": str(told.id), "deployment": said}
    if told.history is not None:
        document["actionHistory"] = {"status": told.status, "messages": told.history}
    return document


def chunk(offered: Offered, base: str) -> Document:
    return {
        "part": offered.part,
        "name": offered.name,
        "version": offered.version,
        "artifacts": artifacts([offered], base),
    }


def artifacts(offers: Iterable[Offered], base: str) -> list[Document]:
    return [_artifact(one, base) for one in offers]


def _artifact(one: Offered, base: str) -> Document:
    """Both links twice, for clients that know but one: each by the way this client came."""
    at = f"{base}/softwaremodules/{one.release_id}/artifacts/{quote(one.file_name, safe='')}"
    file, md5 = {"href": at}, {"href": f"{at}.MD5SUM"}
    return {
        "filename": one.file_name,
        "size": one.size,
        "hashes": {"sha1": one.sha1, "md5": one.md5, "sha256": one.sha256},
        "_links": {"download": file, "md5sum": md5, "download-http": file, "md5sum-http": md5},
    }


def cancel(offer: int) -> Document:
    return {"id": str(offer), "cancelAction": {"stopId": str(offer)}}


def confirmation() -> Document:
    """Nothing waits for a confirmation here; some clients ask all the same."""
    return {"autoConfirm": {"active": False}}
