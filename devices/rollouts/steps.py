"""What a rollout does next, from the tallies of its waves. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from devices.rollouts.rules import Tally, Terms, Turn, shown, stops, wave_done

# Every camera is in its dock at some time of a day and night. Who was not goes with the last wave,
# so that one camera in a drawer does not keep the fleet from what the others have shown to work.
CARRIED_AFTER = timedelta(hours=24)
# And if none of them moved for so long, somebody should look why.
STILL_AFTER = CARRIED_AFTER


@dataclass(frozen=True, slots=True)
class WaveStands:
    """A wave as it is. ``may_retry`` of its failures had fewer than the most attempts; of as many
    others as ``may_write`` still, what they come to is not known."""

    id: int
    number: int
    opened_at: datetime | None
    done_at: datetime | None
    tally: Tally
    may_retry: int = 0
    may_write: int = 0

    @property
    def waits(self) -> bool:
        """Whether it is open and something of it is still to do."""
        return self.opened_at is not None and bool(self.tally.to_do)

    @property
    def moved_at(self) -> datetime | None:
        """When it opened, was done, or one of its cameras last went on."""
        moments = (self.opened_at, self.done_at, self.tally.last_move_at)
        return max(filter(None, moments), default=None)


class Do(StrEnum):
    NOTHING = "nothing"
    PAUSE = "pause"
    OPEN = "open"  # the wave takes its turn
    CLOSE = "close"  # the wave is done
    RETRY = "retry"  # what failed in the wave has another attempt
    CARRY = "carry"  # what is left of the wave goes with the last one
    LEAVE = "leave"  # only cameras that cannot be reached may be left
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Next:
    do: Do
    wave: WaveStands | None = None
    because: str = ""


def next_step(waves: Sequence[WaveStands], terms: Terms, now: datetime) -> Next:
    """The one thing to do now. The sweep asks again until there is nothing."""
    if because := stops((one.tally for one in waves), terms):
        return Next(Do.PAUSE, because=because)
    current = next((one for one in waves if one.done_at is None), None)
    if current is None:
        left = any(one.tally.to_do for one in waves)
        return Next(Do.LEAVE if left else Do.FINISH, waves[-1])
    if current.opened_at is None:
        return Next(Do.OPEN, current)
    return _of_wave(waves, current, terms, now)


def _of_wave(waves: Sequence[WaveStands], wave: WaveStands, terms: Terms, now: datetime) -> Next:
    tally, last = wave.tally, wave is waves[-1]
    if tally.count(Turn.PLANNED) < tally.to_do or wave.opened_at is None:
        return _WAIT  # something of it is under way
    late = now - wave.opened_at >= CARRIED_AFTER
    if tally.to_do and not late:
        return Next(Do.LEAVE, wave) if last else _WAIT
    if wave.may_retry and tally.counted:
        return Next(Do.RETRY, wave)
    if wave.may_write and not late:
        return _WAIT
    if _failed(tally, terms):
        return Next(Do.PAUSE, wave, _short(wave, terms))
    return _left(wave, last) if tally.to_do else _done(waves, wave, terms, now)


def _done(waves: Sequence[WaveStands], wave: WaveStands, terms: Terms, now: datetime) -> Next:
    """Nothing of it is left to do."""
    if because := "" if terms.shown_before else _nothing_shown(waves, wave):
        return Next(Do.PAUSE, wave, because)
    return Next(Do.CLOSE, wave) if wave_done(wave.tally, terms, now) else _WAIT


def _left(wave: WaveStands, last: bool) -> Next:
    """Only cameras that were not to be had for a day are left of it; some have shown it to work."""
    if last:
        return Next(Do.LEAVE, wave)
    return Next(Do.CARRY, wave) if wave.tally.count(Turn.SUCCEEDED) else _WAIT


_WAIT = Next(Do.NOTHING)


def _failed(tally: Tally, terms: Terms) -> bool:
    """Whether too few of what came to an end succeeded."""
    return tally.count(Turn.SUCCEEDED) * 100 < tally.ended * terms.success_percent


def _short(wave: WaveStands, terms: Terms) -> str:
    tally = wave.tally
    done = f"{tally.count(Turn.SUCCEEDED)} of {tally.ended}"
    return f"Of wave {wave.number} {done} succeeded; {terms.success_percent} % are wanted."


def _nothing_shown(waves: Sequence[WaveStands], wave: WaveStands) -> str:
    """The sentence why what follows this wave must not begin, whoever goes on in spite of what
    failed: no camera of it runs the release. The last wave is judged with all before it, because
    what is left for it may be what nobody can reach."""
    last = wave is waves[-1]
    if shown(one.tally for one in (waves if last else [wave])):
        return ""
    of = "it" if last else f"wave {wave.number}"
    return (
        f"No camera of {of} runs the release, so nothing shows that it works. "
        "Try again what failed, end what was put aside, or abort it."
    )
