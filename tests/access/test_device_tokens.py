from datetime import timedelta

import pytest

from devices.access import actions
from devices.access.models import DeviceToken
from devices.access.tokens import matches, parse
from devices.errors import Refused
from devices.ledger import LedgerEntry

pytestmark = pytest.mark.django_db


def test_an_enrolled_dock_has_one_token_of_which_only_the_digest_is_kept(dock, somebody, noon):
    plaintext = actions.enrol_dock(dock, by=somebody, now=noon)

    kept = DeviceToken.objects.get(dock=dock)
    assert parse(plaintext).key_id == kept.key_id
    assert matches(plaintext, kept.digest)
    entry = LedgerEntry.objects.get()
    assert (entry.verb, entry.subject, entry.actor) == ("enrolled", "D01", somebody)
    assert plaintext.rsplit(".", 1)[1] not in str(entry.facts)


def test_a_dock_with_a_valid_token_is_not_enrolled_again(dock, noon):
    actions.enrol_dock(dock, by=None, now=noon)

    with pytest.raises(Refused, match="D01 already has a token"):
        actions.enrol_dock(dock, by=None, now=noon)

    assert DeviceToken.objects.count() == 1


def test_a_rotated_token_works_until_the_overlap_is_over(dock, noon):
    old = parse(actions.enrol_dock(dock, by=None, now=noon)).key_id

    new = parse(actions.rotate(dock, by=None, now=noon)).key_id

    before, after = noon + timedelta(hours=23), noon + timedelta(hours=24)
    assert set(dock.tokens.valid(before).values_list("key_id", flat=True)) == {old, new}
    assert set(dock.tokens.valid(after).values_list("key_id", flat=True)) == {new}


def test_rotating_twice_does_not_prolong_the_first_token(dock, noon):
    actions.enrol_dock(dock, by=None, now=noon)
    actions.rotate(dock, by=None, now=noon)

    actions.rotate(dock, by=None, now=noon + timedelta(hours=12))

    assert dock.tokens.valid(noon + timedelta(hours=24)).count() == 2


def test_a_dock_without_a_token_cannot_rotate_one(dock, noon):
    with pytest.raises(Refused, match="D01 has no valid token; enrol it"):
        actions.rotate(dock, by=None, now=noon)


def test_a_revocation_ends_every_token_at_once(dock, noon):
    actions.enrol_dock(dock, by=None, now=noon)
    actions.rotate(dock, by=None, now=noon)

    actions.revoke(dock, by=None, now=noon, reason="stolen")

    assert not dock.tokens.valid(noon).exists()
    assert LedgerEntry.objects.latest("seq").facts["reason"] == "stolen"
    actions.enrol_dock(dock, by=None, now=noon)


def test_nothing_is_revoked_twice(dock, noon):
    with pytest.raises(Refused, match="D01 has no valid token"):
        actions.revoke(dock, by=None, now=noon)


def test_a_camera_with_a_radio_has_a_token_of_its_own(camera, noon):
    plaintext = actions.enrol_camera(camera, by=None, now=noon)

    assert plaintext.startswith("c.")
    assert DeviceToken.objects.get().camera == camera


def test_a_camera_without_a_radio_is_refused_one(camera, noon):
    camera.model.radio = False

    with pytest.raises(Refused, match="C0417 has no radio"):
        actions.enrol_camera(camera, by=None, now=noon)


def test_a_refused_act_leaves_no_entry(dock, noon):
    with pytest.raises(Refused):
        actions.rotate(dock, by=None, now=noon)

    assert not LedgerEntry.objects.exists()
