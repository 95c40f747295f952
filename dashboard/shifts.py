"""What the commander's page says of a shift: who lacks a camera, what to do, spares, margin.

The judgement is readiness's; here it is joined with what people did about it and cut to what
the person who looks may see.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.timezone import localtime

from devices.access.people import Visible
from devices.faults import reading
from devices.faults.reading import Tested
from devices.faults.rules import Verdict
from devices.inventory.models import Officer, ServiceState
from devices.once import actions as once
from devices.policy import Policy
from devices.readiness import shifts as readiness
from devices.readiness.margin import Judged, Post, Remedy, ShiftReadiness
from devices.roster.models import InHand, Inspection, Shift, StandIn

SOON = timedelta(minutes=90)  # so long before it begins, the next shift is what one looks at
WANTING = frozenset({Verdict.SKIPPED, Verdict.FAILED})  # what the commander hears of a test


def cause_of(post: Post) -> str:
    """C0417 battery: the gravest thing against the camera, which is what is taken in hand."""
    if post.judged is None:
        return "barred" if post.duty.barred else "no camera"
    return f"{post.judged.camera.name} {post.reason.blocker if post.reason else 'not ready'}"


def cause_of_test(camera: str, verdict: Verdict) -> str:
    """C0417 test skipped."""
    return f"{camera} test {verdict}"


@dataclass(frozen=True)
class Lacking:
    """An officer whose camera is not ready: everything against it, and what to do by when."""

    post: Post
    badge: str
    in_hand: InHand | None

    @property
    def name(self) -> str:
        if self.post.duty.barred:
            return "Takes none"
        none = "No camera left" if self.post.takes_any else "No camera"
        return self.post.judged.camera.name if self.post.judged else none

    @property
    def number(self) -> int | None:
        return self.post.judged.camera.known.number if self.post.judged else None

    @property
    def reasons(self) -> tuple[Any, ...]:
        return self.post.judged.readiness.reasons if self.post.judged else ()

    @property
    def fit(self) -> str:
        return str(self.post.judged.readiness.fit) if self.post.judged else "no"

    @property
    def cause(self) -> str:
        """What is taken in hand with it."""
        return cause_of(self.post)

    @property
    def offer(self) -> Judged | None:
        """The spare to offer."""
        return next((todo.spare for todo in self.post.todo if todo.spare), None)

    @property
    def call(self) -> str:
        """Whom to call, where that is what helps."""
        calls = any(todo.remedy is Remedy.CALL_UNIT for todo in self.post.todo)
        return (self.post.duty.unit or "its unit") if calls else ""


@dataclass(frozen=True)
class Untested:
    """An officer on duty with a camera that was not tested for it, or did not pass."""

    post: Post
    camera: str
    badge: str
    tested: Tested
    in_hand: InHand | None

    @property
    def cause(self) -> str:
        return cause_of_test(self.camera, self.tested.verdict)

    @property
    def failed(self) -> bool:
        return self.tested.verdict is Verdict.FAILED

    @property
    def says(self) -> str:
        if self.failed and self.tested.at:
            return f"failed its test at {localtime(self.tested.at):%H:%M}"
        return f"was not tested; the duty began at {localtime(self.post.on_from):%H:%M}"

    @property
    def call(self) -> str:
        return self.post.duty.unit or "its unit"


@dataclass(frozen=True)
class Promised:
    """A spare that stands in for an officer's own camera on this shift."""

    stand_in: StandIn
    post: Post
    badge: str


@dataclass(frozen=True)
class OnSpare:
    """An officer who is out with a spare instead of their own camera."""

    post: Post
    badge: str

    @property
    def says(self) -> str:
        """1017: own camera C0417 in repair, on spare C0533."""
        stands = self.post.stands
        return f"{self.badge}: {stands}" if self.badge else stands.capitalize()


