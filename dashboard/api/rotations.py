"""An officer's standing places in the roster: to read, to look at, and to set as an import does."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api.acting import Asked, Once, Saying
from dashboard.api.credentials import officer_of
from dashboard.api.desk import Closed
from dashboard.api.pagination import Order
from dashboard.api.permissions import officers_shown
from dashboard.api.problems import Unfit
from dashboard.api.resources import Listing
from dashboard.api.roster import sentences
from devices.access.people import Visible
from devices.board.cards import Asked as At
from devices.errors import NotNow, Refused
from devices.inventory.imports import Erroneous
from devices.inventory.imports.importing import apply, plan
from devices.once.actions import Answer
from devices.roster import imports
from devices.roster.actions import LONGEST_CODE, LONGEST_UNIT
from devices.roster.imports import Kind
from devices.roster.models import Rotation


class RotationSerializer(serializers.Serializer[Any]):
    shift = serializers.CharField(source="kind__code", help_text="The code of its kind.")
    pattern = serializers.CharField(
        source="pattern__name", help_text="Days on and off in turn, from the first day on."
    )
    first_on = serializers.DateField()
    last_on = serializers.DateField(allow_null=True, help_text="null: it goes on for good.")
    unit = serializers.CharField(help_text="Empty: the officer's.")


class SetRotationSerializer(Closed):
    """All of the rotation that begins on ``first_on``: another one, or that one as it is to be."""

    shift = serializers.CharField(max_length=LONGEST_CODE)
    pattern = serializers.CharField(max_length=20)
    first_on = serializers.DateField()
    last_on = serializers.DateField(allow_null=True, default=None)
    unit = serializers.CharField(max_length=LONGEST_UNIT, allow_blank=True, default="")


class SeenRotationSerializer(serializers.Serializer[Any]):
    sentences = serializers.ListField(
        child=serializers.CharField(), help_text="What would change, and what that would fill."
    )


class Rotations(Listing):
    """The rotations of this officer, by their first day."""

    queryset = Rotation.objects.none()
    serializer_class = RotationSerializer
    order = Order({"first_on": date})

    def rows(self) -> QuerySet[Rotation]:
        return Rotation.objects.filter(officer=officer_of(self.reach, self.kwargs["badge_number"]))


class Preview(Saying):
    """What setting this rotation would do. Nothing is done."""

    serializer_class = SeenRotationSerializer
    asks = SetRotationSerializer

    def post(self, request: Request, badge_number: str) -> Response:
        officer = officer_of(self.reach, badge_number)
        row = imports.rotation_row(officer.badge_number, self.understood(request))
        at = timezone.now()
        try:
            found = plan(imports.at(Kind.ROTATIONS, at), [row], stations=self.reach.stations)
            if found.errors:
                raise Erroneous(found)
            follows = imports.follows(found, now=at) if found.changes else []
        except NotNow as refused:
            raise Unfit(409, str(refused)) from None
        except Refused as refused:
            raise Unfit(422, _why(refused)) from None
        named = officers_shown(request) is not None
        told = [f"{one.what}: {', '.join(sentences(one, named=named))}" for one in found.changes]
        return self.answered({"sentences": [*told, *follows]})


class Set(Once):
    """The officer has this rotation, and the weeks ahead follow it."""

    serializer_class = RotationSerializer
    asks = SetRotationSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        officer = officer_of(self.reach, self.kwargs["badge_number"])
        reach: Visible = self.reach

        def bring() -> Answer:
            what = imports.at(Kind.ROTATIONS, at.now)
            row = imports.rotation_row(officer.badge_number, said)
            try:
                apply(what, [row], by=by, now=at.now, stations=reach.stations)
            except Erroneous as refused:
                raise Refused(_why(refused)) from None
            return _told(officer.rotations.get(first_on=said["first_on"]))

        return bring


def _why(refused: Refused) -> str:
    """Every reason, without the line of a file that nobody sent."""
    if isinstance(refused, Erroneous):
        return " ".join(error.sentence for error in refused.plan.errors)
    return str(refused)


def _told(one: Rotation) -> Answer:
    return {
        "shift": one.kind.code,
        "pattern": one.pattern.name,
        "first_on": one.first_on.isoformat(),
        "last_on": one.last_on and one.last_on.isoformat(),
        "unit": one.unit,
    }
