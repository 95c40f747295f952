"""What can be wrong with a camera, what a pre-shift test asks of it, and what comes next. Pure.

Unknown never passes a test. Severity is decided here once, and then frozen into the record.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from devices.battery.rules import told_below
from devices.health.rules import clock_limit, clock_wrong, off_by
from devices.policy import Policy


class Severity(StrEnum):
    """The values of ``models.Severity``. A critical fault blocks issue, and IT clears it."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Code:
    """One thing that can be wrong. ``told`` is whether people may choose it.

    A ``passing`` one comes and goes with every shift (a battery runs low): readiness counts
    it, and nobody has to repair anything.
    """

    code: str
    words: str
    severity: Severity
    told: bool = False
    passing: bool = False


_CATALOGUE = (
    # What people tell. Critical is what keeps a camera from recording, or from being believed.
    Code("lens", "Lens or picture", Severity.CRITICAL, told=True),
    Code("button", "Record button", Severity.CRITICAL, told=True),
    Code("microphone", "Microphone or sound", Severity.CRITICAL, told=True),
    Code("will_not_start", "Does not start", Severity.CRITICAL, told=True),
    Code("battery", "Battery", Severity.MAJOR, told=True),
    Code("storage", "Storage", Severity.MAJOR, told=True),
    Code("clock", "Clock", Severity.MAJOR, told=True),
    Code("offload", "Off-load of recordings", Severity.MAJOR, told=True),
    Code("contact", "Charging contact", Severity.MAJOR, told=True),
    Code("mount", "Mount or clip", Severity.MAJOR, told=True),
    Code("screen", "Screen or lights", Severity.MINOR, told=True),
    Code("other", "Something else", Severity.MAJOR, told=True),
    # What a pre-shift test finds besides.
    Code("not_heard", "Not heard, or its facts not known", Severity.MAJOR),
    Code("firmware", "Firmware is not the approved one", Severity.MINOR),
    Code("profile", "Profile is not the approved one", Severity.MINOR),
    # What cameras report.
    Code("lens_fault", "Lens does not work", Severity.CRITICAL),
    Code("lens_blocked", "Lens is covered", Severity.CRITICAL),
    Code("button_fault", "Record button does not work", Severity.CRITICAL),
    Code("microphone_fault", "Microphone does not work", Severity.CRITICAL),
    Code("storage_fault", "Storage does not work", Severity.CRITICAL),
    Code("storage_failing", "Storage is failing", Severity.CRITICAL),
    Code("test_clip_failed", "Test clip could not be recorded", Severity.CRITICAL),
    Code("clock_lost", "Clock was lost", Severity.MAJOR),
    Code("offload_stuck", "Recordings do not come off", Severity.MAJOR),
    Code("battery_worn", "Battery is worn", Severity.MINOR),
    Code("battery_low", "Battery is low", Severity.MINOR, passing=True),
    Code("storage_low", "Storage is nearly full", Severity.MINOR, passing=True),
)
CATALOGUE: Mapping[str, Code] = {one.code: one for one in _CATALOGUE}
TOLD_BY_PEOPLE = tuple(one for one in _CATALOGUE if one.told)
# With any of these open, or said by the camera itself, it must not be issued.
CRITICAL_CODES = frozenset(one.code for one in _CATALOGUE if one.severity is Severity.CRITICAL)
PASSING = tuple(one.code for one in _CATALOGUE if one.passing)


def code_of(code: str) -> Code:
    """What is meant by a code; one that no catalogue knows is taken seriously, as it is said."""
    return CATALOGUE.get(code) or Code(code, code.replace("_", " ").capitalize(), Severity.MAJOR)


