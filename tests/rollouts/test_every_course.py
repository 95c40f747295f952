"""Every state of a rollout, and everything that people and the sweep do to one, on real rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from devices.errors import NotNow
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, Station
from devices.policy import Policy
from devices.releases.models import Release
from devices.rollouts import reading, sweeping
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Step
from devices.rollouts.models import ROLLOUT, Deployment, Rollout, Wave
from devices.rollouts.rules import Course, Terms, Turn
from devices.rollouts.steps import Do
from tests.rollouts.setting import docked, drafted
from tests.rows import a_camera

pytestmark = pytest.mark.django_db

D, A, R, P, F, X = (
    Course.DRAFT,
    Course.APPROVED,
    Course.RUNNING,
    Course.PAUSED,
    Course.FINISHED,
    Course.ABORTED,
)
# A row an act, a column a state: what the rollout becomes. Where nothing is written it is refused
# with this sentence, and nothing has changed.
BY_PEOPLE = {
    "change": ({D: D}, "Spring is {state}; only a draft can be changed."),
    "approve": ({D: A}, "Spring is {state}; it cannot become approved."),
    "start": ({A: R}, "Spring is {state}; only one that is approved can start."),
    "pause": ({R: P}, "Spring is {state}; it cannot become paused."),
    "resume": ({P: R}, "Spring is {state}; only one that is paused can go on."),
    "abort": ({D: X, A: X, R: X, P: X}, "Spring is {state}; it cannot become aborted."),
    "retry failed": ({R: R, P: P}, "Spring is {state}; nothing is tried again."),
}
# What the sweep finds to do; in every other state it leaves all as it is.
BY_ITSELF = {
    Do.PAUSE: {R: P},
    Do.OPEN: {R: R},
    Do.CLOSE: {R: R},
    Do.RETRY: {R: R},
    Do.CARRY: {R: R},
    Do.LEAVE: {R: R},
    Do.FINISH: {R: F},
    "recall": {R: P},
    "join": {R: R},
    "skip": {R: R, P: P},
}


def test_the_table_holds_everything_that_is_done():
    assert set(BY_ITSELF) == {*Do, "recall", "join", "skip"} - {Do.NOTHING}
    assert set(BY_ITSELF) == set(ARRANGED) == set(SHOWS)
    assert set(BY_PEOPLE) == set(PEOPLE)
    assert {to for moves, _ in BY_PEOPLE.values() for to in moves.values()} == {D, A, R, P, X}
    moves = [moves for moves, _ in BY_PEOPLE.values()] + list(BY_ITSELF.values())
    led = {(state, to) for one in moves for state, to in one.items() if state is not to}
    assert led == {(state, to) for state, tos in ROLLOUT.moves.items() for to in tos}


STEPS = (Step(count=2), Step(percent=100))
AT_LAST = timedelta(days=8)  # who was not heard for so long is left out


def brought(state: Course, it: Any, colleague: Any, now: datetime) -> Rollout:
    """A rollout to four cameras in two waves that people, or its end, brought to this state."""
    docked(4, now)
    rollout = drafted(it, now, steps=STEPS, terms=Terms(soak=timedelta(hours=1)))
    if state is not D:
        courses.approve(rollout, by=colleague, now=now)
    if state in (R, P, F):
        courses.start(rollout, by=it, now=now)
    if state is P:
        courses.pause(rollout, "Look.", by=it, now=now)
    if state is X:
        courses.abort(rollout, "No.", by=it, now=now)
    if state is F:
        arranged(Do.FINISH, rollout, now)
        sweeping.sweep(now=now, policy=Policy())
        rollout.refresh_from_db()
    assert rollout.state == state
    return rollout


PEOPLE: dict[str, Callable[[Rollout, Any, datetime], Any]] = {
    "change": lambda one, by, now: courses.change(
        one, replace(reading.draft_of(one), steps=STEPS), by=by, now=now
    ),
    "approve": lambda one, by, now: courses.approve(one, by=by, now=now),
    "start": lambda one, by, now: courses.start(one, by=by, now=now),
    "pause": lambda one, by, now: courses.pause(one, "Look.", by=by, now=now),
    "resume": lambda one, by, now: courses.resume(one, by=by, now=now),
    "abort": lambda one, by, now: courses.abort(one, "No.", by=by, now=now),
    "retry failed": lambda one, by, now: courses.retry_failed(one, by=by, now=now),
}


def as_it_is(rollout: Rollout) -> list[Any]:
    """All that an act may change."""
    return [
        Rollout.objects.values("state", "started_at", "forgiven_at", "paused_because").get(),
        list(rollout.waves.values_list("number", "opened_at", "done_at")),
        list(rollout.deployments.order_by("camera").values_list("camera", "state", "wave")),
    ]


@pytest.mark.parametrize("state", list(Course))
@pytest.mark.parametrize("act", list(BY_PEOPLE))
def test_every_act_of_people_in_every_state(act, state, it, colleague, noon):
    rollout = brought(state, it, colleague, noon)
    some = rollout.deployments.order_by("pk").first()
    if some is not None:
        Deployment.objects.filter(pk=some.pk).update(state=Turn.FAILED, ended_at=noon)
    moves, sentence = BY_PEOPLE[act]
    before = as_it_is(rollout)

    if state in moves:
        PEOPLE[act](rollout, colleague, noon)
        assert Rollout.objects.get().state == moves[state]
    else:
        with pytest.raises(NotNow) as refused:
            PEOPLE[act](rollout, colleague, noon)
        assert str(refused.value) == sentence.format(state=state)
        assert as_it_is(rollout) == before


@dataclass(frozen=True)
class Rows:
    """A rollout's rows: four cameras that run the release, two in each of its open waves."""

    rollout: Rollout
    now: datetime

    @property
    def waves(self) -> list[Wave]:
        return list(self.rollout.waves.order_by("number"))

    def turn(self, *cameras: int) -> Any:
        return self.rollout.deployments.filter(camera__number__in=cameras)

    def state(self, camera: int) -> str:
        return self.turn(camera).values_list("state", flat=True).first() or ""

    def done(self, *waves: int) -> None:
        self.rollout.waves.filter(number__in=waves).update(done_at=self.now)

    def gone(self, *cameras: int) -> None:
        self.turn(*cameras).update(state=Turn.PLANNED)
        heard_at = self.now - 2 * AT_LAST
        CameraHealth.objects.filter(camera__number__in=cameras).update(
            docked=False, heard_at=heard_at
        )

    def runs_it(self, camera: int) -> None:
        self.turn(camera).update(state=Turn.PLANNED)
        CameraHealth.objects.filter(camera__number=camera).update(firmware_version="4.3.0")


