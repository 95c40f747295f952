"""A camera's word, the fault that it is, and the alert that calls for it are one look."""

import pytest

from devices.alerts import tasks
from devices.alerts.models import Alert
from devices.faults.models import Fault
from tests import rows

pytestmark = pytest.mark.django_db


def test_a_critical_fault_calls_in_the_look_that_opens_it(noon):
    rows.a_camera(417, rows.a_station(), noon, health={"faults": ["lens_blocked"]})

    opened = [tasks.follow_cameras() for _ in range(2)]

    assert opened == [1, 0]
    alert = Alert.objects.get(rule="fault_critical")
    assert alert.subject == f"fault:{Fault.objects.get().pk}"
    assert alert.fired_at is not None
