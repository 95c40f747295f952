"""What can be wrong, what a test asks, who is next: as tables, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.faults import rules
from devices.faults.rules import Asked, Facts, Progress, Severity, Verdict
from devices.policy import Policy
from devices.simulator import numbers
from devices.simulator.camera import Camera
from devices.simulator.inventory import BayAddress, CameraRow

NOW = datetime(2030, 1, 1, 6, 45, tzinfo=UTC)
POLICY = Policy()
GOOD = Facts(
    heard_at=NOW - timedelta(minutes=1),
    hearing="heard",
    docked=True,
    radio=True,
    mode="off",
    battery_percent=98,
    battery_health_percent=96,
    hours=11.3,
    hours_low=11.3,
    storage_free_mb=60_000,
    clips_waiting=0,
    offload="complete",
    clock_ahead_s=0.0,
    firmware_version="4.2.1",
    firmware_wanted="4.2.1",
    profile_version="7",
    profile_wanted="7",
    reported=(),
)


def check(facts: Facts, asked: Asked) -> rules.Check:
    (found,) = [one for one in rules.test(facts, POLICY, NOW, None) if one.asked is asked]
    return found


def test_a_good_camera_passes_every_check():
    checks = rules.test(GOOD, POLICY, NOW, None)

    assert [one.passed for one in checks] == [True] * len(Asked)
    assert rules.passed(checks)
    assert rules.faults_of(checks, GOOD) == []


@pytest.mark.parametrize(
    ("changed", "asked", "verdict", "sentence"),
    [
        ({"heard_at": None}, Asked.HEARD, None, "It was never heard."),
        (
            {"said_at": NOW - timedelta(minutes=6)},
            Asked.HEARD,
            False,
            "It last spoke 6 min ago.",
        ),
        (
            {"heard_at": NOW - timedelta(minutes=6)},
            Asked.HEARD,
            False,
            "It last spoke 6 min ago.",
        ),
        ({"hearing": "silent"}, Asked.HEARD, False, "It last spoke 1 min ago."),
        (
            {"docked": False, "radio": False, "heard_at": NOW - timedelta(minutes=20)},
            Asked.HEARD,
            True,
            "It last spoke 20 min ago.",
        ),
        (
            {"docked": False, "radio": False, "heard_at": NOW - timedelta(minutes=31)},
            Asked.HEARD,
            False,
            "It last spoke 31 min ago.",
        ),
        (
            {"docked": False, "heard_at": NOW - timedelta(minutes=20)},
            Asked.HEARD,
            False,
            "It last spoke 20 min ago.",
        ),
        (
            {"heard_at": NOW + timedelta(minutes=3)},
            Asked.HEARD,
            True,
            "It last spoke just now.",
        ),
        (
            {"reported": ("lens_blocked",)},
            Asked.FAULTS,
            False,
            "Wrong with it: lens is covered.",
        ),
        (
            {"reported": ("offload_stuck",)},
            Asked.FAULTS,
            False,
            "Wrong with it: recordings do not come off.",
        ),
        (
            {"reported": ("battery_worn",)},
            Asked.FAULTS,
            True,
            "It says: battery is worn. That stops nothing.",
        ),
        ({"open_critical": ("lens",)}, Asked.FAULTS, False, "Wrong with it: lens or picture."),
        (
            {"reported": ("test_clip_failed",)},
            Asked.FAULTS,
            False,
            "Wrong with it: test clip could not be recorded.",
        ),
        (
            {"reported": ("gps_dead",)},
            Asked.FAULTS,
            False,
            "Wrong with it: gps dead.",
        ),
        ({"reported": None}, Asked.FAULTS, None, "Whether it has a fault is not known."),
        ({"hours": 8.75}, Asked.BATTERY, True, "Its battery lasts about 8.8 h."),
        (
            {"hours": 5.1},
            Asked.BATTERY,
            False,
            "Its battery lasts about 5.1 h; a shift needs 8.8 h.",
        ),
        ({"hours": None}, Asked.BATTERY, None, "How long its battery will last is not known."),
        ({"hours_low": None}, Asked.BATTERY, None, "How long its battery will last is not known."),
        ({"hours": 9.0, "hours_low": 8.0}, Asked.BATTERY, True, "Its battery lasts about 9.0 h."),
        (
            {"hours": 9.0, "hours_low": 7.9},
            Asked.BATTERY,
            None,
            "It has about 9.0 h of battery, but it may be 7.9 h; a shift lasts 8.0 h.",
        ),
        (
            {"hours": 9.0, "hours_low": 7.96},
            Asked.BATTERY,
            None,
            "It has about 9.0 h of battery, but it may be 7.9 h; a shift lasts 8.0 h.",
        ),
        (
            {"hours": 8.748},
            Asked.BATTERY,
            False,
            "Its battery lasts about 8.7 h; a shift needs 8.8 h.",
        ),
        (
            {"hours": 8.0, "hours_low": 7.0},
            Asked.BATTERY,
            False,
            "Its battery lasts about 8.0 h; a shift needs 8.8 h.",
        ),
        (
            {"offload": "queued", "clips_waiting": 3},
            Asked.STORAGE,
            True,
            "It is not emptied and has 60.0 GB free.",
        ),
        (
            {"offload": "failed", "clips_waiting": 3, "storage_free_mb": 1200},
            Asked.STORAGE,
            False,
            "It is not emptied and has 1.2 GB free.",
        ),
        (
            {"offload": "", "clips_waiting": None, "storage_free_mb": None},
            Asked.STORAGE,
            None,
            "Whether it is emptied is not known.",
        ),
        ({"clock_ahead_s": -121.0}, Asked.CLOCK, False, "Its clock is wrong."),
        ({"clock_ahead_s": None}, Asked.CLOCK, None, "Whether its clock is right is not known."),
        (
            {"firmware_version": "4.1.7"},
            Asked.FIRMWARE,
            False,
            "It runs firmware 4.1.7; approved is 4.2.1.",
        ),
        ({"firmware_version": ""}, Asked.FIRMWARE, None, "Which firmware it runs is not known."),
        ({"firmware_wanted": ""}, Asked.FIRMWARE, True, "It runs firmware 4.2.1."),
        ({"profile_version": ""}, Asked.PROFILE, None, "Which profile it runs is not known."),
        (
            {"profile_version": "", "profile_wanted": ""},
            Asked.PROFILE,
            True,
            "Which profile it runs is not known.",
        ),
        ({"profile_version": "6"}, Asked.PROFILE, False, "It runs profile 6; approved is 7."),
        (
            {"profile_wanted": "", "profile_refused": ("6", "7")},
            Asked.PROFILE,
            False,
            "It runs profile 7, which does not count as good.",
        ),
        (
            {"profile_wanted": "", "profile_refused": ("6",)},
            Asked.PROFILE,
            True,
            "It runs profile 7.",
        ),
        (
            {"profile_version": "", "profile_wanted": "", "profile_refused": ("6",)},
            Asked.PROFILE,
            True,
            "Which profile it runs is not known.",
        ),
    ],
)
def test_one_fact_decides_one_check_and_the_test(changed, asked, verdict, sentence):
    facts = replace(GOOD, **changed)

    found = check(facts, asked)

    assert (found.passed, found.sentence) == (verdict, sentence)
    assert rules.passed(rules.test(facts, POLICY, NOW, None)) == (verdict is True)


def test_during_a_rollout_either_version_passes():
    new = replace(GOOD, firmware_version="4.3.0", firmware_accepted=("4.3.0",))

    assert rules.passed(rules.test(new, POLICY, NOW, None))


def test_a_camera_nobody_ever_heard_fails_with_one_fault():
    checks = rules.test(Facts(firmware_wanted="4.2.1"), POLICY, NOW, None)

    assert not rules.passed(checks)
    assert rules.faults_of(checks, Facts()) == ["not_heard"]


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"hours": 5.1, "clock_ahead_s": 3600.0}, ["battery", "clock"]),
        ({"reported": ("lens_blocked", "battery_worn")}, ["lens_blocked"]),
        ({"reported": ("lens_blocked",), "open_critical": ("lens_blocked",)}, []),
        ({"open_critical": ("button",)}, []),
        ({"reported": ("test_clip_failed",)}, ["test_clip_failed"]),
        ({"hours": None, "clock_ahead_s": 3600.0}, ["clock", "not_heard"]),
        ({"hours_low": 7.9}, ["battery"]),
        ({"hours_low": 7.9, "reported": None}, ["battery", "not_heard"]),
        ({"heard_at": NOW - timedelta(hours=1), "hours": None}, ["not_heard"]),
        ({"firmware_version": "4.1.7", "profile_version": "6"}, ["firmware", "profile"]),
    ],
)
def test_a_failed_test_opens_a_fault_for_each_thing_that_is_new(changed, codes):
    facts = replace(GOOD, **changed)

    assert rules.faults_of(rules.test(facts, POLICY, NOW, None), facts) == codes


FIELDS_THAT_MAY_BE_MISSING = {
    "heard_at": None,
    "hours": None,
    "hours_low": None,
    "storage_free_mb": None,
    "clips_waiting": None,
    "clock_ahead_s": None,
    "firmware_version": "",
    "profile_version": "",
    "reported": None,
}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    missing=st.sets(st.sampled_from(sorted(FIELDS_THAT_MAY_BE_MISSING))),
    hours=st.one_of(st.none(), st.floats(0, 14)),
    reported=st.one_of(st.none(), st.lists(st.sampled_from(sorted(rules.CATALOGUE))).map(tuple)),
)
def test_a_fact_that_goes_missing_never_makes_a_camera_pass(missing, hours, reported):
    facts = replace(GOOD, hours=hours, reported=reported, offload="queued", clips_waiting=2)
    less = replace(facts, **{name: FIELDS_THAT_MAY_BE_MISSING[name] for name in missing})

    with_all = rules.passed(rules.test(facts, POLICY, NOW, None))
    with_less = rules.passed(rules.test(less, POLICY, NOW, None))

    assert with_all or not with_less


HOUR = timedelta(hours=1)
DAY = (NOW - HOUR / 3, NOW - HOUR / 3 + 8 * HOUR)  # begun 20 minutes ago
LATE = (DAY[1], DAY[1] + 8 * HOUR)


@pytest.mark.parametrize(
    ("duties", "found"),
    [
        ([], None),
        ([DAY], DAY),
        ([DAY, LATE], (DAY[0], LATE[1])),
        ([DAY, (DAY[1] + HOUR, DAY[1] + 9 * HOUR)], DAY),
        ([(NOW - 9 * HOUR, NOW - HOUR)], None),
        ([(NOW + 2 * HOUR, NOW + 10 * HOUR)], (NOW + 2 * HOUR, NOW + 10 * HOUR)),
        ([(NOW + 3 * HOUR, NOW + 11 * HOUR)], None),
    ],
)
def test_a_test_counts_for_the_duty_under_way_or_near_with_those_it_joins(duties, found):
    assert rules.on_duty(duties, POLICY, NOW) == (found and rules.OnDuty(*found))


@pytest.mark.parametrize(
    ("duty", "changed", "passed", "limit"),
    [
        (None, {"hours": 8.8}, True, "8.8 h"),
        (None, {"hours": 8.6}, False, "8.8 h"),
        (DAY, {"hours": 8.6}, True, "8.4 h"),
        (DAY, {"hours": 8.4}, False, "8.4 h"),
        ((DAY[0], LATE[1]), {"hours": 9.0}, False, "16.4 h"),
        ((DAY[0], LATE[1]), {"hours": 16.5}, True, "16.4 h"),
        ((NOW + HOUR, NOW + 9 * HOUR), {"hours": 8.8}, True, "8.8 h"),
        ((NOW + HOUR, NOW + 9 * HOUR), {"hours": 8.8, "docked": False}, False, "9.8 h"),
        ((NOW - 7 * HOUR, NOW + HOUR), {"hours": 1.8, "docked": False}, True, "1.8 h"),
    ],
)
def test_a_test_asks_for_what_is_left_of_the_duty(duty, changed, passed, limit):
    facts = replace(GOOD, hours_low=changed["hours"], **changed)
    on = rules.OnDuty(*duty) if duty else None

    (found,) = [one for one in rules.test(facts, POLICY, NOW, on) if one.asked is Asked.BATTERY]

    assert (found.passed, found.limit) == (passed, limit)


@pytest.mark.parametrize(
    ("duty", "low", "passed"),
    [
        (None, 8.0, True),
        (None, 7.9, None),
        (DAY, 7.7, True),
        (DAY, 7.6, None),
        ((NOW - 7 * HOUR, NOW + HOUR), 1.0, True),
        ((NOW - 7 * HOUR, NOW + HOUR), 0.9, None),
    ],
)
def test_at_worst_the_battery_has_to_last_what_is_left_without_anything_to_spare(duty, low, passed):
    facts = replace(GOOD, hours_low=low)
    on = rules.OnDuty(*duty) if duty else None

    (found,) = [one for one in rules.test(facts, POLICY, NOW, on) if one.asked is Asked.BATTERY]

    assert found.passed is passed
    assert ("but it may be" in found.sentence) == (passed is None)


def test_no_checks_at_all_are_not_a_test_passed():
    assert not rules.passed([])


@pytest.mark.parametrize("part", ["button_fault", "lens_fault", "microphone_fault"])
def test_the_catalogue_knows_whatever_a_simulated_camera_says(noon, part):
    row = CameraRow("BWC-1", "HQ", BayAddress("D01", 1))
    camera = Camera(row, numbers.read(), seed=1, boot=1, now=noon)
    camera.part, camera.trouble = part, {"part", "storage"}
    camera.battery.capacity_when_new = 0.5
    camera.battery.charge = 0

    said = set(camera.faults) | {"clock_lost", "offload_stuck", "storage_low"}

    assert part in said
    assert {"battery_low", "battery_worn", "storage_fault"} <= said
    assert said <= rules.CATALOGUE.keys()


def test_a_code_of_another_maker_is_taken_seriously_and_said_as_it_is():
    found = rules.code_of("gps_dead")

    assert (found.words, found.severity) == ("Gps dead", Severity.MAJOR)
    assert not found.passing


@pytest.mark.parametrize("code", ["lens", "button", "microphone", "will_not_start", "lens_blocked"])
def test_what_keeps_a_camera_from_recording_is_critical(code):
    assert rules.code_of(code).severity is Severity.CRITICAL


def test_what_a_camera_says_of_its_parts_is_critical_and_what_wears_is_not():
    said = {"lens_fault", "lens_blocked", "button_fault", "microphone_fault"}
    said |= {"storage_fault", "storage_failing"}

    assert said <= rules.CRITICAL_CODES
    assert {"clock_lost", "battery_low", "mount"}.isdisjoint(rules.CRITICAL_CODES)


@pytest.mark.parametrize(
    ("test_passed", "begins_in_min", "verdict"),
    [
        (True, -5, Verdict.PASSED),
        (True, 30, Verdict.PASSED),
        (False, 30, Verdict.FAILED),
        (None, 1, Verdict.WAITING),
        (None, -14, Verdict.WAITING),
        (None, -15, Verdict.SKIPPED),
        (None, -60, Verdict.SKIPPED),
    ],
)
def test_a_test_is_skipped_a_while_after_the_duty_began_without_one(
    test_passed, begins_in_min, verdict
):
    begins_at = NOW + timedelta(minutes=begins_in_min)

    found = rules.verdict(test_passed=test_passed, begins_at=begins_at, policy=POLICY, now=NOW)

    assert found is verdict


def test_how_long_a_while_is_the_department_decides():
    policy = replace(POLICY, untested_after=timedelta())

    found = rules.verdict(test_passed=None, begins_at=NOW, policy=policy, now=NOW)

    assert found is Verdict.SKIPPED


@pytest.mark.parametrize(
    ("severity", "within"),
    [
        ("critical", timedelta(minutes=15)),
        ("major", timedelta(hours=1)),
        ("minor", timedelta(hours=24)),
    ],
)
def test_the_policy_says_how_soon_a_fault_is_acknowledged(severity, within):
    assert rules.acknowledge_within(severity, POLICY) == within


def progress(state: str, severity: str = "critical", **fields: object) -> Progress:
    fields = {"mending_since": NOW, "acknowledge_by": NOW + timedelta(minutes=15), **fields}
    return Progress(state=state, severity=severity, **fields)


@pytest.mark.parametrize(
    ("fault", "words", "owner", "by"),
    [
        (progress("open"), "Acknowledge", "Commander", timedelta(minutes=15)),
        (
            progress("open", escalated=True),
            "Acknowledge",
            "Commander and IT",
            timedelta(minutes=15),
        ),
        (progress("acknowledged"), "Repair, replace or clear", "IT", timedelta(hours=24)),
        (
            progress("acknowledged", "major"),
            "Repair, replace or clear",
            "Quartermaster",
            timedelta(days=7),
        ),
        (
            progress("in_repair", sent_at=NOW + timedelta(days=1)),
            "Take back from repair",
            "Quartermaster",
            timedelta(days=31),
        ),
    ],
)
def test_each_fault_says_what_is_next_by_whom_and_by_when(fault, words, owner, by):
    step = rules.next_step(fault, POLICY)

    assert step is not None
    assert (step.words, step.owner, step.by) == (words, owner, NOW + by)
    assert not step.overdue(NOW)
    assert step.overdue(NOW + by)


def test_nothing_is_left_to_do_about_a_resolved_fault():
    assert rules.next_step(progress("resolved"), POLICY) is None


@pytest.mark.parametrize(
    ("severity", "alone"), [("minor", False), ("major", False), ("critical", True)]
)
def test_it_alone_clears_a_critical_fault(severity, alone):
    assert rules.only_it_clears(severity) is alone


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  the lens\n is cracked ", "the lens is cracked"),
        ("", ""),
        (" \t\n", ""),
        ("...", ""),
        ("\u200b\u200e", ""),
        ("<b>bold</b>", "<b>bold</b>"),
        ("העדשה סדוקה", "העדשה סדוקה"),
    ],
)
def test_words_are_what_holds_a_letter_or_a_digit(text, kept):
    assert rules.said(text) == kept


@pytest.mark.parametrize(
    ("sanitised_at", "how", "cannot", "refused"),
    [
        (NOW, "erased twice", "", 0),
        (None, "", "it does not start", 0),
        (None, "", "", 1),
        (None, "erased", "", 1),
        (NOW, "", "", 1),
        (NOW, "erased", "it does not start", 1),
        (NOW + timedelta(seconds=1), "erased", "", 1),
        (NOW + timedelta(seconds=1), "", "no", 3),
    ],
)
def test_nothing_leaves_without_a_statement_of_sanitisation(sanitised_at, how, cannot, refused):
    found = rules.sanitised_refused(sanitised_at=sanitised_at, how=how, cannot=cannot, now=NOW)

    assert len(list(found)) == refused
