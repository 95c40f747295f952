"""The fleet's things, each as a list and one by one."""

import re
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.http import Http404
from rest_framework.request import Request

from dashboard.api import serializers
from dashboard.api.badges import leave_out, with_badges
from dashboard.api.batteries import batteries_of
from dashboard.api.bays import bays_of
from dashboard.api.fields import Row
from dashboard.api.filters import (
    CameraFilters,
    DockFilters,
    OfficerFilters,
    PlacementFilters,
    ReadingFilters,
    SilenceFilters,
    StationFilters,
)
from dashboard.api.pagination import Order
from dashboard.api.permissions import officers_shown
from dashboard.api.resources import Listing, One, Resource
from dashboard.present import present
from devices.access.people import Visible
from devices.board import cards
from devices.board.cards import Card
from devices.board.sql import BUCKET
from devices.department import current
from devices.health.models import Hearing, Placement, Reading, Silence
from devices.inventory import codes
from devices.inventory.models import PUBLIC_WITHIN, Camera, Dock, Officer, Station
from devices.readiness.sql import CLOCK_OFF, COUNTED

# The board's own rule, looked up for each row.
BUCKET_OF_ROW = f"""
(SELECT {BUCKET.replace("%(charged)s", "%s")} {COUNTED}
 WHERE c.id = devices_camera.id AND c.service_state <> 'retired')"""

# And readiness's of its clock; the row keeps what was wrong when it spoke.
CLOCK_OF_ROW = f"""
coalesce((SELECT {CLOCK_OFF} > %s FROM devices_camerahealth h
          WHERE h.camera_id = devices_camera.id), FALSE)"""  # noqa: S608 (constants)

LARGEST_NUMBER = 2**31 - 1


class _Stations(Resource):
    queryset = Station.objects.none()
    serializer_class = serializers.StationSerializer

    def rows(self) -> QuerySet[Station]:
        if self.reach.stations is None:
            return Station.objects.all()
        return Station.objects.filter(pk__in=self.reach.stations)


class Stations(_Stations, Listing):
    """The buildings, by code."""

    filterset_class = StationFilters
    order = Order({"code": str})


class OneStation(_Stations, One):
    """A building."""


def within(rows: QuerySet[Any], stations: Collection[int] | None) -> QuerySet[Any]:
    """The rows of these stations; None means every station."""
    return rows if stations is None else rows.filter(station__in=stations)


class _Docks(Resource):
    queryset = Dock.objects.none()
    serializer_class = serializers.DockSerializer

    def rows(self) -> QuerySet[Dock]:
        hearing = Coalesce("health__hearing", Value(Hearing.NEVER.value))
        docks = Dock.objects.annotate(hearing=hearing)
        return within(docks, self.reach.stations)

    def columns(self) -> set[str]:
        return super().columns() - {"bays"} | {"pk"}

    def complete(self, rows: list[Row]) -> None:
        bays = bays_of([row["pk"] for row in rows], self.reach)
        for row in rows:
            row["bays"] = bays.get(row["pk"], [])


class Docks(_Docks, Listing):
    """The docks with their bays, by code; whether the fleet hears them."""

    filterset_class = DockFilters
    order = Order({"code": str})


class OneDock(_Docks, One):
    """A dock with its bays."""


class _Cameras(Resource):
    queryset = Camera.objects.none()
    serializer_class = serializers.CameraSerializer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.shown = officers_shown(request)

    def rows(self) -> QuerySet[Camera]:
        policy = current.policy()
        cameras = self.reach.cameras().annotate(
            hearing=Coalesce("health__hearing", Value(Hearing.NEVER.value)),
            clock_wrong=RawSQL(CLOCK_OF_ROW, [policy.clock_tolerance]),  # noqa: S611
            bucket=RawSQL(BUCKET_OF_ROW, [policy.charged_percent]),  # noqa: S611
        )
        return cameras if self.shown is None else with_badges(cameras, self.shown)

    def columns(self) -> set[str]:
        badges = {"badge", "badge_shown"} if self.shown else set()
        beside = {"badge", "battery", "custody", "holder", "public_by", "readiness", "why_silent"}
        return super().columns() - beside | {"pk"} | badges

    def complete(self, rows: list[Row]) -> None:
        ids = [row["pk"] for row in rows]
        batteries = batteries_of(ids)
        judged = {card.id: card for card in cards.cards(self.reach, ids, present())}
        for row in rows:
            card = judged.get(row["pk"])
            row["readiness"] = readiness_of(card) if card else None
            row["why_silent"] = why_silent_of(card) if card else None
            row["public_by"] = row["held_at"] and row["held_at"] + PUBLIC_WITHIN
            row["battery"] = batteries.get(row["pk"])
            row.update(held_now(card, self.shown))
        leave_out(rows)


