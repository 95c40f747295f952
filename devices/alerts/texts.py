"""What a notice says: what, which, since when, value against limit, what to do, where. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Why(StrEnum):
    """Why a notice goes out. A repeated one never looks like the first."""

    NEW = "new"
    MORE = "more"
    FLAPPING = "flapping"
    STILL = "still"
    ESCALATED = "escalated"
    CLEARED = "cleared"


@dataclass(frozen=True)
class Told:
    """One alert, as a notice tells of it. ``turns`` are the moments at which it came or went.

    Without a ``value`` its number is how long it has lasted. ``over_at`` None: it has not ended.
    """

    many: str
    name: str
    words: str
    value: str
    limit: str
    severity: str
    began_at: datetime
    to_do: str
    link: str
    place: str = ""
    over_at: datetime | None = None
    turns: Sequence[datetime] = ()


@dataclass(frozen=True)
class Standing:
    """How many things are wrong: those that call, those in hand, and those that are silenced."""

    calling: int = 0
    in_hand: int = 0
    silenced: int = 0


@dataclass(frozen=True)
class Background:
    """Before what a notice is written: the moment, how its clock is told, the page of all alerts
    and what is wrong besides."""

    now: datetime
    zone: ZoneInfo
    link: str
    standing: Standing


@dataclass(frozen=True)
class Turn:
    """One moment at which something went wrong, or was well again."""

    at: datetime
    wrong: bool


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
    before: Background,
    cameras: Sequence[str] = (),
) -> Text:
    """One message about a shift (``of``) in place of one for each thing that happened in it.
    ``cameras`` are lines about custody, which name no officer; what stands is the station's."""
    many = len(fired)
    what = "no alert" if not many else _counted(many, "alert")
    lines = [_line(one, before) for one in fired[:MOST_NAMED]]
    if many > MOST_NAMED:
        lines.append(f"… and {many - MOST_NAMED} more.")
    lines += ["", *cameras] if cameras else []
    lines += ["", totals(before.standing, " at this station"), before.link]
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
    why: Why,
    alerts: Sequence[Told],
    *,
    before: Background,
    besides: int = 0,
) -> Text:
    """One notice for alerts of one rule at one place. ``besides``: so many of the same were told
    of earlier, and last."""
    first = min(alerts, key=lambda one: one.began_at)
    lines = [_line(one, before) for one in alerts[:MOST_NAMED]]
    if len(alerts) > MOST_NAMED:
        lines.append(f"… and {len(alerts) - MOST_NAMED} more.")
    if why is not Why.CLEARED:
        lines += ["", f"What to do: {first.to_do}"]
    lines += ["", totals(before.standing), before.link]
    return Text(_title(why, alerts, first, before, besides)[:200], "\n".join(lines))


def _title(why: Why, alerts: Sequence[Told], first: Told, before: Background, besides: int) -> str:
    what = first.words.rstrip(".") if len(alerts) == 1 else _together(alerts, first)
    since = f"since {clock(first.began_at, before.zone, before.now)}"
    grave = first.severity.capitalize()
    match why:
        case Why.CLEARED:
            return f"Over: {what} ({since})"
        case Why.STILL:
            return f"Still, for {lasted(before.now - first.began_at)}: {what}"
        case Why.ESCALATED:
            return f"Nobody took it: {what}, {since}"
        case Why.MORE:
            return f"{grave}, now {len(alerts) + besides} in all: {what}, {since}"
        case Why.FLAPPING:
            return f"{grave}, {'comes and goes' if len(alerts) == 1 else 'come and go'}: {what}"
    return f"{grave}: {what}, {since}"


def _together(alerts: Sequence[Told], first: Told) -> str:
    return together(len(alerts), first.many, first.place)


def together(number: int, many: str, place: str) -> str:
    """Several things of one kind: 12 docked cameras do not report at D03."""
    return f"{number} {many} at {place}" if place else f"{number} {many}"


def _line(one: Told, before: Background) -> str:
    """What, since when, the value against its limit, how it came and went, and where it is."""
    value = one.value or (lasted((one.over_at or before.now) - one.began_at) if one.limit else "")
    against = f" ({value}{f'; limit: {one.limit}' if one.limit else ''})" if value else ""
    since = f"Since {one.began_at.astimezone(before.zone):%Y-%m-%d %H:%M}{against}."
    turned = turns(one.turns, wrong_now=one.over_at is None)
    wavered = f" Lately {', '.join(_turn(each, before) for each in turned)}." if turned else ""
    return f"{one.words} {since}{wavered} {one.link}"


def _turn(turn: Turn, before: Background) -> str:
    return f"{'wrong' if turn.wrong else 'well'} {clock(turn.at, before.zone, before.now)}"


def turns(moments: Sequence[datetime], *, wrong_now: bool) -> list[Turn]:
    """Which way each turn went: they take turns, and the last led to what is now."""
    last = len(moments) - 1
    return [Turn(at, ((last - n) % 2 == 0) == wrong_now) for n, at in enumerate(moments)]


def totals(standing: Standing, where: str = "") -> str:
    """What is wrong now, whoever has it in hand: "nothing" is said of nothing only."""
    told = (
        (standing.calling, "calls for somebody", "call for somebody"),
        (standing.in_hand, "is in hand", "are in hand"),
        (standing.silenced, "is silenced", "are silenced"),
    )
    parts = [f"{number} {one if number == 1 else more}" for number, one, more in told if number]
    if not parts:
        return f"Nothing is wrong{where} now."
    return f"Wrong{where} now: {', '.join(parts)}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


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
