"""Cameras that come to match a rollout while it runs: new ones, and those that it had skipped."""

from datetime import timedelta

import pytest

from devices.health.models import CameraAttributes, CameraHealth
from devices.inventory.models import Camera, ServiceState
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.releases.models import Assignment, Profile, ProfileVersion
from devices.rollouts import reading, sweeping
from devices.rollouts.aside import actions as aside
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Step
from devices.rollouts.models import Deployment, Rollout
from devices.rollouts.rules import Terms, Turn
from tests.ddi.offers import a_profile
from tests.rollouts.setting import docked, firmware, put, started, states
from tests.rows import a_camera, a_model

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def heard(now, *cameras: Camera, **said) -> None:
    CameraHealth.objects.filter(camera__in=cameras).update(heard_at=now, received_at=now, **said)


def joined(now) -> list[int]:
    """How many join, and then how many more: none, because nothing is done twice."""
    return [sweeping.join(now=now) for _ in range(2)]


def test_a_new_camera_joins_and_one_updated_elsewhere_needs_nothing(it, colleague, noon):
    here, other = docked(2, noon)
    rollout = started(it, colleague, noon, steps=[Step(count=1), Step(percent=100)])
    heard(noon, other, firmware_version="4.3.0")
    a_camera(9, here.station, noon, health={})

    assert joined(noon) == [1, 0]

    assert states(rollout) == {"C0001": "planned", "C0002": "skipped", "C0009": "planned"}
    assert rollout.deployments.get(camera__number=9).wave.number == 2


def test_one_that_is_lost_keeps_no_rollout_from_its_end_when_the_others_run_it(it, colleague, noon):
    lost, other = docked(2, noon)
    Camera.objects.filter(pk=lost.pk).update(service_state=ServiceState.LOST)
    rollout = started(it, colleague, noon)
    heard(noon, other, firmware_version="4.3.0")
    assert joined(noon) == [0, 0]

    for _ in range(2):
        sweeping.sweep(now=noon, policy=Policy())

    rollout.refresh_from_db()
    assert (rollout.state, rollout.paused_because) == ("finished", "")


def test_a_camera_that_was_lost_and_is_found_has_its_turn(it, colleague, noon):
    lost, _ = docked(2, noon)
    Camera.objects.filter(pk=lost.pk).update(service_state=ServiceState.LOST)
    rollout = started(it, colleague, noon, steps=[Step(count=1), Step(percent=100)])
    assert rollout.deployments.get(camera=lost).reason == "It is lost."
    assert joined(noon) == [0, 0]

    found_at = noon + DAY
    Camera.objects.filter(pk=lost.pk).update(service_state=ServiceState.IN_SERVICE)
    heard(found_at, lost)

    assert joined(found_at) == [1, 0]
    turn = rollout.deployments.get(camera=lost)
    assert (turn.state, turn.wave.number, turn.reason, turn.since) == ("planned", 2, "", found_at)
    assert turn.ended_at is None
    assert LedgerEntry.objects.get(verb="rollout joined").facts["cameras"] == 1
    assert LedgerEntry.objects.get(verb="update planned").subject == "C0001"


def test_a_camera_that_should_run_the_profile_again_has_its_turn(it, colleague, noon):
    one, _ = docked(2, noon)
    release = a_profile()
    release.fits.set([a_model()])
    dogs = Profile.objects.create(name="k9")
    version = ProfileVersion.objects.create(
        profile=dogs, number=1, chosen={}, digest="1" * 64, made_at=noon
    )
    patrol = release.profile_version.profile
    Assignment.objects.create(profile=patrol, model=a_model(), at=noon)
    elsewhere = Assignment.objects.create(profile=dogs, camera=one, at=noon)
    firmware("k9-1", kind="profile", profile_version=version, content=b"{1}")
    rollout = started(it, colleague, noon, release)
    assert rollout.deployments.get(camera=one).reason == "It should run the profile k9."
    assert joined(noon) == [0, 0]

    elsewhere.delete()

    assert joined(noon) == [1, 0]
    assert states(rollout) == {"C0001": "planned", "C0002": "planned"}


