"""What cameras may and should run, what they say they run, and who is behind."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from devices.inventory.models import Camera, CameraModel, ServiceState
from devices.releases import rules
from devices.releases.models import Assignment, Release, ReleaseKind, ReleaseState
from devices.releases.profiles import schema


@dataclass(frozen=True)
class Desired:
    """The version of a profile that a camera should run, by which assignment, and since when."""

    release_id: int
    version: str
    digest: str
    through: str
    since: datetime
    defeats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Running:
    """What one camera should run and says it runs. ``drifted`` None is: not known."""

    camera_id: int
    number: int
    station_id: int
    desired: Desired | None
    reported: str
    reported_digest: str
    said_at: datetime | None

    @property
    def drifted(self) -> bool | None:
        if self.desired is None:
            return False
        if not self.reported:
            return None
        other = self.reported_digest not in ("", self.desired.digest)
        return self.reported != self.desired.version or other


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


def desired_profile(camera_ids: Collection[int]) -> dict[int, Desired]:
    """What each of these cameras should run; those for which nobody said are left out."""
    rows = running(Camera.objects.filter(pk__in=camera_ids))
    return {one.camera_id: one.desired for one in rows if one.desired is not None}


def running(cameras: QuerySet[Camera]) -> list[Running]:
    """These cameras' profiles, desired and reported, by number: four statements in all."""
    by_target = _assigned()
    rows = cameras.order_by("number").values_list(
        *("pk", "number", "model_id", "station_id", "officer__unit", "health__profile_version"),
        *("health__profile_digest", "health__received_at"),
    )
    return [
        Running(
            pk,
            number,
            station,
            _narrowest(by_target, (pk, unit, station, model)),
            version or "",
            digest or "",
            said_at,
        )
        for pk, number, model, station, unit, version, digest, said_at in rows
    ]


_WIDENING = ("camera", "unit", "station", "model")


def _narrowest(by_target: dict[tuple[str, Any], Desired], keys: tuple[Any, ...]) -> Desired | None:
    found = (by_target.get((kind, key)) for kind, key in zip(_WIDENING, keys, strict=True) if key)
    return next((one for one in found if one is not None), None)


def _assigned() -> dict[tuple[str, Any], Desired]:
    """The latest approved version of each assigned profile, by what it is assigned to."""
    latest: dict[int, Release] = {}
    approved = Release.objects.filter(kind=ReleaseKind.PROFILE, state=ReleaseState.APPROVED)
    for one in approved.select_related("profile_version").order_by("profile_version__number"):
        if one.profile_version is not None:
            latest[one.profile_version.profile_id] = one
    found = {}
    for assignment in Assignment.objects.all():
        release = latest.get(assignment.profile_id)
        if release is not None:
            kind, key = _target(assignment)
            found[kind, key] = _desired(release, kind, assignment.at)
    return found


def _target(one: Assignment) -> tuple[str, Any]:
    if one.unit:
        return "unit", one.unit
    if one.camera_id is not None:
        return "camera", one.camera_id
    return ("station", one.station_id) if one.station_id is not None else ("model", one.model_id)


def _desired(release: Release, through: str, assigned_at: datetime) -> Desired:
    version = release.profile_version
    assert version is not None
    since = max(assigned_at, release.approved_at or assigned_at)
    defeats = tuple(schema.defeats(version.chosen))
    return Desired(release.pk, release.version, release.sha256, through, since, defeats)


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


def drift_age(one: Running, now: datetime) -> timedelta:
    """How long a camera has had to come to what it should run."""
    assert one.desired is not None
    return max(timedelta(0), now - one.desired.since)
