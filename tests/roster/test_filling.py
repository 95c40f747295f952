"""Shifts for the weeks ahead and who is on them. Noon is of Tuesday 1 January 2030, in UTC."""

from datetime import UTC, date, datetime, timedelta

import pytest

from devices.errors import Refused
from devices.ledger import LedgerEntry
from devices.once.models import Applied
from devices.roster import actions
from devices.roster.filling import actions as filling
from devices.roster.models import Duty, Shift
from devices.roster.rules import Span
from tests.roster.setting import A_DAY, a_rotation, an_officer, the_kinds
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2030, 1, 2), date(2030, 1, 14)


@pytest.fixture
def hq():
    the_kinds()
    return a_station()


@pytest.fixture
def planned(hq, noon):
    filling.plan_shifts(hq, FIRST, LAST, by=None, now=noon)
    return hq


def filled(station, now):
    return filling.fill(station, FIRST, LAST, by=None, now=now)


def test_planning_twice_plans_once(hq, noon):
    made = [filling.plan_shifts(hq, FIRST, LAST, by=None, now=noon) for _ in range(2)]

    assert made == [39, 0]
    assert {shift.reserve for shift in Shift.objects.all()} == {2}
    assert LedgerEntry.objects.count() == 1


def test_shifts_are_planned_right_over_the_change_of_clocks(hq):
    now = datetime(2026, 10, 30, tzinfo=UTC)

    filling.plan_shifts(hq, date(2026, 10, 31), date(2026, 11, 1), by=None, now=now)

    nights = Shift.objects.filter(kind__code="NIGHT").order_by("on")
    assert [shift.span.lasts for shift in nights] == [timedelta(hours=9), timedelta(hours=8)]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2030, 1, 2), date(2030, 1, 1), "from 1 to 62 days"),
        (date(2030, 1, 2), date(2030, 6, 1), "from 1 to 62 days"),
        (date(2060, 1, 2), date(2060, 1, 3), "is the year right"),
    ],
)
def test_endless_and_distant_plans_are_refused(hq, noon, first, last, said):
    with pytest.raises(Refused, match=said):
        filling.plan_shifts(hq, first, last, by=None, now=noon)

    assert not Shift.objects.exists()


def test_filling_twice_fills_once(planned, noon):
    a_rotation(an_officer("217", planned), first_on=FIRST)

    done = [filled(planned, noon) for _ in range(2)]

    assert [(one.added, one.removed) for one in done] == [(9, 0), (0, 0)]


def test_what_was_changed_by_hand_stays(planned, noon):
    officer = an_officer("217", planned)
    a_rotation(officer, first_on=FIRST)
    filled(planned, noon)
    first, second, third, *_ = Duty.objects.order_by("begins_at")
    actions.take_off(first, by=None, now=noon)
    longer = Span(second.begins_at, second.ends_at + timedelta(hours=2))
    actions.set_hours(second, longer, by=None, now=noon)
    evening = Shift.objects.get(on=third.shift.on, kind__code="EVENING")
    moved = actions.move(third, evening, by=None, now=noon)

    done = filled(planned, noon)

    assert not done
    assert not first.shift.duties.exists()
    assert second.shift.duties.get().span == longer
    assert evening.duties.get() == moved
    assert not third.shift.duties.exists()


def test_who_left_goes_from_the_shifts_to_come(planned, noon):
    officer = an_officer("217", planned)
    a_rotation(officer, first_on=FIRST)
    filled(planned, noon)
    by_hand = Shift.objects.get(on=FIRST, kind__code="NIGHT")
    actions.put_on(officer, by_hand, by=None, now=noon)
    officer.active = False
    officer.save()

    done = filled(planned, noon)

    assert (done.added, done.removed) == (0, 9)
    assert Duty.objects.get().shift == by_hand


def test_a_rotation_that_changed_is_followed_from_the_next_shift_on(planned, noon):
    rotation = a_rotation(an_officer("217", planned), first_on=FIRST)
    filled(planned, noon)
    rotation.last_on = FIRST + 2 * A_DAY
    rotation.save()
    a_rotation(rotation.officer, "NIGHT", "1-1", first_on=FIRST + 3 * A_DAY)
    begun = noon + timedelta(days=1, hours=2)

    filled(planned, begun)

    days = Duty.objects.order_by("begins_at").values_list("shift__on", "shift__kind__code")
    assert list(days)[:5] == [
        (FIRST, "DAY"),
        (FIRST + A_DAY, "DAY"),
        (FIRST + 2 * A_DAY, "DAY"),
        (FIRST + 3 * A_DAY, "NIGHT"),
        (FIRST + 5 * A_DAY, "NIGHT"),
    ]


def test_a_shift_under_way_is_filled_when_nobody_was_ever_on_it(planned, noon):
    a_rotation(an_officer("217", planned), first_on=FIRST)
    begun = noon + timedelta(days=1, hours=1)

    filled(planned, begun)
    a_rotation(an_officer("218", planned), first_on=FIRST)
    filled(planned, begun)

    on = Duty.objects.filter(shift__on=FIRST).values_list("officer__badge_number", flat=True)
    assert list(on) == ["217"]
    assert Duty.objects.count() == 9 + 8


def test_a_shift_under_way_from_which_the_last_was_taken_off_stays_empty(planned, noon):
    a_rotation(an_officer("217", planned), first_on=FIRST)
    filled(planned, noon)
    begun = noon + timedelta(days=1, hours=1)
    actions.take_off(Duty.objects.earliest("begins_at"), by=None, now=begun)

    filled(planned, begun)

    assert not Duty.objects.filter(shift__on=FIRST).exists()


def test_last_nights_shift_is_there_in_the_small_hours(hq):
    a_rotation(an_officer("217", hq), "NIGHT", "1-1", first_on=FIRST)
    small_hours = datetime(2030, 1, 3, 8, tzinfo=UTC)  # 03:00 in the department

    filling.keep_filled(now=small_hours)

    assert Shift.objects.around(small_hours).get().duties.count() == 1


def test_the_weeks_ahead_are_kept_filled_where_there_are_rotations(hq, noon):
    a_station("N", "North")
    a_rotation(an_officer("217", hq))

    changes = [filling.keep_filled(now=noon) for _ in range(2)]

    assert changes[0] > 28
    assert changes[1] == 0
    assert {shift.kind.code for shift in Shift.objects.select_related("kind")} == {"DAY"}
    assert {shift.station for shift in Shift.objects.select_related("station")} == {hq}
    assert Shift.objects.latest("on").on == date(2030, 1, 29)


def test_answers_that_programs_were_given_long_ago_are_forgotten(noon):
    somebody = person(None)
    for days in (1, 3):
        at = noon - timedelta(days=days)
        Applied.objects.create(by=somebody, key=str(days), asked="", at=at)

    filling.keep_filled(now=noon)

    assert Applied.objects.get().key == "1"


def test_filling_costs_the_same_for_one_officer_and_for_many(
    planned, noon, django_assert_max_num_queries
):
    for n in range(40):
        a_rotation(an_officer(f"2{n:02}", planned), first_on=FIRST + (n % 13) * A_DAY)

    with django_assert_max_num_queries(20):
        done = filled(planned, noon)

    assert done.added > 200
