"""Alerts that several people and the sweep want at the same moment."""

import pytest
from django.utils.timezone import now

from devices.alerts import actions
from devices.alerts.models import Alert
from devices.roles import Role
from tests.racing import while_waiting
from tests.rows import an_alert, person

pytestmark = pytest.mark.django_db(transaction=True)


def a_sweep(alerts, *, note, by, now):
    return actions.sweep(now=now)


@pytest.mark.parametrize(
    ("act", "taken"),
    [(actions.acknowledge, False), (actions.take_over, True), (a_sweep, False)],
)
def test_whoever_wants_several_waits_for_the_first_with_nothing_in_hand(act, taken):
    """The one that was opened first, whatever its name and whenever it fired."""
    other, me = person(Role.IT, name="other"), person(Role.IT, name="me")
    fields = {"acknowledged_at": now(), "acknowledged_by": other} if taken else {}
    first = an_alert("dock_silent", "Z", minutes=50, **fields)
    second = an_alert("camera_silent", "A", minutes=5, **fields)

    def lock(alert):
        return lambda: Alert.objects.select_for_update().get(pk=alert.pk)

    while_waiting(
        lock(first),
        lambda: act([second, first], note="", by=me, now=now()),
        lock(second),
    )
