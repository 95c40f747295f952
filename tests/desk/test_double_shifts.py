"""An officer on two duties without a break takes one camera for both."""

from datetime import timedelta

import pytest

from devices.access.people import Visible
from devices.custody.models import Custody
from devices.desk import overdue
from devices.desk.by_hand import actions as by_hand
from devices.desk.by_hand.actions import Hand, Unfit
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, CameraModel
from tests.desk.conftest import POLICY
from tests.rows import a_duty_at

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def on_duty(house):
    """An officer on duty from and to so many hours from now."""

    def put(badge, *spans):
        officer = house.officers[badge]
        for begins, ends in spans:
            now = house.desk.now
            a_duty_at(house.station, officer, now + begins * HOUR, now + ends * HOUR)
        return officer

    return put


def due_in(house, began):
    """How many hours after that the one camera that is out is due, without the handover."""
    due_at = Custody.objects.get(closed_at=None, kind="shift").due_at
    return (due_at - POLICY.handover - began) / HOUR


@pytest.mark.parametrize(
    ("spans", "hours"),
    [
        ([(0, 8)], 8),
        ([(0, 8), (8, 16)], 16),
        ([(0, 8), (8.25, 16)], 16),
        ([(0, 8), (8.5, 16)], 8),
        ([(-7, 1), (1, 9)], 9),
        ([(-4, 4), (4, 12), (12, 20)], 20),
        ([(1, 9), (9, 17)], 17),
        ([(3, 9)], 8),
        ([(-8, -0.1), (0, 8)], 8),
    ],
)
def test_a_camera_is_due_when_the_last_duty_without_a_break_is_over(house, on_duty, spans, hours):
    began = house.desk.now
    CameraModel.objects.update(battery_hours=40)
    on_duty("1031", *spans)

    answer = house.desk.quickly("1031", house.spares[0].label)

    assert answer["result"] == "issued"
    assert due_in(house, began) == pytest.approx(hours, abs=0.01)


def test_one_that_is_out_on_a_double_shift_is_not_overdue_after_the_first(house, on_duty):
    began = house.desk.now
    CameraModel.objects.update(battery_hours=40)
    on_duty("1031", (0, 8), (8, 16))
    house.desk.quickly("1031", house.spares[0].label)

    def late(hours):
        return overdue.late(Visible(), policy=POLICY, now=began + hours * HOUR)

    assert late(9) == []
    assert [one.camera for one in late(17)] == [house.spares[0]]


def test_a_battery_for_the_first_duty_is_none_for_both(house, on_duty):
    CameraHealth.objects.update(battery_percent=90)
    on_duty("1031", (0, 8))
    on_duty("1044", (0, 8), (8, 16))

    single = house.desk.quickly("1031")
    double = house.desk.quickly("1044")
    refused = house.desk.scan(house.spares[0].label, after_s=2)

    assert single["take"] is not None
    assert double["take"] is None
    assert (refused["result"], refused["code"]) == ("refused", "soft")
    assert "of battery" in refused["message"]


def test_by_hand_it_is_the_same(house, on_duty):
    CameraHealth.objects.update(battery_percent=90)
    officer = on_duty("1044", (0, 8), (8, 16))
    spare = Camera.objects.get(pk=house.spares[0].pk)
    hand = Hand(house.desk.by, house.desk.now, POLICY)

    with pytest.raises(Unfit, match="of battery"):
        by_hand.check_out(spare, officer, hand)

    reasoned = Hand(house.desk.by, house.desk.now, POLICY, reason="It charges in the car")
    by_hand.check_out(spare, officer, reasoned)
    assert due_in(house, house.desk.now) == 16
