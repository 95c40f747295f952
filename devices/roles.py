"""Who may do what: the whole matrix, in one place, pure.

A door asks ``allows(roles, act)``; how far the answer reaches (every station, the person's
own stations) is the ``Reach`` it gets back. No role is a superset of another.
"""

from collections.abc import Collection
from enum import Enum


class Role(Enum):
    QUARTERMASTER = "Quartermaster"
    IT = "IT"
    COMMANDER = "Commander"
    OFFICER = "Officer"
    AUDITOR = "Auditor"
    ADMINISTRATOR = "Administrator"


class Reach(Enum):
    """How far a permission reaches, widest last."""

    NOTHING = 0
    OWN_CAMERA = 1
    OWN_STATIONS = 2
    EVERYWHERE = 3


class Act(Enum):
    VIEW_BOARD = "view the board"
    VIEW_CAMERA = "view a camera and its history"
    VIEW_OFFICERS = "see which officer has which camera"
    EXPORT_CAMERAS = "export the camera list"
    IMPORT_INVENTORY = "import stations, docks and cameras"
    IMPORT_OFFICERS = "import officers"
    ENROL_DEVICE = "give a dock or camera its token"
    REVOKE_DEVICE = "revoke a dock's or camera's token"
    CHANGE_SERVICE = "take a camera out of service, or back"
    REPORT_LOST = "report a camera lost"
    RESOLVE_QUARANTINE = "settle an unknown serial number"
    USE_API = "use the API with a personal token"
    VIEW_READINESS = "see whether cameras and shifts are ready"
    SET_ROSTER = "set the roster and what a shift needs"
    INSPECT = "record an inspection, and promise a spare"
    TEST_CAMERA = "confirm a pre-shift test"
    OPEN_FAULT = "report a malfunction"
    ACKNOWLEDGE_FAULT = "acknowledge a fault"
    REPAIR_CAMERA = "send a camera to repair, and take it back"
    CLEAR_CRITICAL = "clear a critical fault"
    HANDLE_ALERTS = "acknowledge or silence an alert"
    EDIT_ALERT_RULES = "change alert rules and where notices go"
    DECIDE_POLICY = "decide the department's numbers"
    MANAGE_SCREENS = "give a wall screen its address, or take it away"
    WORK_DESK = "check cameras out and in"
    SET_UP_DESKS = "set up desks and kiosks"
    FIND_DESKS = "see which desks there are"
    VIEW_CUSTODY = "see who held which camera"
    EXPORT_CUSTODY = "export custody"
    CORRECT_CUSTODY = "correct a mistaken custody"
    SUSPEND_OFFICER = "suspend an officer from cameras"
    ENROL_BADGE = "give an officer a badge, or take one away"
    RESERVE_CAMERAS = "reserve cameras"
    COUNT_CAMERAS = "count cameras"
    PRINT_LABELS = "print labels"
    VIEW_RELEASES = "see releases, profiles and who is behind"
    UPLOAD_RELEASE = "upload a release"
    APPROVE_RELEASE = "approve or recall a release"
    ORDER_ROLLBACK = "order a rollback, or confirm one"
    EDIT_PROFILE = "edit and assign device profiles"
    MANAGE_CERTIFICATES = "add or withdraw certificates"
    VIEW_ROLLOUTS = "see rollouts and what a camera was updated to"
    MAKE_ROLLOUT = "draft, start or resume a rollout"
    APPROVE_ROLLOUT = "approve a rollout"
    STOP_ROLLOUT = "pause or abort a rollout"
    PUT_ASIDE = "exempt a camera from updates, or end that"
    VIEW_RECALLS = "see recalls and who still has a camera of one"
    RECALL_CAMERAS = "recall cameras, clear one of a recall, or end it"
    HOLD_EVIDENCE = "hold a camera as evidence"
    LOCATE_CAMERA = "make a camera show itself"
    READ_LEDGER = "read the ledger"
    VERIFY_LEDGER = "verify the ledger"


_Q, _I, _C, _O, _A, _X = Role

_OWN, _MINE, _ALL = Reach.OWN_CAMERA, Reach.OWN_STATIONS, Reach.EVERYWHERE