@pytest.mark.parametrize(
    ("runs", "reason"),
    [
        ("3.0.0", "It runs 3.0.0; 4.3.0 may come only from 4.2.1."),
        ("5.0.0", "It runs 5.0.0; 4.3.0 is older"),
        ("4.3.0", "It runs 4.3.0 already."),
    ],
)
def test_a_camera_that_comes_to_a_fitting_version_has_its_turn(runs, reason, it, colleague, noon):
    one, _ = docked(2, noon)
    heard(noon, one, firmware_version=runs)
    rollout = started(it, colleague, noon, firmware(from_versions=["4.2.1"]))
    assert rollout.deployments.get(camera=one).reason.startswith(reason)
    assert joined(noon) == [0, 0]

    heard(noon, one, firmware_version="4.2.1")

    assert joined(noon) == [1, 0]
    assert states(rollout) == {"C0001": "planned", "C0002": "planned"}
    heard(noon, one, firmware_version=runs)  # and is skipped once more, if it goes back
    assert joined(noon) == [0, 0]
    turn = rollout.deployments.get(camera=one)
    assert turn.state == Turn.SKIPPED
    assert turn.reason.startswith(reason)


def test_who_is_put_aside_stays_so_until_that_ends(it, colleague, noon):
    one, _ = docked(2, noon)
    put_it = aside.put_aside(one, "At the bench.", by=it, now=noon)
    rollout = started(it, colleague, noon)

    assert joined(noon) == [0, 0]
    assert states(rollout)["C0001"] == Turn.SKIPPED

    aside.end_put_aside(put_it, "It is back.", by=it, now=noon)
    assert states(rollout)["C0001"] == Turn.PLANNED


@pytest.mark.parametrize(
    ("away", "told", "back"),
    [
        ({"service_state": "in_repair"}, {}, {"service_state": "in_service"}),
        ({"held_for": "Incident 26-1", "held_at": "now"}, {}, {"held_for": "", "held_at": None}),
        ({}, {"heard_at": "long ago"}, {}),
    ],
)
def test_who_was_left_out_at_the_end_and_is_back_before_it_joins(
    away, told, back, it, colleague, noon
):
    """And who is still away is left out once, not again and again."""
    here, gone = docked(2, noon)
    rollout = started(it, colleague, noon, terms=Terms(soak=timedelta(hours=2)))
    late = noon + 8 * DAY
    put(rollout, Turn.SUCCEEDED, here, ended_at=late)
    heard(late, gone)
    row = Camera.objects.filter(pk=gone.pk)
    row.update(**{name: late if to == "now" else to for name, to in away.items()})
    if told:
        heard(noon, gone)
    sweeping.sweep(now=late, policy=Policy())
    assert states(rollout)["C0002"] == Turn.SKIPPED
    assert joined(late) == [0, 0]

    row.update(**back)
    heard(late, gone)

    assert joined(late) == [1, 0]
    assert sweeping.sweep(now=late, policy=Policy()) == 1
    assert states(rollout)["C0002"] == Turn.OFFERED


@pytest.mark.parametrize("name", ["hwRevision", "hw"])
def test_a_camera_of_other_hardware_has_no_turn_and_one_that_says_so_late_loses_it(
    name, it, colleague, noon
):
    other, fits, tells, silent = docked(4, noon)
    for camera, told in ((other, "2.0"), (fits, "1.0")):
        CameraAttributes.objects.create(camera=camera, told={name: told}, told_at=noon)
    rollout = started(it, colleague, noon, firmware(hardware=["1.0", "1.1"]))
    assert rollout.deployments.get(camera=other).reason == (
        "Its hardware is 2.0; 4.3.0 is for 1.0, 1.1."
    )
    CameraAttributes.objects.create(camera=tells, told={name: "3"}, told_at=noon)

    assert joined(noon) == [0, 0]
    assert (
        rollout.deployments.get(camera=tells).reason == "Its hardware is 3; 4.3.0 is for 1.0, 1.1."
    )
    assert sweeping.sweep(now=noon, policy=Policy()) == 2
    assert states(rollout) == {
        other.name: "skipped",
        fits.name: "offered",
        tells.name: "skipped",
        silent.name: "offered",
    }

    CameraAttributes.objects.filter(camera=other).update(told={name: "1.1"})
    assert joined(noon) == [1, 0]


