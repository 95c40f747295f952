"""Which cameras a rollout describes, and what each of them runs: one statement, or two."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from devices.inventory import codes
from devices.readiness.facts import select
from devices.releases import reading as releases
from devices.releases.actions import order_in_force
from devices.releases.models import Release, ReleaseKind
from devices.rollouts.models import Rollout
from devices.rollouts.planning import Matched, Target

# An officer's shift is the kind of the last duty of a fortnight either way: who turns from nights
# to days is asked as of then.
_MATCHING = """
SELECT c.id, c.number, c.station_id,
    (SELECT shift.kind_id FROM devices_duty duty
     JOIN devices_shift shift ON shift.id = duty.shift_id
     WHERE duty.officer_id = c.officer_id AND duty.begins_at > %(now)s - interval '14 days'
       AND duty.begins_at < %(now)s + interval '14 days'
     ORDER BY duty.begins_at DESC LIMIT 1),
    coalesce(h.{kind}_version, ''), coalesce(h.{kind}_digest, ''), c.service_state,
    coalesce(aside.reason, '')
FROM devices_camera c
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_officer o ON o.id = c.officer_id
LEFT JOIN devices_putaside aside ON aside.camera_id = c.id AND aside.ended_at IS NULL
WHERE c.service_state <> 'retired' AND c.model_id = ANY(%(fits)s) {also}
ORDER BY c.number"""
_ALSO = {
    "models": "AND c.model_id = ANY(%(models)s)",
    "stations": "AND c.station_id = ANY(%(stations)s)",
    "cameras": "AND c.id = ANY(%(cameras)s)",
    "versions": "AND coalesce(h.{kind}_version, '') = ANY(%(versions)s)",
    "units": "AND coalesce(o.unit, '') = ANY(%(units)s)",
    "tags": "AND c.tags && %(tags)s::varchar[]",
}
# Without a turn, or skipped: what it was skipped for may hold no more. Whoever still is aside, out
# of reach or at the release is not even read.
_NEW = """
AND NOT EXISTS (SELECT FROM devices_deployment had
    WHERE had.rollout_id = %(rollout)s AND had.camera_id = c.id AND (had.state <> 'skipped'
        OR aside.id IS NOT NULL OR c.service_state <> 'in_service' OR c.held_at IS NOT NULL
        OR coalesce(h.heard_at < %(heard_since)s, TRUE)
        OR h.{kind}_version = %(version)s AND h.{kind}_digest IN ('', %(sha256)s)))"""


def target_of(release: Release) -> Target:
    """The release, as a camera may be brought to it."""
    return _target(release, ordered=order_in_force(release) is not None)


def target_for(rollout: Rollout) -> Target:
    """The same of a rollout that has started: whether it may go back was settled then."""
    return _target(rollout.release, ordered=rollout.order_id is not None)


def _target(release: Release, *, ordered: bool) -> Target:
    profile = release.profile_version
    return Target(
        release.version,
        release.sha256,
        tuple(release.from_versions),
        ordered,
        profile.profile.name if profile else "",
    )


def matching(
    release: Release, wanted: Mapping[str, Sequence[Any]], *, now: datetime
) -> list[Matched]:
    """The cameras of the release's models that this filter describes, by number."""
    return _read(release, wanted, now)


def joining(rollout: Rollout, *, now: datetime, heard_since: datetime) -> list[Matched]:
    """Those that have no turn in this rollout yet, and those that were skipped and may have one by
    now: they are to be had, were heard since then, and nobody put them aside."""
    release = rollout.release
    asked = {
        "rollout": rollout.pk,
        "heard_since": heard_since,
        "version": release.version,
        "sha256": release.sha256,
    }
    return _read(release, rollout.wanted, now, _NEW, **asked)


def _read(
    release: Release,
    wanted: Mapping[str, Sequence[Any]],
    now: datetime,
    besides: str = "",
    **values: Any,
) -> list[Matched]:
    kind = "firmware" if release.kind == ReleaseKind.FIRMWARE else "profile"
    asked = {name: list(given) for name, given in wanted.items() if given}
    also = " ".join([*(_ALSO[name] for name in asked), besides]).format(kind=kind)
    rows = select(
        _MATCHING.format(kind=kind, also=also),
        now=now,
        fits=list(release.fits.values_list("pk", flat=True)),
        **values,
        **asked,
    )
    profiles = _profiles([row[0] for row in rows]) if kind == "profile" and rows else {}
    return [
        Matched(
            pk,
            codes.name(number),
            station,
            shift,
            version,
            digest,
            service_state,
            profiles.get(pk, ""),
            aside,
        )
        for pk, number, station, shift, version, digest, service_state, aside in rows
    ]


def _profiles(camera_ids: list[int]) -> dict[int, str]:
    """The name of the profile that each of these should run, where somebody said."""
    desired = releases.desired_profile(camera_ids)
    return {pk: one.version.rpartition("-")[0] for pk, one in desired.items()}
