"""Rollouts to read: how far each is, each camera's turn in them, and who is put aside."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.timezone import localtime

from dashboard import rollout_words
from dashboard.api import rollout_serializers as drawn
from dashboard.api.fields import Row, columns
from dashboard.api.filters import RolloutFilters, TurnFilters
from dashboard.api.pagination import Order
from dashboard.api.resources import Listing, One, Resource, numbered
from dashboard.api.views import camera_number
from dashboard.present import present
from devices.access.people import Visible
from devices.board.cards import Asked
from devices.inventory import codes
from devices.inventory.models import Camera, Station
from devices.rollouts import reading
from devices.rollouts.courses.actions import UNDER_WAY
from devices.rollouts.models import Deployment, Rollout, Wave
from devices.rollouts.reading import Progress
from devices.rollouts.rules import Course, Turn, in_window

_COUNTED = {"cameras", "succeeded", "failed", "under_way", "percent", "by_state", "waves"}
_NOW = {"windows_open", "lowest", "still"}


class _Rollouts(Resource):
    """A rollout is the whole department's, as its release is; turns are as far as cameras are."""

    queryset = Rollout.objects.none()
    serializer_class = drawn.RolloutSerializer

    def rows(self) -> QuerySet[Rollout]:
        return Rollout.objects.all()

    def columns(self) -> set[str]:
        return super().columns() - _COUNTED - _NOW | {"id"}

    def complete(self, rows: list[Row]) -> None:
        count(rows)


class Rollouts(_Rollouts, Listing):
    """The rollouts with their progress, the newest first."""

    filterset_class = RolloutFilters
    order = Order({"made_at": datetime, "id": int}, newest_first=True)


class OneRollout(_Rollouts, One):
    """A rollout with its plan, its waves, and the coming shift of yours with the least to spare."""

    serializer_class = drawn.OneRolloutSerializer

    def named(self) -> dict[str, Any]:
        return {"pk": numbered(self.kwargs["rollout"])}

    def complete(self, rows: list[Row]) -> None:
        super().complete(rows)
        at = present()
        lowest = reading.lowest_margin(self.reach, now=at.now, policy=at.policy)
        for row in rows:
            plan(row)
            row["windows_open"] = in_window(row["windows"], localtime(at.now).time())
            row["still"] = (
                _still(row["id"], at, self.reach) if row["state"] == Course.RUNNING else None
            )
            row["lowest"] = lowest and {
                "shift": lowest.shift,
                "station": lowest.station,
                "begins_at": lowest.begins_at,
                "margin": lowest.margin,
            }


def _still(pk: int, at: Asked, reach: Visible) -> Row | None:
    """Since when nothing has moved, and what keeps the cameras; None while it moves."""
    rollout = Rollout.objects.select_related("release__profile_version__profile").get(pk=pk)
    (one,) = reading.progress([rollout])
    since = one.still_since(at.now)
    if since is None:
        return None
    waits = reading.why_they_wait(
        rollout, one.waves, now=at.now, policy=at.policy, reach=reach
    ).values()
    keeps = [{"cameras": count, "because": why} for count, why in rollout_words.keeping(waits)]
    return {"since": since, "keeps": keeps}


def count(rows: list[Row]) -> None:
    """Add to each rollout how far it is: four statements for all."""
    ids = [row["id"] for row in rows]
    steps = {one.pk: one for one in Wave.objects.filter(rollout__in=ids)}
    found = {one.rollout.pk: one for one in reading.progress(Rollout.objects.filter(pk__in=ids))}
    for row in rows:
        row.update(_numbers(found[row["id"]], steps))


def _numbers(one: Progress, steps: dict[int, Wave]) -> Row:
    return {
        "cameras": one.cameras,
        "succeeded": one.succeeded,
        "failed": one.failed,
        "under_way": one.under_way,
        "percent": one.percent,
        "by_state": _by_state(one.by_state),
        "waves": [
            {
                "number": wave.number,
                "percent": steps[wave.id].percent,
                "count": steps[wave.id].count,
                "opened_at": wave.opened_at,
                "done_at": wave.done_at,
                "by_state": _by_state(wave.tally.by_state),
            }
            for wave in one.waves
        ],
    }


def _by_state(counted: Any) -> dict[str, int]:
    return {state.value: number for state, number in sorted(counted.items())}


def plan(row: Row) -> None:
    """Say what it is to do as a person said it: stations by their codes, cameras by their names."""
    wanted = row["wanted"]
    row["wanted"] = {
        **{name: wanted.get(name, []) for name in ("models", "versions", "units", "tags")},
        "stations": _codes(wanted.get("stations", [])),
        "cameras": _names(wanted.get("cameras", [])),
    }
    row["soak"] = row["soak"] // timedelta(minutes=1)


def _codes(ids: Iterable[int]) -> list[str]:
    rows = Station.objects.filter(pk__in=ids).order_by("code") if ids else Station.objects.none()
    return list(rows.values_list("code", flat=True))


def _names(ids: Iterable[int]) -> list[str]:
    rows = Camera.objects.filter(pk__in=ids).order_by("number") if ids else Camera.objects.none()
    return [codes.name(number) for number in rows.values_list("number", flat=True)]


def whole(rollout: Rollout) -> Row:
    """The rollout with its plan and progress, as an act answers with it."""
    wanted = {*columns(drawn.RolloutPlanSerializer())} - _COUNTED | {"id"}
    rows: list[Row] = list(Rollout.objects.filter(pk=rollout.pk).values(*wanted))
    count(rows)
    plan(rows[0])
    told: Row = dict(drawn.RolloutPlanSerializer(rows[0]).data)
    return told


class Turns(Listing):
    """The turns of a rollout's cameras, as far as you may see those, by number."""

    queryset = Deployment.objects.none()
    serializer_class = drawn.WaitingTurnSerializer
    filterset_class = TurnFilters
    order = Order({"camera__number": int})

    def rows(self) -> QuerySet[Deployment]:
        pk = numbered(self.kwargs["rollout"])
        found = Rollout.objects.select_related("release__profile_version__profile").filter(pk=pk)
        self.rollout = found.first()
        if self.rollout is None:
            raise Http404
        return Deployment.objects.filter(rollout=pk, camera__in=self.reach.cameras())

    def columns(self) -> set[str]:
        return super().columns() - {"waits"}

    def complete(self, rows: list[Row]) -> None:
        planned = any(row["state"] == Turn.PLANNED for row in rows)
        waits = _waits(self.rollout) if self.rollout and planned else {}
        for row in rows:
            row["waits"] = waits.get(row["id"])


def _waits(rollout: Rollout) -> dict[int, tuple[str, ...]]:
    """Of each planned turn why it waits, while its rollout is under way."""
    if rollout.state not in UNDER_WAY:
        return {}
    at = present()
    waves = reading.waves_of([rollout.pk])[rollout.pk]
    return reading.why_they_wait(rollout, waves, now=at.now, policy=at.policy)


class CameraTurns(Listing):
    """A camera's turns in rollouts, the newest first."""

    queryset = Deployment.objects.none()
    serializer_class = drawn.CameraTurnSerializer
    order = Order({"id": int}, newest_first=True)

    def rows(self) -> QuerySet[Deployment]:
        number = camera_number(self.kwargs["camera"])
        camera = self.reach.cameras().filter(number=number).first()
        if camera is None:
            raise Http404
        return Deployment.objects.filter(camera=camera)
