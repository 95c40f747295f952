"""Every door of the product and what it asks for, as one table. What is missing here fails."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, get_resolver

from devices.roles import Act
from tests.access.places import Place


@dataclass(frozen=True)
class Door:
    """What a page asks of who comes: any of ``acts``; with none, only to be signed in.

    ``names`` is the kind of thing its address names; ``lists`` the kind of thing it shows
    many of, as far as ``shows`` reaches. Who may not ``also`` finds nothing there.
    """

    acts: tuple[Act, ...] = ()
    method: str = "GET"
    names: str = ""
    lists: str = ""
    shows: Act | None = None
    also: Act | None = None
    said: Mapping[str, str] | Callable[[Place], Mapping[str, Any]] = field(default_factory=dict)

    def form(self, place: Place) -> Mapping[str, Any]:
        """What is filled in about this place."""
        return self.said(place) if callable(self.said) else self.said


def gets(*acts: Act, **rest: Any) -> Door:
    return Door(acts, "GET", **rest)


def posts(*acts: Act, names: str = "", **said: str) -> Door:
    return Door(acts, "POST", names, said=said)


def tells(act: Act, names: str, said: Callable[[Place], Mapping[str, Any]]) -> Door:
    """A form whose words depend on the place."""
    return Door((act,), "POST", names, said=said)


def lists(what: str, act: Act) -> Door:
    return Door((act,), "GET", lists=what, shows=act)


CAMERA, DOCK = "cameras/<camera:number>/", "docks/<dock:code>/"
OFFICER = "roster/<str:code>/officers/<str:badge>/<day:on>/"
SHIFT = "roster/<str:code>/shifts/<str:kind>/<day:on>/"
WHY = {"reason": "as told"}

PAGES = {
    "": lists("camera", Act.VIEW_BOARD),
    "wall/": lists("dock", Act.VIEW_BOARD),
    "cameras/": lists("camera", Act.VIEW_CAMERA),
    "cameras.csv": lists("camera", Act.EXPORT_CAMERAS),
    CAMERA: gets(Act.VIEW_CAMERA, names="camera"),
    f"{CAMERA}now/": gets(Act.VIEW_CAMERA, names="camera"),
    f"{CAMERA}service/": posts(Act.CHANGE_SERVICE, names="camera", to="lost", **WHY),
    f"{CAMERA}tokens/": gets(Act.REVOKE_DEVICE, names="camera"),
    f"{CAMERA}tokens/give/": posts(Act.ENROL_DEVICE, names="camera"),
    f"{CAMERA}tokens/rotate/": posts(Act.ENROL_DEVICE, names="camera"),
    f"{CAMERA}tokens/revoke/": posts(Act.REVOKE_DEVICE, names="camera", **WHY),
    f"{CAMERA}report/": gets(Act.OPEN_FAULT, names="camera"),
    f"{CAMERA}test/": gets(Act.TEST_CAMERA, names="camera"),
    f"{CAMERA}repair/": gets(Act.REPAIR_CAMERA, names="camera"),
    "faults/": lists("camera", Act.VIEW_CAMERA),
    "faults/<int:pk>/": gets(Act.VIEW_CAMERA, names="fault"),
    "faults/<int:pk>/acknowledge/": posts(Act.ACKNOWLEDGE_FAULT, names="fault"),
    "faults/<int:pk>/promise/": tells(
        Act.INSPECT, "fault", lambda at: {"shift": at.shift.pk, "camera": at.camera.pk}
    ),
    "faults/<int:pk>/clear/": posts(Act.REPAIR_CAMERA, names="fault"),
    "test/": gets(Act.TEST_CAMERA),
    "tests/<int:pk>/": gets(Act.VIEW_CAMERA, names="test"),
    "repairs/": gets(Act.VIEW_READINESS),
    "repairs/<int:pk>/": gets(Act.VIEW_READINESS, names="repair"),
    "repairs/<int:pk>/back/": posts(Act.REPAIR_CAMERA, names="repair"),
    "batteries/": gets(Act.VIEW_READINESS),
    "policy/": gets(Act.VIEW_READINESS),
    "policy/preview/": posts(Act.DECIDE_POLICY),
    "policy/decide/": posts(Act.DECIDE_POLICY),
    "alerts/": lists("dock", Act.VIEW_READINESS),
    "alerts/now/": lists("dock", Act.VIEW_READINESS),
    "alerts/acknowledge/": tells(Act.HANDLE_ALERTS, "alert", lambda at: {"alert": at.alert.pk}),
    "alerts/silence/": tells(
        Act.HANDLE_ALERTS,
        "alert",
        lambda at: {"alert": at.alert.pk, "hours": 1, "reason": "as told"},
    ),
    "alerts/maintain/": posts(Act.HANDLE_ALERTS),
    "alerts/quiet/<int:pk>/end/": posts(Act.HANDLE_ALERTS, names="quiet"),
    "alerts/rules/": gets(Act.VIEW_READINESS),
    "alerts/rules/<slug:code>/": gets(Act.EDIT_ALERT_RULES),
    "alerts/channels/": gets(Act.EDIT_ALERT_RULES),
    "alerts/channels/<int:pk>/end/": posts(Act.EDIT_ALERT_RULES, names="channel"),
    "trends/": gets(Act.VIEW_READINESS),
    "trends.csv": gets(Act.VIEW_READINESS),
    "screens/": gets(Act.MANAGE_SCREENS),
    "screens/<int:pk>/rotate/": posts(Act.MANAGE_SCREENS, names="screen"),
    "screens/<int:pk>/revoke/": posts(Act.MANAGE_SCREENS, names="screen"),
    "shift/": gets(Act.VIEW_READINESS),
    "shift/now/": gets(Act.VIEW_READINESS),
    "shift/<int:pk>/roll-call/": gets(Act.VIEW_READINESS, names="shift"),
    "shift/<int:pk>/roll-call.pdf": gets(Act.VIEW_READINESS, names="shift"),
    "shift/<int:pk>/inspected/": posts(Act.INSPECT, names="shift"),
    "shift/<int:pk>/offer/": tells(
        Act.INSPECT, "shift", lambda at: {"officer": at.officer.pk, "camera": at.camera.pk}
    ),
    "shift/<int:pk>/free/": tells(Act.INSPECT, "shift", lambda at: {"officer": at.officer.pk}),
    "shift/<int:pk>/in-hand/": tells(
        Act.INSPECT, "shift", lambda at: {"officer": at.officer.pk, "words": "as told"}
    ),
    "roster/": gets(Act.VIEW_READINESS),
    "roster/undo/": posts(Act.SET_ROSTER),
    "roster/kinds/": gets(Act.VIEW_READINESS),
    "roster/kinds/define/": posts(Act.DECIDE_POLICY),
    "roster/<str:code>/plan/<day:on>/": posts(Act.SET_ROSTER, names="shift"),
    OFFICER: gets(Act.VIEW_READINESS, names="shift", also=Act.VIEW_OFFICERS),
    f"{OFFICER}change/": posts(Act.SET_ROSTER, names="shift"),
    SHIFT: gets(Act.VIEW_READINESS, names="shift"),
    f"{SHIFT}reserve/": posts(Act.SET_ROSTER, names="shift"),
    f"{SHIFT}put-on/": posts(Act.SET_ROSTER, names="shift"),
    "docks/": lists("dock", Act.REVOKE_DEVICE),
    DOCK: gets(Act.REVOKE_DEVICE, names="dock"),
    f"{DOCK}give/": posts(Act.ENROL_DEVICE, names="dock"),
    f"{DOCK}rotate/": posts(Act.ENROL_DEVICE, names="dock"),
    f"{DOCK}revoke/": posts(Act.REVOKE_DEVICE, names="dock", **WHY),
    "quarantine/<int:pk>/settle/": posts(
        Act.RESOLVE_QUARANTINE, names="quarantined", note="as told"
    ),
    "import/": gets(Act.IMPORT_INVENTORY, Act.IMPORT_OFFICERS, Act.SET_ROSTER, Act.DECIDE_POLICY),
    "me/": gets(),
    "me/tokens/": posts(Act.USE_API),
    "me/tokens/<key:key_id>/revoke/": posts(names="own token"),
    "welcome/": gets(),
    "go.json": gets(lists="camera", shows=Act.VIEW_CAMERA, said={"q": "BWC-"}),
}

# Doors that tell nothing of the fleet, or guard themselves: each with its own tests.
OPEN = {"first-run/", "sign-in/", "sign-out/", "look/", "health/live", "health/ready", "metrics"}

# What a wall screen reads, and no person by who they are: tests/access/test_screens_doors.py.
SCREENS = {"wallboard/", "wallboard/open/"}

# The API's own table is dashboard/api/permissions.py, tested in tests/api/test_who_may.py.
API = ("api/v1/", "^api(?:/|$)")

PEOPLES_SOCKETS = {"live/board": Act.VIEW_BOARD, "live/alerts": Act.VIEW_READINESS}
SCREENS_SOCKETS = {"wallboard/live"}
DEVICES_SOCKETS = {"gateway/v1/socket"}
DEVICES_ADDRESSES = {"gateway/v1/reports"}


def routes() -> dict[str, Any]:
    """Every address that Django knows, with its view."""
    return dict(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: Any, before: str) -> Iterator[tuple[str, Any]]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route, one.callback
        else:
            yield from _walk(one.url_patterns, route)
