"""What people do to a rollout, and what is refused."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError

from devices import hurry
from devices.errors import AnotherPerson, Refused
from devices.inventory import actions as inventory
from devices.inventory.models import Camera, UpdateStage
from devices.ledger import LedgerEntry, breaks
from devices.policy import Policy
from devices.releases.certificates.actions import withdraw_certificate
from devices.releases.models import ReleaseState
from devices.rollouts import reading, sweeping, tasks
from devices.rollouts.actions import NotOffered, hear
from devices.rollouts.aside import actions as aside
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Draft, Step
from devices.rollouts.models import PutAside, Rollout
from devices.rollouts.rules import Turn
from devices.rollouts.words import Execution, Word
from tests.api.callers import browser
from tests.rollouts.setting import (
    AT_ONCE,
    docked,
    drafted,
    firmware,
    ordered_back,
    put,
    started,
    states,
)
from tests.rows import NO_ROW, a_model

pytestmark = pytest.mark.django_db


def verbs() -> list[str]:
    return list(LedgerEntry.objects.order_by("seq").values_list("verb", flat=True))


def test_from_draft_to_running_takes_two_people(it, colleague, noon):
    docked(3, noon)
    rollout = drafted(it, noon)

    with pytest.raises(Refused, match="You made Spring"):
        courses.approve(rollout, by=it, now=noon)
    courses.approve(rollout, by=colleague, now=noon)
    courses.start(rollout, by=it, now=noon)

    rollout.refresh_from_db()
    assert (rollout.state, rollout.approved_by, rollout.started_at) == ("running", colleague, noon)
    assert set(states(rollout).values()) == {Turn.PLANNED}
    assert rollout.waves.get().opened_at == noon
    assert verbs() == ["rollout drafted", "rollout approved", "rollout started"]
    assert list(breaks()) == []


def test_who_changed_a_draft_last_does_not_approve_it(it, colleague, noon):
    rollout = drafted(it, noon)
    courses.change(rollout, Draft("All at once", steps=AT_ONCE), by=colleague, now=noon)

    for who, says in ((colleague, "You changed All at once last"), (it, "You made All at once")):
        with pytest.raises(AnotherPerson, match=says):
            courses.approve(rollout, by=who, now=noon)
    courses.change(rollout, Draft("In two", steps=AT_ONCE), by=it, now=noon)
    courses.approve(rollout, by=colleague, now=noon)

    rollout.refresh_from_db()
    assert (rollout.changed_by, rollout.approved_by) == (it, colleague)


@pytest.mark.parametrize("whose", ["made_by", "changed_by"])
def test_the_database_refuses_that_both_are_one(whose, it, colleague, noon):
    rollout = drafted(it, noon)

    with pytest.raises(IntegrityError, match="nobody_approves_their_own_rollout"):
        Rollout.objects.filter(pk=rollout.pk).update(**{whose: colleague, "approved_by": colleague})


def test_nobody_starts_what_is_not_approved(it, noon):
    docked(1, noon)
    rollout = drafted(it, noon)

    with pytest.raises(Refused, match="Spring is draft; only one that is approved can start"):
        courses.start(rollout, by=it, now=noon)


def test_a_draft_says_everything_that_is_wrong_with_it(it, noon):
    with pytest.raises(Refused) as refused:
        drafted(it, noon, name="", steps=[Step(percent=50)])

    assert "Give it a name" in str(refused.value)
    assert "The last wave is the rest" in str(refused.value)


def test_a_filter_names_what_is_there(it, noon):
    release, other = firmware(), a_model(radio=False)

    with pytest.raises(Refused, match=f"There are no stations {NO_ROW}"):
        drafted(it, noon, release, wanted={"stations": [NO_ROW]})
    with pytest.raises(Refused, match="is not for Example S1"):
        drafted(it, noon, release, wanted={"models": [other.pk]})


@pytest.mark.parametrize(
    ("state", "says"),
    [(ReleaseState.VERIFIED, "is not approved"), (ReleaseState.RECALLED, "was recalled")],
)
def test_only_an_approved_release_travels(state, says, it, colleague, noon):
    docked(1, noon)
    with pytest.raises(Refused, match=says):
        drafted(it, noon, firmware("4.3.1", state=state, recalled_because="It bricks."))

    release = firmware()
    rollout = drafted(it, noon, release)
    type(release).objects.filter(pk=release.pk).update(state=state)
    with pytest.raises(Refused, match=says):
        courses.approve(rollout, by=colleague, now=noon)


def test_what_is_approved_is_not_changed_any_more(it, colleague, noon):
    rollout = drafted(it, noon)
    courses.change(rollout, Draft("Summer"), by=it, now=noon)
    assert (rollout.name, rollout.waves.count()) == ("Summer", 4)

    courses.approve(rollout, by=colleague, now=noon)

    with pytest.raises(Refused, match="only a draft can be changed"):
        courses.change(rollout, Draft("Autumn"), by=it, now=noon)


def test_who_runs_it_already_or_is_aside_has_no_turn(it, colleague, noon):
    plain, done, out = docked(3, noon)
    type(done.health).objects.filter(pk=done.pk).update(firmware_version="4.3.0")
    aside.put_aside(out, "It is a bench camera.", by=it, now=noon)

    rollout = started(it, colleague, noon)

    said = {turn.camera_id: (turn.state, turn.reason) for turn in rollout.deployments.all()}
    assert said == {
        plain.pk: (Turn.PLANNED, ""),
        done.pk: (Turn.SKIPPED, "It runs 4.3.0 already."),
        out.pk: (Turn.SKIPPED, "It is put aside: It is a bench camera."),
    }


def test_a_filter_chooses(it, colleague, noon):
    one, *_ = docked(3, noon)

    rollout = started(it, colleague, noon, wanted={"cameras": [one.pk], "versions": ["4.2.1"]})

    assert states(rollout) == {"C0001": Turn.PLANNED}


def test_a_filter_chooses_whoever_has_one_of_its_tags(it, colleague, noon):
    bench, both, other, _ = docked(4, noon)
    for camera, tags in ((bench, ["bench"]), (both, ["bench", "k9"]), (other, ["traffic"])):
        inventory.tag(camera, tags, by=it, now=noon)

    rollout = started(it, colleague, noon, wanted={"tags": ["bench", "k9"]})

    assert sorted(states(rollout)) == [bench.name, both.name]


def test_a_camera_goes_one_way_at_a_time(it, colleague, noon):
    docked(2, noon)
    started(it, colleague, noon)
    other = drafted(it, noon, firmware("4.4.0"), name="Other")
    courses.approve(other, by=colleague, now=noon)

    with pytest.raises(Refused, match="Spring is under way with 2 of these cameras"):
        courses.start(other, by=it, now=noon)


def test_pausing_takes_back_what_does_not_install(it, colleague, noon):
    offered, installing, _, downloads = docked(4, noon)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.OFFERED, offered, attempts=1)
    put(rollout, Turn.DOWNLOADING, downloads, attempts=1)
    put(rollout, Turn.INSTALLING, installing, attempts=1)
    Camera.objects.filter(pk=offered.pk).update(update_stage=UpdateStage.OFFERED)
    Camera.objects.filter(pk=installing.pk).update(update_stage=UpdateStage.INSTALLING)

    with pytest.raises(Refused, match="Say why"):
        courses.pause(rollout, "  ", by=it, now=noon)
    courses.pause(rollout, "A sergeant called.", by=it, now=noon)

    rollout.refresh_from_db()
    assert (rollout.state, rollout.paused_because) == ("paused", "A sergeant called.")
    assert states(rollout) == {
        "C0001": "planned", "C0002": "installing", "C0003": "planned", "C0004": "cancelling"
    }  # fmt: skip
    stages = Camera.objects.order_by("number").values_list("update_stage", flat=True)
    assert list(stages) == ["", "installing", "", ""]
    attempts = rollout.deployments.order_by("camera__number").values_list("attempts", flat=True)
    assert list(attempts) == [0, 1, 0, 0]


def test_resuming_forgives_what_failed_so_far(it, colleague, noon):
    one, two = docked(2, noon)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.FAILED, one, ended_at=noon)
    courses.pause(rollout, "Look.", by=it, now=noon)

    courses.resume(rollout, by=it, now=noon)

    rollout.refresh_from_db()
    assert (rollout.state, rollout.paused_because, rollout.forgiven_at) == ("running", "", noon)
    assert LedgerEntry.objects.get(verb="rollout resumed").facts["failures_forgiven"] == 1
    with pytest.raises(Refused, match="only one that is paused can go on"):
        courses.resume(rollout, by=it, now=noon)
    put(rollout, Turn.TIMED_OUT, two, ended_at=noon + timedelta(seconds=1))
    (numbers,) = reading.progress([rollout])
    assert (numbers.failed, numbers.forgiven) == (2, 1)


def test_aborting_ends_what_can_end_and_tells_the_rest_to_stop(it, colleague, noon):
    cameras = docked(5, noon)
    rollout = started(it, colleague, noon)
    for state, camera in zip(
        (Turn.OFFERED, Turn.DOWNLOADING, Turn.INSTALLING, Turn.AWAITING_PROOF),
        cameras,
        strict=False,
    ):
        put(rollout, state, camera)

    courses.abort(rollout, "Wrong image.", by=it, now=noon)

    assert list(states(rollout).values()) == [
        "cancelled", "cancelling", "cancelling", "awaiting_proof", "cancelled"
    ]  # fmt: skip
    rollout.refresh_from_db()
    assert (rollout.state, rollout.ended_at) == ("aborted", noon)
    with pytest.raises(Refused, match="cannot become aborted"):
        courses.abort(rollout, "Again.", by=it, now=noon)
    entry = LedgerEntry.objects.get(verb="rollout aborted")
    assert (entry.facts["cancelled"], entry.facts["told_to_stop"]) == (2, 2)


def test_failed_cameras_are_tried_again(it, colleague, noon):
    one, two, _ = docked(3, noon)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.FAILED, one, reason="It burned.")
    put(rollout, Turn.TIMED_OUT, two)

    assert courses.retry_failed(rollout, [one.pk], by=it, now=noon) == 1

    assert states(rollout) == {"C0001": "planned", "C0002": "timed_out", "C0003": "planned"}
    assert rollout.deployments.get(camera=one).reason == "It burned."
    courses.abort(rollout, "Enough.", by=it, now=noon)
    with pytest.raises(Refused, match="Spring is aborted; nothing is tried again"):
        courses.retry_failed(rollout, by=it, now=noon)


def test_nothing_failed_nothing_to_try_again(it, colleague, noon):
    (one,) = docked(1, noon)
    rollout = started(it, colleague, noon)
    with pytest.raises(Refused, match="No camera failed"):
        courses.retry_failed(rollout, by=it, now=noon)

    put(rollout, Turn.FAILED, one)
    aside.put_aside(one, "Three failures.", by=None, now=noon)
    with pytest.raises(Refused, match="are put aside"):
        courses.retry_failed(rollout, by=it, now=noon)


def test_a_camera_put_aside_has_no_turn_until_that_ends(it, colleague, noon):
    one, _ = docked(2, noon)
    rollout = started(it, colleague, noon)
    put_it = aside.put_aside(one, "At the workshop.", by=it, now=noon)
    with pytest.raises(Refused, match="put aside already"):
        aside.put_aside(one, "Again.", by=it, now=noon)
    assert states(rollout)["C0001"] == Turn.SKIPPED

    aside.end_put_aside(put_it, "It is mended.", by=it, now=noon)

    assert states(rollout)["C0001"] == Turn.PLANNED
    assert not PutAside.objects.filter(ended_at=None).exists()
    with pytest.raises(Refused, match="not put aside any more"):
        aside.end_put_aside(put_it, "Again.", by=it, now=noon)


def test_the_first_two_are_those_tagged_bench(it, colleague, noon):
    last = docked(6, noon)[4:]
    Camera.objects.filter(pk__in=[one.pk for one in last]).update(tags=["bench", "k9"])

    rollout = started(it, colleague, noon, steps=(Step(count=2), *AT_ONCE))

    first = rollout.deployments.filter(wave__number=1).values_list("camera", flat=True)
    assert set(first) == {one.pk for one in last}


COUNTS_NO_MORE = (
    "It runs 4.2.1; 4.1.0 is older, and Maker, which signed the order to go back, was withdrawn."
)


def test_who_would_go_back_is_offered_nothing_when_the_orders_signer_is_withdrawn(
    it, colleague, noon
):
    first, second = docked(2, noon)
    release = firmware("4.1.0")
    signer = ordered_back(release, noon)
    rollout = started(it, colleague, noon, release, steps=(Step(count=1), *AT_ONCE))
    sweeping.sweep(now=noon, policy=Policy())
    offered = rollout.deployments.get(camera=first)
    assert states(rollout) == {first.name: Turn.OFFERED, second.name: Turn.PLANNED}

    withdraw_certificate(signer, by=it, now=noon)
    rollout.waves.update(opened_at=noon)
    sweeping.sweep(now=noon, policy=Policy())

    assert states(rollout)[second.name] == Turn.PLANNED
    rollout = Rollout.objects.get()
    shown = reading.page(rollout, now=noon, policy=Policy())
    assert [one.waits for one in shown.turns if one.name == second.name] == [(COUNTS_NO_MORE,)]
    with pytest.raises(NotOffered, match="may not install now"):
        hear(offered.pk, Word(Execution.PROCEEDING), now=noon)
    page = browser(it).get(f"/rollouts/{rollout.pk}/").content.decode()
    assert "which counts no more: Maker, which signed it, was withdrawn" in page
    page = browser(it).get(f"/releases/{release.pk}/").content.decode()
    assert "It counts for nothing: Maker was withdrawn." in page


def test_nobody_starts_to_go_back_by_an_order_whose_signer_was_withdrawn(it, colleague, noon):
    docked(1, noon)
    release = firmware("4.1.0")
    signer = ordered_back(release, noon)
    rollout = drafted(it, noon, release)
    courses.approve(rollout, by=colleague, now=noon)
    withdraw_certificate(signer, by=it, now=noon)

    with pytest.raises(Refused, match=re.escape(f"No camera needs it. 1: {COUNTS_NO_MORE}")):
        courses.start(rollout, by=it, now=noon)


def test_who_starts_or_resumes_does_not_wait_for_the_clock(
    it, colleague, noon, monkeypatch, django_capture_on_commit_callbacks
):
    rung: list[str] = []
    monkeypatch.setattr(hurry, "_ring", [rung.append])
    docked(1, noon)
    rollout = drafted(it, noon)
    courses.approve(rollout, by=colleague, now=noon)

    with django_capture_on_commit_callbacks(execute=True):
        courses.start(rollout, by=it, now=noon)
    assert rung == [tasks.sweep.name]
    with django_capture_on_commit_callbacks(execute=True):
        courses.pause(rollout, "Lunch.", by=it, now=noon)
    assert rung == [tasks.sweep.name]
    with django_capture_on_commit_callbacks(execute=True):
        courses.resume(rollout, by=it, now=noon)
    assert rung == [tasks.sweep.name] * 2


def test_starting_costs_as_much_for_many_as_for_few(it, colleague, noon, django_assert_num_queries):
    docked(16, noon)
    rollout = drafted(it, noon, steps=AT_ONCE)
    courses.approve(rollout, by=colleague, now=noon)

    with django_assert_num_queries(16):
        courses.start(rollout, by=it, now=noon)

    assert Rollout.objects.get().deployments.count() == 16
