"""Who drifted from what a rollout had brought, and what is known of the way back.

In as many statements for any number of cameras.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from devices.inventory.models import Camera
from devices.readiness.facts import select
from devices.releases import reading as releases
from devices.releases.models import Release
from devices.releases.reading import Desired, Running
from devices.rollouts.matching import target_of
from devices.rollouts.models import Deployment, Rollout
from devices.rollouts.planning import Target
from devices.rollouts.repairs.rules import BRINGING, IN_A_ROW, Drifting, why_not
from devices.rollouts.rules import ACTIVE, Course, Turn

MOST_LOOKED_AT = 1_000  # cameras at one time; the others at the next
SOON = "It is brought back when it is in its dock."

_LEFT_TO_DO = [Turn.PLANNED.value, *sorted(one.value for one in ACTIVE)]

# Whoever had its turn, or needed none because it ran the version when it was planned.
_BROUGHT = "(d.state = 'succeeded' OR d.state = 'skipped' AND d.from_version = rel.version)"
# By turns, so that those who cannot be repaired keep nobody else from being looked at.
_OTHERWISE = f"""
SELECT camera_id FROM (SELECT DISTINCT d.camera_id
FROM devices_rollout r
JOIN devices_release rel ON rel.id = r.release_id
JOIN devices_deployment d ON d.rollout_id = r.id
JOIN devices_camera c ON c.id = d.camera_id
JOIN devices_camerahealth h ON h.camera_id = d.camera_id
WHERE r.release_id = ANY(%(releases)s) AND {_BROUGHT}
  AND c.service_state = 'in_service' AND c.held_at IS NULL AND h.profile_version <> ''
  AND (h.profile_version <> rel.version OR h.profile_digest NOT IN ('', rel.sha256))
  AND NOT EXISTS (SELECT FROM devices_putaside aside
                  WHERE aside.camera_id = c.id AND aside.ended_at IS NULL)) AS otherwise
ORDER BY hashint8(camera_id + %(turn)s) LIMIT %(most)s"""  # noqa: S608 (constants)
_KNOWN = f"""
SELECT told.camera,
    EXISTS (SELECT FROM devices_deployment d JOIN devices_rollout r ON r.id = d.rollout_id
            JOIN devices_release rel ON rel.id = r.release_id
            WHERE d.camera_id = told.camera AND rel.id = told.release AND {_BROUGHT}),
    (SELECT count(*) FROM devices_deployment d JOIN devices_rollout r ON r.id = d.rollout_id
     WHERE d.camera_id = told.camera AND r.release_id = told.release
       AND r.repairs_of_id IS NOT NULL AND d.state = 'succeeded'
       AND d.ended_at > greatest(%(since)s, (SELECT max(aside.ended_at) FROM devices_putaside aside
                                             WHERE aside.camera_id = told.camera))),
    coalesce((SELECT aside.reason FROM devices_putaside aside
              WHERE aside.camera_id = told.camera AND aside.ended_at IS NULL), ''),
    coalesce((SELECT r.name FROM devices_deployment d JOIN devices_rollout r ON r.id = d.rollout_id
              JOIN devices_release rel ON rel.id = r.release_id
              WHERE d.camera_id = told.camera AND d.state = ANY(%(left)s) AND rel.kind = 'profile'
                AND r.state IN ('running', 'paused') LIMIT 1), '')
FROM unnest(%(cameras)s::bigint[], %(releases)s::bigint[]) AS told (camera, release)"""  # noqa: S608 (constants)


def drifting(releases_wanted: Collection[int], *, now: datetime) -> list[Drifting]:
    """Every camera that runs otherwise than a rollout of one of these had left it, and should run
    that still."""
    if not releases_wanted:
        return []
    turn = int(now.timestamp()) // 60
    rows = select(_OTHERWISE, releases=sorted(releases_wanted), most=MOST_LOOKED_AT, turn=turn)
    cameras = Camera.objects.filter(pk__in=[camera for (camera,) in rows])
    found = known([one for one in releases.running(cameras) if one.drifted], now=now)
    return [one for one in found if one.release_id in releases_wanted]


def known(drifted: Iterable[Running], *, now: datetime) -> list[Drifting]:
    """What is known of the way back of each of these, which have drifted."""
    found = [(one, one.desired) for one in drifted if one.desired is not None]
    if not found:
        return []
    targets = _targets({desired.release_id for _, desired in found})
    latest = latest_of(targets)
    rows = select(
        _KNOWN,
        cameras=[one.camera_id for one, _ in found],
        releases=[desired.release_id for _, desired in found],
        since=now - IN_A_ROW,
        left=_LEFT_TO_DO,
    )
    told = {camera: rest for camera, *rest in rows}
    return [_drifting(one, desired, targets, latest, told[one.camera_id]) for one, desired in found]


def _drifting(
    one: Running,
    desired: Desired,
    targets: Mapping[int, Target],
    latest: Mapping[int, Rollout],
    told: Sequence[Any],
) -> Drifting:
    brought, repaired, put_aside, in_hand = told
    rollout = latest.get(desired.release_id)
    return Drifting(
        one.camera_id,
        desired.release_id,
        one.reported,
        targets[desired.release_id],
        brought=brought and rollout is not None,
        latest=rollout.name if rollout else "",
        course=Course(rollout.state) if rollout else Course.DRAFT,
        repaired=repaired,
        put_aside=put_aside,
        in_hand=in_hand,
    )


def _targets(release_ids: Collection[int]) -> dict[int, Target]:
    rows = Release.objects.filter(pk__in=release_ids).select_related("profile_version__profile")
    return {one.pk: target_of(one) for one in rows}


def latest_of(release_ids: Iterable[int]) -> dict[int, Rollout]:
    """Of each of these releases the rollout that says whether it is brought to anybody: the one
    that began last, repairs among them, unless people stopped the last of their own."""
    rows = Rollout.objects.filter(release__in=list(release_ids), started_at__isnull=False)
    rows = rows.order_by("release_id", "-started_at", "-pk").distinct("release_id")
    stopped = (one for one in rows.filter(repairs_of=None) if one.state not in BRINGING)
    return {one.release_id: one for one in (*rows, *stopped)}


def last_own(release_id: int) -> Rollout:
    """The rollout of this release that people began last: what drifted from it is its to mend."""
    rows = Rollout.objects.filter(release=release_id, repairs_of=None, started_at__isnull=False)
    found: Rollout = rows.order_by("-started_at", "-pk")[:1].get()
    return found


def outlook(drifted: Iterable[Running], *, now: datetime) -> dict[int, str]:
    """What becomes of each camera that drifted, a sentence for a page."""
    return {one.camera_id: why_not(one) or SOON for one in known(drifted, now=now)}


def wanted_no_more() -> dict[int, str]:
    """Planned repairs of cameras that should run another version by now, with the sentence."""
    rows = list(
        Deployment.objects.filter(
            state=Turn.PLANNED,
            rollout__repairs_of__isnull=False,
            rollout__state__in=(Course.RUNNING, Course.PAUSED),
        ).values_list("pk", "camera", "rollout__release")
    )
    desired = releases.desired_profile([camera for _, camera, _ in rows]) if rows else {}
    found = {}
    for turn, camera, release in rows:
        one = desired.get(camera)
        if one is None:
            found[turn] = "It should run no profile any more."
        elif one.release_id != release:
            found[turn] = f"It should run {one.version} now."
    return found
