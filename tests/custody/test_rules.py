"""What custody's events add up to, and when they cannot all be true."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.custody.rules import UNDO_WITHIN, Contradiction, Interval, Told, may_undo, replay

AT = datetime(2030, 1, 1, 7, tzinfo=UTC)


def held(custody, camera=417, officer=1):
    return Interval(custody, camera, officer, "shift", AT)


def test_nothing_that_happened_leaves_nobody_with_a_camera():
    assert replay([]) == {}


def test_what_began_and_did_not_end_is_held():
    assert replay([Told(AT, held(1)), Told(AT, held(2, camera=531))]) == {
        417: held(1),
        531: held(2, camera=531),
    }


def test_what_ended_is_held_no_more():
    assert replay([Told(AT, held(1)), Told(AT, closed=1)]) == {}


def test_one_event_may_end_one_custody_and_begin_the_next():
    assert replay([Told(AT, held(1)), Told(AT, held(2, officer=9), closed=1)]) == {
        417: held(2, officer=9)
    }


def test_an_event_that_changes_nothing_is_none():
    assert replay([Told(AT, held(1)), Told(AT)]) == {417: held(1)}


@pytest.mark.parametrize(
    "events",
    [
        [Told(AT, closed=1)],
        [Told(AT, held(1)), Told(AT, closed=2)],
        [Told(AT, held(1)), Told(AT, closed=1), Told(AT, closed=1)],
        [Told(AT, held(1)), Told(AT, held(2))],
        [Told(AT, held(1)), Told(AT, held(2), closed=1), Told(AT, closed=1)],
        [Told(AT, closed=1), Told(AT, held(1))],
    ],
)
def test_events_that_cannot_all_be_true_contradict(events):
    with pytest.raises(Contradiction):
        replay(events)


@pytest.mark.parametrize(
    ("after", "may"),
    [
        (timedelta(0), True),
        (UNDO_WITHIN, True),
        (UNDO_WITHIN + timedelta(microseconds=1), False),
        (timedelta(seconds=-2), True),  # another process's clock
    ],
)
def test_undo_is_for_a_minute(after, may):
    assert may_undo(AT, AT + after) is may
