"""Making versions of profiles, and saying which cameras should run which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.validators import slug_re
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from devices import ledger
from devices.errors import NotNow, Refused
from devices.inventory.models import Camera, CameraModel, Station
from devices.inventory.tags import not_tags
from devices.releases import standards, storage
from devices.releases.models import (
    Assignment,
    Profile,
    ProfileVersion,
    Release,
    ReleaseKind,
    ReleaseState,
    Urgency,
)
from devices.releases.profiles import schema
from devices.releases.storage import Received

LONGEST_NAME = 30
LONGEST_NOTE = 200
MOST_UNIT = 60


@dataclass(frozen=True)
class Target:
    """One camera, tag, unit, station or model: exactly one of them."""

    camera: Camera | None = None
    tag: str = ""
    unit: str = ""
    station: Station | None = None
    model: CameraModel | None = None

    @property
    def words(self) -> str:
        if self.tag:
            return f"tag {self.tag}"
        if self.unit:
            return f"unit {self.unit}"
        if self.station is not None:
            return f"station {self.station.code}"
        return f"model {self.model}" if self.model is not None else f"{self.camera}"

    def __post_init__(self) -> None:
        told = (self.camera, self.tag or None, self.unit or None, self.station, self.model)
        if sum(one is not None for one in told) != 1:
            raise Refused("Choose one: a camera, a tag, a unit, a station or a model.")
        if self.tag and (because := not_tags([self.tag])):
            raise Refused(because)
        if len(self.unit) > MOST_UNIT:
            raise Refused(f"A unit has at most {MOST_UNIT} characters.")


def make_version(
    name: str, chosen: Mapping[str, Any], *, based_on: int, note: str = "", by: Any, now: datetime
) -> ProfileVersion:
    """The profile has a next version with these settings, which waits for another's approval.

    ``based_on`` is the version that was edited, 0 for a new profile. Refuses settings out of
    bounds, what changes nothing, and an edit of a version that is not the latest any more.
    """
    schema.refuse_wrong(chosen)
    if not slug_re.match(name) or len(name) > LONGEST_NAME or not name[0].isalpha():
        raise Refused(
            f"A profile's name has at most {LONGEST_NAME} letters, digits and hyphens, and begins "
            "with a letter: patrol."
        )
    received = storage.take_in([schema.canonical(chosen)])
    try:
        return _made(name, chosen, received, (based_on, note), by=by, now=now)
    except BaseException:
        storage.discard(received.key)
        raise


@transaction.atomic
def _made(
    name: str,
    chosen: Mapping[str, Any],
    received: Received,
    edited: tuple[int, str],
    *,
    by: Any,
    now: datetime,
) -> ProfileVersion:
    based_on, note = edited
    profile = _locked(name, new=based_on == 0)
    latest = profile.versions.first()
    if (latest.number if latest else 0) != based_on:
        raise NotNow(f"Somebody made {latest} meanwhile. Look at it, and edit that.")
    if latest is not None and latest.digest == received.sha256:
        raise Refused(f"This is what {latest} says already; nothing changed.")
    version = ProfileVersion.objects.create(
        profile=profile,
        number=based_on + 1,
        chosen=dict(chosen),
        digest=received.sha256,
        note=" ".join(note.split())[:LONGEST_NOTE],
        made_at=now,
        made_by=by,
    )
    _as_release(version, received, by=by, now=now)
    changes = schema.diff(latest.chosen if latest else {}, chosen)
    ledger.record(
        "profile version made",
        f"profile {version}",
        by=by,
        now=now,
        changes=[f"{one.label}: {one.before} → {one.after}" for one in changes],
        defeats_light_bar=bool(schema.defeats(chosen)),
        sha256=version.digest,
    )
    return version


def _locked(name: str, *, new: bool) -> Profile:
    if new:
        try:
            with transaction.atomic():
                return Profile.objects.create(name=name)
        except IntegrityError:
            raise NotNow(f"There is a profile {name} already.") from None
    found = Profile.objects.select_for_update(no_key=True).filter(name=name).first()
    if found is None:
        raise Refused(f"There is no profile {name}.")
    return found


def _as_release(version: ProfileVersion, received: Received, *, by: Any, now: datetime) -> None:
    """It travels like firmware. Nobody outside signed it: who approves it stands for it."""
    Release.objects.create(
        kind=ReleaseKind.PROFILE,
        version=str(version),
        urgency=Urgency.LOW,
        profile_version=version,
        file_name=f"{version}.json",
        key=received.key,
        size=received.size,
        sha1=received.sha1,
        md5=received.md5,
        sha256=received.sha256,
        state=ReleaseState.VERIFIED,
        uploaded_at=now,
        uploaded_by=by,
    )


@transaction.atomic
def assign(profile: Profile, target: Target, *, by: Any, now: datetime) -> Assignment:
    """Cameras of ``target`` should run this profile, unless something narrower says otherwise."""
    if not profile.versions.filter(release__state=ReleaseState.APPROVED).exists():
        raise Refused(f"No version of {profile} is approved yet; have one approved first.")
    models = standards.every_model_locked()
    assigned_to(target).delete()
    assignment = Assignment.objects.create(
        profile=profile,
        camera=target.camera,
        tag=target.tag,
        unit=target.unit,
        station=target.station,
        model=target.model,
        at=now,
        by=by,
    )
    ledger.record("profile assigned", target.words, by=by, now=now, profile=profile.name)
    standards.retell(models, ReleaseKind.PROFILE)
    return assignment


@transaction.atomic
def unassign(assignment: Assignment, *, by: Any, now: datetime) -> None:
    """Whatever is wider says what those cameras should run. Refuses what is gone already.

    Nothing is wider than a model: what its cameras should run is nobody's word then.
    """
    models = standards.every_model_locked()
    gone, _ = Assignment.objects.filter(pk=assignment.pk).delete()
    if not gone:
        raise NotNow("This assignment is gone already.")
    ledger.record(
        "profile unassigned", target_of(assignment).words, by=by, now=now,
        profile=assignment.profile.name,
    )  # fmt: skip
    for model in models:
        if model.pk == assignment.model_id:
            standards.forget_profile(model)
    standards.retell(models, ReleaseKind.PROFILE)


def target_of(assignment: Assignment) -> Target:
    """What a profile is assigned to."""
    one = assignment
    return Target(one.camera, one.tag, one.unit, one.station, one.model)


def assigned_to(target: Target) -> QuerySet[Assignment]:
    """What is assigned to exactly this, if anything is: one at most."""
    return Assignment.objects.filter(
        camera=target.camera,
        tag=target.tag,
        unit=target.unit,
        station=target.station,
        model=target.model,
    )
