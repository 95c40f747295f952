"""What a rollout would do, before it starts."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.access.people import Visible
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, Officer
from devices.policy import Policy
from devices.readiness import shifts
from devices.rollouts.drafts import USUAL_CAPS, USUAL_STEPS, Caps, Step
from devices.rollouts.dry_run import Begun, DryCamera, DryShift, Plan, Span, play
from devices.rollouts.foreseeing import dry_run
from devices.rollouts.room import Spot, Taken
from devices.rollouts.rules import Terms, Turn
from devices.roster.models import Reservation, Shift, ShiftKind
from tests.rollouts.setting import docked, drafted, firmware, put, started
from tests.rollouts.test_reading import a_shift
from tests.rows import a_duty, a_station

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


def played(waves, shifts=(), caps=USUAL_CAPS, windows=(), terms=SOON, taken=()):
    return play(Plan(waves, shifts, terms, caps, Policy(), windows, taken), NOW, UTC)


def test_waves_run_one_after_the_other_with_their_wait():
    run = played([[a_camera(1)], [a_camera(2), a_camera(3)]])

    first, second = run.waves
    assert first.opens_at == NOW
    assert first.done_at is not None
    assert second.opens_at == first.done_at >= NOW + 2 * H
    assert run.done_at is not None
    assert run.done_at < second.opens_at + H
    assert run.never == []


def test_a_wave_that_soaks_keeps_the_next_one_for_what_is_left_of_it():
    ago = NOW - timedelta(minutes=10)
    begun = [Begun(NOW - H, None, ago), Begun()]

    run = under_way([[], [a_camera(1)]], begun)

    first, second = run.waves
    assert (first.opens_at, first.cameras) == (NOW - H, 0)
    assert first.done_at == second.opens_at == ago + SOON.soak
    assert run.done_at > second.opens_at


def test_what_was_done_before_does_not_begin_again():
    begun = [Begun(NOW - 5 * H, NOW - 2 * H, NOW - 4 * H), Begun(NOW - 2 * H)]

    run = under_way([[], [a_camera(1)]], begun)

    first, second = run.waves
    assert (first.opens_at, first.done_at) == (NOW - 5 * H, NOW - 2 * H)
    assert second.opens_at == NOW - 2 * H
    assert NOW < run.done_at < NOW + H


def test_what_is_tried_again_in_a_wave_that_was_done_has_its_turn():
    done = Begun(NOW - 5 * H, NOW - 2 * H, NOW - 4 * H)

    run = under_way([[a_camera(1)], []], [done, done])

    assert NOW < run.done_at < NOW + H
    assert run.never == []


def under_way(waves, begun):
    return play(Plan(waves, (), SOON, USUAL_CAPS, Policy(), begun=begun), NOW, UTC)


def test_no_more_at_once_than_a_dock_carries():
    six = [[a_camera(n) for n in range(6)]]
    alone = played(six, caps=Caps(most_per_dock=6, most_mbit_each=10)).done_at
    by_twos = played(six, caps=Caps(most_per_dock=2, most_mbit_each=10)).done_at
    by_line = played(six, caps=Caps(most_per_dock=6, most_mbit_each=50)).done_at

    assert by_twos > alone + timedelta(minutes=40)
    assert by_line == by_twos  # two of 50 Mbit/s are all that a dock's updates may take


def test_what_another_rollout_is_updating_has_its_room():
    other = Taken(Spot(9, 1, 1), 25, NOW + 3 * H)

    assert played([[a_camera(1)]], taken=[other]).done_at < NOW + H
    assert NOW + 3 * H < played([[a_camera(1)]], taken=[other] * 2).done_at < NOW + 4 * H
    assert played([[a_camera(1, dock=2)]], taken=[other] * 2).done_at < NOW + H


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


def test_a_window_that_is_too_short_before_a_shift_is_told_of():
    """20 min of installing keep a camera from shifts for an hour."""
    starts = [NOW.replace(hour=15) + 24 * n * H for n in range(15)]
    duties = [Span(at, at + 8 * H) for at in starts]
    always = a_camera(1, *duties)
    needed = [a_shift_of(at, own=[1]) for at in starts]

    tight = played([[always]], needed, windows=[["14:30", "15:00"]])
    wide = played([[always]], needed, windows=[["13:00", "15:00"]])
    joined = played([[always]], needed, windows=[["14:30", "14:45"], ["14:45", "15:00"]])
    several = played([[a_camera(1, since=None)]], windows=[["14:00", "14:30"], ["14:30", "15:00"]])
    away = played([[a_camera(1, since=None)]], windows=[["13:00", "15:00"]])

    assert (tight.never, tight.window_lacks) == (["C0001"], H)
    assert (wide.never, wide.window_lacks) == ([], None)
    assert (joined.never, joined.window_lacks) == (["C0001"], H)
    assert (several.never, several.window_lacks) == (["C0001"], None)
    assert (away.never, away.window_lacks) == (["C0001"], None)


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

    with django_assert_num_queries(16):
        before = dry_run(rollout, now=noon, policy=Policy())

    assert [wave.cameras for wave in before.waves] == [2, 0, 1, 3]
    assert not before.under_way
    assert before.done_at is not None
    assert before.done_at < noon + timedelta(days=1)
    assert (before.lowest.name, before.lowest.margin_without) == ("Evening", 4)
    assert before.lowest.margin >= 0

    running = started(it, colleague, noon, rollout.release, name="Now", steps=[Step(percent=100)])
    assert len(dry_run(running, now=noon, policy=Policy()).waves) == 1
    assert len(cameras) == 6


@pytest.mark.django_db
def test_of_one_under_way_it_begins_where_that_stands(
    it, colleague, noon, django_assert_num_queries
):
    docked(2, noon)
    steps = [Step(count=1), Step(percent=100)]
    rollout = started(it, colleague, noon, steps=steps, terms=Terms(soak=24 * H))
    first = rollout.waves.get(number=1)
    type(first).objects.filter(pk=first.pk).update(opened_at=noon - H)
    done = rollout.deployments.get(wave=first).camera
    put(rollout, Turn.SUCCEEDED, done, ended_at=noon - timedelta(minutes=10))

    with django_assert_num_queries(12):  # no shift is planned
        run = dry_run(rollout, now=noon, policy=Policy())

    assert run.under_way
    assert [wave.cameras for wave in run.waves] == [0, 1]
    assert run.waves[0].opens_at == noon - H
    assert run.waves[1].opens_at == noon - timedelta(minutes=10) + 24 * H


@pytest.mark.django_db
def test_it_sees_the_shifts_that_officers_have_at_other_stations(it, noon):
    (own,) = docked(1, noon)
    elm = a_station("ELM")
    officer = Officer.objects.create(badge_number="217", station=elm)
    Camera.objects.filter(pk=own.pk).update(officer=officer)
    soon, later = shifts_at(elm, noon, 0.5, 200)
    a_duty(soon, officer)
    a_duty(later, officer)

    run = dry_run(drafted(it, noon), now=noon, policy=Policy())

    assert {one.begins_at: one.margin_without for one in run.shifts} == {
        soon.begins_at: 0,
        later.begins_at: 0,
    }
    assert run.done_at is not None
    assert run.done_at > soon.ends_at


# What is wrong with an officer's own camera, and whether a day in its bay mends it.
WRONG = [
    ({}, True),
    ({"faults": ["storage_failing"]}, False),
    ({"hearing": "silent", "heard_at": "long ago"}, False),
    ({"battery_health_percent": 40}, False),
    ({"battery_percent": 30, "battery_state": "charging"}, True),
    ({"clips_waiting": 900, "offload": "transferring", "storage_free_mb": 10}, True),
    ({"docked": False, "battery_percent": 60, "battery_state": "discharging"}, True),
    ({"device_time": "long ago"}, False),
]


def shifts_at(station, noon, *hours: float, reserve: int = 0) -> list[Shift]:
    """Shifts of eight hours that begin so many hours after noon."""
    made = []
    for n, after in enumerate(hours):
        kind = ShiftKind.objects.create(code=f"K{n}", name=f"Shift {n}", begins="1:00", ends="9:00")
        at = noon + after * H
        told = {"on": at.date(), "begins_at": at, "ends_at": at + 8 * H, "reserve": reserve}
        made.append(Shift.objects.create(station=station, kind=kind, **told))
    return made


def a_worn_station(noon):
    """Eight officers whose cameras lack different things, one without, and three spares: one is
    fit, one reserved for the evening of today, one has a fault."""
    cameras = docked(len(WRONG) + 5, noon)
    owned, others = cameras[: len(WRONG)], cameras[len(WRONG) :]
    station = cameras[0].station
    officers = [
        Officer.objects.create(badge_number=str(1000 + n), station=station)
        for n in range(len(WRONG) + 1)
    ]
    for camera, officer, (said, _) in zip(owned, officers, WRONG, strict=False):
        Camera.objects.filter(pk=camera.pk).update(officer=officer)
        told = {name: noon - H if to == "long ago" else to for name, to in said.items()}
        CameraHealth.objects.filter(camera=camera).update(**told)
    reserved, broken, held, mended, _ = others
    Reservation.objects.create(
        camera=reserved, title="Parade", reason="x", made_at=noon,
        begins_at=noon + 12 * H, ends_at=noon + 14 * H,
    )  # fmt: skip
    CameraHealth.objects.filter(camera=broken).update(faults=["storage_failing"])
    Camera.objects.filter(pk=held.pk).update(held_for="Incident 26-1", held_at=noon)
    Camera.objects.filter(pk=mended.pk).update(service_state="in_repair")
    return station, officers


@pytest.mark.django_db
def test_the_shifts_of_the_day_ahead_are_counted_as_on_the_commanders_page(it, noon):
    station, officers = a_worn_station(noon)
    ahead = shifts_at(station, noon, 2, 10, 18, 26, 34, 42, reserve=1)
    for n, shift in enumerate(ahead):
        for officer in officers[n % 3 :: 3] if n < 3 else officers:
            a_duty(shift, officer)
    rollout = drafted(it, noon, windows=[["03:00", "03:05"]])

    run = dry_run(rollout, now=noon, policy=Policy())

    page = shifts.coming(Visible(), now=noon, policy=Policy())
    said = {one.shift.begins_at: one.margin for one in page}
    shown = {one.begins_at: one.margin_without for one in run.shifts}
    assert len(said) == 3
    assert {at: shown[at] for at in said} == said
    assert len(set(said.values())) > 1


@pytest.mark.django_db
def test_later_shifts_count_on_nothing_that_a_day_in_its_bay_does_not_mend(it, noon):
    station, officers = a_worn_station(noon)
    ahead = shifts_at(station, noon, 2, 10, 18, 72, 200, reserve=1)
    for officer in officers:
        a_duty(ahead[3], officer)
    last = officers[0]
    a_duty(ahead[4], last)

    run = dry_run(drafted(it, noon), now=noon, policy=Policy())

    mended = sum(well for _, well in WRONG)
    spares = 2  # the fit one, and the one that is reserved for today
    margins = {one.begins_at: one.margin_without for one in run.shifts}
    assert margins[ahead[3].begins_at] == mended + spares - len(officers) - 1
    assert margins[ahead[4].begins_at] == spares - 1


@pytest.mark.django_db
def test_a_double_shift_to_come_asks_for_the_hours_of_both(it, noon):
    (own, *_) = docked(1, noon)
    officer = Officer.objects.create(badge_number="1017", station=own.station)
    Camera.objects.filter(pk=own.pk).update(officer=officer)
    ahead = shifts_at(own.station, noon, 2, 10, 18, 72, 80, 120)
    for shift in ahead[3:]:
        a_duty(shift, officer)

    run = dry_run(drafted(it, noon), now=noon, policy=Policy())

    margins = [one.margin_without for one in run.shifts]
    assert margins == [0, 0, 0, -1, -1, 0]  # twelve hours of battery are not enough for sixteen


@pytest.mark.django_db
def test_what_other_rollouts_are_updating_is_in_the_room_until_it_is_back(it, colleague, noon):
    cameras = docked(3, noon)
    other = started(
        it, colleague, noon, firmware("4.4.0"), name="Other",
        wanted={"cameras": [one.pk for one in cameras[:2]]},
    )  # fmt: skip
    back = {"offered_at": noon, "back_by": noon + 3 * H, "by": noon + H}
    put(other, Turn.DOWNLOADING, *cameras[:2], **back)
    mine = drafted(it, noon, wanted={"cameras": [cameras[2].pk]})

    assert dry_run(mine, now=noon, policy=Policy()).done_at > noon + 3 * H
    put(other, Turn.SUCCEEDED)
    assert dry_run(mine, now=noon, policy=Policy()).done_at < noon + 2 * H
