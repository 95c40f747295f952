"""Scans of a desk: judged once each, and answered the same however often they come."""

from typing import IO, Any

from django.contrib.auth.models import User
from django.http import Http404, HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api.fields import ByDeskClock
from dashboard.api.problems import Fault, Faulty, Unfit
from dashboard.api.sending import KEY, Sending, key_of
from dashboard.desks import open_desk
from dashboard.present import present
from devices import planned
from devices.desk import actions
from devices.desk.asking import KeyUsed, Sent
from devices.gateway import strict

MOST_BYTES = 16 * 1024
_KEY = OpenApiParameter(
    KEY,
    {"type": "string", "format": "uuid"},
    "header",
    required=True,
    description="The scan's event_id. Sent again, it gets the same answer and changes nothing.",
)


class StrictJson(BaseParser):
    """An object, read as the devices' doors read theirs."""

    media_type = "application/json"
    most_bytes = MOST_BYTES

    def parse(self, stream: IO[Any], *_: Any, **__: Any) -> Any:
        raw: bytes = stream.read(self.most_bytes + 1)
        if len(raw) > self.most_bytes:
            raise Unfit(413, f"More than {self.most_bytes // 1024} KB are not read here at once.")
        try:
            said = strict.parse(raw)
        except strict.Malformed as fault:
            raise Faulty([Fault("/body", str(fault))]) from None
        if not isinstance(said, dict):
            raise Faulty([Fault("/body", "the body is an object, with no name twice")])
        return said


class LongJson(StrictJson):
    """One that may carry a signature or a certificate, or name the cameras of a rollout."""

    most_bytes = 128 * 1024


class Closed(serializers.Serializer[Any]):
    """Refuses a field that it does not know, and what two parsers might read differently."""

    def to_internal_value(self, data: Any) -> Any:
        self.refuse_strange(data)
        return super().to_internal_value(data)

    def refuse_strange(self, data: Any) -> None:
        """Refuses what is no object, has other names than these, or might be read in two ways."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("must be an object")
        faults: dict[str, list[str]] = {
            str(name)[:40]: ["is not known here"] for name in data if name not in self.fields
        }
        faults |= {
            str(name)[:40]: [value.sentence]
            for name, value in data.items()
            if isinstance(value, strict.Unsound)
        }
        if faults:
            raise serializers.ValidationError(faults)


class ContextSerializer(Closed):
    officer = serializers.CharField(allow_null=True, max_length=20, default=None)
    camera = serializers.CharField(allow_null=True, max_length=12, default=None)
    info = serializers.BooleanField(default=False)
    transfer = serializers.BooleanField(default=False)
    reason = serializers.CharField(allow_blank=True, max_length=20, default="")
    at = ByDeskClock(allow_null=True, default=None)


class ScanSerializer(Closed):
    """One scan; the times are by the desk's clock."""

    event_id = serializers.UUIDField()
    desk = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    seq = serializers.IntegerField(min_value=0, max_value=2**53)
    raw = serializers.CharField(max_length=120, trim_whitespace=False)
    scanned_at = ByDeskClock()
    sent_at = ByDeskClock()
    context = ContextSerializer(required=False)  # type: ignore[assignment]
    told = serializers.ChoiceField(
        ["", "issued", "taken", "returned"], allow_blank=True, default=""
    )
    typed = serializers.BooleanField(default=False)
    undo = serializers.UUIDField(allow_null=True, default=None)
    operator = serializers.CharField(
        allow_blank=True,
        allow_null=True,
        max_length=150,
        default="",
        help_text="User name of who is said to have worked the desk as it was scanned; it goes on"
        " record. null: not known.",
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """What became of it. `context` is what counts afterwards."""

    event_id = serializers.UUIDField()
    result = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    camera = serializers.CharField(allow_null=True)
    officer = serializers.CharField(allow_null=True)
    custody = serializers.IntegerField(allow_null=True)
    undo_until = serializers.DateTimeField(allow_null=True)
    server_time = serializers.DateTimeField()
    context = ContextSerializer()  # type: ignore[assignment]
    card = serializers.DictField(allow_null=True)
    take = serializers.DictField(allow_null=True)
    conflict = serializers.IntegerField(allow_null=True)
    scanned_by = serializers.IntegerField(
        allow_null=True,
        help_text="The operator's account, where somebody else sent it; null if not known.",
    )


class Scans(Sending):
    """One scan at a desk. Every scan that was judged is 200, a refusal too."""

    parser_classes = (StrictJson,)
    serializer_class = AnswerSerializer
    body = {"application/json": ScanSerializer}
    described = (_KEY,)

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with planned.statements():  # who asks, and whether they may
            return super().dispatch(*args, **kwargs)

    def post(self, request: Request) -> Response:
        said = ScanSerializer(data=request.data)
        if not said.is_valid():
            raise Unfit(422, "This is no scan.", [*faults(said.errors)])
        scan: dict[str, Any] = dict(said.validated_data)
        if key_of(request) != str(scan["event_id"]):
            raise Faulty([Fault(f"/header/{KEY}", f"{KEY} is the scan's event_id")])
        desk = open_desk(scan.pop("desk"), self.reach)
        if desk is None:
            raise Http404
        asked, by = present(), request.user
        assert isinstance(by, User)  # the door let nobody else in
        try:
            answer = actions.scan(
                Sent(**{**scan, "context": scan.get("context") or {}}),
                desk,
                by=by,
                now=asked.now,
                policy=asked.policy,
            )
        except KeyUsed as refused:
            raise Unfit(422, str(refused)) from None
        return self.answered(answer)


def faults(errors: Any, where: str = "") -> list[Fault]:
    """What a serializer found, one by one, without what was sent."""
    found: list[Fault] = []
    for name, said in errors.items():
        if isinstance(said, dict):
            found += faults(said, f"{where}/{name}")
        else:
            found += [Fault(f"{where}/{name}", str(one)) for one in said]
    return found
