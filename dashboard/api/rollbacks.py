"""Going back through the API: the text of an order, the signed order, and its confirmation."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api import release_serializers as drawn
from dashboard.api.acting import Asked, NothingSerializer, Once
from dashboard.api.desk import LongJson
from dashboard.api.fields import Row, columns
from dashboard.api.pagination import Order
from dashboard.api.problems import Fault, Faulty
from dashboard.api.resources import Listing, Resource, numbered
from devices.board.cards import Asked as At
from devices.once.actions import Answer
from devices.releases import actions, rules
from devices.releases.models import Release, RollbackOrder

REASON = r"[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]{0,199}"
_REASON = OpenApiParameter(
    "reason",
    {"type": "string", "pattern": f"^{REASON}$"},
    required=True,
    description="Why, as the order will say it: 1 to 200 characters of plain text.",
)


class OrderText(Resource):
    """What is signed to order going back to this release for this reason."""

    queryset = Release.objects.none()
    serializer_class = drawn.OrderTextSerializer
    filter_backends = ()
    pagination_class = None
    parameters = frozenset({"reason"})
    described = (_REASON,)

    def check(self, parameters: QueryDict) -> None:
        super().check(parameters)
        if not re.fullmatch(REASON, parameters.get("reason", "")):
            said = "reason must be given: 1 to 200 characters of plain text"
            raise Faulty([Fault("/query/reason", said)])

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        one = release_named(self.kwargs["release"])
        reason = request.query_params["reason"]
        row = {"text": rules.order_text(one.kind, one.version, one.sha256, reason)}
        if self.answer(request, [row]):
            return Response(status=304, headers=self.headers_out)
        return Response(self.get_serializer(row).data, headers=self.headers_out)


class Orders(Listing):
    """The orders to go back to this release, the newest first."""

    queryset = RollbackOrder.objects.none()
    serializer_class = drawn.OrderSerializer
    order = Order({"id": int}, newest_first=True)

    def rows(self) -> QuerySet[RollbackOrder]:
        return RollbackOrder.objects.filter(release=release_named(self.kwargs["release"]))


class Rollback(Once):
    """Cameras shall go back to this release, once another person has confirmed it. 422 for a
    signature that no certificate of ours stands behind."""

    parser_classes = (LongJson,)
    asks = drawn.NewOrderSerializer
    serializer_class = drawn.OrderSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        release = release_named(self.kwargs["release"])

        def order() -> Answer:
            reason, signature = said["reason"], said["signature"]
            return _told(actions.order_rollback(release, reason, signature, by=by, now=at.now))

        return order


class Confirm(Once):
    """Cameras may go back to the order's release. 403 for whoever ordered it: another person
    confirms."""

    asks = NothingSerializer
    serializer_class = drawn.OrderSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        pk = numbered(self.kwargs["order"])
        order = RollbackOrder.objects.select_related("release", "signed_by").filter(pk=pk).first()
        if order is None:
            raise Http404

        def confirm() -> Answer:
            actions.confirm_rollback(order, by=by, now=at.now)
            return _told(order)

        return confirm


def release_named(said: str) -> Release:
    """The release with this id; Http404 without one."""
    found: Release | None = Release.objects.filter(pk=numbered(said)).first()
    if found is None:
        raise Http404
    return found


def _told(order: RollbackOrder) -> Answer:
    rows = RollbackOrder.objects.filter(pk=order.pk).values(*columns(drawn.OrderSerializer()))
    row: Row = rows.get()
    return dict(drawn.OrderSerializer(row).data)
