"""Who works when: three shifts, five days on, two off, four on, two off."""

from random import Random
from statistics import mean

from devices.simulator import numbers
from devices.simulator.shifts import Roster, days_on_share, works

NUMBERS = numbers.read().shifts
BADGES = [str(1000 + n) for n in range(131)]


def roster(double_share: float | None = None) -> Roster:
    update = {} if double_share is None else {"double_share": double_share}
    return Roster(BADGES, NUMBERS.model_copy(update=update), Random(1))


def test_the_pattern_is_five_on_two_off_four_on_two_off() -> None:
    days = "".join("x" if works(NUMBERS.pattern, day) else "." for day in range(26))

    assert days == "xxxxx..xxxx.." * 2
    assert days_on_share(NUMBERS.pattern) == 9 / 13


def test_about_46_officers_work_on_any_day_and_about_15_in_any_shift() -> None:
    days = [roster().of_day(day) for day in range(26)]

    assert 45 <= mean(map(len, days)) <= 47
    for duties in days:
        assert 40 <= len(duties) <= 52
        starts = [duty.begins % 24 for duty in duties]
        assert all(13 <= starts.count(start) <= 18 for start in (7, 15, 23))


def test_nobody_works_twice_on_a_day_and_most_work_eight_hours() -> None:
    made = roster()

    duties = [duty for day in range(130) for duty in made.of_day(day)]

    doubles = [duty for duty in duties if duty.ends - duty.begins == 16]
    assert {duty.ends - duty.begins for duty in duties} == {8, 16}
    assert 0.03 < len(doubles) / len(duties) < 0.05
    for day in range(13):
        badges = [duty.badge for duty in made.of_day(day)]
        assert len(badges) == len(set(badges))


def test_the_night_shift_ends_in_the_morning() -> None:
    nights = [duty for duty in roster(double_share=0).of_day(2) if duty.begins % 24 == 23]

    assert {duty.ends % 24 for duty in nights} == {7}
