from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.health.timeline import (
    Evidence,
    Placed,
    Silent,
    State,
    Stretch,
    missing,
    spans,
    state_of,
)
from devices.policy import Policy

POLICY = Policy()
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
DAY = MIDNIGHT + timedelta(days=1)


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def stretch(state: State, first: float, last: float) -> Stretch:
    docked = state in (State.CHARGING, State.DOCKED)
    return Stretch(state, at(first), at(last), docked)


def told(evidence: Evidence, until: datetime = DAY) -> list[tuple[str, float, float, bool]]:
    found = spans(evidence, since=MIDNIGHT, until=until, policy=POLICY)
    hour = timedelta(hours=1)
    return [
        (
            span.state.value,
            round((span.from_at - MIDNIGHT) / hour, 3),
            round((span.until_at - MIDNIGHT) / hour, 3),
            span.heard,
        )
        for span in found
    ]


MINUTES_5 = round(5 / 60, 3)


@pytest.mark.parametrize(
    ("docked", "mode", "battery", "state"),
    [
        (True, "off", "charging", State.CHARGING),
        (True, "off", "full", State.DOCKED),
        (True, "recording", "charging", State.RECORDING),
        (False, "recording", "discharging", State.RECORDING),
        (False, "buffering", "discharging", State.OUT),
        (False, "off", "discharging", State.OFF),
        (False, "sleep", "discharging", State.SLEEP),
        (False, "something new", "discharging", State.OUT),
    ],
)
def test_a_reading_says_one_state(docked, mode, battery, state):
    assert state_of(docked=docked, mode=mode, battery_state=battery) is state


def test_a_camera_nobody_heard_of_is_unknown_all_day():
    assert told(Evidence()) == [("unknown", 0, 24, False)]


def test_readings_close_together_prove_what_lies_between_them():
    evidence = Evidence(
        stretches=[stretch(State.CHARGING, 0, 5), stretch(State.DOCKED, 5.25, 24)],
    )

    assert told(evidence) == [("charging", 0, 5.25, True), ("docked", 5.25, 24, True)]


def test_a_long_gap_is_unknown_and_never_filled_with_the_last_state():
    evidence = Evidence(
        stretches=[stretch(State.DOCKED, 0, 5), stretch(State.DOCKED, 9, 24)],
    )

    assert told(evidence) == [
        ("docked", 0, 5 + MINUTES_5, True),
        ("unknown", 5 + MINUTES_5, 9, False),
        ("docked", 9, 24, True),
    ]


def test_a_silence_begins_at_the_last_word_not_at_the_last_reading_kept():
    evidence = Evidence(
        stretches=[stretch(State.DOCKED, 0, 5), stretch(State.DOCKED, 9, 24)],
        silences=[Silent(at(5.2), at(9))],
    )

    assert told(evidence)[:2] == [("docked", 0, 5.2, True), ("unknown", 5.2, 9, False)]


def test_a_silence_that_late_reports_have_filled_is_not_unknown():
    evidence = Evidence(stretches=[stretch(State.DOCKED, 0, 24)], silences=[Silent(at(5), at(9))])

    assert told(evidence) == [("docked", 0, 24, True)]


def test_a_camera_without_a_radio_is_out_because_a_dock_saw_it_leave():
    evidence = Evidence(
        stretches=[stretch(State.DOCKED, 0, 7), stretch(State.CHARGING, 15, 24)],
        placements=[Placed(at(7.01), docked=False), Placed(at(15), docked=True, place="D03-5")],
    )

    assert told(evidence) == [
        ("docked", 0, 7.01, True),
        ("out", 7.01, 15, False),
        ("charging", 15, 24, True),
    ]


def test_a_camera_that_falls_silent_outside_is_still_out_but_not_heard():
    evidence = Evidence(
        stretches=[stretch(State.RECORDING, 0, 7)],
        placements=[Placed(at(-1), docked=False)],
        silences=[Silent(at(7.02))],
    )

    assert told(evidence) == [("recording", 0, 7.02, True), ("out", 7.02, 24, False)]


def test_a_camera_that_left_and_came_back_unseen_is_unknown_once_silent():
    evidence = Evidence(
        stretches=[stretch(State.DOCKED, 8, 9)], placements=[Placed(at(1), docked=False)]
    )

    assert told(evidence)[-2:] == [
        ("docked", 8, 9 + MINUTES_5, True),
        ("unknown", 9 + MINUTES_5, 24, False),
    ]


def test_a_camera_that_left_at_once_was_not_silent_in_its_dock():
    evidence = Evidence(
        placements=[Placed(at(3), docked=True, place="D01-1"), Placed(at(3.02), docked=False)]
    )

    assert told(evidence)[1:] == [("docked", 3, 3.02, False), ("out", 3.02, 24, False)]


def test_a_dock_that_saw_it_come_is_not_believed_for_ever():
    evidence = Evidence(placements=[Placed(at(3), docked=True, place="D01-1")])

    assert told(evidence) == [
        ("unknown", 0, 3, False),
        ("docked", 3, 3 + MINUTES_5, False),
        ("unknown", 3 + MINUTES_5, 24, False),
    ]


def test_what_was_heard_last_holds_until_the_last_word():
    evidence = Evidence(stretches=[stretch(State.DOCKED, 0, 11.9)], heard_at=at(12))

    assert told(evidence, until=at(12)) == [("docked", 0, 12, True)]


def test_the_bay_is_said_of_a_docked_camera_only():
    evidence = Evidence(
        stretches=[stretch(State.DOCKED, 0, 7), stretch(State.OUT, 7.1, 24)],
        placements=[Placed(at(-2), docked=True, place="D03-5"), Placed(at(7.1), docked=False)],
    )

    found = spans(evidence, since=MIDNIGHT, until=DAY, policy=POLICY)

    assert [span.place for span in found] == ["D03-5", ""]


@pytest.mark.parametrize(
    ("received", "gaps"),
    [
        ([], []),
        ([0, 9], []),
        ([0, 3, 7, 9], [(4, 6)]),
        ([5, 5, 7, 7, 20, 30], [(6, 6), (8, 19)]),
    ],
)
def test_reports_that_never_came_lie_between_those_that_did(received, gaps):
    assert missing(received) == gaps


HOURS = st.floats(min_value=-5, max_value=29, allow_nan=False).map(at)
STATES = st.sampled_from([state for state in State if state is not State.UNKNOWN])
STRETCHES = st.builds(
    lambda state, one, other, docked: Stretch(state, min(one, other), max(one, other), docked),
    STATES,
    HOURS,
    HOURS,
    st.booleans(),
)
PLACEMENTS = st.builds(Placed, HOURS, st.booleans(), st.sampled_from(["", "D01-1"]))
SILENCES = st.builds(Silent, HOURS, st.none() | HOURS)


@given(st.lists(STRETCHES), st.lists(PLACEMENTS), st.lists(SILENCES), st.none() | HOURS)
def test_every_moment_has_exactly_one_state_whatever_was_written_down(
    stretches, placements, silences, heard_at
):
    evidence = Evidence(stretches, placements, silences, heard_at)

    found = spans(evidence, since=MIDNIGHT, until=DAY, policy=POLICY)

    assert found[0].from_at == MIDNIGHT
    assert found[-1].until_at == DAY
    assert all(before.until_at == after.from_at for before, after in pairwise(found))
    assert all(span.from_at < span.until_at for span in found)
