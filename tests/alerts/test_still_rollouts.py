"""A rollout that does not move calls after three days, and no sooner."""

from datetime import timedelta

import pytest

from devices.alerts import actions
from devices.alerts.catalogue import Pace
from devices.alerts.models import Alert
from devices.health.models import CameraHealth
from devices.roles import Role
from devices.rollouts.rules import Turn
from tests.rollouts.setting import docked, put, started
from tests.rows import person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def look(at) -> list[str]:
    actions.sweep(now=at, pace=Pace.SLOW)
    return [one.words for one in Alert.objects.calling()]


def test_it_calls_until_something_moves(noon):
    first, _ = docked(2, noon)
    CameraHealth.objects.update(docked=False)
    it, colleague = person(Role.IT, name="it"), person(Role.IT, name="colleague")
    rollout = started(it, colleague, noon)

    assert look(noon + 72 * HOUR) == []  # patience: it may just be going on
    assert look(noon + 73 * HOUR) == ["In the rollout Spring nothing has moved for 3 days."]
    alert = Alert.objects.get()
    assert (alert.address, alert.station) == (f"/rollouts/{rollout.pk}/", None)

    put(rollout, Turn.DOWNLOADING, first, since=noon + 73 * HOUR)
    assert look(noon + 74 * HOUR) == []
