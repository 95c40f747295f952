"""Every rollout ends without a hand, also where a camera speaks and can never be offered its turn:
not emptied, or out of its dock whenever it might be. It is left out with the reason, once it had as
long as one that is out of reach, or twice as long if it is out just then. Who only waits for other
rollouts is not: its turn comes.
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from devices.custody.models import Custody
from devices.health.models import CameraHealth
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.rollouts import reading, sweeping
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Step
from devices.rollouts.models import Deployment, Rollout, Wave
from devices.rollouts.rules import Turn
from tests.rollouts.setting import docked, firmware, put, started, states
from tests.rollouts.test_reading import a_shift
from tests.rows import a_station

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def goes_by(now, policy=Policy(), **of_the_last):  # noqa: B008 (frozen)
    """A sweep of that moment, at which all have just spoken, and the last as told; who joins."""
    rows = CameraHealth.objects.all()
    rows.update(heard_at=now, received_at=now, measured_at=now)
    rows.filter(camera__number=2).update(**of_the_last)
    sweeping.sweep(now=now, policy=policy)
    return sweeping.join(now=now)


def one_is_left(it, colleague, noon, **said):
    """One camera of two runs it since the first hour."""
    here, blocked = docked(2, noon)
    rollout = started(it, colleague, noon, **said)
    Wave.objects.update(opened_at=noon)
    put(rollout, Turn.SUCCEEDED, here, since=noon, ended_at=noon)
    CameraHealth.objects.filter(camera=here).update(firmware_version="4.3.0")
    return rollout, blocked


@pytest.mark.parametrize(
    ("told", "because"),
    [
        ({"offload": "failed", "clips_waiting": 3}, "It is not emptied."),
        ({"battery_percent": 12}, "Its battery is at 12 %; the update needs 30 %."),
        ({"battery_percent": None}, "Its battery is not known."),
        ({"mode": "recording"}, "It is recording."),
    ],
)
def test_who_is_never_emptied_or_charged_is_left_out_and_the_rollout_ends(
    told, because, it, colleague, noon
):
    rollout, blocked = one_is_left(it, colleague, noon)
    for day in range(8):
        goes_by(noon + day * DAY, **told)
        assert states(rollout)["C0002"] == Turn.PLANNED
    (turn,) = reading.page(rollout, now=noon + WEEK, policy=Policy(), states=[Turn.PLANNED]).turns
    assert turn.waits == (because,)

    after = noon + WEEK + timedelta(hours=1)
    assert [goes_by(after, **told) for _ in range(4)] == [0] * 4

    left = Deployment.objects.get(camera=blocked)
    assert (left.state, left.reason) == (
        Turn.SKIPPED,
        f"It could not be updated for 7 days: {because}",
    )
    rollout.refresh_from_db()
    assert (rollout.state, rollout.ended_at) == ("finished", after)
    assert LedgerEntry.objects.get(verb="rollout left out").facts["cameras"] == 1


def test_who_is_given_out_and_yet_sits_in_its_dock_is_left_out(it, colleague, noon):
    rollout, blocked = one_is_left(it, colleague, noon)
    officer = Officer.objects.create(badge_number="217", station=blocked.station)
    Custody.objects.create(camera=blocked, officer=officer, kind="shift", opened_at=noon)

    for _ in range(3):
        goes_by(noon + WEEK + DAY)

    assert Deployment.objects.get(camera=blocked).reason == (
        "It could not be updated for 7 days: It is given out."
    )
    assert rollout.deployments.filter(state=Turn.PLANNED).count() == 0


def test_who_no_shift_can_spare_is_left_out(it, colleague, noon):
    rollout, blocked = one_is_left(it, colleague, noon)
    long_ago = noon - WEEK - DAY
    Rollout.objects.update(started_at=long_ago)
    Wave.objects.update(opened_at=long_ago)
    rollout.deployments.update(since=long_ago)
    rollout.deployments.filter(state=Turn.SUCCEEDED).update(ended_at=long_ago)
    a_shift(blocked.station, noon + timedelta(minutes=30), reserve=9)

    for _ in range(3):
        goes_by(noon)

    left = Deployment.objects.get(camera=blocked)
    assert left.reason.startswith("It could not be updated for 7 days: The ")
    assert "could be short without C0002." in left.reason
    rollout.refresh_from_db()
    assert rollout.state == "finished"


def test_who_is_emptied_in_the_last_moment_is_offered_it(it, colleague, noon):
    rollout, _ = one_is_left(it, colleague, noon)

    goes_by(noon + WEEK + DAY)

    assert states(rollout)["C0002"] == Turn.OFFERED


@pytest.mark.parametrize(
    "lately", ["another moved", "it was let go on", "its wave opened", "joined"]
)
def test_nobody_is_left_out_before_the_rollout_stood_still_for_as_long(lately, it, colleague, noon):
    rollout, blocked = one_is_left(it, colleague, noon)
    late = noon + WEEK + DAY
    recently = late - DAY
    match lately:
        case "another moved":
            Deployment.objects.filter(state=Turn.SUCCEEDED).update(since=recently)
        case "it was let go on":
            courses.pause(rollout, "Look.", by=it, now=noon)
            courses.resume(rollout, by=it, now=recently)
        case "its wave opened":
            Wave.objects.update(opened_at=recently)
        case "joined":
            Deployment.objects.filter(camera=blocked).update(since=recently)

    goes_by(late, clips_waiting=3)

    assert states(rollout)["C0002"] == Turn.PLANNED


def test_it_is_judged_while_the_window_is_open_and_with_all_that_are_left(it, colleague, noon):
    late = noon + WEEK + DAY
    opens = localtime(late + timedelta(hours=2))
    window = [[f"{opens:%H:%M}", f"{opens + timedelta(hours=2):%H:%M}"]]
    rollout, _ = one_is_left(it, colleague, noon, windows=window)

    goes_by(late, clips_waiting=3)
    assert states(rollout)["C0002"] == Turn.PLANNED
    goes_by(late + timedelta(hours=3), clips_waiting=3)
    assert states(rollout)["C0002"] == Turn.SKIPPED


def test_a_first_wave_that_cannot_be_had_keeps_the_rest_from_what_nobody_has_tried(
    it, colleague, noon
):
    docked(3, noon)
    rollout = started(it, colleague, noon, steps=[Step(count=1), Step(percent=100)])
    CameraHealth.objects.update(clips_waiting=3)
    for day in (0, 9):
        goes_by(noon + day * DAY)

    assert rollout.waves.get(number=2).opened_at is None
    assert {*states(rollout).values()} == {"planned"}
    assert reading.progress([rollout])[0].still_since(noon + 9 * DAY) is not None  # it calls


def others_update(it, colleague, now, station, **said):
    """Another rollout, of two cameras of this station; its turns."""
    cameras = docked(2, now, station, first=101)
    wanted = {"cameras": [one.pk for one in cameras]}
    release = firmware("9.9.9")
    started(it, colleague, now, release=release, name="Other", wanted=wanted, **said)
    return Deployment.objects.filter(camera__in=cameras, rollout__name="Other")


def installs(turns, now):
    """At this moment they do, whatever became of them before."""
    until = now + timedelta(hours=2)
    turns.update(state=Turn.INSTALLING, since=now, by=until, offered_at=now, back_by=until)


def in_the_same_dock(turns, camera):
    bays = camera.home_bay.dock.bays.order_by("-position")
    for turn, bay in zip(turns, bays, strict=False):
        CameraHealth.objects.filter(camera=turn.camera_id).update(bay=bay)


@pytest.mark.parametrize("room", ["of all", "of the dock", "of the station", "of the line"])
def test_who_only_lacks_room_beside_other_rollouts_has_its_turn_when_there_is(
    room, it, colleague, noon
):
    rollout, blocked = one_is_left(it, colleague, noon)
    others = others_update(it, colleague, noon, blocked.station)
    policy = Policy()
    match room:
        case "of all":
            policy = Policy(updates_at_once=2)
        case "of the dock":
            in_the_same_dock(others, blocked)
        case "of the station":
            Rollout.objects.filter(pk=rollout.pk).update(most_per_station=2)
        case "of the line":
            policy = Policy(update_mbit_in_all=50)
    for day in range(10):
        installs(others, noon + day * DAY)
        goes_by(noon + day * DAY, policy)
        assert states(rollout)["C0002"] == Turn.PLANNED

    late = noon + 10 * DAY
    others.update(state=Turn.SUCCEEDED, since=late, ended_at=late)
    goes_by(late, policy)

    assert states(rollout)["C0002"] == Turn.OFFERED


def test_who_is_emptied_at_last_while_its_neighbours_are_updated_has_its_turn_after_them(
    it, colleague, noon
):
    rollout, blocked = one_is_left(it, colleague, noon)
    for day in range(7):
        goes_by(noon + day * DAY, clips_waiting=3)
    late = noon + WEEK + DAY
    others = others_update(it, colleague, late, blocked.station)
    in_the_same_dock(others, blocked)
    installs(others, late)

    goes_by(late, clips_waiting=0)

    assert states(rollout)["C0002"] == Turn.PLANNED


def test_who_is_being_updated_by_another_rollout_has_its_turn_after_that(it, colleague, noon):
    rollout, blocked = one_is_left(it, colleague, noon)
    late = noon + WEEK + DAY
    others = others_update(it, colleague, late, blocked.station)
    others.first().delete()
    others.update(camera=blocked)
    installs(Deployment.objects.filter(rollout__name="Other"), late)

    goes_by(late)

    assert states(rollout)["C0002"] == Turn.PLANNED


def leaves(camera, now):
    rows = CameraHealth.objects.filter(camera=camera)
    rows.update(docked=False, bay=None, moved_at=now, placed_at=now)


def comes_back(camera, now):
    rows = CameraHealth.objects.filter(camera=camera)
    rows.update(docked=True, bay=camera.home_bay, moved_at=now, placed_at=now)


def test_who_is_worn_whenever_the_window_is_open_is_left_out(it, colleague, noon):
    """Every night; by day it sits in its dock, so that it is never out for long."""
    opens = localtime(noon + timedelta(hours=12))
    window = [[f"{opens:%H:%M}", f"{opens + timedelta(hours=2):%H:%M}"]]
    rollout, worn = one_is_left(it, colleague, noon, windows=window)
    for day in range(17):
        goes_by(noon + day * DAY)
        leaves(worn, noon + day * DAY + timedelta(hours=8))
        goes_by(noon + day * DAY + timedelta(hours=13))
        comes_back(worn, noon + day * DAY + timedelta(hours=18))

    left = Deployment.objects.get(camera=worn)
    assert (left.state, left.reason) == (
        Turn.SKIPPED,
        "It could not be updated for 14 days: It is out of its dock.",
    )
    rollout.refresh_from_db()
    assert rollout.state == "finished"


def test_two_of_which_one_is_always_out_are_left_out_together(it, colleague, noon):
    """Neither is ever emptied; one is out by day, the other by night."""
    here, *two = docked(3, noon)
    rollout = started(it, colleague, noon)
    Wave.objects.update(opened_at=noon)
    put(rollout, Turn.SUCCEEDED, here, since=noon, ended_at=noon)
    CameraHealth.objects.filter(camera=here).update(firmware_version="4.3.0")
    CameraHealth.objects.filter(camera__in=two).update(clips_waiting=3)
    for half in range(32):
        out, back = two if half % 2 else reversed(two)
        leaves(out, noon + half * DAY / 2)
        comes_back(back, noon + half * DAY / 2)
        goes_by(noon + half * DAY / 2)

    assert {*states(rollout).values()} == {"succeeded", "skipped"}
    rollout.refresh_from_db()
    assert rollout.state == "finished"


def test_more_than_a_page_shows_are_left_out_in_as_many_statements(
    it, colleague, noon, monkeypatch
):
    monkeypatch.setattr(reading, "MOST_SHOWN", 2)
    station = a_station()

    def statements(count):
        here, *rest = docked(count, noon, station, first=100 * count)
        wanted = {"cameras": [here.pk, *(one.pk for one in rest)]}
        name = f"Of {count}"
        rollout = started(it, colleague, noon, release=firmware(f"4.3.{count}"), name=name,
                          wanted=wanted)  # fmt: skip
        Wave.objects.update(opened_at=noon)
        put(rollout, Turn.SUCCEEDED, here, since=noon, ended_at=noon)
        ours = CameraHealth.objects.filter(camera__in=wanted["cameras"])
        ours.filter(camera=here).update(firmware_version=f"4.3.{count}")
        ours.exclude(camera=here).update(clips_waiting=3)
        late = noon + WEEK + DAY
        with CaptureQueriesContext(connection) as asked:
            goes_by(late)
        assert rollout.deployments.filter(state=Turn.SKIPPED).count() == count - 1
        for _ in range(2):
            goes_by(late)
        rollout.refresh_from_db()
        assert rollout.state == "finished"
        return len(asked)

    assert statements(9) <= statements(3)
