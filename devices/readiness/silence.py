"""Why a camera is silent: decided by rule from its last facts, its dock, and who holds it.

Pure. Off, charging, flat, asleep, out of reach and unknown are different things, and each is
said with its evidence. A dock that is down is one cause for all its bays.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from devices.battery import rules as battery
from devices.custody.rules import is_overdue
from devices.policy import Policy
from devices.readiness.facts import Known
from devices.readiness.rules import hours, must_speak
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
class Holder:
    """Somebody answers for it: until ``due_at`` if that was said, and else until their duty is over
    (the last one that began, if it was not over when they took it; None without one)."""

    due_at: datetime | None = None
    duty_ends_at: datetime | None = None

    def back_at(self, policy: Policy) -> datetime | None:
        """When it should be back; None: whenever they like."""
        if self.due_at or not self.duty_ends_at:
            return self.due_at
        return self.duty_ends_at + policy.handover


@dataclass(frozen=True, slots=True)
class WhySilent:
    """The cause, in a sentence, since when, and what it follows from.

    ``dock`` names the dock that is down: the same for all its bays. ``missed``: it should be in
    its bay, whatever keeps it silent.
    """

    cause: Cause
    sentence: str
    since: datetime | None
    evidence: tuple[Evidence, ...]
    dock: str = ""
    missed: bool = False

    @property
    def expected(self) -> bool:
        """Whether nobody need do anything about it."""
        return self.cause in EXPECTED and not self.missed


def why_silent(
    known: Known, *, place: str, held: Holder | None, policy: Policy, now: datetime
) -> WhySilent | None:
    """Why nothing is heard of this camera; None while it speaks as its place demands.

    ``place`` is the bay it was last seen in (D03-5), or empty. Silence on the street is as it
    should be only while somebody holds it and it is not overdue. Of a camera that is not in
    service nobody asks who holds it.
    """
    if known.hearing == "never" or known.heard_at is None:
        evidence = (Evidence("No report of it was ever received."),)
        return WhySilent(Cause.NEVER_HEARD, f"{known.name} has never been heard.", None, evidence)
    if known.docked is None:
        sentence = f"{known.name} spoke, but nobody has said where it is."
        return WhySilent(Cause.UNKNOWN, sentence, known.heard_at, _last_word(known))
    silent = known.hearing == "silent" or now - known.heard_at > policy.silent_after
    if known.docked:
        down = known.dock_is_silent(policy, now)
        return _in_dock(known, place, dock_down=down) if silent or known.displaced else None
    found = None
    if not known.radio:
        found = _without_radio(known, now)
    elif silent:
        found = _on_the_street(known, now)
    if found is None or known.service_state != "in_service":
        return found
    return _as_held(found, held, policy, now)


def _as_held(found: WhySilent, held: Holder | None, policy: Policy, now: datetime) -> WhySilent:
    """With who holds it and until when, which says whether it should be silent."""
    if held is None:
        nobody = Evidence("Nobody holds it.")
        words = f"{found.sentence} Nobody holds it: it should be in its bay."
        return replace(found, sentence=words, evidence=(*found.evidence, nobody), missed=True)
    back_at = held.back_at(policy)
    if back_at is None:
        return found
    if is_overdue(back_at, policy, now):
        told = Evidence("It was due back:", back_at)
        words = f"{found.sentence} It is overdue."
        return replace(found, sentence=words, evidence=(*found.evidence, told), missed=True)
    words = "It is due back:" if back_at > now else "It was due back:"
    return replace(found, evidence=(*found.evidence, Evidence(words, back_at)))


def _in_dock(known: Known, place: str, *, dock_down: bool) -> WhySilent:
    bay, dock = place or "its bay", place.rpartition("-")[0]
    placed = Evidence(f"It came to {bay}.", known.moved_at)
    evidence = (*_last_word(known), placed)
    if known.displaced:
        sentence = f"Nobody knows where {known.name} is: another camera is in {bay} now."
        return WhySilent(Cause.UNKNOWN, sentence, known.heard_at, evidence)
    if dock_down:
        sentence = f"{dock or 'Its dock'} is silent, and so all its bays are."
        return WhySilent(Cause.DOCK_DOWN, sentence, known.heard_at, evidence, dock)
    if _came_flat(known):
        sentence = f"{known.name} came to {bay} flat: it speaks when it has charged a little."
        return WhySilent(Cause.CHARGING, sentence, known.moved_at, evidence)
    sentence = f"{known.name} is silent in {bay} though its dock speaks: the contact, or it hangs."
    return WhySilent(Cause.BAY_CONTACT, sentence, known.heard_at, evidence)


def _came_flat(known: Known) -> bool:
    """Whether it came into its bay after its last word, with nothing left by then."""
    if known.moved_at is None or known.measured_at is None:
        return False
    left = _percent_then(known, known.moved_at, Mode.BUFFERING)
    return known.moved_at > known.measured_at and left is not None and left < FLAT_PERCENT


def _without_radio(known: Known, now: datetime) -> WhySilent:
    """Silence is what it does; only that its battery is done can be known without it."""
    evidence = (*_last_word(known), *_left(known))
    left = _percent_then(known, now, Mode.BUFFERING)
    if left == 0:
        sentence = f"{known.name}'s battery is flat by now, unless it was switched off."
        return WhySilent(Cause.DEAD_BATTERY, sentence, known.moved_at, evidence)
    sentence = f"{known.name} is out and has no radio: it is silent until it is docked."
    return WhySilent(Cause.NO_RADIO, sentence, known.moved_at, evidence)


def _on_the_street(known: Known, now: datetime) -> WhySilent:
    name, evidence = known.name, (*_last_word(known), *_left(known))
    quiet = not must_speak(known.mode, known.measured_at, known.moved_at, radio=known.radio)
    awake = known.mode in (Mode.BUFFERING, Mode.RECORDING)
    if _percent_then(known, now, Mode(known.mode) if quiet or awake else Mode.BUFFERING) == 0:
        sentence = f"{name}'s battery is flat: it had too little left to last until now."
        return WhySilent(Cause.DEAD_BATTERY, sentence, known.heard_at, evidence)
    if quiet and known.mode == Mode.OFF:
        return WhySilent(Cause.OFF, f"{name} is switched off.", known.heard_at, evidence)
    if quiet:
        return WhySilent(Cause.ASLEEP, f"{name} sleeps.", known.heard_at, evidence)
    why = "it was on and had battery left" if awake else "not a word since it left its bay"
    sentence = f"{name} is out of reach: {why}."
    return WhySilent(Cause.OUT_OF_REACH, sentence, known.heard_at, evidence)


def _percent_then(known: Known, then: datetime, mode: Mode) -> float | None:
    """What its last word and its drain leave in the battery; out of a bay since it left one."""
    if known.battery_percent is None or known.measured_at is None:
        return None
    since = known.measured_at
    if not known.docked and known.moved_at is not None:
        since = max(since, known.moved_at)
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
    return (Evidence("It left its bay.", known.moved_at),) if known.moved_at else ()
