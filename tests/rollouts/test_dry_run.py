"""What a rollout would do, before it starts."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.inventory.models import Officer
from devices.policy import Policy
from devices.rollouts.drafts import USUAL_CAPS, USUAL_STEPS, Caps, Step
from devices.rollouts.dry_run import DryCamera, DryShift, Plan, Span, play
from devices.rollouts.foreseeing import dry_run
from devices.rollouts.rules import Terms
from tests.rollouts.setting import docked, drafted, started
from tests.rollouts.test_reading import a_shift
from tests.rows import a_duty

NOW = datetime(2030, 1, 1, 8, tzinfo=UTC)
H = timedelta(hours=1)
INSTALL = timedelta(minutes=20)
SOON = Terms(soak=timedelta(hours=2))


def a_camera(pk: int, *duties: Span, dock: int = 1, since: datetime | None = NOW - 9 * H):
    return DryCamera(pk, f"C{pk:04d}", 1, dock, since, INSTALL, duties)


def a_shift_of(begins_at: datetime, own=(), spares=(), reserve: int = 0) -> DryShift:
    return DryShift(
        "Evening", 1, "HQ", begins_at, frozenset(own), frozenset(spares), reserve=reserve
    )


def played(waves, shifts=(), caps=USUAL_CAPS, windows=(), terms=SOON):
    return play(Plan(waves, shifts, terms, caps, Policy(), windows), NOW, UTC)


def test_waves_run_one_after_the_other_with_their_wait():
    run = played([[a_camera(1)], [a_camera(2), a_camera(3)]])

    first, second = run.waves
    assert first.opens_at == NOW
    assert first.done_at is not None
    assert second.opens_at == first.done_at >= NOW + 2 * H
    assert run.done_at is not None
    assert run.done_at < second.opens_at + H
    assert run.never == []


def test_no_more_at_once_than_a_dock_carries():
    six = [[a_camera(n) for n in range(6)]]
    alone = played(six, caps=Caps(most_per_dock=6, most_mbit_each=10)).done_at
    by_twos = played(six, caps=Caps(most_per_dock=2, most_mbit_each=10)).done_at
    by_line = played(six, caps=Caps(most_per_dock=6, most_mbit_each=50)).done_at

    assert by_twos > alone + timedelta(minutes=40)
    assert by_line == by_twos  # two of 50 Mbit/s are all that a dock's updates may take


def test_an_officers_camera_waits_until_the_duty_is_over():
    evening = NOW + timedelta(minutes=50)
    duty = Span(evening, evening + 8 * H)

    run = played([[a_camera(1, duty)]], [a_shift_of(evening, own=[1])])

    assert run.done_at > duty.ends_at + timedelta(minutes=45)
    assert run.lowest.margin == 0


def test_a_spare_that_a_shift_needs_waits_for_it_to_begin():
    soon = a_shift_of(NOW + timedelta(minutes=30), spares=[1], reserve=1)

    run = played([[a_camera(1)]], [soon])

    assert run.done_at > soon.begins_at
    (shown,) = run.shifts
    assert (shown.margin_without, shown.margin) == (0, 0)


def test_spares_that_are_back_in_time_are_counted_again():
    """One of three may be away when the shift begins: the next goes when one is proven."""
    spares = [a_camera(n, dock=n) for n in range(3)]

    run = played([spares], [a_shift_of(NOW + timedelta(minutes=55), spares=range(3), reserve=2)])

    (shown,) = run.shifts
    assert (shown.margin_without, shown.margin) == (1, 0)


def test_nothing_happens_outside_the_windows():
    run = played([[a_camera(1)]], windows=[["22:00", "05:00"]])

    assert run.done_at > NOW.replace(hour=22)


def test_a_camera_that_is_never_in_its_dock_is_named():
    run = played([[a_camera(1), a_camera(2, since=None)]])

    assert (run.done_at, run.never) == (None, ["C0002"])
    assert run.waves[0].done_at is None


@pytest.mark.django_db
def test_it_is_played_on_the_roster_as_it_is(it, colleague, noon, django_assert_num_queries):
    own, *_ = cameras = docked(6, noon)
    officer = Officer.objects.create(badge_number="1017", station=own.station)
    type(own).objects.filter(pk=own.pk).update(officer=officer)
    shift = a_shift(own.station, noon + timedelta(minutes=30), reserve=1)
    a_duty(shift, officer)
    rollout = drafted(it, noon, steps=USUAL_STEPS, terms=Terms(soak=H))

    with django_assert_num_queries(10):
        before = dry_run(rollout, now=noon, policy=Policy())

    assert [wave.cameras for wave in before.waves] == [2, 0, 1, 3]
    assert before.done_at is not None
    assert before.done_at < noon + timedelta(days=1)
    assert (before.lowest.name, before.lowest.margin_without) == ("Evening", 4)
    assert before.lowest.margin >= 0

    running = started(it, colleague, noon, rollout.release, name="Now", steps=[Step(percent=100)])
    assert len(dry_run(running, now=noon, policy=Policy()).waves) == 1
    assert len(cameras) == 6
