"""The sweep over committed facts: one row for each thing that is wrong, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from devices.access.models import DeviceToken, Quarantined
from devices.alerts import actions, conditions, looking
from devices.alerts.actions import InForce, Span
from devices.alerts.catalogue import CATALOGUE, Pace
from devices.alerts.looking import Unlooked
from devices.alerts.models import Alert, Quiet, RuleChange
from devices.alerts.replays import replay
from devices.alerts.rules import Terms
from devices.custody.models import Desk, DeskKind
from devices.department import current
from devices.department.actions import decide
from devices.desk.kiosk.models import KioskPin
from devices.errors import Refused
from devices.faults.models import Fault, Repair
from devices.health.models import CameraHealth, DockHealth
from devices.health.rules import off_by
from devices.inventory import codes
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.rows import a_camera, a_dock, a_fleet, a_station, an_alert, person

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


def test_what_is_named_by_a_number_is_no_camera(dock, noon):
    kiosk = Desk.objects.create(station=dock.station, name="7", kind=DeskKind.KIOSK)
    officer = Officer.objects.create(badge_number="1031", station=dock.station)
    KioskPin.objects.create(
        officer=officer, digest="x", set_at=noon, set_by=person(Role.IT),
        locked_until=noon + 60 * MINUTE, locked_at=kiosk,
    )  # fmt: skip

    actions.sweep(now=noon)

    alert = Alert.objects.get(rule="pin_locked")
    assert (alert.name, alert.words) == ("7", "A PIN was typed wrong five times at 7.")


@pytest.mark.parametrize("number", [9, 417, 12345])
def test_a_camera_is_called_as_people_call_it(dock, noon, number):
    a_camera(number, dock.station, noon - timedelta(days=30))

    actions.sweep(now=noon)

    alert = Alert.objects.get(rule="camera_never_heard", subject=f"camera:{number}")
    assert alert.name == codes.name(number)


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


def test_how_long_a_repair_may_take_is_the_policys_number_and_no_other(dock, noon):
    """Nor one that was decided as the rule's own, while it had one."""
    by = person(Role.QUARTERMASTER, dock.station)
    Repair.objects.create(
        camera=dock.station.cameras.get(number=2), maintainer="Maker", reason="Lens",
        cannot_sanitise="No boot", approved_by=by, sent_at=noon,
    )  # fmt: skip
    decide({"repair_at_most": 60}, reason="Slow maker", based_on=0, by=None, now=noon)
    delivered = actions.in_force()["repair_long"]
    RuleChange.objects.create(
        rule="repair_long", enabled=True, severity="minor", opens_after=timedelta(),
        clears_after=timedelta(), limit=45, reason="Slow maker", at=noon, by=None,
    )  # fmt: skip
    assert delivered == actions.in_force()["repair_long"]
    assert delivered.as_delivered

    repair = Repair.objects.get()
    for days, called in ((46, []), (59, []), (60, [("repair_long", f"repair:{repair.pk}")])):
        at = noon + timedelta(days=days)
        actions.sweep(now=at)
        assert firing() == called
        assert Repair.objects.late(current.policy(), at).exists() == bool(called)

    assert Alert.objects.get().limit == "60 days"
    since = noon + timedelta(days=50)
    found = replay(delivered, since=since, until=noon + timedelta(days=61))
    assert found.last == (noon + timedelta(days=60),)


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
    compared = conditions.LIMITS.keys() | conditions.BY_TIME | {"fault_overdue", "fault_unmended"}
    without = {code for code, rule in CATALOGUE.items() if not rule.limit} - compared

    assert without == {
        "fault_critical", "stranger", "camera_lost", "camera_found", "leaver_holds",
        "rollout_stopped",
    }  # fmt: skip


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


