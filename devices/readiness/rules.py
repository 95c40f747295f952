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

from devices.battery.rules import told_below
from devices.health.rules import clock_limit, clock_wrong, off_by
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

    ``hours`` are the battery's at the moment the need begins (at its last word, without one), and
    ``hours_low`` the same if the forecast is as wrong as it usually is. ``critical`` are the
    open critical faults, whoever told them. ``reserved_for`` is whom it is promised to, and
    ``event`` what it is reserved for. ``clock_ahead`` is how far its clock was ahead of ours.
    ``said_at`` is when what it last said was so, ``moved_at`` since when it is where it is.
    ``held_at`` is since when it is evidence, ``issued_to`` who has it out for a shift.
    ``update_stage`` is how far an update of it is: offered or installing, and ``updating_until``
    when it is reckoned to be ready again. What is ``…_accepted`` may be run beside what is wanted.
    ``recalled`` is the name of an open recall that covers it. ``service_since``, ``recalled_at``,
    ``update_since``, ``issued_at`` and ``kept_at`` are since when each of those is so, and
    ``dock_heard_at`` is when the dock that it sits in was last heard. ``critical_since`` is when
    the first of its open critical faults was opened; None where only the camera itself says one.
    ``profile_refused``: nobody says which profile it should run, and what it runs is no good one.
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
    clock_ahead: timedelta | None = None
    critical: tuple[str, ...] = ()
    hours: float | None = None
    hours_low: float | None = None
    reserved_for: str = ""
    said_at: datetime | None = None
    moved_at: datetime | None = None
    held_at: datetime | None = None
    issued_to: str = ""
    event: str = ""
    update_stage: str = ""
    updating_until: datetime | None = None
    firmware_accepted: Sequence[str] | None = None
    profile_accepted: Sequence[str] | None = None
    recalled: str = ""
    service_since: datetime | None = None
    recalled_at: datetime | None = None
    update_since: datetime | None = None
    issued_at: datetime | None = None
    kept_at: datetime | None = None
    dock_heard_at: datetime | None = None
    critical_since: datetime | None = None
    profile_refused: bool = False


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


READY = Readiness(())  # one for all: most cameras are


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
        *_clock(facts, policy),
        *_reserved(facts, need),
        *_issued(facts, need),
    ]
    return Readiness(tuple(found)) if found else READY


def _service(facts: Facts) -> Iterator[Reason]:
    if facts.service_state != "in_service":
        value = facts.service_state.replace("_", " ")
        says = f"is {value}"
        sentence, since = f"{facts.name} {says}.", facts.service_since
        yield Reason(Blocker.SERVICE, Fit.NO, value, "in service", says, sentence, since)


def _held(facts: Facts) -> Iterator[Reason]:
    """A critical incident's camera: what it recorded must be taken off it and kept first."""
    if facts.held_at is not None:
        says = "is held as evidence"
        sentence = f"{facts.name} {says}."
        yield Reason(Blocker.HELD, Fit.NO, "held", "not held", says, sentence, facts.held_at)


def _recalled(facts: Facts) -> Iterator[Reason]:
    """It must come in, and goes to nobody before somebody said that it is all right."""
    if facts.recalled:
        says, at = "is recalled", facts.recalled_at
        sentence = f"{facts.name} {says}: {facts.recalled}."
        yield Reason(Blocker.RECALLED, Fit.NO, "recalled", "not recalled", says, sentence, at)


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
            facts.critical_since or facts.said_at,
        )


