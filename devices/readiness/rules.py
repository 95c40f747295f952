"""Whether a camera is fit for a shift: yes, no or unknown, and every reason. Pure.

Unknown never counts as ready, and a fact that is missing never makes a camera ready. No reason
names an officer, so whoever may see readiness may read every reason. `sql.py` says the same to
the database for a shift that begins now; a test holds the two equal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from devices.policy import Policy
from devices.wire import Mode

# field.md: three shifts of eight hours.
USUAL_SHIFT = timedelta(hours=8)


class Fit(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Blocker(StrEnum):
    """What can stand against a camera, the gravest first."""

    SERVICE = "service"
    HELD = "held"
    RECALLED = "recalled"
    FAULT = "fault"
    NEVER_HEARD = "never_heard"
    SILENT = "silent"
    DISPLACED = "displaced"
    AWAY = "away"
    UPDATING = "updating"
    BATTERY = "battery"
    STORAGE = "storage"
    FIRMWARE = "firmware"
    PROFILE = "profile"
    CLOCK = "clock"
    RESERVED = "reserved"
    ISSUED = "issued"


class Facts(NamedTuple):
    """What is known of one camera. None is: not known.

    ``hours`` are the battery's at the moment the need begins (or now, without a need), and
    ``hours_low`` the same if the forecast is as wrong as it usually is. ``critical`` are the
    open critical faults, whoever told them. ``reserved_for`` is whom it is promised to, and
    ``event`` what it is reserved for.
    ``said_at`` is when what it last said was so, ``placed_at`` since when it is where it is.
    ``held_at`` is since when it is evidence, ``issued_to`` who has it out for a shift.
    ``update_stage`` is how far an update of it is: offered or installing, and ``updating_until``
    when it is reckoned to be ready again. What is ``…_accepted`` may be run beside what is wanted.
    ``recalled`` is the name of an open recall that covers it.
    """

    name: str
    service_state: str
    radio: bool
    hearing: str
    heard_at: datetime | None
    docked: bool | None
    displaced: bool = False
    dock_silent: bool = False
    mode: str = ""
    battery_percent: int | None = None
    offload: str = ""
    clips_waiting: int | None = None
    storage_free_mb: int | None = None
    firmware_version: str = ""
    firmware_wanted: str = ""
    profile_version: str = ""
    profile_wanted: str = ""
    clock_wrong: bool | None = None
    critical: tuple[str, ...] = ()
    hours: float | None = None
    hours_low: float | None = None
    reserved_for: str = ""
    said_at: datetime | None = None
    placed_at: datetime | None = None
    held_at: datetime | None = None
    issued_to: str = ""
    event: str = ""
    update_stage: str = ""
    updating_until: datetime | None = None
    firmware_accepted: Sequence[str] | None = None
    profile_accepted: Sequence[str] | None = None
    recalled: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What a camera is wanted for: from when, for how long, and by whom (a badge number).

    ``taken``: it has gone out for this already, so that being away stands against it no more.
    """

    begins_at: datetime
    lasts: timedelta
    badge: str = ""
    taken: bool = False


class Reason(NamedTuple):
    """One thing against a camera: what is so, what would have to be, and how old the fact is.

    ``says`` is the short form that follows its name: lacks 2.9 h.
    """

    blocker: Blocker
    fit: Fit
    value: str
    limit: str
    says: str
    sentence: str
    as_of: datetime | None = None


class Readiness(NamedTuple):
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
    """Whether this camera could go out for ``need``; without one, for a shift that begins now.

    Without a need neither a promise nor an issue is an obstacle: whoever it is for takes it.
    """
    taken = need is not None and need.taken
    found = [
        *_service(facts),
        *_held(facts),
        *_recalled(facts),
        *_faults(facts),
        *_heard(facts, policy, now, taken=taken),
        *_updating(facts, need, now),
        *_battery(facts, need, policy),
        *_storage(facts, policy),
        *_versions(facts),
        *_clock(facts),
        *_reserved(facts, need),
        *_issued(facts, need),
    ]
    return Readiness(tuple(found))


def _service(facts: Facts) -> Iterator[Reason]:
    if facts.service_state != "in_service":
        value = facts.service_state.replace("_", " ")
        says = f"is {value}"
        yield Reason(Blocker.SERVICE, Fit.NO, value, "in service", says, f"{facts.name} {says}.")


