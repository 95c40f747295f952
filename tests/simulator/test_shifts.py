"""Who works when: three shifts, five days on, two off, four on, two off, as the files say."""

from datetime import date, datetime, time, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

from devices.simulator.shifts import Calendar, Roster, works
from tests.simulator import west

ZONE = ZoneInfo("America/New_York")
MONDAY = date(2026, 6, 1)


def roster(first: date = MONDAY) -> Roster:
    return Roster(west.SHIFTS, west.rotations(), Calendar(first, ZONE))


def test_the_pattern_is_five_on_two_off_four_on_two_off() -> None:
    days = "".join("x" if works(west.PATTERN, day) else "." for day in range(26))

    assert days == "xxxxx..xxxx.." * 2


def test_about_46_officers_work_on_any_day_and_about_15_in_any_shift() -> None:
    days = [roster().of_day(day) for day in range(26)]

    assert 45 <= mean(map(len, days)) <= 47
    for duties in days:
        assert 40 <= len(duties) <= 52
        starts = [duty.begins % 24 for duty in duties]
        assert all(13 <= starts.count(start) <= 18 for start in (7, 15, 23))


def test_nobody_works_twice_on_a_day_and_all_work_eight_hours() -> None:
    for day in range(130):
        duties = roster().of_day(day)

        assert {round(duty.ends - duty.begins, 6) for duty in duties} == {8}
        badges = [duty.badge for duty in duties]
        assert len(badges) == len(set(badges))


def test_the_night_shift_ends_in_the_morning() -> None:
    nights = [duty for duty in roster().of_day(2) if duty.begins % 24 == 23]

    assert {duty.ends % 24 for duty in nights} == {7}


def test_a_night_on_which_clocks_change_is_as_long_as_in_life() -> None:
    lasts = {
        change: {
            round(duty.ends - duty.begins, 6)
            for duty in roster(change - timedelta(days=1)).of_day(0)
        }
        for change in (date(2026, 3, 8), date(2026, 11, 1))
    }

    assert lasts == {date(2026, 3, 8): {8, 7}, date(2026, 11, 1): {8, 9}}


def test_the_calendar_says_what_clocks_show_before_and_after_they_change() -> None:
    calendar = Calendar(date(2026, 10, 31), ZONE)

    shown = [calendar.clock(hour).time() for hour in (23, 24.5, 25.5, 26.5, 27.5)]

    assert shown == [time(23), time(0, 30), time(1, 30), time(1, 30), time(2, 30)]
    for on in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)):
        hour = calendar.hour(on, time(7))
        assert calendar.clock(hour) == datetime.combine(on, time(7), tzinfo=ZONE)
