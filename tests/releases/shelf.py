"""Releases as they come about: received, verified, approved, through the actions themselves."""

from datetime import datetime
from typing import Any

from devices.inventory.models import CameraModel
from devices.releases import actions, storage
from devices.releases.certificates import actions as certificates
from devices.releases.models import Certificate, Release
from devices.releases.receiving import actions as receiving
from devices.releases.rules import Meta
from tests.releases.images import Signer, swu
from tests.rows import a_model


def meta(*models: CameraModel, **said: Any) -> Meta:
    """What an uploader says of the usual image."""
    told = {"file_name": "bodycam.swu", "version": "4.3.0", "hardware": ("1.0",), **said}
    return Meta(models=tuple(model.pk for model in models or (a_model(),)), **told)


def received(raw: bytes, by: Any, now: datetime, said: Meta | None = None) -> Release:
    return receiving.receive(storage.take_in([raw]), said or meta(), by=by, now=now)


def trust(maker: Signer, by: Any, now: datetime, name: str = "Maker") -> Certificate:
    return certificates.add_certificate(name, maker.pem, by=by, now=now)


def verified(maker: Signer, by: Any, now: datetime, version: str = "4.3.0", **said: Any) -> Release:
    """One that the verifier has read and believed."""
    image = swu(maker, {"rootfs.bin": version.encode() * 100}, version=version)
    release = received(image, by, now, meta(version=version, **said))
    assert receiving.verify_received(now=now) == 1
    release.refresh_from_db()
    return release


def approved(
    maker: Signer, by: Any, other: Any, now: datetime, version: str = "4.3.0", **said: Any
) -> Release:
    release = verified(maker, by, now, version, **said)
    actions.approve(release, by=other, now=now)
    return release


def nothing_is_kept() -> bool:
    """There is no release, and no file in the store."""
    return not Release.objects.exists() and list(storage.store().stored()) == []
