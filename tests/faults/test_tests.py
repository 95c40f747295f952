"""A pre-shift test: facts frozen, judged, confirmed, never changed."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from devices.battery.models import Battery
from devices.errors import Refused
from devices.faults import actions, reading
from devices.faults.models import Fault, PreShiftTest
from devices.faults.reading import Duty
from devices.faults.rules import Verdict
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, CameraModel, Officer
from devices.ledger import LedgerEntry
from devices.readiness import facts, shifts
from tests import rows
from tests.faults.conftest import POLICY, confirm, report
from tests.readiness.test_shifts import a_shift


def spoke(camera, **health):
    CameraHealth.objects.filter(camera=camera).update(**health)


def test_a_good_camera_passes_and_opens_nothing(camera, officer, sam, noon):
    test = confirm(camera, sam, noon, officer=officer)

    assert test.passed
    assert all(check["passed"] is True for check in test.checks)
    assert not Fault.objects.exists()
    assert LedgerEntry.objects.get().verb == "pre-shift test passed"


def test_the_facts_stay_what_they_were(camera, sam, noon):
    test = confirm(camera, sam, noon)

    spoke(camera, battery_percent=3, faults=["lens_blocked"])

    test.refresh_from_db()
    assert test.facts["battery_percent"] == 100
    assert test.facts["reported"] == []
    assert (test.facts["boot"], test.facts["sequence"]) == (1, 1)
    assert test.facts["heard_at"] == noon.isoformat()


def test_a_profile_that_counts_for_nobody_fails_though_nobody_says_which_to_run(camera, sam, noon):
    said = {"profile_version": "", "profile_refused": ["7"]}
    CameraModel.objects.filter(pk=camera.model_id).update(**said)

    assert not confirm(camera, sam, noon).passed
    assert [one.code for one in Fault.objects.all()] == ["profile"]


def test_a_failed_test_opens_a_fault_for_each_check_and_tells_it(camera, officer, sam, noon):
    spoke(camera, faults=["lens_blocked"], device_time=noon + timedelta(hours=1))

    test = confirm(camera, sam, noon, officer=officer)

    assert not test.passed
    opened = Fault.objects.order_by("code")
    assert [(one.code, one.severity, one.source) for one in opened] == [
        ("clock", "major", "test"),
        ("lens_blocked", "critical", "test"),
    ]
    assert all(one.test == test and one.opened_at == noon for one in opened)
    assert opened[1].acknowledge_by == noon + timedelta(minutes=15)
    assert opened[1].facts == test.facts
    assert opened[1].words == "Wrong with it: lens is covered. Its clock is wrong."
    verbs = LedgerEntry.objects.order_by("seq").values_list("verb", flat=True)
    assert [*verbs] == ["pre-shift test failed", "fault opened", "fault opened"]


def test_a_camera_never_heard_fails(hq, sam, noon):
    camera = rows.a_camera(418, hq, noon)

    test = confirm(camera, sam, noon)

    assert not test.passed
    assert [one.code for one in Fault.objects.all()] == ["not_heard"]


def test_an_open_critical_fault_fails_the_test_and_is_not_opened_twice(
    camera, sam, commander, noon
):
    report(camera, commander, noon, "lens")

    test = confirm(camera, sam, noon)

    assert not test.passed
    assert Fault.objects.count() == 1


def test_the_same_form_sent_twice_is_one_test(camera, sam, noon):
    spoke(camera, device_time=noon + timedelta(hours=1))
    key = uuid4()

    tests = {confirm(camera, sam, noon, key=key).pk for _ in range(2)}

    assert len(tests) == PreShiftTest.objects.count() == 1
    assert Fault.objects.count() == 1


def test_a_form_of_another_camera_makes_nothing(camera, hq, sam, noon):
    other, key = rows.a_camera(418, hq, noon, health={}), uuid4()
    confirm(camera, sam, noon, key=key)

    with pytest.raises(Refused, match="This form was used already"):
        confirm(other, sam, noon, key=key)

    assert not PreShiftTest.objects.filter(camera=other).exists()


@pytest.mark.parametrize("state", ["in_repair", "lost", "out_of_service", "retired"])
def test_only_a_camera_in_service_is_tested(camera, sam, noon, state):
    Camera.objects.filter(pk=camera.pk).update(service_state=state)

    with pytest.raises(Refused, match="only a camera in service is tested"):
        confirm(camera, sam, noon)


@pytest.mark.parametrize(
    "change",
    [
        lambda tests: tests.update(passed=True),
        lambda tests: tests.update(note="it was fine"),
        lambda tests: tests.delete(),
    ],
)
def test_the_database_keeps_a_test_as_it_was(camera, sam, noon, change):
    confirm(camera, sam, noon)

    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        change(PreShiftTest.objects.all())


def test_the_price_of_a_test_does_not_depend_on_what_it_finds(
    camera, sam, noon, django_assert_max_num_queries
):
    spoke(camera, device_time=noon + timedelta(hours=1))

    with django_assert_max_num_queries(24):
        confirm(camera, sam, noon)


@pytest.mark.parametrize(
    ("model_hours", "learnt"),
    [
        (12.0, {}),
        (12.0, {"duty_percent_h": 20.0, "buffering_hours_seen": 1000.0}),
        (12.0, {"duty_percent_h": 9.0, "buffering_hours_seen": 1000.0, "error_share": 0.3}),
        (None, {"buffering_percent_h": 10.0, "buffering_hours_seen": 1000.0}),
    ],
)
def test_its_hours_are_those_that_readiness_counts(camera, noon, model_hours, learnt):
    type(camera.model).objects.update(battery_hours=model_hours)
    Battery.objects.create(camera=camera, **learnt)

    found = reading.known([camera.pk])[camera.pk]

    known = dict(facts.read([camera.pk], now=noon))[camera.pk]
    lasts = known.hours()
    at_worst = lasts.low if known.doubted else lasts.hours
    assert (found.facts.hours, found.facts.hours_low) == (lasts.hours, at_worst)
    frozen = (found.frozen["hours"], found.frozen["hours_low"])
    assert frozen == (round(lasts.hours, 1), round(at_worst, 1))


@pytest.mark.parametrize(("model_hours", "percent"), [(None, 100), (12.0, None)])
def test_hours_that_nothing_tells_are_not_known(camera, model_hours, percent):
    type(camera.model).objects.update(battery_hours=model_hours)
    spoke(camera, battery_percent=percent)

    assert reading.known([camera.pk])[camera.pk].facts.hours is None


@pytest.mark.parametrize(
    ("hours_on", "percent", "passed"), [(8, 79, True), (8, 75, False), (16, 90, False)]
)
def test_it_asks_of_the_battery_what_the_shifts_page_asks(
    camera, sam, noon, hours_on, percent, passed
):
    begun = a_shift(camera.station, noon - timedelta(minutes=20), name="Day")
    begun_at = begun.begins_at
    rows.a_duty(begun, camera.officer, ends_at=begun_at + timedelta(hours=hours_on))
    out = {"docked": False, "placed_at": begun_at, "mode": "buffering"}
    spoke(camera, battery_percent=percent, battery_state="discharging", **out)

    test = confirm(camera, sam, noon)

    (shift,) = shifts.named([begun.pk], now=noon, policy=POLICY)
    assert (test.passed, shift.ready) == (passed, int(passed))
    assert [one.code for one in Fault.objects.all()] == ([] if passed else ["battery"])


@pytest.mark.parametrize(
    ("error_share", "passed"), [(0.1, True), (0.371, True), (0.372, False), (0.4, False)]
)
def test_what_the_shifts_page_doubts_does_not_pass(camera, sam, noon, error_share, passed):
    seen = {"buffering_percent_h": 7.0, "duty_percent_h": 8.0, "buffering_hours_seen": 1000.0}
    Battery.objects.create(camera=camera, error_share=error_share, **seen)
    begun = a_shift(camera.station, noon - timedelta(minutes=20), name="Day")
    rows.a_duty(begun, camera.officer)
    out = {"docked": False, "placed_at": begun.begins_at, "mode": "buffering"}
    spoke(camera, battery_percent=98, battery_state="discharging", **out)

    test = confirm(camera, sam, noon)

    (shift,) = shifts.named([begun.pk], now=noon, policy=POLICY)
    assert (test.passed, shift.ready) == (passed, int(passed))
    (check,) = [one for one in test.checks if one["name"] == "battery"]
    assert check["passed"] is (True if passed else None)
    assert ("of battery, but it may be" in check["sentence"]) != passed
    assert [one.code for one in Fault.objects.all()] == ([] if passed else ["battery"])
    assert test.facts["hours_low"] <= test.facts["hours"]


class TestOfDuties:
    """Which duty was tested for: one query for a whole shift."""

    def test_the_latest_test_that_counts_decides(self, camera, officer, sam, noon):
        begins_at = noon + timedelta(hours=1)
        duty = Duty(camera.pk, begins_at, begins_at + timedelta(hours=8), officer.pk)
        first = reading.tested([duty], now=noon, policy=POLICY)[duty]
        spoke(camera, device_time=noon + timedelta(hours=1))
        confirm(camera, sam, noon, officer=officer)
        failed = reading.tested([duty], now=noon, policy=POLICY)[duty]
        spoke(camera, device_time=noon, heard_at=noon + timedelta(minutes=2))
        again = confirm(camera, sam, noon + timedelta(minutes=2), officer=officer)
        passed = reading.tested([duty], now=noon, policy=POLICY)[duty]

        assert [one.verdict for one in (first, failed, passed)] == [
            Verdict.WAITING,
            Verdict.FAILED,
            Verdict.PASSED,
        ]
        assert (passed.test_id, passed.at) == (again.pk, again.at)

    @pytest.mark.parametrize(
        ("begins_in", "verdict"),
        [
            (timedelta(hours=2), Verdict.PASSED),
            (timedelta(hours=2, seconds=1), Verdict.WAITING),
            (timedelta(hours=-7), Verdict.PASSED),
            (timedelta(hours=-8), Verdict.SKIPPED),
        ],
    )
    def test_a_test_counts_shortly_before_and_during_a_duty(
        self, camera, officer, sam, noon, begins_in, verdict
    ):
        confirm(camera, sam, noon, officer=officer)
        duty = Duty(camera.pk, noon + begins_in, noon + begins_in + timedelta(hours=8), officer.pk)

        assert reading.tested([duty], now=noon, policy=POLICY)[duty].verdict is verdict

    def test_one_passed_for_the_rest_of_a_duty_is_not_passed_for_the_next(
        self, camera, officer, sam, noon
    ):
        day = a_shift(camera.station, noon - timedelta(hours=7, minutes=50), name="Day")
        rows.a_duty(day, camera.officer)
        spoke(camera, battery_percent=30, battery_state="discharging")

        test = confirm(camera, sam, noon, officer=officer)
        mine = Duty(camera.pk, day.begins_at, day.ends_at, officer.pk)
        extended = replace(mine, ends_at=day.ends_at + timedelta(hours=2))
        hour = timedelta(hours=1)
        anothers = Duty(camera.pk, noon - hour / 60, noon + 8 * hour, officer.pk)
        next_one = Duty(camera.pk, noon + hour, noon + 9 * hour, officer.pk)
        found = reading.tested([mine, extended, anothers, next_one], now=noon, policy=POLICY)

        assert (test.passed, test.duty_ends_at) == (True, day.ends_at)
        assert [found[one].verdict for one in (mine, extended, anothers, next_one)] == [
            Verdict.PASSED,
            Verdict.PASSED,
            Verdict.WAITING,
            Verdict.WAITING,
        ]

    def test_nobody_elses_tap_is_the_officers(self, camera, officer, hq, sam, commander, noon):
        """A commander's, without a badge; then that of the officer of the shift before."""
        before = Officer.objects.create(badge_number="218", station=hq)
        duty = Duty(camera.pk, noon - timedelta(minutes=20), noon + timedelta(hours=8), officer.pk)

        for by, whose in ((commander, None), (commander, before)):
            confirm(camera, by, noon, officer=whose)
            found = reading.tested([duty], now=noon, policy=POLICY)[duty]
            assert (found.verdict, found.test_id) == (Verdict.SKIPPED, None)

        mine = confirm(camera, sam, noon, officer=officer)
        found = reading.tested([duty], now=noon, policy=POLICY)[duty]
        assert (found.verdict, found.test_id) == (Verdict.PASSED, mine.pk)

    def test_one_that_failed_by_another_hand_stands_until_the_officer_passes_it(
        self, camera, officer, sam, commander, noon
    ):
        duty = Duty(camera.pk, noon, noon + timedelta(hours=8), officer.pk)
        spoke(camera, device_time=noon + timedelta(hours=1))
        confirm(camera, commander, noon)
        spoke(camera, device_time=noon)

        verdicts = []
        for minute, (by, whose) in enumerate(((commander, None), (sam, officer)), 1):
            confirm(camera, by, noon + timedelta(minutes=minute), officer=whose)
            verdicts.append(reading.tested([duty], now=noon, policy=POLICY)[duty].verdict)

        assert verdicts == [Verdict.FAILED, Verdict.PASSED]

    def test_one_that_failed_says_something_of_every_duty(self, camera, officer, sam, noon):
        day = a_shift(camera.station, noon - timedelta(hours=7, minutes=50), name="Day")
        rows.a_duty(day, camera.officer)
        spoke(camera, device_time=noon + timedelta(hours=1))

        confirm(camera, sam, noon, officer=officer)

        duty = Duty(camera.pk, noon + timedelta(hours=1), noon + timedelta(hours=9), officer.pk)
        found = reading.tested([duty], now=noon, policy=POLICY)[duty]
        assert found.verdict is Verdict.FAILED

    def test_it_costs_one_query_for_any_number(
        self, camera, officer, sam, noon, django_assert_num_queries
    ):
        confirm(camera, sam, noon, officer=officer)
        duty = Duty(camera.pk, noon - timedelta(hours=1), noon + timedelta(hours=7), officer.pk)
        others = [replace(duty, camera_id=camera.pk + n) for n in range(1, 140)]

        with django_assert_num_queries(1):
            found = reading.tested([*others, duty], now=noon, policy=POLICY)

        assert found[duty].verdict is Verdict.PASSED
        assert {found[one].verdict for one in others} == {Verdict.SKIPPED}

    def test_nobody_on_duty_is_nothing(self, db, noon):
        assert reading.tested([], now=noon, policy=POLICY) == {}


def test_words_too_long_are_refused_with_their_length(camera, sam, noon):
    with pytest.raises(Refused, match="That is 401 characters; 400 are kept"):
        confirm(camera, sam, noon, note="x" * 401)

    assert actions.LONGEST_WORDS == 400
