"""Which act and which scope each address of the API asks for. What is not listed is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from dashboard.api.problems import Forbidden
from devices.access.models import ApiToken
from devices.access.people import Visible, reach_of
from devices.access.scopes import Scope
from devices.roles import Act

if TYPE_CHECKING:  # DRF's views read this module while they are being made
    from rest_framework.views import APIView


@dataclass(frozen=True)
class Endpoint:
    """What a person's role must allow, and what a token must have been made for."""

    act: Act
    scope: Scope


ENDPOINTS: dict[str, Endpoint] = {
    "api-stations": Endpoint(Act.VIEW_BOARD, Scope.STATIONS),
    "api-station": Endpoint(Act.VIEW_BOARD, Scope.STATIONS),
    "api-docks": Endpoint(Act.VIEW_BOARD, Scope.DOCKS),
    "api-dock": Endpoint(Act.VIEW_BOARD, Scope.DOCKS),
    "api-cameras": Endpoint(Act.VIEW_CAMERA, Scope.CAMERAS),
    "api-camera": Endpoint(Act.VIEW_CAMERA, Scope.CAMERAS),
    "api-history": Endpoint(Act.VIEW_CAMERA, Scope.HISTORY),
    "api-placements": Endpoint(Act.VIEW_CAMERA, Scope.HISTORY),
    "api-silences": Endpoint(Act.VIEW_CAMERA, Scope.HISTORY),
    "api-past": Endpoint(Act.VIEW_CAMERA, Scope.HISTORY),
    "api-faults": Endpoint(Act.VIEW_CAMERA, Scope.FAULTS),
    "api-fault": Endpoint(Act.VIEW_CAMERA, Scope.FAULTS),
    "api-tests": Endpoint(Act.VIEW_CAMERA, Scope.FAULTS),
    "api-test": Endpoint(Act.VIEW_CAMERA, Scope.FAULTS),
    "api-officers": Endpoint(Act.VIEW_OFFICERS, Scope.OFFICERS),
    "api-officer": Endpoint(Act.VIEW_OFFICERS, Scope.OFFICERS),
    "api-credentials": Endpoint(Act.VIEW_OFFICERS, Scope.OFFICERS),
    "api-add-credential": Endpoint(Act.ENROL_BADGE, Scope.SET_OFFICERS),
    "api-end-credential": Endpoint(Act.ENROL_BADGE, Scope.SET_OFFICERS),
    "api-rotations": Endpoint(Act.VIEW_OFFICERS, Scope.OFFICERS),
    "api-rotation-preview": Endpoint(Act.SET_ROSTER, Scope.SET_ROSTER),
    "api-set-rotation": Endpoint(Act.SET_ROSTER, Scope.SET_ROSTER),
    "api-shifts": Endpoint(Act.VIEW_READINESS, Scope.ROSTER),
    "api-roster-preview": Endpoint(Act.SET_ROSTER, Scope.SET_ROSTER),
    "api-roster-apply": Endpoint(Act.SET_ROSTER, Scope.SET_ROSTER),
    "api-desk-scans": Endpoint(Act.WORK_DESK, Scope.WORK_DESK),
    "api-custody": Endpoint(Act.VIEW_CUSTODY, Scope.CUSTODY),
    "api-custody-events": Endpoint(Act.VIEW_CUSTODY, Scope.CUSTODY),
    "api-custody-at": Endpoint(Act.VIEW_CUSTODY, Scope.CUSTODY),
    "api-check-out": Endpoint(Act.WORK_DESK, Scope.SET_CUSTODY),
    "api-check-in": Endpoint(Act.WORK_DESK, Scope.SET_CUSTODY),
    "api-swap": Endpoint(Act.WORK_DESK, Scope.SET_CUSTODY),
    "api-transfer": Endpoint(Act.WORK_DESK, Scope.SET_CUSTODY),
    "api-correct": Endpoint(Act.CORRECT_CUSTODY, Scope.SET_CUSTODY),
    "api-lost": Endpoint(Act.REPORT_LOST, Scope.SET_CUSTODY),
    "api-found": Endpoint(Act.CHANGE_SERVICE, Scope.SET_CUSTODY),
    "api-count-scans": Endpoint(Act.COUNT_CAMERAS, Scope.COUNT),
    "api-releases": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-upload-release": Endpoint(Act.UPLOAD_RELEASE, Scope.SET_RELEASES),
    "api-upload": Endpoint(Act.UPLOAD_RELEASE, Scope.SET_RELEASES),
    "api-release": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-approve-release": Endpoint(Act.APPROVE_RELEASE, Scope.SET_RELEASES),
    "api-recall-release": Endpoint(Act.APPROVE_RELEASE, Scope.SET_RELEASES),
    "api-remove-image": Endpoint(Act.APPROVE_RELEASE, Scope.SET_RELEASES),
    "api-behind": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-drifted": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-rollback-text": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-rollback-orders": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-order-rollback": Endpoint(Act.ORDER_ROLLBACK, Scope.SET_RELEASES),
    "api-confirm-rollback": Endpoint(Act.ORDER_ROLLBACK, Scope.SET_RELEASES),
    "api-certificates": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-certificate": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-add-certificate": Endpoint(Act.MANAGE_CERTIFICATES, Scope.SET_CERTIFICATES),
    "api-withdraw-certificate": Endpoint(Act.MANAGE_CERTIFICATES, Scope.SET_CERTIFICATES),
    "api-profiles": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-profile": Endpoint(Act.VIEW_RELEASES, Scope.RELEASES),
    "api-make-profile-version": Endpoint(Act.EDIT_PROFILE, Scope.SET_RELEASES),
    "api-assign-profile": Endpoint(Act.EDIT_PROFILE, Scope.SET_RELEASES),
    "api-unassign-profile": Endpoint(Act.EDIT_PROFILE, Scope.SET_RELEASES),
    "api-rollouts": Endpoint(Act.VIEW_ROLLOUTS, Scope.ROLLOUTS),
    "api-foresee-draft": Endpoint(Act.MAKE_ROLLOUT, Scope.SET_ROLLOUTS),
    "api-foresee-rollout": Endpoint(Act.VIEW_ROLLOUTS, Scope.ROLLOUTS),
    "api-rollout": Endpoint(Act.VIEW_ROLLOUTS, Scope.ROLLOUTS),
    "api-deployments": Endpoint(Act.VIEW_ROLLOUTS, Scope.ROLLOUTS),
    "api-camera-deployments": Endpoint(Act.VIEW_ROLLOUTS, Scope.ROLLOUTS),
    "api-put-aside": Endpoint(Act.VIEW_ROLLOUTS, Scope.ROLLOUTS),
    "api-draft-rollout": Endpoint(Act.MAKE_ROLLOUT, Scope.SET_ROLLOUTS),
    "api-change-rollout": Endpoint(Act.MAKE_ROLLOUT, Scope.SET_ROLLOUTS),
    "api-approve-rollout": Endpoint(Act.APPROVE_ROLLOUT, Scope.SET_ROLLOUTS),
    "api-start-rollout": Endpoint(Act.MAKE_ROLLOUT, Scope.SET_ROLLOUTS),
    "api-resume-rollout": Endpoint(Act.MAKE_ROLLOUT, Scope.SET_ROLLOUTS),
    "api-retry-failed": Endpoint(Act.MAKE_ROLLOUT, Scope.SET_ROLLOUTS),
    "api-pause-rollout": Endpoint(Act.STOP_ROLLOUT, Scope.SET_ROLLOUTS),
    "api-abort-rollout": Endpoint(Act.STOP_ROLLOUT, Scope.SET_ROLLOUTS),
    "api-put-camera-aside": Endpoint(Act.PUT_ASIDE, Scope.SET_ROLLOUTS),
    "api-end-put-aside": Endpoint(Act.PUT_ASIDE, Scope.SET_ROLLOUTS),
    "api-recalls": Endpoint(Act.VIEW_RECALLS, Scope.RECALLS),
    "api-recall": Endpoint(Act.VIEW_RECALLS, Scope.RECALLS),
    "api-recalled": Endpoint(Act.VIEW_RECALLS, Scope.RECALLS),
    "api-make-recall": Endpoint(Act.RECALL_CAMERAS, Scope.SET_RECALLS),
    "api-clear-of-recall": Endpoint(Act.RECALL_CAMERAS, Scope.SET_RECALLS),
    "api-end-recall": Endpoint(Act.RECALL_CAMERAS, Scope.SET_RECALLS),
}
# What tells nothing of the fleet and so asks for nothing.
OPEN = frozenset({"api-schema", "api-docs", "api-nothing"})

