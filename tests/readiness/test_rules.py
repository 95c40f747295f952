"""Readiness as tables, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.policy import Policy
from devices.readiness.rules import Blocker, Facts, Fit, Need, judge

NOW = datetime(2030, 1, 1, 6, 55, tzinfo=UTC)
POLICY = Policy()
SHIFT = Need(begins_at=NOW + timedelta(minutes=5), lasts=timedelta(hours=8), badge="1017")
READY = Facts(
    name="C0417",
    service_state="in_service",
    radio=False,
    hearing="heard",
    heard_at=NOW - timedelta(seconds=40),
    docked=True,
    mode="off",
    hours=11.2,
    hours_low=10.8,
    battery_percent=98,
    offload="complete",
    clips_waiting=0,
    storage_free_mb=60_000,
    firmware_version="4.2.1",
    firmware_wanted="4.2.1",
    profile_version="7",
    profile_wanted="7",
    clock_ahead=timedelta(seconds=-4),
)


def test_a_charged_emptied_and_heard_camera_is_ready():
    assert judge(READY, SHIFT, POLICY, NOW).ready


@pytest.mark.parametrize(
    ("changed", "blocker", "fit", "sentence"),
    [
        ({"service_state": "in_repair"}, "service", "no", "C0417 is in repair."),
        ({"service_state": "lost"}, "service", "no", "C0417 is lost."),
        ({"critical": ("lens_blocked",)}, "fault", "no",
         "C0417 has a critical fault: lens blocked."),
        ({"hearing": "never"}, "never_heard", "unknown", "C0417 never spoke."),
        ({"docked": None}, "never_heard", "unknown", "Nobody has said where C0417 is."),
        ({"hearing": "silent"}, "silent", "unknown",
         "C0417 is not known: it is silent in its dock."),
        ({"hearing": "silent", "dock_silent": True}, "silent", "unknown",
         "C0417 is not known: its dock is silent."),
        ({"heard_at": NOW - timedelta(minutes=6)}, "silent", "unknown",
         "C0417 is not known: it is silent in its dock."),
        ({"displaced": True}, "displaced", "unknown",
         "Another camera is in the bay where C0417 was last seen."),
        ({"docked": False}, "away", "no", "C0417 is out."),
        ({"hours": 5.1, "hours_low": 4.8}, "battery", "no",
         "C0417 has 5.1 h of battery; the shift needs 8.8 h."),
        ({"hours": None, "hours_low": None}, "battery", "unknown",
         "C0417's battery is not known; the shift needs 8.8 h."),
        ({"offload": "failed", "clips_waiting": 3, "storage_free_mb": 900}, "storage", "no",
         "C0417 is not emptied and has 0.9 GB free."),
        ({"offload": "", "clips_waiting": None, "storage_free_mb": None}, "storage", "unknown",
         "Whether C0417 is emptied is not known."),
        ({"firmware_version": "4.1.7"}, "firmware", "no",
         "C0417 runs firmware 4.1.7; approved is 4.2.1."),
        ({"profile_version": ""}, "profile", "unknown",
         "C0417 does not say which profile it runs; approved is 7."),
        ({"profile_wanted": "", "profile_refused": True}, "profile", "no",
         "C0417 runs profile 7, which does not count as good."),
        ({"clock_ahead": timedelta(seconds=121)}, "clock", "no", "C0417's clock is wrong."),
        ({"clock_ahead": None}, "clock", "unknown",
         "Whether C0417's clock is right is not known."),
        ({"reserved_for": "1031"}, "reserved", "no",
         "C0417 is promised to another officer for that time."),
        ({"hours": 10.2, "hours_low": 7.6}, "battery", "unknown",
         "C0417 has about 10.2 h of battery, but it may be 7.6 h; the shift lasts 8.0 h."),
        ({"hours": 10.2, "hours_low": 7.96}, "battery", "unknown",
         "C0417 has about 10.2 h of battery, but it may be 7.9 h; the shift lasts 8.0 h."),
        ({"hours_low": None}, "battery", "unknown",
         "C0417's battery is not known; the shift needs 8.8 h."),
        ({"mode": "recording"}, "away", "no", "C0417 is recording."),
        ({"mode": ""}, "away", "unknown", "Whether C0417 is in use is not known."),
        ({"update_stage": "installing", "updating_until": NOW + timedelta(minutes=24, seconds=3)},
         "updating", "no", "C0417 is being updated; it is back in 25 min."),
        ({"update_stage": "offered", "updating_until": NOW + timedelta(minutes=25)},
         "updating", "no", "C0417 is about to be updated; it is back in 25 min."),
        ({"update_stage": "installing", "updating_until": NOW}, "updating", "unknown",
         "C0417 is being updated, and is not back when it should be."),
        ({"update_stage": "installing"}, "updating", "unknown",
         "C0417 is being updated, and is not back when it should be."),
        ({"firmware_version": "4.1.7", "firmware_accepted": ("4.3.0",)}, "firmware", "no",
         "C0417 runs firmware 4.1.7; approved is 4.2.1."),
    ],
)  # fmt: skip
def test_each_thing_against_a_camera_is_said_with_its_value_and_limit(
    changed: dict[str, Any], blocker: str, fit: str, sentence: str
):
    found = judge(READY._replace(**changed), SHIFT, POLICY, NOW)

    assert all(one.says and one.limit and one.value for one in found.reasons)
    assert [(one.blocker, one.fit, one.sentence) for one in found.reasons] == [
        (Blocker(blocker), Fit(fit), sentence)
    ]
    assert found.fit is Fit(fit)


@pytest.mark.parametrize(
    "changed",
    [
        {"storage_free_mb": 900},
        {"offload": "failed", "clips_waiting": 3},
        {"reserved_for": "1017"},
        {"firmware_wanted": "", "firmware_version": ""},
        {"clock_ahead": timedelta(minutes=-2)},
        {"firmware_version": "4.3.0", "firmware_accepted": ("4.3.0",)},
        {"profile_version": "8", "profile_accepted": ("8",)},
        {"update_stage": "installing", "updating_until": NOW + timedelta(minutes=5)},
        {"update_stage": "offered", "updating_until": NOW + timedelta(minutes=5)},
    ],
)
def test_what_does_not_stand_against_it_is_not_said(changed: dict[str, Any]):
    assert judge(READY._replace(**changed), SHIFT, POLICY, NOW).ready


def test_whoever_asks_now_may_have_a_camera_that_is_only_offered_an_update():
    offered = READY._replace(update_stage="offered", updating_until=NOW + timedelta(hours=1))

    assert judge(offered, Need(NOW, timedelta(hours=8)), POLICY, NOW).ready
    assert judge(offered, None, POLICY, NOW).ready


def test_a_promise_is_no_obstacle_where_nobody_asks_for_the_camera():
    assert judge(READY._replace(reserved_for="1031"), None, POLICY, NOW).ready


def test_a_camera_that_went_out_for_this_duty_is_not_missed_but_must_still_last():
    gone = READY._replace(docked=False, heard_at=NOW - timedelta(hours=3))
    taken = replace(SHIFT, taken=True)

    assert judge(gone, taken, POLICY, NOW).ready
    assert judge(gone._replace(hours=5.0), taken, POLICY, NOW).reasons[0].says == "lacks 3.8 h"


def test_every_reason_is_given_not_only_the_first():
    flat = READY._replace(hours=1.0, hours_low=0.9)
    bad = flat._replace(clock_ahead=timedelta(hours=1), firmware_version="1.0")

    found = judge(bad, SHIFT, POLICY, NOW)

    assert [one.blocker for one in found.reasons] == ["battery", "firmware", "clock"]


def test_one_no_among_unknowns_is_a_no():
    bad = READY._replace(clock_ahead=None, service_state="in_repair")

    assert judge(bad, SHIFT, POLICY, NOW).fit is Fit.NO


def test_a_double_shift_needs_twice_the_battery():
    double = replace(SHIFT, lasts=timedelta(hours=16))

    assert judge(READY, SHIFT, POLICY, NOW).ready
    assert judge(READY, double, POLICY, NOW).reasons[0].limit == "16.8 h"


@pytest.mark.parametrize(
    ("changed", "out_of_reach"),
    [
        ({}, False),
        ({"hearing": "silent"}, True),
        ({"heard_at": NOW - timedelta(minutes=6)}, True),
        ({"heard_at": NOW - timedelta(minutes=6), "radio": False}, False),
        ({"hearing": "silent", "mode": "off"}, False),
        ({"hearing": "silent", "mode": "sleep"}, False),
        ({"hearing": "silent", "mode": "off", "said_at": NOW - timedelta(hours=3)}, True),
        ({"hearing": "silent", "mode": "off", "moved_at": None}, True),
        ({"hearing": "silent", "mode": ""}, True),
    ],
)
def test_one_that_went_out_with_a_radio_must_be_heard_until_it_says_that_it_goes_off(
    changed: dict[str, Any], out_of_reach: bool
):
    out = READY._replace(
        docked=False,
        radio=True,
        mode="buffering",
        moved_at=NOW - timedelta(hours=2),
        said_at=NOW - timedelta(minutes=1),
    )

    found = judge(out._replace(**changed), replace(SHIFT, taken=True), POLICY, NOW)

    assert [(one.blocker, one.fit, one.limit) for one in found.reasons] == (
        [("silent", "unknown", "heard within 5 min")] if out_of_reach else []
    )


MISSING: dict[str, Any] = {
    "hearing": "never",
    "heard_at": None,
    "docked": None,
    "mode": "",
    "hours": None,
    "hours_low": None,
    "said_at": None,
    "moved_at": None,
    "offload": "",
    "clips_waiting": None,
    "storage_free_mb": None,
    "firmware_version": "",
    "profile_version": "",
    "clock_ahead": None,
    "updating_until": None,
    "firmware_accepted": None,
    "profile_accepted": None,
}
somewhere = st.builds(
    Facts,
    name=st.just("C0417"),
    service_state=st.sampled_from(["in_service", "in_repair", "lost", "out_of_service"]),
    radio=st.booleans(),
    hearing=st.sampled_from(["never", "heard", "late", "silent"]),
    heard_at=st.none() | st.sampled_from([NOW, NOW - timedelta(hours=1)]),
    docked=st.none() | st.booleans(),
    displaced=st.booleans(),
    dock_silent=st.booleans(),
    mode=st.sampled_from(["", "off", "sleep", "buffering", "recording"]),
    battery_percent=st.none() | st.integers(0, 100),
    hours=st.none() | st.floats(0, 20),
    hours_low=st.none() | st.floats(0, 20),
    offload=st.sampled_from(["", "complete", "failed", "queued"]),
    clips_waiting=st.none() | st.integers(0, 9),
    storage_free_mb=st.none() | st.integers(0, 64_000),
    firmware_version=st.sampled_from(["", "4.2.1", "4.1.7"]),
    firmware_wanted=st.sampled_from(["", "4.2.1"]),
    profile_version=st.sampled_from(["", "7"]),
    profile_wanted=st.sampled_from(["", "7"]),
    critical=st.sampled_from([(), ("lens_blocked",)]),
    clock_ahead=st.none() | st.sampled_from([timedelta(minutes=n) for n in (-3, 0, 2, 9)]),
    reserved_for=st.sampled_from(["", "1017", "1031"]),
    update_stage=st.sampled_from(["", "offered", "installing"]),
    updating_until=st.none() | st.sampled_from([NOW, NOW + timedelta(hours=1)]),
    firmware_accepted=st.sampled_from([None, ("4.1.7",)]),
    profile_accepted=st.sampled_from([None, ("6",)]),
    profile_refused=st.booleans(),
    said_at=st.none() | st.sampled_from([NOW, NOW - timedelta(hours=2)]),
    moved_at=st.none() | st.sampled_from([NOW, NOW - timedelta(hours=1)]),
    held_at=st.sampled_from([None, NOW]),
    issued_to=st.sampled_from(["", "1017", "1031"]),
    event=st.sampled_from(["", "Parade"]),
    recalled=st.sampled_from(["", "Lot KT"]),
    service_since=st.none(),
    recalled_at=st.none(),
    update_since=st.none(),
    issued_at=st.none(),
    kept_at=st.none(),
    critical_since=st.none(),
    dock_heard_at=st.none() | st.sampled_from([NOW, NOW - timedelta(hours=1)]),
)
# Good but for a few facts: of what is drawn at random, hardly any is ready.
good_but = st.builds(
    lambda drawn, names: READY._replace(**{name: getattr(drawn, name) for name in names}),
    somewhere,
    st.sets(st.sampled_from(Facts._fields), max_size=4),
)
needs = st.none() | st.builds(
    Need,
    begins_at=st.sampled_from([NOW, NOW + timedelta(minutes=5), NOW + timedelta(hours=2)]),
    lasts=st.sampled_from([timedelta(), timedelta(hours=4), timedelta(hours=8)]),
    badge=st.sampled_from(["", "1017"]),
    taken=st.booleans(),
)


@settings(max_examples=500, deadline=None)
@given(somewhere | good_but, needs, st.sets(st.sampled_from(sorted(MISSING)), max_size=3))
def test_more_facts_missing_never_makes_a_camera_ready(
    facts: Facts, need: Need | None, names: set[str]
):
    fewer = facts._replace(**{name: MISSING[name] for name in names})

    if judge(fewer, need, POLICY, NOW).ready:
        assert judge(facts, need, POLICY, NOW).ready


# Why it is not among those that may be missing.
NEVER_MISSING = {
    "a row of ours says it": {
        "name", "service_state", "radio", "displaced", "dock_silent", "critical", "held_at",
        "reserved_for", "event", "issued_to", "update_stage", "recalled",
        "firmware_wanted", "profile_wanted", "profile_refused",
    },
    "it is told, and judges nothing": {
        "battery_percent", "service_since", "recalled_at", "update_since", "issued_at", "kept_at",
        "dock_heard_at", "critical_since",
    },
}  # fmt: skip


def test_every_fact_may_be_missing_or_has_a_reason_why_not():
    assert {*MISSING}.union(*NEVER_MISSING.values()) == {*Facts._fields}
    assert len(MISSING) + sum(map(len, NEVER_MISSING.values())) == len(Facts._fields)


def test_a_reason_is_as_old_as_what_it_tells_of():
    left_at, said_at = NOW - timedelta(hours=7), NOW - timedelta(hours=8)
    late = READY._replace(docked=False, hours=5.1, said_at=said_at, moved_at=left_at)

    away, battery = judge(late, SHIFT, POLICY, NOW).reasons

    assert (away.blocker, away.as_of) == (Blocker.AWAY, left_at)
    assert (battery.blocker, battery.as_of) == (Blocker.BATTERY, said_at)


@pytest.mark.parametrize(
    ("changed", "value", "limit"),
    [
        ({"service_state": "lost", "service_since": NOW}, "lost", "in service"),
        ({"recalled": "Lot KT", "recalled_at": NOW}, "recalled", "not recalled"),
        ({"update_stage": "installing", "update_since": NOW}, "overdue", "not being updated"),
        ({"reserved_for": "1031", "kept_at": NOW}, "promised", "not promised"),
        ({"event": "Parade", "kept_at": NOW}, "reserved", "free"),
        ({"issued_to": "1031", "issued_at": NOW}, "given out", "not given out"),
        ({"held_at": NOW}, "held", "not held"),
        ({"clock_ahead": None, "said_at": NOW}, "unknown", "within 2 min"),
        ({"clock_ahead": timedelta(seconds=-181), "said_at": NOW}, "4 min behind", "within 2 min"),
        ({"clock_ahead": timedelta(hours=3), "said_at": NOW}, "3 h ahead", "within 2 min"),
        ({"clock_ahead": timedelta(days=365), "said_at": NOW}, "365 days ahead", "within 2 min"),
    ],
)
def test_every_reason_has_its_value_its_limit_and_its_moment(
    changed: dict[str, Any], value: str, limit: str
):
    (reason,) = judge(READY._replace(**changed), SHIFT, POLICY, NOW).reasons

    assert (reason.value, reason.limit, reason.as_of) == (value, limit, NOW)
