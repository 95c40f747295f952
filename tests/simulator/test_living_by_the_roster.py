"""The simulated life and the department's roster are one: who is on goes out, when they are on."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.timezone import get_default_timezone

from devices.custody import imports as inventory_imports
from devices.inventory.imports import Kind, importing
from devices.management.commands.demo import EXAMPLE
from devices.roster import imports
from devices.roster.filling import actions as filling
from devices.roster.models import Duty, Shift
from devices.simulator import inventory
from devices.simulator import numbers as all_numbers
from devices.simulator.fleet import Fleet, Wishes
from devices.simulator.shifts import Calendar, Roster

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
OVERLAP = 15 * MINUTE


def the_department(now: datetime) -> None:
    """West Hartford's inventory and roster, by the import."""
    for kind in Kind:
        raw = (EXAMPLE / f"{kind.value}.csv").read_bytes()
        inventory_imports.apply(kind, raw, by=None, now=now)
    for part in (imports.Kind.SHIFTS, imports.Kind.ROTATIONS):
        raw = (EXAMPLE / f"{part.value}.csv").read_bytes()
        importing.apply(imports.at(part, now), raw, by=None, now=now)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 3, 4, 17, tzinfo=UTC),
        datetime(2026, 6, 3, 17, tzinfo=UTC),
        datetime(2026, 10, 28, 17, tzinfo=UTC),
    ],
    ids=["clocks go forward", "summer", "clocks go back"],
)
def test_both_read_the_same_duties_at_the_same_instants(now: datetime) -> None:
    the_department(now)
    rows, zone = inventory.read(EXAMPLE), get_default_timezone()
    calendar = Calendar(now.astimezone(zone).date(), zone)
    simulated = Roster(rows.shifts, rows.rotations, calendar)

    lived = {
        (duty.badge, calendar.clock(duty.begins), calendar.clock(duty.ends))
        for day in range(1, 21)
        for duty in simulated.of_day(day)
    }

    first, last = calendar.day(1), calendar.day(20)
    rostered = Duty.objects.filter(shift__on__gte=first, shift__on__lte=last)
    named = rostered.values_list("officer__badge_number", "begins_at", "ends_at")
    assert lived == set(named)
    assert len(lived) > 900


def test_of_the_shift_that_comes_next_those_go_out_who_are_on() -> None:
    """Twenty minutes before the evening shift, at the speed of life."""
    now = datetime(2026, 11, 24, 19, 40, tzinfo=UTC)
    the_department(now)
    rows, real = inventory.read(EXAMPLE), all_numbers.read()
    wishes = Wishes(speed=1.0, boot=7, zone=get_default_timezone())
    made = Fleet(rows, {}, wishes=wishes, now=now, numbers=real)
    coming = Shift.objects.coming(now).filter(station__code="HQ").select_related("kind").first()
    assert coming.kind.code == "EVENING"
    rostered = set(coming.duties.values_list("officer__badge_number", flat=True))
    assert 15 <= len(rostered) <= 16
    assert not rostered & set(made.patrol.worn)

    for _ in minutes(made, coming.begins_at + OVERLAP):
        pass

    out = set(made.patrol.worn)
    own = {camera.row.badge: camera for camera in made.town.cameras.values()}
    unfit = {badge for badge in rostered - out if not own[badge].fit}
    assert rostered - unfit <= out
    elsewhere = Duty.objects.filter(shift__on=coming.on, shift__kind=coming.kind)
    assert out <= set(elsewhere.values_list("officer__badge_number", flat=True))
    assert made.hour_of_the_day == pytest.approx(15.25)


def minutes(made: Fleet, until: datetime) -> Iterator[None]:
    """Let real minutes go by."""
    now = made.town.now
    while now < until:
        now += MINUTE
        made.tick(now, 60)
        yield


def test_a_show_begins_on_todays_roster_at_the_hour_it_wants() -> None:
    now = datetime(2026, 11, 24, 4, tzinfo=UTC)
    wishes = Wishes(speed=60, start_hour=6.5, zone=get_default_timezone())

    shown = wishes.calendar(now).clock(wishes.starts_at(now))

    assert (shown.date(), shown.hour, shown.minute) == (date(2026, 11, 23), 6, 30)


def test_the_demonstration_is_filled_weeks_ahead_by_its_files() -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    the_department(now)

    last = (now + filling.AHEAD).date()
    for shift in Shift.objects.filter(on=last, station__code="HQ"):
        assert 15 <= shift.duties.count() <= 16
