"""A battery as hours: what is in it now, what will be in it then, and how sure that is.

Pure. Percentages are the camera's own: of what its battery holds when full today. Spans are
hours as plain numbers and values are tuples, because a board asks this of every camera at once.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from devices.wire import Mode

FULL = 100.0

# field.md: about 12 h of battery, for a model that says nothing.
USUAL_HOURS = 12.0
# field.md: 6.5, 12, 1.5 and 0.05 % an hour; the other modes as multiples of buffering.
RECORDING_TO_BUFFERING = 12.0 / 6.5
SLEEP_TO_BUFFERING = 1.5 / 6.5
OFF_TO_BUFFERING = 0.05 / 6.5
# field.md: full in 4.5 h, and 80 % of it in 55 % of that time.
KNEE_PERCENT = 80.0
CHARGE_PERCENT_H = 80.0 / (0.55 * 4.5)
TOP_UP_PERCENT_H = 20.0 / (0.45 * 4.5)
# field.md: a duty day records a median of 35 minutes.
RECORDING_SHARE = 35 / 60 / 8

# A camera's own figure weighs as much as its model's after this many hours of evidence.
HALF_SURE_DRAIN_H = 4.0
HALF_SURE_RECORDING_H = 1.0
HALF_SURE_SLEEP_H = 2.0
HALF_SURE_CHARGE_H = 2.0
# A camera that says it holds so much less than its duties showed has lost it since.
LOST_SINCE_PERCENT = 10.0
# How far hours are off, as a share of them, before a camera has shown anything: a maker's
# figure is for another use than ours; without one, all depends on the model.
MODEL_ERROR, UNKNOWN_MODEL_ERROR = 0.25, 0.4
# The same for a charge: docks differ by a factor of two, one bay hardly from day to day.
UNSEEN_CHARGE_ERROR, SEEN_CHARGE_ERROR = 0.35, 0.1
ROUNDING_PERCENT = 0.5  # a camera says whole percent


class Learned(NamedTuple):
    """What a camera has shown; the fields are the columns of `models.Battery`, in this order."""

    buffering_percent_h: float | None = None
    buffering_hours_seen: float = 0.0
    recording_percent_h: float | None = None
    recording_hours_seen: float = 0.0
    sleep_percent_h: float | None = None
    sleep_hours_seen: float = 0.0
    duty_percent_h: float | None = None
    charge_percent_h: float | None = None
    top_up_percent_h: float | None = None
    knee_percent: float | None = None
    charge_hours_seen: float = 0.0
    recording_share: float | None = None
    capacity_percent: float | None = None
    error_share: float | None = None


LEARNED_COLUMNS = Learned._fields
NOTHING = Learned()


class Figures(NamedTuple):
    """How fast a camera drains and charges, in percent an hour.

    ``duty_percent_h`` is the drain of a duty: buffering, and the usual share of it recording
    or asleep. Charging slows down at ``knee_percent``. The ``…error_share`` are how far a
    forecast is off at most in four of five cases, as a share of it.
    """

    buffering_percent_h: float
    recording_percent_h: float
    sleep_percent_h: float
    off_percent_h: float
    duty_percent_h: float
    charge_percent_h: float
    top_up_percent_h: float
    knee_percent: float
    error_share: float
    charge_error_share: float

    @property
    def full_hours(self) -> float:
        """Hours of duty in a full battery."""
        return FULL / self.duty_percent_h


class Drain(NamedTuple):
    """How fast a duty drains a camera, in percent an hour, and by how much a forecast of it is off
    at most in four of five cases, as a share of it."""

    duty_percent_h: float
    error_share: float


class Hours(NamedTuple):
    """Hours of duty, and between which they lie in four of five cases."""

    hours: float
    low: float
    high: float


def figures(
    learned: Learned | None, *, model_hours: float | None, health_percent: int | None
) -> Figures:
    """A camera's figures: its model's and its own, weighed by how much it has shown.

    ``model_hours`` is the model's buffering time when new, ``health_percent`` what the camera
    says its battery still holds of that; neither need be known. What it has shown was with the
    battery that it had then: once it says that much of that is gone, it drains so much faster.
    """
    own = _as_it_is_now(learned or NOTHING, health_percent)
    buffering, recording, duty = _drains(own, model_hours, health_percent)
    sleep = _blend(
        own.sleep_percent_h,
        buffering * SLEEP_TO_BUFFERING,
        _weight(own.sleep_hours_seen, HALF_SURE_SLEEP_H),
    )
    charged = _weight(own.charge_hours_seen, HALF_SURE_CHARGE_H)
    return Figures(
        buffering_percent_h=buffering,
        recording_percent_h=recording,
        sleep_percent_h=sleep,
        off_percent_h=buffering * OFF_TO_BUFFERING,
        duty_percent_h=duty.duty_percent_h,
        charge_percent_h=_blend(own.charge_percent_h, CHARGE_PERCENT_H, charged),
        top_up_percent_h=_blend(own.top_up_percent_h, TOP_UP_PERCENT_H, charged),
        knee_percent=_blend(own.knee_percent, KNEE_PERCENT, charged),
        error_share=duty.error_share,
        charge_error_share=_blend(SEEN_CHARGE_ERROR, UNSEEN_CHARGE_ERROR, charged),
    )


def drain(
    learned: Learned | None, *, model_hours: float | None, health_percent: int | None
) -> Drain:
    """Of a camera's `figures` those that hours of duty follow from, where nobody asks for more:
    a fleet of 100,000 asks for these of every camera."""
    own = _as_it_is_now(learned or NOTHING, health_percent)
    return _drains(own, model_hours, health_percent)[2]


def _drains(
    own: Learned, model_hours: float | None, health_percent: int | None
) -> tuple[float, float, Drain]:
    """Buffering, recording, and the two of a duty."""
    new = FULL / (model_hours or USUAL_HOURS)
    sure = _weight(own.buffering_hours_seen, HALF_SURE_DRAIN_H)
    buffering = _blend(own.buffering_percent_h, new * FULL / (health_percent or FULL), sure)
    recording = _blend(
        own.recording_percent_h,
        buffering * RECORDING_TO_BUFFERING,
        _weight(own.recording_hours_seen, HALF_SURE_RECORDING_H),
    )
    usual_duty = buffering + RECORDING_SHARE * (recording - buffering)
    usual_error = MODEL_ERROR if model_hours else UNKNOWN_MODEL_ERROR
    duty = _blend(own.duty_percent_h, usual_duty, sure)
    return buffering, recording, Drain(duty, _blend(own.error_share, usual_error, sure))


def doubted(learned: Learned | None, *, model_hours: float | None) -> bool:
    """Whether its hours may be less than foretold: it has shown by how much, or its model says
    nothing. A maker's figure is taken as it is until there is better."""
    shown = learned is not None and learned.error_share is not None
    return shown or not model_hours


