"""The list Django reads to find every table. Nothing else imports this module."""

from devices.access.models import ApiToken, DeviceToken, Posting, Quarantined
from devices.health.models import (
    CameraHealth,
    DockHealth,
    EarlierBoot,
    Placement,
    Reading,
    ReadingDay,
    Silence,
)
from devices.inventory.models import (
    Bay,
    Camera,
    CameraCode,
    CameraModel,
    Credential,
    Dock,
    Officer,
    Station,
)
from devices.ledger import LedgerEntry, LedgerHead

__all__ = [
    "ApiToken",
    "Bay",
    "Camera",
    "CameraCode",
    "CameraHealth",
    "CameraModel",
    "Credential",
    "DeviceToken",
    "Dock",
    "DockHealth",
    "EarlierBoot",
    "LedgerEntry",
    "LedgerHead",
    "Officer",
    "Placement",
    "Posting",
    "Quarantined",
    "Reading",
    "ReadingDay",
    "Silence",
    "Station",
]
