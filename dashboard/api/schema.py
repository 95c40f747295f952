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
from dashboard.api.sending import Sending
from dashboard.api.serializers import ProblemSerializer

REFUSALS = (400, 401, 403, 404, 405, 406, 429, 500, 503)
OF_SENDING = (409, 413, 415, 422)

ETAG = OpenApiParameter(
    "ETag", str, "header", response=[200, 304], description="Send it back as If-None-Match."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, "header", description="The ETag you have; 304 if it is still so."
)


class FleetSchema(AutoSchema):
    """Each operation with every way in which it can be refused."""

    def get_response_serializers(self) -> Any:
        answers: dict[Any, Any] = {200: OpenApiResponse(self.get_answer(), "As asked.")}
        if not self.sends:
            answers[304] = OpenApiResponse(description="What you have is still so.")
        refusals = (*REFUSALS, *OF_SENDING) if self.sends else REFUSALS
        return answers | {
            (status, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, SENTENCES[status])
            for status in sorted(refusals)
        }

    def get_answer(self) -> Any:
        """What is answered when nothing is refused."""
        return super().get_response_serializers()

    def get_override_parameters(self) -> list[Any]:
        view = self.view
        ours = getattr(view, "described", ())
        if not isinstance(view, Sending):
            ours = (*ours, ETAG, IF_NONE_MATCH)
        return [*super().get_override_parameters(), *ours]

    def get_request_serializer(self) -> Any:
        view = self.view
        return view.body if isinstance(view, Sending) else super().get_request_serializer()

    @property
    def sends(self) -> bool:
        return isinstance(self.view, Sending)

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
            "description": "A personal token. It does what its owner may, within its scopes.",
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