@dataclass(frozen=True)
class ShiftView:
    """One station's shift, as it is drawn."""

    readiness: ShiftReadiness
    exceptions: list[Lacking]
    untested: list[Untested]
    tests: dict[int, Tested]  # by officer
    promised: list[Promised]
    on_spares: list[OnSpare]
    inspection: Inspection | None

    @property
    def id(self) -> int:
        return self.readiness.shift.id

    @property
    def found(self) -> dict[str, Any]:
        """What an inspection freezes: what this screen says, without names."""
        one = self.readiness
        return {
            "sentence": one.sentence,
            "rostered": one.rostered,
            "ready": one.ready,
            "unheard": one.unheard,
            "due": one.due,
            "spares": len(one.spares),
            "margin": one.margin,
            "exceptions": [
                {"camera": each.name, "reasons": [reason.sentence for reason in each.reasons]}
                for each in self.exceptions
            ],
            "not_tested": [each.camera for each in self.untested if not each.failed],
            "test_failed": [each.camera for each in self.untested if each.failed],
        }

    @property
    def seen(self) -> str:
        """Stands for `found` but for what minutes change in its sentences: what somebody looked at
        is what is kept, or nothing is."""
        found = self.found
        cameras = [each["camera"] for each in found["exceptions"]]
        return once.digest(found | {"sentence": "", "exceptions": cameras})

    @property
    def tests_say(self) -> str:
        """2 cameras were not tested. 1 failed its test."""
        failed = sum(each.failed for each in self.untested)
        skipped = len(self.untested) - failed
        cameras = "1 camera was" if skipped == 1 else f"{skipped} cameras were"
        said = [f"{cameras} not tested."] if skipped else []
        its = "its" if failed == 1 else "their"
        return " ".join([*said, *([f"{failed} failed {its} test."] if failed else [])])


@dataclass(frozen=True)
class Turn:
    """The shifts that begin at one moment, mostly one a station."""

    begins_at: datetime
    name: str
    shifts: list[ShiftReadiness]
    under_way: bool

    @property
    def key(self) -> str:
        return f"{self.begins_at:%Y%m%dT%H%M}"

    @property
    def rostered(self) -> int:
        return sum(one.rostered for one in self.shifts)

    @property
    def ready(self) -> int:
        return sum(one.ready for one in self.shifts)

    @property
    def unheard(self) -> int:
        """Of those ready: out, and so on leaving; nobody hears them now."""
        return sum(one.unheard for one in self.shifts)

    @property
    def due(self) -> int:
        return sum(one.due for one in self.shifts)

    @property
    def spares(self) -> int:
        return _spares(self.shifts)

    @property
    def need(self) -> int:
        return sum(one.need for one in self.shifts)

    @property
    def margin(self) -> int:
        """Of the station that is shortest: spares of another station are a drive away."""
        return min(map(_margin, self.stations))

    @property
    def short_by(self) -> int:
        """How many cameras it lacks."""
        return max(0, -self.margin)

    @property
    def shortest(self) -> str:
        """That station."""
        return min(self.stations, key=_margin)[0].shift.station

    @property
    def stations(self) -> list[list[ShiftReadiness]]:
        """Its shifts, each station's together."""
        found = defaultdict(list)
        for one in self.shifts:
            found[one.shift.station_id].append(one)
        return [*found.values()]

    @property
    def short(self) -> bool:
        return self.margin < 0


def _spares(shifts: Sequence[ShiftReadiness]) -> int:
    """The spares of these shifts; one that could go to two of them is one."""
    return len({spare.camera.id for one in shifts for spare in one.spares})


def _margin(shifts: Sequence[ShiftReadiness]) -> int:
    """Of a station's shifts that begin together: of the shortest, or of all with the spares that
    they share."""
    have = sum(one.ready + one.due for one in shifts) + _spares(shifts)
    return min(have - sum(one.need for one in shifts), *(one.margin for one in shifts))


def turns(reach: Visible, *, now: datetime, policy: Policy) -> list[Turn]:
    """The turns under way and the three to come, by when they begin; twice four statements."""
    on = readiness.under_way(reach, now=now, policy=policy)
    ahead = readiness.coming(reach, now=now, policy=policy)
    found = []
    for under_way, some in ((True, on), (False, ahead)):
        rows = sorted(some, key=lambda one: one.shift.begins_at)
        for begins_at, group in groupby(rows, key=lambda one: one.shift.begins_at):
            shifts = list(group)
            names = dict.fromkeys(one.shift.name for one in shifts)
            found.append(Turn(begins_at, " and ".join(names), shifts, under_way))
    return found


def chosen(found: Sequence[Turn], key: str, now: datetime) -> Turn | None:
    """The turn that was asked for; else the next one if it is near, else the one under way."""
    asked = [turn for turn in found if turn.key == key]
    near = [turn for turn in found if not turn.under_way and turn.begins_at - now <= SOON]
    return next(iter([*asked, *near[:1], *found]), None)


