"""What a camera's own spells tell of its battery. Pure.

Medians, not means: one duty with a wrong clock or a lost battery moves nothing. Recent spells
weigh more. A battery that was swapped, or lost a part of its capacity, starts anew.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from devices.battery.rules import Learned

HALF_LIFE = timedelta(days=21)  # a spell this old weighs half
MOST_SEEN_H = 100.0  # more evidence makes no figure surer: batteries change
# Outside these, percent an hour, it is no drain or charge of a camera but a wrong clock.
DRAIN = (0.2, 40.0)
CHARGE = (2.0, 300.0)
# Whole percent are too coarse for less evidence than this in one figure.
LEAST_DRAIN_H, LEAST_RECORDING_H, LEAST_CHARGE_H = 3.0, 0.5, 0.5
SWAPPED = 0.12  # another battery drains this much faster or slower, twice in a row
FOUR_OF_FIVE = 0.8
LEAST_DUTIES = 5  # before an error is more than chance
MIDDLE_PERCENT = (70.0, 90.0)  # of a charge; the knee lies here
WHOLE_MIDDLE = 18.0  # percent of it that a spell must have seen


class Spell(NamedTuple):
    """`models.BatterySpell`, as far as figures need it; the columns in this order."""

    began_at: datetime
    docked: bool
    buffering_h: float = 0.0
    buffering_drop: float = 0.0
    recording_h: float = 0.0
    recording_drop: float = 0.0
    sleep_h: float = 0.0
    sleep_drop: float = 0.0
    charge_h: float = 0.0
    charge_rise: float = 0.0
    middle_h: float = 0.0
    middle_rise: float = 0.0
    top_up_h: float = 0.0
    top_up_rise: float = 0.0

    @property
    def out_h(self) -> float:
        return self.buffering_h + self.recording_h + self.sleep_h

    @property
    def drop(self) -> float:
        return self.buffering_drop + self.recording_drop + self.sleep_drop


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure from one or a few spells in a row: percent an hour over so many hours."""

    at: datetime
    rate: float
    hours: float


def learn(spells: Iterable[Spell], now: datetime) -> Learned:
    """The figures that these spells of one camera show; None where they show nothing."""
    ordered = sorted(spells)
    out = _since_swap([one for one in ordered if not one.docked])
    docked = [one for one in ordered if one.docked]
    buffering = _of_buffering(out)
    recording = _samples(
        out, lambda one: (one.recording_h, one.recording_drop), LEAST_RECORDING_H, DRAIN
    )
    sleep = _samples(out, lambda one: (one.sleep_h, one.sleep_drop), LEAST_RECORDING_H, DRAIN)
    duty = _samples(out, lambda one: (one.out_h, one.drop), LEAST_DRAIN_H, DRAIN)
    fast = _samples(docked, lambda one: (one.charge_h, one.charge_rise), LEAST_CHARGE_H, CHARGE)
    slow = _samples(docked, lambda one: (one.top_up_h, one.top_up_rise), LEAST_CHARGE_H, CHARGE)
    duty_rate = _middle(duty, now)
    charge, top_up = _middle(fast, now), _middle(slow, now)
    return Learned(
        buffering_percent_h=_middle(buffering, now),
        buffering_hours_seen=_seen(buffering, now),
        recording_percent_h=_middle(recording, now),
        recording_hours_seen=_seen(recording, now),
        sleep_percent_h=_middle(sleep, now),
        sleep_hours_seen=_seen(sleep, now),
        duty_percent_h=duty_rate,
        charge_percent_h=charge,
        top_up_percent_h=top_up,
        knee_percent=_knee(docked, charge, top_up, now),
        charge_hours_seen=min(_seen(fast, now), _seen(slow, now)),
        recording_share=_recording_share(out, now),
        error_share=_error(duty, duty_rate, now),
    )


def _of_buffering(out: Sequence[Spell]) -> list[Sample]:
    return _samples(out, lambda one: (one.buffering_h, one.buffering_drop), LEAST_DRAIN_H, DRAIN)


