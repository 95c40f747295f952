"""Faults of a model against camera-months: counted from enrolment, to retirement, honestly wide."""

from datetime import timedelta

import pytest

from devices.access.people import Visible
from devices.faults import rates
from devices.faults.models import Fault
from devices.inventory.models import ServiceChange, ServiceState
from tests import rows

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30.44)


def a_fault(camera, at, code="lens"):
    Fault.objects.create(
        camera=camera,
        code=code,
        severity="major",
        source="officer",
        opened_at=at,
        acknowledge_by=at,
        state="resolved",
        resolved_at=at,
    )


def of(noon, months=2, **said):
    return rates.rates(
        said.pop("reach", Visible()), since=noon - months * MONTH, until=noon, **said
    )


def test_a_rate_is_faults_in_a_hundred_camera_months(noon):
    station = rows.a_station()
    cameras = [rows.a_camera(n, station, noon - 9 * MONTH) for n in range(1, 11)]
    for n in range(3):
        a_fault(cameras[n], noon - MONTH)
    a_fault(cameras[0], noon - 3 * MONTH)  # before the span
    a_fault(cameras[0], noon - MONTH, "battery_low")  # comes and goes

    (found,) = of(noon)

    assert (found.faults, found.cameras, round(found.months)) == (3, 10, 20)
    assert round(found.per_100, 1) == 15.0
    assert found.low < found.per_100 < found.high
    assert found.codes == {"lens": 3}


def test_a_camera_counts_from_its_enrolment_until_it_was_retired(noon):
    station = rows.a_station()
    rows.a_camera(1, station, noon - MONTH)
    gone = rows.a_camera(2, station, noon - 9 * MONTH, service_state=ServiceState.RETIRED)
    ServiceChange.objects.create(
        camera=gone,
        before="in_service",
        after="retired",
        reason="old",
        at=noon - 1.5 * MONTH,
    )
    rows.a_camera(3, station, noon + MONTH)

    (found,) = of(noon)

    assert (found.cameras, round(found.months, 2)) == (2, 1.5)


def test_only_cameras_within_reach_count(noon):
    hq, north = rows.a_station(), rows.a_station("N", "North")
    rows.a_camera(1, hq, noon - 9 * MONTH)
    a_fault(rows.a_camera(2, north, noon - 9 * MONTH), noon - MONTH)

    (own,) = of(noon, reach=Visible(frozenset({hq.pk})))
    (chosen,) = of(noon, station="N")

    assert (own.cameras, own.faults) == (1, 0)
    assert (chosen.cameras, chosen.faults) == (1, 1)


def test_less_than_a_camera_year_says_nothing(noon):
    station = rows.a_station()
    for n in range(1, 6):
        rows.a_camera(n, station, noon - 9 * MONTH)

    (young,) = of(noon, months=2)
    (old,) = of(noon, months=3)

    assert (young.known, old.known) == (False, True)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.69), (1, 0.03, 5.57), (10, 4.80, 18.39), (100, 81.36, 121.63)],
)
def test_the_limits_are_those_of_poissons_tables(count, low, high):
    found = rates.interval(count)

    assert found == (pytest.approx(low, abs=0.06), pytest.approx(high, rel=0.02))
