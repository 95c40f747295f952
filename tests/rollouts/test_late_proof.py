"""Proof that comes late: of an update that was given up, or told to stop."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from devices.health.models import CameraHealth
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.rollouts import sweeping
from devices.rollouts.models import Rollout
from devices.rollouts.rules import Turn
from tests.rollouts.setting import docked, put, started, states

pytestmark = pytest.mark.django_db


def swept(now: datetime) -> None:
    sweeping.sweep(now=now, policy=Policy())


def says(now: datetime, **said: Any) -> None:
    CameraHealth.objects.update(heard_at=now, received_at=now, measured_at=now, **said)


@pytest.mark.parametrize("course", ["running", "paused", "finished", "aborted"])
@pytest.mark.parametrize("gave_up", [Turn.CANCELLED, Turn.TIMED_OUT, Turn.FAILED])
def test_who_has_it_after_all_succeeded_whatever_became_of_its_rollout(
    gave_up, course, it, colleague, noon
):
    docked(1, noon)
    rollout = _given_up(gave_up, it, colleague, noon)
    Rollout.objects.update(state=course, ended_at=noon)

    later = noon + timedelta(days=6)
    says(later, boot=2, firmware_version="4.3.0")
    swept(later)

    assert states(rollout) == {"C0001": "succeeded"}
    rollout.refresh_from_db()
    assert rollout.state == course
    assert LedgerEntry.objects.filter(verb="update succeeded").count() == 1


def test_after_a_week_an_aborted_update_is_not_proven_any_more(it, colleague, noon):
    docked(1, noon)
    rollout = _given_up(Turn.CANCELLED, it, colleague, noon)
    Rollout.objects.update(state="aborted", ended_at=noon)

    later = noon + timedelta(days=7, minutes=1)
    says(later, boot=2, firmware_version="4.3.0")
    swept(later)

    assert states(rollout) == {"C0001": "cancelled"}


def test_what_a_later_rollout_brought_proves_nothing_of_the_aborted_one(it, colleague, noon):
    docked(1, noon)
    aborted = _given_up(Turn.CANCELLED, it, colleague, noon)
    Rollout.objects.update(state="aborted", ended_at=noon)
    release = aborted.release
    again = started(it, colleague, noon, release, name="Once more")
    put(again, Turn.AWAITING_PROOF, fetched=True, offered_at=noon + timedelta(minutes=1), boot=1)

    later = noon + timedelta(minutes=9)
    says(later, boot=2, firmware_version="4.3.0")
    swept(later)

    assert states(aborted) == {"C0001": "cancelled"}
    assert states(again) == {"C0001": "succeeded"}


def _given_up(state: Turn, it, colleague, now) -> Rollout:
    """Of one camera, which fetched it and was then given up, or told to stop."""
    rollout = started(it, colleague, now)
    swept(now)
    put(rollout, state, fetched=True, ended_at=now, attempts=3)
    Camera.objects.update(update_stage="")
    return rollout