def test_no_offer_is_made_to_hardware_that_was_told_a_moment_ago(it, colleague, noon):
    (camera,) = docked(1, noon)
    rollout = started(it, colleague, noon, firmware(hardware=["1.0"]))
    CameraAttributes.objects.create(camera=camera, told={"hwRevision": "2.0"}, told_at=noon)

    assert sweeping.sweep(now=noon, policy=Policy()) == 0

    (turn,) = reading.page(rollout, now=noon, policy=Policy()).turns
    assert turn.waits == ("Its hardware is 2.0; 4.3.0 is for 1.0.",)


@pytest.mark.parametrize(
    ("told", "back", "reason"),
    [
        (
            {"docked": False, "moved_at": "then"},
            {"docked": True, "moved_at": "now"},
            "It was in no dock for 7 days.",
        ),
        (
            {"docked": None, "moved_at": None},
            {"docked": True, "moved_at": "now"},
            "It was in no dock for 7 days.",
        ),
        (
            {"firmware_version": ""},
            {"firmware_version": "4.2.1"},
            "It did not say for 7 days what it runs.",
        ),
    ],
)
def test_no_rollout_waits_for_ever_for_a_camera_that_is_heard_and_cannot_be_offered_it(
    told, back, reason, it, colleague, noon
):
    here, gone = docked(2, noon)
    rollout = started(it, colleague, noon, terms=Terms(soak=timedelta(hours=2)))
    late = noon + 7 * DAY + timedelta(minutes=1)
    put(rollout, Turn.SUCCEEDED, here, ended_at=late)

    def says(now, said) -> None:
        moments = {"then": noon, "now": now}
        heard(now, gone, **{name: moments.get(to, to) for name, to in said.items()})

    for at, state in ((late - timedelta(hours=1), Turn.PLANNED), (late, Turn.SKIPPED)):
        says(at, told)
        sweeping.sweep(now=at, policy=Policy())
        assert states(rollout)["C0002"] == state
    assert rollout.deployments.get(camera=gone).reason == reason
    assert joined(late) == [0, 0]

    says(late, back)

    assert joined(late) == [1, 0]
    assert sweeping.sweep(now=late, policy=Policy()) == 1


def test_a_camera_that_was_docked_within_a_week_is_waited_for(it, colleague, noon):
    here, out = docked(2, noon)
    rollout = started(it, colleague, noon)
    late = noon + 8 * DAY
    put(rollout, Turn.SUCCEEDED, here, ended_at=noon)
    heard(late, out, docked=False, moved_at=late - 6 * DAY)

    sweeping.sweep(now=late, policy=Policy())

    assert states(rollout)["C0002"] == Turn.PLANNED


def test_a_camera_of_another_rollout_joins_when_that_is_over(it, colleague, noon):
    one, two = docked(2, noon)
    Camera.objects.filter(pk=one.pk).update(service_state=ServiceState.LOST)
    rollout = started(it, colleague, noon)
    Camera.objects.filter(pk=one.pk).update(service_state=ServiceState.IN_SERVICE)
    other = started(it, colleague, noon, firmware("4.4.0"), wanted={"cameras": [one.pk]})
    assert joined(noon) == [0, 0]

    courses.abort(other, "Not this one.", by=it, now=noon)

    assert joined(noon) == [1, 0]
    assert set(rollout.deployments.values_list("state", flat=True)) == {"planned"}
    assert Deployment.objects.filter(camera=two).count() == 1


def test_nobody_joins_what_is_paused_and_who_left_the_filter_joins_nothing(it, colleague, noon):
    lost, _ = docked(2, noon)
    row = Camera.objects.filter(pk=lost.pk)
    row.update(service_state=ServiceState.LOST, tags=["bench"])
    Camera.objects.exclude(pk=lost.pk).update(tags=["bench"])
    rollout = started(it, colleague, noon, wanted={"tags": ["bench"]})
    row.update(service_state=ServiceState.IN_SERVICE)
    courses.pause(rollout, "Look.", by=it, now=noon)
    assert joined(noon) == [0, 0]

    courses.resume(rollout, by=it, now=noon)
    row.update(tags=[])
    assert joined(noon) == [0, 0]

    row.update(tags=["bench"])
    assert joined(noon) == [1, 0]
    assert Rollout.objects.get().deployments.filter(state=Turn.PLANNED).count() == 2
