"""Faults and pre-shift tests: what was told and found, with the facts of that moment."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from dashboard.api import serializers
from dashboard.api.badges import leave_out, with_badges
from dashboard.api.fields import Row
from dashboard.api.filters import FaultFilters, TestFilters
from dashboard.api.pagination import Order
from dashboard.api.permissions import officers_shown
from dashboard.api.resources import Listing, One, Resource, numbered
from devices.faults.models import Fault, PreShiftTest


class _Records(Resource):
    """Rows of cameras that name an officer, shown as far as officers are."""

    kind: type[Fault | PreShiftTest]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.shown = officers_shown(request)

    def rows(self) -> QuerySet[Any]:
        found = self.kind._default_manager.within(self.reach)
        return found if self.shown is None else with_badges(found, self.shown, "camera__")

    def columns(self) -> set[str]:
        return super().columns() - {"badge"} | ({"badge", "badge_shown"} if self.shown else set())

    def complete(self, rows: list[Row]) -> None:
        leave_out(rows)

    def named(self) -> dict[str, Any]:
        ((_, said),) = self.kwargs.items()
        return {"pk": numbered(said)}


class _Faults(_Records):
    kind = Fault
    queryset = Fault.objects.none()
    serializer_class = serializers.CameraFaultSerializer


class Faults(_Faults, Listing):
    """The faults of cameras, newest first."""

    filterset_class = FaultFilters
    order = Order({"opened_at": datetime, "id": int}, newest_first=True)


class OneFault(_Faults, One):
    """A fault, by its number."""


class _Tests(_Records):
    kind = PreShiftTest
    queryset = PreShiftTest.objects.none()
    serializer_class = serializers.TestSerializer


class Tests(_Tests, Listing):
    """Pre-shift tests as they were kept, newest first."""

    filterset_class = TestFilters
    order = Order({"at": datetime, "id": int}, newest_first=True)


class OneTest(_Tests, One):
    """A pre-shift test, by its number."""
