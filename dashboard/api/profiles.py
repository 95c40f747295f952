"""Profiles through the API: what each sets and to what it is assigned, and changing both."""

from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import Http404

from dashboard.api import release_serializers as drawn
from dashboard.api.acting import Asked, Once
from dashboard.api.fields import Moment, Row, columns
from dashboard.api.pagination import Order
from dashboard.api.resources import Listing, One, Resource
from dashboard.api.views import camera_number
from devices.board.cards import Asked as At
from devices.errors import NotNow, Refused
from devices.inventory.models import Camera, CameraModel, Station
from devices.once.actions import Answer
from devices.releases.models import Assignment, Profile, ProfileVersion
from devices.releases.profiles import actions, schema
from devices.releases.profiles.actions import Target


class _Profiles(Resource):
    """A profile is the whole department's; single cameras are told as far as they are seen."""

    queryset = Profile.objects.none()
    serializer_class = drawn.ProfileSerializer

    def rows(self) -> QuerySet[Profile]:
        return Profile.objects.all()

    def columns(self) -> set[str]:
        return {"id", "name"}

    def complete(self, rows: list[Row]) -> None:
        """Two statements for all."""
        ids = [row["id"] for row in rows]
        versions = _by_profile(ProfileVersion.objects.filter(profile__in=ids), _VERSION)
        for version in chain.from_iterable(versions.values()):
            warn(version)
        seen = Q(camera=None) | Q(camera__in=self.reach.cameras())
        assigned = Assignment.objects.filter(seen, profile__in=ids).order_by("at", "id")
        assigned_by = _by_profile(assigned, _ASSIGNMENT)
        for row in rows:
            row |= {"versions": versions[row["id"]], "assigned": assigned_by[row["id"]]}


class Profiles(_Profiles, Listing):
    """The profiles with every version and its settings, by name."""

    order = Order({"name": str})


class OneProfile(_Profiles, One):
    """A profile, by its name."""


_VERSION = {*columns(drawn.VersionSerializer())} - {"defeats"}
_ASSIGNMENT = {*columns(drawn.AssignmentSerializer())}


def _by_profile(rows: QuerySet[Any], wanted: set[str]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows.values("profile_id", *wanted):
        found[row.pop("profile_id")].append(row)
    return found


def warn(version: Row) -> None:
    """Say why cameras with this version may miss a light bar."""
    version["defeats"] = schema.defeats(version["chosen"])


class MakeVersion(Once):
    """The profile has a next version with these settings, for another person to approve as the
    release that it is."""

    asks = drawn.NewVersionSerializer
    serializer_class = drawn.VersionSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        name, based_on = self.kwargs["name"], said["based_on"]
        if based_on and not Profile.objects.filter(name=name).exists():
            raise Http404

        def make() -> Answer:
            made = actions.make_version(
                name,
                said["settings"],
                based_on=based_on,
                note=said.get("note", ""),
                by=by,
                now=at.now,
            )
            row: Row = ProfileVersion.objects.filter(pk=made.pk).values(*_VERSION).get()
            warn(row)
            return dict(drawn.VersionSerializer(row).data)

        return make


class Assign(Once):
    """Those cameras should run this profile, unless something narrower says otherwise."""

    asks = drawn.AssignSerializer
    serializer_class = drawn.AssignedSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        def assign() -> Answer:
            profile = Profile.objects.filter(name=said["profile"]).first()
            if profile is None:
                raise Refused("There is no such profile.")
            return _told(actions.assign(profile, _target(said), by=by, now=at.now))

        return assign


class Unassign(Once):
    """Whatever is wider says what those cameras should run. It answers what was assigned."""

    asks = drawn.TargetSerializer
    serializer_class = drawn.AssignedSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        def unassign() -> Answer:
            rows = actions.assigned_to(_target(said))
            found = rows.select_related("profile", "camera", "station", "model").first()
            if found is None:
                raise NotNow("No profile is assigned there.")
            told = _told(found)
            actions.unassign(found, by=by, now=at.now)
            return told

        return unassign


def _told(one: Assignment) -> Answer:
    return {
        "id": one.pk,
        "profile": one.profile.name,
        "to": actions.target_of(one).words,
        "at": Moment().to_representation(one.at),
    }


def _target(said: Asked) -> Target:
    """Whose cameras; refuses what is not there."""
    return Target(
        camera=_known(Camera, "camera", said.get("camera"), "number", camera_number),
        tag=said.get("tag", ""),
        unit=said.get("unit", ""),
        station=_known(Station, "station", said.get("station"), "code", str),
        model=_known(CameraModel, "model", said.get("model"), "pk", int),
    )


def _known(
    table: type[Any], what: str, said: Any, column: str, read: Callable[[Any], Any]
) -> Any | None:
    if said is None:
        return None
    found = table.objects.filter(**{column: read(said)}).first()
    if found is None:
        raise Refused(f"There is no such {what}.")
    return found