def _as_it_is_now(own: Learned, health_percent: int | None) -> Learned:
    """What it has shown, by the battery it says it has today."""
    held = own.capacity_percent
    if not health_percent or held is None or health_percent >= held - LOST_SINCE_PERCENT:
        return own
    faster = held / health_percent
    return own._replace(
        buffering_percent_h=_times(own.buffering_percent_h, faster),
        recording_percent_h=_times(own.recording_percent_h, faster),
        sleep_percent_h=_times(own.sleep_percent_h, faster),
        duty_percent_h=_times(own.duty_percent_h, faster),
    )


def _times(rate: float | None, factor: float) -> float | None:
    return None if rate is None else rate * factor


def percent_at(
    percent: float, after_h: float, by: Figures, *, charging: bool, mode: Mode | None = Mode.OFF
) -> float:
    """The percentage ``after_h`` hours on: on a charger whatever its mode, or out in ``mode``.

    ``mode`` None is on duty, in the usual mix of modes.
    """
    if not charging:
        return max(0.0, percent - _drain(mode, by) * after_h)
    if percent >= FULL:
        return FULL
    to_knee_h = max(0.0, by.knee_percent - percent) / by.charge_percent_h
    if after_h <= to_knee_h:
        return percent + by.charge_percent_h * after_h
    topped_up = max(percent, by.knee_percent) + by.top_up_percent_h * (after_h - to_knee_h)
    return min(FULL, topped_up)