def test_a_silence_ends_when_what_was_well_comes_again(dock, alert, noon):
    week = noon + timedelta(days=7)
    actions.silence(alert, until=week, reason="Cable ordered", by=None, now=noon)
    other = an_alert("dock_silent", "D77")
    kept = actions.silence(other, until=week, reason="Moved", by=None, now=noon)
    DockHealth.objects.update(hearing="heard")
    for minute in (1, 4):
        actions.sweep(now=noon + minute * MINUTE)
    assert not Quiet.objects.exclude(ended_at=None).exists()

    silent(dock, noon + timedelta(hours=10))
    actions.sweep(now=noon + timedelta(hours=10, minutes=6))

    assert ("dock_silent", "dock:D03") in firing()
    alert.refresh_from_db()
    assert (alert.times, alert.suppressed_why) == (2, "")
    assert list(Quiet.objects.filter(ended_at=None)) == [kept]
    entry = LedgerEntry.objects.get(verb="quiet ended")
    assert (entry.actor, entry.subject) == (None, "Silence: Cable ordered")
    assert entry.facts == {
        "alert": "D03", "rule": "dock_silent", "why": "It was well, and came again.",
    }  # fmt: skip


def test_maintenance_outlasts_what_comes_again(dock, alert, noon):
    hours = timedelta(hours=1)
    span = Span(noon, noon + 12 * hours)
    actions.maintain(dock.station, dock, span, reason="New switch", by=None, now=noon)
    DockHealth.objects.update(hearing="heard")
    for minute in (1, 4):
        actions.sweep(now=noon + minute * MINUTE)

    silent(dock, noon + 10 * hours)
    actions.sweep(now=noon + 10 * hours + 6 * MINUTE)

    alert.refresh_from_db()
    assert (alert.times, alert.suppressed_why) == (2, "Maintenance: New switch")
    assert not Quiet.objects.exclude(ended_at=None).exists()


def test_a_silence_of_what_comes_and_goes_lasts(dock, alert, noon):
    at = noon + MINUTE
    for _ in range(3):
        at = comes_and_goes(dock, at)
    alert.refresh_from_db()
    assert alert.flapping
    actions.silence(alert, until=at + timedelta(days=1), reason="Loose plug", by=None, now=at)

    comes_and_goes(dock, at)

    alert.refresh_from_db()
    assert alert.flapping
    assert alert.suppressed_why == "Silence: Loose plug"


def comes_and_goes(dock, at):
    """It is well for three minutes, and silent for six."""
    DockHealth.objects.update(hearing="heard", heard_at=at)
    actions.sweep(now=at)
    actions.sweep(now=at + 3 * MINUTE)
    silent(dock, at + 3 * MINUTE)
    actions.sweep(now=at + 3 * MINUTE)
    actions.sweep(now=at + 9 * MINUTE)
    return at + 9 * MINUTE


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


# --- What keeps many docks from being heard -------------------------------------------------


@pytest.fixture
def two_stations(noon):
    """Three docks at each, all heard, and a camera in each."""
    made = []
    for station in (a_station(), a_station("N", "North")):
        for n in range(3):
            dock = a_dock(f"{station.code}{n}", station, bays=1)
            DockHealth.objects.create(dock=dock, hearing="heard", heard_at=noon)
            health = {"bay": dock.bays.first(), "storage_free_mb": 60_000}
            a_camera(len(made) + 1, station, noon, health=health)
            made.append(dock)
    return made


def fall_silent(docks, noon, since):
    for dock in docks:
        silent(dock, noon, since=since)


def test_a_station_that_is_cut_off_is_one_alert_and_its_docks_none(two_stations, noon):
    there = two_stations[3:]
    fall_silent(there, noon, 40 * MINUTE)

    actions.sweep(now=noon)

    station = there[0].station
    assert firing() == [("no_dock_heard", f"station:{station.pk}")]
    alert = Alert.objects.get()
    assert (alert.station, alert.severity) == (station, "critical")
    assert alert.words == "No dock of North is heard: 3 docks."


def test_when_no_dock_of_any_station_is_heard_that_is_the_one_alert(two_stations, noon):
    fall_silent(two_stations, noon, 40 * MINUTE)

    actions.sweep(now=noon)

    assert firing() == [("no_dock_heard", "fleet")]
    assert Alert.objects.get().station is None
    assert Alert.objects.get().words == "No dock of any station is heard: 6 docks."


def test_the_first_dock_to_fall_silent_does_not_call_before_the_last(two_stations, noon):
    """Their last words lie a minute apart, and each calls five minutes after its own."""
    for n, dock in enumerate(two_stations):
        DockHealth.objects.filter(dock=dock).update(
            hearing="late", heard_at=noon + n * timedelta(seconds=12)
        )
    actions.sweep(now=noon + 4 * MINUTE)
    assert firing() == []

    fall_silent(two_stations[:1], noon, timedelta())
    actions.sweep(now=noon + 5 * MINUTE)
    assert firing() == []
    actions.sweep(now=noon + 6 * MINUTE)

    assert firing() == [("no_dock_heard", "fleet")]


