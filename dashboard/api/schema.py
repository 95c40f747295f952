"""What drf-spectacular cannot see by itself: refusals, ETags and the two ways in."""

import re
from typing import Any

from django.urls import resolve
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from dashboard.api.permissions import ENDPOINTS
from dashboard.api.problems import MEDIA_TYPE, SENTENCES
from dashboard.api.resources import Listing
from dashboard.api.serializers import ProblemSerializer

REFUSALS = (400, 401, 403, 404, 405, 406, 429, 500, 503)

ETAG = OpenApiParameter(
    "ETag", str, "header", response=[200, 304], description="Send it back as If-None-Match."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, "header", description="The ETag you have; 304 if it is still so."
)


class FleetSchema(AutoSchema):
    """Each operation with every way in which it can be refused."""

    def get_response_serializers(self) -> Any:
        fine = super().get_response_serializers()
        same = OpenApiResponse(description="What you have is still so.")
        return {200: OpenApiResponse(fine, "As asked."), 304: same} | {
            (status, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, SENTENCES[status])
            for status in REFUSALS
        }

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), ETAG, IF_NONE_MATCH]

    def get_summary(self) -> str:
        return (type(self.view).__doc__ or "").strip()

    def get_description(self) -> str:  # type: ignore[override]
        return f"Scope: `{ENDPOINTS[self.name].scope}`."

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(self.view, Listing)

    @property
    def name(self) -> str:
        """The name of the address, as the table of permissions knows it."""
        return resolve(re.sub(r"{.*?}", "1", self.path)).url_name or ""


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "dashboard.api.authentication.ByToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "a.KEY.SECRET",
            "description": "A personal token. It reads what its owner may, within its scopes.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "dashboard.api.authentication.BySession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Whoever is signed in, in this browser.",
        }
