"""What overdue means, as a rule and in the database; which own cameras were not docked."""

from datetime import timedelta

import pytest

from devices.access.people import Visible
from devices.custody import actions as custody
from devices.custody import rules
from devices.custody.actions import Told
from devices.custody.models import Custody
from devices.custody.rules import Standing
from devices.desk import overdue
from devices.health.models import CameraHealth
from devices.policy import Policy
from devices.roster.models import Shift, ShiftKind
from tests.desk.test_settling import by_hand
from tests.rows import a_duty

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POLICY = Policy()


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        (-MINUTE, Standing.OUT),
        (timedelta(), Standing.DUE),
        (29 * MINUTE, Standing.DUE),
        (30 * MINUTE, Standing.OVERDUE),
        (24 * HOUR - MINUTE, Standing.OVERDUE),
        (24 * HOUR, Standing.MISSING),
    ],
)
def test_how_a_camera_stands_to_when_it_is_due(noon, past, expected):
    assert rules.standing(noon, POLICY, noon + past) is expected
    assert rules.is_overdue(noon, POLICY, noon + past) == (past >= 30 * MINUTE)


def test_what_is_never_due_is_never_overdue(noon):
    assert rules.standing(None, POLICY, noon + timedelta(days=999)) is Standing.OUT


@pytest.mark.django_db
@pytest.mark.parametrize("past", [-MINUTE, timedelta(), 29 * MINUTE, 30 * MINUTE, 25 * HOUR])
def test_the_database_selects_what_the_rule_says(house, lend, past):
    lend(house.spares[0], "1031", due_at=house.desk.now)

    found = Custody.objects.overdue(POLICY, house.desk.now + past)

    assert found.exists() == rules.is_overdue(house.desk.now, POLICY, house.desk.now + past)


@pytest.mark.django_db
def test_a_desks_card_says_overdue_as_every_page_does(house, lend):
    lend(house.spares[0], "1031", due_at=house.desk.now - 20 * MINUTE)

    early = house.desk.scan("1031")
    late = house.desk.scan("1031", after_s=15 * 60)

    assert [one["card"]["holds"][0]["overdue"] for one in (early, late)] == [False, True]


@pytest.mark.django_db
def test_making_it_due_later_leaves_who_holds_it_as_it_is(house, lend):
    held = lend(house.spares[0], "1031", due_at=house.desk.now)

    told = by_hand(house)
    until = told.now + HOUR
    custody.extend(held, until, told=Told(by=told.by, now=told.now, reason="Court"))

    held.refresh_from_db()
    assert (held.due_at, held.closed_at) == (until, None)
    assert house.holder(house.spares[0]) == "1031"
    assert house.desk.scan("1031")["card"]["holds"][0]["overdue"] is False


@pytest.fixture
def duty(house):
    """1017 was on duty until noon."""
    noon = house.desk.now
    kind = ShiftKind.objects.create(code="N", name="Night", begins="04:00", ends="12:00")
    shift = Shift.objects.create(
        station=house.station,
        kind=kind,
        on=noon.date(),
        begins_at=noon - 8 * HOUR,
        ends_at=noon,
    )
    return a_duty(shift, house.officers["1017"])


def away(house, since):
    health = house.own.health
    health.docked, health.placed_at, health.moved_at = False, since, since
    health.save()


def not_docked(house, after, reach=None):
    found = overdue.not_docked(reach or Visible(), policy=POLICY, now=house.desk.now + after)
    return [one.name for one in found]


@pytest.mark.django_db
def test_an_own_camera_is_overdue_when_its_duty_the_handover_and_the_drive_are_over(house, duty):
    away(house, duty.begins_at)

    assert not_docked(house, 44 * MINUTE) == []
    assert not_docked(house, 45 * MINUTE) == ["C0417"]
    assert not_docked(house, HOUR, Visible(frozenset({house.station.pk}))) == ["C0417"]
    assert not_docked(house, HOUR, Visible(frozenset())) == []
    assert not_docked(house, HOUR, Visible(frozenset(), house.officers["1017"].pk)) == ["C0417"]
    assert not_docked(house, HOUR, Visible(frozenset(), house.officers["1031"].pk)) == []


@pytest.mark.django_db
def test_one_that_is_docked_or_left_its_bay_after_the_duty_is_not(house, duty):
    assert not_docked(house, HOUR) == []

    away(house, house.desk.now + 10 * MINUTE)

    assert not_docked(house, HOUR) == []


@pytest.mark.django_db
def test_one_that_was_given_after_the_duty_was_not_taken_on_it(house, duty):
    away(house, duty.begins_at)
    by = by_hand(house).by
    for minutes, officer in ((10, None), (20, house.officers["1017"])):
        told = Told(by=by, now=house.desk.now + minutes * MINUTE, reason="Stock-taking")
        custody.assign(house.own, officer, told=told)

    assert not_docked(house, HOUR) == []


@pytest.mark.django_db
def test_all_are_counted_however_many_are_listed(house, duty, monkeypatch):
    away(house, duty.begins_at)
    monkeypatch.setattr(overdue, "MOST", 0)

    assert not_docked(house, HOUR) == []
    at = house.desk.now + HOUR
    assert overdue.count_not_docked(Visible(), policy=POLICY, now=at) == 1
    assert overdue.count_not_docked(Visible(frozenset()), policy=POLICY, now=at) == 0


@pytest.mark.django_db
def test_one_that_still_speaks_on_the_street_is_overdue_all_the_same(house, duty):
    away(house, duty.begins_at)
    CameraHealth.objects.update(placed_at=house.desk.now + 50 * MINUTE)

    assert not_docked(house, HOUR) == ["C0417"]


@pytest.mark.django_db
def test_one_whose_officer_is_on_duty_again_is_not(house, duty):
    away(house, duty.begins_at)
    again = Shift.objects.create(
        station=house.station,
        kind=ShiftKind.objects.get(),
        on=house.desk.now.date() + timedelta(days=1),
        begins_at=house.desk.now,
        ends_at=house.desk.now + 8 * HOUR,
    )
    a_duty(again, house.officers["1017"])

    assert not_docked(house, HOUR) == []
