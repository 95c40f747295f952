"""The sweep over committed facts: one row for each thing that is wrong, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from devices.access.models import Quarantined
from devices.alerts import actions, conditions
from devices.alerts.actions import InForce, Span
from devices.alerts.catalogue import CATALOGUE
from devices.alerts.models import Alert, Quiet
from devices.alerts.rules import Terms
from devices.department.actions import decide
from devices.errors import Refused
from devices.faults.models import Fault
from devices.health.models import CameraHealth, DockHealth
from devices.health.rules import off_by
from tests.rows import a_camera, a_dock, a_fleet, a_station

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def dock(noon):
    """D03 with its eight cameras, all well."""
    station = a_station()
    dock = a_dock("D03", station)
    DockHealth.objects.create(dock=dock, hearing="heard", heard_at=noon)
    for bay in dock.bays.all():
        a_camera(
            bay.position,
            station,
            noon,
            home_bay=bay,
            health={"bay": bay, "storage_free_mb": 60_000},
        )
    return dock


def silent(dock, noon, *, since=timedelta()):
    DockHealth.objects.filter(dock=dock).update(hearing="silent", heard_at=noon - since)
    CameraHealth.objects.filter(bay__dock=dock).update(hearing="silent", heard_at=noon - since)


def firing():
    return [(one.rule, one.subject) for one in Alert.objects.calling().order_by("rule", "subject")]


def test_every_rule_can_be_seen():
    assert conditions.every_rule_is_seen()


def test_a_well_fleet_has_no_alert(dock, noon):
    for minute in range(0, 60, 5):
        actions.sweep(now=noon + minute * MINUTE)

    assert not Alert.objects.exists()


def test_a_dock_that_goes_down_is_one_alert_and_its_cameras_none(dock, noon):
    silent(dock, noon, since=40 * MINUTE)

    actions.sweep(now=noon)

    assert firing() == [("dock_silent", "dock:D03")]
    alert = Alert.objects.get()
    assert alert.words == "Dock D03 does not report."
    assert alert.began_at == noon - 40 * MINUTE


def test_cameras_still_silent_when_their_dock_is_back_call_for_themselves(dock, noon):
    silent(dock, noon, since=40 * MINUTE)
    actions.sweep(now=noon)
    DockHealth.objects.update(hearing="heard", heard_at=noon)

    for minute in (1, 4, 5):
        actions.sweep(now=noon + minute * MINUTE)

    assert [rule for rule, _ in firing()] == ["camera_silent"] * 8


def test_what_was_about_to_call_does_not_when_its_cause_shows(dock, noon):
    camera = CameraHealth.objects.filter(bay__dock=dock).first()
    CameraHealth.objects.filter(pk=camera.pk).update(hearing="silent", heard_at=noon)
    actions.sweep(now=noon + 25 * MINUTE)
    assert Alert.objects.get().rule == "camera_silent"

    silent(dock, noon + 20 * MINUTE)
    actions.sweep(now=noon + 26 * MINUTE)
    actions.sweep(now=noon + 40 * MINUTE)

    assert firing() == [("dock_silent", f"dock:{dock.code}")]


def test_a_silent_camera_whose_dock_fails_later_points_to_the_dock(dock, noon):
    CameraHealth.objects.filter(camera__number=1).update(
        hearing="silent", heard_at=noon - 40 * MINUTE
    )
    actions.sweep(now=noon)
    assert firing() == [("camera_silent", "camera:1")]

    silent(dock, noon, since=40 * MINUTE)
    actions.sweep(now=noon + MINUTE)

    assert firing() == [("dock_silent", "dock:D03")]
    camera = Alert.objects.get(rule="camera_silent")
    assert camera.cause == Alert.objects.get(rule="dock_silent")


def test_an_alert_clears_after_good_reports_and_stays_to_be_seen(dock, noon):
    silent(dock, noon, since=10 * MINUTE)
    actions.sweep(now=noon)
    DockHealth.objects.update(hearing="heard")
    CameraHealth.objects.update(hearing="heard")

    actions.sweep(now=noon + MINUTE)
    assert firing()
    actions.sweep(now=noon + 3 * MINUTE)

    assert not firing()
    cleared = Alert.objects.get(rule="dock_silent")
    assert cleared in Alert.objects.shown()
    actions.acknowledge([cleared], note="Switch restarted", by=None, now=noon + 4 * MINUTE)
    assert not Alert.objects.shown().exists()


def test_looking_twice_is_looking_once(dock, noon):
    silent(dock, noon, since=10 * MINUTE)

    assert actions.sweep(now=noon) == 1
    assert actions.sweep(now=noon) == 0


def test_the_database_itself_refuses_a_second_open_alert(dock, noon):
    silent(dock, noon, since=10 * MINUTE)
    actions.sweep(now=noon)
    twin = Alert.objects.get()
    twin.pk = None

    with pytest.raises(IntegrityError, match="one_open_alert_per_rule_and_subject"):
        twin.save(force_insert=True)


@pytest.mark.parametrize(
    ("health", "rule"),
    [
        ({"offload": "failed", "clips_waiting": 3}, "offload_failed"),
        ({"storage_free_mb": 1500}, "storage_low"),
        ({"device_time": datetime(2030, 1, 1, 13, tzinfo=UTC)}, "clock_wrong"),  # at noon
        ({"hearing": "silent"}, "camera_silent"),
        ({"docked": False, "bay_id": None}, "camera_away"),
    ],
)
def test_each_rule_of_a_camera_opens_and_clears(dock, noon, health, rule):
    row = CameraHealth.objects.filter(camera__number=3)
    well = row.values(*health).get()
    row.update(**health)
    actions.sweep(now=noon)
    later = noon + timedelta(days=8)
    DockHealth.objects.update(heard_at=later)

    actions.sweep(now=later)
    assert (rule, "camera:3") in firing()

    row.update(**well)
    actions.sweep(now=later + MINUTE)
    actions.sweep(now=later + 10 * MINUTE)
    assert not firing()


def test_a_camera_on_patrol_calls_for_nobody(dock, noon):
    CameraHealth.objects.update(docked=False, bay=None, mode="buffering", heard_at=noon)

    actions.sweep(now=noon + timedelta(hours=20))

    assert not Alert.objects.exists()


def test_a_camera_in_repair_calls_for_nobody(dock, noon):
    silent(dock, noon, since=40 * MINUTE)
    DockHealth.objects.update(hearing="heard")
    dock.station.cameras.update(service_state="in_repair")

    actions.sweep(now=noon)

    assert not Alert.objects.exists()


def test_a_camera_never_heard_is_told_after_an_hour(dock, noon):
    a_camera(99, dock.station, noon)

    actions.sweep(now=noon + 59 * MINUTE)
    assert not firing()
    actions.sweep(now=noon + 60 * MINUTE)
    assert firing() == [("camera_never_heard", "camera:99")]


def test_a_stranger_calls_until_it_is_settled(dock, noon):
    stranger = Quarantined.objects.create(
        kind="unknown_serial", serial="X1", dock=dock, first_at=noon, last_at=noon
    )
    actions.sweep(now=noon)
    assert firing() == [("stranger", "stranger:D03")]

    stranger.settled_at = noon
    stranger.save()
    actions.sweep(now=noon + MINUTE)
    assert not firing()


def test_faults_call_by_their_gravity_and_when_nobody_takes_them(dock, noon):
    camera = dock.station.cameras.get(number=2)
    fault = Fault.objects.create(
        camera=camera,
        code="lens_blocked",
        severity="critical",
        source="camera",
        opened_at=noon,
        acknowledge_by=noon + 15 * MINUTE,
    )

    actions.sweep(now=noon)
    assert firing() == [("fault_critical", f"fault:{fault.pk}")]
    actions.sweep(now=noon + 15 * MINUTE)
    assert [rule for rule, _ in firing()] == ["fault_critical", "fault_overdue"]

    Fault.objects.update(state="resolved")
    actions.sweep(now=noon + 16 * MINUTE)
    assert not firing()


@pytest.mark.parametrize(
    ("health", "said", "value", "limit"),
    [
        ({"storage_free_mb": 1500}, "C0003 is nearly full: 1.5 GB free.", "1.5 GB free", "4 GB"),
        ({"hearing": "silent"}, "C0003 sits in its dock and does not report.", "", "30 min"),
        (
            {"offload": "failed", "clips_waiting": 3},
            "Recordings do not come off C0003: 3 clips wait.", "", "60 min",
        ),
        ({"docked": False, "bay_id": None},
         "C0003 has been away from every dock for 8 days.", "8 days", "7 days"),
    ],
)  # fmt: skip
def test_each_number_stands_beside_what_it_is_compared_with(dock, noon, health, said, value, limit):
    CameraHealth.objects.filter(camera__number=3).update(**health)
    DockHealth.objects.update(heard_at=noon + timedelta(days=8))
    for days in (0, 8):
        actions.sweep(now=noon + timedelta(days=days))

    alert = Alert.objects.get()
    assert (alert.words, alert.value, alert.limit) == (said, value, limit)
    assert alert.address == "/cameras/3/"


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (10 * MINUTE, "10 min ahead"),
        (timedelta(seconds=121), "3 min ahead"),  # more than the two that are allowed
        (timedelta(hours=2, minutes=59), "2 h ahead"),
        (-95 * MINUTE, "95 min behind"),
        (timedelta(hours=25), "25 h ahead"),
        (timedelta(days=-365), "365 days behind"),
    ],
)
def test_a_wrong_clock_is_told_by_how_far_it_is_off(dock, noon, off, said):
    assert off_by(off) == said  # as readiness says it
    CameraHealth.objects.filter(camera__number=3).update(device_time=noon + off)
    for hours in (0, 2):
        actions.sweep(now=noon + timedelta(hours=hours))

    alert = Alert.objects.get()
    assert alert.words == f"C0003's clock is wrong: it is {said}."
    assert (alert.value, alert.limit) == (said, "2 min")


def test_a_clock_is_wrong_by_the_limit_in_force_and_not_by_that_of_its_report(dock, noon):
    three_ahead = {"device_time": noon + 3 * MINUTE, "clock_wrong": True}
    CameraHealth.objects.filter(camera__number=3).update(**three_ahead)
    decide({"clock_tolerance": 5}, reason="Slow docks", based_on=0, by=None, now=noon)
    for hours in (0, 2):
        actions.sweep(now=noon + timedelta(hours=hours))

    assert not firing()


def test_a_fault_that_nobody_took_is_told_with_its_age_and_leads_to_itself(dock, noon):
    fault = Fault.objects.create(
        camera=dock.station.cameras.get(number=2),
        code="lens_blocked",
        severity="minor",
        source="camera",
        opened_at=noon,
        acknowledge_by=noon + 15 * MINUTE,
    )

    actions.sweep(now=noon + 20 * MINUTE)

    alert = Alert.objects.get()
    assert (alert.began_at, alert.value, alert.limit) == (noon + 15 * MINUTE, "20 min", "15 min")
    assert alert.words == "Nobody acknowledged a fault of C0002 in time: lens blocked."
    assert alert.address == f"/faults/{fault.pk}/"


def test_the_patience_with_a_fault_that_nobody_takes_begins_at_its_deadline(dock, noon):
    Fault.objects.create(
        camera=dock.station.cameras.get(number=2),
        code="lens_blocked",
        severity="minor",
        source="camera",
        opened_at=noon,
        acknowledge_by=noon + timedelta(hours=24),
    )
    patient = InForce(
        CATALOGUE["fault_overdue"], Terms("major", 10 * MINUTE, timedelta()), limit=None
    )
    actions.change_rule(patient, reason="Roll call", by=None, now=noon)

    for minutes, called in ((0, []), (9, []), (10, ["24 h"])):
        actions.sweep(now=noon + timedelta(hours=24, minutes=minutes))
        fired = Alert.objects.filter(fired_at__isnull=False)
        assert [one.limit for one in fired] == called


def test_only_what_has_no_number_has_no_limit():
    compared = conditions.LIMITS.keys() | conditions.BY_TIME | {"fault_overdue"}
    without = {code for code, rule in CATALOGUE.items() if not rule.limit} - compared

    assert without == {"fault_critical", "stranger", "camera_found", "leaver_holds"}


# --- What people do ------------------------------------------------------------------------


@pytest.fixture
def alert(dock, noon):
    silent(dock, noon, since=10 * MINUTE)
    actions.sweep(now=noon)
    return Alert.objects.get()


def test_acknowledging_stops_the_call_but_not_the_alert(alert, noon):
    actions.acknowledge([alert], note="On my way", by=None, now=noon)

    assert not firing()
    assert Alert.objects.shown().get().firing


def test_an_acknowledgement_ends_when_the_thing_comes_back(alert, dock, noon):
    actions.acknowledge([alert], note="", by=None, now=noon)
    DockHealth.objects.update(hearing="late")
    actions.sweep(now=noon + 5 * MINUTE)
    assert not firing()  # between good and bad: nothing moves

    DockHealth.objects.update(hearing="heard")
    CameraHealth.objects.update(hearing="heard")
    for minute in (6, 9):
        actions.sweep(now=noon + minute * MINUTE)
    silent(dock, noon, since=-10 * MINUTE)
    for minute in (11, 17):
        actions.sweep(now=noon + minute * MINUTE)

    assert firing() == [("dock_silent", "dock:D03")]


def test_two_people_acknowledge_once(alert, noon):
    actions.acknowledge([alert], note="", by=None, now=noon)

    with pytest.raises(Refused, match="already"):
        actions.acknowledge([alert], note="", by=None, now=noon)


def test_a_silence_has_a_reason_and_an_end_and_is_for_what_fires(alert, noon):
    for until, reason, said in (
        (noon + MINUTE, " ", "Say why"),
        (noon, "Known", "later than now"),
        (noon + timedelta(days=31), "Known", "within 30 days"),
    ):
        with pytest.raises(Refused, match=said):
            actions.silence(alert, until=until, reason=reason, by=None, now=noon)

    quiet = actions.silence(
        alert, until=noon + 60 * MINUTE, reason="Cable ordered", by=None, now=noon
    )
    alert.refresh_from_db()
    assert alert.suppressed_why == "Silence: Cable ordered"
    assert not firing()

    actions.end_quiet(quiet, by=None, now=noon + MINUTE)
    assert firing()


def test_a_silence_ends_by_itself(alert, noon):
    actions.silence(alert, until=noon + MINUTE, reason="Known", by=None, now=noon)

    actions.sweep(now=noon + 2 * MINUTE)

    assert firing()


def test_maintenance_covers_a_dock_and_its_cameras_only(dock, noon):
    span = Span(noon, noon + 60 * MINUTE)
    other = a_station("N", "North")
    with pytest.raises(Refused, match="does not stand at North"):
        actions.maintain(other, dock, span, reason="New switch", by=None, now=noon)

    actions.maintain(dock.station, dock, span, reason="New switch", by=None, now=noon)
    silent(dock, noon, since=10 * MINUTE)
    actions.sweep(now=noon + MINUTE)

    assert not firing()
    assert Alert.objects.get().suppressed_why == "Maintenance: New switch"
    assert Quiet.objects.in_force(noon + MINUTE).count() == 1


def test_a_rule_that_is_switched_off_lets_its_alerts_go(alert, noon):
    rule = CATALOGUE["dock_silent"]
    actions.change_rule(
        InForce(rule, rule.terms, None, enabled=False), reason="Test", by=None, now=noon
    )

    actions.sweep(now=noon + MINUTE)

    assert not Alert.objects.filter(resolved_at=None).exists()


def test_a_rules_number_and_patience_are_in_force_at_the_next_look(dock, noon):
    rule = CATALOGUE["storage_low"]
    terms = Terms("critical", timedelta(), timedelta())
    actions.change_rule(InForce(rule, terms, 60.0), reason="Big event", by=None, now=noon)
    CameraHealth.objects.filter(camera__number=1).update(storage_free_mb=59_000)

    actions.sweep(now=noon)

    alert = Alert.objects.get()
    assert (alert.rule, alert.severity, alert.limit) == ("storage_low", "critical", "60 GB")


@pytest.mark.parametrize(
    ("terms", "limit", "said"),
    [
        (Terms("loud", MINUTE, MINUTE), 4.0, "how grave"),
        (Terms("minor", -MINUTE, MINUTE), 4.0, "between no time and 7 days"),
        (Terms("minor", MINUTE, timedelta(days=8)), 4.0, "between no time and 7 days"),
        (Terms("minor", MINUTE, MINUTE), 0.0, "between 0.5 and 64 GB"),
        (Terms("minor", MINUTE, MINUTE), None, "between 0.5 and 64 GB"),
    ],
)
def test_a_rule_out_of_its_bounds_is_refused(noon, terms, limit, said):
    with pytest.raises(Refused, match=said):
        actions.change_rule(
            InForce(CATALOGUE["storage_low"], terms, limit), reason="Why", by=None, now=noon
        )


def test_a_sweep_asks_as_many_questions_of_a_large_fleet_as_of_a_small_one(
    noon, django_assert_max_num_queries
):
    a_fleet(noon, cameras=300)
    with django_assert_max_num_queries(len(CATALOGUE) + 12):
        actions.sweep(now=noon + timedelta(hours=3))