def test_a_dock_that_was_down_before_then_points_to_what_keeps_all_from_being_heard(
    two_stations, noon
):
    fall_silent(two_stations[:1], noon, 40 * MINUTE)
    actions.sweep(now=noon)
    assert firing() == [("dock_silent", "dock:HQ0")]

    fall_silent(two_stations, noon, 40 * MINUTE)
    actions.sweep(now=noon + MINUTE)

    assert firing() == [("no_dock_heard", "fleet")]
    assert Alert.objects.get(rule="dock_silent").cause.rule == "no_dock_heard"


def test_once_one_dock_is_heard_the_others_call_for_themselves(two_stations, noon):
    fall_silent(two_stations, noon, 40 * MINUTE)
    actions.sweep(now=noon)
    for health in (DockHealth.objects, CameraHealth.objects):
        again = health.order_by("pk").first()
        health.filter(pk=again.pk).update(hearing="heard", heard_at=noon)

    for minute in (1, 4, 5):
        actions.sweep(now=noon + minute * MINUTE)

    north = two_stations[3].station
    assert firing() == [
        ("dock_silent", "dock:HQ1"),
        ("dock_silent", "dock:HQ2"),
        ("no_dock_heard", f"station:{north.pk}"),
    ]


def test_two_docks_of_a_station_each_call_for_themselves(two_stations, noon):
    two_stations[0].delete()
    fall_silent(two_stations[1:3], noon, 40 * MINUTE)

    actions.sweep(now=noon)

    assert [rule for rule, _ in firing()] == ["dock_silent"] * 2


def test_a_dock_with_a_key_that_is_never_heard_calls_after_an_hour(noon):
    station = a_station()
    dock, _charger = a_dock("D01", station), a_dock("V01", station)
    DeviceToken.objects.create(dock=dock, key_id="x", digest="x", made_at=noon)

    actions.sweep(now=noon + 59 * MINUTE)
    assert firing() == []
    actions.sweep(now=noon + 60 * MINUTE)
    assert firing() == [("dock_never_heard", "dock:D01")]

    DockHealth.objects.create(dock=dock, hearing="heard", heard_at=noon)
    actions.sweep(now=noon + 61 * MINUTE)

    assert firing() == []


# --- Whether anybody looks ------------------------------------------------------------------


def test_a_look_is_remembered_until_its_pace_is_missed(noon):
    assert looking.unlooked(now=noon) == Unlooked(None)
    actions.sweep(now=noon, pace=Pace.QUICK)
    assert looking.unlooked(now=noon) == Unlooked(None)

    actions.sweep(now=noon, pace=Pace.SLOW)

    assert looking.unlooked(now=noon + timedelta(seconds=15)) is None
    assert looking.unlooked(now=noon + timedelta(seconds=16)) == Unlooked(noon)


def test_either_pace_that_is_missed_is_told_and_it_goes_away_again(noon):
    actions.sweep(now=noon)
    for minute in (1, 2, 3):
        actions.sweep(now=noon + minute * MINUTE, pace=Pace.QUICK)
    assert looking.unlooked(now=noon + 3 * MINUTE) == Unlooked(noon)

    actions.sweep(now=noon + 3 * MINUTE, pace=Pace.SLOW)

    assert looking.unlooked(now=noon + 3 * MINUTE) is None


def test_a_look_that_fails_is_none(noon, monkeypatch):
    actions.sweep(now=noon)
    monkeypatch.setitem(conditions._SEEN, "dock_silent", "SELECT nonsense")

    with pytest.raises(ProgrammingError), transaction.atomic():
        actions.sweep(now=noon + MINUTE)

    assert looking.unlooked(now=noon + MINUTE) == Unlooked(noon)


def test_a_clock_that_was_set_back_is_believed(noon):
    actions.sweep(now=noon + 60 * MINUTE)
    actions.sweep(now=noon)

    assert looking.unlooked(now=noon + MINUTE) == Unlooked(noon)
