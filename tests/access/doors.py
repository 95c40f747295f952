"""Every door of the product and what it asks for, as one table. What is missing here fails."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, get_resolver

from devices.roles import Act


@dataclass(frozen=True)
class Door:
    """What a page asks of who comes: any of ``acts``; with none, only to be signed in.

    ``names`` is the kind of thing its address names; ``lists`` the kind of thing it shows
    many of, as far as ``shows`` reaches.
    """

    acts: tuple[Act, ...] = ()
    method: str = "GET"
    names: str = ""
    lists: str = ""
    shows: Act | None = None
    said: Mapping[str, str] = field(default_factory=dict)


def gets(*acts: Act, **rest: Any) -> Door:
    return Door(acts, "GET", **rest)


def posts(*acts: Act, names: str = "", **said: str) -> Door:
    return Door(acts, "POST", names, said=said)


def lists(what: str, act: Act) -> Door:
    return Door((act,), "GET", lists=what, shows=act)


CAMERA, DOCK = "cameras/<camera:number>/", "docks/<dock:code>/"
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
    "docks/": lists("dock", Act.REVOKE_DEVICE),
    DOCK: gets(Act.REVOKE_DEVICE, names="dock"),
    f"{DOCK}give/": posts(Act.ENROL_DEVICE, names="dock"),
    f"{DOCK}rotate/": posts(Act.ENROL_DEVICE, names="dock"),
    f"{DOCK}revoke/": posts(Act.REVOKE_DEVICE, names="dock", **WHY),
    "quarantine/<int:pk>/settle/": posts(
        Act.RESOLVE_QUARANTINE, names="quarantined", note="as told"
    ),
    "import/": gets(Act.IMPORT_INVENTORY, Act.IMPORT_OFFICERS),
    "me/": gets(),
    "me/tokens/": posts(Act.USE_API),
    "me/tokens/<key:key_id>/revoke/": posts(names="own token"),
    "welcome/": gets(),
    "go.json": gets(lists="camera", shows=Act.VIEW_CAMERA, said={"q": "BWC-"}),
}

# Doors that tell nothing of the fleet, or guard themselves: each with its own tests.
OPEN = {"first-run/", "sign-in/", "sign-out/", "look/", "health/live", "health/ready", "metrics"}

# The API's own table is dashboard/api/permissions.py, tested in tests/api/test_who_may.py.
API = ("api/v1/", "^api(?:/|$)")

PEOPLES_SOCKETS = {"live/board": Act.VIEW_BOARD}
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
