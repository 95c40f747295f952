"""The sweep: what it offers, opens, pauses and ends, and that it may run at any time."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.custody.actions import Terms as CustodyTerms
from devices.custody.actions import Told, check_out
from devices.custody.models import Custody, CustodyEvent
from devices.errors import Refused
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, CameraModel, Officer, UpdateStage
from devices.ledger import LedgerEntry, breaks
from devices.policy import Policy
from devices.releases.models import Release
from devices.rollouts import reading, sweeping
from devices.rollouts.actions import MOST_WORDS, fetching
from devices.rollouts.actions import hear as hear_word
from devices.rollouts.aside import actions as aside
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Caps, Step
from devices.rollouts.matching import target_for
from devices.rollouts.models import Deployment, PutAside, Rollout
from devices.rollouts.rules import LASTS, Terms, Turn
from devices.rollouts.words import Execution, Finished, Word
from devices.roster.models import Reservation, StandIn
from tests.ddi.offers import a_profile
from tests.racing import race
from tests.rollouts.setting import (
    FEW,
    NO_WAIT,
    docked,
    drafted,
    firmware,
    ordered_back,
    put,
    started,
    states,
)
from tests.rollouts.test_reading import a_shift
from tests.rows import a_camera, a_duty, a_model, a_station

pytestmark = pytest.mark.django_db
POLICY = Policy()


def swept(now) -> int:
    return sweeping.sweep(now=now, policy=POLICY)


def hear(now, *cameras: Camera, **said) -> None:
    """As if these cameras, or all, had just spoken."""
    rows = CameraHealth.objects.all()
    rows = rows.filter(camera__in=cameras) if cameras else rows
    rows.update(heard_at=now, received_at=now, measured_at=now, **said)


def proven(rollout: Rollout, now, *cameras: Camera) -> None:
    """As if these had fetched it, started anew, and said so."""
    put(rollout, Turn.INSTALLING, *cameras, fetched=True, since=now - timedelta(seconds=1))
    hear(now, *cameras, firmware_version=rollout.release.version, boot=2)


def test_a_docked_camera_is_offered_its_turn(it, colleague, noon):
    (camera,) = docked(1, noon)
    rollout = started(it, colleague, noon)

    assert swept(noon) == 1

    turn = Deployment.objects.get()
    assert (turn.state, turn.attempts, turn.from_version, turn.boot) == ("offered", 1, "4.2.1", 1)
    # Ten minutes to begin, twice 21.5 to install, ten to charge what that costs.
    assert turn.back_by == noon + timedelta(minutes=63)
    assert (turn.offered_at, turn.by) == (noon, noon + timedelta(minutes=10))
    camera.refresh_from_db()
    assert (camera.update_stage, camera.updating_until) == ("offered", turn.back_by)
    assert LedgerEntry.objects.filter(verb="update offered", subject="C0001").count() == 1
    assert rollout.name == "Spring"


def test_sweeping_twice_offers_once(it, colleague, noon):
    docked(5, noon)
    rollout = started(it, colleague, noon, caps=FEW)

    assert [swept(noon) for _ in range(3)] == [1, 0, 0]  # one dock, and one of it at once

    assert list(states(rollout).values()).count("offered") == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_offer_as_much_as_one(it, colleague, noon):
    docked(12, noon)
    rollout = started(it, colleague, noon)

    race(lambda _: swept(noon), runners=3)
    swept(noon)

    offered = [turn for turn in rollout.deployments.all() if turn.state == Turn.OFFERED]
    assert len(offered) == 4  # two docks, two of each
    assert {turn.attempts for turn in offered} == {1}
    assert LedgerEntry.objects.filter(verb="update offered").count() == 4
    assert list(breaks()) == []


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_leave_a_coming_shift_what_it_needs(it, colleague, noon):
    cameras = docked(8, noon)
    caps = Caps(most_per_dock=8, most_per_station=8, most_at_once=8, most_mbit_each=10)
    rollout = started(it, colleague, noon, caps=caps)
    shift = a_shift(cameras[0].station, noon + timedelta(minutes=40), reserve=7)

    def act(_: int) -> int:
        return sum(swept(noon) for _ in range(4))

    assert sum(race(act, runners=3)) == 1
    assert rollout.deployments.filter(state=Turn.OFFERED).count() == 1

    shift.delete()
    assert swept(noon) == 7


@pytest.mark.django_db(transaction=True)
def test_two_rollouts_at_once_update_no_more_than_the_department_allows(it, colleague, noon):
    """Whatever each of them may, and whoever of several workers sweeps."""
    every = docked(24, noon)
    caps = Caps(most_per_dock=8, most_per_station=99, most_at_once=12, most_mbit_each=1)
    rollouts = [
        started(
            it,
            colleague,
            noon,
            firmware(f"4.{n}.0"),
            name=f"To 4.{n}",
            caps=caps,
            wanted={"cameras": [one.pk for one in several]},
        )
        for n, several in ((3, every[:12]), (4, every[12:]))
    ]
    policy = Policy(updates_at_once=7)

    offered = race(lambda _: sweeping.sweep(now=noon, policy=policy), runners=3)
    sweeping.sweep(now=noon, policy=policy)

    assert sum(offered) == 7
    under_way = Deployment.objects.filter(state=Turn.OFFERED)
    assert under_way.count() == 7
    waits = [
        turn.waits
        for one in rollouts
        for turn in reading.page(one, now=noon, policy=policy, states=[Turn.PLANNED]).turns
    ]
    assert waits == [("All rollouts may update 7 cameras at once.",)] * 17

    done = under_way.first()
    put(done.rollout, Turn.SUCCEEDED, done.camera, ended_at=noon)
    Camera.objects.filter(pk=done.camera_id).update(update_stage=UpdateStage.NONE)
    assert sweeping.sweep(now=noon, policy=policy) == 1


def test_a_camera_whose_officer_comes_on_elsewhere_is_kept_for_that(it, colleague, noon):
    own, _ = cameras = docked(2, noon)
    elm = a_station("ELM")
    officer = Officer.objects.create(badge_number="217", station=elm)
    Camera.objects.filter(pk=own.pk).update(officer=officer)
    a_duty(a_shift(elm, noon + timedelta(minutes=30)), officer)
    rollout = started(it, colleague, noon)

    assert swept(noon) == 1

    assert states(rollout) == {own.name: "planned", cameras[1].name: "offered"}


def test_a_camera_that_was_promised_elsewhere_is_kept_for_that(it, colleague, noon):
    spare, _ = cameras = docked(2, noon)
    elm = a_station("ELM")
    officer = Officer.objects.create(badge_number="217", station=elm)
    shift = a_shift(elm, noon + timedelta(minutes=30))
    a_duty(shift, officer)
    StandIn.objects.create(shift=shift, officer=officer, camera=spare, offered_at=noon)
    rollout = started(it, colleague, noon)

    assert swept(noon) == 1

    assert states(rollout) == {spare.name: "planned", cameras[1].name: "offered"}


def test_no_more_at_once_than_a_dock_and_a_station_carry(it, colleague, noon):
    docked(24, noon)
    caps = Caps(most_per_dock=2, most_per_station=5, most_at_once=16)
    rollout = started(it, colleague, noon, caps=caps)

    assert swept(noon) == 5

    offered = rollout.deployments.filter(state=Turn.OFFERED)
    docks = list(offered.values_list("camera__home_bay__dock", flat=True))
    assert max(docks.count(one) for one in docks) == 2


def test_no_more_at_once_than_the_lines_carry(it, colleague, noon):
    docked(24, noon)
    caps = Caps(most_per_dock=8, most_per_station=24, most_at_once=24, most_mbit_each=30)
    rollout = started(it, colleague, noon, caps=caps)

    assert swept(noon) == 6  # 200 Mbit/s at a station, and 100 in a dock: three of 30
    hear(noon)
    assert swept(noon) == 0

    offered = rollout.deployments.filter(state=Turn.OFFERED)
    docks = list(offered.values_list("camera__home_bay__dock", flat=True))
    assert max(docks.count(one) for one in docks) == 3
    put(rollout, Turn.SUCCEEDED, *Camera.objects.filter(update_stage="offered"))
    assert swept(noon) == 6


def test_a_camera_in_two_rollouts_is_offered_one_of_them(it, colleague, noon):
    (camera,) = docked(1, noon)
    hear(noon, profile_version="factory-1")
    profile = a_profile()
    profile.fits.set([a_model()])
    started(it, colleague, noon)
    started(it, colleague, noon, profile, name="Patrol")

    assert swept(noon) == 1

    assert list(Deployment.objects.order_by("state").values_list("state", "attempts")) == [
        ("offered", 1),
        ("planned", 0),
    ]
    assert LedgerEntry.objects.filter(verb="update offered", subject=camera.name).count() == 1
    assert swept(noon) == 0


def test_nothing_is_offered_outside_the_windows(it, colleague, noon):
    docked(1, noon)
    started(it, colleague, noon, windows=[["22:00", "05:00"]])

    assert swept(noon) == 0
    night = noon + timedelta(hours=15)  # 22:00 in the department's zone
    hear(night)
    assert swept(night) == 1


def test_an_offer_that_nobody_fetches_is_made_again_later(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    swept(noon)

    later = noon + timedelta(minutes=11)
    sweeping.sweep(now=later, policy=POLICY)  # it was silent meanwhile: not offered again

    assert states(rollout) == {"C0001": "planned"}
    assert Deployment.objects.get().attempts == 0
    assert Camera.objects.get().update_stage == UpdateStage.NONE
    hear(later)
    assert swept(later) == 1


def test_each_offer_has_a_number_of_its_own(it, colleague, noon):
    """A client that did what was offered under one does it no second time: Zephyr's says that it
    succeeded, and fetches nothing."""
    docked(2, noon)
    rollout = started(it, colleague, noon)
    told = [_offers(rollout, noon)]
    put(rollout, Turn.PLANNED, since=noon)
    Camera.objects.update(update_stage="")

    told.append(_offers(rollout, noon))

    assert len({offer for some in told for offer in some}) == 4


def test_what_was_said_of_one_offer_does_not_count_against_the_next(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.PLANNED, said=MOST_WORDS)
    swept(noon)
    turn = rollout.deployments.get()

    for execution in (Execution.SCHEDULED, Execution.PROCEEDING, Execution.SCHEDULED):
        hear_word(turn.pk, Word(execution), now=noon)

    turn.refresh_from_db()
    assert (turn.state, turn.said) == ("installing", 3)


def _offers(rollout: Rollout, now) -> list[int | None]:
    assert swept(now) == 2
    return list(rollout.deployments.values_list("offer", flat=True))


@pytest.mark.parametrize(
    ("state", "became"),
    [
        (Turn.DOWNLOADING, "timed_out"),
        (Turn.INSTALLING, "timed_out"),
        (Turn.AWAITING_PROOF, "timed_out"),
        (Turn.CANCELLING, "offered"),  # told to stop, and not heard of: another attempt
    ],
)
def test_nothing_hangs(state, became, it, colleague, noon):
    docked(2, noon)
    hear(noon, battery_percent=50)  # back after five hours, which a download may not last
    rollout = started(it, colleague, noon, terms=Terms(soak=timedelta(0), most_failures=0))
    swept(noon)
    later = noon + LASTS[state]
    put(rollout, state, by=later, fetched=True)

    hear(later)
    swept(later)

    assert set(states(rollout).values()) == {became}
    stages = set(Camera.objects.values_list("update_stage", flat=True))
    assert stages == ({""} if became == "timed_out" else {"offered"})
    rollout.refresh_from_db()
    paused = "2 cameras failed; 0 are allowed." if became == "timed_out" else ""
    assert rollout.paused_because == paused


def test_a_scan_at_the_desk_ends_an_offer(it, colleague, noon):
    _, two = docked(2, noon)
    rollout = started(it, colleague, noon)
    swept(noon)
    put(rollout, Turn.DOWNLOADING, two, fetched=True)

    Camera.objects.update(update_stage=UpdateStage.NONE)  # as `custody` leaves them
    CameraHealth.objects.update(docked=False)
    swept(noon + timedelta(seconds=5))

    assert states(rollout) == {"C0001": "planned", "C0002": "cancelling"}
    assert set(Deployment.objects.values_list("attempts", flat=True)) == {0}  # no fault of theirs
    put(rollout, Turn.CANCELLED, two)
    swept(noon + timedelta(seconds=10))
    assert states(rollout)["C0002"] == "planned"


def test_waves_open_one_after_the_other(it, colleague, noon):
    cameras = docked(6, noon)
    terms = Terms(soak=timedelta(hours=1))
    rollout = started(it, colleague, noon, steps=[Step(count=1), Step(percent=100)], terms=terms)
    first = rollout.waves.get(number=1).deployments.get().camera

    assert swept(noon) == 1
    proven(rollout, noon, first)
    swept(noon)
    assert states(rollout)[first.name] == "succeeded"
    half = noon + timedelta(minutes=30)
    hear(half)
    assert swept(half) == 0  # it soaks

    later = noon + timedelta(minutes=61)
    hear(later)
    assert [swept(later) for _ in range(3)] == [0, 2, 0]  # done, opened, two of its dock
    assert rollout.waves.get(number=2).opened_at == later
    assert len(cameras) == 6


def test_a_rollout_that_fails_stops_by_itself(it, colleague, noon):
    docked(5, noon)
    terms = Terms(soak=timedelta(0), most_failures=1)
    rollout = started(it, colleague, noon, terms=terms)
    one, two, three, *_ = Camera.objects.order_by("number")
    put(rollout, Turn.FAILED, one, two, attempts=1, ended_at=noon)
    put(rollout, Turn.OFFERED, three)

    assert swept(noon) == 0

    rollout.refresh_from_db()
    assert (rollout.state, rollout.paused_because) == ("paused", "2 cameras failed; 1 are allowed.")
    courses.resume(rollout, by=it, now=noon)
    assert swept(noon) == 2  # goes on in spite of them
    rollout.refresh_from_db()
    assert rollout.state == "running"


def test_what_fails_while_a_sweep_runs_makes_room_for_no_other(it, colleague, noon):
    """Said between the look at the waves and the offers, it is the last that was allowed."""
    docked(5, noon)
    rollout = started(it, colleague, noon, terms=Terms(soak=timedelta(0), most_failures=1))
    swept(noon)
    Deployment.objects.filter(rollout=rollout).exclude(state=Turn.PLANNED).update(
        state=Turn.FAILED, failed_at=noon, ended_at=noon, attempts=1
    )
    assert Deployment.objects.filter(rollout=rollout, state=Turn.PLANNED).exists()

    assert sweeping._offer(noon, Policy()) == 0  # the last step of a sweep
    assert rollout.state == "running"


@pytest.mark.parametrize(
    ("what", "became"),
    [
        ("proven", "succeeded"),
        ("tried again", "planned"),
        ("taken up again", "planned"),
        ("left as they are", "timed_out"),
    ],
)
def test_what_was_forgiven_makes_room_for_no_other_failure(what, became, it, colleague, noon):
    """Whatever becomes of those that a person went on in spite of: what fails since is counted."""
    cameras = docked(9, noon)
    rollout = started(it, colleague, noon, caps=Caps(8, 8, 8, 1))
    first, later = cameras[:3], cameras[3:6]
    put(rollout, Turn.TIMED_OUT, *first, attempts=3, ended_at=noon, fetched=True, offered_at=noon)
    swept(noon)
    courses.resume(rollout, by=it, now=noon)
    at = noon + timedelta(minutes=1)
    hear(at)
    match what:
        case "proven":
            hear(at, *first, boot=2, firmware_version="4.3.0")
            swept(at)
        case "tried again":
            PutAside.objects.all().delete()
            courses.retry_failed(rollout, by=it, now=at)
        case "taken up again":
            for one in PutAside.objects.all():
                aside.end_put_aside(one, "Mended.", by=it, now=at)
        case _:
            pass
    assert [states(rollout)[one.name] for one in first] == [became] * 3

    put(rollout, Turn.FAILED, *later[:2], attempts=1, ended_at=at)
    swept(at)
    rollout.refresh_from_db()
    assert rollout.state == "running"
    put(rollout, Turn.FAILED, later[2], attempts=1, ended_at=at)
    swept(at)

    rollout.refresh_from_db()
    assert rollout.paused_because == "3 cameras failed; 2 are allowed."


def test_what_was_forgiven_and_fails_again_counts_anew(it, colleague, noon):
    cameras = docked(4, noon)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.FAILED, *cameras[:3], attempts=1, ended_at=noon)
    swept(noon)
    courses.resume(rollout, by=it, now=noon)
    courses.retry_failed(rollout, by=it, now=noon)

    put(rollout, Turn.FAILED, *cameras[:3], attempts=2, ended_at=noon + timedelta(seconds=1))
    swept(noon + timedelta(seconds=1))

    rollout.refresh_from_db()
    assert rollout.paused_because == "3 cameras failed; 2 are allowed."


def test_a_recalled_release_is_offered_to_nobody_more(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    Release.objects.update(state="recalled", recalled_because="It bricks.")

    assert swept(noon) == 0

    rollout.refresh_from_db()
    assert rollout.paused_because == "Firmware 4.3.0 was recalled: It bricks."


def test_what_failed_is_tried_again_by_itself_and_no_more_than_thrice(it, colleague, noon):
    one, _ = docked(2, noon)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.SUCCEEDED, ended_at=noon)
    put(rollout, Turn.FAILED, one, attempts=2, ended_at=noon, reason="It burned.")

    swept(noon)
    assert Deployment.objects.get(camera=one).attempts == 3  # offered once more
    put(rollout, Turn.FAILED, one, reason="It burned.", ended_at=noon)
    swept(noon)

    put_aside = PutAside.objects.get()
    assert (put_aside.camera, put_aside.reason) == (one, "It failed 3 times in Spring: It burned.")
    rollout.refresh_from_db()
    assert rollout.paused_because == "Of wave 1 1 of 2 succeeded; 95 % are wanted."


@pytest.mark.parametrize("version", ["factory", "5.0"])
def test_what_leaves_its_cameras_with_something_else_opens_no_other_wave(
    version, it, colleague, noon
):
    """A recovery image, say: no other turn would help them, and it was not for nothing."""
    docked(4, noon)
    rollout = started(it, colleague, noon, steps=[Step(count=2), Step(percent=100)])
    first = [one.camera for one in rollout.waves.get(number=1).deployments.all()]
    swept(noon)
    put(rollout, Turn.INSTALLING, *first, fetched=True, since=noon - timedelta(seconds=1))
    hear(noon, *first, firmware_version=version, boot=2)

    for _ in range(4):
        swept(noon)
        sweeping.join(now=noon)

    rollout.refresh_from_db()
    assert rollout.paused_because == "Of wave 1 0 of 2 succeeded; 95 % are wanted."
    turns = rollout.deployments.filter(camera__in=first)
    assert {one.state for one in turns} == {"skipped"}
    assert {one.reason.partition(";")[0] for one in turns} == {f"It runs {version}"}
    (numbers,) = reading.progress([rollout])
    assert (numbers.failed, numbers.to_try_again) == (2, 0)
    courses.resume(rollout, by=it, now=noon)
    swept(noon)
    rollout.refresh_from_db()
    assert rollout.paused_because.startswith("No camera of wave 1 runs the release")
    assert rollout.waves.get(number=2).opened_at is None


def test_who_was_tried_and_then_runs_something_else_has_failed(it, colleague, noon):
    """It was told to stop while it wrote, say."""
    one, two, never = docked(3, noon)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.PLANNED, one, attempts=1, offered_at=noon)
    put(rollout, Turn.SUCCEEDED, two, ended_at=noon)
    hear(noon, one, never, firmware_version="factory", boot=2)

    sweeping.join(now=noon)

    assert states(rollout) == {"C0001": "skipped", "C0002": "succeeded", "C0003": "skipped"}
    assert [reading.progress([rollout])[0].failed] == [1]


def test_a_camera_that_fell_silent_stays_a_failure_though_it_has_another_turn(it, colleague, noon):
    docked(6, noon)
    rollout = started(it, colleague, noon, steps=[Step(count=2), Step(percent=100)])
    well, dead = (one.camera for one in rollout.waves.get(number=1).deployments.all())
    swept(noon)
    proven(rollout, noon, well)
    put(rollout, Turn.INSTALLING, dead, fetched=True, by=noon)
    CameraHealth.objects.filter(camera=dead).update(hearing="silent")

    for _ in range(3):
        swept(noon)
    assert states(rollout)[dead.name] == "planned"
    (numbers,) = reading.progress([rollout])
    assert (numbers.failed, numbers.to_try_again) == (1, 0)
    day = noon + timedelta(hours=24)
    for _ in range(3):
        swept(day)

    rollout.refresh_from_db()
    assert rollout.paused_because == "Of wave 1 1 of 2 succeeded; 95 % are wanted."
    assert rollout.waves.get(number=2).opened_at is None
    courses.resume(rollout, by=it, now=day)  # in spite of it
    for _ in range(3):
        swept(day)
    assert rollout.waves.get(number=2).opened_at == day
    proven(rollout, day, dead)
    swept(day)
    assert reading.progress([rollout])[0].failed == 0


def test_a_camera_in_a_drawer_keeps_no_wave_from_the_others(it, colleague, noon):
    docked(4, noon)
    rollout = started(it, colleague, noon, steps=[Step(count=2), Step(percent=100)])
    first = [one.camera for one in rollout.waves.get(number=1).deployments.all()]
    hear(noon, first[1], docked=False)
    swept(noon)
    proven(rollout, noon, first[0])
    swept(noon)
    assert rollout.waves.get(number=2).opened_at is None

    for _ in range(3):
        swept(noon + timedelta(hours=24))

    assert rollout.waves.get(number=2).opened_at == noon + timedelta(hours=24)
    assert rollout.deployments.get(camera=first[1]).wave.number == 2


def test_a_finished_rollout_is_what_cameras_should_run(it, colleague, noon):
    CameraModel.objects.filter(pk=a_model().pk).update(firmware_version="4.2.1")
    cameras = docked(2, noon)
    broken = a_camera(3, cameras[0].station, noon, service_state="in_repair", health={})
    rollout = started(it, colleague, noon)
    swept(noon)
    proven(rollout, noon, *cameras)

    for _ in range(4):
        swept(noon)

    rollout.refresh_from_db()
    assert (rollout.state, rollout.ended_at) == ("finished", noon)
    left = rollout.deployments.get(camera=broken)
    assert (left.state, left.reason) == ("skipped", "It is in repair.")
    assert CameraModel.objects.get().firmware_version == "4.3.0"
    assert LedgerEntry.objects.get(verb="rollout finished").facts["standard"] is True


def test_a_rollout_to_a_few_leaves_what_the_others_should_run(it, colleague, noon):
    CameraModel.objects.filter(pk=a_model().pk).update(firmware_version="4.2.1")
    one, *_ = docked(3, noon)
    rollout = started(it, colleague, noon, wanted={"cameras": [one.pk]})
    swept(noon)
    proven(rollout, noon, one)

    for _ in range(4):
        swept(noon)

    rollout.refresh_from_db()
    assert rollout.state == "finished"
    assert CameraModel.objects.get().firmware_version == "4.2.1"
    because = LedgerEntry.objects.get(verb="rollout finished").facts["because"]
    assert because == "1 of 3 cameras run it; 95 % are wanted."


def test_by_which_order_a_rollout_goes_back_is_read_with_it(it, colleague, noon):
    docked(2, noon)  # they run 4.2.1
    release = firmware("4.1.0")
    ordered_back(release, noon)
    rollout = started(it, colleague, noon, release=release, terms=NO_WAIT)
    assert rollout.order is not None

    with CaptureQueriesContext(connection) as asked:
        (read,) = sweeping._locked(Rollout.objects.all())
        assert target_for(read).ordered

    assert len(asked) == 1


def test_an_idle_sweep_costs_little_and_a_busy_one_no_more_for_many(it, colleague, noon):
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            swept(noon)
        return len(asked)

    idle = statements()
    docked(4, noon)
    started(it, colleague, noon, terms=NO_WAIT)
    few = statements()
    docked(40, noon, Camera.objects.first().station, first=10)
    other = drafted(it, noon, firmware("4.4.0"), name="Other", wanted={"cameras": list(
        Camera.objects.filter(number__gte=10).values_list("pk", flat=True))})  # fmt: skip
    courses.approve(other, by=colleague, now=noon)
    courses.start(other, by=it, now=noon)

    assert idle <= 20
    assert statements() <= few + 2


def test_who_holds_the_ledger_waits_for_no_turn(it, colleague, noon):
    """A camera that speaks locks its turn and then the ledger: the other way round, one of the two
    would be told that they are deadlocked."""
    cameras = docked(8, noon)
    rollout = started(it, colleague, noon, caps=Caps(8, 8, 8, 1))
    swept(noon)
    well, badly, late, taken, slow, stopped, thrice, _ = cameras
    put(rollout, Turn.INSTALLING, well, badly, fetched=True, since=noon - timedelta(seconds=1))
    hear(noon, well, boot=2, firmware_version="4.3.0")
    hear(noon, badly, boot=2)
    put(rollout, Turn.AWAITING_PROOF, late, by=noon)
    Camera.objects.filter(pk=taken.pk).update(update_stage=UpdateStage.NONE)
    put(rollout, Turn.DOWNLOADING, slow, begin_by=noon - timedelta(seconds=1))
    put(rollout, Turn.CANCELLED, stopped)
    put(rollout, Turn.FAILED, thrice, attempts=3)

    with CaptureQueriesContext(connection) as asked:
        swept(noon)

    parts = [[]]
    for one in asked:
        if "pg_try_advisory_xact_lock" in one["sql"]:
            parts.append([])
        parts[-1] += re.findall(
            r'FOR (?:NO KEY )?UPDATE OF "?(devices_deployment|head)\b', one["sql"]
        )
    written = [one for one in parts if "head" in one]
    assert len(written) >= 8  # seven kinds of moves, and the pause after so many failures
    assert [one for one in written if "devices_deployment" in one[one.index("head") :]] == []


def test_whatever_is_wrong_with_a_camera_keeps_its_turn_for_later(it, colleague, noon):
    """The statement that chooses whom to ask and the gate agree."""
    wrong = [
        {"docked": False},
        {"hearing": "silent"},
        {"heard_at": noon - timedelta(minutes=6)},
        {"mode": "recording"},
        {"battery_percent": 29},
        {"battery_percent": None},
        {"offload": "transferring"},
        {"clips_waiting": 1},
        {"clips_waiting": None},
        {"firmware_version": ""},
    ]
    cameras = docked(len(wrong) + 6, noon)
    officer = Officer.objects.create(badge_number="1017", station=cameras[0].station)
    rollout = started(it, colleague, noon)
    for camera, said in zip(cameras, wrong, strict=False):
        hear(noon, camera)
        CameraHealth.objects.filter(camera=camera).update(**said)
    out, kept, held, mended, reserved, taken = cameras[len(wrong) :]
    Custody.objects.create(camera=out, officer=officer, kind="shift", opened_at=noon)
    aside.put_aside(kept, "At the bench.", by=it, now=noon)
    Camera.objects.filter(pk=held.pk).update(held_for="Incident 26-1", held_at=noon)
    Camera.objects.filter(pk=mended.pk).update(service_state="in_repair")
    Reservation.objects.create(
        camera=reserved, title="Parade", reason="x", made_at=noon,
        begins_at=noon + timedelta(hours=2), ends_at=noon + timedelta(hours=4),
    )  # fmt: skip
    told = {"camera": taken, "officer": officer, "by": it, "via": "page", "at": noon}
    CustodyEvent.objects.create(verb="taken", **told)

    assert swept(noon) == 0

    shown = reading.page(rollout, now=noon, policy=POLICY)
    waits = {one.number: one.waits for one in shown.turns if one.state is Turn.PLANNED}
    assert len(waits) == len(cameras) - 1  # who is put aside is skipped
    assert all(len(one) == 1 and one != ("It is next.",) for one in waits.values())


def test_a_camera_that_went_past_the_release_needs_no_turn(it, colleague, noon):
    one, two = docked(2, noon)
    rollout = started(it, colleague, noon)
    hear(noon, one, firmware_version="5.0")
    hear(noon, two, firmware_version="4.2.2")

    sweeping.join(now=noon)

    assert states(rollout) == {"C0001": "skipped", "C0002": "planned"}
    assert rollout.deployments.get(camera=one).reason.startswith("It runs 5.0; 4.3.0 is older")


def test_from_the_offer_to_the_proof_by_what_the_client_says(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    swept(noon)
    turn = Deployment.objects.get()

    hear_word(turn.pk, Word(Execution.CLOSED, Finished.SUCCESS), now=noon)
    assert states(rollout) == {"C0001": "offered"}  # it never fetched it: that counts for nothing
    fetching(turn.pk, noon)
    hear_word(turn.pk, Word(Execution.PROCEEDING), now=noon)
    hear_word(turn.pk, Word(Execution.CLOSED, Finished.SUCCESS), now=noon)
    swept(noon)
    assert states(rollout) == {"C0001": "awaiting_proof"}
    assert Camera.objects.get().update_stage == UpdateStage.INSTALLING

    later = noon + timedelta(minutes=3)
    hear(later, boot=2, firmware_version="4.3.0")
    swept(later)

    turn.refresh_from_db()
    assert (turn.state, turn.ended_at) == ("succeeded", later)
    assert Camera.objects.get().update_stage == UpdateStage.NONE
    verbs = (
        LedgerEntry.objects.filter(subject="C0001").order_by("seq").values_list("verb", flat=True)
    )
    assert list(verbs) == [
        "update offered", "update downloading", "update installing", "update awaiting proof",
        "update succeeded",
    ]  # fmt: skip


def test_a_camera_that_starts_with_the_old_version_has_failed(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    swept(noon)
    put(rollout, Turn.INSTALLING, fetched=True)
    later = noon + timedelta(minutes=3)
    hear(later, boot=2)

    sweeping.sweep(now=later, policy=POLICY)

    said = LedgerEntry.objects.get(verb="update failed").facts["reason"]
    assert said == "It started anew and says that it runs 4.2.1."


@pytest.mark.django_db(transaction=True)
def test_a_desk_and_the_sweep_at_once_never_both_have_it(it, colleague, noon):
    cameras = docked(8, noon)
    caps = Caps(most_per_dock=8, most_per_station=8, most_at_once=8, most_mbit_each=10)
    started(it, colleague, noon, caps=caps)
    badges = [
        Officer.objects.create(badge_number=f"{n}", station=cameras[0].station) for n in range(8)
    ]

    def act(n: int) -> object:
        if n == 0:
            return swept(noon)
        return check_out(cameras[n], badges[n], CustodyTerms(), told=Told(by=it, now=noon))

    given = race(act, runners=8)

    assert not any(isinstance(one, Refused) for one in given)
    out = Custody.objects.filter(closed_at=None).values_list("camera", flat=True)
    assert not Camera.objects.filter(pk__in=out).exclude(update_stage=UpdateStage.NONE).exists()
    swept(noon)
    active = Deployment.objects.filter(state=Turn.OFFERED).values_list("camera", flat=True)
    assert not set(active) & set(out)
