"""Custody to read: intervals, what happened to them, and who held a camera at any moment."""

from datetime import datetime
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api import serializers
from dashboard.api.badges import leave_out, marked, whose
from dashboard.api.fields import Row, columns
from dashboard.api.filters import CustodyAtFilters, CustodyEventFilters, CustodyFilters
from dashboard.api.pagination import Order
from dashboard.api.permissions import officers_shown
from dashboard.api.resources import Listing, Resource
from dashboard.custody_facts import Names, moment_sentence
from dashboard.custody_forms import cameras_asked_of
from devices.access.people import Visible
from devices.custody import history, moments
from devices.custody.models import Custody, CustodyEvent
from devices.inventory.models import Camera

_CAMERA = OpenApiParameter(
    "camera",
    {"type": "string", "pattern": "^[Cc]?[0-9]{1,9}$"},
    required=True,
    description="The camera, as C0417 or 417.",
)
_AT = OpenApiParameter(
    "at",
    {"type": "string", "format": "date-time"},
    required=True,
    description="The moment; not one to come.",
)


_ANY = Q(pk__isnull=False)


class _Custody(Resource):
    """Rows that name officers, as far as officers are shown."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.shown = officers_shown(request)


class Custodies(_Custody, Listing):
    """Who holds and held which camera, by when it began, the newest first."""

    queryset = Custody.objects.none()
    serializer_class = serializers.CustodyRecordSerializer
    filterset_class = CustodyFilters
    order = Order({"opened_at": datetime, "id": int}, newest_first=True)

    def rows(self) -> QuerySet[Custody]:
        return custodies(Custody.objects.within(self.reach), self.shown)

    def columns(self) -> set[str]:
        return custody_columns(self.shown)

    def complete(self, rows: list[Row]) -> None:
        leave_out(rows)


class Events(_Custody, Listing):
    """What happened to custody, the newest first; what was undone or corrected stays."""

    queryset = CustodyEvent.objects.none()
    serializer_class = serializers.CustodyEventSerializer
    filterset_class = CustodyEventFilters
    order = Order({"id": int}, newest_first=True)

    def rows(self) -> QuerySet[CustodyEvent]:
        return events(CustodyEvent.objects.within(self.reach), self.shown)

    def columns(self) -> set[str]:
        return event_columns(self.shown)

    def complete(self, rows: list[Row]) -> None:
        finish(rows)


class At(_Custody):
    """Who held a camera at a moment: the record first, and every correction that concerns it."""

    queryset = Camera.objects.none()
    serializer_class = serializers.CustodyAtSerializer
    filterset_class = CustodyAtFilters
    pagination_class = None
    parameters = frozenset({"camera", "at"})
    described = (_CAMERA, _AT)

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        camera = self.filter_queryset(cameras_asked_of(self.reach)).first()
        if camera is None:
            raise Http404
        row = self._answered(camera, datetime.fromisoformat(request.query_params["at"]))
        if self.answer(request, [row]):
            return Response(status=304, headers=self.headers_out)
        return Response(self.get_serializer(row).data, headers=self.headers_out)

    def _answered(self, camera: Camera, at: datetime) -> Row:
        answer = moments.of_camera(self.reach, camera, at)
        record = next(iter(answer.records), None)
        began = record.began if record else None
        frozen = record.readiness(at) if record else None
        told = {one["id"]: one for one in self._events([began, *answer.corrections])}
        held = Custody.objects.filter(pk=record.custody.pk) if record else Custody.objects.none()
        rows: list[Row] = list(custodies(held, self.shown).values(*custody_columns(self.shown)))
        leave_out(rows)
        return {
            "camera": camera.name,
            "at": at,
            "known": answer.known.value,
            "since": answer.since,
            "sentence": moment_sentence(camera, answer, Names(self.shown)),
            "custody": rows[0] if rows else None,
            "event": told.get(began.pk) if began else None,
            "readiness": _frozen(frozen) if frozen else None,
            "ledger": moments.entries_of([began]).get(began.pk) if began else None,
            "corrections": [told[one.pk] for one in answer.corrections],
        }

    def _events(self, wanted: list[CustodyEvent | None]) -> list[Row]:
        ids = [one.pk for one in wanted if one is not None]
        return event_rows(CustodyEvent.objects.filter(pk__in=ids), self.shown)


def _frozen(event: CustodyEvent) -> Row:
    at = history.frozen_at(event)
    return {"at": at, "event": event.pk, "snapshot": event.snapshot}


def custodies(rows: QuerySet[Any], shown: Visible | None) -> QuerySet[Any]:
    """These custodies, with badge numbers where they are shown."""
    return rows if shown is None else marked(rows, whose(shown))


def custody_columns(shown: Visible | None) -> set[str]:
    badges = {"badge", "badge_shown"} if shown else set()
    return {*columns(serializers.CustodyRecordSerializer())} - {"badge"} | badges | {"id"}


def events(rows: QuerySet[Any], shown: Visible | None) -> QuerySet[Any]:
    """These events, with badge numbers where they are shown: a supervisor's, and that of whom a
    correction names, only to those who see all of the camera's station."""
    if shown is None:
        return rows
    here = Q(camera__station__in=shown.stations) if shown.stations is not None else _ANY
    every = Case(When(here, then=Value(value=True)), default=Value(value=False))
    seen = marked(rows, whose(shown))
    found: QuerySet[Any] = seen.annotate(every_badge=every, supervisor=F("authority"))
    return found


def event_columns(shown: Visible | None) -> set[str]:
    own = {*columns(serializers.CustodyEventSerializer())} - {"badge", "supervisor"}
    badges = {"badge", "badge_shown", "supervisor", "every_badge"} if shown else set()
    return own | badges


def event_rows(rows: QuerySet[Any], shown: Visible | None) -> list[Row]:
    """These events as rows of an answer."""
    found: list[Row] = list(events(rows, shown).values(*event_columns(shown)))
    finish(found)
    return found


def finish(rows: list[Row]) -> None:
    """Leave out the badge numbers that are not shown, and make what an event says plain."""
    leave_out(rows)
    for row in rows:
        every = row.pop("every_badge", False)
        if not every:
            row.pop("supervisor", None)
        row["says"] = _says(row["says"], row.get("badge"), every=every)


def _says(said: Row, badge: str | None, *, every: bool) -> Row | None:
    if "custody" not in said:
        return said or None
    if "due_at" in said:
        return {"custody": said["custody"], "due_at": datetime.fromisoformat(said["due_at"])}
    told: Row = {
        "custody": said["custody"],
        "opened_at": datetime.fromisoformat(said["opened_at"]),
        "closed_at": datetime.fromisoformat(said["closed_at"]) if said["closed_at"] else None,
    }
    if every or said["officer"] in ("", badge):
        told["officer"] = said["officer"]
    return told
