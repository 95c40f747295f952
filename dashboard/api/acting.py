"""Acts through the API: one each, done once whatever is asked again."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api.desk import Closed, StrictJson, faults
from dashboard.api.problems import Forbidden, Unfit
from dashboard.api.sending import KEY, LONGEST_KEY, Sending, key_of
from dashboard.present import present
from devices.board.cards import Asked as At
from devices.errors import AnotherPerson, NotNow, Refused
from devices.once import actions as once
from devices.once.actions import Answer

Asked = dict[str, Any]

KEY_WANTED = OpenApiParameter(
    KEY,
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
    "header",
    required=True,
    description="Sent again with the same, it gets the same answer and changes nothing.",
)


class NothingSerializer(Closed):
    """Nothing needs to be said."""


class WhySerializer(Closed):
    reason = serializers.CharField(max_length=200, help_text="Why; it stays.")


class Saying(Sending):
    """An object of JSON; ``asks`` is what it wants to be told."""

    parser_classes = (StrictJson,)
    asks: type[Closed]

    @property
    def body(self) -> dict[str, Any]:  # type: ignore[override]
        return {"application/json": self.asks}

    def understood(self, request: Request) -> Asked:
        """What was said, as values; refuses what is not as it is asked."""
        said = self.asks(data=request.data)
        if not said.is_valid():
            raise Unfit(422, "This cannot be understood.", faults(said.errors))
        return dict(said.validated_data)


class Once(Saying):
    """One act, done once whatever is asked again."""

    described = (KEY_WANTED,)

    def post(self, request: Request, **named: str) -> Response:
        key, said = key_of(request), self.understood(request)
        by, at = request.user, present()
        assert isinstance(by, User)  # the door let nobody else in
        act = self.act(said, by, at)
        asked = once.digest(type(self).__name__, sorted({**named, **said}.items()))
        try:
            answer = once.once(act, asked=asked, key=key, by=by, now=at.now)
        except Refused as refused:
            raise self.problem(refused) from None
        return self.answered(self.shown(request, answer))

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        """What is to be done; Http404 for a thing that the sender may not see."""
        raise NotImplementedError

    def problem(self, refused: Refused) -> APIException:
        """A refusal as the API says it."""
        match refused:
            case AnotherPerson():
                return Forbidden(str(refused))
            case NotNow():
                return Unfit(409, str(refused))
        return Unfit(422, str(refused))

    def shown(self, request: Request, answer: Answer) -> Answer:
        """The kept answer as this sender may see it.

        To the byte the same each time: the database keeps names in an order of its own.
        """
        told: Answer = json.loads(json.dumps(answer, sort_keys=True))
        return told
