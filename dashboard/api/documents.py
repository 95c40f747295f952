"""The API about itself: its schema, the page that draws it, and what is said of anything else."""

from functools import cache
from typing import Any

from django.http import QueryDict
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api.filters import refuse_strays
from dashboard.api.resources import ReadOnly
from dashboard.api.versions import still_fresh, version

ABOUT = """
Reads what its caller may see: the stations, docks, cameras, officers and shifts of a person's
reach; brings the roster; checks cameras out and in; runs rollouts of releases, which takes two
people. A token does what its owner may, within the scopes it was made for.

Lists come in pages; follow `next` until it is null. An answer's `ETag`, sent back as
`If-None-Match`, gives 304 while nothing changed. Times are UTC, to the microsecond.

Refusals are `application/problem+json`. Their `type` is `about:blank` where the status says
it all, and `/api/v1/docs/#invalid-parameters` where `faults` names each wrong parameter,
or `/api/v1/docs/#refused-rows` where it names each row that cannot be.
"""


class OpenApi(JSONRenderer):
    media_type = "application/vnd.oai.openapi+json"


class Open(ReadOnly):
    """Tells nothing of the fleet, so everybody may read it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


@cache
def document() -> dict[str, Any]:
    """The schema: made once in a process, because it follows from the code alone."""
    generator: Any = SchemaGenerator  # its functions have no types
    schema: dict[str, Any] = generator().get_schema(public=True)
    schema["info"]["description"] = ABOUT
    return schema


@cache
def document_version() -> str:
    return version([document()])


@extend_schema(exclude=True)
class Schema(Open):
    renderer_classes = (JSONRenderer, OpenApi)

    def get(self, request: Request) -> Response:
        headers = {"ETag": document_version(), "Cache-Control": "no-cache"}
        if still_fresh(request, headers["ETag"]):
            return Response(status=304, headers=headers)
        return Response(document(), headers=headers)


class Docs(Open, SpectacularSwaggerSplitView):
    """The schema as a page. Its script is a file of its own, so the browser's rules stay strict."""

    url_name = "api-schema"
    template_name = "dashboard/api/docs.html"

    def check(self, parameters: QueryDict) -> None:
        """`script` has no value: it asks for the script and not the page."""
        refuse_strays(QueryDict() if [*parameters] == ["script"] else parameters, ())


@extend_schema(exclude=True)
class Nothing(Open):
    """Every other address: a problem in JSON, whatever the method and whoever asks."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Without Allow: nothing is allowed where nothing is."""
        return {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound
