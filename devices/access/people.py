"""How far a person's roles reach: read once per request, in one query."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Q, QuerySet

from devices.inventory.models import Camera, Station
from devices.roles import Act, Reach, Role, reach


@dataclass(frozen=True)
class Visible:
    """What a person may see for one act; ``stations`` None means every station.

    Where ``officer_id`` is set, only that officer's own cameras and those they hold now.
    """

    stations: frozenset[int] | None = None
    officer_id: int | None = None

    def covers(self, station_id: int, *officer_ids: int | None) -> bool:
        """Whether a camera of this station and these officers is within this reach."""
        if self.officer_id is not None:
            return self.officer_id in officer_ids
        return self.stations is None or station_id in self.stations

    def cameras(self) -> QuerySet[Camera]:
        """The cameras within this reach."""
        every: QuerySet[Any] = Camera.objects.all()
        if self.officer_id is not None:
            held = Camera.objects.filter(
                custodies__officer=self.officer_id, custodies__closed_at=None
            )
            return every.filter(Q(officer=self.officer_id) | Q(pk__in=held.values("pk")))
        return every if self.stations is None else every.filter(station__in=self.stations)

    def includes(self, camera: Camera) -> bool:
        """Whether this camera, already read, is within reach."""
        if self.officer_id is not None:
            own = camera.officer_id == self.officer_id
            return own or self.cameras().filter(pk=camera.pk).exists()
        return self.stations is None or camera.station_id in self.stations


def stations_of(reach: Visible) -> QuerySet[Station]:
    """The stations within this reach: somebody's own camera's, where it is that alone."""
    every: QuerySet[Station] = Station.objects.all()
    if reach.officer_id is not None:
        return every.filter(officers=reach.officer_id)
    return every if reach.stations is None else every.filter(pk__in=reach.stations)


def reference(user: User) -> str:
    """People are in the ledger by number: their names may have to be forgotten, it may not."""
    return f"user {user.pk}"


@dataclass(frozen=True)
class Standing:
    """Who somebody is here: roles (their groups), postings, and the officer they are."""

    roles: frozenset[Role]
    stations: frozenset[int]
    officer_id: int | None


def reach_of(user: AbstractBaseUser | AnonymousUser, act: Act) -> Visible | None:
    """How far ``act`` reaches for this person; None refuses."""
    if not isinstance(user, User) or not user.is_active:
        return None
    standing = standing_of(user)
    match reach(standing.roles, act):
        case Reach.EVERYWHERE:
            return Visible()
        case Reach.OWN_STATIONS:
            return Visible(stations=standing.stations)
        case Reach.OWN_CAMERA if standing.officer_id is not None:
            return Visible(stations=frozenset(), officer_id=standing.officer_id)
    return None


def standing_of(user: User) -> Standing:
    """A person's roles and postings, remembered for as long as this object lives."""
    known: Standing | None = getattr(user, "_standing", None)
    if known is None:
        known = user._standing = _read(user)  # type: ignore[attr-defined]
    return known


def _read(user: User) -> Standing:
    rows = list(
        User.objects.filter(pk=user.pk).values_list(
            "groups__name", "postings__station_id", "officer__pk"
        )
    )
    names = {role.value: role for role in Role}
    return Standing(
        roles=frozenset(names[group] for group, _, _ in rows if group in names),
        stations=frozenset(station for _, station, _ in rows if station is not None),
        officer_id=next((officer for _, _, officer in rows), None),
    )
