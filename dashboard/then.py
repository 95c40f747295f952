"""Tiles and the sentence of a board of the past, and which moment an address asks for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone, localtime

from dashboard.tiles import LEVELS
from devices.board.past import PastCard, tally

STEP = timedelta(minutes=15)  # of the slider
SLIDES_OVER = timedelta(days=7)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
STEPS = {-60: "−1 h", -15: "−15 min", 15: "+15 min", 60: "+1 h"}  # noqa: RUF001 (a minus)

# In the order people say them.
SAID = {
    "docked": "docked",
    "charging": "charging",
    "out": "out",
    "recording": "recording",
    "off": "off",
    "sleep": "asleep",
    "unknown": "unknown",
    "repair": "in repair",
    "lost": "lost",
}
WORDS = {state: word.capitalize() for state, word in SAID.items()}
LOOKS = {"off": "out", "sleep": "out"}  # as away from a dock; the word says the rest
KNOWN_BY = {
    "report": "By its own report.",
    "placement": "Seen by its dock.",
    "service": "By its state of service.",
    "silence": "It said nothing then.",
}


class NoMoment(Exception):
    """What is asked is no moment that has been; says why in a sentence."""


def moment_of(said: str, now: datetime) -> datetime:
    """The moment an address means: with its offset, or in the department's time.

    An hour that the clocks went through twice is its first; one that they skipped is refused.
    """
    try:
        there = datetime.fromisoformat(said)
        moment = (there if there.tzinfo else _local(there)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NoMoment("That is no time. Write it as 2026-11-24T06:55.") from None
    if moment < EARLIEST:
        raise NoMoment("Nothing was written down so long ago.")
    if moment > now:
        raise NoMoment("That time is still to come. Nobody knows how the fleet will stand.")
    return moment


def _local(there: datetime) -> datetime:
    local = there.replace(tzinfo=get_current_timezone())
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != there:
        raise NoMoment("The clocks skipped that time: they were put forward then.")
    return local


@dataclass(frozen=True)
class Part:
    """One part of the sentence."""

    state: str
    look: str
    number: int
    word: str


def parts(cards: Iterable[PastCard]) -> list[Part]:
    """What there was, in the order people say it."""
    counts = tally(cards)
    return [
        Part(state, LOOKS.get(state, state), counts[state], word)
        for state, word in SAID.items()
        if state in counts
    ]


@dataclass(frozen=True)
class Slider:
    """Quarters of an hour up to now; ``first`` is what step 0 means."""

    first: datetime
    last_step: int
    step: int


def slider(moment: datetime, now: datetime) -> Slider:
    """Where the moment stands among the last seven days; an older one stands at their beginning."""
    last = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    first, steps = last - SLIDES_OVER, SLIDES_OVER // STEP
    return Slider(first, steps, min(max((moment - first) // STEP, 0), steps))


@dataclass(frozen=True, slots=True)
class PastFace:
    """All that a tile of the past shows, and nothing else."""

    number: int
    name: str
    state: str
    look: str
    word: str
    since: datetime | None
    percent: int | None
    level: int
    why: tuple[str, ...]


def face(card: PastCard) -> PastFace:
    percent = card.battery_percent
    return PastFace(
        number=card.number,
        name=card.name,
        state=card.state,
        look=LOOKS.get(card.state, card.state),
        word=WORDS[card.state],
        since=card.since,
        percent=percent,
        level=-1 if percent is None else round(percent * LEVELS / 100),
        why=tuple(_why(card)),
    )


def draw(card: PastCard) -> SafeString:
    """The tile's HTML."""
    return _drawn(face(card))


@lru_cache(maxsize=4096)
def _drawn(shown: PastFace) -> SafeString:
    drawn = get_template("dashboard/_past_tile.html").render({"face": shown})
    return mark_safe(drawn.strip())  # noqa: S308 (the template escapes)


def _why(card: PastCard) -> Iterator[str]:
    if card.since is None:
        yield "No history reaches here."
    else:
        place = f" in {card.place}" if card.place else ""
        until = f" until {_clock(card.until)}" if card.until else ", and still"
        yield f"{WORDS[card.state]}{place} since {_clock(card.since)}{until}."
        yield f"First seen by the fleet {_clock(card.detected_at)}."
    if card.silent_dock:
        yield f"{card.silent_dock} was silent then, and it was last seen there."
    else:
        yield KNOWN_BY.get(card.cause, "Nobody knows.")
    if card.battery_percent is not None:
        yield f"Battery {card.battery_percent} % at {_clock(card.battery_at)}."
    else:
        yield "Nothing proves its battery then."
    yield " · ".join(filter(None, (card.serial, card.home)))


def _clock(moment: datetime | None) -> str:
    return "an unknown time" if moment is None else localtime(moment).strftime("%d %b %H:%M")
