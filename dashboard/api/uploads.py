"""Bringing a release through the API, by the door that streams people's large files."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard import arriving
from dashboard.api import release_serializers as drawn
from dashboard.api.problems import Unfit
from dashboard.api.releases import told
from dashboard.api.resources import Resource
from dashboard.api.sending import Sending
from dashboard.arriving import ASKED, TYPE, Came, Failed, Line, May
from dashboard.present import present
from devices.errors import Refused
from devices.releases.models import Release
from devices.releases.receiving.actions import Conflict
from devices.releases.storage import Full

_KEY = re.compile("[0-9a-f]{32}")


class Upload(Sending):
    """The file is a release that waits for its verification. The body's first line is JSON, what
    is said of the file; then come its bytes. The same file again is the same release."""

    parser_classes = ()  # what comes goes past Django: fleet/arriving.py asks only what is here
    body = {TYPE: OpenApiTypes.BINARY}
    serializer_class = drawn.UploadedSerializer

    def post(self, request: Request) -> Response:
        match getattr(request._request, "scope", {}).get(ASKED):
            case May():
                return self.answered({})
            case Line(text, size):
                return _asked(lambda: arriving.refuse_line(text, size))
            case Came(text, received):
                by = request.user
                assert isinstance(by, User)  # the door let nobody else in
                return _asked(lambda: _brought(arriving.take(text, received, by, present().now)))
            case Failed(status, says):
                raise Unfit(status, says)
        raise Unfit(415, arriving.AS_WANTED)  # it did not come by that door


def _brought(release: Release) -> dict[str, Any]:
    return {"key": release.key, "release": told(release)}


def _asked(act: Callable[[], dict[str, Any] | None]) -> Response:
    try:
        return Response(act() or {}, headers={"Cache-Control": "no-store"})
    except Conflict as conflict:
        raise Unfit(409, str(conflict)) from None
    except Full as full:
        raise Unfit(507, str(full)) from None
    except Refused as refused:
        raise Unfit(422, str(refused)) from None


class Became(Resource):
    """What became of a file that was sent, by the key of its answer: refused, with the reason, or
    a release."""

    queryset = Release.objects.none()
    serializer_class = drawn.BecameSerializer
    filter_backends = ()
    pagination_class = None

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = self.kwargs["key"]
        if not _KEY.fullmatch(key):
            raise Http404
        release, reason = arriving.became(key)
        if release is None and reason is None:
            raise Http404
        row = {
            "state": release.state if release else drawn.REFUSED,
            "release": release.pk if release else None,
            "reason": reason,
        }
        if self.answer(request, [row]):
            return Response(status=304, headers=self.headers_out)
        return Response(self.get_serializer(row).data, headers=self.headers_out)
