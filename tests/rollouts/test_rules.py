"""Every state and every event of a camera's turn; when a rollout stops and when a wave is done."""

from datetime import timedelta

import pytest

from devices.rollouts.rules import (
    ACTIVE,
    FINAL,
    LASTS,
    MOVES,
    Event,
    Tally,
    Terms,
    Turn,
    moved,
    shown,
    stops,
    wave_done,
)

P, O, D, I, A, X = (  # noqa: E741
    Turn.PLANNED,
    Turn.OFFERED,
    Turn.DOWNLOADING,
    Turn.INSTALLING,
    Turn.AWAITING_PROOF,
    Turn.CANCELLING,
)
S, F, K, C, T = Turn.SUCCEEDED, Turn.FAILED, Turn.SKIPPED, Turn.CANCELLED, Turn.TIMED_OUT

# A row a state, a column an event; what is not written changes nothing.
TABLE = {
    P: {Event.OFFER: O, Event.CANCEL: C, Event.PUT_ASIDE: K, Event.SKIP: K, Event.FOUND: K},
    O: {
        Event.TAKE_BACK: P,
        Event.CANCEL: C,
        Event.DOWNLOADING: D,
        Event.DOWNLOADED: D,
        Event.PROCEEDING: I,
        Event.SAID_FAILURE: F,
        Event.SAID_CANCELLED: C,
        Event.OVERDUE: P,
        Event.GIVE_UP: T,
        Event.PUT_ASIDE: K,
        Event.FOUND: K,
    },
    D: {
        Event.TAKE_BACK: X,
        Event.CANCEL: X,
        Event.PUT_ASIDE: X,
        Event.PROCEEDING: I,
        Event.SAID_SUCCESS: A,
        Event.SAID_FAILURE: F,
        Event.SAID_CANCELLED: C,
        Event.PROVEN: S,
        Event.OVERDUE: T,
        Event.FOUND: K,
    },
    I: {
        Event.CANCEL: X,
        Event.SAID_SUCCESS: A,
        Event.SAID_FAILURE: F,
        Event.SAID_CANCELLED: C,
        Event.PROVEN: S,
        Event.PROVEN_OTHERWISE: F,
        Event.OVERDUE: T,
        Event.FOUND: K,
    },
    A: {
        Event.SAID_FAILURE: F,
        Event.PROVEN: S,
        Event.PROVEN_OTHERWISE: F,
        Event.OVERDUE: T,
    },
    X: {
        Event.SAID_CANCELLED: C,
        Event.SAID_SUCCESS: A,
        Event.SAID_FAILURE: F,
        Event.REFUSED_CANCEL: I,
        Event.PROVEN: S,
        Event.OVERDUE: C,
    },
    S: {},
    K: {Event.RETRY: P},
    F: {Event.PROVEN: S, Event.RETRY: P},
    T: {Event.PROVEN: S, Event.RETRY: P},
    C: {Event.PROVEN: S, Event.RETRY: P, Event.GIVE_UP: F, Event.PUT_ASIDE: K},
}


@pytest.mark.parametrize("state", list(Turn))
@pytest.mark.parametrize("event", list(Event))
def test_every_event_in_every_state(state, event):
    assert moved(state, event) is TABLE[state].get(event, state)


def test_a_success_that_was_never_fetched_counts_for_nothing():
    assert moved(Turn.OFFERED, Event.SAID_SUCCESS) is Turn.OFFERED
    assert moved(Turn.PLANNED, Event.SAID_SUCCESS) is Turn.PLANNED


def test_only_a_camera_that_says_so_itself_succeeds():
    assert {event for (_, event), to in MOVES.items() if to is Turn.SUCCEEDED} == {Event.PROVEN}


def test_no_active_state_lasts_for_ever():
    assert set(LASTS) == ACTIVE
    for state in ACTIVE:
        assert moved(state, Event.OVERDUE) is not state


def test_a_state_is_planned_active_or_final():
    assert {Turn.PLANNED} | ACTIVE | FINAL == set(Turn)
    assert not ACTIVE & FINAL


@pytest.mark.parametrize(
    ("tallies", "stopped"),
    [
        ([{}], False),
        ([{S: 100}], False),
        ([{F: 2}], False),
        ([{F: 3}], True),
        ([{F: 1}, {T: 2}], True),
        ([{S: 10, F: 1}], False),
        ([{S: 18, F: 2}], True),
        ([{S: 38, F: 2}], False),
    ],
)
def test_more_failures_than_allowed_stop_it(tallies, stopped):
    said = stops([Tally(one) for one in tallies], Terms())

    assert bool(said) is stopped


@pytest.mark.parametrize(
    ("tallies", "stopped"),
    [
        ([Tally({F: 5}, forgiven=3)], False),
        ([Tally({F: 6}, forgiven=3)], True),
        ([Tally({F: 3}, forgiven=3), Tally({T: 3})], True),
        ([Tally({S: 3, F: 0}), Tally({T: 2})], False),  # those forgiven came to succeed
        ([Tally({P: 3}, tried_again=3)], True),  # whoever has another turn has failed
        ([Tally({P: 3}, tried_again=3, forgiven=1)], False),
        ([Tally({S: 38, F: 4}, forgiven=2)], False),
        ([Tally({S: 19, F: 4}, forgiven=2)], True),  # of those that count, 2 of 21 failed
    ],
)
def test_what_is_forgiven_is_a_failure_and_no_number(tallies, stopped):
    assert bool(stops(tallies, Terms())) is stopped


@pytest.mark.parametrize(
    ("states", "soaked_h", "done"),
    [
        ({S: 2}, 24, True),
        ({S: 2}, 23, False),
        ({S: 1, P: 1}, 99, False),
        ({S: 1, A: 1}, 99, False),
        ({S: 1, C: 1}, 99, False),  # it has its turn again, or has failed, at the next look
        ({S: 19, F: 1}, 24, True),
        ({S: 18, F: 2}, 24, False),
        ({K: 2}, 24, True),
    ],
)
def test_the_next_wave_waits_for_success_and_for_the_soak(noon, states, soaked_h, done):
    tally = Tally(states, last_end_at=noon - timedelta(hours=soaked_h))

    assert wave_done(tally, Terms(), noon) is done


@pytest.mark.parametrize(
    ("states", "had_turns", "works"),
    [
        ({S: 1, F: 3}, 0, True),
        ({F: 2}, 0, False),
        ({C: 2}, 0, False),
        ({K: 2}, 2, False),  # put aside, or tried in vain
        ({K: 2}, 1, False),
        ({K: 2}, 0, True),  # they run it already, or are lost
        ({}, 0, True),
    ],
)
def test_what_shows_that_a_release_works(states, had_turns, works):
    assert shown([Tally(states, had_turns=had_turns)]) is works
    assert shown([Tally(states, had_turns=had_turns), Tally({S: 1})])


@pytest.mark.parametrize(
    ("states", "forgiven", "done"),
    [
        ({S: 18, F: 2}, 2, True),
        ({S: 18, F: 2}, 1, False),  # 18 of 19 are less than 95 %
        ({F: 2}, 2, True),
    ],
)
def test_what_is_forgiven_keeps_no_wave_from_the_next(noon, states, forgiven, done):
    tally = Tally(states, last_end_at=noon - timedelta(hours=24), forgiven=forgiven)

    assert wave_done(tally, Terms(), noon) is done