def _samples(
    spells: Iterable[Spell],
    taken: Callable[[Spell], tuple[float, float]],
    least_h: float,
    bounds: tuple[float, float],
) -> list[Sample]:
    """Rates of spells long enough to tell; short ones in a row are taken together."""
    found = []
    hours = percent = 0.0
    for one in spells:
        more_h, more_percent = taken(one)
        hours, percent = hours + more_h, percent + more_percent
        if hours >= least_h:
            found.append(Sample(one.began_at, percent / hours, hours))
            hours = percent = 0.0
    return [one for one in found if bounds[0] <= one.rate <= bounds[1]]


def _since_swap(out: Sequence[Spell]) -> Sequence[Spell]:
    """The spells of the battery that is in it now: two samples in a row that drain quite
    otherwise than those before them are another battery's."""
    kept: list[Sample] = []
    for one in _of_buffering(out):
        kept.append(one)
        before, last = kept[:-2], kept[-2:]
        if len(before) >= 2 and _quite_other(last, _plain_median([s.rate for s in before])):
            kept = last
    return [one for one in out if not kept or one.began_at >= _begin(out, kept[0])]


def _begin(out: Sequence[Spell], first: Sample) -> datetime:
    """A sample is dated by its last spell; all that came after the sample before it count."""
    earlier = [one.at for one in _of_buffering(out) if one.at < first.at]
    following = [one.began_at for one in out if not earlier or one.began_at > earlier[-1]]
    return min(following)


def _quite_other(last: Sequence[Sample], usual: float) -> bool:
    changes = [one.rate / usual - 1 for one in last]
    return min(changes) > SWAPPED or max(changes) < -SWAPPED


def _knee(
    docked: Sequence[Spell], charge: float | None, top_up: float | None, now: datetime
) -> float | None:
    """Where the two speeds meet, from how long the percents around it took."""
    if charge is None or top_up is None or charge <= top_up:
        return None
    low, high = MIDDLE_PERCENT
    whole = [
        Sample(one.began_at, (high - low) * one.middle_h / one.middle_rise, one.middle_h)
        for one in docked
        if one.middle_rise >= WHOLE_MIDDLE
    ]
    took_h = _middle(whole, now)
    if took_h is None:
        return None
    fast_part = ((high - low) / top_up - took_h) / (1 / top_up - 1 / charge)
    return min(max(low + fast_part, low), high)


def _recording_share(out: Sequence[Spell], now: datetime) -> float | None:
    shares = _samples(out, lambda one: (one.out_h, one.recording_h), LEAST_DRAIN_H, (0.0, 1.0))
    return _middle(shares, now)


def _error(duty: Sequence[Sample], usual: float | None, now: datetime) -> float | None:
    """How far off the hours of past duties were from the usual: in one of five cases further."""
    if usual is None or len(duty) < LEAST_DUTIES:
        return None
    off = [Sample(one.at, abs(usual / one.rate - 1), one.hours) for one in duty]
    # The usual was taken from the same duties; the next one will be a little further off.
    share = min(1.0, FOUR_OF_FIVE * (1 + 1 / len(off)))
    return _quantile(off, share, now)


def _middle(samples: Sequence[Sample], now: datetime) -> float | None:
    return _quantile(samples, 0.5, now)


def _quantile(samples: Sequence[Sample], share: float, now: datetime) -> float | None:
    """The rate below which this share of the weight lies; between two samples, in between."""
    if not samples:
        return None
    ordered = sorted(samples, key=lambda one: one.rate)
    centres: list[tuple[float, float]] = []
    reached = 0.0
    for one in ordered:
        weight = one.hours * _recency(one.at, now)
        centres.append((reached + weight / 2, one.rate))
        reached += weight
    sought = share * reached
    for (here, rate), (there, following) in pairwise(centres):
        if here <= sought <= there:
            return rate + (following - rate) * ((sought - here) / (there - here) if there else 0)
    return centres[0][1] if sought < centres[0][0] else centres[-1][1]


def _seen(samples: Iterable[Sample], now: datetime) -> float:
    return min(MOST_SEEN_H, sum(one.hours * _recency(one.at, now) for one in samples))


def _recency(at: datetime, now: datetime) -> float:
    return float(0.5 ** (max(timedelta(), now - at) / HALF_LIFE))


def _plain_median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
