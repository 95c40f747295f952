"""A simulated camera obeys what it is ordered, once; what it should run it gets as an update."""

import logging

import pytest

from devices.simulator.voices import Minds
from devices.wire import CameraOrders, Orders
from tests.simulator.test_camera import NUMBERS, camera


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [((None,), 0), ((1,), 1), ((1, 1, 1), 1), ((1, None, 2), 2), ((2, 1), 1)],
)
def test_it_shows_itself_once_for_each_order(numbers, shown, caplog) -> None:
    caplog.set_level(logging.INFO)
    mind = Minds([camera()], NUMBERS)["BWC-0001"]

    for number in numbers:
        one = CameraOrders(serial="BWC-0001", locate=number)
        mind.obey(Orders(next_contact_s=60, report_every_s=60, cameras=(one,)))

    assert sum("blinks and beeps" in one.message for one in caplog.records) == shown


def test_a_version_that_it_should_run_is_no_order_to_install() -> None:
    mind = Minds([camera()], NUMBERS)["BWC-0001"]
    one = CameraOrders(serial="BWC-0001", firmware_version="9.9", profile_version="9")

    mind.obey(Orders(next_contact_s=60, report_every_s=60, cameras=(one,)))
    mind.camera.live(1, charge_h=4, mbit_s=25)

    assert (mind.camera.firmware, mind.camera.profile) == ("4.2.1", "7")
