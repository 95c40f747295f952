"""The claim the product makes of itself: a normal shift change raises no alert, and nothing that
is not so is ever called ready. `make bench` (family `week`) lives through all 21 of a week."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from devices.access.people import Visible
from devices.alerts.models import Alert
from devices.custody.models import Custody, CustodyEvent
from devices.inventory.models import Camera
from devices.readiness import shifts
from devices.simulator.camera import HUNG
from devices.wire import Result
from tests.week.department import a_part, set_up
from tests.week.living import Living, Pace
from tests.week.probe import claims
from tests.week.sweeps import SWEEPS, Clocks
from tests.week.truth import Wanted

pytestmark = pytest.mark.django_db(transaction=True)  # as in life, each step is one of its own

SECOND = timedelta(seconds=1)
MONDAY = datetime(2026, 11, 16, 14, 10, tzinfo=ZoneInfo("America/New_York"))


def test_a_shift_change_in_which_every_camera_is_lifted_calls_for_nobody():
    pace = Pace(closely=timedelta(seconds=15))
    made = Living(set_up(MONDAY), MONDAY, pace=pace)

    made.plan_rounds(MONDAY + timedelta(hours=2))
    made.live(MONDAY + timedelta(hours=1, minutes=10))

    assert made.probe.found.looks == 60 + 40
    taken = CustodyEvent.objects.filter(verb="taken", via="desk").count()
    assert made.desks.counts["out: taken done"] == taken > 10
    assert made.desks.counts["back: held own"] > 10
    assert Custody.objects.open().filter(kind="loan").exists()
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


def test_what_is_wrong_for_seconds_between_two_looks_is_seen_by_a_glance_each_second(tmp_path):
    pace = Pace(usual=30 * SECOND, closely=30 * SECOND, glance=SECOND)
    made = Living(set_up(MONDAY, a_part(tmp_path, ["D16"])), MONDAY, pace=pace)
    made.live(MONDAY + timedelta(minutes=1))
    town = made.fleet.town
    hung = town.docks["D16"].bays[2]

    town.agenda.add(town.hour + 5.5 / 3600, lambda: hung.trouble.add(HUNG))
    town.agenda.add(town.hour + 12.5 / 3600, lambda: hung.trouble.discard(HUNG))
    made.live(MONDAY + timedelta(minutes=2))

    found = made.probe.found
    assert (found.glances, found.looks) == (120, 4)
    assert [wrong.why for wrong in found.false_ready] == ["says nothing"]
    assert sum(found.false_ready.values()) == pytest.approx(7 / 60)


def test_the_probe_sees_whatever_is_written_whoever_wrote_it(tmp_path):
    made = Living(set_up(MONDAY, a_part(tmp_path, ["D16"])), MONDAY)
    made.live_a_step()
    one, *others = made.probe.cards()
    assert "lost" not in {card.bucket for card in (one, *others)}

    Camera.objects.filter(serial=one.camera.serial).update(service_state="lost")

    assert [card.name for card in made.probe.cards() if card.bucket == "lost"] == [one.name]


def test_what_runs_down_where_nobody_hears_it_fell_short_and_left_ready():
    """And one that left with too little was never ready."""
    made = Living(set_up(MONDAY), MONDAY)
    made.live(MONDAY + timedelta(hours=2))
    cameras = made.fleet.town.cameras
    posts = {
        made.probe.serials[judged.camera.known.number]: judged
        for one in shifts.under_way(Visible(), now=made.now, policy=made.policy)
        for judged, unheard in claims(one)
        if unheard and made.fleet.patrol.worn.get(judged.need.badge)
    }
    drained, empty, *_ = [one for serial, one in cameras.items() if serial in posts]

    drained.battery.charge = 0.05
    made.truth.left[empty.serial] = (made.now, replace(empty.battery, charge=0.05))
    made.live_a_step()

    def named(found):
        return {wrong.camera for wrong in found}

    assert named(made.probe.found.fell_short) >= {posts[drained.serial].camera.name}
    assert named(made.probe.found.false_ready) == {posts[empty.serial].camera.name}


def test_a_camera_in_an_inspectors_hand_is_out_for_now_and_drains(tmp_path):
    made = Living(set_up(MONDAY, a_part(tmp_path, ["D16"])), MONDAY)
    lifted = made.fleet.town.docks["D16"].bays[2]
    made.plan_rounds(MONDAY + timedelta(hours=1))
    while lifted.docked:
        made.live_a_step()
    now, soon = Wanted(made.now), Wanted(made.now + timedelta(minutes=30), badge="nobody's")

    assert "is out" in made.truth.against(lifted, now)
    assert "is out" not in made.truth.against(lifted, soon)

    lifted.battery.charge = 8.0001 * made.truth.drain_h / 100  # enough for now, not for later
    assert "does not last" not in made.truth.against(lifted, now)
    assert "does not last" in made.truth.against(lifted, soon)


def test_no_alarm_clock_of_the_fleet_is_left_out():
    assert Clocks(MONDAY).due.keys() == SWEEPS.keys()
