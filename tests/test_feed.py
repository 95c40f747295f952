"""The feed never stands in the way of what it announces."""

import pytest
from django.db import transaction

from devices import feed
from devices.inventory.models import Station


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("touch", [lambda: feed.touch([1]), feed.touch_all])
def test_a_change_is_kept_although_no_board_can_be_reached(settings, tmp_path, touch, caplog):
    nowhere = {"address": f"unix://{tmp_path}/nobody-listens"}
    layer = settings.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {"hosts": [nowhere]}}}

    with transaction.atomic():
        Station.objects.create(code="HQ", name="Headquarters")
        touch()

    assert Station.objects.exists()
    said = [(one.name, one.exc_info) for one in caplog.records]
    assert said == [("devices.feed", None)]  # one line: it is said at every change
