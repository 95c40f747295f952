"""Who drifted from what a rollout had brought, or came to what one was for, and what is known of
their way there.

In as many statements for any number of cameras.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from devices.inventory.models import Camera
from devices.readiness.facts import select
from devices.releases import reading as releases
from devices.releases.models import Release
from devices.releases.reading import Desired, Running
from devices.rollouts.matching import described, target_of
from devices.rollouts.models import Deployment, Rollout
from devices.rollouts.planning import Target
from devices.rollouts.repairs.rules import BRINGING, IN_A_ROW, Drifting, room_for_new, why_not
from devices.rollouts.rules import ACTIVE, GIVEN_UP_AFTER, IN_VAIN, Course, Turn

MOST_LOOKED_AT = 1_000  # cameras at one time; the others at the next
SOON = "It is brought back when it is in its dock."
SOON_NEW = "It is brought to it when it is in its dock."

_LEFT_TO_DO = [Turn.PLANNED.value, *sorted(one.value for one in ACTIVE)]

# Whoever had its turn, or needed none because it ran the version when it was planned.
_BROUGHT = "(d.state = 'succeeded' OR d.state = 'skipped' AND d.from_version = rel.version)"
# Whoever is in a drawer would only have a repair wait for it, and end, and begin anew: it has its
# turn when it is heard again and sits in a dock, or was moved.
_TO_BE_HAD = """c.service_state = 'in_service' AND c.held_at IS NULL AND h.profile_version <> ''
AND h.heard_at >= %(heard_since)s AND (h.docked OR h.moved_at >= %(heard_since)s)
AND NOT EXISTS (SELECT FROM devices_putaside aside
                WHERE aside.camera_id = c.id AND aside.ended_at IS NULL)"""
# By turns, so that those who cannot be repaired keep nobody else from being looked at.
_OTHERWISE = f"""
SELECT camera_id FROM (SELECT DISTINCT d.camera_id
FROM devices_rollout r
JOIN devices_release rel ON rel.id = r.release_id
JOIN devices_deployment d ON d.rollout_id = r.id
JOIN devices_camera c ON c.id = d.camera_id
JOIN devices_camerahealth h ON h.camera_id = d.camera_id
WHERE r.release_id = ANY(%(releases)s) AND {_BROUGHT} AND {_TO_BE_HAD}
  AND (h.profile_version <> rel.version OR h.profile_digest NOT IN ('', rel.sha256))) AS otherwise
ORDER BY hashint8(camera_id + %(turn)s) LIMIT %(most)s"""  # noqa: S608 (constants)
# Of those that a rollout was for, who says something else and was never brought it.
_NEW = f"""
AND {_TO_BE_HAD}
AND (h.profile_version <> %(version)s OR h.profile_digest NOT IN ('', %(sha256)s))
AND NOT EXISTS (SELECT FROM devices_deployment d JOIN devices_rollout r ON r.id = d.rollout_id
                JOIN devices_release rel ON rel.id = r.release_id
                WHERE d.camera_id = c.id AND rel.id = %(release)s AND {_BROUGHT})
ORDER BY hashint8(c.id + %(turn)s) LIMIT %(most)s"""
_AMONG = "AND c.id = ANY(%(among)s)"
# To how many people brought it, and how many came to it since, or are coming.
_COUNTED = f"""
SELECT r.release_id,
    count(DISTINCT d.camera_id) FILTER (WHERE r.repairs_of_id IS NULL AND {_BROUGHT}),
    count(DISTINCT d.camera_id) FILTER (
        WHERE r.repairs_of_id IS NOT NULL AND d.state = ANY(%(comes)s)
        AND NOT EXISTS (SELECT FROM devices_deployment own
            JOIN devices_rollout its ON its.id = own.rollout_id
            WHERE own.camera_id = d.camera_id AND its.release_id = r.release_id
              AND its.repairs_of_id IS NULL AND (own.state = 'succeeded'
                OR own.state = 'skipped' AND own.from_version = rel.version)))
