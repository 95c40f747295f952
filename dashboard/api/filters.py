"""What lists can be narrowed by. A parameter that is unknown, repeated, empty or malformed is
refused with its name: an answer that quietly ignored it would be believed."""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request
from rest_framework.views import APIView

from dashboard.api.permissions import officers_shown
from dashboard.api.problems import Fault, Faulty, Forbidden
from devices.board.rules import Bucket
from devices.health.models import Hearing, Placement, Reading, Silence
from devices.inventory.models import Camera, Dock, DockKind, Officer, ServiceState, Station
from devices.roles import Act
from devices.wire import Mode

F = TypeVar("F", bound=filters.FilterSet)
PLAIN = r"[^\u0000-\u001f\u007f-\u009f]{1,40}"
plain = RegexValidator(rf"\A{PLAIN}\Z", "must be 1 to 40 characters of plain text")


class TextField(forms.CharField):
    default_validators = [plain]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, strip=False)


class WholeField(forms.CharField):
    """A percentage, in digits alone."""

    def clean(self, value: Any) -> int | None:
        if value is None:
            return None
        if not re.fullmatch(r"[0-9]{1,3}", value) or int(value) > 100:
            raise ValidationError("must be a whole number from 0 to 100")
        return int(value)


class MomentField(forms.CharField):
    """An instant; without an offset nobody knows which one."""

    def clean(self, value: Any) -> datetime | None:
        if value is None:
            return None
        try:
            return _moment(value)
        except (ValueError, OverflowError):
            raise ValidationError(
                "must be a time with its offset, such as 2026-11-24T06:55:00Z (a + is written %2B)"
            ) from None


def _moment(value: str) -> datetime:
    said = datetime.fromisoformat(value) if len(value) <= 40 else None
    if said is None or said.tzinfo is None:
        raise ValueError
    return said.astimezone(UTC)


class ChoiceField(forms.CharField):
    """One of a few words, which the refusal lists."""

    def __init__(self, *, words: dict[str, Any], **options: Any) -> None:
        self.words = words
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        if value not in self.words:
            raise ValidationError(f"must be one of {', '.join(self.words)}")
        return self.words[value]


class Text(filters.CharFilter):
    field_class = TextField


class Percent(filters.Filter):
    field_class = WholeField


class Moment(filters.Filter):
    field_class = MomentField


class Choice(filters.Filter):
    field_class = ChoiceField


def text(field: str, help_text: str, **options: Any) -> Any:
    described = Text(field_name=field, help_text=help_text, **options)
    schema = {"type": "string", "pattern": f"^{PLAIN}$", "description": help_text}
    return extend_schema_field(schema)(described)


def percent(field: str, help_text: str, lookup: str) -> Any:
    described = Percent(field_name=field, lookup_expr=lookup, help_text=help_text)
    schema = {"type": "integer", "minimum": 0, "maximum": 100, "description": help_text}
    return extend_schema_field(schema)(described)


def moment(field: str, help_text: str, lookup: str) -> Any:
    described = Moment(field_name=field, lookup_expr=lookup, help_text=help_text)
    schema = {"type": "string", "format": "date-time", "description": help_text}
    return extend_schema_field(schema)(described)


def choice(field: str, help_text: str, among: Iterable[str]) -> Any:
    words = {str(word): str(word) for word in among}
    described = Choice(field_name=field, words=words, help_text=help_text)
    schema = {"type": "string", "enum": [*words], "description": help_text}
    return extend_schema_field(schema)(described)


def flag(field: str, help_text: str, lookup: str = "exact") -> Any:
    words = {"true": True, "false": False}
    described = Choice(field_name=field, lookup_expr=lookup, words=words, help_text=help_text)
    schema = {"type": "boolean", "description": help_text}
    return extend_schema_field(schema)(described)


class StationFilters(filters.FilterSet):
    code = text("code", "The station's code.")

    class Meta:
        model = Station
        fields: list[str] = []


class DockFilters(filters.FilterSet):
    station = text("station__code", "The code of its station.")
    kind = choice("kind", "What kind of dock.", DockKind.values)
    hearing = choice("hearing", "Whether the fleet hears it.", Hearing.values)

    class Meta:
        model = Dock
        fields: list[str] = []


