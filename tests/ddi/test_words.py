"""What each word of a client does to its camera's turn, in every state of it."""

import json
from datetime import time, timedelta

import pytest

from devices.gateway.ddi import said
from devices.gateway.ddi.turns import turn_of, with_bytes_of
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.releases.models import Release
from devices.rollouts.actions import (
    FETCHES_FOR,
    NotOffered,
    Over,
    active_for,
    fetching,
    hear,
    may_fetch,
)
from devices.rollouts.models import Deployment, DeploymentWord
from devices.rollouts.rules import ACTIVE, FINAL, MOVES, Course, Event, Turn, in_window, longest_of
from devices.rollouts.words import Execution, Finished, Word
from tests.ddi.asking import feedback
from tests.ddi.offers import a_turn
from tests.rows import a_camera, a_station

E, F = Execution, Finished
WORDS = [
    (Word(E.CLOSED, F.SUCCESS), Event.SAID_SUCCESS),
    (Word(E.CLOSED, F.NONE), Event.SAID_SUCCESS),
    (Word(E.CLOSED, F.FAILURE), Event.SAID_FAILURE),
    (Word(E.CANCELED, F.SUCCESS), Event.SAID_CANCELLED),
    (Word(E.PROCEEDING), Event.PROCEEDING),
    (Word(E.RESUMED), Event.PROCEEDING),
    (Word(E.DOWNLOAD), Event.DOWNLOADING),
    (Word(E.DOWNLOADED), Event.DOWNLOADED),
    (Word(E.SCHEDULED), None),
    (Word(E.REJECTED, F.FAILURE), None),
]
WORDS_OF_CANCEL = [
    (Word(E.CLOSED, F.SUCCESS), Turn.CANCELLED),
    (Word(E.CLOSED, F.NONE), Turn.CANCELLED),
    (Word(E.CANCELED, F.SUCCESS), Turn.CANCELLED),
    (Word(E.CLOSED, F.FAILURE), Turn.INSTALLING),
    (Word(E.REJECTED, F.FAILURE), Turn.INSTALLING),
    (Word(E.PROCEEDING), Turn.CANCELLING),
    (Word(E.SCHEDULED), Turn.CANCELLING),
]


@pytest.fixture
def camera(db, noon):
    return a_camera(417, a_station(), noon)


def shown(camera):
    return Camera.objects.get(pk=camera.pk).update_stage


@pytest.mark.parametrize("state", Turn)
@pytest.mark.parametrize(("word", "event"), WORDS)
def test_every_word_in_every_state(camera, noon, state, word, event):
    turn = a_turn(camera, state, fetched=True)
    refusal = Over if state in FINAL else NotOffered if state is Turn.PLANNED else None

    if refusal:
        with pytest.raises(refusal):
            hear(turn.pk, word, now=noon)
    else:
        hear(turn.pk, word, now=noon)

    after = MOVES.get((state, event), state) if state in ACTIVE else state
    turn.refresh_from_db()
    assert turn.state == after
    moved = after is not state
    assert LedgerEntry.objects.count() == moved
    assert DeploymentWord.objects.count() == turn.said == (refusal is None)
    assert (turn.since == noon) == moved
    if moved:
        assert (turn.by is None) == (after in FINAL)
        assert (turn.ended_at is None) == (after not in FINAL)
        assert shown(camera) == (
            "" if after in FINAL else "offered" if after is Turn.DOWNLOADING else "installing"
        )


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_a_success_without_the_bytes_moves_nothing(camera, noon, state):
    turn = a_turn(camera, state, fetched=False)

    for finished in (F.SUCCESS, F.NONE):
        assert hear(turn.pk, Word(E.CLOSED, finished), now=noon) == state


@pytest.mark.parametrize(("word", "state"), WORDS_OF_CANCEL)
def test_what_a_client_answers_to_a_cancel(camera, noon, word, state):
    turn = a_turn(camera, Turn.CANCELLING, fetched=True)

    assert hear(turn.pk, word, now=noon, of_cancel=True) == state
    assert shown(camera) == ("" if state is Turn.CANCELLED else "installing")


@pytest.mark.parametrize("state", set(Turn) - {Turn.CANCELLING})
def test_nothing_answers_a_cancel_that_nobody_asked_for(camera, noon, state):
    turn = a_turn(camera, state)

    with pytest.raises(Over if state in FINAL else NotOffered):
        hear(turn.pk, Word(E.CLOSED, F.SUCCESS), now=noon, of_cancel=True)

    assert not DeploymentWord.objects.exists()


