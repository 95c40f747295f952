"""What the tests' docks and cameras say."""

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

from devices.access import tokens
from devices.access.models import DeviceToken
from devices.access.tokens import TokenKind
from devices.gateway import protocol, reading
from devices.gateway.senders import Sender
from devices.inventory.models import Bay, Camera, Dock
from devices.policy import Policy
from devices.wire import Answer


def report(serial: str = "BWC-000417", *, sequence: int = 1, **said: Any) -> dict[str, Any]:
    """A docked camera's report, as it goes over the wire."""
    return {
        "serial": serial,
        "boot": 1,
        "sequence": sequence,
        "device_time": said.pop("device_time", datetime.now(UTC).isoformat()),
        "docked": True,
        "bay": 1,
        "mode": "off",
        "battery_percent": 64,
        "battery_state": "charging",
        "storage_used_mb": 2000,
        "storage_free_mb": 62000,
        "firmware_version": "4.2.1",
        **said,
    }


def event(serial: str = "BWC-000417", *, sequence: int = 1, **said: Any) -> dict[str, Any]:
    """A dock's word that a camera came into bay 1."""
    return {
        "kind": "docked",
        "bay": 1,
        "serial": serial,
        "boot": 1,
        "sequence": sequence,
        "device_time": datetime.now(UTC).isoformat(),
        **said,
    }


def batch(*reports: Any, events: Any = (), **said: Any) -> dict[str, Any]:
    return {
        "id": "b1",
        "sent_at": datetime.now(UTC).isoformat(),
        "reports": list(reports),
        "events": list(events),
        **said,
    }


def sender_of(dock: Dock) -> Sender:
    """This dock, proven."""
    bays = Bay.objects.filter(dock=dock).values_list("position", "pk")
    return Sender(dock.station_id, dock_id=dock.pk, bays=dict(bays))


def carry(sender: Sender, message: dict[str, Any], now: datetime) -> Answer:
    """What the protocol answers to a batch that came, as bytes, by either door."""
    knock = protocol.Knock(sender, reading.read(json.dumps(message).encode()))
    (answer,) = protocol.receive([knock], now=now, policy=Policy(), chance=Random(1))
    return answer


def token_of(device: Dock | Camera, now: datetime) -> str:
    """A token for this dock or camera."""
    is_dock = isinstance(device, Dock)
    minted = tokens.mint(TokenKind.DOCK if is_dock else TokenKind.CAMERA)
    DeviceToken.objects.create(
        key_id=minted.key_id,
        digest=minted.digest,
        made_at=now,
        dock=device if is_dock else None,
        camera=None if is_dock else device,
    )
    return minted.plaintext
