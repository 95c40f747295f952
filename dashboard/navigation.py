"""The places of the product, in the order people meet them, and who may go there."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse

from devices.access.people import reach_of
from devices.roles import Act


@dataclass(frozen=True)
class Place:
    """One page that navigation and Ctrl+K lead to."""

    url_name: str
    label: str
    icon: str
    act: Act
    in_bar: bool = True

    @property
    def address(self) -> str:
        return reverse(self.url_name)


PLACES = (
    Place("board", "Board", "board", Act.VIEW_BOARD),
    Place("wall", "Dock wall", "wall", Act.VIEW_BOARD),
    Place("cameras", "Cameras", "cameras", Act.VIEW_CAMERA),
    Place("docks", "Docks", "docks", Act.REVOKE_DEVICE),
)


def places_for(user: User | AnonymousUser) -> list[Place]:
    """Where this person may go, in order."""
    if not isinstance(user, User):
        return []
    return [place for place in PLACES if reach_of(user, place.act) is not None]


def home_of(user: User | AnonymousUser) -> str:
    """The address of the first place this person may go to."""
    return next((place.address for place in places_for(user)), reverse("welcome"))