@pytest.mark.parametrize("fetched", [True, False])
@pytest.mark.parametrize("state", Turn)
def test_who_may_have_the_bytes(camera, noon, state, fetched):
    turn = a_turn(camera, state, fetched=fetched, ended_at=noon if state in FINAL else None)

    # One that took too long would fail for sure if it were cut off now.
    if state in ACTIVE or (fetched and state is Turn.TIMED_OUT):
        after = Turn.DOWNLOADING if state is Turn.OFFERED else state
        assert fetching(turn.pk, noon) == after
        assert Deployment.objects.get().fetched
    else:
        with pytest.raises(NotOffered):
            fetching(turn.pk, noon)
        assert Deployment.objects.get().fetched == fetched


@pytest.mark.parametrize(
    ("ago", "release", "may"),
    [
        (FETCHES_FOR - timedelta(seconds=1), "approved", True),
        (FETCHES_FOR, "approved", False),
        (timedelta(seconds=1), "recalled", False),
    ],
)
@pytest.mark.parametrize("course", Course)
def test_who_took_too_long_has_the_bytes_for_some_hours(camera, noon, ago, release, may, course):
    turn = a_turn(camera, Turn.TIMED_OUT, fetched=True, ended_at=noon - ago, course=course)
    Release.objects.update(state=release)
    turn = turn_of(camera.pk, turn.offer)

    assert may_fetch(turn, noon) == may
    found = with_bytes_of(camera.pk, turn.rollout.release_id, noon)
    assert (found is not None) == may
    if not may:
        with pytest.raises(NotOffered):
            fetching(turn.pk, noon)


@pytest.mark.parametrize(
    ("progress", "percent"),
    [
        (42, 42),
        ({"cnt": 1, "of": 4}, 25),
        ({"cnt": 2, "of": 0}, None),
        (101, None),
        (True, None),
        ("half", None),
        ([1], None),
        (None, None),
    ],
)
def test_progress_may_be_anything(progress, percent):
    told = feedback("download", result={"finished": "none", "progress": progress})

    assert said.word(json.dumps(told).encode()) == Word(E.DOWNLOAD, progress=percent)


@pytest.mark.parametrize(
    ("windows", "at", "within"),
    [
        ([], "12:00", True),
        ([["09:00", "17:00"]], "12:00", True),
        ([["09:00", "17:00"]], "17:00", False),
        ([["22:00", "05:00"]], "23:00", True),
        ([["22:00", "05:00"]], "04:59", True),
        ([["22:00", "05:00"]], "05:00", False),
        ([["22:00", "05:00"], ["12:00", "13:00"]], "12:30", True),
    ],
)
def test_windows_go_over_midnight(windows, at, within):
    assert in_window(windows, time.fromisoformat(at)) == within


@pytest.mark.parametrize(
    ("windows", "hours"),
    [
        ([], None),
        ([["22:00", "05:00"], ["13:00", "14:00"]], 7),
        ([["06:30", "07:00"]], 0.5),
        ([["00:00", "00:00"]], 0),
        ([["22:00", "00:00"], ["00:00", "00:45"]], 2.75),  # they touch
        ([["00:00", "00:45"], ["22:00", "00:00"]], 2.75),
        ([["12:00", "14:00"], ["13:00", "13:30"], ["13:30", "15:00"]], 3),  # they overlap
        ([["23:00", "01:00"], ["00:30", "02:00"], ["06:00", "08:30"]], 3),
        ([["20:00", "23:00"], ["22:00", "04:00"], ["03:00", "05:00"]], 9),
        ([["12:00", "13:00"], ["13:01", "14:00"]], 1),  # a gap between them
        ([["00:00", "12:00"], ["12:00", "00:00"]], 24),
        ([["06:00", "18:00"], ["18:00", "06:00"]], 24),
        ([["00:00", "01:00"], ["02:00", "23:00"]], 21),
    ],
)
def test_how_long_the_longest_window_is(windows, hours):
    assert longest_of(windows) == (None if hours is None else timedelta(hours=hours))


def test_the_active_turns_of_many_cameras_are_one_query(camera, django_assert_num_queries):
    turn = a_turn(camera)

    with django_assert_num_queries(1):
        active = active_for([camera.pk, 0])
        assert active[camera.pk].rollout.release.version

    assert active == {camera.pk: turn}
