"""Certificates through the API: whose signatures are believed, one more, and one no longer."""

import ssl
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404

from dashboard.api import release_serializers as drawn
from dashboard.api.acting import Asked, NothingSerializer, Once
from dashboard.api.desk import LongJson
from dashboard.api.fields import Row, columns
from dashboard.api.pagination import Order
from dashboard.api.resources import Listing, One, Resource, numbered
from devices.board.cards import Asked as At
from devices.once.actions import Answer
from devices.releases.certificates import actions
from devices.releases.models import Certificate


class _Certificates(Resource):
    """Whom the department believes is no secret from those who may see releases."""

    queryset = Certificate.objects.none()
    serializer_class = drawn.CertificateSerializer

    def rows(self) -> QuerySet[Certificate]:
        return Certificate.objects.all()


class Certificates(_Certificates, Listing):
    """The certificates, those withdrawn among them, the newest first."""

    order = Order({"id": int}, newest_first=True)


class OneCertificate(_Certificates, One):
    """A certificate, by its id."""

    def named(self) -> dict[str, Any]:
        return {"pk": numbered(self.kwargs["certificate"])}


class Add(Once):
    """Signatures that this certificate stands behind are believed from now on."""

    parser_classes = (LongJson,)
    asks = drawn.NewCertificateSerializer
    serializer_class = drawn.CertificateSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        def add() -> Answer:
            pem = ssl.DER_cert_to_PEM_cert(said["certificate"])
            return _told(actions.add_certificate(said["name"], pem, by=by, now=at.now))

        return add


class Withdraw(Once):
    """Nothing that it stands behind is believed from now on; what is approved stays approved."""

    asks = NothingSerializer
    serializer_class = drawn.CertificateSerializer

    def act(self, said: Asked, by: User, at: At) -> Callable[[], Answer]:
        pk = numbered(self.kwargs["certificate"])
        found = Certificate.objects.filter(pk=pk).first()
        if found is None:
            raise Http404

        def withdraw() -> Answer:
            actions.withdraw_certificate(found, by=by, now=at.now)
            return _told(found)

        return withdraw


def _told(one: Certificate) -> Answer:
    rows = Certificate.objects.filter(pk=one.pk).values(*columns(drawn.CertificateSerializer()))
    row: Row = rows.get()
    return dict(drawn.CertificateSerializer(row).data)
