"""Cameras' turns as their clients are shown them, read from rows."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.timezone import localtime

from devices.gateway.ddi.documents import Offered, Told
from devices.releases.models import Release, ReleaseKind
from devices.rollouts.actions import may_begin, may_fetch
from devices.rollouts.models import Deployment, DeploymentWord
from devices.rollouts.rules import ACTIVE, FINAL, Turn, in_window

PARTS = {ReleaseKind.FIRMWARE: "os", ReleaseKind.PROFILE: "config"}
MOST_HISTORY = 100  # texts
_STATUSES = {
    Turn.SUCCEEDED: "FINISHED",
    Turn.FAILED: "ERROR",
    Turn.TIMED_OUT: "ERROR",
    Turn.CANCELLING: "CANCELING",
    Turn.CANCELLED: "CANCELED",
    Turn.SKIPPED: "CANCELED",
}


def turn_of(camera_id: int, offer: int) -> Deployment | None:
    """The turn whose latest offer this is, if it is this camera's."""
    return _turns(camera_id).filter(offer=offer).first()


def under_way(turn: Deployment) -> bool:
    """Whether the update is still this camera's to do; one that is being cancelled is not."""
    return may_begin(turn) and turn.state != Turn.CANCELLING


def ended(turn: Deployment) -> bool:
    return turn.state in FINAL


def with_bytes_of(camera_id: int, release_id: int, now: datetime) -> Deployment | None:
    """The turn by which this camera may have this release's bytes: the one under way first."""
    rows = _turns(camera_id).filter(rollout__release=release_id)
    turns = [turn for turn in rows if may_fetch(turn, now)]
    return min(turns, key=lambda turn: turn.state not in ACTIVE, default=None)


def told(turn: Deployment, now: datetime, history: int | None) -> Told:
    """What a client is told of this offer, with its turn's last ``history`` texts (-1: all)."""
    assert turn.offer is not None  # it was found by it
    return Told(
        turn.offer,
        offered(turn.rollout.release),
        installs=turn.state != Turn.AWAITING_PROOF,
        window=_window(turn, now),
        status=_STATUSES.get(Turn(turn.state), "RUNNING"),
        history=None if not history else _past(turn, history),
    )


def _window(turn: Deployment, now: datetime) -> bool | None:
    """Whether its rollout's window lets it go on; None without one. A window says when an update
    may begin: what has begun is not to be skipped, because its client would take it for done."""
    if not turn.rollout.windows:
        return None
    return turn.state != Turn.OFFERED or in_window(turn.rollout.windows, localtime(now).time())


def offered(release: Release) -> Offered:
    profile = release.profile_version
    return Offered(
        release_id=release.pk,
        part=PARTS[ReleaseKind(release.kind)],
        name=str(profile.profile) if profile else release.kind,
        version=release.version,
        file_name=release.file_name,
        size=release.size,
        sha1=release.sha1,
        md5=release.md5,
        sha256=release.sha256,
    )


def _turns(camera_id: int) -> QuerySet[Deployment]:
    rows = Deployment.objects.filter(camera=camera_id)
    return rows.select_related("camera", "rollout__release__profile_version__profile")


def _past(turn: Deployment, history: int) -> list[str]:
    most = MOST_HISTORY if history < 0 else min(history, MOST_HISTORY)
    words = DeploymentWord.objects.filter(deployment=turn).order_by("-id")[:most]
    return [text for word in words for text in _texts(word)][:most]


def _texts(word: DeploymentWord) -> list[str]:
    return [*reversed(word.details), f"{word.execution} {word.finished}".strip()]
