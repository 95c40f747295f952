"""The fleet as it stood at a moment."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dashboard.api import serializers
from dashboard.api.fields import Row
from dashboard.api.filters import PastFilters
from dashboard.api.pagination import Order
from dashboard.api.resources import Listing
from devices.board import past
from devices.department import current
from devices.inventory.models import Camera

OF_THEN = (
    "state", "since", "until", "heard", "cause", "place", "detected_at",
    "battery_percent", "battery_at", "silent_dock",
)  # fmt: skip


class Past(Listing):
    """Every camera enrolled by then as it stood at a moment, by number; what nothing proves is
    unknown."""

    queryset = Camera.objects.none()
    serializer_class = serializers.PastSerializer
    filterset_class = PastFilters
    order = Order({"number": int})

    def rows(self) -> QuerySet[Camera]:
        return self.reach.cameras()

    def columns(self) -> set[str]:
        return super().columns() - {*OF_THEN} | {"pk"}

    def complete(self, rows: list[Row]) -> None:
        moment = datetime.fromisoformat(
            self.request.query_params["at"]
        )  # the filter holds it right
        stood = past.of([row["pk"] for row in rows], moment, policy=current.policy())
        for row in rows:
            said: dict[str, Any] = asdict(stood[row["pk"]])
            row |= {name: said[name] for name in OF_THEN}
