"""What a rollout does next, by plain values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from devices.rollouts.rules import Tally, Terms, Turn
from devices.rollouts.steps import Do, WaveStands, next_step

NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
H = timedelta(hours=1)
TERMS = Terms(soak=6 * H)


def a_wave(
    number: int = 1,
    opened_h: float | None = 3,
    ended_h: float = 7,
    had_turns: int = 0,
    tried_again: int = 0,
    **states: int,
):
    by_state = {Turn(state): n for state, n in states.items()}
    ended_at = NOW - ended_h * H
    tally = Tally(by_state, ended_at, tried_again=tried_again, had_turns=had_turns)
    opened_at = None if opened_h is None else NOW - opened_h * H
    return WaveStands(number, number, opened_at, None, tally)


LAST = a_wave(2, opened_h=None, planned=10)


@pytest.mark.parametrize(
    ("wave", "does"),
    [
        (a_wave(opened_h=None, planned=5), Do.OPEN),
        (a_wave(planned=5), Do.NOTHING),
        (a_wave(succeeded=4, installing=1), Do.NOTHING),
        (a_wave(succeeded=5), Do.CLOSE),
        (a_wave(skipped=5), Do.CLOSE),  # they needed nothing, or were not to be had
        (a_wave(), Do.CLOSE),
        (a_wave(skipped=5, had_turns=5), Do.PAUSE),  # put aside
        (a_wave(skipped=5, had_turns=1), Do.PAUSE),
        (a_wave(skipped=2, had_turns=2, tried_again=2), Do.PAUSE),
        (a_wave(opened_h=25, succeeded=1, planned=1, tried_again=1), Do.PAUSE),
        (a_wave(opened_h=25, succeeded=19, planned=1, tried_again=1), Do.CARRY),
        (a_wave(opened_h=25, planned=1, tried_again=1), Do.PAUSE),
        (a_wave(skipped=4, succeeded=1), Do.CLOSE),
        (a_wave(succeeded=4, cancelled=1), Do.NOTHING),
        (a_wave(succeeded=5, ended_h=5), Do.NOTHING),  # it soaks
        (a_wave(succeeded=4, failed=1), Do.PAUSE),  # 80 %
        (replace(a_wave(succeeded=4, failed=1), may_retry=1), Do.RETRY),
        (replace(a_wave(succeeded=4, failed=1), may_write=1), Do.NOTHING),
        (replace(a_wave(succeeded=39, failed=1), may_write=1), Do.NOTHING),
        (replace(a_wave(opened_h=25, succeeded=4, failed=1), may_write=1), Do.PAUSE),
        (replace(a_wave(succeeded=3, failed=1, planned=1), may_retry=1), Do.NOTHING),
        (replace(a_wave(opened_h=25, succeeded=3, failed=1, planned=1), may_retry=1), Do.RETRY),
        (a_wave(opened_h=25, succeeded=3, failed=1, planned=1), Do.PAUSE),
        (a_wave(opened_h=25, succeeded=4, planned=1), Do.CARRY),
        (a_wave(opened_h=23, succeeded=4, planned=1), Do.NOTHING),
        (a_wave(opened_h=99, planned=5), Do.NOTHING),  # none has shown it to work
        (a_wave(failed=3), Do.PAUSE),  # more than two
    ],
)
def test_what_the_first_wave_leads_to(wave, does):
    assert next_step([wave, LAST], TERMS, NOW).do is does


def test_what_is_forgiven_stands_in_no_ones_way():
    wave = a_wave(succeeded=4, failed=3)
    forgiven = replace(wave, tally=replace(wave.tally, forgiven=3))
    one_more = replace(wave, tally=replace(wave.tally, forgiven=2))

    assert next_step([wave, LAST], TERMS, NOW).because == "3 cameras failed; 2 are allowed."
    assert next_step([forgiven, LAST], TERMS, NOW).do is Do.CLOSE
    said = next_step([one_more, LAST], TERMS, NOW)
    assert said.because == "Of wave 1 4 of 5 succeeded; 95 % are wanted."


def test_what_no_camera_runs_goes_on_in_spite_of_nothing():
    wave = a_wave(failed=2, ended_h=0)

    assert next_step([wave, LAST], TERMS, NOW).because == (
        "Of wave 1 0 of 2 succeeded; 95 % are wanted."
    )
    step = next_step([replace(wave, tally=replace(wave.tally, forgiven=2)), LAST], TERMS, NOW)
    assert step.do is Do.PAUSE
    assert step.because.startswith("No camera of wave 1 runs the release, so nothing shows")


def test_a_rollout_that_no_camera_runs_in_the_end_is_not_finished():
    alone = a_wave(skipped=2, had_turns=1)
    after_others = [replace(a_wave(succeeded=2), done_at=NOW), a_wave(2, skipped=2, had_turns=2)]
    after_nobody = [replace(a_wave(skipped=1), done_at=NOW), a_wave(2, skipped=2, had_turns=2)]

    step = next_step([alone], TERMS, NOW)
    assert (step.do, step.because[:18]) == (Do.PAUSE, "No camera of it ru")
    assert next_step(after_others, TERMS, NOW).do is Do.CLOSE
    assert next_step(after_nobody, TERMS, NOW).do is Do.PAUSE


@pytest.mark.parametrize(
    ("last", "does"),
    [
        (a_wave(2, planned=1, succeeded=5), Do.LEAVE),
        (a_wave(2, opened_h=99, planned=1, succeeded=5), Do.LEAVE),
        (a_wave(2, succeeded=5), Do.CLOSE),
        (replace(a_wave(2, succeeded=5), done_at=NOW), Do.FINISH),
        (replace(a_wave(2, succeeded=5, planned=1), done_at=NOW), Do.LEAVE),  # one that joined
    ],
)
def test_what_the_last_wave_leads_to(last, does):
    first = replace(a_wave(succeeded=2), done_at=NOW)

    assert next_step([first, last], TERMS, NOW).do is does
