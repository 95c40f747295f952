"""What every address of the API has in common: who may, which parameters, one query, an ETag."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from dashboard.api.fields import Row, columns
from dashboard.api.filters import refuse_strays
from dashboard.api.pagination import Keyset, Order, page_of
from dashboard.api.versions import still_fresh, version
from devices.access.people import Visible

HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
READ_ONLY = ["get", "head", "options"]


class ReadOnly(APIView):
    """A method that writes is refused before anybody asks who sends it."""

    http_method_names = READ_ONLY
    parameters: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if str(request.method).lower() not in READ_ONLY:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        self.check(request.query_params)

    def check(self, parameters: QueryDict) -> None:
        refuse_strays(parameters, self.parameters)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What may be done here is in the header Allow; what it means, in the schema."""
        return Response(status=204)


class Resource(ReadOnly, GenericAPIView[Any]):
    """Reads rows as plain values and answers with them, or with 304 if the sender has them."""

    reach: Visible
    serializer_class: type[Serializer[Any]]

    def rows(self) -> QuerySet[Any, Any]:
        """Everything of this kind that the sender may see."""
        raise NotImplementedError

    def complete(self, rows: list[Row]) -> None:
        """Add what is read beside the rows."""

    def columns(self) -> set[str]:
        return {*columns(self.serializer_class())}

    def answer(self, request: Request, rows: list[Row], *, more: str | None = None) -> bool:
        """Whether the sender still has this; the tag goes out either way."""
        self.complete(rows)
        self.headers_out = HEADERS | {"ETag": version((rows, more))}
        return still_fresh(request, self.headers_out["ETag"])


class Listing(Resource):
    """A list, a page at a time."""

    pagination_class = Keyset
    order: ClassVar[Order]
    filterset_class: Any = None

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        narrowing = self.filterset_class.base_filters if self.filterset_class else ()
        return frozenset((*narrowing, *Keyset.parameters))

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        wanted = self.filter_queryset(self.rows())
        values = wanted.values(*self.columns(), *self.order.columns)
        page = page_of(values, request, self.order)
        if self.answer(request, page.rows, more=page.next):
            return Response(status=304, headers=self.headers_out)
        drawn = self.get_serializer(page.rows, many=True).data
        return Response({"next": page.next, "results": drawn}, headers=self.headers_out)


def numbered(said: str) -> int:
    """The number in an address; Http404 for what never was one."""
    if not (said.isascii() and said.isdigit() and len(said) < 19):
        raise Http404
    return int(said)


class One(Resource):
    """One thing; what the sender may not see is not there."""

    filter_backends = ()
    pagination_class = None

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows: list[Row] = list(self.rows().filter(**self.named()).values(*self.columns())[:1])
        if not rows:
            raise Http404
        if self.answer(request, rows):
            return Response(status=304, headers=self.headers_out)
        return Response(self.get_serializer(rows[0]).data, headers=self.headers_out)

    def named(self) -> dict[str, Any]:
        """How the address names it; Http404 for what never was a name."""
        ((key, value),) = self.kwargs.items()
        if len(value) > 40 or not value.isprintable():
            raise Http404
        return {key: value}
