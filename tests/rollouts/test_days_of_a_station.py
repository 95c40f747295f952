"""Days of two stations on rows, with the real sweep: nobody lacks a camera because of a rollout.

`stations.py` lives thousands of days by plain values and leaves out the database. Here cameras
report, officers come, stay away or stay twice as long, clients fetch and install, and everything
in between is the engine's own: gate, room, floor, offers, waves, proof.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from devices.access.people import Visible
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, CameraModel, Officer, UpdateStage
from devices.policy import Policy
from devices.readiness import shifts
from devices.readiness.facts import Known, read
from devices.readiness.rules import Need
from devices.rollouts import sweeping
from devices.rollouts.actions import fetching, hear
from devices.rollouts.drafts import Step
from devices.rollouts.models import Deployment, Rollout
from devices.rollouts.rules import ACTIVE, Course, Terms, Turn
from devices.rollouts.words import Execution, Finished, Word
from devices.roster.models import Shift, ShiftKind
from tests.rollouts.setting import docked, started
from tests.rows import a_duty, a_station

pytestmark = pytest.mark.django_db

POLICY = Policy()
STEP, LASTS, DAYS = timedelta(minutes=15), timedelta(hours=8), 3
OFFICERS, SPARES = 6, 1  # of each station
EMPTIED_IN, CHARGED_IN, USED = timedelta(minutes=45), timedelta(hours=4.5), 0.84
MINUTE = timedelta(minutes=1)
SAID = [
    *("heard_at", "received_at", "measured_at", "docked", "mode"),
    *("battery_percent", "battery_state", "offload", "clips_waiting"),
]


@dataclass
class World:
    """What cameras and officers do. ``docked_at`` is since when a camera charges, None while it is
    out; ``on`` are those who have it."""

    begin: datetime
    officers: list[Officer] = field(default_factory=list)
    own: dict[int, Camera] = field(default_factory=dict)
    spares: dict[int, list[Camera]] = field(default_factory=dict)
    docked_at: dict[int, datetime | None] = field(default_factory=dict)
    held_by: dict[int, int] = field(default_factory=dict)  # camera by officer
    on: dict[datetime, list[int]] = field(default_factory=dict)  # officers, by when a shift begins
    no_shows: set[tuple[datetime, int]] = field(default_factory=set)
    lacked: list[str] = field(default_factory=list)
    tight: int = 0

    def settle(self) -> None:
        """Two stations with their people, each on every day; every fifth stays twice as long."""
        CameraModel.objects.update(battery_hours=24.0)
        for n in range(2):
            here = a_station(f"S{n}", f"Station {n}")
            cameras = docked(OFFICERS + SPARES, self.begin, here, first=1 + n * 20)
            self.spares[here.pk] = cameras[OFFICERS:]
            for place, camera in enumerate(cameras):
                self.docked_at[camera.pk] = self.begin - timedelta(hours=12)
                if place < OFFICERS:
                    badge = f"{n}{place:02d}"
                    officer = Officer.objects.create(badge_number=badge, station=here)
                    Camera.objects.filter(pk=camera.pk).update(officer=officer)
                    self.officers.append(officer)
                    self.own[officer.pk] = camera
        CameraModel.objects.update(battery_hours=24.0)
        for place in range(DAYS * 3):
            self._rostered(place)

    def _rostered(self, place: int) -> None:
        at = self.begin + MINUTE * 60 + place * LASTS
        kind, _ = ShiftKind.objects.get_or_create(
            code=f"K{place % 3}", defaults={"name": f"Shift {place % 3}", "begins": at.time()}
            | {"ends": (at + LASTS).time()},
        )  # fmt: skip
        made = {
            station: Shift.objects.create(
                station_id=station, kind=kind, on=at.date(), begins_at=at, ends_at=at + LASTS
            )
            for station in self.spares
        }
        self.on[at] = []
        for n, officer in enumerate(self.officers):
            doubles = n % 5 == 0 and (place // 3 + n) % 2 == 0
            if n % 3 == place % 3 or (doubles and n % 3 == (place - 1) % 3 and place % 3):
                a_duty(made[officer.station_id], officer)
                self.on[at].append(officer.pk)
                if (n + place) % 7 == 0:
                    self.no_shows.add((at, officer.pk))

    def moves(self, at: datetime) -> None:
        """Shifts change, and every camera in its bay says how it is."""
        if at - MINUTE * 15 in self.on:
            self._go_home(at, set(self.on[at - MINUTE * 15]))
        if at in self.on:
            for officer in self.on[at]:
                if (at, officer) not in self.no_shows and officer not in self.held_by:
                    self._takes(officer, at)
        rows = CameraHealth.objects.filter(camera__in=self.docked_at)
        said = [row for row in rows if self._says(row, at)]
        CameraHealth.objects.bulk_update(said, SAID)

    def _says(self, row: CameraHealth, at: datetime) -> bool:
        """What it says in its bay; whether it is in one."""
        since = self.docked_at[row.camera_id]
        if since is None:
            return False
        lacks = max(0.0, USED - (at - since) / CHARGED_IN)
        emptied = at - since >= EMPTIED_IN
        row.heard_at = row.received_at = row.measured_at = at
        row.docked, row.mode = True, "off"
        row.battery_percent = int(100 - lacks * 100)
        row.battery_state = "charging" if lacks else "full"
        row.offload = "complete" if emptied else "transferring"
        row.clips_waiting = 0 if emptied else 9
        return True

    def _go_home(self, at: datetime, stay: set[int]) -> None:
        for officer in [*self.held_by]:
            if officer not in stay:
                camera = self.held_by.pop(officer)
                self.docked_at[camera] = at
                CameraHealth.objects.filter(camera=camera).update(placed_at=at, moved_at=at)

    def _takes(self, officer: int, at: datetime) -> None:
        """Their own camera if it is ready, or a spare; who finds none could have had no other that
        is being updated."""
        own = self.own[officer]
        theirs = [own, *self.spares[own.station_id]]
        known = dict(read([one.pk for one in theirs], now=at))
        need = Need(at, LASTS)
        found = [one.pk for one in theirs if known[one.pk].judged(need, POLICY, at).ready]
        if not found:
            away = [one for one in known.values() if one.update_stage == UpdateStage.INSTALLING]
            self.lacked += [one.name for one in away if not_updated(one, need, at)]
            return
        pk = found[0]
        self.held_by[officer], self.docked_at[pk] = pk, None
        Camera.objects.filter(pk=pk).update(update_stage=UpdateStage.NONE)  # as a desk leaves it
        CameraHealth.objects.filter(camera=pk).update(
            docked=False,
            mode="buffering",
            battery_state="discharging",
            placed_at=at,
            moved_at=at,
        )

    def breaks(self, camera: Camera) -> None:
        CameraHealth.objects.filter(camera=camera).update(faults=["storage_failing"])

    def short_because(self, at: datetime) -> Iterator[str]:
        """Coming shifts that lack a camera, and would not if nothing were being updated."""
        ahead = shifts.ahead(Visible(), now=at, turns=2)
        untouched = {pk: replace(one, known=bare(one.known)) for pk, one in ahead.cameras.items()}
        with_it = shifts.judged(ahead, POLICY, at, advised=False)
        without = shifts.judged(replace(ahead, cameras=untouched), POLICY, at, advised=False)
        for is_so, would_be in zip(with_it, without, strict=True):
            self.tight += would_be.margin <= 0
            if is_so.margin < min(0, would_be.margin):
                yield f"{is_so.shift.station} at {is_so.shift.begins_at}: {is_so.margin}"


def bare(known: Known) -> Known:
    return known._replace(update_stage="", updating_until=None)


def not_updated(known: Known, need: Need, at: datetime) -> bool:
    """Whether it would be ready if nobody updated it."""
    return bare(known).judged(need, POLICY, at).ready


@dataclass
class Clients:
    """What cameras do with an offer: fetch it, install it, start anew. Some fail the first time."""

    world: World
    rollout: Rollout
    fails: set[int]

    def begin(self, at: datetime) -> None:
        for turn in self._turns(Turn.OFFERED):
            fetching(turn.pk, at + MINUTE)
            hear(turn.pk, Word(Execution.PROCEEDING), now=at + 6 * MINUTE)

    def go_on(self, at: datetime) -> None:
        for turn in self._turns(Turn.AWAITING_PROOF):
            self._starts_anew(turn)
        for turn in self._turns(Turn.INSTALLING):
            since = self.world.docked_at[turn.camera_id]
            assert since is not None, f"{turn.camera} installs, and somebody has it."
            self.world.docked_at[turn.camera_id] = since + STEP  # it does not charge meanwhile
            if at - turn.since >= 9 * MINUTE:
                hear(turn.pk, Word(Execution.CLOSED, Finished.SUCCESS), now=at)

    def _starts_anew(self, turn: Deployment) -> None:
        version = self.rollout.release.version
        if turn.camera_id in self.fails:
            self.fails.remove(turn.camera_id)
            version = turn.from_version
        CameraHealth.objects.filter(camera=turn.camera_id).update(
            boot=(turn.boot or 0) + 1, firmware_version=version
        )

    def _turns(self, state: Turn) -> list[Deployment]:
        return list(self.rollout.deployments.filter(state=state).select_related("camera"))


def test_nobody_lacks_a_camera_while_the_real_sweep_brings_a_release_to_all(it, colleague, noon):
    world = World(noon)
    world.settle()
    steps = [Step(count=2), Step(percent=50), Step(percent=100)]
    terms = Terms(soak=timedelta(hours=1), success_percent=80)
    rollout = started(it, colleague, noon, steps=steps, terms=terms)
    first = rollout.waves.get(number=2).deployments.order_by("pk").first()
    clients = Clients(world, rollout, {first.camera_id})
    # One officer of each station has a camera that no day in its bay mends.
    for n in (1, OFFICERS + 2):
        world.breaks(world.own[world.officers[n].pk])
    at, most = noon, 0

    while at < noon + timedelta(days=DAYS) and rollout.state != Course.FINISHED:
        world.moves(at)
        clients.go_on(at)
        sweeping.sweep(now=at, policy=POLICY)
        under_way = rollout.deployments.filter(state__in=ACTIVE).count()
        most = max(most, under_way)
        if under_way:
            assert list(world.short_because(at)) == []
        clients.begin(at)
        rollout.refresh_from_db()
        assert rollout.state in (Course.RUNNING, Course.FINISHED), rollout.paused_because
        at += STEP

    assert world.lacked == []
    assert rollout.state == Course.FINISHED
    turns = rollout.deployments.values_list("state", flat=True)
    assert list(turns) == [Turn.SUCCEEDED] * (2 * (OFFICERS + SPARES))
    # It was hard enough to show something: several at once, a failure, shifts with none to spare.
    assert most > 1
    assert clients.fails == set()
    assert world.tight > 0
