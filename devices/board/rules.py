"""Which bucket a camera is in. A test holds `sql.py` equal to this."""

from enum import StrEnum
from typing import NamedTuple

from devices.policy import Policy
from devices.readiness.rules import Fit
from devices.wire import BatteryState, Mode

IN_REPAIR = frozenset({"out_of_service", "in_repair"})
LISTENED_TO = frozenset({"heard", "late"})


class Bucket(StrEnum):
    """Where a camera is. What somebody must look for comes first."""

    LOST = "lost"
    UNKNOWN = "unknown"
    REPAIR = "repair"
    RECORDING = "recording"
    OUT = "out"
    CHARGING = "charging"
    DOCKED = "docked"


class Facts(NamedTuple):
    """What the bucket follows from. ``displaced``: another camera came to its bay later."""

    service_state: str
    hearing: str
    docked: bool | None
    displaced: bool
    radio: bool
    mode: str
    battery_state: str
    battery_percent: int | None


def bucket(facts: Facts, policy: Policy) -> Bucket | None:
    """The one bucket a camera is in; None for a retired one, which no board shows.

    Unknown is what we were told and may no longer believe: never heard, silent in its
    dock, or in a bay where another camera has been seen since. Silence outside a dock is
    expected of a camera without a radio and keeps one with a radio merely out.
    """
    if facts.service_state == "retired":
        return None
    if facts.service_state == "lost":
        return Bucket.LOST
    if facts.service_state in IN_REPAIR:
        return Bucket.REPAIR
    if facts.docked is None or facts.hearing == "never":
        return Bucket.UNKNOWN
    return _in_dock(facts, policy) if facts.docked else _on_the_street(facts)


def standing(where: Bucket, fit: Fit) -> Fit | None:
    """What the board says of a camera's readiness; None where nobody asks: it is not there."""
    if where is Bucket.UNKNOWN:
        return Fit.UNKNOWN
    return fit if where in (Bucket.DOCKED, Bucket.CHARGING) else None


def _in_dock(facts: Facts, policy: Policy) -> Bucket:
    if facts.displaced or facts.hearing == "silent":
        return Bucket.UNKNOWN
    if facts.mode == Mode.RECORDING:  # a vehicle's charger holds cameras that work
        return Bucket.RECORDING
    if facts.battery_state == BatteryState.CHARGING and _below(facts, policy.charged_percent):
        return Bucket.CHARGING
    return Bucket.DOCKED


def _on_the_street(facts: Facts) -> Bucket:
    told = facts.radio and facts.hearing in LISTENED_TO
    return Bucket.RECORDING if told and facts.mode == Mode.RECORDING else Bucket.OUT


def _below(facts: Facts, percent: int) -> bool:
    return facts.battery_percent is not None and facts.battery_percent < percent
