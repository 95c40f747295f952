"""Pages that stay whole while rows come and go: each begins after the last row of the one
before, by a unique key with an index, never by counting."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.views import APIView

from dashboard.api.fields import Row
from dashboard.api.problems import Fault, Faulty

USUAL = 100
MOST = 500
LONGEST_CURSOR = 200
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Order:
    """The columns that order a list, and what each holds; together they are unique."""

    columns: Mapping[str, type]
    newest_first: bool = False

    @property
    def by(self) -> list[str]:
        return [f"-{column}" if self.newest_first else column for column in self.columns]

    def after(self, values: Sequence[Any]) -> Q:
        """The rows that come after the one with these values."""
        than = "lt" if self.newest_first else "gt"
        (first, *rest), (value, *values_left) = self.columns, values
        if not rest:
            return Q(**{f"{first}__{than}": value})
        later = Q(**{f"{first}__{than}": value}) | Q(**{f"{rest[0]}__{than}": values_left[0]})
        return Q(**{f"{first}__{than}e": value}) & later

    def cursor(self, row: Row) -> str:
        """Where a page ended, for the next one to begin."""
        values = [_plain(row[column]) for column in self.columns]
        return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def read(self, cursor: str) -> list[Any]:
        """The values in a cursor; ValueError unless it is one of ours."""
        if len(cursor) > LONGEST_CURSOR or not cursor.isascii():
            raise ValueError
        values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        kinds = self.columns.values()
        if not isinstance(values, list) or len(values) != len(self.columns):
            raise ValueError
        return [_value(value, kind) for value, kind in zip(values, kinds, strict=True)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(value: Any, kind: type) -> Any:
    if kind is int and type(value) is int and 0 <= value <= LARGEST:
        return value
    if kind is str and isinstance(value, str) and value.isprintable():
        return value
    if kind is datetime and isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(UTC)
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    raise ValueError


@dataclass(frozen=True)
class Page:
    """Some rows, and the address of those that follow, if any do."""

    rows: list[Row]
    next: str | None


def page_of(queryset: QuerySet[Any, Row], request: Request, order: Order) -> Page:
    """At most `page_size` rows from `cursor` on."""
    size, start = _size(request), _start(request, order)
    rows = list(queryset.filter(start).order_by(*order.by)[: size + 1])
    more = _address(request, order.cursor(rows[size - 1])) if rows[size:] else None
    return Page(rows[:size], more)


def _size(request: Request) -> int:
    said = request.query_params.get("page_size", str(USUAL))
    size = int(said) if said.isascii() and said.isdigit() and len(said) <= 3 else 0
    if not 1 <= size <= MOST:
        raise Faulty([Fault("/query/page_size", f"page_size must be from 1 to {MOST}")])
    return size


def _start(request: Request, order: Order) -> Q:
    said = request.query_params.get("cursor")
    if said is None:
        return Q()
    try:
        return order.after(order.read(said))
    except (ValueError, RecursionError, OverflowError):
        fault = Fault("/query/cursor", "cursor is not one of ours: begin again without it")
        raise Faulty([fault]) from None


def _address(request: Request, cursor: str) -> str:
    """Without the host: the same answer whatever name the sender knows us by."""
    parameters = request.query_params.copy()
    parameters["cursor"] = cursor
    return f"{request.path}?{parameters.urlencode()}"


class Keyset(BasePagination):
    """What the schema says of pages."""

    parameters = ("cursor", "page_size")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {
                    "type": ["string", "null"],
                    "format": "uri-reference",
                    "description": "The next page; null after the last row.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "Where the page begins, as `next` said.",
                "schema": {"type": "string", "maxLength": LONGEST_CURSOR},
            },
            {
                "name": "page_size",
                "in": "query",
                "description": "How many rows a page has at most.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
            },
        ]
