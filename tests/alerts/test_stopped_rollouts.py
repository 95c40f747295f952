"""A rollout that stops by itself calls at once, and until somebody decides what becomes of it."""

from datetime import timedelta

import pytest

from devices.alerts import actions, notices
from devices.alerts.catalogue import Pace
from devices.alerts.models import Alert, ChannelKind, Notice
from devices.policy import Policy
from devices.roles import Role
from devices.rollouts import sweeping
from devices.rollouts.courses import actions as courses
from devices.rollouts.models import Rollout
from devices.rollouts.rules import Turn
from tests.rollouts.setting import docked, put, started
from tests.rows import person

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def it():
    return person(Role.IT, name="it")


@pytest.fixture
def cameras(noon):
    return docked(4, noon)


@pytest.fixture
def rollout(cameras, it, noon):
    return started(it, person(Role.IT, name="colleague"), noon)


def look(at) -> list[str]:
    actions.sweep(now=at, pace=Pace.QUICK)
    rows = Alert.objects.calling().filter(rule="rollout_stopped").order_by("pk")
    return [one.words for one in rows]


def stops(rollout, cameras, noon):
    put(rollout, Turn.FAILED, *cameras[:3], failed_at=noon, attempts=1)
    sweeping.sweep(now=noon, policy=Policy())


def test_one_that_stopped_itself_calls_at_once_and_is_told(rollout, cameras, noon):
    listener = actions.Listener(ChannelKind.MAIL, "it@example.org")
    actions.add_channel(listener, salt="", by=None, now=noon)
    assert look(noon) == []

    stops(rollout, cameras, noon)

    rollout.refresh_from_db()
    assert rollout.paused_because
    said = f"The rollout Spring stopped by itself: {rollout.paused_because}"
    assert look(noon + MINUTE) == [said]
    alert = Alert.objects.get(rule="rollout_stopped")
    assert (alert.severity, alert.address) == ("major", f"/rollouts/{rollout.pk}/")
    assert (alert.station, alert.began_at) == (None, noon)
    notices.tell(now=noon + 2 * MINUTE)
    assert said.rstrip(".") in Notice.objects.get().title


def test_it_is_over_when_somebody_lets_it_go_on(rollout, cameras, it, noon):
    stops(rollout, cameras, noon)
    look(noon + MINUTE)

    courses.resume(rollout, by=it, now=noon + 2 * MINUTE)

    assert look(noon + 2 * MINUTE) == []


def test_it_is_over_when_somebody_aborts_it(rollout, cameras, it, noon):
    stops(rollout, cameras, noon)
    look(noon + MINUTE)

    courses.abort(rollout, "It breaks cameras.", by=it, now=noon + 2 * MINUTE)

    assert look(noon + 2 * MINUTE) == []


def test_what_a_person_paused_calls_nobody_whatever_stopped_before(rollout, cameras, it, noon):
    stops(rollout, cameras, noon)
    courses.resume(rollout, by=it, now=noon + MINUTE)

    courses.pause(rollout, "I look at it.", by=it, now=noon + 2 * MINUTE)

    assert look(noon + 3 * MINUTE) == []


def test_another_of_the_same_name_is_not_taken_for_it(rollout, cameras, it, noon):
    stops(rollout, cameras, noon)
    put(rollout, Turn.SUCCEEDED, *cameras)
    Rollout.objects.create(
        name="Spring", release=rollout.release, state="paused", made_at=noon, soak=MINUTE
    )

    assert len(look(noon + MINUTE)) == 1


def test_the_repairs_that_stopped_with_it_are_explained_by_it(rollout, noon):
    Rollout.objects.create(
        name="Repairs", release=rollout.release, state="running", made_at=noon, soak=MINUTE,
        repairs_of=rollout,
    )  # fmt: skip
    courses.pause(rollout, "2 cameras failed.", by=None, now=noon)
    assert Rollout.objects.filter(state="paused").count() == 2

    assert len(look(noon + MINUTE)) == 1


def test_repairs_that_stopped_alone_call_for_themselves(rollout, it, noon):
    repairs = Rollout.objects.create(
        name="417", release=rollout.release, state="running", made_at=noon, soak=MINUTE,
        repairs_of=rollout,
    )  # fmt: skip
    courses.pause(repairs, "2 cameras failed.", by=None, now=noon)

    assert look(noon + MINUTE) == ["The rollout 417 stopped by itself: 2 cameras failed."]