def _held(facts: Facts) -> Iterator[Reason]:
    """A critical incident's camera: what it recorded must be taken off it and kept first."""
    if facts.held_at is not None:
        says = "is held as evidence"
        sentence = f"{facts.name} {says}."
        yield Reason(Blocker.HELD, Fit.NO, "held", "not held", says, sentence, facts.held_at)


def _recalled(facts: Facts) -> Iterator[Reason]:
    """It must come in, and goes to nobody before somebody said that it is all right."""
    if facts.recalled:
        sentence = f"{facts.name} is recalled: {facts.recalled}."
        yield Reason(Blocker.RECALLED, Fit.NO, "recalled", "not recalled", "is recalled", sentence)


def _faults(facts: Facts) -> Iterator[Reason]:
    for code in facts.critical:
        value = code.replace("_", " ")
        sentence = f"{facts.name} has a critical fault: {value}."
        yield Reason(
            Blocker.FAULT,
            Fit.NO,
            value,
            "no critical fault",
            f"has a fault: {value}",
            sentence,
            facts.said_at,
        )


def _heard(facts: Facts, policy: Policy, now: datetime, *, taken: bool) -> Iterator[Reason]:
    """Whether what we know of it may still be believed; its place says how often it must speak.

    The sweep that announces silence may itself be dead, so the age is looked at here too.
    """
    at, name = facts.heard_at, facts.name
    if facts.hearing == "never" or at is None:
        yield _unknown(Blocker.NEVER_HEARD, "never", "heard", "never spoke", f"{name} never spoke.")
    elif facts.docked is None:
        sentence = f"Nobody has said where {name} is."
        yield _unknown(Blocker.NEVER_HEARD, "unknown", "in a bay", "is nowhere", sentence, at)
    elif not facts.docked:
        if not taken:
            yield Reason(
                Blocker.AWAY,
                Fit.NO,
                "out",
                "in a bay",
                "is out",
                f"{name} is out.",
                facts.placed_at,
            )
    elif facts.displaced:
        sentence = f"Another camera is in the bay where {name} was last seen."
        yield _unknown(
            Blocker.DISPLACED, "unknown", "in a bay", "is not where it was", sentence, at
        )
    elif facts.hearing == "silent" or now - at > policy.silent_after:
        why = "its dock is silent" if facts.dock_silent else "it is silent in its dock"
        sentence = f"{name} is not known: {why}."
        yield _unknown(Blocker.SILENT, "silent", "heard", "is silent", sentence, at)
    elif facts.mode == Mode.RECORDING and not taken:  # a vehicle's charger holds working cameras
        sentence = f"{name} is recording."
        yield Reason(Blocker.AWAY, Fit.NO, "recording", "not in use", "is recording", sentence, at)


def _unknown(
    blocker: Blocker,
    value: str,
    limit: str,
    says: str,
    sentence: str,
    as_of: datetime | None = None,
) -> Reason:
    return Reason(blocker, Fit.UNKNOWN, value, limit, says, sentence, as_of)


def _updating(facts: Facts, need: Need | None, now: datetime) -> Iterator[Reason]:
    """One that installs is nobody's until it is back. One that is only offered to is anybody's
    now, because the scan ends the offer, and nobody's for what begins before it would be back."""
    until, name, limit = facts.updating_until, facts.name, "not being updated"
    if facts.update_stage == "installing":
        if until is None or until <= now:
            sentence = f"{name} is being updated, and is not back when it should be."
            yield _unknown(Blocker.UPDATING, "overdue", limit, "is being updated", sentence)
        elif need is None or need.begins_at < until:
            value = f"back in {_minutes(until - now)} min"
            sentence = f"{name} is being updated; it is {value}."
            yield Reason(Blocker.UPDATING, Fit.NO, value, limit, "is being updated", sentence)
    elif facts.update_stage and need and need.begins_at > now and until is None:
        sentence = f"{name} is about to be updated; when it is back is not known."
        yield _unknown(Blocker.UPDATING, "unknown", limit, "is about to be updated", sentence)
    elif facts.update_stage and until and need and now < need.begins_at < until:
        value = f"back in {_minutes(until - now)} min"
        sentence = f"{name} is about to be updated; it is {value}."
        yield Reason(Blocker.UPDATING, Fit.NO, value, limit, "is about to be updated", sentence)


