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
from dashboard.api.problems import Fault, Faulty, Forbidden, Unfit
from dashboard.api.resources import Listing
from dashboard.api.sending import Sending, key_of, pointer
from dashboard.api.views import within
from devices.errors import Refused
from devices.inventory.imports import Erroneous, NotReadable, Plan
from devices.inventory.imports.importing import plan
from devices.inventory.imports.judging import Added, Changed, Removed
from devices.inventory.imports.reading import Source
from devices.once.actions import KeyUsed
from devices.roster import imports
from devices.roster.models import Duty, Shift, takes_a_camera

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
        takes = takes_a_camera(timezone.now(), "duties__")
        return shifts.annotate(
            rostered=Count("duties", filter=takes),
            barred=Count("duties") - F("rostered"),
            need=F("reserve") + F("rostered"),
        )

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


_WHOLE = OpenApiParameter(
    "whole",
    {"type": "string", "enum": ["true", "false"]},
    description="These duties are the whole of the shifts they name: who is on one of them and"
    " not named is taken off. Needs officers:read.",
)


class _Bringing(Sending):
    serializer_class = serializers.PlanSerializer
    body = {"application/json": serializers.DutiesSerializer, "text/csv": OpenApiTypes.STR}
    parameters = frozenset({"whole"})
    described: tuple[Any, ...] = (_WHOLE,)

    def whole(self, request: Request) -> bool:
        """Whether they are said to be; who takes others off sees who that is."""
        said = request.query_params.get("whole", "false")
        if said not in ("true", "false"):
            raise Faulty([Fault("/query/whole", "whole is true or false")])
        if said == "true" and officers_shown(request) is None:
            raise Forbidden("Who says that duties are the whole sees officers: officers:read.")
        return said == "true"


class Preview(_Bringing):
    """What bringing these duties would do. Nothing is done; a row nobody can read is refused."""

    def post(self, request: Request) -> Response:
        source = self.source(request)
        named = officers_shown(request) is not None
        whole, now = self.whole(request), timezone.now()
        what = imports.at(imports.Kind.ROSTER, now, whole=whole, names_officers=named)
        try:
            found = plan(what, source, stations=self.reach.stations)
        except Refused as refused:
            raise Unfit(422, str(refused)) from None
        if found.malformed:
            raise Unfit(422, found.sentence, _faults(found, source))
        asked = found.changes and not found.errors
        follows = imports.follows(found, now=now, names_officers=named) if asked else []
        answer = told(found, source, named=named)
        return self.answered({**answer, "notes": [*answer["notes"], *follows]})


class Apply(_Bringing):
    """Brings these duties: all of them, or none."""

    parameters = frozenset({"digest", "whole"})
    described = (KEY_WANTED, _DIGEST, _WHOLE)

    def post(self, request: Request) -> Response:
        key, expected, source = key_of(request), _digest(request), self.source(request)
        named = officers_shown(request) is not None
        try:
            answer = imports.apply_once(
                imports.Asked(source, expected, self.whole(request), named),
                lambda done: told(done, source, named=named),
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


def sentences(one: Added | Changed | Removed, *, named: bool) -> list[str]:
    """What would change; what stood there before is told to those alone who may see officers."""
    if isinstance(one, Changed) and not named:
        return one.sentences_without(one.fields)
    return one.sentences


def told(found: Plan, source: Source, *, named: bool) -> dict[str, Any]:
    """What bringing would do or did; ``named``: to somebody who may see officers."""
    changes = [
        *((one.line, one.key, "added", []) for one in found.added),
        *((one.line, one.key, "changed", sentences(one, named=named)) for one in found.changed),
    ]
    changes += ((0, one.key, "taken off", []) for one in found.removed)
    changes.sort(key=lambda one: one[0])
    return {
        "sentence": found.sentence,
        "digest": found.digest,
        "added": len(found.added),
        "changed": len(found.changed),
        "taken_off": len(found.removed),
        "unchanged": found.unchanged,
        "notes": found.notes,
        "changes": [
            {
                "pointer": pointer(source, line, "") if line else "",
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