def arranged(do: Do | str, rollout: Rollout, now: datetime) -> Rows:
    """Rows of which a running rollout would make this step next."""
    first, last = rollout.waves.order_by("number")
    told = {"state": Turn.SUCCEEDED, "since": now, "ended_at": now - AT_LAST}
    for camera in Camera.objects.all():
        there = told | {"wave": first if camera.number < 3 else last}
        Deployment.objects.update_or_create(rollout=rollout, camera=camera, defaults=there)
    rollout.waves.update(opened_at=now - AT_LAST, done_at=None)
    rows = Rows(rollout, now)
    ARRANGED[do](rows)
    return rows


def opens(rows: Rows) -> None:
    rows.done(1)
    rows.rollout.waves.filter(number=2).update(opened_at=None)
    rows.turn(3, 4).update(state=Turn.PLANNED)


def leaves(rows: Rows) -> None:
    rows.done(1)
    rows.gone(3, 4)


def recalls(rows: Rows) -> None:
    Release.objects.update(state="recalled", recalled_because="It bricks.")


ARRANGED: dict[Do | str, Callable[[Rows], Any]] = {
    Do.PAUSE: lambda rows: rows.turn(2, 3, 4).update(state=Turn.FAILED),
    Do.OPEN: opens,
    Do.CLOSE: lambda rows: None,
    Do.RETRY: lambda rows: rows.turn(1).update(state=Turn.FAILED, attempts=1),
    Do.CARRY: lambda rows: rows.gone(1),
    Do.LEAVE: leaves,
    Do.FINISH: lambda rows: rows.done(1, 2),
    "recall": recalls,
    "join": lambda rows: a_camera(9, Station.objects.get(), rows.now, health={}),
    "skip": lambda rows: rows.runs_it(4),
}
SHOWS: dict[Do | str, Callable[[Rows], bool]] = {
    Do.PAUSE: lambda rows: rows.rollout.paused_because == "3 cameras failed; 2 are allowed.",
    Do.OPEN: lambda rows: rows.waves[1].opened_at == rows.now,
    Do.CLOSE: lambda rows: rows.waves[0].done_at == rows.now,
    Do.RETRY: lambda rows: rows.state(1) == Turn.OFFERED,  # in the same sweep
    Do.CARRY: lambda rows: rows.turn(1).get().wave == rows.waves[1],
    Do.LEAVE: lambda rows: rows.state(3) == rows.state(4) == Turn.SKIPPED,
    Do.FINISH: lambda rows: rows.rollout.ended_at == rows.now,
    "recall": lambda rows: rows.rollout.paused_because.endswith("was recalled: It bricks."),
    "join": lambda rows: rows.state(9) == Turn.PLANNED,
    "skip": lambda rows: rows.state(4) == Turn.SKIPPED,
}


@pytest.mark.parametrize("state", list(Course))
@pytest.mark.parametrize("do", list(BY_ITSELF))
def test_everything_that_happens_by_itself_in_every_state(do, state, it, colleague, noon):
    rollout = brought(state, it, colleague, noon)
    Rollout.objects.filter(started_at=noon).update(started_at=noon - AT_LAST)
    rows = arranged(do, rollout, noon)
    before = as_it_is(rollout)

    if do in ("join", "skip"):
        sweeping.join(now=noon)
    else:
        sweeping.sweep(now=noon, policy=Policy())

    if state in BY_ITSELF[do]:
        rollout.refresh_from_db()
        assert rollout.state == BY_ITSELF[do][state]
        assert SHOWS[do](rows)
    else:
        assert as_it_is(rollout) == before