# The pre-shift test


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a camera at one moment, to be judged and frozen. None is: not known.

    ``said_at`` is when what it last said was so, however late that was heard. ``open_critical``
    are the codes of open critical faults, whoever told them. ``clock_ahead_s`` is how far its
    clock was ahead of ours. ``hours_low`` are the hours if they are as wrong as they usually are.
    """

    said_at: datetime | None = None
    heard_at: datetime | None = None
    hearing: str = "never"
    docked: bool | None = None
    radio: bool = False
    mode: str = ""
    battery_percent: int | None = None
    battery_health_percent: int | None = None
    hours: float | None = None
    hours_low: float | None = None
    storage_free_mb: int | None = None
    clips_waiting: int | None = None
    offload: str = ""
    clock_ahead_s: float | None = None
    firmware_version: str = ""
    firmware_wanted: str = ""
    profile_version: str = ""
    profile_wanted: str = ""
    firmware_accepted: tuple[str, ...] = ()
    profile_accepted: tuple[str, ...] = ()
    profile_refused: tuple[str, ...] = ()
    reported: tuple[str, ...] | None = None
    open_critical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnDuty:
    """From when to when somebody is on without a break: a double shift is one."""

    begins_at: datetime
    ends_at: datetime


def on_duty(
    duties: Iterable[tuple[datetime, datetime]], policy: Policy, now: datetime
) -> OnDuty | None:
    """Of an officer's duties in their order, the one that a test counts for now; with those that it
    joins. None: no duty is near."""
    found: OnDuty | None = None
    for begins_at, ends_at in duties:
        if found is None and ends_at > now >= begins_at - policy.test_counts_for:
            found = OnDuty(begins_at, ends_at)
        elif found and begins_at <= found.ends_at + policy.handover:
            found = OnDuty(found.begins_at, max(found.ends_at, ends_at))
    return found


class Asked(StrEnum):
    """What a test asks, in the order in which it is read."""

    HEARD = "heard"
    FAULTS = "faults"
    BATTERY = "battery"
    STORAGE = "storage"
    CLOCK = "clock"
    FIRMWARE = "firmware"
    PROFILE = "profile"


_FAULT_OF = {
    Asked.HEARD: "not_heard",
    Asked.BATTERY: "battery",
    Asked.STORAGE: "storage",
    Asked.CLOCK: "clock",
    Asked.FIRMWARE: "firmware",
    Asked.PROFILE: "profile",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing asked: whether it passed (None: not known), what is so, and what should be."""

    asked: Asked
    passed: bool | None
    value: str
    limit: str
    sentence: str

    @property
    def doubted(self) -> bool:
        """It is known, and not surely enough."""
        return self.passed is None and self.value != UNKNOWN

    def frozen(self) -> dict[str, Any]:
        """As it is kept with the test."""
        return {
            "name": self.asked.value,
            "passed": self.passed,
            "value": self.value,
            "limit": self.limit,
            "sentence": self.sentence,
        }


USUAL_SHIFT = timedelta(hours=8)  # field.md: three shifts of eight hours
UNKNOWN = "unknown"


def test(facts: Facts, policy: Policy, now: datetime, duty: OnDuty | None) -> tuple[Check, ...]:
    """Every check of a pre-shift test on these facts, for what is left of ``duty``; for a usual
    shift without one."""
    return (
        _heard(facts, policy, now),
        _faults(facts),
        _battery(facts, policy, now, duty),
        _storage(facts, policy),
        _clock(facts, policy),
        _version(
            Asked.FIRMWARE, facts.firmware_version, facts.firmware_wanted, facts.firmware_accepted
        ),
        _profile(facts),
    )


def passed(checks: Collection[Check]) -> bool:
    """Whether a test with these checks is passed: every one is known and good."""
    return bool(checks) and all(one.passed is True for one in checks)


def faults_of(checks: Collection[Check], facts: Facts) -> list[str]:
    """The codes of the faults that a test opens; what is not known is one fault, not six. A battery
    that may not last is known.

    A critical fault that is open already is why the test failed, and needs no second record.
    """
    failed = [one.asked for one in checks if one.passed is False or one.doubted]
    found = [_FAULT_OF[asked] for asked in failed if asked in _FAULT_OF]
    unknown = any(one.passed is None and not one.doubted for one in checks)
    if unknown and "not_heard" not in found:
        found.append("not_heard")
    if Asked.FAULTS in failed:
        found += [code for code in _grave(facts) if code not in facts.open_critical]
    return found


def _heard(facts: Facts, policy: Policy, now: datetime) -> Check:
    taken = facts.docked is False and not facts.radio
    span = policy.tested_after_taking if taken else policy.silent_after
    limit = f"within {_minutes(span)} min"
    if facts.heard_at is None:
        return Check(Asked.HEARD, None, UNKNOWN, limit, "It was never heard.")
    age = max(timedelta(), now - (facts.said_at or facts.heard_at))
    value = f"{_minutes(age)} min ago" if _minutes(age) else "just now"
    fresh = age <= span and (taken or facts.hearing != "silent")
    return Check(Asked.HEARD, fresh, value, limit, f"It last spoke {value}.")


