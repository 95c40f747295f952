"""A shift's answer: who has a camera that lasts, what to do about the others, what is to spare.

Values and their sentences; `shifts.py` reads and `posting.py` and `remedies.py` judge. No
sentence names an officer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from devices.readiness.facts import Known
from devices.readiness.rules import Need, Readiness, Reason, must_speak

MOST_NAMED = 3  # of the cameras in a sentence; the list below it names all


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """A shift at a station, and how many spares it needs beside its people. ``pool``: there any
    officer takes any camera that is ready."""

    id: int
    name: str
    station_id: int
    station: str
    begins_at: datetime
    ends_at: datetime
    reserve: int
    pool: bool = False


@dataclass(frozen=True, slots=True)
class OnDuty:
    """An officer's time on a shift, longer than the shift if it was extended. ``barred`` says why
    they take no camera: has left, is suspended."""

    shift_id: int
    officer_id: int
    badge: str
    unit: str
    begins_at: datetime
    ends_at: datetime
    barred: str = ""


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
    both; ``on_from`` is when the first of them begins. ``takes_any``: they have no camera of their
    own and take one of the pool; ``judged`` is then one that is left for them. It is kept for
    nobody: another of the pool does as well.
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
    takes_any: bool = False
    todo: tuple[Todo, ...] = ()

    @property
    def ready(self) -> bool:
        return self.judged is not None and self.judged.ready and not self.due

    @property
    def unheard(self) -> bool:
        """Ready by what was known when it left: it is out with its officer, and nobody can hear it
        there. What it does since only its dock will tell."""
        if not (self.ready and self.gone and self.judged):
            return False
        known = self.judged.camera.known
        return known.docked is False and not must_speak(
            known.mode, known.measured_at, known.moved_at, radio=known.radio
        )

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
        if self.duty.barred:
            return f"An officer who is on it {self.duty.barred}."
        if self.judged is None:
            left = "No camera is left for an officer."
            return left if self.takes_any else "An officer has no camera."
        if self.due:
            return f"{self.judged.camera.name} is due back before it."
        return f"{self.judged.camera.name} {self.reason.says}." if self.reason else ""


@dataclass(frozen=True, slots=True)
class ShiftReadiness:
    """A shift's people, the exceptions first, in the order of what has to begin; its spares.

    ``for_others`` are spares that earlier shifts take which are on at the same time.
    """

    shift: ShiftSpan
    posts: tuple[Post, ...]
    spares: tuple[Judged, ...]
    unfit_spares: tuple[Judged, ...]
    as_of: datetime
    for_others: tuple[Judged, ...] = ()

    @property
    def rostered(self) -> int:
        """Those who take a camera: who has left or is suspended takes none."""
        return len(self.posts) - self.barred

    @property
    def barred(self) -> int:
        """Who is on it and has left or is suspended."""
        return sum(bool(post.duty.barred) for post in self.posts)

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
    def unheard(self) -> int:
        """Of those ready: out, and so by what was known when they left."""
        return sum(post.unheard for post in self.posts)

    @property
    def need(self) -> int:
        return self.rostered + self.shift.reserve

    @property
    def from_pool(self) -> frozenset[int]:
        """The cameras, by id, that are left for those who take any."""
        any_of = (post.judged for post in self.posts if post.takes_any)
        return frozenset(one.camera.id for one in any_of if one)

    @property
    def reckoned_on(self) -> frozenset[int]:
        """The cameras, by id, that are nobody's and yet counted on, by this shift or by those that
        overlap it: for one of them that goes, another has to do."""
        others = (one.camera.id for one in self.for_others if one.ready)
        return self.from_pool.union(others, (one.camera.id for one in self.spares))

    @property
    def takes(self) -> frozenset[int]:
        """The cameras, by id, that are nobody's and that this shift uses up: those of the pool,
        those it offers and, as far as it lacks more or keeps a reserve, the best of the others."""
        offered = {todo.spare.camera.id for post in self.posts for todo in post.todo if todo.spare}
        others = [one.camera.id for one in self.spares if one.camera.id not in offered]
        more = len(self.exceptions) - self.barred + self.shift.reserve - len(offered)
        return self.from_pool.union(offered, others[: max(0, more)])

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
    yield from _said_of_people(one)
    yield from _said_of_exceptions(one)
    yield _spares(len(one.spares), len(one.for_others))
    if one.margin < 0:
        yield f"{-one.margin} short of the {one.need} it needs."


def _said_of_people(one: ShiftReadiness) -> Iterator[str]:
    if not one.rostered:
        nobody = "nobody on it can be on duty" if one.barred else "nobody is rostered"
        yield f"{one.shift.name} shift: {nobody}."
    else:
        ready = "all" if one.ready == one.rostered else f"{one.ready or 'none'}"
        due = f", {one.due} due back before it" if one.due else ""
        yield f"{one.shift.name} shift: {one.rostered} rostered, {ready} ready{due}."
    if one.unheard == 1:
        yield "1 is out and cannot be heard: it was ready on leaving."
    elif one.unheard:
        yield f"{one.unheard} are out and cannot be heard: they were ready on leaving."
    if any_of := len(one.from_pool):
        yield f"{any_of} {'takes' if any_of == 1 else 'take'} any camera of the pool."
    if one.barred:
        yield _barred(one.barred, more=" more" if one.rostered else "")


def _said_of_exceptions(one: ShiftReadiness) -> Iterator[str]:
    named = [post for post in one.exceptions if post.judged]
    without = len(one.exceptions) - one.barred - len(named)
    shown = named if len(named) <= MOST_NAMED + 1 else named[:MOST_NAMED]
    yield from (post.says for post in shown)
    if more := len(named) - len(shown):
        yield f"{more} more are not ready."
    if without and one.shift.pool:
        yield f"No camera is left for {without} {'officer' if without == 1 else 'officers'}."
    elif without:
        yield "1 officer has no camera." if without == 1 else f"{without} officers have no camera."


def _barred(count: int, more: str) -> str:
    if count == 1:
        return f"1{more} is rostered who has left or is suspended."
    return f"{count}{more} are rostered who have left or are suspended."


def _spares(count: int, for_others: int) -> str:
    if not count and for_others:
        return f"No spare is left: an overlapping shift needs {for_others}."
    if not count:
        return "No spare is ready."
    return "1 spare ready." if count == 1 else f"{count} spares ready."
