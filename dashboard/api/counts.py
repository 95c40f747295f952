"""Scans of a physical count, one or a reader's whole burst at a time; each counts once."""

from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404
from django.utils.timezone import now
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api.desk import Closed, StrictJson, faults
from dashboard.api.problems import Unfit
from dashboard.api.sending import Sending
from dashboard.counts import count_within
from devices.desk.counts import actions
from devices.desk.counts.actions import Over, Shown

MOST_SCANS = 100  # in one request; a reader that sees more sends the next ones with the next


class CountedSerializer(Closed):
    """One code that was read; `event_id` is the scan's own name, so that it may come again."""

    event_id = serializers.UUIDField()
    raw = serializers.CharField(max_length=120, trim_whitespace=False)
    typed = serializers.BooleanField(default=False)


class BurstSerializer(Closed):
    scans = serializers.ListField(
        child=CountedSerializer(), min_length=1, max_length=MOST_SCANS, allow_empty=False
    )


class CountAnswerSerializer(serializers.Serializer[Any]):
    """What became of one scan: counted, again, unexpected, contradiction, unknown or refused."""

    event_id = serializers.UUIDField()
    result = serializers.CharField()
    message = serializers.CharField()
    camera = serializers.CharField(allow_null=True)


class CountAnswersSerializer(serializers.Serializer[Any]):
    answers = CountAnswerSerializer(many=True)


class CountScans(Sending):
    """Cameras that stand in front of somebody who counts. 409 while the count is paused: send
    them again later. 422 once it was closed: nothing more counts."""

    parser_classes = (StrictJson,)
    serializer_class = CountAnswersSerializer
    body = {"application/json": BurstSerializer}

    def post(self, request: Request, pk: int) -> Response:
        count = count_within(self.reach, pk)
        if count is None:
            raise Http404
        said = BurstSerializer(data=request.data)
        if not said.is_valid():
            raise Unfit(422, "These are no scans.", [*faults(said.errors)])
        shown = [Shown(**one) for one in said.validated_data["scans"]]
        by = request.user
        assert isinstance(by, User)  # the door let nobody else in
        try:
            answers = actions.scan(count, shown, by=by, now=now())
        except Over as over:
            raise Unfit(422 if over.closed else 409, str(over)) from None
        told = [asdict(one) | {"event_id": str(one.event_id)} for one in answers]
        return self.answered({"answers": told})