def held_now(card: Card | None, shown: Visible | None) -> Row:
    """How it is held, and by whom where the sender may know."""
    custody = card.custody if card else None
    own = codes.name(custody.loan_of) if custody and custody.loan_of else None
    found: Row = {"custody": custody and {"kind": custody.kind, "loan_of": own}}
    if card is not None and shown is not None and shown.covers(card.station_id, card.holder_id):
        found["holder"] = custody.badge if custody else None
    return found


def readiness_of(card: Card) -> Row:
    return {
        "fit": card.readiness.fit.value,
        "reasons": [one._asdict() for one in card.readiness.reasons],
    }


def why_silent_of(card: Card) -> Row | None:
    why = card.silent
    return {**asdict(why), "expected": why.expected} if why else None


class Cameras(_Cameras, Listing):
    """The cameras with their health, by number."""

    filterset_class = CameraFilters
    order = Order({"number": int})


class OneCamera(_Cameras, One):
    """A camera with its health, by number (417) or name (C0417)."""

    def named(self) -> dict[str, Any]:
        return {"number": camera_number(self.kwargs["camera"])}


def camera_number(said: str) -> int:
    """417 or C0417, as a number; Http404 for what never was a camera's name."""
    if not re.fullmatch(r"[Cc]?[0-9]{1,10}", said) or int(said.lstrip("Cc")) > LARGEST_NUMBER:
        raise Http404
    return int(said.lstrip("Cc"))


class _OfOneCamera(Listing):
    """What is remembered of one camera, newest first."""

    remembered: type[Model]

    def rows(self) -> QuerySet[Any]:
        number = camera_number(self.kwargs["camera"])
        camera = self.reach.cameras().filter(number=number).values_list("pk", flat=True).first()
        if camera is None:
            raise Http404
        return self.remembered._default_manager.filter(camera=camera)


class History(_OfOneCamera):
    """A camera's readings, newest first: kept on every change and now and then."""

    queryset = Reading.objects.none()
    remembered = Reading
    serializer_class = serializers.ReadingSerializer
    filterset_class = ReadingFilters
    order = Order({"at": datetime, "id": int}, newest_first=True)


class Placements(_OfOneCamera):
    """When a camera came to a bay or left it, newest first."""

    queryset = Placement.objects.none()
    remembered = Placement
    serializer_class = serializers.PlacementSerializer
    filterset_class = PlacementFilters
    order = Order({"at": datetime, "id": int}, newest_first=True)


class Silences(_OfOneCamera):
    """The spans in which a camera that should have spoken did not, newest first."""

    queryset = Silence.objects.none()
    remembered = Silence
    serializer_class = serializers.SilenceSerializer
    filterset_class = SilenceFilters
    order = Order({"began_at": datetime, "id": int}, newest_first=True)


class _Officers(Resource):
    queryset = Officer.objects.none()
    serializer_class = serializers.OfficerSerializer

    def rows(self) -> QuerySet[Officer]:
        officers: QuerySet[Any] = Officer.objects.all()
        if self.reach.officer_id is not None:
            return officers.filter(pk=self.reach.officer_id)
        return within(officers, self.reach.stations)


class Officers(_Officers, Listing):
    """The officers, by badge number."""

    filterset_class = OfficerFilters
    order = Order({"badge_number": str})


class OneOfficer(_Officers, One):
    """An officer, by badge number."""
