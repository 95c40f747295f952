"""Whether a camera is fit for a shift: yes, no or unknown, and every reason. Pure.

Unknown never counts as ready, and a fact that is missing never makes a camera ready.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from devices.policy import Policy


class Fit(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Blocker(StrEnum):
    """What can stand against a camera, the gravest first."""

    SERVICE = "service"
    FAULT = "fault"
    NEVER_HEARD = "never_heard"
    SILENT = "silent"
    DISPLACED = "displaced"
    AWAY = "away"
    BATTERY = "battery"
    STORAGE = "storage"
    FIRMWARE = "firmware"
    PROFILE = "profile"
    CLOCK = "clock"
    RESERVED = "reserved"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one camera. None is: not known.

    ``hours`` are the battery's at the moment the need begins (or now, without a need), and
    ``hours_low`` the same if the forecast is as wrong as it usually is. ``critical`` are the
    open critical faults, whoever told them. ``reserved_for`` is whom it is promised to.
    """

    name: str
    service_state: str
    radio: bool
    hearing: str
    heard_at: datetime | None
    docked: bool | None
    displaced: bool = False
    dock_silent: bool = False
    hours: float | None = None
    hours_low: float | None = None
    battery_percent: int | None = None
    offload: str = ""
    clips_waiting: int | None = None
    storage_free_mb: int | None = None
    firmware_version: str = ""
    firmware_wanted: str = ""
    profile_version: str = ""
    profile_wanted: str = ""
    critical: tuple[str, ...] = ()
    clock_wrong: bool | None = None
    reserved_for: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What a camera is wanted for: from when, for how long, and by whom (a badge number)."""

    begins_at: datetime
    lasts: timedelta
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing against a camera: what is so, what would have to be, and how old the fact is."""

    blocker: Blocker
    fit: Fit
    value: str
    limit: str
    sentence: str
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer and every reason, the gravest first; no reason at all means yes."""

    reasons: tuple[Reason, ...]

    @property
    def fit(self) -> Fit:
        if not self.reasons:
            return Fit.YES
        return Fit.NO if any(one.fit is Fit.NO for one in self.reasons) else Fit.UNKNOWN

    @property
    def ready(self) -> bool:
        return not self.reasons


def judge(facts: Facts, need: Need | None, policy: Policy, now: datetime) -> Readiness:
    """Whether this camera could go out for ``need``; without one, for a shift that begins now."""
    found = [
        *_service(facts),
        *_faults(facts),
        *_heard(facts, policy, now),
        *_battery(facts, need, policy),
        *_storage(facts, policy),
        *_versions(facts),
        *_clock(facts),
        *_reserved(facts, need),
    ]
    return Readiness(tuple(found))


def _service(facts: Facts) -> Iterator[Reason]:
    if facts.service_state != "in_service":
        said = facts.service_state.replace("_", " ")
        yield Reason(Blocker.SERVICE, Fit.NO, said, "in service", f"{facts.name} is {said}.")


def _faults(facts: Facts) -> Iterator[Reason]:
    for code in facts.critical:
        said = code.replace("_", " ")
        sentence = f"{facts.name} has a critical fault: {said}."
        yield Reason(Blocker.FAULT, Fit.NO, said, "no critical fault", sentence, facts.heard_at)


def _heard(facts: Facts, policy: Policy, now: datetime) -> Iterator[Reason]:
    """Whether what we know of it may still be believed; its place says how often it must speak.

    The sweep that announces silence may itself be dead, so the age is looked at here too.
    """
    at, name = facts.heard_at, facts.name
    if facts.hearing == "never" or facts.docked is None or at is None:
        yield Reason(Blocker.NEVER_HEARD, Fit.UNKNOWN, "never", "heard", f"{name} never spoke.")
    elif not facts.docked:
        yield Reason(Blocker.AWAY, Fit.NO, "out", "in a bay", f"{name} is out.", at)
    elif facts.displaced:
        sentence = f"Another camera is in the bay where {name} was last seen."
        yield Reason(Blocker.DISPLACED, Fit.UNKNOWN, "unknown", "in a bay", sentence, at)
    elif facts.hearing == "silent" or now - at > policy.silent_after:
        why = "its dock is silent" if facts.dock_silent else "it is silent in its dock"
        sentence = f"{name} is not known: {why}."
        yield Reason(Blocker.SILENT, Fit.UNKNOWN, "silent", "heard", sentence, at)


def _battery(facts: Facts, need: Need | None, policy: Policy) -> Iterator[Reason]:
    wanted = needed(need, policy)
    limit, at = f"{hours(wanted):.1f} h", facts.heard_at
    if facts.hours is None:
        sentence = f"{facts.name}'s battery is not known; the shift needs {limit}."
        yield Reason(Blocker.BATTERY, Fit.UNKNOWN, "unknown", limit, sentence, at)
        return
    lasts = facts.hours if facts.hours_low is None else facts.hours_low
    if lasts < hours(wanted):
        value = f"{facts.hours:.1f} h"
        sentence = f"{facts.name} has {value} of battery; the shift needs {limit}."
        yield Reason(Blocker.BATTERY, Fit.NO, value, limit, sentence, at)


def needed(need: Need | None, policy: Policy) -> timedelta:
    """How long a battery must last: the duty, the handover and something to spare."""
    lasts = need.lasts if need else USUAL_SHIFT
    return lasts + policy.handover + policy.battery_spare


USUAL_SHIFT = timedelta(hours=8)  # field.md: three shifts of eight hours


def hours(span: timedelta) -> float:
    return span.total_seconds() / 3600


def _storage(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """Emptied, or with room for the shift; neither known is unknown."""
    if facts.offload == "complete" and facts.clips_waiting == 0:
        return
    limit = f"emptied or {policy.storage_for_shift_mb / 1000:.1f} GB free"
    free, at = facts.storage_free_mb, facts.heard_at
    if free is None:
        sentence = f"Whether {facts.name} is emptied is not known."
        yield Reason(Blocker.STORAGE, Fit.UNKNOWN, "unknown", limit, sentence, at)
    elif free < policy.storage_for_shift_mb:
        value = f"{free / 1000:.1f} GB"
        sentence = f"{facts.name} is not emptied and has {value} free."
        yield Reason(Blocker.STORAGE, Fit.NO, value, limit, sentence, at)


def _versions(facts: Facts) -> Iterator[Reason]:
    asked = (
        (Blocker.FIRMWARE, "firmware", facts.firmware_version, facts.firmware_wanted),
        (Blocker.PROFILE, "profile", facts.profile_version, facts.profile_wanted),
    )
    for blocker, what, runs, wanted in asked:
        if not wanted or runs == wanted:
            continue
        fit = Fit.NO if runs else Fit.UNKNOWN
        says = f"runs {what} {runs}" if runs else f"does not say which {what} it runs"
        sentence = f"{facts.name} {says}; approved is {wanted}."
        yield Reason(blocker, fit, runs or "unknown", wanted, sentence, facts.heard_at)


def _clock(facts: Facts) -> Iterator[Reason]:
    if facts.clock_wrong is None:
        sentence = f"Whether {facts.name}'s clock is right is not known."
        yield Reason(Blocker.CLOCK, Fit.UNKNOWN, "unknown", "right", sentence)
    elif facts.clock_wrong:
        sentence = f"{facts.name}'s clock is wrong."
        yield Reason(Blocker.CLOCK, Fit.NO, "wrong", "right", sentence, facts.heard_at)


def _reserved(facts: Facts, need: Need | None) -> Iterator[Reason]:
    if facts.reserved_for and facts.reserved_for != (need.badge if need else ""):
        sentence = f"{facts.name} is promised to {facts.reserved_for}."
        yield Reason(Blocker.RESERVED, Fit.NO, facts.reserved_for, "not promised", sentence)
