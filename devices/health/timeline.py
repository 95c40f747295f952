"""What a camera was doing, span by span, and where nothing is known.

Pure. A reading is kept when something changed and at least every ``Policy.reading_every``, so
two readings no further apart than that prove what lies between them; a longer gap proves
nothing and is shown as unknown, never filled with the last state.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import zip_longest

from devices.policy import Policy
from devices.wire import BatteryState, Mode


class State(Enum):
    CHARGING = "charging"
    DOCKED = "docked"
    OUT = "out"
    RECORDING = "recording"
    OFF = "off"
    SLEEP = "sleep"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Stretch:
    """Readings in a row that agree, none further from the next than a reading proves."""

    state: State
    first_at: datetime
    last_at: datetime
    docked: bool


@dataclass(frozen=True)
class Placed:
    """A camera came to a bay, or left it."""

    at: datetime
    docked: bool
    place: str = ""


@dataclass(frozen=True)
class Silent:
    """From the last word to the next; no end if it is still silent."""

    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Span:
    """One state from one moment to the next. ``heard``: the camera itself said so."""

    state: State
    from_at: datetime
    until_at: datetime
    heard: bool
    place: str = ""

    @property
    def lasted(self) -> timedelta:
        return self.until_at - self.from_at


Turn = tuple[datetime, State]


@dataclass(frozen=True)
class Evidence:
    """All that was written down about one camera in a window of time."""

    stretches: Sequence[Stretch] = ()
    placements: Sequence[Placed] = ()
    silences: Sequence[Silent] = ()
    heard_at: datetime | None = None


def state_of(*, docked: bool, mode: str, battery_state: str) -> State:
    """What one reading says. Recording is said first, wherever the camera is."""
    if mode == Mode.RECORDING:
        return State.RECORDING
    if docked:
        return State.CHARGING if battery_state == BatteryState.CHARGING else State.DOCKED
    return {Mode.OFF.value: State.OFF, Mode.SLEEP.value: State.SLEEP}.get(mode, State.OUT)


def proves(policy: Policy) -> timedelta:
    """How far apart two readings may be and still prove what lies between them."""
    return policy.reading_every + policy.silent_after


def spans(evidence: Evidence, *, since: datetime, until: datetime, policy: Policy) -> list[Span]:
    """The window from ``since`` to ``until`` without a hole: each moment has exactly one state."""
    turns = list(_turns(evidence.placements, policy.silent_after))
    whole = _with_gaps(_heard(evidence, until, policy), turns, since, until)
    placed = (_placed(span, evidence.placements) for span in _clipped(whole, since, until))
    return _joined(placed)


def missing(received: Sequence[int]) -> list[tuple[int, int]]:
    """The first and last sequence of each run of reports that never came, between some that did."""
    firsts, lasts = received[0::2], received[1::2]
    return [(last + 1, first - 1) for last, first in zip(lasts, firsts[1:], strict=False)]


def _heard(evidence: Evidence, until: datetime, policy: Policy) -> Iterator[tuple[Stretch, Span]]:
    stretches = sorted(evidence.stretches, key=lambda one: one.first_at)
    for here, following in zip_longest(stretches, stretches[1:]):
        end = min(_known_until(here, following, evidence, policy), until)
        if end > here.first_at:
            yield here, Span(here.state, here.first_at, end, heard=True)


def _known_until(
    here: Stretch, following: Stretch | None, evidence: Evidence, policy: Policy
) -> datetime:
    reach = here.last_at + proves(policy)
    if following and following.first_at <= reach:
        return following.first_at
    words = [silence.began_at for silence in evidence.silences]
    if following is None and evidence.heard_at:
        words.append(evidence.heard_at)
    proof = [word for word in words if here.last_at <= word <= reach]
    end = max(proof, default=here.last_at + policy.silent_after)
    moved = (one.at for one in evidence.placements if here.last_at < one.at < end)
    return min(moved, default=end)


def _with_gaps(
    heard: Iterator[tuple[Stretch, Span]], turns: list[Turn], since: datetime, until: datetime
) -> Iterator[Span]:
    reached = since
    before = _last([state for at, state in turns if at <= since], State.UNKNOWN)
    for stretch, span in heard:
        yield from _unheard(reached, span.from_at, before, turns)
        yield span
        reached = max(reached, span.until_at)
        before = State.UNKNOWN if stretch.docked else State.OUT
    yield from _unheard(reached, until, before, turns)


def _unheard(start: datetime, end: datetime, before: State, turns: list[Turn]) -> Iterator[Span]:
    """What others say of a camera that says nothing: a dock saw it leave, or come.

    Away from a dock silence is expected, so it is still out; in a dock it is unknown.
    """
    steps = [(start, before), *(turn for turn in turns if start <= turn[0] < end)]
    for (at, state), (after, _) in zip_longest(steps, steps[1:], fillvalue=(end, before)):
        if start < end:
            yield Span(state, at, after, heard=False)


def _turns(placements: Sequence[Placed], grace: timedelta) -> Iterator[Turn]:
    """A camera that a dock saw come and that then says nothing is soon no longer known."""
    placed = sorted(placements, key=lambda one: one.at)
    for here, following in zip_longest(placed, placed[1:]):
        yield here.at, State.DOCKED if here.docked else State.OUT
        if here.docked and (following is None or following.at > here.at + grace):
            yield here.at + grace, State.UNKNOWN


def _last(states: list[State], otherwise: State) -> State:
    return states[-1] if states else otherwise


def _clipped(found: Iterator[Span], since: datetime, until: datetime) -> Iterator[Span]:
    for span in found:
        cut = replace(span, from_at=max(span.from_at, since), until_at=min(span.until_at, until))
        if cut.until_at > cut.from_at:
            yield cut


def _placed(span: Span, placements: Sequence[Placed]) -> Span:
    if span.state not in {State.CHARGING, State.DOCKED}:
        return span
    known = [one for one in placements if one.at < span.until_at]
    last = max(known, key=lambda one: one.at, default=None)
    return replace(span, place=last.place) if last and last.docked else span


def _joined(found: Iterator[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in found:
        last = joined[-1] if joined else None
        same = last and (last.state, last.heard, last.place) == (span.state, span.heard, span.place)
        if last and same and last.until_at == span.from_at:
            joined[-1] = replace(last, until_at=span.until_at)
        else:
            joined.append(span)
    return joined
