"""What the pages say of faults and tests: sentences, steps, timelines and frozen facts. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from devices.faults import rules
from devices.faults.models import Fault, FaultSource, FaultState, Repair
from devices.faults.rules import Progress, Step
from devices.policy import Policy
from devices.roster.models import StandIn

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Line:
    """One fault as a list shows it: what comes next, and whether that is late."""

    fault: Fault
    words: str
    step: Step | None
    overdue: bool


def line(fault: Fault, policy: Policy, now: datetime) -> Line:
    """``fault`` is read with its times (`FaultQuerySet.timed`)."""
    step = rules.next_step(
        Progress(
            state=fault.state,
            severity=fault.severity,
            mending_since=fault.mending_since,  # type: ignore[attr-defined]
            acknowledge_by=fault.acknowledge_by,
            escalated=fault.escalated_at is not None,
            sent_at=fault.away_since,  # type: ignore[attr-defined]
        ),
        policy,
    )
    words = rules.code_of(fault.code).words
    return Line(fault, words, step, bool(step and step.overdue(now)))


@dataclass(frozen=True)
class Count:
    """How many faults stand where, and by when the first must be acknowledged."""

    open: int = 0
    acknowledged: int = 0
    away: int = 0
    first_by: datetime | None = None

    @property
    def total(self) -> int:
        return self.open + self.acknowledged + self.away


def count_sentence(count: Count, now: datetime) -> SafeString | str:
    """What must be done, in one line."""
    if not count.total:
        return "No camera has an open fault."
    parts = []
    if count.open:
        late = count.first_by is not None and count.first_by <= now
        due = (
            f"since {_clock(count.first_by, now)}" if late else f"by {_clock(count.first_by, now)}"
        )
        parts.append(
            format_html(
                '<a href="?state=open"><b>{}</b> {} to be acknowledged</a>, the first {}.',
                count.open,
                _plural(count.open, "fault has", "faults have"),
                due,
            )
        )
    if count.acknowledged:
        parts.append(
            format_html(
                '<a href="?state=acknowledged"><b>{}</b> {} to be mended or cleared</a>.',
                count.acknowledged,
                _plural(count.acknowledged, "waits", "wait"),
            )
        )
    if count.away:
        parts.append(
            format_html(
                '<a href="?state=in_repair"><b>{}</b> {} with a camera in repair</a>.',
                count.away,
                _plural(count.away, "is away", "are away"),
            )
        )
    return format_html(" ".join(["{}"] * len(parts)), *parts)


def sentence(one: Line, now: datetime) -> str:
    """What is wrong with which camera, and what happens about it."""
    fault = one.fault
    begin = f"{fault.camera.name}: {one.words.lower()}, {fault.get_severity_display().lower()}."
    match fault.state:
        case FaultState.OPEN if fault.escalated_at is not None:
            since = spoken(now - fault.acknowledge_by)
            return f"{begin} Nobody has acknowledged it; that was due {since} ago."
        case FaultState.OPEN:
            return f"{begin} Somebody must acknowledge it by {_clock(fault.acknowledge_by, now)}."
        case FaultState.ACKNOWLEDGED:
            return f"{begin} It is acknowledged and waits to be mended or cleared."
        case FaultState.IN_REPAIR:
            return f"{begin} The camera is away for repair."
    took = spoken((fault.resolved_at or now) - fault.opened_at)
    return f"{begin} {fault.get_resolution_display()} after {took}."


@dataclass(frozen=True)
class Event:
    """One thing that happened about a fault; ``clock`` says how long it took, and by what limit."""

    at: datetime
    icon: str
    what: str
    who: str
    words: str = ""
    clock: str = ""
    late: bool = False


_TOLD = {
    FaultSource.CAMERA: "Told by the camera itself",
    FaultSource.TEST: "Found by a pre-shift test",
    FaultSource.OFFICER: "Told by an officer",
    FaultSource.QUARTERMASTER: "Told by a quartermaster",
    FaultSource.COMMANDER: "Told by a commander",
    FaultSource.IT: "Told by IT",
}


def timeline(
    fault: Fault, repairs: Iterable[Repair], promises: Iterable[StandIn] = ()
) -> list[Event]:
    """Everything that happened about a fault, in its order."""
    away = (event for one in repairs for event in _away(one))
    stood_in = (event for one in promises for event in _stood_in(one))
    return sorted([*_events(fault), *stood_in, *away], key=lambda event: event.at)


def _events(fault: Fault) -> Iterator[Event]:
    told = _TOLD[FaultSource(fault.source)]
    yield Event(fault.opened_at, "report", told, _who(fault.opened_by), fault.words)
    if fault.told_at:
        yield Event(fault.told_at, "alerts", "A commander knew of it", "")
    if fault.escalated_at:
        yield Event(
            fault.escalated_at,
            "warning",
            "Escalated to IT",
            "the fleet",
            "Nobody had acknowledged it in time.",
        )
    if fault.acknowledged_at:
        allowed = fault.acknowledge_by - fault.opened_at
        took = fault.acknowledged_at - fault.opened_at
        yield Event(
            fault.acknowledged_at,
            "check",
            "Acknowledged",
            _who(fault.acknowledged_by),
            clock=f"after {spoken(took)}; {spoken(allowed)} allowed",
            late=took > allowed,
        )
    if fault.quiet_since:
        yield Event(fault.quiet_since, "info", "The camera no longer reports it", "the camera")
    if fault.resolved_at:
        yield Event(
            fault.resolved_at,
            "docked",
            fault.get_resolution_display(),
            _who(fault.resolved_by),
            fault.resolution_words,
            clock=f"after {spoken(fault.resolved_at - fault.opened_at)}",
        )


def _stood_in(promise: StandIn) -> Iterator[Event]:
    spare, shift = promise.camera, promise.shift
    promised = f"Spare {spare} promised for {shift}"
    yield Event(promise.offered_at, "camera", promised, _who(promise.offered_by))
    if promise.ended_at:
        ended = f"Spare {spare} handed out" if promise.handed_at else f"Spare {spare} is free again"
        yield Event(promise.ended_at, "camera" if promise.handed_at else "undo", ended, "")


def _away(repair: Repair) -> Iterator[Event]:
    if repair.sent_at:
        rma = f", {repair.rma_number}" if repair.rma_number else ""
        yield Event(
            repair.sent_at,
            "repair",
            f"Sent to {repair.maintainer}{rma}",
            _who(repair.approved_by),
            repair.reason,
        )
    if repair.returned_at and repair.sent_at:
        yield Event(
            repair.returned_at,
            "back",
            f"Back from {repair.maintainer}",
            _who(repair.returned_to),
            repair.work_done,
            clock=f"after {spoken(repair.returned_at - repair.sent_at)}",
        )


def frozen(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was known of a camera then, as labels and words."""
    if not facts:
        return []
    heard = _moment(facts.get("heard_at"))
    return [
        ("Last heard", heard),
        ("Measured", _moment(facts.get("measured_at"))),
        ("Its clock said", _moment(facts.get("device_time"))),
        ("Report", _report(facts)),
        ("Place", _place(facts)),
        ("Doing", facts.get("mode") or UNKNOWN),
        ("Battery", _battery(facts)),
        ("Storage", _storage(facts)),
        ("Off-load", facts.get("offload") or UNKNOWN),
        ("Firmware", _version(facts, "firmware")),
        ("Profile", _version(facts, "profile")),
        ("Faults it reported", _codes(facts.get("reported"))),
        ("Critical faults open", _codes(facts.get("open_critical"))),
        ("In service", str(facts.get("service_state", UNKNOWN)).replace("_", " ")),
    ]