def _heard(facts: Facts, policy: Policy, now: datetime, *, taken: bool) -> Iterator[Reason]:
    """Whether what we know of it may still be believed; its place says how often it must speak.

    The sweep that announces silence may itself be dead, so the age is looked at here too.
    """
    at, name = facts.heard_at, facts.name
    if facts.hearing == "never" or at is None:
        yield _unknown(Blocker.NEVER_HEARD, "never", "heard", "never spoke", f"{name} never spoke.")
    elif facts.docked is None:
        sentence, says = f"Nobody has said where {name} is.", "has no known place"
        yield _unknown(Blocker.NEVER_HEARD, "unknown", "in a bay", says, sentence, at)
    elif not facts.docked:
        yield from _heard_away(facts, policy, now, taken=taken)
    elif facts.displaced:
        sentence = f"Another camera is in the bay where {name} was last seen."
        yield _unknown(
            Blocker.DISPLACED, "unknown", "in a bay", "is not where it was", sentence, at
        )
    elif facts.hearing == "silent" or now - at > policy.silent_after:
        down = dock_is_silent(facts.dock_silent, facts.dock_heard_at, policy, now)
        why = "its dock is silent" if down else "it is silent in its dock"
        sentence, limit = f"{name} is not known: {why}.", _heard_within(policy)
        yield _unknown(Blocker.SILENT, "silent", limit, "is silent", sentence, at)
    elif not taken:
        yield from _in_use(facts, at)


def dock_is_silent(
    announced: bool, heard_at: datetime | None, policy: Policy, now: datetime
) -> bool:
    """Whether a dock is silent: it was announced, or it was last heard longer ago than a camera may
    be. One that was never heard may be one that does not speak."""
    return announced or (heard_at is not None and now - heard_at > policy.silent_after)


def _heard_away(facts: Facts, policy: Policy, now: datetime, *, taken: bool) -> Iterator[Reason]:
    """Out for something else it is not there; out for this, one that must speak has to be heard."""
    at, name = facts.heard_at, facts.name
    if not taken:
        sentence, since = f"{name} is out.", facts.moved_at
        yield Reason(Blocker.AWAY, Fit.NO, "out", "in a bay", "is out", sentence, since)
    elif must_speak(facts.mode, facts.said_at, facts.moved_at, radio=facts.radio) and (
        facts.hearing == "silent" or at is None or now - at > policy.silent_after
    ):
        sentence, limit = f"{name} is not known: it is out of reach.", _heard_within(policy)
        yield _unknown(Blocker.SILENT, "silent", limit, "is out of reach", sentence, at)


def must_speak(
    mode: str, said_at: datetime | None, left_at: datetime | None, *, radio: bool
) -> bool:
    """Whether silence means something of a camera that is out of its bay.

    It does of one with a radio, until it says out there that it goes off or to sleep. What it
    said in its bay is no word of what it does since.
    """
    said_out = said_at is not None and left_at is not None and said_at >= left_at
    return radio and not (said_out and mode in (Mode.OFF, Mode.SLEEP))


def _heard_within(policy: Policy) -> str:
    return f"heard within {_minutes(policy.silent_after)} min"


def _in_use(facts: Facts, at: datetime) -> Iterator[Reason]:
    """A vehicle's charger holds working cameras."""
    limit = "not in use"
    if facts.mode == Mode.RECORDING:
        says = "is recording"
        yield Reason(Blocker.AWAY, Fit.NO, "recording", limit, says, f"{facts.name} {says}.", at)
    elif not facts.mode:
        sentence = f"Whether {facts.name} is in use is not known."
        yield _unknown(Blocker.AWAY, "unknown", limit, "may be in use", sentence, at)


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
    at, installs, offered = facts.update_since, "is being updated", "is about to be updated"
    if facts.update_stage == "installing":
        if until is None or until <= now:
            sentence = f"{name} {installs}, and is not back when it should be."
            yield _unknown(Blocker.UPDATING, "overdue", limit, installs, sentence, at)
        elif need is None or need.begins_at < until:
            value = f"back in {_minutes(until - now)} min"
            sentence = f"{name} {installs}; it is {value}."
            yield Reason(Blocker.UPDATING, Fit.NO, value, limit, installs, sentence, at)
    elif facts.update_stage and need and need.begins_at > now and until is None:
        sentence = f"{name} {offered}; when it is back is not known."
        yield _unknown(Blocker.UPDATING, "unknown", limit, offered, sentence, at)
    elif facts.update_stage and until and need and now < need.begins_at < until:
        value = f"back in {_minutes(until - now)} min"
        sentence = f"{name} {offered}; it is {value}."
        yield Reason(Blocker.UPDATING, Fit.NO, value, limit, offered, sentence, at)