NO_TOKENS = "The role of this token's owner does not let programs in."


class MayRead(BasePermission):
    """Lets in whom the table lets in; the view gets how far that reaches as ``reach``."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        view.reach = enter(request, endpoint_of(request))  # type: ignore[attr-defined]
        return True


def endpoint_of(request: Request) -> Endpoint:
    match = request.resolver_match
    endpoint = ENDPOINTS.get(match.url_name or "") if match else None
    if endpoint is None:
        raise Forbidden("This address lets nobody in.")
    return endpoint


def enter(request: Request, endpoint: Endpoint) -> Visible:
    """How far this sender may see here, or a refusal that says why not."""
    if not within_scope(request, endpoint.scope):
        raise Forbidden(f"This token was not made for the scope {endpoint.scope}.")
    if isinstance(request.auth, ApiToken) and reach_of(request.user, Act.USE_API) is None:
        raise Forbidden(NO_TOKENS)
    reach = reach_of(request.user, endpoint.act)
    if reach is None:
        raise Forbidden(f"Your role does not let you {endpoint.act.value}.")
    return reach


def officers_shown(request: Request) -> Visible | None:
    """Whose cameras' badge numbers this sender may see, if anybody's."""
    if not within_scope(request, Scope.OFFICERS):
        return None
    return reach_of(request.user, Act.VIEW_OFFICERS)


def within_scope(request: Request, scope: Scope) -> bool:
    """People have every scope; a token has those it was made with."""
    return not isinstance(request.auth, ApiToken) or scope in request.auth.scopes
