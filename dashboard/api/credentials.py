"""What names an officer when it is scanned: to read, to add, and to take away at once."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers

from dashboard.api.acting import Asked, Once
from dashboard.api.desk import Closed
from dashboard.api.pagination import Order
from dashboard.api.resources import Listing
from dashboard.api.serializers import CredentialSerializer
from dashboard.custody_forms import LONGEST_BADGE
from dashboard.officer_forms import LONGEST_READ
from devices.access.people import Visible
from devices.board.cards import Asked as At
from devices.custody.holders import officers_in
from devices.desk import enrolling
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory.models import Credential, CredentialKind, Officer
from devices.once.actions import Answer


class NewCredentialSerializer(Closed):
    value = serializers.CharField(max_length=LONGEST_READ, help_text="As a reader types it.")
    kind = serializers.ChoiceField(CredentialKind.choices, default=CredentialKind.BADGE)


class EndedCredentialSerializer(Closed):
    credential = serializers.IntegerField(min_value=1, max_value=2**53)
    reason = serializers.CharField(max_length=200, help_text="Why; it stays.")


class Credentials(Listing):
    """What names this officer beside their badge number."""

    queryset = Credential.objects.none()
    serializer_class = CredentialSerializer
    order = Order({"id": int})

    def rows(self) -> QuerySet[Credential]:
        return Credential.objects.filter(
            officer=officer_of(self.reach, self.kwargs["badge_number"])
        )


class _OfOfficer(Once):
    serializer_class = CredentialSerializer

    def officer(self) -> Officer:
        return officer_of(self.reach, self.kwargs["badge_number"])


class Add(_OfOfficer):
    """Whoever scans this is the officer from now on. What names anybody or anything is refused."""

    asks = NewCredentialSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        officer, kind = self.officer(), CredentialKind(said["kind"])
        return lambda: _told(enrolling.enrol(officer, said["value"], kind, by=by, now=at.now))


class End(_OfOfficer):
    """Whoever scans this is nobody from now on, at every desk and kiosk."""

    asks = EndedCredentialSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        officer = self.officer()

        def end() -> Answer:
            one = officer.credentials.filter(pk=said["credential"]).first()
            if one is None:
                raise Refused(f"{officer} has this badge no more.")
            told = _told(one)
            inventory.end_credential(one, said["reason"], by=by, now=at.now)
            return told

        return end


def officer_of(reach: Visible, badge: str) -> Officer:
    """The officer of the address; Http404 for one that the sender may not see."""
    known = len(badge) <= LONGEST_BADGE and badge.isprintable()
    found: Officer | None = officers_in(reach).filter(badge_number=badge).first() if known else None
    if found is None:
        raise Http404
    return found


def _told(one: Credential) -> Answer:
    return {"id": one.pk, "kind": str(one.kind), "ending": one.ending}
