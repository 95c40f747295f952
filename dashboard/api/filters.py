"""What lists can be narrowed by. A parameter that is unknown, repeated, empty or malformed is
refused with its name: an answer that quietly ignored it would be believed."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.views import APIView

from dashboard.api.badges import whose, worn_by
from dashboard.api.parameters import (
    camera,
    choice,
    flag,
    moment,
    number,
    past,
    percent,
    text,
)
from dashboard.api.permissions import officers_shown
from dashboard.api.problems import Fault, Faulty, Forbidden
from devices.board.rules import Bucket
from devices.custody.models import Custody, CustodyEvent, CustodyKind, CustodyVerb
from devices.faults import models as faults
from devices.health.models import Hearing, Placement, Reading, Silence
from devices.inventory.models import Camera, Dock, DockKind, Officer, ServiceState, Station
from devices.recalls.models import Recall, Recalled
from devices.recalls.rules import Stand
from devices.releases.models import Release, ReleaseKind, ReleaseState
from devices.roles import Act
from devices.rollouts.models import Deployment, PutAside, Rollout
from devices.rollouts.rules import Course, Turn
from devices.roster.models import Shift
from devices.wire import Mode

F = TypeVar("F", bound=filters.FilterSet)


class StationFilters(filters.FilterSet):
    code = text("code", "The station's code.")

    class Meta:
        model = Station
        fields: list[str] = []


class DockFilters(filters.FilterSet):
    station = text("station__code", "The code of its station.")
    kind = choice("kind", "What kind of dock.", DockKind.values)
    hearing = choice("hearing", "Whether the fleet hears it.", Hearing.values)

    class Meta:
        model = Dock
        fields: list[str] = []


class CameraFilters(filters.FilterSet):
    station = text("station__code", "The code of its station.")
    dock = text("home_bay__dock__code", "The code of the dock that is its home.")
    serial = text("serial", "Its serial number, capitals or not.", lookup_expr="iexact")
    officer = text("officer", "The badge number of who wears it.", method="of_officer")
    service_state = choice("service_state", "Its state of service.", ServiceState.values)
    tag = text("tags", "A tag that it has.", method="of_tag")
    bucket = choice("bucket", "Where the board shows it.", Bucket)
    hearing = choice("hearing", "Whether the fleet hears it.", Hearing.values)
    mode = choice("health__mode", "What it last said it was doing.", Mode)
    docked = flag("health__docked", "Whether it last was in a bay.")
    battery_below = percent("health__battery_percent", "Battery under this percentage.", "lt")
    heard_since = moment("health__heard_at", "Heard at or after this time.", "gte")
    heard_before = moment("health__heard_at", "Last heard before this time.", "lt")

    class Meta:
        model = Camera
        fields: list[str] = []

    def of_officer(self, queryset: QuerySet[Camera], _: str, badge: str) -> QuerySet[Camera]:
        """Only among the cameras whose wearers the sender may know."""
        shown = officers_shown(self.request)
        if shown is None:
            raise Forbidden(f"You may not {Act.VIEW_OFFICERS.value}.")
        return worn_by(queryset, badge, shown)

    def of_tag(self, queryset: QuerySet[Camera], _: str, tag: str) -> QuerySet[Camera]:
        return queryset.filter(tags__contains=[tag.lower()])


class DriftFilters(filters.FilterSet):
    station = text("station__code", "The code of its station.")

    class Meta:
        model = Camera
        fields: list[str] = []


class PastFilters(filters.FilterSet):
    at = past("enrolled_at", "The moment; not one to come.", "lte")
    station = text("station__code", "The code of its station today.")
    dock = text("home_bay__dock__code", "The code of the dock that is its home today.")

    class Meta:
        model = Camera
        fields: list[str] = []


class OfficerFilters(filters.FilterSet):
    station = text("station__code", "The code of the station.")
    active = flag("active", "Whether still on duty here.")

    class Meta:
        model = Officer
        fields: list[str] = []


def over_time(field: str) -> Callable[[type[F]], type[F]]:
    """Add `from` and `to`; one is a word of Python, so neither can stand in a class."""

    def add(kind: type[F]) -> type[F]:
        kind.base_filters["from"] = moment(field, "At or after this time.", "gte")
        kind.base_filters["to"] = moment(field, "Before this time.", "lt")
        return kind

    return add


@over_time("at")
class ReadingFilters(filters.FilterSet):
    mode = choice("mode", "What the camera was doing.", Mode)

    class Meta:
        model = Reading
        fields: list[str] = []


@over_time("at")
class PlacementFilters(filters.FilterSet):
    docked = flag("docked", "true: it came to a bay; false: it left one.")

    class Meta:
        model = Placement
        fields: list[str] = []


@over_time("began_at")
class SilenceFilters(filters.FilterSet):
    open = flag("ended_at", "Whether it still lasts.", lookup="isnull")

    class Meta:
        model = Silence
        fields: list[str] = []


@over_time("opened_at")
class FaultFilters(filters.FilterSet):
    camera = camera("camera__number", "Its camera, as C0417 or 417.")
    station = text("camera__station__code", "The code of its camera's station.")
    code = text("code", "What is wrong, as a code.")
    state = choice("state", "Where it stands.", faults.FaultState.values)
    severity = choice("severity", "How grave it is.", faults.Severity.values)
    told_by = choice("source", "Who told it.", faults.FaultSource.values)

    class Meta:
        model = faults.Fault
        fields: list[str] = []


@over_time("at")
class TestFilters(filters.FilterSet):
    camera = camera("camera__number", "Its camera, as C0417 or 417.")
    station = text("camera__station__code", "The code of its camera's station.")
    passed = flag("passed", "Whether it was passed.")

    class Meta:
        model = faults.PreShiftTest
        fields: list[str] = []


class _OfOfficers(filters.FilterSet):
    """Rows of custody, narrowed to an officer for whoever may see officers."""

    def of_officer(self, queryset: QuerySet[Any], _: str, badge: str) -> QuerySet[Any]:
        shown = officers_shown(self.request)
        if shown is None:
            raise Forbidden(f"You may not {Act.VIEW_OFFICERS.value}.")
        return queryset.filter(whose(shown), officer__badge_number=badge)


@over_time("opened_at")
class CustodyFilters(_OfOfficers):
    camera = camera("camera__number", "Its camera, as C0417 or 417.")
    officer = text("officer", "The badge number of who holds it.", method="of_officer")
    kind = choice("kind", "How it is held.", CustodyKind.values)
    open = flag("closed_at", "Whether it still lasts.", lookup="isnull")
    at = moment("opened_at", "Those that were open at this time.", method="then")

    class Meta:
        model = Custody
        fields: list[str] = []

    def then(self, queryset: Any, _: str, at: Any) -> Any:
        return queryset.at(at)


@over_time("at")
class CustodyEventFilters(_OfOfficers):
    camera = camera("camera__number", "Its camera, as C0417 or 417.")
    officer = text("officer", "The badge number of whom it concerns.", method="of_officer")
    custody = number("opened", "The custody that it began or ended.", method="of_custody")
    verb = choice("verb", "What happened.", CustodyVerb.values)

    class Meta:
        model = CustodyEvent
        fields: list[str] = []

    def of_custody(self, queryset: Any, _: str, pk: int) -> Any:
        return queryset.filter(Q(opened=pk) | Q(closed=pk))


class CustodyAtFilters(filters.FilterSet):
    camera = camera("number", "The camera, as C0417 or 417.", required=True)
    at = past("enrolled_at", "The moment; not one to come.", method="asked")

    class Meta:
        model = Camera
        fields: list[str] = []

    def asked(self, queryset: QuerySet[Camera], _: str, __: Any) -> QuerySet[Camera]:
        """It narrows nothing: before a camera was enrolled nothing is known, and that is said."""
        return queryset


@over_time("begins_at")
class ShiftFilters(filters.FilterSet):
    station = text("station__code", "The code of its station.")
    kind = text("kind__code", "The code of its kind.")

    class Meta:
        model = Shift
        fields: list[str] = []


class RolloutFilters(filters.FilterSet):
    state = choice("state", "Where it stands.", [one.value for one in Course])
    release = number("release", "The release it brings, by its id.")

    class Meta:
        model = Rollout
        fields: list[str] = []


class TurnFilters(filters.FilterSet):
    state = choice("state", "Where its turn stands.", [one.value for one in Turn])
    wave = number("wave__number", "The wave it is in, counted from 1.")
    station = text("camera__station__code", "The code of its camera's station.")

    class Meta:
        model = Deployment
        fields: list[str] = []


class AsideFilters(filters.FilterSet):
    camera = camera("camera__number", "Its camera, as C0417 or 417.")
    open = flag("ended_at", "Whether it still lasts.", lookup="isnull")

    class Meta:
        model = PutAside
        fields: list[str] = []


class RecallFilters(filters.FilterSet):
    open = flag("ended_at", "Whether it still lasts.", lookup="isnull")

    class Meta:
        model = Recall
        fields: list[str] = []


class RecalledFilters(filters.FilterSet):
    stand = choice("stand", "Where it stands.", [one.value for one in Stand])
    station = text("camera__station__code", "The code of its station.")

    class Meta:
        model = Recalled
        fields: list[str] = []


class ReleaseFilters(filters.FilterSet):
    kind = choice("kind", "What it is.", ReleaseKind.values)
    state = choice("state", "Where it stands.", ReleaseState.values)
    version = text("version", "Its version.")

    class Meta:
        model = Release
        fields: list[str] = []


class StrictFilters(filters.DjangoFilterBackend):
    """Narrows a list, or says of every parameter that is not right what would be."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Model], view: APIView
    ) -> QuerySet[Model]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise Faulty(_faults(filterset.errors))
        narrowed: QuerySet[Model] = filterset.qs
        return narrowed


def _faults(errors: Any) -> list[Fault]:
    """Our own sentences: a form's messages may repeat what was sent."""
    return [
        Fault(f"/query/{name}", f"{name} {found[0].message}")
        for name, found in errors.as_data().items()
    ]


def refuse_strays(given: QueryDict, known: Collection[str]) -> None:
    """Refuse a parameter that this address does not know, that is empty or that comes twice."""
    faults = [_once(name, given) for name in known if name in given]
    found = [fault for fault in (*faults, _stray(given, known)) if fault]
    if found:
        raise Faulty(found)


def _once(name: str, given: QueryDict) -> Fault | None:
    values = given.getlist(name)
    if len(values) > 1:
        return Fault(f"/query/{name}", f"{name} may be given once")
    if not values[0]:
        return Fault(f"/query/{name}", f"{name} is empty: leave it out")
    return None


def _stray(given: QueryDict, known: Collection[str]) -> Fault | None:
    """What is unknown is not named: the answer repeats nothing that was sent."""
    if all(name in known for name in given):
        return None
    if not known:
        return Fault("/query", "this address has no parameters")
    names = ", ".join(sorted(known))
    return Fault("/query", f"there is a parameter this address does not know; it knows {names}")
