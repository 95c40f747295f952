"""Why a camera is silent, as a table without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devices.policy import Policy
from devices.readiness.facts import Known
from devices.readiness.rules import Blocker, Need
from devices.readiness.silence import Cause, Holder, why_silent

NOW = datetime(2030, 1, 1, 20, tzinfo=UTC)
POLICY = Policy()
HOUR = timedelta(hours=1)
AN_HOUR_AGO = NOW - HOUR

SPEAKS = Known(
    number=417,
    service_state="in_service",
    radio=True,
    hearing="heard",
    heard_at=NOW,
    docked=True,
    displaced=False,
    dock_silent=False,
    mode="off",
    battery_percent=90,
    offload="complete",
    clips_waiting=0,
    storage_free_mb=60_000,
    firmware_version="4.2.1",
    firmware_wanted="",
    profile_version="7",
    profile_wanted="",
    clock_ahead=timedelta(),
    said_faults=None,
    open_critical=None,
    battery_state="full",
    measured_at=NOW,
    moved_at=NOW - 5 * HOUR,
    health_percent=100,
    model_hours=12.0,
    learned=None,
)
SILENT: dict[str, Any] = {
    "hearing": "silent",
    "heard_at": AN_HOUR_AGO,
    "measured_at": AN_HOUR_AGO,
}
OUT: dict[str, Any] = {"docked": False, "mode": "buffering", "battery_state": "discharging"}
NO_RADIO: dict[str, Any] = {
    **OUT,
    "radio": False,
    "mode": "off",
    "heard_at": NOW - 5 * HOUR,
    "measured_at": NOW - 5 * HOUR,
}


OFFICERS_OWN = Holder()


def why(place: str = "D03-5", held: Holder | None = OFFICERS_OWN, **changed: Any) -> Any:
    known = SPEAKS._replace(**changed)
    return why_silent(known, place=place, held=held, policy=POLICY, now=NOW)


@pytest.mark.parametrize(
    ("changed", "cause", "sentence"),
    [
        ({"hearing": "never", "heard_at": None}, "never_heard", "C0417 has never been heard."),
        ({**SILENT, "dock_silent": True}, "dock_down", "D03 is silent, and so all its bays are."),
        ({**SILENT, "dock_heard_at": NOW - timedelta(minutes=6)}, "dock_down",
         "D03 is silent, and so all its bays are."),
        ({**SILENT, "dock_heard_at": NOW - timedelta(minutes=5)}, "bay_contact",
         "C0417 is silent in D03-5 though its dock speaks: the contact, or it hangs."),
        (SILENT, "bay_contact",
         "C0417 is silent in D03-5 though its dock speaks: the contact, or it hangs."),
        ({"heard_at": AN_HOUR_AGO}, "bay_contact",
         "C0417 is silent in D03-5 though its dock speaks: the contact, or it hangs."),
        ({**SILENT, "battery_percent": 2, "measured_at": NOW - 9 * HOUR}, "charging",
         "C0417 came to D03-5 flat: it speaks when it has charged a little."),
        ({"displaced": True}, "unknown",
         "Nobody knows where C0417 is: another camera is in D03-5 now."),
        ({"docked": None}, "unknown", "C0417 spoke, but nobody has said where it is."),
        ({**SILENT, **OUT, "battery_percent": 5}, "dead_battery",
         "C0417's battery is flat: it had too little left to last until now."),
        ({**SILENT, **OUT, "mode": "off"}, "off", "C0417 is switched off."),
        ({**SILENT, **OUT, "mode": "sleep"}, "asleep", "C0417 sleeps."),
        ({**SILENT, **OUT}, "out_of_reach",
         "C0417 is out of reach: it was on and had battery left."),
        ({**SILENT, **OUT, "mode": "off", "battery_percent": 5}, "off", "C0417 is switched off."),
        (NO_RADIO, "no_radio", "C0417 is out and has no radio: it is silent until it is docked."),
        ({**NO_RADIO, "moved_at": NOW - 20 * HOUR, "measured_at": NOW - 20 * HOUR},
         "dead_battery", "C0417's battery is flat by now, unless it was switched off."),
    ],
)  # fmt: skip
def test_each_silence_has_its_cause(changed: dict[str, Any], cause: str, sentence: str):
    found = why(**changed)

    assert (found.cause, found.sentence) == (Cause(cause), sentence)
    assert found.evidence


@pytest.mark.parametrize(
    "changed",
    [{}, {"hearing": "late"}, OUT, {**OUT, "hearing": "late"}, {**OUT, "mode": "recording"}],
)
def test_a_camera_that_speaks_as_its_place_demands_is_not_silent(changed: dict[str, Any]):
    assert why(**changed) is None


def test_silence_that_nobody_need_do_anything_about_is_expected():
    assert why(**NO_RADIO).expected
    assert not why(**SILENT).expected
    assert not why(**SILENT, **OUT).expected


@pytest.mark.parametrize("mode", ["", "off", "sleep", "buffering", "recording"])
@pytest.mark.parametrize("said", [timedelta(minutes=1), HOUR, 6 * HOUR])
@pytest.mark.parametrize("radio", [True, False])
@pytest.mark.parametrize("hearing", ["heard", "silent"])
def test_readiness_is_in_doubt_of_a_silence_on_the_street_that_is_not_expected(
    mode: str, said: timedelta, radio: bool, hearing: str
):
    known = SPEAKS._replace(
        **{**OUT, "mode": mode, "radio": radio, "hearing": hearing},
        heard_at=NOW - said,
        measured_at=NOW - said,
        battery_percent=100,
    )
    on_it = Need(NOW - 5 * HOUR, 8 * HOUR, taken=True)

    silence = why_silent(known, place="", held=OFFICERS_OWN, policy=POLICY, now=NOW)
    doubted = {one.blocker for one in known.judged(on_it, POLICY, NOW).reasons}

    assert (Blocker.SILENT in doubted) == (silence is not None and not silence.expected)


def test_what_it_said_in_its_bay_is_no_word_of_the_street():
    found = why(**{**SILENT, **OUT, "mode": "off", "measured_at": NOW - 6 * HOUR})

    assert found.cause is Cause.OUT_OF_REACH
    assert found.sentence == "C0417 is out of reach: not a word since it left its bay."


def test_a_dock_that_is_down_is_one_cause_for_all_its_bays():
    down = {**SILENT, "dock_silent": True}

    found = {why(f"D03-{n}", number=n, **down) for n in range(1, 9)}

    assert {(one.cause, one.dock, one.sentence) for one in found} == {
        (Cause.DOCK_DOWN, "D03", "D03 is silent, and so all its bays are.")
    }


@pytest.mark.parametrize(
    ("held", "expected", "told"),
    [
        (Holder(), True, None),
        (Holder(duty_ends_at=NOW + 3 * HOUR), True, "It is due back:"),
        (Holder(due_at=NOW + HOUR, duty_ends_at=NOW - 9 * HOUR), True, "It is due back:"),
        (Holder(due_at=NOW - HOUR / 3), True, "It was due back:"),
        (Holder(due_at=NOW - HOUR / 2), False, "It was due back:"),
        (Holder(duty_ends_at=NOW - HOUR / 2), True, "It was due back:"),
        (Holder(duty_ends_at=NOW - HOUR), False, "It was due back:"),
        (None, False, "Nobody holds it."),
    ],
)
@pytest.mark.parametrize("out", [NO_RADIO, {**SILENT, **OUT, "mode": "off"}])
def test_on_the_street_silence_is_expected_of_what_somebody_holds_and_is_not_overdue(
    out: dict[str, Any], held: Holder | None, expected: bool, told: str | None
):
    found = why(held=held, **out)

    assert found.expected is expected
    assert found.cause in (Cause.NO_RADIO, Cause.OFF)
    assert found.evidence[-1].words == (told or "It left its bay.")


def test_what_should_be_in_its_bay_is_said_to_be_missed():
    nobody, overdue = why(held=None, **NO_RADIO), why(held=Holder(NOW - HOUR), **NO_RADIO)

    assert nobody.sentence.endswith(" Nobody holds it: it should be in its bay.")
    assert overdue.sentence.endswith(" It is overdue.")


@pytest.mark.parametrize("state", ["in_repair", "out_of_service", "lost"])
@pytest.mark.parametrize("held", [None, Holder(NOW - HOUR)])
def test_what_is_not_in_service_should_not_be_in_its_bay(state: str, held: Holder | None):
    found = why(held=held, service_state=state, **NO_RADIO)

    assert found.sentence == "C0417 is out and has no radio: it is silent until it is docked."
    assert not found.missed


def test_the_evidence_says_what_was_so_and_when():
    found = why(held=Holder(duty_ends_at=NOW + 3 * HOUR), **NO_RADIO)

    assert [(one.words, one.at) for one in found.evidence] == [
        ("It last said: off, battery 90 %.", NOW - 5 * HOUR),
        ("It left its bay.", NOW - 5 * HOUR),
        ("It is due back:", NOW + 3 * HOUR + POLICY.handover),
    ]
    assert found.since == NOW - 5 * HOUR
