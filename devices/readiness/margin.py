"""A shift's answer: who has a camera that lasts, what to do about the others, what is to spare.

Values and their sentences; `shifts.py` reads and `posting.py` and `remedies.py` judge. No
sentence names an officer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from devices.readiness.facts import Known
from devices.readiness.rules import Need, Readiness, Reason

MOST_NAMED = 3  # of the cameras in a sentence; the list below it names all


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """A shift at a station, and how many spares it needs beside its people."""

    id: int
    name: str
    station_id: int
    station: str
    begins_at: datetime
    ends_at: datetime
    reserve: int


@dataclass(frozen=True, slots=True)
class OnDuty:
    """An officer's time on a shift, longer than the shift if it was extended."""

    shift_id: int
    officer_id: int
    badge: str
    unit: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A camera, where it belongs and where it is (D03-5; empty without a bay)."""

    id: int
    officer_id: int | None
    station_id: int
    home: str
    place: str
    known: Known

    @property
    def name(self) -> str:
        return self.known.name

    @property
    def capacity_percent(self) -> float:
        """What its battery still holds of a new one's; nothing known counts as worn half."""
        learned = self.known.capacity_percent
        said = self.known.health_percent if learned is None else learned
        return 50.0 if said is None else said


@dataclass(frozen=True, slots=True)
class Judged:
    """A camera judged for one need: when that begins, and as if it began now.

    ``hours`` are the battery's when the need begins if it stays in its bay, ``hours_low`` the
    same at worst. ``charged_at`` is when they are enough; None is never, or not known.
    """

    camera: Held
    need: Need
    readiness: Readiness
    ready_now: bool
    hours: float | None
    hours_low: float | None
    charged_at: datetime | None

    @property
    def ready(self) -> bool:
        return self.readiness.ready


class Remedy(StrEnum):
    """All that can be done about a camera that is not ready for its shift."""

    OFFER_SPARE = "offer_spare"
    CALL_UNIT = "call_unit"
    LOOK_AT_DOCK = "look_at_dock"
    SEAT_AGAIN = "seat_again"
    FIND = "find"
    CHARGE = "charge"
    OFF_LOAD = "off_load"
    UPDATE = "update"
    SET_CLOCK = "set_clock"
    REPAIR = "repair"
    ASK_ELSEWHERE = "ask_elsewhere"


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do, and by when to begin. ``spare`` is the camera to offer."""

    remedy: Remedy
    sentence: str
    by: datetime
    spare: Judged | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """An officer on a shift and the camera for it: the one they went out with, the spare promised
    to them, or their own.

    ``holds``: it was given out to them, ``instead_of`` their own. ``gone``: they went out with it
    already. ``due``: they are out with it on an earlier duty, and docked when that ends it will
    be ready for this one. ``double``: their duty joins another one, and the camera must last for
    both; ``on_from`` is when the first of them begins.
    ``todo`` is empty where all is well, else the best comes first.
    """

    duty: OnDuty
    double: bool
    on_from: datetime
    judged: Judged | None
    stands_in: bool
    gone: bool
    due: bool = False
    holds: bool = False
    instead_of: Held | None = None
    todo: tuple[Todo, ...] = ()

    @property
    def ready(self) -> bool:
        return self.judged is not None and self.judged.ready and not self.due

    @property
    def reason(self) -> Reason | None:
        """The gravest thing against its camera."""
        return self.judged.readiness.reasons[0] if self.judged and not self.judged.ready else None

    @property
    def stands(self) -> str:
        """own camera C0417 in repair, on spare C0533; empty for one who has their own."""
        if self.judged is None or self.instead_of is None:
            return ""
        own = self.instead_of.known
        state = "" if own.service_state == "in_service" else own.service_state.replace("_", " ")
        said = f"own camera {own.name} {state}".rstrip()
        return f"{said}, on spare {self.judged.camera.name}"

    @property
    def says(self) -> str:
        """C0417 lacks 2.9 h."""
        if self.judged is None:
            return "An officer has no camera."
        if self.due:
            return f"{self.judged.camera.name} is due back before it."
        return f"{self.judged.camera.name} {self.reason.says}." if self.reason else ""


@dataclass(frozen=True, slots=True)
class ShiftReadiness:
    """A shift's people, the exceptions first, in the order of what has to begin; its spares."""

    shift: ShiftSpan
    posts: tuple[Post, ...]
    spares: tuple[Judged, ...]
    unfit_spares: tuple[Judged, ...]
    as_of: datetime

    @property
    def rostered(self) -> int:
        return len(self.posts)

    @property
    def ready(self) -> int:
        """Of those rostered."""
        return sum(post.ready for post in self.posts)

    @property
    def gone(self) -> int:
        return sum(post.gone for post in self.posts)

    @property
    def due(self) -> int:
        """Of those rostered: not ready, but foretold to be."""
        return sum(post.due for post in self.posts)

    @property
    def need(self) -> int:
        return self.rostered + self.shift.reserve

    @property
    def foretold(self) -> int:
        """Cameras, spares too, that will be ready when it begins. Those due back count; one that
        does not come back in time is an exception then."""
        return self.ready + self.due + len(self.spares)

    @property
    def margin(self) -> int:
        """Cameras beyond the need when the shift begins; below zero it is short."""
        return self.foretold - self.need

    @property
    def margin_now(self) -> int:
        """The same if it began now."""
        spares = (*self.spares, *self.unfit_spares)
        ready = sum(post.judged.ready_now for post in self.posts if post.judged)
        return ready + sum(one.ready_now for one in spares) - self.need

    @property
    def exceptions(self) -> tuple[Post, ...]:
        return tuple(post for post in self.posts if not (post.ready or post.due))

    @property
    def sentence(self) -> str:
        return " ".join(_said(self))


def _said(one: ShiftReadiness) -> Iterator[str]:
    if not one.rostered:
        yield f"{one.shift.name} shift: nobody is rostered."
    else:
        ready = "all" if one.ready == one.rostered else f"{one.ready or 'none'}"
        due = f", {one.due} due back before it" if one.due else ""
        yield f"{one.shift.name} shift: {one.rostered} rostered, {ready} ready{due}."
    named = [post for post in one.exceptions if post.judged]
    without = len(one.exceptions) - len(named)
    shown = named if len(named) <= MOST_NAMED + 1 else named[:MOST_NAMED]
    yield from (post.says for post in shown)
    if more := len(named) - len(shown):
        yield f"{more} more are not ready."
    if without:
        yield "1 officer has no camera." if without == 1 else f"{without} officers have no camera."
    yield _spares(len(one.spares))
    if one.margin < 0:
        yield f"{-one.margin} short of the {one.need} it needs."


def _spares(count: int) -> str:
    if not count:
        return "No spare is ready."
    return "1 spare ready." if count == 1 else f"{count} spares ready."