def views(turn: Turn, *, badges: bool, policy: Policy) -> list[ShiftView]:
    """What people did about these shifts, beside what is judged of them; four statements."""
    ids = [one.shift.id for one in turn.shifts]
    in_hand = InHand.objects.filter(shift__in=ids).select_related("by")
    promised = StandIn.objects.filter(shift__in=ids, ended_at=None).select_related("camera")
    inspections = Inspection.objects.filter(shift__in=ids).select_related("by").order_by("at")
    done = _Done(
        in_hand={(row.shift_id, row.officer_id, row.cause): row for row in in_hand},
        stand_ins={(row.shift_id, row.officer_id): row for row in promised},
        inspections={row.shift_id: row for row in inspections},  # the last one of each
        tests=_tests(turn.shifts, policy),
    )
    return [_view(one, done, badges=badges) for one in turn.shifts]


def view(one: ShiftReadiness, *, badges: bool, policy: Policy) -> ShiftView:
    """The same of a single shift."""
    turn = Turn(one.shift.begins_at, one.shift.name, [one], under_way=False)
    return views(turn, badges=badges, policy=policy)[0]


Key = tuple[int, int]  # a shift and an officer


@dataclass(frozen=True)
class _Done:
    """What people did about some shifts."""

    in_hand: dict[tuple[int, int, str], InHand]
    stand_ins: dict[Key, StandIn]
    inspections: dict[int, Inspection]
    tests: dict[Key, Tested]

    def hand(self, key: Key, cause: str) -> InHand | None:
        """Who deals with this; the latest word, if somebody deals with whatever there is too."""
        found = (self.in_hand.get((*key, each)) for each in (cause, ""))
        return max((one for one in found if one), key=lambda one: one.at, default=None)


def _tests(shifts: Sequence[ShiftReadiness], policy: Policy) -> dict[Key, Tested]:
    """What became of each post's pre-shift test. A camera out of service is not to be tested, and
    of who takes any nobody knows which."""
    duties = {
        (one.shift.id, post.duty.officer_id): reading.Duty(
            post.judged.camera.id, post.on_from, post.duty.ends_at, post.duty.officer_id
        )
        for one in shifts
        for post in one.posts
        if post.judged
        and not post.takes_any
        and post.judged.camera.known.service_state == ServiceState.IN_SERVICE
    }
    found = reading.tested(duties.values(), now=shifts[0].as_of, policy=policy)
    return {key: found[duty] for key, duty in duties.items()}


def _view(one: ShiftReadiness, done: _Done, *, badges: bool) -> ShiftView:
    def badge(post: Post) -> str:
        return post.duty.badge if badges else ""

    def key(post: Post) -> Key:
        return (one.shift.id, post.duty.officer_id)

    return ShiftView(
        readiness=one,
        exceptions=[
            Lacking(post, badge(post), done.hand(key(post), cause_of(post)))
            for post in one.exceptions
        ],
        untested=[
            Untested(
                post,
                post.judged.camera.name,
                badge(post),
                test,
                done.hand(key(post), cause_of_test(post.judged.camera.name, test.verdict)),
            )
            for post in sorted(one.posts, key=lambda post: (post.on_from, post.duty.badge))
            if post.judged and (test := done.tests.get(key(post))) and test.verdict in WANTING
        ],
        tests={
            post.duty.officer_id: done.tests[key(post)]
            for post in one.posts
            if key(post) in done.tests
        },
        promised=[
            Promised(done.stand_ins[key(post)], post, badge(post))
            for post in one.posts
            if key(post) in done.stand_ins
        ],
        on_spares=[OnSpare(post, badge(post)) for post in one.posts if post.instead_of],
        inspection=done.inspections.get(one.shift.id),
    )


def shift_of(reach: Visible, pk: int) -> Shift | None:
    """The shift, if it is at a station within reach."""
    found: Shift | None = Shift.objects.at_stations(reach.stations).filter(pk=pk).first()
    return found


def officer_of(shift: Shift, officer_id: int) -> Officer | None:
    """The officer, if on this shift."""
    return Officer.objects.filter(pk=officer_id, duties__shift=shift).first()
