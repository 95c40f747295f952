"""Why a camera is silent: decided by rule from its last facts, its dock and its officer's duty.

Pure. Off, charging, flat, asleep, out of reach and unknown are different things, and each is
said with its evidence. A dock that is down is one cause for all its bays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from devices.battery import rules as battery
from devices.policy import Policy
from devices.readiness.facts import Known
from devices.readiness.rules import hours
from devices.wire import Mode

FLAT_PERCENT = 3.0  # below this a camera may be too flat to speak, also in a bay


class Cause(StrEnum):
    """What keeps a camera from being heard."""

    NEVER_HEARD = "never_heard"
    DOCK_DOWN = "dock_down"
    BAY_CONTACT = "bay_contact"
    CHARGING = "charging"
    DEAD_BATTERY = "dead_battery"
    OFF = "off"
    ASLEEP = "asleep"
    NO_RADIO = "no_radio"
    OUT_OF_REACH = "out_of_reach"
    UNKNOWN = "unknown"


EXPECTED = frozenset({Cause.NO_RADIO, Cause.OFF, Cause.ASLEEP, Cause.CHARGING})


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for the cause, and when it was so."""

    words: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OnDutyUntil:
    """When the duty of the camera's officer began and ends; the last one, if none is on."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class WhySilent:
    """The cause, in a sentence, since when, and what it follows from.

    ``dock`` names the dock that is down: the same for all its bays.
    """

    cause: Cause
    sentence: str
    since: datetime | None
    evidence: tuple[Evidence, ...]
    dock: str = ""

    @property
    def expected(self) -> bool:
        """Whether nobody need do anything about it."""
        return self.cause in EXPECTED


def why_silent(
    known: Known, *, place: str, policy: Policy, now: datetime, duty: OnDutyUntil | None = None
) -> WhySilent | None:
    """Why nothing is heard of this camera; None while it speaks as its place demands.

    ``place`` is the bay it was last seen in (D03-5), or empty.
    """
    if known.hearing == "never" or known.heard_at is None:
        evidence = (Evidence("No report of it was ever received."),)
        return WhySilent(Cause.NEVER_HEARD, f"{known.name} has never been heard.", None, evidence)
    if known.docked is None:
        sentence = f"{known.name} spoke, but nobody has said where it is."
        return WhySilent(Cause.UNKNOWN, sentence, known.heard_at, _last_word(known))
    silent = known.hearing == "silent" or now - known.heard_at > policy.silent_after
    if known.docked:
        return _in_dock(known, place) if silent or known.displaced else None
    if not known.radio:
        return _without_radio(known, duty, now)
    return _on_the_street(known, now) if silent else None


def _in_dock(known: Known, place: str) -> WhySilent:
    bay, dock = place or "its bay", place.rpartition("-")[0]
    placed = Evidence(f"It was last seen in {bay}.", known.placed_at)
    evidence = (*_last_word(known), placed)
    if known.displaced:
        sentence = f"Nobody knows where {known.name} is: another camera is in {bay} now."
        return WhySilent(Cause.UNKNOWN, sentence, known.heard_at, evidence)
    if known.dock_silent:
        sentence = f"{dock or 'Its dock'} is silent, and so all its bays are."
        return WhySilent(Cause.DOCK_DOWN, sentence, known.heard_at, evidence, dock)
    if _came_flat(known):
        sentence = f"{known.name} came to {bay} flat: it speaks when it has charged a little."
        return WhySilent(Cause.CHARGING, sentence, known.placed_at, evidence)
    sentence = f"{known.name} is silent in {bay} though its dock speaks: the contact, or it hangs."
    return WhySilent(Cause.BAY_CONTACT, sentence, known.heard_at, evidence)


def _came_flat(known: Known) -> bool:
    """Whether it came into its bay after its last word, with nothing left by then."""
    if known.placed_at is None or known.measured_at is None:
        return False
    left = _percent_then(known, known.placed_at, Mode.BUFFERING)
    return known.placed_at > known.measured_at and left is not None and left < FLAT_PERCENT


def _without_radio(known: Known, duty: OnDutyUntil | None, now: datetime) -> WhySilent:
    """Silence is what it does; only that its battery is done can be known without it."""
    evidence = (*_last_word(known), *_left(known), *_on_duty(duty, now))
    left = _percent_then(known, now, Mode.BUFFERING)
    if left == 0:
        sentence = f"{known.name}'s battery is flat by now, unless it was switched off."
        return WhySilent(Cause.DEAD_BATTERY, sentence, known.placed_at, evidence)
    sentence = f"{known.name} is out and has no radio: it is silent until it is docked."
    return WhySilent(Cause.NO_RADIO, sentence, known.placed_at, evidence)


def _on_the_street(known: Known, now: datetime) -> WhySilent:
    mode = Mode(known.mode or Mode.BUFFERING)
    evidence = (*_last_word(known), *_left(known))
    if _percent_then(known, now, mode) == 0:
        sentence = f"{known.name}'s battery is flat: it had too little left to last until now."
        return WhySilent(Cause.DEAD_BATTERY, sentence, known.heard_at, evidence)
    match mode:
        case Mode.OFF:
            return WhySilent(Cause.OFF, f"{known.name} is switched off.", known.heard_at, evidence)
        case Mode.SLEEP:
            return WhySilent(Cause.ASLEEP, f"{known.name} sleeps.", known.heard_at, evidence)
    sentence = f"{known.name} is out of reach: it was on and had battery left."
    return WhySilent(Cause.OUT_OF_REACH, sentence, known.heard_at, evidence)


def _percent_then(known: Known, then: datetime, mode: Mode) -> float | None:
    """What its last word and its drain leave in the battery; out of a bay since it left one."""
    if known.battery_percent is None or known.measured_at is None:
        return None
    since = known.measured_at
    if not known.docked and known.placed_at is not None:
        since = max(since, known.placed_at)
    after_h = max(0.0, hours(then - since))
    return battery.percent_at(
        known.battery_percent, after_h, known.figures, charging=False, mode=mode
    )


def _last_word(known: Known) -> tuple[Evidence, ...]:
    if known.battery_percent is None:
        return (Evidence("A dock saw it; it has not reported itself.", known.heard_at),)
    words = f"It last said: {known.mode or 'on'}, battery {known.battery_percent} %."
    return (Evidence(words, known.measured_at),)


def _left(known: Known) -> tuple[Evidence, ...]:
    return (Evidence("It left its bay.", known.placed_at),) if known.placed_at else ()


def _on_duty(duty: OnDutyUntil | None, now: datetime) -> Iterator[Evidence]:
    if duty is None:
        return
    if duty.ends_at > now:
        yield Evidence("Its officer is on duty, until:", duty.ends_at)
    else:
        yield Evidence("Its officer's duty has ended.", duty.ends_at)
