"""Which cameras a rollout describes, and what each of them runs: in two statements, or three."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from devices.inventory import codes
from devices.inventory.tags import BENCH
from devices.readiness.facts import select
from devices.releases import reading as releases
from devices.releases.actions import confirmed_orders, why_ended
from devices.releases.models import Release, ReleaseKind, RollbackOrder
from devices.rollouts.models import Rollout
from devices.rollouts.planning import Matched, Target
from devices.rollouts.rules import IN_VAIN, UNSAID

# The hardware revision that a camera's update client told of it in its attributes ``a``, by the
# names that clients give it.
HARDWARE = "left(coalesce(a.told->>'hwRevision', a.told->>'hw', ''), 40)"
# An officer's shift is the kind of the last duty of a fortnight either way: who turns from nights
# to days is asked as of then.
_MATCHING = f"""
SELECT c.id, c.number, c.station_id,
    (SELECT shift.kind_id FROM devices_duty duty
     JOIN devices_shift shift ON shift.id = duty.shift_id
     WHERE duty.officer_id = c.officer_id AND duty.begins_at > %(now)s - interval '14 days'
       AND duty.begins_at < %(now)s + interval '14 days'
     ORDER BY duty.begins_at DESC LIMIT 1),
    coalesce(h.{{kind}}_version, ''), coalesce(h.{{kind}}_digest, ''), c.service_state,
    coalesce(aside.reason, ''), %(bench)s = ANY(c.tags), {HARDWARE}
FROM devices_camera c
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_cameraattributes a ON a.camera_id = c.id
LEFT JOIN devices_officer o ON o.id = c.officer_id
LEFT JOIN devices_putaside aside ON aside.camera_id = c.id AND aside.ended_at IS NULL
WHERE c.service_state <> 'retired' AND c.model_id = ANY(%(fits)s) {{also}}
ORDER BY c.number"""  # noqa: S608 (constants)
_ALSO = {
    "models": "AND c.model_id = ANY(%(models)s)",
    "stations": "AND c.station_id = ANY(%(stations)s)",
    "cameras": "AND c.id = ANY(%(cameras)s)",
    "versions": "AND coalesce(h.{kind}_version, '') = ANY(%(versions)s)",
    "units": "AND coalesce(o.unit, '') = ANY(%(units)s)",
    "tags": "AND c.tags && %(tags)s::varchar[]",
}
# Which of them the filter describes, and nothing else of them.
_DESCRIBED = """
SELECT c.id FROM devices_camera c
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id
LEFT JOIN devices_officer o ON o.id = c.officer_id
WHERE c.service_state <> 'retired' AND c.model_id = ANY(%(fits)s)
{also}"""
# Without a turn, or skipped: what it was skipped for may hold no more. Whoever still is aside, out
# of reach, in no dock, silent about what it runs or at the release is not even read; nor is who was
# heard and could not be offered it in all that time, because the rollout ends by that.
_NEW = """
AND NOT EXISTS (SELECT FROM devices_deployment had
    WHERE had.rollout_id = %(rollout)s AND had.camera_id = c.id AND (had.state <> 'skipped'
        OR aside.id IS NOT NULL OR c.service_state <> 'in_service' OR c.held_at IS NOT NULL
        OR coalesce(h.heard_at < %(heard_since)s, TRUE)
        OR h.{kind}_version = '' AND starts_with(had.reason, %(unsaid)s)
        OR starts_with(had.reason, %(in_vain)s)
        OR NOT coalesce(h.docked, FALSE) AND coalesce(h.moved_at < %(heard_since)s, TRUE)
        OR h.{kind}_version = %(version)s AND h.{kind}_digest IN ('', %(sha256)s)))"""


def target_of(release: Release) -> Target:
    """The release, as a camera may be brought to it."""
    return _target(release, confirmed_orders(release))


def target_for(rollout: Rollout) -> Target:
    """The same of a rollout that has started: by which order it may go back was settled then."""
    return _target(rollout.release, [rollout.order] if rollout.order else [])


def _target(release: Release, orders: Sequence[RollbackOrder]) -> Target:
    profile = release.profile_version
    ended = [why_ended(order) for order in orders]
    return Target(
        release.version,
        release.sha256,
        tuple(release.from_versions),
        "" in ended,
        next(iter(ended), ""),
        profile.profile.name if profile else "",
        tuple(release.hardware),
    )


def matching(
    release: Release, wanted: Mapping[str, Sequence[Any]], *, now: datetime
) -> list[Matched]:
    """The cameras of the release's models that this filter describes, by number."""
    return _read(release, wanted, now)


def joining(rollout: Rollout, *, now: datetime, heard_since: datetime) -> list[Matched]:
    """Those that have no turn in this rollout yet, and those that were skipped and may have one by
    now: they are to be had, were heard and in a dock since then, and nobody put them aside."""
    release = rollout.release
    asked = {
        "rollout": rollout.pk,
        "heard_since": heard_since,
        "version": release.version,
        "sha256": release.sha256,
        "unsaid": UNSAID,
        "in_vain": IN_VAIN,
    }
    return _read(release, rollout.wanted, now, _NEW, **asked)


def described(rollout: Rollout, besides: str, **values: Any) -> list[int]:
    """The cameras of its release's models that its filter describes now, as far as ``besides``
    lets them: two statements."""
    release = rollout.release
    also, asked = _narrowed(_kind(release), rollout.wanted, besides)
    rows = select(
        _DESCRIBED.format(also=also), release=release.pk, fits=_fits(release), **values, **asked
    )
    return [camera for (camera,) in rows]


def _fits(release: Release) -> list[int]:
    """The camera models that it is for, as the statements ask for them."""
    return list(releases.models_of(release).values_list("pk", flat=True))


def _kind(release: Release) -> str:
    """Which version of theirs cameras are asked for."""
    return "firmware" if release.kind == ReleaseKind.FIRMWARE else "profile"


def _narrowed(
    kind: str, wanted: Mapping[str, Sequence[Any]], besides: str
) -> tuple[str, dict[str, list[Any]]]:
    """The filter as a statement has it, and its values."""
    asked = {name: list(given) for name, given in wanted.items() if given}
    return " ".join([*(_ALSO[name] for name in asked), besides]).format(kind=kind), asked


def _read(
    release: Release,
    wanted: Mapping[str, Sequence[Any]],
    now: datetime,
    besides: str = "",
    **values: Any,
) -> list[Matched]:
    kind = _kind(release)
    also, asked = _narrowed(kind, wanted, besides)
    rows = select(
        _MATCHING.format(kind=kind, also=also),
        now=now,
        bench=BENCH,
        fits=_fits(release),
        **values,
        **asked,
    )
    profiles = profiles_of([row[0] for row in rows]) if kind == "profile" and rows else {}
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
            *more,
        )
        for pk, number, station, shift, version, digest, service_state, *more in rows
    ]


def profiles_of(camera_ids: Collection[int]) -> dict[int, str]:
    """The name of the profile that each of these should run, where somebody said."""
    desired = releases.desired_profile(camera_ids)
    return {pk: one.version.rpartition("-")[0] for pk, one in desired.items()}
