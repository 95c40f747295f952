"""A badge for an officer: what may become one, and that a lost one names nobody at once."""

import pytest

from devices.desk import enrolling, seeing
from devices.desk.cards import CARDS
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory import codes
from devices.inventory.models import Credential, CredentialKind, Officer
from devices.ledger import LedgerEntry
from tests.desk.reads import READS
from tests.racing import race

CODE = {one.word: one.code for one in CARDS}
RFID = CredentialKind.RFID
TWO_PARTS = ("123-45678", "123:45678", "123 45678", "123'45678", "0123/45678", "00123 - 45678")


def enrol(house, raw, badge="1031"):
    return enrolling.enrol(house.officers[badge], raw, RFID, by=house.desk.by, now=house.desk.now)


def test_a_new_badge_names_its_officer_at_the_next_scan(house):
    before = house.desk.scan("98ee58ad")

    enrol(house, " 98ee58ad ")

    assert (before["result"], before["code"]) == ("error", "unknown")
    assert "A new badge is added on its officer's page." in before["message"]
    assert house.desk.scan("98EE58AD")["officer"] == "1031"
    assert house.other_desk.scan("0098EE58AD")["officer"] == "1031"


def test_a_badge_that_was_taken_away_names_nobody_at_the_next_scan(house):
    lost = enrol(house, "98EE58AD")
    enrol(house, "98EE58AE")
    assert house.desk.scan("98EE58AD")["officer"] == "1031"

    inventory.end_credential(lost, "Lost on patrol", by=house.desk.by, now=house.desk.now)

    assert house.desk.scan("98EE58AD", after_s=20)["result"] == "error"
    assert house.desk.scan("98EE58AE")["officer"] == "1031"


def test_the_ledger_knows_a_badge_by_its_ending_alone(house):
    made = enrol(house, "98EE58AD")

    inventory.end_credential(made, "Lost on patrol", by=house.desk.by, now=house.desk.now)

    added, ended = LedgerEntry.objects.filter(subject="officer 1031").order_by("seq")
    assert (added.verb, added.facts) == ("badge added", {"kind": "rfid", "ends_in": "…58AD"})
    assert (ended.verb, ended.facts["reason"]) == ("badge taken away", "Lost on patrol")
    assert (added.actor, ended.actor) == (house.desk.by, house.desk.by)


READ_WITH_IT = "A camera's label or a desk's card was read with it: scan the badge alone."
TAKEN = [
    ("1031", "This names 1031 already."),
    ("001031", "This names 1031 already."),
    ("1044", "This badge names another officer: end it there."),
    ("B1A00", "This badge names another officer: end it there."),
    ("b1a00", "This badge names another officer: end it there."),
    ("77001", "This badge names another officer: end it there."),  # that one is 0077001
    (codes.label(531), "That is the label or code of a camera or bay, and no badge."),
    (
        codes.label(9999),
        "That is the label or code of a camera or bay, and no badge.",
    ),  # not there yet
    ("bwc000417", "That is the label or code of a camera or bay, and no badge."),
    ("ASSET9", "That is the label or code of a camera or bay, and no badge."),
    ("E200001B", "That is the label or code of a camera or bay, and no badge."),
    (CODE["UNDO"], "That is a desk's card and no badge."),
    (f"{codes.label(417)} {codes.label(418)}", READ_WITH_IT),
    (f"98EE58AD {codes.label(9999)}", READ_WITH_IT),
    (f"{CODE['UNDO']}:98EE58AD", READ_WITH_IT),
    ("", "A badge reads as 3 to 64 letters and digits: scan it again."),
    ("12", "A badge reads as 3 to 64 letters and digits: scan it again."),
    ("- 98 -", "A badge reads as 3 to 64 letters and digits: scan it again."),
    ("A" * 65, "A badge reads as 3 to 64 letters and digits: scan it again."),
    ("98EE\u202e58", "A badge reads as 3 to 64 letters and digits: scan it again."),
]


@pytest.mark.parametrize(("raw", "said"), TAKEN)
def test_what_names_anything_already_or_is_no_code_is_refused(house, raw, said):
    house.officers["1017"].credentials.create(value="B1A00")
    house.officers["1017"].credentials.create(value="0077001")
    house.own.codes.create(value="E200001B")
    type(house.own).objects.filter(pk=house.own.pk).update(serial="BWC000417", asset_tag="Asset9")
    before = Credential.objects.count()

    with pytest.raises(Refused) as refused:
        enrol(house, raw)

    assert str(refused.value) == said
    assert Credential.objects.count() == before


def test_who_has_left_gets_no_badge(house):
    Officer.objects.filter(badge_number="1031").update(active=False)

    with pytest.raises(Refused, match="1031 has left: no badge"):
        enrol(house, "98EE58AD")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_scan_one_badge_for_two_officers_one_is_refused(house):
    answers = race(lambda n: enrol(house, "98EE58AD", ("1031", "1044")[n]), runners=2)

    assert sorted(isinstance(one, Refused) for one in answers) == [False, True]
    assert Credential.objects.count() == 1


@pytest.mark.parametrize(("typed", "code", "badge"), READS)
def test_what_a_reader_types_is_one_code(typed, code, badge):
    assert (seeing.code_in(typed), codes.badge(code)) == (code, badge)


@pytest.mark.parametrize("enrolled", TWO_PARTS[:4])
def test_a_badge_of_two_parts_is_read_again_whichever_sign_parts_them(house, enrolled):
    made = enrol(house, enrolled)

    assert made.value == "123-45678"
    for raw in TWO_PARTS:
        assert house.desk.scan(raw, after_s=20)["officer"] == "1031", raw


def test_where_the_parts_of_a_badge_meet_is_never_forgotten(house):
    enrol(house, "12-3456")
    enrol(house, "1-23456", "1044")

    assert house.desk.scan("12:3456")["officer"] == "1031"
    assert house.desk.scan("1:23456", after_s=20)["officer"] == "1044"
    for unknown in ("123456", "1-2-3456", "3456", "3456-12"):
        assert house.desk.scan(unknown, after_s=20)["code"] == "unknown", unknown


@pytest.mark.parametrize("again", ["00123-45678", "123:45678", "123 45678"])
def test_a_badge_of_two_parts_is_one_officers(house, again):
    enrol(house, "123-45678")

    with pytest.raises(Refused, match="another officer"):
        enrol(house, again, "1044")


def test_a_cameras_number_with_a_sign_in_it_is_no_badge_with_another_sign(house):
    type(house.own).objects.filter(pk=house.own.pk).update(serial="123_45678")

    with pytest.raises(Refused, match="label or code of a camera"):
        enrol(house, "123-45678")
    assert house.desk.scan("123_45678")["camera"] == "C0417"
