"""Drift is repaired: whoever runs another profile than a rollout had left it is brought back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.health.models import CameraHealth
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.releases import actions as releases
from devices.releases.profiles.actions import Target, assign, make_version
from devices.releases.profiles.schema import USUAL
from devices.releases.reading import running
from devices.rollouts import history, sweeping
from devices.rollouts.aside import actions as aside
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Step
from devices.rollouts.models import Deployment, PutAside, Rollout
from devices.rollouts.reading import waves_of, why_they_wait
from devices.rollouts.repairs.finding import SOON, outlook
from devices.rollouts.rules import Turn
from tests.api.callers import browser
from tests.rollouts.setting import docked, put, started, states
from tests.rows import a_model

pytestmark = pytest.mark.django_db
LATER = timedelta(days=2)


def says(version, *cameras, now=None, digest=""):
    """As if these cameras, or all, had just said that they run it."""
    rows = CameraHealth.objects.all()
    rows = rows.filter(camera__in=cameras) if cameras else rows
    heard = {} if now is None else {"heard_at": now, "received_at": now, "measured_at": now}
    rows.update(profile_version=version, profile_digest=digest, **heard)


def swept(now):
    return sweeping.sweep(now=now, policy=Policy())


def repaired(now):
    return sweeping.repair(now=now)


def repairs():
    return Rollout.objects.filter(repairs_of__isnull=False).order_by("pk")


def planned(*cameras):
    rows = Deployment.objects.filter(state=Turn.PLANNED, rollout__repairs_of__isnull=False)
    return set(rows.values_list("camera", flat=True)) == {one.pk for one in cameras}


def running_of(camera):
    return running(Camera.objects.filter(pk=camera.pk))


@pytest.fixture
def cameras(noon, patrol):
    made = docked(4, noon)
    says("factory-1", now=noon)
    return made


@pytest.fixture
def brought(cameras, patrol, it, colleague, noon):
    """A rollout that has brought it to all of them, and is finished."""
    rollout = started(it, colleague, noon, patrol.release, name="Patrol")
    put(rollout, Turn.SUCCEEDED, ended_at=noon, offered_at=noon)
    says("patrol-1")
    while rollout.state != "finished":
        swept(noon)
        rollout.refresh_from_db()
    return rollout


def proven(now, *cameras):
    """As if these had fetched it and said so."""
    turns = Deployment.objects.filter(camera__in=cameras, rollout__in=repairs())
    turns.exclude(state=Turn.SUCCEEDED).update(
        state=Turn.INSTALLING, fetched=True, offered_at=now, since=now
    )
    says("patrol-1", *cameras, now=now)
    swept(now)


def test_who_drifted_is_offered_it_again_proven_and_has_it_in_its_history(cameras, brought, noon):
    one, now = cameras[0], noon + LATER
    says("factory-1", one, now=now)

    assert repaired(now) == 1

    (repair,) = repairs()
    assert (repair.name, repair.state) == ("Repair of patrol-1", "running")
    assert repair.repairs_of == brought
    assert (repair.made_by, repair.most_at_once) == (None, brought.most_at_once)
    assert states(repair) == {"C0001": "planned"}
    assert swept(now) == 1
    one.refresh_from_db()
    assert one.update_stage == "offered"

    proven(now, one)

    assert states(repair) == {"C0001": "succeeded"}
    swept(now)
    repair.refresh_from_db()
    assert repair.state == "finished"
    assert [turn.rollout for turn in history.updates_of(one)] == [repair, brought]
    verbs = set(LedgerEntry.objects.filter(subject="C0001").values_list("verb", flat=True))
    assert {"update offered", "update succeeded"} <= verbs
    finished = LedgerEntry.objects.filter(verb="rollout finished").latest("seq")
    assert finished.facts["because"] == "A repair leaves what cameras should run as it is."
    assert repaired(now) == 0


def test_a_repair_passes_the_same_gate(cameras, brought, noon):
    now = noon + LATER
    says("factory-1", cameras[0], now=now)
    CameraHealth.objects.update(docked=False, bay=None)

    assert repaired(now) == 1
    assert swept(now) == 0


def test_repairing_twice_repairs_once_and_who_drifts_meanwhile_joins(cameras, brought, noon):
    now = noon + LATER
    says("factory-1", cameras[0], now=now)
    assert [repaired(now), repaired(now)] == [1, 0]

    says("factory-1", cameras[1], now=now)

    assert repaired(now) == 1
    assert repairs().count() == 1
    assert planned(*cameras[:2])
    sweeping.join(now=now)
    assert planned(*cameras[:2])  # nobody else joins it


def test_who_drifts_again_while_a_repair_runs_is_in_the_next_one(cameras, brought, noon):
    now = noon + LATER
    says("factory-1", *cameras[:2], now=now)
    repaired(now)
    put(repairs().get(), Turn.SUCCEEDED, cameras[0], ended_at=now)

    assert repaired(now) == 1

    assert [states(one) for one in repairs()] == [
        {"C0001": "succeeded", "C0002": "planned"},
        {"C0001": "planned"},
    ]


def test_other_content_under_the_same_name_is_repaired(cameras, brought, noon):
    says("patrol-1", cameras[0], digest="0" * 64)

    assert repaired(noon + LATER) == 1


def test_whoever_ran_it_when_it_was_brought_to_the_others_is_repaired_too(
    cameras, patrol, it, colleague, noon
):
    says("patrol-1", cameras[0])
    started(it, colleague, noon, patrol.release)
    says("factory-1", cameras[0])

    assert repaired(noon) == 1
    assert planned(cameras[0])


def test_whoever_was_found_to_run_it_before_its_turn_came_is_repaired_too(
    cameras, patrol, it, colleague, noon
):
    started(it, colleague, noon, patrol.release)
    says("patrol-1", cameras[0])
    sweeping.join(now=noon)
    says("factory-1", cameras[0])

    assert repaired(noon) == 1
    assert planned(cameras[0])


def test_what_no_rollout_brought_to_a_camera_is_for_people_to_bring(cameras, noon):
    rows = [one for one in running(Camera.objects.all()) if one.drifted]

    assert repaired(noon) == 0
    assert set(outlook(rows, now=noon).values()) == {"No rollout has brought it patrol-1 yet."}


def test_what_cameras_should_run_no_more_is_let_go(cameras, brought, it, colleague, noon):
    now = noon + LATER
    says("factory-1", *cameras[:2], now=now)
    repaired(now)
    put(repairs().get(), Turn.SUCCEEDED, cameras[0], ended_at=now)

    second = make_version("patrol", {**USUAL, "led": False}, based_on=1, by=it, now=now)
    releases.approve(second.release, by=colleague, now=now)

    assert repaired(now) == 0
    turn = Deployment.objects.get(rollout__in=repairs(), camera=cameras[1])
    assert (turn.state, turn.reason) == ("skipped", "It should run patrol-2 now.")


def test_nobody_is_repaired_to_an_older_version_without_an_order(
    cameras, brought, it, colleague, noon
):
    now = noon + LATER
    second = make_version("patrol", {**USUAL, "led": False}, based_on=1, by=it, now=now)
    releases.approve(second.release, by=colleague, now=now)
    says("patrol-2", cameras[0], now=now)
    releases.recall(second.release, "too dark", by=it, now=now)

    assert repaired(now) == 0

    (one,) = (each for each in running(Camera.objects.all()) if each.drifted)
    assert outlook([one], now=now)[one.camera_id].startswith("It runs patrol-2; patrol-1 is older")


def test_what_people_stopped_is_brought_to_nobody_until_they_bring_it_again(
    cameras, brought, patrol, it, colleague, noon
):
    now = noon + LATER
    says("factory-1", cameras[0], now=now)
    repaired(now)
    repair = repairs().get()

    courses.abort(repair, "It dims the light.", by=it, now=now)
    assert repaired(now) == 0

    again = now + LATER
    says("factory-1", cameras[1], now=again)
    started(it, colleague, again, patrol.release, wanted={"cameras": [cameras[1].pk]})
    assert repaired(again) == 1
    assert planned(cameras[0])


def test_who_stops_a_rollout_stops_the_repairs_of_its_work(
    cameras, brought, patrol, it, colleague, noon
):
    """Though an earlier rollout of the same version has a repair that runs."""
    now = noon + LATER
    says("factory-1", cameras[0], now=now)
    repaired(now)
    says("factory-1", cameras[1], now=now)
    theirs = {"cameras": [cameras[1].pk]}
    second = started(it, colleague, now + LATER, patrol.release, wanted=theirs, name="Again")
    says("factory-1", cameras[2], now=now + LATER)
    repaired(now + LATER)
    courses.pause(second, "It dims the light.", by=it, now=now + LATER)

    found = {one.repairs_of.name: one.state for one in repairs().select_related("repairs_of")}
    assert found == {"Patrol": "running", "Again": "paused"}


def test_the_repairs_of_its_work_go_on_with_a_rollout(cameras, patrol, it, colleague, noon):
    """Those that were paused with it; what somebody, or a stop rule, had paused before stays so."""
    rollout = started(it, colleague, noon, patrol.release, name="Patrol")
    put(rollout, Turn.SUCCEEDED, *cameras[:3], ended_at=noon, offered_at=noon)
    says("patrol-1", *cameras[:3])
    says("factory-1", cameras[0], now=noon)
    repaired(noon)
    first = repairs().get()
    put(first, Turn.SUCCEEDED, ended_at=noon)
    repaired(noon)  # it drifted once more, in the repair that runs
    before, after = repairs()
    courses.pause(before, "Look first.", by=it, now=noon)

    courses.pause(rollout, "It dims the light.", by=it, now=noon)
    assert _stand() == ["paused", "paused"]
    courses.resume(rollout, by=it, now=noon)

    assert _stand() == ["paused", "running"]
    after.refresh_from_db()
    assert (after.paused_because, after.forgiven_at) == ("", None)
    told = LedgerEntry.objects.filter(verb="rollout resumed").order_by("seq")
    assert [one.facts["rollout"] for one in told] == [rollout.pk, after.pk]
    assert {one.actor_id for one in told} == {it.pk}


def _stand():
    return list(repairs().values_list("state", flat=True))


def test_a_paused_repair_lets_no_other_begin(cameras, brought, it, noon):
    now = noon + LATER
    says("factory-1", cameras[0], now=now)
    repaired(now)
    courses.pause(repairs().get(), "Look first.", by=it, now=now)
    says("factory-1", cameras[1], now=now)

    assert repaired(now) == 0
    assert repairs().count() == 1


def test_who_was_brought_back_three_times_and_drifts_again_is_put_aside(cameras, brought, it, noon):
    one, now = cameras[0], noon + LATER
    for _ in range(3):
        says("factory-1", one, now=now)
        assert repaired(now) == 1
        proven(now, one)
        swept(now)
    says("factory-1", one, now=now)

    assert repaired(now) == 0

    put_aside = PutAside.objects.get()
    assert put_aside.reason == (
        "It was brought back to patrol-1 3 times in 30 days and runs factory-1 again: have it "
        "looked at."
    )
    assert repaired(now) == 0
    aside.end_put_aside(put_aside, "A new board.", by=it, now=now + timedelta(minutes=1))
    assert repaired(now + timedelta(minutes=2)) == 1


def goes_by(first, days, one, **told):
    """So many days from the first on, on each of which all speak, and this one as told; the last
    of them."""
    for day in range(days + 1):
        now = first + timedelta(days=day)
        CameraHealth.objects.update(heard_at=now, received_at=now, measured_at=now)
        CameraHealth.objects.filter(camera=one).update(**told)
        for _ in range(2):
            swept(now)
            repaired(now)
    return now


def test_of_one_in_a_drawer_one_repair_begins_and_ends_until_it_is_in_its_dock(
    cameras, brought, noon
):
    one, now = cameras[0], noon + LATER
    says("factory-1", one, now=now)
    away = {"docked": False, "bay": None}
    now = goes_by(now, 12, one, **away, moved_at=now)

    (repair,) = repairs()
    assert (repair.state, states(repair)) == ("finished", {"C0001": "skipped"})
    turn = repair.deployments.get()
    assert turn.reason == "It was in no dock for 7 days."

    CameraHealth.objects.filter(camera=one).update(docked=True, bay=one.home_bay, moved_at=now)
    assert repaired(now) == 1
    assert repairs().count() == 2


def test_of_one_that_fell_silent_one_repair_begins_and_ends_until_it_is_heard(
    cameras, brought, noon
):
    one, now = cameras[0], noon + LATER
    says("factory-1", one, now=now)
    CameraHealth.objects.filter(camera=one).update(docked=False, bay=None)
    now = goes_by(now, 12, one, heard_at=now, received_at=now, measured_at=now)
    (repair,) = repairs()
    assert repair.state == "finished"

    says("factory-1", one, now=now)
    CameraHealth.objects.filter(camera=one).update(docked=True, bay=one.home_bay, moved_at=now)
    assert repaired(now) == 1


def test_one_that_is_never_emptied_is_tried_again_after_a_month(cameras, brought, noon):
    one, now = cameras[0], noon + LATER
    says("factory-1", one, now=now)
    now = goes_by(now, 20, one, clips_waiting=3)

    (repair,) = repairs()
    assert repair.state == "finished"
    rows = [row for row in running_of(one) if row.drifted]
    assert outlook(rows, now=now) == {
        one.pk: "It could not be updated for 7 days: It is not emptied. It is tried again after 30 "
        "days, or by a rollout."
    }

    goes_by(now, 20, one, clips_waiting=3)
    assert repairs().count() == 2


def test_one_that_was_looked_at_since_is_tried_again_at_once(cameras, brought, it, noon):
    one, now = cameras[0], noon + LATER
    says("factory-1", one, now=now)
    now = goes_by(now, 9, one, clips_waiting=3)
    assert repairs().get().state == "finished"

    aside.put_aside(one, "It is not emptied.", by=it, now=now)
    assert repaired(now) == 0
    aside.end_put_aside(PutAside.objects.get(), "A new contact.", by=it, now=now)

    assert repaired(now) == 1


def test_one_that_drifts_now_and_then_is_no_loop(cameras, brought, noon):
    now = noon
    for _ in range(4):
        now += timedelta(days=20)
        says("factory-1", cameras[0], now=now)
        assert repaired(now) == 1
        proven(now, cameras[0])
        swept(now)

    assert not PutAside.objects.exists()


def test_one_camera_that_fails_keeps_no_other_from_being_repaired(cameras, brought, noon):
    now = noon + LATER
    says("factory-1", *cameras[:2], now=now)
    repaired(now)
    put(repairs().get(), Turn.FAILED, cameras[0], attempts=3, ended_at=now)

    swept(now)
    proven(now, cameras[1])
    swept(now)

    assert repairs().get().state == "finished"
    assert PutAside.objects.get().camera == cameras[0]


def test_one_camera_alone_that_fails_keeps_no_other_from_being_repaired(cameras, brought, noon):
    now = noon + LATER
    says("factory-1", cameras[0], now=now)
    repaired(now)
    put(repairs().get(), Turn.FAILED, cameras[0], attempts=3, ended_at=now)
    for _ in range(3):
        swept(now)
    assert repairs().get().state == "finished"
    assert PutAside.objects.get().camera == cameras[0]

    says("factory-1", cameras[1], now=now)

    assert repaired(now) == 1
    assert swept(now) == 1
    assert repairs().count() == 2


@pytest.mark.parametrize("stop", [courses.pause, courses.abort])
def test_what_people_stop_is_repaired_no_more_either(stop, cameras, patrol, it, colleague, noon):
    """Whether its repairs run or are over, whoever fell back meanwhile is left as it is."""
    rollout = started(it, colleague, noon, patrol.release, name="Patrol")
    put(rollout, Turn.SUCCEEDED, *cameras[:3], ended_at=noon, offered_at=noon)
    says("patrol-1", *cameras[:3])
    now = noon + LATER
    says("factory-1", cameras[0], now=now)
    repaired(now)
    proven(now, cameras[0])
    swept(now)
    assert repairs().get().state == "finished"
    says("factory-1", cameras[1], now=now)
    assert (repaired(now), planned(cameras[1])) == (1, True)

    stop(rollout, "It dims the light.", by=it, now=now)
    says("factory-1", cameras[2], now=now)

    assert (repaired(now), swept(now)) == (0, 0)
    finished, running = repairs()
    rollout.refresh_from_db()
    assert (finished.state, running.state) == ("finished", rollout.state)
    rows = [one for one in running_of(cameras[2]) if one.drifted]
    (said,) = outlook(rows, now=now).values()
    assert said.startswith(f"Patrol {'is paused' if rollout.state == 'paused' else 'was aborted'}")
    if rollout.state == "paused":
        assert running.paused_because == "Patrol was paused: It dims the light."
        courses.resume(running, by=it, now=now)
        assert repaired(now) == 0


def test_a_page_says_what_becomes_of_each(cameras, brought, noon):
    says("factory-1", cameras[0])
    rows = [one for one in running(Camera.objects.all()) if one.drifted]
    assert outlook(rows, now=noon) == {cameras[0].pk: SOON}

    repaired(noon)

    assert outlook(rows, now=noon) == {cameras[0].pk: "Repair of patrol-1 has it in hand."}


@pytest.fixture
def quiet(patrol, it, colleague, noon):
    """Another profile, approved and not assigned."""
    version = make_version("quiet", {**USUAL, "volume_percent": 0}, based_on=0, by=it, now=noon)
    releases.approve(version.release, by=colleague, now=noon)
    return version


def everybody_runs(version, by, now):
    assign(version.profile, Target(model=a_model()), by=by, now=now)


def outlooks(now):
    rows = [one for one in running(Camera.objects.all()) if one.drifted]
    return outlook(rows, now=now)


def test_who_should_run_another_profile_by_now_is_not_offered_the_old_one(
    cameras, patrol, quiet, it, colleague, noon
):
    steps = (Step(count=1), Step(percent=100))
    rollout = started(it, colleague, noon, patrol.release, name="Patrol", steps=steps)
    everybody_runs(quiet, it, noon)

    later = [noon + timedelta(hours=hours) for hours in (0, 1, 2)]
    for now in later:
        says("factory-1", now=now)
        repaired(now)
        sweeping.join(now=now)
        assert swept(now) == 0

    assert set(states(rollout).values()) == {"planned"}  # and its first wave waits with its camera
    assert list(rollout.waves.order_by("number").values_list("opened_at", flat=True)) == [
        noon,
        None,
    ]
    waits = why_they_wait(rollout, waves_of([rollout.pk])[rollout.pk], now=now, policy=Policy())
    assert ("It should run the profile quiet.",) in waits.values()

    everybody_runs(patrol, it, now)
    assert swept(now) == 1


def test_what_was_offered_before_is_not_offered_again(cameras, patrol, quiet, it, colleague, noon):
    rollout = started(it, colleague, noon, patrol.release, name="Patrol")
    assert swept(noon) > 0
    everybody_runs(quiet, it, noon)

    late = noon + timedelta(hours=5)
    says("factory-1", now=late)
    swept(late)

    assert set(states(rollout).values()) == {"planned"}
    assert max(rollout.deployments.values_list("attempts", flat=True)) == 1


def test_a_page_does_not_say_that_what_brings_another_profile_has_it_in_hand(
    cameras, patrol, quiet, it, colleague, noon
):
    rollout = started(it, colleague, noon, patrol.release, name="Patrol")
    put(rollout, Turn.OFFERED, cameras[0], offered_at=noon)
    assert set(outlooks(noon).values()) == {"Patrol has it in hand."}

    everybody_runs(quiet, it, noon)

    brings, nobody = "Patrol is bringing it patrol-1, not quiet-1.", "No rollout has brought it"
    assert outlooks(noon) == {cameras[0].pk: brings} | {
        one.pk: f"{nobody} quiet-1 yet." for one in cameras[1:]
    }


def test_what_is_under_way_is_told_before_what_is_planned(cameras, brought, quiet, it, noon):
    """One that failed in a rollout is tried again in it, when the next one has begun."""
    now = noon + LATER
    says("factory-1", cameras[0], now=now)
    assert repaired(now) == 1
    assert set(outlooks(now).values()) == {"Repair of patrol-1 has it in hand."}
    second = Rollout.objects.create(
        release=quiet.release, name="Quiet", state="running", soak=timedelta(0), made_at=now
    )
    wave = second.waves.create(number=1, percent=100, opened_at=now)
    Deployment.objects.create(
        rollout=second, camera=cameras[0], wave=wave, state=Turn.INSTALLING, since=now
    )

    assert set(outlooks(now).values()) == {"Quiet is bringing it quiet-1, not patrol-1."}


def test_its_page_and_the_api_say_whose_work_it_repairs(cameras, brought, it, noon):
    says("factory-1", cameras[0])
    repaired(noon)
    (repair,) = repairs()
    client = browser(it)

    page = " ".join(client.get(f"/rollouts/{repair.pk}/").content.decode().split())
    told = client.get(f"/api/v1/rollouts/{repair.pk}/").json()

    assert "Those that drifted from what was brought to them" in page
    assert "The next opens" not in page
    assert f'as <a href="/rollouts/{brought.pk}/">Patrol</a> was, whose work it repairs' in page
    assert (told["repairs_of"], told["made_by"]) == (brought.pk, None)
    assert client.get(f"/api/v1/rollouts/{brought.pk}/").json()["repairs_of"] is None


def test_a_look_costs_as_much_for_many_as_for_few(cameras, brought, noon):
    def cost(*drifted):
        says("patrol-1")
        says("factory-1", *drifted)
        with CaptureQueriesContext(connection) as asked:
            rows = [one for one in running(Camera.objects.all()) if one.drifted]
            assert len(outlook(rows, now=noon)) == len(drifted)
        return len(asked)

    assert cost(cameras[0]) == cost(*cameras)