def _minutes(span: timedelta) -> int:
    """Whole minutes, counted up."""
    return -int(-span // timedelta(minutes=1))


def _battery(facts: Facts, need: Need | None, policy: Policy) -> Iterator[Reason]:
    """Enough for the shift with what is kept to spare; and, at worst, enough for the shift."""
    lasts = need.lasts if need else USUAL_SHIFT
    wanted, least = hours(needed(lasts, policy)), hours(lasts)
    has, at_worst = facts.hours, facts.hours_low
    if has is not None and at_worst is not None and has >= wanted and at_worst >= least:
        return
    limit, name, at = f"{wanted:.1f} h", facts.name, facts.said_at
    if has is None or at_worst is None:
        sentence = f"{name}'s battery is not known; the shift needs {limit}."
        yield _unknown(Blocker.BATTERY, "unknown", limit, "has an unknown battery", sentence, at)
    elif has < wanted:
        value, says = f"{told_below(has, wanted)} h", f"lacks {max(0.1, wanted - has):.1f} h"
        sentence = f"{name} has {value} of battery; the shift needs {limit}."
        yield Reason(Blocker.BATTERY, Fit.NO, value, limit, says, sentence, at)
    else:
        value, says = f"{has:.1f} h", "may not last"
        sentence = (
            f"{name} has about {value} of battery, but it may be {told_below(at_worst, least)} h;"
            f" the shift lasts {least:.1f} h."
        )
        yield _unknown(Blocker.BATTERY, value, limit, says, sentence, at)


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
    if facts.profile_refused:
        runs, limit = facts.profile_version, "another profile"
        says = f"runs profile {runs}"
        sentence, at = f"{facts.name} {says}, which does not count as good.", facts.said_at
        yield Reason(Blocker.PROFILE, Fit.NO, runs, limit, says, sentence, at)


def _clock(facts: Facts, policy: Policy) -> Iterator[Reason]:
    ahead = facts.clock_ahead
    if ahead is not None and not clock_wrong(ahead, policy):
        return
    name, limit, at = facts.name, clock_limit(policy), facts.said_at
    if ahead is None:
        sentence, says = f"Whether {name}'s clock is right is not known.", "has an unknown clock"
        yield _unknown(Blocker.CLOCK, "unknown", limit, says, sentence, at or facts.heard_at)
    else:
        value, says = off_by(ahead), "has a wrong clock"
        yield Reason(Blocker.CLOCK, Fit.NO, value, limit, says, f"{name}'s clock is wrong.", at)


def _reserved(facts: Facts, need: Need | None) -> Iterator[Reason]:
    if need is None:
        return
    if facts.event:
        says, sentence = "is reserved", f"{facts.name} is reserved for {facts.event} then."
        yield Reason(Blocker.RESERVED, Fit.NO, "reserved", "free", says, sentence, facts.kept_at)
    elif facts.reserved_for not in ("", need.badge):
        says, limit = "is promised", "not promised"
        sentence = f"{facts.name} {says} to another officer for that time."
        yield Reason(Blocker.RESERVED, Fit.NO, "promised", limit, says, sentence, facts.kept_at)


def _issued(facts: Facts, need: Need | None) -> Iterator[Reason]:
    """Given out by hand, whatever its bay says of it. At a desk it is the holder who is named."""
    if need is None or need.taken or facts.issued_to in ("", need.badge):
        return
    says, limit, at = "is given out", "not given out", facts.issued_at
    sentence = f"{facts.name} {says} to another officer."
    yield Reason(Blocker.ISSUED, Fit.NO, "given out", limit, says, sentence, at)
