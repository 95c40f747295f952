"""Cameras that no rollout takes: who they are, putting one aside, and ending that."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404

from dashboard.api import rollout_serializers as drawn
from dashboard.api.acting import Asked, Once, WhySerializer
from dashboard.api.fields import Row, columns
from dashboard.api.filters import AsideFilters
from dashboard.api.pagination import Order
from dashboard.api.resources import Listing
from dashboard.api.views import camera_number
from devices.board.cards import Asked as At
from devices.errors import NotNow
from devices.inventory.models import Camera
from devices.once.actions import Answer
from devices.rollouts.aside import actions
from devices.rollouts.models import PutAside


class Aside(Listing):
    """The cameras that no rollout takes or took, why, and since when; the newest first."""

    queryset = PutAside.objects.none()
    serializer_class = drawn.AsideSerializer
    filterset_class = AsideFilters
    order = Order({"id": int}, newest_first=True)

    def rows(self) -> QuerySet[PutAside]:
        return PutAside.objects.filter(camera__in=self.reach.cameras())


class _OnCamera(Once):
    asks = WhySerializer
    serializer_class = drawn.AsideSerializer

    def camera(self) -> Camera:
        number = camera_number(self.kwargs["camera"])
        found: Camera | None = self.reach.cameras().filter(number=number).first()
        if found is None:
            raise Http404
        return found


class Put(_OnCamera):
    """No rollout takes this camera until that ends. What is planned or offered is skipped, what
    downloads is told to stop; what installs goes on to its proof."""

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        camera = self.camera()
        return lambda: _told(actions.put_aside(camera, said["reason"], by=by, now=at.now))


class End(_OnCamera):
    """Rollouts take the camera again, those under way too; its failures are forgotten."""

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        camera = self.camera()

        def end() -> Answer:
            put = (
                PutAside.objects.select_related("camera")
                .filter(camera=camera, ended_at=None)
                .first()
            )
            if put is None:
                raise NotNow(f"{camera} is not put aside.")
            actions.end_put_aside(put, said["reason"], by=by, now=at.now)
            return _told(put)

        return end


def _told(put: PutAside) -> Answer:
    rows = PutAside.objects.filter(pk=put.pk).values(*columns(drawn.AsideSerializer()))
    row: Row = rows.get()
    return dict(drawn.AsideSerializer(row).data)
