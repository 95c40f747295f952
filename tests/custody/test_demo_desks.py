"""The demonstration begins with desks at work."""

import pytest
from django.utils.timezone import now

from devices.custody.models import Custody, CustodyEvent, Desk
from devices.inventory.models import Station
from devices.ledger import breaks
from devices.management.commands import demo

pytestmark = pytest.mark.django_db


def test_every_station_has_a_desk_with_loans_out_and_one_overdue(tmp_path, settings):
    settings.VAR_DIR, at = tmp_path, now()

    demo.fill(at)

    assert {desk.station for desk in Desk.objects.all()} == set(Station.objects.all())
    assert not Station.objects.filter(pool=True).exists()
    loans = Custody.objects.open().filter(kind="loan").select_related("loan_of__officer")
    assert len(loans) >= 2
    assert all(one.loan_of.officer == one.officer for one in loans)
    assert any(one.due_at < at for one in loans)
    assert any(one.loan_of.service_state == "out_of_service" for one in loans)
    assert CustodyEvent.objects.filter(verb="checked_out", via="desk").count() == len(loans)
    assert list(breaks()) == []
