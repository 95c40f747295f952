"""Who comes to a profile when its rollout has finished is brought it like one that drifted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.health.models import CameraHealth
from devices.inventory.models import Camera, CameraModel, Station
from devices.releases import actions as releases
from devices.releases.profiles.actions import Target, assign, make_version
from devices.releases.profiles.schema import USUAL
from devices.releases.reading import running
from devices.rollouts import sweeping
from devices.rollouts.aside import actions as aside
from devices.rollouts.courses import actions as courses
from devices.rollouts.models import Rollout
from devices.rollouts.repairs.finding import SOON, SOON_NEW, outlook
from devices.rollouts.rules import Turn
from tests.rollouts.setting import docked, put, started
from tests.rollouts.test_repairs import LATER, planned, proven, repaired, repairs, says, swept

pytestmark = pytest.mark.django_db
LONG = timedelta(days=8)
IN_A_DRAWER = {"docked": False, "bay": None}


@pytest.fixture
def bring(patrol, it, colleague, noon):
    """Brings it to four cameras, by a rollout that runs; or has finished."""

    def act(*, finished: bool = True, tags: tuple[str, ...] = (), **said) -> Rollout:
        says("factory-1", *docked(4, noon), now=noon)
        Camera.objects.update(tags=list(tags))
        rollout = started(it, colleague, noon, patrol.release, name="Patrol", **said)
        put(rollout, Turn.SUCCEEDED, ended_at=noon, offered_at=noon)
        says("patrol-1")
        while finished and rollout.state != "finished":
            swept(noon)
            rollout.refresh_from_db()
        return rollout

    return act


def new_ones(count, now, first=20):
    made = docked(count, now, Station.objects.get(), first=first)
    says("factory-1", *made, now=now)
    return made


def said_of(*cameras, now):
    rows = running(Camera.objects.filter(pk__in=[one.pk for one in cameras]))
    return outlook([one for one in rows if one.drifted], now=now)


def test_a_new_camera_is_brought_it_on_the_terms_of_that_rollout(bring, noon):
    rollout, now = bring(), noon + LATER
    (new,) = new_ones(1, now)
    assert said_of(new, now=now) == {new.pk: SOON_NEW}

    assert (repaired(now), repaired(now)) == (1, 0)

    (repair,) = repairs()
    assert (repair.repairs_of, repair.made_by) == (rollout, None)
    assert repair.most_at_once == rollout.most_at_once
    assert planned(new)
    assert swept(now) == 1
    assert said_of(new, now=now) == {new.pk: "Repair of patrol-1 has it in hand."}
    proven(now, new)
    says("factory-1", new, now=now)
    assert said_of(new, now=now) == {new.pk: SOON}  # it is one that drifted from now on
    assert repaired(now) == 1


def test_a_new_camera_of_a_model_that_came_since_is_brought_it_too(bring, patrol, it, noon):
    rollout, now = bring(), noon + LATER
    later = CameraModel.objects.create(maker="Example", name="R9", battery_hours=12)
    assign(patrol.profile, Target(model=later), by=it, now=now)
    (new,) = new_ones(1, now)
    Camera.objects.filter(pk=new.pk).update(model=later)
    assert said_of(new, now=now) == {new.pk: SOON_NEW}

    assert repaired(now) == 1

    assert repairs().get().repairs_of == rollout
    assert planned(new)
    assert swept(now) == 1


def test_one_that_was_left_out_because_it_was_away_is_brought_it_when_it_is_back(bring, noon):
    rollout, now = bring(), noon + LATER
    left = Camera.objects.get(number=2)
    put(rollout, Turn.SKIPPED, left, reason="It is in repair.", from_version="factory-1")
    says("factory-1", left, now=now)
    Camera.objects.filter(pk=left.pk).update(service_state="in_repair")
    assert repaired(now) == 0

    Camera.objects.filter(pk=left.pk).update(service_state="in_service")

    assert repaired(now) == 1
    assert planned(left)


@pytest.mark.parametrize("away", ["in a drawer", "out of reach", "never docked"])
def test_one_that_cannot_be_had_has_no_repair_begin_until_it_can(away, bring, noon):
    bring()
    now = noon + LATER
    (new,) = new_ones(1, now)
    row = CameraHealth.objects.filter(camera=new)
    match away:
        case "in a drawer":
            row.update(**IN_A_DRAWER, moved_at=now - LONG)
        case "out of reach":
            row.update(heard_at=now - LONG)
        case "never docked":
            row.update(**IN_A_DRAWER, moved_at=None)
    assert repaired(now) == 0
    assert not repairs().exists()

    row.update(heard_at=now, docked=True, bay=new.home_bay, moved_at=now)

    assert repaired(now) == 1


def test_one_in_a_drawer_takes_nobodys_place(bring, noon):
    bring()
    now = noon + LATER
    new, *away = new_ones(8, now)
    rows = CameraHealth.objects.filter(camera__in=away)
    rows.update(**IN_A_DRAWER, moved_at=now - LONG)
    assert set(said_of(*away, now=now).values()) == {SOON_NEW}

    assert repaired(now) == 1
    assert planned(new)


def test_one_that_the_rollout_left_out_in_vain_is_tried_again_after_a_month(bring, noon):
    rollout, now = bring(), noon + LATER
    left = Camera.objects.get(number=2)
    because = "It could not be updated for 7 days: It is not emptied."
    put(rollout, Turn.SKIPPED, left, reason=because, from_version="factory-1", ended_at=now)
    says("factory-1", left, now=now)

    assert repaired(now) == 0
    assert said_of(left, now=now) == {
        left.pk: f"{because} It is tried again after 30 days, or by a rollout."
    }

    now += timedelta(days=31)
    says("factory-1", left, now=now)
    assert repaired(now) == 1


def test_while_the_rollout_runs_who_comes_to_it_joins_it(bring, noon):
    rollout, now = bring(finished=False), noon + LATER
    (new,) = new_ones(1, now)

    assert repaired(now) == 0
    assert said_of(new, now=now) == {new.pk: "No rollout has brought it patrol-1 yet."}
    assert sweeping.join(now=now) == 1
    assert rollout.deployments.filter(camera=new).exists()


def test_only_whom_that_rollout_was_for_comes_to_it(bring, noon):
    """Two people said for whom it is; that one of them should run it, one person may say."""
    bring(tags=("k9",), wanted={"tags": ["k9"]})
    now = noon + LATER
    one, two = new_ones(2, now)
    assert repaired(now) == 0
    assert set(said_of(one, two, now=now).values()) == {"No rollout has brought it patrol-1 yet."}

    Camera.objects.filter(pk=two.pk).update(tags=["bench", "k9"])

    assert repaired(now) == 1
    assert planned(two)


def test_no_more_than_a_tenth_come_to_it_and_the_page_says_so(bring, noon):
    bring()
    now = noon + LATER
    several = new_ones(3, now)

    assert repaired(now) == 1
    assert repaired(now + timedelta(minutes=1)) == 0

    (taken,) = repairs().get().deployments.all()
    left = [one for one in several if one != taken.camera]
    (why,) = set(said_of(*left, now=now).values())
    assert why.startswith("As many came to patrol-1 since Patrol as may without a rollout")
    proven(now, taken.camera)
    assert repaired(now) == 0


def test_one_that_drifted_takes_nobodys_place(bring, noon):
    bring()
    now = noon + LATER
    drifted = Camera.objects.get(number=1)
    says("factory-1", drifted, now=now)
    (new,) = new_ones(1, now)

    assert repaired(now) == 2
    assert planned(drifted, new)


def test_what_a_rollout_brought_to_nobody_is_brought_to_nobody_new(bring, noon):
    rollout, now = bring(), noon + LATER
    put(rollout, Turn.SKIPPED, reason="It was given out.", from_version="factory-1")
    new_ones(1, now)

    assert repaired(now) == 0


@pytest.mark.parametrize("against", ["aborted", "put aside", "another profile", "held", "silent"])
def test_what_speaks_against_it(against, bring, patrol, it, colleague, noon):
    rollout, now = bring(finished=against != "aborted"), noon + LATER
    (new,) = new_ones(1, now)
    match against:
        case "aborted":
            courses.abort(rollout, "It dims the light.", by=it, now=now)
        case "put aside":
            aside.put_aside(new, "Brick.", by=it, now=now)
        case "another profile":
            other = make_version("k9", {**USUAL, "led": False}, based_on=0, by=it, now=now)
            releases.approve(other.release, by=colleague, now=now)
            assign(other.profile, Target(camera=new), by=it, now=now)
        case "held":
            Camera.objects.filter(pk=new.pk).update(held_for="Incident 26-1", held_at=now)
        case "silent":
            says("", new, now=now)

    assert repaired(now) == 0
    assert not repairs().exists()


def test_who_stops_the_repair_stops_whoever_comes(bring, it, noon):
    bring()
    now = noon + LATER
    new_ones(1, now)
    repaired(now)
    courses.pause(repairs().get(), "Look first.", by=it, now=now)
    put(repairs().get(), Turn.SKIPPED)

    assert repaired(now) == 0


def test_a_look_costs_as_much_for_many_as_for_few(bring, noon):
    bring()
    now = noon + LATER
    few, many = new_ones(1, now), new_ones(5, now, first=30)

    def cost(*cameras):
        with CaptureQueriesContext(connection) as asked:
            assert len(said_of(*cameras, now=now)) == len(cameras)
        return len(asked)

    assert cost(*few) == cost(*few, *many)
