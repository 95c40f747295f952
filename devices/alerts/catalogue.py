"""Every rule: what it is about, how grave, how patient, and what somebody should do. Pure.

A rule calls only for what somebody can act on. A normal shift change, in which every camera
leaves its bay and comes back, must meet none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from devices.alerts.rules import Terms

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """The number a rule compares with: what it is called, its unit and its bounds."""

    label: str
    unit: str
    default: float
    lowest: float
    highest: float


class Pace(StrEnum):
    """How often a rule is looked at: what happens at once must be on a screen within a second;
    what moves in minutes, and costs readiness's judgement of whole shifts, need not be asked so
    often."""

    QUICK = "quick"
    SLOW = "slow"


@dataclass(frozen=True)
class Rule:
    """One kind of thing that can be wrong. ``to_do`` is said to whoever reads the alert.

    ``many`` is what is said of several of them, after their number; ``graver`` when one of them is
    graver by a step than the rule, if that can be.
    """

    code: str
    label: str
    many: str
    severity: str
    opens_after: timedelta
    clears_after: timedelta
    to_do: str
    limit: Limit | None = None
    pace: Pace = Pace.QUICK
    graver: str = ""

    @property
    def terms(self) -> Terms:
        return Terms(self.severity, self.opens_after, self.clears_after)


# How long things may be so is board.md's table of staleness unless a line says otherwise.
_ALL = (
    Rule(
        "dock_silent", "A dock does not report", "docks do not report",
        "major", 5 * MINUTE, 2 * MINUTE,
        "Look whether the dock has power and network; its cameras are unknown until it speaks.",
    ),
    Rule(
        "no_dock_heard", "No dock is heard", "places from which no dock is heard",
        "critical", 5 * MINUTE, 2 * MINUTE,
        "Look at the network, and at the server's gateway: it is hardly all the docks at once.",
    ),
    Rule(
        "dock_never_heard", "A dock that may speak was never heard",
        "docks that may speak were never heard",
        "minor", HOUR, timedelta(),
        "Look whether it has power and network, and whether its key was entered as it was given.",
    ),
    Rule(
        "camera_silent", "A docked camera does not report", "docked cameras do not report",
        "minor", 30 * MINUTE, 2 * MINUTE,
        "Take it out and put it back; if it stays silent try another bay, then report it.",
    ),
    Rule(
        "camera_never_heard", "An enrolled camera was never heard",
        "enrolled cameras were never heard",
        "minor", HOUR, timedelta(),
        "Put it into a dock; if it stays unheard compare its serial number with the inventory.",
    ),
    Rule(
        "camera_away", "A camera has not come back", "cameras have not come back",
        "minor", timedelta(), 5 * MINUTE,
        "Ask the officer; if nobody knows, mark it lost.",
        Limit("Days away from any dock", "days", 7, 1, 90),
    ),
    Rule(
        "offload_failed", "Recordings do not come off a camera", "cameras keep their recordings",
        "major", HOUR, 5 * MINUTE,
        "Put it into another bay; the recordings stay on the camera until they are off.",
    ),
    Rule(
        "storage_low", "A docked camera is nearly full", "docked cameras are nearly full",
        "major", 30 * MINUTE, 5 * MINUTE,
        "It must be emptied before it goes out: look at its off-load.",
        Limit("Free storage below", "GB", 4, 0.5, 64),
    ),
    Rule(
        "clock_wrong", "A camera's clock is wrong", "cameras have a wrong clock",
        "minor", 2 * HOUR, 5 * MINUTE,
        "Dock it; if the clock stays wrong report a fault: its recordings carry wrong times.",
    ),
    Rule(
        "battery_drop", "Batteries of one model lose capacity", "models lose battery capacity",
        "major", 10 * MINUTE, DAY,
        "Pull these cameras before the next shift and ask the maker about the lot.",
        Limit("Cameras that fell from 80 % to below 70 % within a week", "cameras", 3, 2, 100),
        Pace.SLOW,
    ),
    Rule(
        "shift_short", "On a coming shift somebody lacks a ready camera",
        "coming shifts lack ready cameras",
        "major", 10 * MINUTE, 10 * MINUTE,
        "Open the shift: it says what to do about each camera, the soonest first.",
        Limit("Hours before a shift from which it is looked at", "hours", 12, 1, 24),
        Pace.SLOW,
    ),
    Rule(
        "fault_critical", "A critical fault is open", "critical faults are open",
        "critical", timedelta(), timedelta(),
        "The camera must not go out: acknowledge the fault and give the officer a spare.",
    ),
    Rule(
        "fault_overdue", "Nobody acknowledged a fault in time",
        "faults were not acknowledged in time",
        "major", timedelta(), timedelta(),
        "Open the fault and say that you have seen it.",
    ),
    Rule(
        "fault_unmended", "A fault is not mended in time", "faults are not mended in time",
        "major", timedelta(), timedelta(),
        "Open the fault: have it repaired or replaced, or clear it and say how you know.",
    ),
    Rule(
        "repair_long", "A camera is long in repair", "cameras are long in repair",
        "minor", timedelta(), timedelta(),
        "Ask the maintainer; plan a replacement.",
    ),
    Rule(
        "stranger", "A device spoke and was not believed", "docks let strangers speak",
        "major", timedelta(), timedelta(),
        "Look at the quarantine: import the camera, or find out who is speaking.",
    ),
    Rule(
        "pin_locked", "A PIN was locked at a kiosk", "PINs were locked at kiosks",
        "minor", timedelta(), timedelta(),
        "Somebody typed it wrong five times: look who stands there. A new PIN ends the lock.",
    ),
    Rule(
        "custody_overdue", "A camera that was given out is overdue", "cameras are overdue",
        "major", timedelta(), 2 * MINUTE,
        "Open Overdue: it says whom to call; take it back, or let it be due later and say why.",
        graver="once it is missing",
    ),
    # board.md calls half an hour after it was due, and says missing after 24 h. Of own cameras one
    # in fourteen is a day late in an ordinary week (field.md), over days off; from one duty past
    # two days off to the next it is 64 h. Earlier it stands on Overdue, and calls for nobody.
    Rule(
        "own_missing", "An own camera is missing after its duty", "own cameras are missing",
        "major", 10 * MINUTE, 5 * MINUTE,
        "Ask its officer or their unit to dock it; if nobody knows where it is, report it lost.",
        Limit("Hours after its duty in which it was in no dock", "hours", 72, 1, 720),
        Pace.SLOW,
    ),
    # An officer reports it from wherever they are: whoever leads the shift has to hear of it.
    Rule(
        "camera_lost", "A camera was reported lost", "cameras were reported lost",
        "major", timedelta(), timedelta(),
        "Its page says where and when it was last heard: search there, and say there that it is"
        " found.",
    ),
    Rule(
        "camera_found", "A lost camera was scanned", "lost cameras were scanned",
        "critical", timedelta(), timedelta(),
        "Look at it where it was scanned, then bring it back into service on its page.",
    ),
    Rule(
        "leaver_holds", "An officer who left or is suspended holds a camera",
        "cameras are with officers who left or are suspended",
        "major", MINUTE, timedelta(),
        "Get it back; scanning it at a desk ends what they answer for.",
    ),
    Rule(
        "desk_conflict", "A desk told something that the record denies",
        "things that desks told are not settled",
        "major", 10 * MINUTE, timedelta(),
        "Find out who has the camera, and settle it on the desk's list.",
    ),
    # Three days: nobody need bring a camera to its dock over a weekend.
    Rule(
        "rollout_still", "A rollout does not move", "rollouts do not move",
        "minor", 10 * MINUTE, timedelta(),
        "Open the rollout: it says what keeps its cameras. Who is put aside is not waited for.",
        Limit("Hours without a move", "hours", 72, 24, 720),
        Pace.SLOW,
    ),
    Rule(
        "rollout_stopped", "A rollout stopped by itself", "rollouts stopped by themselves",
        "major", timedelta(), timedelta(),
        "Open the rollout: see what the cameras said; then let it go on, or abort it.",
    ),
)  # fmt: skip
CATALOGUE: Mapping[str, Rule] = {rule.code: rule for rule in _ALL}
SEVERITIES = ("minor", "major", "critical")


def one_graver(severity: str) -> str:
    """The next graver one; critical is the gravest."""
    return SEVERITIES[min(SEVERITIES.index(severity) + 1, len(SEVERITIES) - 1)]


def at_least(severity: str, least: str) -> bool:
    """Whether an alert is grave enough for somebody who wants to hear from ``least`` on."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(least)
