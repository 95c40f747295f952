"""Custody through the API: the acts of a desk, each done once whatever is asked again."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from dashboard.api.acting import Asked, Once
from dashboard.api.custody import event_rows
from dashboard.api.desk import Closed
from dashboard.api.fields import Row
from dashboard.api.parameters import CAMERA
from dashboard.api.permissions import officers_shown
from dashboard.api.problems import Fault, Unfit
from dashboard.api.serializers import CustodyEventSerializer, SwappedSerializer
from devices.board.cards import Asked as At
from devices.custody.actions import Correction, Held, HoldsAnother
from devices.custody.models import Custody, CustodyEvent, Via
from devices.desk.by_hand import actions as by_hand
from devices.desk.by_hand.actions import Hand
from devices.errors import Refused
from devices.inventory.models import Camera, Officer

LARGEST = 2**53


def _reason(*, required: bool = True) -> Any:
    said = "Why; it stays with the camera."
    if required:
        return serializers.CharField(max_length=200, help_text=said)
    return serializers.CharField(max_length=200, help_text=said, allow_blank=True, default="")


class OfCamera(Closed):
    camera = serializers.RegexField(f"^{CAMERA}$", help_text="C0417 or 417.")


class CheckInSerializer(OfCamera):
    reason = _reason(required=False)


class CheckOutSerializer(CheckInSerializer):
    officer = serializers.CharField(max_length=20, help_text="Badge number.")


class TransferSerializer(OfCamera):
    officer = serializers.CharField(max_length=20, help_text="Badge number of who takes it over.")
    reason = _reason()


class SwapSerializer(Closed):
    officer = serializers.CharField(max_length=20, help_text="Badge number of who swaps.")
    camera = serializers.RegexField(f"^{CAMERA}$", help_text="What comes in: C0417 or 417.")
    instead = serializers.RegexField(f"^{CAMERA}$", help_text="What goes out to them.")
    reason = _reason(required=False)


class LostSerializer(OfCamera):
    reason = _reason()


class CorrectSerializer(Closed):
    custody = serializers.IntegerField(min_value=1, max_value=LARGEST)
    officer = serializers.CharField(
        max_length=20, allow_null=True, help_text="Who really held it; null is nobody."
    )
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True, help_text="null: still.")
    reason = _reason()


class _Act(Once):
    """One act, and the event it made."""

    serializer_class: type[serializers.Serializer[Any]] = CustodyEventSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Row]:
        event = self.event(said, Hand(by, at.now, at.policy, said.get("reason", ""), Via.API))
        return lambda: _told(event())

    def event(self, said: Asked, hand: Hand) -> Callable[[], CustodyEvent]:
        """What is to be done; Http404 for a thing that the sender may not see."""
        raise NotImplementedError

    def problem(self, refused: Refused) -> APIException:
        return _problem(refused)

    def shown(self, request: Request, answer: Row) -> Row:
        return _shown(request, answer)

    def camera(self, said: Asked, name: str = "camera") -> Camera:
        number = int(said[name].lstrip("Cc"))
        if number >= 2**31:
            raise Http404
        rows = self.reach.cameras().select_related("station")
        found: Camera | None = rows.filter(number=number).first()
        if found is None:
            raise Http404
        return found


class CheckOut(_Act):
    """An officer has a camera from now on. What is not ready goes out for a reason alone."""

    asks = CheckOutSerializer

    def event(self, said: Asked, hand: Hand) -> Callable[[], CustodyEvent]:
        camera = self.camera(said)
        return lambda: by_hand.check_out(camera, _officer(said), hand)


class CheckIn(_Act):
    """Nobody has a camera for a shift any more."""

    asks = CheckInSerializer

    def event(self, said: Asked, hand: Hand) -> Callable[[], CustodyEvent]:
        camera = self.camera(said)
        return lambda: by_hand.check_in(camera, hand)


class Transfer(_Act):
    """A camera goes from who holds it to another officer."""

    asks = TransferSerializer

    def event(self, said: Asked, hand: Hand) -> Callable[[], CustodyEvent]:
        camera = self.camera(said)
        return lambda: by_hand.transfer(camera, _officer(said), hand)


class Swap(_Act):
    """One camera comes in and another goes out to the same officer, on the same terms, at once or
    not at all. What is not ready goes out for a reason alone."""

    asks = SwapSerializer
    serializer_class = SwappedSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Row]:
        back, out = self.camera(said), self.camera(said, "instead")
        hand = Hand(by, at.now, at.policy, said["reason"], Via.API)

        def swap() -> Row:
            swapped = by_hand.swap(_officer(said), back, out, hand)
            return {"returned": _told(swapped.returned), "given": _told(swapped.given)}

        return swap

    def problem(self, refused: Refused) -> APIException:
        return _problem(refused, camera="/instead")

    def shown(self, request: Request, answer: Row) -> Row:
        return {half: _shown(request, event) for half, event in sorted(answer.items())}


class Correct(_Act):
    """What was really so of a custody stands beside it; the record stays."""

    asks = CorrectSerializer

    def event(self, said: Asked, hand: Hand) -> Callable[[], CustodyEvent]:
        rows = Custody.objects.within(self.reach).select_related("camera", "officer")
        one = rows.filter(pk=said["custody"]).first()
        if one is None:
            raise Http404

        def correct() -> CustodyEvent:
            officer = _officer(said) if said["officer"] is not None else None
            right = Correction(officer, said["opened_at"], said["closed_at"])
            return by_hand.correct(one, right, hand)

        return correct


class Lost(_Act):
    """A camera is lost; who held it still answers for it."""

    asks = LostSerializer

    def event(self, said: Asked, hand: Hand) -> Callable[[], CustodyEvent]:
        camera = self.camera(said)
        return lambda: by_hand.report_lost(camera, hand)


class Found(_Act):
    """A lost camera is here again, and out of service until somebody says otherwise."""

    asks = CheckInSerializer

    def event(self, said: Asked, hand: Hand) -> Callable[[], CustodyEvent]:
        camera = self.camera(said)
        return lambda: by_hand.found(camera, hand)


class NoSuchOfficer(Refused):
    """A badge number that is nobody's."""


def _officer(said: Asked) -> Officer:
    found: Officer | None = Officer.objects.filter(badge_number=said["officer"]).first()
    if found is None:
        raise NoSuchOfficer("No officer has this badge number.")
    return found


def _problem(refused: Refused, *, camera: str = "/camera") -> Unfit:
    """``camera`` is where the camera was named that must not go out."""
    match refused:
        case Held() | HoldsAnother():
            return Unfit(409, str(refused))
        case by_hand.Unfit(reasons=reasons):
            told = [Fault(camera, one) for one in reasons]
            return Unfit(422, str(refused), told)
        case NoSuchOfficer():
            return Unfit(422, str(refused), [Fault("/officer", str(refused))])
    return Unfit(422, str(refused))


def _told(event: CustodyEvent) -> Row:
    """The event by its number: who asks again may see less or more of it than before."""
    return {"event": event.pk}


def _shown(request: Request, answer: Row) -> Row:
    """The event as an answer, with the badge numbers that this sender may see.

    Events never change, so the same event is the same answer.
    """
    rows = CustodyEvent.objects.filter(pk=answer["event"])
    (row,) = event_rows(rows, officers_shown(request))
    told: Row = dict(CustodyEventSerializer(row).data)
    return told