def _faults(facts: Facts) -> Check:
    limit = "none that stops it"
    if facts.reported is None:
        sentence = "Whether it has a fault is not known."
        return Check(Asked.FAULTS, None, UNKNOWN, limit, sentence)
    grave = [*dict.fromkeys((*facts.open_critical, *_grave(facts)))]
    if grave:
        said = _listed(grave)
        return Check(Asked.FAULTS, False, said, limit, f"Wrong with it: {said}.")
    rest = _listed(facts.reported)
    sentence = f"It says: {rest}. That stops nothing." if rest else "It reports no fault."
    return Check(Asked.FAULTS, True, rest or "none", limit, sentence)


def _grave(facts: Facts) -> list[str]:
    """Reported codes with which a camera must not pass."""
    reported = map(code_of, facts.reported or ())
    return [one.code for one in reported if one.severity is not Severity.MINOR]


def _battery(facts: Facts, policy: Policy, now: datetime, duty: OnDuty | None) -> Check:
    """The same hours that readiness asks for: enough for the duty with what is kept to spare; and,
    at worst, enough for the duty."""
    lasts = _left_of(duty, facts, now) if duty else USUAL_SHIFT
    wanted = (lasts + policy.handover + policy.battery_spare).total_seconds() / 3600
    limit = f"{wanted:.1f} h"
    if facts.hours is None or facts.hours_low is None:
        sentence = "How long its battery will last is not known."
        return Check(Asked.BATTERY, None, UNKNOWN, limit, sentence)
    enough = facts.hours >= wanted
    value = f"{facts.hours:.1f} h" if enough else f"{told_below(facts.hours, wanted)} h"
    what = "what is left of the duty" if duty else "a shift"
    low, span = facts.hours_low, lasts.total_seconds() / 3600
    if enough and low < span:
        about = f"It has about {value} of battery, but it may be {told_below(low, span)} h"
        sentence = f"{about}; {what} lasts {span:.1f} h."
        return Check(Asked.BATTERY, None, value, limit, sentence)
    end = "." if enough else f"; {what} needs {limit}."
    sentence = f"Its battery lasts about {value}{end}"
    return Check(Asked.BATTERY, enough, value, limit, sentence)


def _left_of(duty: OnDuty, facts: Facts, now: datetime) -> timedelta:
    """What the battery has to last of a duty: out of its bay a camera is on since its last word."""
    since = max(now, duty.begins_at) if facts.docked else facts.said_at or now
    return max(timedelta(), duty.ends_at - since)


def _storage(facts: Facts, policy: Policy) -> Check:
    limit = f"emptied or {policy.storage_for_shift_mb / 1000:.1f} GB free"
    if facts.offload == "complete" and facts.clips_waiting == 0:
        return Check(Asked.STORAGE, True, "emptied", limit, "It is emptied.")
    if facts.storage_free_mb is None:
        sentence = "Whether it is emptied is not known."
        return Check(Asked.STORAGE, None, UNKNOWN, limit, sentence)
    value = f"{facts.storage_free_mb / 1000:.1f} GB free"
    room = facts.storage_free_mb >= policy.storage_for_shift_mb
    sentence = f"It is not emptied and has {value}."
    return Check(Asked.STORAGE, room, value, limit, sentence)


def _clock(facts: Facts, policy: Policy) -> Check:
    limit = clock_limit(policy)
    if facts.clock_ahead_s is None:
        sentence = "Whether its clock is right is not known."
        return Check(Asked.CLOCK, None, UNKNOWN, limit, sentence)
    ahead = timedelta(seconds=facts.clock_ahead_s)
    if clock_wrong(ahead, policy):
        return Check(Asked.CLOCK, False, off_by(ahead), limit, "Its clock is wrong.")
    return Check(Asked.CLOCK, True, "right", limit, "Its clock is right.")


def _version(asked: Asked, runs: str, wanted: str, accepted: Collection[str]) -> Check:
    """What is wanted, or is approved as well while cameras are brought to it."""
    what = asked.value
    limit = wanted or "any"
    if not runs:
        known = None if wanted else True
        sentence = f"Which {what} it runs is not known."
        return Check(asked, known, UNKNOWN, limit, sentence)
    if wanted and runs != wanted and runs not in accepted:
        sentence = f"It runs {what} {runs}; approved is {wanted}."
        return Check(asked, False, runs, limit, sentence)
    return Check(asked, True, runs, limit, f"It runs {what} {runs}.")


