"""What officers record in a shift, and what becomes of it."""

from random import Random
from statistics import mean, median, quantiles

import pytest

from devices.simulator import numbers, recordings
from devices.simulator.recordings import Recordings

NUMBERS = numbers.read().recording


def test_a_duty_day_records_35_minutes_in_the_middle_and_rarely_more_than_150() -> None:
    random = Random(1)

    days = [recordings.of_a_shift(random, NUMBERS) for _ in range(20_000)]

    minutes = [60 * sum(day) for day in days]
    assert median(minutes) == pytest.approx(35, rel=0.03)
    assert quantiles(minutes, n=20)[-1] == pytest.approx(150, rel=0.05)
    assert mean(map(len, days)) == pytest.approx(2.8, rel=0.02)


def test_an_hour_is_1_8_gigabytes() -> None:
    camera = Recordings(NUMBERS)

    camera.start()
    camera.record(1)
    camera.stop()

    assert (camera.waiting_clips, camera.waiting_bytes) == (1, 1_800_000_000)


def test_a_recording_longer_than_four_hours_is_two_clips() -> None:
    camera = Recordings(NUMBERS)

    camera.start()
    for _ in range(10):
        camera.record(0.5)
    camera.stop()

    assert (camera.waiting_clips, camera.waiting_bytes) == (2, 9_000_000_000)


def test_clips_are_handed_over_oldest_first_and_never_more_than_there_is() -> None:
    camera = Recordings(NUMBERS)
    camera.clips.extend([100, 50, 30])

    camera.hand_over(120)
    assert list(camera.clips) == [30, 30]

    camera.hand_over(1000)
    assert (camera.waiting_clips, camera.waiting_bytes) == (0, 0)
