"""What keeps one camera's turn from its end: hanging, silence, a desk, a pause, being put aside."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from django.db import connection, transaction

from devices.errors import Refused
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, UpdateStage
from devices.ledger import LedgerEntry, breaks
from devices.policy import Policy
from devices.releases.models import Release
from devices.rollouts import sweeping
from devices.rollouts.actions import NotOffered, fetching, hear
from devices.rollouts.aside import actions as aside
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Caps, Step
from devices.rollouts.models import Deployment, PutAside, Rollout
from devices.rollouts.rules import Terms, Turn
from devices.rollouts.words import Execution, Finished, Word
from tests.ddi.offers import a_profile
from tests.patience import PATIENCE_S
from tests.racing import race, while_waiting
from tests.rollouts.setting import NO_WAIT, docked, put, started, states
from tests.rows import a_model

pytestmark = pytest.mark.django_db
POLICY = Policy()
MINUTE = timedelta(minutes=1)
PROCEEDING, CLOSED = Word(Execution.PROCEEDING), Word(Execution.CLOSED, Finished.SUCCESS)
TOO_SLOW = "It downloads for so long that it would not be back as it was reckoned."
DOES_NOT_FETCH = "The camera speaks, but its update client did not fetch what was offered."


def swept(now) -> int:
    return sweeping.sweep(now=now, policy=POLICY)


def spoke(now, **said) -> None:
    """As if all cameras had just spoken."""
    CameraHealth.objects.update(heard_at=now, received_at=now, measured_at=now, **said)


def downloading(rollout: Rollout, now) -> Deployment:
    """The one turn of it, offered by the sweep and being fetched."""
    swept(now)
    turn = rollout.deployments.get(state=Turn.OFFERED)
    fetching(turn.pk, now)
    return turn


def state_of(turn: Deployment) -> str:
    turn.refresh_from_db()
    return turn.state


# --- Hanging and silence -------------------------------------------------------------------------


def test_cameras_that_hang_in_their_download_stop_a_rollout(it, colleague, noon):
    docked(6, noon)
    steps = [Step(count=2), Step(percent=100)]
    rollout = started(it, colleague, noon, steps=steps, terms=Terms(soak=10 * MINUTE))
    first = rollout.waves.get(number=1)

    at, stops = noon, []
    while rollout.state == "running" and at < noon + timedelta(hours=9):
        spoke(at)
        swept(at)
        for turn in rollout.deployments.filter(state=Turn.OFFERED):
            fetching(turn.pk, at)  # and nothing more is heard of it
        stops.append(set(first.deployments.values_list("state", flat=True)))
        rollout.refresh_from_db()
        at += 10 * MINUTE

    assert {"cancelling"} in stops  # they are told to stop before they have failed
    assert rollout.paused_because == "Of wave 1 0 of 2 succeeded; 95 % are wanted."
    ended = list(first.deployments.values_list("state", "attempts", "reason"))
    assert ended == [("failed", 3, TOO_SLOW)] * 2
    said = set(PutAside.objects.values_list("reason", flat=True))
    assert said == {f"It failed 3 times in Spring: {TOO_SLOW}"}
    assert LedgerEntry.objects.filter(verb="update failed", facts__reason=TOO_SLOW).count() == 2
    courses.resume(rollout, by=it, now=at)
    swept(at)
    rollout.refresh_from_db()
    assert rollout.paused_because.startswith("No camera of wave 1 runs the release")
    assert rollout.waves.get(number=2).opened_at is None

    aside.end_put_aside(PutAside.objects.first(), "Its dock is mended.", by=it, now=at)
    courses.resume(rollout, by=it, now=at)
    spoke(at)
    assert swept(at) == 1


def test_a_wave_that_was_put_aside_opens_no_other(it, colleague, noon):
    docked(4, noon)
    rollout = started(it, colleague, noon, steps=[Step(count=2), Step(percent=100)])
    for turn in rollout.waves.get(number=1).deployments.all():
        aside.put_aside(turn.camera, "At the bench.", by=it, now=noon)

    assert [swept(noon) for _ in range(3)] == [0, 0, 0]

    rollout.refresh_from_db()
    assert rollout.state == "paused"
    assert rollout.paused_because == (
        "No camera of wave 1 runs the release, so nothing shows that it works. "
        "Try again what failed, end what was put aside, or abort it."
    )
    assert rollout.waves.get(number=2).opened_at is None


def test_a_wave_whose_cameras_run_it_already_opens_the_next(it, colleague, noon):
    docked(4, noon)
    rollout = started(it, colleague, noon, steps=[Step(count=2), Step(percent=100)])
    first = rollout.waves.get(number=1).deployments.values("camera")
    CameraHealth.objects.filter(camera__in=first).update(firmware_version="4.3.0")
    sweeping.join(now=noon)

    assert [swept(noon) for _ in range(2)] == [0, 2]

    assert rollout.waves.get(number=2).opened_at == noon


def test_what_stops_by_itself_three_times_has_failed(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)

    for _ in range(3):
        turn = downloading(rollout, noon)
        hear(turn.pk, Word(Execution.CANCELED), now=noon)
    swept(noon)

    assert state_of(turn) == "failed"
    assert turn.reason == "Its update client stopped by itself."


def test_an_update_client_that_does_not_answer_ends_its_rollouts_wait(it, colleague, noon):
    dead, well = docked(2, noon)
    terms = Terms(success_percent=50, soak=timedelta(0))
    rollout = started(it, colleague, noon, terms=terms)
    put(rollout, Turn.SUCCEEDED, well, ended_at=noon)
    turn = rollout.deployments.get(camera=dead)

    attempts = []
    for after in range(4):
        at = noon + after * 10 * MINUTE
        spoke(at)
        swept(at)
        attempts.append((state_of(turn), turn.attempts))

    assert attempts == [("offered", 1), ("offered", 2), ("offered", 3), ("timed_out", 3)]
    assert turn.reason == DOES_NOT_FETCH
    assert PutAside.objects.get().reason == f"It failed 3 times in Spring: {DOES_NOT_FETCH}"
    assert Camera.objects.get(pk=dead.pk).update_stage == UpdateStage.NONE
    for _ in range(2):
        swept(at)
    rollout.refresh_from_db()
    assert rollout.state == "finished"


@pytest.mark.parametrize(
    ("said", "windows"),
    [
        ({"docked": False}, []),
        ({"heard_at": None}, []),  # its dock has no power, or the fleet was away itself
        ({}, [["06:00", "07:05"]]),  # noon is 07:00 in the department's zone
    ],
)
def test_an_offer_that_could_not_be_fetched_is_no_attempt(said, windows, it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon, windows=windows)
    swept(noon)

    later = noon + 11 * MINUTE
    spoke(later)
    CameraHealth.objects.update(**said)
    swept(later)

    turn = rollout.deployments.get()
    assert (turn.state, turn.attempts, turn.reason) == ("planned", 0, "")


# --- Put aside -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "became", "stage"),
    [
        (Turn.PLANNED, "skipped", ""),
        (Turn.OFFERED, "skipped", ""),
        (Turn.DOWNLOADING, "cancelling", "offered"),
        (Turn.INSTALLING, "installing", "installing"),
        (Turn.AWAITING_PROOF, "awaiting_proof", "installing"),
        (Turn.CANCELLING, "cancelling", "installing"),
        (Turn.CANCELLED, "skipped", ""),
    ],
)
def test_putting_aside_frees_no_camera_that_installs(state, became, stage, it, colleague, noon):
    (camera,) = docked(1, noon)
    rollout = started(it, colleague, noon)
    put(rollout, state, attempts=1)
    before = "offered" if state is Turn.OFFERED else stage
    Camera.objects.update(update_stage=before)

    aside.put_aside(camera, "It smells.", by=it, now=noon)

    assert states(rollout) == {"C0001": became}
    assert Camera.objects.get().update_stage == stage


def test_what_downloads_is_stopped_when_its_camera_is_put_aside_and_not_tried_again(
    it, colleague, noon
):
    (camera,) = docked(1, noon)
    rollout = started(it, colleague, noon)
    turn = downloading(rollout, noon)
    put_it = aside.put_aside(camera, "It smells.", by=it, now=noon)
    with pytest.raises(NotOffered, match="was told to stop"):
        hear(turn.pk, PROCEEDING, now=noon)

    hear(turn.pk, CLOSED, now=noon, of_cancel=True)
    assert swept(noon) == 0

    assert state_of(turn) == "skipped"
    assert turn.reason == "It is put aside: It smells."
    aside.end_put_aside(put_it, "It was the dock.", by=it, now=noon)
    assert state_of(turn) == "planned"


@pytest.mark.django_db(transaction=True)
def test_no_turn_is_planned_in_a_rollout_that_is_being_aborted(it, colleague, noon):
    (camera,) = docked(1, noon)
    rollout = started(it, colleague, noon)
    put_it = aside.put_aside(camera, "It smells.", by=it, now=noon)

    while_waiting(
        locks=lambda: courses.abort(rollout, "It is wrong.", by=it, now=noon),
        waits=lambda: aside.end_put_aside(put_it, "It was the dock.", by=it, now=noon),
        goes_on=lambda: None,
    )

    assert states(rollout) == {camera.name: "skipped"}


@pytest.mark.django_db(transaction=True)
def test_nothing_that_stopped_is_planned_again_while_its_rollout_is_aborted(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.CANCELLED, attempts=1)

    def sweeps() -> int:
        try:
            return swept(noon)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            courses.abort(rollout, "It is wrong.", by=it, now=noon)
            other = pool.submit(sweeps)
            wait([other], timeout=5)  # whoever waits for us goes on when we are done
        assert other.result(PATIENCE_S) == 0

    assert list(states(rollout).values()) == ["cancelled"]


def test_what_installs_goes_on_to_its_proof_though_its_camera_is_put_aside(it, colleague, noon):
    well, badly, done = docked(3, noon)
    rollout = started(it, colleague, noon)
    put(rollout, Turn.INSTALLING, fetched=True, boot=1, attempts=1, offered_at=noon, since=noon)
    put(rollout, Turn.SUCCEEDED, done, ended_at=noon)
    for camera in (well, badly):
        aside.put_aside(camera, "It smells.", by=it, now=noon)

    later = noon + 20 * MINUTE
    spoke(later, boot=2)
    CameraHealth.objects.filter(camera=well).update(firmware_version="4.3.0")
    for _ in range(3):
        swept(later)

    assert states(rollout) == {"C0001": "succeeded", "C0002": "failed", "C0003": "succeeded"}
    assert rollout.deployments.get(camera=badly).attempts == 1
    rollout.refresh_from_db()
    assert rollout.paused_because == "Of wave 1 2 of 3 succeeded; 95 % are wanted."


# --- Whether it may still begin ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        (CameraHealth, {"docked": False}),
        (Camera, {"service_state": "in_repair"}),
        (Camera, {"held_for": "Incident 26-1", "held_at": "2030-01-01T12:00Z"}),
        (Camera, {"update_stage": UpdateStage.NONE}),  # a desk gave it out
        (Rollout, {"state": "paused"}),
        (Release, {"state": "recalled", "recalled_because": "It bricks."}),
    ],
)
def test_installing_does_not_begin_on_a_camera_that_is_not_to_be_had_any_more(
    table, changed, it, colleague, noon
):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    turn = downloading(rollout, noon)
    table.objects.update(**changed)

    with pytest.raises(NotOffered, match="C0001 is not to be had any more; it may not install"):
        hear(turn.pk, PROCEEDING, now=noon)

    assert state_of(turn) == "downloading"
    assert not turn.words.exists()
    assert Camera.objects.get().update_stage != UpdateStage.INSTALLING
    swept(noon)
    assert (state_of(turn), turn.attempts) == ("cancelling", 0)  # to have its turn again later


@pytest.mark.parametrize(
    ("said", "later"),
    [
        ({"mode": "recording"}, {"mode": "off"}),
        ({"clips_waiting": 1}, {"clips_waiting": None}),  # as far as is known
        ({"offload": "transferring"}, {"offload": ""}),
        ({"offload": "failed"}, {"offload": "complete"}),
        ({"battery_percent": 29}, {"battery_percent": None}),
    ],
)
def test_installing_waits_until_nothing_is_known_against_it(said, later, it, colleague, noon):
    docked(1, noon)
    turn = downloading(started(it, colleague, noon), noon)

    CameraHealth.objects.update(**said)
    with pytest.raises(NotOffered):
        hear(turn.pk, PROCEEDING, now=noon)
    CameraHealth.objects.update(**later)

    assert hear(turn.pk, PROCEEDING, now=noon) is Turn.INSTALLING


def test_installing_begins_no_later_than_lets_the_camera_be_back(it, colleague, noon):
    """At a tenth of the line the download ends when the camera was to be back."""
    docked(1, noon)
    turn = downloading(started(it, colleague, noon), noon)
    turn.refresh_from_db()
    # To be back at +63: 21.5 min for what installing takes, and ten to charge.
    assert turn.begin_by == noon + timedelta(minutes=31, seconds=30)

    late = turn.begin_by + timedelta(seconds=1)
    spoke(late)
    with pytest.raises(NotOffered, match="may not install"):
        hear(turn.pk, PROCEEDING, now=late)
    swept(late)

    assert (state_of(turn), turn.reason) == ("cancelling", TOO_SLOW)


def test_installing_may_begin_as_long_as_the_camera_would_be_back(it, colleague, noon):
    docked(1, noon)
    turn = downloading(started(it, colleague, noon), noon)
    turn.refresh_from_db()
    spoke(turn.begin_by)
    swept(turn.begin_by)

    assert hear(turn.pk, PROCEEDING, now=turn.begin_by) is Turn.INSTALLING
    assert Camera.objects.get().updating_until == turn.back_by


def test_a_client_that_streams_is_refused_before_its_first_byte(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    swept(noon)
    turn = rollout.deployments.get()
    CameraHealth.objects.update(docked=False)

    with pytest.raises(NotOffered):  # SWUpdate says so before it asks for the artifact
        hear(turn.pk, PROCEEDING, now=noon)

    swept(noon)
    assert (state_of(turn), turn.attempts) == ("planned", 0)


@pytest.mark.parametrize(
    "said",
    [{"mode": "recording"}, {"clips_waiting": 2}, {"offload": "failed"}, {"battery_percent": 9}],
)
def test_what_may_not_begin_any_more_is_told_to_stop_and_has_its_turn_again(
    said, it, colleague, noon
):
    docked(1, noon)
    turn = downloading(started(it, colleague, noon), noon)
    spoke(noon + MINUTE, **said)
    swept(noon + MINUTE)

    turn.refresh_from_db()
    assert (turn.state, turn.attempts) == ("cancelling", 0)


def test_what_installed_when_it_was_told_to_stop_may_say_so(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    turn = downloading(rollout, noon)
    hear(turn.pk, PROCEEDING, now=noon)
    courses.abort(rollout, "Wrong image.", by=it, now=noon)

    assert hear(turn.pk, PROCEEDING, now=noon) is Turn.CANCELLING
    assert hear(turn.pk, CLOSED, now=noon) is Turn.AWAITING_PROOF


def test_who_is_told_to_stop_by_a_pause_has_its_turn_again_after_it(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    turn = downloading(rollout, noon)

    courses.pause(rollout, "Look.", by=it, now=noon)
    assert (state_of(turn), turn.attempts) == ("cancelling", 0)
    hear(turn.pk, CLOSED, now=noon, of_cancel=True)
    assert swept(noon) == 0
    assert state_of(turn) == "cancelled"
    courses.resume(rollout, by=it, now=noon)

    assert swept(noon) == 1
    assert (state_of(turn), turn.attempts) == ("offered", 1)


@pytest.mark.django_db(transaction=True)
def test_nothing_begins_after_a_pause_that_was_acknowledged(it, colleague, noon):
    docked(8, noon)
    caps = Caps(most_per_dock=8, most_per_station=8, most_at_once=8, most_mbit_each=10)
    rollout = started(it, colleague, noon, caps=caps)
    swept(noon)
    turns = list(rollout.deployments.filter(state=Turn.OFFERED))
    for turn in turns:
        fetching(turn.pk, noon)

    def act(n: int) -> object:
        if n == 4:
            return courses.pause(rollout, "Look.", by=it, now=noon)
        return hear(turns[n].pk, PROCEEDING, now=noon)

    answers = race(act, runners=8)

    begun = {turns[n].pk for n in range(8) if answers[n] is Turn.INSTALLING}
    assert set(rollout.deployments.filter(state=Turn.INSTALLING).values_list("pk", flat=True)) == (
        begun
    )
    assert rollout.deployments.filter(state=Turn.CANCELLING).count() == 8 - len(begun)
    assert sum(isinstance(one, Refused) for one in answers) == 7 - len(begun)
    paused = LedgerEntry.objects.get(verb="rollout paused").seq
    installing = LedgerEntry.objects.filter(verb="update installing")
    assert not installing.filter(seq__gt=paused).exists()
    assert list(breaks()) == []


# --- What may be writing still -------------------------------------------------------------------


def hanging(rollout: Rollout, now) -> Deployment:
    """Its one turn: it installs, and then nothing is heard of it in time."""
    swept(now)
    turn = rollout.deployments.get(state=Turn.OFFERED)
    hear(turn.pk, PROCEEDING, now=now)  # as a client says that writes while it downloads
    fetching(turn.pk, now)
    spoke(now + 45 * MINUTE)
    swept(now + 45 * MINUTE)
    assert state_of(turn) == "timed_out"
    return turn


@pytest.mark.parametrize(
    ("said", "became", "stage"),
    [
        ({}, "timed_out", "installing"),
        ({"boot": 2}, "offered", "offered"),
        ({"boot": 2, "firmware_version": "4.3.0"}, "succeeded", ""),
    ],
)
def test_what_installs_and_is_not_heard_of_goes_to_nobody_until_it_starts_anew(
    said, became, stage, it, colleague, noon
):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    turn = hanging(rollout, noon)
    assert turn.reason == (
        "Nothing was heard of it in time: installing. "
        "It goes to nobody until it starts anew, or is tried again by hand."
    )
    assert Camera.objects.get().update_stage == UpdateStage.INSTALLING
    assert Rollout.objects.get().state == "running"  # what it comes to is not known yet

    later = noon + 60 * MINUTE
    spoke(later, **said)
    swept(later)

    assert state_of(turn) == became
    assert Camera.objects.get().update_stage == stage
    assert LedgerEntry.objects.filter(verb="update over").count() == bool(said)


def test_what_was_never_fetched_writes_nothing(it, colleague, noon):
    """Its client says that it begins, and its dock's line goes before the first byte."""
    docked(1, noon)
    rollout = started(it, colleague, noon)
    swept(noon)
    turn = rollout.deployments.get()
    hear(turn.pk, PROCEEDING, now=noon)
    spoke(noon + 45 * MINUTE)
    swept(noon + 45 * MINUTE)

    assert "goes to nobody" not in Deployment.objects.get().reason
    assert state_of(turn) == "offered"  # its next attempt
    assert Camera.objects.get().update_stage == UpdateStage.OFFERED


