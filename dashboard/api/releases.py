"""Releases through the API: what there is, another's approval, recalls, the end of an image."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404

from dashboard.api import rollout_serializers as drawn
from dashboard.api.acting import Asked, NothingSerializer, Once, WhySerializer
from dashboard.api.fields import Row, columns
from dashboard.api.filters import ReleaseFilters
from dashboard.api.pagination import Order
from dashboard.api.resources import Listing, One, Resource, numbered
from devices.board.cards import Asked as At
from devices.inventory.models import CameraModel
from devices.once.actions import Answer
from devices.releases import actions
from devices.releases.models import Release, ReleaseKind
from devices.rollouts import images


class _Releases(Resource):
    """Releases are the whole department's: everybody who may see them sees all."""

    queryset = Release.objects.none()
    serializer_class = drawn.ReleaseSerializer

    def rows(self) -> QuerySet[Release]:
        return Release.objects.all()

    def columns(self) -> set[str]:
        return release_columns()

    def complete(self, rows: list[Row]) -> None:
        fit(rows)


class Releases(_Releases, Listing):
    """The firmware images and versions of profiles, by when they came, the newest first."""

    filterset_class = ReleaseFilters
    order = Order({"uploaded_at": datetime, "id": int}, newest_first=True)


class OneRelease(_Releases, One):
    """A release, by its id."""

    def named(self) -> dict[str, Any]:
        return {"pk": numbered(self.kwargs["release"])}


def release_columns() -> set[str]:
    return {*columns(drawn.ReleaseSerializer())} - {"fits"}


def fit(rows: list[Row]) -> None:
    """Add to each release the camera models it is for: two statements for all."""
    models = {model["id"]: model for model in CameraModel.objects.values("id", "maker", "name")}
    named: dict[int, set[int]] = defaultdict(set)
    through = Release.fits.through.objects.filter(release__in=[row["id"] for row in rows])
    for release, model in through.values_list("release", "cameramodel"):
        named[release].add(model)
    for row in rows:
        every = row["kind"] == ReleaseKind.PROFILE
        row["fits"] = [models[pk] for pk in models if every or pk in named[row["id"]]]


def told(release: Release) -> Answer:
    """The release as an act answers with it."""
    rows: list[Row] = list(Release.objects.filter(pk=release.pk).values(*release_columns()))
    fit(rows)
    return dict(drawn.ReleaseSerializer(rows[0]).data)


class _OnRelease(Once):
    """An act that answers with the release as it then is."""

    serializer_class = drawn.ReleaseSerializer

    def release(self) -> Release:
        pk = numbered(self.kwargs["release"])
        found: Release | None = Release.objects.select_related("signed_by").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class Approve(_OnRelease):
    """Cameras of its models may run it. 403 for whoever brought it: another person approves."""

    asks = NothingSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        release = self.release()

        def approve() -> Answer:
            actions.approve(release, by=by, now=at.now)
            return told(release)

        return approve


class Recall(_OnRelease):
    """No camera is brought to it any more."""

    asks = WhySerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        release = self.release()

        def recall() -> Answer:
            actions.recall(release, said["reason"], by=by, now=at.now)
            return told(release)

        return recall


class RemoveImage(_OnRelease):
    """The bytes of a recalled release are gone and make room; what it was stays. 409 while a
    rollout of it is under way, or a camera is being updated to it."""

    asks = NothingSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        release = self.release()

        def remove() -> Answer:
            images.remove_image(release, by=by, now=at.now)
            return told(release)

        return remove