FROM devices_rollout r
JOIN devices_release rel ON rel.id = r.release_id
JOIN devices_deployment d ON d.rollout_id = r.id
WHERE r.release_id = ANY(%(releases)s) GROUP BY 1"""  # noqa: S608 (constants)
# Who was put aside since has been looked at.
_OF_LATE = """greatest(%(since)s, (SELECT max(aside.ended_at) FROM devices_putaside aside
                                    WHERE aside.camera_id = told.camera))"""
# What is only planned of another profile than it should run is offered to nobody.
_KNOWN = f"""
SELECT told.camera,
    EXISTS (SELECT FROM devices_deployment d JOIN devices_rollout r ON r.id = d.rollout_id
            JOIN devices_release rel ON rel.id = r.release_id
            WHERE d.camera_id = told.camera AND rel.id = told.release AND {_BROUGHT}),
    (SELECT count(*) FROM devices_deployment d JOIN devices_rollout r ON r.id = d.rollout_id
     WHERE d.camera_id = told.camera AND r.release_id = told.release
       AND r.repairs_of_id IS NOT NULL AND d.state = 'succeeded'
       AND d.ended_at > {_OF_LATE}),
    coalesce((SELECT aside.reason FROM devices_putaside aside
              WHERE aside.camera_id = told.camera AND aside.ended_at IS NULL), ''),
    coalesce((SELECT CASE WHEN d.state = 'skipped' AND starts_with(d.reason, %(in_vain)s)
                     THEN d.reason END
              FROM devices_deployment d JOIN devices_rollout r ON r.id = d.rollout_id
              WHERE d.camera_id = told.camera AND r.release_id = told.release
                AND d.ended_at > {_OF_LATE} ORDER BY d.ended_at DESC LIMIT 1), ''),
    coalesce(bringing.name, ''), coalesce(bringing.version, '')
