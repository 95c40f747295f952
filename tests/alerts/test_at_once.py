"""Alerts that several people and the sweep want at the same moment."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from devices.alerts import actions, notices
from devices.alerts.actions import Span
from devices.alerts.models import Alert, Quiet
from devices.roles import Role
from tests.racing import while_waiting
from tests.rows import a_station, an_alert, person

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db(transaction=True)


def a_sweep(alerts, *, note, by, now):
    return actions.sweep(now=now)


def some_notices(alerts, *, note, by, now):
    return notices.tell(now=now)


def a_silence(alerts, *, note, by, now):
    return actions.silence(alerts[0], until=now + HOUR, reason="Known", by=by, now=now)


def some_work(alerts, *, note, by, now):
    span, where = Span(now, now + HOUR), alerts[0].station
    return actions.maintain(where, None, span, reason="Paint", by=by, now=now)


def its_end(alerts, *, note, by, now):
    span = {"begins_at": now - HOUR, "ends_at": now + HOUR}
    work = {"kind": "maintenance", "station": alerts[0].station, "reason": "Paint"}
    quiet = Quiet.objects.create(**work, **span, by=by)
    return actions.end_quiet(quiet, by=by, now=now)


@pytest.mark.parametrize(
    ("act", "taken"),
    [
        (actions.acknowledge, False),
        (actions.take_over, True),
        (a_sweep, False),
        (some_notices, False),
        (a_silence, False),
        (some_work, False),
        (its_end, False),
    ],
)
def test_whoever_wants_several_waits_for_the_first_with_nothing_in_hand(act, taken):
    """The one that was opened first, whatever its name and whenever it fired."""
    other, me = person(Role.IT, name="other"), person(Role.IT, name="me")
    fields: dict[str, object] = {"station": a_station()}
    if taken:
        fields |= {"acknowledged_at": now(), "acknowledged_by": other}
    first = an_alert("dock_silent", "Z", minutes=50, **fields)
    second = an_alert("camera_silent", "A", minutes=5, **fields)
    first.save()  # so that it lies behind the second on the disk

    def lock(alert):
        return lambda: Alert.objects.select_for_update().get(pk=alert.pk)

    while_waiting(
        lock(first),
        lambda: act([second, first], note="", by=me, now=now()),
        lock(second),
    )
