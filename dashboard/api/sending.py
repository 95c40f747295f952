"""What programs send: rows as JSON or as CSV, a key with which they may ask again, and no more."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any

from django.http import QueryDict
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dashboard.api.filters import refuse_strays
from dashboard.api.problems import Fault, Faulty, Unfit
from devices.access.people import Visible
from devices.inventory.imports.reading import MOST_BYTES, Source

KEY = "Idempotency-Key"
LONGEST_KEY = 64
ROWS = "duties"

_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_KEY}}}", re.ASCII)
_NOT_CACHED = {"Cache-Control": "no-store"}


class Json(BaseParser):
    """An object whose one member is the rows."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], *_: Any, **__: Any) -> Any:
        try:
            said = json.loads(_read(stream))
        except (ValueError, RecursionError):
            raise Faulty([Fault("/body", "the body is no JSON")]) from None
        if not isinstance(said, dict) or set(said) != {ROWS} or not isinstance(said[ROWS], list):
            raise Faulty([Fault("/body", f"the body is an object with a list of {ROWS}")])
        return said[ROWS]


class Csv(BaseParser):
    """A file, as people import it."""

    media_type = "text/csv"

    def parse(self, stream: IO[Any], *_: Any, **__: Any) -> Any:
        return _read(stream)


def _read(stream: IO[Any]) -> bytes:
    found: bytes = stream.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise Faulty([Fault("/body", f"the body is larger than {MOST_BYTES // 1024**2} MB")])
    return found


class Sending(APIView):
    """Takes rows by POST alone; another method is refused before anybody asks who sends it."""

    http_method_names = ["post", "options"]
    parser_classes: tuple[type[BaseParser], ...] = (Json, Csv)
    reach: Visible
    body: Mapping[str, Any]  # what the schema says of what is sent, by its kind
    described: tuple[Any, ...] = ()  # parameters of its own
    parameters: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if str(request.method).lower() not in self.http_method_names:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        self.check(request.query_params)

    def check(self, parameters: QueryDict) -> None:
        refuse_strays(parameters, self.parameters)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What may be done here is in the header Allow; what it means, in the schema."""
        return Response(status=204)

    def source(self, request: Request) -> Source:
        """The rows that were sent."""
        sent = request.data
        if not isinstance(sent, bytes | list):
            raise Unfit(422, f"Nothing was sent: send {ROWS} as JSON, or a CSV file.")
        return sent

    def answered(self, body: dict[str, Any]) -> Response:
        return Response(body, headers=_NOT_CACHED)


def key_of(request: Request) -> str:
    """The key of the request, or a refusal that says what one is."""
    key = str(request.headers.get(KEY, ""))
    if not _KEY.fullmatch(key):
        said = f"{KEY} is 1 to {LONGEST_KEY} visible characters, new for everything asked anew"
        raise Faulty([Fault(f"/header/{KEY}", said)])
    return key


def pointer(source: Source, line: int, column: str) -> str:
    """Where a row stands in what was sent: /duties/0/date, or /line/2/date of a file."""
    where = f"/line/{line}" if isinstance(source, bytes) else f"/{ROWS}/{line - 1}"
    return f"{where}/{column}" if column else where