MATRIX: dict[Act, dict[Role, Reach]] = {
    Act.VIEW_BOARD: {_Q: _MINE, _I: _ALL, _C: _MINE, _O: _OWN, _A: _ALL},
    Act.VIEW_CAMERA: {_Q: _MINE, _I: _ALL, _C: _MINE, _O: _OWN, _A: _ALL},
    Act.VIEW_OFFICERS: {_Q: _MINE, _C: _MINE, _O: _OWN, _A: _ALL},
    Act.EXPORT_CAMERAS: {_Q: _MINE, _I: _ALL, _C: _MINE, _A: _ALL},
    Act.IMPORT_INVENTORY: {_I: _ALL},
    Act.IMPORT_OFFICERS: {_Q: _MINE, _C: _MINE, _X: _ALL},
    Act.ENROL_DEVICE: {_I: _ALL},
    Act.REVOKE_DEVICE: {_Q: _MINE, _I: _ALL, _C: _MINE, _X: _ALL},
    Act.CHANGE_SERVICE: {_Q: _MINE, _I: _ALL, _C: _MINE},
    Act.REPORT_LOST: {_Q: _MINE, _I: _ALL, _C: _MINE, _O: _OWN},
    Act.RESOLVE_QUARANTINE: {_Q: _MINE, _I: _ALL},
    Act.USE_API: {_Q: _MINE, _I: _ALL, _C: _MINE, _A: _ALL},
    Act.VIEW_READINESS: {_Q: _MINE, _I: _ALL, _C: _MINE, _A: _ALL},
    Act.SET_ROSTER: {_C: _MINE},
    Act.INSPECT: {_C: _MINE},
    Act.TEST_CAMERA: {_Q: _MINE, _C: _MINE, _O: _OWN},
    Act.OPEN_FAULT: {_Q: _MINE, _I: _ALL, _C: _MINE, _O: _OWN},
    Act.ACKNOWLEDGE_FAULT: {_Q: _MINE, _I: _ALL, _C: _MINE},
    Act.REPAIR_CAMERA: {_Q: _MINE, _I: _ALL, _C: _MINE},
    Act.CLEAR_CRITICAL: {_I: _ALL},
    Act.HANDLE_ALERTS: {_Q: _MINE, _I: _ALL, _C: _MINE},
    Act.EDIT_ALERT_RULES: {_I: _ALL},
    Act.DECIDE_POLICY: {_C: _ALL},
    Act.MANAGE_SCREENS: {_I: _ALL, _C: _MINE},
    Act.WORK_DESK: {_Q: _MINE, _C: _MINE},
    Act.SET_UP_DESKS: {_Q: _MINE, _I: _ALL},
    Act.FIND_DESKS: {_Q: _MINE, _I: _ALL, _C: _MINE},
    # IT without badge numbers: those are VIEW_OFFICERS'.
    Act.VIEW_CUSTODY: {_Q: _MINE, _I: _ALL, _C: _MINE, _O: _OWN, _A: _ALL},
    Act.EXPORT_CUSTODY: {_Q: _MINE, _C: _MINE, _O: _OWN, _A: _ALL},
    Act.CORRECT_CUSTODY: {_Q: _MINE},
    Act.SUSPEND_OFFICER: {_C: _MINE},
    # Not IT: they see no badge numbers, so no officer's page either.
    Act.ENROL_BADGE: {_Q: _MINE, _C: _MINE},
    Act.RESERVE_CAMERAS: {_Q: _MINE, _C: _MINE},
    Act.COUNT_CAMERAS: {_Q: _MINE, _C: _MINE},
    Act.PRINT_LABELS: {_Q: _MINE, _I: _ALL},
    Act.VIEW_RELEASES: {_Q: _MINE, _I: _ALL, _C: _MINE, _A: _ALL},
    Act.UPLOAD_RELEASE: {_I: _ALL},
    Act.APPROVE_RELEASE: {_I: _ALL},
    Act.ORDER_ROLLBACK: {_I: _ALL},
    Act.EDIT_PROFILE: {_I: _ALL},
    Act.MANAGE_CERTIFICATES: {_I: _ALL},
    Act.VIEW_ROLLOUTS: {_Q: _MINE, _I: _ALL, _C: _MINE, _A: _ALL},
    Act.MAKE_ROLLOUT: {_I: _ALL},
    Act.APPROVE_ROLLOUT: {_I: _ALL},
    # Of a rollout that has cameras of the own stations: stopping is always easy.
    Act.STOP_ROLLOUT: {_Q: _MINE, _I: _ALL, _C: _MINE},
    Act.PUT_ASIDE: {_Q: _MINE, _I: _ALL, _C: _MINE},
    Act.VIEW_RECALLS: {_Q: _MINE, _I: _ALL, _C: _MINE, _A: _ALL},
    # A model or a lot is at every station, and IT alone answers for them all; it is also IT alone
    # that says a critical fault is gone. Whoever has less takes a single camera out of service.
    Act.RECALL_CAMERAS: {_I: _ALL},
    Act.HOLD_EVIDENCE: {_C: _MINE},
    Act.LOCATE_CAMERA: {_Q: _MINE, _I: _ALL, _C: _MINE, _O: _OWN},
    Act.READ_LEDGER: {_A: _ALL},
    Act.VERIFY_LEDGER: {_A: _ALL},
}


def reach(roles: Collection[Role], act: Act) -> Reach:
    """The widest reach any of these roles gives; NOTHING refuses."""
    granted = [MATRIX[act].get(role, Reach.NOTHING) for role in roles]
    return max(granted, key=lambda one: one.value, default=Reach.NOTHING)
