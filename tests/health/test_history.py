from datetime import timedelta

import pytest

from devices.health import history
from devices.health.models import EarlierBoot, Placement, Reading, Silence
from devices.health.timeline import Evidence, State, spans
from devices.policy import Policy
from tests import rows

pytestmark = pytest.mark.django_db
POLICY = Policy()


@pytest.fixture
def camera(noon):
    return rows.a_camera(417, rows.a_station(), noon, health={})


def reading(camera, at, **fields):
    half_full = {"battery_percent": 50, "battery_state": "charging"}
    return rows.reading(camera, at, **{**half_full, **fields})


def a_day(camera, noon):
    """Readings every 15 minutes for a day, out from the eighth to the sixteenth hour."""
    start = noon - timedelta(days=1)
    Reading.objects.bulk_create(
        reading(
            camera,
            start + timedelta(minutes=15 * n),
            docked=not 32 <= n < 64,
            mode="buffering" if 32 <= n < 64 else "off",
            battery_percent=100 - n % 50,
        )
        for n in range(97)
    )


def test_a_day_of_readings_is_three_spans(camera, noon):
    a_day(camera, noon)

    evidence = history.evidence(
        camera.health, since=noon - timedelta(days=1), until=noon, policy=POLICY
    )
    found = spans(evidence, since=noon - timedelta(days=1), until=noon, policy=POLICY)

    assert [(span.state, span.lasted) for span in found] == [
        (State.CHARGING, timedelta(hours=8)),
        (State.OUT, timedelta(hours=8)),
        (State.CHARGING, timedelta(hours=8)),
    ]


def test_only_this_cameras_past_is_read(camera, noon):
    other = rows.a_camera(418, camera.station, noon, health={})
    a_day(other, noon)
    Placement.objects.create(camera=other, docked=False, at=noon, received_at=noon)
    Silence.objects.create(camera=other, began_at=noon, detected_at=noon)

    evidence = history.evidence(
        camera.health, since=noon - timedelta(days=1), until=noon, policy=POLICY
    )

    assert evidence == Evidence(heard_at=noon, stretches=[], placements=[], silences=[])


def test_the_placement_that_held_when_the_window_began_is_read_too(camera, noon):
    for hours, docked in ((50, True), (30, False), (5, True)):
        at = noon - timedelta(hours=hours)
        Placement.objects.create(camera=camera, docked=docked, at=at, received_at=at)

    evidence = history.evidence(
        camera.health, since=noon - timedelta(days=1), until=noon, policy=POLICY
    )

    assert [placed.docked for placed in evidence.placements] == [True, False]


def test_a_month_is_read_in_four_queries_and_few_rows(
    camera, noon, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(history, "MOST_READINGS", 50)
    a_day(camera, noon)
    since = noon - timedelta(days=30)

    with django_assert_max_num_queries(4):
        evidence = history.evidence(camera.health, since=since, until=noon, policy=POLICY)
        sampled = history.samples(camera.pk, since=since, until=noon, every=timedelta(hours=4))

    assert len(evidence.stretches) == 2
    assert len(sampled) == 5


def test_a_sample_keeps_the_last_the_lowest_and_the_highest(camera, noon):
    start = noon - timedelta(hours=4)
    Reading.objects.bulk_create(
        reading(camera, start + timedelta(minutes=n), battery_percent=percent)
        for n, percent in enumerate((50, 20, 90, 60))
    )

    (sample,) = history.samples(camera.pk, since=start, until=noon, every=timedelta(hours=4))

    assert (sample.percent, sample.lowest, sample.highest) == (60, 20, 90)


def test_reports_that_never_came_are_told_of_every_start(camera, noon):
    camera.health.boot, camera.health.received = 7, [0, 3, 9, 12]
    EarlierBoot.objects.create(camera=camera, boot=6, received=[5, 5, 7, 7])

    found = history.missing_reports(camera.health)

    assert [(gap.boot, gap.first, gap.last, gap.count) for gap in found] == [
        (7, 4, 8, 5),
        (6, 6, 6, 1),
    ]
