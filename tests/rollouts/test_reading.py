"""What a rollout's page shows, and at what cost."""

from datetime import timedelta

import pytest

from devices.access.people import Visible
from devices.health.models import CameraHealth
from devices.inventory.models import Officer
from devices.policy import Policy
from devices.rollouts import reading
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import USUAL_STEPS, Step
from devices.rollouts.models import DeploymentWord
from devices.rollouts.rules import Turn
from devices.roster.models import Shift, ShiftKind
from tests.rollouts.setting import docked, drafted, put, started
from tests.rows import a_duty, a_station

pytestmark = pytest.mark.django_db
POLICY = Policy()


def a_shift(station, begins_at, reserve: int = 0) -> Shift:
    kind, _ = ShiftKind.objects.get_or_create(
        code="E", defaults={"name": "Evening", "begins": "15:00", "ends": "23:00"}
    )
    return Shift.objects.create(
        station=station, kind=kind, on=begins_at.date(), reserve=reserve,
        begins_at=begins_at, ends_at=begins_at + timedelta(hours=8),
    )  # fmt: skip


def test_a_page_shows_waves_states_and_why_each_camera_waits(it, colleague, noon):
    done, failed, out, kept, _ = cameras = docked(5, noon)
    station = done.station
    officer = Officer.objects.create(badge_number="1017", station=station)
    type(kept).objects.filter(pk=kept.pk).update(officer=officer)
    a_duty(a_shift(station, noon + timedelta(minutes=40)), officer)
    CameraHealth.objects.filter(camera=out).update(docked=False)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.SUCCEEDED, done)
    put(rollout, Turn.FAILED, failed, reason="It burned.")
    word = DeploymentWord(deployment=rollout.deployments.get(camera=failed), at=noon)
    word.execution, word.details = "closed", ["write error"]
    word.save()

    shown = reading.page(rollout, now=noon, policy=POLICY)

    numbers = shown.progress
    assert (numbers.cameras, numbers.succeeded, numbers.failed, numbers.percent) == (5, 1, 1, 20)
    said = {one.name: one for one in shown.turns}
    assert said[failed.name].reason == "It burned."
    assert said[failed.name].last_words == ["write error"]
    assert said[out.name].waits == ("It is out of its dock.",)
    # By the department's clock: 07:40 where the fleet has 12:40.
    assert said[kept.name].waits == ("C0004 is needed for the Evening shift at Tue 07:40.",)
    assert said["C0005"].waits == ("It is next.",)
    assert shown.lowest is not None
    assert (shown.lowest.shift, shown.lowest.margin) == ("Evening", 3)
    assert len(cameras) == 5


def test_a_camera_is_needed_where_its_officer_comes_on(it, colleague, noon):
    own, spare = docked(2, noon)
    elm = a_station("ELM")
    officer = Officer.objects.create(badge_number="217", station=elm)
    type(own).objects.filter(pk=own.pk).update(officer=officer)
    a_duty(a_shift(elm, noon + timedelta(minutes=40)), officer)

    shown = reading.page(started(it, colleague, noon), now=noon, policy=POLICY)

    said = {one.name: one.waits for one in shown.turns}
    assert said[own.name] == ("C0001 is needed for the Evening shift at Tue 07:40.",)
    assert said[spare.name] == ("It is next.",)


def test_a_wave_that_is_not_open_and_a_pause_are_the_reason(it, colleague, noon):
    docked(2, noon)
    rollout = started(it, colleague, noon, steps=[Step(count=1), Step(percent=100)])
    waits = [one.waits for one in reading.page(rollout, now=noon, policy=POLICY).turns]
    assert waits == [("It is next.",), ("Its wave is not open yet.",)]

    courses.pause(rollout, "Look.", by=it, now=noon)

    waits = [one.waits for one in reading.page(rollout, now=noon, policy=POLICY).turns]
    assert waits == [("The rollout is paused.",)] * 2


def test_a_page_costs_as_much_for_many_as_for_few(it, colleague, noon, django_assert_num_queries):
    cameras = docked(40, noon)
    a_shift(cameras[0].station, noon + timedelta(minutes=40))
    rollout = started(it, colleague, noon)

    with django_assert_num_queries(14):
        shown = reading.page(rollout, now=noon, policy=POLICY)

    assert len(shown.turns) == 40
    nowhere = Visible(stations=frozenset())
    assert reading.page(rollout, now=noon, policy=POLICY, reach=nowhere).turns == []


def test_a_draft_can_be_said_again(it, noon):
    rollout = drafted(it, noon, steps=USUAL_STEPS, windows=[["22:00", "05:00"]])

    said = reading.draft_of(rollout)
    courses.change(rollout, said, by=it, now=noon)

    assert reading.draft_of(rollout) == said
    (numbers,) = reading.progress([rollout])
    assert (numbers.percent, [one.number for one in numbers.waves]) == (0, [1, 2, 3, 4])
