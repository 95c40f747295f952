"""What cameras' own reports prove of their turns: read for all of them in one statement.

A camera that was offered a release succeeds when it says itself that it runs it, after a start
of its own; only if it had the bytes from here, because nothing else would show that they work.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from devices.readiness.facts import select
from devices.rollouts.matching import HARDWARE
from devices.rollouts.rules import ACTIVE, Event

_ACTIVE = ", ".join(f"'{one.value}'" for one in sorted(ACTIVE))
_VERSION = "CASE rel.kind WHEN 'firmware' THEN h.firmware_version ELSE h.profile_version END"
_DIGEST = "CASE rel.kind WHEN 'firmware' THEN h.firmware_digest ELSE h.profile_digest END"
# Those under way, and those given up or told to stop, whatever became of their rollout: they may
# have it after all, unless a later turn of theirs brought it.
_SAID = f"""
SELECT d.id, d.state, d.fetched, {_VERSION}, {_DIGEST}, rel.version, rel.sha256,
       rel.kind = 'firmware', h.boot IS DISTINCT FROM d.boot, h.received_at > d.since
FROM devices_deployment d
JOIN devices_rollout r ON r.id = d.rollout_id
JOIN devices_release rel ON rel.id = r.release_id
JOIN devices_camerahealth h ON h.camera_id = d.camera_id
WHERE (d.state IN ({_ACTIVE})
       OR d.state IN ('failed', 'timed_out', 'cancelled') AND d.fetched
          AND d.ended_at > %(since)s
          AND NOT EXISTS (SELECT FROM devices_deployment later
                          JOIN devices_rollout its ON its.id = later.rollout_id
                          WHERE later.camera_id = d.camera_id AND its.release_id = r.release_id
                            AND later.fetched AND later.offered_at > d.offered_at))
  AND {_VERSION} <> '' AND h.received_at >= d.offered_at"""  # noqa: S608 (constants)

# A planned camera that somebody brought there by another way needs no turn.
_NEEDLESS = f"""
SELECT d.id, {_VERSION} FROM devices_deployment d
JOIN devices_rollout r ON r.id = d.rollout_id AND r.state IN ('running', 'paused')
JOIN devices_release rel ON rel.id = r.release_id
JOIN devices_camerahealth h ON h.camera_id = d.camera_id
WHERE d.state = 'planned' AND {_VERSION} = rel.version AND {_DIGEST} IN ('', rel.sha256)"""  # noqa: S608 (constants)


# One that runs something else than when it was planned may not come from there any more; and one
# may have told its hardware since.
_CHANGED = f"""
SELECT d.id, d.rollout_id, {_VERSION}, {HARDWARE} FROM devices_deployment d
JOIN devices_rollout r ON r.id = d.rollout_id AND r.state IN ('running', 'paused')
JOIN devices_release rel ON rel.id = r.release_id
JOIN devices_camerahealth h ON h.camera_id = d.camera_id
LEFT JOIN devices_cameraattributes a ON a.camera_id = d.camera_id
WHERE d.state = 'planned' AND ({_VERSION} NOT IN ('', d.from_version)
    OR {HARDWARE} <> '' AND cardinality(rel.hardware) > 0 AND {HARDWARE} <> ALL (rel.hardware))"""  # noqa: S608 (constants)


# Cameras that installed when their turn ended, because nobody had heard of them, and of which is
# known by now that they write no more: they started anew, or a person has looked at them.
_OVER = f"""
SELECT c.id FROM devices_camera c
CROSS JOIN LATERAL (SELECT d.state, d.boot, d.since FROM devices_deployment d
                    WHERE d.camera_id = c.id AND d.offered_at IS NOT NULL
                    ORDER BY d.offered_at DESC LIMIT 1) AS last
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
WHERE c.update_stage = 'installing' AND last.state NOT IN ({_ACTIVE})
  AND (h.boot IS NOT NULL AND h.boot IS DISTINCT FROM last.boot
       OR EXISTS (SELECT FROM devices_putaside aside
                  WHERE aside.camera_id = c.id AND aside.ended_at >= last.since))"""  # noqa: S608 (constants)


@dataclass(frozen=True, slots=True)
class Said:
    """What a camera says of what it runs, beside what its turn wants of it."""

    deployment_id: int
    state: str
    fetched: bool
    version: str
    digest: str
    wanted: str
    wanted_digest: str
    firmware: bool
    started_anew: bool
    since_then: bool

    @property
    def runs_it(self) -> bool:
        return self.version == self.wanted and self.digest in ("", self.wanted_digest)

    @property
    def words(self) -> str:
        if self.version == self.wanted:
            return f"It says {self.version}, but with another digest than ours."
        return f"It started anew and says that it runs {self.version}."


def said(*, now: datetime, since: datetime) -> list[Said]:
    """Of each camera whose turn is under way, or was given up after ``since``."""
    return [Said(*row) for row in select(_SAID, now=now, since=since)]


def needless() -> dict[int, str]:
    """Planned turns of cameras that run the release already, with the sentence."""
    return {pk: f"It runs {version} already." for pk, version in select(_NEEDLESS)}


def over() -> list[int]:
    """The cameras that are shown as installing though their turn has ended, and write no more."""
    return [camera for (camera,) in select(_OVER)]


def changed() -> list[tuple[int, int, str, str]]:
    """Planned turns of cameras that run another version than when they were planned, or are of
    another hardware than the release is for: the turn, its rollout, version and hardware."""
    return [(turn, rollout, version, hw) for turn, rollout, version, hw in select(_CHANGED)]


_INSTALLED = frozenset({"installing", "awaiting_proof"})


def event_of(one: Said) -> Event | None:
    """What this report means for its turn: proof, proof of the opposite, or nothing yet.

    Firmware is proven only after a start; a profile takes effect without one.
    """
    if one.runs_it:
        if not one.fetched:
            return None if one.state == "cancelling" else Event.FOUND
        return Event.PROVEN if one.started_anew or not one.firmware else None
    installed = one.state in _INSTALLED and one.started_anew and one.since_then
    return Event.PROVEN_OTHERWISE if installed else None


def by_event(several: Iterable[Said]) -> dict[Event, dict[int, str]]:
    """The turns that each event happens to, with the sentence that goes with it."""
    found: dict[Event, dict[int, str]] = {}
    for one in several:
        event = event_of(one)
        if event is not None:
            found.setdefault(event, {})[one.deployment_id] = _because(one, event)
    return found


def _because(one: Said, event: Event) -> str:
    if event is Event.FOUND:
        return f"It runs {one.version}, and did not have it from here."
    return "" if event is Event.PROVEN else one.words