def hours_left(percent: float, by: Figures | Drain) -> Hours:
    """Hours of duty in the battery at this percentage."""
    return _hours(percent, ROUNDING_PERCENT, by)


def hours_at(
    percent: float, after_h: float, by: Figures, *, charging: bool, mode: Mode | None = Mode.OFF
) -> Hours:
    """Hours of duty in the battery ``after_h`` hours on; a charge still to come is less sure."""
    then = percent_at(percent, after_h, by, charging=charging, mode=mode)
    if not charging:
        return _hours(then, ROUNDING_PERCENT, by)
    slower_h = after_h * (1 - by.charge_error_share)
    at_least = percent_at(percent, slower_h, by, charging=True)
    return _hours(then, ROUNDING_PERCENT + then - at_least, by)


def told_below(hours: float, limit: float) -> str:
    """Hours that are too few, in tenths that say so: 7.96 of 8 are 7.9."""
    return f"{max(0.0, min(round(hours, 1), round(limit, 1) - 0.1)):.1f}"


def ready_at(percent: float, at: datetime, wanted_h: float, by: Figures) -> datetime | None:
    """When a camera that charges since ``at`` has ``wanted_h`` hours of duty, even if the
    forecast is as far off as it usually is; None if it never will, not even full."""
    if hours_left(FULL, by).low < wanted_h:
        return None
    needed = wanted_h / (1 - by.error_share) * by.duty_percent_h + ROUNDING_PERCENT
    return at + timedelta(hours=_charge_h(percent, min(FULL, needed), by))


def enough_at(
    percent: float, at: datetime, by: Figures, *, needed_h: float, lasts_h: float
) -> datetime | None:
    """When a camera that charges since ``at`` has ``needed_h`` as foretold, and ``lasts_h`` even
    if the forecast is as far off as it usually is; None if it never will."""
    at_worst = ready_at(percent, at, lasts_h, by)
    as_foretold = ready_at(percent, at, needed_h, by._replace(error_share=0.0))
    return at_worst and as_foretold and max(at_worst, as_foretold)


def _charge_h(percent: float, wanted: float, by: Figures) -> float:
    """How long a charge from one percentage to the other takes."""
    fast = max(0.0, min(wanted, by.knee_percent) - percent)
    slow = max(0.0, wanted - max(percent, by.knee_percent))
    return fast / by.charge_percent_h + slow / by.top_up_percent_h


def _hours(percent: float, doubt_percent: float, by: Figures | Drain) -> Hours:
    least, most = max(0.0, percent - doubt_percent), min(FULL, percent + doubt_percent)
    drained, off = by.duty_percent_h, by.error_share
    return Hours(percent / drained, least / drained * (1 - off), most / drained * (1 + off))


def _drain(mode: Mode | None, by: Figures) -> float:
    match mode:
        case None:
            return by.duty_percent_h
        case Mode.RECORDING:
            return by.recording_percent_h
        case Mode.BUFFERING:
            return by.buffering_percent_h
        case Mode.SLEEP:
            return by.sleep_percent_h
        case Mode.OFF:
            return by.off_percent_h


def _weight(seen_h: float, half_sure_h: float) -> float:
    return seen_h / (seen_h + half_sure_h)


def _blend(own: float | None, usual: float, weight: float) -> float:
    return usual if own is None else usual + weight * (own - usual)
