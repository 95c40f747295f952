"""What cameras may and should run, what they say they run, and who is behind."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

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
    are the reasons why with what it should run it may miss a light bar, ``defeats_now`` those why
    with what it says it runs; of settings that nobody here made none is known.
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
    defeats_now: tuple[str, ...] = ()

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
    """A release on its clock, and who is due for it first: by model and version, how many.

    ``sooner`` lack it as well and are due for another one before.
    """

    release: Release
    by: datetime
    days_left: int
    cameras: int
    versions: tuple[tuple[CameraModel, str, int], ...]
    sooner: int = 0

    @property
    def behind(self) -> int:
        return sum(count for _, _, count in self.versions)

    @property
    def lack_it(self) -> int:
        return self.behind + self.sooner


@dataclass(frozen=True)
class ProfileChanges:
    """What a version of a profile changes against which one before it, None: it is the first; and
    why cameras with it may miss a light bar."""

    version: ProfileVersion
    before: ProfileVersion | None
    changes: Sequence[schema.Change]
    defeats: Sequence[str]


def changes_of(version: ProfileVersion) -> ProfileChanges:
    """Against the last version before it that was ever approved, which is what cameras have; where
    none was, against the one before it. One statement."""
    earlier = ProfileVersion.objects.filter(profile=version.profile_id, number__lt=version.number)
    ranked = earlier.annotate(had=Q(release__approved_at__isnull=False)).select_related("profile")
    before = ranked.order_by("-had", "-number").first()
    changes = schema.diff(before.chosen if before else {}, version.chosen)
    return ProfileChanges(version, before, changes, schema.defeats(version.chosen))


def models_of(release: Release) -> QuerySet[CameraModel]:
    """The camera models that it is for: a profile for every one, whenever that came."""
    profile = release.kind == ReleaseKind.PROFILE
    return CameraModel.objects.all() if profile else release.fits.all()


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
    told = {(row[6] or "", row[7] or "") for row in rows}
    known = _known({one.release_id for one in desired.values()}, told)
    found = []
    for number, *_, version, digest, since, said_at in rows:
        one = bearers[number]
        wanted = desired.get(one.camera_id)
        runs = (version or "", digest or "")
        defeats = known.by_release.get(wanted.release_id, ()) if wanted else ()
        said = (wanted, *runs, since, said_at, defeats, known.of(*runs))
        found.append(Running(one.camera_id, number, one.station_id, *said))
    return found


@dataclass(frozen=True)
class _Known:
    """Why cameras with these versions of profiles may miss a light bar, by what each is called."""

    by_release: Mapping[int, tuple[str, ...]]
    by_version: Mapping[str, tuple[str, ...]]
    by_digest: Mapping[str, tuple[str, ...]]

    def of(self, version: str, digest: str) -> tuple[str, ...]:
        """By its content where a camera tells that, else by the name alone."""
        return self.by_digest.get(digest, ()) if digest else self.by_version.get(version, ())


def _known(release_ids: Collection[int], told: Collection[tuple[str, str]]) -> _Known:
    """The versions that cameras should run, and those of which they tell: one statement."""
    named = {version for version, _ in told if version}
    digests = {digest for _, digest in told if digest}
    asked = Q(release__in=release_ids) | Q(release__version__in=named) | Q(digest__in=digests)
    rows = ProfileVersion.objects.filter(asked).select_related("release")
    found = [(one, tuple(schema.defeats(one.chosen))) for one in rows]
    return _Known(
        {one.release.pk: why for one, why in found},
        {one.release.version: why for one, why in found},
        {one.digest: why for one, why in found},
    )


def behind(cameras: QuerySet[Camera], now: datetime) -> list[Behind]:
    """Each approved firmware that somebody is due for first, and each that is a model's newest.

    A camera is due by the earliest day of all that it lacks, and counts for that release alone: no
    later approval puts off a day that runs. Of the cameras in service; the earliest day first.
    Three statements.
    """
    in_service = cameras.filter(service_state=ServiceState.IN_SERVICE)
    counted = Counter(in_service.order_by().values_list("model_id", F("health__firmware_version")))
    approved = Release.objects.filter(kind=ReleaseKind.FIRMWARE, state=ReleaseState.APPROVED)
    releases = list(approved.prefetch_related("fits").order_by("-approved_at"))
    models = {model.pk: model for one in releases for model in one.fits.all()}
    clocks = _clocks(releases, now)
    first: dict[int, list[tuple[CameraModel, str, int]]] = defaultdict(list)
    sooner: Counter[int] = Counter()
    for (model, version), count in counted.items():
        for place, clock in enumerate(rules.lacked(version or "", clocks.get(model, ()))):
            if place:
                sooner[clock.release_id] += count
            else:
                first[clock.release_id].append((models[model], version or "", count))
    shown = {*first, *(one.release_id for ours in clocks.values() for one in rules.newest(ours))}
    rows = [
        _behind(one, counted, first[one.pk], sooner[one.pk], now)
        for one in releases
        if one.pk in shown
    ]
    return sorted(rows, key=lambda one: one.by)


def _clocks(releases: Iterable[Release], now: datetime) -> dict[int, list[rules.Clock]]:
    """What is approved for each model, by its id, on its clock."""
    found: dict[int, list[rules.Clock]] = defaultdict(list)
    for one in releases:
        at = one.approved_at or now
        clock = rules.Clock(one.pk, one.version, at, rules.patch_by(one.urgency, at))
        for model in one.fits.all():
            found[model.pk].append(clock)
    return found


def _behind(
    release: Release,
    counted: "Counter[tuple[int, str | None]]",
    versions: Iterable[tuple[CameraModel, str, int]],
    sooner: int,
    now: datetime,
) -> Behind:
    fits = {one.pk for one in release.fits.all()}
    cameras = sum(count for (model, _), count in counted.items() if model in fits)
    by = rules.patch_by(release.urgency, release.approved_at or now)
    listed = tuple(sorted(versions, key=lambda one: (str(one[0]), one[1])))
    return Behind(release, by, rules.days_left(by, now), cameras, listed, sooner)
