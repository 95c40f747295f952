"""The places of the product, in the order people meet them, and who may go there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse

from devices.access.people import reach_of
from devices.roles import Act

MOST_IN_BAR = 5


@dataclass(frozen=True)
class Place:
    """One page that navigation and Ctrl+K lead to; ``daily`` ones are looked at every shift."""

    url_name: str
    label: str
    icon: str
    act: Act
    or_act: Act | None = None
    daily: bool = True

    @property
    def address(self) -> str:
        return reverse(self.url_name)


PLACES = (
    Place("shift", "Shift", "shift", Act.VIEW_READINESS),
    Place("desks", "Desk", "desk", Act.FIND_DESKS),
    Place("overdue", "Overdue", "clock", Act.WORK_DESK),
    Place("board", "Board", "board", Act.VIEW_BOARD),
    Place("wall", "Dock wall", "wall", Act.VIEW_BOARD, daily=False),
    Place("alerts", "Alerts", "alerts", Act.VIEW_READINESS, daily=False),
    Place("cameras", "Cameras", "cameras", Act.VIEW_CAMERA),
    Place("roster", "Roster", "roster", Act.VIEW_READINESS),
    Place("faults", "Faults", "fault", Act.VIEW_CAMERA),
    Place("test", "Test", "test", Act.TEST_CAMERA, daily=False),
    Place("officers", "Officers", "officers", Act.VIEW_OFFICERS, daily=False),
    Place("custody", "Who held it", "history", Act.VIEW_CUSTODY, daily=False),
    Place("reservations", "Reservations", "reserve", Act.RESERVE_CAMERAS, daily=False),
    Place("batteries", "Batteries", "batteries", Act.VIEW_READINESS, daily=False),
    Place("trends", "Trends", "trends", Act.VIEW_READINESS, daily=False),
    Place("repairs", "Repairs", "repair", Act.VIEW_READINESS, daily=False),
    Place("counts", "Counts", "count", Act.COUNT_CAMERAS, daily=False),
    Place("kiosks", "Kiosks", "kiosk", Act.SET_UP_DESKS, daily=False),
    Place("docks", "Docks", "docks", Act.REVOKE_DEVICE),
    Place("releases", "Releases", "release", Act.VIEW_RELEASES, daily=False),
    Place("behind", "Who is behind", "clock", Act.VIEW_RELEASES, daily=False),
    Place("rollouts", "Rollouts", "rollout", Act.VIEW_ROLLOUTS, daily=False),
    Place("recalls", "Recalls", "recall", Act.VIEW_RECALLS, daily=False),
    Place("profiles", "Profiles", "profile", Act.VIEW_RELEASES, daily=False),
    Place("certificates", "Certificates", "certificate", Act.VIEW_RELEASES, daily=False),
    Place("labels", "Labels", "label", Act.PRINT_LABELS, daily=False),
    Place("screens", "Wall screens", "screen", Act.MANAGE_SCREENS, daily=False),
    Place("policy", "Policy", "settings", Act.VIEW_READINESS, daily=False),
    Place("import", "Import", "import", Act.IMPORT_INVENTORY, or_act=Act.IMPORT_OFFICERS),
)


def places_for(user: User | AnonymousUser) -> list[Place]:
    """Where this person may go, in order."""
    if not isinstance(user, User):
        return []
    return [place for place in PLACES if _open_to(user, place)]


class Bar(NamedTuple):
    """The places that the bar shows, and those behind its "More"."""

    shown: list[Place]
    more: list[Place]


def bar(places: Sequence[Place]) -> Bar:
    """What one goes to daily comes first, and no more of it than fits a tablet."""
    first = sorted(places, key=lambda place: not place.daily)[:MOST_IN_BAR]
    return Bar([one for one in places if one in first], [one for one in places if one not in first])


def _open_to(user: User, place: Place) -> bool:
    acts = filter(None, (place.act, place.or_act))
    return any(reach_of(user, act) is not None for act in acts)


def home_of(user: User | AnonymousUser) -> str:
    """Where a person begins: who inspects shifts at the shift, who gives cameras out at the desk,
    others at the board."""
    works = {"shift": Act.INSPECT, "desks": Act.WORK_DESK}
    begins = [place for place in places_for(user) if _works(user, works.get(place.url_name))]
    return next((place.address for place in begins), reverse("welcome"))


def _works(user: User | AnonymousUser, act: Act | None) -> bool:
    """Whether a place is more to somebody than a thing to look at."""
    return act is None or (isinstance(user, User) and reach_of(user, act) is not None)
