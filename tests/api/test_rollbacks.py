"""Going back through the API: what is signed, by whom it is confirmed, and once by its key."""

from base64 import b64encode

import pytest
from django.utils.timezone import now

from devices.access.scopes import Scope
from devices.ledger import LedgerEntry
from devices.releases import actions
from devices.releases.models import ReleaseState, RollbackOrder
from devices.roles import Role
from tests.api.callers import browser, program, refused, results, send, token_of
from tests.releases import images, shelf
from tests.rollouts.setting import firmware
from tests.rows import NO_ROW, a_station, person

pytestmark = pytest.mark.django_db
RELEASES = "/api/v1/releases/"
REASON = "4.3.0 loses  clips"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return images.signer(folder), images.signer(folder, "stranger")


@pytest.fixture
def maker(keys, it):
    """Whose signatures the department believes."""
    shelf.trust(keys[0], it, now())
    return keys[0]


@pytest.fixture
def release(settings, tmp_path, db):
    settings.VAR_DIR = tmp_path
    return firmware("4.2.0")


def text_of(client, release, reason=REASON):
    return client.get(f"{RELEASES}{release.pk}/rollback-text/", {"reason": reason})


def signed(signer, text):
    return b64encode(signer.sign(text.encode())).decode()


def order(client, release, signature, key=None, reason=REASON):
    said = {"reason": reason, "signature": signature}
    return send(client, f"{RELEASES}{release.pk}/rollback/", said, key)


def confirm(client, told):
    return send(client, f"/api/v1/rollback-orders/{told['id']}/confirm/")


def test_two_people_and_a_signature_let_cameras_go_back(one, other, it, colleague, maker, release):
    signature = signed(maker, text_of(one, release).json()["text"])

    first, again = (order(one, release, signature, key="one") for _ in range(2))
    told = first.json()
    assert (first.status_code, again.content) == (200, first.content), first.content
    assert (told["release"], told["reason"]) == (release.pk, "4.3.0 loses clips")
    assert (told["signed_by"], told["ordered_by"], told["confirmed_at"]) == ("Maker", it.pk, None)
    assert "Another person" in refused(confirm(one, told), 403)
    assert actions.order_in_force(release) is None

    confirmed = confirm(other, told)

    assert (confirmed.status_code, confirmed.json()["confirmed_by"]) == (200, colleague.pk)
    assert actions.order_in_force(release) == RollbackOrder.objects.get()
    assert results(one, f"{RELEASES}{release.pk}/rollback-orders/") == [confirmed.json()]
    assert "confirmed already" in refused(confirm(other, told), 409)
    verbs = ["rollback ordered", "rollback confirmed"]
    assert LedgerEntry.objects.filter(verb__in=verbs).count() == 2


@pytest.mark.parametrize("how", ["stranger", "another reason", "no signature", "no base64", "none"])
def test_an_order_is_believed_only_as_it_was_signed(one, maker, keys, release, how):
    text = text_of(one, release).json()["text"]
    said = {
        "stranger": lambda: {"signature": signed(keys[1], text)},
        "another reason": lambda: {"signature": signed(maker, text), "reason": "because"},
        "no signature": lambda: {"signature": "MAA="},
        "no base64": lambda: {"signature": "MAAA="},
        "none": lambda: {"signature": ""},
    }[how]()

    assert refused(order(one, release, **said), 422)

    assert not RollbackOrder.objects.exists()


def test_what_is_not_approved_or_not_there_is_refused(one, maker, release):
    signature = signed(maker, text_of(one, release).json()["text"])
    type(release).objects.update(state=ReleaseState.RECALLED)

    assert "is not approved" in refused(order(one, release, signature), 409)
    release.pk = NO_ROW
    assert refused(order(one, release, signature), 404)
    assert refused(text_of(one, release), 404)
    assert refused(confirm(one, {"id": NO_ROW}), 404)
    assert refused(one.get(f"{RELEASES}{NO_ROW}/rollback-orders/"), 404)


@pytest.mark.parametrize("reason", ["", " ", "x" * 201, "a\nb", None])
def test_a_text_wants_its_reason(one, release, reason):
    said = {} if reason is None else {"reason": reason}

    answer = one.get(f"{RELEASES}{release.pk}/rollback-text/", said)

    assert "reason" in refused(answer, 400)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.IT], ids=str)
def test_it_alone_orders_and_confirms(role, release):
    client = browser(person(role, a_station()))

    assert refused(order(client, release, "MAA="), 403)
    assert refused(confirm(client, {"id": 1}), 403)


def test_a_token_needs_the_scope(it, release):
    reading = program(token_of(it, [Scope.RELEASES]))

    assert text_of(reading, release).status_code == 200
    assert refused(order(reading, release, "MAA="), 403)
    assert refused(confirm(reading, {"id": 1}), 403)
