"""What cameras may and should run, what they say they run, and who is behind."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from devices.inventory.models import Camera, CameraModel, ServiceState
from devices.releases import rules
from devices.releases.models import ProfileVersion, Release, ReleaseKind, ReleaseState
from devices.releases.profiles import schema


@dataclass(frozen=True)
class Desired:
    """The version of a profile that a camera should run, by which assignment, and since when.

    ``since`` is the latest of the assignment, the approval, and the recall of a later version.
    """

    release_id: int
    version: str
    digest: str
    through: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """What of a camera a profile may be assigned to."""

    camera_id: int
    tags: Sequence[str]
    unit: str | None
    station_id: int
    model_id: int

    @property
    def names(self) -> Iterator[tuple[str, Any]]:
        """Each of these, the narrowest first: what is said of this camera before what it shares."""
        yield "camera", self.camera_id
        for tag in sorted(self.tags):
            yield "tag", tag
        yield "unit", self.unit
        yield "station", self.station_id
        yield "model", self.model_id


@dataclass(frozen=True)
class Running:
    """What one camera should run and says it runs. ``drifted`` None is: not known.

    ``reported_since`` is since when it has said so, None: since before that was kept. ``defeats``
    are the reasons why with what it should run it may miss a light bar.
    """

    camera_id: int
    number: int
    station_id: int
    desired: Desired | None
    reported: str
    reported_digest: str
    reported_since: datetime | None
    said_at: datetime | None
    defeats: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool | None:
        if self.desired is None:
            return False
        if not self.reported:
            return None
        other = self.reported_digest not in ("", self.desired.digest)
        return self.reported != self.desired.version or other

    @property
    def drifted_since(self) -> datetime | None:
        """Since when it has been otherwise than it should, as far as rows tell; None: not known.

        When it began to say so, or when it was wanted otherwise: whichever came later. What moved
        a camera under another assignment is in no row, so it may be later still.
        """
        if not self.drifted or self.desired is None or self.reported_since is None:
            return None
        return max(self.reported_since, self.desired.since)


@dataclass(frozen=True)
class Behind:
    """A release on its clock, and who does not run it: by model and version, how many."""

    release: Release
    by: datetime
    days_left: int
    cameras: int
    versions: tuple[tuple[CameraModel, str, int], ...]

    @property
    def behind(self) -> int:
        return sum(count for _, _, count in self.versions)


def approved_for(model: CameraModel, kind: str = ReleaseKind.FIRMWARE) -> QuerySet[Release]:
    """What cameras of this model may be brought to, the latest approval first."""
    rows = Release.objects.filter(kind=kind, state=ReleaseState.APPROVED, fits=model)
    return rows.order_by("-approved_at")


# The latest approved version of each assigned profile, by what it is assigned to.
_ASSIGNED = """
WITH latest AS (
    SELECT DISTINCT ON (made.profile_id) made.profile_id, made.number, rel.id, rel.version,
           rel.sha256, rel.approved_at
    FROM devices_release rel JOIN devices_profileversion made ON made.id = rel.profile_version_id
    WHERE rel.state = 'approved' ORDER BY made.profile_id, made.number DESC)
SELECT told.camera_id, told.tag, told.unit, told.station_id, told.model_id,
       latest.id, latest.version, latest.sha256,
       greatest(told.at, latest.approved_at, (
           SELECT max(gone.recalled_at) FROM devices_release gone
           JOIN devices_profileversion later ON later.id = gone.profile_version_id
           WHERE later.profile_id = latest.profile_id AND later.number > latest.number
             AND gone.approved_at IS NOT NULL))
