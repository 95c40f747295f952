"""Who is behind a release and how many days are left, and who drifted from their profile."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api import release_serializers as drawn
from dashboard.api.fields import Row
from dashboard.api.filters import DriftFilters
from dashboard.api.pagination import Order
from dashboard.api.resources import Listing, Resource
from dashboard.present import present
from devices.inventory.models import Camera, CameraModel, ServiceState
from devices.releases import reading
from devices.releases.models import Release
from devices.releases.reading import Running
from devices.rollouts.repairs.finding import outlook


class Behind(Resource):
    """Who is behind each approved firmware, the earliest day first: of the cameras in service that
    the sender may see. A camera counts once, for the release that it is due for first."""

    queryset = Release.objects.none()
    serializer_class = drawn.BehindSerializer
    filter_backends = ()
    pagination_class = None

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = reading.behind(self.reach.cameras(), present().now)
        row = {
            "cameras": sum(one.behind for one in found),
            "releases": [_late(one) for one in found],
        }
        if self.answer(request, [row]):
            return Response(status=304, headers=self.headers_out)
        return Response(self.get_serializer(row).data, headers=self.headers_out)


def _late(one: reading.Behind) -> Row:
    return {
        "id": one.release.pk,
        "version": one.release.version,
        "urgency": one.release.urgency,
        "by": one.by,
        "days_left": one.days_left,
        "cameras": one.cameras,
        "behind": one.behind,
        "sooner": one.sooner,
        "runs": [_runs(*some) for some in one.versions],
    }


def _runs(model: CameraModel, version: str, cameras: int) -> Row:
    told = {"id": model.pk, "maker": model.maker, "name": model.name}
    return {"model": told, "firmware_version": version, "cameras": cameras}


class Drifted(Listing):
    """The cameras in service that do not say they run the profile they should, by number; those
    that said nothing of it among them."""

    queryset = Camera.objects.none()
    serializer_class = drawn.DriftedSerializer
    filterset_class = DriftFilters
    order = Order({"number": int})

    def rows(self) -> QuerySet[Camera]:
        cameras = self.reach.cameras().filter(service_state=ServiceState.IN_SERVICE)
        self.found = {
            one.camera_id: one for one in reading.running(cameras) if one.drifted is not False
        }
        return Camera.objects.filter(pk__in=self.found)

    def columns(self) -> set[str]:
        return {"id", "number", "station__code"}

    def complete(self, rows: list[Row]) -> None:
        shown = [self.found[row["id"]] for row in rows]
        outlooks = outlook([one for one in shown if one.drifted], now=present().now)
        for row, one in zip(rows, shown, strict=True):
            row.update(_drifted(one), outlook=outlooks.get(one.camera_id))


def _drifted(one: Running) -> Row:
    assert one.desired is not None  # or it could not be otherwise
    return {
        "drifted": one.drifted,
        "profile_version": one.reported,
        "wanted": one.desired.version,
        "release": one.desired.release_id,
        "through": one.desired.through,
        "other_content": bool(one.drifted) and one.reported == one.desired.version,
        "since": one.drifted_since,
        "said_at": one.said_at,
        "defeats": list(one.defeats),
        "defeats_now": list(one.defeats_now),
    }