def _minutes(span: timedelta) -> int:
    """Whole minutes, counted up."""
    return -int(-span // timedelta(minutes=1))


def _battery(facts: Facts, need: Need | None, policy: Policy) -> Iterator[Reason]:
    """Enough for the shift with what is kept to spare; and, at worst, enough for the shift."""
    lasts = need.lasts if need else USUAL_SHIFT
    wanted = hours(needed(lasts, policy))
    limit, name, at = f"{wanted:.1f} h", facts.name, facts.said_at
    if facts.hours is None:
        sentence = f"{name}'s battery is not known; the shift needs {limit}."
        yield _unknown(Blocker.BATTERY, "unknown", limit, "has an unknown battery", sentence, at)
        return
    value = f"{facts.hours:.1f} h"
    if facts.hours < wanted:
        says = f"lacks {max(0.1, wanted - facts.hours):.1f} h"
        sentence = f"{name} has {value} of battery; the shift needs {limit}."
        yield Reason(Blocker.BATTERY, Fit.NO, value, limit, says, sentence, at)
    elif facts.hours_low is not None and facts.hours_low < hours(lasts):
        sentence = (
            f"{name} has about {value} of battery, but it may be {facts.hours_low:.1f} h;"
            f" the shift lasts {hours(lasts):.1f} h."
        )
        yield _unknown(Blocker.BATTERY, value, limit, "may not last", sentence, at)


def needed(lasts: timedelta, policy: Policy) -> timedelta:
    """How long a battery must last: the duty, the handover and something to spare."""
    return lasts + policy.handover + policy.battery_spare


def hours(span: timedelta) -> float:
    return span.total_seconds() / 3600


def _storage(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """Emptied, or with room for the shift; neither known is unknown."""
    if facts.offload == "complete" and facts.clips_waiting == 0:
        return
    limit = f"emptied or {policy.storage_for_shift_mb / 1000:.1f} GB free"
    free, at = facts.storage_free_mb, facts.said_at
    if free is None:
        sentence = f"Whether {facts.name} is emptied is not known."
        yield _unknown(Blocker.STORAGE, "unknown", limit, "may not be emptied", sentence, at)
    elif free < policy.storage_for_shift_mb:
        value = f"{free / 1000:.1f} GB"
        sentence = f"{facts.name} is not emptied and has {value} free."
        yield Reason(Blocker.STORAGE, Fit.NO, value, limit, "is not emptied", sentence, at)


def _versions(facts: Facts) -> Iterator[Reason]:
    firmware = (facts.firmware_version, facts.firmware_wanted, facts.firmware_accepted)
    profile = (facts.profile_version, facts.profile_wanted, facts.profile_accepted)
    asked = ((Blocker.FIRMWARE, "firmware", *firmware), (Blocker.PROFILE, "profile", *profile))
    for blocker, what, runs, wanted, accepted in asked:
        if not wanted or runs == wanted or runs in (accepted or ()):
            continue
        fit = Fit.NO if runs else Fit.UNKNOWN
        says = f"runs {what} {runs}" if runs else f"does not say which {what} it runs"
        sentence = f"{facts.name} {says}; approved is {wanted}."
        yield Reason(blocker, fit, runs or "unknown", wanted, says, sentence, facts.said_at)


def _clock(facts: Facts) -> Iterator[Reason]:
    if facts.clock_wrong is None:
        sentence = f"Whether {facts.name}'s clock is right is not known."
        yield _unknown(Blocker.CLOCK, "unknown", "right", "has an unknown clock", sentence)
    elif facts.clock_wrong:
        sentence = f"{facts.name}'s clock is wrong."
        yield Reason(
            Blocker.CLOCK, Fit.NO, "wrong", "right", "has a wrong clock", sentence, facts.said_at
        )


def _reserved(facts: Facts, need: Need | None) -> Iterator[Reason]:
    if need is None:
        return
    if facts.event:
        sentence = f"{facts.name} is reserved for {facts.event} then."
        yield Reason(Blocker.RESERVED, Fit.NO, "reserved", "free", "is reserved", sentence)
    elif facts.reserved_for not in ("", need.badge):
        sentence = f"{facts.name} is promised to another officer for that time."
        yield Reason(Blocker.RESERVED, Fit.NO, "promised", "not promised", "is promised", sentence)


def _issued(facts: Facts, need: Need | None) -> Iterator[Reason]:
    """Given out by hand, whatever its bay says of it. At a desk it is the holder who is named."""
    if need is None or need.taken or facts.issued_to in ("", need.badge):
        return
    sentence = f"{facts.name} is given out to another officer."
    yield Reason(Blocker.ISSUED, Fit.NO, "given out", "not given out", "is given out", sentence)