def spoken(span: timedelta) -> str:
    """A span in words: 8 min, 2 h 5 min, 3 d 4 h."""
    minutes = max(0, round(span.total_seconds() / 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{rest} min"


def _report(facts: Mapping[str, Any]) -> str:
    if facts.get("boot") is None:
        return "none"
    return f"no. {facts['sequence']} since start {facts['boot']}"


def _place(facts: Mapping[str, Any]) -> str:
    match facts.get("docked"):
        case True:
            return str(facts.get("bay") or "in a dock")
        case False:
            return "out of its dock"
    return UNKNOWN


def _battery(facts: Mapping[str, Any]) -> str:
    percent, hours = facts.get("battery_percent"), facts.get("hours")
    if percent is None:
        return UNKNOWN
    return f"{percent} %" if hours is None else f"{percent} %, about {hours:.1f} h"


def _storage(facts: Mapping[str, Any]) -> str:
    free, clips = facts.get("storage_free_mb"), facts.get("clips_waiting")
    if free is None:
        return UNKNOWN
    waiting = f", {clips} {_plural(clips, 'recording', 'recordings')} on it" if clips else ""
    return f"{free / 1000:.1f} GB free{waiting}"


def _version(facts: Mapping[str, Any], what: str) -> str:
    runs, wanted = facts.get(f"{what}_version"), facts.get(f"{what}_wanted")
    said = runs or UNKNOWN
    return f"{said} (approved: {wanted})" if wanted and wanted != runs else said


def _codes(codes: list[str] | None) -> str:
    if codes is None:
        return UNKNOWN
    return ", ".join(rules.code_of(code).words for code in codes) or "none"


def _moment(said: Any) -> str:
    if not said:
        return "never"
    return f"{localtime(datetime.fromisoformat(said)):%Y-%m-%d %H:%M:%S}"


def _clock(at: datetime | None, now: datetime) -> str:
    if at is None:
        return UNKNOWN
    here = localtime(at)
    return f"{here:%H:%M}" if here.date() == localtime(now).date() else f"{here:%d %b %H:%M}"


def _who(user: Any) -> str:
    return str(user) if user else "the fleet"


def _plural(number: int, one: str, many: str) -> str:
    return one if number == 1 else many
