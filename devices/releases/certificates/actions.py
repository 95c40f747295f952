"""Whose signatures the department believes, and no longer believes."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from devices import ledger
from devices.errors import NotNow, Refused
from devices.releases.certificates import parsing
from devices.releases.models import Certificate


@transaction.atomic
def add_certificate(name: str, pem: str, *, by: Any, now: datetime) -> Certificate:
    """Signatures that this certificate stands behind are believed. Refuses one that cannot."""
    called = " ".join(name.split())[:60]
    if not called:
        raise Refused("Say what the certificate is called: whose it is.")
    found = parsing.read(pem, now)
    try:
        with transaction.atomic():
            certificate = Certificate.objects.create(
                name=called,
                pem=found.pem,
                fingerprint=found.fingerprint,
                ends_at=found.ends_at,
                added_at=now,
                added_by=by,
            )
    except IntegrityError:
        raise NotNow("There is a certificate of that name, or this very one, already.") from None
    ledger.record(
        "certificate added", _certificate(certificate), by=by, now=now, name=certificate.name
    )
    return certificate


@transaction.atomic
def withdraw_certificate(certificate: Certificate, *, by: Any, now: datetime) -> None:
    """Nothing that it stands behind is believed from now on; what is approved stays approved, but
    no camera goes back any more by an order that it signed."""
    rows = Certificate.objects.filter(pk=certificate.pk, withdrawn_at=None)
    if not rows.update(withdrawn_at=now):
        raise NotNow(f"{certificate} is withdrawn already.")
    ledger.record(
        "certificate withdrawn", _certificate(certificate), by=by, now=now, name=certificate.name
    )


def _certificate(certificate: Certificate) -> str:
    return f"certificate {certificate.fingerprint[:32]}"
