"""The demonstration fleet has a past: its batteries are known from the first page on."""

from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from devices.battery import actions
from devices.battery.models import Battery, Forecast
from devices.management.commands.demo import EXAMPLE
from devices.management.past import Past
from tests import rows

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def told(noon):
    from devices.simulator import inventory

    station = rows.a_station()
    for n, row in enumerate(inventory.read(EXAMPLE).cameras):
        rows.a_camera(n + 1, station, noon, serial=row.serial)
    return Past(EXAMPLE, noon).tell()


def test_it_is_learnt_like_any_other_evidence_and_agrees_with_the_simulated_batteries(told, noon):
    actions.adopt(told.spells, told.months, told.forecasts, now=noon)

    known = Battery.objects.exclude(duty_percent_h=None).select_related("camera")
    assert len(known) > 50
    for one in known:
        simulated = told.town.cameras[one.camera.serial].battery
        assert one.buffering_percent_h == pytest.approx(6.5 / simulated.capacity, rel=0.03)
        assert one.capacity_percent == pytest.approx(100 * simulated.capacity, abs=2)
    off = [abs(one.hours - one.actual_hours) for one in Forecast.objects.all()]
    assert 0.1 < median(off) < 1.0


def test_a_night_on_which_clocks_change_is_as_long_as_it_was(noon, told):
    at = datetime(2026, 11, 2, 17, tzinfo=UTC)

    spells = [one for one in Past(EXAMPLE, at).tell().spells if not one.docked]

    nights = [one for one in spells if one.began_at.date() == date(2026, 11, 1)]
    assert {one.began_at.hour for one in nights} >= {3, 12}  # 23:00 and 07:00, as clocks showed
    for one in spells:
        lasted_h = (one.ended_at.astimezone(UTC) - one.began_at.astimezone(UTC)) / HOUR
        assert lasted_h == pytest.approx(one.buffering_h + one.recording_h + one.sleep_h)


def test_it_lies_in_the_past(told, noon):
    assert all(one.ended_at < noon for one in told.spells)
    assert all(noon >= one.settled_at > one.for_at for one in told.forecasts)
    assert min(one.began_at for one in told.spells) > noon - timedelta(days=45)
