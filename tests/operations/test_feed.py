"""What is said to the boards never undoes, nor hides, the change that it tells of."""

import pytest
from django.db import transaction
from django.test import override_settings

from devices import feed
from devices.inventory.models import Station
from tests import rows

NOBODY_THERE = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]},
    }
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("touch", [lambda: feed.touch([1]), feed.touch_all])
def test_a_change_stands_when_no_board_can_be_told(touch):
    with override_settings(CHANNEL_LAYERS=NOBODY_THERE), transaction.atomic():
        rows.a_station()
        touch()

    assert Station.objects.exists()
