"""What goes wrong in a part of West Hartford, through the same loop: docks speak, sweeps ring, and
what the product says is held against what is so at every step."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from devices.access.people import Visible
from devices.alerts.models import Alert
from devices.board.sql import BUCKET
from devices.health.models import CameraHealth, Interval, Reading
from devices.inventory.models import Camera
from devices.readiness import facts, shifts
from devices.readiness.facts import select
from devices.readiness.rules import Blocker, Fit
from devices.readiness.silence import why_silent
from devices.readiness.sql import COUNTED
from devices.simulator.inventory import BayAddress
from devices.simulator.scenarios import Ailment
from tests.week.department import a_part, set_up
from tests.week.living import Living, Pace

pytestmark = pytest.mark.django_db(transaction=True)  # a day in one transaction slows down

# D15 and D16 hold eight cameras each and D17 has a bay to spare. On this Monday nobody of D16 has
# a day shift.
ELMWOOD = ("D15", "D16", "D17", "D18")
MONDAY = datetime(2026, 11, 16, 10, tzinfo=ZoneInfo("America/New_York"))
WEDNESDAY = MONDAY + timedelta(days=2)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
YEAR_S = 365.25 * 86_400


def living(tmp_path, now, *docks, step=3 * MINUTE, ailments=()) -> Living:
    department = set_up(now, a_part(tmp_path, docks), ailments=ailments)
    return Living(department, now, pace=Pace(usual=step, closely=step))


def firing() -> list[tuple[str, str]]:
    return sorted((one.rule, one.subject) for one in Alert.objects.all() if one.firing)


def at_home_in(dock: str) -> set[str]:
    homes = Camera.objects.filter(home_bay__dock__code=dock)
    return set(homes.values_list("serial", flat=True))


def buckets(made: Living, dock: str) -> dict[str, str]:
    """Where the board shows the cameras of this dock, by serial."""
    shown = select(f"SELECT c.serial, {BUCKET} {COUNTED}", charged=made.policy.charged_percent)
    homes = at_home_in(dock)
    return {serial: bucket for serial, bucket in shown if serial in homes}


def fits(made: Living, dock: str) -> list[Fit]:
    known, homes = dict(facts.read(None, now=made.now)).values(), at_home_in(dock)
    here = (one for one in known if made.probe.serials[one.number] in homes)
    return [one.judged(None, made.policy, made.now).fit for one in here]


def test_a_dock_that_is_down_is_one_alert_and_its_eight_cameras_are_unknown(tmp_path):
    made = living(tmp_path, MONDAY, *ELMWOOD, step=MINUTE)
    made.live(made.now + 3 * MINUTE)
    assert set(buckets(made, "D16").values()) == {"docked"}
    assert fits(made, "D16") == [Fit.YES] * 8

    made.cut = {"D16"}
    made.live(made.now + 40 * MINUTE)

    assert firing() == [("dock_silent", "dock:D16")]
    assert set(buckets(made, "D16").values()) == {"unknown"}
    assert "unknown" not in buckets(made, "D15").values()
    assert not Alert.objects.exclude(rule="dock_silent").exists()
    assert fits(made, "D16") == [Fit.UNKNOWN] * 8

    made.cut = set()
    made.live(made.now + 4 * MINUTE)

    assert firing() == []
    assert fits(made, "D16") == [Fit.YES] * 8
    assert not made.probe.found.false_ready


def test_a_batch_that_is_six_hours_late_fills_history_and_changes_nothing_present(tmp_path):
    made = living(tmp_path, MONDAY, "D16", "D17")
    made.live(made.now + 6 * MINUTE)
    began, moved = made.now, made.fleet.town.docks["D16"].bays[2]
    starts = {camera.serial: camera.boot for camera in made.fleet.town.cameras.values()}
    made.cut = {"D16"}
    made.live(began + 2 * HOUR)
    made.fleet.town.take(moved)
    made.fleet.town.put(moved, BayAddress("D17", 8))
    made.live(began + 6 * HOUR)
    health = CameraHealth.objects.get(camera__serial=moved.serial)
    there = (str(health.bay), health.since, health.docked)
    stayed = [
        serial
        for serial in at_home_in("D16") - {moved.serial}
        if made.fleet.town.cameras[serial].boot == starts[serial]
    ]
    assert len(stayed) > 3
    assert there[0] == "D17-8"
    assert not Reading.objects.filter(camera__serial__in=stayed, at__gt=began).exists()

    made.cut = set()
    made.live(made.now + 6 * MINUTE)

    health = CameraHealth.objects.get(camera__serial=moved.serial)
    assert (str(health.bay), health.since, health.docked) == there
    for serial in stayed:
        readings = Reading.objects.filter(camera__serial=serial, at__gt=began)
        kept = [began, *readings.order_by("at").values_list("at", flat=True)]
        assert max(b - a for a, b in pairwise(kept)) < 19 * MINUTE
    turned = Interval.objects.filter(camera__serial__in=stayed, from_at__gt=began)
    assert set(turned.values_list("state", flat=True)) <= {"charging", "docked"}
    assert not made.probe.found.false_ready


def test_clocks_a_year_off_misplace_nothing_and_one_that_is_never_heard_is_unknown(tmp_path):
    """That one lies in a drawer since before it was enrolled: two troubles, one life."""
    made = living(tmp_path, MONDAY, "D15", "D16")
    mute = made.fleet.town.docks["D16"].bays[3]
    made.put_in_a_drawer(mute)
    ahead, behind = (made.fleet.town.docks["D16"].bays[n] for n in (1, 2))
    ahead.clock.wrong_s, behind.clock.wrong_s = YEAR_S, -YEAR_S
    dock = next(voice for voice in made.fleet.docks if voice.name == "D15")
    dock.clock.wrong_s = -YEAR_S

    made.live(MONDAY + 57 * MINUTE)
    assert not [rule for rule, _ in firing() if rule == "camera_never_heard"]
    made.live(MONDAY + 2 * HOUR + 12 * MINUTE)

    assert_never_heard(made, mute.serial)
    numbers = Camera.objects.filter(serial__in=(ahead.serial, behind.serial))
    wrong = {f"camera:{number}" for number in numbers.values_list("number", flat=True)}
    assert {subject for rule, subject in firing() if rule == "clock_wrong"} == wrong
    assert fits(made, "D16").count(Fit.NO) == 2
    assert Fit.YES in fits(made, "D15")
    assert not Reading.objects.filter(at__gt=made.now).exists()
    assert not Reading.objects.filter(at__lt=MONDAY - 5 * MINUTE, docked=True).exists()
    assert not made.probe.found.misplaced
    assert not made.probe.found.false_ready


def assert_never_heard(made: Living, serial: str) -> None:
    """It calls, the board says unknown, it is not ready, and why it is silent is said."""
    unheard = Camera.objects.get(serial=serial)
    assert ("camera_never_heard", f"camera:{unheard.number}") in firing()
    assert buckets(made, "D16")[serial] == "unknown"
    known = dict(facts.read([unheard.pk], now=made.now))[unheard.pk]
    judged = known.judged(None, made.policy, made.now)
    assert (judged.fit, judged.reasons[0].blocker) == (Fit.UNKNOWN, Blocker.NEVER_HEARD)
    why = why_silent(known, place="", held=None, policy=made.policy, now=made.now)
    assert why is not None
    assert why.sentence == f"{unheard.name} has never been heard."
    assert not Reading.objects.filter(camera=unheard).exists()


def test_a_battery_epidemic_is_found_before_the_shift_that_it_would_hurt(tmp_path):
    """Two hours in which most batteries lose more than half, and two more to the evening shift."""
    ailing = Ailment(after_h=1.0, over_h=2.0, cameras_percent=70, capacity_percent=60)
    made = living(tmp_path, WEDNESDAY, "D15", "D16", ailments=(ailing,))

    made.live(WEDNESDAY + 4 * HOUR + 30 * MINUTE)

    evening = shifts.coming(Visible(), now=made.now, policy=made.policy)[0]
    assert evening.shift.begins_at - made.now == HOUR / 2
    weak = [post for post in evening.posts if _lasts_less_than(made, post, hours=8)]
    assert weak
    assert all(post.reason.blocker is Blocker.BATTERY for post in weak)
    assert ("shift_short", f"shift:{evening.shift.id}") in firing()
    found = Alert.objects.get(rule="battery_drop")
    assert found.firing
    assert evening.shift.begins_at - found.fired_at > 2 * HOUR
    assert not made.probe.found.false_ready


def _lasts_less_than(made: Living, post, *, hours: float) -> bool:
    camera = made.fleet.town.cameras[made.probe.serials[post.judged.camera.known.number]]
    return 100 * camera.battery.capacity / made.truth.drain_h < hours
