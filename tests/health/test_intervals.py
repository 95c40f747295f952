"""What a camera did, kept span by span: made from what came in, made again for what came late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from devices.health import actions
from devices.health.intervals import ServedFrom, wanted, writing
from devices.health.models import CameraHealth, Interval, Placement, Reading, Silence
from devices.health.timeline import Span, State
from devices.inventory.actions import change_service
from devices.inventory.models import ServiceState
from devices.policy import Policy
from tests import rows
from tests.health.test_history import reading

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy()


def span(state, begins, ends, *, heard=True, place=""):
    return Span(State(state), NOON + begins * HOUR, NOON + ends * HOUR, heard, place)


def said(intervals):
    return [
        (one.state, (one.from_at - NOON) / HOUR, one.until_at and (one.until_at - NOON) / HOUR)
        for one in intervals
    ]


def test_the_last_interval_goes_on():
    made = wanted([span("docked", 0, 2), span("out", 2, 5)], [])

    assert said(made) == [("docked", 0, 2), ("out", 2, None)]


def test_what_people_did_to_a_camera_lies_over_what_it_said():
    service = [ServedFrom(NOON + HOUR, "in_repair"), ServedFrom(NOON + 3 * HOUR, "in_service")]

    made = wanted([span("docked", 0, 2), span("unknown", 2, 5, heard=False)], service)

    assert said(made) == [
        ("docked", 0, 1),
        ("repair", 1, 3),
        ("unknown", 3, None),
    ]
    assert [one.cause for one in made] == ["report", "service", "silence"]


def kept(*rows_):
    return [replace(one, id=n) for n, one in enumerate(rows_, 1)]


def after(there, made, since):
    """What is kept once the writing was done."""
    done = writing(there, made, since)
    ends = dict(done.ended)
    left = [one for one in there if one.id not in done.gone]
    left = [replace(one, until_at=ends.get(one.id, one.until_at)) for one in left]
    return [replace(one, id=None) for one in [*left, *done.new]]


def test_what_is_the_same_is_not_written_again():
    there = kept(*wanted([span("docked", 0, 2), span("out", 2, 5)], []))

    done = writing(there, wanted([span("docked", 1, 2), span("out", 2, 6)], []), NOON + HOUR)

    assert (done.gone, done.ended, done.new) == ([], [], [])


def test_a_change_ends_what_was_and_begins_what_is():
    there = kept(*wanted([span("docked", 0, 2)], []))

    made = wanted([span("docked", 1, 3), span("out", 3, 4)], [])

    assert said(after(there, made, NOON + HOUR)) == [("docked", 0, 3), ("out", 3, None)]


def test_what_came_late_is_put_where_it_belongs():
    there = kept(
        *wanted([span("docked", 0, 2), span("unknown", 2, 6, heard=False), span("out", 6, 7)], [])
    )

    made = wanted([span("docked", 1, 3), span("recording", 3, 5), span("out", 5, 8)], [])

    assert said(after(there, made, NOON + HOUR)) == [
        ("docked", 0, 3),
        ("recording", 3, 5),
        ("out", 5, None),
    ]


states = st.sampled_from(["docked", "out", "charging", "recording"])


@given(st.lists(states, min_size=1, max_size=12), st.lists(states, min_size=1, max_size=12),
       st.integers(0, 11))  # fmt: skip
def test_writing_brings_what_is_kept_to_what_was_made(old, new, since):
    def whole(names, start):
        return wanted([span(name, start + n, start + n + 1) for n, name in enumerate(names)], [])

    since = min(since, len(old) - 1)
    there, made = kept(*whole(old, 0)), whole(new, since)

    found = after(there, made, NOON + since * HOUR)

    assert found[-1].until_at is None
    for one, following in pairwise(found):
        assert one.until_at == following.from_at
        assert not one.same(following)
    tail = [one for one in found if one.until_at is None or one.until_at > NOON + since * HOUR]
    assert [(one.state, one.until_at) for one in tail] == [
        (one.state, one.until_at) for one in made
    ]


# --- Kept in the database --------------------------------------------------------------------


@pytest.fixture
def camera(noon):
    return rows.a_camera(417, rows.a_station(), noon, health={})


def at_hour(camera, hour, **fields):
    return reading(camera, NOON + hour * HOUR, **fields)


def a_day(camera, hours, **fields):
    """A reading every quarter of an hour, received at once."""
    Reading.objects.bulk_create(
        at_hour(camera, quarter / 4, **fields)
        for quarter in range(int(hours[0] * 4), int(hours[1] * 4) + 1)
    )


def keep(hour):
    return actions.keep_intervals(now=NOON + hour * HOUR, policy=POLICY)


@pytest.mark.django_db
def test_readings_become_intervals_once(camera):
    a_day(camera, (0, 4))
    a_day(camera, (4.25, 8), docked=False, mode="buffering", battery_state="discharging")
    CameraHealth.objects.update(docked=False, heard_at=NOON + 8 * HOUR)

    assert keep(8) == 1
    first = said(Interval.objects.all())
    assert keep(8) == 1
    assert said(Interval.objects.all()) == first

    assert [state for state, _, _ in first] == ["charging", "out"]
    assert first[-1][2] is None
    assert all(one.heard and one.cause == "report" for one in Interval.objects.all())


@pytest.mark.django_db
def test_history_begins_with_the_first_word_however_often_it_is_made(camera):
    for hour in (1, 1.1, 1.2):
        Reading.objects.bulk_create([at_hour(camera, hour)])
        CameraHealth.objects.update(heard_at=NOON + hour * HOUR)
        keep(hour)

    assert said(Interval.objects.all()) == [("charging", 1, None)]


@pytest.mark.django_db
def test_a_late_batch_fills_the_gap_and_leaves_the_present(camera):
    a_day(camera, (0, 2))
    CameraHealth.objects.update(heard_at=NOON + 2 * HOUR, hearing="silent")
    Silence.objects.create(camera=camera, began_at=NOON + 2 * HOUR, detected_at=NOON + 2.1 * HOUR)
    keep(6)
    assert [one.state for one in Interval.objects.all()] == ["charging", "unknown"]

    late = [
        at_hour(camera, quarter / 4, docked=False, mode="recording", received_at=NOON + 7 * HOUR)
        for quarter in range(9, 25)
    ]
    Reading.objects.bulk_create(late)
    a_day(camera, (6.25, 7), battery_state="full")
    Silence.objects.update(ended_at=NOON + 6.25 * HOUR)
    CameraHealth.objects.update(heard_at=NOON + 7 * HOUR, hearing="heard")
    keep(7)

    assert [one.state for one in Interval.objects.all()] == ["charging", "recording", "docked"]
    assert Interval.objects.get(until_at=None).state == "docked"


@pytest.mark.django_db
def test_a_dock_that_saw_it_leave_is_the_cause_where_the_camera_says_nothing(camera):
    a_day(camera, (0, 1))
    Placement.objects.create(
        camera=camera, docked=False, at=NOON + 1.1 * HOUR, received_at=NOON + 1.1 * HOUR
    )
    CameraHealth.objects.update(docked=False, heard_at=NOON + 1.1 * HOUR)

    keep(5)

    assert [(one.state, one.cause) for one in Interval.objects.all()] == [
        ("charging", "report"),
        ("out", "placement"),
    ]


@pytest.mark.django_db
def test_service_is_history_too(camera):
    a_day(camera, (0, 4))
    CameraHealth.objects.update(heard_at=NOON + 4.25 * HOUR)
    keep(4.25)
    change_service(camera, ServiceState.LOST, reason="Gone", by=None, now=NOON + 4.25 * HOUR)

    keep(5)

    assert [one.state for one in Interval.objects.all()] == ["charging", "lost"]
    assert Interval.objects.get(until_at=None).from_at == NOON + 4.25 * HOUR


@pytest.mark.django_db
def test_keeping_costs_the_same_for_many_cameras(camera, noon):
    station = camera.station

    def cost(numbers, hour):
        for number in numbers:
            one = rows.a_camera(number, station, noon, health={})
            a_day(one, (hour, hour + 1))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            keep(hour + 1.5)
        return len(asked)

    few = cost([1], 2)

    assert cost(range(10, 60), 4) <= few
