"""The claim the product makes of itself: a normal shift change raises no alert, and nothing that
is not so is ever called ready. `make bench` (family `week`) lives through all 21 of a week."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from devices.alerts.models import Alert
from devices.simulator.camera import HUNG
from devices.wire import Result
from tests.week.department import a_part, set_up
from tests.week.living import Living
from tests.week.sweeps import SWEEPS, Clocks

pytestmark = pytest.mark.django_db(transaction=True)  # as in life, each step is one of its own

MONDAY = datetime(2026, 11, 16, 14, 10, tzinfo=ZoneInfo("America/New_York"))


def test_a_shift_change_in_which_every_camera_is_lifted_calls_for_nobody():
    made = Living(set_up(MONDAY), MONDAY)

    made.plan_rounds(MONDAY + timedelta(hours=2))
    made.live(MONDAY + timedelta(hours=1, minutes=10))

    assert made.counts["undocked"] > 120
    assert made.counts["docked"] > 240
    assert made.probe.found.ready > 0.5 * made.probe.found.judged
    assert made.counts[Result.REFUSED] == 0
    assert not Alert.objects.filter(fired_at__isnull=False).exists()
    assert made.probe.found.false_ready == {}
    assert made.probe.found.misplaced == {}


def test_the_probe_sees_what_is_said_and_is_not_so(tmp_path):
    made = Living(set_up(MONDAY, a_part(tmp_path, ["D16"])), MONDAY)
    made.live(MONDAY + timedelta(minutes=2))
    hung = made.fleet.town.docks["D16"].bays[2]

    hung.trouble.add(HUNG)
    made.live(MONDAY + timedelta(minutes=4))

    named = {(wrong.camera, wrong.why) for wrong in made.probe.found.false_ready}
    number = next(n for n, serial in made.probe.serials.items() if serial == hung.serial)
    assert named == {(f"C{number:04}", "says nothing")}


def test_no_alarm_clock_of_the_fleet_is_left_out():
    assert Clocks(MONDAY).due.keys() == SWEEPS.keys()
