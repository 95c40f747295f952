"""The list Django reads to find every table. Nothing else imports this module."""

from devices.access.models import ApiToken, DeviceToken, Posting, Quarantined
from devices.battery.models import Battery, BatteryMonth, Forecast
from devices.department.models import PolicyVersion
from devices.faults.models import Fault, PreShiftTest, Repair
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
    ServiceChange,
    Station,
)
from devices.ledger import LedgerEntry, LedgerHead
from devices.roster.models import (
    Applied,
    Duty,
    Inspection,
    Pattern,
    Rotation,
    Shift,
    ShiftKind,
    StandIn,
    TakenOff,
)

__all__ = [
    "ApiToken",
    "Applied",
    "Battery",
    "BatteryMonth",
    "Bay",
    "Camera",
    "CameraCode",
    "CameraHealth",
    "CameraModel",
    "Credential",
    "DeviceToken",
    "Dock",
    "DockHealth",
    "Duty",
    "EarlierBoot",
    "Fault",
    "Forecast",
    "Inspection",
    "LedgerEntry",
    "LedgerHead",
    "Officer",
    "Pattern",
    "Placement",
    "PolicyVersion",
    "Posting",
    "PreShiftTest",
    "Quarantined",
    "Reading",
    "ReadingDay",
    "Repair",
    "Rotation",
    "ServiceChange",
    "Shift",
    "ShiftKind",
    "Silence",
    "StandIn",
    "Station",
    "TakenOff",
]
