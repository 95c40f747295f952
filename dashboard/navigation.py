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
    or_act: Act | None = None
    in_bar: bool = True

    @property
    def address(self) -> str:
        return reverse(self.url_name)


PLACES = (
    Place("shift", "Shift", "shift", Act.VIEW_READINESS),
    Place("board", "Board", "board", Act.VIEW_BOARD),
    Place("wall", "Dock wall", "wall", Act.VIEW_BOARD),
    Place("alerts", "Alerts", "alerts", Act.VIEW_READINESS, in_bar=False),
    Place("cameras", "Cameras", "cameras", Act.VIEW_CAMERA),
    Place("roster", "Roster", "roster", Act.VIEW_READINESS),
    Place("faults", "Faults", "fault", Act.VIEW_CAMERA),
    Place("test", "Test", "test", Act.TEST_CAMERA),
    Place("batteries", "Batteries", "batteries", Act.VIEW_READINESS, in_bar=False),
    Place("trends", "Trends", "trends", Act.VIEW_READINESS, in_bar=False),
    Place("repairs", "Repairs", "repair", Act.VIEW_READINESS, in_bar=False),
    Place("docks", "Docks", "docks", Act.REVOKE_DEVICE),
    Place("screens", "Wall screens", "screen", Act.MANAGE_SCREENS, in_bar=False),
    Place("policy", "Policy", "settings", Act.VIEW_READINESS, in_bar=False),
    Place("import", "Import", "import", Act.IMPORT_INVENTORY, or_act=Act.IMPORT_OFFICERS),
)


def places_for(user: User | AnonymousUser) -> list[Place]:
    """Where this person may go, in order."""
    if not isinstance(user, User):
        return []
    return [place for place in PLACES if _open_to(user, place)]


def _open_to(user: User, place: Place) -> bool:
    acts = filter(None, (place.act, place.or_act))
    return any(reach_of(user, act) is not None for act in acts)


def home_of(user: User | AnonymousUser) -> str:
    """Where a person begins: who inspects shifts at the shift, others at the board."""
    places = places_for(user)
    if isinstance(user, User) and reach_of(user, Act.INSPECT) is None:
        places = [place for place in places if place.url_name != "shift"]
    return next((place.address for place in places), reverse("welcome"))
