"""The roster through the API: shifts to read, and duties to bring, looked at first."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api import serializers
from dashboard.api.acting import KEY_WANTED
from dashboard.api.fields import Row
from dashboard.api.filters import ShiftFilters
from dashboard.api.pagination import Order
from dashboard.api.permissions import officers_shown
from dashboard.api.problems import Fault, Faulty, Unfit
from dashboard.api.resources import Listing
from dashboard.api.sending import Sending, key_of, pointer
from dashboard.api.views import within
from devices.errors import Refused
from devices.inventory.imports import Erroneous, NotReadable, Plan
from devices.inventory.imports.importing import plan
from devices.inventory.imports.reading import Source
from devices.once.actions import KeyUsed
from devices.roster import imports
from devices.roster.models import Duty, Shift

MOST_TOLD = 2_000  # changes and errors of one answer; their numbers are always told
DIGEST = 64

_DIGEST = OpenApiParameter(
    "digest",
    {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    description="What the preview answered: nothing is done if anything has changed since.",
)


class Shifts(Listing):
    """The shifts with how many they have and need, by time."""

    queryset = Shift.objects.none()
    serializer_class = serializers.ShiftSerializer
    filterset_class = ShiftFilters
    order = Order({"begins_at": datetime, "id": int})

    def rows(self) -> QuerySet[Shift]:
        shifts: QuerySet[Shift] = within(Shift.objects.all(), self.reach.stations)
        return shifts.annotate(rostered=Count("duties"), need=F("reserve") + F("rostered"))

    def columns(self) -> set[str]:
        return super().columns() - {"duties"} | {"pk", "station"}

    def complete(self, rows: list[Row]) -> None:
        seen = officers_shown(self.request)
        ids = [row["pk"] for row in rows if seen and seen.covers(row["station"], None)]
        duties: dict[int, list[Row]] = {pk: [] for pk in ids}
        told = Duty.objects.filter(shift__in=ids).order_by("officer__badge_number")
        columns = ("shift", "officer__badge_number", "unit", "begins_at", "ends_at", "source")
        for shift, *values in told.values_list(*columns):
            duties[shift].append(dict(zip(columns[1:], values, strict=True)))
        for row in rows:
            if row["pk"] in duties:
                row["duties"] = duties[row["pk"]]


class _Bringing(Sending):
    serializer_class = serializers.PlanSerializer
    body = {"application/json": serializers.DutiesSerializer, "text/csv": OpenApiTypes.STR}


class Preview(_Bringing):
    """What bringing these duties would do. Nothing is done; a row nobody can read is refused."""

    def post(self, request: Request) -> Response:
        source = self.source(request)
        what = imports.at(imports.Kind.ROSTER, timezone.now())
        try:
            found = plan(what, source, stations=self.reach.stations)
        except Refused as refused:
            raise Unfit(422, str(refused)) from None
        if found.malformed:
            raise Unfit(422, found.sentence, _faults(found, source))
        return self.answered(told(found, source))


class Apply(_Bringing):
    """Brings these duties: all of them, or none."""

    parameters = frozenset({"digest"})
    described = (KEY_WANTED, _DIGEST)

    def post(self, request: Request) -> Response:
        key, expected, source = key_of(request), _digest(request), self.source(request)
        try:
            answer = imports.apply_once(
                imports.Asked(source, expected),
                lambda done: told(done, source),
                key=key,
                by=request.user,
                now=timezone.now(),
                stations=self.reach.stations,
            )
        except Erroneous as refused:
            raise Unfit(422, refused.plan.sentence, _faults(refused.plan, source)) from None
        except (NotReadable, KeyUsed) as refused:
            raise Unfit(422, str(refused)) from None
        except Refused as refused:
            raise Unfit(409, str(refused)) from None
        return self.answered(answer)


def told(found: Plan, source: Source) -> dict[str, Any]:
    """What bringing would do or did."""
    changes = [
        *((one.line, one.key, "added", []) for one in found.added),
        *((one.line, one.key, "changed", one.sentences) for one in found.changed),
    ]
    changes.sort(key=lambda one: one[0])
    return {
        "sentence": found.sentence,
        "digest": found.digest,
        "added": len(found.added),
        "changed": len(found.changed),
        "unchanged": found.unchanged,
        "notes": found.notes,
        "changes": [
            {
                "pointer": pointer(source, line, ""),
                "what": what,
                "date": f"{on}",
                "shift": shift,
                "station": station,
                "badge_number": badge,
                "said": said,
            }
            for line, (on, shift, station, badge), what, said in changes[:MOST_TOLD]
        ],
        "faults": [
            {"pointer": fault.pointer, "detail": fault.detail} for fault in _faults(found, source)
        ],
    }


def _faults(found: Plan, source: Source) -> list[Fault]:
    return [
        Fault(pointer(source, error.line, error.column), error.sentence)
        for error in found.errors[:MOST_TOLD]
    ]


def _digest(request: Request) -> str | None:
    said = request.query_params.get("digest")
    if said is not None and not (len(said) == DIGEST and set(said) <= set("0123456789abcdef")):
        raise Faulty([Fault("/query/digest", "digest is the one that the preview answered")])
    return said
