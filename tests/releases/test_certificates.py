import pytest
from django.db import DatabaseError, transaction

from devices.errors import Refused
from devices.ledger import LedgerEntry
from devices.releases.certificates.actions import add_certificate, withdraw_certificate
from devices.releases.certificates.reading import believed
from devices.releases.models import Certificate
from tests.releases import images

pytestmark = pytest.mark.django_db


def test_a_certificate_is_kept_as_itself_and_believed(maker, it, at):
    added = add_certificate("  The  maker ", f"words before\n{maker.pem}\nand after", by=it, now=at)

    assert (added.name, added.pem) == ("The maker", maker.pem)
    assert believed() == [added]
    assert LedgerEntry.objects.get().verb == "certificate added"


def test_an_authority_may_vouch_for_signers(keys, it, at):
    assert add_certificate("CA", images.authority(keys, "ca2").pem, by=it, now=at).ends_at > at


def refusal(name, pem, it, at):
    with pytest.raises(Refused) as refused:
        add_certificate(name, pem, by=it, now=at)
    assert not Certificate.objects.exists()
    return str(refused.value)


def test_no_private_key_is_taken(maker, it, at):
    both = maker.pem + maker.key.read_text()

    assert "private key" in refusal("Maker", both, it, at)


def test_what_cannot_vouch_is_refused(keys, maker, stranger, it, at):
    ended = images.signer(keys, "long-ended", days=0)
    web = images.signer(keys, "web-only", purpose="extendedKeyUsage=serverAuth")

    assert "no certificate in PEM" in refusal("Maker", "-----BEGIN NONSENSE-----", it, at)
    assert "no certificate in PEM" in refusal("Maker", "", it, at)
    assert "several certificates" in refusal("Both", maker.pem + stranger.pem, it, at)
    assert "ended on 2020-02-01" in refusal("Ended", ended.pem, it, at)
    assert "emailProtection" in refusal("Web", web.pem, it, at)
    assert "Say what the certificate is called" in refusal(" ", maker.pem, it, at)


def test_a_name_and_a_certificate_are_there_once(maker, stranger, it, at):
    add_certificate("Maker", maker.pem, by=it, now=at)

    for name, pem in (("Maker", stranger.pem), ("Other", maker.pem)):
        with pytest.raises(Refused, match="already"):
            add_certificate(name, pem, by=it, now=at)


def test_a_withdrawn_certificate_is_believed_no_more_and_stays(maker, it, at):
    added = add_certificate("Maker", maker.pem, by=it, now=at)

    withdraw_certificate(added, by=it, now=at)

    assert believed() == []
    with pytest.raises(Refused, match="withdrawn already"):
        withdraw_certificate(added, by=it, now=at)
    for change in ({"withdrawn_at": None}, {"pem": "other"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Certificate.objects.filter(pk=added.pk).update(**change)
