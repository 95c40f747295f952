"""When shifts are, who is on by turns, and what cannot be."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from devices.roster import rules
from devices.roster.rules import Held, Hours, Slot, Span, Turn, Wanted

ZONE = ZoneInfo("America/New_York")
DAY, EVENING, NIGHT = Hours(time(7), time(15)), Hours(time(15), time(23)), Hours(time(23), time(7))
FORWARD, BACK = date(2026, 3, 8), date(2026, 11, 1)  # the days on which clocks change
A_DAY = timedelta(days=1)


def utc(*when):
    return datetime(*when, tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "at", "when"),
    [
        (date(2026, 1, 5), time(7), utc(2026, 1, 5, 12)),
        (date(2026, 7, 5), time(7), utc(2026, 7, 5, 11)),
        (FORWARD, time(1, 59), utc(2026, 3, 8, 6, 59)),
        (FORWARD, time(2), utc(2026, 3, 8, 7)),
        (FORWARD, time(2, 30), utc(2026, 3, 8, 7)),  # clocks skip it: the first instant after
        (FORWARD, time(3), utc(2026, 3, 8, 7)),
        (BACK, time(1, 30), utc(2026, 11, 1, 5, 30)),  # shown twice: the first time
        (BACK, time(2), utc(2026, 11, 1, 7)),
    ],
)
def test_a_time_of_day_is_one_instant(on, at, when):
    assert rules.instant(on, at, ZONE) == when


@pytest.mark.parametrize(
    ("on", "at", "skipped", "twice"),
    [
        (date(2026, 1, 5), time(2, 30), None, None),
        (FORWARD, time(1, 59), None, None),
        (FORWARD, time(2), "Clocks skip 02:00 on Sun 8 Mar: they go forward then.", None),
        (FORWARD, time(2, 59), "Clocks skip 02:59 on Sun 8 Mar: they go forward then.", None),
        (FORWARD, time(3), None, None),
        (BACK, time(0, 59), None, None),
        (BACK, time(1), None, "Clocks show 01:00 twice on Sun 1 Nov: the first is meant."),
        (BACK, time(1, 59), None, "Clocks show 01:59 twice on Sun 1 Nov: the first is meant."),
        (BACK, time(2), None, None),
    ],
)
def test_a_time_that_clocks_skip_or_show_twice_is_known(on, at, skipped, twice):
    assert rules.skipped(on, at, ZONE) == skipped
    assert rules.shown_twice(on, at, ZONE) == twice


@pytest.mark.parametrize(
    ("hours", "on", "lasts"),
    [
        (DAY, date(2026, 1, 5), 8),
        (NIGHT, date(2026, 1, 5), 8),
        (NIGHT, FORWARD - A_DAY, 7),
        (NIGHT, FORWARD, 8),
        (NIGHT, BACK - A_DAY, 9),
        (NIGHT, BACK, 8),
        (Hours(time(2, 30), time(10, 30)), FORWARD, 7.5),
        (Hours(time(1, 30), time(9, 30)), BACK, 9),
    ],
)
def test_a_shift_lasts_what_clocks_make_of_it(hours, on, lasts):
    assert rules.span_of(hours, on, ZONE).lasts == timedelta(hours=lasts)


def test_the_shifts_of_every_day_of_a_year_follow_each_other_without_a_gap():
    day, before = date(2026, 1, 1), None
    while day.year == 2026:
        for hours in (DAY, EVENING, NIGHT):
            span = rules.span_of(hours, day, ZONE)
            assert before is None or before.ends_at == span.begins_at
            before = span
        day += A_DAY


@pytest.mark.parametrize(
    ("hours", "on", "said"),
    [
        (NIGHT, FORWARD - A_DAY, "Night of Sat 7 Mar lasts 7 h, not 8 h: clocks go forward."),
        (NIGHT, BACK - A_DAY, "Night of Sat 31 Oct lasts 9 h, not 8 h: clocks go back."),
        (
            Hours(time(2, 5), time(2, 55)),
            FORWARD,
            "Night does not take place on Sun 8 Mar: clocks skip it.",
        ),
        (NIGHT, date(2026, 6, 1), None),
    ],
)
def test_an_unusual_length_is_said(hours, on, said):
    assert rules.unusual("Night", hours, on, ZONE) == said


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (FORWARD, "Clocks go forward at 02:00"),
        (BACK, "Clocks go back at 02:00"),
        (BACK + A_DAY, None),
    ],
)
def test_the_day_on_which_clocks_change_says_so(on, said):
    assert rules.clocks_change(on, ZONE) == said


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("5-2-4-2", [5, 2, 4, 2]),
        ("4-3", [4, 3]),
        ("5", None),
        ("5-2-4", None),
        ("5-0", None),
        ("40-40", None),
        ("5\u20132", None),
        ("five-two", None),
        ("", None),
    ],
)
def test_a_pattern_is_days_on_and_off_in_turn(written, days):
    assert rules.pattern_days(written) == days


def test_five_on_two_off_four_on_two_off():
    first = date(2026, 1, 5)

    said = "".join(
        "x" if rules.works([5, 2, 4, 2], first, first + n * A_DAY) else "." for n in range(-13, 26)
    )

    assert said == "xxxxx..xxxx.." * 3


def test_a_rotation_holds_from_its_first_day_to_its_last():
    turn = Turn(1, 1, 1, [1, 1], date(2026, 1, 5), date(2026, 1, 8))

    on = [n for n in range(1, 15) if turn.gives(date(2026, 1, n))]

    assert on == [5, 7]


def slots(kinds=(DAY, EVENING, NIGHT), station=1, first=date(2026, 10, 26), days=14):
    return [
        Slot(
            100 * n + kind,
            station,
            kind,
            first + n * A_DAY,
            rules.span_of(hours, first + n * A_DAY, ZONE),
        )
        for n in range(days)
        for kind, hours in enumerate(kinds)
    ]


def test_who_was_taken_off_by_hand_stays_off():
    turn = Turn(7, 0, 1, [5, 2], date(2026, 10, 26), None)

    found = rules.given([turn], slots(days=3), left_off={(100, 7)})

    assert [filled.shift for filled in found] == [0, 200]


def test_who_is_busy_by_other_means_is_not_put_on_as_well():
    turn = Turn(7, 0, 1, [5, 2], date(2026, 10, 26), None)
    elsewhere = Span(utc(2026, 10, 26, 18), utc(2026, 10, 26, 19, 30))

    found = rules.given([turn], slots(days=2), held={7: [elsewhere]})

    assert [filled.shift for filled in found] == [100]


def test_a_rotation_fills_the_shifts_of_its_own_station_alone():
    turn = Turn(7, 0, 2, [5, 2], date(2026, 10, 26), None)

    assert rules.given([turn], slots(station=1)) == []


HOURS = st.builds(
    Hours,
    st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None)),
)
TURNS = st.builds(
    Turn,
    officer=st.integers(1, 4),
    kind=st.integers(0, 3),
    station=st.just(1),
    days=st.sampled_from([[5, 2, 4, 2], [4, 3], [1, 1], [7, 1]]),
    first_on=st.dates(date(2026, 10, 1), date(2026, 11, 5)),
    last_on=st.none() | st.dates(date(2026, 10, 20), date(2026, 11, 20)),
)


@whatever(st.lists(HOURS, min_size=4, max_size=4), st.lists(TURNS, max_size=12))
def test_whatever_the_rotations_nobody_is_on_two_shifts_at_once(kinds, turns):
    possible = [slot for slot in slots(kinds) if slot.span.lasts > timedelta(0)]

    found = rules.given(turns, possible)

    by_officer = {}
    for filled in found:
        by_officer.setdefault(filled.officer, []).append(filled.span)
    for spans in by_officer.values():
        spans.sort(key=lambda span: span.begins_at)
        for one, following in pairwise(spans):
            assert one.ends_at <= following.begins_at


@whatever(st.lists(TURNS, max_size=12))
def test_filling_what_is_filled_adds_nothing(turns):
    planned = slots()
    first = rules.given(turns, planned)
    held = {}
    for filled in first:
        held.setdefault(filled.officer, []).append(filled.span)

    assert rules.given(turns, planned, held=held) == []


SHIFT = Span(utc(2026, 1, 5, 12), utc(2026, 1, 5, 20))


def wanted(**fields):
    told = {
        "badge": "217",
        "station": 1,
        "officers_station": 1,
        "active": True,
        "span": SHIFT,
        "shift": SHIFT,
        "says": "Day of Mon 5 Jan",
    }
    return Wanted(**{**told, **fields})


def later(hours, lasts=8):
    begins = SHIFT.begins_at + timedelta(hours=hours)
    return Span(begins, begins + timedelta(hours=lasts))


def test_an_officer_of_the_station_may_be_put_on():
    assert rules.why_not(wanted(), []) == []


def test_a_double_shift_is_fine():
    assert rules.why_not(wanted(), [Held(later(8), "Evening"), Held(later(-8), "Night")]) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"active": False}, "217 has left"),
        ({"officers_station": 2}, "217 belongs to another station"),
        ({"span": later(0, 0)}, "before it begins"),
        ({"span": later(0, -1)}, "before it begins"),
        ({"span": later(0, 0.1)}, "for 6 min only"),
        ({"span": later(9)}, "would not be there during Day of Mon 5 Jan"),
        ({"span": later(0, 17)}, "for 17 h; at most 16 h; longer is an extension, made by hand"),
    ],
)
def test_what_cannot_be_is_said(fields, said):
    (reason,) = rules.why_not(wanted(**fields), [])

    assert said in reason


def test_two_at_once_names_both():
    reasons = rules.why_not(wanted(), [Held(later(7), "Evening of Mon 5 Jan")])

    assert reasons == [
        "217 would be on Day of Mon 5 Jan and on Evening of Mon 5 Jan at once, for 1 h."
    ]


def test_every_reason_is_given():
    reasons = rules.why_not(
        wanted(active=False, officers_station=2), [Held(later(7), "Evening of Mon 5 Jan")]
    )

    assert len(reasons) == 3


@pytest.mark.parametrize(
    ("hours", "said"),
    [(20, None), (24, None), (25, "for 25 h; at most 24 h.")],
)
def test_an_extension_may_be_longer_but_ends(hours, said):
    reasons = rules.why_not(wanted(span=later(0, hours)), [], extended=True)

    assert reasons == [] if said is None else said in reasons[0]


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        (time(7), time(7), "Long ends at 07:00, when it begins"),
        (time(7), time(0, 30), "would last 17 h 30 min; a shift lasts at most 16 h"),
        (time(7), time(7, 5), "would last 5 min; the shortest is 15 min"),
        (time(23), time(7), None),
    ],
)
def test_endless_and_absurd_shifts_are_refused(begins, ends, said):
    found = rules.wrong_hours("Long", Hours(begins, ends))

    assert found is None if said is None else said in found


def test_a_wrong_year_is_asked_about():
    assert rules.too_far(date(2062, 11, 24), date(2026, 11, 24)) is not None
    assert rules.too_far(date(2026, 12, 24), date(2026, 11, 24)) is None