class CameraFilters(filters.FilterSet):
    station = text("station__code", "The code of its station.")
    dock = text("home_bay__dock__code", "The code of the dock that is its home.")
    serial = text("serial", "Its serial number, capitals or not.", lookup_expr="iexact")
    officer = text("officer", "The badge number of who wears it.", method="worn_by")
    service_state = choice("service_state", "Its state of service.", ServiceState.values)
    bucket = choice("bucket", "Where the board shows it.", Bucket)
    hearing = choice("hearing", "Whether the fleet hears it.", Hearing.values)
    mode = choice("health__mode", "What it last said it was doing.", Mode)
    docked = flag("health__docked", "Whether it last was in a bay.")
    battery_below = percent("health__battery_percent", "Battery under this percentage.", "lt")
    heard_since = moment("health__heard_at", "Heard at or after this time.", "gte")
    heard_before = moment("health__heard_at", "Last heard before this time.", "lt")

    class Meta:
        model = Camera
        fields: list[str] = []

    def worn_by(self, queryset: QuerySet[Camera], _: str, badge: str) -> QuerySet[Camera]:
        """Only among the cameras whose wearers the sender may know."""
        shown = officers_shown(self.request)
        if shown is None:
            raise Forbidden(f"You may not {Act.VIEW_OFFICERS.value}.")
        known = shown.cameras().filter(officer__badge_number=badge)
        return queryset.filter(pk__in=known.values("pk"))


class OfficerFilters(filters.FilterSet):
    station = text("station__code", "The code of the station.")
    active = flag("active", "Whether still on duty here.")

    class Meta:
        model = Officer
        fields: list[str] = []


def over_time(field: str) -> Callable[[type[F]], type[F]]:
    """Add `from` and `to`; one is a word of Python, so neither can stand in a class."""

    def add(kind: type[F]) -> type[F]:
        kind.base_filters["from"] = moment(field, "At or after this time.", "gte")
        kind.base_filters["to"] = moment(field, "Before this time.", "lt")
        return kind

    return add


@over_time("at")
class ReadingFilters(filters.FilterSet):
    mode = choice("mode", "What the camera was doing.", Mode)

    class Meta:
        model = Reading
        fields: list[str] = []


@over_time("at")
class PlacementFilters(filters.FilterSet):
    docked = flag("docked", "true: it came to a bay; false: it left one.")

    class Meta:
        model = Placement
        fields: list[str] = []


@over_time("began_at")
class SilenceFilters(filters.FilterSet):
    open = flag("ended_at", "Whether it still lasts.", lookup="isnull")

    class Meta:
        model = Silence
        fields: list[str] = []


class StrictFilters(filters.DjangoFilterBackend):
    """Narrows a list, or says of every parameter that is not right what would be."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Model], view: APIView
    ) -> QuerySet[Model]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise Faulty(_faults(filterset.errors))
        narrowed: QuerySet[Model] = filterset.qs
        return narrowed


def _faults(errors: Any) -> list[Fault]:
    """Our own sentences: a form's messages may repeat what was sent."""
    return [
        Fault(f"/query/{name}", f"{name} {found[0].message}")
        for name, found in errors.as_data().items()
    ]


def refuse_strays(given: QueryDict, known: Collection[str]) -> None:
    """Refuse a parameter that this address does not know, that is empty or that comes twice."""
    faults = [_once(name, given) for name in known if name in given]
    found = [fault for fault in (*faults, _stray(given, known)) if fault]
    if found:
        raise Faulty(found)


def _once(name: str, given: QueryDict) -> Fault | None:
    values = given.getlist(name)
    if len(values) > 1:
        return Fault(f"/query/{name}", f"{name} may be given once")
    if not values[0]:
        return Fault(f"/query/{name}", f"{name} is empty: leave it out")
    return None


def _stray(given: QueryDict, known: Collection[str]) -> Fault | None:
    """What is unknown is not named: the answer repeats nothing that was sent."""
    if all(name in known for name in given):
        return None
    if not known:
        return Fault("/query", "this address has no parameters")
    names = ", ".join(sorted(known))
    return Fault("/query", f"there is a parameter this address does not know; it knows {names}")
