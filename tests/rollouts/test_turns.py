"""What keeps one camera's turn from its end: a desk, an empty bay, a pause, a start of its own."""

from datetime import timedelta

import pytest

from devices.errors import Refused
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, UpdateStage
from devices.ledger import LedgerEntry, breaks
from devices.policy import Policy
from devices.releases.models import Release
from devices.rollouts import sweeping
from devices.rollouts.actions import NotOffered, fetching, hear
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Caps
from devices.rollouts.models import Deployment, Rollout
from devices.rollouts.rules import Turn
from devices.rollouts.words import Execution, Finished, Word
from tests.racing import race
from tests.rollouts.setting import NO_WAIT, docked, started

pytestmark = pytest.mark.django_db
POLICY = Policy()
MINUTE = timedelta(minutes=1)
PROCEEDING, CLOSED = Word(Execution.PROCEEDING), Word(Execution.CLOSED, Finished.SUCCESS)


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


def test_installing_waits_until_a_recording_is_over(it, colleague, noon):
    docked(1, noon)
    turn = downloading(started(it, colleague, noon), noon)

    CameraHealth.objects.update(mode="recording")
    with pytest.raises(NotOffered):
        hear(turn.pk, PROCEEDING, now=noon)
    CameraHealth.objects.update(mode="off")

    assert hear(turn.pk, PROCEEDING, now=noon) is Turn.INSTALLING


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
