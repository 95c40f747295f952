"""What a notice says: what, which, since when, value against limit, what to do, where. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Why(StrEnum):
    """Why a notice goes out. A repeated one never looks like the first."""

    NEW = "new"
    STILL = "still"
    ESCALATED = "escalated"
    CLEARED = "cleared"


@dataclass(frozen=True)
class Told:
    """One alert, as a notice tells of it."""

    many: str
    name: str
    words: str
    value: str
    limit: str
    severity: str
    began_at: datetime
    to_do: str
    place: str = ""
    flapping: bool = False


@dataclass(frozen=True)
class Text:
    title: str
    body: str


MOST_NAMED = 20


@dataclass(frozen=True)
class Held:
    """A camera that somebody was given, gave back or still has: when, or when it is due."""

    camera: str
    at: datetime | None
    overdue: bool = False


def digest(
    of: str,
    fired: Sequence[Told],
    *,
    cameras: Sequence[str] = (),
    open_now: int,
    link: str,
    zone: ZoneInfo,
) -> Text:
    """One message about a shift (``of``) in place of one for each thing that happened in it.
    ``cameras`` are lines about custody, which name no officer."""
    many = len(fired)
    what = "no alert" if not many else f"{many} alert{'s' if many > 1 else ''}"
    lines = [_line(one, zone) for one in fired[:MOST_NAMED]]
    if many > MOST_NAMED:
        lines.append(f"… and {many - MOST_NAMED} more.")
    lines += ["", *cameras] if cameras else []
    lines += ["", _totals(open_now), link]
    return Text(f"{of}: {what}"[:200], "\n".join(lines).lstrip())


def in_cameras(
    *, issued: int, returned: int, out: int, late: Sequence[Held], zone: ZoneInfo
) -> list[str]:
    """What a shift came to in cameras; no line where nothing was given out."""
    if not (issued or returned or out):
        return []
    counts = f"Cameras: {issued} issued, {returned} returned, {out} out, {len(late)} overdue."
    return [counts, *([f"Overdue: {_named(late, zone)}."] if late else [])]


def own_summary(
    shift: str,
    issued: Sequence[Held],
    returned: Sequence[Held],
    out: Sequence[Held],
    *,
    link: str,
    zone: ZoneInfo,
) -> Text:
    """To an officer, of their own cameras on one shift."""
    late = [one for one in out if one.overdue]
    still = [one for one in out if not one.overdue]
    told = (
        ("Overdue", late, " was due"),
        ("Still with you", still, " is due"),
        ("Issued to you", issued, ""),
        ("Returned", returned, ""),
    )
    lines = [f"{what}: {_named(some, zone, says)}." for what, some, says in told if some]
    if late:
        lines += ["", "Bring it back, or tell the desk where it is."]
    lines += ["", link]
    many = f"{len(late)} overdue" if late else f"{len(out)} still out" if out else "all is back"
    return Text(f"Your cameras on {shift}: {many}"[:200], "\n".join(lines))


def _named(some: Sequence[Held], zone: ZoneInfo, says: str = "") -> str:
    told = [f"{one.camera}{_when(one.at, zone, says)}" for one in some[:MOST_NAMED]]
    more = [f"{len(some) - MOST_NAMED} more"] if len(some) > MOST_NAMED else []
    return ", ".join([*told, *more])


def _when(at: datetime | None, zone: ZoneInfo, says: str) -> str:
    return f"{says} {at.astimezone(zone):%d %b %H:%M}" if at else ""


def notice(
    why: Why, alerts: Sequence[Told], *, link: str, zone: ZoneInfo, now: datetime, firing: int
) -> Text:
    """One notice for alerts of one rule at one place; ``firing`` is how many there are in all."""
    first = min(alerts, key=lambda one: one.began_at)
    lines = [_line(one, zone) for one in alerts[:MOST_NAMED]]
    if len(alerts) > MOST_NAMED:
        lines.append(f"… and {len(alerts) - MOST_NAMED} more.")
    if why is not Why.CLEARED:
        lines += ["", f"What to do: {first.to_do}"]
    lines += ["", _totals(firing), link]
    return Text(_title(why, alerts, first, zone, now), "\n".join(lines))


def _title(why: Why, alerts: Sequence[Told], first: Told, zone: ZoneInfo, now: datetime) -> str:
    what = first.words.rstrip(".") if len(alerts) == 1 else _together(alerts, first)
    since = f"since {clock(first.began_at, zone, now)}"
    match why:
        case Why.CLEARED:
            return f"Over: {what} ({since})"[:200]
        case Why.STILL:
            return f"Still, for {lasted(now - first.began_at)}: {what}"[:200]
        case Why.ESCALATED:
            return f"Nobody took it: {what}, {since}"[:200]
    flapping = "comes and goes: " if first.flapping else ""
    return f"{first.severity.capitalize()}: {flapping}{what}, {since}"[:200]


def _together(alerts: Sequence[Told], first: Told) -> str:
    return together(len(alerts), first.many, first.place)


def together(number: int, many: str, place: str) -> str:
    """Several things of one kind: 12 docked cameras do not report at D03."""
    return f"{number} {many} at {place}" if place else f"{number} {many}"


def _line(one: Told, zone: ZoneInfo) -> str:
    against = f" (limit: {one.limit})" if one.limit else ""
    return f"{one.words} Since {one.began_at.astimezone(zone):%Y-%m-%d %H:%M}{against}."


def _totals(firing: int) -> str:
    return "Nothing else is wrong." if firing == 0 else f"{firing} alerts are open in all."


def clock(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The time of day, with the day when it is not today's."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%d %b %H:%M}"


def lasted(span: timedelta) -> str:
    """How long, in the largest unit that fits."""
    minutes = int(span.total_seconds() // 60)
    if minutes >= 2 * 1440:
        return f"{minutes // 1440} days"
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"
