"""Holds what the product says against what is so.

After every turn, with whatever words and scans there were, it glances at the board: where each
camera is, and whether it could go out now. At the end of a step it looks at the shifts as well.
What is wrong counts for as long as that turn or step lasted. So it sees as finely as they are
short: a word that comes once a minute is told by one glance in sixty when turns are seconds, and
the others see what the product still says of what has changed since. A sweep that could make a
camera ready, as one that learns its battery, rings before the step's look. What a word needs on its
way is not simulated: `make bench` measures that at real sockets.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from devices import planned
from devices.access.people import Visible
from devices.board.sql import BUCKET
from devices.inventory.models import Camera
from devices.policy import Policy
from devices.readiness import shifts
from devices.readiness.facts import known
from devices.readiness.margin import Judged, ShiftReadiness
from devices.readiness.rules import Facts, Fit, judge
from devices.readiness.sql import COUNTED, FACTS
from devices.simulator.camera import Camera as Simulated
from tests.week.truth import Truth, Wanted

IN_A_BAY = {"docked", "charging"}
CARDS = f"SELECT c.serial, {BUCKET}, {FACTS} {COUNTED}"
WRITTEN = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"  # another with every transaction


@dataclass(frozen=True)
class Wrong:
    """What was said and was not so, when first and for how long in all."""

    what: str
    camera: str
    why: str


@dataclass
class Found:
    """Minutes, of each camera, in which something else was said than was so.

    ``fell_short``: it left its bay ready, which is all that is said of it as nobody hears it out
    there, and would not last any more.
    """

    false_ready: Counter[Wrong] = field(default_factory=Counter)
    fell_short: Counter[Wrong] = field(default_factory=Counter)
    false_unknown: Counter[Wrong] = field(default_factory=Counter)
    misplaced: Counter[Wrong] = field(default_factory=Counter)
    since: dict[Wrong, datetime] = field(default_factory=dict)
    glances: int = 0
    looks: int = 0
    judged: int = 0
    ready: int = 0


class Card(NamedTuple):
    """One camera as the board has it: where it is, and what its readiness follows from."""

    row: tuple[Any, ...]
    name: str
    camera: Simulated
    bucket: str
    facts: Facts


class Probe:
    def __init__(self, truth: Truth, policy: Policy) -> None:
        self.truth, self.town, self.policy, self.found = truth, truth.town, policy, Found()
        self.serials = dict(Camera.objects.values_list("number", "serial"))
        self._read_at, self._cards = "", dict[str, Card]()

    def glance(self, now: datetime, lasted: timedelta) -> None:
        """Compare the board; what is wrong on it counts for as long as this turn ``lasted``."""
        self.found.glances += 1
        self.truth.watch()
        cards = self.cards()
        self._note((*self._standing(cards, now), *self._places(cards)), now, lasted)

    def look(self, now: datetime, lasted: timedelta) -> None:
        """Compare the shifts, and what is not known; counts as long as this step ``lasted``."""
        self.found.looks += 1
        self._note((*self._not_known(now), *self._shifts(now)), now, lasted)

    def _note(
        self, wrongs: Iterable[tuple[Counter[Wrong], Wrong]], now: datetime, lasted: timedelta
    ) -> None:
        minutes = lasted / timedelta(minutes=1)
        for kind, wrong in wrongs:
            kind[wrong] += minutes
            self.found.since.setdefault(wrong, now)

    def _standing(
        self, cards: Collection[Card], now: datetime
    ) -> Iterator[tuple[Counter[Wrong], Wrong]]:
        """Every camera that would not do now, for a usual shift, and is called ready for it."""
        for card in cards:
            against = self.truth.against(card.camera, Wanted(now))
            if against and judge(card.facts, None, self.policy, now).fit is Fit.YES:
                yield self.found.false_ready, Wrong("now", card.name, "; ".join(against))

    def _not_known(self, now: datetime) -> Iterator[tuple[Counter[Wrong], Wrong]]:
        """Every camera that is ready now, and of which nobody is said to know."""
        for card in self.cards():
            self.found.judged += 1
            fit = judge(card.facts, None, self.policy, now).fit
            self.found.ready += fit is Fit.YES
            if fit is Fit.UNKNOWN and not self.truth.against(card.camera, Wanted(now)):
                yield self.found.false_unknown, Wrong("now", card.name, "")

    def cards(self) -> Collection[Card]:
        """The board as the database has it, read again if anything was written since.

        No column asks what time it is; that `judge` does. Each act has to be a transaction of its
        own, as in life: of one that is still open nobody could tell.
        """
        with planned.cursor(binary=True) as cursor:
            ((written,),) = cursor.execute(WRITTEN)
            if written != self._read_at:
                rows = cursor.execute(CARDS, {"charged": self.policy.charged_percent})
                self._cards = {row[0]: self._card(row) for row in rows}
                self._read_at = written
        return self._cards.values()

    def _card(self, row: tuple[Any, ...]) -> Card:
        serial, bucket, *columns = row
        before = self._cards.get(serial)
        if before and before.row == row:
            return before
        camera = known(tuple(columns))
        return Card(row, camera.name, self.town.cameras[serial], bucket, camera.facts())

    def _shifts(self, now: datetime) -> Iterator[tuple[Counter[Wrong], Wrong]]:
        """Every officer of the shifts under way and to come, and every spare."""
        everywhere = Visible()
        for one in (
            *shifts.under_way(everywhere, now=now, policy=self.policy),
            *shifts.coming(everywhere, now=now, policy=self.policy),
        ):
            for judged, unheard in claims(one):
                wanted = _wanted(judged, now, as_it_left=unheard)
                camera = self.town.cameras[self.serials[judged.camera.known.number]]
                fit, name = judged.readiness.fit, judged.camera.name
                what = f"{one.shift.name} {one.shift.begins_at:%d %b}"
                yield from self._held(name, camera, wanted, fit, what)

    def _held(self, name, camera, wanted, fit, what) -> Iterator[tuple[Counter[Wrong], Wrong]]:
        self.found.judged += 1
        if fit is Fit.NO:
            return
        against = self.truth.against(camera, wanted)
        if fit is Fit.YES:
            self.found.ready += 1
            if against:
                yield self.found.false_ready, Wrong(what, name, "; ".join(against))
            elif wanted.as_it_left:
                yield from self._since(name, camera, wanted, what)
        elif not against:
            yield self.found.false_unknown, Wrong(what, name, "")

    def _since(self, name, camera, wanted, what) -> Iterator[tuple[Counter[Wrong], Wrong]]:
        """What has become of one that left ready and that nobody hears."""
        begins_at = max(wanted.begins_at, self.town.now)
        left_h = wanted.lasts_h - (begins_at - wanted.begins_at) / timedelta(hours=1)
        if against := self.truth.against(camera, Wanted(begins_at, left_h, wanted.badge)):
            yield self.found.fell_short, Wrong(what, name, "; ".join(against))

    def _places(self, cards: Collection[Card]) -> Iterator[tuple[Counter[Wrong], Wrong]]:
        for card in cards:
            said = "docked" if card.bucket in IN_A_BAY else card.bucket
            so = self.truth.place(card.camera)
            if said != so:
                yield self.found.misplaced, Wrong("board", card.name, f"{said}, is {so}")


def _wanted(judged: Judged, now: datetime, *, as_it_left: bool) -> Wanted:
    """What it is judged for, as far as that still lies ahead: some went out for it long since."""
    need = judged.need
    begins_at = need.begins_at if as_it_left else max(need.begins_at, now)
    ends_at = need.begins_at + need.lasts
    lasts_h = (ends_at - begins_at) / timedelta(hours=1)
    return Wanted(begins_at, lasts_h, need.badge, as_it_left=as_it_left)


def claims(one: ShiftReadiness) -> Iterator[tuple[Judged, bool]]:
    """Whoever is called ready, or not, or unknown, and whether no more is said than how it left;
    one that is due back is not called ready."""
    yield from ((post.judged, post.unheard) for post in one.posts if post.judged and not post.due)
    yield from ((spare, False) for spare in (*one.spares, *one.unfit_spares))
