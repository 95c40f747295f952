"""Silence is announced once, step by step, and only where a word was expected."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction

from devices.health.actions import announce_silence
from devices.health.models import CameraHealth, DockHealth, DockSilence, Hearing, Silence
from devices.inventory.models import ServiceState
from devices.policy import Policy
from tests import rows
from tests.gateway.words import batch, carry, event, report, sender_of
from tests.listening import told_by

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # others see what is done
POLICY = Policy()
HEARD = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATE, SILENT = HEARD + POLICY.late_after, HEARD + POLICY.silent_after
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def station(db):
    return rows.a_station()


@pytest.fixture
def dock(station):
    return rows.a_dock("D01", station)


def speak(dock, number, at, **said):
    """The camera of this number says something through the dock, whose clock is right."""
    told = {"sequence": int((at - HEARD).total_seconds()) + 1, "device_time": at.isoformat()}
    message = report(f"BWC-{number:06d}", **{**told, **said})
    carry(sender_of(dock), batch(message, sent_at=at.isoformat()), at)


def a_docked_camera(dock, number=417):
    camera = rows.a_camera(number, dock.station, HEARD)
    speak(dock, number, HEARD)
    return camera


def a_camera_out(dock, *, radio):
    camera = rows.a_camera(9, dock.station, HEARD, model=rows.a_model(radio=radio))
    speak(dock, 9, HEARD, docked=False, bay=None, mode="buffering", battery_state="discharging")
    return camera


def sweep(at):
    return announce_silence(now=at, policy=POLICY)


def hearing(camera):
    return CameraHealth.objects.get(camera=camera).hearing


def test_a_docked_camera_is_late_after_three_reports_and_silent_after_five(dock):
    camera = a_docked_camera(dock)

    steps = []
    for at in (LATE - MOMENT, LATE, SILENT - MOMENT, SILENT, SILENT + timedelta(days=9)):
        sweep(at)
        steps.append(hearing(camera))

    assert steps == ["heard", "late", "late", "silent", "silent"]
    silence = Silence.objects.get()
    assert (silence.camera, silence.began_at) == (camera, HEARD)
    assert (silence.detected_at, silence.ended_at) == (SILENT, None)


def test_a_sweep_that_comes_hours_late_still_takes_both_steps(dock):
    camera = a_docked_camera(dock)
    night = HEARD + timedelta(hours=9)

    told = [(sweep(night), hearing(camera)), (sweep(night), hearing(camera))]

    assert told == [(0, "late"), (1, "silent")]


def test_out_without_a_radio_is_never_silent(dock):
    camera = a_camera_out(dock, radio=False)

    sweep(HEARD + timedelta(days=9))

    assert hearing(camera) == "heard"
    assert CameraHealth.objects.get(camera=camera).expected_by is None


def test_a_camera_a_dock_saw_leave_is_no_longer_expected(dock):
    rows.a_camera(417, dock.station, HEARD, model=rows.a_model(radio=False))
    speak(dock, 417, HEARD)
    at = HEARD + timedelta(minutes=1)
    left = event("BWC-000417", kind="undocked", device_time=at.isoformat())
    carry(sender_of(dock), batch(events=[left], sent_at=at.isoformat()), at)

    sweep(HEARD + timedelta(days=9))

    assert CameraHealth.objects.get().hearing == "heard"


def test_out_with_a_radio_is_late_and_then_silent(dock):
    camera = a_camera_out(dock, radio=True)

    told = [(sweep(at), hearing(camera)) for at in (LATE, SILENT)]

    assert told == [(0, "late"), (1, "silent")]


def test_a_camera_never_heard_stays_never_heard(station):
    camera = rows.a_camera(1, station, HEARD)
    CameraHealth.objects.create(camera=camera)

    assert sweep(HEARD + timedelta(days=9)) == 0

    assert hearing(camera) == Hearing.NEVER
    assert not Silence.objects.exists()


def test_a_dock_is_late_and_then_silent(dock):
    a_docked_camera(dock)

    steps = []
    for at in (LATE - MOMENT, LATE, SILENT):
        sweep(at)
        steps.append(DockHealth.objects.get().hearing)

    assert steps == ["heard", "late", "silent"]


@pytest.mark.parametrize(
    "state", [one for one in ServiceState if one is not ServiceState.IN_SERVICE]
)
def test_a_camera_that_is_not_in_service_is_not_announced(dock, state):
    camera = a_docked_camera(dock)
    camera.service_state = state
    camera.save()

    told = [sweep(at) for at in (LATE, SILENT)]

    assert told == [0, 0]
    assert hearing(camera) == "heard"


def test_back_in_service_its_silence_is_told_of_from_its_last_word(dock):
    camera = a_docked_camera(dock)
    camera.service_state = ServiceState.IN_REPAIR
    camera.save()
    sweep(SILENT)
    camera.service_state = ServiceState.IN_SERVICE
    camera.save()

    back = HEARD + timedelta(days=3)
    sweep(back)
    sweep(back)

    silence = Silence.objects.get()
    assert (silence.began_at, silence.detected_at) == (HEARD, back)


def test_the_next_word_ends_the_silence(dock):
    camera = a_docked_camera(dock)
    sweep(LATE)
    sweep(SILENT)
    again = SILENT + timedelta(minutes=7)

    speak(dock, 417, again)

    assert hearing(camera) == "heard"
    assert Silence.objects.get().ended_at == again
    assert CameraHealth.objects.get().expected_by == again + POLICY.late_after


def test_a_second_silence_is_a_row_of_its_own(dock):
    a_docked_camera(dock)
    sweep(LATE)
    sweep(SILENT)
    again = SILENT + timedelta(minutes=7)
    speak(dock, 417, again)

    sweep(again + POLICY.late_after)
    sweep(again + POLICY.silent_after)

    spans = Silence.objects.order_by("began_at").values_list("began_at", "ended_at")
    assert list(spans) == [(HEARD, again), (again, None)]


def test_a_late_camera_that_speaks_was_never_silent(dock):
    a_docked_camera(dock)
    sweep(LATE)

    speak(dock, 417, LATE + MOMENT)

    assert not Silence.objects.exists()


def test_a_second_sweep_at_the_same_moment_announces_nothing(dock):
    a_docked_camera(dock)
    sweep(LATE)

    told = [sweep(SILENT), sweep(SILENT)]

    assert told == [1, 0]
    assert Silence.objects.count() == 1


def in_its_own_connection(act):
    """Run ``act`` in another thread, as another worker would."""

    def run():
        try:
            return act()
        finally:
            connections.close_all()

    return ThreadPoolExecutor(1).submit(run)


@committed
def test_two_workers_at_once_announce_each_camera_once(dock):
    for number in range(1, 31):
        a_docked_camera(dock, number)
    sweep(LATE)
    together = Barrier(2)

    def work():
        together.wait(10)
        return sweep(SILENT)

    told = [in_its_own_connection(work) for _ in range(2)]

    assert sum(one.result(10) for one in told) == 30
    assert Silence.objects.count() == 30


@committed
def test_a_worker_does_not_wait_for_what_another_has_in_hand(dock):
    camera = a_docked_camera(dock)
    sweep(LATE)
    in_hand, let_go = Event(), Event()

    def hold():
        with transaction.atomic():
            told = sweep(SILENT)
            in_hand.set()
            assert let_go.wait(10)
        return told

    first = in_its_own_connection(hold)
    assert in_hand.wait(10)
    second = in_its_own_connection(lambda: sweep(SILENT)).result(10)
    let_go.set()

    assert (first.result(10), second) == (1, 0)
    assert hearing(camera) == "silent"


@sync_to_async
def two_that_are_late_and_one_that_is_not():
    dock = rows.a_dock("D01", rows.a_station())
    ids = [a_docked_camera(dock, number).pk for number in (1, 2)]
    rows.a_camera(3, dock.station, HEARD)
    speak(dock, 3, HEARD + timedelta(minutes=2))
    return ids


@committed
async def test_the_feed_names_the_cameras_that_moved_and_no_other():
    moved = await two_that_are_late_and_one_that_is_not()

    told = [await told_by(lambda: sweep(LATE)), await told_by(lambda: sweep(LATE))]

    assert told == [[moved], []]


@committed
async def test_of_a_dock_that_falls_silent_every_board_reads_all():
    await two_that_are_late_and_one_that_is_not()
    await sync_to_async(sweep)(HEARD + timedelta(minutes=2) + POLICY.late_after)

    told = await told_by(lambda: sweep(HEARD + timedelta(minutes=2) + POLICY.silent_after))

    assert [] in told


def test_the_silences_of_a_dock_are_kept(dock):
    a_docked_camera(dock)
    again = SILENT + timedelta(minutes=7)
    for at in (LATE, SILENT, SILENT + timedelta(minutes=6)):
        sweep(at)
    assert [one.ended_at for one in DockSilence.objects.all()] == [None]

    speak(dock, 417, again)
    sweep(again + timedelta(seconds=5))

    kept = DockSilence.objects.get()
    assert (kept.began_at, kept.detected_at, kept.ended_at) == (HEARD, SILENT, again)


@pytest.mark.parametrize("cameras", [1, 60])
def test_a_sweep_costs_the_same_however_many_fell_silent(
    dock, cameras, django_assert_max_num_queries
):
    for number in range(1, cameras + 1):
        a_docked_camera(dock, number)
    sweep(LATE)

    # Two steps, the docks that speak again, the silences of both, begin and commit.
    with django_assert_max_num_queries(7):
        assert sweep(SILENT) == cameras
