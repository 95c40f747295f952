"""Recalls through the API: what is open, which cameras are still out, and every act of the page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404
from rest_framework import serializers

from dashboard.api.acting import Asked, Once, WhySerializer
from dashboard.api.desk import Closed
from dashboard.api.fields import CameraName, Known, Moment, Part, Row, columns
from dashboard.api.filters import RecalledFilters, RecallFilters
from dashboard.api.pagination import Order
from dashboard.api.parameters import CAMERA
from dashboard.api.resources import Listing, One, Resource, numbered
from dashboard.api.views import camera_number
from devices.board.cards import Asked as At
from devices.errors import Refused
from devices.inventory.models import Camera, CameraModel, ServiceState
from devices.once.actions import Answer
from devices.recalls import actions, reading
from devices.recalls.models import Recall, Recalled
from devices.recalls.rules import LONGEST_NAME, LONGEST_PART, LONGEST_REASON, Stand, Wanted

LARGEST = 2**53
_COUNTED = {"cameras", "out", "came_in", "cleared"}


class RecalledModelPart(Part):
    present = "model__id"

    id = serializers.IntegerField(source="model__id")
    maker = serializers.CharField(source="model__maker")
    name = serializers.CharField(source="model__name")


class RecallSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    reason = serializers.CharField()
    model = RecalledModelPart(help_text="null: of any model.")
    lot = Known(help_text="In capitals; null: of any lot.")
    firmware_version = Known(help_text="null: whatever they run.")
    made_at = Moment()
    made_by = serializers.IntegerField(source="made_by_id", allow_null=True)
    ended_at = Moment(allow_null=True)
    ended_by = serializers.IntegerField(source="ended_by_id", allow_null=True)
    ended_because = Known()
    cameras = serializers.IntegerField(help_text="That have to come in, or had to.")
    out = serializers.IntegerField(help_text="Of these still out: it counts down to zero.")
    came_in = serializers.IntegerField()
    cleared = serializers.IntegerField(help_text="Beside these: found to be all right.")


class RecalledSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    camera = CameraName(source="camera__number", help_text="Who holds it is in custody/.")
    station = serializers.CharField(source="camera__station__code")
    stand = serializers.ChoiceField([one.value for one in Stand])
    service_state = serializers.ChoiceField(ServiceState.choices, source="camera__service_state")
    docked = serializers.BooleanField(
        source="camera__health__docked", allow_null=True, help_text="null is unknown."
    )
    heard_at = Moment(source="camera__health__heard_at", allow_null=True)
    firmware_version = Known(source="camera__health__firmware_version")
    joined_at = Moment()
    came_in_at = Moment(allow_null=True)
    cleared_at = Moment(allow_null=True)
    cleared_because = Known()


class NewRecallSerializer(Closed):
    """What to recall: at least one of model, lot and firmware_version; together they narrow it."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Why; desks read it.")
    model = serializers.IntegerField(
        min_value=1, max_value=LARGEST, required=False, help_text="By its id in a release's fits."
    )
    lot = serializers.CharField(max_length=LONGEST_PART, required=False)
    firmware_version = serializers.CharField(max_length=LONGEST_PART, required=False)


class ClearSerializer(Closed):
    camera = serializers.RegexField(f"^{CAMERA}$", help_text="C0417 or 417.")
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="What was found; it stays.")


class _Recalls(Resource):
    """A recall is the whole department's; its cameras are seen as far as cameras are."""

    queryset = Recall.objects.none()
    serializer_class = RecallSerializer

    def rows(self) -> QuerySet[Recall]:
        every: QuerySet[Recall] = Recall.objects.all()
        return every

    def columns(self) -> set[str]:
        return super().columns() - _COUNTED | {"id"}

    def complete(self, rows: list[Row]) -> None:
        count(rows)


class Recalls(_Recalls, Listing):
    """The recalls with how far each is, the newest first."""

    filterset_class = RecallFilters
    order = Order({"made_at": datetime, "id": int}, newest_first=True)


class OneRecall(_Recalls, One):
    """A recall, by its id."""

    def named(self) -> dict[str, Any]:
        return {"pk": numbered(self.kwargs["recall"])}


class Cameras(Listing):
    """The cameras of a recall, as far as you may see those, by number."""

    queryset = Recalled.objects.none()
    serializer_class = RecalledSerializer
    filterset_class = RecalledFilters
    order = Order({"camera__number": int})

    def rows(self) -> QuerySet[Recalled]:
        pk = numbered(self.kwargs["recall"])
        if not Recall.objects.filter(pk=pk).exists():
            raise Http404
        stand = Case(
            When(cleared_at__isnull=False, then=Value(Stand.CLEARED.value)),
            When(came_in_at__isnull=False, then=Value(Stand.IN.value)),
            default=Value(Stand.OUT.value),
        )
        rows: QuerySet[Recalled] = Recalled.objects.annotate(stand=stand)
        return rows.filter(recall=pk, camera__in=self.reach.cameras())


def count(rows: list[Row]) -> None:
    """Add to each recall how far it is: one statement for all."""
    tallies = reading.tallies([row["id"] for row in rows])
    for row in rows:
        tally = tallies[row["id"]]
        row.update({name: getattr(tally, name) for name in _COUNTED})


class _OnRecalls(Once):
    """An act that answers with the recall as it then is."""

    serializer_class = RecallSerializer

    def recall(self) -> Recall:
        pk = numbered(self.kwargs["recall"])
        found: Recall | None = Recall.objects.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class Make(_OnRecalls):
    """No desk gives such a camera out any more, and each has to come in."""

    asks = NewRecallSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        wanted = Wanted(
            said["name"],
            said["reason"],
            said.get("model"),
            said.get("lot", ""),
            said.get("firmware_version", ""),
        )

        def make() -> Answer:
            model = wanted.model_id
            if model is not None and not CameraModel.objects.filter(pk=model).exists():
                raise Refused("There is no such model.")
            return _told(actions.make(wanted, by=by, now=at.now))

        return make


class Clear(_OnRecalls):
    """One camera of it is all right: the recall stands against it no more."""

    asks = ClearSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        recall, number = self.recall(), camera_number(said["camera"])
        camera: Camera | None = self.reach.cameras().filter(number=number).first()
        if camera is None:
            raise Http404

        def clear() -> Answer:
            actions.clear(recall, camera, said["reason"], by=by, now=at.now)
            return _told(recall)

        return clear


class End(_OnRecalls):
    """It stands against no camera any more; what is out of service stays so."""

    asks = WhySerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        recall = self.recall()

        def end() -> Answer:
            actions.end(recall, said["reason"], by=by, now=at.now)
            return _told(recall)

        return end


def _told(recall: Recall) -> Answer:
    wanted = {*columns(RecallSerializer())} - _COUNTED
    rows: list[Row] = list(Recall.objects.filter(pk=recall.pk).values(*wanted))
    count(rows)
    told: Answer = dict(RecallSerializer(rows[0]).data)
    return told
