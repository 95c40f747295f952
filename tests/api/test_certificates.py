"""Certificates through the API: whom the department believes, and from when to when."""

import ssl
from base64 import b64encode

import pytest

from devices.access.scopes import Scope
from devices.ledger import LedgerEntry
from devices.releases.certificates.reading import believed
from devices.releases.models import Certificate
from devices.roles import Role
from tests.api.callers import browser, program, refused, results, send, token_of
from tests.releases import images
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db
ALL = "/api/v1/certificates/"


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    pem = images.signer(tmp_path_factory.mktemp("keys")).pem
    return {"name": "Maker", "certificate": b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode()}


def test_one_is_believed_until_it_is_withdrawn(one, it, said):
    first, again = (send(one, f"{ALL}add/", said, key="one") for _ in range(2))
    told = first.json()
    assert (first.status_code, again.content) == (200, first.content), first.content
    assert (told["name"], told["added_by"], told["withdrawn_at"]) == ("Maker", it.pk, None)
    assert [each.fingerprint for each in believed()] == [told["fingerprint"]]
    assert "already" in refused(send(one, f"{ALL}add/", said), 409)

    withdrawn = send(one, f"{ALL}{told['id']}/withdraw/").json()

    assert withdrawn["withdrawn_at"] is not None
    assert believed() == []
    assert results(one, ALL) == [withdrawn] == [one.get(f"{ALL}{told['id']}/").json()]
    assert "already" in refused(send(one, f"{ALL}{told['id']}/withdraw/"), 409)
    verbs = ["certificate added", "certificate withdrawn"]
    assert list(LedgerEntry.objects.order_by("seq").values_list("verb", flat=True)) == verbs


@pytest.mark.parametrize(
    "wrong",
    [
        {"certificate": "MAA="},
        {"certificate": "MAAA="},
        {"certificate": ""},
        {"name": ""},
        {"name": "x" * 61},
        {"colour": "red"},
    ],
)
def test_what_is_none_is_refused(one, said, wrong):
    assert refused(send(one, f"{ALL}add/", {**said, **wrong}), 422)

    assert not Certificate.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.IT], ids=str)
def test_it_alone_decides_whom_to_believe(role, said):
    client = browser(person(role, a_station()))

    assert refused(send(client, f"{ALL}add/", said), 403)
    assert refused(send(client, f"{ALL}1/withdraw/"), 403)


def test_a_token_that_brings_releases_does_not_decide_it(it, said):
    client = program(token_of(it, [Scope.RELEASES, Scope.SET_RELEASES]))

    assert client.get(ALL).status_code == 200
    assert refused(send(client, f"{ALL}add/", said), 403)
    assert refused(send(client, f"{ALL}1/withdraw/"), 403)