FROM devices_assignment told JOIN latest ON latest.profile_id = told.profile_id
WHERE told.camera_id IS NULL OR %(every)s OR told.camera_id = ANY(%(cameras)s)"""
_NAMED = ("camera", "tag", "unit", "station", "model")


def desired_of(bearers: Collection[Bearer]) -> dict[int, Desired]:
    """What each of these cameras should run; those for which nobody said are left out.

    One statement for any number of cameras.
    """
    assigned = _assigned([one.camera_id for one in bearers]) if bearers else {}
    found = {one.camera_id: _narrowest(assigned, one) for one in bearers} if assigned else {}
    return {camera: desired for camera, desired in found.items() if desired is not None}


def assigned_releases() -> set[int]:
    """The versions of profiles that any camera should run."""
    return {one.release_id for one in _assigned(None).values()}


def _assigned(camera_ids: Collection[int] | None) -> dict[tuple[str, Any], Desired]:
    """By what each is assigned to; of single cameras these alone, None: of all."""
    told: dict[str, Any] = {"every": camera_ids is None, "cameras": list(camera_ids or ())}
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGNED, told)
        for *keys, release, version, digest, since in cursor.fetchall():
            named = next((kind, key) for kind, key in zip(_NAMED, keys, strict=True) if key)
            found[named] = Desired(release, version, digest, named[0], since)
    return found


def _narrowest(assigned: Mapping[tuple[str, Any], Desired], one: Bearer) -> Desired | None:
    return next((assigned[name] for name in one.names if name in assigned), None)


def desired_profile(camera_ids: Collection[int]) -> dict[int, Desired]:
    """The same by the cameras' ids: two statements."""
    rows = Camera.objects.filter(pk__in=camera_ids)
    return desired_of([Bearer(*row) for row in rows.values_list(*_BEARS)])


_BEARS = ("pk", "tags", "officer__unit", "station_id", "model_id")
_SAYS = ("profile_version", "profile_digest", "profile_since", "received_at")


def running(cameras: QuerySet[Camera]) -> list[Running]:
    """These cameras' profiles, desired and reported, by number: three statements in all."""
    says = (f"health__{name}" for name in _SAYS)
    rows = list(cameras.order_by("number").values_list("number", *_BEARS, *says))
    bearers = {row[0]: Bearer(*row[1:6]) for row in rows}
    desired = desired_of([*bearers.values()])
    defeated = _defeated({one.release_id for one in desired.values()})
    found = []
    for number, *_, version, digest, since, said_at in rows:
        one = bearers[number]
        wanted = desired.get(one.camera_id)
        told = (version or "", digest or "", since, said_at)
        defeats = defeated.get(wanted.release_id, ()) if wanted else ()
        found.append(Running(one.camera_id, number, one.station_id, wanted, *told, defeats))
    return found


def _defeated(release_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Why cameras with each of these profiles may miss a light bar."""
    rows = ProfileVersion.objects.filter(release__in=release_ids)
    chosen = rows.values_list("release__pk", "chosen")
    return {pk: tuple(schema.defeats(settings)) for pk, settings in chosen}


def behind(cameras: QuerySet[Camera], now: datetime) -> list[Behind]:
    """Each approved firmware that is somebody's latest, and who of these cameras lacks it.

    Of the cameras in service; the most urgent deadline first.
    """
    in_service = cameras.filter(service_state=ServiceState.IN_SERVICE)
    counted = Counter(in_service.order_by().values_list("model_id", F("health__firmware_version")))
    approved = Release.objects.filter(kind=ReleaseKind.FIRMWARE, state=ReleaseState.APPROVED)
    rows = approved.prefetch_related("fits").order_by("-approved_at")
    found, served = [], set[int]()
    for release in rows:
        models = [one for one in release.fits.all() if one.pk not in served]
        served |= {one.pk for one in models}
        if models:
            found.append(_behind(release, models, counted, now))
    return sorted(found, key=lambda one: one.by)


def _behind(
    release: Release,
    models: Iterable[CameraModel],
    counted: "Counter[tuple[int, str | None]]",
    now: datetime,
) -> Behind:
    by_model = {one.pk: one for one in models}
    ours = {key: count for key, count in counted.items() if key[0] in by_model}
    versions = sorted(
        (
            (by_model[model], version or "", count)
            for (model, version), count in ours.items()
            if rules.is_behind(version or "", release.version)
        ),
        key=lambda one: (str(one[0]), one[1]),
    )
    by = rules.patch_by(release.urgency, release.approved_at or now)
    left = rules.days_left(by, now)
    return Behind(release, by, left, sum(ours.values()), tuple(versions))
