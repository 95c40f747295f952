"""The fleet as it stood: what history proves, and unknown for what it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.access.people import Visible
from devices.board import past
from devices.health.models import DockSilence, Interval, Reading
from devices.policy import Policy
from tests import rows
from tests.health.test_history import reading

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def hq():
    return rows.a_station()


def was(camera, state, begins, ends, **fields):
    """The camera did this from one hour after noon to another; None is: it still does."""
    return Interval.objects.create(
        camera=camera,
        state=state,
        from_at=NOON + begins * HOUR,
        until_at=None if ends is None else NOON + ends * HOUR,
        detected_at=NOON,
        **{"heard": True, "cause": "report", **fields},
    )


def stood(hours, reach=Visible(), **asked):  # noqa: B008 (frozen)
    found, _ = past.at(reach, NOON + hours * HOUR, policy=Policy(), **{"most": 160, **asked})
    return found


@pytest.mark.parametrize(
    ("hours", "state", "since"),
    [
        (-0.5, "unknown", None),
        (0, "docked", 0),
        (1.99, "docked", 0),
        (2, "out", 2),
        (3.5, "unknown", None),  # between what is proved
        (4, "unknown", 4),
        (5, "repair", 5),
        (7, "lost", 6),
    ],
)
def test_a_camera_was_what_the_interval_over_that_moment_says(hq, hours, state, since):
    camera = rows.a_camera(1, hq, NOON - HOUR)
    was(camera, "docked", 0, 2, place="D01-1")
    was(camera, "out", 2, 3)
    was(camera, "unknown", 4, 5, heard=False, cause="silence")
    was(camera, "repair", 5, 6, heard=False, cause="service")
    was(camera, "lost", 6, None, heard=False, cause="service")

    (card,) = stood(hours)

    assert card.state == state
    assert card.since == (None if since is None else NOON + since * HOUR)


def test_a_camera_enrolled_later_is_not_there_nor_one_retired_by_then(hq):
    rows.a_camera(1, hq, NOON + HOUR)
    gone = rows.a_camera(2, hq, NOON - HOUR, service_state="retired")
    was(gone, "docked", 0, 1)
    was(gone, "retired", 1, None, heard=False, cause="service")

    assert [card.name for card in stood(0.5)] == ["C0002"]
    assert [card.name for card in stood(2)] == ["C0001"]


@pytest.mark.parametrize(
    ("hours", "dock"),
    [
        (1, ""),  # known
        (2.5, "D03"),
        (3.5, "D03"),  # not even an interval says what it did
        (4.5, ""),  # out, and so not in it
        (6.5, ""),  # it spoke again
    ],
)
def test_of_one_that_is_unknown_it_is_known_whether_its_dock_was_silent(hq, hours, dock):
    silent = rows.a_dock("D03", hq)
    DockSilence.objects.create(
        dock=silent, began_at=NOON + HOUR, detected_at=NOON + 2 * HOUR, ended_at=NOON + 6 * HOUR
    )
    camera = rows.a_camera(1, hq, NOON - HOUR)
    was(camera, "charging", 0, 2, place="D03-1")
    was(camera, "unknown", 2, 3, heard=False, cause="silence")
    was(camera, "out", 4, 4.25)
    was(camera, "docked", 5, 5.5, place="D03-1")

    (card,) = stood(hours)

    assert card.silent_dock == dock
    assert card.state == ("charging" if hours == 1 else "unknown")


def test_a_dock_that_is_still_silent_was_so_then(hq):
    silent = rows.a_dock("D-03", hq)
    DockSilence.objects.create(dock=silent, began_at=NOON + HOUR, detected_at=NOON + 2 * HOUR)
    camera = rows.a_camera(1, hq, NOON - HOUR)
    was(camera, "charging", 0, 1, place="D-03-1")

    assert [stood(hours)[0].silent_dock for hours in (0.5, 1, 9)] == ["", "D-03", "D-03"]


def test_its_battery_is_the_last_reading_near_enough_to_prove_it(hq):
    camera = rows.a_camera(1, hq, NOON - HOUR)
    Reading.objects.bulk_create(
        [
            reading(camera, NOON, battery_percent=71),
            reading(camera, NOON + HOUR, battery_percent=64),
        ]
    )

    percents = [stood(hours)[0].battery_percent for hours in (-0.1, 0.1, 0.9, 1)]

    assert percents == [None, 71, None, 64]


def test_nobody_sees_past_their_stations_or_their_own_camera(hq):
    north = rows.a_station("N", "North")
    officer = rows.Officer.objects.create(badge_number="201", station=hq)
    rows.a_camera(1, hq, NOON, officer=officer)
    rows.a_camera(2, hq, NOON)
    rows.a_camera(3, north, NOON)

    def numbers(reach, **asked):
        return [card.number for card in stood(1, reach, **asked)]

    assert numbers(Visible()) == [1, 2, 3]
    assert numbers(Visible(stations=frozenset({hq.pk}))) == [1, 2]
    assert numbers(Visible(stations=frozenset(), officer_id=officer.pk)) == [1]
    assert numbers(Visible(), station="N") == [3]
    assert numbers(Visible(stations=frozenset({hq.pk})), station="N") == []


def test_pages_hold_every_camera_once_in_as_many_queries_each():
    fleet = rows.a_fleet(NOON - HOUR, cameras=40)
    rows.a_camera(900, fleet.stations[0], NOON - HOUR)
    rows.a_camera(901, fleet.stations[0], NOON - HOUR)
    seen, after = [], ""

    for _ in range(10):
        with CaptureQueriesContext(connection) as asked:
            cards, after = past.at(Visible(), NOON, policy=Policy(), most=9, after=after)
        assert len(asked) == 1
        seen += [card.number for card in cards]
        if not after:
            break

    assert sorted(seen) == [*range(1, 41), 900, 901]