FROM unnest(%(cameras)s::bigint[], %(releases)s::bigint[]) AS told (camera, release)
JOIN devices_release wanted ON wanted.id = told.release
JOIN devices_profileversion wants ON wants.id = wanted.profile_version_id
LEFT JOIN LATERAL (
    SELECT r.name, rel.version FROM devices_deployment d
    JOIN devices_rollout r ON r.id = d.rollout_id
    JOIN devices_release rel ON rel.id = r.release_id
    JOIN devices_profileversion made ON made.id = rel.profile_version_id
    WHERE d.camera_id = told.camera AND d.state = ANY(%(left)s)
      AND r.state IN ('running', 'paused')
      AND (d.state <> 'planned' OR made.profile_id = wants.profile_id)
    ORDER BY d.state <> 'planned' DESC, rel.id = told.release DESC, d.id LIMIT 1
) bringing ON TRUE"""  # noqa: S608 (constants)


def drifting(releases_wanted: Collection[int], *, now: datetime) -> list[Drifting]:
    """Every camera that runs otherwise than a rollout of one of these had left it, should run that
    still, and is to be had."""
    if not releases_wanted:
        return []
    rows = select(_OTHERWISE, releases=sorted(releases_wanted), **_asked(now))
    cameras = Camera.objects.filter(pk__in=[camera for (camera,) in rows])
    found = known([one for one in releases.running(cameras) if one.drifted], now=now)
    return [one for one in found if one.release_id in releases_wanted]


def newcomers(release_id: int, *, now: datetime) -> list[Drifting]:
    """Every camera that should run this, never had it brought, is to be had, and is as the last
    rollout of it that people began was for: a new one, one that was moved or tagged, one that was
    away. Nobody while that rollout has not finished: whoever comes to it meanwhile joins it."""
    own = last_own([release_id]).get(release_id)
    if own is None or own.state != Course.FINISHED:
        return []
    told = {"version": own.release.version, "sha256": own.release.sha256}
    rows = described(own, _NEW, **told, **_asked(now))
    if not rows:
        return []
    drifted = [one for one in releases.running(Camera.objects.filter(pk__in=rows)) if one.drifted]
    return known([one for one in drifted if _should_run(one, release_id)], now=now)


def _asked(now: datetime) -> dict[str, Any]:
    """Which of them are to be had, and whose turn it is to be looked at."""
    turn = int(now.timestamp()) // 60
    return {"heard_since": now - GIVEN_UP_AFTER, "most": MOST_LOOKED_AT, "turn": turn}


def _should_run(one: Running, release_id: int) -> bool:
    return one.desired is not None and one.desired.release_id == release_id


def known(drifted: Iterable[Running], *, now: datetime) -> list[Drifting]:
    """What is known of the way there of each of these, which have drifted."""
    found = [(one, one.desired) for one in drifted if one.desired is not None]
    if not found:
        return []
    targets = _targets({desired.release_id for _, desired in found})
    own = last_own(targets)
    latest = latest_of(targets, own)
    rows = select(
        _KNOWN,
        cameras=[one.camera_id for one, _ in found],
        releases=[desired.release_id for _, desired in found],
        since=now - IN_A_ROW,
        in_vain=IN_VAIN,
        left=_LEFT_TO_DO,
    )
    told = {camera: rest for camera, *rest in rows}
    drifting = [
        _drifting(one, desired, targets, latest, told[one.camera_id]) for one, desired in found
    ]
    return _with_new(drifting, own)


def _with_new(several: list[Drifting], own: Mapping[int, Rollout]) -> list[Drifting]:
    """The same, with what those that were never brought it came to: one statement, and two for
    each version of theirs whose rollout has finished, and was brought to anybody at all."""
    new: dict[int, list[int]] = defaultdict(list)
    for one in several:
        of = own.get(one.release_id)
        if not one.brought and of is not None and of.state == Course.FINISHED:
            new[one.release_id].append(one.camera_id)
    if not new:
        return several
    comes = ["succeeded", *_LEFT_TO_DO]
    room = {
        release: room_for_new(brought, came)
        for release, brought, came in select(_COUNTED, releases=list(new), comes=comes)
        if brought
    }
    come = {
        (release, camera)
        for release in room
        for camera in described(own[release], _AMONG, among=new[release])
    }
    return [
        replace(one, come_since=own[one.release_id].name, room=room[one.release_id])
        if (one.release_id, one.camera_id) in come
        else one
        for one in several
    ]


def _drifting(
    one: Running,
    desired: Desired,
    targets: Mapping[int, Target],
    latest: Mapping[int, Rollout],
    told: Sequence[Any],
) -> Drifting:
    brought, repaired, put_aside, in_vain, in_hand, brings = told
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
        in_vain=in_vain,
        in_hand=in_hand,
        brings=brings,
    )


def _targets(release_ids: Collection[int]) -> dict[int, Target]:
    rows = Release.objects.filter(pk__in=release_ids).select_related("profile_version__profile")
    return {one.pk: target_of(one) for one in rows}


def latest_of(release_ids: Iterable[int], own: Mapping[int, Rollout]) -> dict[int, Rollout]:
    """Of each of these releases the rollout that says whether it is brought to anybody: the one
    that began last, repairs among them, unless people stopped the last of their ``own``."""
    stopped = (one for one in own.values() if one.state not in BRINGING)
    return {one.release_id: one for one in (*_last(release_ids), *stopped)}


def last_own(release_ids: Iterable[int]) -> dict[int, Rollout]:
    """The rollout of each of these releases that people began last: what drifted from it, or came
    to it, is its to mend."""
    rows = _last(release_ids).filter(repairs_of=None).select_related("release")
    return {one.release_id: one for one in rows}


def _last(release_ids: Iterable[int]) -> QuerySet[Rollout]:
    rows = Rollout.objects.filter(release__in=list(release_ids), started_at__isnull=False)
    return rows.order_by("release_id", "-started_at", "-pk").distinct("release_id")


def outlook(drifted: Iterable[Running], *, now: datetime) -> dict[int, str]:
    """What becomes of each camera that drifted, a sentence for a page."""
    return {
        one.camera_id: why_not(one) or (SOON if one.brought else SOON_NEW)
        for one in known(drifted, now=now)
    }


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
