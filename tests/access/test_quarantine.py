from datetime import timedelta

import pytest

from devices.access.actions import MOST_OPEN, quarantine, settle
from devices.access.models import Quarantined, QuarantineKind
from devices.errors import Refused

pytestmark = pytest.mark.django_db

UNKNOWN = QuarantineKind.UNKNOWN_SERIAL


def test_an_unknown_serial_is_listed_once_and_counted(dock, noon):
    later = noon + timedelta(minutes=1)

    quarantine(UNKNOWN, ["X1", "X1"], dock_id=dock.pk, camera_id=None, now=noon)
    quarantine(UNKNOWN, ["X1"], dock_id=dock.pk, camera_id=None, now=later)

    row = Quarantined.objects.get()
    assert (row.serial, row.times, row.first_at, row.last_at) == ("X1", 2, noon, later)


def test_a_late_word_does_not_move_the_last_one_back(dock, noon):
    quarantine(UNKNOWN, ["X1"], dock_id=dock.pk, camera_id=None, now=noon)

    quarantine(UNKNOWN, ["X1"], dock_id=dock.pk, camera_id=None, now=noon - timedelta(minutes=1))

    assert Quarantined.objects.get().last_at == noon


def test_a_flood_of_serials_stops_at_the_limit_and_the_known_ones_still_count(dock, noon):
    flood = [f"X{number}" for number in range(1000)]

    quarantine(UNKNOWN, flood, dock_id=dock.pk, camera_id=None, now=noon)
    quarantine(UNKNOWN, [*flood, "Y1"], dock_id=dock.pk, camera_id=None, now=noon)

    assert Quarantined.objects.count() == MOST_OPEN
    assert set(Quarantined.objects.values_list("times", flat=True)) == {2}


def test_each_sender_has_a_list_of_its_own(dock, camera, noon):
    quarantine(UNKNOWN, ["X1"], dock_id=dock.pk, camera_id=None, now=noon)

    quarantine(QuarantineKind.FOREIGN_SERIAL, ["X1"], dock_id=None, camera_id=camera.pk, now=noon)

    assert Quarantined.objects.count() == 2


def test_it_takes_one_statement(dock, noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        quarantine(UNKNOWN, ["X1", "X2", "X3"], dock_id=dock.pk, camera_id=None, now=noon)


def test_a_settled_serial_that_speaks_again_is_listed_again(dock, somebody, noon):
    quarantine(UNKNOWN, ["X1"], dock_id=dock.pk, camera_id=None, now=noon)
    row = Quarantined.objects.get()

    settle(row, by=somebody, now=noon, note="The neighbours' camera.")

    quarantine(UNKNOWN, ["X1"], dock_id=dock.pk, camera_id=None, now=noon)

    assert Quarantined.objects.count() == 2
    with pytest.raises(Refused, match="X1 was settled already"):
        settle(row, by=somebody, now=noon, note="")
