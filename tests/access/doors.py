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
BADGE = "officers/<str:badge>/"
WHY = {"reason": "as told"}

PAGES = {
    "": lists("camera", Act.VIEW_BOARD),
    "wall/": lists("dock", Act.VIEW_BOARD),
    "cameras/": lists("camera", Act.VIEW_CAMERA),
    "cameras.csv": lists("camera", Act.EXPORT_CAMERAS),
    CAMERA: gets(Act.VIEW_CAMERA, names="camera"),
    f"{CAMERA}now/": gets(Act.VIEW_CAMERA, names="camera"),
    f"{CAMERA}service/": posts(Act.CHANGE_SERVICE, names="camera", to="lost", **WHY),
    f"{CAMERA}tags/": posts(Act.IMPORT_INVENTORY, names="camera", tags="bench"),
    f"{CAMERA}custody/": gets(Act.VIEW_CUSTODY, names="camera"),
    f"{CAMERA}custody/check-in/": posts(Act.WORK_DESK, names="camera", **WHY),
    f"{CAMERA}custody/swap/": posts(Act.WORK_DESK, names="camera", **WHY),
    f"{CAMERA}custody/transfer/": posts(Act.WORK_DESK, names="camera", **WHY),
    f"{CAMERA}custody/assign/": posts(Act.WORK_DESK, names="camera", **WHY),
    f"{CAMERA}custody/lost/": posts(Act.REPORT_LOST, names="camera", **WHY),
    f"{CAMERA}custody/found/": posts(Act.CHANGE_SERVICE, names="camera", **WHY),
    "custody/": gets(Act.VIEW_CUSTODY),
    "custody.csv": lists("camera", Act.EXPORT_CUSTODY),
    "custody/<int:pk>/": gets(Act.VIEW_CUSTODY, names="custody"),
    "custody/<int:pk>/correct/": posts(Act.CORRECT_CUSTODY, names="custody"),
    "officers/": gets(Act.VIEW_OFFICERS),
    BADGE: gets(Act.VIEW_OFFICERS, names="officer"),
    f"{BADGE}badges/add/": posts(Act.ENROL_BADGE, names="officer", value="04A1B2C3", kind="rfid"),
    f"{BADGE}badges/end/": posts(Act.ENROL_BADGE, names="officer", credential="1", **WHY),
    f"{BADGE}rotations/": gets(Act.VIEW_OFFICERS, names="officer"),
    f"{BADGE}rotations/change/": posts(
        Act.SET_ROSTER, names="officer", act="begin", shift="DAY", pattern="4-2"
    ),
    f"{BADGE}suspend/": posts(Act.SUSPEND_OFFICER, names="officer", **WHY),
    f"{BADGE}let-back/": posts(Act.SUSPEND_OFFICER, names="officer", **WHY),
    f"{CAMERA}hold/": posts(Act.HOLD_EVIDENCE, names="camera", **WHY),
    f"{CAMERA}release/": posts(Act.HOLD_EVIDENCE, names="camera", **WHY),
    f"{CAMERA}locate/": posts(Act.LOCATE_CAMERA, names="camera"),
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
    "faults/<int:pk>/seen/": posts(Act.INSPECT, names="fault"),
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
    "alerts/take-over/": tells(Act.HANDLE_ALERTS, "alert", lambda at: {"alert": at.alert.pk}),
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
    "labels/": lists("dock", Act.PRINT_LABELS),
    "labels.pdf": gets(Act.PRINT_LABELS),
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
    "desk/": gets(Act.FIND_DESKS),
    "desk/make/": posts(Act.SET_UP_DESKS),
    "desk/<int:pk>/": gets(Act.WORK_DESK, names="desk"),
    "desk/<int:pk>/end/": posts(Act.SET_UP_DESKS, names="desk"),
    "desk/<int:pk>/snapshot.json": gets(Act.WORK_DESK, names="desk"),
    "desk/<int:pk>/scanner/": posts(Act.WORK_DESK, names="desk"),
    "releases/": gets(Act.VIEW_RELEASES),
    "releases/check/": posts(Act.UPLOAD_RELEASE),
    "releases/upload/": posts(Act.UPLOAD_RELEASE),
    "releases/upload/state/": gets(Act.UPLOAD_RELEASE),
    "releases/behind/": gets(Act.VIEW_RELEASES),
    "releases/<int:pk>/": gets(Act.VIEW_RELEASES, names="release"),
    "releases/<int:pk>/approve/": posts(Act.APPROVE_RELEASE, names="release"),
    "releases/<int:pk>/recall/": posts(Act.APPROVE_RELEASE, names="release"),
    "releases/<int:pk>/remove-image/": posts(Act.APPROVE_RELEASE, names="release"),
    "releases/<int:pk>/rollback/": posts(Act.ORDER_ROLLBACK, names="release"),
    "rollbacks/<int:pk>/confirm/": posts(Act.ORDER_ROLLBACK, names="order"),
    "rollouts/": gets(Act.VIEW_ROLLOUTS),
    "rollouts/now/": gets(Act.VIEW_ROLLOUTS),
    "rollouts/new/": gets(Act.MAKE_ROLLOUT),
    "rollouts/<int:pk>/": gets(Act.VIEW_ROLLOUTS, names="rollout"),
    "rollouts/<int:pk>/now/": gets(Act.VIEW_ROLLOUTS, names="rollout"),
    "rollouts/<int:pk>/dry-run/": gets(Act.VIEW_ROLLOUTS, names="rollout"),
    "rollouts/<int:pk>/edit/": gets(Act.MAKE_ROLLOUT, names="rollout"),
    "rollouts/<int:pk>/approve/": posts(Act.APPROVE_ROLLOUT, names="rollout"),
    "rollouts/<int:pk>/start/": posts(Act.MAKE_ROLLOUT, names="rollout"),
    "rollouts/<int:pk>/pause/": posts(Act.STOP_ROLLOUT, names="stoppable"),
    "rollouts/<int:pk>/resume/": posts(Act.MAKE_ROLLOUT, names="rollout"),
    "rollouts/<int:pk>/abort/": posts(Act.STOP_ROLLOUT, names="stoppable", **WHY),
    "rollouts/<int:pk>/retry/": posts(Act.MAKE_ROLLOUT, names="rollout"),
    f"{CAMERA}updates/": gets(Act.VIEW_ROLLOUTS, names="camera"),
    f"{CAMERA}updates/put-aside/": posts(Act.PUT_ASIDE, names="camera", **WHY),
    f"{CAMERA}updates/end-put-aside/": posts(Act.PUT_ASIDE, names="camera", **WHY),
    "recalls/": gets(Act.VIEW_RECALLS),
    "recalls/new/": gets(Act.RECALL_CAMERAS),
    "recalls/<int:pk>/": gets(Act.VIEW_RECALLS, names="recall"),
    "recalls/<int:pk>/now/": gets(Act.VIEW_RECALLS, names="recall"),
    "recalls/<int:pk>.csv": gets(Act.EXPORT_CAMERAS, names="recall"),
    "recalls/<int:pk>/clear/": posts(Act.RECALL_CAMERAS, names="recall", **WHY),
    "recalls/<int:pk>/end/": posts(Act.RECALL_CAMERAS, names="recall", **WHY),
    "certificates/": gets(Act.VIEW_RELEASES),
    "certificates/add/": posts(Act.MANAGE_CERTIFICATES),
    "certificates/<int:pk>/withdraw/": posts(Act.MANAGE_CERTIFICATES, names="certificate"),
    "profiles/": gets(Act.VIEW_RELEASES),
    "profiles/new/": gets(Act.EDIT_PROFILE),
    "profiles/drift/": lists("camera", Act.VIEW_RELEASES),
    "profiles/assign/": posts(Act.EDIT_PROFILE),
    "profiles/assignments/<int:pk>/end/": posts(Act.EDIT_PROFILE, names="assignment"),
    "profiles/<int:pk>/": gets(Act.VIEW_RELEASES, names="profile"),
    "profiles/<int:pk>/edit/": gets(Act.EDIT_PROFILE, names="profile"),
    "counts/": gets(Act.COUNT_CAMERAS),
    "counts/start/": posts(Act.COUNT_CAMERAS),
    "counts/<int:pk>/": gets(Act.COUNT_CAMERAS, names="count"),
    "counts/<int:pk>/now/": gets(Act.COUNT_CAMERAS, names="count"),
    "counts/<int:pk>/pause/": posts(Act.COUNT_CAMERAS, names="count"),
    "counts/<int:pk>/resume/": posts(Act.COUNT_CAMERAS, names="count"),
    "counts/<int:pk>/close/": gets(Act.COUNT_CAMERAS, names="count"),
    "counts/<int:pk>.pdf": gets(Act.COUNT_CAMERAS, names="count"),
    "kiosks/": gets(Act.SET_UP_DESKS),
    "kiosks/pin/": gets(Act.WORK_DESK),
    "kiosks/<int:pk>/set-up/": gets(Act.SET_UP_DESKS, names="kiosk"),
    "kiosks/<int:pk>/scanner/": posts(Act.SET_UP_DESKS, names="kiosk"),
    "kiosks/<int:pk>/rotate/": posts(Act.SET_UP_DESKS, names="kiosk"),
    "kiosks/<int:pk>/revoke/": posts(Act.SET_UP_DESKS, names="kiosk"),
    "kiosks/<int:pk>/end/": posts(Act.SET_UP_DESKS, names="kiosk"),
    "desk/<int:pk>/close/": gets(Act.WORK_DESK, names="desk"),
    "desk/closings/<int:pk>/": gets(Act.VIEW_CUSTODY, names="closing"),
    "desk/conflicts/": lists("conflict", Act.WORK_DESK),
    "desk/conflicts/<int:pk>/settle/": posts(
        Act.WORK_DESK, names="conflict", has="as_recorded", how="as told"
    ),
    "overdue/": lists("lent", Act.VIEW_CUSTODY),
    "overdue/<int:pk>/extend/": posts(Act.WORK_DESK, names="lending"),
    "overdue/<int:pk>/back/": posts(Act.WORK_DESK, names="lending"),
    "reservations/": lists("lent", Act.RESERVE_CAMERAS),
    "reservations/make/": posts(Act.RESERVE_CAMERAS),
    "reservations/<int:pk>/end/": posts(Act.RESERVE_CAMERAS, names="reservation"),
    "desk/<int:pk>/set-up/": gets(Act.WORK_DESK, names="desk"),
    "import/": gets(Act.IMPORT_INVENTORY, Act.IMPORT_OFFICERS, Act.SET_ROSTER, Act.DECIDE_POLICY),
    "me/": gets(),
    "me/pin/": Door((), "POST", names="own PIN", said={"pin": "2580", "again": "2580"}),
    "me/tokens/": posts(Act.USE_API),
    "me/tokens/<key:key_id>/revoke/": posts(names="own token"),
    "me/summary/": posts(email=""),
    "welcome/": gets(),
    "go.json": gets(lists="camera", shows=Act.VIEW_CAMERA, said={"q": "BWC-"}),
}

