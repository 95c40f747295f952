"""How an alert opens, fires, clears and is settled. Pure.

Bad for long enough fires; only a better limit, for long enough, clears; between the two
nothing moves; and what was not looked at stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

FLAPPING_TURNS = 5  # board.md: more than five flips …
FLAPPING_WITHIN = timedelta(hours=1)  # … in an hour are one «flapping», not many alerts
CLEARED_STAYS = timedelta(hours=24)  # so that a short fault of the night is seen by day
GATHERED_FOR = timedelta(seconds=30)  # Alertmanager's group_wait
FOLLOWED_UP_AFTER = timedelta(minutes=5)  # Alertmanager's group_interval


class Condition(StrEnum):
    BAD = "bad"
    BETWEEN = "between"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one rule saw of one subject now. ``since`` is when it became so, if that is known.

    ``causes`` are alerts, as (rule, subject), that explain this one while they last. ``graver``: it
    has grown worse than what its rule first calls for.
    """

    rule: str
    subject: str
    condition: Condition
    name: str
    words: str
    value: str = ""
    limit: str = ""
    since: datetime | None = None
    station_id: int | None = None
    place: str = ""
    address: str = ""
    causes: tuple[tuple[str, str], ...] = ()
    graver: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return (self.rule, self.subject)


@dataclass(frozen=True, slots=True)
class Terms:
    """How patient a rule is, and how grave."""

    severity: str
    opens_after: timedelta
    clears_after: timedelta


@dataclass(frozen=True, slots=True)
class Course:
    """How far one alert has come. ``fired_at`` None: bad, but not yet for long enough."""

    began_at: datetime
    fired_at: datetime | None = None
    better_at: datetime | None = None
    cleared_at: datetime | None = None
    acknowledged: bool = False
    times: int = 1
    turns: Sequence[datetime] = field(default_factory=tuple)
    flapping: bool = False
    resolved: bool = False

    @property
    def firing(self) -> bool:
        return self.fired_at is not None and self.cleared_at is None


def step(course: Course | None, seen: Condition | None, *, since: datetime | None, terms: Terms,
         now: datetime) -> Course | None:  # fmt: skip
    """How far the alert has come after this look; None when there is nothing to keep.

    ``seen`` None: nobody could tell. Then nothing opens, fires or clears.
    """
    if course is None:
        return _begun(since or now, terms, now) if seen is Condition.BAD else None
    moved = _moved(course, seen, since, terms, now)
    return None if moved is None else _settled(_calmed(moved, now), now)


def _begun(since: datetime, terms: Terms, now: datetime) -> Course:
    began = Course(began_at=min(since, now))
    return _fired(began, now) if now - began.began_at >= terms.opens_after else began


def _moved(
    course: Course, seen: Condition | None, since: datetime | None, terms: Terms, now: datetime
) -> Course | None:
    if course.firing:
        return _while_firing(course, seen, terms, now)
    if course.cleared_at is None:
        return _while_pending(course, seen, terms, now)
    return _while_cleared(course, seen, since, terms, now)


def _while_pending(
    course: Course, seen: Condition | None, terms: Terms, now: datetime
) -> Course | None:
    if seen in (Condition.GOOD, Condition.BETWEEN):
        return None
    held = seen is Condition.BAD and now - course.began_at >= terms.opens_after
    return _fired(course, now) if held else course


def _while_firing(course: Course, seen: Condition | None, terms: Terms, now: datetime) -> Course:
    if seen is None:
        return course
    if seen is not Condition.GOOD:
        return replace(course, better_at=None)
    better_at = course.better_at or now
    if now - better_at < terms.clears_after:
        return replace(course, better_at=better_at)
    return replace(course, better_at=better_at, cleared_at=now, turns=(*course.turns, now))


def _while_cleared(
    course: Course, seen: Condition | None, since: datetime | None, terms: Terms, now: datetime
) -> Course:
    """What comes back opens the same alert again; its patience begins anew."""
    if seen is None or course.cleared_at is None:
        return course
    if seen is not Condition.BAD:
        return replace(course, better_at=course.better_at or now)
    if course.better_at is not None:
        began_at = max(since or now, course.cleared_at)
        course = replace(course, began_at=began_at, better_at=None)
    if now - course.began_at < terms.opens_after:
        return course
    return _fired(replace(course, cleared_at=None, times=course.times + 1), now)


def _fired(course: Course, now: datetime) -> Course:
    return replace(course, fired_at=now, turns=(*course.turns, now))


def _calmed(course: Course, now: datetime) -> Course:
    """Turns that are long past are forgotten; many in an hour are flapping until it is quiet."""
    lately = tuple(at for at in course.turns if now - at <= FLAPPING_WITHIN)
    flapping = len(lately) > (1 if course.flapping else FLAPPING_TURNS)
    return replace(course, turns=lately, flapping=flapping)


def _settled(course: Course, now: datetime) -> Course:
    """Cleared and acknowledged is settled; cleared and never acknowledged stays for a day.

    What comes and goes is neither until it is quiet: else each time would be an alert of its own.
    """
    if course.cleared_at is None or course.flapping:
        return course
    if course.acknowledged or now - course.cleared_at >= CLEARED_STAYS:
        return replace(course, resolved=True)
    return course


def is_told(first: datetime, last_told: datetime | None, now: datetime) -> bool:
    """Whether a group of alerts is told of now. ``first`` is when the first of those became so
    that nobody was told of, ``last_told`` when somebody was last told of the same group.

    It waits a little for what else there is, and then for as long as makes of many one more.
    """
    followed = last_told is not None and now - last_told < FOLLOWED_UP_AFTER
    return now - first >= GATHERED_FOR and not followed


def explained(
    sights: Iterable[Sight], firing: Mapping[tuple[str, str], object]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Which of these sights another one explains, and which one: the cause furthest up.

    A cause explains from its first bad sight on, before it fires, so that eight cameras do
    not call out while their dock's patience lasts.
    """
    bad = {one.key: one for one in sights if one.condition is Condition.BAD}
    there = bad.keys() | firing.keys()
    found = {}
    for key, one in bad.items():
        if cause := _cause(one, bad, there):
            found[key] = cause
    return found


def _cause(
    one: Sight, bad: Mapping[tuple[str, str], Sight], there: Iterable[tuple[str, str]]
) -> tuple[str, str] | None:
    known, found, asked = set(there), None, {one.key}
    waiting = list(one.causes)
    while waiting:
        cause = waiting.pop(0)
        if cause in known and cause not in asked:
            asked.add(cause)
            found = cause
            waiting = list(bad[cause].causes) if cause in bad else []
    return found
