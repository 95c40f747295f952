"""What the inventory lets two things be called, a desk tells apart."""

from itertools import product

import pytest

from devices.desk.cards import CARDS
from devices.desk.seeing import named
from devices.inventory import codes
from devices.inventory.models import CameraCode, Credential
from devices.inventory.naming import Name, What, clashes
from tests.undone import undone

pytestmark = pytest.mark.django_db
CODES = ["201", "0201", "00201", "000", "RFID1", "rfid1", "0RFID1", codes.label(531), "C0531"]
PRINTED = [*(one.code for one in CARDS), codes.card("GONE"), codes.label(12, codes.BAY)]
CALLED = (What.OFFICER, What.CAMERA)


def call(house, place, what, code):
    """The first or the second officer or camera is called this; what a scan of it must find."""
    if what is What.OFFICER:
        officer = house.officers[("1031", "1044")[place]]
        Credential.objects.create(officer=officer, value=code)
        return officer.pk, None
    camera = house.spares[place]
    CameraCode.objects.create(camera=camera, value=code)
    return None, camera.pk


@pytest.mark.parametrize("first", CALLED)
@pytest.mark.parametrize("second", CALLED)
def test_what_clashes_with_nothing_is_found_by_its_code(house, first, second):
    whose = {What.OFFICER: ("1031", "1044"), What.CAMERA: ("531", "532")}
    told_apart = 0
    for one, other in product(CODES, CODES):
        names = [Name(one, first, whose[first][0]), Name(other, second, whose[second][1])]
        if any(clashes(names)):
            continue
        told_apart += 1
        with undone():
            wanted = [call(house, 0, first, one), call(house, 1, second, other)]
            found = [(named(code).officer, named(code).camera) for code in (one, other)]
            assert found == wanted, (one, other)
    assert told_apart > len(CODES)


@pytest.mark.parametrize("what", CALLED)
def test_nobody_and_no_camera_is_called_as_a_card_or_a_bay_is(what):
    for code in (*PRINTED, *(one.code.lower() for one in CARDS)):
        assert any(clashes([Name(code, what, "531")])), code
