"""What cannot be reserved, in sentences. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.roster.rules import Span

LONGEST = timedelta(days=31)  # longer than any event: it would be an own camera
FARTHEST = timedelta(days=366)
MOST_AT_ONCE = 50
LONGEST_TITLE = 60
LONGEST_REASON = 200


@dataclass(frozen=True)
class Wanted:
    """From when to when, for whom (a badge number or an event's title), and why."""

    span: Span
    badge: str
    title: str
    reason: str


def why_not(wanted: Wanted, cameras: int, now: datetime) -> Iterator[str]:
    """Everything that is wrong with it, whichever cameras they are."""
    if not cameras:
        yield "Choose at least one camera."
    if cameras > MOST_AT_ONCE:
        yield f"At most {MOST_AT_ONCE} cameras at once."
    if bool(wanted.badge) == bool(wanted.title):
        yield "Say for whom: an officer, or an event by its title."
    if not (wanted.title + "x").isprintable() or len(wanted.title) > LONGEST_TITLE:
        yield f"A title is a text of at most {LONGEST_TITLE} characters."
    if not wanted.reason:
        yield "Say why in a few words; it stays with the reservation."
    yield from _no_time(wanted.span, now)


def _no_time(span: Span, now: datetime) -> Iterator[str]:
    if span.ends_at <= span.begins_at:
        yield "It would end before it begins."
    elif span.ends_at <= now:
        yield "That time is over."
    elif span.lasts > LONGEST:
        yield f"At most {LONGEST.days} days; for longer, give the camera as an own one."
    if span.begins_at > now + FARTHEST:
        yield "That is more than a year away."


def against(name: str, service_state: str, *, own: bool) -> str | None:
    """Why this camera is none to be reserved; None when it is."""
    if own:
        return f"{name} is an officer's own camera."
    if service_state != "in_service":
        return f"{name} is {service_state.replace('_', ' ')}."
    return None