def _profile(facts: Facts) -> Check:
    """Where nobody says what it should run, any but what does not count as good."""
    runs, wanted = facts.profile_version, facts.profile_wanted
    if not wanted and runs in facts.profile_refused:
        sentence = f"It runs profile {runs}, which does not count as good."
        return Check(Asked.PROFILE, False, runs, "another profile", sentence)
    return _version(Asked.PROFILE, runs, wanted, facts.profile_accepted)


def _listed(codes: Collection[str]) -> str:
    return ", ".join(code_of(code).words.lower() for code in codes)


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


class Verdict(StrEnum):
    """What a shift's duty can say of the test of its camera."""

    PASSED = "passed"
    FAILED = "failed"
    WAITING = "waiting"
    SKIPPED = "skipped"


def verdict(
    *, test_passed: bool | None, begins_at: datetime, policy: Policy, now: datetime
) -> Verdict:
    """Of the latest test that counts for a duty (None: there is none).

    It is skipped when there is none `Policy.untested_after` the duty began.
    """
    if test_passed is not None:
        return Verdict.PASSED if test_passed else Verdict.FAILED
    skipped = now >= begins_at + policy.untested_after
    return Verdict.SKIPPED if skipped else Verdict.WAITING


# Clocks and who is next


def acknowledge_within(severity: str, policy: Policy) -> timedelta:
    """How soon somebody must say that they have seen a fault."""
    match Severity(severity):
        case Severity.CRITICAL:
            return policy.acknowledge_critical_within
        case Severity.MAJOR:
            return policy.acknowledge_major_within
        case Severity.MINOR:
            return policy.acknowledge_minor_within


def mend_within(severity: str, policy: Policy) -> timedelta:
    """How soon a fault must be mended or cleared."""
    match Severity(severity):
        case Severity.CRITICAL:
            return policy.mend_critical_within
        case Severity.MAJOR:
            return policy.mend_major_within
        case Severity.MINOR:
            return policy.mend_minor_within


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a fault stands: what a page needs to say what comes next. ``mending_since``: from when
    on the time to mend it counts."""

    state: str
    severity: str
    mending_since: datetime
    acknowledge_by: datetime
    escalated: bool = False
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What must be done next, by whom and by when."""

    words: str
    owner: str
    by: datetime

    def overdue(self, now: datetime) -> bool:
        return self.by <= now


def next_step(fault: Progress, policy: Policy) -> Step | None:
    """The next act on a fault; None when nothing is left to do."""
    severity = Severity(fault.severity)
    mend_by = fault.mending_since + mend_within(severity, policy)
    match fault.state:
        case "open":
            owner = "Commander and IT" if fault.escalated else "Commander"
            return Step("Acknowledge", owner, fault.acknowledge_by)
        case "acknowledged":
            clears = "IT" if severity is Severity.CRITICAL else "Quartermaster"
            return Step("Repair, replace or clear", clears, mend_by)
        case "in_repair":
            back_by = fault.sent_at + policy.repair_at_most if fault.sent_at else mend_by
            return Step("Take back from repair", "Quartermaster", back_by)
    return None


def only_it_clears(severity: str) -> bool:
    """Whether a fault of this severity is cleared by IT alone."""
    return severity == Severity.CRITICAL


def said(text: str) -> str:
    """What somebody wrote, trimmed; nothing when there is no letter or digit in it."""
    trimmed = " ".join(text.split())
    return trimmed if any(character.isalnum() for character in trimmed) else ""


def sanitised_refused(
    *, sanitised_at: datetime | None, how: str, cannot: str, now: datetime
) -> Iterator[str]:
    """Every reason why a camera with this statement must not leave (CJIS MA-2, MP-6)."""
    if sanitised_at is None and not cannot:
        yield "Say when and how it was sanitised, or why that cannot be done."
    if sanitised_at is not None and cannot:
        yield "It was either sanitised or it cannot be: say one of the two."
    if sanitised_at is not None and not how:
        yield "Say how it was sanitised."
    if sanitised_at is not None and sanitised_at > now:
        yield "It cannot have been sanitised in the future."