# Doors that tell nothing of the fleet, or guard themselves: each with its own tests.
OPEN = {"first-run/", "sign-in/", "sign-out/", "look/", "health/live", "health/ready", "metrics"}
OPEN |= {"desk/worker.js"}  # a script, the same for everybody

# What a wall screen reads, and no person by who they are: tests/access/test_screens_doors.py.
SCREENS = {"wallboard/", "wallboard/open/"}

# What a kiosk opens, and no person by who they are: tests/access/test_kiosks_doors.py.
KIOSKS = {"kiosk/", "kiosk/open/", "kiosk/scan/", "kiosk/pin/", "kiosk/now/"}

# The API's own table is dashboard/api/permissions.py, tested in tests/api/test_who_may.py.
API = ("api/v1/", "^api(?:/|$)")

PEOPLES_SOCKETS = {
    "live/board": Act.VIEW_BOARD,
    "live/alerts": Act.VIEW_READINESS,
    "live/desk": Act.WORK_DESK,
    "live/rollouts": Act.VIEW_ROLLOUTS,
}
SCREENS_SOCKETS = {"wallboard/live"}
# Of the whole department: whoever may see one may see every one, wherever they are posted.
EVERYBODYS = {"release", "profile", "rollout", "recall"}

DEVICES_SOCKETS = {"gateway/v1/socket"}
DEVICES_ADDRESSES = {"gateway/v1/reports"}
# In front of Django, which is asked all the same: tests/releases/test_arriving.py.
LARGE_FILES = {"releases/upload/", "api/v1/releases/upload/"}
DEVICES_ADDRESSES = {"gateway/v1/reports", "^[^/]+/controller/v1/"}


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
