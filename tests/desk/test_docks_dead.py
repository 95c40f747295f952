"""Every dock is dead, so nothing is known of any camera any more: what a desk still does."""

from datetime import timedelta

import pytest

from devices.desk.cards import CARDS
from devices.health.models import CameraHealth, Hearing

pytestmark = pytest.mark.django_db
CARD = {printed.word: printed.code for printed in CARDS}


@pytest.fixture(autouse=True)
def _docks_died_an_hour_ago(house):
    at = house.desk.now - timedelta(hours=1)
    CameraHealth.objects.update(heard_at=at, received_at=at, measured_at=at, hearing=Hearing.SILENT)


def test_every_camera_comes_back(house, lend):
    lend(house.spares[0], "1031")

    answer = house.desk.scan(house.spares[0].label)

    assert answer["message"] == "Returned C0531 from 1031."
    assert house.holder(house.spares[0]) == ""


def test_none_is_offered_and_one_goes_out_by_a_reason_card(house):
    offered = house.desk.scan("1044")
    refused = house.desk.quickly(house.spares[0].label)
    issued = house.desk.quickly(CARD["RSHORT"])

    assert offered["take"] is None
    assert (refused["result"], refused["code"]) == ("refused", "soft")
    assert (issued["result"], issued["code"]) == ("issued", "overridden")
    assert house.holder(house.spares[0]) == "1044"