def test_a_person_may_have_it_tried_again_though_it_did_not_start_anew(it, colleague, noon):
    docked(1, noon)
    rollout = started(it, colleague, noon)
    turn = hanging(rollout, noon)

    courses.retry_failed(rollout, by=it, now=noon + 50 * MINUTE)

    assert state_of(turn) == "planned"
    assert Camera.objects.get().update_stage == UpdateStage.NONE


def test_what_was_put_aside_and_mended_is_free_though_its_rollout_is_over(it, colleague, noon):
    (camera,) = docked(1, noon)
    rollout = started(it, colleague, noon)
    hanging(rollout, noon)
    courses.abort(rollout, "Wrong image.", by=it, now=noon + 50 * MINUTE)
    put_it = aside.put_aside(camera, "It hangs.", by=it, now=noon + 50 * MINUTE)
    swept(noon + 55 * MINUTE)
    assert Camera.objects.get().update_stage == UpdateStage.INSTALLING

    aside.end_put_aside(put_it, "Its battery was out.", by=it, now=noon + 60 * MINUTE)
    swept(noon + 60 * MINUTE)

    assert Camera.objects.get().update_stage == UpdateStage.NONE


def test_a_camera_is_not_freed_of_another_update_that_is_under_way(it, colleague, noon):
    docked(1, noon)
    spoke(noon, profile_version="factory-1")
    rollout = started(it, colleague, noon)
    put(rollout, Turn.FAILED, ended_at=noon, attempts=1)
    profile = a_profile()
    profile.fits.set([a_model()])
    other = started(it, colleague, noon, profile, name="Patrol")
    put(other, Turn.INSTALLING)
    Camera.objects.update(update_stage=UpdateStage.INSTALLING)

    courses.retry_failed(rollout, by=it, now=noon)

    assert Camera.objects.get().update_stage == UpdateStage.INSTALLING


# --- The start that proves it --------------------------------------------------------------------


def test_a_start_between_the_offer_and_the_install_proves_nothing(it, colleague, noon):
    docked(1, noon)
    spoke(noon, boot=7)
    rollout = started(it, colleague, noon, terms=NO_WAIT)
    turn = downloading(rollout, noon)
    spoke(noon, boot=8)  # its power was cut

    hear(turn.pk, PROCEEDING, now=noon + MINUTE)
    spoke(noon + 2 * MINUTE)  # a routine word, from the old image, while it writes
    swept(noon + 2 * MINUTE)
    assert (state_of(turn), turn.boot) == ("installing", 8)
    assert Camera.objects.get().update_stage == UpdateStage.INSTALLING

    hear(turn.pk, CLOSED, now=noon + 10 * MINUTE)
    spoke(noon + 11 * MINUTE, boot=9, firmware_version="4.3.0")
    swept(noon + 11 * MINUTE)
    assert state_of(turn) == "succeeded"
