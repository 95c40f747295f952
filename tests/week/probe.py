"""Holds what the product says against what is so.

It looks at the end of every step, after whatever words there were and the desks' scans; what is
wrong then counts for as long as the step lasted. So it sees as finely as the steps are short: a
word that comes once a minute is told by one look in sixty when steps are seconds, and the other
looks see what the product still says of what has changed since. A sweep that could make a camera
ready, as one that learns its battery, rings before the step's look. What a word needs on its way
is not simulated: `make bench` measures that at real sockets.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from devices.access.people import Visible
from devices.board.sql import BUCKET
from devices.inventory.models import Camera
from devices.policy import Policy
from devices.readiness import facts, shifts
from devices.readiness.facts import select
from devices.readiness.margin import Judged, ShiftReadiness
from devices.readiness.rules import Fit
from devices.readiness.sql import COUNTED
from tests.week.truth import Truth, Wanted

IN_A_BAY = {"docked", "charging"}


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
    looks: int = 0
    judged: int = 0
    ready: int = 0


class Probe:
    def __init__(self, truth: Truth, policy: Policy) -> None:
        self.truth, self.town, self.policy, self.found = truth, truth.town, policy, Found()
        self.serials = dict(Camera.objects.values_list("number", "serial"))

    def look(self, now: datetime, lasted: timedelta) -> None:
        """Compare everything; what is wrong counts for as long as this step ``lasted``."""
        self.found.looks += 1
        self.truth.watch()
        minutes = lasted / timedelta(minutes=1)
        for kind, wrong in (*self._now(now), *self._shifts(now), *self._places()):
            kind[wrong] += minutes
            self.found.since.setdefault(wrong, now)

    def _now(self, now: datetime) -> Iterator[tuple[Counter[Wrong], Wrong]]:
        """Every camera, for a usual shift that would begin now."""
        for _, known in facts.read(None, now=now):
            fit = known.judged(None, self.policy, now).fit
            camera = self.town.cameras[self.serials[known.number]]
            yield from self._held(known.name, camera, Wanted(now), fit, "now")

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

    def _places(self) -> Iterator[tuple[Counter[Wrong], Wrong]]:
        sql = f"SELECT c.serial, {BUCKET} {COUNTED}"
        for serial, bucket in select(sql, charged=self.policy.charged_percent):
            said = "docked" if bucket in IN_A_BAY else bucket
            so = self.truth.place(self.town.cameras[serial])
            if said != so:
                yield self.found.misplaced, Wrong("board", serial, f"{said}, is {so}")


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
